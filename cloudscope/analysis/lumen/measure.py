"""From lines to walls: locate the vessel, learn its profile, measure every line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lumen import judge
from cloudscope.analysis.lumen.course import CLEAR, Course, find_course, walls_inside
from cloudscope.analysis.lumen.fit import LumenFit, fit_lumen
from cloudscope.analysis.lumen.half_max import half_maximum
from cloudscope.analysis.lumen.locate import follow_vessel
from cloudscope.analysis.lumen.noise import rise_of_noise
from cloudscope.analysis.lumen.profiles import blur_sigma_px
from cloudscope.analysis.lumen.shape import (
    USUAL_PSF_UM,
    Section,
    Shape,
    choose_shape,
    tissue_tilt,
    wall_pads,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines

__all__ = ["LumenLines", "Method", "measure_lumen"]

Method = Literal["fit", "half_max"]

_BIN_LINES = 16
"""Lines averaged to find the vessel and to start the fit of single lines."""
_CHUNK_PIXELS = 32768
"""Pixels of the windows fitted at once: they and their slopes stay in the processor's cache."""
_VISIBLE = 2.0
"""Least height of the lumen on a line, over its standard deviation."""


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


def measure_lumen(
    lines: Lines,
    *,
    method: Method,
    psf_px: float | None,
    section: Section,
    pixel_size_um: float,
    quality_limit: float,
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
    blur = blur_sigma_px(psf_px or USUAL_PSF_UM / pixel_size_um)
    tilt = tissue_tilt(averages, track, blur, wall_pads(averages, track, blur))
    lines = lines.levelled(tilt)
    averages = averages - (tilt * (np.arange(lines.pixels) - 0.5 * (lines.pixels - 1))).astype(
        np.float32
    )
    noise_rise = rise_of_noise(lines, bounds, track)
    shape = choose_shape(
        lines,
        bounds,
        averages,
        track,
        psf_px=psf_px,
        section=section,
        pixel_size_um=pixel_size_um,
        noise_rise=noise_rise,
        still_wanted=lambda: checkpoint(0.1, progress, cancel),
    )
    checkpoint(0.2, progress, cancel)
    pads = wall_pads(averages, track, blur_sigma_px(shape.psf_px))
    course = find_course(lines, bounds, averages, track, shape, pads, noise_rise)
    if course is None:
        reason = np.where(
            np.repeat(track.open_left | track.open_right, np.diff(bounds)),
            judge.AT_THE_BORDER,
            judge.NO_VESSEL,
        )
        return replace(LumenLines.nothing(finite, reason), shape=shape)
    checkpoint(0.25, progress, cancel)
    profiles = course.profiles
    fit = LumenFit.empty(lines.count)
    half = np.full((3, lines.count if method == "half_max" else 0), np.nan)
    chunk = int(np.clip(_CHUNK_PIXELS // (2 * profiles.reach_px + 1), 32, 1024))
    for start in range(0, lines.count, chunk):
        part = slice(start, min(start + chunk, lines.count))
        image, _ = lines.read(part.start, part.stop)
        where = course.centre[part], course.diameter[part]
        levels = course.levels.part(part)
        fit.put(part, fit_lumen(image, *where, profiles, levels, pads))
        if method == "half_max":
            half[:, part] = half_maximum(image, course, part)
        checkpoint(0.25 + 0.75 * part.stop / lines.count, progress, cancel)
    judged = _judged(fit, course, finite, shape, lines.pixels, quality_limit)
    return judged if method == "fit" else _with_half_maximum(judged, half)


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


def _judged(
    fit: LumenFit,
    course: Course,
    finite: NDArray[np.bool_],
    shape: Shape,
    pixels: int,
    quality_limit: float,
) -> LumenLines:
    """Status and quality of every line, and NaN where nothing was measured."""
    inside = walls_inside(fit.centre, fit.diameter, blur_sigma_px(shape.psf_px), pixels)
    vessel = (fit.contrast > _VISIBLE) & (course.contrast > CLEAR)
    own_sd = course.noise_run * fit.diameter_sd
    diameter_sd = np.hypot(own_sd, shape.diameter_spread * fit.diameter)
    quality = judge.chance_within_ten_percent(fit.diameter, diameter_sd)
    ends = (course.profiles.smallest_px, course.profiles.largest_px)
    settled = (fit.diameter > ends[0]) & (fit.diameter < ends[1])
    far = np.abs(fit.diameter - course.diameter) > 6.0 * own_sd + 0.1 * course.diameter
    quality = np.where(settled & ~far & finite, quality, 0.0)
    status = judge.statuses(
        finite=finite,
        vessel=vessel,
        walls_inside=inside & ~course.open_end,
        quality=quality,
        quality_limit=quality_limit,
    )
    measured = (status == judge.OK) | (status == judge.LOW_QUALITY)
    nan = np.where(measured, 0.0, np.nan)
    height = float(np.median(np.abs(course.levels.height)))
    return LumenLines(
        left=fit.centre - 0.5 * fit.diameter + nan,
        right=fit.centre + 0.5 * fit.diameter + nan,
        diameter_sd=diameter_sd + nan,
        quality=np.where(measured, quality, 0.0),
        status=status,
        shape=shape,
        snr=height / float(np.sqrt(course.levels.noise_variance[0])),
    )


def _with_half_maximum(judged: LumenLines, half: NDArray[np.float64]) -> LumenLines:
    """The lines that the fit accepts, with their walls at half maximum instead."""
    left, right, diameter_sd = half
    crossed = np.isfinite(judged.left) & (right > left)
    nan = np.where(crossed, 0.0, np.nan)
    lost = ~crossed & (judged.status == judge.OK)
    return replace(
        judged,
        left=left + nan,
        right=right + nan,
        diameter_sd=diameter_sd + nan,
        quality=np.where(crossed, judged.quality, 0.0),
        status=np.where(lost, judge.LOW_QUALITY, judged.status),
    )
