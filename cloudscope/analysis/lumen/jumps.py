"""Lines on which the vessel changed faster than a vessel can."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["jumps"]

_FIRST = 15
_NOISE = 3.0
"""Standard deviations of a difference that noise may make on top of the limit."""


def jumps(
    value: NDArray[np.float64],
    sd: NDArray[np.float64],
    usable: NDArray[np.bool_],
    *,
    most_per_line: float,
) -> NDArray[np.bool_]:
    """Where `value` is farther from the last good one than its pace and the noise allow.

    The longer ago the last good value is, the farther it may be away; so a vessel that has really
    moved is believed again after as long as it would have taken.

    Parameters
    ----------
    value, sd : ndarray, shape (lines,)
    usable : ndarray of bool, shape (lines,)
        Others are neither judged nor compared with.
    most_per_line : float
        Largest change from line to line.

    Examples
    --------
    >>> import numpy as np
    >>> value = np.array([5.0, 5.1, 9.0, 5.0])
    >>> jumps(value, np.full(4, 0.1), np.ones(4, bool), most_per_line=0.2).tolist()
    [False, False, True, False]
    """
    flagged = np.zeros(value.shape, np.bool_)
    index = np.flatnonzero(usable)
    if index.size < 2:
        return flagged
    first = index[:_FIRST]
    start = int(np.argmin(np.abs(value[first] - np.median(value[first]))))
    values, variances = value[index].tolist(), (sd[index] ** 2).tolist()
    lines = index.tolist()
    for order in (range(start + 1, index.size), range(start - 1, -1, -1)):
        last = start
        for k in order:
            allowed = most_per_line * abs(lines[k] - lines[last])
            allowed += _NOISE * (variances[k] + variances[last]) ** 0.5
            if abs(values[k] - values[last]) > allowed:
                flagged[lines[k]] = True
            else:
                last = k
    return flagged
