"""Level and height of each beat, and indices of pulsatility with their intervals."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.rhythm.beat_times import phase_of
from cloudscope.analysis.rhythm.rate import STRONGLY_ATTENUATED
from cloudscope.analysis.rhythm.wave import design, wave_from

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.beat_search import Beats

__all__ = ["BeatHeights", "Interval", "beat_heights", "index_interval", "waveform_indices"]

_LEAST_FILLED = 0.5
_RESAMPLED = 1000
_BLOCK = 4
"""Beats that are drawn together: neighbours share noise and what is slower than a beat."""


@dataclass(frozen=True, eq=False, slots=True)
class BeatHeights:
    """One value a beat.

    Attributes
    ----------
    mean, mean_sd : ndarray
        Level of the beat.
    scale, scale_sd : ndarray
        Height over that of the common shape.
    peak, peak_sd, trough, trough_sd : ndarray
        Highest and lowest height, averaging undone; NaN where too little is left to do that.
    pulsatility, pulsatility_sd, resistivity, resistivity_sd : ndarray
        (Peak - trough) / mean, and (peak - trough) / peak; NaN where these are not above 0 by
        two standard deviations.
    valid_share : ndarray
        Share of the values of the beat that were measured.
    """

    mean: NDArray[np.float64]
    mean_sd: NDArray[np.float64]
    scale: NDArray[np.float64]
    scale_sd: NDArray[np.float64]
    peak: NDArray[np.float64]
    peak_sd: NDArray[np.float64]
    trough: NDArray[np.float64]
    trough_sd: NDArray[np.float64]
    pulsatility: NDArray[np.float64]
    pulsatility_sd: NDArray[np.float64]
    resistivity: NDArray[np.float64]
    resistivity_sd: NDArray[np.float64]
    valid_share: NDArray[np.float64]


def beat_heights(beats: Beats) -> BeatHeights:
    """Fit level and height of the common shape to the values of each beat.

    The highest of some noisy values is too high, the more so the noisier they are; the height of
    a fitted shape is not.
    """
    series, wave = beats.series, beats.wave
    count = beats.onset_s.size - 1
    used = np.flatnonzero(series.used)
    beat, share = phase_of(series.time_s[used], beats.onset_s)
    inside = (beat >= 0) & (beat < count)
    at, u = beat[inside], share[inside]
    value, trend = series.fast[used][inside], series.trend[used][inside]
    weight = series.weight[used][inside]
    height = wave.at(u)

    def total(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(at, numbers, minlength=count)[:count].astype(np.float64)

    values = total(np.ones(at.shape))
    expected = np.diff(beats.onset_s) / series.sampling_s
    valid = np.minimum(values / np.maximum(expected, 1e-9), 1.0)
    w, wh, whh = total(weight), total(weight * height), total(weight * height**2)
    wy, why, wt = total(weight * value), total(weight * height * value), total(weight * trend)
    determinant = w * whh - wh**2
    measured = (valid >= _LEAST_FILLED) & (values >= 3) & (determinant > 1e-9 * w * whh)
    w, whh, determinant = (np.where(measured, x, np.nan) for x in (w, whh, determinant))
    scale = (w * why - wh * wy) / determinant
    level = (whh * wy - wh * why) / determinant + wt / w
    scale_sd = np.sqrt(beats.noise * w / determinant)
    if np.isfinite(scale).any():
        # Each onset was moved to where its own noise helps; the common shape is free of that.
        common = max(float(np.nanmean(scale)), 1.0)
        scale, scale_sd = scale / common, scale_sd / common
    level_sd = np.sqrt(beats.level_noise * whh / determinant)
    top, bottom = beats.shape().extremes()
    if beats.attenuation < STRONGLY_ATTENUATED:
        top, bottom = nan, nan
    peak, trough = level + scale * top, level + scale * bottom
    peak_sd = np.hypot(level_sd, scale_sd * top)
    trough_sd = np.hypot(level_sd, scale_sd * bottom)
    pulse, pulse_sd = scale * (top - bottom), scale_sd * (top - bottom)
    mean_ok = np.where(level > 2 * level_sd, level, np.nan)
    peak_ok = np.where(peak > 2 * peak_sd, peak, np.nan)
    pulsatility, resistivity = pulse / mean_ok, pulse / peak_ok
    return BeatHeights(
        mean=level,
        mean_sd=level_sd,
        scale=scale,
        scale_sd=scale_sd,
        peak=peak,
        peak_sd=peak_sd,
        trough=trough,
        trough_sd=trough_sd,
        pulsatility=pulsatility,
        pulsatility_sd=np.hypot(pulse_sd / mean_ok, pulsatility * level_sd / mean_ok),
        resistivity=resistivity,
        # Peak - trough is part of the peak: RI = 1 - trough / peak.
        resistivity_sd=np.hypot(pulse_sd * level / peak_ok**2, pulse * level_sd / peak_ok**2),
        valid_share=valid,
    )


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with its 95 % interval; NaN where it is not known."""

    value: float = nan
    low: float = nan
    high: float = nan


def _draws(count: int) -> NDArray[np.intp]:
    """Blocks of neighbours, drawn with replacement: the same draws for the same count."""
    rng = np.random.default_rng(20_251_125)
    block = min(_BLOCK, count)
    blocks = -(-count // block)
    start = rng.integers(0, count, (_RESAMPLED, blocks))
    drawn = (start[:, :, None] + np.arange(block)).reshape(_RESAMPLED, -1)[:, :count]
    return np.asarray(drawn % count, np.intp)


def index_interval(part: NDArray[np.float64], whole: NDArray[np.float64]) -> Interval:
    """Mean of one quantity over the mean of another, with its bootstrap interval.

    The mean of the beats' own ratios would be too high: a beat whose level noise made low counts
    for more.

    Parameters
    ----------
    part, whole : ndarray, shape (n,)
        In the order of time; beats with NaN do not count.

    References
    ----------
    .. [1] H. R. Künsch, "The jackknife and the bootstrap for general stationary observations",
       Annals of Statistics 17 (1989) 1217-1241.
    """
    known = np.isfinite(part) & np.isfinite(whole)
    part, whole = part[known], whole[known]
    if part.size == 0 or not whole.mean() > 0:
        return Interval()
    value = float(part.mean() / whole.mean())
    if part.size < 2 * _BLOCK:
        return Interval(value)
    draws = _draws(part.size)
    below = whole[draws].mean(axis=1)
    ratios = part[draws].mean(axis=1)[below > 0] / below[below > 0]
    low, high = np.quantile(ratios, (0.025, 0.975))
    return Interval(value, float(low), float(high))


def waveform_indices(
    beats: Beats, heights: BeatHeights, accepted: NDArray[np.bool_]
) -> tuple[Interval, Interval]:
    """Pulsatility and resistivity index of the phase-averaged shape, over accepted beats.

    The bootstrap draws beats, with all their values, and fits the shape again.
    """
    chosen = np.flatnonzero(accepted & np.isfinite(heights.mean))
    if chosen.size < 2 * _BLOCK or beats.attenuation < STRONGLY_ATTENUATED:
        return Interval(), Interval()
    top, bottom = beats.shape().extremes()
    level = float(heights.mean[chosen].mean())
    if not level > 0 or not level + top > 0:
        return Interval(), Interval()
    # What fitted phases make of noise is taken off the shape; the draws get the same share.
    series, harmonics = beats.series, beats.wave.harmonic.size
    used = np.flatnonzero(series.used)
    beat, share = phase_of(series.time_s[used], beats.onset_s)
    size = 2 * harmonics + 1
    normal = np.zeros((chosen.size, size, size))
    right = np.zeros((chosen.size, size))
    place = np.full(beats.onset_s.size + 1, -1)
    place[chosen] = np.arange(chosen.size)
    mine = np.where((beat >= 0) & (beat < beats.onset_s.size - 1), place[beat], -1)
    inside = mine >= 0
    columns = design(share[inside], harmonics)
    weight, value = series.weight[used][inside], series.fast[used][inside]
    for row in range(size):
        np.add.at(right[:, row], mine[inside], weight * columns[:, row] * value)
        for column in range(size):
            product = weight * columns[:, row] * columns[:, column]
            np.add.at(normal[:, row, column], mine[inside], product)
    draws = _draws(chosen.size)
    counts = np.zeros((_RESAMPLED, chosen.size))
    np.add.at(counts, (np.repeat(np.arange(_RESAMPLED), draws.shape[1]), draws.ravel()), 1.0)
    summed = np.tensordot(counts, normal, axes=1) + 1e-9 * np.eye(size)
    solved = np.linalg.solve(summed, (counts @ right)[:, :, None])[:, :, 0]
    whole = np.linalg.solve(normal.sum(axis=0) + 1e-9 * np.eye(size), right.sum(axis=0))
    plain = wave_from(np.asarray(whole, np.float64)).harmonic
    undone = beats.shape().harmonic / np.where(np.abs(plain) > 0, plain, 1.0)
    levels = counts @ heights.mean[chosen] / chosen.size
    pulsatility, resistivity = np.empty(_RESAMPLED), np.empty(_RESAMPLED)
    for draw in range(_RESAMPLED):
        wave = wave_from(solved[draw])
        high, low = wave.scaled(undone).extremes()
        pulsatility[draw] = (high - low) / levels[draw]
        resistivity[draw] = (high - low) / max(levels[draw] + high, 1e-300)
    ends = (0.025, 0.975)
    by_mean, by_peak = np.quantile(pulsatility, ends), np.quantile(resistivity, ends)
    return (
        Interval((top - bottom) / level, float(by_mean[0]), float(by_mean[1])),
        Interval((top - bottom) / (level + top), float(by_peak[0]), float(by_peak[1])),
    )
