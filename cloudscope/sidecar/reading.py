"""From the JSON of a sidecar to values; what cannot be read is named and left as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from cloudscope.analysis.result import AnalysisResult, Calibration, InputRecord
from cloudscope.display import ChannelDisplay
from cloudscope.errors import CloudscopeError
from cloudscope.metadata import ExperimentMetadata, HeaderCorrections, ImageHeader, Stamp
from cloudscope.roi import Roi
from cloudscope.sidecar.document import SidecarContents
from cloudscope.sidecar.names import table_path
from cloudscope.sidecar.stored import StoredColumns, StoredPart, table_digest

__all__ = ["Listed", "is_input", "read_contents", "read_results", "read_rois"]

_UNREADABLE = (CloudscopeError, TypeError, ValueError, KeyError, AttributeError, OverflowError)

Value = TypeVar("Value")
Container = TypeVar("Container", dict[str, Any], list[Any])
Fields = TypeVar("Fields", ExperimentMetadata, HeaderCorrections)

_MISSING: Any = object()
_MAYBE_NUMBER = (int, float, type(None))
_MAYBE_TEXT = (str, type(None))


def read_contents(
    raw: Mapping[str, Any], source_path: Path
) -> tuple[SidecarContents, tuple[str, ...]]:
    """The values in a sidecar, and a sentence for each that cannot be read."""
    problems: list[str] = []
    rois, results = read_rois(raw), read_results(raw, source_path)
    accepted = raw.get("accepted")
    if not isinstance(accepted, bool | None):
        problems.append(f"accepted={accepted!r} is neither true, false nor null")
        accepted = None
    contents = SidecarContents(
        accepted=accepted,
        experiment=_read_fields(
            ExperimentMetadata(), _container(raw, "experiment_metadata", dict), problems
        ),
        file_header=_read_header(raw, problems),
        corrections=_read_fields(HeaderCorrections(), _corrections(raw, problems), problems),
        rois=tuple(rois.values),
        next_roi_id=_next_roi_id(raw, rois),
        results={result.key: result for result in results.values},
        display=_read_display(raw, problems),
    )
    return contents, (*problems, *rois.problems, *results.problems)


def _read_display(raw: Mapping[str, Any], problems: list[str]) -> dict[int, ChannelDisplay]:
    found = {}
    for channel, item in _container(raw, "display", dict).items():
        if not channel.isdecimal():
            continue  # of a newer version
        try:
            found[int(channel)] = ChannelDisplay.from_dict(dict(item))
        except _UNREADABLE as error:
            problems.append(f"display of channel {channel} cannot be read and is not used: {error}")
    return found


@dataclass(slots=True)
class Listed:
    """A list in the JSON: the items that could be read, their values, and the other items."""

    items: list[dict[str, Any]] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    unread: list[Any] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def _listed(
    raw: Mapping[str, Any],
    name: str,
    read: Callable[[dict[str, Any]], Value],
    key: Callable[[Value], object],
) -> Listed:
    listed = Listed()
    seen: set[object] = set()
    for number, item in enumerate(_container(raw, name, list), start=1):
        try:
            if not isinstance(item, dict):
                raise TypeError("it is no object")
            value = read(item)
            if key(value) in seen:
                raise ValueError(f"{key(value)} is there twice")
        except _UNREADABLE as error:
            reason = f"it has no {error}" if type(error) is KeyError else str(error)
            listed.unread.append(item)
            listed.problems.append(
                f"entry {number} of {name} cannot be read and is left as it is: {reason}"
            )
            continue
        seen.add(key(value))
        listed.items.append(item)
        listed.values.append(value)
    return listed


def read_rois(raw: Mapping[str, Any]) -> Listed:
    """The ROIs in the JSON."""

    def read(item: dict[str, Any]) -> Roi:
        for name in ("name", "note", "color"):
            _typed(item, name, (str,), "")
        _typed(item, "locked", (bool,), False)
        return Roi.from_dict(item)

    return _listed(raw, "rois", read, lambda roi: roi.roi_id)


def read_results(raw: Mapping[str, Any], source_path: Path) -> Listed:
    """The results in the JSON; their tables stay on disk until a number is wanted."""
    return _listed(
        raw,
        "results",
        lambda item: _read_result(item, raw, source_path),
        lambda result: result.key,
    )


def _typed(
    values: Mapping[str, Any], name: str, kinds: tuple[type, ...], default: Any = _MISSING
) -> Any:
    value = values[name] if default is _MISSING else values.get(name, default)
    if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
        raise TypeError(f"{name}={value!r} is of the wrong kind")
    return value


def _read_result(item: dict[str, Any], raw: Mapping[str, Any], source: Path) -> AnalysisResult:
    analysis = _typed(item, "analysis", (str,))
    table_path(source, analysis)  # refuses a name that cannot be part of a file name
    channel, roi_id, rows = (_typed(item, name, (int,)) for name in ("channel", "roi_id", "rows"))
    if min(channel, roi_id, rows) < 0:
        raise ValueError("channel, roi_id and rows must not be negative")
    scales = _typed(item, "calibration", (dict,), {})
    return AnalysisResult(
        analysis=analysis,
        channel=channel,
        roi_id=roi_id,
        parameters=_scalars(item, "parameters"),
        summary=_scalars(item, "summary"),
        load_columns=StoredColumns(
            source,
            (analysis, channel, roi_id),
            part=StoredPart.from_item(item),
            expected_table=table_digest(raw, analysis),
            types=dict(_typed(item, "columns", (dict,), {})),
            rows=rows,
        ),
        calibration=Calibration(
            _typed(scales, "line_period_s", _MAYBE_NUMBER, None),
            _typed(scales, "pixel_size_um", _MAYBE_NUMBER, None),
        ),
        bounds=_bounds(item.get("bounds")),
        time_axis=_typed(item, "time_axis", _MAYBE_TEXT, None),
        source_fingerprint=_typed(item, "source_fingerprint", _MAYBE_TEXT, None),
        software=_typed(item, "software", (str,), ""),
        created_at=_typed(item, "created_at", _MAYBE_TEXT, None),
        inputs={
            name: _input(record)
            for name, record in _typed(item, "inputs", (dict,), {}).items()
            if is_input(record)  # else of a newer version
        },
        digest=_typed(item, "digest", _MAYBE_TEXT, None),
    )


def is_input(record: Any) -> bool:
    """Whether an entry of a result's ``inputs`` names a result."""
    return isinstance(record, dict) and "analysis" in record


def _input(record: dict[str, Any]) -> InputRecord:
    channel, roi_id = (_typed(record, name, (int,)) for name in ("channel", "roi_id"))
    return InputRecord(
        (_typed(record, "analysis", (str,)), channel, roi_id),
        _typed(record, "digest", _MAYBE_TEXT, None),
    )


def _bounds(values: Any) -> tuple[int, int, int, int] | None:
    if values is None:
        return None
    if isinstance(values, list) and len(values) == 4 and all(type(v) is int for v in values):
        return (values[0], values[1], values[2], values[3])
    raise TypeError(f"bounds={values!r} is of the wrong kind")


def _scalars(item: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The scalars of a result, with ``null`` turned back into what it stands for."""
    values = dict(_typed(item, name, (dict,), {}))
    not_finite = _typed(_typed(item, "not_finite", (dict,), {}), name, (dict,), {})
    for key, text in not_finite.items():
        if values.get(key, 0) is None and text in ("nan", "inf", "-inf"):
            values[key] = float(text)
    return values


def _container(raw: Mapping[str, Any], name: str, kind: type[Container]) -> Container:
    """What stands under `name`; empty where a newer major version has something else there."""
    value = raw.get(name)
    return value if isinstance(value, kind) else kind()


def _read_fields(empty: Fields, values: Mapping[str, Any], problems: list[str]) -> Fields:
    """The frozen value with every field that can be read; the others stay empty."""
    known = {f.name: values[f.name] for f in fields(empty) if f.name in values}
    try:
        return empty.replace(**known)
    except _UNREADABLE:
        whole = empty
    for name, value in known.items():
        try:
            whole = whole.replace(**{name: value})
        except _UNREADABLE as error:
            problems.append(f"{name} cannot be read and is left as it is: {error}")
    return whole


def _corrections(raw: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    values = {}
    stamps = []
    for name, entry in _container(raw, "header_corrections", dict).items():
        if isinstance(entry, dict):
            values[name] = entry.get("value")
            by, at = entry.get("by"), entry.get("at")
            if isinstance(by, str) and isinstance(at, str):
                stamps.append(Stamp(name, by, at))
        elif name in HeaderCorrections.__dataclass_fields__:
            problems.append(f"header_corrections {name} is no object and is left as it is")
    return values | {"stamps": tuple(stamps)}


_HEADER_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("format", "dtype", "line_period_source", "pixel_size_source"), (str,)),
    **dict.fromkeys(("kind", "time_axis", "time_axis_source"), (str,)),
    **dict.fromkeys(("lines", "pixels", "channels", "frames"), (int,)),
    **dict.fromkeys(("image_index", "image_count"), (int,)),
    "image_name": (str,),
    "bidirectional": (bool, type(None)),
    "optics": (dict,),
    **dict.fromkeys(("channel_names", "warnings"), (list,)),
    "bit_depth": (int, type(None)),
    "acquired_at": _MAYBE_TEXT,
    "raw": (dict,),
}


def _read_header(raw: Mapping[str, Any], problems: list[str]) -> ImageHeader | None:
    values = _container(raw, "header", dict)
    if not values:
        return None
    try:
        for name in values.keys() & _HEADER_KINDS.keys():
            _typed(values, name, _HEADER_KINDS[name])
        if values.get("kind") not in ("line_scan", "frames"):
            raise ValueError(f"kind={values.get('kind')!r} is not known")
        if values.get("time_axis", "rows") not in ("rows", "columns"):
            raise ValueError(f"time_axis={values['time_axis']!r} is not known")
        return ImageHeader.from_dict(values)
    except _UNREADABLE as error:
        problems.append(f"header cannot be read: {error}")
        return None


def _next_roi_id(raw: Mapping[str, Any], rois: Listed) -> int:
    """An id that no ROI had, whatever the JSON says: ids of results and unread ROIs count."""
    given: list[int] = [0, *(roi.roi_id for roi in rois.values)]
    for item in (*rois.unread, *_container(raw, "results", list)):
        if isinstance(item, dict) and type(item.get("roi_id")) is int:
            given.append(item["roi_id"])
    stored = raw.get("next_roi_id")
    return max(max(given) + 1, stored if isinstance(stored, int) else 1)
