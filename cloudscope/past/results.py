"""Numbers of older programs as results: with the right conversion, marked, the original beside."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.result import AnalysisResult, Calibration, RoiBounds
from cloudscope.past.record import PastDiameter, PastVelocity

__all__ = ["IMPORTED", "diameter_result", "velocity_result"]

IMPORTED = "imported"
"""Status of a row of another program: its number stands, its uncertainty is not known."""

ASSUMED_WINDOW_LINES = 16
"""What KymFlow measured with where its files do not say."""

STEEPEST_DEG = 89.9
"""Angles beyond it are a line parallel to the columns: a speed without bound, so no measurement."""


def velocity_result(
    past: PastVelocity, calibration: Calibration, program: str, bounds: RoiBounds
) -> tuple[AnalysisResult, str]:
    """A velocity as a ``radon_velocity`` result, and how it was converted, in a sentence.

    The Radon angle θ of a line of pixels stands for a slope of tan θ columns a line. Where it was
    written, the velocity is computed from it and the recording's own scales; else the value is
    scaled from the scales it was computed with.

    Raises
    ------
    CalibrationError
        If the recording's line period or pixel size is not known.
    """
    period = needed_scale("import_past", "line_period_s", calibration.line_period_s)
    pixel = needed_scale("import_past", "pixel_size_um", calibration.pixel_size_um)
    if past.theta_deg is not None:
        folded = (past.theta_deg + 90.0) % 180.0 - 90.0
        steep = np.abs(folded) > STEEPEST_DEG
        slope = np.tan(np.radians(np.where(steep, np.nan, folded)))
        sentence = "computed anew from the angle, for the older conversion was wrong"
    else:
        to_um = {"mm/s": 1000.0, "um/s": 1.0}[past.unit]
        slope = past.value * to_um * (past.line_period_s or period) / (past.pixel_size_um or pixel)
        sentence = f"in µm/s and on the recording's scales instead of {past.unit}"
    velocity = slope * pixel / period
    window = past.window_lines or ASSUMED_WINDOW_LINES
    first = bounds[0] if past.from_recording else 0
    row_start = np.round(past.centre_line - first - window / 2).astype(int)
    status = np.where(np.isfinite(velocity), IMPORTED, "not measured")
    unknown = np.full(velocity.size, np.nan)
    columns: dict[str, Any] = {
        "time_s": (row_start + (window - 1) / 2) * period,
        "row_start": row_start,
        "row_stop": row_start + window,
        "velocity_um_per_s": velocity,
        "velocity_sd_um_per_s": unknown,
        "quality": unknown,
        "status": status,
        "original_velocity": past.value,
    }
    if past.theta_deg is not None:
        columns["original_theta_deg"] = past.theta_deg
    accepted = velocity[np.isfinite(velocity)]
    steps = np.diff(row_start)
    summary = {
        "windows": int(velocity.size),
        "windows_accepted": int(accepted.size),
        "velocity_median_um_per_s": _median(accepted),
        "velocity_mean_um_per_s": float(accepted.mean()) if accepted.size else float("nan"),
        "original_velocity_median": _median(past.value[np.isfinite(past.value)]),
        "original_unit": past.unit,
        "imported_from": program,
    }
    result = AnalysisResult.measured(
        "radon_velocity",
        parameters={
            "window_lines": window,
            "step_lines": int(np.median(steps)) if steps.size else window,
        },
        columns=columns,
        summary=summary,
        line_period_s=period,
        pixel_size_um=pixel,
    )
    return replace(result, software=f"imported from {program}"), sentence


def diameter_result(
    past: PastDiameter, calibration: Calibration, program: str, bounds: RoiBounds
) -> tuple[AnalysisResult, str]:
    """A diameter as a ``diameter`` result, and how it was converted, in a sentence.

    The older walls are whole columns, the first and last of the lumen; the lumen reaches from the
    outer edge of the one to that of the other, one column more than their difference.

    Raises
    ------
    CalibrationError
        If the recording's line period or pixel size is not known.
    """
    period = needed_scale("import_past", "line_period_s", calibration.line_period_s)
    pixel = needed_scale("import_past", "pixel_size_um", calibration.pixel_size_um)
    left, right = past.left_px * pixel, (past.right_px + 1.0) * pixel
    width = right - left
    measured = np.isfinite(width) & (width > 0)
    width = np.where(measured, width, np.nan)
    unknown = np.full(width.size, np.nan)
    columns: dict[str, Any] = {
        "time_s": past.line * period,
        "row": np.nan_to_num(past.line).astype(int),
        "diameter_um": width,
        "diameter_sd_um": unknown,
        "left_um": left,
        "right_um": right,
        "quality": unknown,
        "status": np.where(measured, IMPORTED, "not measured"),
        "original_left_px": past.left_px,
        "original_right_px": past.right_px,
    }
    summary = {
        "points": int(width.size),
        "points_accepted": int(measured.sum()),
        "diameter_median_um": _median(width[measured]),
        "imported_from": program,
    }
    result = AnalysisResult.measured(
        "diameter",
        parameters={f"original_{name}": value for name, value in past.parameters.items()},
        columns=columns,
        summary=summary,
        line_period_s=period,
        pixel_size_um=pixel,
    )
    sentence = "from walls in whole columns, on the recording's scales, one column wider"
    return replace(result, software=f"imported from {program}"), sentence


def _median(values: np.ndarray) -> float:
    return float(np.median(values)) if values.size else float("nan")
