"""The spectrum of a series: whole, averaged over stretches, and the background beneath."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import next_fast_len

from cloudscope.analysis.rhythm.background import Background, fit_background
from cloudscope.analysis.rhythm.periodogram import Periodogram, periodogram
from cloudscope.analysis.rhythm.significance import false_alarm_probability

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.series import EvenSeries

__all__ = [
    "LEAST_PERIODS",
    "Band",
    "Peak",
    "Spectrum",
    "highest_peak",
    "search_band",
    "spectrum_of",
]

LEAST_PERIODS = 4.0
"""Periods of the slowest rate that a series must last."""

_BLIND = 0.85
"""Rates above this many periods in an averaging window are not searched."""

_PADDING = 8
_LEAST_FILLED = 0.3
"""Share of values below which a stretch does not count."""

_TAPER_SHARE = 0.95
"""Independent periodograms a half-overlapping Hann stretch amounts to."""


@dataclass(frozen=True, slots=True)
class Band:
    """The rates that are searched (Hz), and why not higher ones.

    Attributes
    ----------
    low_hz, high_hz : float
    limit : str
        ``""`` if the whole range is searched, else what limits it: ``too short``, ``window too
        long`` or ``sampled too slowly``.
    """

    low_hz: float
    high_hz: float
    limit: str

    @property
    def empty(self) -> bool:
        """Whether nothing, or next to nothing, of the range can be searched."""
        return self.high_hz < 1.1 * self.low_hz


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest ratio of power to background in a band.

    Attributes
    ----------
    frequency_hz, ratio : float
    amplitude, amplitude_sd : float
        Of the sinusoid, as it is in the values.
    false_alarm_probability : float
    sd_hz : float
        Standard deviation of the frequency, for a rhythm that keeps its rate.
    """

    frequency_hz: float
    ratio: float
    amplitude: float
    amplitude_sd: float
    false_alarm_probability: float
    sd_hz: float

    @property
    def snr(self) -> float:
        """Amplitude over its standard deviation."""
        return sqrt(2.0 * max(self.ratio, 0.0))


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Periodogram of the whole series, the mean one of its stretches, and the background.

    Attributes
    ----------
    whole : Periodogram
    background : Background
    averaged_hz, averaged_ratio : ndarray
        Frequencies, and mean ratio of power to background over the stretches; empty for a series
        that is not longer than two of them.
    averages : float
        Number of independent periodograms in the mean.
    averaged_spread_s : float
        Standard deviation of the times in one stretch.
    """

    whole: Periodogram
    background: Background
    averaged_hz: NDArray[np.float64]
    averaged_ratio: NDArray[np.float64]
    averages: float
    averaged_spread_s: float

    @property
    def blur_hz(self) -> float:
        """How far from a peak the ordinates of the background still feel it."""
        one = self.averaged_spread_s if self.averages else self.whole.spread_s
        return 1.0 / (sqrt(12.0) * max(one, 1e-9))

    def averaged_peak(self, low_hz: float, high_hz: float) -> tuple[float, float] | None:
        """Frequency (Hz) and false-alarm probability of the highest averaged peak in a band."""
        inside = np.flatnonzero((self.averaged_hz >= low_hz) & (self.averaged_hz <= high_hz))
        if inside.size == 0:
            return None
        best = int(inside[np.argmax(self.averaged_ratio[inside])])
        at = self.averaged_hz[best : best + 1]
        background = self.background.without(float(at[0]), self.blur_hz)
        ratio = self.averaged_ratio[best] * self.background.power(at) / background.power(at)
        probability = false_alarm_probability(
            float(ratio[0]),
            band_hz=high_hz - low_hz,
            spread_s=self.averaged_spread_s,
            averaged=self.averages,
            known=1.0 / max(float(background.relative_sd(at)[0]), 1e-4) ** 2,
        )
        return vertex(self.averaged_hz, self.averaged_ratio, best), probability


def search_band(series: EvenSeries, low_hz: float, high_hz: float) -> Band:
    """What of a range of rates can be seen in a series."""
    if series.duration_s < LEAST_PERIODS / low_hz * (1.0 - 1e-9):
        return Band(low_hz, low_hz, "too short")
    limits = {
        "": high_hz,
        "sampled too slowly": 0.95 * 0.5 / series.sampling_s,
        "window too long": _BLIND / series.averaged_s if series.averaged_s > 0 else np.inf,
    }
    limit = min(limits, key=lambda name: limits[name])
    return Band(low_hz, limits[limit], limit)


def spectrum_of(series: EvenSeries, band: Band, stretch_s: float) -> Spectrum:
    """Periodograms and background of a series, from half the lowest to 1.5 times the highest rate.

    Parameters
    ----------
    series : EvenSeries
    band : Band
    stretch_s : float
        Length of the stretches; they overlap by half.
    """
    top = min(1.5 * band.high_hz, 0.97 * 0.5 / series.sampling_s)
    if series.averaged_s > 0:
        top = min(top, 0.92 / series.averaged_s)
    low, top = 0.45 * band.low_hz, max(top, band.high_hz)
    whole = periodogram(series.fast, series.weight, series.step_s, low, top)

    def known(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        # What averaging and the trend do to noise; a remainder is not averaged away.
        shape = (series.attenuation(frequency_hz) ** 2 + 0.01) * series.kept(frequency_hz) ** 2
        return np.log(np.maximum(shape, 1e-12))

    stretches = _stretches(series, stretch_s, low, top)
    if not stretches:
        background = fit_background(whole.frequency_hz, whole.power, resolution(whole), known)
        return Spectrum(whole, background, np.zeros(0), np.zeros(0), 0.0, 0.0)
    # A rhythm that wanders fills a wide part of the whole periodogram, but a narrow one of each
    # stretch: there the background shows beside it.
    thin = slice(None, None, _PADDING // 2)
    frequency = stretches[0].frequency_hz
    background = fit_background(
        np.tile(frequency[thin], len(stretches)),
        np.concatenate([one.power[thin] for one in stretches]),
        resolution(stretches[0]),
        known,
    )
    values = np.array([one.values for one in stretches])
    share = values / values.sum()
    power = share @ np.stack([one.power for one in stretches])
    return Spectrum(
        whole,
        background,
        averaged_hz=frequency,
        averaged_ratio=power / background.power(frequency),
        averages=max(_TAPER_SHARE / float(share @ share), 1.0),
        averaged_spread_s=float(share @ [one.spread_s for one in stretches]),
    )


def _stretches(
    series: EvenSeries, stretch_s: float, low_hz: float, high_hz: float
) -> list[Periodogram]:
    """Tapered periodograms of half-overlapping stretches; none if there are fewer than two."""
    long = round(stretch_s / series.step_s)
    if series.value.size < 2 * long or long < 8:
        return []
    taper = np.hanning(long + 2)[1:-1]
    grid = int(next_fast_len(_PADDING * long, real=True))
    count = 2 * series.value.size // long - 1
    found = []
    for start in np.linspace(0, series.value.size - long, count).astype(int):
        part = slice(int(start), int(start) + long)
        weight = series.weight[part] * taper
        if np.count_nonzero(weight) >= _LEAST_FILLED * long * series.step_s / series.sampling_s:
            found.append(
                periodogram(series.fast[part], weight, series.step_s, low_hz, high_hz, grid=grid)
            )
    return found if len(found) > 1 else []


def highest_peak(
    one: Periodogram,
    background: Background,
    low_hz: float,
    high_hz: float,
    *,
    band_hz: float,
    leave_out_hz: float = 0.0,
) -> Peak | None:
    """The highest peak of a periodogram over its background within a band.

    Parameters
    ----------
    one : Periodogram
    background : Background
    low_hz, high_hz : float
        Where to look.
    band_hz : float
        Width of the band that counts for the false-alarm probability.
    leave_out_hz : float
        The background is fitted again without what is this near the peak; 0 takes it as it is.

    Returns
    -------
    Peak or None
        ``None`` if no frequency is in the band.
    """
    inside = np.flatnonzero((one.frequency_hz >= low_hz) & (one.frequency_hz <= high_hz))
    if inside.size == 0:
        return None
    ratio = one.power[inside] / background.power(one.frequency_hz[inside])
    best = int(inside[np.argmax(ratio)])
    frequency = vertex(one.frequency_hz, one.power, best)
    there = np.array([frequency])
    if leave_out_hz > 0:
        background = background.without(frequency, leave_out_hz)
    top = float(one.power[best] / background.power(one.frequency_hz[best : best + 1])[0])
    sd = float(background.relative_sd(there)[0])
    probability = false_alarm_probability(
        top, band_hz=band_hz, spread_s=one.spread_s, known=1.0 / max(sd, 1e-4) ** 2
    )
    amplitude = float(one.amplitude[best])
    return Peak(
        frequency_hz=frequency,
        ratio=top,
        amplitude=amplitude,
        amplitude_sd=amplitude / sqrt(2.0 * max(top, 1e-12)),
        false_alarm_probability=probability,
        sd_hz=1.0 / (2 * pi * max(one.spread_s, 1e-12) * sqrt(2.0 * max(top, 1e-12))),
    )


def resolution(one: Periodogram) -> float:
    """Distance of independent frequencies (Hz)."""
    return 1.0 / (sqrt(12.0) * max(one.spread_s, 1e-9))


def vertex(frequency_hz: NDArray[np.float64], power: NDArray[np.float64], at: int) -> float:
    """Frequency of the highest point of a parabola through three neighbours."""
    if not 0 < at < power.size - 1:
        return float(frequency_hz[at])
    left, middle, right = power[at - 1 : at + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    spacing = float(frequency_hz[1] - frequency_hz[0])
    return float(frequency_hz[at]) + spacing * float(np.clip(shift, -1.0, 1.0))
