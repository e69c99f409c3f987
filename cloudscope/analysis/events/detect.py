"""From a course of velocity to its events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.events.course import Course, usual_speed
from cloudscope.analysis.events.edges import Edge, edge_of
from cloudscope.analysis.events.kinds import (
    StallRule,
    find_gaps,
    find_reversals,
    find_stalls,
    near_zero,
    smoothed,
)
from cloudscope.analysis.events.scan import (
    Excursion,
    Unrest,
    find_excursions,
    measure_unrest,
    scale_widths,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["Detection", "Found", "detect"]

_ROUNDS = 4
"""Rounds of: what is usual, what departs from it, and again without what departs."""
_COVERED = 0.5
"""Share of a drop that is stall or reversal from which it is not reported a second time."""
_WITHOUT_UNREST = 5.0
"""Standard deviations that count as far where the unrest of the flow cannot be measured."""


@dataclass(frozen=True, slots=True)
class Found:
    """One event.

    Attributes
    ----------
    kind : str
    start, stop : Edge
    change_sd : float
        One standard deviation by which a mean as long strays without an event (µm/s).
    false_alarms : float
        How many as strong unrest alone makes in the recording; NaN for a gap.
    """

    kind: str
    start: Edge
    stop: Edge
    change_sd: float
    false_alarms: float


@dataclass(frozen=True, slots=True)
class Detection:
    """Everything that was found in a course.

    Attributes
    ----------
    course : Course
    usual : ndarray, shape (n,)
        The usual speed along the flow (µm/s).
    unrest_um_per_s : float
        Standard deviation of means over the shortest duration where nothing happens.
    events : list of Found
        In the order of time.
    """

    course: Course
    usual: NDArray[np.float64]
    unrest_um_per_s: float
    events: list[Found]


def detect(
    course: Course, parameters: Mapping[str, Any], checkpoint: Callable[[], None]
) -> Detection:
    """The events of a course, with the parameters of `velocity_events`."""
    rule = stall_rule(parameters)
    shortest = parameters["min_duration_s"]
    minutes = max(course.stop_s - course.start_s, course.step_s) / 60.0
    false_alarms = parameters["false_alarms_per_min"] * minutes
    gaps = find_gaps(course, parameters["min_gap_s"])
    course = _without(course, gaps)
    widths = scale_widths(course, shortest, 0.5 * parameters["baseline_s"])
    apart = near_zero(course, rule)
    known = course.known
    for _ in range(_ROUNDS):
        usual = usual_speed(course, apart, parameters["baseline_s"])
        if not known.any():
            return Detection(course, usual, nan, _gaps(course, gaps))
        unrest = measure_unrest(course, course.speed - usual, known & ~apart, widths, false_alarms)
        height = _height(unrest, false_alarms, course.time_s.size)
        excursions = find_excursions(
            course,
            usual,
            unrest,
            false_alarms=false_alarms,
            least_change=parameters["min_change_percent"] / 100.0,
            checkpoint=checkpoint,
        )
        excursions = _joined(excursions, course, shortest)
        drops = [(one.first, one.stop) for one in excursions if one.sign < 0]
        stalls = find_stalls(course, usual, unrest, rule, height, drops)
        reversals = find_reversals(course, usual, rule, shortest)
        now = np.zeros(apart.size, bool)
        for first, stop in [(e.flank_first, e.flank_stop) for e in excursions] + stalls + reversals:
            now[first:stop] = True
        if bool((now == apart).all()):
            break
        apart = now
    sway = _sway(course.speed - usual, known & ~apart)
    events = _gaps(course, gaps)
    still = smoothed(course, rule.limit(usual), rule.duration_s)
    special = np.zeros(apart.size, bool)
    for kind, ranges, least in (
        ("stall", stalls, rule.duration_s),
        ("reversal", reversals, shortest),
    ):
        for first, stop in ranges:
            inside = float(np.nanmean(course.speed[first:stop]))
            flow = float(np.median(usual[first:stop]))
            limit = float(np.median(rule.limit(usual)[first:stop]))
            level, drawn = 0.0, still
            if kind == "stall":
                # Out of a stall flow goes either way.
                level, drawn = limit, replace(still, speed=np.abs(still.speed))
                flow, inside = max(flow, 2.0 * limit), abs(inside)
            found = _event(kind, drawn, (first, stop), flow, inside, level, unrest, sway, course)
            if found.stop.time_s - found.start.time_s >= least:
                events.append(found)
                special[first:stop] = True
    for one in excursions:
        if special[one.first : one.stop].mean() >= _COVERED:
            continue
        inside = float(np.nanmean(course.speed[one.first : one.stop]))
        flow = float(np.median(usual[one.first : one.stop]))
        found = _event(
            "rise" if one.sign > 0 else "drop",
            course,
            (one.first, one.stop),
            flow,
            inside,
            None,
            unrest,
            sway,
            course,
        )
        changed = abs(inside - flow) >= parameters["min_change_percent"] / 100.0 * abs(flow)
        if changed and found.stop.time_s - found.start.time_s >= shortest:
            events.append(found)
    events.sort(key=lambda event: (event.start.time_s, event.stop.time_s))
    quietest = unrest[0].down.sd if unrest else nan
    return Detection(course, usual, float(quietest), events)


def _sway(away: NDArray[np.float64], quiet: NDArray[np.bool_]) -> float:
    """Standard deviation of single samples about the usual speed, of the bulk of them."""
    values = away[quiet]
    return 1.4826 * float(np.median(np.abs(values))) if values.size else 0.0


def stall_rule(parameters: Mapping[str, Any]) -> StallRule:
    """The rule of stalls among the parameters."""
    return StallRule(
        parameters["stall_speed_um_per_s"],
        parameters["stall_percent"] / 100.0,
        parameters["min_stall_s"],
    )


def _without(course: Course, gaps: list[tuple[int, int]]) -> Course:
    speed = course.speed.copy()
    for first, stop in gaps:
        speed[first:stop] = np.nan
    return replace(course, speed=speed)


def _gaps(course: Course, gaps: list[tuple[int, int]]) -> list[Found]:
    exact = course.step_s / sqrt(12.0)
    found = []
    for first, stop in gaps:
        start = Edge(float(course.time_s[first] - 0.5 * course.step_s), exact)
        end = Edge(float(course.time_s[stop - 1] + 0.5 * course.step_s), exact)
        if first == 0:
            start = Edge(course.start_s, nan)
        if stop == course.time_s.size:
            end = Edge(course.stop_s, nan)
        found.append(Found("gap", start, end, nan, nan))
    return found


def _height(unrest: list[Unrest], false_alarms: float, samples: int) -> float:
    if not unrest:
        return _WITHOUT_UNREST
    each = false_alarms / (2 * len(unrest))
    return max(one.down.height_exceeded(each, samples) for one in unrest)


def _joined(excursions: list[Excursion], course: Course, shortest_s: float) -> list[Excursion]:
    """Excursions of one sign that less than the shortest event parts are one."""
    joined: list[Excursion] = []
    for one in sorted(excursions, key=lambda e: e.first):
        before = joined[-1] if joined else None
        if (
            before is not None
            and before.sign == one.sign
            and (one.first - before.stop) * course.step_s < shortest_s
        ):
            joined[-1] = replace(
                before,
                stop=max(one.stop, before.stop),
                flank_first=min(one.flank_first, before.flank_first),
                flank_stop=max(one.flank_stop, before.flank_stop),
            )
        else:
            joined.append(one)
    return joined


def _event(
    kind: str,
    drawn: Course,
    where: tuple[int, int],
    flow: float,
    inside: float,
    level: float | None,
    unrest: list[Unrest],
    sway: float,
    course: Course,
) -> Found:
    first, stop = where
    start, end = (
        edge_of(
            drawn,
            at,
            outwards,
            usual=flow,
            level_inside=inside,
            at_level=level,
            unrest=sway,
        )
        for at, outwards in ((first, -1), (stop - 1, 1))
    )
    width = stop - first
    own_sd = float(course.mean_sd(width)[(first + stop) // 2 - (width == 0)])
    change_sd, chance = own_sd, nan
    if unrest:
        nearest = min(unrest, key=lambda one: abs(np.log(one.width / width)))
        noise = nearest.towards(1 if inside > flow else -1)
        change_sd = max(noise.sd, own_sd)
        if change_sd > 0:
            strength = (abs(inside - flow) - noise.centre) / change_sd
            times = noise.times_exceeded(strength, course.time_s.size)
            chance = 2 * len(unrest) * times
    return Found(kind, start, end, change_sd, chance)
