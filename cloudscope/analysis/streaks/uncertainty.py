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

__all__ = ["JACKKNIFE_PARTS", "jackknife_sd", "model_sd", "scaled_sd"]

JACKKNIFE_PARTS = 4
"""Stretches of a window that are left out in turn."""

POOLED_WINDOWS = 11
"""Disjoint windows over which the ratio of jackknife to model is averaged."""

OWN_WEIGHT = 3.0
"""Weight of a window's own ratio: the degrees of freedom of four parts."""

POOLED_WEIGHT = 4.0
"""Weight of the averaged ratio beside it."""

UNEVEN_TIME = 0.025
"""Cells weigh the moments of a window unequally: share of the change of velocity inside it."""


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


def jackknife_sd(without_each: np.ndarray) -> np.ndarray:
    """Standard deviation from estimates of shape (parts, windows), each without one part."""
    out: np.ndarray = np.std(without_each, axis=0) * np.sqrt(len(without_each) - 1)
    return out


def scaled_sd(
    model: np.ndarray,
    velocity: np.ndarray,
    jackknifed: np.ndarray,
    jackknife: np.ndarray,
    *,
    windows_per_window: float,
) -> np.ndarray:
    """The model's standard deviations, scaled by the jackknife of windows near by.

    Parameters
    ----------
    model, velocity : ndarray, shape (windows,)
    jackknifed : ndarray of int
        Ascending indices of disjoint windows that have a jackknife.
    jackknife : ndarray
        Their jackknife standard deviations.
    windows_per_window : float
        Window length over window step.
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
    if velocity.size > 2:
        change = np.abs(np.gradient(velocity)) * windows_per_window
        sd = np.hypot(sd, np.minimum(UNEVEN_TIME * change, 5 * sd))
    return sd
