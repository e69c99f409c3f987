"""The lines of a recording as the fit wants them: averaged, bright lumen, one scale, in parts."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.detector_full import full_level
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Lines"]

_FARTHEST = 1e15
_SAMPLE_LINES = 512


class Lines:
    """Averages of consecutive lines of a kymograph, read part by part.

    The recording is never copied as a whole. Brightness is shifted and scaled to about 0 … 1 with
    the lumen bright, so that the rest need not care for data types, offsets or polarity.

    Parameters
    ----------
    kymograph : array_like, shape (lines, pixels)
    average_lines : int
        Lines averaged into one; a rest at the end that does not fill an average is left out.
    dark : bool
        The lumen is darker than the tissue.

    Attributes
    ----------
    count, pixels : int
        Averages of lines, and columns.
    saturated_share : float
        Share of the pixels (of lines spread over the recording) at the largest number.
    full_level : float or None
        Number at which the detector is full, if it is anywhere on those lines.

    Raises
    ------
    ParameterError
        If the array is not two-dimensional and numeric or has fewer lines than one average.
    """

    def __init__(self, kymograph: Any, *, average_lines: int, dark: bool) -> None:
        try:
            array = np.asarray(kymograph)
        except ValueError as error:
            raise ParameterError(
                f"kymograph is no array ({error}): give one of numbers, (lines, pixels)"
            ) from error
        if array.ndim != 2 or array.dtype.kind not in "biuf":
            raise ParameterError(
                f"kymograph has shape {array.shape} and type {array.dtype}: "
                "give a two-dimensional array of numbers, (lines, pixels)"
            )
        if array.shape[0] < average_lines:
            raise ParameterError(
                f"kymograph has {array.shape[0]} lines, fewer than average_lines={average_lines}: "
                "give more lines or average fewer"
            )
        self._array = array
        self.average_lines = average_lines
        self.count, self.pixels = array.shape[0] // average_lines, int(array.shape[1])
        pick = np.unique(np.linspace(0, array.shape[0] - 1, _SAMPLE_LINES).astype(int))
        picked = array[pick].astype(np.float64)
        picked = np.where(np.isfinite(picked), picked, -np.inf)
        largest = picked.max(axis=1, initial=-np.inf)
        at_largest = (picked == largest[:, None]).sum(axis=1)
        self.full_level = full_level(largest, at_largest, array.dtype) if pick.size else None
        sample = picked[np.isfinite(picked)]
        low, middle, high = np.percentile(sample, (1, 50, 99)) if sample.size else (0.0, 0.0, 0.0)
        spread = float(high - low) or (float(np.ptp(sample)) if sample.size else 0.0) or 1.0
        self._offset, self._factor = float(middle), (-1.0 if dark else 1.0) / spread
        # A detector that is full gives its largest number again and again; noise does not.
        top = sample.max() if sample.size and low < high else np.nan
        self.saturated_share = float(np.mean(sample == top)) if sample.size else 0.0
        self._tilt = np.zeros(self.pixels, np.float32)

    def scaled(self, level: float) -> float:
        """A brightness of the recording on the scale of the lines."""
        return float(np.clip((level - self._offset) * self._factor, -1e9, 1e9))

    def full(
        self,
        start: int,
        stop: int,
        left_px: NDArray[np.float64],
        right_px: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Mean number of full pixels between two columns of each of the lines."""
        if self.full_level is None:
            return np.zeros(stop - start)
        each = self.average_lines
        raw = self._array[start * each : stop * each].reshape(stop - start, each, self.pixels)
        column = np.arange(self.pixels)
        near = (column >= left_px[:, None]) & (column <= right_px[:, None])
        count: NDArray[np.float64] = ((raw >= self.full_level) & near[:, None, :]).sum(axis=(1, 2))
        return count / each

    def levelled(self, tilt: float) -> Lines:
        """The same lines without a slope of `tilt` a column."""
        other = copy(self)
        column = np.arange(self.pixels) - 0.5 * (self.pixels - 1)
        other._tilt = self._tilt + (tilt * column).astype(np.float32)
        return other

    def read(self, start: int, stop: int) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Averages `start` to `stop`, and which of them hold finite numbers only.

        Returns
        -------
        values : ndarray of float32, shape (stop - start, pixels)
            Zero on lines that are not finite.
        finite : ndarray of bool, shape (stop - start,)
        """
        each = self.average_lines
        part = self._array[start * each : stop * each]
        raw: NDArray[np.float64] = np.array(part, dtype=np.float64, order="C")
        finite = np.asarray(np.isfinite(raw).all(axis=1))
        raw[~finite] = self._offset
        values = (raw - self._offset) * self._factor
        # So many times the contrast away that its square is no number: no light does that.
        finite &= (np.abs(values) < _FARTHEST).all(axis=1)
        values[~finite] = 0.0
        if each > 1:
            values = values.reshape(stop - start, each, self.pixels).mean(axis=1)
            finite = np.asarray(finite.reshape(stop - start, each).all(axis=1))
        level: NDArray[np.float32] = values.astype(np.float32)
        level -= self._tilt
        return level, finite

    def means(
        self, bounds: NDArray[np.intp]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        """Means between `bounds` of the finite lines.

        Returns
        -------
        means : ndarray of float32, shape (bounds - 1, pixels)
        known : ndarray of bool, shape (bounds - 1,)
            Where there was a finite line.
        finite : ndarray of bool, shape (lines between the first and last bound,)
        """
        values, finite = self.read(int(bounds[0]), int(bounds[-1]))
        inner = bounds[:-1] - bounds[0]
        counts = np.add.reduceat(finite.astype(np.int64), inner)
        sums = np.add.reduceat(values * finite[:, None], inner, axis=0, dtype=np.float64)
        means = (sums / np.maximum(counts, 1)[:, None]).astype(np.float32)
        return means, counts > 0, finite
