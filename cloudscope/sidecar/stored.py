"""Tables on disk: which file holds the rows the JSON refers to, and reading them when wanted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.result import ResultKey
from cloudscope.errors import ResultTableError
from cloudscope.sidecar.names import digest, pending_path, sidecar_path, table_path
from cloudscope.sidecar.table import decode_rows, part_digest, read_header

if TYPE_CHECKING:
    import numpy as np

__all__ = ["StoredColumns", "StoredPart", "digest_of", "table_files"]

LONGEST_HEADER = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredPart:
    """Where the rows of one result stand in its table: offset and length in bytes, digest."""

    offset: int
    length: int
    digest: str

    @classmethod
    def from_item(cls, item: Any) -> StoredPart | None:
        """Of one entry of the JSON's ``results``; ``None`` where it names no such place."""
        place = item.get("table_part") if isinstance(item, dict) else None
        if not isinstance(place, dict):
            return None
        offset, length, expected = (place.get(k) for k in ("offset", "bytes", "blake2b"))
        if not (type(offset) is int and type(length) is int and isinstance(expected, str)):
            return None
        return cls(offset, length, expected) if offset >= 0 and length >= 0 else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {"offset": self.offset, "bytes": self.length, "blake2b": self.digest}

    def read(self, path: Path) -> tuple[bytes, bytes] | None:
        """Header line and rows, or ``None`` if they are not what was written.

        Raises
        ------
        OSError
            If the file cannot be read; not if there is none.
        """
        try:
            file = path.open("rb")
        except FileNotFoundError:
            return None
        with file:
            header = file.readline(LONGEST_HEADER)
            if self.offset + self.length > os.fstat(file.fileno()).st_size:
                return None
            file.seek(self.offset)
            rows = file.read(self.length)
        return (header, rows) if part_digest(header, rows) == self.digest else None


def digest_of(path: Path) -> str | None:
    """Digest of a file's bytes, ``None`` where there is no file."""
    try:
        return digest(path.read_bytes())
    except FileNotFoundError:
        return None


def table_digest(raw: Mapping[str, Any], analysis: str) -> str | None:
    """Digest of the table of `analysis` that a sidecar's JSON refers to."""
    tables = raw.get("tables")
    entry = tables.get(analysis) if isinstance(tables, dict) else None
    value = entry.get("blake2b") if isinstance(entry, dict) else None
    # It becomes part of a file name: nothing but hexadecimal digits may.
    if isinstance(value, str) and len(value) == 32 and set(value) <= set("0123456789abcdef"):
        return value
    return None


def table_files(source_path: Path, analysis: str, expected: str | None) -> Iterator[Path]:
    """The files that may hold a table: its own, and the one a save cut short left waiting."""
    yield table_path(source_path, analysis)
    if expected is not None:
        yield pending_path(source_path, analysis, expected)


class StoredColumns:
    """Reads the columns of one stored result, the first time somebody asks for its numbers.

    The rows are known by their digest, not by their place: if a save of somebody else has moved
    them meanwhile, the JSON of that moment says where to.
    """

    def __init__(
        self,
        source_path: Path,
        key: ResultKey,
        *,
        part: StoredPart | None,
        expected_table: str | None,
        types: Mapping[str, str],
        rows: int,
    ) -> None:
        self.source_path = source_path
        self.part = part
        self.types = types
        self.rows = rows
        self._key = key
        self._expected_table = expected_table
        self._kept: Mapping[str, np.ndarray] | None = None

    def __call__(self) -> Mapping[str, np.ndarray]:
        """Columns by name.

        Raises
        ------
        ResultTableError
            If the rows are not to be found as they were saved.
        """
        return self._read() if self._kept is None else self._kept

    def keep(self) -> None:
        """Hold the numbers in memory, because the file is about to lose them."""
        if self._kept is None:
            self._kept = self._read()

    def _read(self) -> Mapping[str, np.ndarray]:
        analysis, channel, roi_id = self._key
        table = table_path(self.source_path, analysis)
        what = f"the numbers of {analysis}, channel {channel}, ROI {roi_id}"
        try:
            found = self._find()
        except OSError as error:
            raise ResultTableError(
                f"{table}: {what} cannot be read: {error.strerror or error}"
            ) from error
        if found is None:
            state = "are missing" if not table.exists() else "are not as they were saved"
            raise ResultTableError(
                f"{table}: {what} {state}; put the file back as cloudscope wrote it, or reload "
                f"and measure again"
            )
        header, rows = found
        try:
            columns = decode_rows(
                rows,
                header=read_header(header),
                types=self.types,
                channel=channel,
                roi_id=roi_id,
            )
            lengths = {len(values) for values in columns.values()} or {self.rows}
            if lengths != {self.rows}:
                raise ValueError(f"{self.rows} rows are expected, not {lengths.pop()}")
        except (ValueError, OverflowError) as error:
            raise ResultTableError(
                f"{table}: {what} do not fit {sidecar_path(self.source_path).name}: {error}; "
                f"measure again"
            ) from error
        return columns

    def _find(self) -> tuple[bytes, bytes] | None:
        for part, expected in self._places():
            for path in table_files(self.source_path, self._key[0], expected):
                found = part.read(path)
                if found is not None:
                    return found
        return None

    def _places(self) -> Iterator[tuple[StoredPart, str | None]]:
        if self.part is None:
            return
        yield self.part, self._expected_table
        try:
            raw = json.loads(sidecar_path(self.source_path).read_bytes())
        except (FileNotFoundError, ValueError, RecursionError):
            return  # whoever reads the JSON itself reports that
        for item in raw.get("results", ()) if isinstance(raw, dict) else ():
            part = StoredPart.from_item(item)
            if part is not None and part.digest == self.part.digest:
                yield part, table_digest(raw, self._key[0])
