"""`read_metadata_sheet`: rows of a CSV, TSV or Excel file, as they stand there."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO

from cloudscope.errors import LoadError
from cloudscope.export.safe_cells import unsafe_text

__all__ = ["KEY_NAMES", "SHEET_SUFFIXES", "MetadataSheet", "plain_name", "read_metadata_sheet"]

SHEET_SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm")

KEY_NAMES = ("file", "filename", "path", "recording", "image", "name", "tif", "scan")
"""What the column that names the recordings may be called, first of all as the caller says."""

LARGEST_BYTES = 50 << 20
LARGEST_UNPACKED = 500 << 20
MOST_ROWS = 200_000
MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class MetadataSheet:
    """A spreadsheet, read.

    Attributes
    ----------
    name : str
        Of the file, for people.
    key : str
        Heading of the column that names the recordings.
    columns : tuple of str
        The other headings, in order.
    rows : tuple of (int, mapping)
        Number of each row in the file, from 1, and its cells by heading; an empty cell is left out.
    decimal_comma : bool
        Whether numbers may be written with a comma, as they are where semicolons part the cells.
    problems : tuple of str
        What is odd about it, a sentence each.
    """

    name: str
    key: str
    columns: tuple[str, ...]
    rows: tuple[tuple[int, Mapping[str, Any]], ...]
    decimal_comma: bool = False
    problems: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"MetadataSheet({self.name!r}, {len(self.rows)} rows, by {self.key!r})"


def plain_name(text: str) -> str:
    """A heading without case, blanks, signs and a unit in brackets, to compare it by.

    Examples
    --------
    >>> plain_name("File name"), plain_name("Depth (µm)"), plain_name("animal_ID")
    ('filename', 'depth', 'animalid')
    """
    outside = text.partition("(")[0].partition("[")[0] or text
    return "".join(c for c in outside.casefold() if c.isalnum())


def read_metadata_sheet(
    path: str | Path, key: str = "file", *, data: bytes | None = None, sheet: str | None = None
) -> MetadataSheet:
    """Rows of a spreadsheet that names a recording in each.

    The first row that is not empty holds the headings. Text is read as it stands: ``NA`` is a
    word, ``0012`` keeps its zeros.

    Parameters
    ----------
    path : path-like
        ``.csv`` (commas, semicolons or tabs), ``.tsv`` or ``.xlsx``.
    key : str
        Heading of the column that names the recordings. Where there is none of this name, one
        that is called file, file name, path, recording, image or name is taken.
    data : bytes, optional
        What is in the file, where it was uploaded; `path` then is its name.
    sheet : str, optional
        Of an Excel workbook; the first by default.

    Raises
    ------
    LoadError
        If it cannot be read, or no column names recordings.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in SHEET_SUFFIXES:
        raise LoadError(
            path, f"it is no {', '.join(SHEET_SUFFIXES)}: save the sheet as one of these"
        )
    if data is None:
        data = _bytes_of(path)
    if len(data) > LARGEST_BYTES:
        raise LoadError(path, f"it is larger than {LARGEST_BYTES >> 20} MB")
    comma = False
    if suffix.startswith(".xls"):
        table = _excel(path, data, sheet)
    else:
        table, comma = _text_table(path, data, suffix)
    return _sheet(path, key, table, comma)


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise LoadError(path, f"it is larger than {LARGEST_BYTES >> 20} MB")
        return path.read_bytes()
    except OSError as error:
        reason = "there is no such file" if isinstance(error, FileNotFoundError) else error.strerror
        raise LoadError(path, f"it cannot be read: {reason}") from error


def _text_table(path: Path, data: bytes, suffix: str) -> tuple[list[list[Any]], bool]:
    for encoding in (
        ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    ):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise LoadError(path, "its encoding is not known: save it as UTF-8")
    first = next((line for line in text.splitlines() if line.strip()), "")
    counts = {sign: first.count(sign) for sign in ("\t", ";", ",")}
    delimiter = "\t" if suffix == ".tsv" else max(counts, key=lambda sign: counts[sign])
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        return _limited(path, rows), delimiter == ";"
    except csv.Error as error:
        raise LoadError(path, f"it is no table: {error}") from error


def _excel(path: Path, data: bytes, sheet: str | None) -> list[list[Any]]:
    try:
        import openpyxl
    except ImportError as error:
        raise LoadError(
            path, "Excel files need openpyxl: pip install 'cloudscope[tables]', or save it as CSV"
        ) from error
    stream: BinaryIO = io.BytesIO(data)
    try:
        with zipfile.ZipFile(stream) as packed:
            if sum(part.file_size for part in packed.infolist()) > LARGEST_UNPACKED:
                raise LoadError(path, f"it unpacks to more than {LARGEST_UNPACKED >> 20} MB")
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
    except LoadError:
        raise
    except Exception as error:  # a damaged workbook raises whatever its parts do
        raise LoadError(path, f"it is no Excel workbook: {error}") from error
    if sheet is not None and sheet not in book.sheetnames:
        raise LoadError(path, f"it has no sheet {sheet!r}; it has {', '.join(book.sheetnames)}")
    try:
        page = book[sheet] if sheet is not None else book.worksheets[0]
        return _limited(path, page.iter_rows(values_only=True))
    except LoadError:
        raise
    except Exception as error:
        raise LoadError(path, f"it cannot be read: {error}") from error
    finally:
        book.close()


def _limited(path: Path, rows: Iterable[Iterable[Any]]) -> list[list[Any]]:
    table = []
    for row in rows:
        table.append([_plain(cell) for cell in row])
        if len(table) > MOST_ROWS or len(table[-1]) > MOST_COLUMNS:
            raise LoadError(
                path, f"it has more than {MOST_ROWS:,} rows or {MOST_COLUMNS:,} columns"
            )
    return table


def _plain(cell: Any) -> Any:
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    if isinstance(cell, str):
        return unsafe_text(cell.strip())
    return cell


def _sheet(path: Path, key: str, table: list[list[Any]], comma: bool) -> MetadataSheet:
    start = next((n for n, row in enumerate(table) if any(c not in ("", None) for c in row)), None)
    if start is None:
        raise LoadError(path, "it is empty")
    headings = ["" if cell is None else str(cell) for cell in table[start]]
    at = _key_column(headings, key)
    if at is None:
        there = ", ".join(repr(heading) for heading in headings if heading)
        raise LoadError(
            path, f"no column {key!r} names the recordings; there are {there}: say key=… which does"
        )
    problems = []
    columns: dict[int, str] = {}
    for number, heading in enumerate(headings):
        if number == at or not heading:
            continue
        if heading in columns.values():
            problems.append(f"there are two columns {heading!r}: the first is used")
            continue
        columns[number] = heading
    rows = []
    for number, row in enumerate(table[start + 1 :], start + 2):
        cells = {
            columns[i]: cell
            for i, cell in enumerate(row)
            if i in columns and cell is not None and cell != ""
        }
        named = row[at] if at < len(row) else None
        if named in ("", None):
            if cells:
                problems.append(f"row {number} names no recording and is left out")
            continue
        if isinstance(named, float) and named.is_integer():
            named = int(named)  # Excel keeps every number as a float
        rows.append((number, MappingProxyType({headings[at]: str(named), **cells})))
    return MetadataSheet(
        path.name, headings[at], tuple(columns.values()), tuple(rows), comma, tuple(problems)
    )


def _key_column(headings: list[str], key: str) -> int | None:
    plain = [plain_name(heading) for heading in headings]
    for wanted in (plain_name(key), *KEY_NAMES):
        if wanted in plain:
            return plain.index(wanted)
    return None
