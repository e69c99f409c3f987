"""How far a window's velocity can be trusted, as a number and in words."""

from __future__ import annotations

import numpy as np
from scipy.special import erf, expit

from cloudscope.analysis.streaks.tracking import TEMPER

__all__ = ["STATUSES", "quality", "right_peak_chance", "second_best", "statuses"]

STATUSES = ("ok", "beyond limits", "no signal", "ambiguous", "low quality")
"""All values of a status, `ok` first."""

RELATIVE_TOLERANCE = 0.10
"""A velocity within this share of the truth is counted as right..."""

STALL_TOLERANCE_PX = 0.25
"""...and so is one that strays by less than this over the whole window."""


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


def quality(velocity: np.ndarray, sd: np.ndarray, chance: np.ndarray, window: int) -> np.ndarray:
    """Chance that a velocity is right: within 10 %, or a quarter of a pixel over the window.

    The second tolerance is for slow flow: a stall is measured well when it is known to be one.
    """
    tolerance = np.maximum(RELATIVE_TOLERANCE * np.abs(velocity), STALL_TOLERANCE_PX / window)
    out: np.ndarray = chance * erf(tolerance / (np.sqrt(2) * np.maximum(sd, 1e-12)))
    return out


def statuses(
    *,
    detected: np.ndarray,
    inside_limits: np.ndarray,
    chance: np.ndarray,
    quality: np.ndarray,
    quality_limit: float,
) -> np.ndarray:
    """The reason why each window is not accepted, or ``ok``; the first that applies."""
    return np.select(
        [~inside_limits, ~detected, chance < 0.5, quality < quality_limit],
        ["beyond limits", "no signal", "ambiguous", "low quality"],
        default="ok",
    )
