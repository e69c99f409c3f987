"""Noise of a trace: how large it is, how fast it moves, and how high it may reach by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp, log, pi, sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Noise", "clipped", "local_scale", "quiet_noise"]

_CLIP = 2.5
_CLIPPED_SD = sqrt(
    1.0 - 2.0 * _CLIP * NormalDist().pdf(_CLIP) / (2.0 * NormalDist().cdf(_CLIP) - 1.0)
)
"""Standard deviation of normal noise of sd 1 of which what is beyond `_CLIP` was left out."""

_STRETCH_LINES = 1024
_MOST_STRETCHES = 64
_MEAN_OF_FOLDED = sqrt(2.0 / pi)
_ROUNDS = 12
_SKEW_ROUNDS = 3
_RARELY = 0.05
_SYMMETRIC = 1e-3
_MOST_SKEW = 2.0


def local_scale(trace: NDArray[np.float64]) -> NDArray[np.float64]:
    """How large the noise is around each line, relative to the recording; 1 where it is steady.

    Taken from the differences of neighbouring lines, which a transient hardly changes, in
    stretches of 1,024 lines or more.

    Parameters
    ----------
    trace : ndarray, shape (lines,)
        Without gaps.
    """
    change = np.abs(np.diff(trace))
    stretches = min(_MOST_STRETCHES, trace.size // _STRETCH_LINES)
    if stretches < 2:
        return np.ones(trace.size)
    bounds = np.linspace(0, change.size, stretches + 1).astype(np.intp)
    # The mean below a quantile: unlike a median it is not zero where most lines are alike.
    size = np.array(
        [
            np.mean(part[part <= np.percentile(part, 90)])
            for a, b in pairwise(bounds)
            for part in [change[a:b]]
        ]
    )
    size = median_filter(size, size=3, mode="nearest")
    usual = float(np.median(size))
    if not (usual > 0 and size.min() > 0.05 * usual):
        return np.ones(trace.size)
    middle = 0.5 * (bounds[:-1] + bounds[1:])
    scale: NDArray[np.float64] = np.interp(np.arange(trace.size), middle, size / usual)
    return scale


@dataclass(frozen=True, slots=True)
class Noise:
    """Noise of a trace where nothing happens.

    Attributes
    ----------
    centre, sd : float
        Its middle and standard deviation.
    crossings : float
        How often a line it crosses its middle upwards: the speed of the noise, from the standard
        deviation of its steps.
    skew : float
        How much further it reaches up than down: skewness, 0 where it is not positive.
    lines : int
        Lines it was measured on.
    """

    centre: float
    sd: float
    crossings: float
    skew: float
    lines: int

    def height_exceeded(self, times: float, lines: int) -> float:
        """Height, in sd above the centre, that noise exceeds `times` times in `lines` lines.

        Rice's formula [1]_ for normal noise: it rises above u ``crossings exp(-u**2 / 2)`` times a
        line. A sample can be above no more often than each line by itself, which is lower where
        noise has no memory. That the sd is itself an estimate raises the height as for Student's t.
        Noise of cells that pass is not normal, it reaches up further where gaps between dark cells
        shine: heights are those of a gamma distribution of the same skewness [2]_.

        References
        ----------
        .. [1] S. O. Rice, "Mathematical analysis of random noise", Bell System Technical Journal
           24 (1945) 46-156.
        .. [2] E. B. Wilson, M. M. Hilferty, "The distribution of chi-square", Proceedings of the
           National Academy of Sciences 17 (1931) 684-688.
        """
        rice = sqrt(2.0 * max(log(max(self.crossings * lines / times, 1.0)), 0.0))
        single = -NormalDist().inv_cdf(min(max(times / lines, 1e-300), 0.5))
        u = max(min(rice, single), 1.0)
        u = sqrt(self._freedom * np.expm1(min(u * u / self._freedom, 50.0)))
        skew = self.skew
        if skew < _SYMMETRIC:
            return u
        return 2.0 / skew * ((1.0 + skew * u / 6.0 - skew * skew / 36.0) ** 3 - 1.0)

    def times_exceeded(self, height: float, lines: int) -> float:
        """How many times in `lines` lines noise exceeds `height`, in sd above the centre."""
        u = max(height, 0.0)
        skew = self.skew
        if skew >= _SYMMETRIC:
            u = 6.0 / skew * ((1.0 + 0.5 * skew * u) ** (1.0 / 3.0) - 1.0 + skew * skew / 36.0)
        u2 = self._freedom * log(1.0 + u * u / self._freedom)
        single = NormalDist().cdf(-sqrt(u2))
        return float(lines * min(self.crossings * exp(-0.5 * u2), single))

    @property
    def _freedom(self) -> float:
        # Noise as fast as Gaussian smoothing leaves it has 3.5 free values a crossing.
        return max(min(3.5 * self.crossings, 1.0) * self.lines, 4.0)


def clipped(values: NDArray[np.float64]) -> tuple[float, float]:
    """Middle and standard deviation of the bulk of `values`, taken to be normal."""
    centre = float(np.median(values))
    sd = 1.4826 * float(np.median(np.abs(values - centre)))
    for _ in range(_ROUNDS):
        inside = values[np.abs(values - centre) <= _CLIP * sd]
        if not inside.size:
            break
        before = (centre, sd)
        centre, sd = float(inside.mean()), float(inside.std()) / _CLIPPED_SD
        if abs(sd - before[1]) <= 1e-3 * sd:
            break
    return centre, sd


def _skewness(values: NDArray[np.float64]) -> float:
    away = values - values.mean()
    sd = float(away.std())
    return float(np.clip(np.mean((away / sd) ** 3), 0.0, _MOST_SKEW)) if sd > 0 else 0.0


def quiet_noise(
    trace: NDArray[np.float64], known: NDArray[np.bool_], false_alarms: float
) -> tuple[Noise, NDArray[np.bool_]]:
    """Noise of `trace` outside of whatever rises out of it.

    Parameters
    ----------
    trace : ndarray, shape (lines,)
        Without gaps, transients upwards.
    known : ndarray of bool, shape (lines,)
    false_alarms : float
        Rises that noise makes less often than this are no noise.

    Returns
    -------
    noise : Noise
    quiet : ndarray of bool, shape (lines,)
        The lines it was measured on.
    """
    quiet = known.copy()
    noise = Noise(0.0, 0.0, 0.0, 0.0, 0)
    for _ in range(_ROUNDS):
        centre, sd = clipped(trace[quiet])
        steps = np.diff(trace)[quiet[1:] & quiet[:-1]]
        step_sd = clipped(steps)[1] if steps.size else 0.0
        crossings = min(step_sd / sd / (2.0 * pi), 0.5) if sd > 0 else 0.0
        noise = Noise(centre, sd, crossings, 0.0, int(quiet.sum()))
        if not sd > 0:
            break
        limit = centre + sd * noise.height_exceeded(false_alarms, trace.size)
        again = known & ~_risen(trace, limit, centre + sd)
        if again.sum() < 0.2 * known.sum() or bool((again == quiet).all()):
            break
        quiet = again
    # Only now: a transient that is still in it would pass for noise that reaches up.
    noise = replace(noise, skew=_skewness(trace[quiet]))
    for _ in range(_SKEW_ROUNDS if noise.sd > 0 else 0):
        # What noise does now and then is its skew: only what it hardly ever does is cut off here.
        rare = min(false_alarms, _RARELY)
        limit = noise.centre + noise.sd * noise.height_exceeded(rare, trace.size)
        again = known & ~_risen(trace, limit, noise.centre + noise.sd)
        skew = _skewness(trace[again])
        if skew <= noise.skew + _SYMMETRIC:
            break
        noise, quiet = replace(noise, skew=skew), again
    return noise, quiet


def _risen(trace: NDArray[np.float64], limit: float, floor: float) -> NDArray[np.bool_]:
    """Stretches above `floor` that reach `limit`."""
    above = trace > floor
    number = np.cumsum(np.diff(above, prepend=False) & above) * above
    reaches = np.unique(number[trace > limit])
    member = np.zeros(int(number.max(initial=0)) + 1, bool)
    member[reaches] = True
    member[0] = False
    risen: NDArray[np.bool_] = member[number]
    return risen
