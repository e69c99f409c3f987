"""Loading a sidecar: it always succeeds, and says what it could not read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudscope.analysis.result import ResultKey
from cloudscope.errors import SidecarError
from cloudscope.sidecar.document import SidecarContents, SidecarDocument
from cloudscope.sidecar.leftovers import finish_if_cut_short, waiting_tables
from cloudscope.sidecar.names import digest, sidecar_path, table_path
from cloudscope.sidecar.parsing import SCHEMA, parse_json, schema_of
from cloudscope.sidecar.reading import read_contents
from cloudscope.sidecar.stored import StoredColumns, table_digest

__all__ = ["document_of", "load"]


def load(source_path: str | os.PathLike[str]) -> SidecarDocument:
    """The sidecar of a recording, whether or not the recording itself is there.

    Only the JSON is read; the numbers of a result are read from its table when first wanted. A
    JSON that cannot be read gives an empty document whose `problems` say why and which cannot be
    saved over; see `set_aside`.

    Parameters
    ----------
    source_path : path
        The recording, not its sidecar.

    Returns
    -------
    SidecarDocument
        Empty, with ``revision=None``, where there is no sidecar.
    """
    source = Path(source_path).absolute()  # a later change of folder must not lose the tables
    path = sidecar_path(source)
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return SidecarDocument()
    except OSError as error:
        reason = f"{path}: the sidecar cannot be read: {error.strerror or error}"
        return SidecarDocument(problems=(reason,), read_only_reason=reason)
    document = document_of(source, data)
    if document.read_only_reason is None:
        finish_if_cut_short(source, document.raw)
    return document


def document_of(source_path: Path, data: bytes) -> SidecarDocument:
    """The document in the bytes of a JSON."""
    path = sidecar_path(source_path)
    try:
        raw = parse_json(data)
    except SidecarError as error:
        reason = (
            f"{path}: the sidecar cannot be read: {error}; it stays as it is and is never "
            f"overwritten: mend it, or set it aside (image.set_aside_sidecar()) to start a new one"
        )
        return SidecarDocument(revision=digest(data), problems=(reason,), read_only_reason=reason)
    newer = None
    if schema_of(raw)[0] > SCHEMA[0]:
        newer = (
            f"{path}: a newer cloudscope wrote it (schema {raw['cloudscope']['schema']}; this one "
            f"knows {SCHEMA[0]}.x): it is read as far as possible and not changed: update "
            f"cloudscope to save"
        )
    contents, problems = read_contents(raw, source_path)
    found = [f"{path.name}: {problem}" for problem in problems]
    found += _table_problems(source_path, raw, {key[0] for key in contents.results})
    for analysis, channel, roi_id in _lost(contents):
        found.append(
            f"{path.name}: the numbers of {analysis}, channel {channel}, ROI {roi_id} are lost "
            f"(their table had been changed or removed); measure again"
        )
    return SidecarDocument(
        contents=contents,
        raw=raw,
        revision=digest(data),
        problems=tuple(found if newer is None else [newer, *found]),
        read_only_reason=newer,
    )


def _lost(contents: SidecarContents) -> list[ResultKey]:
    loads = {key: result.load_columns for key, result in contents.results.items()}
    return [k for k, load in loads.items() if isinstance(load, StoredColumns) and load.part is None]


def _table_problems(source_path: Path, raw: Mapping[str, Any], analyses: set[str]) -> list[str]:
    """What a look at names and sizes tells; the digest is checked when numbers are read."""
    problems = []
    waiting = waiting_tables(source_path, raw)
    for analysis in sorted(analyses):
        table = table_path(source_path, analysis)
        entry = raw["tables"].get(analysis) if isinstance(raw.get("tables"), dict) else None
        if table_digest(raw, analysis) is None or not isinstance(entry, dict):
            problems.append(f"{sidecar_path(source_path).name}: no table is named for {analysis}")
            continue
        if analysis in waiting:
            continue
        try:
            size = table.stat().st_size
        except OSError as error:
            why = "is missing" if isinstance(error, FileNotFoundError) else str(error.strerror)
            problems.append(
                f"{table.name}: {why}: the numbers of {analysis} cannot be read; put the file "
                f"back, or measure again"
            )
            continue
        if size != entry.get("bytes"):
            problems.append(
                f"{table.name}: has {size} bytes where {entry.get('bytes')} were saved: the file "
                f"was changed, and numbers of {analysis} are not used until it is as it was"
            )
    return problems
