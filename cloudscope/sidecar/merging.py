"""The JSON of the next save: the known fields written over what was loaded.

A field is touched only where its value differs from the one that was loaded. So fields of newer
versions, of other programs and those that could not be read stay as they are, at every depth.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cloudscope import __version__
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.errors import SidecarError
from cloudscope.metadata import HeaderCorrections, Stamp
from cloudscope.sidecar.document import SidecarContents, SidecarDocument
from cloudscope.sidecar.parsing import SCHEMA, schema_of
from cloudscope.sidecar.reading import is_input, read_results, read_rois

__all__ = ["merged", "same_source_of_numbers", "stamped"]


def merged(source_path: Path, contents: SidecarContents, base: SidecarDocument) -> dict[str, Any]:
    """`contents` as JSON, on the ground of `base`; tables are not yet in it."""
    raw: dict[str, Any] = {"cloudscope": {}}
    raw |= copy.deepcopy(dict(base.raw))
    old = base.contents
    if "accepted" not in raw or contents.accepted is not old.accepted:
        raw["accepted"] = contents.accepted
    _write_fields(
        raw, "experiment_metadata", contents.experiment.to_dict(), old.experiment.to_dict()
    )
    if contents.file_header is not None:
        known = {} if old.file_header is None else old.file_header.to_dict()
        _write_fields(raw, "header", contents.file_header.to_dict(), known)
    else:
        raw.setdefault("header", None)
    _write_corrections(raw, contents.corrections, old.corrections)
    _write_display(raw, contents, old)
    for name, value in contents.origin.items():
        before = raw.get(name)
        raw[name] = (before if isinstance(before, dict) else {}) | dict(value)
    _write_rois(raw, contents)
    if raw.get("next_roi_id") != contents.next_roi_id:
        raw["next_roi_id"] = contents.next_roi_id
    _write_results(raw, source_path, contents, old)
    raw["tables"] = raw.get("tables") or {}
    return raw


def stamped(raw: dict[str, Any]) -> dict[str, Any]:
    """`raw` with who wrote it and when; a newer minor version of the schema stays."""
    version = max(SCHEMA, schema_of(raw) if "schema" in raw["cloudscope"] else SCHEMA)
    raw["cloudscope"] |= {
        "schema": ".".join(map(str, version)),
        "software": f"cloudscope {__version__}",
        "saved_at": _now(),
    }
    return raw


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _write_fields(
    raw: dict[str, Any], name: str, new: Mapping[str, Any], old: Mapping[str, Any]
) -> None:
    node = raw[name] = raw.get(name) or {}
    for key, value in new.items():
        if key not in node or key not in old or value != old[key]:
            node[key] = value


def _write_corrections(raw: dict[str, Any], new: HeaderCorrections, old: HeaderCorrections) -> None:
    before = old.to_dict()
    changed = {key: value for key, value in new.to_dict().items() if value != before[key]}
    node = raw["header_corrections"] = raw.get("header_corrections") or {}
    for key, value in changed.items():
        entry = node.get(key)
        stamp = new.stamp(key)
        if stamp is None or stamp == old.stamp(key):
            stamp = Stamp.now(key)
        node[key] = (entry if isinstance(entry, dict) else {}) | {
            "value": value,
            "at": stamp.at,
            "by": stamp.by,
        }


def _write_display(raw: dict[str, Any], contents: SidecarContents, old: SidecarContents) -> None:
    if contents.display == old.display:
        return
    node = raw["display"] = raw.get("display") or {}
    for channel in old.display.keys() - contents.display.keys():
        del node[str(channel)]
    for channel, shown in contents.display.items():
        entry = node.get(str(channel))
        node[str(channel)] = (entry if isinstance(entry, dict) else {}) | shown.to_dict()


def _write_rois(raw: dict[str, Any], contents: SidecarContents) -> None:
    listed = read_rois(raw)
    before = {roi.roi_id: (item, roi.to_dict()) for item, roi in _pairs(listed)}
    items: list[Any] = []
    for roi in contents.rois:
        item, old = before.get(roi.roi_id, ({}, {}))
        changed = {key: value for key, value in roi.to_dict().items() if old.get(key) != value}
        items.append(item | changed if item else changed)
    raw["rois"] = items + listed.unread


def _pairs(listed: Any) -> Any:
    return zip(listed.items, listed.values, strict=True)


def same_source_of_numbers(a: AnalysisResult | None, b: AnalysisResult | None) -> bool:
    """Whether two results certainly have the same table, without reading either."""
    return a is not None and b is not None and a.load_columns is b.load_columns


def _write_results(
    raw: dict[str, Any], source_path: Path, contents: SidecarContents, old: SidecarContents
) -> None:
    listed = read_results(raw, source_path)
    before = {value.key: item for item, value in _pairs(listed)}
    items: list[Any] = []
    for key, result in contents.results.items():
        item = before.get(key)
        if item is None or result is not old.results.get(key):
            new = _result_item(key, result)
            old_scales = (item or {}).get("calibration") or {}
            unknown = {
                name: value
                for name, value in ((item or {}).get("inputs") or {}).items()
                if not is_input(value)
            }
            item = (item or {}) | new
            item["calibration"] = old_scales | new["calibration"]
            item["inputs"] = unknown | new["inputs"]
        items.append(item)
    raw["results"] = items + listed.unread


def _result_item(key: ResultKey, result: AnalysisResult) -> dict[str, Any]:
    analysis, channel, roi_id = key
    if result.key != key:
        raise SidecarError(f"the result filed under {key} says that it is {result.key}")
    not_finite: dict[str, dict[str, str]] = {}
    item = {
        "analysis": analysis,
        "channel": channel,
        "roi_id": roi_id,
        "parameters": _plain(analysis, "parameters", result.parameters, not_finite),
        "summary": _plain(analysis, "summary", result.summary, not_finite),
        "bounds": None if result.bounds is None else [int(bound) for bound in result.bounds],
        "calibration": {
            "line_period_s": result.calibration.line_period_s,
            "pixel_size_um": result.calibration.pixel_size_um,
        },
        "time_axis": result.time_axis,
        "source_fingerprint": result.source_fingerprint,
        "software": result.software,
        "created_at": result.created_at,
        "inputs": {
            name: {
                "analysis": record.key[0],
                "channel": record.key[1],
                "roi_id": record.key[2],
                "digest": record.digest,
            }
            for name, record in result.inputs.items()
        },
        "digest": result.digest,
    }
    return item | {"not_finite": not_finite}


def _plain(
    analysis: str, name: str, values: Mapping[str, Any], not_finite: dict[str, dict[str, str]]
) -> dict[str, Any]:
    """Scalars as JSON has them: NaN and infinities become ``null``, and are named beside."""
    plain: dict[str, Any] = {}
    for key, value in values.items():
        scalar = value.item() if hasattr(value, "item") else value
        if not (scalar is None or isinstance(scalar, bool | int | float | str)):
            raise SidecarError(
                f"{key}={value!r} in the {name} of {analysis} cannot be saved: only numbers, text, "
                f"truth values and None can"
            )
        if isinstance(scalar, float) and not math.isfinite(scalar):
            not_finite.setdefault(name, {})[key] = str(scalar)
            scalar = None
        plain[key] = scalar
    return plain
