"""Cells in a train: two levels, where it changes from one to the other, and how surely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import find_peaks, peak_widths
from scipy.special import ndtr

from cloudscope.analysis.cells.decoding import decode
from cloudscope.analysis.cells.train import Train

__all__ = ["Levels", "Segments", "find_segments"]

COARSE_PX, FINE_PX = 1.0, 0.7
"""Standard deviations of the smoothing on which levels are first seen, and edges are placed."""

ROUNDS = 5
"""Times that levels and states are found from each other; they stand still after three."""

UNEVEN = 0.18
"""Standard deviation of cells about their level, relative to the contrast. Without it, the noise
of a train averaged over hundreds of lines would make evidence of cells that are only unlike."""

EDGE_PX = 2.0
"""Blood nearer than this to an edge is blurred and says nothing of the levels."""

FIRST_CELL_PX, FIRST_GAP_PX = 7.0, 9.0
"""Lengths to begin with; those of the recording take their place."""

SHALLOW = 0.3
"""Smallest part of the contrast by which a gap between two cells must stand out from both..."""

SURE = 5.0
"""...and how many standard deviations of the noise."""

FEWEST = 20
"""Places away from edges from which a level is taken; with fewer, all places serve."""


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


def _smooth(value: np.ndarray, precision: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of what is known near each place; 0 where nothing is."""
    weights = gaussian_filter1d(precision, sigma, mode="constant", truncate=5.0)
    sums = gaussian_filter1d(precision * value, sigma, mode="constant", truncate=5.0)
    near = weights > 1e-6 * precision.max(initial=0.0)
    return np.divide(sums, weights, out=np.zeros_like(sums), where=near)


def _two_modes(values: np.ndarray) -> tuple[float, float]:
    """Means of the two classes that differ most (Otsu)."""
    low, high = np.quantile(values, (0.005, 0.995))
    if not high > low:
        return float(low), float(low)
    counts, edges = np.histogram(values, 256, range=(low, high))
    centres = 0.5 * (edges[1:] + edges[:-1])
    below, sums = np.cumsum(counts)[:-1], np.cumsum(counts * centres)
    above = counts.sum() - below
    parted = (below > 0) & (above > 0)
    below, above = np.where(parted, below, 1), np.where(parted, above, 1)
    means = sums[:-1] / below, (sums[-1] - sums[:-1]) / above
    best = int(np.argmax(np.where(parted, below * above * np.square(means[1] - means[0]), -1.0)))
    return float(means[0][best]), float(means[1][best])


def _changes(upper: np.ndarray) -> np.ndarray:
    """First places after a change."""
    return np.flatnonzero(upper[1:] != upper[:-1]) + 1


@dataclass(frozen=True, eq=False)
class _States:
    """A train, cells upwards, with its two states."""

    value: np.ndarray
    variance: np.ndarray
    evidence: np.ndarray
    upper: np.ndarray
    low: float
    high: float
    noise: float
    enter: float
    leave: float

    @property
    def height(self) -> float:
        return self.high - self.low


def _states(train: Train, sign: float) -> _States | None:
    """Levels and states from each other, in rounds; ``None`` if there are not two."""
    px, seen = train.bins_per_px, train.covered
    value, weight = sign * train.value, train.weight
    known = bool(np.isfinite(train.noise_variance) and train.noise_variance > 0)
    noise = train.noise_variance if known else 0.5
    if not seen.any():
        return None
    coarse = _smooth(value, weight / (noise + UNEVEN**2 * weight), COARSE_PX * px)
    low, high = _two_modes(coarse[seen])
    enter, leave = 1 / (FIRST_GAP_PX * px), 1 / (FIRST_CELL_PX * px)
    place = np.arange(value.size)
    states = None
    for _ in range(ROUNDS):
        if not high - low > 1e-6:
            return None
        variance = noise / np.where(seen, weight, np.inf) + np.square(UNEVEN * (high - low))
        evidence = (value - 0.5 * (low + high)) * (high - low) / variance * seen
        upper = decode(evidence, enter, leave)
        states = _States(value, variance, evidence, upper, low, high, noise, enter, leave)
        change = _changes(upper)
        if change.size < 4:
            return states
        lengths, is_cell = np.diff(change), upper[change[:-1]]
        enter, leave = (min(0.4, 1 / lengths[kind].mean()) for kind in (~is_cell, is_cell))
        ends = np.concatenate([[-np.inf], change, [np.inf]])
        after = np.searchsorted(change, place, side="right")
        from_edge = np.minimum(place + 0.5 - ends[after], ends[after + 1] - place - 0.5)
        inside = seen & (from_edge > EDGE_PX * px)
        levels = []
        for state in (~upper, upper):
            used = inside & state if (inside & state).sum() >= FEWEST else seen & state
            levels.append(float(np.average(value[used], weights=1 / variance[used])))
        low, high = levels
        if not known:
            used = inside if inside.sum() >= FEWEST else seen
            off = value[used] - np.where(upper[used], high, low)
            noise = float(np.mean(np.square(off) * weight[used]))
    return states


def _edges(
    fine: np.ndarray, middle: float, change: np.ndarray, upper: np.ndarray, reach: float
) -> tuple[np.ndarray, np.ndarray]:
    """Places where the train crosses the middle nearest to each change, and its slope there."""
    above = fine > middle
    at = _changes(above)
    place = at - 1 + (middle - fine[at - 1]) / (fine[at] - fine[at - 1])
    steep = np.abs(fine[at] - fine[at - 1])
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
    fine: np.ndarray, fine_sd: np.ndarray, states: _States
) -> tuple[np.ndarray, np.ndarray]:
    """Where gaps begin and end that blur keeps from falling to the middle, inside of cells."""
    peaks, found = find_peaks(-fine, prominence=SHALLOW * states.height)
    stands_out = found["prominences"] > SURE * fine_sd[peaks]
    inside = states.upper[peaks] & states.upper[peaks - 1] & states.upper[peaks + 1]
    peaks = peaks[stands_out & inside]
    _, _, left, right = peak_widths(-fine, peaks, rel_height=0.5)
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
    states = _states(train, sign)
    if states is None:
        return Segments.none()
    precision = np.where(train.covered, 1 / states.variance, 0.0)
    fine = _smooth(states.value, precision, FINE_PX * px)
    change = _changes(states.upper)
    if change.size == 0:
        return Segments.none()
    middle = 0.5 * (states.low + states.high)
    edges, slope = _edges(fine, middle, change, states.upper, 2.5 * px)
    # Odds against leaving a stretch out: its evidence, less what two changes cost.
    cost = np.log1p(-states.enter) + np.log1p(-states.leave)
    cost -= np.log(states.enter) + np.log(states.leave)
    odds = np.abs(np.add.reduceat(states.evidence, change)) - cost
    none = 1 / (1 + np.exp(np.clip(odds, -30, 30)))
    begins = states.upper[change]
    first = int(np.argmax(begins)) if begins.any() else change.size
    last = change.size - (change.size - first) % 2
    start, stop = edges[first:last:2], edges[first + 1 : last : 2]
    doubt = none[first:last:2].copy()
    doubt[1:] += none[first + 1 : last - 1 : 2][: doubt.size - 1] if doubt.size > 1 else 0
    # Noise of the smoothed train: a Gaussian mean of independent places.
    kernel = 1 / np.sqrt(2 * np.sqrt(np.pi) * FINE_PX * px)
    left, right = _shallow_gaps(fine, kernel * np.sqrt(_noise(train, states)), states)
    start, stop, doubt = _split(start, stop, doubt, left, right)
    deepest = _deepest(fine, start, stop)
    typical = float(np.nanmedian(slope)) if np.isfinite(slope).any() else float("nan")
    return Segments(
        start=start,
        stop=stop,
        contrast=(deepest - states.low) / states.height,
        doubt=doubt,
        missed=_missed(states, train.covered, start, stop, float(cost)),
        levels=Levels(sign * states.low, sign * states.high, states.noise),
        blur_px=states.height / (typical * np.sqrt(2 * np.pi)) / px,
    )


def _missed(
    states: _States, seen: np.ndarray, start: np.ndarray, stop: np.ndarray, cost: float
) -> float:
    """Chance that the evidence for a typical cell, or a gap, does not pay for two changes."""
    if start.size < 2:
        return 0.0
    share = seen[int(start[0]) : int(stop[-1]) + 1].mean()
    per_bin = share * states.height**2 / float(np.median(states.variance[seen]))
    missed = 0.0
    for length in (np.median(stop - start), np.median(start[1:] - stop[:-1])):
        strength = max(float(length) * per_bin, 1e-9)  # mean evidence is half, its variance all
        missed += float(ndtr((cost - 0.5 * strength) / np.sqrt(strength)))
    return missed


def _noise(train: Train, states: _States) -> np.ndarray:
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
