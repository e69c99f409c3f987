"""Both spectra of a recording with what noise reaches, for a plot."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.rhythm.rate import rate_of
from cloudscope.analysis.rhythm.segments import SEGMENT_PERIODS
from cloudscope.analysis.rhythm.significance import significant_ratio
from cloudscope.analysis.rhythm.spectrum import search_band, spectrum_of
from cloudscope.analysis.rhythm.welch import WELCH_PERIODS, welch_spectrum

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.series import EvenSeries

__all__ = ["HeartRateSpectrum", "plotted_spectrum"]


@dataclass(frozen=True, slots=True)
class HeartRateSpectrum:
    """Both spectra of a recording, for a plot.

    Attributes
    ----------
    frequency_hz, rate_bpm : ndarray, shape (n,)
        Of the Lomb-Scargle periodogram; a rate is 60 times a frequency.
    power : ndarray, shape (n,)
        Lomb-Scargle power: on white noise the variance of a value.
    background : ndarray, shape (n,)
        What it would be, on average, without a rhythm.
    threshold : ndarray, shape (n,)
        What noise reaches anywhere in the range with the probability `false_alarm_limit`.
    welch_frequency_hz, welch_density : ndarray, shape (m,)
        Welch's power density, in the unit of the values squared per hertz; empty where no stretch
        without long gaps is long enough.
    low_hz, high_hz : float
        The range that is searched.
    heart_rate_hz : float
        The rate of the whole recording; NaN if there is none.
    status : str
        As in `heart_rate`, of the periodogram alone.
    """

    frequency_hz: NDArray[np.float64]
    rate_bpm: NDArray[np.float64]
    power: NDArray[np.float64]
    background: NDArray[np.float64]
    threshold: NDArray[np.float64]
    welch_frequency_hz: NDArray[np.float64]
    welch_density: NDArray[np.float64]
    low_hz: float
    high_hz: float
    heart_rate_hz: float
    status: str


def plotted_spectrum(
    series: EvenSeries | None, low_hz: float, high_hz: float, checked: Mapping[str, Any]
) -> HeartRateSpectrum:
    """Spectra of a series under the parameters of `heart_rate`."""
    empty = np.zeros(0)
    if series is None:
        return HeartRateSpectrum(*(empty,) * 7, low_hz, high_hz, nan, "no signal")
    band = search_band(series, low_hz, high_hz)
    if band.empty:
        return HeartRateSpectrum(*(empty,) * 7, low_hz, high_hz, nan, band.limit)
    spectrum = spectrum_of(series, band, checked["segment_s"] or SEGMENT_PERIODS / low_hz)
    rate = rate_of(series, band, spectrum, checked["false_alarm_limit"])
    welch = welch_spectrum(
        series,
        window_s=checked["welch_window_s"] or WELCH_PERIODS / low_hz,
        longest_gap_s=checked["welch_gap_s"],
    )
    background = spectrum.background
    if np.isfinite(rate.frequency_hz):
        background = background.without(rate.frequency_hz, spectrum.blur_hz)
    frequency = spectrum.whole.frequency_hz
    level = background.power(frequency)
    middle = float(background.relative_sd(np.array([0.5 * (band.low_hz + band.high_hz)]))[0])
    ratio = significant_ratio(
        checked["false_alarm_limit"],
        band_hz=band.high_hz - band.low_hz,
        spread_s=spectrum.whole.spread_s,
        known=1.0 / max(middle, 1e-4) ** 2,
    )
    return HeartRateSpectrum(
        frequency_hz=frequency,
        rate_bpm=60.0 * frequency,
        power=spectrum.whole.power,
        background=level,
        threshold=ratio * level,
        welch_frequency_hz=welch.frequency_hz,
        welch_density=welch.density,
        low_hz=band.low_hz,
        high_hz=band.high_hz,
        heart_rate_hz=rate.frequency_hz,
        status=rate.status,
    )
