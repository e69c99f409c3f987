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

STEADY_SHARE = 0.04
"""Share of the variance along a line over the parts that is kept, see `jackknife_sd`."""

OTHER_SHARE = 1.3
"""Factor on the rest of the variance, between its share of the freedoms (1) and all (3 / 2)."""


BACKGROUND_PULL = 0.3
"""Cell lengths over the lines of the recording, times this, is what the background may hide."""


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
    """Standard deviation from estimates that leave out one part of the window each.

    A steady change of velocity inside a window puts the estimates on a line over time, but hardly
    moves the mean over the window, which is what is measured. So that part of their scatter counts
    little; it is not dropped, because unevenly spaced cells do turn acceleration into error. The
    two shares were set on pulsatile and steady synthetic flow, see ``docs/methods-velocity.md``.

    Parameters
    ----------
    without_each : ndarray, shape (parts, windows)
    """
    parts = len(without_each)
    deviation = without_each - without_each.mean(axis=0)
    line = np.arange(parts) - (parts - 1) / 2
    line /= np.sqrt(np.square(line).sum())
    along = (line[:, None] * deviation).sum(axis=0)
    other = np.square(deviation - line[:, None] * along).sum(axis=0)
    variance = OTHER_SHARE * other + STEADY_SHARE * np.square(along)
    out: np.ndarray = np.sqrt((parts - 1) / parts * variance)
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


def background_sd(velocity: np.ndarray, *, cell_px: float, n_lines: int, window: int) -> np.ndarray:
    """Standard deviation (px/line) that comes from taking slow flow for background.

    Where the pattern passes by only a few cell lengths in the whole recording, its mean is still
    cells, and taking it off disturbs windows in which it hardly moves. No estimate from inside a
    window can notice this; the size was set on synthetic flow, see ``docs/methods-velocity.md``.

    Parameters
    ----------
    velocity : ndarray, shape (windows,)
    cell_px : float
        Length of a cell, px.
    n_lines : int
        Lines of the recording.
    window : int
        Lines of a window.
    """
    moved = np.abs(velocity) * window / cell_px
    out: np.ndarray = BACKGROUND_PULL * cell_px / n_lines / (1 + moved**2)
    return out
