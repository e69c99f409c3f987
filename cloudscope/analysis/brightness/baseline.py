"""Course of the brightness at rest: a percentile of the recording, or of what is near.

Noise and transients move a percentile away from rest. What is found here is the course of the
baseline; its level is set afterwards, on the lines where nothing happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, percentile_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Blocks", "blocks_of", "global_baseline", "rolling_baseline"]

_PER_WINDOW = 512
"""Blocks a rolling window holds at most: finer ones would cost time and change nothing."""


class Blocks:
    """Means of consecutive lines, the grain in which the baseline is looked for.

    Attributes
    ----------
    mean : ndarray of float64, shape (blocks,)
        NaN where no line is known.
    middle : ndarray of float64, shape (blocks,)
        Middle of each block, in lines.
    size : int
        Lines a block.
    """

    def __init__(self, trace: NDArray[np.float64], size: int) -> None:
        starts = np.arange(0, trace.size, size)
        known = np.isfinite(trace)
        count = np.add.reduceat(known.astype(np.float64), starts)
        total = np.add.reduceat(np.where(known, trace, 0.0), starts)
        self.mean = np.where(count > 0, total / np.maximum(count, 1.0), np.nan)
        # The last block may be a rest; a mean of few lines would be taken for a low baseline.
        if starts.size > 1 and trace.size - starts[-1] < size:
            rest = slice(trace.size - size, trace.size)
            if known[rest].any():
                self.mean[-1] = trace[rest][known[rest]].mean()
        self.middle = np.minimum(starts + 0.5 * (size - 1), trace.size - 1.0)
        self.size = size

    def spread_to_lines(self, values: NDArray[np.float64], lines: int) -> NDArray[np.float64]:
        """`values` of the blocks, in between them a straight line."""
        spread: NDArray[np.float64] = np.interp(np.arange(lines), self.middle, values)
        return spread


def blocks_of(trace: NDArray[np.float64], grain_lines: float, window_lines: float) -> Blocks:
    """Blocks of `grain_lines`, or longer where a window would hold too many of them.

    Parameters
    ----------
    trace : ndarray, shape (lines,)
        NaN where unknown.
    grain_lines : float
        Lines averaged; transients must last longer.
    window_lines : float
        Window in which the baseline will be looked for.
    """
    window = min(window_lines, float(trace.size))
    size = max(1, round(grain_lines), int(np.ceil(window / _PER_WINDOW)))
    return Blocks(trace, min(size, max(1, trace.size // 8)))


def global_baseline(blocks: Blocks, percentile: float) -> float:
    """One brightness at rest for the whole recording.

    Parameters
    ----------
    blocks : Blocks
        At least one of them known.
    percentile : float
    """
    known = blocks.mean[np.isfinite(blocks.mean)]
    return float(np.percentile(known, percentile))


def rolling_baseline(blocks: Blocks, percentile: float, window_lines: float) -> NDArray[np.float64]:
    """Brightness at rest around each block: the percentile within a window, smoothed.

    Parameters
    ----------
    blocks : Blocks
        At least one of them known.
    percentile : float
    window_lines : float

    Returns
    -------
    ndarray of float64, shape (blocks,)
    """
    known = np.isfinite(blocks.mean)
    filled = np.interp(blocks.middle, blocks.middle[known], blocks.mean[known])
    size = max(1, min(round(window_lines / blocks.size), filled.size))
    # Mirrored ends: a repeated last block would be half of the window.
    rest: NDArray[np.float64] = percentile_filter(filled, percentile, size=size, mode="mirror")
    return gaussian_filter1d(rest, size / 8.0, mode="mirror") if size > 1 else rest
