"""When an event begins and ends, between samples, and how well that is known."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from cloudscope.analysis.events.course import Course

__all__ = ["Edge", "crossing", "edge_of"]

_LOCKING = 0.25
"""Uncertainty of a sudden change as a share of a window, measured on kymographs of known truth."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A time, with one standard deviation; NaN where the recording begins or ends first."""

    time_s: float
    sd_s: float


def crossing(course: Course, inside: int, outwards: int, level: float, sign: int) -> float | None:
    """Time at which the speed leaves `level`, going outwards from the sample `inside`.

    Parameters
    ----------
    course : Course
    inside : int
        A sample beyond `level`.
    outwards : {-1, 1}
    level : float
    sign : {-1, 1}
        -1 if the event is below `level`.

    Returns
    -------
    float or None
        ``None`` if the recording ends first. Between two samples it is where the straight line
        crosses; beside a stretch without measurement it is the middle to it.
    """
    at, count = inside, course.time_s.size
    last = inside
    while 0 <= at < count:
        value = course.speed[at]
        if np.isfinite(value):
            if sign * (value - level) < 0:
                if at == inside or not np.isfinite(course.speed[last]):
                    return float(course.time_s[at])
                if abs(at - last) > 1:
                    return float(course.time_s[last] + 0.5 * outwards * course.step_s)
                part = (course.speed[last] - level) / (course.speed[last] - value)
                way = min(max(float(part), 0.0), 1.0)
                return float(course.time_s[last] + outwards * way * course.step_s)
            last = at
        elif abs(at - last) > 2:
            return float(course.time_s[last] + 0.5 * outwards * course.step_s)
        at += outwards
    return None


def edge_of(
    course: Course,
    inside: int,
    outwards: int,
    *,
    usual: float,
    level_inside: float,
    at_level: float | None = None,
    unrest: float = 0.0,
) -> Edge:
    """Where the speed goes from what is usual to that of an event.

    A window sees a sudden stop as a ramp as long as itself; its middle is at the right time.
    Without `at_level` the edge is that middle. With it, the edge is where the speed itself
    reaches the level: the ramp that is left when the window's own is taken off, as variances are.

    Parameters
    ----------
    course : Course
    inside : int
        Sample of the event that is outermost on this side.
    outwards : {-1, 1}
        -1 for the begin.
    usual, level_inside : float
        Speed outside and inside (µm/s).
    at_level : float, optional
        Speed that marks the edge, between the two (µm/s).
    unrest : float
        How far the speed strays from the usual one (µm/s): noise, but also heart-beat.
    """
    sign = -1 if level_inside < usual else 1
    middle_level = 0.5 * (usual + level_inside)
    height = abs(usual - level_inside)
    middle = crossing(course, inside, outwards, middle_level, sign)
    at = middle
    if at_level is not None:
        at = crossing(course, inside, outwards, at_level, sign)
        if at is not None and middle is not None and height > 0:
            window_way = abs(middle_level - at_level) / height * course.window_s
            away = sqrt(max((at - middle) ** 2 - window_way**2, 0.0))
            at = middle - outwards * min(away, abs(at - middle))
    if at is None:
        return Edge(course.start_s if outwards < 0 else course.stop_s, nan)
    # How steep it is there, from what lies within half a window on either side.
    reach = max(1, round(0.5 * course.window_s / course.step_s))
    near = min(max(round((at - course.time_s[0]) / course.step_s), 0), course.time_s.size - 1)
    low, high = max(0, near - reach), min(course.time_s.size, near + reach + 1)
    values = course.speed[low:high]
    known = np.isfinite(values)
    rise = abs(float(values[known][-1] - values[known][0])) if known.sum() > 1 else 0.0
    span = course.step_s * max(high - low - 1, 1)
    # No window shows a change that is steeper than over its own length; noise may look so.
    steepest = height / max(course.window_s, course.step_s)
    steepness = max(min(rise / span, steepest), 0.1 * height / span)
    noise = float(np.median(course.sd[low:high][known])) if known.any() else 0.0
    # A beat is a share of the flow, and half way into a stall only half of the flow is left.
    beat = unrest * abs(middle_level / usual) if usual else unrest
    spread = max(noise, beat) / steepness if steepness > 0 else span
    # A window over a sudden change shows one side of it or the other, not always their mean.
    locking = _LOCKING * course.window_s
    return Edge(at, hypot(min(spread, 10.0 * span), course.step_s / sqrt(12.0), locking))
