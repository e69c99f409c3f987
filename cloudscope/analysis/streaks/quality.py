"""How far a window's velocity can be trusted, as a number and in words."""

from __future__ import annotations

import numpy as np
from scipy.special import erf, expit

from cloudscope.analysis.streaks.tracking import TEMPER

__all__ = [
    "STATUSES",
    "doubted_sd",
    "known_still",
    "quality",
    "right_peak_chance",
    "second_best",
    "statuses",
]

STATUSES = ("ok", "beyond limits", "no signal", "ambiguous", "low quality")
"""All values of a status, `ok` first."""

RELATIVE_TOLERANCE = 0.10
"""A velocity within this share of the truth is counted as right..."""

STALL_TOLERANCE_PX = 0.25
"""...and so is one near 0 that is off by less than this over the whole window."""

STALL_SD = 2.0
"""Near 0 means: about as many standard deviations from it."""

STILL_PX = 2.0
"""Flow that is known to move by less than this over the whole window stands still: a stall, which
is measured, however large its relative uncertainty."""

NOISE_SD = 3.5
"""Up to about so many standard deviations from its neighbours a velocity is taken to be off..."""

DOUBT = 10.0
"""...and however far if its peak is doubtful: the chance to the power of this is belief. Else a
velocity far from its neighbours is a change of the flow."""

STRAY_WEIGHT = 2.0
"""Weight of straying beside the standard deviation."""

WINDOW_SAYS = 0.1
"""Power of the chance that a window alone gives its peak: its neighbours have had their say too."""


def second_best(
    velocity: np.ndarray, rivals: np.ndarray, evidence: np.ndarray, longest_lag: int
) -> tuple[np.ndarray, np.ndarray]:
    """Velocity and evidence of the best candidate that is not the chosen one's own neighbour.

    Parameters
    ----------
    velocity : ndarray, shape (windows,)
        The chosen velocities, px/line.
    rivals, evidence : ndarray, shape (windows, candidates)
    longest_lag : int
        Lines; sets how near a candidate must be to count as the same.
    """
    apart = np.maximum(3.5 / longest_lag, 0.25 * np.abs(velocity))[:, None]
    other = np.where(np.abs(rivals - velocity[:, None]) > apart, evidence, -np.inf)
    rows, best = np.arange(velocity.size), other.argmax(axis=1)
    found = other[rows, best]
    return np.where(np.isfinite(found), rivals[rows, best], np.nan), found


def right_peak_chance(chosen: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Chance that the chosen peak is the right one, from the evidence of both."""
    gap = np.where(np.isfinite(second), chosen - np.where(np.isfinite(second), second, 0), np.inf)
    out: np.ndarray = expit(TEMPER * gap)
    return out


def doubted_sd(sd: np.ndarray, stray: np.ndarray | float, chance: np.ndarray) -> np.ndarray:
    """Standard deviation of velocities whose peak may be a wrong one, given how far they stray."""
    out: np.ndarray = np.sqrt(sd**2 + (1 - chance**DOUBT) * stray**2)
    return out


def quality(
    velocity: np.ndarray,
    sd: np.ndarray,
    chance: np.ndarray,
    window: int,
    stray: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Chance that a velocity is right: within 10 %, or, of a stall, a quarter of a pixel.

    Parameters
    ----------
    velocity, sd : ndarray, shape (windows,)
        In px/line.
    chance : ndarray
        That the peak is the right one.
    window : int
        Lines of a window: a stall is measured well when it is known to move by less than a
        quarter of a pixel within them.
    stray : ndarray, optional
        How far the velocity is from its neighbours, see `course.strays`. A velocity that a window
        knows well is believed whatever its neighbours are.
    """
    sd = np.maximum(sd, 1e-12)
    stall = STALL_TOLERANCE_PX / window * np.exp(-0.5 * np.square(velocity / (STALL_SD * sd)))
    tolerance = np.maximum(RELATIVE_TOLERANCE * np.abs(velocity), stall)
    noise = stray * np.exp(-0.5 * np.square(stray / (NOISE_SD * sd)))
    off = doubted_sd(noise, stray, chance)
    right_peak = chance**WINDOW_SAYS
    out: np.ndarray = right_peak * erf(tolerance / np.sqrt(2) / np.hypot(sd, STRAY_WEIGHT * off))
    return out


def known_still(
    velocity: np.ndarray,
    sd: np.ndarray,
    chance: np.ndarray,
    window: int,
    stray: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Which windows surely hold flow that stands still; parameters as of `quality`."""
    out: np.ndarray = np.abs(velocity) + 2 * doubted_sd(sd, stray, chance) < STILL_PX / window
    return out


def statuses(
    *,
    detected: np.ndarray,
    inside_limits: np.ndarray,
    chance: np.ndarray,
    quality: np.ndarray,
    quality_limit: float,
    still: np.ndarray,
) -> np.ndarray:
    """The reason why each window is not accepted, or ``ok``; the first that applies."""
    return np.select(
        [~inside_limits, ~detected, chance < 0.5, (quality < quality_limit) & ~still],
        ["beyond limits", "no signal", "ambiguous", "low quality"],
        default="ok",
    )
