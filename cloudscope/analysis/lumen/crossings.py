"""Walls where brightness crosses a level, line by line: half maximum, or any other threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.lumen.profiles import blur_sigma_px

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.course import Course

__all__ = ["crossing_walls", "nearest_crossings"]


def crossing_walls(
    smooth: NDArray[np.float32],
    course: Course,
    part: slice,
    *,
    smoothing_px: float,
    share: float,
    level: float | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Walls of the lines `part` at a level between the tissue and the axis of the lumen.

    Parameters
    ----------
    smooth : ndarray, shape (lines, pixels)
        Smoothed by `smoothing_px`.
    course : Course
    part : slice
        The lines.
    smoothing_px : float
    share : float
        The level as a share of the way from tissue to axis.
    level : float or None
        The level itself, on the scale of `smooth`; instead of `share`.

    Returns
    -------
    left, right : ndarray, shape (lines,)
        Columns from the middle of the first; NaN where a line does not cross the level.
    diameter_sd : ndarray, shape (lines,)
        By the noise, at the slope that the profile has there.
    """
    lines, reach = smooth.shape[0], course.profiles.reach_px
    line = np.arange(lines)
    levels, profile = (
        course.levels.part(part),
        course.profiles.read(np.zeros(lines), course.diameter[part]),
    )
    axis = levels.height * profile[:, 0, reach]
    if level is None:
        at, wanted = levels.tissue + share * axis, np.full(lines, share)
    else:
        at = np.full(lines, level)
        wanted = (level - levels.tissue) / np.where(np.abs(axis) > 1e-9, axis, 1e-9)
    # Where the profile has the level: the crossing is looked for there, since a noisy pixel in
    # the middle of the lumen or a neighbour would be taken for a wall from elsewhere.
    falling = profile[:, 0, reach:] / profile[:, 0, reach : reach + 1]
    above = falling >= wanted[:, None]
    last = np.where(above.all(axis=1), reach, above.argmin(axis=1) - 1)
    inner = np.clip(last, 0, reach - 1).astype(np.intp)
    drop = np.maximum(falling[line, inner] - falling[line, inner + 1], 1e-6)
    half = inner + np.clip((falling[line, inner] - wanted) / drop, 0.0, 1.0)
    half = np.where((wanted > 0) & (wanted < 1), half, np.nan)
    left = nearest_crossings(smooth, at, course.centre[part] - half, rising=True)
    right = nearest_crossings(smooth, at, course.centre[part] + half, rising=False)
    blur = blur_sigma_px(course.profiles.psf_px)
    slope = np.abs(levels.height * profile[line, 1, reach + inner])
    slope *= blur / np.hypot(blur, smoothing_px)
    noise = np.sqrt(levels.noise_variance * (1.0 + 0.5 * levels.noise_rise))
    noise *= min(1.0, (2.0 * np.sqrt(np.pi) * max(smoothing_px, 1e-6)) ** -0.5)
    return left, right, np.sqrt(2.0) * course.noise_run * noise / np.maximum(slope, 1e-6)


def nearest_crossings(
    smooth: NDArray[np.float32],
    level: NDArray[np.float64],
    wall_px: NDArray[np.float64],
    *,
    rising: bool,
) -> NDArray[np.float64]:
    """Where each line crosses `level` nearest to where the wall is expected.

    Returns
    -------
    ndarray, shape (lines,)
        Columns from the middle of the first, between pixels by straight lines; NaN where a line
        does not cross or no wall is expected.
    """
    above = smooth >= level[:, None].astype(np.float32)
    crosses = above[:, 1:] & ~above[:, :-1] if rising else above[:, :-1] & ~above[:, 1:]
    column = np.arange(crosses.shape[1]) + 0.5
    expected = np.nan_to_num(wall_px)
    away = np.where(crosses, np.abs(column - expected[:, None]), np.inf)
    left = away.argmin(axis=1)
    line = np.arange(smooth.shape[0])
    first, second = smooth[line, left].astype(np.float64), smooth[line, left + 1]
    change = np.where(second == first, 1.0, second - first)
    place = left + (level - first) / change
    return np.where(crosses.any(axis=1) & np.isfinite(wall_px), place, np.nan)
