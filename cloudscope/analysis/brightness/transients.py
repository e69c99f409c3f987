"""Shape of each transient: height, onset, rise, decay, width and area."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan, nan
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.brightness.smoothing import faithful

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudscope.analysis.brightness.peaks import Peak

__all__ = ["OK", "Shapes", "Transient"]

OK = "ok"

_STEEP_SHARE = 0.5
"""Share of a rise or decay over which its slope is steepest; over less, noise would rule it."""

_FLANK_NOISE = 0.045
"""Noise, as a share of the height, below which a flank needs no more smoothing."""


@dataclass(frozen=True, slots=True)
class Transient:
    """One transient; times and durations in lines, heights in ΔF/F0, NaN where not reached.

    Attributes
    ----------
    row : int
        Line of the highest point.
    top : float
        The highest point, between lines.
    amplitude, foot : float
        ΔF/F0 at the highest point, and of what was before: 0 or the tail of another.
    onset, rise, decay, half_width, area : float
        Where it leaves what was before, the time from 10 to 90 % of its height, from 90 down to
        10 %, its width at half height, and its area.
    width_10, width_20, width_80, width_90 : float
        Widths at these percentages of the height.
    rise_slope, decay_slope : float
        Steepest mean slope over half of the rise, and over half of the decay, in ΔF/F0 a line.
    begin, end : int
        Lines it covers, half-open: from its onset until it is down to 10 % or the next begins.
    status : str
        ``"ok"``, or why not all of it was measured.
    """

    row: int
    top: float
    amplitude: float
    foot: float
    onset: float
    rise: float
    decay: float
    half_width: float
    area: float
    width_10: float
    width_20: float
    width_80: float
    width_90: float
    rise_slope: float
    decay_slope: float
    begin: int
    end: int
    status: str


class Shapes:
    """Measures transients of one recording, each with as little smoothing as its height allows.

    Parameters
    ----------
    dff : ndarray, shape (lines,)
        ΔF/F0 without gaps, transients upwards.
    known, saturated : ndarray of bool, shape (lines,)
    sigma : float
        Smoothing of heights, in lines.
    noise_of : callable
        Noise of a trace at each line.
    """

    def __init__(
        self,
        dff: NDArray[np.float64],
        known: NDArray[np.bool_],
        saturated: NDArray[np.bool_],
        sigma: float,
        noise_of: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    ) -> None:
        self._known, self._saturated = known, saturated
        self._slack = round(2.0 * sigma)
        self._sums = np.concatenate([[0.0], np.cumsum(dff)])
        self._smooth = faithful(dff, sigma)
        self.amplitude_sd = noise_of(self._smooth)
        self._finer = []
        for part in (0.125, 0.25, 0.5):
            trace = faithful(dff, part * sigma)
            self._finer.append((trace, noise_of(trace)))

    def measure(self, peak: Peak) -> Transient:
        """Shape of the transient around `peak`."""
        smooth = self._smooth
        first = max(peak.row - self._slack, peak.left_valley)
        last = min(peak.row + self._slack, peak.right_valley)
        row = first + int(np.argmax(smooth[first : last + 1]))
        top, amplitude = _parabola(smooth, row)
        # Valleys between noise are below rest; a valley above rest is the tail of the one before.
        foot = max(float(smooth[min(peak.left_valley, row)]), 0.0)
        height = amplitude - foot
        flank = self._flank(row, height)

        def level(share: float) -> float:
            return foot + share * height

        up50 = _last_below(smooth, peak.left_valley, row, level(0.5))
        down50 = _first_below(smooth, row, peak.right_valley, level(0.5))
        up10 = up20 = up80 = up90 = down90 = down80 = down20 = down10 = nan
        if not isnan(up50):
            # From the middle outwards, so that noise ends both ways alike.
            middle = int(up50)
            up10, up20 = (
                _last_below(flank, peak.left_valley, middle, level(s)) for s in (0.1, 0.2)
            )
            up80, up90 = (_first_below(-flank, middle + 1, row, -level(s)) for s in (0.8, 0.9))
        if not isnan(down50):
            middle = int(down50)
            down90, down80 = (_last_below(-smooth, row, middle, -level(s)) for s in (0.9, 0.8))
            down20, down10 = (
                self._end(down50, top, peak.right_valley, level(s)) for s in (0.2, 0.1)
            )
            # Noise crosses half of the height more than once: between the first and the last.
            last = peak.right_valley if isnan(down10) else int(down10)
            again = _last_below(-smooth, middle + 1, last, -level(0.5))
            down50 = down50 if isnan(again) else 0.5 * (down50 + again)
        # Up to half the rise is nearly straight whatever the shape; it is led down to rest.
        onset = up10 - 0.25 * (up50 - up10)
        begin = peak.left_valley if isnan(onset) else max(round(onset), 0)
        end = peak.right_valley if isnan(down10) else int(down10) + 1
        begin, end = min(begin, row), max(end, row) + 1
        area = self._sums[end] - self._sums[begin] - foot * (end - begin)
        return Transient(
            row=row,
            top=top,
            amplitude=amplitude,
            foot=foot,
            onset=onset,
            rise=up90 - up10,
            decay=down10 - down90,
            half_width=down50 - up50,
            area=nan if isnan(onset + down10) else float(area),
            width_10=down10 - up10,
            width_20=down20 - up20,
            width_80=down80 - up80,
            width_90=down90 - up90,
            rise_slope=_steepest(flank, begin, row, up90 - up10),
            decay_slope=-_steepest(-smooth, row, end - 1, down10 - down90),
            begin=begin,
            end=end,
            status=self._status(slice(begin, end), onset, down10),
        )

    def _flank(self, row: int, height: float) -> NDArray[np.float64]:
        """The least smoothed trace whose noise is small beside the height."""
        for trace, sd in self._finer:
            if sd[row] <= _FLANK_NOISE * height:
                return trace
        return self._smooth

    def _end(self, down50: float, top: float, right_valley: int, level: float) -> float:
        """Where the tail falls below `level`, on means as long as it took to fall by half.

        A tail is slow and low; with less smoothing noise would end it early.
        """
        half = max(int(0.5 * (down50 - top)), 0)
        start = int(down50)
        stop = min(right_valley, self._sums.size - 2)
        at = np.arange(start, stop + 1)
        low, high = np.maximum(at - half, 0), np.minimum(at + half + 1, self._sums.size - 1)
        mean = (self._sums[high] - self._sums[low]) / (high - low)
        return start + _first_below(mean, 0, mean.size - 1, level) if mean.size else nan

    def _status(self, covered: slice, onset: float, down10: float) -> str:
        if self._saturated[covered].any():
            return "saturated"
        if not self._known[covered].all():
            return "gap"
        if isnan(onset):
            return "no onset"
        return "no end" if isnan(down10) else OK


def _parabola(smooth: NDArray[np.float64], row: int) -> tuple[float, float]:
    """Place and height of the top of a parabola through three lines."""
    if not 0 < row < smooth.size - 1:
        return float(row), float(smooth[row])
    left, middle, right = (float(v) for v in smooth[row - 1 : row + 2])
    bend = left - 2.0 * middle + right
    if not bend < 0:
        return float(row), middle
    shift = float(np.clip(0.5 * (left - right) / bend, -0.5, 0.5))
    return row + shift, middle - 0.25 * (left - right) * shift


def _steepest(trace: NDArray[np.float64], start: int, stop: int, duration: float) -> float:
    """Steepest mean rise a line over `_STEEP_SHARE` of `duration`; NaN where that is unknown."""
    if isnan(duration):
        return nan
    stretch = min(max(round(_STEEP_SHARE * duration), 1), stop - start)
    if stretch < 1:
        return nan
    part = trace[start : stop + 1]
    return float((part[stretch:] - part[:-stretch]).max()) / stretch


def _last_below(smooth: NDArray[np.float64], start: int, stop: int, level: float) -> float:
    below = np.flatnonzero(smooth[start : stop + 1] < level)
    if not below.size:
        return nan
    at = start + int(below[-1])
    if at == stop:
        return float(at)
    return at + float((level - smooth[at]) / (smooth[at + 1] - smooth[at]))


def _first_below(smooth: NDArray[np.float64], start: int, stop: int, level: float) -> float:
    below = np.flatnonzero(smooth[start : stop + 1] < level)
    if not below.size:
        return nan
    at = start + int(below[0])
    if at == start:
        return float(at)
    return at - float((level - smooth[at]) / (smooth[at - 1] - smooth[at]))
