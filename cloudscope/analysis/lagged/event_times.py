"""When events were, from a list of times or from a result that has found them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import ParameterError, UnknownNameError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["event_times"]

_BEGINNING = ("peak_onset_s", "start_s", "onset_s", "begin_s", "peak_time_s", "beat_time_s")
"""Columns that say when an event begins, the first that a result has is taken."""


def event_times(
    events: AnalysisResult | ArrayLike,
    column: str | None,
    kind: str | None,
    trace: AnalysisResult,
) -> NDArray[np.float64]:
    """Times of events on the clock of the trace, ascending.

    Parameters
    ----------
    events : AnalysisResult or array_like
    column : str or None
        Column of the times.
    kind : str or None
        Only events of this kind, as found or as labelled by a reviewer.
    trace : AnalysisResult
        Whose clock begins at the first line of its ROI.

    Raises
    ------
    ParameterError
        If there are none, or they are no times.
    UnknownNameError
        If the result has no column of times.
    """
    if isinstance(events, AnalysisResult):
        times = (
            _column(events, column)[_wanted(events, kind)]
            + _clock_offset(events)
            - _clock_offset(trace)
        )
        times = times[np.isfinite(times)]
    elif kind is not None:
        raise ParameterError(f"kind={kind!r} is not allowed with a list of times: leave it out")
    else:
        try:
            times = np.asarray(events, dtype=np.float64).ravel()
        except (TypeError, ValueError) as error:
            raise ParameterError(
                f"events={events!r} are no times: give seconds or a result that has events"
            ) from error
        if not np.isfinite(times).all():
            raise ParameterError("events hold times that are not finite: give seconds")
    if not times.size:
        raise ParameterError("events has none: there is nothing to average around")
    return np.sort(times)


def _wanted(events: AnalysisResult, kind: str | None) -> NDArray[np.bool_]:
    """Rows of that kind which no reviewer has rejected."""
    columns = events.columns
    wanted = np.ones(next(iter(columns.values())).size, bool)
    if "reviewed" in columns:
        wanted &= np.asarray(columns["reviewed"]) != "rejected"
    if kind is None:
        return wanted
    if "kind" not in columns:
        raise UnknownNameError(f"the {events.analysis} result has no kinds: leave kind out")
    found = np.asarray(columns["kind"]) == kind
    if "label" in columns:
        # What a reviewer says goes before what was found.
        label = np.asarray(columns["label"])
        found = np.where(label == "", found, label == kind)
    chosen: NDArray[np.bool_] = wanted & found
    return chosen


def _column(events: AnalysisResult, column: str | None) -> NDArray[np.float64]:
    columns = events.columns
    name = column or next((name for name in _BEGINNING if name in columns), None)
    if name is None or name not in columns:
        raise UnknownNameError(
            f"the {events.analysis} result has no column {column or 'of the times of events'!r}; "
            "it has " + ", ".join(columns)
        )
    if np.asarray(columns[name]).dtype.kind not in "fiu":
        raise UnknownNameError(f"column {name!r} of the {events.analysis} result holds no times")
    times = np.asarray(columns[name], float)
    if column is None and name == "peak_onset_s" and "peak_time_s" in columns:
        # Of a peak whose onset cannot be seen its top is the next best.
        times = np.where(np.isfinite(times), times, np.asarray(columns["peak_time_s"], float))
    return times


def _clock_offset(result: AnalysisResult) -> float:
    period = result.calibration.line_period_s
    return float(result.bounds[0] * period) if result.bounds is not None and period else 0.0
