"""Traces of different rates and clocks on one grid of time, gaps kept as gaps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.samples import Samples

__all__ = ["Course", "common_grid", "course_of"]

_LONGEST_STEP = 1.5
"""Samples further apart than this many usual steps have a gap between them."""

_LEAST_COVER = 0.5
"""Share of a cell of the grid that must be covered by samples."""

_FINER = 0.75
"""Samples closer than this share of the grid's step are averaged over its cells."""

_SAME = 1e-6
"""Times closer than this share of a step are the same."""

_LARGEST = 1e100
"""Beyond it sums of squares overflow; nothing that is measured is that large."""


@dataclass(frozen=True, eq=False)
class Course:
    """The usable samples of a trace, in the order of time, on the clock of the recording.

    Attributes
    ----------
    time_s, value : ndarray of float64, shape (n,)
        At least two, times ascending.
    step_s : float
        Usual time from a sample to the next.
    """

    time_s: NDArray[np.float64]
    value: NDArray[np.float64]
    step_s: float

    def sampled(self, at_s: NDArray[np.float64], width_s: float) -> NDArray[np.float64]:
        """The course at times `at_s`, of any shape: means over `width_s` where samples are finer.

        A course as coarse as the grid is read off, between its samples along a straight line, so
        that samples which lie on the grid are taken as they are. NaN in gaps.
        """
        if self.step_s < _FINER * width_s:
            return self._mean_over(at_s - 0.5 * width_s, width_s)
        return self._read_off(at_s)

    def _read_off(self, at: NDArray[np.float64]) -> NDArray[np.float64]:
        time, value = self.time_s, self.value
        after = np.clip(np.searchsorted(time, at, side="left"), 1, time.size - 1)
        before = after - 1
        length = time[after] - time[before]
        share = (at - time[before]) / length
        read = value[before] + share * (value[after] - value[before])
        near = _SAME * self.step_s / length
        inside = (length <= _LONGEST_STEP * self.step_s) & (share >= -near) & (share <= 1 + near)
        read = np.where(inside, read, np.nan)
        # A sample that stands alone between two gaps is known where it is.
        for k, here in ((before, np.abs(share) <= near), (after, np.abs(share - 1) <= near)):
            read = np.where(here, value[k], read)
        return read

    def _mean_over(self, start_s: NDArray[np.float64], width_s: float) -> NDArray[np.float64]:
        """Mean over intervals of one width, NaN where less than half of one is covered.

        Between neighbours the course is a straight line, so that the mean belongs to the middle
        of the interval whatever the steps are, and nothing faster than the interval is folded
        down. Across a gap there is no course.

        Parameters
        ----------
        start_s : ndarray
            Any shape.
        width_s : float
        """
        stop_area, stop_cover = self._integral(start_s + width_s)
        start_area, start_cover = self._integral(start_s)
        cover = stop_cover - start_cover
        enough = cover >= _LEAST_COVER * width_s * (1.0 - 1e-9)
        mean = (stop_area - start_area) / np.where(enough, cover, 1.0)
        return np.where(enough, mean, np.nan)

    @cached_property
    def _pieces(self) -> tuple[NDArray[np.float64], ...]:
        """Of each piece between neighbours: whether it has a course, slope, area, time before."""
        value, length = self.value, np.diff(self.time_s)
        whole = (length <= _LONGEST_STEP * self.step_s).astype(np.float64)
        slope = whole * np.diff(value) / length
        area = np.cumsum(whole * 0.5 * (value[1:] + value[:-1]) * length)
        cover = np.cumsum(whole * length)
        return whole, slope, np.concatenate([[0.0], area]), np.concatenate([[0.0], cover])

    def _integral(self, at: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
        """Area below the course, and time covered by it, up to each of `at`."""
        time, value = self.time_s, self.value
        whole, slope, area, cover = self._pieces
        inside = np.clip(at, time[0], time[-1])
        k = np.clip(np.searchsorted(time, inside, side="right") - 1, 0, time.size - 2)
        into = inside - time[k]
        part = whole[k] * (value[k] + 0.5 * slope[k] * into) * into
        return area[k] + part, cover[k] + whole[k] * into


def course_of(samples: Samples, role: str) -> Course:
    """The usable samples, in the order of time.

    Parameters
    ----------
    samples : Samples
    role : str
        Name of the input, for messages.

    Raises
    ------
    ParameterError
        If fewer than two are usable.
    """
    usable = samples.usable & (np.abs(samples.value) < _LARGEST)
    usable &= np.abs(samples.time_s) < _LARGEST
    time, which = np.unique(samples.time_s[usable], return_inverse=True)
    if time.size < 2:
        raise ParameterError(
            f"{role} has {time.size} usable samples of {samples.title!r}: measure one with more"
        )
    counts = np.bincount(which)
    value = np.bincount(which, samples.value[usable]) / counts
    everywhere = np.unique(samples.time_s[np.abs(samples.time_s) < _LARGEST])
    # Nine digits: 0.016 s and not what is left of it after adding lines up.
    step = float(f"{np.median(np.diff(everywhere)):.9g}")
    return Course(time + samples.clock_offset_s, value, step)


def common_grid(
    first: Course, second: Course, step_s: float, least: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Times that both cover, at the samples of the coarser one, and both traces at them.

    Parameters
    ----------
    first, second : Course
    step_s : float
    least : int
        Fewest times.

    Raises
    ------
    ParameterError
        If they share too little time.
    """
    begin = max(first.time_s[0], second.time_s[0])
    end = min(first.time_s[-1], second.time_s[-1])
    coarser = first if first.step_s >= second.step_s else second
    start = min(coarser.time_s[coarser.time_s >= begin - _SAME * step_s], default=np.inf)
    count = int((end - start) / step_s + _SAME) + 1 if end >= start else 0
    if count < least:
        raise ParameterError(
            f"first covers {first.time_s[0]:g} to {first.time_s[-1]:g} s of the recording and "
            f"second {second.time_s[0]:g} to {second.time_s[-1]:g} s, which shares {count} steps "
            f"of {step_s:g} s: choose two that share at least {least}"
        )
    time: NDArray[np.float64] = start + step_s * np.arange(count, dtype=np.float64)
    return time, first.sampled(time, step_s), second.sampled(time, step_s)
