"""`DataTable`: rows, patches and selection as Python sees them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from cloudscope.errors import UnknownNameError
from cloudscope.widgets.data_table import TRAIT_ROWS, DataTable, TableColumn

COLUMNS = (TableColumn(key="name", title="Name"), TableColumn(key="v", title="V", kind="number"))


class Recorder(DataTable):
    """A table that keeps what it sends to the browser."""

    def send(self, content: Any, buffers: Any = None) -> None:
        self.__dict__.setdefault("sent", []).append(json.loads(json.dumps(content)))

    @property
    def messages(self) -> list[dict[str, Any]]:
        return self.__dict__.get("sent", [])


def rows(count: int) -> list[dict[str, Any]]:
    return [{"id": n, "name": f"r{n}", "v": float(n)} for n in range(count)]


def browser(table: DataTable, **message: Any) -> None:
    table._receive(table, message, [])


def test_few_rows_travel_as_a_trait_and_many_by_message() -> None:
    few = Recorder(COLUMNS, rows(3))
    assert few._data["name"] == ["r0", "r1", "r2"]
    assert few.messages == []
    many = Recorder(COLUMNS, rows(TRAIT_ROWS + 1))
    assert many._data == {}
    assert many.messages[-1]["kind"] == "data"
    assert len(many.messages[-1]["columns"]["id"]) == TRAIT_ROWS + 1


def test_a_patch_sends_only_what_changed() -> None:
    table = Recorder(COLUMNS, rows(3))
    table.patch([{"id": 1, "name": "r1", "v": 7.0}, {"id": 2, "v": 2.0}])
    assert table.messages == [{"kind": "patch", "rows": [{"id": 1, "v": 7.0}]}]
    assert table.rows[1]["v"] == 7.0


def test_a_patch_of_an_unknown_row_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="no row with id 9"):
        DataTable(COLUMNS, rows(3)).patch([{"id": 9, "v": 1}])


def test_a_view_opened_later_gets_the_rows_of_now() -> None:
    table = Recorder(COLUMNS, rows(2))
    browser(table, kind="ready")
    assert table.messages == []
    table.patch([{"id": 0, "name": "new"}])
    browser(table, kind="ready")
    assert table.messages[-1] == {
        "kind": "data",
        "columns": {"id": [0, 1], "name": ["new", "r1"], "v": [0.0, 1.0]},
    }


def test_numpy_and_nan_become_plain_json() -> None:
    table = Recorder(COLUMNS, [{"id": 0, "name": "a", "v": np.float64("nan")}])
    table.patch([{"id": 0, "v": np.int64(4)}])
    assert table.messages[-1]["rows"] == [{"id": 0, "v": 4}]
    assert json.loads(json.dumps(table._data))["v"] == [None]


def test_move_follows_the_order_the_user_chose() -> None:
    table = DataTable(COLUMNS, rows(4))
    browser(table, kind="order", ids=[3, 1, 99, 0])
    assert table.order == (3, 1, 0)
    assert [table.move(1), table.move(1), table.move(5), table.move(-1)] == [3, 1, 0, 1]
    table.selected = 2  # filtered out
    assert table.move(-1) == 0
    assert DataTable(COLUMNS).move(1) is None


def test_a_selection_whose_row_is_gone_is_dropped() -> None:
    table = DataTable(COLUMNS, rows(4), selected=3)
    table.set_rows(rows(4))
    assert table.selected == 3
    table.set_rows(rows(2))
    assert table.selected is None


def test_one_row_or_several_are_selected() -> None:
    table = DataTable(COLUMNS, rows(5), multiple=True)
    table.selected = 2
    assert table.selected_rows == [2]
    table.select([4, 2, 4], current=1)
    assert (table.selected, table.selected_rows) == (1, [1, 4, 2])
    table.selected = 4  # a plain assignment is a plain click
    assert table.selected_rows == [4]
    table.selected_rows = [0, 3]
    assert table.selected == 0
    table.selected_rows = [3]
    assert table.selected == 3
    table.selected = None
    assert table.selected_rows == []
    with pytest.raises(UnknownNameError, match="no row with id 9"):
        table.select([9])


def test_what_the_browser_selects_comes_whole() -> None:
    table = DataTable(COLUMNS, rows(5), multiple=True)
    seen: list[tuple[int | None, list[int]]] = []
    table.observe(lambda _: seen.append((table.selected, table.selected_rows)), "selected_rows")
    table.set_state({"selected_rows": [1, 2, 3], "selected": 1})
    assert (table.selected, table.selected_rows) == (1, [1, 2, 3])
    table.set_state({"selected_rows": [1, 2, 3, 4]})
    assert (table.selected, table.selected_rows) == (1, [1, 2, 3, 4])
    table.set_rows(rows(3))
    assert (table.selected, table.selected_rows) == (1, [1, 2])
    table.move(1)
    assert (table.selected, table.selected_rows) == (2, [2])
    assert seen[0] == (1, [1, 2, 3])


def test_a_column_that_says_the_same_everywhere_travels_once() -> None:
    table = Recorder(COLUMNS, [{"id": n, "name": "x", "v": None} for n in range(3)])
    assert table._data == {"id": [0, 1, 2], "name": "x", "v": None}
    assert Recorder(COLUMNS, rows(1))._data["name"] == ["r0"]


def test_keys_and_edits_reach_their_handlers() -> None:
    table, keys, edits = DataTable(COLUMNS, rows(2)), [], []
    table.on_key(keys.append)
    table.on_edit(lambda *edit: edits.append(edit))
    browser(table, kind="key", key="a")
    browser(table, kind="edit", id=1, field="v", value=True, old=None)
    browser(table, kind="edit", id=77, field="v", value=True, old=None)
    assert keys == ["a"]
    assert edits == [(1, "v", True)]


def test_repr_is_stable_for_saved_notebooks() -> None:
    assert repr(DataTable(COLUMNS, rows(2))) == "DataTable(2 rows)"
