"""What is drawn over a trace: events, beats, peaks, values set by hand, and the speed ceiling."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import CloudscopeError
from cloudscope.widgets.wording import counted, number_text

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult
    from cloudscope.widgets.trace_series import TraceSeries

__all__ = ["TraceMarks", "trace_marks"]

_VELOCITIES = ("radon_velocity", "clean_velocity")


@dataclass(frozen=True, slots=True)
class TraceMarks:
    """Marks of one trace; times in s from the first line of the recording.

    Attributes
    ----------
    bands : tuple of dict
        Events: ``start``, ``stop``, ``kind``, ``title``.
    ticks : tuple of float
        Onsets of beats.
    peaks : tuple of tuple of float
        Time and value of each peak.
    manual : tuple of tuple of float
        Time and value of each sample set by hand.
    ceiling : float or None
        Speed in µm/s beyond which streaks cannot be followed.
    """

    bands: tuple[dict[str, Any], ...] = ()
    ticks: tuple[float, ...] = ()
    peaks: tuple[tuple[float, float], ...] = ()
    manual: tuple[tuple[float, float], ...] = ()
    ceiling: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """As the browser draws them."""
        return {
            "bands": list(self.bands),
            "ticks": list(self.ticks),
            "peaks": [list(each) for each in self.peaks],
            "manual": [list(each) for each in self.manual],
            "ceiling": self.ceiling,
        }

    @property
    def legend(self) -> str:
        """What is drawn, in words with its sign, as HTML."""
        parts = []  # what was done by hand first: of too many, the last are cut off
        if self.manual:
            parts.append(("cs-key-manual", f"{len(self.manual):,} set by hand"))
        for kind, number in Counter(band["kind"] for band in self.bands).items():
            name = "added events" if kind == "user" else f"{kind}s"
            parts.append((f"cs-key-band cs-kind-{kind}", counted(number, name)))
        if self.peaks:
            parts.append(("cs-key-peak", counted(len(self.peaks), "peaks")))
        if self.ticks:
            parts.append(("cs-key-tick", counted(len(self.ticks), "beats")))
        if self.ceiling is not None:
            text = f"unseen beyond ±{number_text(self.ceiling / 1000, 2)} mm/s"
            parts.append(("cs-key-ceiling", text))
        if not parts:
            return ""
        keys = "".join(
            f'<span class="cs-key"><i class="{escape(sign)}"></i>{escape(text)}</span>'
            for sign, text in parts
        )
        words = escape(", ".join(text for _, text in parts))
        return f'<span class="cs-keys" title="{words}">{keys}</span>'

    def at(self, time_s: float) -> str:
        """Titles of the events at a time."""
        found = [b["title"] for b in self.bands if b["start"] <= time_s <= b["stop"]]
        return ", ".join(dict.fromkeys(found))


def trace_marks(
    image: AcqImage, result: AnalysisResult, series: TraceSeries, *, roi_id: int
) -> TraceMarks:
    """The marks of a result's trace, from what else is measured in its channel and ROI.

    Parameters
    ----------
    image : AcqImage
    result : AnalysisResult
        That of the trace.
    series : TraceSeries
        Drawn of it.
    roi_id : int
    """
    key = (result.analysis, result.channel or 0, roi_id)
    manual = np.flatnonzero(series.status == "manual")
    return TraceMarks(
        bands=_events(image, key),
        ticks=_beats(image, key),
        peaks=_peaks(result, series),
        manual=tuple((float(series.time_s[i]), float(series.value[i])) for i in manual),
        ceiling=_ceiling(result),
    )


def _columns(image: AcqImage, key: tuple[str, int, int]) -> tuple[float, Mapping[str, Any]]:
    """Time of the first line and columns of a result that holds; none of one that does not."""
    result = image.results.get(key)
    if result is None or image.stale_reason(result) is not None:
        return 0.0, {}
    try:
        columns = result.columns
    except CloudscopeError:  # its own trace or panel says so
        return 0.0, {}
    return _first_s(result), columns


def _first_s(result: AnalysisResult) -> float:
    period = result.calibration.line_period_s
    return result.bounds[0] * period if result.bounds and period else 0.0


def _events(image: AcqImage, key: tuple[str, int, int]) -> tuple[dict[str, Any], ...]:
    if key[0] == "velocity_events":
        return ()
    first, columns = _columns(image, ("velocity_events", *key[1:]))
    if not columns:
        return ()
    names = ("start_s", "stop_s", "kind", "label", "reviewed")
    return tuple(
        {
            "start": first + float(start),
            "stop": first + float(stop),
            "kind": str(kind),
            "title": str(label or ("event" if kind == "user" else kind)),
        }
        for start, stop, kind, label, reviewed in zip(*(columns[n] for n in names), strict=True)
        if reviewed != "rejected"
    )


def _beats(image: AcqImage, key: tuple[str, int, int]) -> tuple[float, ...]:
    result = image.results.get(("beats", *key[1:]))
    if result is None or key not in [record.key for record in result.inputs.values()]:
        return ()
    first, columns = _columns(image, result.key)
    if not columns:
        return ()
    onsets = np.asarray(columns["start_s"], float)
    return tuple(float(first + onset) for onset in onsets[np.isfinite(onsets)])


def _peaks(result: AnalysisResult, series: TraceSeries) -> tuple[tuple[float, float], ...]:
    if result.analysis != "intensity" or "is_peak" not in result.columns:
        return ()
    at = np.flatnonzero(np.asarray(result.columns["is_peak"], bool) & np.isfinite(series.value))
    return tuple((float(series.time_s[i]), float(series.value[i])) for i in at)


def _ceiling(result: AnalysisResult) -> float | None:
    if result.analysis not in _VELOCITIES or result.bounds is None:
        return None
    from cloudscope.analysis.streaks.ceiling import speed_ceiling

    settings = result.parameters
    period, pixel = result.calibration.line_period_s, result.calibration.pixel_size_um
    try:
        limits = speed_ceiling(
            period or 0.0,
            pixel or 0.0,
            result.bounds[3] - result.bounds[2],
            int(settings.get("window_lines", 64)),
            scan_time_s=float(settings.get("scan_time_s", 0.0)),
            line_angle_deg=float(settings.get("line_angle_deg", 0.0)),
        )
    except CloudscopeError:  # a result of older days, with a ROI or scales that say nothing
        return None
    return limits.fastest_um_per_s
