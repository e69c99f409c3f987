"""What of a kymograph does not move: bleaching along time and the static pattern along the line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

__all__ = ["Background", "measure_background"]

TREND_LINES = 64
"""Lines averaged to one point of the bleaching trend."""

MOST_DROPPED = 0.1
"""Largest share of lines without contrast that are taken for dropped ones, not for darkness."""

DARK_SHARE = 0.05
"""A trend is divided out only if no averaged stretch is darker than this share of the median."""

DEAD_SHARE = 1e-4
"""A column whose variance is below this share of the median column's has no signal."""

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
    column_mean, column_scale : ndarray, shape (width,)
        Static pattern, and the standard deviation around it, once the trend is divided out.
    dropped : ndarray of int
        Lines that were not recorded: all their pixels are equal.
    neighbour_covariance : ndarray, shape (width - 1,)
        Covariance of adjacent columns in units of their standard deviations. Detector noise is
        independent from pixel to pixel, so this is signal.
    """

    trend: np.ndarray
    n_lines: int
    removed: bool
    column_mean: np.ndarray
    column_scale: np.ndarray
    dropped: np.ndarray
    neighbour_covariance: np.ndarray

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
        out -= self.column_mean
        out /= self.column_scale
        first, last = np.searchsorted(self.dropped, [first_row, first_row + len(lines)])
        out[self.dropped[first:last] - first_row] = 0
        normalised: np.ndarray = out.astype(np.float32, order="C")
        return normalised


def _inverse_trend(trend: np.ndarray, start: int, stop: int, n_lines: int) -> np.ndarray:
    if trend.size == 0:
        return np.ones((stop - start, 1))
    time = 2.0 * np.arange(start, stop) / max(n_lines - 1, 1) - 1.0
    inverse: np.ndarray = np.exp(-np.polynomial.polynomial.polyval(time, trend))
    return inverse[:, None]


def _blocks(kymograph: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Stretches of lines as float64; their size depends on the width only."""
    n_lines, width = kymograph.shape
    size = max(1, 2**19 // (width * TREND_LINES)) * TREND_LINES
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
    kymograph: np.ndarray, *, remove_pattern: bool, checkpoint: Checkpoint
) -> Background | None:
    """Bleaching trend and static column pattern of a whole recording, read twice in blocks.

    The pattern is the mean over the whole recording, never of one window: in a window a slow
    streak is nearly static, and a window mean would delete it.

    Parameters
    ----------
    kymograph : ndarray, shape (lines, width)
    remove_pattern : bool
        Whether to estimate the trend and a mean and variance for each column; otherwise one mean
        and variance serve all pixels.
    checkpoint : callable
        Called with the finished share after each block.

    Returns
    -------
    Background or None
        ``None`` if a pixel is not finite, or beyond `LARGEST_PIXEL`.
    """
    n_lines, width = kymograph.shape
    line_mean, flat = np.empty(n_lines), np.empty(n_lines, bool)
    for start, block in _blocks(kymograph):
        if not np.all(np.abs(block) < LARGEST_PIXEL):  # neither is NaN
            return None
        now = slice(start, start + len(block))
        line_mean[now] = block.mean(axis=1)
        flat[now] = (block == block[:, :1]).all(axis=1)
        checkpoint(0.5 * now.stop / n_lines)
    if flat.mean() > MOST_DROPPED:
        flat[:] = False
    trend = _fit_trend(line_mean, ~flat) if remove_pattern else np.empty(0)

    used = n_lines - int(flat.sum())
    total, squares, origin = np.zeros(width), np.zeros(width), np.zeros(width)
    products = np.zeros(width - 1)
    for start, block in _blocks(kymograph):
        now = slice(start, start + len(block))
        block *= _inverse_trend(trend, start, now.stop, n_lines)
        if start == 0:
            origin = block.mean(axis=0)  # near the mean, so that squares do not cancel
        block -= origin
        block[flat[now]] = 0
        total += block.sum(axis=0)
        squares += np.square(block).sum(axis=0)
        products += (block[:, 1:] * block[:, :-1]).sum(axis=0)
        checkpoint(0.5 + 0.5 * now.stop / n_lines)

    mean = total / used
    static = mean if remove_pattern else (origin + mean).mean() - origin
    variance = squares / used - 2 * static * mean + static**2
    covariance = products / used - static[1:] * mean[:-1] - static[:-1] * mean[1:]
    covariance += static[1:] * static[:-1]
    if not remove_pattern:
        variance = np.full(width, variance.mean())
    # What rounding leaves of a constant, or the trend of a dead column, is no variance.
    alive = variance > np.square(1e-9 * (np.abs(origin) + np.abs(static)))
    if alive.any():
        alive &= variance > DEAD_SHARE * np.median(variance[alive])
    scale = np.sqrt(np.where(alive, variance, np.inf))
    return Background(
        trend=trend,
        n_lines=n_lines,
        removed=remove_pattern,
        column_mean=origin + static,
        column_scale=scale,
        dropped=np.flatnonzero(flat),
        neighbour_covariance=covariance / (scale[1:] * scale[:-1]),
    )
