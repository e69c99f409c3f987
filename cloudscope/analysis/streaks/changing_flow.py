"""Windows in which the flow changes more than a pattern can follow, measured in two halves.

A window has one velocity per ray, and the ray that fits best is not the mean where the flow
changes: streaks of fast flow are more, and lines on which it happens to be steady keep step. The
error goes with the variance of the velocity in the window, over the velocity. Half a window holds
a quarter of that variance, and less where a beat is averaged out; but the noise of two halves is
about twice that of the whole. So both are measured where the flow changes, and each window takes
the one with the smaller error. Halves are taken apart in the same way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import gcd

import numpy as np

from cloudscope.analysis.streaks import quality as judge
from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.course import strays
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.measurement import WindowVelocities, measure_windows
from cloudscope.analysis.streaks.search import SearchLimits

__all__ = ["measure_flow"]

SHORTEST_HALF_LINES = 16
"""Lines of a half at least: on fewer, little but noise is left."""

MOST_WINDOWS = 4
"""Halves are measured at most so many times more closely than the whole."""

SURE_SD = 3.0
"""Standard deviations from which on halves that differ are a change of the flow, and not noise."""

Checkpoint = Callable[[float], None]


def measure_flow(
    kymograph: Lines,
    background: Background,
    *,
    window: int,
    step: int,
    limits: SearchLimits,
    checkpoint: Checkpoint,
) -> WindowVelocities:
    """Velocity of each window of a recording, from its halves where the flow changes in it.

    Parameters
    ----------
    kymograph, background, window, step, limits, checkpoint
        See `measurement.measure_windows`.
    """
    half = window // 2
    closer = gcd(step, half)
    divisible = window % 2 == 0 and half >= SHORTEST_HALF_LINES and step <= MOST_WINDOWS * closer

    def part(start: float, stop: float) -> Checkpoint:
        return lambda done: checkpoint(start + (stop - start) * done)

    whole = measure_windows(
        kymograph,
        background,
        window=window,
        step=step,
        limits=limits,
        checkpoint=part(0.0, 0.75 if divisible else 1.0),
    )
    if not (divisible and whole.changing):
        checkpoint(1.0)
        return whole
    halves = measure_flow(
        kymograph,
        background,
        window=half,
        step=closer,
        limits=limits,
        checkpoint=part(0.75, 1.0),
    )
    return _better(whole, halves, window=window, step=step, closer=closer, limits=limits)


def _better(
    whole: WindowVelocities,
    halves: WindowVelocities,
    *,
    window: int,
    step: int,
    closer: int,
    limits: SearchLimits,
) -> WindowVelocities:
    """Of each window the whole, or the mean of its halves, whichever has the smaller error."""
    first = np.arange(whole.row_start.size) * (step // closer)
    second = first + window // 2 // closer
    ok = halves.status == "ok"
    both = ok[first] & ok[second]
    earlier, later = halves.velocity[first], halves.velocity[second]
    mean = 0.5 * (earlier + later)
    sd = 0.5 * np.hypot(halves.sd[first], halves.sd[second])
    # Both halves differ from their mean by this, and so does noise, with the sd of the mean.
    apart = 0.5 * np.abs(later - earlier)
    between = np.where(both & (apart > SURE_SD * sd), apart, 0.0)
    inside = np.where(both, np.hypot(halves.change[first], halves.change[second]), 0.0)
    change = np.sqrt(between**2 + 0.5 * inside**2)
    bias = change * np.minimum(change / np.maximum(np.abs(mean), 1e-12), 1.0)
    better = (change > 0) & (sd < np.hypot(whole.sd, bias))
    taken = both & (better | (whole.status != "ok"))
    velocity = np.where(taken, mean, whole.velocity)
    stated = np.where(taken, sd, whole.sd)
    chance = np.where(taken, np.minimum(halves.chance[first], halves.chance[second]), whole.chance)
    detection = np.minimum(halves.detection[first], halves.detection[second])
    detection = np.where(taken, np.maximum(whole.detection, detection), whole.detection)
    known = np.isfinite(velocity)
    found, known_sd = np.where(known, velocity, 0.0), np.where(known, stated, 0.0)
    stray = strays(found, known_sd, window / step)
    quality = judge.quality(found, known_sd, chance, window, stray)
    status = judge.statuses(
        detected=known & (detection >= limits.detection),
        inside_limits=taken | (whole.status != "beyond limits"),
        chance=chance,
        quality=quality,
        quality_limit=limits.quality,
        still=judge.known_still(found, known_sd, chance, window, stray),
    )
    return replace(
        whole,
        velocity=velocity,
        sd=stated,
        quality=np.where(known, quality, 0.0),
        status=status,
        detection=detection,
        second_velocity=np.where(known, whole.second_velocity, np.nan),
        chance=chance,
        change=change,
    )
