"""Shapes of a distribution: density, boxes, bins, cumulative share. All of plain numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["BoxNumbers", "bin_edges", "box_numbers", "cumulative_share", "density"]

_MOST_BINS = 60


@dataclass(frozen=True, slots=True)
class BoxNumbers:
    """What a box shows: quartiles, and whiskers to the last value within 1.5 boxes of the box."""

    q25: float
    median: float
    q75: float
    low: float
    high: float


def box_numbers(values: ArrayLike) -> BoxNumbers:
    """The numbers of Tukey's box.

    Parameters
    ----------
    values : (n,) array
        Finite, at least one.

    Examples
    --------
    >>> box_numbers([1.0, 2.0, 3.0, 4.0, 50.0])
    BoxNumbers(q25=2.0, median=3.0, q75=4.0, low=1.0, high=4.0)
    """
    numbers = np.asarray(values, dtype=float)
    q25, median, q75 = (float(q) for q in np.percentile(numbers, (25, 50, 75)))
    reach = 1.5 * (q75 - q25)
    inside = numbers[(numbers >= q25 - reach) & (numbers <= q75 + reach)]
    return BoxNumbers(q25, median, q75, float(inside.min()), float(inside.max()))


def density(values: ArrayLike, points: int = 96) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Kernel density of a sample, cut off at its smallest and largest value.

    Gaussian, with Silverman's bandwidth. Nothing is drawn where nothing was measured.

    Parameters
    ----------
    values : (n,) array
        Finite.
    points : int

    Returns
    -------
    at, density : (points,) float64 arrays
        Empty where all values are alike, or fewer than three.

    Examples
    --------
    >>> at, share = density([1.0, 2.0, 2.0, 3.0])
    >>> float(at[0]), float(at[-1]), float(at[share.argmax()].round(1))
    (1.0, 3.0, 2.0)
    """
    numbers = np.sort(np.asarray(values, dtype=float))
    if numbers.size < 3 or numbers[0] == numbers[-1]:
        return np.empty(0), np.empty(0)
    q25, q75 = np.percentile(numbers, (25, 75))
    spread = min(numbers.std(ddof=1), (q75 - q25) / 1.349) or numbers.std(ddof=1)
    width = 0.9 * spread * numbers.size**-0.2
    at = np.linspace(numbers[0], numbers[-1], points)
    if numbers.size > 4000:  # weights of fine bins: the curve is the same to a part in a thousand
        weights, edges = np.histogram(numbers, 2000)
        numbers = 0.5 * (edges[1:] + edges[:-1])
    else:
        weights = np.ones(numbers.size)
    kernel = np.exp(-0.5 * ((at[:, None] - numbers) / width) ** 2)
    share = kernel @ weights / (weights.sum() * width * np.sqrt(2 * np.pi))
    return at, share


def bin_edges(values: ArrayLike) -> NDArray[np.float64]:
    """Edges of bins that all groups share, by the rule of Freedman and Diaconis.

    Parameters
    ----------
    values : (n,) array
        Finite, of all groups together.

    Examples
    --------
    >>> bin_edges([0.0, 1.0, 2.0, 3.0]).size > 2
    True
    """
    numbers = np.asarray(values, dtype=float)
    if not numbers.size:
        return np.array([0.0, 1.0])
    low, high = float(numbers.min()), float(numbers.max())
    if low == high:
        half = abs(low) * 0.05 or 0.5
        return np.array([low - half, low + half])
    q25, q75 = np.percentile(numbers, (25, 75))
    width = 2 * (q75 - q25) * numbers.size ** (-1 / 3)
    count = int(np.ceil((high - low) / width)) if width > 0 else 10
    return np.linspace(low, high, min(max(count, 5), _MOST_BINS) + 1)


def cumulative_share(values: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Corners of the empirical distribution function: the share of values up to each.

    Examples
    --------
    >>> cumulative_share([2.0, 1.0])
    (array([1., 1., 2., 2.]), array([0. , 0.5, 0.5, 1. ]))
    """
    numbers = np.sort(np.asarray(values, dtype=float))
    after = np.arange(1, numbers.size + 1) / max(numbers.size, 1)
    return np.repeat(numbers, 2), np.stack([np.append(0.0, after[:-1]), after], 1).ravel()
