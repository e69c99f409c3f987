"""Power of an unevenly measured series by frequency: Lomb-Scargle with a floating mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import next_fast_len, rfft

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Periodogram", "periodogram"]

_PADDING = 8


@dataclass(frozen=True, slots=True)
class Periodogram:
    """Power by frequency.

    Attributes
    ----------
    frequency_hz : ndarray, shape (n,)
    power : ndarray, shape (n,)
        Half of what a sinusoid explains of the sum of squares: on white noise its mean is the
        variance of one value, and its distribution exponential.
    amplitude : ndarray, shape (n,)
        Amplitude of the sinusoid.
    values : float
        Effective number of values.
    spread_s : float
        Standard deviation of the times: how sharp a frequency is.
    """

    frequency_hz: NDArray[np.float64]
    power: NDArray[np.float64]
    amplitude: NDArray[np.float64]
    values: float
    spread_s: float


def periodogram(
    value: NDArray[np.float64],
    weight: NDArray[np.float64],
    step_s: float,
    low_hz: float,
    high_hz: float,
    *,
    grid: int | None = None,
) -> Periodogram:
    """Weighted least squares of a sinusoid and a mean, at every frequency of a fine grid.

    The sums over the even grid of the series come from Fourier transforms, so that a recording of
    a million values costs no more than a few of these.

    Parameters
    ----------
    value, weight : ndarray, shape (n,)
        Weight 0 is a gap.
    step_s : float
    low_hz, high_hz : float
        Frequencies of interest.
    grid : int, optional
        Length of the transform, so that series of different length share their frequencies.

    References
    ----------
    .. [1] N. R. Lomb, "Least-squares frequency analysis of unequally spaced data", Astrophysics and
       Space Science 39 (1976) 447-462.
    .. [2] J. D. Scargle, "Studies in astronomical time series analysis. II", Astrophysical Journal
       263 (1982) 835-853.
    .. [3] M. Zechmeister, M. Kürster, "The generalised Lomb-Scargle periodogram", Astronomy &
       Astrophysics 496 (2009) 577-584.
    """
    length = grid or int(next_fast_len(_PADDING * value.size, real=True))
    total = float(weight.sum())
    first = max(int(np.ceil(low_hz * step_s * length)), 1)
    last = min(int(high_hz * step_s * length), (length - 1) // 2)
    at = np.arange(first, last + 1)
    share = weight / total
    of_weight = rfft(share, length)
    of_value = rfft(share * value, length)
    twice = 2 * at
    beyond = twice > length // 2
    double = of_weight[np.where(beyond, length - twice, twice)]
    c, s = of_weight[at].real, -of_weight[at].imag
    mean = float(share @ value)
    yc, ys = of_value[at].real - mean * c, -of_value[at].imag - mean * s
    c2, s2 = double.real, np.where(beyond, double.imag, -double.imag)
    cc, ss, cs = 0.5 * (1 + c2) - c * c, 0.5 * (1 - c2) - s * s, 0.5 * s2 - c * s
    determinant = np.maximum(cc * ss - cs * cs, 1e-6)
    a, b = (yc * ss - ys * cs) / determinant, (ys * cc - yc * cs) / determinant
    effective = total**2 / float(weight @ weight)
    time = step_s * np.arange(value.size)
    squared = weight**2 / float(weight @ weight)
    middle = float(squared @ time)
    return Periodogram(
        frequency_hz=at / (length * step_s),
        power=np.maximum(0.5 * effective * (yc * a + ys * b), 0.0),
        amplitude=np.hypot(a, b),
        values=effective,
        spread_s=float(np.sqrt(squared @ (time - middle) ** 2)),
    )
