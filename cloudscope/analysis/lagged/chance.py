"""How high a correlation two traces reach that have nothing to do with each other.

The second trace is replaced by others with its power spectrum, and thereby its autocorrelation,
but with random phases [1]_. They are cut out of records twice as long, so that they do not close
upon themselves: with phases randomised in a record of the same length, an oscillation that does
not fit a whole number of times has another spectrum than the recording, and chance is taken for
too small.

References
----------
.. [1] J. Theiler, S. Eubank, A. Longtin, B. Galdrikian, J. D. Farmer, "Testing for nonlinearity in
   time series: the method of surrogate data", Physica D 58 (1992) 77-94.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from cloudscope.analysis.lagged.conditioning import across_gaps, without_trend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lagged.conditioning import Conditioning
    from cloudscope.analysis.lagged.correlation import LaggedCorrelation

__all__ = ["Chance", "by_chance", "random_phases"]

_AT_ONCE = 1 << 20
"""Samples of surrogates held at once; no number depends on it."""

_ENOUGH = 1 << 20
"""Correlations at single lags that are kept for their quantile."""


@dataclass(frozen=True, eq=False)
class Chance:
    """Correlations of unrelated traces like these.

    Attributes
    ----------
    single : float
        What the size of a correlation at one lag exceeds with the stated probability.
    highest : ndarray of float64, shape (surrogates,)
        The largest size of each surrogate over all lags; NaN where it has none.
    """

    single: float
    highest: NDArray[np.float64]

    def limit(self, significance: float) -> float:
        """What the largest over all lags exceeds with probability `significance`.

        Never with so few surrogates that one would have to be exceeded less than once.
        """
        highest = np.sort(self.highest[np.isfinite(self.highest)])
        rank = int(np.ceil((1.0 - significance) * (highest.size + 1)))
        return float(highest[rank - 1]) if 0 < rank <= highest.size else np.nan

    def probability(self, size: float) -> float:
        """How often unrelated traces reach `size` at any lag, this pair counted as one of them."""
        highest = self.highest[np.isfinite(self.highest)]
        return (1.0 + float((highest >= size).sum())) / (highest.size + 1.0)


def random_phases(
    trace: NDArray[np.float64], count: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Traces with the spectrum of `trace` and random phases.

    Parameters
    ----------
    trace : ndarray, shape (n,)
        Without gaps, mean about 0.
    count : int
    rng : Generator

    Returns
    -------
    ndarray, shape (count, n)
    """
    length = next_fast_len(2 * trace.size, real=True)
    size = np.abs(rfft(trace, length))
    spectrum = size * np.exp(2j * np.pi * rng.random((count, size.size)))
    # A wave of no frequency has no phase but a sign and a height.
    spectrum[:, 0] = np.sqrt(2.0) * spectrum[:, 0].real
    # The power of the trace is spread over all of the longer record.
    surrogates: NDArray[np.float64] = irfft(spectrum, length)[:, : trace.size]
    surrogates *= np.sqrt(length / trace.size)
    return surrogates


def by_chance(
    second: NDArray[np.float64],
    known: NDArray[np.bool_],
    correlation: LaggedCorrelation,
    conditioning: Conditioning,
    usable: NDArray[np.bool_],
    *,
    linear: bool,
    count: int,
    significance: float,
    seed: int,
    checkpoint: Callable[[float], None],
) -> Chance:
    """Correlations with `count` surrogates of the second trace.

    Parameters
    ----------
    second : ndarray, shape (n,)
        As resampled, before it was conditioned; each surrogate is conditioned as it was.
    known : ndarray of bool, shape (n,)
    correlation : LaggedCorrelation
    conditioning : Conditioning
    usable : ndarray of bool
        Lags that are looked at.
    linear : bool
        Whether a straight line is no part of the trace.
    count : int
    significance : float
    seed : int
    checkpoint : callable
        Called with the finished share.
    """
    whole = across_gaps(without_trend(second, known, linear=linear), known)
    rng = np.random.default_rng(seed)
    # At lags with fewer pairs chance reaches further: sizes are compared as if pairs were equal.
    weight = np.sqrt(correlation.pairs / correlation.pairs.max())[usable]
    highest = np.full(count, np.nan)
    every: list[NDArray[np.float64]] = []
    kept = 0
    step = max(1, _AT_ONCE // whole.size)
    for start in range(0, count, step):
        part = slice(start, min(start + step, count))
        surrogates = conditioning(random_phases(whole, part.stop - part.start, rng))
        size = np.abs(correlation.of(surrogates)[:, usable]) * weight
        highest[part] = size.max(axis=1)
        if kept < _ENOUGH:
            # Of a quantile of single lags the millionth value changes nothing.
            every.append(size[: -(-(_ENOUGH - kept) // size.shape[1])])
            kept += every[-1].size
        checkpoint(part.stop / count)
    single = float(np.quantile(np.concatenate(every), 1.0 - significance))
    return Chance(single, highest)
