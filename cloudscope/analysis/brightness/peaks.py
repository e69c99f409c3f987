"""Peaks of a trace that noise would not make."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Peak", "find_peaks"]


@dataclass(frozen=True, slots=True)
class Peak:
    """Where a trace is highest between two valleys.

    Attributes
    ----------
    row : int
    prominence : float
        Height above the higher of its two valleys.
    left_valley, right_valley : int
        Rows of the deepest points on the way to something higher, or to the end of the window.
    """

    row: int
    prominence: float
    left_valley: int
    right_valley: int


def find_peaks(
    trace: NDArray[np.float64],
    *,
    min_height: float,
    min_prominence: NDArray[np.float64],
    min_separation_lines: float,
    window_lines: float,
    checkpoint: Callable[[float], None],
) -> list[Peak]:
    """Peaks in the order of time.

    Parameters
    ----------
    trace : ndarray, shape (lines,)
        Without gaps.
    min_height : float
        Lowest height that counts.
    min_prominence : ndarray, shape (lines,)
        Smallest prominence that counts, at each line.
    min_separation_lines : float
        Of peaks closer than this the highest counts.
    window_lines : float
        How far to each side valleys are looked for.
    checkpoint : callable
        Called with the finished share.
    """
    rises = np.diff(trace, prepend=np.inf) > 0
    falls = np.diff(trace, append=np.inf) <= 0
    tops = np.flatnonzero(rises & falls)
    if not tops.size:
        return []
    height = trace[tops]
    valley_after = np.array(
        [a + int(np.argmin(trace[a:b])) for a, b in zip(tops, [*tops[1:], trace.size], strict=True)]
    )
    first_valley = int(np.argmin(trace[: tops[0] + 1]))
    found: list[Peak] = []
    candidates = np.flatnonzero(height > min_height)
    for done, k in enumerate(candidates):
        if done % 256 == 0:
            checkpoint(done / candidates.size)
        left, right = _valleys(
            trace, tops, height, valley_after, first_valley, int(k), window_lines
        )
        prominence = float(height[k] - max(trace[left], trace[right]))
        if prominence > min_prominence[tops[k]]:
            found.append(Peak(int(tops[k]), prominence, left, right))
    return _divided(_apart(found, trace, min_separation_lines), trace)


def _valleys(
    trace: NDArray[np.float64],
    tops: NDArray[np.intp],
    height: NDArray[np.float64],
    valley_after: NDArray[np.intp],
    first_valley: int,
    k: int,
    window: float,
) -> tuple[int, int]:
    """Deepest rows between top `k` and the next higher one or the end of the window."""
    left = int(valley_after[k - 1]) if k else first_valley
    j = k - 1
    while j >= 0 and height[j] <= height[k] and tops[k] - tops[j] <= window:
        before = int(valley_after[j - 1]) if j else first_valley
        left = before if trace[before] < trace[left] else left
        j -= 1
    right = int(valley_after[k])
    j = k + 1
    while j < tops.size and height[j] <= height[k] and tops[j] - tops[k] <= window:
        after = int(valley_after[j])
        right = after if trace[after] < trace[right] else right
        j += 1
    return left, right


def _divided(peaks: list[Peak], trace: NDArray[np.float64]) -> list[Peak]:
    """Peaks whose valleys reach no further than to the peaks beside them.

    A prominence looks across lower peaks; the shape of a transient ends at its neighbours.
    """
    parts = list(peaks)
    for k, (one, other) in enumerate(pairwise(peaks)):
        between = one.row + int(np.argmin(trace[one.row : other.row + 1]))
        parts[k] = replace(parts[k], right_valley=min(one.right_valley, between))
        parts[k + 1] = replace(other, left_valley=max(other.left_valley, between))
    return parts


def _apart(found: list[Peak], trace: NDArray[np.float64], separation: float) -> list[Peak]:
    """The highest peaks first, each only if no higher one is near."""
    row = np.array([peak.row for peak in found], dtype=np.intp)
    keep = np.ones(row.size, bool)
    for i in np.argsort(-trace[row], kind="stable") if row.size else ():
        if keep[i]:
            first = np.searchsorted(row, row[i] - separation, "left")
            last = np.searchsorted(row, row[i] + separation, "right")
            keep[first:last] = False
            keep[i] = True
    return [peak for peak, kept in zip(found, keep, strict=True) if kept]
