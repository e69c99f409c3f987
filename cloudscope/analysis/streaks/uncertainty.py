"""Standard deviation of a window's velocity: what noise allows, scaled by what time shows.

For a rigid, unknown pattern in white noise the information on velocity is the sum over streaks of
(lines on which the streak is seen) × (variance of those line numbers), times the squared gradient
of the pattern over the noise variance. The curvature of the correlation stands for the gradient.
Cells are neither rigid nor equally bright, and the flow changes inside a window: the spread of the
estimates that leave out one quarter of the window each (a jackknife over time [1]_) says by how
much the model is too confident.

References
----------
.. [1] B. Efron, C. Stein, "The jackknife estimate of variance", Annals of Statistics 9 (1981)
   586-596.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import uniform_filter1d

from cloudscope.analysis.streaks.refinement import RayFit
from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["JACKKNIFE_PARTS", "background_sd", "jackknife_sd", "model_sd", "scaled_sd"]

JACKKNIFE_PARTS = 4
"""Stretches of a window that are left out in turn."""

POOLED_WINDOWS = 11
"""Disjoint windows over which the ratio of jackknife to model is averaged."""

OWN_WEIGHT = 3.0
"""Weight of a window's own ratio: the degrees of freedom of four parts."""

POOLED_WEIGHT = 4.0
"""Weight of the averaged ratio beside it."""

FEWEST_FOR_COURSE = 8
"""Windows for each quantity of the course of which it can be told what it does to their parts."""

LARGEST_COURSE = 5.0
"""Slopes and bends count up to so many times their median."""


BACKGROUND_PULL = 0.9
"""Cell lengths over the lines of the recording, times this, is how much a background that is still
cells moves the velocity of one cell. The gradient of the mean over a length L of flow is the
difference of the patterns at its two ends, over L: root 2 times the contrast, which of cells of
7 px is 2.2 times their gradient."""


def model_sd(fit: RayFit, sampling: Sampling) -> np.ndarray:
    """Standard deviation (px/line) of a rigid pattern in white noise, one a window."""
    signal = np.clip(fit.mean, 1e-3, 0.999)
    width, window = sampling.width, sampling.window
    speed = np.maximum(np.abs(fit.velocity), 1e-9)
    stay = np.minimum(window, width / speed)
    ramp = stay / np.maximum(window, width / speed)
    geometry = width * window * (1 - 0.5 * ramp) * stay**2 / 12
    information = geometry * np.maximum(fit.curvature, 1e-4) / (1 - signal)
    unknown = 1 + (1 - signal) / signal / np.maximum(stay, 1)
    out: np.ndarray = np.sqrt(unknown / information)
    return out


def jackknife_sd(without_each: np.ndarray, course: np.ndarray | None = None) -> np.ndarray:
    """Standard deviation from estimates that leave out one part of the window each.

    Where flow changes within a window, what is left without a part has another mean velocity, and
    no error. By how much each part moves it for a given slope and bend of the course is a property
    of the estimator, found by least squares over all windows and taken off.

    Parameters
    ----------
    without_each : ndarray, shape (parts, windows)
    course : ndarray, shape (n, windows), optional
        Slope, bend and the like of the course of the velocity at each window, what matters most
        first: of few windows only the first ones are looked at.

    Returns
    -------
    ndarray, shape (windows,)
    """
    parts, count = without_each.shape
    deviation = without_each - without_each.mean(axis=0)
    used = 0 if course is None else min(len(course), count // FEWEST_FOR_COURSE)
    if course is not None and used:
        limit = LARGEST_COURSE * np.median(np.abs(course[:used]), axis=1, keepdims=True)
        moved = np.clip(course[:used], -limit, limit).T
        square = np.square(deviation).mean(axis=0)
        weight = 1 / np.sqrt(square + np.median(square) + 1e-300)
        fitted = np.linalg.lstsq(moved * weight[:, None], (deviation * weight).T, rcond=None)[0]
        deviation = (deviation - (moved @ fitted).T) * np.sqrt(count / (count - used))
    variance = (parts - 1) / parts * np.square(deviation).sum(axis=0)
    out: np.ndarray = np.sqrt(variance)
    return out


def scaled_sd(model: np.ndarray, jackknifed: np.ndarray, jackknife: np.ndarray) -> np.ndarray:
    """The model's standard deviations, scaled by the jackknife of windows near by.

    Parameters
    ----------
    model : ndarray, shape (windows,)
    jackknifed : ndarray of int
        Ascending indices of disjoint windows that have a jackknife.
    jackknife : ndarray
        Their jackknife standard deviations.
    """
    ratio = np.clip(np.square(jackknife / model[jackknifed]), 1e-2, 1e3)
    pooled = uniform_filter1d(
        np.minimum(ratio, 9 * np.median(ratio)), min(POOLED_WINDOWS, ratio.size), mode="nearest"
    )
    mixed = (POOLED_WEIGHT * pooled + OWN_WEIGHT * ratio) / (POOLED_WEIGHT + OWN_WEIGHT)
    nearest = np.searchsorted(
        0.5 * (jackknifed[1:] + jackknifed[:-1]), np.arange(model.size), side="right"
    )
    sd: np.ndarray = model * np.sqrt(mixed[nearest])
    return sd


def background_sd(
    velocity: np.ndarray, *, cell_px: float, n_lines: int, width: int, window: int
) -> np.ndarray:
    """Standard deviation (px/line) that comes from taking slow flow for background.

    Where the pattern passes by only a few cell lengths in the whole recording, its mean is still
    cells, and taking it off disturbs windows in which it hardly moves. No estimate from inside a
    window can notice this. Cells side by side are disturbed independently: the more of them are on
    a line, the less remains.

    Parameters
    ----------
    velocity : ndarray, shape (windows,)
    cell_px : float
        Length of a cell, px.
    n_lines : int
        Lines of the recording.
    width : int
        Columns.
    window : int
        Lines of a window.
    """
    moved = np.abs(velocity) * window / cell_px
    alone = min(1.0, cell_px / width) ** 0.5
    out: np.ndarray = BACKGROUND_PULL * cell_px / n_lines * alone / (1 + moved**2)
    return out
