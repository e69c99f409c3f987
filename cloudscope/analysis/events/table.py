"""The table of events and its summary."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.counting import poisson_interval
from cloudscope.analysis.events.statistics import VelocitySamples
from cloudscope.analysis.registry import Column
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.events.course import Course
    from cloudscope.analysis.events.detect import Detection
    from cloudscope.analysis.result import AnalysisResult

__all__ = [
    "COLUMNS",
    "FLOW_KINDS",
    "KINDS",
    "REVIEWS",
    "Row",
    "columns_of",
    "detected_rows",
    "measured_numbers",
    "rows_of",
    "summary_of",
    "times",
    "without_numbers",
]

Row = dict[str, Any]
"""One event: a value by column."""

KINDS = ("drop", "rise", "stall", "reversal", "gap", "user")
FLOW_KINDS = ("drop", "rise", "stall", "reversal", "user")
"""Kinds that say something of the flow; a gap says something of the recording."""
REVIEWS = ("unreviewed", "confirmed", "rejected")

COLUMNS = (
    Column("event_id", "", "number of the event; it stays when others come and go"),
    Column("kind", "", "drop, rise, stall, reversal or gap, as found; user: added by hand"),
    Column("label", "", "what the reviewer calls it; empty: nothing yet"),
    Column("reviewed", "", "unreviewed, confirmed or rejected"),
    Column("note", "", "the reviewer's note"),
    Column("source", "", "detected, or added by hand"),
    Column("start_s", "s", "begin, from the first line"),
    Column("stop_s", "s", "end"),
    Column("time_s", "s", "middle between begin and end"),
    Column("duration_s", "s", "from begin to end"),
    Column("start_sd_s", "s", "one standard deviation of the begin; NaN: set by hand or unseen"),
    Column("stop_sd_s", "s", "one standard deviation of the end; NaN: set by hand or unseen"),
    Column("velocity_before_um_per_s", "µm/s", "mean of the stretch before; NaN: not measured"),
    Column("velocity_before_sd_um_per_s", "µm/s", "one standard deviation of that mean"),
    Column("velocity_inside_um_per_s", "µm/s", "mean during the event; NaN: not measured"),
    Column("velocity_inside_sd_um_per_s", "µm/s", "one standard deviation of that mean"),
    Column("velocity_after_um_per_s", "µm/s", "mean of the stretch after; NaN: not measured"),
    Column("velocity_after_sd_um_per_s", "µm/s", "one standard deviation of that mean"),
    Column("peak_time_s", "s", "when the velocity is furthest from the usual one"),
    Column("peak_velocity_um_per_s", "µm/s", "velocity at that time"),
    Column("usual_velocity_um_per_s", "µm/s", "running median without events, at the event"),
    Column("change_um_per_s", "µm/s", "speed along the usual flow, less the usual: below 0 slower"),
    Column("change_sd_um_per_s", "µm/s", "how far as long a mean strays where nothing happens"),
    Column("change_percent", "%", "change as a share of the usual speed; -100 stands still"),
    Column("strength", "", "size of the change over its standard deviation"),
    Column("false_alarms", "", "as strong ones that unrest alone makes in this recording"),
    Column("detected_start_s", "s", "begin as found; NaN: added by hand"),
    Column("detected_stop_s", "s", "end as found; NaN: added by hand"),
    Column("status", "", "ok, or what could not be seen or measured"),
)

_WHOLE = {"event_id"}
_TEXT = {"kind", "label", "reviewed", "note", "source", "status"}
_NUMBERS = tuple(c.name for c in COLUMNS if c.name not in _WHOLE | _TEXT)

_KEPT = (
    "usual_velocity_um_per_s",
    "usual_unrest_um_per_s",
    "direction",
    "measured_s",
    "window_s",
)
"""Keys of the summary that an edit of an event does not change."""


def empty_row() -> Row:
    """An event of which nothing is known yet."""
    return {
        "event_id": 0,
        "kind": "user",
        "label": "",
        "reviewed": "unreviewed",
        "note": "",
        "source": "detected",
        **dict.fromkeys(_NUMBERS, nan),
        "status": "ok",
    }


def columns_of(rows: Sequence[Row]) -> dict[str, NDArray[Any]]:
    """The columns of a table, rows in the order of time."""
    ordered = sorted(rows, key=lambda row: (row["start_s"], row["stop_s"], row["event_id"]))
    columns: dict[str, NDArray[Any]] = {}
    for column in COLUMNS:
        values = [row[column.name] for row in ordered]
        if column.name in _WHOLE:
            columns[column.name] = np.array(values, dtype=np.int64)
        elif column.name in _TEXT:
            columns[column.name] = np.array(values, dtype=np.str_)
        else:
            columns[column.name] = np.array(values, dtype=np.float64)
    return columns


def rows_of(result: AnalysisResult) -> list[Row]:
    """The events of a result.

    Raises
    ------
    ParameterError
        If it is the result of another analysis.
    """
    if result.analysis != "velocity_events":
        raise ParameterError(
            f"result is of {result.analysis!r}: give a result of 'velocity_events'"
        )
    columns = {c.name: result.columns[c.name].tolist() for c in COLUMNS}
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def times(start_s: float, stop_s: float) -> Row:
    """Begin, end, and what follows from them."""
    return {
        "start_s": start_s,
        "stop_s": stop_s,
        "time_s": 0.5 * (start_s + stop_s),
        "duration_s": stop_s - start_s,
    }


def detected_rows(detection: Detection, velocity: VelocitySamples, surround_s: float) -> list[Row]:
    """What was found, numbered in the order of time."""
    rows = []
    for number, event in enumerate(detection.events, 1):
        start, stop = event.start, event.stop
        seen = [isfinite(start.sd_s), isfinite(stop.sd_s)]
        hidden = [word for word, is_seen in zip(("begin", "end"), seen, strict=True) if not is_seen]
        row = (
            empty_row()
            | {"event_id": number, "kind": event.kind}
            | times(start.time_s, stop.time_s)
            | {
                "start_sd_s": start.sd_s,
                "stop_sd_s": stop.sd_s,
                "detected_start_s": start.time_s,
                "detected_stop_s": stop.time_s,
                "status": "no " + " or ".join(hidden) if hidden else "ok",
            }
            | measured_numbers(
                velocity,
                detection.course,
                detection.usual,
                start.time_s,
                stop.time_s,
                surround_s,
                is_gap=event.kind == "gap",
                change_sd=event.change_sd,
            )
        )
        row["false_alarms"] = event.false_alarms
        rows.append(row)
    return rows


def measured_numbers(
    velocity: VelocitySamples,
    course: Course | None,
    usual: NDArray[np.float64],
    start_s: float,
    stop_s: float,
    surround_s: float,
    *,
    is_gap: bool = False,
    change_sd: float = nan,
) -> Row:
    """Velocity before, inside and after an event, and its change."""
    parts = {
        "before": velocity.stretch(start_s - surround_s, start_s),
        "inside": velocity.stretch(start_s, stop_s),
        "after": velocity.stretch(stop_s, stop_s + surround_s),
    }
    row: Row = {}
    for name, part in parts.items():
        blank = is_gap and name == "inside"
        sd = part.mean_sd if isfinite(part.mean_sd) else part.sem
        row[f"velocity_{name}_um_per_s"] = nan if blank else part.mean
        row[f"velocity_{name}_sd_um_per_s"] = nan if blank else sd
    level = nan
    if course is not None and usual.size:
        at = (course.time_s >= start_s) & (course.time_s <= stop_s)
        if not at.any():
            at[int(np.argmin(np.abs(course.time_s - 0.5 * (start_s + stop_s))))] = True
        level = float(np.median(usual[at])) * course.direction
    inside, direction = row["velocity_inside_um_per_s"], course.direction if course else 1
    change = (inside - level) * direction
    spread = change_sd if isfinite(change_sd) else row["velocity_inside_sd_um_per_s"]
    spread = nan if is_gap else spread
    peak_time, peak = (nan, nan) if is_gap else velocity.extreme(start_s, stop_s, level)
    return row | {
        "peak_time_s": peak_time,
        "peak_velocity_um_per_s": peak,
        "usual_velocity_um_per_s": level,
        "change_um_per_s": change,
        "change_sd_um_per_s": spread,
        "change_percent": 100.0 * change / abs(level) if level else nan,
        "strength": abs(change) / spread if spread > 0 else nan,
    }


def course_summary(detection: Detection | None) -> dict[str, Any]:
    """What the summary says of the recording, whatever its events."""
    if detection is None:
        return dict.fromkeys(_KEPT[:2], nan) | {"direction": 0, "measured_s": 0.0, "window_s": nan}
    course = detection.course
    known = course.known
    level = float(np.median(detection.usual)) * course.direction if known.any() else nan
    return {
        "usual_velocity_um_per_s": level,
        "usual_unrest_um_per_s": detection.unrest_um_per_s,
        "direction": course.direction if known.any() else 0,
        "measured_s": float(known.sum() * course.step_s),
        "window_s": course.window_s,
    }


def summary_of(
    rows: Iterable[Row], recording: Mapping[str, Any], last_event_id: int
) -> dict[str, Any]:
    """The summary of a table of events.

    Rejected events count only as such.

    Parameters
    ----------
    rows : iterable of Row
    recording : mapping
        Of `course_summary`, or an older summary.
    last_event_id : int
        Highest number an event of this result ever had.
    """
    rows = list(rows)
    kept = [row for row in rows if row["reviewed"] != "rejected"]
    counts = {kind: sum(row["kind"] == kind for row in kept) for kind in KINDS}
    measured = float(recording["measured_s"])
    minutes = measured / 60.0
    flow = sum(counts[kind] for kind in FLOW_KINDS)
    low, high = poisson_interval(flow) if minutes > 0 else (nan, nan)
    stalls = [row for row in kept if row["kind"] == "stall"]
    durations = [row["duration_s"] for row in stalls]
    stalled = _union(stalls)
    reviews = {name: sum(row["reviewed"] == name for row in rows) for name in REVIEWS}
    return {
        "events": flow,
        "events_per_min": flow / minutes if minutes > 0 else nan,
        "events_per_min_ci95_low": low / minutes if minutes > 0 else nan,
        "events_per_min_ci95_high": high / minutes if minutes > 0 else nan,
        "drops": counts["drop"],
        "rises": counts["rise"],
        "stalls": counts["stall"],
        "reversals": counts["reversal"],
        "gaps": counts["gap"],
        "user_events": counts["user"],
        "stalled_s": stalled,
        "stalled_share": min(stalled / measured, 1.0) if measured > 0 else nan,
        "stall_duration_median_s": float(np.median(durations)) if durations else nan,
        "stall_longest_s": max(durations, default=nan),
        "stalls_per_min": counts["stall"] / minutes if minutes > 0 else nan,
        "reversed_s": _union([row for row in kept if row["kind"] == "reversal"]),
        "gaps_s": _union([row for row in kept if row["kind"] == "gap"]),
        "event_duration_median_s": _median(
            [row["duration_s"] for row in kept if row["kind"] in FLOW_KINDS]
        ),
        "unreviewed": reviews["unreviewed"],
        "confirmed": reviews["confirmed"],
        "rejected": reviews["rejected"],
        "added": sum(row["source"] == "added" for row in rows),
        **{name: recording[name] for name in _KEPT},
        "last_event_id": last_event_id,
    }


def _median(values: list[float]) -> float:
    return float(np.median(values)) if values else nan


def _union(rows: list[Row]) -> float:
    """Time that at least one of some events covers (s)."""
    total, until = 0.0, -np.inf
    for row in sorted(rows, key=lambda row: row["start_s"]):
        total += max(0.0, row["stop_s"] - max(row["start_s"], until))
        until = max(until, row["stop_s"])
    return total


def without_numbers(row: Row) -> Row:
    """An event whose velocities are not known any more, or not yet."""
    numbers = [name for name in row if name.startswith(("velocity_", "peak_", "change_"))]
    blank = dict.fromkeys(
        [
            *numbers,
            "usual_velocity_um_per_s",
            "strength",
            "false_alarms",
            "start_sd_s",
            "stop_sd_s",
        ],
        nan,
    )
    return row | blank | {"status": "not measured"}
