"""Events as they are reviewed, kept through measuring and saving, and their statistics."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.velocity_events import (
    add_event,
    delete_event,
    edit_event,
    event_statistics,
    review_event,
    velocity_events,
)
from cloudscope.errors import ParameterError, UnknownNameError
from cloudscope.synthetic import FlowEvent, event_series, velocity_kymograph
from tests.flow_events import flow, result_of, velocity_result

# ----------------------------------------------------------------------------------- review


@pytest.fixture(scope="module")
def velocity() -> AnalysisResult:
    """Two stalls and a drop in steady flow."""
    series = event_series(
        flow("steady", 20_000),
        (
            FlowEvent("stall", 4.0, 4.5),
            FlowEvent("drop", 9.0, 10.0, 0.4),
            FlowEvent("stall", 14.0, 15.0),
        ),
    ).velocity_um_per_s
    return velocity_result(series, noise=20.0, seed=1)


@pytest.fixture(scope="module")
def events(velocity: AnalysisResult) -> AnalysisResult:
    found = velocity_events(velocity)
    assert found.columns["kind"].tolist() == ["stall", "drop", "stall"]
    return found


def row_of(result: AnalysisResult, event_id: int) -> dict[str, Any]:
    [row] = result.table.query(f"event_id == {event_id}").to_dict("records")
    return row


def test_reviewing_keeps_what_the_machine_said(events: AnalysisResult) -> None:
    before = events.table
    judged = review_event(events, 1, "confirmed", label="true stall", note='so: "slow", really')
    judged = review_event(judged, 3, "rejected")
    row = row_of(judged, 1)
    assert (row["kind"], row["label"], row["reviewed"]) == ("stall", "true stall", "confirmed")
    assert row["note"] == 'so: "slow", really'
    counts = [judged.summary[name] for name in ("unreviewed", "confirmed", "rejected")]
    assert counts == [1, 1, 1]
    assert (judged.summary["events"], judged.summary["stalls"]) == (2, 1)
    assert judged.summary["stalled_s"] == pytest.approx(0.5, abs=0.02)
    assert judged.digest != events.digest
    pd.testing.assert_frame_equal(events.table, before)
    assert review_event(judged, 3, "unreviewed").summary["stalls"] == 2


def test_an_event_by_hand(events: AnalysisResult, velocity: AnalysisResult) -> None:
    added = add_event(events, 6.0, 6.5, label="puff", note="air", velocity=velocity)
    row = row_of(added, 4)
    assert added.columns["start_s"].tolist() == sorted(added.columns["start_s"].tolist())
    assert (row["kind"], row["source"], row["reviewed"]) == ("user", "added", "confirmed")
    assert row["velocity_inside_um_per_s"] == pytest.approx(800, abs=20)
    assert row["usual_velocity_um_per_s"] == pytest.approx(800, abs=10)
    assert np.isnan(row["detected_start_s"])
    assert (added.summary["user_events"], added.summary["added"]) == (1, 1)
    blind = add_event(events, 6.0, 6.5, kind="stall")
    assert row_of(blind, 4)["status"] == "not measured"
    assert np.isnan(row_of(blind, 4)["velocity_inside_um_per_s"])
    assert blind.summary["stalls"] == 3


def test_numbers_of_events_are_not_given_twice(events: AnalysisResult) -> None:
    one = add_event(events, 6.0, 6.5)
    none = delete_event(one, 4)
    assert none.columns["event_id"].tolist() == [1, 2, 3]
    assert add_event(none, 6.0, 6.5).summary["last_event_id"] == 5


def test_times_by_hand(events: AnalysisResult, velocity: AnalysisResult) -> None:
    moved = edit_event(events, 2, start_s=8.8, label="slow", velocity=velocity)
    row, was = row_of(moved, 2), row_of(events, 2)
    assert (row["start_s"], row["stop_s"]) == (8.8, was["stop_s"])
    assert (row["detected_start_s"], row["kind"]) == (was["start_s"], "drop")
    assert row["duration_s"] == pytest.approx(was["stop_s"] - 8.8)
    assert row["velocity_inside_um_per_s"] > was["velocity_inside_um_per_s"] + 20
    assert np.isnan(row["start_sd_s"])
    assert row["stop_sd_s"] == was["stop_sd_s"]
    named = edit_event(events, 2, label="slow")
    assert row_of(named, 2) == was | {"label": "slow"}
    assert row_of(edit_event(events, 2, start_s=8.8), 2)["status"] == "not measured"


def test_deleting_rejects_what_was_detected(events: AnalysisResult) -> None:
    less = delete_event(events, 2)
    assert len(less.table) == 3
    assert row_of(less, 2)["reviewed"] == "rejected"
    assert less.summary["drops"] == 0


def test_what_cannot_be_edited_is_said(events: AnalysisResult, velocity: AnalysisResult) -> None:
    other = velocity_result(flow("steady", 20_000), seed=7)
    for call, error, message in (
        (lambda: review_event(events, 9, "confirmed"), UnknownNameError, "the result has: 1, 2, 3"),
        (lambda: review_event(events, 1, "maybe"), ParameterError, "reviewed='maybe'"),  # type: ignore[arg-type]
        (lambda: add_event(events, 2.0, 1.0), ParameterError, "stop_s=1.0"),
        (lambda: add_event(events, float("nan"), 1.0), ParameterError, "start_s=nan"),
        (lambda: add_event(events, 1.0, 2.0, kind="x"), ParameterError, "kind='x'"),  # type: ignore[arg-type]
        (lambda: edit_event(events, 1, note=3), ParameterError, "note=3"),  # type: ignore[arg-type]
        (lambda: add_event(events, 1, 2, note="x" * 20_000), ParameterError, "20000 characters"),
        (lambda: add_event(events, 1, 2, velocity=other), ParameterError, "measure the events"),
        (lambda: delete_event(velocity, 1), ParameterError, "'radon_velocity'"),
    ):
        with pytest.raises(error, match=message):
            call()


def carried(old: AnalysisResult, new: AnalysisResult) -> AnalysisResult:
    carry_over = get_analysis("velocity_events").carry_over
    assert carry_over is not None
    return carry_over(old, new)


def test_measuring_the_same_again_changes_nothing(
    events: AnalysisResult, velocity: AnalysisResult
) -> None:
    edited = review_event(events, 1, "confirmed", label="real", note="seen")
    edited = edit_event(edited, 2, start_s=8.9, velocity=velocity)
    edited = add_event(edited, 17.0, 17.5, velocity=velocity)
    edited = delete_event(add_event(edited, 1.0, 2.0), 5)
    edited = delete_event(edited, 3)
    again = carried(edited, velocity_events(velocity))
    assert again.same_numbers(edited)
    assert again.digest == edited.digest


def test_reviews_outlive_other_parameters_and_another_velocity(
    events: AnalysisResult, velocity: AnalysisResult
) -> None:
    edited = review_event(events, 1, "rejected", note="vessel moved")
    edited = review_event(edited, 2, "confirmed", label="drop of pressure")
    edited = add_event(edited, 17.0, 17.5, label="puff", velocity=velocity)
    # The drop is too small for the new parameters, the reviewer has seen it nevertheless.
    stricter = carried(edited, velocity_events(velocity, min_change_percent=80.0))
    assert row_of(stricter, 1)["note"] == "vessel moved"
    assert row_of(stricter, 2)["source"] == "added"
    assert (row_of(stricter, 2)["kind"], row_of(stricter, 2)["label"]) == (
        "drop",
        "drop of pressure",
    )
    assert row_of(stricter, 4)["velocity_inside_um_per_s"] == pytest.approx(800, abs=20)
    # It comes back as what it was.
    assert row_of(carried(stricter, velocity_events(velocity)), 2)["source"] == "detected"
    # Measured in a noisier velocity, times shift a little.
    noisier = velocity_result(
        event_series(
            flow("steady", 20_000),
            (
                FlowEvent("stall", 4.0, 4.5),
                FlowEvent("drop", 9.0, 10.0, 0.4),
                FlowEvent("rise", 12, 12.5, 2.0),
            ),
        ).velocity_um_per_s,
        noise=60.0,
        seed=9,
    )
    elsewhere = carried(edited, velocity_events(noisier))
    assert elsewhere.columns["event_id"].tolist() == [1, 2, 5, 4]
    assert row_of(elsewhere, 1)["reviewed"] == "rejected"
    assert row_of(elsewhere, 2)["label"] == "drop of pressure"
    assert row_of(elsewhere, 4)["status"] == "not measured"
    assert row_of(elsewhere, 5)["kind"] == "rise"


# ------------------------------------------------------------------------------- statistics


def test_statistics_of_stretches() -> None:
    time = np.arange(400) * 0.05 + 0.0125
    values = np.where((time > 5) & (time < 6), 100.0, 500.0)
    values[::2] += 10.0
    # 25 lines of a millisecond each: windows do not overlap.
    velocity = result_of(time, values, 5.0, window=25)
    table = event_statistics(velocity, pd.DataFrame({"start_s": [5.0], "stop_s": [6.0]}), 2.0, 0.5)
    [row] = table.to_dict("records")
    assert [row[f"{part}_n"] for part in ("before", "inside", "after")] == [40, 20, 10]
    assert row["inside_mean_um_per_s"] == pytest.approx(105.0)
    assert (row["inside_min_um_per_s"], row["inside_max_um_per_s"]) == (100.0, 110.0)
    sd = np.std([100.0, 110.0] * 10, ddof=1)
    assert row["inside_sd_um_per_s"] == pytest.approx(sd)
    assert row["inside_sem_um_per_s"] == pytest.approx(sd / 20**0.5)
    assert row["inside_cv"] == pytest.approx(sd / 105.0)
    assert row["before_mean_um_per_s"] == pytest.approx(505.0)


def test_statistics_leave_out_what_straddles_an_edge(
    events: AnalysisResult, velocity: AnalysisResult
) -> None:
    table = event_statistics(velocity, events)
    assert table["event_id"].tolist() == [1, 2, 3]
    assert table["inside_mean_um_per_s"].tolist() == pytest.approx([0, 320, 0], abs=20)
    assert table["before_mean_um_per_s"].tolist() == pytest.approx([800] * 3, abs=20)
    assert table["inside_max_um_per_s"].iloc[0] < 150
    empty = event_statistics(velocity, events.table.iloc[:0])
    assert len(empty) == 0
    assert "inside_sem_um_per_s" in empty
    outside = event_statistics(velocity, pd.DataFrame({"start_s": [90.0], "stop_s": [91.0]}))
    assert outside["inside_n"].tolist() == [0]
    assert outside["inside_mean_um_per_s"].isna().all()
    with pytest.raises(ParameterError, match="pre_s=-1"):
        event_statistics(velocity, events, pre_s=-1)
    with pytest.raises(ParameterError, match="start_s and stop_s"):
        event_statistics(velocity, pd.DataFrame({"start": [1.0]}))


def test_a_recording_keeps_its_reviewed_events(tmp_path: Path) -> None:
    series = event_series(flow("steady", 4000), (FlowEvent("stall", 1.5, 2.0),)).velocity_um_per_s
    image = velocity_kymograph(series, pixels=40, snr=3.0, seed=1).image
    path = tmp_path / "scan.npy"
    np.save(path, image)
    recording = cs.AcqImage(path)
    recording.set_calibration(line_period_s=1e-3, pixel_size_um=0.5)
    velocity = recording.analyze("radon_velocity")
    found = recording.analyze("velocity_events")
    assert found.columns["kind"].tolist() == ["stall"]
    judged = review_event(found, 1, "confirmed", label="plug", note="seen, twice\nindeed")
    judged = add_event(judged, 3.0, 3.2, velocity=velocity)
    recording.revise(judged, label="Review events")
    recording.save()
    again = cs.AcqImage(path)
    read = again.result("velocity_events")
    assert read is not None
    assert read.same_numbers(judged)
    assert again.stale_reason(read) is None
    assert again.analyze("velocity_events").same_numbers(judged), "measured again, all is kept"
    cleaned = again.analyze("clean_velocity", max_gap_s=0.2)
    on_clean = again.analyze("velocity_events", velocity=cleaned.key)
    assert row_of(on_clean, 1)["label"] == "plug"
    assert row_of(on_clean, 2)["status"] == "not measured"
