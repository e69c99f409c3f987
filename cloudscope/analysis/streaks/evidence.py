"""How well each trial velocity explains a window, and the few that explain it best."""

from __future__ import annotations

import numpy as np

__all__ = ["candidates", "log_evidence"]

MODEL_ERROR = 0.25
"""Share of the energy that a rigid pattern on a coarse grid never explains."""


def log_evidence(
    mean_rho: np.ndarray,
    signal_share: np.ndarray,
    velocity: np.ndarray,
    *,
    width: int,
    window: int,
    cell_px: float,
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

    Returns
    -------
    ndarray, shape (windows, v)
        In nats, up to a constant.
    """
    pattern_px = width + np.abs(velocity) * (window - 1)
    stay = width * window / pattern_px
    streaks = pattern_px / cell_px
    noise = np.maximum(1 - signal_share, MODEL_ERROR)[:, None]
    snr2 = 1 / noise - 1
    gain = stay * cell_px * snr2
    explained = 0.5 * pattern_px * (stay - 1) * mean_rho / noise
    explained = explained + 0.5 * streaks * (1 + cell_px * snr2)
    out: np.ndarray = explained * gain / (1 + gain) - 0.5 * streaks * np.log1p(gain)
    return out


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
