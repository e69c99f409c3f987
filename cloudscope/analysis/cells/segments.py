"""Cells in a train: two levels, where it changes from one to the other, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks, peak_widths
from scipy.special import ndtr

from cloudscope.analysis.cells.states import States, changes, smoothed, two_states
from cloudscope.analysis.cells.train import Train

__all__ = ["Levels", "Segments", "find_segments"]

FINE_PX = 0.7
"""Standard deviation of the smoothing on which edges are placed."""

SHALLOW = 0.3
"""Smallest part of the contrast by which a gap between two cells must stand out from both..."""

SURE = 5.0
"""...and how many standard deviations of the noise."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What the two states of a train look like, in the unit of the train.

    Attributes
    ----------
    plasma, cell : float
    noise_variance : float
        Of a pixel of gain 1.
    """

    plasma: float
    cell: float
    noise_variance: float

    @property
    def contrast(self) -> float:
        """Of cells against plasma; negative for dark cells."""
        return self.cell - self.plasma


@dataclass(frozen=True, eq=False)
class Segments:
    """Stretches of a train in which cells are, in their order.

    Attributes
    ----------
    start, stop : ndarray, shape (n,)
        Bin, with its fraction, at which each begins and ends.
    contrast : ndarray, shape (n,)
        Deepest smoothed value against plasma, as a share of the contrast of the levels.
    doubt : ndarray, shape (n,)
        Expected number of cells by which the count is wrong there: the chance that the stretch is
        none, and that the gap before it is none.
    missed : float
        Chance that noise hides a typical cell, or a typical gap.
    levels : Levels
    blur_px : float
        Standard deviation of the blur of the edges; NaN without edges.
    """

    start: np.ndarray
    stop: np.ndarray
    contrast: np.ndarray
    doubt: np.ndarray
    missed: float
    levels: Levels
    blur_px: float

    @classmethod
    def none(cls) -> Segments:
        """No cells, and no levels."""
        nan, nothing = float("nan"), np.empty(0)
        return cls(nothing, nothing, nothing, nothing, 1.0, Levels(nan, nan, nan), nan)


def _edges(
    height: np.ndarray, change: np.ndarray, upper: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places where a height above the middle is 0 nearest to each change, and its slope there."""
    above = height > 0
    at = changes(above)
    rise = height[at] - height[at - 1]
    place = at - 1 - height[at - 1] / rise
    steep = np.abs(rise)
    out, slope = change - 0.5, np.full(change.size, np.nan)
    for rising in (True, False):
        there, wanted = place[above[at] == rising], upper[change] == rising
        if there.size == 0:
            continue
        right = np.clip(np.searchsorted(there, out[wanted]), 0, there.size - 1)
        left = np.maximum(right - 1, 0)
        nearer_left = np.abs(there[left] - out[wanted]) < np.abs(there[right] - out[wanted])
        near = np.where(nearer_left, left, right)
        close = np.abs(there[near] - out[wanted]) < reach
        slope[wanted] = np.where(close, steep[above[at] == rising][near], np.nan)
        out[wanted] = np.where(close, there[near], out[wanted])
    return out, slope


def _shallow_gaps(
    height: np.ndarray, noise_sd: np.ndarray, upper: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where gaps begin and end that blur keeps from falling to the middle, inside of cells."""
    peaks, found = find_peaks(-height, prominence=SHALLOW)
    stands_out = found["prominences"] > SURE * noise_sd[peaks]
    inside = upper[peaks] & upper[peaks - 1] & upper[peaks + 1]
    peaks = peaks[stands_out & inside]
    _, _, left, right = peak_widths(-height, peaks, rel_height=0.5)
    return left, right


def find_segments(train: Train, *, bright: bool) -> Segments:
    """Cells of a train.

    Parameters
    ----------
    train : Train
    bright : bool
        Whether cells are brighter than plasma.
    """
    sign, px = (1.0 if bright else -1.0), train.bins_per_px
    states = two_states(train, sign)
    if states is None:
        return Segments.none()
    precision = np.where(train.covered, 1 / states.variance, 0.0)
    fine = smoothed(states.value, precision, FINE_PX * px)
    change = changes(states.upper)
    if change.size == 0:
        return Segments.none()
    # In units of the contrast, 0 plasma and 1 cell: levels may change along the train.
    height = (fine - states.low) / states.height
    edges, slope = _edges(height - 0.5, change, states.upper, 2.5 * px)
    # Odds against leaving a stretch out: its evidence, less what two changes cost.
    odds = np.abs(np.add.reduceat(states.evidence, change)) - states.switch_cost
    none = 1 / (1 + np.exp(np.clip(odds, -30, 30)))
    begins = states.upper[change]
    first = int(np.argmax(begins)) if begins.any() else change.size
    last = change.size - (change.size - first) % 2
    start, stop = edges[first:last:2], edges[first + 1 : last : 2]
    doubt = none[first:last:2].copy()
    doubt[1:] += none[first + 1 : last - 1 : 2][: doubt.size - 1] if doubt.size > 1 else 0
    # Noise of the smoothed train: a Gaussian mean of independent places.
    kernel = 1 / np.sqrt(2 * np.sqrt(np.pi) * FINE_PX * px)
    noise_sd = kernel * np.sqrt(_noise(train, states)) / states.height
    left, right = _shallow_gaps(height, noise_sd, states.upper)
    start, stop, doubt = _split(start, stop, doubt, left, right)
    typical = float(np.nanmedian(slope)) if np.isfinite(slope).any() else float("nan")
    low, high = (float(np.median(each[train.covered])) for each in (states.low, states.high))
    return Segments(
        start=start,
        stop=stop,
        contrast=_deepest(height, start, stop),
        doubt=doubt,
        missed=_missed(states, train.covered, start, stop),
        levels=Levels(sign * low, sign * high, states.noise),
        blur_px=1 / (typical * np.sqrt(2 * np.pi)) / px,
    )


def _missed(states: States, seen: np.ndarray, start: np.ndarray, stop: np.ndarray) -> float:
    """Chance that the evidence for a typical cell, or a gap, does not pay for two changes."""
    if start.size < 2:
        return 0.0
    share = seen[int(start[0]) : int(stop[-1]) + 1].mean()
    per_bin = share * float(np.median((states.height**2 / states.variance)[seen]))
    missed = 0.0
    for length in (np.median(stop - start), np.median(start[1:] - stop[:-1])):
        strength = max(float(length) * per_bin, 1e-9)  # mean evidence is half, its variance all
        missed += float(ndtr((states.switch_cost - 0.5 * strength) / np.sqrt(strength)))
    return missed


def _noise(train: Train, states: States) -> np.ndarray:
    """Variance of the noise of each bin; large where nothing was seen."""
    return states.noise / np.where(train.covered, train.weight, 1e-6)


def _split(
    start: np.ndarray, stop: np.ndarray, doubt: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Segments parted at the gaps from `left` to `right` that lie in them."""
    inside = np.searchsorted(start, left, side="right") - 1
    within = (inside >= 0) & (inside < start.size)
    within[within] &= right[within] < stop[inside[within]]
    left, right = left[within], right[within]
    doubts = np.concatenate([doubt, np.zeros(left.size)])
    starts, stops = np.concatenate([start, right]), np.concatenate([stop, left])
    order = np.argsort(starts, kind="stable")
    return starts[order], np.sort(stops), doubts[order]


def _deepest(fine: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Largest value in each segment."""
    if start.size == 0:
        return np.empty(0)
    first = np.clip(np.round(start).astype(int), 0, fine.size - 1)
    after = np.clip(np.round(stop).astype(int), first + 1, fine.size)
    bounds = np.stack([first, after], axis=1).ravel()
    padded = np.append(fine, -np.inf)
    deepest: np.ndarray = np.maximum.reduceat(padded, bounds)[::2]
    return deepest
