"""Cells that move rigidly at a speed that is known, and their velocity as it is measured."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult

OVERSAMPLE = 8
PERIOD_S = 1e-3
PIXEL_UM = 0.5
UNIT = PIXEL_UM / PERIOD_S
"""One px/line in µm/s."""


def moving_cells(
    px_per_line: Any, width: int, *, lines: int = 640, snr: float = 3.0, seed: int = 1
) -> np.ndarray:
    """Cells of about 7 px that move rigidly by `px_per_line` (one value, or one a line)."""
    rng = np.random.default_rng(seed)
    speed = np.broadcast_to(np.asarray(px_per_line, float), (lines,))
    path = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))])
    span = int((np.ptp(path) + width + 40) * OVERSAMPLE)
    texture = gaussian_filter1d(rng.normal(size=span), 2.2 * OVERSAMPLE)
    texture /= texture.std()
    place = (np.arange(width) - path[:, None] + path.max() + 20) * OVERSAMPLE
    clean = np.interp(place.ravel(), np.arange(span), texture).reshape(lines, width)
    return 200 + 30 * clean + rng.normal(0, 30 / snr, (lines, width))


def measure(kymograph: Any, **parameters: Any) -> AnalysisResult:
    scales = {"line_period_s": PERIOD_S, "pixel_size_um": PIXEL_UM}
    return radon_velocity(kymograph, **(scales | parameters))


def median_px(result: AnalysisResult) -> float:
    return float(result.summary["velocity_median_um_per_s"]) / UNIT
