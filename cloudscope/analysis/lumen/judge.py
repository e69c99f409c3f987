"""What to believe of a measured line: its quality, and its status in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erf

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "AT_THE_BORDER",
    "JUMP",
    "LOW_QUALITY",
    "NEIGHBOUR",
    "NOT_FINITE",
    "NO_CROSSING",
    "NO_VESSEL",
    "OK",
    "SATURATED",
    "WITH_NUMBER",
    "chance_within_ten_percent",
    "statuses",
]

OK = "ok"
LOW_QUALITY = "low quality"
JUMP = "jump"
NEIGHBOUR = "neighbour"
SATURATED = "saturated"
NO_CROSSING = "no crossing"
AT_THE_BORDER = "at the border"
NO_VESSEL = "no vessel"
NOT_FINITE = "not finite"

WITH_NUMBER = (OK, LOW_QUALITY, JUMP, NEIGHBOUR, SATURATED)
"""Statuses of lines that keep their number, if only to be looked at."""


def chance_within_ten_percent(
    diameter: NDArray[np.float64], sd: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability that a diameter of this standard deviation is within 10 % of the truth."""
    chance: NDArray[np.float64] = erf(0.1 * diameter / (np.sqrt(2.0) * np.maximum(sd, 1e-12)))
    return np.where(np.isfinite(chance), chance, 0.0)


def statuses(
    *, quality: NDArray[np.float64], quality_limit: float, **reasons: NDArray[np.bool_]
) -> NDArray[np.str_]:
    """Status of each line: of the reasons that apply, the weightiest.

    Parameters
    ----------
    quality : ndarray, shape (lines,)
    quality_limit : float
    **reasons : ndarray of bool, shape (lines,)
        Where ``jump``, ``neighbour``, ``saturated``, ``no_crossing``, ``at_the_border``,
        ``no_vessel`` or ``not_finite`` holds.
    """
    status = np.full(quality.shape, OK, dtype="<U16")
    status[quality < quality_limit] = LOW_QUALITY
    for reason in (JUMP, NEIGHBOUR, SATURATED, NO_CROSSING, AT_THE_BORDER, NO_VESSEL, NOT_FINITE):
        status[reasons.pop(reason.replace(" ", "_"), np.zeros(quality.shape, bool))] = reason
    if reasons:
        raise TypeError(f"no such reason: {', '.join(reasons)}")
    return status
