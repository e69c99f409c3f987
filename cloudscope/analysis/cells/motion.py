"""How far the blood has moved at each line, from a velocity measured in windows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.ndimage import median_filter

__all__ = ["Motion", "Sweep", "interpolated_speed", "motion_of", "without_strays"]

AROUND, FEWEST_AROUND = 31, 8
"""Velocities among which a stray one is looked for, and fewest that show one."""

STRAY, STRAY_SHARE = 8.0, 0.75
"""A stray is off by more than so many standard deviations, and by this share of the speed."""


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


def without_strays(speed: np.ndarray) -> np.ndarray:
    """Which velocities are not far from all those around them.

    One wrong velocity of several lines' length puts a whole line of cells out of place. Flow that
    turns or beats is no stray: it spreads the velocities around it.
    """
    if speed.size < FEWEST_AROUND:
        return np.ones(speed.size, bool)
    middle = median_filter(speed, AROUND, mode="nearest")
    off = np.abs(speed - middle)
    spread = 1.4826 * median_filter(off, AROUND, mode="nearest")
    near: np.ndarray = off <= np.maximum(STRAY * spread, STRAY_SHARE * np.abs(middle))
    return near


def interpolated_speed(
    at_line: np.ndarray,
    speed: np.ndarray,
    *,
    n_lines: int,
    longest_gap: float,
    longest_end: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Speed at each line, and whether it is known there.

    Parameters
    ----------
    at_line : ndarray, shape (n,)
        Line at which each speed holds, a fraction at the centre of a window; increasing.
    speed : ndarray, shape (n,)
        Pixels per line, signed.
    n_lines : int
        Lines of the recording.
    longest_gap : float
        Lines from one speed to the next over which it is interpolated.
    longest_end : float
        Lines for which a speed holds where there is no next one, or it is too far.
    """
    if at_line.size == 0:
        return np.zeros(n_lines), np.zeros(n_lines, bool)
    line = np.arange(n_lines, dtype=float)
    before = np.clip(np.searchsorted(at_line, line, side="right") - 1, 0, at_line.size - 1)
    after = np.minimum(before + 1, at_line.size - 1)
    nearest = np.minimum(np.abs(line - at_line[before]), np.abs(at_line[after] - line))
    between = (at_line[before] <= line) & (line <= at_line[after])
    known = between & (at_line[after] - at_line[before] <= longest_gap)
    return np.interp(line, at_line, speed), known | (nearest <= longest_end)


def motion_of(speed: np.ndarray, measured: np.ndarray, *, least_turn_px: float) -> Motion:
    """Displacement and sweeps from the speed at each line.

    Parameters
    ----------
    speed : ndarray, shape (lines,)
        Pixels per line, signed.
    measured : ndarray of bool, shape (lines,)
    least_turn_px : float
        Ways back that are shorter are no turn of the flow.
    """
    way = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))])
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
