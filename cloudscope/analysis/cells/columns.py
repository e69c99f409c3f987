"""How the columns see the blood: where along its way each one is, and how strongly."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from cloudscope.analysis.cells.motion import Motion, Sweep
from cloudscope.analysis.cells.train import Columns, align
from cloudscope.analysis.streaks.background import Background

__all__ = ["explained_share", "measure_columns"]

SAMPLE_PIXELS = 2**21
"""Pixels from which the places of the columns are taken."""

NARROWEST_PX = 16
"""On narrower lines, no difference of speed along the line puts a column out of place."""

GROUP_PX = 4
"""Columns that are placed together, unless the flow is so fast that it needs more."""

MOST_GROUPS = 16

MOST_UNLIKE = 0.4
"""Largest difference of the speed between two groups from the mean that is looked for."""

LEAST_LIKENESS = 0.2
"""Smallest correlation of two groups that says anything of their distance."""

BINS_PER_PX = 1

Checkpoint = Callable[[float], None]


def measure_columns(
    kymograph: np.ndarray, background: Background, motion: Motion, *, checkpoint: Checkpoint
) -> Columns:
    """Place and gain of each column.

    Blood that is faster at one end of the line than at the other arrives there early by more than
    a cell is long, if the line is long. Groups of columns each make a train of their own; the
    shift at which those of neighbours agree best is their distance.

    Parameters
    ----------
    kymograph : ndarray, shape (lines, width)
    background : Background
    motion : Motion
    checkpoint : callable
        Called with the finished share.
    """
    width = kymograph.shape[1]
    place = np.arange(width) - 0.5 * (width - 1)
    columns = Columns(place, _gain(background.neighbour_covariance))
    sample = _sample(motion, max(1, SAMPLE_PIXELS // width))
    if width < NARROWEST_PX or not sample:
        return columns
    steps = np.concatenate([np.diff(motion.way_px[s.start : s.stop]) for s in sample])
    fast = float(np.quantile(np.abs(steps), 0.95)) if steps.size else 0.0
    groups = min(MOST_GROUPS, width // max(GROUP_PX, int(np.ceil(2 * fast))))
    if groups < 3:
        return columns
    bounds = np.round(np.linspace(0, width, groups + 1)).astype(int)

    def done_from(group: int) -> Checkpoint:
        return lambda done: checkpoint((group + done) / groups)

    trains = []
    for k in range(groups):
        mine = np.zeros(width)
        mine[bounds[k] : bounds[k + 1]] = columns.gain[bounds[k] : bounds[k + 1]]
        train = align(
            kymograph,
            background,
            motion,
            sample,
            Columns(place, mine),
            bins_per_px=BINS_PER_PX,
            checkpoint=done_from(k),
        )
        trains.append((train.value, train.weight))
    middle = 0.5 * (bounds[1:] + bounds[:-1] - 1) - 0.5 * (width - 1)
    reach = MOST_UNLIKE * width / groups
    ahead = sample[0].direction
    shifts = [ahead * _shift(*a, *b, reach) for a, b in pairwise(trains)]
    if any(np.isnan(shifts)):
        return columns
    off = np.concatenate([[0.0], np.cumsum(shifts)])
    fit = np.polynomial.Polynomial.fit(middle, off, min(3, groups - 2))
    return Columns(place + fit(place) - fit(0.0), columns.gain)


def explained_share(
    kymograph: np.ndarray, background: Background, motion: Motion, *, checkpoint: Checkpoint
) -> float:
    """Share of the variance of the pixels that a motion puts on one train, from a sample."""
    width = kymograph.shape[1]
    sample = _sample(motion, max(1, SAMPLE_PIXELS // width))
    if not sample:
        return 0.0
    columns = Columns(np.arange(width) - 0.5 * (width - 1), _gain(background.neighbour_covariance))
    train = align(
        kymograph,
        background,
        motion,
        sample,
        columns,
        bins_per_px=BINS_PER_PX,
        checkpoint=checkpoint,
    )
    return train.explained_share


def _sample(motion: Motion, lines: int) -> tuple[Sweep, ...]:
    """Sweeps one way, the longest first, until there are enough lines; the last is cut."""

    def way(sweep: Sweep) -> float:
        return float(np.ptp(motion.way_px[sweep.start : sweep.stop]))

    chosen: list[Sweep] = []
    left = lines
    for sweep in sorted(motion.sweeps, key=way, reverse=True):
        if left < 2:
            break
        if chosen and sweep.direction != chosen[0].direction:
            continue
        stop = min(sweep.stop, sweep.start + left)
        chosen.append(Sweep(sweep.start, stop, sweep.direction))
        left -= stop - sweep.start
    return tuple(chosen)


def _gain(neighbour_covariance: np.ndarray) -> np.ndarray:
    """Contrast of each column from what it shares with its neighbours: noise is not shared."""
    median = float(np.median(neighbour_covariance))
    if median <= 0.02:
        return np.ones(neighbour_covariance.size + 1)
    padded = np.pad(neighbour_covariance, 1, mode="edge")
    own = 0.5 * (padded[1:] + padded[:-1])
    gain: np.ndarray = np.sqrt(np.clip(own / median, 0.05, 4.0))
    return gain


def _shift(
    a: np.ndarray, a_weight: np.ndarray, b: np.ndarray, b_weight: np.ndarray, reach_px: float
) -> float:
    """By how many pixels `b` is farther along the way than its columns say; NaN if unknown."""
    reach = int(np.ceil(reach_px * BINS_PER_PX)) + 1
    likeness = np.zeros(2 * reach + 1)
    for index, lag in enumerate(range(-reach, reach + 1)):
        here = slice(max(0, -lag), a.size - max(0, lag))
        there = slice(max(0, lag), a.size - max(0, -lag))
        both = (a_weight[here] > 0) & (b_weight[there] > 0)
        if both.sum() < 50:
            return float("nan")
        x, y = a[here][both], b[there][both]
        scale = np.sqrt(np.square(x).sum() * np.square(y).sum())
        likeness[index] = (x * y).sum() / scale if scale > 0 else 0.0
    best = int(np.clip(np.argmax(likeness), 1, 2 * reach - 1))
    if likeness[best] < LEAST_LIKENESS:
        return float("nan")
    low, top, high = likeness[best - 1 : best + 2]
    bend = low - 2 * top + high
    part = 0.5 * (low - high) / bend if bend < 0 else 0.0
    return (best - reach + float(np.clip(part, -0.5, 0.5))) / BINS_PER_PX
