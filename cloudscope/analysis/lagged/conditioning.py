"""What is taken off a trace before it is compared: its mean, trend or slow course, and noise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.special import ndtri
from scipy.stats import rankdata

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Conditioning", "across_gaps", "normal_scores", "without_trend"]


class Conditioning:
    """Detrending and smoothing of traces that share their gaps.

    Parameters
    ----------
    known : ndarray of bool, shape (n,)
    detrend : {"none", "linear", "moving"}
        Takes off the mean, the straight line, or a Gaussian mean around each sample.
    detrend_steps, smooth_steps : float
        Standard deviations of the Gaussians, in steps of the grid; 0 does not smooth.
    """

    def __init__(
        self,
        known: NDArray[np.bool_],
        *,
        detrend: str,
        detrend_steps: float,
        smooth_steps: float,
    ) -> None:
        self.known = known
        self._detrend = detrend
        self._slow_steps = detrend_steps
        self._smooth_steps = smooth_steps

    def __call__(self, traces: NDArray[np.float64]) -> NDArray[np.float64]:
        """Conditioned traces, shape (..., n), with 0 where nothing is known."""
        out = without_trend(traces, self.known, linear=self._detrend == "linear")
        if self._detrend == "moving":
            out = np.where(self.known, out - self._around(out, self._slow_steps), 0.0)
        if self._smooth_steps > 0:
            out = np.where(self.known, self._around(out, self._smooth_steps), 0.0)
        return without_trend(out, self.known, linear=False)

    def _around(self, traces: NDArray[np.float64], sd_steps: float) -> NDArray[np.float64]:
        """Gaussian mean of what is known around each sample."""
        n = self.known.size
        reach = min(int(5.0 * sd_steps) + 1, n)
        length = next_fast_len(n + reach, real=True)
        away = np.arange(-reach, reach + 1)
        kernel = np.zeros(length)
        np.add.at(kernel, away % length, np.exp(-0.5 * (away / max(sd_steps, 1e-9)) ** 2))
        spectrum = rfft(kernel)

        def blurred(values: NDArray[np.float64]) -> NDArray[np.float64]:
            whole: NDArray[np.float64] = irfft(rfft(values, length) * spectrum, length)[..., :n]
            return whole

        weight = blurred(self.known.astype(np.float64))
        mean: NDArray[np.float64] = blurred(traces * self.known) / np.maximum(weight, 1e-9)
        return mean


def without_trend(
    traces: NDArray[np.float64], known: NDArray[np.bool_], *, linear: bool
) -> NDArray[np.float64]:
    """Traces less their mean, or their straight line, over what is known; 0 elsewhere.

    Parameters
    ----------
    traces : ndarray, shape (..., n)
        Finite where known.
    known : ndarray of bool, shape (n,)
    linear : bool
    """
    count = max(int(known.sum()), 1)
    out = np.where(known, traces, 0.0)
    out = np.where(known, out - out.sum(axis=-1, keepdims=True) / count, 0.0)
    if linear:
        line = np.arange(known.size, dtype=np.float64)
        line = np.where(known, line - line[known].mean() if known.any() else 0.0, 0.0)
        power = float(np.square(line).sum())
        if power > 0:
            out = out - (out @ line / power)[..., None] * line
    return out


def across_gaps(trace: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """A straight line across each gap; at least one sample must be known."""
    at = np.arange(trace.size)
    whole: NDArray[np.float64] = np.interp(at, at[known], trace[known])
    return whole


def normal_scores(trace: NDArray[np.float64], known: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Each value replaced by where its rank lies in a normal distribution; NaN elsewhere.

    Examples
    --------
    >>> scores = normal_scores(np.array([3.0, 1.0, 1000.0]), np.ones(3, bool))
    >>> scores.round(2).tolist()
    [0.0, -0.67, 0.67]
    """
    scores = np.full(trace.size, np.nan)
    rank = rankdata(trace[known])
    scores[known] = ndtri(rank / (rank.size + 1.0))
    return scores
