"""From the velocity of the streaks in a window to its mean over the window.

A line fit, and so the maximum of the correlation along a ray, weighs the middle of a window more
than its ends: pairs of lines far apart tell the velocity best, and all of them span the middle.
Where flow bends within a window, as at the top of a beat, what is measured is therefore not the
mean. How much it bends is seen in the windows around it.
"""

from __future__ import annotations

import numpy as np

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["course_of", "middle_weight", "slope_and_bend", "sway", "unevenness", "window_means"]

LARGEST_SHARE = 0.06
"""Corrections much above this share of the velocity are jumps of the flow, and are not made."""

UNSURE_SHARE = 0.4
"""Share of a correction that is not known."""

LINE_FIT = 60.0
"""One over the `middle_weight` of a line fit."""

MODE_SHARE = 0.5
"""Of what the velocity in a window varies by, where a lag tells the velocities of its parts apart:
then the ray that fits best is that of lines on which flow happens to be steady, not the mean."""


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
    resolution: np.ndarray,
    apart: float,
    uneven: float = 0.0,
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
        Longest lag looked at, as a share of the window.
    resolution : ndarray
        Width of the maximum of the correlation over that lag, px/line.
    apart : float
        Windows from one to the next that has no line with it in common.
    uneven : float
        How unequal windows are in the pattern that they show, see `unevenness`; 0 if `sd` knows.

    Returns
    -------
    mean, sd : ndarray, shape (windows,)
    """
    slope, bend = slope_and_bend(velocity, known, apart)
    move = weight * bend
    smooth = np.exp(-np.square(move / np.maximum(LARGEST_SHARE * np.abs(velocity), 1e-12)))
    deviation = np.sqrt(slope**2 / 12 + bend**2 / 720)
    # Pairs of lines far apart average over what lies between them.
    told = deviation * (1 - steady)
    blurred = 1 / (1 + np.square(told / resolution))
    # Streaks that leave early tell the velocity of when they were there.
    passing = 1 - np.clip(weight * LINE_FIT, 0, 1)
    unsure = np.hypot(UNSURE_SHARE * move, MODE_SHARE * told * (1 - blurred))
    # Where flow jumps, neither bend nor slope is one of a smooth course.
    unsure = np.hypot(unsure, uneven * passing * deviation) * smooth
    left = noise_left(np.where(bend == 0, 0.0, weight * smooth), weight, apart)
    return velocity + smooth * move, np.hypot(left * sd, unsure)


def noise_left(made: np.ndarray, weight: np.ndarray, apart: float) -> np.ndarray:
    """What a correction by the bend leaves of the standard deviation: it averages neighbours.

    The errors of two line fits that share lines correlate as two ramps do that are shifted against
    each other; those of sums of many short streaks by the lines they share. `weight` tells how
    much a window is of the one or the other.

    Parameters
    ----------
    made : ndarray, shape (windows,)
        Factor on the bend that was added.
    weight : ndarray, shape (windows,)
        See `middle_weight`.
    apart : float
        See `window_means`.
    """
    distance = max(1, round(apart / 4))
    share = np.clip(weight * LINE_FIT, 0, 1)
    near, far = (
        share * _ramp_likeness(shift) + (1 - share) * max(0.0, 1 - shift)
        for shift in (distance / apart, 2 * distance / apart)
    )
    own, beside = 1 - 2 * made * (apart / distance) ** 2, made * (apart / distance) ** 2
    variance = own**2 + 2 * beside**2 + 4 * own * beside * near + 2 * beside**2 * far
    out: np.ndarray = np.sqrt(np.clip(variance, 0, 1))
    return out


def unevenness(energy: np.ndarray, signal_share: float) -> float:
    """How unequal disjoint windows are in the energy of their pattern, relative to its mean.

    Of n streaks alike that pass at random it is one over the root of n. Where the flow changes
    while they pass, their mean velocity is off by this share of how much it changes.

    Parameters
    ----------
    energy : ndarray, shape (windows,)
        Mean square of the pixels of disjoint windows.
    signal_share : float
        Share of the pattern in it.
    """
    if energy.size < 2:
        return 0.0
    change = np.diff(energy) / (signal_share * max(float(energy.mean()), 1e-12))
    return float(min(1.0, np.sqrt(np.square(change).mean() / 2)))


def _ramp_likeness(shift: float) -> float:
    """Correlation of a ramp of length 1 with itself moved by `shift`."""
    return 1 - 3 * shift + 2 * shift**3 if shift < 1 else 0.0


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
    # A beat turns within the distance: twice the distance tells by how much the slope is too low.
    if velocity.size > 4 * distance:
        inner = slice(2 * distance, -2 * distance)
        wide = 0.25 * whole * (velocity[4 * distance :] - velocity[: -4 * distance])
        also = known[4 * distance :] & known[: -4 * distance] & surrounded[distance:-distance]
        slope[inner] += np.where(also, (slope[inner] - wide) / 3, 0.0)
    return slope, bend


def course_of(velocity: np.ndarray, slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """What moves the parts of a window apart: slope and bend, and both to second order.

    Parameters
    ----------
    velocity, slope, bend : ndarray, shape (windows,)
        See `slope_and_bend`.

    Returns
    -------
    ndarray, shape (5, windows)
        In px/line.
    """
    speed = np.hypot(velocity, np.median(np.abs(velocity))) + 1e-12
    return np.stack([slope, bend, slope**2 / speed, slope * bend / speed, bend**2 / speed])


def sway(slope: np.ndarray, bend: np.ndarray, window: int) -> np.ndarray:
    """How far flow moves within a window beyond what it would at its mean velocity, px.

    Parameters
    ----------
    slope, bend : ndarray, shape (windows,)
        See `slope_and_bend`.
    window : int
        Lines.

    Returns
    -------
    ndarray, shape (windows, window)
    """
    time = (np.arange(window) + 0.5) / window - 0.5
    out: np.ndarray = window * (
        slope[:, None] * time**2 / 2 + bend[:, None] * (time**3 / 6 - time / 24)
    )
    return out
