"""Reading files that others wrote: bounded, tolerant of gaps, and never trusting a type."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["column", "filled", "number", "read_json", "read_table", "whole"]

LARGEST_BYTES = 256 << 20
"""Sidecars of a recording are a few MB; what is larger is something else."""


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise LoadError(path, f"is larger than {LARGEST_BYTES >> 20} MB, which no sidecar is")
        return path.read_bytes()
    except OSError as error:
        raise LoadError(path, (error.strerror or str(error)).lower()) from error


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file; NaN, which JSON has not, is read as such.

    Raises
    ------
    LoadError
        If it cannot be read or holds no object.
    """
    try:
        value = json.loads(_bytes(path))
    except (ValueError, RecursionError) as error:
        raise LoadError(path, f"is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise LoadError(path, "holds no object")
    return value


def read_table(path: Path) -> dict[str, list[str]]:
    """Cells of a CSV by column name.

    Raises
    ------
    LoadError
        If it cannot be read or its rows are not alike.
    """
    try:
        rows = list(csv.reader(_bytes(path).decode("utf-8-sig").splitlines()))
    except (UnicodeDecodeError, csv.Error) as error:
        raise LoadError(path, f"is no CSV: {error}") from error
    if not rows:
        raise LoadError(path, "is empty")
    header, body = rows[0], [row for row in rows[1:] if row]
    if any(len(row) != len(header) for row in body):
        raise LoadError(path, "has rows of different lengths")
    columns = zip(*body, strict=True) if body else [()] * len(header)
    return {name: list(cells) for name, cells in zip(header, columns, strict=True)}


def column(table: Mapping[str, list[str]], name: str, path: Path) -> np.ndarray:
    """A column of numbers; what is empty or no number is NaN.

    Raises
    ------
    LoadError
        If there is no such column.
    """
    import numpy as np

    if name not in table:
        raise LoadError(path, f"has no column {name!r}")
    return np.array([number(cell) for cell in table[name]], dtype=float)


def number(value: Any) -> float:
    """A value as a number, or NaN."""
    if isinstance(value, bool):
        return math.nan
    try:
        return float(value)
    except (TypeError, ValueError):
        return math.nan


def whole(value: Any, default: int = 0) -> int:
    """A value as a whole number, or `default`."""
    read = number(value)
    return int(read) if math.isfinite(read) else default


def filled(fields: Any) -> dict[str, Any]:
    """Fields of a mapping that say something, those of the program's own left out."""
    if not isinstance(fields, Mapping):
        return {}
    return {
        str(name): value
        for name, value in fields.items()
        if value not in (None, "") and not str(name).startswith("_")
    }
