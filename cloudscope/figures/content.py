"""What a figure of a recording shows, before it is drawn: the figure and its CSV both have it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.analysis.samples import USABLE
from cloudscope.display import ChannelDisplay
from cloudscope.errors import ParameterError, UnknownNameError
from cloudscope.figures.pixels import colors_of, shown_channels
from cloudscope.roi import WHOLE_RECORDING, Roi

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Content", "Course", "Event", "Wall", "content_of"]

Range = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Course:
    """A measured quantity over time, within the figure; arrays of one length.

    Attributes
    ----------
    analysis, title, color : str
    time_s : (n,) array
        From the first line of the recording; in lines where the line period is not known.
    value, sd, quality : (n,) arrays
        NaN where not known.
    status : (n,) array of str
    accepted : (n,) array of bool
    """

    analysis: str
    title: str
    color: str
    time_s: np.ndarray
    value: np.ndarray
    sd: np.ndarray
    quality: np.ndarray
    status: np.ndarray
    accepted: np.ndarray


@dataclass(frozen=True, eq=False)
class Wall:
    """Both walls of a vessel: position by time."""

    roi_id: int
    time_s: np.ndarray
    left: np.ndarray
    right: np.ndarray


@dataclass(frozen=True, slots=True)
class Event:
    """An event of the velocity."""

    start_s: float
    stop_s: float
    kind: str
    title: str


@dataclass(frozen=True, eq=False)
class Content:
    """All of a figure.

    Attributes
    ----------
    pixels : (rows, columns, 3) uint8 array
    time_range, position_range : tuple of float
        Of the pixels drawn, in the units below.
    time_unit, position_unit : str
        ``"s"`` or ``"lines"``; ``"µm"`` or ``"px"``. Of a frame, both are positions.
    line_scan : bool
    rois : tuple of (Roi, tuple of float)
        Each with its time and position ranges: (time from, to, position from, to).
    walls, events, courses : tuple
    """

    pixels: np.ndarray
    time_range: Range
    position_range: Range
    time_unit: str
    position_unit: str
    line_scan: bool
    rois: tuple[tuple[Roi, tuple[float, float, float, float]], ...]
    walls: tuple[Wall, ...]
    events: tuple[Event, ...]
    courses: tuple[Course, ...]


def content_of(
    image: AcqImage,
    *,
    channel: int,
    roi_id: int,
    time_range: Range | None,
    position_range: Range | None,
    analyses: Iterable[str] | None,
    quality_cutoff: float,
    display: Mapping[int, ChannelDisplay] | None,
    composite: bool | None,
    frame: int,
    show_rois: bool,
    show_marks: bool,
) -> Content:
    """Gather what a figure shows; see `figure_of` for the parameters."""
    header = image.header
    if not 0 <= channel < header.channels:
        raise UnknownNameError(f"{image.name} has no channel {channel}; it has {header.channels}")
    if roi_id != WHOLE_RECORDING:
        image.roi(roi_id)
    line_scan = header.kind == "line_scan"
    row_scale = (header.line_period_s if line_scan else header.row_size_um) or 1.0
    col_scale = header.pixel_size_um or 1.0
    rows = _pixel_range("time_range", time_range, row_scale, header.lines)
    cols = _pixel_range("position_range", position_range, col_scale, header.pixels)
    looks = shown_channels(image, channel, image.display if display is None else display, composite)
    pixels = colors_of(image, looks, (*rows, *cols), frame, together=_together(looks, composite))
    shown_time = (rows[0] * row_scale, rows[1] * row_scale)
    results = _results(image, channel, roi_id) if line_scan else {}
    names = analyses if analyses is not None else _with_course(results)
    rois = tuple(
        (
            roi,
            (
                roi.row_start * row_scale,
                roi.row_stop * row_scale,
                roi.col_start * col_scale,
                roi.col_stop * col_scale,
            ),
        )
        for roi in image.rois
        if show_rois
        and roi.row_start < rows[1]
        and roi.row_stop > rows[0]
        and roi.col_start < cols[1]
        and roi.col_stop > cols[0]
    )
    marks = line_scan and show_marks
    return Content(
        pixels=pixels,
        time_range=shown_time,
        position_range=(cols[0] * col_scale, cols[1] * col_scale),
        time_unit=("s" if header.line_period_s else "lines")
        if line_scan
        else ("µm" if header.row_size_um else "px"),
        position_unit="µm" if header.pixel_size_um else "px",
        line_scan=line_scan,
        rois=rois,
        walls=_walls(image, channel, shown_time) if marks else (),
        events=_events(image, results, shown_time) if marks else (),
        courses=tuple(
            _course(name, _one(results, name, image, roi_id), shown_time, quality_cutoff)
            for name in names
        ),
    )


def _together(looks: Mapping[int, ChannelDisplay], composite: bool | None) -> bool:
    if composite is None:
        return any(look.composite for look in looks.values())
    return composite


def _pixel_range(name: str, wanted: Range | None, scale: float, size: int) -> tuple[int, int]:
    if wanted is None:
        return 0, size
    low, high = wanted
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ParameterError(f"{name}={wanted!r} is not allowed: give two numbers, the lower first")
    first = max(0, int(np.floor(low / scale + 1e-6)))
    last = min(size, int(np.ceil(high / scale - 1e-6)))
    if first >= last:
        raise ParameterError(
            f"{name}={wanted!r} lies outside the recording, which reaches to {size * scale:g}"
        )
    return first, last


def _results(image: AcqImage, channel: int, roi_id: int) -> dict[str, AnalysisResult]:
    keys = [key for key in image.results if key[1] == channel and key[2] == roi_id]
    return {name: image.results[(name, channel, roi_id)] for name, _, _ in keys}


def _with_course(results: Mapping[str, AnalysisResult]) -> list[str]:
    return [name for name in analysis_names() if name in results and get_analysis(name).over_time]


def _one(
    results: Mapping[str, AnalysisResult], name: str, image: AcqImage, roi_id: int
) -> AnalysisResult:
    if not get_analysis(name).over_time:
        raise ParameterError(f"analyses: {name!r} has no course over time to draw")
    if name not in results:
        place = "the whole recording" if roi_id == WHOLE_RECORDING else f"ROI {roi_id}"
        raise UnknownNameError(f"{image.name} has no {name} result of {place}: measure it first")
    return results[name]


def _clock(result: AnalysisResult) -> float:
    period = result.calibration.line_period_s
    return result.bounds[0] * period if result.bounds is not None and period else 0.0


def _course(name: str, result: AnalysisResult, shown: Range, cutoff: float) -> Course:
    trace, columns = get_analysis(name).trace, result.columns
    assert trace is not None
    time_s = np.asarray(columns["time_s"], float) + _clock(result)
    part = (time_s >= shown[0]) & (time_s <= shown[1])

    def numbers(column: str | None) -> np.ndarray:
        if column is None or column not in columns:
            return np.full(int(part.sum()), np.nan)
        return np.asarray(columns[column], float)[part]

    value, quality = numbers(trace.value), numbers(trace.quality)
    status = np.asarray(columns["status"]).astype(str)[part] if "status" in columns else None
    if status is None:
        status = np.full(value.size, "ok")
    accepted = np.isin(status, USABLE) & np.isfinite(value) & ~(quality < cutoff)
    return Course(
        name, trace.title, trace.color, time_s[part], value, numbers(trace.sd), quality, status,
        accepted,
    )  # fmt: skip


def _walls(image: AcqImage, channel: int, shown: Range) -> tuple[Wall, ...]:
    found = []
    for key in sorted(image.results):
        result = image.results[key]
        if key[:2] != ("diameter", channel) or image.stale_reason(result) is not None:
            continue
        pixel, bounds, columns = result.calibration.pixel_size_um, result.bounds, result.columns
        if bounds is None or pixel is None:
            continue
        time_s = np.asarray(columns["time_s"], float) + _clock(result)
        part = (time_s >= shown[0]) & (time_s <= shown[1])
        usable = np.isin(columns["status"], USABLE)[part]
        left, right = (
            np.where(usable, np.asarray(columns[name], float)[part], np.nan) + bounds[2] * pixel
            for name in ("left_um", "right_um")
        )
        found.append(Wall(key[2], time_s[part], left, right))
    return tuple(found)


def _events(
    image: AcqImage, results: Mapping[str, AnalysisResult], shown: Range
) -> tuple[Event, ...]:
    result = results.get("velocity_events")
    if result is None or image.stale_reason(result) is not None:
        return ()
    columns, first = result.columns, _clock(result)
    names = ("start_s", "stop_s", "kind", "label", "reviewed")
    rows: Any = zip(*(columns[name] for name in names), strict=True)
    found = [
        Event(first + float(start), first + float(stop), str(kind), str(label or kind))
        for start, stop, kind, label, reviewed in rows
        if reviewed != "rejected"
    ]
    return tuple(e for e in found if e.start_s <= shown[1] and e.stop_s >= shown[0])
