"""Bleaching: a single exponential, fitted so that transients do not pull at it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["bleaching_time"]

_GROUPS = 32
_LEAST_GROUPS = 8


def bleaching_time(
    blocks: NDArray[np.float64], lines_of_block: NDArray[np.float64], percentile: float
) -> float | None:
    """Time constant of the decay of the brightness at rest, in lines.

    The recording is cut into up to 32 groups; the `percentile` of each stands for the brightness
    at rest. The slope of its logarithm is the median of the slopes between all pairs of groups
    [1]_, which a quarter of the groups cannot move at all.

    Parameters
    ----------
    blocks : ndarray, shape (blocks,)
        Brightness above the dark level, averaged over blocks of lines; NaN where unknown.
    lines_of_block : ndarray, shape (blocks,)
        Middle line of each block.
    percentile : float

    Returns
    -------
    float or None
        ``None`` where nothing decays, where the brightness is not above dark, or where there is
        too little to tell.

    References
    ----------
    .. [1] P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of
       the American Statistical Association 63 (1968) 1379-1389.
    """
    known = np.isfinite(blocks)
    level, line = blocks[known], lines_of_block[known]
    groups = min(_GROUPS, level.size // 4)
    if groups < _LEAST_GROUPS:
        return None
    bounds = np.linspace(0, level.size, groups + 1).astype(np.intp)
    pairs = list(pairwise(bounds))
    rest = np.array([np.percentile(level[a:b], percentile) for a, b in pairs])
    middle = np.array([line[a:b].mean() for a, b in pairs])
    if not (rest > 0).all():
        return None
    first, second = np.triu_indices(groups, 1)
    slopes = (np.log(rest[second]) - np.log(rest[first])) / (middle[second] - middle[first])
    slope = float(np.median(slopes))
    # A decay too slow to change the last digit of a brightness is none.
    return -1.0 / slope if slope * blocks.size * (line[1] - line[0]) < -1e-9 else None
