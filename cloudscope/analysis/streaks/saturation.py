"""Windows in which the detector is full so often that their streaks are lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cloudscope.analysis.detector_full import full_level

__all__ = ["SATURATED_SHARE", "full_share"]

SATURATED_SHARE = 0.75
"""Share of full pixels from which a window is not accepted.

Streaks whose tops are cut off keep their slope: up to 80 % of full pixels the error on synthetic
flow hardly grows. Then the few pixels left lie where the static pattern is darkest, and what is
measured is that pattern: a stall, with high quality.
"""

BLOCK_PIXELS = 1 << 18
"""Pixels read at once."""


def full_share(
    recording: np.ndarray,
    starts: np.ndarray,
    window: int,
    still_wanted: Callable[[], None] = lambda: None,
) -> np.ndarray:
    """Share of the pixels of each window at which the detector is full.

    Parameters
    ----------
    recording : ndarray, shape (lines, columns)
        As it came from the detector.
    starts : ndarray of int, shape (windows,)
    window : int
        Lines.
    still_wanted : callable
        Called now and then; may raise to stop.
    """
    lines, columns = recording.shape
    largest, count = np.empty(lines), np.empty(lines)
    step = max(1, BLOCK_PIXELS // columns)
    for start in range(0, lines, step):
        part = slice(start, start + step)
        block = recording[part]
        top = block.max(axis=1)
        largest[part] = top
        count[part] = np.count_nonzero(block == top[:, None], axis=1)
        still_wanted()
    level = full_level(largest, count, recording.dtype)
    if level is None:
        return np.zeros(starts.size)
    full = np.concatenate([[0.0], np.cumsum(np.where(largest == level, count, 0.0))])
    share: np.ndarray = (full[starts + window] - full[starts]) / (window * columns)
    return share
