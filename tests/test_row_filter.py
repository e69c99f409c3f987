"""One meaning of a filter text, here and in the browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cloudscope.row_filter import column_named, condition, matcher
from cloudscope.table_columns import Glyph, TableColumn

CASES = json.loads((Path(__file__).parent / "filter_cases.json").read_text(encoding="utf-8"))
COLUMNS = [
    TableColumn(**{**column, "glyphs": tuple(Glyph(**g) for g in column.get("glyphs", ()))})
    for column in CASES["columns"]
]


def passing(test: Any) -> list[int]:
    return [row["id"] for row in CASES["rows"] if test is None or test(row)]


@pytest.mark.parametrize("case", CASES["cases"], ids=lambda case: repr(case["filter"]))
def test_a_filter_text(case: dict[str, Any]) -> None:
    assert passing(matcher(case["filter"], COLUMNS)) == case["passes"]


@pytest.mark.parametrize("case", CASES["column_cases"], ids=lambda case: repr(case["condition"]))
def test_a_condition_of_one_column(case: dict[str, Any]) -> None:
    column = column_named(COLUMNS, case["column"])
    assert column is not None
    assert passing(condition(column, case["condition"])) == case["passes"]


@pytest.mark.parametrize(
    "text", ['"', '""', "-", "--", "=", ":", "a:=:<>", "|", 'rois>"', "(", "\\"]
)
def test_half_typed_text_is_no_error(text: str) -> None:
    matcher(text, COLUMNS)(CASES["rows"][0])
