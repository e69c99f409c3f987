"""Where the vessel is: its half-maximum walls on short averages of lines, followed in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, label, median_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Track", "follow_vessel", "half_maximum_walls"]

_BLOCKS, _BLOCK_AVERAGES = 64, 4
"""Most blocks of averages on which the vessel is looked for, and least averages of one."""
_SMOOTHING_PX = 0.8
_STEADY_AVERAGES = 9
_LEVELS = (0.25, 0.4, 0.5, 0.6, 0.75)
"""Shares of the whole range at which to look for vessels, bright and faint, wide and narrow."""


@dataclass(frozen=True, slots=True)
class Track:
    """Half-maximum walls of each average of lines; NaN where a wall is not on the line.

    Attributes
    ----------
    left_px, right_px : ndarray, shape (averages,)
        Walls, in columns from the middle of the first.
    tissue, lumen : ndarray, shape (averages,)
        Brightness beside and inside the vessel.
    open_left, open_right : ndarray of bool, shape (averages,)
        The line ends inside the vessel.
    """

    left_px: NDArray[np.float64]
    right_px: NDArray[np.float64]
    tissue: NDArray[np.float64]
    lumen: NDArray[np.float64]
    open_left: NDArray[np.bool_]
    open_right: NDArray[np.bool_]

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Averages on which both walls were found."""
        return np.isfinite(self.left_px) & np.isfinite(self.right_px)

    def smoothed(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Centre and width as they change over some averages: where fits start.

        Walls of a single average follow its noise; pixels weighted by them would favour it.
        """
        good = np.flatnonzero(self.measured)
        at = np.arange(self.left_px.size)
        size = min(_STEADY_AVERAGES, at.size)

        def steady(values: NDArray[np.float64]) -> NDArray[np.float64]:
            filled = np.interp(at, good, values[good])
            calm = median_filter(filled, size=size, mode="nearest")
            smooth: NDArray[np.float64] = gaussian_filter1d(calm, 0.25 * size, mode="nearest")
            return smooth

        width = np.maximum(steady(self.right_px - self.left_px), 1.0)
        return steady(0.5 * (self.left_px + self.right_px)), width


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    stop: int
    tissue: float
    lumen: float
    light: float


def _spans(profile: NDArray[np.float64]) -> list[_Span]:
    """Stretches above half of their own height, each once, strongest first."""
    low, high = np.percentile(profile, (5, 98))
    found: dict[tuple[int, int], _Span] = {}
    if not high > low:
        return []
    for level in _LEVELS:
        pieces, count = label(profile > low + level * (high - low))
        for piece in range(1, count + 1):
            inside = np.flatnonzero(pieces == piece)
            start, stop = int(inside[0]), int(inside[-1]) + 1
            lumen = high
            for _ in range(4):
                lumen = _upper_quartile(profile[start:stop])
                top = start + int(np.argmax(profile[start:stop]))
                above = profile > 0.5 * (low + lumen)
                if not above[top]:
                    break
                start = (
                    top - int(np.argmin(above[top::-1])) + 1 if not above[: top + 1].all() else 0
                )
                after = above[top:]
                stop = top + int(np.argmin(after)) if not after.all() else profile.size
            light = float(np.sum(profile[start:stop] - low))
            found.setdefault((start, stop), _Span(start, stop, float(low), lumen, light))
    return sorted(found.values(), key=lambda span: -span.light)


def _upper_quartile(values: NDArray[np.float64]) -> float:
    place = (3 * values.size) // 4
    return float(np.partition(values, place)[place])


def _overlap(span: _Span, other: _Span) -> int:
    return min(span.stop, other.stop) - max(span.start, other.start)


def _chain(blocks: NDArray[np.float64]) -> list[_Span | None]:
    """The same vessel in every block, from the block where it is clearest both ways in time."""
    candidates = [_spans(profile) for profile in blocks]
    chosen: list[_Span | None] = [None] * len(candidates)
    clearest = max(
        range(len(candidates)), key=lambda k: candidates[k][0].light if candidates[k] else 0
    )
    if not candidates[clearest]:
        return chosen
    for order in (range(clearest, len(candidates)), range(clearest, -1, -1)):
        last = candidates[clearest][0]
        for k in order:
            best = max(candidates[k], key=lambda span: _overlap(span, last), default=None)
            if best is not None and _overlap(best, last) > 0:
                chosen[k] = last = best
    return chosen


def half_maximum_walls(
    smooth: NDArray[np.float64], half: NDArray[np.float64], middle_px: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """First crossings of `half` outward from `middle_px`, between pixels by straight lines.

    Returns
    -------
    left, right : ndarray of float64
        Columns from the middle of the first; NaN where the middle is below `half` or where the
        line ends before the crossing.
    open_left, open_right : ndarray of bool
        The line ends before the crossing.
    """
    lines, pixels = smooth.shape
    line, column = np.arange(lines), np.arange(pixels)
    below = smooth < half[:, None]
    lit = ~below[line, middle_px]

    right_of = below & (column > middle_px[:, None])
    left_of = (below & (column < middle_px[:, None]))[:, ::-1]
    open_right, open_left = ~right_of.any(axis=1), ~left_of.any(axis=1)
    right = np.where(open_right, pixels - 1, right_of.argmax(axis=1))
    left = np.where(open_left, 0, pixels - 1 - left_of.argmax(axis=1))

    def crossing(inside: NDArray[np.intp], outside: NDArray[np.intp]) -> NDArray[np.float64]:
        bright, dark = smooth[line, inside], smooth[line, outside]
        fall = np.where(bright > dark, bright - dark, 1.0)
        between: NDArray[np.float64] = inside + (outside - inside) * (bright - half) / fall
        return between

    right_px = np.where(open_right | ~lit, np.nan, crossing(np.maximum(right - 1, 0), right))
    left_px = np.where(open_left | ~lit, np.nan, crossing(np.minimum(left + 1, pixels - 1), left))
    return left_px, right_px, open_left & lit, open_right & lit


def follow_vessel(averages: NDArray[np.float32]) -> Track | None:
    """Find the strongest bright vessel and follow it through time.

    Parameters
    ----------
    averages : ndarray, shape (averages, pixels)
        Means of a few lines each; the lumen is bright.

    Returns
    -------
    Track or None
        None if no stretch of the line is brighter than the rest.
    """
    count = averages.shape[0]
    smooth = gaussian_filter1d(averages.astype(np.float64), _SMOOTHING_PX, axis=1, mode="nearest")
    blocks_wanted = min(_BLOCKS, -(-count // _BLOCK_AVERAGES))
    bounds = np.unique(np.linspace(0, count, blocks_wanted + 1).astype(int))
    blocks = np.add.reduceat(smooth, bounds[:-1], axis=0) / np.diff(bounds)[:, None]
    chain = _chain(blocks)
    known = [k for k, span in enumerate(chain) if span is not None]
    if not known:
        return None
    spans = [chain[min(known, key=lambda k: abs(k - at))] for at in range(len(chain))]
    centre = 0.5 * (bounds[:-1] + bounds[1:]) - 0.5
    at = np.arange(count)

    def each(values: list[float]) -> NDArray[np.float64]:
        return np.interp(at, centre, values)

    start = each([float(s.start) for s in spans if s is not None])
    stop = each([float(s.stop) for s in spans if s is not None])
    middle = np.clip(np.rint(0.5 * (start + stop - 1)), 0, averages.shape[1] - 1).astype(np.intp)
    quarter = np.maximum((stop - start) / 4, 0.5)
    column = np.arange(averages.shape[1])
    core = np.abs(column - middle[:, None]) <= quarter[:, None]
    lumen = (smooth * core).sum(axis=1) / core.sum(axis=1)
    lumen = median_filter(lumen, size=min(9, count), mode="nearest")
    tissue = each([s.tissue for s in spans if s is not None])
    walls = half_maximum_walls(smooth, 0.5 * (tissue + lumen), middle)
    return Track(walls[0], walls[1], tissue, lumen, walls[2], walls[3])
