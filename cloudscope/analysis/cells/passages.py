"""When each cell passes the centre column."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.cells.motion import Motion, Sweep
from cloudscope.analysis.cells.segments import Segments, find_segments
from cloudscope.analysis.cells.touching import Touching, cells_in_segments
from cloudscope.analysis.cells.train import Train

__all__ = ["Passages", "Polarity", "find_passages"]

Polarity = str
"""``"dark"``, ``"bright"`` or ``"auto"``."""

SMALLEST_GAP = 1.35
"""Smallest gap that is seen as one, in standard deviations of the blur: plasma in it is half as
bright as in a long gap."""

FEWEST_LENGTHS = 8
"""With fewer cells, their lengths do not tell dark cells from bright ones."""


@dataclass(frozen=True, eq=False)
class Passages:
    """Cells, or cells that touch, that pass the centre column, sweep after sweep.

    Attributes
    ----------
    line : ndarray, shape (n,)
        Line, with its fraction, at which the middle passes.
    direction : ndarray of int, shape (n,)
    length_px : ndarray, shape (n,)
        Of the stretch without a gap.
    contrast : ndarray, shape (n,)
        Share of the contrast of a typical cell.
    cells : ndarray, shape (n,)
        Expected number of cells in the stretch.
    variance : ndarray, shape (n,)
        Of that number.
    spacing_px : ndarray, shape (m,)
        From the middle of a cell to that of the next, within sweeps; cells that touch share theirs.
    way_px, covered_px : ndarray, shape (lines,)
        Blood that has passed the centre column before each line, whichever way, and how much of it
        was cells.
    train : Train
    segments : Segments
    touching : Touching
    bright : bool
        Whether cells are brighter than plasma.
    """

    line: np.ndarray
    direction: np.ndarray
    length_px: np.ndarray
    contrast: np.ndarray
    cells: np.ndarray
    variance: np.ndarray
    spacing_px: np.ndarray
    way_px: np.ndarray
    covered_px: np.ndarray
    train: Train
    segments: Segments
    touching: Touching
    bright: bool


def _irregularity(segments: Segments) -> float:
    """Spread of the lengths relative to their mean; large if there are few."""
    length = segments.stop - segments.start
    if length.size < FEWEST_LENGTHS or not length.mean() > 0:
        return float("inf")
    return float(length.std() / length.mean())


def _cells_of(train: Train, polarity: Polarity) -> tuple[Segments, bool]:
    """Cells, and whether they are bright; for ``"auto"`` the state of more regular lengths."""
    if polarity != "auto":
        return find_segments(train, bright=polarity == "bright"), polarity == "bright"
    dark, bright = find_segments(train, bright=False), find_segments(train, bright=True)
    if _irregularity(bright) < _irregularity(dark):
        return bright, True
    return dark, False


def find_passages(
    train: Train,
    motion: Motion,
    sweeps: tuple[Sweep, ...],
    *,
    polarity: Polarity,
    part_touching: bool,
) -> Passages:
    """Cells of a train at the times at which they pass the centre column.

    Parameters
    ----------
    train : Train
    motion : Motion
    sweeps : tuple of Sweep
        Those that the train was made of.
    polarity : {"dark", "bright", "auto"}
    part_touching : bool
        Whether stretches longer than a cell count as several.
    """
    segments, bright = _cells_of(train, polarity)
    px = train.bins_per_px
    length = (segments.stop - segments.start) / px
    middle = 0.5 * (segments.start + segments.stop)
    sweep_of = np.searchsorted(train.first_bin, middle, side="right") - 1
    same = sweep_of[1:] == sweep_of[:-1]
    gap = ((segments.start[1:] - segments.stop[:-1]) / px)[same]
    smallest = SMALLEST_GAP * segments.blur_px if part_touching else 0.0
    touching = cells_in_segments(length, gap, smallest)
    net = length - 0.5 * smallest * (touching.cells - 1)

    n_lines = motion.way_px.size
    steps, covered_steps = np.zeros(n_lines), np.zeros(n_lines)
    line, chosen, direction, spacing = [], [], [], []
    for number, sweep in enumerate(sweeps):
        way = sweep.direction * motion.way_px[sweep.start : sweep.stop]
        way = np.maximum.accumulate(way)
        at = train.first_bin[number] + (way - train.origin_px[number]) * px
        mine = np.arange(*np.searchsorted(sweep_of, [number, number + 1]))
        passing = mine[(middle[mine] >= at[0]) & (middle[mine] < at[-1])]
        line.append(sweep.start + np.interp(middle[passing], at, np.arange(at.size)))
        chosen.append(passing)
        direction.append(np.full(passing.size, sweep.direction))
        between = np.diff(middle[passing]) / px
        spacing.append(
            between / (0.5 * (touching.cells[passing][1:] + touching.cells[passing][:-1]))
        )
        now = slice(sweep.start + 1, sweep.stop)
        steps[now] += np.diff(way)
        ends = np.stack([segments.start[mine], segments.stop[mine]], axis=1).ravel()
        reached = np.concatenate([[0.0], np.cumsum(net[mine])])
        if mine.size:
            full = np.repeat(reached, 2)[1:-1]
            covered_steps[now] += np.diff(np.interp(at, ends, full))
    index = np.concatenate(chosen) if chosen else np.empty(0, int)
    join = np.concatenate if sweeps else lambda _: np.empty(0)
    return Passages(
        line=join(line),
        direction=join(direction).astype(int),
        length_px=net[index] if index.size else np.empty(0),
        contrast=segments.contrast[index] if index.size else np.empty(0),
        cells=touching.cells[index] if index.size else np.empty(0),
        variance=(touching.variance + 2 * segments.doubt)[index] if index.size else np.empty(0),
        spacing_px=join(spacing),
        way_px=np.cumsum(steps),
        covered_px=np.cumsum(covered_steps),
        train=train,
        segments=segments,
        touching=touching,
        bright=bright,
    )
