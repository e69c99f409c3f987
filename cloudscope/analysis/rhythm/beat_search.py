"""From a series with a known rate to the onsets of its beats and their common shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.rhythm.beat_path import beat_path
from cloudscope.analysis.rhythm.beat_times import BeatTimes, phase_of
from cloudscope.analysis.rhythm.periodogram import periodogram
from cloudscope.analysis.rhythm.rate import STRONGLY_ATTENUATED
from cloudscope.analysis.rhythm.series import EvenSeries, retrended
from cloudscope.analysis.rhythm.wave import Wave, fit_wave

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.rate import Rate
    from cloudscope.analysis.rhythm.segments import Segment
    from cloudscope.analysis.rhythm.spectrum import Spectrum

__all__ = ["Beats", "find_beats", "harmonics_seen"]

_MOST_HARMONICS = 6
_SURE_PHASE = 0.03
"""Standard deviation of a phase (cycles) from which on a value counts half for the shape."""

_TRACKED_BEATS = 3.0
"""Standard deviation of the smoothing of the first guess of the phase, in beats."""


@dataclass(frozen=True, eq=False, slots=True)
class Beats:
    """Onsets of beats, one more than there are beats, and their shape.

    Attributes
    ----------
    series : EvenSeries
        With the trend of what the beats leave.
    onset_s, onset_sd_s : ndarray, shape (n + 1,)
    interval_sd_s : ndarray, shape (n,)
    change_sd_s : ndarray, shape (n - 1,)
        Of the differences of successive intervals.
    wave : Wave
        As seen, with what the window leaves of it.
    frequency_hz : float
        Rate of the recording.
    noise : float
        Variance of a value by noise at the rate of the heart.
    level_noise : float
        The same at the slowest rate: how well the mean of a beat is known.
    """

    series: EvenSeries
    onset_s: NDArray[np.float64]
    onset_sd_s: NDArray[np.float64]
    interval_sd_s: NDArray[np.float64]
    change_sd_s: NDArray[np.float64]
    wave: Wave
    frequency_hz: float
    noise: float
    level_noise: float

    @property
    def attenuation(self) -> float:
        """What averaging leaves of the first harmonic."""
        return abs(float(self.series.attenuation(self.frequency_hz)))

    def shape(self) -> Wave:
        """The common shape with averaging undone; as seen where too little is left of it."""
        if self.attenuation < STRONGLY_ATTENUATED:
            return self.wave
        at = np.asarray(self.frequency_hz * np.arange(1.0, self.wave.harmonic.size + 1), np.float64)
        return self.wave.scaled(1.0 / self.series.attenuation(at))


def harmonics_seen(series: EvenSeries, frequency_hz: float) -> int:
    """How many harmonics of a rate the window and the sampling leave; at least 1."""
    at = np.asarray(frequency_hz * np.arange(1.0, _MOST_HARMONICS + 1), np.float64)
    seen = series.attenuation(at) >= STRONGLY_ATTENUATED
    seen &= at <= 0.9 * 0.5 / series.sampling_s
    return max(int(np.argmin(seen)) if not seen.all() else _MOST_HARMONICS, 1)


def find_beats(
    series: EvenSeries,
    spectrum: Spectrum,
    whole: Rate,
    segments: list[Segment],
    *,
    checkpoint: Callable[[float], None],
) -> Beats | None:
    """The beats of a series whose rate is significant; ``None`` if fewer than three are found.

    Parameters
    ----------
    series : EvenSeries
    spectrum : Spectrum
    whole : Rate
    segments : list of Segment
        Their rates are the prior of the period.
    checkpoint : callable
        Called with the finished share.
    """
    frequency = whole.frequency_hz
    background = spectrum.background.without(frequency, spectrum.blur_hz)
    noise, level_noise = background.power(np.array([frequency, spectrum.whole.frequency_hz[0]]))
    # A noise-free drawing has none: what is left is rounding.
    floor = 1e-9 * float(np.mean(series.fast[series.used] ** 2))
    noise, level_noise = max(float(noise), floor), max(float(level_noise), floor)
    period_s = _prior_period(frequency, segments)
    wave = _first_wave(series, period_s, harmonics_seen(series, frequency))
    harmonics = wave.harmonic.size
    for done in (0.0, 0.45):

        def share(part: float, done: float = done) -> None:
            checkpoint(done + 0.45 * part)

        onset = beat_path(series, wave, period_s, noise, checkpoint=share)
        if onset.size < 4:
            return None
        times = BeatTimes(onset, period_s(0.5 * (onset[1:] + onset[:-1])))
        for _ in range(6):
            times = times.refined(series, wave, noise)
            wave = _shape(series, times, harmonics)
        foot = wave.foot()
        wave, times = wave.turned(foot), times.moved(foot)
        series = retrended(series, _height(series, times.onset_s, wave))
        noise = min(noise, max(_left_noise(series, times, wave, frequency), floor))
    for _ in range(2):
        times = times.refined(series, wave, noise)
    checkpoint(1.0)
    return Beats(
        series=series,
        onset_s=times.onset_s,
        onset_sd_s=times.onset_sd_s,
        interval_sd_s=times.interval_sd_s,
        change_sd_s=times.change_sd_s(),
        wave=wave,
        frequency_hz=frequency,
        noise=noise,
        level_noise=level_noise,
    )


def _prior_period(
    frequency_hz: float, segments: list[Segment]
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    sure = [
        one
        for one in segments
        if one.rate.status == "ok" and 0.75 < one.rate.frequency_hz / frequency_hz < 1.33
    ]
    if not sure:
        return lambda time: np.full(np.shape(time), 1.0 / frequency_hz)
    center = np.array([0.5 * (one.start_s + one.stop_s) for one in sure])
    rate = np.array([one.rate.frequency_hz for one in sure])
    return lambda time: 1.0 / np.interp(time, center, rate)


def _first_wave(
    series: EvenSeries,
    period_s: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    harmonics: int,
) -> Wave:
    """The shape by the phase of the first harmonic; phase 0 is its foot."""
    period = period_s(series.time_s)
    cycles = np.cumsum(series.step_s / period)
    turn = np.exp(-2j * np.pi * cycles)
    sigma = _TRACKED_BEATS * float(np.median(period)) / series.step_s
    wave = series.weight * series.fast * turn
    smooth = gaussian_filter1d(wave.real, sigma) + 1j * gaussian_filter1d(wave.imag, sigma)
    phase = cycles + np.angle(smooth) / (2 * np.pi)
    used = series.used
    shape = fit_wave(phase[used], series.fast[used], series.weight[used], harmonics)
    return shape.turned(shape.foot())


def _height(series: EvenSeries, onset_s: NDArray[np.float64], wave: Wave) -> NDArray[np.float64]:
    beat, share = phase_of(series.time_s, onset_s)
    inside = (beat >= 0) & (beat < onset_s.size - 1)
    return np.where(inside, wave.at(share), 0.0)


def _left_noise(series: EvenSeries, times: BeatTimes, wave: Wave, frequency_hz: float) -> float:
    """Noise at the rate of the heart in what the beats leave of the series.

    The background of the spectrum holds a part of an irregular rhythm.
    """
    left = np.where(series.used, series.fast - _height(series, times.onset_s, wave), 0.0)
    one = periodogram(left, series.weight, series.step_s, 0.6 * frequency_hz, 1.4 * frequency_hz)
    if one.power.size == 0:
        return np.inf
    # Onsets take up the half of the noise that looks like a shift, as far as they are free.
    return float(one.power.mean()) / (1.0 - 0.5 * times.absorbed())


def _shape(series: EvenSeries, times: BeatTimes, harmonics: int) -> Wave:
    used = np.flatnonzero(series.used)
    beat, share = phase_of(series.time_s[used], times.onset_s)
    inside = (beat >= 0) & (beat < times.onset_s.size - 1)
    chosen = used[inside]
    variance = times.phase_variance(beat[inside], share[inside])
    # Next to a gap the phase is a guess: such values say little of the shape.
    weight = series.weight[chosen] / (1.0 + variance / _SURE_PHASE**2)
    return fit_wave(share[inside], series.fast[chosen], weight, harmonics, variance)
