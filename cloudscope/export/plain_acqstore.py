"""Results in the columns of acqstore's and CloudScope's tables, a file an analysis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["acqstore_tables", "results_of", "theta_deg"]

_VELOCITY = ("channel", "roi_id", "time_s", "time_index", "theta_deg", "velocity")
_DIAMETER = (
    "channel", "roi_id", "time_s", "center_row", "left_edge_px", "right_edge_px", "left_edge_um",
    "right_edge_um", "diameter_px", "diameter_um", "diameter_px_filt", "diameter_um_filt",
    "diameter_was_filtered", "peak", "baseline", "sum_intensity", "edge_strength_left",
    "edge_strength_right", "qc_score", "qc_edge_violation", "qc_diameter_violation",
    "qc_center_violation",
)  # fmt: skip
_INTENSITY = (
    "channel", "roi_id", "time_index", "time_sec", "sum_intensity", "norm_sum_intensity",
    "filtered_norm_sum_intensity", "detrended_norm_sum_intensity", "f0_baseline", "df_f_signal",
    "d_df_f_signal", "is_onset", "is_peak", "onset_index", "peak_id",
)  # fmt: skip

Rows = Iterator[Sequence[Any]]


def acqstore_tables(image: AcqImage) -> dict[str, tuple[Sequence[str], Rows]]:
    """Columns and rows by what stands behind the recording's name in the file's.

    Parameters
    ----------
    image : AcqImage
    """
    return {
        ".radon_velocity.csv": (_VELOCITY, _velocity(image)),
        ".diameter.csv": (_DIAMETER, _diameter(image)),
        ".sum_intensity.csv": (_INTENSITY, _intensity(image)),
    }


def results_of(image: AcqImage, analysis: str) -> list[AnalysisResult]:
    """Results of one analysis, by channel and ROI."""
    return [image.results[key] for key in sorted(image.results) if key[0] == analysis]


def theta_deg(result: AnalysisResult) -> np.ndarray:
    """Radon angle of a velocity: its tangent is the slope in columns a line; 0 to 180."""
    import numpy as np

    period_s, pixel_um = result.calibration.line_period_s, result.calibration.pixel_size_um
    if period_s is None or pixel_um is None:
        return np.full(len(result.columns["time_s"]), np.nan)
    slope = result.columns["velocity_um_per_s"] * period_s / pixel_um
    angle: np.ndarray = np.degrees(np.arctan(slope)) % 180.0
    return angle


def _velocity(image: AcqImage) -> Rows:
    for result in results_of(image, "radon_velocity"):
        columns = result.columns
        centre = (columns["row_start"] + columns["row_stop"]) / 2
        where = (result.channel or 0, result.roi_id or 0)
        rows = (columns["time_s"], centre, theta_deg(result), columns["velocity_um_per_s"])
        yield from ((*where, *row) for row in zip(*(r.tolist() for r in rows), strict=True))


def _diameter(image: AcqImage) -> Rows:
    import numpy as np

    for result in results_of(image, "diameter"):
        columns, pixel_um = result.columns, result.calibration.pixel_size_um or float("nan")
        where = (result.channel or 0, result.roi_id or 0)
        left_um, right_um = columns["left_um"], columns["right_um"]
        width_um = columns["diameter_um"]
        measured = np.isfinite(width_um)
        # theirs are the first and the last column of the lumen, one less than its width apart
        left_px, right_px = left_um / pixel_um, right_um / pixel_um - 1.0
        width_px, nothing = width_um / pixel_um, np.full(len(width_um), np.nan)
        no, edge = np.zeros(len(width_um), bool), ~measured
        rows = (
            columns["time_s"], columns["row"], left_px, right_px, left_um, right_um, width_px,
            width_um, width_px, width_um, no, nothing, nothing, nothing, nothing, nothing,
            columns["quality"], edge, no, no,
        )  # fmt: skip
        yield from ((*where, *row) for row in zip(*(r.tolist() for r in rows), strict=True))


def _intensity(image: AcqImage) -> Rows:
    import numpy as np

    for result in results_of(image, "intensity"):
        columns, period_s = result.columns, result.calibration.line_period_s or float("nan")
        where = (result.channel or 0, result.roi_id or 0)
        count = len(columns["time_s"])
        peaks = np.flatnonzero(columns["is_peak"])
        onsets = np.full(count, np.nan)
        onsets[peaks] = np.round(columns["peak_onset_s"][peaks] / period_s)
        is_onset = np.zeros(count, bool)
        inside = onsets[peaks][np.isfinite(onsets[peaks])].astype(int)
        is_onset[inside[(inside >= 0) & (inside < count)]] = True
        ids = np.where(columns["is_peak"], columns["peak_id"], np.nan)
        nothing = np.full(count, np.nan)
        rows = (
            columns["row"], columns["time_s"], columns["intensity"], nothing, nothing, nothing,
            columns["baseline"], columns["dff"], nothing, is_onset, columns["is_peak"], onsets, ids,
        )  # fmt: skip
        yield from ((*where, *row) for row in zip(*(r.tolist() for r in rows), strict=True))
