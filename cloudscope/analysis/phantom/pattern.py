"""What a recording looks like to whoever goes along with its cells: streaks, noise, still parts."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.fft import irfft, next_fast_len, rfft

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TrainPattern", "train_pattern"]

_PIXELS = 200_000
"""Pixels that are looked at; more would not make the figures surer."""

_STRETCHES = 8
_BLOCK_LINES = 4096
_BIN_PX = 0.5
_FARTHEST_PX = 200.0
"""Distances along the train that are looked at."""

_FADING_LAGS = 32
_HERE_PX = 1.0
"""Distance along the train within which two pixels see the same place."""

_TRUSTED_PX = 30.0
"""Way over which the velocity of a result tells where a cell is."""

_NOTHING_MOVES = (
    "kymograph shows nothing that moves as the result says: a phantom needs streaks; measure these "
    "lines anew, or choose others"
)

Checkpoint = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class TrainPattern:
    """Statistics of a recording in the company of its cells.

    Attributes
    ----------
    streak_sd, noise_sd : float
        Standard deviation of what moves with the cells, and of what is new in every pixel.
    half_width_px : float
        Shift along the train at which the streaks' correlation with themselves is one half.
    fading_per_line : float
        Rate at which streaks lose their likeness from line to line, about 0 if they are rigid.
    skewness : float
        Of the streaks: above 0 where bright gaps or cells are the rarer, below where dark ones are.
    still : ndarray of float64, shape (width,)
        Mean of each column.
    streak_share : ndarray of float64, shape (width,)
        Streaks of each column over `streak_sd`.
    trend : ndarray of float64, shape (lines,)
        Slow course of the brightness over its mean.
    """

    streak_sd: float
    noise_sd: float
    half_width_px: float
    fading_per_line: float
    skewness: float
    still: NDArray[np.float64]
    streak_share: NDArray[np.float64]
    trend: NDArray[np.float64]

    @property
    def snr(self) -> float:
        """Streaks over noise."""
        return self.streak_sd / self.noise_sd if self.noise_sd > 0 else float("inf")


def train_pattern(
    kymograph: NDArray[Any],
    velocity_px: NDArray[np.float64],
    checkpoint: Checkpoint,
    *,
    odd_lines_px: float = 0.0,
) -> TrainPattern:
    """Streaks, noise and still pattern of a recording whose velocity is about known.

    Two pixels of different lines have no noise in common; if the cells bring the same piece of
    the train to both, their covariance is that of the streaks. As a function of the distance
    along the train it shows how long cells are; at distance 0 it is the variance of the streaks,
    and what pixels vary beyond that is noise.

    Parameters
    ----------
    kymograph : ndarray, shape (lines, width)
    velocity_px : ndarray, shape (lines,)
        Velocity in pixels per line.
    checkpoint : callable
        Called with the finished share.
    odd_lines_px : float
        How far odd lines lie towards larger columns.

    Raises
    ------
    ParameterError
        If there is nothing that moves with the cells.
    """
    lines, width = kymograph.shape
    trend = _trend(kymograph)
    still = _still(kymograph, trend)
    way = np.concatenate([[0.0], np.cumsum(0.5 * (velocity_px[1:] + velocity_px[:-1]))])
    way += odd_lines_px * (np.arange(lines) % 2)
    length = int(np.clip(_PIXELS // (_STRETCHES * width), min(64, lines), lines))
    starts = np.unique(np.linspace(0, lines - length, _STRETCHES).astype(int))
    flats = [
        kymograph[start : start + length] / trend[start : start + length, None] - still
        for start in starts
    ]
    checkpoint(0.2)
    usual = _usual([float(np.mean(flat**2)) for flat in flats])
    variance = np.mean([np.mean(flats[n] ** 2, axis=0) for n in usual], axis=0)
    total = float(variance.mean())
    # Every column counts alike: those at dim ends of the line are in fewer pairs than pixels.
    column_sd = np.sqrt(np.maximum(variance, 1e-6 * total))
    found = []
    for n in usual:
        rows = slice(starts[n], starts[n] + length)
        found.append(_Stretch(flats[n] / column_sd, way[rows]))
        checkpoint(0.2 + 0.8 * len(found) / usual.size)
    second = float(np.mean([stretch.second for stretch in found]))
    third = float(np.mean([stretch.third for stretch in found]))
    one_line, later = (
        _mean(np.sum([stretch.by_distance[n] for stretch in found], axis=0)) for n in (0, 1)
    )
    # Pixels of one line also share its light; they count where cells move too far to be seen again.
    streaks, shared, half_width = _streaks(np.where(np.isfinite(later), later, one_line))
    if not streaks > 1e-6:
        raise ParameterError(_NOTHING_MOVES)
    noise = float(np.clip(1.0 - streaks - shared, 1e-3 * streaks, 1.0))
    share = np.sqrt(np.clip(variance / total - noise - shared, 0.04 * streaks, None))
    return TrainPattern(
        streak_sd=float(np.sqrt(streaks * total)),
        noise_sd=float(np.sqrt(noise * total)),
        half_width_px=half_width,
        fading_per_line=_fading(np.sum([stretch.by_lag for stretch in found], axis=0), shared),
        skewness=third / second**1.5 if second > 0.05 * streaks else 0.0,
        still=still,
        streak_share=share / np.sqrt(np.mean(share**2)),
        trend=trend,
    )


def _usual(levels: list[float]) -> NDArray[np.intp]:
    """Stretches as bright as most: one without flow, or with a light left on, is not typical.

    Raises
    ------
    ParameterError
        If nothing changes at all.
    """
    level = np.array(levels)
    middle = float(np.median(level))
    if not middle > 0:
        raise ParameterError(_NOTHING_MOVES)
    return np.flatnonzero((level > 0.5 * middle) & (level < 2.0 * middle))


def _trend(kymograph: NDArray[Any]) -> NDArray[np.float64]:
    """Slow course of the brightness, a parabola through the means of parts, about 1."""
    lines = kymograph.shape[0]
    parts = min(32, lines)
    edges = np.linspace(0, lines, parts + 1).astype(int)
    means = np.array([kymograph[a:b].mean(dtype=float) for a, b in itertools.pairwise(edges)])
    level = float(means.mean())
    if parts < 8 or not level > 0:
        return np.ones(lines)
    middle = 0.5 * (edges[:-1] + edges[1:] - 1)
    fit = np.polynomial.Polynomial.fit(middle, means / level, 2, domain=[0, lines])
    followed = np.maximum(fit(np.arange(lines)), 0.05)
    trend: NDArray[np.float64] = followed / followed.mean()
    return trend


def _still(kymograph: NDArray[Any], trend: NDArray[np.float64]) -> NDArray[np.float64]:
    lines, width = kymograph.shape
    total = np.zeros(width)
    for start in range(0, lines, _BLOCK_LINES):
        rows = slice(start, start + _BLOCK_LINES)
        total += np.sum(kymograph[rows] / trend[rows, None], axis=0)
    mean: NDArray[np.float64] = total / lines
    return mean


def _lags(way: NDArray[np.float64]) -> NDArray[np.intp]:
    """Lags in lines: dense where cells have hardly moved, sparse far on."""
    speed = float(np.mean(np.abs(np.diff(way)))) if way.size > 1 else 0.0
    last = min(way.size - 1, int(_FARTHEST_PX / max(speed, 1e-9)))
    dense = np.arange(min(last, 8) + 1)
    sparse = np.geomspace(8, max(last, 8), 10).astype(int)
    return np.unique(np.concatenate([dense, sparse]))


class _Stretch:
    """Sums over one stretch of lines, its still pattern and slow course taken off."""

    def __init__(self, flat: NDArray[np.float64], way: NDArray[np.float64]) -> None:
        # Products of neighbours have no noise in them, as that is new in every pixel.
        self.second = float(np.mean(flat[:, :-1] * flat[:, 1:]))
        self.third = float(np.mean(flat[:, :-2] * flat[:, 1:-1] * flat[:, 2:]))
        bins = int(_FARTHEST_PX / _BIN_PX)
        self.by_distance = np.zeros((2, 2, bins))
        """Sums of products and their numbers, within lines and between them, by distance."""
        self.by_lag = np.zeros((2, _FADING_LAGS + 1))
        """The same of pixels that see one place of the train, by lag."""
        self._add_products(flat, way)

    def _add_products(self, flat: NDArray[np.float64], way: NDArray[np.float64]) -> None:
        width = flat.shape[1]
        bins = self.by_distance.shape[2]
        size = next_fast_len(2 * width, real=True)
        lines = np.asarray(rfft(flat, size, axis=1))
        # Shifts of more than three quarters of a line have few pixels in common.
        reach = max(int(0.75 * width), 1)
        shift = np.arange(-reach, reach + 1)
        common = width - np.abs(shift)
        for lag in _lags(way):
            products = np.conj(lines[: lines.shape[0] - lag]) * lines[lag:]
            shifted = np.asarray(irfft(products, size, axis=1))[:, shift]
            moved = (way[lag:] - way[: way.size - lag])[:, None]
            distance = np.abs(shift - moved)
            # The velocity is known to some per cent: far on, its error is as long as a cell.
            used = (distance < _FARTHEST_PX) & (
                (np.abs(moved) < _TRUSTED_PX) | (distance > 0.15 * np.abs(moved))
            )
            if lag == 0:
                used &= shift != 0
            at = (distance[used] / _BIN_PX).astype(np.intp)
            value, number = shifted[used], np.broadcast_to(common, used.shape)[used]
            sums = self.by_distance[min(lag, 1)]
            sums[0] += np.bincount(at, value, bins)
            sums[1] += np.bincount(at, number, bins)
            if 0 < lag <= _FADING_LAGS:
                here = at * _BIN_PX < _HERE_PX
                self.by_lag[:, lag] += value[here].sum(), number[here].sum()


def _mean(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums over numbers; NaN where there are none."""
    mean: NDArray[np.float64] = np.full(sums.shape[1], np.nan)
    np.divide(sums[0], sums[1], out=mean, where=sums[1] > 0)
    return mean


def _fading(sums: NDArray[np.float64], shared: float) -> float:
    """Rate at which the covariance at one place of the train falls from line to line."""
    left = _mean(sums) - shared
    known = np.flatnonzero(np.isfinite(left) & (sums[1] > 0.02 * sums[1].max()))
    known = known[left[known] > 0.05 * np.nanmax(left[known], initial=0.0)]
    if known.size < 2:
        return 0.0
    slope = np.polynomial.Polynomial.fit(
        known, np.log(left[known]), 1, w=np.sqrt(sums[1, known])
    ).deriv()(0.0)
    return float(-slope)


def _streaks(covariance: NDArray[np.float64]) -> tuple[float, float, float]:
    """Variance at distance 0, what of it is shared by all distances, and the half width."""
    distance = (np.arange(covariance.size) + 0.5) * _BIN_PX
    known = np.flatnonzero(np.isfinite(covariance))
    if known.size < 4:
        return 0.0, 0.0, float("nan")
    far = known[known.size // 2 :]
    # What even distant cells have in common is the light, not the cells.
    shared = max(float(np.median(covariance[far])), 0.0)
    moving = covariance - shared
    top, half = float(moving[known[0]]), float("nan")
    # The parabola about 0 needs the half width to know how far it may go, and the other way round.
    for _ in range(3):
        below = known[moving[known] < 0.5 * top]
        if below.size == 0 or below[0] == known[0]:
            half = float(distance[known[-1] if below.size == 0 else known[0]])
        else:
            last, first = known[np.searchsorted(known, below[0]) - 1], below[0]
            fall = moving[last] - moving[first]
            part = (moving[last] - 0.5 * top) / fall if fall > 0 else 0.5
            half = float(distance[last] + part * (distance[first] - distance[last]))
        near = known[distance[known] < max(0.6 * half, 3.1 * _BIN_PX)]
        if near.size < 3:
            break
        top = float(np.polynomial.Polynomial.fit(distance[near] ** 2, moving[near], 1)(0.0))
    return top, shared, half
