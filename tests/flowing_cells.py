"""Cells drawn for tests of flux: gaps of any length, and a velocity that is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr

from cloudscope.analysis.result import AnalysisResult

PERIOD_S, PIXEL_UM = 1e-3, 0.5
SCALES: dict[str, Any] = {"line_period_s": PERIOD_S, "pixel_size_um": PIXEL_UM}


def known_velocity(speed_px: np.ndarray, status: np.ndarray | str = "ok") -> AnalysisResult:
    """A result of `radon_velocity` with the true mean of each window of 64 lines, step 16."""
    start = np.arange(0, speed_px.size - 63, 16)
    way = np.concatenate([[0.0], np.cumsum(speed_px)])
    statuses = np.broadcast_to(np.asarray(status), start.shape).copy()
    mean = (way[start + 64] - way[start]) / 64 * PIXEL_UM / PERIOD_S
    return AnalysisResult.measured(
        "radon_velocity",
        parameters={"window_lines": 64, "step_lines": 16},
        columns={
            "time_s": (start + 31.5) * PERIOD_S,
            "row_start": start,
            "row_stop": start + 64,
            "velocity_um_per_s": np.where(np.isin(statuses, ("ok", "manual")), mean, np.nan),
            "velocity_sd_um_per_s": np.full(start.size, 5.0),
            "quality": np.ones(start.size),
            "status": statuses,
        },
        summary={},
        **SCALES,
    )


@dataclass(frozen=True)
class DrawnCells:
    """A kymograph of a steady flow, and what passes the middle of its line."""

    image: np.ndarray
    speed_px: np.ndarray
    cells: int
    cell_length_um: float


def random_gaps(
    *, hematocrit: float, speed_px: float, lines: int, width: int, snr: float, seed: int
) -> DrawnCells:
    """Cells of 6 to 8 pixels whose gaps are exponential down to nothing: some nearly touch."""
    rng = np.random.default_rng(seed)
    way = speed_px * lines
    mean_gap = 7.0 * (1 - hematocrit) / hematocrit
    count = int(1.3 * (way + 2 * width) / (7.0 + mean_gap)) + 20
    length = rng.uniform(6.0, 8.0, count)
    stop = np.cumsum(length + rng.exponential(mean_gap, count)) - way - width
    start = stop - length
    image = np.empty((lines, width))
    blur = np.hypot(0.8, np.sqrt(1 / 12))  # optics and pixel
    column = np.arange(width)
    for line in range(lines):
        here = np.flatnonzero((stop + speed_px * line > -8) & (start + speed_px * line < width + 8))
        edges = np.stack([start[here], stop[here]]) + speed_px * line
        seen = ndtr((column[:, None, None] - edges.T) / blur)
        image[line] = -(seen[..., 0] - seen[..., 1]).sum(axis=1)
    image += rng.normal(0, image.std() / snr, image.shape)
    middle = 0.5 * (start + stop)
    at = 0.5 * (width - 1)
    passed = (middle < at) & (middle + speed_px * (lines - 1) >= at)
    return DrawnCells(
        image=100 + 40 * image,
        speed_px=np.full(lines, speed_px),
        cells=int(passed.sum()),
        cell_length_um=float(length[passed].mean()) * PIXEL_UM,
    )
