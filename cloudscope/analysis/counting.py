"""What a count of events says of their rate."""

from __future__ import annotations

from scipy.special import gammaincinv

__all__ = ["poisson_interval"]


def poisson_interval(count: int) -> tuple[float, float]:
    """Exact 95 % interval of the mean of which a count of independent events was drawn.

    Examples
    --------
    >>> [round(bound, 2) for bound in poisson_interval(0)]
    [0.0, 3.69]
    >>> [round(bound, 2) for bound in poisson_interval(10)]
    [4.8, 18.39]
    """
    low = float(gammaincinv(count, 0.025)) if count else 0.0
    return low, float(gammaincinv(count + 1, 0.975))
