"""What of a kymograph does not move: bleaching along time and the static pattern along the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.column_mean import ColumnMean, averaged_columns
from cloudscope.analysis.streaks.lines import Lines

__all__ = ["Background", "all_finite", "measure_background"]

TREND_LINES = 64
"""Lines averaged to one point of the bleaching trend."""

MOST_DROPPED = 0.1
"""Largest share of lines without contrast that are taken for dropped ones, not for darkness."""

FEW_COLUMNS = 12
"""Up to so many columns the covariance of columns two apart is taken, too: see `column_gain`."""

DARK_SHARE = 0.05
"""A trend is divided out only if no averaged stretch is darker than this share of the median."""

DEAD_SHARE = 1e-4
"""A column whose variance is below this share of the median column's has no signal."""

BLOCK_PIXELS = 2**17
"""Pixels that are worked on at once: they stay in the processor's cache."""

LARGEST_PIXEL = 1e100
"""Pixels must be smaller: sums of their squares must be finite."""

Checkpoint = Callable[[float], None]


@dataclass(frozen=True)
class Background:
    """What to take off a recording so that only what moves is left.

    Attributes
    ----------
    trend : ndarray, shape (k,)
        Polynomial coefficients of the log of the relative brightness over time; empty when no
        trend is divided out.
    n_lines : int
        Lines of the recording; its time runs from -1 to 1 in the polynomial.
    removed : bool
        Whether each column has its own mean, so that slow flow may have been taken off with it.
    averaged_lines : int
        Lines over which that mean is taken.
    column_mean : ColumnMean
        Static pattern once the trend is divided out.
    column_scale : ndarray, shape (width,)
        Standard deviation around it.
    dropped : ndarray of int
        Lines that were not recorded: all their pixels are equal.
    neighbour_covariance : ndarray, shape (width - 1,)
        Covariance of adjacent columns in units of their standard deviations. Detector noise is
        independent from pixel to pixel, so this is signal.
    next_covariance : ndarray, shape (width - 2,)
        The same of columns two apart.
    static_share : float
        Share of the static pattern in the variance of the pixels, once the trend is divided out.
    """

    trend: np.ndarray
    n_lines: int
    removed: bool
    averaged_lines: int
    column_mean: ColumnMean
    column_scale: np.ndarray
    dropped: np.ndarray
    neighbour_covariance: np.ndarray
    next_covariance: np.ndarray
    static_share: float

    @property
    def empty(self) -> bool:
        """Whether nothing in the recording varies."""
        return not bool(np.any(np.isfinite(self.column_scale)))

    def normalised(self, lines: np.ndarray, first_row: int) -> np.ndarray:
        """Lines of the recording without what is static, each column of unit variance.

        Dropped lines are 0: they take part in no correlation and in no energy.

        Parameters
        ----------
        lines : ndarray, shape (n, width)
            Rows `first_row` and following of the recording, of any real type.
        first_row : int
            Row of the first of them.

        Returns
        -------
        ndarray of float32, shape (n, width)
        """
        out: np.ndarray = lines * _inverse_trend(
            self.trend, first_row, first_row + len(lines), self.n_lines
        )
        out -= self.column_mean.at(first_row, first_row + len(lines))
        normalised = np.empty(out.shape, np.float32)
        np.multiply(out, 1 / self.column_scale, out=normalised)
        first, last = np.searchsorted(self.dropped, [first_row, first_row + len(lines)])
        normalised[self.dropped[first:last] - first_row] = 0
        return normalised


def all_finite(kymograph: Lines) -> bool:
    """Whether every pixel is a number that can be squared."""
    return all(_countable(block) for _, block in _blocks(kymograph))


def _countable(block: np.ndarray) -> bool:
    # A pixel that is no number makes both comparisons false.
    return bool(block.min() > -LARGEST_PIXEL and block.max() < LARGEST_PIXEL)


def _without_contrast(block: np.ndarray) -> np.ndarray:
    """Whether all pixels of a line are equal, for each line."""
    flat = (block[:, 0] == block[:, -1]) & (block[:, 0] == block[:, block.shape[1] // 2])
    maybe = np.flatnonzero(flat)  # a few, as a rule: the rest need no look at every pixel
    flat[maybe] = (block[maybe] == block[maybe, :1]).all(axis=1)
    out: np.ndarray = flat
    return out


def _inverse_trend(trend: np.ndarray, start: int, stop: int, n_lines: int) -> np.ndarray:
    if trend.size == 0:
        return np.ones((stop - start, 1))
    time = 2.0 * np.arange(start, stop) / max(n_lines - 1, 1) - 1.0
    inverse: np.ndarray = np.exp(-np.polynomial.polynomial.polyval(time, trend))
    return inverse[:, None]


def _blocks(kymograph: Lines) -> Iterator[tuple[int, np.ndarray]]:
    """Stretches of lines as float64; their size depends on the width only."""
    n_lines, width = kymograph.shape
    size = max(1, BLOCK_PIXELS // (width * TREND_LINES)) * TREND_LINES
    for start in range(0, n_lines, size):
        yield start, kymograph[start : start + size].astype(np.float64, order="C")


def _fit_trend(line_mean: np.ndarray, recorded: np.ndarray) -> np.ndarray:
    """Cubic through the log of the brightness, or empty where a ratio has no meaning."""
    n_lines = line_mean.size
    points = max(1, n_lines // TREND_LINES)
    used = n_lines // points * points
    time = 2.0 * np.arange(n_lines) / max(n_lines - 1, 1) - 1.0
    counts = recorded[:used].reshape(points, -1).sum(axis=1)
    sums = [(recorded * x)[:used].reshape(points, -1).sum(axis=1) for x in (line_mean, time)]
    level, middle_time = (x[counts > 0] / counts[counts > 0] for x in sums)
    middle = np.median(level)
    if middle <= 0 or level.min() <= DARK_SHARE * middle:
        return np.empty(0)
    degree = min(3, level.size - 1)
    fit: np.ndarray = np.polynomial.polynomial.polyfit(middle_time, np.log(level / middle), degree)
    return fit


def measure_background(
    kymograph: Lines,
    *,
    remove_pattern: bool,
    checkpoint: Checkpoint,
    remove_bleaching: bool | None = None,
    averaged_lines: int | None = None,
    parities: int = 1,
) -> Background | None:
    """Bleaching trend and static column pattern of a recording, read twice or thrice in blocks.

    The pattern is the mean over the whole recording, or a long stretch of it, never over one
    window: in a window a slow streak is nearly static, and a window mean would delete it.

    Parameters
    ----------
    kymograph : Lines, shape (lines, width)
    remove_pattern : bool
        Whether to estimate a mean and variance for each column; otherwise one mean and variance
        serve all pixels.
    checkpoint : callable
        Called with the finished share after each block.
    remove_bleaching : bool, optional
        Whether to divide a trend out; by default if the pattern is removed.
    averaged_lines : int, optional
        Lines of a mean that runs along the recording; by default, and where the recording is not
        longer, there is one for all of it.
    parities : int
        2 for a pattern of even lines and one of odd lines, as a scan to and fro has them.

    Returns
    -------
    Background or None
        ``None`` if a pixel is not finite, or beyond `LARGEST_PIXEL`.
    """
    n_lines, width = kymograph.shape
    line_mean, flat = np.empty(n_lines), np.empty(n_lines, bool)
    for start, block in _blocks(kymograph):
        if not _countable(block):
            return None
        now = slice(start, start + len(block))
        line_mean[now] = block.mean(axis=1)
        flat[now] = _without_contrast(block)
        checkpoint(0.4 * now.stop / n_lines)
    if flat.mean() > MOST_DROPPED:
        flat[:] = False
    bleached = remove_pattern if remove_bleaching is None else remove_bleaching
    trend = _fit_trend(line_mean, ~flat) if bleached else np.empty(0)

    def steady() -> Iterator[tuple[int, np.ndarray]]:
        for start, block in _blocks(kymograph):
            block *= _inverse_trend(trend, start, start + len(block), n_lines)
            yield start, block

    runs = averaged_lines is not None and averaged_lines < n_lines
    drifting: ColumnMean | None = None
    if remove_pattern and (runs or parities > 1):
        drifting = averaged_columns(
            steady(), ~flat, averaged_lines=averaged_lines if runs else None, parities=parities
        )
    checkpoint(0.6)

    used = n_lines - int(flat.sum())
    total, squares, origin = np.zeros(width), np.zeros(width), np.zeros(width)
    products, next_products = np.zeros(width - 1), np.zeros(max(width - 2, 0))
    for start, block in steady():
        now = slice(start, start + len(block))
        if start == 0:
            origin = block.mean(axis=0)  # near the mean, so that squares do not cancel
        block -= origin if drifting is None else drifting.at(start, now.stop)
        block[flat[now]] = 0
        total += block.sum(axis=0)
        squares += np.einsum("tx,tx->x", block, block)
        products += np.einsum("tx,tx->x", block[:, 1:], block[:, :-1])
        if width <= FEW_COLUMNS:
            next_products += np.einsum("tx,tx->x", block[:, 2:], block[:, :-2])
        checkpoint(0.6 + 0.4 * now.stop / n_lines)

    mean = total / used
    if drifting is not None:
        static = np.zeros(width)
        pattern = drifting.knots.mean(axis=(0, 1))
    else:
        static = mean if remove_pattern else (origin + mean).mean() - origin
        pattern = origin + mean
    variance = squares / used - 2 * static * mean + static**2
    covariance, next_covariance = (
        sums / used
        - static[apart:] * mean[:-apart]
        - static[:-apart] * mean[apart:]
        + static[apart:] * static[:-apart]
        for apart, sums in ((1, products), (2, next_products))
    )
    around = np.mean(variance) if remove_pattern else np.mean(squares / used - mean**2)
    if not remove_pattern:
        variance = np.full(width, variance.mean())
    # What rounding leaves of a constant, or the trend of a dead column, is no variance.
    alive = variance > np.square(1e-9 * (np.abs(pattern) + np.abs(static)))
    if alive.any():
        alive &= variance > DEAD_SHARE * np.median(variance[alive])
    scale = np.sqrt(np.where(alive, variance, np.inf))
    along = float(np.var(pattern))
    return Background(
        trend=trend,
        n_lines=n_lines,
        removed=remove_pattern,
        averaged_lines=averaged_lines if runs and averaged_lines is not None else n_lines,
        column_mean=ColumnMean((origin + static)[None, None]) if drifting is None else drifting,
        column_scale=scale,
        dropped=np.flatnonzero(flat),
        neighbour_covariance=covariance / (scale[1:] * scale[:-1]),
        next_covariance=next_covariance / (scale[2:] * scale[:-2]),
        static_share=along / (along + float(around)) if along > 0 else 0.0,
    )
