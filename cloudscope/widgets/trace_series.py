"""A result as a series over the time of its recording: what is accepted and what is set aside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.samples import USABLE
from cloudscope.widgets.decimate import visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.registry import Trace
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["TraceSeries", "trace_series", "value_limits"]

_MANY = 400  # samples from which a few wild ones may leave the picture
_REACH = 1.0  # how far beyond the bulk of the samples it still reaches, in widths of the bulk


@dataclass(frozen=True, eq=False)
class TraceSeries:
    """Samples of one result, in order of time; arrays of one length.

    Attributes
    ----------
    time_s : (n,) float64 array
        From the first line of the recording.
    value : (n,) float64 array
        As measured; NaN where nothing was.
    sd : (n,) float64 array
        One standard deviation; NaN where unknown.
    quality : (n,) float64 array
        0 to 1; NaN where unknown.
    status : (n,) str array
        ``"ok"``, or why not.
    accepted : (n,) bool array
        Status ok, a value, and quality at or above the cut-off.
    """

    time_s: NDArray[np.float64]
    value: NDArray[np.float64]
    sd: NDArray[np.float64]
    quality: NDArray[np.float64]
    status: NDArray[np.str_]
    accepted: NDArray[np.bool_]

    @property
    def line(self) -> NDArray[np.float64]:
        """Values of accepted samples, NaN elsewhere, so that a line breaks there."""
        return np.where(self.accepted, self.value, np.nan)

    def nearest(self, time_s: float) -> int | None:
        """Index of the sample next to a time, or ``None`` where the series does not reach."""
        if self.time_s.size == 0 or not math.isfinite(time_s):
            return None
        after = int(np.searchsorted(self.time_s, time_s))
        candidates = [i for i in (after - 1, after) if 0 <= i < self.time_s.size]
        index = min(candidates, key=lambda i: abs(self.time_s[i] - time_s))
        spacing = float(np.median(np.diff(self.time_s))) if self.time_s.size > 1 else 0.0
        return index if abs(self.time_s[index] - time_s) <= max(spacing, 1e-12) else None


def trace_series(
    result: AnalysisResult,
    trace: Trace,
    *,
    line_period_s: float | None = None,
    quality_cutoff: float = 0.0,
) -> TraceSeries:
    """The series of `result` that `trace` names, on the time axis of the whole recording.

    Parameters
    ----------
    result : AnalysisResult
        Its table counts time from the first line of its ROI.
    trace : Trace
        Which columns to take.
    line_period_s : float, optional
        The line period of the recording now. Where it is not the one the result was measured
        with, samples stay on the lines they were measured on.
    quality_cutoff : float
        Samples of lower quality are set aside; their numbers do not change.
    """
    columns = result.columns
    time_s = np.asarray(columns["time_s"], dtype=float)
    measured_with = result.calibration.line_period_s
    if result.bounds is not None and measured_with is not None:
        time_s = time_s + result.bounds[0] * measured_with
    if line_period_s is not None and measured_with not in (None, line_period_s):
        time_s = time_s * (line_period_s / measured_with)

    def numbers(name: str | None) -> NDArray[np.float64]:
        if name is None or name not in columns:
            return np.full(time_s.size, np.nan)
        return np.asarray(columns[name], dtype=float)

    value, quality = numbers(trace.value), numbers(trace.quality)
    status = (
        np.asarray(columns["status"]).astype(str)
        if "status" in columns
        else np.full(time_s.size, "ok")
    )
    # A sample whose quality is unknown is not below any cut-off.
    accepted = np.isin(status, USABLE) & np.isfinite(value) & ~(quality < quality_cutoff)
    return TraceSeries(time_s, value, numbers(trace.sd), quality, status, accepted)


def value_limits(series: TraceSeries | None, start_s: float, stop_s: float) -> tuple[float, float]:
    """Limits for the accepted samples in view; of many, lone outliers run out of the picture.

    Without that, a single wild sample would flatten a long trace. It is still seen, as a line that
    leaves the frame, and zooming in on it shows it whole.

    Parameters
    ----------
    series : TraceSeries or None
    start_s, stop_s : float
        The stretch in view.

    Returns
    -------
    low, high : float
    """
    if series is None:
        return 0.0, 1.0
    part = visible(series.time_s, start_s, stop_s)
    values = series.value[part][series.accepted[part]]
    if not values.size:
        values = series.value[series.accepted]
    if not values.size:
        return 0.0, 1.0
    lowest, highest = float(values.min()), float(values.max())
    low, high = lowest, highest
    if values.size > _MANY:
        low, high = (float(end) for end in np.quantile(values, (0.005, 0.995)))
        reach = _REACH * (high - low)
        low, high = max(lowest, low - reach), min(highest, high + reach)
    size = max(abs(low), abs(high))
    # Of one sample, or of a course without any change, the surroundings are shown: ticks that
    # differ in their seventh digit say nothing.
    spread = high - low if high - low > 1e-3 * size else 0.1 * size or 1e-6
    return low - 0.07 * spread, high + 0.07 * spread
