"""The course of the vessel: what averages of lines say of where and how bright it is in time."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.lumen.fit import Levels, LumenFit, fit_lumen, fit_residual
from cloudscope.analysis.lumen.heights import LEAST_STRAY, fit_with_one_height, slow
from cloudscope.analysis.lumen.noise import noise_variance
from cloudscope.analysis.lumen.profiles import CylinderProfiles, blur_sigma_px
from cloudscope.analysis.lumen.shape import Shape, unknown_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines
    from cloudscope.analysis.lumen.locate import Track

__all__ = ["CLEAR", "Course", "find_course", "walls_inside"]

CLEAR = 5.0
"""Least height of the lumen on an average, over its standard deviation."""
_LEAST_SHARE = 0.25
"""Averages that must show a vessel: streaks along a vessel look like one now and then."""
_LEAST_OVER_STRUCTURE = 3.0
"""Height of a lumen over what is left of the lines that is not noise: cells along a line."""
_PROBE_LINES, _PROBE_RUN = 512, 8
"""Lines, and how many in a row, fitted freely to learn how brightness strays from line to line."""


@dataclass(frozen=True, slots=True)
class Course:
    """Where to start the fit of every line, and what to expect of it.

    Attributes
    ----------
    centre, diameter : ndarray, shape (lines,)
        In pixels.
    contrast : ndarray, shape (lines,)
        Height of the lumen over its standard deviation, of the average the line is in.
    open_end : ndarray of bool, shape (lines,)
        The line ends inside the vessel, by that average.
    levels : Levels
    noise_run : float
        Factor by which standard deviations grow because noise runs on from pixel to pixel.
    profiles : CylinderProfiles
    """

    centre: NDArray[np.float64]
    diameter: NDArray[np.float64]
    contrast: NDArray[np.float64]
    open_end: NDArray[np.bool_]
    levels: Levels
    noise_run: float
    profiles: CylinderProfiles


def find_course(
    lines: Lines,
    bounds: NDArray[np.intp],
    averages: NDArray[np.float32],
    track: Track,
    shape: Shape,
    pads: tuple[float, float],
    noise_rise: float,
) -> Course | None:
    """Fit the averages, learn the brightness, and carry both to the single lines.

    Returns
    -------
    Course or None
        None if too few averages show a vessel with both walls on the line, or if what looks like
        one travels along the line, or hardly stands out of the streaks.
    """
    centre, width = track.smoothed()
    blur = blur_sigma_px(shape.psf_px)
    reference = float(np.median(width))

    def table(widths: NDArray[np.float64], room: float) -> CylinderProfiles:
        return CylinderProfiles(
            (1 - room) * float(widths.min()) - blur,
            (1 + room) * float(widths.max()) + blur,
            reference,
            psf_px=shape.psf_px,
            axial_px=shape.axial_px,
            reach_px=int(np.ceil(0.5 * float(widths.max()) + max(pads))) + 1,
        )

    profiles = table(width, 0.25)
    free = unknown_levels(track, np.arange(averages.shape[0]), noise_variance(averages), noise_rise)
    first = fit_lumen(averages, centre, width, profiles, free, pads)
    open_end = track.open_left | track.open_right
    good = walls_inside(first.centre, first.diameter, blur, lines.pixels) & ~open_end
    good &= (first.contrast > CLEAR) & (first.diameter_sd < 0.5 * first.diameter)
    if good.mean() < _LEAST_SHARE or _travels(first, good, lines.pixels):
        return None
    height = slow(first.height, good)
    known = replace(
        free,
        tissue=slow(first.tissue, good),
        height=height,
        height_sd=LEAST_STRAY * np.abs(height),
    )
    second, known = fit_with_one_height(averages, centre, width, profiles, known, pads, good, first)
    width, centre = (
        _without_spikes(second.diameter, good),
        _without_spikes(second.centre, good),
    )
    counts = np.diff(bounds)
    at_average, at_line = 0.5 * (bounds[:-1] + bounds[1:] - 1), np.arange(lines.count)

    def carried(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(at_line, at_average, values)

    endless = np.full(lines.count, np.inf)
    noise = np.full(lines.count, free.noise_variance[0] * np.median(counts))
    course = Course(
        carried(centre),
        carried(width),
        np.repeat(first.contrast, counts),
        np.repeat(open_end, counts),
        Levels(carried(known.tissue), carried(known.height), endless, endless, noise, noise_rise),
        1.0,
        table(width, 0.2),
    )
    learned = _strays(lines, course, pads)
    return None if learned is None else replace(course, levels=learned[0], noise_run=learned[1])


def _travels(fit: LumenFit, good: NDArray[np.bool_], pixels: int) -> bool:
    """Whether it steadily moves along the line, farther in all than the line is long.

    A vessel moves about on the line with its tissue; cells enter it, cross it and leave it.
    """
    pairs = good[1:] & good[:-1]
    if not pairs.any():
        return False
    step = float(np.median(np.diff(fit.centre)[pairs]))
    return abs(step) * (good.size - 1) > pixels


def walls_inside(
    centre: NDArray[np.float64], diameter: NDArray[np.float64], blur: float, pixels: int
) -> NDArray[np.bool_]:
    """Whether both walls, blurred as they are, lie on the line."""
    margin = max(blur, 1.0)
    left, right = centre - 0.5 * diameter, centre + 0.5 * diameter
    return (left > -0.5 + margin) & (right < pixels - 0.5 - margin)


def _without_spikes(values: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`values` with those not good, and spikes, replaced by what stands around them."""
    at = np.arange(values.size)
    filled = np.interp(at, at[good], values[good])
    around = median_filter(filled, size=min(9, values.size), mode="nearest")
    away = np.abs(filled - around)
    stray = 1.4826 * float(np.median(away))
    return np.where(away > max(8 * stray, 0.02 * float(np.ptp(around)), 0.5), around, filled)


def _strays(lines: Lines, course: Course, pads: tuple[float, float]) -> tuple[Levels, float] | None:
    """Levels with how far brightness strays, and how far noise runs on, from lines spread about.

    None if the lumen hardly stands out of what neighbouring pixels have in common besides it.
    """
    starts = np.unique(
        np.linspace(0, max(lines.count - _PROBE_RUN, 0), _PROBE_LINES // _PROBE_RUN).astype(np.intp)
    )
    pick = np.unique(np.minimum(starts[:, None] + np.arange(_PROBE_RUN), lines.count - 1))
    runs = np.split(pick, np.flatnonzero(np.diff(pick) > 1) + 1)
    image = np.concatenate([lines.read(int(run[0]), int(run[-1]) + 1)[0] for run in runs])
    levels = course.levels
    start = course.centre[pick], course.diameter[pick], course.profiles
    free = fit_lumen(image, *start, levels.part(pick), pads)
    residual = fit_residual(image, *start, free, levels.part(pick), pads)[:, :-1]
    alone, next_one, after = (_covariance(residual, lag) for lag in (0, 1, 2))
    alone = max(alone, 1e-12)
    noise_run = float(np.sqrt(1.0 + 2.0 * (max(next_one, 0.0) + max(after, 0.0)) / alone))
    height = float(np.median(np.abs(levels.height)))
    if height**2 < _LEAST_OVER_STRUCTURE**2 * next_one:
        return None
    noise = float(np.median(free.residual_variance))

    def stray(
        found: NDArray[np.float64], expected: NDArray[np.float64], sd: NDArray[np.float64]
    ) -> float:
        scatter = (1.4826 * float(np.median(np.abs(found - expected)))) ** 2
        chance = float(np.median(sd)) ** 2
        # The scatter itself is known to a few per cent, so a little of it is always allowed.
        return float(np.sqrt(max(scatter - chance, 0.0) + 0.04 * chance))

    least = LEAST_STRAY * height
    height_sd = np.hypot(stray(free.height, levels.height[pick], free.height_sd), least)
    tissue_sd = np.hypot(stray(free.tissue, levels.tissue[pick], free.tissue_sd), least)
    each = np.ones(lines.count)
    levels = replace(
        levels,
        tissue_sd=tissue_sd * each,
        height_sd=height_sd * each,
        noise_variance=noise * each,
    )
    return levels, noise_run


def _covariance(residual: NDArray[np.float64], lag: int) -> float:
    """Mean product of pixels `lag` apart, of those that have a residual."""
    product = residual[:, lag:] * residual[:, : residual.shape[1] - lag]
    return float(product.sum()) / max(int(np.count_nonzero(product)), 1)
