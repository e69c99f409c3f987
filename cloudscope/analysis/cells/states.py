"""Plasma or cell at each place of a train, from the levels of both, and the levels from that.

The levels follow slow changes along the train: the focus moves, the dye is washed in, a shadow
passes. A stretch tells its own where both are in it; elsewhere its neighbours tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.cells.decoding import decode
from cloudscope.analysis.cells.train import Train

__all__ = ["States", "changes", "smoothed", "two_states"]

COARSE_PX = 1.0
"""Standard deviation of the smoothing on which levels are first seen."""

ROUNDS = 6
"""Times that levels and states are found from each other; they stand still after four."""

UNEVEN = 0.18
"""Standard deviation of cells about their level, relative to the contrast. Without it, the noise
of a train averaged over hundreds of lines would make evidence of cells that are only unlike."""

EDGE_PX = 2.0
"""Blood nearer than this to an edge is blurred and says nothing of the levels."""

FIRST_CELL_PX, FIRST_GAP_PX = 7.0, 9.0
"""Lengths to begin with; those of the recording take their place."""

FEWEST = 20
"""Places away from edges from which a level is taken; with fewer, all places serve."""

STRETCH_CELLS = 40
"""Cells, with the gaps between them, that have levels of their own."""

LEAST_CONTRAST, CLEAR = 0.2, 3.0
"""A stretch has two levels of its own if they are apart by this share of what is usual, and by so
many standard deviations of the noise."""


LEAST_ALIKE, SURELY_ALIKE = 0.05, 5.0
"""Smallest correlation of neighbours in a train of cells, and in standard deviations of noise."""


@dataclass(frozen=True, eq=False)
class States:
    """A train, cells upwards, with its two states.

    Attributes
    ----------
    value, variance : ndarray, shape (bins,)
        The train, and the variance about its state's level; infinite where nothing was seen.
    evidence : ndarray, shape (bins,)
        Log of the likelihood of a cell over that of plasma.
    upper : ndarray of bool, shape (bins,)
        Whether it is a cell.
    low, high : ndarray, shape (bins,)
        Levels of plasma and cells.
    noise : float
        Variance of the noise of a pixel of gain 1.
    enter, leave : float
        Chance at a place that a cell begins, or ends.
    """

    value: np.ndarray
    variance: np.ndarray
    evidence: np.ndarray
    upper: np.ndarray
    low: np.ndarray
    high: np.ndarray
    noise: float
    enter: float
    leave: float

    @property
    def height(self) -> np.ndarray:
        """Contrast at each place."""
        height: np.ndarray = self.high - self.low
        return height

    @property
    def switch_cost(self) -> float:
        """What two changes of state take from the likelihood."""
        stay = np.log1p(-self.enter) + np.log1p(-self.leave)
        return float(stay - np.log(self.enter) - np.log(self.leave))


def smoothed(value: np.ndarray, precision: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian mean of what is known near each place; 0 where nothing is."""
    weights = gaussian_filter1d(precision, sigma, mode="constant", truncate=5.0)
    sums = gaussian_filter1d(precision * value, sigma, mode="constant", truncate=5.0)
    near = weights > 1e-6 * precision.max(initial=0.0)
    return np.divide(sums, weights, out=np.zeros_like(sums), where=near)


def changes(upper: np.ndarray) -> np.ndarray:
    """First places after a change."""
    return np.flatnonzero(upper[1:] != upper[:-1]) + 1


def _two_modes(values: np.ndarray) -> tuple[float, float]:
    """Means of the two classes that differ most (Otsu)."""
    low, high = np.quantile(values, (0.005, 0.995))
    if not high - low > 1e-9 * max(abs(low), abs(high)):
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


class _Stretches:
    """Places of a train in stretches that overlap by halves, with levels that join them."""

    def __init__(self, bins: int, length: float) -> None:
        self.count = max(1, round(2 * bins / length)) if length > 0 else 1
        place = np.arange(bins)
        self.of = np.minimum(place * self.count // bins, self.count - 1)
        self.place = place
        self.middle = (np.arange(self.count) + 0.5) * bins / self.count

    def _joined(self, sums: np.ndarray) -> np.ndarray:
        """Each half stretch with half of both neighbours."""
        padded = np.pad(sums, 1)
        joined: np.ndarray = padded[1:-1] + 0.5 * (padded[:-2] + padded[2:])
        return joined

    def level(self, value: np.ndarray, precision: np.ndarray, used: np.ndarray) -> np.ndarray:
        """Mean of what is used in each stretch; NaN where that is too little."""
        here, weight = self.of[used], precision[used]
        number = self._joined(np.bincount(here, minlength=self.count).astype(float))
        weights = self._joined(np.bincount(here, weight, self.count))
        sums = self._joined(np.bincount(here, weight * value[used], self.count))
        enough = (number >= FEWEST) & (weights > 0)
        level: np.ndarray = np.divide(sums, weights, out=np.full(self.count, np.nan), where=enough)
        return level

    def modes(self, value: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The two levels of each stretch as its values show them."""
        modes = np.full((self.count, 2), np.nan)
        edges = np.searchsorted(self.of, np.arange(self.count + 1))
        for k in range(self.count):
            here = slice(edges[max(k - 1, 0)], edges[min(k + 2, self.count)])
            values = value[here][seen[here]]
            if values.size >= 2 * FEWEST:
                modes[k] = _two_modes(values)
        return modes[:, 0], modes[:, 1]

    def along(self, level: np.ndarray, usual: float) -> np.ndarray:
        """A level at each place, from stretches that have one."""
        known = np.isfinite(level)
        if not known.any():
            return np.full(self.place.size, usual)
        along: np.ndarray = np.interp(self.place, self.middle[known], level[known])
        return along


def two_states(train: Train, sign: float) -> States | None:
    """Levels and states from each other, in rounds; ``None`` if there are not two.

    Parameters
    ----------
    train : Train
    sign : float
        1 for cells that are brighter than plasma, -1 for darker ones.
    """
    px, seen = train.bins_per_px, train.covered
    if not seen.any():
        return None
    value, weight = sign * train.value, train.weight
    known = bool(np.isfinite(train.noise_variance) and train.noise_variance > 0)
    noise = train.noise_variance if known else 0.5
    precision = weight / (noise + UNEVEN**2 * weight)
    if not _coherent(value, precision, px):
        return None
    coarse = smoothed(value, precision, COARSE_PX * px)
    usual: tuple[float, ...] = _two_modes(coarse[seen])
    low, high = (np.full(value.size, level) for level in usual)
    enter, leave = 1 / (FIRST_GAP_PX * px), 1 / (FIRST_CELL_PX * px)
    stretches: _Stretches | None = None
    own: tuple[np.ndarray, ...]
    states = None
    for _ in range(ROUNDS):
        height = high - low
        if not height.min() > 1e-6:
            return states
        variance = noise / np.where(seen, weight, np.inf) + np.square(UNEVEN * height)
        evidence = (value - 0.5 * (low + high)) * height / variance * seen
        upper = decode(evidence, enter, leave)
        states = States(value, variance, evidence, upper, low, high, noise, enter, leave)
        change = changes(upper)
        if change.size < 4:
            return states
        lengths, is_cell = np.diff(change), upper[change[:-1]]
        enter, leave = (min(0.4, 1 / lengths[kind].mean()) for kind in (~is_cell, is_cell))
        inside = seen & (_from_edge(change, value.size) > EDGE_PX * px)
        inner = [inside & state for state in (~upper, upper)]
        used = [
            i if i.sum() >= FEWEST else seen & s
            for i, s in zip(inner, (~upper, upper), strict=True)
        ]
        usual = tuple(float(np.average(value[u], weights=1 / variance[u])) for u in used)
        if stretches is None:
            stretches = _Stretches(value.size, 2 * STRETCH_CELLS * float(lengths.mean()))
            own = stretches.modes(coarse, seen)
        else:
            own = tuple(stretches.level(value, 1 / variance, u) for u in used)
        low, high = _levels(stretches, own, usual, _coarse_noise(noise, weight, seen, px))
        if not known:
            off = value - np.where(upper, high, low)
            here = inside if inside.sum() >= FEWEST else seen
            noise = float(np.mean(np.square(off[here]) * weight[here]))
    return states


def _coherent(value: np.ndarray, precision: np.ndarray, px: int) -> bool:
    """Whether places a pixel apart are alike: they are of other pixels, so noise is not."""
    standard = value * np.sqrt(precision)
    both = (precision[px:] > 0) & (precision[:-px] > 0)
    power = float(np.square(standard).sum())
    pairs = int(both.sum())
    if pairs < FEWEST or not power > 0:
        return False
    alike = float((standard[px:] * standard[:-px]).sum()) / power
    return alike > max(LEAST_ALIKE, SURELY_ALIKE / float(np.sqrt(pairs)))


def _levels(
    stretches: _Stretches,
    own: tuple[np.ndarray, ...],
    usual: tuple[float, ...],
    noise_sd: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Levels at each place; those of stretches without two of their own are interpolated."""
    least = max(LEAST_CONTRAST * (usual[1] - usual[0]), CLEAR * noise_sd)
    apart = own[1] - own[0] > least
    low, high = (
        stretches.along(np.where(apart, level, np.nan), typical)
        for level, typical in zip(own, usual, strict=True)
    )
    return low, high


def _coarse_noise(noise: float, weight: np.ndarray, seen: np.ndarray, px: int) -> float:
    """Standard deviation of the noise of the coarse train."""
    kernel = 1 / np.sqrt(2 * np.sqrt(np.pi) * COARSE_PX * px)
    return float(kernel * np.sqrt(noise / np.median(weight[seen])))


def _from_edge(change: np.ndarray, bins: int) -> np.ndarray:
    """Distance of each place to the nearest change."""
    place = np.arange(bins)
    ends = np.concatenate([[-np.inf], change, [np.inf]])
    after = np.searchsorted(change, place, side="right")
    nearest: np.ndarray = np.minimum(place + 0.5 - ends[after], ends[after + 1] - place - 0.5)
    return nearest
