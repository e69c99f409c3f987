"""The diameter during each window of velocity, with the error of its mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.result import AnalysisResult
    from cloudscope.analysis.samples import Samples

__all__ = ["WindowDiameter", "diameter_of_recording", "diameter_of_windows", "window_times"]

_LARGEST = 1e30
"""Beyond it, and below its inverse, powers overflow; no vessel is that wide or narrow."""

_MOST_SHARED = 64
"""Points over which noise may be shared."""

_LONGEST_STEP = 1.5
"""Points further apart than this many steps have a gap between them."""


@dataclass(frozen=True, eq=False)
class WindowDiameter:
    """Diameter that goes with each window; arrays of shape (windows,).

    Attributes
    ----------
    diameter_um : ndarray
        Mean over the window; NaN where there is none.
    noise_sd_um : ndarray
        Error of the mean that other windows do not share: noise of the points, and what the
        lines that could not be measured may have been.
    common_sd_um : float
        Error that all points share.
    points : ndarray of int
        Points that were averaged; 0 where it was read off between two.
    """

    diameter_um: NDArray[np.float64]
    noise_sd_um: NDArray[np.float64]
    common_sd_um: float
    points: NDArray[np.int64]

    @property
    def sd_um(self) -> NDArray[np.float64]:
        """Error of the mean, the common one included."""
        return np.hypot(self.noise_sd_um, self.common_sd_um)


def window_times(
    velocity: AnalysisResult, samples: Samples
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each window begins and ends, on the clock of the recording.

    From the rows of the windows, else from half a step before each time to half a step after it.
    """
    columns, period = velocity.columns, velocity.calibration.line_period_s
    if period and "row_start" in columns and "row_stop" in columns:
        # The line of row k is taken at k periods; it stands for half a period to each side.
        start = (np.asarray(columns["row_start"], float) - 0.5) * period
        stop = (np.asarray(columns["row_stop"], float) - 0.5) * period
    else:
        half = 0.5 * samples.step_s if np.isfinite(samples.step_s) else 0.0
        start, stop = samples.time_s - half, samples.time_s + half
    return start + samples.clock_offset_s, stop + samples.clock_offset_s


@dataclass(frozen=True, eq=False)
class _Points:
    """Usable points in the order of time, and what is known of their errors."""

    time_s: NDArray[np.float64]
    value_um: NDArray[np.float64]
    variance_um2: NDArray[np.float64]
    common_sd_um: float
    inflation: float
    step_s: float


def _points(samples: Samples, common_sd_um: float) -> _Points:
    usable = samples.usable & (samples.value > 1.0 / _LARGEST) & (samples.value < _LARGEST)
    usable &= np.abs(samples.time_s) < _LARGEST
    if not usable.any():
        raise ParameterError(
            "diameter has no usable point: measure one whose lines are accepted, "
            "or lower its quality_limit"
        )
    order = np.argsort(samples.time_s[usable], kind="stable")
    time = samples.time_s[usable][order] + samples.clock_offset_s
    value, sd = samples.value[usable][order], samples.sd[usable][order]
    common = common_sd_um if np.isfinite(common_sd_um) and common_sd_um > 0 else 0.0
    step = float(np.median(np.diff(time))) if time.size > 1 else 0.0
    # Noise of neighbours, from how much they differ; a slow change of the vessel adds little.
    seen = _half_square_difference(time, value, step, 1)
    stated = np.square(np.where(np.isfinite(sd) & (sd < _LARGEST), sd, np.nan)) - common**2
    known = np.isfinite(stated)
    if not known.any():
        variance, inflation = np.full(value.size, seen), 1.0
    else:
        variance = np.maximum(stated, 0.0)
        variance[~known] = variance[known].mean()
        inflation = _inflation(time, value, step, float(np.median(variance)))
    return _Points(time, value, variance, common, inflation, step)


def _half_square_difference(
    time: NDArray[np.float64], value: NDArray[np.float64], step: float, apart: int
) -> float:
    """Half of the mean square difference of points that many steps apart; 0 if there are none."""
    together = time[apart:] - time[:-apart] <= (apart - 1 + _LONGEST_STEP) * step
    difference = (value[apart:] - value[:-apart])[together]
    return 0.5 * float(np.mean(np.square(difference))) if difference.size else 0.0


def _inflation(
    time: NDArray[np.float64], value: NDArray[np.float64], step: float, stated: float
) -> float:
    """How many points tell as much as one of independent noise would.

    Noise that is stated but does not show in the differences of points is shared by them. Beyond
    neighbours no more is taken for shared than where each point resembles the one before: a sd
    that is stated too large would else look like noise without end.
    """
    shared, first = 0.0, 0.0
    for apart in range(1, min(_MOST_SHARED, time.size)):
        seen = _half_square_difference(time, value, step, apart)
        alike = 1.0 - seen / stated if stated > 0 and seen > 0 else 0.0
        if apart == 1:
            first = min(alike, 0.95)
        alike = min(alike, max(first, 0.0) ** apart)
        if alike <= 0.01:
            break
        shared += alike
    return 1.0 + 2.0 * shared


def diameter_of_windows(
    samples: Samples,
    common_sd_um: float,
    start_s: NDArray[np.float64],
    stop_s: NDArray[np.float64],
) -> WindowDiameter:
    """Mean diameter between `start_s` and `stop_s` of each window.

    Parameters
    ----------
    samples : Samples
        Diameter over time.
    common_sd_um : float
        Part of the standard deviations that all points share.
    start_s, stop_s : ndarray, shape (windows,)
        On the clock of the recording.

    Raises
    ------
    ParameterError
        If no point is usable.
    """
    points = _points(samples, common_sd_um)
    first = np.searchsorted(points.time_s, start_s, side="left")
    last = np.searchsorted(points.time_s, stop_s, side="left")
    count = np.maximum(last - first, 0)
    few = np.maximum(count, 1)
    # Off the first point, so that a small spread is not lost beside the square of the mean.
    away = points.value_um - points.value_um[0]

    def total(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return np.where(count > 0, sums[np.maximum(last, first)] - sums[first], 0.0)

    mean = total(away) / few
    spread = np.maximum(total(away**2) / few - mean**2, 0.0) * few / np.maximum(few - 1, 1)
    noise = total(points.variance_um2) / few
    effective = np.maximum(few / points.inflation, 1.0)
    variance = noise / effective
    if points.step_s > 0:
        # Lines of the window that were not measured may have differed as the others do.
        expected = np.maximum(np.rint((stop_s - start_s) / points.step_s), few)
        variance = variance + spread / few * (1.0 - few / expected) * points.inflation
    diameter = np.where(count > 0, mean + points.value_um[0], np.nan)
    read, read_variance = _between(points, 0.5 * (start_s + stop_s))
    inside = count == 0
    return WindowDiameter(
        diameter_um=np.where(inside, read, diameter),
        noise_sd_um=np.sqrt(np.where(inside, read_variance, variance)),
        common_sd_um=points.common_sd_um,
        points=count.astype(np.int64),
    )


def _between(
    points: _Points, at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Read off between two points that are further apart than a window is long."""
    if points.time_s.size < 2:
        nothing = np.full(at.shape, np.nan)
        return nothing, nothing
    after = np.clip(np.searchsorted(points.time_s, at), 1, points.time_s.size - 1)
    before = after - 1
    length = points.time_s[after] - points.time_s[before]
    share = (at - points.time_s[before]) / np.where(length > 0, length, 1.0)
    # An averaged point stands for half a step to each side of it.
    reach = 0.5 * points.step_s / np.where(length > 0, length, 1.0) + 1e-9
    inside = (share >= -reach) & (share <= 1.0 + reach) & (length <= _LONGEST_STEP * points.step_s)
    share = np.clip(share, 0.0, 1.0)
    read = points.value_um[before] + share * (points.value_um[after] - points.value_um[before])
    variance = (1 - share) ** 2 * points.variance_um2[before]
    variance = variance + share**2 * points.variance_um2[after]
    return np.where(inside, read, np.nan), np.where(inside, variance, np.nan)


def diameter_of_recording(samples: Samples, common_sd_um: float, windows: int) -> WindowDiameter:
    """One diameter for all windows: the median of the points, and how much they vary.

    For a diameter that was not recorded at the same time. What the vessel did during the windows
    is not known, so that its variation is an error of each.
    """
    points = _points(samples, common_sd_um)
    median = float(np.median(points.value_um))
    quarter = np.quantile(points.value_um, [0.25, 0.75])
    spread = float(quarter[1] - quarter[0]) / 1.349
    return WindowDiameter(
        diameter_um=np.full(windows, median),
        noise_sd_um=np.full(windows, spread),
        common_sd_um=points.common_sd_um,
        points=np.full(windows, points.value_um.size, np.int64),
    )
