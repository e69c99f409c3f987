"""A measured course as evenly spaced, weighted values without slow changes and outliers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import oaconvolve

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.samples import Samples

__all__ = ["EvenSeries", "even_series", "retrended"]

_MOST_POINTS = 20_000_000
_FINER = 16
"""How much finer than the median spacing the grid is for times that are not evenly spaced."""

_SIGN_ERRORS = 0.2
"""Largest share of values against the common direction that is taken for errors of sign."""


@dataclass(frozen=True, slots=True)
class EvenSeries:
    """Values on an even grid in time; the weight is 0 where nothing was measured.

    Attributes
    ----------
    start_s, step_s : float
        Time of the first point, and spacing of the grid.
    value : ndarray, shape (n,)
        As measured, turned so that the mean is positive where values have a sign; 0 in gaps.
    trend : ndarray, shape (n,)
        What is slower than the slowest rate.
    fast : ndarray, shape (n,)
        `value` less `trend`; 0 in gaps.
    weight : ndarray, shape (n,)
        About 1, less where the standard deviation is large, 0 in gaps.
    sampling_s : float
        Median spacing of the measured values.
    averaged_s : float
        Time over which one value is an average.
    sigma_s : float
        Standard deviation of the Gaussian that makes the trend.
    expected : int
        How many values there would be without gaps.
    outliers : int
        How many values were left out.
    """

    start_s: float
    step_s: float
    value: NDArray[np.float64]
    trend: NDArray[np.float64]
    fast: NDArray[np.float64]
    weight: NDArray[np.float64]
    sampling_s: float
    averaged_s: float
    sigma_s: float
    expected: int
    outliers: int

    @property
    def used(self) -> NDArray[np.bool_]:
        """Which points of the grid were measured."""
        return self.weight > 0

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Time of each point of the grid."""
        time: NDArray[np.float64] = self.start_s + self.step_s * np.arange(
            self.value.size, dtype=np.float64
        )
        return time

    @property
    def duration_s(self) -> float:
        """From half a spacing before the first value to half a spacing after the last."""
        return (self.value.size - 1) * self.step_s + self.sampling_s

    @property
    def valid_share(self) -> float:
        """Share of the values that were measured and used."""
        return int(np.count_nonzero(self.weight)) / max(self.expected, 1)

    def attenuation(self, frequency_hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """What averaging over `averaged_s` leaves of an oscillation; negative beyond its null."""
        left: NDArray[np.float64] = np.sinc(np.asarray(frequency_hz) * self.averaged_s)
        return left

    def kept(self, frequency_hz: NDArray[np.float64] | float) -> NDArray[np.float64]:
        """What taking off the trend leaves of an oscillation."""
        wave = 2 * np.pi * self.sigma_s * np.asarray(frequency_hz)
        left: NDArray[np.float64] = -np.expm1(-0.5 * wave**2)
        return left


def retrended(series: EvenSeries, rhythm: NDArray[np.float64]) -> EvenSeries:
    """The same series with the trend of what a rhythm leaves.

    Between gaps a trend follows a part of the rhythm, which would then be too low.

    Parameters
    ----------
    series : EvenSeries
    rhythm : ndarray, shape (n,)
        Height of the rhythm at each point of the grid; 0 where it is not known.
    """
    at = np.flatnonzero(series.used)
    trend = _trend(
        at,
        (series.value - rhythm)[at],
        series.weight[at],
        series.sigma_s / series.step_s,
        series.value.size,
    )
    return replace(series, trend=trend, fast=np.where(series.used, series.value - trend, 0.0))


def even_series(
    samples: Samples,
    *,
    lowest_hz: float,
    averaged_s: float,
    outlier_limit: float,
    values: str = "auto",
) -> EvenSeries | None:
    """Bring samples to an even grid, take off what is slow, and leave out what is far away.

    Parameters
    ----------
    samples : Samples
        In any order of time.
    lowest_hz : float
        Slowest rate of interest: the trend is a Gaussian mean (locally linear) that takes less
        than 1 % of it.
    averaged_s : float
        Time over which one sample is an average.
    outlier_limit : float
        Values further than this many robust standard deviations from the trend are left out.
    values : {"auto", "speed", "signed"}
        Whether the sign is dropped; ``auto`` drops it if a few values, as errors are, have the
        other one.

    Returns
    -------
    EvenSeries or None
        ``None`` if fewer than eight samples can be used, or they are all equal.

    Raises
    ------
    ParameterError
        If two samples have one time, or the times span too much for their spacing.
    """
    timed = np.isfinite(samples.time_s)
    order = np.argsort(samples.time_s[timed], kind="stable")
    time = samples.time_s[timed][order]
    value, sd = samples.value[timed][order], samples.sd[timed][order]
    usable = samples.usable[timed][order] & (np.abs(value) < 1e100)
    if int(usable.sum()) < 8:
        return None
    spacing = np.diff(time)
    if spacing.min() <= 0:
        again = float(time[1:][spacing <= 0][0])
        raise ParameterError(f"time_s={again:g} occurs more than once: give one value a time")
    sampling = float(np.median(spacing))
    at, step = _grid(time, sampling)
    at, value, sd = at[usable], value[usable], sd[usable]
    value = _turned(value, values)
    scale = float(np.abs(value).max())
    if np.ptp(value) <= 1e-12 * scale:
        return None
    sigma_s = 0.5 / lowest_hz
    sigma = sigma_s / step
    size = int(at[-1]) + 1
    good = np.abs(value - np.median(value)) <= 1.5 * outlier_limit * _spread(value) + 1e-12 * scale
    weight = _weights(sd, _spread(value[good]))
    fast = value
    trend = np.zeros(size)
    for _ in range(3):
        trend = _trend(at, value, weight * good, sigma, size)
        fast = value - trend[at]
        spread = _spread(fast[good])
        good = np.abs(fast) <= outlier_limit * spread + 1e-12 * scale
        if int(good.sum()) < 8:
            return None
    if np.abs(fast[good]).max() <= 1e-9 * scale:
        return None
    weight = _weights(sd, _spread(fast[good])) * good

    def on_grid(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        full = np.zeros(size)
        full[at] = numbers
        return full

    return EvenSeries(
        start_s=float(time[0]),
        step_s=step,
        value=on_grid(np.where(good, value, 0.0)),
        trend=trend,
        fast=on_grid(np.where(good, fast, 0.0)),
        weight=on_grid(weight),
        sampling_s=sampling,
        averaged_s=averaged_s,
        sigma_s=sigma_s,
        expected=round((time[-1] - time[0]) / sampling) + 1,
        outliers=int((~good).sum()),
    )


def _grid(time: NDArray[np.float64], sampling: float) -> tuple[NDArray[np.intp], float]:
    """Place of each time on an even grid, and the spacing of that."""
    points = (time[-1] - time[0]) / sampling
    # The median spacing carries a rounding error that adds up over a long recording.
    step = float(time[-1] - time[0]) / max(round(points), 1)
    place = (time - time[0]) / step
    if points >= _MOST_POINTS or np.abs(place - np.rint(place)).max() > 0.05:
        step = sampling / _FINER
        place = (time - time[0]) / step
        if place[-1] >= _MOST_POINTS:
            raise ParameterError(
                f"time_s spans {time[-1] - time[0]:g} s in steps of {sampling:g} s: give a "
                "recording without such long breaks"
            )
    at = np.rint(place).astype(np.intp)
    # Two samples much closer than the rest fall on one point: the later one moves on.
    return np.maximum.accumulate(at - np.arange(at.size)) + np.arange(at.size), step


def _turned(value: NDArray[np.float64], values: str) -> NDArray[np.float64]:
    direction = -1.0 if np.median(value) < 0 else 1.0
    against = float(np.mean(value * direction < 0))
    if values == "speed" or (values == "auto" and against <= _SIGN_ERRORS):
        return np.abs(value)
    return value * direction


def _spread(value: NDArray[np.float64]) -> float:
    """Robust standard deviation; unlike the median deviation it bears a beat of short pulses."""
    low, high = np.quantile(value, (0.1, 0.9))
    return float(high - low) / 2.563


def _weights(sd: NDArray[np.float64], spread: float) -> NDArray[np.float64]:
    known = np.isfinite(sd)
    typical = float(np.median(sd[known])) if known.any() else 0.0
    variance = np.minimum(np.where(known, sd, typical), 1e100) ** 2
    # The scatter about the trend counts for every value: a tiny standard deviation must not
    # make one sample all there is.
    floor = spread**2 + float(np.median(variance))
    if floor <= 0:
        return np.ones(sd.shape)
    weight: NDArray[np.float64] = floor / (spread**2 + variance + 1e-12 * floor)
    return np.minimum(weight, 2.0)


def _trend(
    at: NDArray[np.intp],
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    sigma: float,
    size: int,
) -> NDArray[np.float64]:
    """Locally linear mean under a Gaussian, by its moments; the mean far from any value."""
    center = float(np.average(value, weights=weight))
    w, wy = np.zeros(size), np.zeros(size)
    w[at], wy[at] = weight, weight * (value - center)
    reach = min(max(ceil(4.0 * sigma), 1), size)
    # Samples a thousand times further apart than the Gaussian is wide have no neighbours in it.
    offset = np.arange(-reach, reach + 1) / max(sigma, 1e-3)
    kernel = np.exp(-0.5 * offset**2)

    def moment(numbers: NDArray[np.float64], power: int) -> NDArray[np.float64]:
        # A convolution turns the kernel round: odd moments change their sign.
        wide = oaconvolve(numbers, kernel * (-offset) ** power)
        return np.asarray(wide[reach : reach + size], dtype=np.float64)

    s0, s1, s2 = moment(w, 0), moment(w, 1), moment(w, 2)
    t0, t1 = moment(wy, 0), moment(wy, 1)
    # A little shrinkage of the slope: values on one side only must not be led on for long.
    steady = s2 + 0.05 * s0 + 1e-9
    return center + (steady * t0 - s1 * t1) / np.maximum(steady * s0 - s1**2, 1e-9 * size)
