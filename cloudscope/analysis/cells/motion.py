"""How far the blood has moved at each line, from a velocity measured in windows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

__all__ = ["Motion", "Sweep", "measure_motion"]


@dataclass(frozen=True, slots=True)
class Sweep:
    """Lines over which the blood moves one way.

    Attributes
    ----------
    start, stop : int
        Half-open rows.
    direction : int
        1 towards larger columns, -1 towards smaller ones.
    """

    start: int
    stop: int
    direction: int


@dataclass(frozen=True, eq=False)
class Motion:
    """Displacement of the blood over a recording.

    Attributes
    ----------
    way_px : ndarray, shape (lines,)
        Displacement since the first line, positive towards larger columns.
    measured : ndarray of bool, shape (lines,)
        Whether the velocity is known at the line.
    sweeps : tuple of Sweep
        What is measured, parted where the flow turns and where the velocity is not known.
    """

    way_px: np.ndarray
    measured: np.ndarray
    sweeps: tuple[Sweep, ...]


def measure_motion(
    at_line: np.ndarray,
    speed: np.ndarray,
    *,
    n_lines: int,
    longest_gap: float,
    longest_end: float,
    least_turn_px: float,
) -> Motion:
    """Motion from velocities that stand.

    Parameters
    ----------
    at_line : ndarray, shape (n,)
        Line at which each velocity holds, a fraction at the centre of a window; increasing.
    speed : ndarray, shape (n,)
        Pixels per line, signed.
    n_lines : int
        Lines of the recording.
    longest_gap : float
        Lines from one velocity to the next over which it is interpolated.
    longest_end : float
        Lines for which a velocity holds where there is no next one, or it is too far.
    least_turn_px : float
        Ways back that are shorter are no turn of the flow.
    """
    if at_line.size == 0:
        return Motion(np.zeros(n_lines), np.zeros(n_lines, bool), ())
    line = np.arange(n_lines, dtype=float)
    step = np.interp(line, at_line, speed)
    before = np.clip(np.searchsorted(at_line, line, side="right") - 1, 0, at_line.size - 1)
    after = np.minimum(before + 1, at_line.size - 1)
    nearest = np.minimum(np.abs(line - at_line[before]), np.abs(at_line[after] - line))
    between = (at_line[before] <= line) & (line <= at_line[after])
    measured = between & (at_line[after] - at_line[before] <= longest_gap)
    measured |= nearest <= longest_end
    way = np.concatenate([[0.0], np.cumsum(0.5 * (step[1:] + step[:-1]))])
    sweeps: list[Sweep] = []
    edges = np.flatnonzero(np.diff(np.concatenate([[False], measured, [False]]).astype(np.int8)))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        sweeps += _sweeps(way[start:stop], start, least_turn_px)
    return Motion(way, measured, tuple(sweeps))


def _sweeps(way: np.ndarray, first: int, least_turn_px: float) -> list[Sweep]:
    """A measured stretch parted at the turns of its displacement."""
    rising = np.sign(np.diff(way))
    moving = np.flatnonzero(rising)
    changes = moving[1:][rising[moving[1:]] != rising[moving[:-1]]]
    candidates = [0, *changes.tolist(), way.size - 1]
    turns = [0]
    high = low = 0
    trend = 0
    for at in candidates:
        if way[at] > way[high]:
            high = at
        if way[at] < way[low]:
            low = at
        if trend >= 0 and way[high] - way[at] >= least_turn_px and at > high:
            if trend > 0 or high > 0:
                turns.append(high)
            trend, low = -1, at
            high = at
        elif trend <= 0 and way[at] - way[low] >= least_turn_px and at > low:
            if trend < 0 or low > 0:
                turns.append(low)
            trend, high = 1, at
            low = at
    bounds = sorted({*turns, way.size - 1})
    found = []
    for start, stop in pairwise(bounds):
        direction = 1 if way[stop] >= way[start] else -1
        found.append(Sweep(first + start, first + stop + 1, direction))
    return found or [Sweep(first, first + way.size, 1)]
