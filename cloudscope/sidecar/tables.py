"""Which tables a save has to write: planned before anything on disk is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import ResultTableError
from cloudscope.sidecar.document import SidecarContents, SidecarDocument
from cloudscope.sidecar.names import digest, is_analysis_name, table_path
from cloudscope.sidecar.stored import (
    StoredColumns,
    StoredPart,
    digest_of,
    table_digest,
    table_files,
)
from cloudscope.sidecar.table import column_types, encode_rows, header_line, part_digest

__all__ = ["TablePlan", "keep_dropped_numbers", "plan_tables"]


@dataclass(slots=True)
class TablePlan:
    """What becomes of the tables.

    Attributes
    ----------
    written : dict of str to bytes
        New content by analysis; a table that is in neither dictionary stays as it is.
    removed : dict of str to str
        The digest a table must still have to be removed: anything else is not ours.
    problems : list of str
    """

    written: dict[str, bytes] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def keep_dropped_numbers(contents: SidecarContents, base: SidecarDocument) -> None:
    """Take into memory what the save removes from disk: an undo may bring the result back."""
    staying = {id(result.load_columns) for result in contents.results.values()}
    for result in base.contents.results.values():
        load = result.load_columns
        if isinstance(load, StoredColumns) and id(load) not in staying:
            try:
                load.keep()
            except ResultTableError:
                continue  # lost before this save, which loading reported


def plan_tables(
    source_path: Path, raw: dict[str, Any], contents: SidecarContents, base: SidecarDocument
) -> TablePlan:
    """Plan the tables of `contents`, and enter them in `raw`, the JSON to be written.

    `raw` lists the results of `contents` in their order, then the entries that cannot be read.
    """
    plan = TablePlan()
    drafts = {
        name: _Draft(source_path, name, raw, plan)
        for name, entry in raw["tables"].items()
        if is_analysis_name(name) and isinstance(entry, dict)  # what else there is stays
    }
    readable = len(contents.results)
    for (key, result), item in zip(
        contents.results.items(), raw["results"][:readable], strict=True
    ):
        name = key[0]
        if name not in drafts:
            table_path(source_path, name)  # refuses a name that cannot be part of a file name
            drafts[name] = _Draft(source_path, name, raw, plan)
        drafts[name].results.append((key, result, item))
    for item in raw["results"][readable:]:
        of = item.get("analysis") if isinstance(item, dict) else None
        if isinstance(of, str) and of in drafts:
            drafts[of].unread.append(item)
    for draft in drafts.values():
        draft.settle(base)
    return plan


@dataclass
class _Draft:
    """One table in the making."""

    source_path: Path
    name: str
    raw: dict[str, Any]
    plan: TablePlan
    results: list[tuple[ResultKey, AnalysisResult, dict[str, Any]]] = field(default_factory=list)
    unread: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def _old_digest(self) -> str | None:
        return table_digest(self.raw, self.name)

    @cached_property
    def _old_files(self) -> list[bytes]:
        found = []
        for path in table_files(self.source_path, self.name, self._old_digest):
            try:
                found.append(path.read_bytes())
            except FileNotFoundError:
                continue
        return found

    def settle(self, base: SidecarDocument) -> None:
        if not self.results and not self.unread:
            if self._old_digest is not None:  # else it is no entry of ours
                self.plan.removed[self.name] = self._old_digest
                del self.raw["tables"][self.name]
        elif self.results and not self._unchanged(base):
            self._compose()

    def _unchanged(self, base: SidecarDocument) -> bool:
        before = {k: r.load_columns for k, r in base.contents.results.items() if k[0] == self.name}
        if before != {key: result.load_columns for key, result, _ in self.results}:
            return False
        in_memory = all("columns" in vars(result) for _, result, _ in self.results)
        # A table that somebody deleted or changed is written again where the numbers are at hand.
        return not in_memory or self._old_digest in [digest(data) for data in self._old_files]

    def _compose(self) -> None:
        types = {key: _types(result) for key, result, _ in self.results}
        columns = dict.fromkeys(name for key in sorted(types) for name in types[key])
        header = header_line(columns)
        chunks, lost, offset = [header], False, len(header)
        for key, result, item in sorted(self.results, key=lambda entry: entry[0]):
            rows = self._rows_of(key, result, header, list(columns))
            item["rows"] = _length(result)
            item["columns"] = types[key]
            if rows is None:
                item["table_part"], lost = None, True
                continue
            place = StoredPart(offset, len(rows), part_digest(header, rows))
            item["table_part"] = (item.get("table_part") or {}) | place.to_dict()
            chunks.append(rows)
            offset += len(rows)
        for item in self.unread:
            rows = self._carried(StoredPart.from_item(item), header)
            if rows is None:
                lost = True
                continue
            item["table_part"]["offset"] = offset
            chunks.append(rows)
            offset += len(rows)
        data = b"".join(chunks)
        rows_written = sum(item["rows"] for _, _, item in self.results if item["table_part"])
        if lost:
            self.plan.problems.append(
                f"{table_path(self.source_path, self.name).name}: some rows could not be carried "
                f"over, because the table was not as it was saved; the old file is kept beside it"
            )
        entry = self.raw["tables"].get(self.name, {})
        file = table_path(self.source_path, self.name)
        standing = digest_of(file)
        ours = not lost and standing in (self._old_digest, entry.get("replaces"))
        self.raw["tables"][self.name] = entry | {
            "file": file.name,
            "rows": rows_written,
            "bytes": len(data),
            "blake2b": digest(data),
            "replaces": standing if ours else None,
        }
        self.plan.written[self.name] = data

    def _carried(self, part: StoredPart | None, header: bytes) -> bytes | None:
        """The lines of a part in the old table, if they still are what was written."""
        if part is None:
            return None
        for data in self._old_files:
            rows = data[part.offset : part.offset + part.length]
            if data.startswith(header) and part_digest(header, rows) == part.digest:
                return rows
        return None

    def _rows_of(
        self, key: ResultKey, result: AnalysisResult, header: bytes, columns: list[str]
    ) -> bytes | None:
        load = result.load_columns
        if isinstance(load, StoredColumns) and load.source_path == self.source_path:
            rows = self._carried(load.part, header)
            if rows is not None:
                return rows
        try:
            numbers = result.columns
        except ResultTableError:
            return None
        return encode_rows(numbers, channel=key[1], roi_id=key[2], header=columns)


def _types(result: AnalysisResult) -> Mapping[str, str]:
    load = result.load_columns
    if isinstance(load, StoredColumns):
        return load.types
    return column_types(result.analysis, result.columns)


def _length(result: AnalysisResult) -> int:
    load = result.load_columns
    if isinstance(load, StoredColumns):
        return load.rows
    return len(next(iter(result.columns.values()), ()))
