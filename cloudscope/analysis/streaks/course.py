"""The most likely course of the velocity: windows that tell little, beside those that tell more.

`tracking.best_path` chooses among the peaks of each window under a prior on how the velocity
changes from one window to the next. The same prior says where on its peak a velocity is likely to
be. Next to the precision of a good window it weighs nothing; a window of noise, or of a gap
between cells, is drawn to its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solveh_banded
from scipy.ndimage import median_filter

from cloudscope.analysis.streaks.tracking import JUMP_SCALE, KNEE_PX_PER_LINE, LARGEST_JUMP_COST

__all__ = ["Course", "most_likely_course", "strays"]

ITERATIONS = 8
"""Rounds in which the weights of the changes settle."""

FLOW_SHARE = 3.0
"""The prior is never tighter than this many typical changes of the flow of the recording..."""

STRAY_SHARE = 2.0
"""...and a velocity has not strayed unless this many typical deviations away."""

NEIGHBOURHOOD_WINDOWS = 4
"""Disjoint windows to either side with which a velocity is compared."""

NORMAL_MEDIAN = 0.6745
"""Median of the absolute value of a standard normal number."""


@dataclass(frozen=True)
class Course:
    """Velocities given their neighbours, px/line.

    Attributes
    ----------
    velocity, sd : ndarray, shape (windows,)
    """

    velocity: np.ndarray
    sd: np.ndarray


def most_likely_course(
    velocity: np.ndarray,
    sd: np.ndarray,
    *,
    known: np.ndarray,
    new_share: float,
    strength: float = 1.0,
) -> Course:
    """Maximum of the likelihood of all windows times the prior on the changes between them.

    The logarithm of the prior is that of `tracking.best_path`: half the square of a small change,
    the size of a middle one, a constant for a large one. It is looked for by least squares with
    weights that follow from the changes found before.

    Parameters
    ----------
    velocity, sd : ndarray, shape (windows,)
        What each window says by itself.
    known : ndarray of bool, shape (windows,)
        Windows that say anything.
    new_share : float
        Share of the lines of a window that the next one does not have. Neighbours that share
        lines share errors: their agreement makes neither more certain.
    strength : float
        Factor on the prior; 0 leaves each window by itself.

    Returns
    -------
    Course
    """
    if strength == 0 or velocity.size < 2 or not known.any():
        return Course(velocity, sd)
    place = np.arcsinh(velocity / KNEE_PX_PER_LINE) / JUMP_SCALE
    unit = JUMP_SCALE * np.hypot(velocity, KNEE_PX_PER_LINE)
    own_sd = np.maximum(sd / unit, 1e-6)
    own = np.where(known, own_sd**-2, 1e-9)
    usual = max(1.0, FLOW_SHARE * _typical_change(place[known], own_sd[known], new_share))
    found = place
    for _ in range(ITERATIONS):
        change = np.abs(np.diff(found)) / usual
        tie = np.where(change < 2, 1.0, 1 / np.maximum(change, 2))
        tie = np.where(change > LARGEST_JUMP_COST, 0.0, tie) * strength / usual**2
        matrix = np.zeros((2, place.size))
        matrix[1] = own
        matrix[1, :-1] += tie
        matrix[1, 1:] += tie
        matrix[0, 1:] = -tie
        found = solveh_banded(matrix, own * place)
    gained = np.maximum(_inverse_diagonal(matrix[1], tie) * own, 1e-12)
    variance = 1 / (1 + (1 / gained - 1) * min(1.0, new_share)) / own
    drawn = KNEE_PX_PER_LINE * np.sinh(JUMP_SCALE * found)
    drawn_sd = np.sqrt(variance) * JUMP_SCALE * np.hypot(drawn, KNEE_PX_PER_LINE)
    return Course(np.where(known, drawn, velocity), np.where(known, drawn_sd, sd))


def _typical_change(place: np.ndarray, sd: np.ndarray, new_share: float) -> float:
    """Standard deviation of changes from window to window, beyond that of errors."""
    if place.size < 2:
        return 0.0
    seen = float(np.median(np.abs(np.diff(place)))) / NORMAL_MEDIAN
    errors = 2 * new_share * float(np.median(sd)) ** 2
    return float(np.sqrt(max(0.0, seen**2 - errors)))


def _inverse_diagonal(diagonal: np.ndarray, tie: np.ndarray) -> np.ndarray:
    """Diagonal of the inverse of a tridiagonal matrix with ``-tie`` beside its diagonal."""
    own, squares = diagonal.tolist(), np.square(tie).tolist()
    ahead, back = list(own), list(own)
    for i, square in enumerate(squares):
        ahead[i + 1] -= square / ahead[i]
    for i in range(len(squares) - 1, -1, -1):
        back[i] -= squares[i] / back[i + 1]
    out: np.ndarray = 1 / (np.array(ahead) + np.array(back) - diagonal)
    return out


def strays(velocity: np.ndarray, sd: np.ndarray, windows_apart: float) -> np.ndarray:
    """How far each velocity is from the median of those around it, beyond what flow does itself.

    Parameters
    ----------
    velocity, sd : ndarray, shape (windows,)
    windows_apart : float
        Windows from one to the next that has no line with it in common.

    Returns
    -------
    ndarray, shape (windows,)
        In px/line; 0 for a change that is not unusual in this recording.
    """
    reach = NEIGHBOURHOOD_WINDOWS * max(1, round(windows_apart))
    around = median_filter(velocity, min(2 * reach + 1, 2 * velocity.size - 1), mode="nearest")
    away = np.abs(velocity - around)
    noise = NORMAL_MEDIAN * float(np.median(sd))
    flow = STRAY_SHARE * np.sqrt(max(0.0, float(np.median(away)) ** 2 - noise**2))
    out: np.ndarray = np.sqrt(np.maximum(0.0, away**2 - flow**2))
    return out
