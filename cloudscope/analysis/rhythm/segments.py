"""The rate of overlapping parts of a series, and its mean over the recording."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import next_fast_len

from cloudscope.analysis.rhythm.periodogram import periodogram
from cloudscope.analysis.rhythm.rate import Rate, described
from cloudscope.analysis.rhythm.spectrum import (
    LEAST_PERIODS,
    Band,
    Spectrum,
    highest_peak,
    resolution,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.background import Background
    from cloudscope.analysis.rhythm.series import EvenSeries

__all__ = [
    "SEGMENT_PERIODS",
    "Segment",
    "SegmentChoice",
    "beat_wander",
    "mean_rate",
    "segment_rates",
]

SEGMENT_PERIODS = 24.0
"""Periods of the slowest rate in a segment, if its length is not given."""

_HARMONICS = (1 / 3, 1 / 2, 2.0, 3.0)
_BLOCK_BEATS = 2.0

_NEAR = (0.75, 1.33)
"""Where the rate of a part is looked for first, as a share of that of the recording."""


@dataclass(frozen=True, slots=True)
class SegmentChoice:
    """How a recording is parted.

    Attributes
    ----------
    length_s, step_s : float
        Length of a part, and from one to the next.
    least_valid_share : float
        Parts with a smaller share of values are not measured.
    false_alarm_limit : float
        A larger probability is not significant.
    """

    length_s: float
    step_s: float
    least_valid_share: float
    false_alarm_limit: float


@dataclass(frozen=True, slots=True)
class Segment:
    """The rate of a part of a series, from `start_s` to `stop_s`."""

    start_s: float
    stop_s: float
    valid_share: float
    rate: Rate


def segment_rates(
    series: EvenSeries,
    band: Band,
    spectrum: Spectrum,
    whole: Rate,
    choice: SegmentChoice,
    *,
    checkpoint: Callable[[float], None],
) -> list[Segment]:
    """The rate of overlapping parts of a series, each judged against the common background.

    Parameters
    ----------
    series : EvenSeries
    band : Band
    spectrum : Spectrum
        Of the whole series.
    whole : Rate
        Of the whole series; a significant peak near it goes before a higher one elsewhere.
    choice : SegmentChoice
        A series that is not longer than a part is one part.
    checkpoint : callable
        Called with the finished share.
    """
    size = series.value.size
    long = min(max(round(choice.length_s / series.step_s), 2), size)
    count = 1 + int((size - long) * series.step_s / choice.step_s + 1e-9)
    background = spectrum.background
    if isfinite(whole.frequency_hz):
        background = background.without(whole.frequency_hz, spectrum.blur_hz)
    parts = []
    for number in range(count):
        checkpoint(number / count)
        first = min(round(number * choice.step_s / series.step_s), size - long)
        begin = series.start_s + first * series.step_s - 0.5 * series.sampling_s
        stop = begin + (long - 1) * series.step_s + series.sampling_s
        values = int(np.count_nonzero(series.weight[first : first + long]))
        # Where the grid is finer than the values, one more of them may fall into a part.
        share = min(values * series.sampling_s / (long * series.step_s), 1.0)
        if long * series.step_s < LEAST_PERIODS / band.low_hz:
            rate = Rate(status="too short")
        elif share < choice.least_valid_share or values < 8:
            rate = Rate(status="too few values")
        else:
            part = slice(first, first + long)
            limit = choice.false_alarm_limit
            rate = _part_rate(series, part, band, background, spectrum, whole, limit)
        parts.append(Segment(begin, stop, share, rate))
    checkpoint(1.0)
    wander, _ = beat_wander(series, [one for one in parts if one.rate.status == "ok"])
    return [_with_wander(one, wander) for one in parts]


def _with_wander(segment: Segment, wander: float) -> Segment:
    extra = _wander_variance(wander, segment.stop_s - segment.start_s)
    sd = sqrt(segment.rate.sd_hz**2 + extra)
    return replace(segment, rate=replace(segment.rate, sd_hz=sd))


def _part_rate(
    series: EvenSeries,
    part: slice,
    band: Band,
    background: Background,
    spectrum: Spectrum,
    whole: Rate,
    false_alarm_limit: float,
) -> Rate:
    value, weight = series.fast[part], series.weight[part]
    one = periodogram(
        value,
        weight,
        series.step_s,
        float(spectrum.whole.frequency_hz[0]),
        float(spectrum.whole.frequency_hz[-1]),
        grid=int(next_fast_len(8 * value.size, real=True)),
    )
    width = band.high_hz - band.low_hz
    peak = highest_peak(one, background, band.low_hz, band.high_hz, band_hz=width)
    if peak is not None and whole.status == "ok":
        low, high = (factor * whole.frequency_hz for factor in _NEAR)
        if not low <= peak.frequency_hz <= high:
            near = highest_peak(one, background, low, high, band_hz=width)
            apart = peak.frequency_hz / whole.frequency_hz
            harmonic = min(abs(apart / other - 1) for other in _HARMONICS) < 0.1
            if near is not None and (harmonic or near.false_alarm_probability <= false_alarm_limit):
                peak = near
    if peak is None:
        return Rate(status="too short")
    return described(
        series,
        peak,
        peak.false_alarm_probability,
        1,
        band,
        false_alarm_limit,
        margin_hz=0.25 * resolution(one),
    )


def _wander_variance(wander: float, time_s: float) -> float:
    """Variance of a fitted rate about that of counted beats, by what the phase strays.

    A fit weighs the middle of its time more than the ends, by which beats are counted. Where the
    phase strays by more than a radian the peak breaks up, and finding it costs more.
    """
    strayed = 4 * pi**2 * wander * time_s
    return 0.2 * wander / time_s * (1.0 + 0.1 * strayed)


def mean_rate(
    series: EvenSeries, whole: Rate, segments: list[Segment]
) -> tuple[float, float, float]:
    """Mean rate of a recording, its standard deviation, and how much the rate itself varies (Hz).

    A rate that keeps constant is known best from all values at once. If the parts differ by more
    than their own uncertainty, it is the mean over the parts, and what it does in gaps is unknown.

    Parameters
    ----------
    series : EvenSeries
    whole : Rate
    segments : list of Segment
        With the wander of the beats in their standard deviations.
    """
    sure = [one for one in segments if one.rate.status == "ok"]
    wander, wander_sd = beat_wander(series, sure)
    duration = series.duration_s
    alone = (whole.frequency_hz, sqrt(whole.sd_hz**2 + _wander_variance(wander, duration)), nan)
    if len(sure) < 3:
        return alone
    rate = np.array([one.rate.frequency_hz for one in sure])
    sd = np.array([one.rate.sd_hz for one in sure])
    length = float(np.mean([one.stop_s - one.start_s for one in sure]))
    independent = min(duration / length, float(len(sure)))
    plausible = np.abs(rate / np.median(rate) - 1) <= 0.25
    rate, sd = rate[plausible], sd[plausible]
    center = np.array([0.5 * (one.start_s + one.stop_s) for one in sure])[plausible]
    # Where parts are missing, a rate that rises or falls must not count for too little or much.
    slope = float(np.polyfit(center - center.mean(), rate, 1)[0]) if rate.size > 2 else 0.0
    middle = series.start_s + 0.5 * (series.value.size - 1) * series.step_s
    mean = float(rate.mean()) + slope * (middle - float(center.mean()))
    own = max(float(rate.var()) - float(np.mean(sd**2)), 0.0)
    if independent < 2 or rate.size < 3:
        return alone
    scatter = float(np.mean(((rate - mean) / sd) ** 2)) * independent / (independent - 1)
    constant = scatter < 1 + 2.5 * sqrt(2 / independent)
    strayed = 4 * pi**2 * (wander - 2 * wander_sd) * duration
    if constant and strayed < 1:
        return alone[0], alone[1], sqrt(own)
    missed = 1.0 - series.valid_share * rate.size / len(segments)
    variance = (float(np.mean(sd**2)) + own * missed) / independent
    return mean, sqrt(variance), sqrt(own)


def beat_wander(series: EvenSeries, segments: list[Segment]) -> tuple[float, float]:
    """How fast the phase of the beats strays from a clock's, and the standard deviation of that.

    Both as a variance in cycles, a second.

    Phases of blocks of a few beats are compared with those of the next and of the one after that:
    noise adds the same to both, what strays adds twice to the second.
    """
    once: list[NDArray[np.float64]] = []
    twice: list[NDArray[np.float64]] = []
    length_s = 0.0
    for one in segments[:: max(1, len(segments) // 200)]:
        frequency = one.rate.frequency_hz
        block = max(round(_BLOCK_BEATS / frequency / series.step_s), 2)
        first = round((one.start_s - series.start_s) / series.step_s + 0.5)
        last = round((one.stop_s - series.start_s) / series.step_s)
        count = (last - max(first, 0)) // block
        if count < 6:
            continue
        part = slice(max(first, 0), max(first, 0) + count * block)
        weight = series.weight[part].reshape(count, block)
        turn = np.exp(-2j * pi * frequency * series.step_s * np.arange(count * block))
        wave = (series.fast[part] * turn).reshape(count, block)
        phasor = (weight * wave).sum(axis=1)
        filled = (weight > 0).sum(axis=1) >= 0.6 * block * series.step_s / series.sampling_s
        step = np.angle(phasor[1:] * phasor[:-1].conj()) / (2 * pi)
        known = filled[1:] & filled[:-1]
        if known.sum() < 5:
            continue
        at = np.arange(step.size)
        step = step - np.polyval(np.polyfit(at[known], step[known], 1), at)
        step *= sqrt(known.sum() / (known.sum() - 2))
        once.append(step[known])
        pair = known[1:] & known[:-1]
        twice.append((step[1:] + step[:-1])[pair])
        length_s = block * series.step_s
    if not once or sum(part.size for part in twice) < 8:
        return 0.0, 0.0
    first_square = float(np.mean(np.concatenate(once) ** 2))
    second_square = float(np.mean(np.concatenate(twice) ** 2))
    # Segments overlap: what they share counts once.
    number = min(sum(part.size for part in twice), series.duration_s / length_s)
    sd = sqrt(2.0 / max(number, 2.0)) * second_square
    return max(second_square - first_square, 0.0) / length_s, sd / length_s
