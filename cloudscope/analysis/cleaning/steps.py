"""The steps of cleaning a series: what is an outlier, a median, and what is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "filled_in",
    "outliers_of_neighbours",
    "outliers_of_record",
    "running_median",
    "samples_in",
]

_SD_OF_MAD = 1.4826
"""Standard deviation of normal noise over its median absolute deviation."""
_ROUNDING = 1e-9
"""Differences of this share of the values are rounding, and no outlier."""
_CELLS_AT_ONCE = 2_000_000
_LEAST_BRIDGES = 8


def samples_in(duration_s: float, step_s: float) -> int:
    """The odd number of samples nearest to a duration; 1 leaves a series as it is.

    Examples
    --------
    >>> samples_in(0.3, 0.016), samples_in(0.048, 0.016), samples_in(0.01, 0.016)
    (19, 3, 1)
    """
    if not (step_s > 0 and duration_s > 0):
        return 1
    return 2 * round(min(0.5 * (duration_s / step_s - 1.0), 1e9)) + 1 if duration_s > step_s else 1


def _neighbours(
    values: NDArray[np.float64], width: int, first: int, stop: int
) -> NDArray[np.float64]:
    """Rows of the `width` samples around each of [first, stop); NaN beyond the ends."""
    half = width // 2
    at = np.arange(first, stop)[:, None] + np.arange(-half, half + 1)
    inside = (at >= 0) & (at < values.size)
    return np.where(inside, values[np.clip(at, 0, values.size - 1)], np.nan)


def _median_and_spread(
    values: NDArray[np.float64], width: int, *, with_spread: bool
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Median of the known samples around each, and the median distance from it."""
    width = min(width, 2 * values.size + 1)
    middle, spread = np.full(values.size, np.nan), np.full(values.size, np.nan)
    rows = max(1, _CELLS_AT_ONCE // width)
    for first in range(0, values.size, rows):
        stop = min(first + rows, values.size)
        near = _neighbours(values, width, first, stop)
        some = np.isfinite(near).any(axis=1)
        if not some.any():
            continue
        at = np.flatnonzero(some) + first
        middle[at] = np.nanmedian(near[some], axis=1)
        if with_spread:
            spread[at] = np.nanmedian(np.abs(near[some] - middle[at, None]), axis=1)
    return middle, spread


def running_median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Median of the known samples among `width` around each; unknown ones stay unknown.

    Examples
    --------
    >>> running_median(np.array([1.0, 9.0, 2.0, np.nan, 3.0]), 3)
    array([5. , 2. , 5.5, nan, 3. ])
    """
    if width < 3 or not values.size:
        return values
    middle, _ = _median_and_spread(values, width, with_spread=False)
    return np.where(np.isfinite(values), middle, np.nan)


def outliers_of_neighbours(
    values: NDArray[np.float64],
    sd: NDArray[np.float64],
    width: int,
    limit: float,
    *,
    by_spread: bool,
) -> NDArray[np.bool_]:
    """Samples far from the median of their neighbours (Hampel's rule).

    Far is more than `limit` standard deviations: of the neighbours, from their median absolute
    deviation, if `by_spread`, and never less than the sample's own.

    Parameters
    ----------
    values, sd : ndarray, shape (n,)
        NaN where not known.
    width : int
        Odd.
    limit : float
    by_spread : bool
    """
    middle, spread = _median_and_spread(values, width, with_spread=by_spread)
    own = np.where(np.isfinite(sd), sd, 0.0)
    scale = np.maximum(_SD_OF_MAD * np.nan_to_num(spread), own) if by_spread else own
    allowed = limit * scale + _ROUNDING * np.abs(middle)
    known = np.isfinite(values) & np.isfinite(middle)
    if not by_spread:
        known &= np.isfinite(sd)
    far: NDArray[np.bool_] = np.zeros(values.size, bool)
    far[known] = np.abs(values[known] - middle[known]) > allowed[known]
    return far


def outliers_of_record(values: NDArray[np.float64], limit: float) -> NDArray[np.bool_]:
    """Samples more than `limit` standard deviations from the mean of the recording."""
    known = np.isfinite(values)
    far: NDArray[np.bool_] = np.zeros(values.size, bool)
    if known.sum() < 2:
        return far
    size = float(np.abs(values[known]).max()) or 1.0
    scaled = values[known] / size
    mean, sd = float(scaled.mean()), float(scaled.std(ddof=1))
    far[known] = np.abs(scaled - mean) > limit * sd + _ROUNDING
    return far


def filled_in(
    time_s: NDArray[np.float64],
    values: NDArray[np.float64],
    sd: NDArray[np.float64],
    longest_s: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """A straight line across gaps of at most `longest_s` between two known samples.

    The standard deviation of what is filled in is that of the line through its two ends, and how
    far from such a line the samples of this very series are where they are known.

    Parameters
    ----------
    time_s : ndarray, shape (n,)
        Rising.
    values, sd : ndarray, shape (n,)
    longest_s : float
        From the last known sample to the next.

    Returns
    -------
    values, sd : ndarray, shape (n,)
    filled : ndarray of bool, shape (n,)
    """
    values, sd = values.copy(), sd.copy()
    known = np.flatnonzero(np.isfinite(values))
    filled = np.zeros(values.size, bool)
    bends: dict[int, float] = {}
    for left, right in zip(known[:-1].tolist(), known[1:].tolist(), strict=True):
        if right - left < 2 or time_s[right] - time_s[left] > longest_s * (1 + 1e-9):
            continue
        at = np.arange(left + 1, right)
        part = (time_s[at] - time_s[left]) / (time_s[right] - time_s[left])
        if right - left not in bends:
            bends[right - left] = _bend(values, filled, right - left)
        # Halfway between its ends a path strays most: 4 part (1 - part) is 1 there, 0 at both.
        bend = bends[right - left]
        if not np.isfinite(bend):
            bend = 0.5 * abs(float(values[right] - values[left]))
        strays = bend**2 * 4.0 * part * (1.0 - part)
        values[at] = (1.0 - part) * values[left] + part * values[right]
        ends = ((1.0 - part) * sd[left]) ** 2 + (part * sd[right]) ** 2
        sd[at] = np.sqrt(ends + strays)
        filled[at] = True
    return values, sd, filled


def _bend(values: NDArray[np.float64], filled: NDArray[np.bool_], span: int) -> float:
    """How far a sample is from the middle of those `span` apart around it; NaN if unknown."""
    half = max(1, span // 2)
    if values.size < 2 * half + 1:
        return float("nan")
    real = np.where(filled, np.nan, values)
    away = real[half:-half] - 0.5 * (real[: -2 * half] + real[2 * half :])
    away = away[np.isfinite(away)]
    if away.size < _LEAST_BRIDGES:
        return float("nan")
    return _SD_OF_MAD * float(np.median(np.abs(away)))
