"""The course of the flow: its samples on an even clock, its direction, and what is usual."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.brightness.smoothing import filled, median
from cloudscope.analysis.samples import samples_of
from cloudscope.analysis.slow_windows import slow_but_precise
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Course", "box_mean", "read_course", "runs", "usual_speed"]

_LARGEST = 1e100
"""Larger numbers, whose squares are none, count as not measured."""
_MOST_UNEVEN = 50
"""Cells of the even clock for each sample; beyond, the samples have no common step."""
_BASELINE_BLOCKS = 48
_LEAST_IN_BLOCK = 0.25


@dataclass(frozen=True, eq=False)
class Course:
    """Velocity along the prevailing direction, on an even clock.

    Attributes
    ----------
    time_s : ndarray, shape (n,)
    speed : ndarray, shape (n,)
        Velocity times `direction` (µm/s); NaN where none was measured. Spikes shorter than half
        the shortest event are gone.
    sd : ndarray, shape (n,)
        One standard deviation of each sample (µm/s); 0 where the result gives none.
    step_s, window_s : float
        From a sample to the next, and the time a sample is a mean over.
    direction : int
        1 if most of the flow is towards larger columns, else -1.
    """

    time_s: NDArray[np.float64]
    speed: NDArray[np.float64]
    sd: NDArray[np.float64]
    step_s: float
    window_s: float
    direction: int

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where there is a measurement."""
        return np.isfinite(self.speed)

    @property
    def start_s(self) -> float:
        """Where the first sample's window begins."""
        first = float(self.time_s[0])
        begin = first - 0.5 * max(self.window_s, self.step_s)
        # The first line is at 0: a window that begins with it does not begin before.
        return max(begin, min(first, 0.0))

    @property
    def stop_s(self) -> float:
        """Where the last sample's window ends."""
        return float(self.time_s[-1] + 0.5 * max(self.window_s, self.step_s))

    def samples(self, duration_s: float) -> int:
        """How many samples a duration is, at least one."""
        return max(1, round(min(duration_s / self.step_s, 2.0 * self.time_s.size + 1)))

    def mean_sd(self, width: int) -> NDArray[np.float64]:
        """Standard deviation of the mean of `width` samples around each, from their own.

        Windows that overlap share their noise: a mean over less than a window is no better than
        one sample, and one over k windows has k independent ones.
        """
        variance = box_mean(np.where(self.known, self.sd**2, np.nan), width, 0.0)
        independent = max(1.0, width * self.step_s / max(self.window_s, self.step_s))
        root: NDArray[np.float64] = np.sqrt(np.nan_to_num(variance) / independent)
        return root


def box_mean(values: NDArray[np.float64], width: int, least_share: float) -> NDArray[np.float64]:
    """Mean of `width` samples around each; NaN where less than a share of `width` is known.

    Examples
    --------
    >>> box_mean(np.array([0.0, 3.0, np.nan, np.nan, 0.0]), 3, 0.5)
    array([1.5, 1.5, nan, nan, nan])
    """
    known = np.isfinite(values)
    before, after = width // 2, width - width // 2
    at = np.arange(values.size)
    first, stop = np.maximum(at - before, 0), np.minimum(at + after, values.size)
    total = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
    count = np.concatenate([[0], np.cumsum(known)])
    inside = count[stop] - count[first]
    enough = (inside > 0) & (inside >= least_share * width)
    mean = np.full(values.size, np.nan)
    np.divide(total[stop] - total[first], inside, out=mean, where=enough)
    return mean


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open index ranges in which `flags` holds.

    Examples
    --------
    >>> runs(np.array([True, True, False, True]))
    [(0, 2), (3, 4)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def window_of(result: AnalysisResult, step_s: float) -> float:
    """The time one sample of a result is a mean over (s)."""
    columns, period = result.columns, result.calibration.line_period_s
    if period and "row_start" in columns and "row_stop" in columns and columns["row_start"].size:
        lines = np.median(np.asarray(columns["row_stop"]) - np.asarray(columns["row_start"]))
        if np.isfinite(lines) and lines > 0:
            return float(lines * period)
    return step_s


def read_course(velocity: AnalysisResult, shortest_s: float) -> Course | None:
    """The course of a velocity result, or ``None`` if it has no rows.

    Parameters
    ----------
    velocity : AnalysisResult
    shortest_s : float
        Duration of the shortest event: samples are replaced by the median of half as many.

    Raises
    ------
    ParameterError
        If the times do not rise, or have no common step.
    """
    samples = samples_of(velocity)
    time = samples.time_s
    if time.size == 0:
        return None
    if not np.isfinite(time).all() or (np.diff(time) <= 0).any():
        raise ParameterError(
            "velocity has times that do not rise from row to row: sort its rows by time_s"
        )
    step = samples.step_s
    if time.size == 1:
        step = window_of(velocity, 1.0)
    span = (time[-1] - time[0]) / step
    if span > _MOST_UNEVEN * time.size:
        raise ParameterError(
            f"velocity has uneven times: {time.size} rows with a median step of {step:g} s span "
            f"{time[-1] - time[0]:g} s; give samples on an even clock"
        )
    cell = np.rint((time - time[0]) / step).astype(np.intp)
    count = int(cell[-1]) + 1
    usable = samples.usable & (np.abs(np.nan_to_num(samples.value)) < _LARGEST)
    usable |= slow_but_precise(velocity, samples, usable)
    value, sd = np.full(count, np.nan), np.zeros(count)
    value[cell[usable]] = samples.value[usable]
    known_sd = usable & (np.nan_to_num(samples.sd, nan=-1.0) >= 0) & (samples.sd < _LARGEST)
    sd[cell[known_sd]] = samples.sd[known_sd]
    width = min(max(1, int(0.5 * shortest_s / step)), count)
    if usable.any() and width >= 3:
        value = np.where(np.isfinite(value), median(filled(value), width), np.nan)
    middle = float(np.median(value[np.isfinite(value)])) if usable.any() else 0.0
    direction = _direction(value, middle)
    return Course(
        time_s=time[0] + step * np.arange(count),
        speed=value * direction,
        sd=sd,
        step_s=step,
        window_s=window_of(velocity, step),
        direction=direction,
    )


def _direction(value: NDArray[np.float64], middle: float) -> int:
    """Sign of the flow where it flows: a vessel that mostly stalls still has one."""
    known = value[np.isfinite(value)]
    if not known.size:
        return 1
    fast = known[np.abs(known) >= 0.5 * np.percentile(np.abs(known), 90)]
    balance = float(np.sign(fast).sum())
    return -1 if (balance or middle) < 0 else 1


def usual_speed(course: Course, apart: NDArray[np.bool_], baseline_s: float) -> NDArray[np.float64]:
    """Running median of the speed over `baseline_s`, without what is `apart`.

    Parameters
    ----------
    course : Course
    apart : ndarray of bool, shape (n,)
        Samples of events, which are not what is usual.
    baseline_s : float

    Returns
    -------
    ndarray, shape (n,)
        µm/s along the flow; NaN throughout if nothing was measured.
    """
    chosen = course.known & ~apart
    if not chosen.any():
        chosen = course.known
    if not chosen.any():
        return np.full(course.time_s.size, np.nan)
    values = np.where(chosen, course.speed, np.nan)
    width = course.samples(baseline_s)
    if width >= values.size:
        return np.full(values.size, float(np.median(values[chosen])))
    # Medians of blocks: as robust, and no slower for an hour than for a minute.
    block = max(1, width // _BASELINE_BLOCKS)
    count = -(-values.size // block)
    padded = np.full(count * block, np.nan)
    padded[: values.size] = values
    rows = padded.reshape(count, block)
    enough = np.isfinite(rows).sum(axis=1) >= max(1.0, _LEAST_IN_BLOCK * block)
    level = np.full(count, np.nan)
    if not enough.any():
        return np.full(values.size, float(np.median(values[chosen])))
    level[enough] = np.nanmedian(rows[enough], axis=1)
    size = min(2 * (width // block // 2) + 1, 2 * (count // 2) + 1)
    # Mirrored about the ends, so that the first seconds are compared with the next ones.
    smooth = median_filter(filled(level), size=size, mode="reflect")
    middle = (np.arange(count) + 0.5) * block - 0.5
    usual: NDArray[np.float64] = np.interp(np.arange(values.size), middle, smooth)
    return usual
