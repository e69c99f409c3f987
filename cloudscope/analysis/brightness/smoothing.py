"""Smoothing of a trace in time, with gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import median_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["faithful", "filled", "gaussian", "median"]

_LEAST_SIGMA = 0.3
"""A narrower Gaussian, in lines, leaves every sample as it is."""


def filled(trace: NDArray[np.float64]) -> NDArray[np.float64]:
    """`trace` with a straight line across each gap; at least one sample must be known."""
    known = np.isfinite(trace)
    if known.all():
        return trace
    at = np.arange(trace.size)
    whole: NDArray[np.float64] = np.interp(at, at[known], trace[known])
    return whole


def _smoothed(
    trace: NDArray[np.float64], kernels: list[tuple[float, float]]
) -> NDArray[np.float64]:
    """Sum of Gaussians, (weight, sigma in lines) each, of a trace mirrored at its ends."""
    widest = max(sigma for _, sigma in kernels)
    reach = min(int(6.0 * widest) + 1, max(trace.size - 1, 1))
    # Taking off the middle keeps the rounding of the transform small beside the signal.
    middle = float(np.median(trace))
    padded = np.pad(trace - middle, reach, mode="reflect" if trace.size > 1 else "edge")
    length = next_fast_len(padded.size, real=True)
    frequency = np.fft.rfftfreq(length)
    weights = np.zeros(frequency.size)
    for weight, sigma in kernels:
        weights += weight * np.exp(-2.0 * (np.pi * sigma * frequency) ** 2)
    spectrum = rfft(padded, length) * weights
    smooth: NDArray[np.float64] = irfft(spectrum, length)[reach : reach + trace.size]
    return smooth + middle


def gaussian(trace: NDArray[np.float64], sigma_lines: float) -> NDArray[np.float64]:
    """Gaussian smoothing of a trace without gaps.

    Examples
    --------
    >>> gaussian(np.array([0.0, 0, 0, 1, 0, 0, 0]), 0.5)[2:5].round(2).tolist()
    [0.16, 0.7, 0.16]
    """
    return trace if sigma_lines < _LEAST_SIGMA else _smoothed(trace, [(1.0, sigma_lines)])


def faithful(trace: NDArray[np.float64], sigma_lines: float) -> NDArray[np.float64]:
    """Smoothing that keeps heights: twice a Gaussian less one of twice its variance.

    What a Gaussian takes off a peak grows with its variance; the difference extrapolates to none,
    for 1.2 times the noise.
    """
    if sigma_lines < _LEAST_SIGMA:
        return trace
    return _smoothed(trace, [(2.0, sigma_lines), (-1.0, np.sqrt(2.0) * sigma_lines)])


def median(trace: NDArray[np.float64], lines: float) -> NDArray[np.float64]:
    """Median of about `lines` lines around each."""
    size = 2 * int(0.5 * lines) + 1
    if size == 1:
        return trace
    smooth: NDArray[np.float64] = median_filter(trace, size=size, mode="nearest")
    return smooth
