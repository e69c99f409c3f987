"""Windows that show cells in each line and none of them in the next: too fast to be followed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.lines import Lines

__all__ = ["cells_within_lines"]

NEAR_PX = (2, 3)
"""Distances at which a cell still resembles itself, and a slow detector no longer does."""

LEAST_SHARE = 0.1
"""Share of the variance that cells must hold."""

LEAST_SIGMAS = 6.0
"""Standard deviations of white noise by which the likeness must be above what chance gives."""

NARROWEST_PX = 12
"""On shorter lines a cell can fill the line, and looks like flicker."""


BLOCK_PIXELS = 1 << 18
"""Pixels looked at together."""


def cells_within_lines(
    lines: Lines,
    background: Background,
    starts: np.ndarray,
    window: int,
    checkpoint: Callable[[float], None] = lambda done: None,
) -> np.ndarray:
    """Whether windows hold cells, judged by the likeness of near columns on the same line.

    What far columns share (flicker of the light) is taken off.

    Parameters
    ----------
    lines : Lines, shape (lines, width)
    background : Background
        Of these lines.
    starts : ndarray of int, shape (windows,)
    window : int
        Lines.
    checkpoint : callable
        Called with the finished share now and then.

    Returns
    -------
    ndarray of bool, shape (windows,)
    """
    n_lines, width = len(lines), lines.shape[1]
    if width < NARROWEST_PX or not starts.size:
        return np.zeros(starts.size, bool)
    wanted = np.zeros(n_lines + 1, int)
    np.add.at(wanted, starts, 1)
    np.add.at(wanted, starts + window, -1)
    wanted = np.cumsum(wanted)[:-1]
    energy, likeness = np.zeros((2, n_lines))
    step = max(1, BLOCK_PIXELS // width)
    for start in range(0, n_lines, step):
        part = slice(start, min(start + step, n_lines))
        if wanted[part].any():
            energy[part], likeness[part] = _of_lines(
                background.normalised(lines[part], start).astype(np.float64)
            )
        checkpoint(part.stop / n_lines)
    windows_energy, windows_likeness = (
        np.lib.stride_tricks.sliding_window_view(x, window)[starts].sum(axis=1)
        for x in (energy, likeness)
    )
    chance = 1 / np.sqrt(window * (width - width // 2))
    least = max(LEAST_SHARE, LEAST_SIGMAS * chance)
    likely = windows_likeness > least * windows_energy
    seen: np.ndarray = likely & (windows_energy > 0)
    return seen


def _of_lines(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean square of each line, and how much more alike its near columns are than its far ones."""
    far = pixels.shape[1] // 2
    near = [(pixels[:, d:] * pixels[:, :-d]).mean(axis=1) for d in NEAR_PX]
    apart = (pixels[:, far:] * pixels[:, :-far]).mean(axis=1)
    return np.square(pixels).mean(axis=1), sum(near) / len(NEAR_PX) - apart
