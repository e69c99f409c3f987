"""Onsets between samples: all of them at once, by least squares under the common shape."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import solveh_banded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.series import EvenSeries
    from cloudscope.analysis.rhythm.wave import Wave

__all__ = ["BeatTimes", "phase_of"]

_FIRST_FREEDOM = 0.1
_LEAST_FREEDOM = 0.003
_ODD = 0.35
"""Intervals this far from the prior one, as a share, are premature or lost beats."""


def phase_of(
    time_s: NDArray[np.float64], onset_s: NDArray[np.float64]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Which interval each time is in (-1 or the last number outside), and how far in it."""
    beat = np.searchsorted(onset_s, time_s, side="right") - 1
    inside = np.clip(beat, 0, onset_s.size - 2)
    share = (time_s - onset_s[inside]) / (onset_s[inside + 1] - onset_s[inside])
    return beat, share


@dataclass(frozen=True, eq=False, slots=True)
class BeatTimes:
    """Onsets, and the intervals that are expected between them.

    Attributes
    ----------
    onset_s : ndarray, shape (n + 1,)
    prior_s : ndarray, shape (n,)
        Expected intervals.
    freedom : float
        Standard deviation of the intervals about the expected ones, as a share; learnt from them.
    onset_sd_s, interval_sd_s : ndarray
        Standard deviations; empty before the first `refined`.
    beside_s2 : ndarray, shape (n,)
        Covariances of neighbouring onsets.
    """

    onset_s: NDArray[np.float64]
    prior_s: NDArray[np.float64]
    freedom: float = _FIRST_FREEDOM
    onset_sd_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    interval_sd_s: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    beside_s2: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def refined(self, series: EvenSeries, wave: Wave, noise: float) -> BeatTimes:
        """One step of Gauss and Newton towards the onsets that fit best.

        The phase runs evenly from each onset to the next, so that every onset is known from the
        beat before and the beat after it; an interval without values stays as expected. How much
        intervals vary is learnt from them with their uncertainty, as in an expectation-maximisation
        step: what is only noise does not make beats irregular.

        Parameters
        ----------
        series : EvenSeries
        wave : Wave
        noise : float
            Variance of a value by noise at the rate of the heart.
        """
        used = np.flatnonzero(series.used)
        beat, share = phase_of(series.time_s[used], self.onset_s)
        count = self.onset_s.size
        inside = (beat >= 0) & (beat < count - 1)
        at, u = beat[inside], share[inside]
        weight = series.weight[used][inside] / noise
        interval = np.diff(self.onset_s)
        slope = -wave.slope(u) / interval[at]
        residual = series.fast[used][inside] - wave.at(u)
        left, right = slope * (1 - u), slope * u

        def total(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
            summed = np.bincount(at, weight * numbers, minlength=count - 1)
            return summed[: count - 1].astype(np.float64)

        odd = np.abs(interval / self.prior_s - 1) > _ODD
        expected = np.where(odd, interval, self.prior_s)
        stiff = 1.0 / (np.where(odd, _ODD, self.freedom) * expected) ** 2
        off = expected - interval
        main, beside, force = np.zeros(count), np.zeros(count - 1), np.zeros(count)
        main[:-1] += total(left**2) + stiff
        main[1:] += total(right**2) + stiff
        beside += total(left * right) - stiff
        force[:-1] += total(left * residual) - stiff * off
        force[1:] += total(right * residual) + stiff * off
        # Without any value all onsets could move together: hold them a little.
        main += 1e-3 * float(np.median(1.0 / (_FIRST_FREEDOM * expected) ** 2))
        change = solveh_banded(np.stack([np.append(0.0, beside), main]), force)
        limit = 0.12 * float(np.median(self.prior_s))
        step = np.clip(change, -limit, limit)
        onset = self.onset_s + step
        while (np.diff(onset) < 0.3 * np.minimum(self.prior_s, interval)).any():
            step *= 0.5
            onset = self.onset_s + step
        variance, covariance = _covariances(main, beside)
        difference = np.maximum(variance[:-1] + variance[1:] - 2 * covariance, 0.0)
        squares = (((np.diff(onset) - expected) ** 2 + difference) / expected**2)[~odd]
        freedom = self.freedom
        if squares.size:
            freedom = float(np.clip(np.sqrt(squares.mean()), _LEAST_FREEDOM, 0.3))
        return BeatTimes(
            onset, self.prior_s, freedom, np.sqrt(variance), np.sqrt(difference), covariance
        )

    def moved(self, phase: float) -> BeatTimes:
        """With onsets at another phase of their beats."""
        interval = np.diff(self.onset_s)
        beside = (
            np.append(interval, interval[-1]) if phase >= 0 else np.append(interval[0], interval)
        )
        return replace(self, onset_s=self.onset_s + phase * beside)

    def absorbed(self) -> float:
        """Which share of the noise across the shape the fitted onsets have taken up (0 to 1)."""
        free = (self.freedom * self.prior_s) ** 2
        return float(np.clip(1.0 - np.mean(self.interval_sd_s**2 / free), 0.0, 1.0))

    def change_sd_s(self) -> NDArray[np.float64]:
        """Standard deviations of the differences of successive intervals."""
        v, c = self.onset_sd_s**2, self.beside_s2
        # The onsets are a Markov chain: the next but one is known only by way of the next.
        far = c[:-1] * c[1:] / v[1:-1]
        change = v[:-2] + 4 * v[1:-1] + v[2:] - 4 * (c[:-1] + c[1:]) + 2 * far
        sd: NDArray[np.float64] = np.sqrt(np.maximum(change, 0.0))
        return sd

    def phase_variance(
        self, beat: NDArray[np.intp], share: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """How uncertain the phase is at a share of a beat (cycles squared)."""
        variance = self.onset_sd_s**2
        spread: NDArray[np.float64] = (
            (1 - share) ** 2 * variance[beat]
            + share**2 * variance[beat + 1]
            + 2 * share * (1 - share) * self.beside_s2[beat]
        ) / np.diff(self.onset_s)[beat] ** 2
        return spread


def _covariances(
    main: NDArray[np.float64], beside: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Variances, and covariances of neighbours: the inverse of a tridiagonal matrix there."""
    count = main.size
    forward, backward = main.copy(), main.copy()
    for at in range(1, count):
        forward[at] -= beside[at - 1] ** 2 / forward[at - 1]
    for at in range(count - 2, -1, -1):
        backward[at] -= beside[at] ** 2 / backward[at + 1]
    variance = 1.0 / (forward + backward - main)
    return variance, -beside / backward[1:] * variance[:-1]
