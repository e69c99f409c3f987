"""The table and the summary of a heart rate measurement."""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.registry import Column
from cloudscope.analysis.rhythm.rate import STRONGLY_ATTENUATED, Rate
from cloudscope.analysis.rhythm.segments import mean_rate
from cloudscope.analysis.rhythm.spectrum import Band
from cloudscope.analysis.rhythm.welch import WELCH_PERIODS, welch_peak, welch_spectrum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.segments import Segment
    from cloudscope.analysis.rhythm.series import EvenSeries
    from cloudscope.analysis.rhythm.spectrum import Spectrum

__all__ = ["COLUMNS", "rate_columns", "rate_summary"]

COLUMNS = (
    Column("time_s", "s", "centre of the segment, from the first line"),
    Column("start_s", "s", "begin of the segment"),
    Column("stop_s", "s", "end of the segment"),
    Column("rate_bpm", "bpm", "heart rate; NaN: not measured"),
    Column("rate_sd_bpm", "bpm", "one standard deviation of the rate"),
    Column("amplitude", "as input", "amplitude of the beat's first harmonic, averaging undone"),
    Column("amplitude_sd", "as input", "one standard deviation of the amplitude"),
    Column("snr", "", "amplitude over its standard deviation"),
    Column("false_alarm_probability", "", "chance that noise has such a peak in the range"),
    Column("valid_share", "", "share of the segment's values that are measured and no outliers"),
    Column("quality", "", "one less the false-alarm probability; 0 where nothing was measured"),
    Column("status", "", "ok, or why the segment is not accepted"),
)


def rate_columns(segments: list[Segment]) -> dict[str, NDArray[Any]]:
    """One row a segment."""

    def column(name: str, scale: float = 1.0) -> NDArray[np.float64]:
        return np.array([scale * getattr(one.rate, name) for one in segments], dtype=np.float64)

    start = np.array([one.start_s for one in segments], dtype=np.float64)
    stop = np.array([one.stop_s for one in segments], dtype=np.float64)
    chance = column("false_alarm_probability")
    return {
        "time_s": 0.5 * (start + stop),
        "start_s": start,
        "stop_s": stop,
        "rate_bpm": column("frequency_hz", 60.0),
        "rate_sd_bpm": column("sd_hz", 60.0),
        "amplitude": column("amplitude"),
        "amplitude_sd": column("amplitude_sd"),
        "snr": column("snr"),
        "false_alarm_probability": chance,
        "valid_share": np.array([one.valid_share for one in segments], dtype=np.float64),
        "quality": np.where(np.isfinite(chance), 1.0 - np.nan_to_num(chance), 0.0),
        "status": np.array([one.rate.status for one in segments], dtype="<U24"),
    }


def rate_summary(
    series: EvenSeries | None,
    band: Band,
    spectrum: Spectrum | None,
    whole: Rate,
    segments: list[Segment],
    parameters: dict[str, Any],
) -> dict[str, Any]:
    """What is said of the whole recording."""
    mean_hz, sd_hz, variation_hz = whole.frequency_hz, whole.sd_hz, nan
    welch_hz, welch_chance, status, agreement = nan, nan, whole.status, "not measured"
    if series is not None and spectrum is not None:
        if whole.status == "ok":
            mean_hz, sd_hz, variation_hz = mean_rate(series, whole, segments)
        welch = welch_spectrum(
            series,
            window_s=parameters["welch_window_s"] or WELCH_PERIODS / band.low_hz,
            longest_gap_s=parameters["welch_gap_s"],
        )
        searched, background = band, spectrum.background
        if isfinite(whole.frequency_hz):
            background = background.without(whole.frequency_hz, spectrum.blur_hz)
        if whole.harmonic > 1:
            # Its highest peak is the harmonic too: ask it about the fundamental.
            searched = Band(0.8 * whole.frequency_hz, 1.2 * whole.frequency_hz, "")
        welch_hz, welch_chance = welch_peak(welch, series, searched, background)
        if welch_chance <= parameters["false_alarm_limit"] and isfinite(mean_hz):
            tolerance_hz = 0.75 / welch.window_s + (variation_hz if isfinite(variation_hz) else 0)
            if parameters["agreement_bpm"] is not None:
                tolerance_hz = parameters["agreement_bpm"] / 60.0
            agreement = "yes" if abs(welch_hz - mean_hz) <= tolerance_hz else "no"
        elif isfinite(welch_chance):
            agreement = "welch not significant"
        if status == "ok" and agreement == "no":
            status = "methods disagree"
    ok = [one.rate.frequency_hz for one in segments if one.rate.status == "ok"]
    quartiles = 60.0 * np.quantile(ok, (0.25, 0.5, 0.75)) if ok else (nan, nan, nan)
    top = 60.0 * band.high_hz
    return {
        "heart_rate_bpm": 60.0 * mean_hz,
        "heart_rate_sd_bpm": 60.0 * sd_hz,
        "heart_rate_ci95_low_bpm": 60.0 * (mean_hz - 1.96 * sd_hz),
        "heart_rate_ci95_high_bpm": 60.0 * (mean_hz + 1.96 * sd_hz),
        "status": status,
        "false_alarm_probability": whole.false_alarm_probability,
        "snr": whole.snr,
        "amplitude": whole.amplitude,
        "amplitude_sd": whole.amplitude_sd,
        "amplitude_status": (
            None
            if not isfinite(whole.attenuation)
            else "window too long"
            if whole.attenuation < STRONGLY_ATTENUATED
            else "ok"
        ),
        "window_attenuation": whole.attenuation,
        "highest_peak_is_harmonic": whole.harmonic,
        "second_harmonic_share": whole.second_share,
        "welch_bpm": 60.0 * welch_hz,
        "welch_difference_bpm": 60.0 * (welch_hz - mean_hz),
        "welch_false_alarm_probability": welch_chance,
        "methods_agree": agreement,
        "rate_variation_bpm": 60.0 * variation_hz,
        "segments": len(segments),
        "segments_accepted": len(ok),
        "segment_rate_quartile_1_bpm": float(quartiles[0]),
        "segment_rate_median_bpm": float(quartiles[1]),
        "segment_rate_quartile_3_bpm": float(quartiles[2]),
        "searched_from_bpm": 60.0 * band.low_hz,
        "searched_to_bpm": top if np.isfinite(top) else nan,
        "range_limited_by": band.limit or None,
        "valid_share": nan if series is None else series.valid_share,
        "outliers": 0 if series is None else series.outliers,
    }
