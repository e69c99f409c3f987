"""What the spectrum would be without a rhythm: the coloured noise beneath its peaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

__all__ = ["Background", "fit_background"]

Shape: TypeAlias = "Callable[[NDArray[np.float64]], NDArray[np.float64]]"

_CAP = 1.5
_MEAN = 1.0 - np.exp(-_CAP)
_SLOPE = 1.0 - np.exp(-_CAP) * (1.0 + _CAP)
_VARIANCE = 2.0 * _SLOPE - _MEAN**2
"""Mean, derivative and variance of an exponential variable that is cut at the cap."""


@dataclass(frozen=True, eq=False, slots=True)
class Background:
    """A smooth spectrum and how well it is known.

    Attributes
    ----------
    knots_hz : ndarray, shape (k,)
    log_power : ndarray, shape (k,)
        At the knots, less the known filter; linear between them.
    covariance : ndarray, shape (k, k)
    known : callable
        Log of the known part of its shape, from frequency.
    refit : callable
        The same from the ordinates outside a range (from, to).
    """

    knots_hz: NDArray[np.float64]
    log_power: NDArray[np.float64]
    covariance: NDArray[np.float64]
    known: Shape
    refit: Callable[[float, float], Background]

    def power(self, frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean power at each frequency."""
        smooth = np.interp(frequency_hz, self.knots_hz, self.log_power)
        level: NDArray[np.float64] = np.exp(
            np.clip(smooth + self.known(frequency_hz), -600.0, 600.0)
        )
        return level

    def relative_sd(self, frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        """Standard deviation of the logarithm of `power`."""
        hats = _hats(frequency_hz, self.knots_hz)
        sd: NDArray[np.float64] = np.sqrt(np.einsum("ij,jk,ik->i", hats, self.covariance, hats))
        return sd

    def without(self, frequency_hz: float, half_width_hz: float) -> Background:
        """The background as the rest of the spectrum has it, for a test of what is there.

        A peak that helped to raise its own background would be judged too low.
        """
        return self.refit(frequency_hz - half_width_hz, frequency_hz + half_width_hz)


def fit_background(
    frequency_hz: NDArray[np.float64],
    power: NDArray[np.float64],
    resolution_hz: float,
    known: Shape,
    *,
    left_out_hz: tuple[float, float] | None = None,
) -> Background:
    """Fit a spectrum whose logarithm is linear between a few knots, blind to peaks.

    The likelihood is Whittle's (powers are exponential about their mean). Ordinates above 1.5
    times the mean count as 1.5, with the mean of the cut distribution in place of 1: noise keeps
    an unbiased level, and a peak, however high, raises it by no more than its width.

    Parameters
    ----------
    frequency_hz, power : ndarray, shape (n,)
        A periodogram on a fine grid, or several one after the other.
    resolution_hz : float
        Distance of independent frequencies.
    known : callable
        Log of the known part of the shape.
    left_out_hz : tuple of float, optional
        Range (from, to) whose ordinates do not count.

    References
    ----------
    .. [1] P. Whittle, "Estimation and information in stationary time series", Arkiv för Matematik
       2 (1953) 423-434.
    .. [2] S. Vaughan, "A simple test for periodic signals in red noise", Astronomy & Astrophysics
       431 (2005) 391-403.
    """
    spacing = float(frequency_hz[1] - frequency_hz[0]) if frequency_hz.size > 1 else 1.0
    stride = max(round(resolution_hz / spacing), 1)
    # All ordinates are used, each for its share of an independent one.
    independent = max(frequency_hz.size / stride, 2.0)
    count = int(np.clip(round(independent / 10.0), 2, 5))
    knots = np.linspace(frequency_hz[0], frequency_hz[-1], count)
    hats = _hats(frequency_hz, knots)
    given = known(frequency_hz)
    floor = max(float(power.max()), 1e-290) * 1e-14
    power = np.maximum(power, floor)
    start = float(np.median(np.log(power) - given)) + 0.3665
    log_power = np.full(count, start)
    # A faint pull between neighbours keeps a knot with hardly any ordinates in place.
    rough = np.diff(np.eye(count), axis=0)
    pull = 0.02 * rough.T @ rough
    counted = np.full(frequency_hz.shape, 1.0 / stride)
    if left_out_hz is not None:
        counted[(frequency_hz >= left_out_hz[0]) & (frequency_hz <= left_out_hz[1])] = 0.0
    information = hats.T @ (counted[:, None] * hats)
    for _ in range(60):
        ratio = power * np.exp(-np.clip(hats @ log_power + given, -600.0, 600.0))
        score = hats.T @ (counted * (np.minimum(ratio, _CAP) - _MEAN)) - pull @ log_power
        change = np.linalg.solve(_SLOPE * information + pull + 1e-9 * np.eye(count), score)
        log_power = log_power + np.clip(change, -1.0, 1.0)
        if np.abs(change).max() < 1e-8:
            break
    bread = np.linalg.inv(_SLOPE * information + pull + 1e-9 * np.eye(count))
    # What holds a knot without ordinates in place is the pull, which is no knowledge.
    covariance = _VARIANCE * bread @ (information + pull) @ bread
    return Background(
        knots,
        log_power,
        covariance,
        known,
        lambda low, high: fit_background(
            frequency_hz, power, resolution_hz, known, left_out_hz=(low, high)
        ),
    )


def _hats(frequency_hz: NDArray[np.float64], knots: NDArray[np.float64]) -> NDArray[np.float64]:
    width = knots[1] - knots[0]
    distance = (np.clip(frequency_hz, knots[0], knots[-1])[:, None] - knots) / width
    hats: NDArray[np.float64] = np.maximum(1.0 - np.abs(distance), 0.0)
    return hats
