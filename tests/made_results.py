"""Results with known numbers, for analyses that work on results."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from cloudscope.analysis.result import AnalysisResult


def velocity_result(
    velocity: ArrayLike,
    sd: ArrayLike = 0.0,
    *,
    status: Any = "ok",
    step_lines: int = 16,
    window_lines: int = 64,
    line_period_s: float = 1e-3,
    first_row: int | None = None,
    analysis: str = "radon_velocity",
) -> AnalysisResult:
    """A velocity, one value a window; `first_row` is where its ROI begins in the recording."""
    velocity = np.asarray(velocity, float)
    start = np.arange(velocity.size) * step_lines
    result = AnalysisResult.measured(
        analysis,
        parameters={"window_lines": window_lines, "step_lines": step_lines},
        columns={
            "time_s": (start + 0.5 * (window_lines - 1)) * line_period_s,
            "row_start": start,
            "row_stop": start + window_lines,
            "velocity_um_per_s": velocity,
            "velocity_sd_um_per_s": np.broadcast_to(np.asarray(sd, float), velocity.shape),
            "status": np.broadcast_to(np.asarray(status), velocity.shape),
        },
        summary={},
        line_period_s=line_period_s,
        pixel_size_um=0.5,
    )
    return placed(result, first_row, window_lines + step_lines * velocity.size)


def diameter_result(
    diameter: ArrayLike,
    sd: ArrayLike = 0.1,
    *,
    status: Any = "ok",
    model_sd: float = 0.0,
    average_lines: int = 1,
    line_period_s: float = 1e-3,
    first_row: int | None = None,
) -> AnalysisResult:
    """A diameter, one value a line or `average_lines`; its sd holds `model_sd`, as measured."""
    diameter = np.asarray(diameter, float)
    row = np.arange(diameter.size) * average_lines
    result = AnalysisResult.measured(
        "diameter",
        parameters={"average_lines": average_lines},
        columns={
            "time_s": (row + 0.5 * (average_lines - 1)) * line_period_s,
            "row": row,
            "diameter_um": diameter,
            "diameter_sd_um": np.broadcast_to(np.hypot(sd, model_sd), diameter.shape),
            "status": np.broadcast_to(np.asarray(status), diameter.shape),
        },
        summary={"diameter_model_sd_um": model_sd},
        line_period_s=line_period_s,
        pixel_size_um=0.5,
    )
    return placed(result, first_row, average_lines * diameter.size)


def placed(result: AnalysisResult, first_row: int | None, rows: int) -> AnalysisResult:
    """`result` as of a ROI that begins at a row of the recording."""
    if first_row is None:
        return result
    return result.bound_to(bounds=(first_row, first_row + rows, 0, 20), channel=0, roi_id=1)
