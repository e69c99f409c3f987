"""The second opinion: Welch's averaged spectrum of the stretches without long gaps."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import next_fast_len, rfft

from cloudscope.analysis.rhythm.significance import false_alarm_probability
from cloudscope.analysis.rhythm.spectrum import vertex

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.background import Background
    from cloudscope.analysis.rhythm.series import EvenSeries
    from cloudscope.analysis.rhythm.spectrum import Band

__all__ = ["WELCH_PERIODS", "WelchSpectrum", "filled_stretches", "welch_peak", "welch_spectrum"]

WELCH_PERIODS = 8.0
"""Periods of the slowest rate in a window, if its length is not given."""

_PADDING = 8
_HANN_SPREAD = 0.1414
"""Standard deviation of the time in a window under the square of its taper."""

_TAPER_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class WelchSpectrum:
    """Power density by frequency; empty if no stretch was long enough.

    Attributes
    ----------
    frequency_hz : ndarray, shape (n,)
    density : ndarray, shape (n,)
        Unit of the values squared, per hertz.
    windows : int
        How many were averaged.
    window_s : float
    """

    frequency_hz: NDArray[np.float64]
    density: NDArray[np.float64]
    windows: int
    window_s: float


def filled_stretches(series: EvenSeries, longest_gap_s: float) -> list[NDArray[np.float64]]:
    """The fast part in pieces without gaps: short ones bridged linearly, cut at longer ones."""
    used = np.flatnonzero(series.used)
    if used.size < 2:
        return []
    # A step from one value to the next is no gap; rounding must not make it one.
    bridged = np.diff(used) * series.step_s <= longest_gap_s + 1.5 * series.sampling_s
    cuts = np.flatnonzero(~bridged) + 1
    pieces = []
    for part in np.split(used, cuts):
        if part.size > 1:
            at = np.arange(part[0], part[-1] + 1)
            pieces.append(np.interp(at, part, series.fast[part]))
    return pieces


def welch_spectrum(series: EvenSeries, *, window_s: float, longest_gap_s: float) -> WelchSpectrum:
    """Mean of the tapered periodograms of half-overlapping windows within the stretches.

    Parameters
    ----------
    series : EvenSeries
    window_s : float
        Length of a window: the resolution in frequency is about 1.5 times its inverse.
    longest_gap_s : float
        Longer gaps are not bridged.

    References
    ----------
    .. [1] P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra",
       IEEE Transactions on Audio and Electroacoustics 15 (1967) 70-73.
    """
    long = max(round(window_s / series.step_s), 8)
    taper = np.hanning(long + 2)[1:-1]
    length = int(next_fast_len(_PADDING * long, real=True))
    summed = np.zeros(length // 2 + 1)
    count = 0
    for piece in filled_stretches(series, longest_gap_s):
        if piece.size < long:
            continue
        windows = 2 * (piece.size - long) // long + 1
        for start in np.unique(np.linspace(0, piece.size - long, windows).astype(int)):
            part = piece[start : start + long]
            summed += np.abs(rfft(taper * (part - part.mean()), length)) ** 2
            count += 1
    if count == 0:
        return WelchSpectrum(np.zeros(0), np.zeros(0), 0, long * series.step_s)
    density = 2.0 * series.step_s * summed / (count * float(taper @ taper))
    frequency = np.arange(density.size) / (length * series.step_s)
    return WelchSpectrum(frequency, density, count, long * series.step_s)


def welch_peak(
    welch: WelchSpectrum, series: EvenSeries, band: Band, background: Background
) -> tuple[float, float]:
    """Frequency (Hz) and false-alarm probability of the highest peak in a band; NaN for none.

    Parameters
    ----------
    welch : WelchSpectrum
    series : EvenSeries
    band : Band
    background : Background
        Of the periodograms: a density is twice their power times the spacing.
    """
    frequency = welch.frequency_hz
    inside = np.flatnonzero((frequency >= band.low_hz) & (frequency <= band.high_hz))
    if inside.size < 3:
        return nan, nan
    ratio = welch.density / (2 * series.sampling_s * background.power(frequency))
    best = int(inside[np.argmax(ratio[inside])])
    probability = false_alarm_probability(
        float(ratio[best]),
        band_hz=band.high_hz - band.low_hz,
        spread_s=_HANN_SPREAD * welch.window_s,
        averaged=max(_TAPER_SHARE * welch.windows, 1.0),
        known=1.0 / max(float(background.relative_sd(frequency[best : best + 1])[0]), 1e-4) ** 2,
    )
    # Its peaks are wide: the slopes of averaging and trend would move their tops.
    felt = series.attenuation(frequency) ** 2 * series.kept(frequency) ** 2
    return vertex(frequency, welch.density / np.maximum(felt, 0.02), best), probability
