"""From the velocity of the streaks in a window to its mean over the window.

A line fit, and so the maximum of the correlation along a ray, weighs the middle of a window more
than its ends: pairs of lines far apart tell the velocity best, and all of them span the middle.
Where flow bends within a window, as at the top of a beat, what is measured is therefore not the
mean. How much it bends is seen in the windows around it.
"""

from __future__ import annotations

import numpy as np

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["middle_weight", "slope_and_bend", "window_means"]

LARGEST_SHARE = 0.06
"""Corrections much above this share of the velocity are jumps of the flow, and are not made."""

UNSURE_SHARE = 0.4
"""Share of a correction that is not known."""

SPREAD_SHARE = 1.0
"""Of the variance of the velocity in a window over the velocity, where no pattern keeps step with
the flow: lines on which it happens to be steady, at the top of a beat, weigh more."""


def middle_weight(speed: np.ndarray, longest: np.ndarray, sampling: Sampling) -> np.ndarray:
    """Half of what the variance of time lacks, as it is weighed, of that of even weights.

    Pairs of a lag cover, evenly moved, what fits into the window: a trapezoid, of variance
    ``((window - lag)^2 + lag^2) / 12``. They count by the square of their lag and by how many they
    are and how many columns overlap.

    Parameters
    ----------
    speed : ndarray, shape (windows,)
        In px/line.
    longest : ndarray, shape (windows,)
        Longest lag looked at.
    sampling : Sampling

    Returns
    -------
    ndarray, shape (windows,)
        In units of the window squared: 1/60 for slow flow, less where streaks leave early.
    """
    share = sampling.lag_array / sampling.window
    overlap = 1 - speed[:, None] * sampling.lag_array / sampling.width
    seen = (overlap > 0) & (sampling.lag_array <= longest[:, None])
    weight = np.where(seen, overlap, 0.0) * sampling.lag_weight**2 * share**2 * (1 - share)
    weight[:, sampling.lags.index(1)] += 1e-12  # of flow that no lag follows
    variance = (weight * ((1 - share) ** 2 + share**2)).sum(axis=1) / weight.sum(axis=1)
    out: np.ndarray = (1 - variance) / 24
    return out


def window_means(
    velocity: np.ndarray,
    sd: np.ndarray,
    known: np.ndarray,
    weight: np.ndarray,
    steady: np.ndarray,
    apart: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Means over windows and their standard deviations, px/line.

    Parameters
    ----------
    velocity, sd : ndarray, shape (windows,)
        Of the streaks.
    known : ndarray of bool
        Windows that say anything.
    weight : ndarray
        See `middle_weight`.
    steady : ndarray
        Longest lag on which the pattern keeps step, as a share of the longest there is.
    apart : float
        Windows from one to the next that has no line with it in common.

    Returns
    -------
    mean, sd : ndarray, shape (windows,)
    """
    slope, bend = slope_and_bend(velocity, known, apart)
    move = weight * bend
    smooth = np.exp(-np.square(move / np.maximum(LARGEST_SHARE * np.abs(velocity), 1e-12)))
    spread = (slope**2 / 12 + bend**2 / 720) / np.maximum(np.abs(velocity), 1e-12)
    # Where flow jumps, neither bend nor slope is one of a smooth course.
    unsure = np.hypot(UNSURE_SHARE * move, SPREAD_SHARE * (1 - steady) * spread) * smooth
    return velocity + smooth * move, np.hypot(sd, unsure)


def slope_and_bend(
    velocity: np.ndarray, known: np.ndarray, apart: float
) -> tuple[np.ndarray, np.ndarray]:
    """First and second derivative of the course, times the window and its square, px/line.

    Parameters
    ----------
    velocity, known, apart
        See `window_means`.

    Returns
    -------
    slope, bend : ndarray, shape (windows,)
        0 beside windows that say nothing, and at both ends.
    """
    slope, bend = np.zeros((2, velocity.size))
    distance = max(1, round(apart / 4))
    if velocity.size <= 2 * distance:
        return slope, bend
    earlier, middle, later = (
        slice(None, -2 * distance),
        slice(distance, -distance),
        slice(2 * distance, None),
    )
    whole = apart / distance  # a window, in units of the distance
    surrounded = known[earlier] & known[middle] & known[later]
    change = velocity[later] - velocity[earlier]
    slope[middle] = np.where(surrounded, change, 0.0) * whole / 2
    between = velocity[later] - 2 * velocity[middle] + velocity[earlier]
    bend[middle] = np.where(surrounded, between, 0.0) * whole**2
    return slope, bend
