"""Stalls, reversals and gaps: what is told by the speed itself, not by how unusual it is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.events.course import Course, box_mean, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.events.scan import Unrest

__all__ = ["StallRule", "find_gaps", "find_reversals", "find_stalls", "near_zero", "smoothed"]

_COMPATIBLE = 2.0
"""Standard deviations within which a speed is compatible with another."""
_FAR_FROM_FAST = 0.3
"""Share of the fastest flow that no beat falls short of for long, but noise about a stall does."""
_LONGER_THAN_BEATS_S = 2.0
_MOST_OF_THE_TIME = 0.4
_BACKWARDS = 3.0
"""Standard deviations below zero from which flow is the other way."""
_LEAST_GAP_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class StallRule:
    """When flow stands still.

    Attributes
    ----------
    speed_um_per_s : float
        Slower than this is a stall,
    share : float
        as is slower than this share of the usual speed.
    duration_s : float
        Shortest stall.
    """

    speed_um_per_s: float
    share: float
    duration_s: float

    def limit(self, usual: NDArray[np.float64]) -> NDArray[np.float64]:
        """Speed below which flow stalls, at each sample (µm/s)."""
        return np.maximum(self.speed_um_per_s, self.share * np.abs(usual))


def find_gaps(course: Course, least_s: float) -> list[tuple[int, int]]:
    """Stretches of at least `least_s` without measurement.

    Samples that were measured now and then between others that were not are part of the gap as
    long as half of it is missing.
    """
    merged: list[tuple[int, int]] = []
    for first, stop in runs(~course.known):
        if merged:
            begin = merged[-1][0]
            island = (first - merged[-1][1]) * course.step_s
            missing = int((~course.known[begin:stop]).sum())
            if island < least_s and missing >= _LEAST_GAP_SHARE * (stop - begin):
                merged[-1] = (begin, stop)
                continue
        merged.append((first, stop))
    return [(a, b) for a, b in merged if (b - a) * course.step_s >= least_s]


def smoothed(course: Course, limit: NDArray[np.float64], most_s: float) -> Course:
    """The course averaged just enough to tell the speed from the limit of a stall."""
    known = course.known & (limit > 0)
    if not known.any():
        return course
    ratio = float(np.median(course.sd[known] / limit[known]))
    # Beyond this ratio it is `most_s` anyway.
    wanted = course.window_s * (_COMPATIBLE * min(ratio, 1e3)) ** 2
    # An odd number, so that the mean is of what is around a sample and not late.
    width = 2 * ((course.samples(min(wanted, most_s)) - 1) // 2) + 1
    if width < 2:
        return course
    speed = np.where(course.known, box_mean(course.speed, width, 0.0), np.nan)
    window = course.window_s + (width - 1) * course.step_s
    return replace(course, speed=speed, window_s=window)


def _bridged(flags: NDArray[np.bool_], course: Course, shortest_s: float) -> list[tuple[int, int]]:
    """Runs of `flags`, joined where less than `shortest_s` parts them; only as long as that."""
    most = max(1, int(shortest_s / course.step_s))
    joined: list[tuple[int, int]] = []
    for first, stop in runs(flags):
        if joined and first - joined[-1][1] < most and first - joined[-1][1] < stop - first:
            joined[-1] = (joined[-1][0], stop)
        else:
            joined.append((first, stop))
    return [(a, b) for a, b in joined if (b - a) * course.step_s >= 0.5 * shortest_s]


def near_zero(course: Course, rule: StallRule) -> NDArray[np.bool_]:
    """Where flow stands still, before it is known what is usual.

    A vessel that stalls most of the time has a median of zero; its flow is what its fastest
    samples tell.
    """
    flags = np.zeros(course.time_s.size, bool)
    long = flags.copy()
    if course.known.any():
        fast = float(np.percentile(np.abs(course.speed[course.known]), 95))
        limit = np.full(flags.size, max(_FAR_FROM_FAST * fast, rule.speed_um_per_s))
        smooth = smoothed(course, limit, rule.duration_s).speed
        for first, stop in _bridged(np.abs(smooth) <= limit, course, rule.duration_s):
            flags[first:stop] = True
            long[first:stop] = (stop - first) * course.step_s >= _LONGER_THAN_BEATS_S
    # A median copes with what is short and not most of the time, beats among it.
    often = flags.sum() >= _MOST_OF_THE_TIME * course.known.sum()
    return flags if often else long


def find_stalls(
    course: Course,
    usual: NDArray[np.float64],
    unrest: list[Unrest],
    rule: StallRule,
    height: float,
    drops: list[tuple[int, int]],
) -> list[tuple[int, int]]:
    """Stretches in which the speed is compatible with a stall, and not with usual flow.

    Parameters
    ----------
    course : Course
    usual : ndarray, shape (n,)
    unrest : list of Unrest
    rule : StallRule
    height : float
        Standard deviations below the usual speed from which it is incompatible with it.
    drops : list of (int, int)
        Stretches that are slower than usual: where noise hides the limit, a drop whose mean is
        compatible with a stall is one as a whole.
    """
    limit = rule.limit(usual)
    smooth = smoothed(course, limit, rule.duration_s).speed
    still = _bridged(np.abs(smooth) <= limit, course, rule.duration_s)
    found: list[tuple[int, int]] = []
    for is_drop, (first, stop) in [(True, one) for one in drops] + [(False, one) for one in still]:
        if any(first < b and a < stop for a, b in found):
            continue
        values = course.speed[first:stop]
        mean = float(np.nanmean(values)) if np.isfinite(values).any() else np.nan
        own_sd = float(course.mean_sd(stop - first)[(first + stop) // 2])
        flow, slowest = float(np.median(usual[first:stop])), float(np.median(limit[first:stop]))
        if not abs(mean) <= max(slowest, _COMPATIBLE * own_sd):
            continue
        if not is_drop and own_sd > slowest:
            # Picked for being slow, out of samples that noise makes slow now and then.
            continue
        if flow <= slowest:
            # Nothing flows in this recording: what is left is to be sure that it is slow.
            fits = abs(mean) + _COMPATIBLE * own_sd <= slowest
        else:
            noise = unrest_at(unrest, stop - first, -1)
            fits = flow - mean >= height * max(noise, own_sd)
        if fits:
            found.append((first, stop))
    return sorted(found)


def find_reversals(
    course: Course,
    usual: NDArray[np.float64],
    rule: StallRule,
    shortest_s: float,
) -> list[tuple[int, int]]:
    """Stretches of at least `shortest_s` that flow the other way, and are no stall."""
    limit = rule.limit(usual)
    smooth = smoothed(course, limit, shortest_s).speed
    found = []
    for first, stop in _bridged(smooth < -limit, course, shortest_s):
        values = course.speed[first:stop]
        mean = float(np.nanmean(values)) if np.isfinite(values).any() else np.nan
        own_sd = float(course.mean_sd(stop - first)[(first + stop) // 2])
        backwards = mean < 0 < float(np.median(usual[first:stop]))
        if backwards and -mean >= _BACKWARDS * own_sd:
            found.append((first, stop))
    return found


def unrest_at(unrest: list[Unrest], width: int, sign: int) -> float:
    """Standard deviation of means of `width` samples where nothing happens; 0: unknown."""
    if not unrest:
        return 0.0
    # A longer mean strays no further than a shorter one; stalls all over make it seem so.
    return min(
        (one.towards(sign).sd for one in unrest if one.width <= width),
        default=unrest[0].towards(sign).sd,
    )
