"""The lag of the highest correlation and how far another stretch of the recording would move it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtrit

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Delay", "delay_of", "highest_lag"]

_REPLICATES = 400
_FEWEST_BLOCKS = 8
_MOST_BLOCKS = 32


@dataclass(frozen=True, slots=True)
class Delay:
    """A lag with its uncertainty, in steps; NaN where unknown."""

    lag: float
    sd: float
    low: float
    high: float


def highest_lag(
    correlation: NDArray[np.float64], lags: NDArray[np.float64], sign: int
) -> NDArray[np.float64]:
    """Lag of the highest correlation of each row, between the lags by a parabola.

    Parameters
    ----------
    correlation : ndarray, shape (rows, lags)
        NaN where there is none; at least one of each row is known.
    lags : ndarray, shape (lags,)
    sign : int
        1 or -1 looks for correlations of that sign, 0 for the largest of either.

    Examples
    --------
    >>> r = np.array([[0.1, 0.5, 0.7, 0.5, -0.9]])
    >>> highest_lag(r, np.arange(-2.0, 3.0), 1).tolist(), highest_lag(r, np.arange(5.0), 0).tolist()
    ([0.0], [4.0])
    """
    size = np.abs(correlation) if sign == 0 else sign * correlation
    size = np.where(np.isfinite(size), size, -np.inf)
    top = np.argmax(size, axis=1)
    row = np.arange(size.shape[0])
    inside = np.clip(top, 1, max(lags.size - 2, 1))
    if lags.size < 3:
        highest: NDArray[np.float64] = lags[top]
        return highest
    left, middle, right = (size[row, inside + shift] for shift in (-1, 0, 1))
    with np.errstate(invalid="ignore"):
        bend = left - 2.0 * middle + right
        usable = (inside == top) & np.isfinite(bend) & (bend < 0)
        move = np.where(usable, 0.5 * (left - right) / np.where(usable, bend, 1.0), 0.0)
    out: NDArray[np.float64] = lags[top] + np.clip(move, -0.5, 0.5) * (lags[1] - lags[0])
    return out


def delay_of(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    known_first: NDArray[np.bool_],
    known_second: NDArray[np.bool_],
    usable: NDArray[np.bool_],
    *,
    memory: float,
    sign: int,
    seed: int,
) -> Delay:
    """Lag of the highest correlation; uncertainty from blocks of the recording drawn again [1]_.

    Parameters
    ----------
    first, second : ndarray, shape (n,)
        0 where unknown.
    known_first, known_second : ndarray of bool, shape (n,)
    usable : ndarray of bool, shape (2 * lags + 1,)
        Lags that are looked at.
    memory : float
        Samples within which the traces depend on themselves; blocks are longer where they can be.
    sign : int
    seed : int

    References
    ----------
    .. [1] H. R. Künsch, "The jackknife and the bootstrap for general stationary observations",
       Annals of Statistics 17 (1989) 1217-1241.
    """
    at = np.arange(usable.size) - usable.size // 2
    lags = at[usable]
    blocks = int(np.clip(first.size / max(4.0 * memory, 1.0), _FEWEST_BLOCKS, _MOST_BLOCKS))
    sums = _block_sums(first, second, known_first, known_second, lags, blocks)
    rng = np.random.default_rng(seed)
    times = rng.multinomial(blocks, np.full(blocks, 1.0 / blocks), _REPLICATES).astype(np.float64)
    here = highest_lag(_pearson(sums.sum(axis=1)[:, None]), lags.astype(np.float64), sign)[0]
    drawn = _pearson(times @ sums)
    drawn = drawn[np.isfinite(drawn).any(axis=1)]
    if drawn.shape[0] < _REPLICATES // 2:
        return Delay(float(here), np.nan, np.nan, np.nan)
    lag = highest_lag(drawn, lags.astype(np.float64), sign)
    # Few blocks vary less than they should, and their quantiles have to reach further.
    wider = np.sqrt(blocks / (blocks - 1.0))
    tail = float(ndtr(-stdtrit(blocks - 1, 0.975) * wider))
    low, high = np.quantile(lag, [tail, 1.0 - tail])
    return Delay(
        lag=float(here),
        sd=float(lag.std(ddof=1) * wider),
        low=float(min(low, here)),
        high=float(max(high, here)),
    )


def _block_sums(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    known_first: NDArray[np.bool_],
    known_second: NDArray[np.bool_],
    lags: NDArray[np.intp],
    blocks: int,
) -> NDArray[np.float64]:
    """Counts, sums and sums of products over each block at each lag, (6, blocks, lags)."""
    n = first.size
    starts = np.linspace(0, n, blocks + 1).astype(np.intp)[:-1]
    reach = int(np.abs(lags).max())
    padded = np.pad(second, reach)
    padded_known = np.pad(known_second, reach)
    sums = np.empty((6, blocks, lags.size))
    for k, lag in enumerate(lags):
        part = slice(reach + lag, reach + lag + n)
        pair = known_first & padded_known[part]
        x, y = first * pair, padded[part] * pair
        for j, values in enumerate((pair.astype(np.float64), x, y, x * x, y * y, x * y)):
            sums[j, :, k] = np.add.reduceat(values, starts)
    return sums


def _pearson(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlation from the sums of `_block_sums`, (6, rows, lags); NaN where undefined."""
    pairs, x, y, xx, yy, xy = sums
    count = np.maximum(pairs, 1.0)
    both = (xx - x * x / count) * (yy - y * y / count)
    defined = (pairs > 2) & (both > 1e-24 * count**2)
    together = xy - x * y / count
    return np.where(defined, together / np.sqrt(np.where(defined, both, 1.0)), np.nan)
