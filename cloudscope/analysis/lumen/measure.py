"""From lines to walls: locate the vessel, learn its profile, measure every line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lumen import half_max, judge
from cloudscope.analysis.lumen.fit import Levels, LumenFit, fit_lumen
from cloudscope.analysis.lumen.locate import Track, follow_vessel
from cloudscope.analysis.lumen.profiles import CylinderProfiles, blur_sigma_px
from cloudscope.analysis.lumen.shape import (
    Section,
    Shape,
    choose_shape,
    noise_variance,
    unknown_levels,
    wall_pads,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines

__all__ = ["LumenLines", "Method", "measure_lumen"]

Method = Literal["fit", "half_max"]

_BIN_LINES = 16
"""Lines averaged to find the vessel and to start the fit of single lines."""
_CHUNK_LINES = 512
_PROBE_LINES = 512
"""Lines fitted freely to learn how much brightness strays from line to line."""
_LEAST_STRAY = 0.02
_LEAST_SHARE = 0.25
"""Averages that must show a vessel: streaks along a vessel look like one now and then."""
_CLEAR, _VISIBLE = 5.0, 2.0
"""Height of the lumen over its standard deviation: least for an average, and for a line."""


@dataclass(frozen=True, slots=True)
class LumenLines:
    """Walls of every line, in columns from the middle of the first; NaN is not measured.

    Attributes
    ----------
    left, right, diameter_sd, quality, status : ndarray, shape (lines,)
    shape : Shape or None
        The profile that was fitted; None if no vessel was found or none was fitted.
    snr : float
        Height of the lumen over the noise of one pixel; NaN if there is no vessel.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    diameter_sd: NDArray[np.float64]
    quality: NDArray[np.float64]
    status: NDArray[np.str_]
    shape: Shape | None = None
    snr: float = float("nan")

    @classmethod
    def nothing(cls, finite: NDArray[np.bool_], reason: str | NDArray[np.str_]) -> LumenLines:
        """Lines on which nothing was measured, for one reason or for one each."""
        nan = np.full(finite.shape, np.nan)
        status = np.where(finite, reason, judge.NOT_FINITE).astype("<U16")
        return cls(nan, nan.copy(), nan.copy(), np.zeros(finite.shape), status)


@dataclass(frozen=True, slots=True)
class _Course:
    """What the averages say, at every line: where to start, what to expect."""

    centre: NDArray[np.float64]
    diameter: NDArray[np.float64]
    contrast: NDArray[np.float64]
    open_end: NDArray[np.bool_]
    levels: Levels


def measure_lumen(
    lines: Lines,
    *,
    method: Method,
    psf_px: float | None,
    section: Section,
    pixel_size_um: float,
    min_quality: float,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> LumenLines:
    """Measure the strongest bright vessel on every line.

    See `cloudscope.diameter` for the parameters; distances here are in pixels.
    """
    bin_lines = max(1, _BIN_LINES // lines.average_lines)
    bounds = np.append(np.arange(0, max(lines.count - bin_lines // 2, 1), bin_lines), lines.count)
    averages, known, finite = _averages(lines, bounds, progress, cancel)
    if not known.any():
        return LumenLines.nothing(finite, judge.NOT_FINITE)
    track = follow_vessel(averages)
    if track is None or not track.measured.any():
        away = track is not None and bool(np.mean(track.open_left | track.open_right) > 0.5)
        return LumenLines.nothing(finite, judge.AT_THE_BORDER if away else judge.NO_VESSEL)
    shape = choose_shape(
        averages, track, psf_px=psf_px, section=section, pixel_size_um=pixel_size_um
    )
    checkpoint(0.2, progress, cancel)
    pads = wall_pads(averages, track, blur_sigma_px(shape.psf_px))
    course, profiles = _course(lines, bounds, averages, track, shape, pads)
    if course is None or profiles is None:
        reason = np.where(
            np.repeat(track.open_left | track.open_right, np.diff(bounds)),
            judge.AT_THE_BORDER,
            judge.NO_VESSEL,
        )
        return replace(LumenLines.nothing(finite, reason), shape=shape)
    checkpoint(0.25, progress, cancel)
    fit = LumenFit.empty(lines.count)
    for start in range(0, lines.count, _CHUNK_LINES):
        part = slice(start, min(start + _CHUNK_LINES, lines.count))
        image, _ = lines.read(part.start, part.stop)
        where = course.centre[part], course.diameter[part]
        levels = course.levels.part(part)
        fit.put(part, fit_lumen(image, *where, profiles, levels, pads))
        if method == "half_max":
            _half_maximum(fit, part, image, course)
        checkpoint(0.25 + 0.75 * part.stop / lines.count, progress, cancel)
    return _judged(fit, course, finite, shape, profiles, lines.pixels, min_quality)


def _averages(
    lines: Lines, bounds: NDArray[np.intp], progress: Progress | None, cancel: Cancel | None
) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
    """Means between `bounds`, from the nearest where no line is finite; which were; and lines."""
    averages = np.empty((bounds.size - 1, lines.pixels), np.float32)
    known = np.empty(bounds.size - 1, np.bool_)
    finite = np.empty(lines.count, np.bool_)
    for first in range(0, bounds.size - 1, 64):
        part = slice(first, min(first + 64, bounds.size - 1))
        inner = bounds[part.start : part.stop + 1]
        averages[part], known[part], finite[inner[0] : inner[-1]] = lines.means(inner)
        checkpoint(0.1 * part.stop / known.size, progress, cancel)
    if known.any() and not known.all():
        there = np.flatnonzero(known)
        at = np.arange(known.size)
        right = np.clip(np.searchsorted(there, at), 0, there.size - 1)
        left = np.maximum(right - 1, 0)
        nearer = np.abs(there[left] - at) < np.abs(there[right] - at)
        averages = averages[np.where(nearer, there[left], there[right])]
    return averages, known, finite


def _smooth_course(values: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """`values` with those not good, and spikes, replaced by what stands around them."""
    at = np.arange(values.size)
    filled = np.interp(at, at[good], values[good])
    around = median_filter(filled, size=min(9, values.size), mode="nearest")
    stray = 1.4826 * float(np.median(np.abs(filled - around)))
    return np.where(
        np.abs(filled - around) > max(8 * stray, 0.02 * np.ptp(around), 0.5), around, filled
    )


def _course(
    lines: Lines,
    bounds: NDArray[np.intp],
    averages: NDArray[np.float32],
    track: Track,
    shape: Shape,
    pads: tuple[float, float],
) -> tuple[_Course | None, CylinderProfiles | None]:
    """Fit the averages, learn the brightness, and carry both to the single lines."""
    measured = track.measured
    width = _smooth_course(np.maximum(track.right_px - track.left_px, 1.0), measured)
    centre = _smooth_course(0.5 * (track.right_px + track.left_px), measured)
    every = np.arange(averages.shape[0])
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

    free = unknown_levels(track, every, noise_variance(averages))
    first = fit_lumen(averages, centre, width, table(width, 0.35), free, pads)
    inside = _inside(first.centre, first.diameter, blur, lines.pixels)
    open_end = track.open_left | track.open_right
    good = inside & ~open_end & (first.contrast > _CLEAR)
    good &= first.diameter_sd < 0.5 * first.diameter
    if good.mean() < _LEAST_SHARE:
        return None, None
    size = min(31, every.size)
    at_bin = 0.5 * (bounds[:-1] + bounds[1:] - 1)
    at = np.arange(lines.count)

    def carried(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(at, at_bin, values)

    def level(values: NDArray[np.float64]) -> NDArray[np.float64]:
        filled = np.interp(every, every[good], values[good])
        return np.asarray(median_filter(filled, size=size, mode="nearest"), dtype=np.float64)

    expected = level(first.tissue), level(first.height)
    # Thin vessels trade height for width; knowing the height of the recording settles it.
    known = replace(
        free, tissue=expected[0], height=expected[1], height_sd=_LEAST_STRAY * expected[1]
    )
    second = fit_lumen(averages, first.centre, first.diameter, table(width, 0.35), known, pads)
    width, centre = _smooth_course(second.diameter, good), _smooth_course(second.centre, good)
    profiles = table(width, 0.3)
    levels = Levels(
        carried(expected[0]),
        carried(expected[1]),
        np.full(lines.count, np.inf),
        np.full(lines.count, np.inf),
        np.full(lines.count, free.noise_variance[0] * np.median(np.diff(bounds))),
    )
    course = _Course(
        carried(centre),
        carried(width),
        np.repeat(first.contrast, np.diff(bounds)),
        np.repeat(open_end, np.diff(bounds)),
        levels,
    )
    return replace(course, levels=_strays(lines, course, profiles, pads)), profiles


def _inside(
    centre: NDArray[np.float64], diameter: NDArray[np.float64], blur: float, pixels: int
) -> NDArray[np.bool_]:
    """Whether both walls, blurred as they are, lie on the line."""
    margin = max(blur, 1.0)
    left, right = centre - 0.5 * diameter, centre + 0.5 * diameter
    return (left > -0.5 + margin) & (right < pixels - 0.5 - margin)


def _strays(
    lines: Lines, course: _Course, profiles: CylinderProfiles, pads: tuple[float, float]
) -> Levels:
    """Levels with how far brightness strays from line to line, learned on lines spread about."""
    pick = np.unique(np.linspace(0, lines.count - 1, _PROBE_LINES).astype(np.intp))
    image = np.concatenate([lines.read(int(k), int(k) + 1)[0] for k in pick])
    levels = course.levels
    free = fit_lumen(
        image, course.centre[pick], course.diameter[pick], profiles, levels.part(pick), pads
    )
    noise = float(np.median(free.residual_variance))

    def stray(
        found: NDArray[np.float64], expected: NDArray[np.float64], sd: NDArray[np.float64]
    ) -> float:
        scatter = (1.4826 * float(np.median(np.abs(found - expected)))) ** 2
        chance = float(np.median(sd)) ** 2
        # The scatter itself is known to a few per cent, so a little of it is always allowed.
        return float(np.sqrt(max(scatter - chance, 0.0) + 0.04 * chance))

    height = float(np.median(np.abs(levels.height)))
    height_sd = np.hypot(
        stray(free.height, levels.height[pick], free.height_sd), _LEAST_STRAY * height
    )
    tissue_sd = np.hypot(
        stray(free.tissue, levels.tissue[pick], free.tissue_sd), _LEAST_STRAY * height
    )
    return Levels(
        levels.tissue,
        levels.height,
        np.full(lines.count, tissue_sd),
        np.full(lines.count, height_sd),
        np.full(lines.count, noise),
    )


def _half_maximum(fit: LumenFit, part: slice, image: NDArray[np.float32], course: _Course) -> None:
    """Replace the walls of the fit by those at half maximum; the fit still judges the line."""
    smooth = half_max.smoothed(image)
    tissue, height = course.levels.tissue[part], course.levels.height[part]
    left_px = course.centre[part] - 0.5 * course.diameter[part]
    left = half_max.nearest_crossings(smooth, tissue + 0.5 * height, left_px, rising=True)
    right_px = left_px + course.diameter[part]
    right = half_max.nearest_crossings(smooth, tissue + 0.5 * height, right_px, rising=False)
    fit.centre[part] = 0.5 * (left + right)
    fit.diameter[part] = right - left


def _judged(
    fit: LumenFit,
    course: _Course,
    finite: NDArray[np.bool_],
    shape: Shape,
    profiles: CylinderProfiles,
    pixels: int,
    min_quality: float,
) -> LumenLines:
    """Status and quality of every line, and NaN where nothing was measured."""
    inside = _inside(fit.centre, fit.diameter, blur_sigma_px(shape.psf_px), pixels)
    vessel = (fit.contrast > _VISIBLE) & (course.contrast > _CLEAR)
    quality = judge.chance_within_ten_percent(fit.diameter, fit.diameter_sd)
    ends = (profiles.smallest_px, profiles.largest_px)
    settled = (fit.diameter > ends[0]) & (fit.diameter < ends[1])
    far = np.abs(fit.diameter - course.diameter) > 6.0 * fit.diameter_sd + 0.1 * course.diameter
    quality = np.where(settled & ~far & finite, quality, 0.0)
    status = judge.statuses(
        finite=finite,
        vessel=vessel,
        walls_inside=inside & ~course.open_end,
        quality=quality,
        min_quality=min_quality,
    )
    measured = (status == judge.OK) | (status == judge.LOW_QUALITY)
    nan = np.where(measured, 0.0, np.nan)
    height = float(np.median(np.abs(course.levels.height)))
    return LumenLines(
        left=fit.centre - 0.5 * fit.diameter + nan,
        right=fit.centre + 0.5 * fit.diameter + nan,
        diameter_sd=fit.diameter_sd + nan,
        quality=np.where(measured, quality, 0.0),
        status=status,
        shape=shape,
        snr=height / float(np.sqrt(course.levels.noise_variance[0])),
    )
