"""Which moments are beats: the likeliest sequence of onsets under a shape and a prior period."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudscope.analysis.rhythm.series import EvenSeries
    from cloudscope.analysis.rhythm.wave import Wave

__all__ = ["beat_path"]

_PER_BEAT = 24
"""Candidate moments in a beat."""

_SHORTEST, _LONGEST = 0.5, 2.2
"""Shortest and longest beat, in prior periods."""

_REGULAR = 0.1
"""Changes of period (a share of it) that the prior hardly minds."""

_CHUNK = 4096


def beat_path(
    series: EvenSeries,
    wave: Wave,
    period_s: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    noise: float,
    *,
    checkpoint: Callable[[float], None],
) -> NDArray[np.float64]:
    """Onsets of all beats in a series, those in gaps included (s).

    Each candidate gains what a beat there explains of the half period before and after it, in
    units of the noise; each interval costs by its distance from the prior period. The sequence of
    least cost is found by dynamic programming [1]_. In a gap nothing is gained and the prior alone
    counts the beats.

    Parameters
    ----------
    series : EvenSeries
    wave : Wave
        Phase 0 is the onset.
    period_s : callable
        Prior period at each time.
    noise : float
        Variance of a value by noise at the rate of the heart.
    checkpoint : callable
        Called with the finished share.

    References
    ----------
    .. [1] D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36
       (2007) 51-60.
    """
    times = series.time_s
    typical = float(np.median(period_s(times)))
    spacing = typical / _PER_BEAT
    candidate = np.arange(times[0], times[-1] + spacing, spacing)
    period = period_s(candidate)
    gain = _gains(series, wave, candidate, period, noise)
    checkpoint(0.5)
    count = candidate.size
    best = np.zeros(count)
    before = np.full(count, -1)
    longest = ceil(_LONGEST * float(period.max()) / spacing)
    back = np.arange(1, longest + 1)
    for at in range(count):
        if at % 2048 == 0:
            checkpoint(0.5 + 0.5 * at / count)
        ratio = back[: at or 1] * spacing / period[at]
        score = _cost(np.log(ratio))
        score[(ratio < _SHORTEST) | (ratio > _LONGEST)] = -np.inf
        # The first beat may lie anywhere in the first period; later ones cost as if late.
        late = max(candidate[at] - candidate[0] - period[at], 0.0) / period[at]
        start = _cost(late) if late <= _LONGEST else -np.inf
        best[at], before[at] = start, -1
        if at:
            score += best[max(at - longest, 0) : at][::-1]
            choice = int(np.argmax(score))
            if score[choice] > start:
                best[at], before[at] = score[choice], at - 1 - choice
        best[at] += gain[at]
    left = np.maximum((candidate[-1] - candidate) / period - 1.0, 0.0)
    ends = best + _cost(left)
    at = int(np.argmax(ends))
    path = []
    while at >= 0:
        path.append(at)
        at = int(before[at])
    return candidate[path[::-1]]


def _cost(change: Any) -> Any:
    """Log prior of a change of period: heavy tails, so that a lost beat can be told."""
    return -2.0 * np.log1p(0.5 * (change / _REGULAR) ** 2)


def _gains(
    series: EvenSeries,
    wave: Wave,
    candidate: NDArray[np.float64],
    period: NDArray[np.float64],
    noise: float,
) -> NDArray[np.float64]:
    """Log likelihood ratio of a beat at each candidate against none."""
    reach = ceil(0.5 * float(period.max()) / series.step_s) + 1
    offset = np.arange(-reach, reach + 1)
    gain = np.zeros(candidate.size)
    for start in range(0, candidate.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        place = (candidate[part, None] - series.start_s) / series.step_s
        index = np.rint(place).astype(np.intp) + offset
        phase = (index - place) * series.step_s / period[part, None]
        inside = (index >= 0) & (index < series.value.size) & (np.abs(phase) <= 0.5)
        index = np.clip(index, 0, series.value.size - 1)
        height = wave.at(phase)
        explained = height * (series.fast[index] - 0.5 * height)
        gain[part] = (series.weight[index] * inside * explained).sum(axis=1) / noise
    return gain
