"""The table and the summary of an intensity measurement."""

from __future__ import annotations

from math import nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import erf

from cloudscope.analysis.brightness.transients import OK
from cloudscope.analysis.counting import poisson_interval
from cloudscope.analysis.registry import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.brightness.lines import LineMeans
    from cloudscope.analysis.brightness.measure import Brightness, Transients

__all__ = ["COLUMNS", "PEAK_COLUMNS", "line_columns", "peak_columns", "summary"]

PEAK_COLUMNS = (
    Column("peak_time_s", "s", "time of the highest point, between lines"),
    Column("peak_amplitude", "ΔF/F0", "height at the highest point"),
    Column("peak_amplitude_sd", "ΔF/F0", "one standard deviation of the amplitude, from noise"),
    Column("peak_foot", "ΔF/F0", "what it stands on: 0, or the tail of the one before"),
    Column("peak_prominence", "ΔF/F0", "height above the higher of the two valleys beside it"),
    Column("peak_false_alarms", "", "peaks as high that noise alone makes in this recording"),
    Column("peak_onset_s", "s", "when it leaves what was before"),
    Column("peak_rise_s", "s", "from 10 to 90 % of the height"),
    Column("peak_decay_s", "s", "from 90 down to 10 % of the height"),
    Column("peak_half_width_s", "s", "width at half of the height"),
    Column("peak_width_10_s", "s", "width at 10 % of the height"),
    Column("peak_width_20_s", "s", "width at 20 % of the height"),
    Column("peak_width_80_s", "s", "width at 80 % of the height"),
    Column("peak_width_90_s", "s", "width at 90 % of the height"),
    Column("peak_rise_slope_per_s", "ΔF/F0/s", "steepest mean slope over half of the rise"),
    Column("peak_decay_slope_per_s", "ΔF/F0/s", "steepest mean slope over half of the decay"),
    Column("peak_area_s", "s", "area under ΔF/F0 from onset until down to 10 %"),
)

COLUMNS = (
    Column("time_s", "s", "time of the line, from the first line"),
    Column("row", "lines", "the line"),
    Column("intensity", "counts", "mean or sum of the line, as recorded"),
    Column("baseline", "counts", "brightness at rest, F0, on the scale of intensity"),
    Column("dff", "ΔF/F0", "ΔF/F0: change of brightness as a share of that at rest"),
    Column("dff_sd", "ΔF/F0", "one standard deviation of ΔF/F0 at rest, from noise"),
    Column("quality", "", "chance, 0 to 1, that noise changes the brightness by less than 10 %"),
    Column("status", "", "ok, or why the line is not accepted"),
    Column("is_peak", "", "whether a peak is highest on this line"),
    Column("peak_id", "", "number of the peak that covers the line, from 1; 0: none"),
    *PEAK_COLUMNS,
    Column("peak_status", "", "of the line of a peak: ok, or what of it could not be measured"),
)


def line_columns(
    lines: LineMeans, brightness: Brightness, period: float, pixels: int
) -> dict[str, NDArray[Any]]:
    """Columns of every line; intensity and baseline are `pixels` times a pixel's."""
    row = np.arange(lines.mean.size)
    constant = lines.finite.any() and np.ptp(lines.mean[lines.finite]) == 0
    status = np.full(row.size, OK, dtype="<U11")
    status[constant] = "constant"
    status[~np.isfinite(brightness.baseline)] = "no baseline"
    status[lines.saturated] = "saturated"
    status[~lines.finite] = "not finite"
    # How much of the brightness, 1 + ΔF/F0, the noise is; a dark line can be all noise.
    share = 0.1 * np.abs(1.0 + brightness.dff) / np.maximum(brightness.dff_sd, 1e-300)
    certain = erf(share / sqrt(2.0))
    quality = np.where(np.isfinite(certain), certain, 0.0) * (1.0 - lines.full_share)
    quality[status == "constant"] = 0.0
    return {
        "time_s": row * period,
        "row": row,
        "intensity": lines.mean * pixels,
        "baseline": brightness.baseline * pixels,
        "dff": brightness.dff,
        "dff_sd": brightness.dff_sd,
        "quality": quality,
        "status": status,
    }


def peak_columns(
    transients: Transients, lines: int, period: float, sign: float
) -> dict[str, NDArray[Any]]:
    """Columns of the transients: on the lines they cover, and on those where they are highest."""
    found = transients.found
    rows = np.array([one.row for one in found], dtype=np.intp)
    is_peak = np.zeros(lines, bool)
    is_peak[rows] = True
    peak_id = np.zeros(lines, np.int64)
    status = np.full(lines, "", dtype="<U9")
    for number, one in enumerate(found, 1):
        peak_id[one.begin : one.end] = number
    for number, one in enumerate(found, 1):
        # Where two overlap, a line is the later one's, but each keeps its highest line.
        peak_id[one.row] = number
        status[one.row] = one.status

    def at_peaks(values: Any) -> NDArray[np.float64]:
        column = np.full(lines, np.nan)
        column[rows] = values
        return column

    values = {
        "peak_time_s": [one.top * period for one in found],
        "peak_amplitude": [sign * one.amplitude for one in found],
        "peak_amplitude_sd": transients.amplitude_sd,
        "peak_foot": [sign * one.foot for one in found],
        "peak_prominence": transients.prominence,
        "peak_false_alarms": transients.chance,
        "peak_onset_s": [one.onset * period for one in found],
        "peak_rise_s": [one.rise * period for one in found],
        "peak_decay_s": [one.decay * period for one in found],
        "peak_half_width_s": [one.half_width * period for one in found],
        "peak_width_10_s": [one.width_10 * period for one in found],
        "peak_width_20_s": [one.width_20 * period for one in found],
        "peak_width_80_s": [one.width_80 * period for one in found],
        "peak_width_90_s": [one.width_90 * period for one in found],
        "peak_rise_slope_per_s": [sign * one.rise_slope / period for one in found],
        "peak_decay_slope_per_s": [sign * one.decay_slope / period for one in found],
        "peak_area_s": [sign * one.area * period for one in found],
    }
    measured = {name: at_peaks(numbers) for name, numbers in values.items()}
    return {"is_peak": is_peak, "peak_id": peak_id, **measured, "peak_status": status}


def summary(
    columns: dict[str, NDArray[Any]],
    lines: LineMeans,
    brightness: Brightness,
    transients: Transients,
    period: float,
) -> dict[str, Any]:
    """What the table says, in a few numbers."""
    ok = columns["status"] == OK
    whole = columns["peak_status"] == OK
    seconds = int(brightness.measured.sum()) * period
    count = len(transients.found)
    looked = bool(np.isfinite(transients.threshold))
    low, high = poisson_interval(count) if looked else (nan, nan)

    def middle(name: str, chosen: NDArray[np.bool_] = columns["is_peak"]) -> float:
        values = columns[name][chosen & np.isfinite(columns[name])]
        return float(np.median(values)) if values.size else nan

    reasons, counts = np.unique(columns["status"][~ok], return_counts=True)
    tau = brightness.bleaching_lines
    return {
        "peaks": count,
        "peaks_accepted": int(whole.sum()),
        "peak_rate_hz": count / seconds if looked else nan,
        "peak_rate_ci95_low_hz": low / seconds if looked else nan,
        "peak_rate_ci95_high_hz": high / seconds if looked else nan,
        "peak_amplitude_median": middle("peak_amplitude"),
        "peak_rise_median_s": middle("peak_rise_s"),
        "peak_decay_median_s": middle("peak_decay_s"),
        "peak_half_width_median_s": middle("peak_half_width_s"),
        "peak_area_median_s": middle("peak_area_s"),
        "peak_threshold": transients.threshold,
        "lines": int(ok.size),
        "lines_accepted": int(ok.sum()),
        "accepted_share": float(ok.mean()),
        "intensity_median": middle("intensity", ok),
        "baseline_median": middle("baseline", ok),
        "dff_sd": middle("dff_sd", ok),
        "bleaching_time_s": None if tau is None else tau * period,
        "bleaching_share": 0.0 if tau is None else -float(np.expm1(-(ok.size - 1) / tau)),
        "saturation_level": lines.saturation_level,
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }
