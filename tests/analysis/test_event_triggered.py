"""Averages around events against truth: times, heights, chance, and what users feed them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.analysis.coupling import event_triggered_average
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, ParameterError, UnknownNameError
from cloudscope.synthetic import transient_kymograph
from tests.made_results import velocity_result
from tests.unrelated import red

STEP = 0.016
ONSETS = np.cumsum(np.random.default_rng(3).uniform(2.5, 6.0, 24))


def responding(seed: int, height: float = 1.0, noise: float = 1.0, memory: float = 30.0) -> Any:
    """A velocity that rises 0.3 s after each onset and falls again, in red noise."""
    rng = np.random.default_rng(seed)
    samples = int((ONSETS[-1] + 5) / STEP)
    time = np.arange(samples) * STEP + 0.0315
    since = np.maximum(time[:, None] - ONSETS, 0.0) / 0.3
    course = (since**2 * np.exp(2 - 2 * since)).sum(axis=1)
    own = red(samples, memory, rng)
    return velocity_result(500 + 100 * (height * course + noise * own / own.std()))


def test_a_response_is_found_with_its_time_and_height() -> None:
    average = event_triggered_average(responding(1, noise=0.3), ONSETS, pre_s=0.5, post_s=2.0)
    table = average.table
    assert average.p_value < 0.01
    assert average.peak_offset_s == pytest.approx(0.3, abs=0.06)
    assert table["mean"].max() == pytest.approx(100, abs=20)
    assert table["events"].max() == 24
    at_peak = table.iloc[(table["offset_s"] - 0.3).abs().argmin()]
    assert at_peak["ci95_low"] < at_peak["mean"] < at_peak["ci95_high"]
    assert at_peak["significant"]
    assert 0.6 < average.recovery_s(0.9) < 1.5
    assert average.segments.shape == (24, len(table))


def test_unrelated_times_give_no_response_more_often_than_stated() -> None:
    called = outside = 0
    for seed in range(40):
        times = np.sort(np.random.default_rng(1000 + seed).uniform(2, 90, 20))
        average = event_triggered_average(
            responding(seed, height=0.0), times, pre_s=0.5, post_s=2.0, step_s=0.05, shuffles=99
        )
        called += average.p_value <= 0.05
        outside += average.significant.any()
    assert called <= 6  # 2 in 40 are stated
    assert outside <= 6


def test_the_interval_of_the_mean_is_honest() -> None:
    inside = []
    for seed in range(60):
        average = event_triggered_average(
            responding(seed), ONSETS, pre_s=0.5, post_s=1.5, step_s=0.1, shuffles=19
        )
        calm = event_triggered_average(
            responding(seed, noise=0.0), ONSETS, pre_s=0.5, post_s=1.5, step_s=0.1, shuffles=19
        )
        inside.append((average.ci95_low <= calm.mean) & (calm.mean <= average.ci95_high))
    assert 0.88 < np.mean(inside) < 0.99


def test_relative_to_what_was_before() -> None:
    trace = responding(1, noise=0.01)
    change = event_triggered_average(trace, ONSETS, baseline="relative").mean.max()
    plain = event_triggered_average(trace, ONSETS, baseline="none").mean.max()
    assert change == pytest.approx(0.2, abs=0.02)
    assert plain == pytest.approx(600, rel=0.03)


def test_events_of_a_result_are_taken_by_its_clock() -> None:
    """Transients of a ROI that begins 1,000 lines before that of the velocity."""
    onset = ONSETS[ONSETS < 28]
    light = transient_kymograph(onset + 1.0, 0.5, lines=30_000, pixels=8, snr=20.0, seed=1).image
    events = cs.intensity(light, line_period_s=1e-3, pixel_size_um=None)
    events = events.bound_to(bounds=(1000, 31_000, 0, 8))
    trace = responding(2, noise=0.05).bound_to(bounds=(2000, 40_000, 0, 20))
    average = event_triggered_average(trace, events, pre_s=0.5, post_s=1.5)
    assert average.event_time_s == pytest.approx(onset, abs=0.03)
    assert average.peak_offset_s == pytest.approx(0.3, abs=0.05)


def reviewed() -> AnalysisResult:
    """Four events: a drop, a stall that is a drop to the reviewer, one rejected, a gap."""
    words = {
        "kind": ["drop", "stall", "drop", "gap"],
        "label": ["", "drop", "", ""],
        "reviewed": ["unreviewed", "confirmed", "rejected", "unreviewed"],
    }
    columns = {name: np.array(values) for name, values in words.items()}
    return AnalysisResult.measured(
        "velocity_events",
        parameters={},
        columns={"start_s": ONSETS[:4], **columns},
        summary={},
        line_period_s=1e-3,
        pixel_size_um=0.5,
    )


@pytest.mark.parametrize(
    ("kind", "which"), [(None, [0, 1, 3]), ("drop", [0, 1]), ("stall", []), ("gap", [3])]
)
def test_events_are_those_a_reviewer_left(kind: str | None, which: list[int]) -> None:
    if not which:
        with pytest.raises(ParameterError, match="events has none"):
            event_triggered_average(responding(1), reviewed(), kind=kind)
        return
    average = event_triggered_average(responding(1), reviewed(), kind=kind, shuffles=19)
    assert average.event_time_s == pytest.approx(ONSETS[which])


def test_events_at_the_ends_and_in_gaps_are_left_out() -> None:
    trace = responding(1, noise=0.1)
    status = np.full(trace.columns["time_s"].size, "ok", dtype="<U9")
    gap = (trace.columns["time_s"] > ONSETS[4] - 1) & (trace.columns["time_s"] < ONSETS[4] + 2.2)
    status[gap] = "no signal"
    columns = {**trace.columns, "status": status}
    spoiled = trace.with_numbers(columns=columns, summary={})
    average = event_triggered_average(spoiled, [*ONSETS, -50.0, 1e6], pre_s=0.5, post_s=1.5)
    assert average.event_time_s == pytest.approx(np.delete(ONSETS, 4))


@pytest.mark.parametrize(
    ("events", "options", "message"),
    [
        ([], {}, "events has none"),
        ([np.nan], {}, "not finite"),
        (["a"], {}, "no times"),
        ([1e9], {}, "none of the 1 events"),
        ([5.0], {"pre_s": -1.0}, "pre_s=-1.0"),
        ([5.0], {"step_s": 0.0}, "step_s=0.0"),
        ([5.0], {"post_s": 1e9, "step_s": STEP}, "steps of 0.016 s"),
        ([5.0], {"baseline": "zero"}, "baseline='zero'"),
        ([5.0], {"baseline_s": (1.0, 0.5)}, "two times in order"),
        ([5.0], {"baseline_s": (-0.001, -0.0005)}, "holds no step"),
        ([5.0], {"shuffles": 3}, "shuffles=3"),
        ([5.0], {"kind": "drop"}, "kind='drop'"),
        ([5.0], {"significance": 1.0}, "significance=1.0"),
    ],
)
def test_odd_events_are_refused(events: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        event_triggered_average(responding(1), events, **options)


def test_a_result_without_events_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="times of events"):
        event_triggered_average(responding(1), velocity_result(np.ones(30)))


def test_two_events_have_no_interval_and_a_constant_trace_no_chance() -> None:
    average = event_triggered_average(responding(1), ONSETS[:2], shuffles=19)
    assert np.isnan(average.ci95_low).all()
    still = event_triggered_average(velocity_result(np.full(3000, 7.0)), ONSETS[:5], shuffles=19)
    assert (still.mean[still.events > 0] == 0).all()
    assert np.isnan(still.p_value)
    assert not still.significant.any()
    assert np.isnan(still.peak_offset_s)
    assert np.isnan(still.recovery_s())


def test_progress_and_cancel() -> None:
    shares: list[float] = []
    event_triggered_average(responding(1), ONSETS, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(AnalysisCancelled):
        event_triggered_average(responding(1), ONSETS, cancel=cancel)
