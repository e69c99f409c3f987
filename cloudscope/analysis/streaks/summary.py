"""What the accepted windows of a recording say together."""

from __future__ import annotations

import numpy as np

__all__ = ["independent_values", "median_interval"]

NORMAL_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""


def independent_values(values: np.ndarray) -> float:
    """How many independent values would fix the median as well as these do.

    Windows overlap and flow changes slowly, so that a value resembles the one before. The number
    of values is divided by one plus twice the sum of the autocorrelation of the sign of each
    value's deviation from the median, which is what moves a median; the sum ends where the
    autocorrelation first is no longer positive.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In the order of time.

    Returns
    -------
    float
        From 1 to n; 0 if there are none.

    Examples
    --------
    >>> independent_values(np.array([1.0, 2.0, 1.0, 2.0]))
    4.0
    >>> independent_values(np.repeat([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 50)) < 15
    True
    """
    n = values.size
    if n < 2:
        return float(n)
    sign = np.sign(values - np.median(values))
    power = float(np.square(sign).sum())
    inflation = 1.0
    for lag in range(1, n // 2):
        correlation = float((sign[:-lag] * sign[lag:]).sum()) / power if power else 0.0
        if correlation <= 0:
            break
        inflation += 2 * correlation
    return max(1.0, n / inflation)


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of the median, from order statistics.

    The ranks that bound the median of n values are those of a binomial with `independent_values`
    trials, in the normal approximation.

    Returns
    -------
    low, high : float
        NaN if there are fewer than two values.

    Examples
    --------
    >>> low, high = median_interval(np.random.default_rng(0).normal(5, 1, 400))
    >>> bool(low < 5 < high), bool(high - low < 0.4)
    (True, True)
    """
    if values.size < 2:
        return float("nan"), float("nan")
    half = 0.5 * NORMAL_95 / np.sqrt(independent_values(values))
    low, high = np.quantile(values, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)])
    return float(low), float(high)
