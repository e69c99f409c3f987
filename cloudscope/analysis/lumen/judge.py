"""What to believe of a fitted line: its quality, and its status in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import erf

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "AT_THE_BORDER",
    "LOW_QUALITY",
    "NOT_FINITE",
    "NO_VESSEL",
    "OK",
    "chance_within_ten_percent",
    "statuses",
]

OK = "ok"
NO_VESSEL = "no vessel"
AT_THE_BORDER = "at the border"
LOW_QUALITY = "low quality"
NOT_FINITE = "not finite"


def chance_within_ten_percent(
    diameter: NDArray[np.float64], sd: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probability that a diameter of this standard deviation is within 10 % of the truth."""
    chance: NDArray[np.float64] = erf(0.1 * diameter / (np.sqrt(2.0) * np.maximum(sd, 1e-12)))
    return np.where(np.isfinite(chance), chance, 0.0)


def statuses(
    *,
    finite: NDArray[np.bool_],
    vessel: NDArray[np.bool_],
    walls_inside: NDArray[np.bool_],
    quality: NDArray[np.float64],
    quality_limit: float,
) -> NDArray[np.str_]:
    """Status of each line; the first reason that applies."""
    status = np.full(finite.shape, OK, dtype="<U16")
    status[quality < quality_limit] = LOW_QUALITY
    status[~walls_inside] = AT_THE_BORDER
    status[~vessel] = NO_VESSEL
    status[~finite] = NOT_FINITE
    return status
