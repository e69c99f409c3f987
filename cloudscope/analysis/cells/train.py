"""The train of cells: every pixel put where its blood passes the centre column, and averaged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.cells.motion import Motion, Sweep
from cloudscope.analysis.streaks.background import Background

__all__ = ["Columns", "Train", "align"]

BLOCK_PIXELS = 2**18
"""Pixels aligned at once; the sums do not depend on anything else."""

PAD_BINS = 64
"""Empty places between the trains of two sweeps: what is in one says nothing of the other."""

Checkpoint = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class Columns:
    """How the columns of a recording see one train.

    Attributes
    ----------
    place_px : ndarray, shape (width,)
        Distance of each column from the centre, as the blood travels it: where flow is slow, the
        columns are farther apart.
    gain : ndarray, shape (width,)
        Contrast of the cells in each column, relative to its own noise and all.
    """

    place_px: np.ndarray
    gain: np.ndarray


@dataclass(frozen=True, eq=False)
class Train:
    """Brightness of the blood in the order in which it passes the centre column.

    Attributes
    ----------
    bins_per_px : int
    value : ndarray of float64, shape (bins,)
        Mean of the pixels that saw the blood of the bin; 0 where there are none.
    weight : ndarray of float64, shape (bins,)
        Their number, each counted by the square of its gain.
    first_bin : ndarray of int, shape (sweeps,)
        Where the train of each sweep begins.
    origin_px : ndarray, shape (sweeps,)
        Signed way, times the direction, at that bin's lower edge.
    noise_variance : float
        Of a pixel of gain 1 about the train; NaN if too little blood is seen twice.
    explained_share : float
        Share of the variance of the pixels that is in the train: what is aligned better has more.
    """

    bins_per_px: int
    value: np.ndarray
    weight: np.ndarray
    first_bin: np.ndarray
    origin_px: np.ndarray
    noise_variance: float
    explained_share: float

    @property
    def covered(self) -> np.ndarray:
        """Bins that at least one pixel saw."""
        return self.weight > 0


def _layout(
    motion: Motion, sweeps: tuple[Sweep, ...], place: np.ndarray, bins_per_px: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """First bin and origin of each sweep, and the bins of all."""
    first, origin, total = [], [], PAD_BINS
    for sweep in sweeps:
        way = sweep.direction * motion.way_px[sweep.start : sweep.stop]
        seen = -sweep.direction * place
        low = np.floor(way.min() + seen.min()) - 1.0
        bins = int(np.ceil((way.max() + seen.max() - low + 1.0) * bins_per_px))
        first.append(total)
        origin.append(low)
        total += bins + PAD_BINS
    return np.array(first, np.intp), np.array(origin), total


def align(
    kymograph: np.ndarray,
    background: Background,
    motion: Motion,
    sweeps: tuple[Sweep, ...],
    columns: Columns,
    *,
    bins_per_px: int,
    checkpoint: Checkpoint,
) -> Train:
    """Put each pixel of the sweeps where its blood passes the centre column, and average.

    The blood in column x at line t passes the centre at the way ``way(t) - place(x)``.

    Parameters
    ----------
    kymograph : ndarray, shape (lines, width)
    background : Background
        Of the same recording.
    motion : Motion
    sweeps : tuple of Sweep
        Of `motion`; all of them, or some.
    columns : Columns
    bins_per_px : int
    checkpoint : callable
        Called with the finished share after each block.
    """
    first, origin, total = _layout(motion, sweeps, columns.place_px, bins_per_px)
    sums, weight = np.zeros(total), np.zeros(total)
    squares = pixels = 0.0
    gain = np.where(np.isfinite(background.column_scale), columns.gain, 0.0)
    power = np.square(gain)
    lines = max(1, BLOCK_PIXELS // kymograph.shape[1])
    work = max(sum(sweep.stop - sweep.start for sweep in sweeps), 1)
    done = 0
    for index, sweep in enumerate(sweeps):
        for start in range(sweep.start, sweep.stop, lines):
            stop = min(start + lines, sweep.stop)
            y = background.normalised(kymograph[start:stop], start)
            way = motion.way_px[start:stop, None] - columns.place_px
            at = ((sweep.direction * way - origin[index]) * bins_per_px).astype(np.intp)
            low = int(at.min())
            at -= low
            size = int(at.max()) + 1
            recorded = ~np.isin(np.arange(start, stop), background.dropped)
            by_pixel = np.broadcast_to(power, y.shape) * recorded[:, None]
            here = slice(first[index] + low, first[index] + low + size)
            sums[here] += np.bincount(at.ravel(), (y * gain).ravel(), size)
            weight[here] += np.bincount(at.ravel(), by_pixel.ravel(), size)
            squares += float(np.square(y[recorded][:, gain > 0]).sum())
            pixels += float(recorded.sum()) * float((gain > 0).sum())
            done += stop - start
            checkpoint(done / work)
    value = np.divide(sums, weight, out=np.zeros(total), where=weight > 0)
    free = pixels - float((weight > 0).sum())
    explained = float((value * sums).sum())
    noise = (squares - explained) / free if free > 0.2 * pixels > 0 else float("nan")
    return Train(
        bins_per_px=bins_per_px,
        value=value,
        weight=weight,
        first_bin=first,
        origin_px=origin,
        noise_variance=noise,
        explained_share=explained / squares if squares > 0 else 0.0,
    )
