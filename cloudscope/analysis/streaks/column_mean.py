"""The static pattern along the line: one for the recording, or one that drifts with the tissue."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

__all__ = ["ColumnMean", "averaged_columns"]

PARTS = 8
"""Stretches that make up the length of a running mean, and knots it has over that length."""


@dataclass(frozen=True)
class ColumnMean:
    """Mean of each column at any line.

    Attributes
    ----------
    knots : ndarray, shape (k, parities, width)
        Means about the lines `first_line`, `first_line + spacing`, ...; even lines have the first,
        odd ones the last of one or two parities. One knot is a mean that stays.
    first_line, spacing : float
    """

    knots: np.ndarray
    first_line: float = 0.0
    spacing: float = 1.0

    def at(self, start: int, stop: int) -> np.ndarray:
        """Means at the lines `start` to `stop` - 1, shape (n, width), or (1, width) for all."""
        count, parities, _ = self.knots.shape
        if count == parities == 1:
            constant: np.ndarray = self.knots[0]
            return constant
        line = np.arange(start, stop)
        parity = line % parities
        place = np.clip((line - self.first_line) / self.spacing, 0.0, count - 1.0)
        below = np.minimum(place.astype(int), max(count - 2, 0))
        part = (place - below)[:, None]
        mean: np.ndarray = self.knots[below, parity]
        if count > 1:
            mean = mean + part * (self.knots[below + 1, parity] - mean)
        return mean


def averaged_columns(
    blocks: Iterable[tuple[int, np.ndarray]],
    recorded: np.ndarray,
    *,
    averaged_lines: int | None,
    parities: int,
) -> ColumnMean:
    """Mean of each column over the recording, or over a length of it that runs along.

    At both ends the length stays whole, and the mean stays as it was there: a shorter one would
    take off more of a slow flow.

    Parameters
    ----------
    blocks : iterable of (int, ndarray of float64)
        First line, and lines, of consecutive stretches.
    recorded : ndarray of bool, shape (lines,)
        False for lines that are left out.
    averaged_lines : int or None
        Length of the running mean, at least `PARTS` and less than the recording; ``None`` takes
        the whole recording.
    parities : int
        2 for a mean of even lines and one of odd lines, else 1.
    """
    n_lines = recorded.size
    length = n_lines if averaged_lines is None else max(1, averaged_lines // PARTS)
    groups = -(-n_lines // length)
    count = np.zeros((groups, parities))
    total: np.ndarray | None = None
    for start, block in blocks:
        if total is None:
            total = np.zeros((groups, parities, block.shape[1]))
        line = np.arange(start, start + len(block))
        kept = recorded[start : start + len(block)]
        for parity in range(parities):
            chosen = np.flatnonzero((line % parities == parity) & kept)
            if chosen.size:
                group = line[chosen] // length
                first = np.flatnonzero(np.diff(group, prepend=-1))
                total[group[first], parity] += np.add.reduceat(block[chosen], first, axis=0)
                count[:, parity] += np.bincount(group, minlength=groups)
    assert total is not None
    if averaged_lines is None:
        return ColumnMean(total / np.maximum(count, 1)[:, :, None])
    run = min(PARTS, groups)
    box_total, box_count = (
        np.lib.stride_tricks.sliding_window_view(x, run, axis=0).sum(axis=-1)
        for x in (total, count)
    )
    whole = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1)[:, None]
    empty = box_count == 0
    mean = box_total / np.where(empty, 1, box_count)[:, :, None]
    mean[empty] = np.broadcast_to(whole, mean.shape)[empty]
    return ColumnMean(mean, first_line=0.5 * run * length - 0.5, spacing=float(length))
