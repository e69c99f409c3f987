"""What departs from the usual flow by more than the flow's own unrest: drops and rises.

Means over stretches of every duration are compared with the usual speed, a likelihood-ratio scan
[1]_; of those that are beyond chance the narrowest comes first [2]_. How far such a mean strays
without an event is measured on this very recording, duration by duration: that holds the noise
that overlapping windows share, the heart-beat and slow unrest.

References
----------
.. [1] E. Arias-Castro, D. L. Donoho, X. Huo, "Near-optimal detection of geometric objects by fast
   multiscale methods", IEEE Transactions on Information Theory 51 (2005) 2402-2425.
.. [2] R. Baranowski, Y. Chen, P. Fryzlewicz, "Narrowest-over-threshold detection of multiple
   change points and change-point-like features", Journal of the Royal Statistical Society B 81
   (2019) 649-672.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.brightness.noise import Noise, quiet_noise
from cloudscope.analysis.brightness.smoothing import filled
from cloudscope.analysis.events.course import Course, box_mean

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Excursion", "Unrest", "find_excursions", "measure_unrest"]

_SCALE_RATIO = 2**0.5
_LEAST_KNOWN = 0.75
"""Of a mean: what of a beat is cut off at a gap does not cancel."""
_LEAST_SAMPLES = 16
"""Fewer samples do not tell how unrestful the flow is."""
_STRETCH_S = 2.0
"""What happens in most stretches of this length is pulse, and no event."""
_LEAST_STRETCHES = 5
_FLANK_SHARE = 0.2
"""A flank of an event ends where this share of its height is left."""
_MOST_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Unrest:
    """How far means over a duration stray from the usual speed where nothing happens.

    Attributes
    ----------
    width : int
        Samples the mean is over.
    down, up : Noise
        Below and above the usual speed (µm/s).
    """

    width: int
    down: Noise
    up: Noise

    def towards(self, sign: int) -> Noise:
        """That of one sign: -1 below the usual speed."""
        return self.up if sign > 0 else self.down


@dataclass(frozen=True, slots=True)
class Excursion:
    """A stretch slower (sign -1) or faster (1) than usual.

    Attributes
    ----------
    sign : int
    first, stop : int
        Samples beyond half of its height, half-open.
    flank_first, flank_stop : int
        Samples with its flanks.
    """

    sign: int
    first: int
    stop: int
    flank_first: int
    flank_stop: int


def scale_widths(course: Course, shortest_s: float, longest_s: float) -> list[int]:
    """Durations to look for, in samples, each √2 of the one before."""
    widths: list[int] = []
    duration = max(shortest_s, course.step_s)
    longest = min(longest_s, 0.5 * course.time_s.size * course.step_s)
    while duration <= longest or not widths:
        widths.append(course.samples(duration))
        duration *= _SCALE_RATIO
    return sorted(set(widths))


def _as_often(noise: Noise, heights: NDArray[np.float64], course: Course, width: int) -> Noise:
    """The noise, enlarged where it regularly reaches higher than its bulk lets expect.

    A pulse with short systolic peaks is quiet most of the time: its peaks are not outliers but
    come with every beat. In three of four stretches of some seconds noise exceeds what it exceeds
    ln 4 times a stretch; where the lower quartile of the stretches' maxima is higher, the standard
    deviation is scaled to match. Events would have to be in three of four stretches to do so.
    """
    stretch = course.samples(_STRETCH_S)
    count = heights.size // stretch
    if count < _LEAST_STRETCHES or not noise.sd > 0 or width > stretch:
        return noise
    rows = heights[: count * stretch].reshape(count, stretch)
    full = np.isfinite(rows).mean(axis=1) >= _LEAST_KNOWN
    if full.sum() < _LEAST_STRETCHES:
        return noise
    usual_top = float(np.percentile(np.nanmax(rows[full], axis=1), 25))
    expected = noise.height_exceeded(log(4.0), stretch) * noise.sd
    return replace(noise, sd=noise.sd * max((usual_top - noise.centre) / expected, 1.0))


def measure_unrest(
    course: Course,
    away: NDArray[np.float64],
    quiet: NDArray[np.bool_],
    widths: list[int],
    false_alarms: float,
) -> list[Unrest]:
    """The unrest of each duration; none where too little is known.

    Parameters
    ----------
    course : Course
    away : ndarray, shape (n,)
        Speed less the usual one.
    quiet : ndarray of bool, shape (n,)
        Where no event is known.
    widths : list of int
    false_alarms : float
        Expected number in this recording, over all durations and both signs.
    """
    each = false_alarms / (2 * len(widths))
    found = []
    values = np.where(quiet, away, np.nan)
    for width in widths:
        mean = box_mean(values, width, _LEAST_KNOWN)
        known = np.isfinite(mean)
        if known.sum() < max(_LEAST_SAMPLES, 2 * width):
            continue
        whole = filled(mean)
        # All of it, events too: beats that were taken for events must not hide from the count.
        anywhere = box_mean(away, width, _LEAST_KNOWN)
        down, up = (
            _as_often(quiet_noise(sign * whole, known, each)[0], sign * anywhere, course, width)
            for sign in (-1, 1)
        )
        found.append(Unrest(width, down, up))
    return found


def find_excursions(
    course: Course,
    usual: NDArray[np.float64],
    unrest: list[Unrest],
    *,
    false_alarms: float,
    least_change: float,
    checkpoint: Callable[[], None] = lambda: None,
) -> list[Excursion]:
    """Stretches whose mean departs more than unrest would, narrowest first.

    Parameters
    ----------
    course : Course
    usual : ndarray, shape (n,)
    unrest : list of Unrest
    false_alarms : float
    least_change : float
        Smallest change, as a share of the usual speed.
    checkpoint : callable
        Called once a round.
    """
    away = course.speed - usual
    least = np.abs(least_change * usual)
    found: list[Excursion] = []
    left = course.known.copy()
    for _ in range(_MOST_ROUNDS):
        checkpoint()
        new = []
        taken = np.zeros(left.size, bool)
        ratio, width, sign = _narrowest(course, away, left, least, unrest, false_alarms)
        candidates = np.flatnonzero(ratio > 1.0)
        # Narrowest first: a wide stretch over several events is further from chance than each.
        order = np.lexsort((-ratio[candidates], width[candidates]))
        for at in candidates[order].tolist():
            first = max(0, at - int(width[at]) // 2)
            stop = min(left.size, first + int(width[at]))
            if taken[first:stop].any():
                continue
            excursion = _outline(
                int(sign[at]) * away, left, first, stop, int(sign[at]), unrest[0].width
            )
            taken[first:stop] = True
            taken[excursion.flank_first : excursion.flank_stop] = True
            new.append(excursion)
        if not new:
            break
        for excursion in new:
            left[excursion.flank_first : excursion.flank_stop] = False
        found += new
    return found


def _narrowest(
    course: Course,
    away: NDArray[np.float64],
    left: NDArray[np.bool_],
    least: NDArray[np.float64],
    unrest: list[Unrest],
    false_alarms: float,
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    """Of each sample the narrowest mean around it that is beyond its threshold.

    Returns
    -------
    ratio : ndarray, shape (n,)
        That mean over its threshold; 0 where none is beyond.
    width, sign : ndarray, shape (n,)
    """
    ratio = np.zeros(away.size)
    width = np.ones(away.size, np.intp)
    signs = np.ones(away.size, np.intp)
    values = np.where(left, away, np.nan)
    for one in unrest:
        mean = box_mean(values, one.width, _LEAST_KNOWN)
        own_sd = course.mean_sd(one.width)
        for sign in (-1, 1):
            noise = one.towards(sign)
            height = noise.height_exceeded(false_alarms / (2 * len(unrest)), away.size)
            beyond = sign * mean - noise.centre
            limit = height * np.maximum(noise.sd, own_sd)
            far = (beyond > limit) & (sign * mean >= least)
            this = np.zeros(away.size)
            # Where there is no noise at all, anything is far beyond it.
            np.divide(beyond, np.maximum(limit, 1e-9 * beyond), out=this, where=far)
            # Widths come in order: a wider one only where no narrower one is beyond.
            better = (this > ratio) & ((ratio <= 1.0) | (width == one.width))
            ratio[better], width[better], signs[better] = this[better], one.width, sign
    return ratio, width, signs


def _outline(
    height: NDArray[np.float64],
    left: NDArray[np.bool_],
    first: int,
    stop: int,
    sign: int,
    shortest: int,
) -> Excursion:
    """Where the stretch around [first, stop) that is beyond half of its height begins and ends.

    Of a step down and a step up in noise the most likely places are those between which the sum
    of (height - half of its mean) is largest. A return for `shortest` samples parts two events.
    """
    heights = np.where(left, height, np.nan)
    begin, end = first, stop
    for _ in range(_MOST_ROUNDS):
        inside = heights[begin:end]
        inside = inside[np.isfinite(inside)]
        if not inside.size:
            break
        level = float(inside.mean())
        gain = np.where(left, height - 0.5 * level, 0.0)
        # From its highest part outwards: that is in it whatever the rest is.
        quarter = max((end - begin) // 4, 0)
        core_first, core_stop = begin + quarter, max(end - quarter, begin + quarter + 1)
        reach = 2 * (end - begin) + 4
        low, high = max(0, core_first - reach), min(height.size, core_stop + reach)
        leftwards = np.cumsum(gain[low:core_first][::-1])
        rightwards = np.cumsum(gain[core_stop:high])
        part = 0.5 * level * shortest
        a = core_first - _best(leftwards, part)
        b = core_stop + _best(rightwards, part)
        if (a, b) == (begin, end):
            break
        begin, end = a, b
    inside = heights[begin:end]
    level = float(np.nanmean(inside)) if np.isfinite(inside).any() else 0.0
    flank_first, flank_stop = begin, end
    reach = end - begin + 8
    while (
        flank_first > max(0, begin - reach)
        and left[flank_first - 1]
        and height[flank_first - 1] > _FLANK_SHARE * level
    ):
        flank_first -= 1
    while (
        flank_stop < min(height.size, end + reach)
        and left[flank_stop]
        and height[flank_stop] > _FLANK_SHARE * level
    ):
        flank_stop += 1
    return Excursion(sign, begin, end, flank_first, flank_stop)


def _best(gains: NDArray[np.float64], part: float) -> int:
    """How many steps outwards gain most, before more than `part` is lost again; 0 if none does."""
    highest = np.maximum.accumulate(np.maximum(gains, 0.0))
    lost = np.flatnonzero(highest - gains > part)
    gains = gains[: lost[0]] if lost.size else gains
    if not gains.size or gains.max() <= 0:
        return 0
    return int(np.argmax(gains)) + 1
