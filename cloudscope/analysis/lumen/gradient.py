"""Walls where brightness changes fastest, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.lumen.profiles import blur_sigma_px
from cloudscope.analysis.lumen.smoothing import wall_sd_px

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.course import Course

__all__ = ["gradient_walls"]

_INWARD = 0.4
"""Share of the diameter up to which a wall is looked for inside of where it is expected."""


def gradient_walls(
    slope: NDArray[np.float32],
    course: Course,
    part: slice,
    *,
    smoothing_px: float,
    pads_px: tuple[float, float],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Largest rise and steepest fall of the lines `part` near the walls of the averages.

    Parameters
    ----------
    slope : ndarray, shape (lines, pixels)
        Derivative along the line, smoothed by `smoothing_px`.
    course : Course
    part : slice
        The lines.
    smoothing_px : float
    pads_px : tuple of float
        How far past the left and the right wall there is nothing but tissue.

    Returns
    -------
    left, right : ndarray, shape (lines,)
        Columns from the middle of the first; NaN where nothing rises or falls.
    diameter_sd : ndarray, shape (lines,)
    """
    centre, diameter = course.centre[part], course.diameter[part]
    blur = blur_sigma_px(course.profiles.psf_px)
    search = 3.0 * np.hypot(blur, smoothing_px) + 0.1 * diameter
    inward = np.minimum(search, _INWARD * diameter)
    half = 0.5 * diameter
    left = _steepest(slope, centre - half, np.minimum(search, pads_px[0]), inward)
    right = _steepest(-slope, centre + half, inward, np.minimum(search, pads_px[1]))
    levels = course.levels.part(part)
    noise = np.sqrt(levels.noise_variance * (1.0 + 0.5 * levels.noise_rise))
    ratio = course.noise_run * noise / np.maximum(np.abs(levels.height), 1e-9)
    return left, right, np.sqrt(2.0) * wall_sd_px("slope", smoothing_px, blur, ratio)


def _steepest(
    slope: NDArray[np.float32],
    wall_px: NDArray[np.float64],
    before: NDArray[np.float64],
    after: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Column of the largest slope near `wall_px`, between pixels by a parabola."""
    pixels = slope.shape[1]
    away = np.arange(pixels) - wall_px[:, None]
    near = (away >= -np.maximum(before, 1.0)[:, None]) & (away <= np.maximum(after, 1.0)[:, None])
    sought = np.where(near, slope, -np.inf)
    top = sought.argmax(axis=1)
    line = np.arange(slope.shape[0])
    inside = np.clip(top, 1, pixels - 2)
    low, high, low_after = (slope[line, inside + k].astype(np.float64) for k in (-1, 0, 1))
    bend = low - 2.0 * high + low_after
    shift = np.where(bend < 0, 0.5 * (low - low_after) / np.where(bend < 0, bend, 1.0), 0.0)
    shift = np.where(top == inside, np.clip(shift, -0.5, 0.5), 0.0)
    found = near.any(axis=1) & (slope[line, top] > 0)
    return np.where(found, top + shift, np.nan)
