"""The table and the summary of single beats."""

from __future__ import annotations

from math import nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import erf

from cloudscope.analysis.registry import Column
from cloudscope.analysis.rhythm.beat_heights import (
    BeatHeights,
    Interval,
    beat_heights,
    index_interval,
    waveform_indices,
)
from cloudscope.analysis.rhythm.rate import STRONGLY_ATTENUATED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.beat_search import Beats
    from cloudscope.analysis.rhythm.rate import Rate
    from cloudscope.analysis.rhythm.series import EvenSeries

__all__ = ["COLUMNS", "beat_columns", "beat_summary"]

COLUMNS = (
    Column("time_s", "s", "middle of the beat, from the first line"),
    Column("start_s", "s", "onset: foot of the upstroke, between samples"),
    Column("stop_s", "s", "onset of the next beat"),
    Column("onset_sd_s", "s", "one standard deviation of the onset"),
    Column("period_s", "s", "from onset to onset"),
    Column("period_sd_s", "s", "one standard deviation of the period"),
    Column("rate_bpm", "bpm", "60 over the period"),
    Column("rate_sd_bpm", "bpm", "one standard deviation of the rate"),
    Column("peak", "as input", "highest of the beat's fitted shape, averaging undone"),
    Column("peak_sd", "as input", "one standard deviation of the peak"),
    Column("trough", "as input", "lowest of the beat's fitted shape, averaging undone"),
    Column("trough_sd", "as input", "one standard deviation of the trough"),
    Column("mean", "as input", "level of the beat"),
    Column("mean_sd", "as input", "one standard deviation of the mean"),
    Column("pulsatility_index", "", "(peak - trough) / mean"),
    Column("pulsatility_index_sd", "", "one standard deviation of the pulsatility index"),
    Column("resistivity_index", "", "(peak - trough) / peak"),
    Column("resistivity_index_sd", "", "one standard deviation of the resistivity index"),
    Column("irregular", "", "whether the period is a fifth off the median of its neighbours"),
    Column("valid_share", "", "share of the beat's values that are measured and no outliers"),
    Column("quality", "", "chance, 0 to 1, that the period is right within 10 %"),
    Column("status", "", "ok, or why the beat is not accepted"),
)

_UNCERTAIN = 0.15
_IRREGULAR = 0.2
_NEIGHBOURS = 7


def beat_columns(beats: Beats | None) -> tuple[dict[str, NDArray[Any]], BeatHeights | None]:
    """One row a beat, and the heights they come from."""
    if beats is None:
        empty = np.zeros(0)
        kinds = {"irregular": np.zeros(0, bool), "status": np.zeros(0, "<U9")}
        return {column.name: kinds.get(column.name, empty) for column in COLUMNS}, None
    heights = beat_heights(beats)
    start, stop = beats.onset_s[:-1], beats.onset_s[1:]
    period, period_sd = stop - start, beats.interval_sd_s
    status = np.full(period.size, "ok", dtype="<U9")
    # By its timing, never by its height: to choose the high beats would raise their mean.
    status[period_sd > _UNCERTAIN * period] = "uncertain"
    status[~np.isfinite(heights.mean)] = "gap"
    quality = erf(0.1 * period / (sqrt(2.0) * np.maximum(period_sd, 1e-12)))
    quality[status == "gap"] = 0.0
    gap = status == "gap"
    rate = 60.0 / period

    def known(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(gap, np.nan, values)

    columns = {
        "time_s": 0.5 * (start + stop),
        "start_s": start,
        "stop_s": stop,
        "onset_sd_s": beats.onset_sd_s[:-1],
        "period_s": known(period),
        "period_sd_s": known(period_sd),
        "rate_bpm": known(rate),
        "rate_sd_bpm": known(rate * period_sd / period),
        "peak": heights.peak,
        "peak_sd": heights.peak_sd,
        "trough": heights.trough,
        "trough_sd": heights.trough_sd,
        "mean": heights.mean,
        "mean_sd": heights.mean_sd,
        "pulsatility_index": heights.pulsatility,
        "pulsatility_index_sd": heights.pulsatility_sd,
        "resistivity_index": heights.resistivity,
        "resistivity_index_sd": heights.resistivity_sd,
        "irregular": _irregular(period) & ~gap,
        "valid_share": heights.valid_share,
        "quality": quality,
        "status": status,
    }
    return columns, heights


def _irregular(period: NDArray[np.float64]) -> NDArray[np.bool_]:
    from scipy.ndimage import median_filter

    near = median_filter(period, size=min(_NEIGHBOURS, period.size), mode="nearest")
    return np.abs(period / near - 1) > _IRREGULAR


def beat_summary(
    series: EvenSeries | None,
    whole: Rate,
    status: str,
    beats: Beats | None,
    columns: dict[str, NDArray[Any]],
    heights: BeatHeights | None,
) -> dict[str, Any]:
    """What is said of all beats together."""
    ok = columns["status"] == "ok"
    period = columns["period_s"][ok]
    mean_period = float(period.mean()) if period.size else nan
    measured = columns["status"] != "gap"
    variability = _variability(beats, columns, ok)
    pulse = columns["peak"] - columns["trough"]
    by_beat = index_interval(pulse[measured], columns["mean"][measured])
    by_beat_peak = index_interval(pulse[measured], columns["peak"][measured])
    nothing = Interval()
    by_wave, by_wave_peak = nothing, nothing
    attenuation, harmonics, as_sampled = nan, 0, nan
    amplitude = None
    if beats is not None and heights is not None:
        by_wave, by_wave_peak = waveform_indices(beats, heights, measured)
        attenuation, harmonics = beats.attenuation, beats.wave.harmonic.size
        amplitude = "ok"
        if attenuation < STRONGLY_ATTENUATED:
            amplitude = "window too long"
        elif harmonics == 1:
            amplitude = "first harmonic only"
        top, bottom = beats.wave.extremes()
        level = float(heights.mean[measured].mean()) if measured.any() else nan
        as_sampled = (top - bottom) / level if level > 0 else nan
    rate = 60.0 / mean_period
    rate_sd = rate * _mean_period_sd(columns, ok, period)
    return {
        "beat_rate_bpm": rate,
        "beat_rate_ci95_low_bpm": rate - 1.96 * rate_sd,
        "beat_rate_ci95_high_bpm": rate + 1.96 * rate_sd,
        "status": status,
        "beats": int(ok.size),
        "beats_accepted": int(ok.sum()),
        "beats_irregular": int(columns["irregular"].sum()),
        "period_mean_s": mean_period,
        **variability,
        "pulsatility_index": by_beat.value,
        "pulsatility_index_ci95_low": by_beat.low,
        "pulsatility_index_ci95_high": by_beat.high,
        "resistivity_index": by_beat_peak.value,
        "resistivity_index_ci95_low": by_beat_peak.low,
        "resistivity_index_ci95_high": by_beat_peak.high,
        "waveform_pulsatility_index": by_wave.value,
        "waveform_pulsatility_index_ci95_low": by_wave.low,
        "waveform_pulsatility_index_ci95_high": by_wave.high,
        "waveform_resistivity_index": by_wave_peak.value,
        "waveform_resistivity_index_ci95_low": by_wave_peak.low,
        "waveform_resistivity_index_ci95_high": by_wave_peak.high,
        "pulsatility_index_as_sampled": as_sampled,
        "window_attenuation": attenuation,
        "harmonics": harmonics,
        "amplitude_status": amplitude,
        "heart_rate_bpm": 60.0 * whole.frequency_hz,
        "false_alarm_probability": whole.false_alarm_probability,
        "valid_share": nan if series is None else series.valid_share,
        "outliers": 0 if series is None else series.outliers,
    }


def _mean_period_sd(
    columns: dict[str, NDArray[Any]], ok: NDArray[np.bool_], period: NDArray[np.float64]
) -> float:
    """Standard deviation of the mean period, as a share.

    Beats that follow each other share onsets, so that only the ends of a run count.
    """
    if period.size < 2:
        return nan
    sd = columns["onset_sd_s"][ok]
    runs = 1 + int(np.count_nonzero(np.diff(np.flatnonzero(ok)) > 1))
    ends = float(np.sqrt(2.0 * runs) * np.mean(sd)) / period.size
    missed = 1.0 - period.size / ok.size
    return float(np.hypot(ends, period.std() * sqrt(missed / period.size)) / period.mean())


def _variability(
    beats: Beats | None, columns: dict[str, NDArray[Any]], ok: NDArray[np.bool_]
) -> dict[str, Any]:
    """Standard deviation of the intervals and of their successive differences, in seconds.

    Each interval is a compromise between the data and what is expected of it: its own uncertainty
    is the part of the variation that the compromise hides, and is added.
    """
    both = ok[1:] & ok[:-1]
    if beats is None or ok.sum() < 8 or both.sum() < 8:
        return {
            "sdnn_s": nan,
            "rmssd_s": nan,
            "onset_sd_median_s": nan,
            "variability_status": "too few beats" if ok.size else None,
        }
    period = columns["period_s"]
    hidden = float(np.mean(columns["period_sd_s"][ok] ** 2))
    seen = float(period[ok].var(ddof=1))
    change = np.diff(period)[both] ** 2 + beats.change_sd_s[both] ** 2
    return {
        "sdnn_s": sqrt(seen + hidden),
        "rmssd_s": sqrt(float(change.mean())),
        "onset_sd_median_s": float(np.median(columns["onset_sd_s"][ok])),
        "variability_status": "ok" if hidden < seen else "below the timing noise",
    }
