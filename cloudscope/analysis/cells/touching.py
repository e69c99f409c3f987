"""Cells that touch: how many there are in a stretch without a gap.

Two cells whose gap is smaller than what the recording resolves are one dark stretch, about twice
as long as the others. Lengths of stretches are taken for a mixture: a stretch holds k cells with
chance ``(1 - q) q**(k - 1)``, each of a length with a mean and a spread. ``q``, the share of gaps
that are not seen, is not free: it cannot be more than what gaps as long as those that are seen
leave below the smallest of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["Touching", "cells_in_segments"]

MOST_CELLS = 5
"""Cells told apart in one stretch."""

FEWEST_SEGMENTS = 30
"""With fewer, lengths have no statistics: a stretch is a cell."""

ROUNDS = 60

LEAST_SPREAD, MOST_SPREAD = 0.05, 0.3
"""Limits on the spread of the length of a cell, relative to its mean. Beyond the second, two short
cells cannot be told from a long one."""


@dataclass(frozen=True, eq=False)
class Touching:
    """Cells in each stretch.

    Attributes
    ----------
    cells : ndarray, shape (n,)
        Expected number in each stretch, 1 or more.
    variance : ndarray, shape (n,)
        Of that number.
    unseen_share : float
        Share of the gaps between cells that are not seen.
    cell_length : float
        Mean length of a single cell.
    """

    cells: np.ndarray
    variance: np.ndarray
    unseen_share: float
    cell_length: float


def cells_in_segments(length: np.ndarray, gap: np.ndarray, smallest_gap: float) -> Touching:
    """Expected number of cells in each stretch, from how long the stretches and the gaps are.

    Parameters
    ----------
    length : ndarray, shape (n,)
        Of each stretch.
    gap : ndarray, shape (m,)
        Of the gaps between them.
    smallest_gap : float
        The smallest gap that is seen as one, in the same unit; 0 if every stretch is one cell.
    """
    n = length.size
    if n == 0:
        return Touching(np.empty(0), np.empty(0), 0.0, float("nan"))
    one = Touching(np.ones(n), np.zeros(n), 0.0, float(length.mean()))
    if not smallest_gap > 0:
        return one
    longer = gap[gap > smallest_gap] - smallest_gap
    if n < FEWEST_SEGMENTS or longer.size < FEWEST_SEGMENTS or not longer.mean() > 0:
        return one
    most = float(-np.expm1(-smallest_gap / longer.mean()))
    mean = float(np.median(length))
    spread = 1.4826 * float(np.median(np.abs(length - mean)))
    share = 0.5 * most
    k = np.arange(1, MOST_CELLS + 1)
    for _ in range(ROUNDS):
        spread = float(np.clip(spread, LEAST_SPREAD * mean, MOST_SPREAD * mean))
        middle = k * mean + (k - 1) * 0.5 * smallest_gap
        sd = spread * np.sqrt(k)
        log = -0.5 * np.square((length[:, None] - middle) / sd) - np.log(sd)
        log += np.log1p(-share) + (k - 1) * np.log(max(share, 1e-9))
        log -= log.max(axis=1, keepdims=True)
        chance = np.exp(log)
        chance /= chance.sum(axis=1, keepdims=True)
        cells = chance @ k
        share = min(float((cells - 1).sum() / cells.sum()), most)
        net = length[:, None] - (k - 1) * 0.5 * smallest_gap
        mean = float((chance * net).sum() / cells.sum())
        spread = float(np.sqrt((chance * np.square(net - k * mean) / k).sum() / n))
    variance = chance @ np.square(k) - np.square(cells)
    return Touching(cells, variance, share, mean)
