"""The filter of tables: words that must occur, and conditions on columns such as ``rois>1``.

The browser's table (``js/table/search.ts``) means the same by the same text; both run through
``tests/filter_cases.json``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cloudscope.errors import ParameterError
from cloudscope.table_columns import TableColumn

__all__ = ["Test", "column_named", "condition", "matcher", "wanted_of"]

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

_WORD = re.compile(r'-?(?:[^\s"]|"[^"]*"?)+')
_CONDITION = re.compile(r'^("[^"]+"|[^"<>=!:]+?)(<=|>=|!=|<|>|=|:)(.*)$')
_OPERATOR = re.compile(r"^(<=|>=|!=|<|>|=|:)?\s*(.*)$")
_NUMBER = re.compile(r"^-?\d+(?:\.\d+)?$")


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())


def column_named(columns: Iterable[TableColumn], name: str) -> TableColumn | None:
    """The column with this key or title, whatever its case, blanks and signs."""
    wanted = _plain(name)
    if not wanted:
        return None
    for column in columns:
        if wanted in (_plain(column.key), _plain(column.title)):
            return column
    return None


def matcher(text: str, columns: Sequence[TableColumn]) -> Test:
    """The test of a filter text.

    Parameters
    ----------
    text : str
        Words that must all occur somewhere in a row, in quotes where they hold blanks; a minus in
        front means that it must not. ``condition:sham`` looks into one column, ``=`` and ``!=``
        compare the whole of it, ``<``, ``>``, ``<=``, ``>=`` and ranges such as ``5..10`` compare
        numbers and days; ``a|b`` is either.
    columns : sequence of TableColumn
        Those there are; what names none of them is a word.

    Examples
    --------
    >>> columns = [TableColumn(key="name", title="Name"), TableColumn(key="n", title="N",
    ...                                                               kind="number")]
    >>> test = matcher("scan n>1", columns)
    >>> test({"name": "Scan 7", "n": 2}), test({"name": "Scan 7", "n": 1})
    (True, False)
    """
    tests = [_term(word, columns) for word in _WORD.findall(text)]
    tests = [test for test in tests if test is not None]

    def all_of_them(row: Row) -> bool:
        return all(test(row) for test in tests)  # type: ignore[misc]

    return all_of_them


def condition(column: TableColumn, text: str) -> Test | None:
    """The test of what is asked of one column, for example ``>5`` or ``sham|AngII``.

    ``None`` where it asks nothing.
    """
    if not text.strip():
        return None
    match = _OPERATOR.match(text.strip())
    assert match is not None
    return _compare(column, match[1] or ":", match[2])


def _term(word: str, columns: Sequence[TableColumn]) -> Test | None:
    negative = word.startswith("-") and len(word) > 1 and not _NUMBER.match(word)
    word = word[1:] if negative else word
    match = _CONDITION.match(word.replace("−", "-"))
    column = column_named(columns, match[1]) if match else None
    test: Test | None
    if match is not None and column is not None:
        test = _compare(column, match[2], match[3])
    else:
        wanted = word.replace('"', "").lower()

        def test(row: Row) -> bool:
            return wanted in _text_of(row, columns)

        if not wanted:
            return None
    if not negative or test is None:
        return test
    positive = test
    return lambda row: not positive(row)


def _compare(column: TableColumn, operator: str, text: str) -> Test | None:
    text = text.replace("−", "-").strip()
    if text == "" and operator != "=":
        return None  # still being typed
    key, number = column.key, column.kind == "number"
    if operator in (":", "=", "!="):
        wanted = [part.replace('"', "").strip().lower() for part in _parts(text)]
        tests = [_equal(part, operator != ":", number) for part in wanted]
        if operator == "!=":
            return lambda row: not any(test(_value(column, row)) for test in tests)
        return lambda row: any(test(_value(column, row)) for test in tests)
    limit = text.replace('"', "").strip().lower()
    return lambda row: _ordered(row.get(key) if number else _value(column, row), operator, limit)


def _parts(text: str) -> list[str]:
    """At each ``|`` that is not in quotes."""
    return re.findall(r'(?:[^|"]|"[^"]*"?)+', text) or [""]


def _value(column: TableColumn, row: Row) -> Any:
    """What the row holds; of a mark, its words."""
    value = row.get(column.key)
    if column.kind == "number":
        return value if _is_number(value) else None
    if column.kind == "glyph":
        return next((g.title for g in column.glyphs if g.value == value), "").lower()
    return "" if value is None else str(value).lower()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _equal(wanted: str, whole: bool, number: bool) -> Callable[[Any], bool]:
    low, dots, high = wanted.partition("..")
    if dots and (low or high):
        return lambda value: (
            (not low or _ordered(value, ">=", low)) and (not high or _ordered(value, "<=", high))
        )
    if wanted == "":
        return lambda value: value in ("", None)
    if number:
        if not _NUMBER.match(wanted):
            return lambda value: False
        # as many digits as were typed: 826 is 825.6, as the table shows it
        half = 0.5 * 10.0 ** -len(wanted.partition(".")[2])
        limit = float(wanted)
        return lambda value: value is not None and limit - half <= value < limit + half
    if whole:
        return lambda value: value == wanted
    return lambda value: wanted in value


def _ordered(value: Any, operator: str, limit: str) -> bool:
    if not _is_number(value) and not value:
        return False
    if _is_number(value) or (_NUMBER.match(str(value)) and _NUMBER.match(limit)):
        if not _NUMBER.match(limit):
            return False
        a: Any = float(value)
        b: Any = float(limit)
    else:
        # 2025-07 ends with its last day
        a, b = str(value), limit
        if operator in ("<=", ">") and a.startswith(b):
            return operator == "<="
    return bool({"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[operator])


def _text_of(row: Row, columns: Iterable[TableColumn]) -> str:
    """All that can be found in a row, hidden columns, marks and details included."""
    parts = []
    for column in columns:
        if column.kind == "number":
            continue
        if column.kind == "glyph":
            parts.append(_value(column, row))
        else:
            value = row.get(column.key)
            parts.append("" if value is None else str(value))
        if column.detail and row.get(column.detail):
            parts.append(str(row[column.detail]))
        if column.badge and row.get(column.badge):
            parts.append(column.badge_title)
    return "\n".join(parts).lower()


def wanted_of(column: TableColumn, wanted: Any) -> Test | None:
    """The test of a Python value: a condition as text, a value, a ``(low, high)``, or a callable.

    Raises
    ------
    ParameterError
        If it is none of these.
    """
    key = column.key
    if callable(wanted):
        return lambda row: bool(wanted(row.get(key)))
    if isinstance(wanted, str):
        return condition(column, wanted)
    if isinstance(wanted, tuple) and len(wanted) == 2:
        low, high = wanted
        return lambda row: (
            row.get(key) not in (None, "")
            and (low is None or row[key] >= low)
            and (high is None or row[key] <= high)
        )
    if isinstance(wanted, list | set | frozenset):
        return lambda row: row.get(key) in wanted
    if wanted is None or isinstance(wanted, bool | int | float):
        nothing = (None, "") if wanted is None else (wanted,)
        return lambda row: any(row.get(key) is n or row.get(key) == n for n in nothing)
    raise ParameterError(
        f"{key}={wanted!r} is not allowed: give a condition such as '>5', a value, (low, high), a "
        f"list of values, or a callable"
    )
