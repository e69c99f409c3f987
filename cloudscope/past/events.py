"""Events of older programs as a ``velocity_events`` result, with what their reviewers said."""

from __future__ import annotations

from collections.abc import Iterable

from cloudscope.analysis.events.review import Kind
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.velocity_events import add_event, review_event, velocity_events
from cloudscope.past.record import PastEvent

__all__ = ["events_result"]

_KINDS: dict[str, Kind] = {
    "baseline_drop": "drop",
    "drop": "drop",
    "fall": "drop",
    "baseline_rise": "rise",
    "rise": "rise",
    "nan_gap": "gap",
    "zero_gap": "stall",
    "stall_candidate": "stall",
    "reversal_candidate": "reversal",
}


def events_result(
    velocity: AnalysisResult, events: Iterable[PastEvent], shortest_s: float
) -> AnalysisResult:
    """The events on the velocity they belong to, and none that were found anew.

    Parameters
    ----------
    velocity : AnalysisResult
        Of the same ROI.
    events : iterable of PastEvent
        With times from the first line of the ROI.
    shortest_s : float
        What an event lasts that was marked at one instant.

    Raises
    ------
    ParameterError
        If the time of an event is not finite.
    """
    found = velocity_events(velocity)
    result = found.with_numbers(
        columns={name: values[:0] for name, values in found.columns.items()},
        summary={**found.summary, "last_event_id": 0},
    )
    for event in events:
        kind = _KINDS.get(event.machine_label) or _KINDS.get(event.kind, "user")
        said = event.user_label if event.user_label != event.kind else ""
        origin = f"imported; there: {event.kind}" + (
            f", {event.machine_label}" if event.machine_label else ""
        )
        result = add_event(
            result,
            event.start_s,
            event.stop_s if event.stop_s > event.start_s else event.start_s + shortest_s,
            kind=kind,
            label=said,
            note=f"{event.note} ({origin})" if event.note else origin,
            velocity=velocity,
        )
        if event.machine_label and not said:
            number = int(result.summary["last_event_id"])
            result = review_event(result, number, "unreviewed")
    return result
