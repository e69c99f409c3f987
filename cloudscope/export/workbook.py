"""An Excel workbook of tidy tables, a sheet each, written row by row."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cloudscope.export.safe_cells import safe_text
from cloudscope.export.tidy import TidyTable

__all__ = ["write_workbook"]

MOST_ROWS = 1_048_576
"""Rows of a sheet, as Excel has them."""

_MOST_CHARACTERS = 32_767
_ROWS_BETWEEN = 500  # after which somebody may want to stop
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_workbook(
    tables: list[TidyTable], path: Path, advance: Callable[[], None], stay: Callable[[], None]
) -> None:
    """Write all tables into a new workbook.

    Parameters
    ----------
    tables : list of TidyTable
    path : Path
    advance : callable
        Called after each piece of a table.
    stay : callable
        Called now and then in between.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for table in tables:
        sheet, rows = _sheet(book, table, 1), 1
        number = 1
        for piece in table.pieces():
            for row in zip(*(_cells(piece[column]) for column in table.columns), strict=True):
                if rows == MOST_ROWS:
                    number += 1
                    sheet, rows = _sheet(book, table, number), 1
                sheet.append([_cell(sheet, value) for value in row])
                rows += 1
                if rows % _ROWS_BETWEEN == 0:
                    stay()
            advance()
    with path.open("wb") as file:
        book.save(file)


def _sheet(book: Any, table: TidyTable, number: int) -> Any:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    more = f" ({number})" if number > 1 else ""
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", table.name)[: 31 - len(more)] + more)
    sheet.freeze_panes = "A2"
    titles = []
    for place, column in enumerate(table.columns, 1):
        width = max(10, min(40, len(column) + 2))
        sheet.column_dimensions[get_column_letter(place)].width = width
        title = WriteOnlyCell(sheet, _text(column))
        title.data_type = "s"
        title.font = Font(bold=True)
        titles.append(title)
    sheet.append(titles)
    return sheet


def _cells(series: Any) -> list[Any]:
    return list(series.astype(object).where(series.notna(), None))


def _cell(sheet: Any, value: Any) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if isinstance(value, float) and math.isfinite(value):
        if float(f"{value:.16g}") == value:
            return value
        # openpyxl writes 16 digits, which is not every number to the last bit
        cell = WriteOnlyCell(sheet, repr(value))
        cell.data_type = "n"
        return cell
    if isinstance(value, str | float):
        if value == "":
            return None
        cell = WriteOnlyCell(sheet, _text(str(value)))
        cell.data_type = "s"
        return cell
    return value


def _text(text: str) -> str:
    """Text that Excel can hold and will not calculate."""
    plain = safe_text(_NOT_IN_XML.sub("\ufffd", text))
    return plain if len(plain) <= _MOST_CHARACTERS else f"{plain[: _MOST_CHARACTERS - 1]}…"
