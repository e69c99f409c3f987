"""Pearson's correlation of two traces at every lag, over the pairs that both have there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LaggedCorrelation", "effective_share", "fisher_interval"]

_LEAST_VARIANCE = 1e-20
"""Of traces brought to a variance of 1: what remains of a constant one by rounding."""


class LaggedCorrelation:
    """Correlates traces of one pattern of gaps with a first trace.

    Parameters
    ----------
    first : ndarray, shape (n,)
        0 where unknown.
    known, known_second : ndarray of bool, shape (n,)
    lags : int
        Largest lag, in steps, below n.

    Attributes
    ----------
    pairs : ndarray of float64, shape (2 * lags + 1,)
        How many pairs there are at lags from ``-lags`` to ``lags``; at a positive lag the second
        trace follows the first.
    """

    def __init__(
        self,
        first: NDArray[np.float64],
        known: NDArray[np.bool_],
        known_second: NDArray[np.bool_],
        lags: int,
    ) -> None:
        self._lags = lags
        self._length = next_fast_len(first.size + lags + 1, real=True)
        mask = known.astype(np.float64)
        self._first = np.conj(rfft(np.stack([first, first * first, mask]), self._length))
        self._mask = rfft(known_second.astype(np.float64), self._length)
        self.pairs = np.rint(self._across(self._first[2] * self._mask))
        sums = self._across(self._first[:2] * self._mask)
        count = np.maximum(self.pairs, 1.0)
        self._sum_first = sums[0]
        self._variance_first = np.maximum(sums[1] - sums[0] ** 2 / count, 0.0)

    def _across(self, spectrum: NDArray[np.complex128]) -> NDArray[np.float64]:
        whole = irfft(spectrum, self._length)
        return np.concatenate(
            [whole[..., self._length - self._lags :], whole[..., : self._lags + 1]], axis=-1
        )

    def of(self, second: NDArray[np.float64]) -> NDArray[np.float64]:
        """Correlation at every lag; NaN where one of both does not change.

        Parameters
        ----------
        second : ndarray, shape (..., n)
            0 where unknown.

        Returns
        -------
        ndarray, shape (..., 2 * lags + 1)
        """
        count = np.maximum(self.pairs, 1.0)
        plain, squares = (rfft(part, self._length) for part in (second, second * second))
        product = self._across(self._first[0] * plain)
        total = self._across(self._first[2] * plain)
        power = self._across(self._first[2] * squares)
        variance = np.maximum(power - total**2 / count, 0.0)
        both = self._variance_first * variance
        changes = (self._variance_first > _LEAST_VARIANCE * count) & (
            variance > _LEAST_VARIANCE * count
        )
        together = product - self._sum_first * total / count
        correlation = together / np.sqrt(np.where(changes, both, 1.0))
        return np.where(changes, np.clip(correlation, -1.0, 1.0), np.nan)


def _autocorrelation(
    trace: NDArray[np.float64], known: NDArray[np.bool_], lags: int
) -> NDArray[np.float64]:
    """Autocorrelation at lags 0 to `lags`, over the pairs there are."""
    length = next_fast_len(trace.size + lags + 1, real=True)
    power = [np.abs(rfft(part, length)) ** 2 for part in (trace, known.astype(np.float64))]
    product, pairs = (irfft(part, length)[: lags + 1] for part in power)
    covariance = product / np.maximum(pairs, 1.0)
    if not covariance[0] > 0:
        return np.concatenate([[1.0], np.zeros(lags)])
    out: NDArray[np.float64] = np.clip(covariance / covariance[0], -1.0, 1.0)
    return out


def effective_share(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    known_first: NDArray[np.bool_],
    known_second: NDArray[np.bool_],
) -> float:
    """Independent pairs a pair, from Bartlett's formula [1]_.

    The variance of the correlation of two independent traces is that of independent samples times
    the sum, over all lags, of the product of their autocorrelations. Parzen weights up to a
    quarter of the record keep what the estimates are not sure of out of the sum.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        0 where unknown.
    known_first, known_second : ndarray of bool, shape (n,)

    Returns
    -------
    float
        At most 1.

    References
    ----------
    .. [1] M. S. Bartlett, "Some aspects of the time-correlation problem in regard to tests of
       significance", Journal of the Royal Statistical Society 98 (1935) 536-543.
    """
    lags = max(first.size // 4, 1)
    product = _autocorrelation(first, known_first, lags) * _autocorrelation(
        second, known_second, lags
    )
    away = np.arange(lags + 1) / (lags + 1)
    weight = np.where(away < 0.5, 1 - 6 * away**2 * (1 - away), 2 * (1 - away) ** 3)
    inflation = 1.0 + 2.0 * float((weight * product)[1:].sum())
    return 1.0 / max(inflation, 1.0)


def fisher_interval(
    correlation: NDArray[np.float64], effective: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % interval of a correlation, by Fisher's transformation.

    Parameters
    ----------
    correlation, effective : ndarray
        Correlations, and how many independent pairs each was found on.

    Examples
    --------
    >>> low, high = fisher_interval(np.array([0.5]), np.array([28.0]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (0.16, 0.74)
    """
    enough = effective > 3.5
    half = 1.959964 / np.sqrt(np.where(enough, effective - 3.0, 1.0))
    middle = np.arctanh(np.clip(correlation, -1.0 + 1e-15, 1.0 - 1e-15))
    low, high = np.tanh(middle - half), np.tanh(middle + half)
    known = np.isfinite(correlation)
    return (
        np.where(known, np.where(enough, low, -1.0), np.nan),
        np.where(known, np.where(enough, high, 1.0), np.nan),
    )
