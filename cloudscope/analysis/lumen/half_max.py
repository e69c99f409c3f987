"""Walls at half maximum, line by line: the plain method the field uses, to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SMOOTHING_PX", "nearest_crossings", "smoothed"]

SMOOTHING_PX = 0.8


def smoothed(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Lines after a light Gaussian blur along the line."""
    blurred: NDArray[np.float32] = gaussian_filter1d(image, SMOOTHING_PX, axis=1, mode="nearest")
    return blurred


def nearest_crossings(
    smooth: NDArray[np.float32],
    half: NDArray[np.float64],
    wall_px: NDArray[np.float64],
    *,
    rising: bool,
) -> NDArray[np.float64]:
    """Where each line crosses `half` nearest to where the wall is expected.

    Searching near the wall of the averaged lines, and not outward from the middle, keeps a noisy
    pixel inside the lumen from being taken for the wall.

    Returns
    -------
    ndarray, shape (lines,)
        Columns from the middle of the first; NaN where a line does not cross.
    """
    above = smooth >= half[:, None].astype(np.float32)
    crosses = above[:, 1:] & ~above[:, :-1] if rising else above[:, :-1] & ~above[:, 1:]
    column = np.arange(crosses.shape[1]) + 0.5
    away = np.where(crosses, np.abs(column - wall_px[:, None]), np.inf)
    left = away.argmin(axis=1)
    line = np.arange(smooth.shape[0])
    first, second = smooth[line, left].astype(np.float64), smooth[line, left + 1]
    change = np.where(second == first, 1.0, second - first)
    place = left + (half - first) / change
    return np.where(crosses.any(axis=1), place, np.nan)
