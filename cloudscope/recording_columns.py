"""What a table of recordings can show of each: its columns, and the row of one recording.

`FileTable` shows them, and `AcqImageList.filter` and `group_by` go by them, so that what is seen in
the browser is what a script gets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.registry import BUILT_IN, analysis_names, get_analysis
from cloudscope.experiment_metadata import FieldSpec
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.table_columns import Glyph, TableColumn
from cloudscope.veil import hide_names

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.acq_image_list import AcqImageList, LoadFailure
    from cloudscope.analysis.result import AnalysisResult

__all__ = [
    "ACCEPTED",
    "STATUS",
    "ShownRoi",
    "blind_columns",
    "failure_row",
    "hidden_at_first",
    "recording_columns",
    "recording_row",
]

ShownRoi = int | Literal["first"]
"""Whose numbers a row shows: the first ROI's that was measured, or one's by id; 0 is the whole."""

STATUS = (
    Glyph("measured", "●", "measured", "ok"),
    Glyph("stale", "◐", "stale", "warn"),
    Glyph("none", "○", "not yet", "dim"),
    Glyph("failed", "!", "not readable", "bad"),
)

ACCEPTED = (
    Glyph(None, "", "", "dim"),
    Glyph(True, "✓", "accepted", "ok"),
    Glyph(False, "✗", "rejected", "bad"),
)


@dataclass(frozen=True, slots=True)
class _Headline:
    """The one number of an analysis that a row shows."""

    analysis: str
    key: str
    summary: str
    title: str
    unit: str = ""
    digits: int | None = 0
    width: int = 70


# as registered, written down so that a table needs none of the analyses themselves
_HEADLINES = (
    _Headline("radon_velocity", "velocity_um_per_s", "velocity_median_um_per_s", "Velocity",
              "µm/s", width=60),
    _Headline("diameter", "diameter_um", "diameter_median_um", "Diameter", "µm", 2),
    _Headline("flow", "flow_pl_per_s", "flow_median_pl_per_s", "Volume flow", "pL/s", 1, 84),
    _Headline("flux", "flux_cells_per_s", "flux_cells_per_s", "Cell flux", "cells/s"),
    _Headline("heart_rate", "heart_rate_bpm", "heart_rate_bpm", "Heart rate", "bpm", 0, 74),
    _Headline("beats", "pulsatility_index", "pulsatility_index", "Pulsatility", "", 2, 76),
    _Headline("velocity_events", "events_per_min", "events_per_min", "Events", "/min", 1),
    _Headline("intensity", "peak_rate_hz", "peak_rate_hz", "Peak rate", "Hz", 2),
    _Headline("clean_velocity", "clean_velocity_um_per_s", "velocity_median_um_per_s",
              "Clean velocity", "µm/s", 0, 96),
    _Headline("coupling", "peak_correlation", "peak_correlation", "Correlation", "", 2, 80),
)  # fmt: skip

_TITLES = {
    "radon_velocity": "velocity",
    "diameter": "diameter",
    "flow": "volume flow",
    "flux": "cell flux",
    "heart_rate": "heart rate",
    "beats": "beats",
    "velocity_events": "velocity events",
    "intensity": "intensity",
    "clean_velocity": "clean velocity",
    "coupling": "coupling",
}

_FIRST = (
    TableColumn(
        key="status", title="Status", kind="glyph", glyphs=STATUS, hint="status_hint", width=24,
        frozen=True,
    ),
    TableColumn(
        key="name", title="Recording", badge="dirty", badge_title="unsaved changes",
        detail="reason", keep_end=9, width=152, grow=280, frozen=True,
    ),
    TableColumn(
        key="accepted", title="Accepted", kind="glyph", glyphs=ACCEPTED, width=24, editable=True,
        help="click, or press A to accept and X to reject",
    ),
    TableColumn(key="duration_s", title="Duration", unit="s", kind="number", digits=1, width=63),
    TableColumn(key="rois", title="ROIs", kind="number", width=40),
)  # fmt: skip

_HEADER = (
    TableColumn(key="analyses", title="Analyses", width=124, help="measured so far"),
    TableColumn(key="lines", title="Lines", kind="number", width=62),
    TableColumn(key="pixels", title="Pixels", kind="number", width=58),
    TableColumn(key="channels", title="Channels", kind="number", width=72),
    TableColumn(
        key="line_period_ms", title="Line period", unit="ms", kind="number", digits=3, width=80
    ),
    TableColumn(
        key="pixel_size_um", title="Pixel size", unit="µm", kind="number", digits=3, width=74
    ),
)

_LAST = (
    TableColumn(key="missing", title="Missing", width=110, help="required fields that are empty"),
    TableColumn(key="problem", title="Problems", width=160, help="of the file or its sidecar"),
    TableColumn(key="acquired_at", title="Acquired", width=124),
    TableColumn(key="folder", title="Folder", width=120),
    TableColumn(key="format", title="Format", width=110),
)

_BLIND = {
    *(column.key for column in (*_FIRST, *_HEADER)),
    "problem", "dirty", "reason", "row_tone", "status_hint",
}  # fmt: skip
"""What of a row says nothing of which recording it is, besides the numbers measured."""

_CODE = TableColumn(
    key="blind_code", title="Code", width=70, help="in the last reading that was blind"
)

_SHOWN = {column.key for column in (*_FIRST, *_HEADER)} | {"velocity_um_per_s", "diameter_um"}


def hidden_at_first(columns: Iterable[TableColumn]) -> list[str]:
    """Keys of the columns that a table does not show at first."""
    return [column.key for column in columns if column.key not in _SHOWN]


def blind_columns() -> tuple[TableColumn, ...]:
    """The columns of a table of recordings that are read blind."""
    problem = tuple(column for column in _LAST if column.key == "problem")
    return (*_FIRST, *(_headline_column(h) for h in _headlines()), *_HEADER, *problem)


def recording_columns(
    fields: Iterable[FieldSpec], free: Iterable[str] = (), *, coded: bool = False
) -> tuple[TableColumn, ...]:
    """All columns that a table of recordings can show.

    Parameters
    ----------
    fields : iterable of FieldSpec
        The experimental fields, as the folder declares them.
    free : iterable of str
        Names of fields that nobody declared; their columns are called ``extra.NAME``.
    coded : bool
        Whether recordings have codes of a blinded reading that has ended.
    """
    return (
        *_FIRST,
        *(_headline_column(headline) for headline in _headlines()),
        *(_field_column(spec) for spec in fields),
        *(TableColumn(key=f"extra.{name}", title=name, width=90) for name in free),
        *_HEADER,
        *_LAST,
        *((_CODE,) if coded else ()),
    )


def _headlines() -> tuple[_Headline, ...]:
    """Those of cloudscope, and of the analyses that other packages register."""
    others = []
    for name in analysis_names():
        if name not in BUILT_IN:
            spec = get_analysis(name)
            others.append(_Headline(name, name, spec.headline, spec.title, "", None, 90))
    return (*_HEADLINES, *others)


def _headline_column(headline: _Headline) -> TableColumn:
    return TableColumn(
        key=headline.key,
        title=headline.title,
        unit=headline.unit,
        kind="number",
        digits=headline.digits,
        width=headline.width,
        detail=f"{headline.key}_more",
        hint=f"{headline.key}_hint",
        help="of the ROI chosen under Columns; the others are in the tooltip",
    )


def _field_column(spec: FieldSpec) -> TableColumn:
    digits = None if spec.kind == "number" else 0
    return TableColumn(
        key=spec.name,
        title=spec.title,
        unit=spec.unit,
        help=spec.help,
        kind="number" if spec.numeric else "text",
        digits=digits,
        width=170
        if spec.kind == "long"
        else max(70 if spec.numeric else 90, 18 + 7 * len(spec.title)),
    )


def recording_row(image: AcqImage, relative_path: str, roi: ShownRoi = "first") -> dict[str, Any]:
    """What a table shows of a recording, by key of the column; ``None`` or ``""`` for nothing.

    Parameters
    ----------
    image : AcqImage
    relative_path : str
        Within the folder, with forward slashes.
    roi : int or "first"
        Whose numbers are shown.
    """
    header = image.header
    period = header.line_period_s
    row: dict[str, Any] = {
        "name": image.name,
        "folder": _parent(relative_path),
        "format": header.format,
        "acquired_at": (header.acquired_at or "").replace("T", " ")[:16],
        "duration_s": header.duration_s,
        "lines": header.lines,
        "pixels": header.pixels,
        "channels": header.channels,
        "line_period_ms": None if period is None else period * 1000,
        "pixel_size_um": header.pixel_size_um,
        "rois": len(image.rois),
        "accepted": image.accepted,
        "dirty": image.dirty,
        "reason": "",
        "row_tone": "",
        "problem": "; ".join(image.problems),
    }
    row |= _status(image)
    if image.blinded:
        row = {key: _hidden(value) for key, value in row.items() if key in _BLIND}
        return row | _numbers(image, roi)
    if image.blind_code:
        row["blind_code"] = image.blind_code
    return row | _experiment(image) | _numbers(image, roi)


def _hidden(value: Any) -> Any:
    return hide_names(value) if isinstance(value, str) else value


def _experiment(image: AcqImage) -> dict[str, Any]:
    known = image.known_experiment
    declared = {spec.name for spec in image.fields}
    row: dict[str, Any] = {spec.name: _shown(known.value(spec.name)) for spec in image.fields}
    row |= {f"extra.{k}": _shown(v) for k, v in known.extra.items() if k not in declared}
    row["missing"] = ", ".join(spec.title for spec in image.missing_fields)
    row["inferred"] = " ".join(image.from_name)
    return row


def _shown(value: Any) -> Any:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def _status(image: AcqImage) -> dict[str, Any]:
    results = image.results
    reasons = {key: image.stale_reason(result) for key, result in results.items()}
    stale = [
        f"{_title(key[0]).capitalize()} is stale: {why}" for key, why in reasons.items() if why
    ]
    status = "none" if not results else "stale" if stale else "measured"
    title = next(glyph.title for glyph in STATUS if glyph.value == status)
    done = dict.fromkeys(key[0] for key in results)
    return {
        "status": status,
        "status_hint": "; ".join([*(stale or [title]), *image.problems]),
        "analyses": ", ".join(_title(name) for name in done),
    }


def _title(analysis: str) -> str:
    if analysis in _TITLES:
        return _TITLES[analysis]
    # a result may come from an analysis of a package that is not installed here
    return get_analysis(analysis).title.lower() if analysis in analysis_names() else analysis


def _numbers(image: AcqImage, roi: ShownRoi) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    if not image.results:
        return shown
    measured: dict[str, list[AnalysisResult]] = {}
    for result in image.results.values():
        measured.setdefault(result.analysis, []).append(result)
    for headline in _headlines():
        # a ROI somebody drew says more than the whole recording
        found = sorted(
            measured.get(headline.analysis, ()),
            key=lambda r: (r.roi_id == WHOLE_RECORDING, r.roi_id or 0, r.channel or 0),
        )
        if not found:
            continue
        of_it = found if roi == "first" else [r for r in found if (r.roi_id or 0) == roi]
        key = headline.key
        shown[key] = _number(of_it[0], headline) if of_it else None
        if len(found) > 1:
            shown[f"{key}_more"] = f"+{len(found) - len(of_it[:1])}"
        shown[f"{key}_hint"] = "; ".join(_words(image, result, headline) for result in found)
    return shown


def _number(result: AnalysisResult, headline: _Headline) -> float | None:
    value = result.summary.get(headline.summary)
    return None if value is None or value != value else float(value)


def _words(image: AcqImage, result: AnalysisResult, headline: _Headline) -> str:
    place = "whole recording" if not result.roi_id else f"ROI {result.roi_id}"
    if image.header.channels > 1:
        place += f", channel {result.channel}"
    value = _number(result, headline)
    digits = 3 if headline.digits is None else headline.digits
    number = "–" if value is None else f"{value:,.{digits}f}".replace("-", "−")
    return f"{place}: {number} {headline.unit}".rstrip()


def failure_row(failure: LoadFailure, folder: AcqImageList) -> dict[str, Any]:
    """What a table shows of a file that cannot be read."""
    reason = folder.reason_of(failure)
    row = {
        "name": folder.name_of(failure),
        "status": "failed",
        "status_hint": f"not readable: {reason}",
        "reason": reason,
        "row_tone": "failed",
        "accepted": None,
        "dirty": False,
    }
    if folder.blinded:
        return row
    path = failure.path
    if folder.folder is not None and path.is_relative_to(folder.folder):
        path = path.relative_to(folder.folder)
    return row | {"folder": _parent(path.as_posix())}


def _parent(relative: str) -> str:
    parent = PurePosixPath(relative).parent.as_posix()
    return "this folder" if parent == "." else parent
