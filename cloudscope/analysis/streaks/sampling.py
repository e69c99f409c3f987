"""How the space-time correlation of a window is sampled: its lags, shifts and trial velocities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse, special

__all__ = ["NARROW_PX", "RayTable", "Sampling", "ray_table", "smoothed_noise"]

NARROW_PX = 48
"""Widest line whose every lag is correlated, so that cells can be timed from column to column."""

WEAK_SNR, STRONG_SNR = 0.5, 1.0
"""Signal-to-noise ratios below which every lag is worth its time, and above which few are."""

SHORTEST_SPAN_LINES = 2
"""Fewer lags than this are no span: one lag alone cannot tell flow from a chance likeness."""


@dataclass(frozen=True)
class Sampling:
    """Lags and shifts at which windows of one size are correlated.

    Attributes
    ----------
    width : int
        Columns.
    window : int
        Lines of a window.
    lags : tuple of int
        Lags in lines, ascending. A narrow line has all of them from 0, so that correlation can be
        interpolated along time. A wide one has every lag up to 12 and then every second to fourth:
        neighbouring lags tell nearly the same where the signal is not weak. Where it is strong,
        there are fewer still, where it is weak, all.
    reach : int
        Largest shift in pixels, towards either side.
    """

    width: int
    window: int
    lags: tuple[int, ...]
    reach: int

    @classmethod
    def of(cls, width: int, window: int, snr: float = 1.0) -> Sampling:
        """The sampling that suits lines of `width` columns and windows of `window` lines.

        Parameters
        ----------
        width, window : int
        snr : float
            Signal-to-noise ratio of a pixel.
        """
        if width <= NARROW_PX:
            return cls(width, window, tuple(range(int(0.8 * window) + 1)), width - 1)
        spaced = [*range(1, 13), *range(14, 25, 2), *range(27, 49, 3), *range(52, window, 4)]
        if snr < WEAK_SNR:
            spaced = list(range(1, window))
        elif snr > STRONG_SNR:
            spaced = [*range(1, 9), *range(10, 15, 2), *range(17, 27, 3), *range(30, window, 5)]
        longest = int(0.92 * window)
        return cls(
            width, window, tuple(lag for lag in spaced if lag <= longest), round(0.8 * width)
        )

    @property
    def narrow(self) -> bool:
        """Whether every lag is sampled."""
        return self.width <= NARROW_PX

    @property
    def slow_px_per_line(self) -> float:
        """Below this speed sub-pixel shifts between lines are timed better than whole pixels.

        The times from one column to others fix a slow speed the better the more columns there are,
        if the flow passes four of them within the longest lag.
        """
        return max(float(np.clip(2.5 / self.width, 0.15, 0.35)), 4 / self.lags[-1])

    @property
    def shifts(self) -> int:
        """Number of shifts, `-reach` to `reach`."""
        return 2 * self.reach + 1

    @property
    def ceiling_px_per_line(self) -> float:
        """Fastest trial velocity: its streak must still be seen on two lines."""
        return 0.85 * self.reach if self.narrow else self.reach - 3.0

    def displaced(self, shift: np.ndarray, blur_px: float) -> np.ndarray:
        """Where a maximum at `shift` is found in products smoothed before they are normalised.

        On the side of smaller shifts more columns overlap, and more is smoothed towards larger
        ones than back: a maximum moves outwards by the variance of the smoothing over the
        overlap.
        """
        if blur_px == 0:
            return shift
        outwards = blur_px**2 / np.maximum(self.width - np.abs(shift), 1)
        out: np.ndarray = shift + outwards * special.erf(shift / (np.sqrt(2) * blur_px))
        return out

    @property
    def spans(self) -> tuple[int, ...]:
        """Longest lag of each span over which flow is tried as steady, shortest span first.

        Within a window of many lines a beating heart changes the velocity so much that a pattern
        only keeps step for a few of them.
        """
        longest = self.lags[-1]
        shorter = {
            lag for part in (27, 9, 3) if (lag := round(longest / part)) >= SHORTEST_SPAN_LINES
        }
        return (*sorted(shorter), longest)

    @property
    def lag_array(self) -> np.ndarray:
        """The lags as floating-point numbers."""
        return np.array(self.lags, dtype=np.float64)

    @property
    def lag_weight(self) -> np.ndarray:
        """Weight of a lag for the lags left out beside it, between none and proportional."""
        weight: np.ndarray = np.sqrt(np.gradient(self.lag_array))
        return weight


@dataclass(frozen=True, eq=False)
class RayTable:
    """Sums of the correlation along rays through lag and shift, one ray a trial velocity.

    Attributes
    ----------
    velocity : ndarray, shape (v,)
        Trial velocities, px/line, ascending.
    bands : tuple of scipy.sparse.csr_matrix, each of shape (v, lags * shifts)
        Interpolation and overlap weights of the lags that a span has beyond the next shorter one;
        products with flattened correlations are sums along that part of the rays.
    weight : ndarray, shape (spans, v)
        Sum of the weights of each ray, within each of `Sampling.spans`.
    noise_sd : ndarray, shape (spans, v)
        Standard deviation of a ray sum of white noise of unit variance.
    """

    velocity: np.ndarray
    bands: tuple[sparse.csr_matrix, ...]
    weight: np.ndarray
    noise_sd: np.ndarray

    def sums(self, rho: np.ndarray) -> np.ndarray:
        """Ray sums of each window within each span, shape (spans, windows, v).

        Parameters
        ----------
        rho : ndarray of float32, shape (windows, lags, shifts)
        """
        flat = np.ascontiguousarray(rho.reshape(len(rho), -1).T)
        out = np.empty((len(self.bands), len(rho), self.velocity.size), np.float32)
        for number, band in enumerate(self.bands):
            out[number] = (band @ flat).T
            if number:
                out[number] += out[number - 1]
        return out


def _trial_velocities(sampling: Sampling) -> np.ndarray:
    """Steps of a fixed fraction of a pixel at the longest lag that a velocity can be seen on."""
    longest = sampling.lags[-1]
    fraction = 0.5 if sampling.narrow else 1.0
    grid = [0.0]
    while grid[-1] < sampling.ceiling_px_per_line:
        seen = float(np.clip(sampling.reach / max(grid[-1], 1e-9), 1.0, longest))
        grid.append(grid[-1] + fraction / (seen if sampling.narrow else np.floor(seen)))
    half = np.array(grid)
    return np.concatenate([-half[:0:-1], half])


def smoothed_noise(blur_px: float) -> float:
    """Standard deviation that smoothing along shift leaves of white noise of unit variance."""
    return min(1.0, float(np.sqrt(0.5 / (np.sqrt(np.pi) * max(blur_px, 1e-9)))))


@dataclass(frozen=True)
class _Crossings:
    """Where rays are sampled: one entry a sample, between two entries of the correlation.

    Attributes
    ----------
    row : ndarray of int
        Trial velocity.
    lag : ndarray
        In lines.
    strength : ndarray
        Weight.
    overlap : ndarray
        Share of the pixels of a window that have a partner.
    ends : tuple of two (lag index, shift, share)
        Entries of the correlation, the shift of a flow towards larger columns.
    """

    row: np.ndarray
    lag: np.ndarray
    strength: np.ndarray
    overlap: np.ndarray
    ends: tuple[tuple[np.ndarray, np.ndarray, np.ndarray], ...]


def _crossing_lines(
    sampling: Sampling, rows: np.ndarray, speed: np.ndarray, blur_px: float
) -> _Crossings:
    """Rays sampled at whole lags, interpolated along space."""
    lags = sampling.lag_array
    seen = (lags > 0) & (speed[rows, None] * lags <= sampling.reach - 1e-6)
    row, index = np.nonzero(seen)
    row, lag = rows[row], lags[index]
    shift = sampling.displaced(speed[row] * lag, blur_px)
    below = np.floor(shift).astype(int)
    part = shift - below
    above = np.minimum(below + 1, sampling.reach)
    overlap = (1 - lag / sampling.window) * (1 - shift / sampling.width)
    strength = overlap * sampling.lag_weight[index]
    return _Crossings(row, lag, strength, overlap, ((index, below, 1 - part), (index, above, part)))


def _crossing_columns(sampling: Sampling, rows: np.ndarray, speed: np.ndarray) -> _Crossings:
    """Rays sampled at whole shifts, interpolated along time."""
    shifts = np.arange(1, sampling.reach + 1)
    lags = shifts / speed[rows, None]
    row, index = np.nonzero(lags <= sampling.lags[-1] - 1)
    lag, shift = lags[row, index], shifts[index]
    row = rows[row]
    below = np.floor(lag).astype(int)
    part = lag - below
    overlap = (1 - lag / sampling.window) * (1 - shift / sampling.width)
    return _Crossings(
        row,
        lag,
        overlap / speed[row],
        overlap,
        ((below, shift, 1 - part), (below + 1, shift, part)),
    )


@lru_cache(maxsize=8)
def ray_table(sampling: Sampling, resolved_px_per_line: float, blur_px: float = 0.0) -> RayTable:
    """The rays of all trial velocities.

    Parameters
    ----------
    sampling : Sampling
    resolved_px_per_line : float
        Fastest speed at which a cell is seen on at least two lines at a fixed column. Up to it, a
        ray of a narrow line is sampled where it crosses columns (*transit*: a whole number of
        pixels, interpolated along time); else where it crosses lines (*shift*: a whole number of
        lines, interpolated along space). Each way the axis that is interpolated is the well
        sampled one.
    blur_px : float
        Smoothing that the products have had, see `Sampling.displaced`.
    """
    velocity = _trial_velocities(sampling)
    speed = np.abs(velocity)
    transit = (speed > 1.0) & (speed <= resolved_px_per_line) & sampling.narrow
    parts = [_crossing_lines(sampling, np.nonzero(~transit)[0], speed, blur_px)]
    if transit.any():
        parts.append(_crossing_columns(sampling, np.nonzero(transit)[0], speed))
    row, lag, strength, overlap = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("row", "lag", "strength", "overlap")
    )
    spans = np.array(sampling.spans)
    band = np.searchsorted(spans, lag)
    weight, spread = np.zeros((2, spans.size, velocity.size))
    np.add.at(weight, (band, row), strength)
    np.add.at(spread, (band, row), strength**2 / overlap)
    sign = np.where(velocity[row] < 0, -1, 1)
    rows, columns, values, bands = [], [], [], []
    for end in range(2):
        lag_index, shift, share = (
            np.concatenate([part.ends[end][i] for part in parts]) for i in range(3)
        )
        rows.append(row)
        columns.append(lag_index * sampling.shifts + sign * shift + sampling.reach)
        values.append(strength * share)
        bands.append(band)
    where = np.concatenate(rows), np.concatenate(columns)
    value, of_band = np.concatenate(values), np.concatenate(bands)
    matrices = []
    for band_number in range(spans.size):
        chosen = of_band == band_number
        matrices.append(
            sparse.csr_matrix(
                (value[chosen], (where[0][chosen], where[1][chosen])),
                shape=(velocity.size, len(sampling.lags) * sampling.shifts),
                dtype=np.float32,
            )
        )
    weight, spread = np.cumsum(weight, axis=0), np.cumsum(spread, axis=0)
    noise_sd = np.sqrt(np.maximum(spread, 1e-6) / (sampling.width * sampling.window))
    noise_sd *= smoothed_noise(blur_px)
    return RayTable(velocity, tuple(matrices), np.maximum(weight, 1e-6), noise_sd)
