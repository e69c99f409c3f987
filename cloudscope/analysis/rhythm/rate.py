"""The rate of a series: which peak is the heart's, and how certain it is."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import TYPE_CHECKING

from cloudscope.analysis.rhythm.spectrum import Band, Peak, Spectrum, highest_peak, resolution

if TYPE_CHECKING:
    from cloudscope.analysis.rhythm.series import EvenSeries

__all__ = ["STRONGLY_ATTENUATED", "Rate", "described", "rate_of"]

_WEAKEST_FUNDAMENTAL = 0.2
"""A rhythm at a half or third of a peak's rate is its fundamental from this share of amplitude."""

_SURE = 1e-3
"""False-alarm probability of a fundamental below a peak, which turns over what the peak says."""

STRONGLY_ATTENUATED = 0.3
"""An amplitude of which the window leaves less than this is not led back."""


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate and what is known of it.

    Attributes
    ----------
    frequency_hz, sd_hz : float
    amplitude, amplitude_sd : float
        Of the fundamental, led back to what it was before averaging and trend; NaN where too
        little is left of it.
    snr : float
        Amplitude over its standard deviation.
    false_alarm_probability : float
        That noise has such a peak anywhere in the range.
    attenuation : float
        What averaging left of the amplitude.
    harmonic : int
        Which harmonic the highest peak was: 1, or 2 or 3 if its fundamental was found below it.
    second_share : float
        Amplitude of the second harmonic over the first; NaN where it cannot be seen.
    status : str
    """

    frequency_hz: float = nan
    sd_hz: float = nan
    amplitude: float = nan
    amplitude_sd: float = nan
    snr: float = nan
    false_alarm_probability: float = nan
    attenuation: float = nan
    harmonic: int = 1
    second_share: float = nan
    status: str = "no signal"


def rate_of(series: EvenSeries, band: Band, spectrum: Spectrum, false_alarm_limit: float) -> Rate:
    """The rate of a whole series.

    The peak is the more certain one of the periodogram of all and of the mean one of stretches,
    which a rate that changes does not blur; both chances count.
    """
    width = band.high_hz - band.low_hz
    peak = highest_peak(
        spectrum.whole,
        spectrum.background,
        band.low_hz,
        band.high_hz,
        band_hz=width,
        leave_out_hz=spectrum.blur_hz,
    )
    if peak is None:
        return Rate(status="too short")
    probability, tolerance = peak.false_alarm_probability, resolution(spectrum.whole)
    averaged = spectrum.averaged_peak(band.low_hz, band.high_hz)
    if averaged is not None:
        at, by_stretch = averaged
        if by_stretch < probability:
            tolerance = 0.3 / spectrum.averaged_spread_s
            near = _near(spectrum, at, tolerance, width)
            peak = near if near is not None else peak
        probability = min(1.0, 2.0 * min(probability, by_stretch))
    harmonic, fundamental = _fundamental(series, spectrum, peak, tolerance)
    return described(
        series,
        fundamental,
        probability,
        harmonic,
        band,
        false_alarm_limit,
        margin_hz=1.0 / series.duration_s,
        second_share=_second(series, spectrum, fundamental, tolerance),
    )


def _near(spectrum: Spectrum, at_hz: float, tolerance: float, width: float) -> Peak | None:
    return highest_peak(
        spectrum.whole,
        spectrum.background,
        at_hz - tolerance,
        at_hz + tolerance,
        band_hz=width,
        leave_out_hz=spectrum.blur_hz,
    )


def _felt(series: EvenSeries, frequency_hz: float) -> float:
    """What averaging and the trend leave of an amplitude."""
    left = abs(float(series.attenuation(frequency_hz))) * float(series.kept(frequency_hz))
    return max(left, 1e-3)


def _fundamental(
    series: EvenSeries, spectrum: Spectrum, peak: Peak, tolerance: float
) -> tuple[int, Peak]:
    """The peak a half or a third below another one, if it is there and is strong enough."""
    for number in (3, 2):
        at = peak.frequency_hz / number
        if at - tolerance < spectrum.whole.frequency_hz[0]:
            continue
        below = _near(spectrum, at, tolerance, 2 * tolerance)
        if below is None or below.false_alarm_probability > _SURE:
            continue
        share = below.amplitude / _felt(series, below.frequency_hz)
        if share > _WEAKEST_FUNDAMENTAL * peak.amplitude / _felt(series, peak.frequency_hz):
            return number, below
    return 1, peak


def _second(series: EvenSeries, spectrum: Spectrum, peak: Peak, tolerance: float) -> float:
    at = 2 * peak.frequency_hz
    if at + tolerance > spectrum.whole.frequency_hz[-1]:
        return nan
    if abs(float(series.attenuation(at))) < STRONGLY_ATTENUATED:
        return nan
    above = _near(spectrum, at, tolerance, tolerance)
    if above is None:
        return nan
    return (above.amplitude / _felt(series, above.frequency_hz)) / (
        peak.amplitude / _felt(series, peak.frequency_hz)
    )


def described(
    series: EvenSeries,
    peak: Peak,
    probability: float,
    harmonic: int,
    band: Band,
    false_alarm_limit: float,
    margin_hz: float,
    second_share: float = nan,
) -> Rate:
    """What is reported of a peak, with its status.

    Parameters
    ----------
    series : EvenSeries
    peak : Peak
    probability : float
        Of a false alarm, all searches counted.
    harmonic : int
        Which harmonic the highest peak was.
    band : Band
    false_alarm_limit : float
        A larger `probability` is not significant.
    margin_hz : float
        A peak this close to an end of the band may be the flank of one beyond it.
    second_share : float
    """
    margin = margin_hz + 0.01 * peak.frequency_hz
    attenuation = abs(float(series.attenuation(peak.frequency_hz)))
    if probability > false_alarm_limit:
        status = "not significant"
    elif peak.frequency_hz < band.low_hz - margin:
        status = "harmonic of a slower rate"
    elif not band.low_hz + margin <= peak.frequency_hz <= band.high_hz - margin:
        status = band.limit if peak.frequency_hz > band.high_hz - margin else ""
        status = status or "at edge of range"
    else:
        status = "ok"
    # A rate can be plain where too little is left of its amplitude to lead that back.
    felt = nan if attenuation < STRONGLY_ATTENUATED else _felt(series, peak.frequency_hz)
    return Rate(
        frequency_hz=peak.frequency_hz,
        sd_hz=peak.sd_hz,
        amplitude=peak.amplitude / felt,
        amplitude_sd=peak.amplitude_sd / felt,
        snr=peak.snr,
        false_alarm_probability=probability,
        attenuation=attenuation,
        harmonic=harmonic,
        second_share=second_share,
        status=status,
    )
