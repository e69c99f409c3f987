"""Mean course of a trace around events, with what chance would make of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, stdtrit

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lagged.event_times import event_times
from cloudscope.analysis.lagged.grid import course_of
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from cloudscope.analysis.result import AnalysisResult

__all__ = ["TriggeredAverage", "event_triggered_average"]

_MOST_OFFSETS = 20_000
_OFFSETS_BY_DEFAULT = 400
_LEAST_EVENTS = 3
_LEAST_COVER = 0.5
"""Share of the window around an event in which the trace must be known."""

_NEXT_TO_NOTHING = 1e-9
"""Spread, relative to the largest, below which an offset shows nothing: it is baseline itself."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TriggeredAverage:
    """A trace around events; arrays of shape (offsets,) but for `segments`.

    Attributes
    ----------
    offset_s : ndarray
        Time from the event.
    mean : ndarray
        Mean over the events; NaN where no event has a sample.
    ci95_low, ci95_high : ndarray
        95 % interval of the mean, from events drawn again; NaN below three events.
    chance_low, chance_high : ndarray
        Band that the mean leaves anywhere, with the stated probability, at times unrelated to
        the events.
    events : ndarray of int
        How many events have a sample.
    segments : ndarray, shape (events, offsets)
        The course around each event that was used.
    event_time_s : ndarray, shape (events,)
        When these were, on the clock of the trace.
    p_value : float
        How often unrelated times give a mean as far from chance, at any offset.
    title : str
        What was averaged.
    """

    offset_s: NDArray[np.float64] = field(repr=False)
    mean: NDArray[np.float64] = field(repr=False)
    ci95_low: NDArray[np.float64] = field(repr=False)
    ci95_high: NDArray[np.float64] = field(repr=False)
    chance_low: NDArray[np.float64] = field(repr=False)
    chance_high: NDArray[np.float64] = field(repr=False)
    events: NDArray[np.int64] = field(repr=False)
    segments: NDArray[np.float64] = field(repr=False)
    event_time_s: NDArray[np.float64]
    p_value: float
    title: str

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Offsets at which the mean is outside of the band of chance."""
        out: NDArray[np.bool_] = (self.mean < self.chance_low) | (self.mean > self.chance_high)
        return out

    @property
    def table(self) -> pd.DataFrame:
        """The average as a table, one row an offset."""
        import pandas as pd

        names = ("offset_s", "mean", "ci95_low", "ci95_high", "chance_low", "chance_high", "events")
        table = pd.DataFrame({name: getattr(self, name).copy() for name in names})
        return table.assign(significant=self.significant)

    @property
    def peak_offset_s(self) -> float:
        """When after the event the mean is furthest from the middle of chance; NaN if never."""
        away = self._away()[self.offset_s >= 0]
        if not np.isfinite(away).any():
            return float("nan")
        return float(self.offset_s[self.offset_s >= 0][np.nanargmax(np.abs(away))])

    def recovery_s(self, share: float = 0.9) -> float:
        """Time from the event until `share` of the largest change is undone; NaN if it never is.

        Parameters
        ----------
        share : float
            From 0 to 1.

        Raises
        ------
        ParameterError
            If `share` is not between 0 and 1.
        """
        if not 0 < share <= 1:
            raise ParameterError(f"share={share!r} is not allowed: give a number from 0 to 1")
        peak = self.peak_offset_s
        if np.isnan(peak):
            return float("nan")
        away = self._away()
        top = int(np.searchsorted(self.offset_s, peak))
        left = away[top:] / away[top] if away[top] else np.full(away.size - top, np.nan)
        undone = np.flatnonzero(left <= 1.0 - share)
        return float(self.offset_s[top + undone[0]]) if undone.size else float("nan")

    def _away(self) -> NDArray[np.float64]:
        out: NDArray[np.float64] = self.mean - 0.5 * (self.chance_low + self.chance_high)
        return out


def event_triggered_average(
    trace: AnalysisResult,
    events: AnalysisResult | ArrayLike,
    *,
    pre_s: float = 1.0,
    post_s: float = 3.0,
    baseline: Literal["subtract", "relative", "none"] = "subtract",
    baseline_s: tuple[float, float] | None = None,
    step_s: float | None = None,
    column: str | None = None,
    event_column: str | None = None,
    kind: str | None = None,
    significance: float = 0.05,
    shuffles: int = 499,
    seed: int = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> TriggeredAverage:
    """Mean course of a trace around events, in seconds.

    Parameters
    ----------
    trace : AnalysisResult
        Any result with a course over time. Samples that were not accepted are gaps.
    events : AnalysisResult or array_like
        A result of `intensity` (onsets of its peaks) or `velocity_events` (beginnings of its
        events), whose clock is brought to that of the trace; or times in seconds on the clock of
        the trace's ``time_s``.
    pre_s, post_s : float
        How far before and after the events.
    baseline : {"subtract", "relative", "none"}
        What is done with the mean before each event: taken off, or changes given as a share of
        it, or nothing.
    baseline_s : tuple of float, optional
        From when to when, relative to the event, that mean is taken; ``(-pre_s, 0)`` by default.
    step_s : float, optional
        Step of the average. If None: that of the trace, or a 400th of the whole time if longer.
    column, event_column : str, optional
        Other columns than those that are usual for these results.
    kind : str, optional
        Only events of this kind, as a reviewer has labelled or else as the analysis has found
        them. Events that a reviewer has rejected are never taken.
    significance : float
        Probability with which the mean around unrelated times leaves the band of chance.
    shuffles : int
        How often all events are moved together to other times.
    seed : int
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked now and then whether to stop.

    Returns
    -------
    TriggeredAverage

    Raises
    ------
    ParameterError
        If a parameter is not allowed, the trace has fewer than two usable samples, or no event
        has a known course around it.
    UnknownNameError
        If a result has no such column.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Events whose windows overlap are no independent observations: they are drawn again together.
    For the band of chance all events are moved by one random time, around the end of the trace to
    its beginning, which keeps the intervals between them and the autocorrelation of the trace. It
    is taken over all offsets at once, each measured in its own standard deviations.

    Examples
    --------
    >>> from cloudscope import intensity
    >>> from cloudscope.synthetic import transient_kymograph
    >>> onsets = [1.0, 2.7, 4.1, 6.4, 8.1, 9.3, 12.0, 14.9, 16.2, 18.5]
    >>> truth = transient_kymograph(onsets, 0.5, lines=20_000, seed=1)
    >>> result = intensity(truth.image, line_period_s=1e-3, pixel_size_um=None)
    >>> average = event_triggered_average(result, onsets, pre_s=0.2, post_s=0.8, step_s=0.02)
    >>> round(float(average.mean.max()), 1), average.p_value < 0.01
    (0.5, True)
    """
    samples = samples_of(trace, column)
    course = course_of(samples, "trace")
    step = step_s
    if step is None:
        step = max(course.step_s, (pre_s + post_s) / _OFFSETS_BY_DEFAULT)
    before, after = _window(pre_s, post_s, step)
    low, high = (0.0 - pre_s, 0.0) if baseline_s is None else baseline_s
    _check(baseline, low, high, pre_s, post_s, significance, shuffles)
    times = event_times(events, event_column, kind, trace) + samples.clock_offset_s
    offset: NDArray[np.float64] = step * np.arange(-before, after + 1, dtype=np.float64)
    within = (offset >= low - 1e-9) & (offset < high - 1e-9)
    if baseline != "none" and not within.any():
        raise ParameterError(
            f"baseline_s={(low, high)!r} holds no step of {step:g} s: give a longer time"
        )

    def around(at: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = course.sampled(at[:, None] + offset, step)
        return _relative_to(rows, within, baseline)

    segments = around(times)
    used = np.isfinite(segments).mean(axis=1) >= _LEAST_COVER
    if not used.any():
        raise ParameterError(
            f"none of the {times.size} events has a known course of the trace from "
            f"{0.0 - pre_s:g} to {post_s:g} s around it: choose a shorter time or another trace"
        )
    segments, times = segments[used], times[used]
    mean, count = _mean(segments)
    rng = np.random.default_rng(seed)
    ci_low, ci_high = _interval(segments, times, pre_s + post_s, rng)
    chance = np.empty((shuffles, offset.size))
    begin, span = course.time_s[0], course.time_s[-1] - course.time_s[0]
    for k, shift in enumerate(rng.random(shuffles) * span):
        chance[k] = _mean(around(begin + (times - begin + shift) % span))[0]
        if k % 16 == 0:
            checkpoint(k / shuffles, progress, cancel)
    low_band, high_band, p_value = _band(mean, chance, significance)
    checkpoint(1.0, progress, cancel)
    return TriggeredAverage(
        offset_s=offset,
        mean=mean,
        ci95_low=ci_low,
        ci95_high=ci_high,
        chance_low=low_band,
        chance_high=high_band,
        events=count,
        segments=segments,
        event_time_s=times - samples.clock_offset_s,
        p_value=p_value,
        title=samples.title,
    )


def _window(pre_s: float, post_s: float, step_s: float) -> tuple[int, int]:
    for name, value in (("pre_s", pre_s), ("post_s", post_s)):
        if not (np.isfinite(value) and value >= 0):
            raise ParameterError(f"{name}={value!r} is not allowed: give seconds, 0 or more")
    if not (np.isfinite(step_s) and step_s > 0):
        raise ParameterError(f"step_s={step_s!r} is not allowed: give seconds above 0")
    steps = (pre_s + post_s) / step_s
    if not 1 <= steps <= _MOST_OFFSETS:
        raise ParameterError(
            f"pre_s={pre_s!r} and post_s={post_s!r} make {steps:.3g} steps of {step_s:g} s: give "
            f"times or a step that make 1 to {_MOST_OFFSETS}"
        )
    return int(pre_s / step_s + 1e-9), int(post_s / step_s + 1e-9)


def _check(
    baseline: Any,
    low: float,
    high: float,
    pre_s: float,
    post_s: float,
    significance: float,
    shuffles: int,
) -> None:
    if baseline not in ("subtract", "relative", "none"):
        raise ParameterError(
            f"baseline={baseline!r} is not allowed: give 'subtract', 'relative' or 'none'"
        )
    if baseline != "none" and not -pre_s - 1e-9 <= low < high <= post_s + 1e-9:
        raise ParameterError(
            f"baseline_s={(low, high)!r} is not allowed: give two times in order, from "
            f"{0.0 - pre_s:g} to {post_s:g} s"
        )
    if not 0 < significance < 1:
        raise ParameterError(
            f"significance={significance!r} is not allowed: give a number between 0 and 1"
        )
    if isinstance(shuffles, bool) or not isinstance(shuffles, int) or shuffles < 19:
        raise ParameterError(f"shuffles={shuffles!r} is not allowed: give a whole number from 19")


def _relative_to(
    rows: NDArray[np.float64], within: NDArray[np.bool_], baseline: str
) -> NDArray[np.float64]:
    if baseline == "none":
        return rows
    level = _mean(rows[:, within].T)[0][:, None]
    if baseline == "subtract":
        return rows - level
    usable = np.abs(level) > 0
    return np.where(usable, rows / np.where(usable, level, 1.0) - 1.0, np.nan)


def _mean(rows: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Mean over rows of what is known, and how many are."""
    known = np.isfinite(rows)
    count = known.sum(axis=0)
    total = np.where(known, rows, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan), count


def _interval(
    segments: NDArray[np.float64],
    times: NDArray[np.float64],
    window_s: float,
    rng: np.random.Generator,
    replicates: int = 999,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Interval of the mean from groups of overlapping events drawn again."""
    order = np.argsort(times, kind="stable")
    starts = np.diff(times[order], prepend=-np.inf) >= window_s
    group = np.empty(times.size, np.intp)
    group[order] = np.cumsum(starts) - 1
    groups = int(group.max()) + 1
    if groups < _LEAST_EVENTS:
        nothing = np.full(segments.shape[1], np.nan)
        return nothing, nothing.copy()
    known = np.isfinite(segments)
    total, count = np.zeros((2, groups, segments.shape[1]))
    np.add.at(total, group, np.where(known, segments, 0.0))
    np.add.at(count, group, known)
    drawn = rng.multinomial(groups, np.full(groups, 1.0 / groups), replicates).astype(np.float64)
    counts = drawn @ count
    # A replicate without a sample at some offset says nothing there: the mean stands in.
    centre = total.sum(axis=0) / np.maximum(count.sum(axis=0), 1.0)
    means = np.where(counts > 0, (drawn @ total) / np.maximum(counts, 1.0), centre)
    # Few events vary less than they should, and their quantiles have to reach further.
    wider = np.sqrt(groups / (groups - 1.0))
    tail = float(ndtr(-stdtrit(groups - 1, 0.975) * wider))
    low, high = np.quantile(means, [tail, 1.0 - tail], axis=0)
    enough = count.sum(axis=0) >= _LEAST_EVENTS
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def _band(
    mean: NDArray[np.float64], chance: NDArray[np.float64], significance: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Band that means at unrelated times leave anywhere with probability `significance`."""
    middle, count = _mean(chance)
    away = np.where(np.isfinite(chance), chance - middle, 0.0)
    sd = np.sqrt(np.square(away).sum(axis=0) / np.maximum(count - 1, 1))
    shows = (count > 1) & (sd > _NEXT_TO_NOTHING * sd.max(initial=0.0)) & np.isfinite(mean)
    if not shows.any():
        nothing = np.full(mean.size, np.nan)
        return nothing, nothing.copy(), float("nan")
    highest = np.sort((np.abs(away[:, shows]) / sd[shows]).max(axis=1))
    rank = min(int(np.ceil((1.0 - significance) * (highest.size + 1))), highest.size)
    half = np.where(shows, highest[rank - 1] * sd, np.nan)
    here = float((np.abs(mean - middle)[shows] / sd[shows]).max())
    p_value = (1.0 + float((highest >= here).sum())) / (highest.size + 1.0)
    return middle - half, middle + half, p_value
