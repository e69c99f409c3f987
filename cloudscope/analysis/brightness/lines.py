"""The lines of a recording as one number each, read in parts, and which of them can be trusted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.detector_full import full_level
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LineMeans", "read_lines"]

BLOCK_PIXELS = 1 << 18
"""Pixels read at once; no number depends on it."""

_LARGEST = 1e100
"""Beyond it sums of squares overflow; no detector gives such numbers."""

_FULL_SHARE = 0.05
"""Share of full pixels from which a line counts as saturated."""


@dataclass(frozen=True, eq=False)
class LineMeans:
    """Mean of every line and what is known of its pixels; arrays of shape (lines,).

    Attributes
    ----------
    mean : ndarray of float64
        NaN on lines with a pixel that is no finite number.
    full_share : ndarray of float64
        Share of the pixels at or above `saturation_level`.
    saturation_level : float or None
        Where the detector is full; ``None`` if no pixel tells.
    pixels : int
    """

    mean: NDArray[np.float64]
    full_share: NDArray[np.float64]
    saturation_level: float | None
    pixels: int

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Lines all of whose pixels are finite numbers."""
        return np.isfinite(self.mean)

    @property
    def saturated(self) -> NDArray[np.bool_]:
        """Lines of which too many pixels are full for their mean to be right."""
        return self.full_share > _FULL_SHARE


def read_lines(
    kymograph: Any,
    *,
    least_lines: int,
    saturation_level: float | None,
    checkpoint: Callable[[float], None],
) -> LineMeans:
    """Read the recording once, part by part.

    Parameters
    ----------
    kymograph : array_like, shape (lines, pixels)
    least_lines : int
        Fewest lines allowed.
    saturation_level : float or None
        Where the detector is full; ``None`` finds it from integers or from numbers that pile up.
    checkpoint : callable
        Called with the finished share.

    Raises
    ------
    ParameterError
        If it is no two-dimensional array of real numbers with enough lines.
    """
    array = _checked(kymograph, least_lines)
    lines, pixels = array.shape
    mean, full = np.empty(lines), np.zeros(lines)
    largest = np.empty(lines)
    step = max(1, BLOCK_PIXELS // pixels)
    for start in range(0, lines, step):
        part = slice(start, min(start + step, lines))
        # In order of rows whatever the order in memory, so that every sum is the same.
        block = np.array(array[part], dtype=np.float64, order="C")
        known = (np.abs(block) <= _LARGEST).all(axis=1)
        block[~known] = 0.0
        mean[part] = np.where(known, block.sum(axis=1) / pixels, np.nan)
        top = block.max(axis=1) if saturation_level is None else np.full(len(block), np.nan)
        limit = top[:, None] if saturation_level is None else saturation_level
        full[part] = np.where(known, (block >= limit).sum(axis=1), 0)
        largest[part] = np.where(known, top, -np.inf)
        checkpoint(part.stop / lines)
    level = saturation_level
    if level is None:
        level = full_level(largest, full, array.dtype)
        full = full * (largest == level) if level is not None else np.zeros(lines)
    return LineMeans(mean, full / pixels, level, pixels)


def _checked(kymograph: Any, least_lines: int) -> np.ndarray:
    try:
        array: np.ndarray = np.asanyarray(kymograph)
    except ValueError as error:
        raise ParameterError(
            f"kymograph is no array ({error}): give one of numbers, (lines, pixels)"
        ) from error
    if array.ndim != 2 or array.dtype.kind not in "biuf" or array.shape[1] == 0:
        raise ParameterError(
            f"kymograph has shape {array.shape} and type {array.dtype}: "
            "give a two-dimensional array of numbers, (lines, pixels)"
        )
    if array.shape[0] < least_lines:
        raise ParameterError(
            f"kymograph has {array.shape[0]} lines: intensity needs at least {least_lines}"
        )
    return array
