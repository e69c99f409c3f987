"""Events of a velocity from what users may feed them: odd series, parameters, progress."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.velocity_events import (
    add_event,
    velocity_events,
)
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.synthetic import FlowEvent, event_series
from tests.flow_events import flow, result_of, velocity_result


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


@pytest.mark.parametrize(
    ("time", "value", "sd", "kinds"),
    [
        ([], [], [], []),
        ([0.03], [500.0], [10.0], []),
        ([0.03], [np.nan], [np.nan], []),
        ([0.03, 0.05], [500.0, 0.0], [10.0, 10.0], []),
        (np.arange(500) * 0.016, np.full(500, np.nan), np.nan, ["gap"]),
        (np.arange(500) * 0.016, np.full(500, 300.0), 10.0, []),
        (np.arange(500) * 0.016, np.full(500, 300.0), 0.0, []),
        (np.arange(500) * 0.016, np.full(500, 300.0), np.nan, []),
        (np.arange(500) * 0.016, np.full(500, np.inf), 10.0, ["gap"]),
        (np.arange(500) * 0.016, np.full(500, 1e300), 10.0, ["gap"]),
        (np.arange(500) * 0.016, np.full(500, 1e90), np.inf, []),
        (np.arange(500) * 0.016, np.zeros(500), 0.0, ["stall"]),
        (np.arange(500) * 1e-9, np.full(500, 300.0), 10.0, []),
    ],
)
def test_series_with_nothing_in_them(time: Any, value: Any, sd: Any, kinds: list[str]) -> None:
    events = velocity_events(result_of(time, value, sd))
    assert events.columns["kind"].tolist() == kinds
    assert events.summary["events"] == (0 if kinds != ["stall"] else 1)
    assert add_event(events, 1.0, 2.0, velocity=result_of(time, value, sd)).summary["added"] == 1


@pytest.mark.parametrize("time", [[0.0, 2.0, 1.0], [0.0, 1.0, 1.0], [0.0, np.nan, 1.0]])
def test_times_that_do_not_rise_are_refused(time: list[float]) -> None:
    with pytest.raises(ParameterError, match="do not rise"):
        velocity_events(result_of(time, [1.0, 2.0, 3.0]))


def test_times_without_a_common_step_are_refused() -> None:
    with pytest.raises(ParameterError, match="uneven times"):
        velocity_events(result_of([0.0, 1e-6, 2e-6, 1e6], [1.0, 2.0, 3.0, 4.0]))


@pytest.mark.parametrize(
    "options",
    [
        {"false_alarms_per_min": 0.0},
        {"min_change_percent": -1.0},
        {"stall_percent": 80.0},
        {"min_duration_s": float("nan")},
        {"baseline_s": 0.0},
    ],
)
def test_parameters_that_are_not_allowed_are_named(
    options: dict[str, float], velocity: AnalysisResult
) -> None:
    [name] = options
    with pytest.raises(ParameterError, match=name):
        velocity_events(velocity, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "options",
    [
        {"min_duration_s": 0.0, "min_stall_s": 0.0, "min_gap_s": 0.0, "min_change_percent": 0.0},
        {"min_duration_s": 1000.0},
        {"baseline_s": 0.01},
        {"baseline_s": 1e5, "surround_s": 0.0},
        {"false_alarms_per_min": 1e-6},
        {"false_alarms_per_min": 60.0, "min_change_percent": 0.0},
        {"stall_percent": 0.0, "stall_speed_um_per_s": 0.0},
    ],
)
def test_extreme_parameters_work(options: dict[str, float], velocity: AnalysisResult) -> None:
    events = velocity_events(velocity, **options)  # type: ignore[arg-type]
    assert (events.columns["duration_s"] >= 0).all()


def test_progress_rises_and_cancelling_stops(velocity: AnalysisResult) -> None:
    shares: list[float] = []
    velocity_events(velocity, progress=shares.append)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0
    assert shares == sorted(shares)
    stop = threading.Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        velocity_events(velocity, cancel=stop)


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 300),
    size=st.sampled_from([1e-30, 1.0, 500.0, 1e30]),
    spoiled=st.sampled_from([np.nan, np.inf, 1e300, -1e200]),
    sd=st.sampled_from([0.0, 1.0, np.nan, np.inf]),
    step_s=st.sampled_from([1e-6, 0.016, 10.0]),
)
@settings(max_examples=60, deadline=None)
def test_anything_gives_a_table(
    seed: int, rows: int, size: float, spoiled: float, sd: float, step_s: float
) -> None:
    rng = np.random.default_rng(seed)
    values = size * (
        rng.choice([0.0, 1.0, 1.0]) + rng.choice([0.0, 0.1, 3.0]) * rng.normal(size=rows)
    )
    if rows:
        cut = rng.integers(rows)
        values[cut:] *= rng.choice([0.0, -1.0, 1.0])
        values[rng.integers(rows, size=rows // 10)] = spoiled
    events = velocity_events(result_of(np.arange(rows) * step_s, values, sd * size))
    columns = events.columns
    assert (columns["stop_s"] >= columns["start_s"]).all()
    assert not np.isinf(columns["change_um_per_s"]).any()
    assert sorted(columns["event_id"].tolist()) == list(range(1, len(columns["kind"]) + 1))
    carry_over = get_analysis("velocity_events").carry_over
    assert carry_over is not None
    assert carry_over(events, events).same_numbers(events)
