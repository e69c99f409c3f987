"""Edits of events by hand.

Every function takes a result and returns a new one; the finding of the machine is never lost.
"""

from __future__ import annotations

from math import isfinite, nan
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cloudscope.analysis.events.course import read_course, usual_speed
from cloudscope.analysis.events.statistics import VelocitySamples
from cloudscope.analysis.events.table import (
    KINDS,
    REVIEWS,
    Row,
    columns_of,
    empty_row,
    measured_numbers,
    rows_of,
    summary_of,
    times,
    without_numbers,
)
from cloudscope.errors import ParameterError, UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cloudscope.analysis.result import AnalysisResult

__all__ = ["add_event", "delete_event", "edit_event", "review_event"]

_LONGEST_TEXT = 10_000

Kind = Literal["drop", "rise", "stall", "reversal", "gap", "user"]
Review = Literal["unreviewed", "confirmed", "rejected"]


def add_event(
    result: AnalysisResult,
    start_s: float,
    stop_s: float,
    *,
    kind: Kind = "user",
    label: str = "",
    note: str = "",
    velocity: AnalysisResult | None = None,
) -> AnalysisResult:
    """A result with one more event, which counts as confirmed.

    Parameters
    ----------
    result : AnalysisResult
        Of `velocity_events`.
    start_s, stop_s : float
        From the first line (s).
    kind : {"user", "drop", "rise", "stall", "reversal", "gap"}
    label, note : str
        The reviewer's word and note.
    velocity : AnalysisResult, optional
        The velocity the events were found in. With it the event's velocities are measured;
        without, they are NaN and the status is ``not measured``.

    Returns
    -------
    AnalysisResult
        `result` is unchanged. The new event has the number ``summary["last_event_id"]``.

    Raises
    ------
    ParameterError
        If the times are not finite and rising, a value is not allowed, or `velocity` is not the
        result the events were found in.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.analysis.velocity_events import velocity_events
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=3000, snr=4.0, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> events = add_event(velocity_events(velocity), 1.0, 1.5, label="puff", velocity=velocity)
    >>> events.summary["user_events"], events.columns["velocity_inside_um_per_s"].round(-1).tolist()
    (1, [500.0])
    """
    rows = rows_of(result)
    span = _checked_times(start_s, stop_s)
    number = int(result.summary["last_event_id"]) + 1
    row = empty_row() | {
        "event_id": number,
        "kind": _one_of("kind", kind, KINDS),
        "label": _text("label", label),
        "note": _text("note", note),
        "reviewed": "confirmed",
        "source": "added",
    }
    row |= times(*span)
    rows.append(row)
    _measure(result, rows, row, velocity)
    return _edited(result, rows, number)


def edit_event(
    result: AnalysisResult,
    event_id: int,
    *,
    start_s: float | None = None,
    stop_s: float | None = None,
    label: str | None = None,
    note: str | None = None,
    velocity: AnalysisResult | None = None,
) -> AnalysisResult:
    """A result with other times, label or note of one event.

    What the machine found stays in ``kind``, ``detected_start_s`` and ``detected_stop_s``.

    Parameters
    ----------
    result : AnalysisResult
        Of `velocity_events`.
    event_id : int
    start_s, stop_s : float, optional
        New begin and end (s); left out, they stay.
    label, note : str, optional
        Left out, they stay.
    velocity : AnalysisResult, optional
        As in `add_event`: needed for the numbers of an event whose times change.

    Raises
    ------
    UnknownNameError
        If there is no such event.
    ParameterError
        As in `add_event`.
    """
    rows = rows_of(result)
    row = _find(rows, event_id)
    if label is not None:
        row["label"] = _text("label", label)
    if note is not None:
        row["note"] = _text("note", note)
    if start_s is not None or stop_s is not None:
        span = _checked_times(
            row["start_s"] if start_s is None else start_s,
            row["stop_s"] if stop_s is None else stop_s,
        )
        # A time set by hand has no standard deviation of ours.
        if span[0] != row["start_s"]:
            row["start_sd_s"] = nan
        if span[1] != row["stop_s"]:
            row["stop_sd_s"] = nan
        if span != (row["start_s"], row["stop_s"]):
            row |= times(*span) | {"status": "ok", "false_alarms": nan, "change_sd_um_per_s": nan}
            _measure(result, rows, row, velocity)
    return _edited(result, rows)


def review_event(
    result: AnalysisResult,
    event_id: int,
    reviewed: Review,
    *,
    label: str | None = None,
    note: str | None = None,
) -> AnalysisResult:
    """A result in which a reviewer has judged one event.

    Parameters
    ----------
    result : AnalysisResult
        Of `velocity_events`.
    event_id : int
    reviewed : {"confirmed", "rejected", "unreviewed"}
        Rejected events stay in the table and no longer count in the summary.
    label, note : str, optional
        Left out, they stay.

    Raises
    ------
    UnknownNameError
        If there is no such event.
    ParameterError
        If a value is not allowed.
    """
    rows = rows_of(result)
    row = _find(rows, event_id)
    row["reviewed"] = _one_of("reviewed", reviewed, REVIEWS)
    if label is not None:
        row["label"] = _text("label", label)
    if note is not None:
        row["note"] = _text("note", note)
    return _edited(result, rows)


def delete_event(result: AnalysisResult, event_id: int) -> AnalysisResult:
    """A result without one event: an added one goes, a detected one is rejected.

    Raises
    ------
    UnknownNameError
        If there is no such event.
    """
    rows = rows_of(result)
    row = _find(rows, event_id)
    if row["source"] == "added":
        rows.remove(row)
    else:
        row["reviewed"] = "rejected"
    return _edited(result, rows)


def _find(rows: list[Row], event_id: int) -> Row:
    for row in rows:
        if row["event_id"] == event_id:
            return row
    there = ", ".join(str(row["event_id"]) for row in rows) or "none"
    raise UnknownNameError(f"there is no event {event_id!r}; the result has: {there}")


def _edited(result: AnalysisResult, rows: list[Row], last: int | None = None) -> AnalysisResult:
    number = int(result.summary["last_event_id"]) if last is None else last
    return result.with_numbers(
        columns=columns_of(rows), summary=summary_of(rows, result.summary, number)
    )


def _measure(
    result: AnalysisResult, rows: list[Row], row: Row, velocity: AnalysisResult | None
) -> None:
    """Fill in what the velocity says of one event; without it, that nothing is known."""
    if velocity is None:
        row |= without_numbers(row)
        return
    record = result.inputs.get("velocity")
    known = None if record is None else record.digest
    if None not in (known, velocity.digest) and known != velocity.digest:
        raise ParameterError(
            "velocity is not the result these events were found in: give that one, or measure the "
            "events again first"
        )
    parameters = result.parameters
    course = read_course(velocity, parameters["min_duration_s"])
    usual = np.empty(0)
    if course is not None:
        apart = np.zeros(course.time_s.size, bool)
        for one in rows:
            if one["reviewed"] != "rejected":
                apart |= (course.time_s >= one["start_s"]) & (course.time_s <= one["stop_s"])
        usual = usual_speed(course, apart, parameters["baseline_s"])
    row |= measured_numbers(
        VelocitySamples.of(velocity),
        course,
        usual,
        row["start_s"],
        row["stop_s"],
        parameters["surround_s"],
        is_gap=row["kind"] == "gap",
    )


def _checked_times(start_s: float, stop_s: float) -> tuple[float, float]:
    for name, value in (("start_s", start_s), ("stop_s", stop_s)):
        if isinstance(value, bool | str) or not isfinite(value):
            raise ParameterError(f"{name}={value!r} is not allowed: give seconds")
    if not start_s < stop_s:
        raise ParameterError(
            f"stop_s={stop_s!r} is not allowed: give a time after start_s={start_s!r}"
        )
    return float(start_s), float(stop_s)


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ParameterError(f"{name}={value!r} is not allowed: give text")
    if len(value) > _LONGEST_TEXT:
        raise ParameterError(
            f"{name} of {len(value)} characters is not allowed: give {_LONGEST_TEXT} or fewer"
        )
    return value


def _one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    if value not in allowed:
        choices = ", ".join(map(repr, allowed))
        raise ParameterError(f"{name}={value!r} is not allowed: give one of {choices}")
    return str(value)
