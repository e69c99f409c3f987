"""From lines to walls: locate the vessel, learn its profile, measure every line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lumen import judge
from cloudscope.analysis.lumen.course import CLEAR, Course, find_course, walls_inside
from cloudscope.analysis.lumen.fit import LumenFit, fit_lumen
from cloudscope.analysis.lumen.jumps import jumps
from cloudscope.analysis.lumen.locate import follow_vessel
from cloudscope.analysis.lumen.noise import rise_of_noise
from cloudscope.analysis.lumen.profiles import blur_sigma_px
from cloudscope.analysis.lumen.reading import Reading, WallReader
from cloudscope.analysis.lumen.shape import USUAL_PSF_UM, Section, Shape, choose_shape
from cloudscope.analysis.lumen.surroundings import neighbour_gaps, tissue_tilt, wall_pads

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines

__all__ = ["LumenChoice", "LumenLines", "Method", "measure_lumen"]

Method = Literal["cylinder", "half_max", "gradient", "threshold"]

_BIN_LINES = 16
"""Lines averaged to find the vessel and to start the fit of single lines."""
_CHUNK_PIXELS = 32768
"""Pixels of the windows fitted at once: they and their slopes stay in the processor's cache."""
_VISIBLE = 2.0
"""Least height of the lumen on a line, over its standard deviation."""
_FULL_SHARE = 0.1
"""Full pixels near the lumen, as a share of its diameter, from which the profile is cut off."""
_TOUCHING_BLURS = 2.5
"""Blurs between a wall and where a neighbour begins, below which the wall is not its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LumenChoice:
    """What the user asks for, distances in pixels, times in points.

    Attributes
    ----------
    method : Method
    psf_px : float or None
    section : Section
    pixel_size_um : float
    quality_limit : float
    smoothing_px, threshold_share, threshold_value
        Of the methods that read walls off single lines, see `WallReader`.
    diameter_pace_px, centre_pace_px : float or None
        Largest change from one point to the next.
    temporal_prior : bool
    """

    method: Method
    psf_px: float | None
    section: Section
    pixel_size_um: float
    quality_limit: float
    smoothing_px: float | None = None
    threshold_share: float = 0.5
    threshold_value: float | None = None
    diameter_pace_px: float | None = None
    centre_pace_px: float | None = None
    temporal_prior: bool = False


@dataclass(frozen=True, slots=True)
class LumenLines:
    """The vessel on every line, in columns from the middle of the first; NaN is not measured.

    Attributes
    ----------
    centre, diameter, diameter_sd, quality, status : ndarray, shape (lines,)
    shape : Shape or None
        The profile that was fitted; None if no vessel was found or none was fitted.
    snr : float
        Height of the lumen over the noise of one pixel of tissue; NaN if there is no vessel.
    smoothing_px : float or None
        Along the line, before walls were read off it.
    wander_px : float or None
        By how much the diameter walks from one point to the next, with a prior over time.
    """

    centre: NDArray[np.float64]
    diameter: NDArray[np.float64]
    diameter_sd: NDArray[np.float64]
    quality: NDArray[np.float64]
    status: NDArray[np.str_]
    shape: Shape | None = None
    snr: float = float("nan")
    smoothing_px: float | None = None
    wander_px: float | None = None

    @classmethod
    def nothing(cls, finite: NDArray[np.bool_], reason: str | NDArray[np.str_]) -> LumenLines:
        """Lines on which nothing was measured, for one reason or for one each."""
        nan = np.full(finite.shape, np.nan)
        status = np.where(finite, reason, judge.NOT_FINITE).astype("<U16")
        return cls(nan, nan.copy(), nan.copy(), np.zeros(finite.shape), status)


def measure_lumen(
    lines: Lines,
    choice: LumenChoice,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> LumenLines:
    """Measure the strongest bright vessel on every line."""
    bin_lines = max(1, _BIN_LINES // lines.average_lines)
    bounds = np.append(np.arange(0, max(lines.count - bin_lines // 2, 1), bin_lines), lines.count)
    averages, known, finite = _averages(lines, bounds, progress, cancel)
    if not known.any():
        return LumenLines.nothing(finite, judge.NOT_FINITE)
    track = follow_vessel(averages)
    if track is None or not track.measured.any():
        away = track is not None and bool(np.mean(track.open_left | track.open_right) > 0.5)
        return LumenLines.nothing(finite, judge.AT_THE_BORDER if away else judge.NO_VESSEL)
    blur = blur_sigma_px(choice.psf_px or USUAL_PSF_UM / choice.pixel_size_um)
    tilt = tissue_tilt(averages, track, blur, wall_pads(averages, track, blur))
    as_recorded, lines = lines, lines.levelled(tilt)
    averages = averages - (tilt * (np.arange(lines.pixels) - 0.5 * (lines.pixels - 1))).astype(
        np.float32
    )
    noise_rise = rise_of_noise(lines, bounds, track)
    shape = choose_shape(
        lines,
        bounds,
        averages,
        track,
        psf_px=choice.psf_px,
        section=choice.section,
        pixel_size_um=choice.pixel_size_um,
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
    reader = None
    if choice.method != "cylinder":
        reader = WallReader(choice, as_recorded, lines, course, pads)
    reading, full = Reading.empty(lines.count), np.zeros(lines.count)
    chunk = int(np.clip(_CHUNK_PIXELS // (2 * profiles.reach_px + 1), 32, 1024))
    for start in range(0, lines.count, chunk):
        part = slice(start, min(start + chunk, lines.count))
        image, _ = lines.read(part.start, part.stop)
        where = course.centre[part], course.diameter[part]
        fit.put(part, fit_lumen(image, *where, profiles, course.levels.part(part), pads))
        near = course.centre[part], 0.5 * course.diameter[part]
        full[part] = lines.full(
            part.start, part.stop, near[0] - near[1] - pads[0], near[0] + near[1] + pads[1]
        )
        if reader is not None:
            reading.put(part, reader.read(image, part))
        checkpoint(0.25 + 0.75 * part.stop / lines.count, progress, cancel)
    if reader is None:
        reading = Reading(fit.centre, fit.diameter, fit.centre_sd, fit.diameter_sd).widened(
            course.noise_run
        )
    else:
        reading = reading.made_honest(finite & (fit.contrast > _VISIBLE))
    blur = blur_sigma_px(shape.psf_px)
    gaps = np.repeat(neighbour_gaps(averages, track, blur), np.diff(bounds))
    reasons = {
        "not_finite": ~finite,
        "saturated": full > _FULL_SHARE * course.diameter,
        "neighbour": gaps < _TOUCHING_BLURS * blur,
    }
    found = _judged(fit, reading, course, shape, lines.pixels, choice, reasons)
    return found if reader is None else replace(found, smoothing_px=reader.smoothing_px)


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
    reading: Reading,
    course: Course,
    shape: Shape,
    pixels: int,
    choice: LumenChoice,
    reasons: dict[str, NDArray[np.bool_]],
) -> LumenLines:
    """Status and quality of every line, and NaN where nothing was measured."""
    is_cylinder = choice.method == "cylinder"
    own_sd = course.noise_run * fit.diameter_sd
    ends = (course.profiles.smallest_px, course.profiles.largest_px)
    settled = (fit.diameter > ends[0]) & (fit.diameter < ends[1])
    far = np.abs(fit.diameter - course.diameter) > 6.0 * own_sd + 0.1 * course.diameter
    quality = judge.chance_within_ten_percent(fit.diameter, np.hypot(own_sd, _common(fit, shape)))
    quality = np.where(settled & ~far & ~reasons["not_finite"], quality, 0.0)
    if not is_cylinder:
        own = judge.chance_within_ten_percent(reading.diameter, reading.diameter_sd)
        quality = np.minimum(quality, own)
    inside = walls_inside(fit.centre, fit.diameter, blur_sigma_px(shape.psf_px), pixels)
    reasons = reasons | {
        "no_vessel": ~((fit.contrast > _VISIBLE) & (course.contrast > CLEAR)),
        "at_the_border": ~inside | course.open_end,
        "no_crossing": ~(reading.diameter > 0.0),
    }

    def judged(jump: NDArray[np.bool_]) -> NDArray[np.str_]:
        return judge.statuses(
            quality=quality, quality_limit=choice.quality_limit, jump=jump, **reasons
        )

    status = judged(np.zeros(fit.diameter.shape, np.bool_))
    jump = np.zeros(status.shape, np.bool_)
    for value, sd, pace in (
        (reading.diameter, reading.diameter_sd, choice.diameter_pace_px),
        (reading.centre, reading.centre_sd, choice.centre_pace_px),
    ):
        if pace is not None:
            jump |= jumps(value, sd, status == judge.OK, most_per_line=pace)
    status = judged(jump)
    wander = None
    if choice.temporal_prior:
        reading, wander = reading.with_prior(status == judge.OK)
    sd = reading.diameter_sd
    if is_cylinder:
        sd = np.hypot(sd, _common(fit, shape))
    measured = np.isin(status, judge.WITH_NUMBER)
    nan = np.where(measured, 0.0, np.nan)
    height = float(np.median(np.abs(course.levels.height)))
    return LumenLines(
        centre=reading.centre + nan,
        diameter=reading.diameter + nan,
        diameter_sd=sd + nan,
        quality=np.where(measured, quality, 0.0),
        status=status,
        shape=shape,
        snr=height / float(np.sqrt(course.levels.noise_variance[0])),
        wander_px=wander,
    )


def _common(fit: LumenFit, shape: Shape) -> NDArray[np.float64]:
    """What another profile would change of all diameters alike."""
    return shape.diameter_spread * fit.diameter
