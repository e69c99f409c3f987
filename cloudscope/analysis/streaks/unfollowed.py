"""Windows that show cells in each line and none of them in the next: too fast to be followed."""

from __future__ import annotations

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


def cells_within_lines(
    lines: Lines, background: Background, starts: np.ndarray, window: int
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

    Returns
    -------
    ndarray of bool, shape (windows,)
    """
    width = lines.shape[1]
    seen = np.zeros(starts.size, bool)
    if width < NARROWEST_PX:
        return seen
    far = width // 2
    for number, start in enumerate(starts.tolist()):
        block = background.normalised(lines[start : start + window], start).astype(np.float64)
        energy = float(np.square(block).mean())
        if energy <= 0:
            continue
        near = np.mean([float((block[:, d:] * block[:, :-d]).mean()) for d in NEAR_PX])
        likeness = (near - float((block[:, far:] * block[:, :-far]).mean())) / energy
        chance = 1 / np.sqrt(window * (width - far))
        seen[number] = likeness > max(LEAST_SHARE, LEAST_SIGMAS * chance)
    return seen
