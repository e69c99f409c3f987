"""How well each trial velocity explains a window, and the few that explain it best."""

from __future__ import annotations

import numpy as np

__all__ = ["best_span", "candidates", "log_evidence"]

MODEL_ERROR = 0.25
"""Share of the energy that a rigid pattern on a coarse grid never explains."""

SPAN_COST = 4.0
SPAN_SHARE = 0.2
"""Evidence that a shorter span must have more than a longer one to be preferred: so many nats, and
this share, for no pattern keeps step quite as the model says."""


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
    steady = float(window if steady_lines is None else min(steady_lines, window))
    pattern_px = (width + np.abs(velocity) * (steady - 1)) * (window / steady)
    stay = width * window / pattern_px
    streaks = pattern_px / cell_px
    noise = np.maximum(1 - signal_share, MODEL_ERROR)[:, None]
    snr2 = 1 / noise - 1
    gain = stay * cell_px * snr2
    explained = 0.5 * pattern_px * (stay - 1) * mean_rho / noise
    explained = explained + 0.5 * streaks * (1 + cell_px * snr2)
    out: np.ndarray = explained * gain / (1 + gain) - 0.5 * streaks * np.log1p(gain)
    return out


def best_span(evidence: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Evidence of each velocity over the span that explains it best, and which span that is.

    Parameters
    ----------
    evidence : ndarray, shape (spans, windows, v)
        The whole window last.

    Returns
    -------
    evidence : ndarray, shape (windows, v)
    span : ndarray of int, shape (windows, v)
    """
    best = evidence[-1]
    span = np.full(best.shape, len(evidence) - 1)
    for number in range(len(evidence) - 2, -1, -1):
        shorter = evidence[number] - SPAN_COST
        wins = shorter > best + SPAN_SHARE * np.abs(best)
        best = np.where(wins, shorter, best)
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
    peaks = np.full(evidence.shape, -np.inf)
    middle = evidence[:, 1:-1]
    top = (middle >= evidence[:, :-2]) & (middle > evidence[:, 2:])
    peaks[:, 1:-1][top] = middle[top]
    index = np.argsort(-peaks, axis=1, kind="stable")[:, :count]
    return index, np.take_along_axis(peaks, index, axis=1)
