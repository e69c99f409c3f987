"""The last fraction of a grid step: Newton's method on the correlation along a ray.

The overlap weights of a ray depend on its velocity; they are frozen in each step, so that their
own slope does not pull the maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["RayFit", "RayRefiner"]

TAPS = np.arange(-2, 4)
"""Samples that an interpolation takes, around the one below the position."""


def _smooth_quintic() -> np.ndarray:
    value = np.eye(6)[2:4]  # of the samples below and above, as weights of all six
    slope, bend = np.zeros((2, 2, 6))
    for side in range(2):
        slope[side, side : side + 5] = np.array([1, -8, 0, 8, -1]) / 12
        bend[side, side : side + 5] = np.array([-1, 16, -30, 16, -1]) / 12
    step = value[1] - value[0]
    return np.array(
        [
            value[0],
            slope[0],
            bend[0] / 2,
            10 * step - 6 * slope[0] - 4 * slope[1] - 1.5 * bend[0] + 0.5 * bend[1],
            -15 * step + 8 * slope[0] + 7 * slope[1] + 1.5 * bend[0] - bend[1],
            6 * step - 3 * (slope[0] + slope[1]) - 0.5 * (bend[0] - bend[1]),
        ]
    )


QUINTIC = _smooth_quintic()
"""Coefficients (row = power) of the interpolation from six samples (columns).

It has the value, slope and bend of the two samples in the middle, by differences about each, so
that none of them jumps from one interval to the next. Where they do, as with a polynomial through
all samples, a maximum near a sample is drawn to it, and on a stall Newton's method steps to and
fro.
"""

TIME_BLURS_LINES = (0.0, 0.8, 1.6, 3.2, 4.8)
"""Widths at which transit rays are smoothed; a cell lasts longer the slower it is."""

EARLIER_LAGS = 20
"""Negative lags put before lag 0, at most, to interpolate and smooth: rho(-lag, -shift) = rho."""


@dataclass(frozen=True)
class RayFit:
    """Refined velocities and the shape of the correlation there.

    Attributes
    ----------
    velocity : ndarray, shape (windows,)
        In px/line.
    mean : ndarray, shape (windows,)
        Weighted mean of rho along the ray: the share of signal in the energy.
    curvature : ndarray, shape (windows,)
        Weighted mean of ``-rho''`` along shift, per px².
    """

    velocity: np.ndarray
    mean: np.ndarray
    curvature: np.ndarray

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All of them, in the order of the parameters."""
        return self.velocity, self.mean, self.curvature


@dataclass(frozen=True)
class RayRefiner:
    """Refines velocities on correlations smoothed to the scale that the noise asks for.

    Parameters
    ----------
    sampling : Sampling
    resolved_px_per_line : float
        Fastest speed whose cells are seen on at least two lines at a fixed column.
    blur_px : float
        Standard deviation of the smoothing, in space; along time it is divided by the speed.
    """

    sampling: Sampling
    resolved_px_per_line: float
    blur_px: float

    @property
    def shift_blur_px(self) -> float:
        """Smoothing along shift: never wide against the line itself."""
        return min(self.blur_px, 0.12 * self.sampling.width)

    def refine(
        self,
        rho: np.ndarray,
        start: np.ndarray,
        *,
        longest: np.ndarray,
        steps: int = 5,
    ) -> RayFit:
        """Maximise the weighted correlation along the ray from `start`, each window on its own.

        Parameters
        ----------
        rho : ndarray of float32, shape (windows, lags, shifts)
            Of narrow lines as it is, of wide ones from smoothed products.
        start : ndarray, shape (windows,)
            Velocities within a grid step of the maximum, px/line.
        longest : ndarray, shape (windows,)
            Longest lag to look at.
        steps : int
            Newton steps.
        """
        fit = RayFit(start.astype(np.float64), np.zeros(start.size), np.zeros(start.size))
        speed = np.abs(start)
        if self.sampling.narrow:
            margin = np.where(self.sampling.width < 3.5 * speed, 1.4, 1.0)
            transit = speed > self.sampling.slow_px_per_line
            transit &= speed <= margin * self.resolved_px_per_line
        else:
            transit = np.zeros(start.size, bool)
        wanted = 1.15 * self.blur_px / np.maximum(speed, 1e-6)
        level = np.searchsorted(TIME_BLURS_LINES, wanted, side="right") - 1
        for j, blur in enumerate(TIME_BLURS_LINES):
            chosen = np.nonzero(transit & (level == j))[0]
            if chosen.size:
                part = _with_earlier_lags(rho[chosen])
                if blur:
                    part = gaussian_filter1d(part, blur, axis=1, mode="nearest")
                self._put(
                    fit, chosen, self._newton_transit(part, start[chosen], longest[chosen], steps)
                )
        chosen = np.nonzero(~transit)[0]
        if chosen.size:
            part = rho[chosen]
            if self.sampling.narrow:
                part = gaussian_filter1d(
                    part, self.shift_blur_px, axis=2, mode="nearest", truncate=3.0
                )
            self._put(fit, chosen, self._newton_shift(part, start[chosen], longest[chosen], steps))
        return fit

    @staticmethod
    def _put(fit: RayFit, chosen: np.ndarray, part: RayFit) -> None:
        fit.velocity[chosen] = part.velocity
        fit.mean[chosen] = part.mean
        fit.curvature[chosen] = part.curvature

    def _newton_transit(
        self, rho: np.ndarray, start: np.ndarray, longest: np.ndarray, steps: int
    ) -> RayFit:
        """Over slowness (lines a pixel), at whole shifts; `rho` begins at a negative lag."""
        sampling = self.sampling
        last = sampling.lags[-1]
        shift = np.arange(1, sampling.reach + 1)
        sign = np.where(start < 0, -1, 1)
        slowness = 1 / np.maximum(np.abs(start), 1e-4)
        rows, columns = np.arange(len(rho))[:, None], sampling.reach + sign[:, None] * shift
        earlier = min(EARLIER_LAGS, last)
        top = last - 3.01
        for _ in range(steps):
            lag = slowness[:, None] * shift
            seen = lag <= np.minimum(longest, top)[:, None]
            seen[:, 0] = True
            lag = np.minimum(lag, top)
            below = np.floor(lag).astype(np.int64)
            taps = [rho[rows, earlier + below + tap, columns] for tap in TAPS]
            value, slope, bend = _interpolate(taps, lag - below)
            weight = seen * (1 - shift / sampling.width) * (1 - lag / sampling.window)
            slowness, bend_mean = _step(slowness, weight, shift, slope, bend, 0.7)
            slowness = np.clip(slowness, 0.5 / sampling.width, 4 / sampling.slow_px_per_line)
        mean = (weight * value).sum(axis=1) / weight.sum(axis=1)
        return RayFit(sign / slowness, mean, bend_mean * np.square(slowness))

    def _newton_shift(
        self, rho: np.ndarray, start: np.ndarray, longest: np.ndarray, steps: int
    ) -> RayFit:
        """Over speed (pixels a line), at whole lags; `rho` is smoothed along shift."""
        blur_px = 0.0 if self.sampling.narrow else self.blur_px
        sampling = self.sampling
        lags, lag_weight = sampling.lag_array, sampling.lag_weight
        used = np.arange(1, lags.size - 3) if sampling.narrow else np.arange(lags.size)
        lags, lag_weight = lags[used], lag_weight[used]
        velocity = start.astype(np.float64)
        rows = np.arange(len(rho))[:, None]
        reach = sampling.reach
        top = max(reach - (2.01 if sampling.narrow else 3.01), 0.99)
        for _ in range(steps):
            shift = sampling.displaced(velocity[:, None] * lags, blur_px)
            seen = (np.abs(shift) <= top) & (lags <= longest[:, None])
            seen[:, 0] = True
            shift = np.clip(shift, -top, top)
            below = np.floor(shift).astype(np.int64)
            taps = [rho[rows, used, np.clip(reach + below + tap, 0, 2 * reach)] for tap in TAPS]
            value, slope, bend = _interpolate(taps, shift - below)
            overlap = (1 - np.abs(shift) / sampling.width) * (1 - lags / sampling.window)
            weight = seen * overlap * lag_weight
            velocity, bend_mean = _step(velocity, weight, lags, slope, bend, 0.65)
        mean = (weight * value).sum(axis=1) / weight.sum(axis=1)
        return RayFit(velocity, mean, bend_mean)


def _with_earlier_lags(rho: np.ndarray) -> np.ndarray:
    return np.concatenate([rho[:, EARLIER_LAGS:0:-1, ::-1], rho], axis=1)


def _interpolate(taps: list[np.ndarray], part: np.ndarray) -> tuple[np.ndarray, ...]:
    """Value, first and second derivative of `QUINTIC`, `part` past the third sample.

    Sums are written out so that a window's bits do not depend on the windows beside it, as they
    might with a matrix product.
    """
    coefficients = []
    for power in range(6):
        terms = [QUINTIC[power, j] * taps[j] for j in range(6) if QUINTIC[power, j]]
        coefficients.append(sum(terms[1:], terms[0]))
    value, slope, bend = coefficients[5], 0.0 * part, 0.0 * part
    for power in range(4, -1, -1):
        bend = bend * part + 2 * slope
        slope = slope * part + value
        value = value * part + coefficients[power]
    return value, slope, bend


def _step(
    parameter: np.ndarray,
    weight: np.ndarray,
    lever: np.ndarray,
    slope: np.ndarray,
    bend: np.ndarray,
    largest_px: float,
) -> tuple[np.ndarray, np.ndarray]:
    """One guarded Newton step of ``sum weight rho(lever * parameter)``, and its mean curvature."""
    slope_sum = (weight * lever * slope).sum(axis=1)
    bend_sum = (weight * lever**2 * bend).sum(axis=1)
    norm = (weight * lever**2).sum(axis=1)
    cap = largest_px / np.sqrt(norm / weight.sum(axis=1))
    move = np.where(
        bend_sum < 0, -slope_sum / np.minimum(bend_sum, -1e-9), np.sign(slope_sum) * cap
    )
    return parameter + np.clip(move, -cap, cap), -bend_sum / norm
