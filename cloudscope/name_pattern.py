"""`NamePattern`: which parts of a file's path are which field of its experimental metadata."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from cloudscope.errors import ParameterError

__all__ = ["NamePattern"]

_PIECE = re.compile(r"\{([^{}]*)\}")
_PART = re.compile(r"%(.)")
_DATE_PARTS = {"Y": r"\d{4}", "y": r"\d{2}", "m": r"\d{2}", "d": r"\d{2}", "j": r"\d{3}"}
_DATE_PARTS |= {"H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}"}
_ENDLESS = re.compile(r"\((?:[^()\\]|\\.)*[+*}](?:[^()\\]|\\.)*\)[+*{]")
_NUMBERS = {"int": r"\d+", "number": r"[-+]?\d+(?:[.,]\d+)?"}
_TEXT = "[^/]+?"

LONGEST_PATH = 1000
MOST_READINGS = 100_000
"""A name that a template can cut in more ways than this is not read: it would take for ever."""


@dataclass(frozen=True, slots=True)
class NamePattern:
    """Parts of a path by name, from a template or a regular expression.

    Attributes
    ----------
    text : str
        As it was declared.
    pattern : re.Pattern
        Searched in the path relative to the opened folder, with forward slashes.
    formats : mapping of str to str
        How a part that is a day is written, for `datetime.strptime`.
    literals : tuple of str
        What stands between the parts of a template.
    """

    text: str
    pattern: re.Pattern[str]
    formats: Mapping[str, str] = field(default_factory=dict)
    literals: tuple[str, ...] = ()

    @classmethod
    def from_template(cls, template: str) -> NamePattern:
        """From a template: ``{name}``, ``{name:int}``, ``{name:number}``, ``{day:%Y%m%d}``.

        A part never reaches over a slash, and ends where what follows it first appears; ``{_}``
        is a part that is no field. The template describes the end of the path, so that folders
        before it do not matter; without a suffix it fits any.

        Raises
        ------
        ParameterError
            Naming the template and what is wrong with it.

        Examples
        --------
        >>> pattern = NamePattern.from_template("{cohort}/{date:%Y%m%d}/{animal_id}_{run:int}.tif")
        >>> pattern.parts("lab/B/20250722/A89_0002.tif")
        {'cohort': 'B', 'date': '2025-07-22', 'animal_id': 'A89', 'run': '0002'}
        """
        pieces: list[str] = []
        formats: dict[str, str] = {}
        literals = []
        named: set[str] = set()
        end = 0
        for match in _PIECE.finditer(template):
            literals.append(template[end : match.start()])
            pieces.append(re.escape(literals[-1]))
            pieces.append(_part(template, match[1].strip(), named, formats))
            end = match.end()
        rest = template[end:]
        if "{" in rest or "}" in rest or any("{" in t or "}" in t for t in literals):
            raise ParameterError(f"{template!r} has a brace without its partner")
        if not named:
            raise ParameterError(f"{template!r} names no field: write {{animal_id}}, for example")
        pieces.append(re.escape(rest))
        any_suffix = "" if "." in rest else r"(?:\.[^/]*)?"
        pattern = re.compile(f"(?:^|/){''.join(pieces)}{any_suffix}$", re.IGNORECASE)
        return cls(template, pattern, formats, (*literals[1:], rest))

    @classmethod
    def from_regex(cls, expression: str) -> NamePattern:
        """From a regular expression with named groups, found anywhere in the path.

        Raises
        ------
        ParameterError
            If it is none, or names no group.
        """
        try:
            pattern = re.compile(expression)
        except re.error as error:
            raise ParameterError(f"{expression!r} is no regular expression: {error}") from None
        if not pattern.groupindex:
            raise ParameterError(f"{expression!r} names no field: write (?P<animal_id>…)")
        if _ENDLESS.search(expression):
            raise ParameterError(
                f"{expression!r} repeats a group that repeats within: some names would take for "
                f"ever to read; write it without one of the two"
            )
        return cls(expression, pattern)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts."""
        return tuple(self.pattern.groupindex)

    def parts(self, path: str) -> dict[str, str] | None:
        """Text of each part, a day as YYYY-MM-DD where it is one; ``None`` if it does not fit.

        Parameters
        ----------
        path : str
            Relative to the opened folder, with forward slashes.
        """
        if len(path) > LONGEST_PATH or self._readings(path) > MOST_READINGS:
            return None
        match = self.pattern.search(path)
        if match is None:
            return None
        found: dict[str, Any] = match.groupdict()
        return {name: _day(text, self.formats.get(name)) for name, text in found.items() if text}

    def _readings(self, path: str) -> float:
        return math.prod(max(path.count(literal), 1) for literal in self.literals if literal)


def _part(template: str, inside: str, named: set[str], formats: dict[str, str]) -> str:
    name, _, form = inside.partition(":")
    if name in ("", "_"):
        name = ""
    elif not name.isidentifier():
        raise ParameterError(
            f"{template!r} has a part {{{inside}}}: a name is letters, digits and underscores"
        )
    expression = _expression(template, name, form)
    if not name:
        return f"(?:{expression})"
    if name in named:
        return f"(?P={name})"  # the same field again: it must say the same
    named.add(name)
    if form.startswith("%"):
        formats[name] = form
    return f"(?P<{name}>{expression})"


def _expression(template: str, name: str, form: str) -> str:
    if not form:
        return _TEXT
    if form in ("int", "integer"):
        return _NUMBERS["int"]
    if form in _NUMBERS:
        return _NUMBERS[form]
    parts = _PART.findall(form)
    if not form.startswith("%") or not parts or any(part not in _DATE_PARTS for part in parts):
        raise ParameterError(
            f"{template!r} has a part {{{name}:{form}}}: after the colon may stand int, number, or "
            f"how a day is written, from {', '.join('%' + part for part in _DATE_PARTS)}"
        )
    pieces = _PART.split(form)  # text, code, text, code, …
    return "".join(
        _DATE_PARTS[piece] if number % 2 else re.escape(piece)
        for number, piece in enumerate(pieces)
    )


def _day(text: str, form: str | None) -> str:
    if form is None:
        return text
    try:
        return datetime.strptime(text, form).date().isoformat()
    except ValueError:
        return text  # no day there is: the field will refuse it, and says so
