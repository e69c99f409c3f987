"""Fewer points, the same picture: the lowest and highest sample of every screen column."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["band_per_column", "extremes_per_column", "visible"]


def visible(time_s: ArrayLike, start_s: float, stop_s: float) -> slice:
    """The samples of a sorted axis from `start_s` to `stop_s`, and one more on either side.

    The two neighbours let the line run out of the picture instead of ending inside it.

    Parameters
    ----------
    time_s : (n,) array
        Times in s, never falling.
    start_s, stop_s : float
        What is visible, in s.

    Examples
    --------
    >>> visible([0.0, 1.0, 2.0, 3.0, 4.0], 1.5, 2.5)
    slice(1, 4, None)
    """
    times = np.asarray(time_s, dtype=float)
    first = int(np.searchsorted(times, start_s, side="left"))
    last = int(np.searchsorted(times, stop_s, side="right"))
    return slice(max(first - 1, 0), min(last + 1, times.size))


def _column_starts(times: NDArray[np.float64], columns: int) -> NDArray[np.intp]:
    """Index of the first sample of each column that has any."""
    span = times[-1] - times[0]
    place = np.minimum((times - times[0]) * (columns / span), columns - 1).astype(np.intp)
    return np.flatnonzero(np.diff(place, prepend=-1))


def extremes_per_column(
    time_s: ArrayLike, values: ArrayLike, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The samples at the minimum and maximum of each of `columns` equal stretches of time.

    Every value returned is one of the samples, at its own time, so no spike and no extreme is
    lost, and a line through them covers the same pixels as a line through all samples. A stretch
    without any finite value gives one NaN, which breaks the line.

    Parameters
    ----------
    time_s : (n,) array
        Times in s, never falling.
    values : (n,) array
        NaN where there is none.
    columns : int
        Number of stretches, for example the width of the plot in screen pixels.

    Returns
    -------
    time_s, values : (m,) float64 arrays
        At most ``2 * columns`` samples in order of time (one where a stretch is flat); all of
        them if there are no more.

    Raises
    ------
    ValueError
        If the arrays differ in length or `columns` is less than 1.

    Examples
    --------
    >>> times, values = np.arange(1000.0), np.zeros(1000)
    >>> values[617] = 9.0  # a spike one sample wide
    >>> t, v = extremes_per_column(times, values, 10)
    >>> len(v), float(v.max()), float(t[v.argmax()])
    (11, 9.0, 617.0)
    """
    times, samples = np.asarray(time_s, dtype=float), np.asarray(values, dtype=float)
    if times.shape != samples.shape or times.ndim != 1:
        raise ValueError(
            f"times {times.shape} and values {samples.shape} must be of one length and flat"
        )
    if columns < 1:
        raise ValueError(f"columns={columns} must be 1 or more")
    if times.size <= 2 * columns or times[0] == times[-1]:
        return times, samples
    starts = _column_starts(times, columns)
    lengths = np.diff(starts, append=times.size)
    # fmin and fmax pass over NaN and give it only where a column holds nothing else.
    lowest = np.repeat(np.fmin.reduceat(samples, starts), lengths)
    highest = np.repeat(np.fmax.reduceat(samples, starts), lengths)
    column = np.repeat(np.arange(starts.size), lengths)
    empty = np.isnan(lowest)

    def first_of_each(matches: NDArray[np.bool_]) -> NDArray[np.intp]:
        found: NDArray[np.intp] = np.flatnonzero(matches)
        first: NDArray[np.intp] = found[np.diff(column[found], prepend=-1) != 0]
        return first

    keep = np.union1d(
        first_of_each((samples == lowest) | empty), first_of_each((samples == highest) | empty)
    )
    return times[keep], samples[keep]


def band_per_column(
    time_s: ArrayLike, low: ArrayLike, high: ArrayLike, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The lowest `low` and highest `high` of each stretch of time, at the stretch's middle sample.

    Parameters
    ----------
    time_s, low, high : (n,) arrays
        Times in s, never falling; edges of a band, NaN where there is none.
    columns : int

    Returns
    -------
    time_s, low, high : (m,) float64 arrays
        At most ``columns`` samples; all of them if there are no more.

    Examples
    --------
    >>> times = np.arange(6.0)
    >>> t, low, high = band_per_column(times, times - 1, times + 1, 2)
    >>> low.tolist(), high.tolist()
    ([-1.0, 2.0], [3.0, 6.0])
    """
    times = np.asarray(time_s, dtype=float)
    lower, upper = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    if not times.shape == lower.shape == upper.shape:
        raise ValueError("times and both edges of a band must be of one length")
    if times.size <= columns or times[0] == times[-1]:
        return times, lower, upper
    starts = _column_starts(times, columns)
    middle = starts + np.diff(starts, append=times.size) // 2
    return times[middle], np.fmin.reduceat(lower, starts), np.fmax.reduceat(upper, starts)
