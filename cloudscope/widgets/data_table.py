"""Tables in the browser: `DataTable` of any records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from cloudscope.errors import UnknownNameError
from cloudscope.table_columns import Glyph, TableColumn
from cloudscope.widgets.theme import CSS

__all__ = ["DataTable", "Glyph", "TableColumn"]

TRAIT_ROWS = 1000
"""Up to this many rows travel as a trait, and so survive in a saved notebook; more by message."""

Row = Mapping[str, Any]


class DataTable(anywidget.AnyWidget):
    """A table of records: sort, filter, choose columns, select by mouse and keyboard.

    Each row is a mapping with an integer ``id`` and the values of the columns; ``None`` and NaN
    are shown as a dash. Ten thousand rows are fine: only those in sight are drawn.

    Parameters
    ----------
    columns : sequence of TableColumn
    rows : iterable of mappings
    **traits
        Any trait below, and ``layout``.

    Examples
    --------
    >>> table = DataTable([TableColumn(key="name", title="Name")], [{"id": 1, "name": "a"}])
    >>> table.patch([{"id": 1, "name": "b"}])
    >>> table.rows[0]["name"]
    'b'
    """

    _esm = Path(__file__).parents[1] / "static" / "table.js"
    _css = CSS

    columns = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Declaration of the columns (written once, by Python)."""

    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Keys of the columns not shown (both sides write)."""

    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """``id`` of the selected row, or None (both sides write)."""

    filter = traitlets.Unicode("").tag(sync=True)
    """Text of the filter box: words that must all occur, or ``rois>1`` (both sides write)."""

    matches = traitlets.Int(0).tag(sync=True)
    """How many rows pass the filter (the browser writes)."""

    group_by = traitlets.Unicode("").tag(sync=True)
    """Key whose values head groups of rows, or ``""``."""

    noun = traitlets.Unicode("rows").tag(sync=True)
    """What the rows are called, for example ``"recordings"``."""

    label = traitlets.Unicode("table").tag(sync=True)
    """What a screen reader calls the table."""

    legend = traitlets.Unicode("").tag(sync=True)
    """Key of the glyph column explained below the table, or ``""``."""

    placeholder = traitlets.Unicode("Nothing to show").tag(sync=True)
    """Sentence shown where there are no rows."""

    filter_hint = traitlets.Unicode("Filter…").tag(sync=True)
    """Shown in the empty filter box."""

    shortcuts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Further keys (lower case) that the table hands to `on_key`."""

    _data = traitlets.Dict().tag(sync=True)

    def __init__(
        self, columns: Sequence[TableColumn], rows: Iterable[Row] = (), **traits: Any
    ) -> None:
        self._rows: dict[int, dict[str, Any]] = {}
        self._order: list[int] = []
        self._key_handlers: list[Callable[[str], None]] = []
        self._edit_handlers: list[Callable[[int, str, Any], None]] = []
        traits.setdefault("layout", {"height": "340px"})
        super().__init__(columns=[asdict(column) for column in columns], **traits)
        self.on_msg(self._receive)
        self.set_rows(rows)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as they stand, in the order they were given."""
        return tuple(self._rows.values())

    @property
    def order(self) -> tuple[int, ...]:
        """Ids in the order shown: sorted, filtered and grouped as the user chose."""
        return tuple(self._order)

    def set_rows(self, rows: Iterable[Row]) -> None:
        """Replace all rows; the selection stays where its row still exists."""
        self._rows = {int(row["id"]): {k: _plain(v) for k, v in row.items()} for row in rows}
        self._order = list(self._rows)
        if self.selected is not None and self.selected not in self._rows:
            self.selected = None
        if len(self._rows) > TRAIT_ROWS:
            self._data = {}
            self.send(self._data_message())
        else:
            self._data = self._columnwise()

    def patch(self, rows: Iterable[Row]) -> None:
        """Change single values: each mapping names its row by ``id`` and what is new.

        Raises
        ------
        UnknownNameError
            If there is no such row.
        """
        changes = []
        for row in rows:
            known = self._rows.get(row["id"])
            if known is None:
                raise UnknownNameError(f"the table has no row with id {row['id']!r}")
            plain = {key: _plain(value) for key, value in row.items()}
            new = {key: value for key, value in plain.items() if known.get(key) != value}
            if new:
                known.update(new)
                changes.append({"id": row["id"], **new})
        if changes:
            self.send({"kind": "patch", "rows": changes})

    def move(self, step: int) -> int | None:
        """Select the row `step` further in the order shown; stops at the ends."""
        if not self._order:
            return self.selected
        last = len(self._order) - 1
        if self.selected in self._order:
            at = min(max(self._order.index(self.selected) + step, 0), last)
        else:
            at = 0 if step > 0 else last
        self.selected = self._order[at]
        return self.selected

    def on_key(self, handler: Callable[[str], None]) -> None:
        """Call `handler` with each key of `shortcuts` pressed while the table has the focus."""
        self._key_handlers.append(handler)

    def on_edit(self, handler: Callable[[int, str, Any], None]) -> None:
        """Call `handler(id, key, value)` when the user asks for another value of a cell."""
        self._edit_handlers.append(handler)

    def _columnwise(self) -> dict[str, list[Any]]:
        keys = dict.fromkeys(key for row in self._rows.values() for key in row)
        return {"id": list(self._rows)} | {
            key: [row.get(key) for row in self._rows.values()] for key in keys if key != "id"
        }

    def _data_message(self) -> dict[str, Any]:
        return {"kind": "data", "columns": self._columnwise()}

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: list[Any]) -> None:
        kind = message.get("kind")
        if kind == "ready":
            # the trait is what it was at first: a view opened later needs the rows of now
            columns = self._columnwise()
            if columns != self._data:
                self.send({"kind": "data", "columns": columns})
        elif kind == "order":
            self._order = [row_id for row_id in message["ids"] if row_id in self._rows]
        elif kind == "key":
            for key_handler in self._key_handlers:
                key_handler(str(message["key"]))
        elif kind == "edit" and message["id"] in self._rows:
            for edit_handler in self._edit_handlers:
                edit_handler(int(message["id"]), str(message["field"]), message["value"])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self._rows)} {self.noun})"


def _plain(value: Any) -> Any:
    # JSON has no NaN, and numpy scalars are no JSON either
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
