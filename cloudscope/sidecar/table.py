"""The CSV of one analysis: rows of every channel and ROI, exact to the last bit.

The file is plain CSV for pandas and spreadsheets. The rows of one result stand together; the JSON
knows where (offset and length in bytes) and their digest, so that one result is read, or carried
over into a new file, without touching the others.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cloudscope.errors import SidecarError
from cloudscope.sidecar.names import digest

if TYPE_CHECKING:
    import numpy as np

__all__ = ["KEY_COLUMNS", "column_types", "decode_rows", "encode_rows", "header_line"]

KEY_COLUMNS = ("channel", "roi_id")

COLUMN_TYPES = frozenset(
    ["bool", "float16", "float32", "float64", "str", "object"]
    + [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
)
"""Types of a column; ``object`` is text in an object array, ``str`` text in a NumPy one."""

LONGEST_CELL = 131_072  # what Python's csv module reads by default


def _quoted(text: str) -> str:
    if any(mark in text for mark in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def header_line(columns: Iterable[str]) -> bytes:
    """First line of a table that has these columns besides channel and ROI."""
    return (",".join(map(_quoted, (*KEY_COLUMNS, *columns))) + "\n").encode()


def read_header(line: bytes) -> list[str]:
    """Column names in a header line, channel and ROI included."""
    return next(csv.reader([line.decode()]), [])


def column_types(analysis: str, columns: Mapping[str, np.ndarray]) -> dict[str, str]:
    """Type of every column as the JSON names it.

    Raises
    ------
    SidecarError
        If a column cannot be written: the message names it.
    """
    types = {}
    for name, values in columns.items():
        kind = "str" if values.dtype.kind == "U" else values.dtype.name
        wrong = ""
        if name in KEY_COLUMNS or not name or "\n" in name or "\r" in name:
            wrong = f"must not be named {name!r}"
        elif values.ndim != 1:
            wrong = f"has {values.ndim} dimensions instead of one"
        elif kind not in COLUMN_TYPES:
            wrong = f"has type {kind}; a table holds numbers, truth values and text"
        elif kind == "object" and not all(isinstance(value, str) for value in values):
            odd = next(value for value in values if not isinstance(value, str))
            wrong = f"holds {odd!r} among its text; use '' for nothing"
        elif kind in ("str", "object") and any(len(v) >= LONGEST_CELL for v in values):
            wrong = f"holds a text of {LONGEST_CELL} characters or more"
        if wrong:
            raise SidecarError(f"column {name!r} of {analysis} {wrong}")
        types[name] = kind
    return types


def _cells(values: np.ndarray) -> list[str]:
    import numpy as np

    plain = values.tolist()
    if values.dtype.kind == "f":
        cells = list(map(repr, plain))
        for index in np.flatnonzero(np.isnan(values)).tolist():
            cells[index] = ""
        return cells
    if values.dtype.kind in "UO":
        quoted = {text: _quoted(text) for text in set(plain)}
        return [quoted[text] for text in plain]
    return list(map(str, plain))


def encode_rows(
    columns: Mapping[str, np.ndarray], *, channel: int, roi_id: int, header: Sequence[str]
) -> bytes:
    """The lines of one result in a table with the columns `header`; NaN is an empty cell."""
    rows = len(next(iter(columns.values()), ()))
    lead = [f"{channel},{roi_id}"] * rows
    cells = [_cells(columns[name]) if name in columns else [""] * rows for name in header]
    lines = map(",".join, zip(lead, *cells, strict=True))
    return "".join(line + "\n" for line in lines).encode("utf-8", "surrogatepass")


def decode_rows(
    data: bytes, *, header: Sequence[str], types: Mapping[str, str], channel: int, roi_id: int
) -> dict[str, np.ndarray]:
    """The columns `types` of one result, from its lines.

    Raises
    ------
    ValueError
        If the lines are not such rows.
    """
    import numpy as np

    text = data.decode("utf-8", "surrogatepass")
    if '"' in text:
        try:
            rows: list[Any] = list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error as error:
            raise ValueError(str(error)) from None
    else:
        rows = [line.split(",") for line in text.split("\n")[:-1]]
    by_name = dict(zip(header, zip(*rows, strict=True), strict=True)) if rows else {}
    for name, value in zip(KEY_COLUMNS, (channel, roi_id), strict=True):
        if rows and set(by_name[name]) != {str(value)}:
            raise ValueError(f"{name} is not {value} in every row")
    columns = {}
    for name, kind in types.items():
        if kind not in COLUMN_TYPES:
            raise ValueError(f"column {name!r} has the unknown type {kind!r}")
        if name not in header:
            raise ValueError(f"there is no column {name!r}")
        cells = by_name.get(name, ())
        if kind in ("str", "object"):
            columns[name] = np.array(cells, dtype=kind)
        elif kind == "bool":
            columns[name] = np.array([("False", "True").index(c) for c in cells], dtype=bool)
        elif kind.startswith("float"):
            numbers = [float(c) if c else np.nan for c in cells]
            columns[name] = np.array(numbers, dtype=kind)
        else:
            columns[name] = np.array([int(c) for c in cells], dtype=kind)
    return columns


def part_digest(header: bytes, rows: bytes) -> str:
    """Digest of one result's lines under their header: what they mean depends on both."""
    return digest(header + rows)
