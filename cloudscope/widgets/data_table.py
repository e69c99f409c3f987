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
    """Declaration of the columns (Python writes)."""

    hidden = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Keys of the columns not shown (both sides write)."""

    column_order = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Keys of the columns in the order shown; as declared where empty (both sides write)."""

    widths = traitlets.Dict().tag(sync=True)
    """Width in pixels of columns sized by hand, by key (both sides write)."""

    sort_by = traitlets.Unicode("").tag(sync=True)
    """Key sorted by, a minus in front for the largest first, or ``""`` (both sides write)."""

    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """``id`` of the row looked at, or None (both sides write); assigning it selects it alone."""

    selected_rows = traitlets.List(traitlets.Int()).tag(sync=True)
    """Ids of all selected rows, `selected` among them (both sides write)."""

    multiple = traitlets.Bool(False).tag(sync=True)
    """Whether several rows can be selected, with Shift and Ctrl."""

    filter = traitlets.Unicode("").tag(sync=True)
    """Text of the filter box, see `cloudscope.row_filter.matcher` (both sides write)."""

    column_filters = traitlets.Dict().tag(sync=True)
    """Condition by key, for example ``{"rois": ">1"}`` (both sides write)."""

    matches = traitlets.Int(0).tag(sync=True)
    """How many rows pass the filter (the browser writes)."""

    group_by = traitlets.Unicode("").tag(sync=True)
    """Key whose values head groups of rows, or ``""`` (both sides write)."""

    groupable = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Keys that the menu offers to group by."""

    choice_label = traitlets.Unicode("").tag(sync=True)
    """Label of one more choice in the menu."""

    choices: Any = traitlets.List().tag(sync=True)
    """Pairs of value and title of that choice; none where empty."""

    choice = traitlets.Unicode("").tag(sync=True)
    """Value chosen of `choices` (both sides write)."""

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
        self._reset_handlers: list[Callable[[], None]] = []
        self._selecting = False
        traits.setdefault("layout", {"height": "340px"})
        super().__init__(columns=[asdict(column) for column in columns], **traits)
        self.on_msg(self._receive)
        self.observe(self._one_selected, "selected")
        self.observe(self._rows_selected, "selected_rows")
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
        kept = [row_id for row_id in self.selected_rows if row_id in self._rows]
        self.select(kept, self.selected if self.selected in self._rows else None)
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

    def select(self, rows: Iterable[int], current: int | None = None) -> None:
        """Select rows; `current`, or the first of them, is the one looked at.

        Raises
        ------
        UnknownNameError
            If there is no such row.
        """
        chosen = list(dict.fromkeys([*(() if current is None else (current,)), *rows]))
        for row_id in chosen:
            if row_id not in self._rows:
                raise UnknownNameError(f"the table has no row with id {row_id!r}")
        self._selecting = True
        try:
            with self.hold_sync():
                self.selected_rows = chosen
                self.selected = chosen[0] if chosen else None
        finally:
            self._selecting = False

    def set_state(self, sync_data: Any) -> None:
        """Take what the browser says; there a row and those selected with it come together."""
        self._selecting = True
        try:
            super().set_state(sync_data)
        finally:
            self._selecting = False

    def _one_selected(self, change: Any) -> None:
        row_id = change["new"]
        if not self._selecting or row_id not in self.selected_rows:
            self.selected_rows = [] if row_id is None else [row_id]

    def _rows_selected(self, change: Any) -> None:
        if not self._selecting and self.selected not in change["new"]:
            self.select(change["new"])

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

    def on_reset(self, handler: Callable[[], None]) -> None:
        """Call `handler` when the user asks for columns and groups as at first."""
        self._reset_handlers.append(handler)

    def _columnwise(self) -> dict[str, Any]:
        """Values by column; one value where all rows have the same, as most have of nothing."""
        rows = list(self._rows.values())
        keys = dict.fromkeys(key for row in rows for key in row)
        columns: dict[str, Any] = {"id": list(self._rows)}
        for key in keys:
            if key != "id":
                values = [row.get(key) for row in rows]
                first = values[0]
                same = len(rows) > 1 and all(v is first or v == first for v in values)
                columns[key] = first if same and not isinstance(first, bool) else values
        return columns

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
        elif kind == "reset":
            for reset_handler in self._reset_handlers:
                reset_handler()
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
