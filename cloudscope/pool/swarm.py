"""Places of dots in a swarm: beside each other, never on each other, the same every time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["swarm_offsets"]


def swarm_offsets(heights: ArrayLike, diameter: float) -> NDArray[np.float64]:
    """How far beside the middle each dot lies, so that none covers another.

    Dots are placed from the lowest to the highest, each as near to the middle as there is room.

    Parameters
    ----------
    heights : (n,) array
        Height of each dot, in the unit of `diameter`, for example pixels.
    diameter : float
        Of the dots, above 0.

    Returns
    -------
    (n,) float64 array
        In the same unit and order; the distance of any two dots is `diameter` or more.

    Raises
    ------
    ValueError
        If `diameter` is not above 0, or a height is not finite.

    Examples
    --------
    >>> swarm_offsets([0.0, 10.0, 0.0, 0.0], 2.0).round(3).tolist()
    [0.0, 0.0, 2.0, -2.0]
    """
    height = np.asarray(heights, dtype=float)
    if not diameter > 0:
        raise ValueError(f"diameter={diameter!r} is not allowed: give one above 0")
    if not np.isfinite(height).all():
        raise ValueError("heights must be finite")
    offsets = np.zeros(height.size)
    order = np.argsort(height, kind="stable")
    y, x = height[order], np.zeros(height.size)
    first = 0
    near = diameter * (1 + 1e-9)  # where dots touch, rounding must not make them overlap
    for i in range(y.size):
        while y[i] - y[first] >= near:
            first += 1
        if first == i:
            continue
        beside = np.sqrt(near**2 - (y[i] - y[first:i]) ** 2)
        left, right = x[first:i] - beside, x[first:i] + beside
        x[i] = _nearest_gap(left, right)
    offsets[order] = x
    return offsets


def _nearest_gap(left: NDArray[np.float64], right: NDArray[np.float64]) -> float:
    """The place nearest to 0, the right one of two, that lies inside none of the intervals."""
    order = np.argsort(left, kind="stable")
    starts, reach = left[order], np.maximum.accumulate(right[order])
    # Between the stretches that are taken without a break lie the gaps.
    breaks = np.flatnonzero(starts[1:] > reach[:-1])
    taken_from = starts[np.append(0, breaks + 1)]
    taken_to = reach[np.append(breaks, reach.size - 1)]
    covers = np.flatnonzero((taken_from < 0) & (taken_to > 0))
    if covers.size == 0:
        return 0.0
    low, high = float(taken_from[covers[0]]), float(taken_to[covers[0]])
    return high if high <= -low else low
