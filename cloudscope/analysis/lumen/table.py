"""Columns and summary of the diameter measurement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.lumen import judge
from cloudscope.analysis.registry import Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.measure import LumenLines

__all__ = ["COLUMNS", "summary"]

COLUMNS = (
    Column("time_s", "s", "Time of the line, or of the middle of the averaged lines"),
    Column("row", "lines", "Row of the line, or the first of the averaged lines"),
    Column("diameter_um", "µm", "Diameter of the lumen"),
    Column("diameter_sd_um", "µm", "Standard deviation of the diameter"),
    Column("left_um", "µm", "Wall at the smaller columns, from the outer edge of the first column"),
    Column("right_um", "µm", "Wall at the larger columns, from the outer edge of the first column"),
    Column("centre_um", "µm", "Axis of the vessel, from the outer edge of the first column"),
    Column("quality", "", "Probability that the diameter is within 10 % of the truth, 0 to 1"),
    Column("status", "", "ok, or why the line is not to be used"),
)


def summary(
    found: LumenLines, width_um: NDArray[np.float64], pixel_um: float, psf_um: float | None
) -> dict[str, Any]:
    """Scalars of all accepted points, and what the measurement found out on the way."""
    accepted = width_um[found.status == judge.OK]
    nan = float("nan")
    quartiles = np.percentile(accepted, (25, 50, 75)) if accepted.size else (nan, nan, nan)
    mean = float(accepted.mean()) if accepted.size else nan
    sd = float(accepted.std(ddof=1)) if accepted.size > 1 else nan
    reasons, counts = np.unique(found.status[found.status != judge.OK], return_counts=True)
    shape = found.shape
    section = shape and (shape.axial_px * pixel_um if np.isfinite(shape.axial_px) else None)
    return {
        "points": int(found.status.size),
        "points_accepted": int(accepted.size),
        "accepted_share": accepted.size / max(found.status.size, 1),
        "diameter_median_um": float(quartiles[1]),
        "diameter_mean_um": mean,
        "diameter_sd_um": sd,
        "diameter_quartile_1_um": float(quartiles[0]),
        "diameter_quartile_3_um": float(quartiles[2]),
        "diameter_cv": sd / mean if accepted.size > 1 else nan,
        "diameter_model_sd_um": shape.diameter_spread * float(quartiles[1]) if shape else nan,
        "snr": found.snr,
        "psf_sigma_um": shape.psf_px * pixel_um if shape else None,
        "psf_source": None if shape is None else "given" if psf_um is not None else "estimated",
        "section_model": None if shape is None else "projected" if section is None else "section",
        "section_sigma_um": section,
        "smoothing_um": None if found.smoothing_px is None else found.smoothing_px * pixel_um,
        "prior_step_sd_um": None if found.wander_px is None else found.wander_px * pixel_um,
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }
