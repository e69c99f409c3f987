"""How the review of events outlives a new measurement."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

from cloudscope.analysis.events.table import (
    Row,
    columns_of,
    rows_of,
    summary_of,
    times,
    without_numbers,
)

if TYPE_CHECKING:
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["carry_over"]

_LEAST_OVERLAP = 0.5
"""Intersection over union from which two events of one kind are the same."""


def carry_over(old: AnalysisResult, new: AnalysisResult) -> AnalysisResult:
    """Events measured again, with what a reviewer did to the older ones.

    An event of the same kind whose detected times overlap (intersection over union of at least a
    half, the best pairs first) is the same event: it keeps its number, review, label, note and
    times set by hand. Events that were added stay, and so do those a reviewer confirmed, named or
    noted that are not found any more; those go on as added ones. Where the velocity has changed,
    numbers of added events and of times set by hand are not measured; `edit_event` measures them.

    Parameters
    ----------
    old, new : AnalysisResult
        Of `velocity_events`.
    """
    before, after = rows_of(old), rows_of(new)
    same_velocity = _same_inputs(old, new)
    last = int(old.summary["last_event_id"])
    pairs = _pairs(before, after)
    paired_old = {id(b) for b, _ in pairs}
    kept: list[Row] = []
    for was, now in pairs:
        kept.append(_reviewed_again(was, now, same_velocity))
    paired_new = {id(n) for _, n in pairs}
    for row in after:
        if id(row) not in paired_new:
            last += 1
            kept.append(row | {"event_id": last})
    for row in before:
        if id(row) in paired_old:
            continue
        hand = row["reviewed"] == "confirmed" or (
            row["reviewed"] != "rejected" and (row["label"] or row["note"] or _moved(row))
        )
        if row["source"] == "added" or hand:
            row = row | {"source": "added"}
            kept.append(row if same_velocity else without_numbers(row))
    return new.with_numbers(columns=columns_of(kept), summary=summary_of(kept, new.summary, last))


def _reviewed_again(was: Row, now: Row, same_velocity: bool) -> Row:
    row = now | {name: was[name] for name in ("event_id", "label", "reviewed", "note")}
    if not _moved(was):
        return row
    if same_velocity:
        return was | {
            name: now[name] for name in ("detected_start_s", "detected_stop_s", "kind", "source")
        }
    return without_numbers(row | times(was["start_s"], was["stop_s"]))


def _moved(row: Row) -> bool:
    """Whether an event that was found has times set by hand."""
    return isfinite(row["detected_start_s"]) and (
        row["start_s"] != row["detected_start_s"] or row["stop_s"] != row["detected_stop_s"]
    )


def _pairs(before: list[Row], after: list[Row]) -> list[tuple[Row, Row]]:
    """Events of both tables that are the same, best overlap first."""
    scored = []
    for i, was in enumerate(before):
        if not isfinite(was["detected_start_s"]):
            continue
        for j, now in enumerate(after):
            if now["kind"] == was["kind"]:
                overlap = _overlap(was, now)
                if overlap >= _LEAST_OVERLAP:
                    scored.append((-overlap, i, j))
    chosen: list[tuple[Row, Row]] = []
    used_old: set[int] = set()
    used_new: set[int] = set()
    for _, i, j in sorted(scored):
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            chosen.append((before[i], after[j]))
    return chosen


def _overlap(a: Row, b: Row) -> float:
    start, stop = "detected_start_s", "detected_stop_s"
    both = min(a[stop], b[stop]) - max(a[start], b[start])
    either = max(a[stop], b[stop]) - min(a[start], b[start])
    return float(both / either) if either > 0 else 0.0


def _same_inputs(old: AnalysisResult, new: AnalysisResult) -> bool:
    digests = [
        [record.digest for _, record in sorted(result.inputs.items())] for result in (old, new)
    ]
    return None not in digests[0] and digests[0] == digests[1]
