"""Walls at half maximum, line by line: the plain method the field uses, to compare with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.course import Course

__all__ = ["half_maximum", "nearest_crossings"]

_SMOOTHING_PX = 0.8
_NOISE_LEFT = (2.0 * np.sqrt(np.pi) * _SMOOTHING_PX) ** -0.5
"""Share of white noise that the smoothing leaves."""


def half_maximum(
    image: NDArray[np.float32], course: Course, part: slice
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Walls of the lines `part` half way from the tissue to the axis of the lumen.

    Returns
    -------
    left, right : ndarray, shape (lines,)
        Columns from the middle of the first; NaN where a line does not cross the level.
    diameter_sd : ndarray, shape (lines,)
        By the noise, at the slope that the profile has there.
    """
    smooth = gaussian_filter1d(image, _SMOOTHING_PX, axis=1, mode="nearest")
    lines, reach = image.shape[0], course.profiles.reach_px
    profile = course.profiles.read(np.zeros(lines), course.diameter[part])
    height = course.levels.height[part] * profile[:, 0, reach]
    half = course.levels.tissue[part] + 0.5 * height
    first = course.centre[part] - 0.5 * course.diameter[part]
    left = nearest_crossings(smooth, half, first, rising=True)
    right = nearest_crossings(smooth, half, first + course.diameter[part], rising=False)
    there = reach + np.rint(0.5 * np.nan_to_num(right - left)).astype(np.intp)
    there = np.clip(there, reach, 2 * reach)
    slope = np.abs(course.levels.height[part] * profile[np.arange(lines), 1, there])
    noise = _NOISE_LEFT * np.sqrt(course.levels.noise_variance[part])
    return left, right, np.sqrt(2.0) * noise / np.maximum(slope, 1e-6)


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
