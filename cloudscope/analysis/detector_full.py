"""Where a detector is full: from the numbers alone, if they tell."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["full_level"]

PILE = 8
"""Times the largest number must occur, at least, to be where a detector is full."""

STEP_DOWN = 4
"""How much more often than the next smaller one the largest number then occurs."""


def full_level(
    largest: np.ndarray[Any, Any], count: np.ndarray[Any, Any], dtype: np.dtype[Any]
) -> float | None:
    """The largest number of a recording, if a full detector is the reason that it is.

    Noise reaches its largest number about once; a full detector gives it again and again, and far
    more often than the next smaller one. A recording of one number only says nothing.

    Parameters
    ----------
    largest : ndarray, shape (lines,)
        Largest pixel of each line; ``-inf`` where it has none.
    count : ndarray, shape (lines,)
        Pixels of the line that are as large.
    dtype : numpy.dtype
        Of the pixels: the largest number of an integer type is always full.

    Examples
    --------
    >>> full_level(np.array([4095.0, 4095.0, 3000.0]), np.array([9, 7, 1]), np.dtype("u2"))
    4095.0
    >>> full_level(np.array([212.0, 230.0, 198.0]), np.array([1, 1, 1]), np.dtype("u2")) is None
    True
    """
    top = float(largest.max())
    if not np.isfinite(top) or dtype.kind == "b":
        return None
    if dtype.kind in "iu" and top == np.iinfo(dtype).max:
        return top
    below = largest[largest < top]
    next_smaller = float(below.max()) if below.size else -np.inf
    pile = float(count[largest == top].sum())
    steps = float(count[largest == next_smaller].sum()) if np.isfinite(next_smaller) else 0.0
    everywhere = not below.size and bool((count == count.max()).all())
    piled = pile >= PILE and pile >= STEP_DOWN * steps and not everywhere
    return top if piled else None
