"""How well each trial velocity explains a window, and the few that explain it best."""

from __future__ import annotations

import numpy as np

__all__ = ["EvidenceTable", "best_span", "candidates", "log_evidence"]

MODEL_ERROR = 0.25
"""Share of the energy that a rigid pattern on a coarse grid never explains."""

SPAN_COST = 4.0
SPAN_SHARE = 0.2
"""Evidence that a shorter span must have more than a longer one to be preferred: so many nats, and
this share, for no pattern keeps step quite as the model says."""

SHARE_STEP = 0.05
"""Shares of signal are rounded to steps of this in their logit."""


def log_evidence(
    mean_rho: np.ndarray,
    signal_share: np.ndarray,
    velocity: np.ndarray,
    *,
    width: int,
    window: int,
    cell_px: float,
    steady_lines: float | None = None,
) -> np.ndarray:
    """Log evidence of a rigid, unknown, Gaussian pattern that moves at each trial velocity.

    A streak `cell_px` wide that stays on n lines and has the power gain g over noise adds half of
    ``(g - log(1 + g))`` where its averaged energy is the expected ``1 + g``; the mean of rho along
    the ray carries what was measured of that energy. Faster velocities show more pattern for fewer
    lines each, so that their sums of correlation cannot be compared as they are, least of all on
    lines shorter than a cell.

    Parameters
    ----------
    mean_rho : ndarray, shape (windows, v)
        Weighted mean of rho along each ray.
    signal_share : ndarray, shape (windows,)
        Share of the pattern in the variance of a pixel.
    velocity : ndarray, shape (v,)
        Trial velocities, px/line.
    width, window : int
        Columns and lines of a window.
    cell_px : float
        Correlation length of the pattern.
    steady_lines : float, optional
        Lines over which the pattern is rigid, then another one takes its place: a window is so many
        shorter ones. By default the whole window.

    Returns
    -------
    ndarray, shape (windows, v)
        In nats, up to a constant.
    """
    slope, offset = _linear(signal_share, velocity, width, window, cell_px, steady_lines)
    out: np.ndarray = slope * mean_rho + offset
    return out


def _linear(
    signal_share: np.ndarray,
    velocity: np.ndarray,
    width: int,
    window: int,
    cell_px: float,
    steady_lines: float | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Factor of the mean of rho in `log_evidence`, and what is added to it."""
    steady = float(window if steady_lines is None else min(steady_lines, window))
    pattern_px = (width + np.abs(velocity) * (steady - 1)) * (window / steady)
    stay = width * window / pattern_px
    streaks = pattern_px / cell_px
    noise = np.maximum(1 - signal_share, MODEL_ERROR)[:, None]
    snr2 = 1 / noise - 1
    gain = stay * cell_px * snr2
    believed = gain / (1 + gain)
    slope: np.ndarray = 0.5 * pattern_px * (stay - 1) / noise * believed
    offset: np.ndarray = 0.5 * streaks * ((1 + cell_px * snr2) * believed - np.log1p(gain))
    return slope, offset


class EvidenceTable:
    """`log_evidence` of all spans, looked up: it is linear in what was measured.

    Parameters
    ----------
    velocity : ndarray, shape (v,)
        Trial velocities, px/line.
    weight : ndarray, shape (spans, v)
        Sum of the weights of each ray, see `RayTable`.
    steady_lines : ndarray, shape (spans,)
        Lines over which the pattern is rigid.
    width, window, cell_px
        See `log_evidence`.
    """

    def __init__(
        self,
        velocity: np.ndarray,
        weight: np.ndarray,
        steady_lines: np.ndarray,
        *,
        width: int,
        window: int,
        cell_px: float,
    ) -> None:
        self.velocity, self.weight, self.steady_lines = velocity, weight, steady_lines
        self.width, self.window, self.cell_px = width, window, cell_px
        self._level = np.empty(0, np.int64)
        self._slope, self._offset = np.empty((2, 0, *weight.shape), np.float32)

    def best(self, sums: np.ndarray, signal_share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Evidence of each velocity over the span that explains it best, and which span that is.

        Parameters
        ----------
        sums : ndarray of float32, shape (spans, windows, v)
            Ray sums.
        signal_share : ndarray, shape (windows,)
            Share of the pattern in the variance of a pixel, above 0 and below 1.

        Returns
        -------
        evidence : ndarray of float32, shape (windows, v)
        span : ndarray of int8, shape (windows, v)
        """
        logit = np.log(signal_share / (1 - signal_share))
        level = np.rint(logit / SHARE_STEP).astype(np.int64)
        new = np.setdiff1d(level, self._level)
        if new.size:
            self._add(new)
        row = np.searchsorted(self._level, level)
        every = np.empty(sums.shape, np.float32)
        for number, of_span in enumerate(sums):
            np.multiply(of_span, self._slope[row, number], out=every[number])
            every[number] += self._offset[row, number]
        return best_span(every)

    def _add(self, levels: np.ndarray) -> None:
        share = 1 / (1 + np.exp(-SHARE_STEP * levels))
        slope, offset = np.empty((2, levels.size, *self.weight.shape), np.float32)
        for number, steady in enumerate(self.steady_lines):
            slope[:, number], offset[:, number] = _linear(
                share, self.velocity, self.width, self.window, self.cell_px, float(steady)
            )
        slope /= self.weight
        at = np.searchsorted(self._level, levels)
        self._level = np.insert(self._level, at, levels)
        self._slope = np.insert(self._slope, at, slope, axis=0)
        self._offset = np.insert(self._offset, at, offset, axis=0)


def best_span(evidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evidence of each velocity over the span that explains it best, and which span that is.

    A shorter span is preferred only for clearly more evidence.

    Parameters
    ----------
    evidence : ndarray, shape (spans, windows, v)
        The whole window last.

    Returns
    -------
    evidence : ndarray, shape (windows, v)
    span : ndarray of int8, shape (windows, v)
    """
    best = evidence[-1].copy()
    span = np.full(best.shape, len(evidence) - 1, np.int8)
    for number in range(len(evidence) - 2, -1, -1):
        shorter = evidence[number] - np.float32(SPAN_COST)
        wins = shorter > best + np.float32(SPAN_SHARE) * np.abs(best)
        np.copyto(best, shorter, where=wins)
        span[wins] = number
    return best, span


def candidates(evidence: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` highest local maxima of each row, highest first.

    Returns
    -------
    index : ndarray of int, shape (windows, count)
        Trial velocities.
    height : ndarray, shape (windows, count)
        Their evidence; where a row has fewer maxima, ``-inf``.
    """
    fall = np.zeros(evidence.shape, evidence.dtype)
    middle = evidence[:, 1:-1]
    top = (middle >= evidence[:, :-2]) & (middle > evidence[:, 2:])
    fall.fill(np.inf)
    np.negative(middle, out=fall[:, 1:-1], where=top)
    index = np.argpartition(fall, count, axis=1)[:, :count]
    height = np.take_along_axis(fall, index, axis=1)
    order = np.lexsort((index, height))  # equal peaks in the order of their velocity
    return np.take_along_axis(index, order, axis=1), -np.take_along_axis(height, order, axis=1)
