"""Series of events, beats and lags do what their truth says."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cloudscope.errors import ParameterError
from cloudscope.synthetic import (
    FlowEvent,
    beat_series,
    coupled_traces,
    event_series,
    random_events,
)


def test_a_stall_begins_and_ends_when_stated() -> None:
    truth = event_series(600.0, [FlowEvent("stall", 0.5, 0.9)], lines=2000, ramp_s=0.04)
    below = np.flatnonzero(truth.velocity_um_per_s < 300.0) * 1e-3
    assert below[0] == pytest.approx(0.5, abs=1.1e-3)
    assert below[-1] == pytest.approx(0.9, abs=1.1e-3)
    still = np.flatnonzero(truth.velocity_um_per_s == 0)
    assert (still[0], still[-1]) == (520, 880)
    assert truth.share_of_time("stall") == pytest.approx(0.2)
    assert truth.share_of_time("drop") == 0
    assert np.array_equal(truth.baseline_um_per_s, np.full(2000, 600.0))


def test_events_scale_a_baseline_that_beats() -> None:
    beat = beat_series(3000, mean=-700.0)
    truth = event_series(beat.value, [FlowEvent("reversal", 1.0, 1.5, -0.5)])
    assert truth.velocity_um_per_s[1100:1400] == pytest.approx(-0.5 * beat.value[1100:1400])
    assert truth.velocity_um_per_s[:900] == pytest.approx(beat.value[:900])
    assert not truth.velocity_um_per_s.flags.writeable


def test_random_events_fit_and_differ_by_seed() -> None:
    events = random_events(6.0, count=8, event_s=(0.1, 0.4), apart_s=0.2, seed=1)
    gaps = [b.start_s - a.stop_s for a, b in itertools.pairwise(events)]
    assert min(gaps) >= 0.2 - 1e-9
    assert events[0].start_s >= 0.2
    assert events[-1].stop_s <= 5.8
    assert events == random_events(6.0, count=8, event_s=(0.1, 0.4), apart_s=0.2, seed=1)
    assert events != random_events(6.0, count=8, event_s=(0.1, 0.4), apart_s=0.2, seed=2)
    assert random_events(1.0, count=0) == ()


def test_beats_are_where_the_series_peaks() -> None:
    truth = beat_series(
        20_000, mean=-800.0, rate_bpm=450.0, irregularity=0.1, rate_change=0.3, seed=3
    )
    size = -truth.value
    peaks = np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:])) + 1
    peaks = peaks[size[peaks] > 800 + 0.3 * truth.pulse_height] * 1e-3
    assert peaks.size == truth.peak_s.size
    assert peaks == pytest.approx(truth.peak_s, abs=1.5e-3)
    feet = truth.foot_s
    assert size[np.round(feet * 1e3).astype(int)].max() < 800 - 0.3 * truth.pulse_height
    first, last = np.diff(truth.peak_s)[:20].mean(), np.diff(truth.peak_s)[-20:].mean()
    assert first / last == pytest.approx(1.15 / 0.85, rel=0.1)
    assert truth.mean_rate_bpm == pytest.approx(450.0, rel=0.03)


def test_indices_of_a_beat_are_those_of_its_values() -> None:
    truth = beat_series(8000, mean=500.0, rate_bpm=300.0, pulsatility=0.8)
    assert truth.rate_bpm == pytest.approx(300.0)
    assert truth.value.mean() == pytest.approx(500.0, rel=1e-3)
    height = np.ptp(truth.value)
    assert truth.pulsatility_index == pytest.approx(height / 500, rel=1e-3)
    assert truth.resistivity_index == pytest.approx(height / truth.value.max(), rel=1e-3)


def test_missed_beats_leave_one_long_interval() -> None:
    truth = beat_series(40_000, mean=1.0, rate_bpm=600.0, missed_share=0.1, seed=1)
    intervals = np.diff(truth.beat_s)
    assert np.mean(intervals > 0.15) == pytest.approx(0.1, abs=0.03)
    assert truth.rate_bpm == pytest.approx(600.0)
    assert truth.mean_rate_bpm == pytest.approx(600.0 / 1.1, rel=0.03)


@pytest.mark.parametrize(("lag_s", "correlation"), [(0.52, 0.7), (-0.3, -0.6), (0.0, 1.0)])
def test_the_second_trace_follows_by_the_stated_lag(lag_s: float, correlation: float) -> None:
    step = 0.02
    truth = coupled_traces(
        30_000, step_s=step, lag_s=lag_s, correlation=correlation, memory_s=0.15, seed=2
    )
    lags = np.arange(-50, 51)
    n = truth.first.size
    r = np.array(
        [np.mean(truth.first[50 : n - 50] * truth.second[50 + k : n - 50 + k]) for k in lags]
    )
    top = int(np.argmax(np.abs(r)))
    assert lags[top] * step == pytest.approx(lag_s, abs=step)
    assert r[top] == pytest.approx(correlation, abs=0.06)
    assert truth.first.std() == pytest.approx(1.0, abs=0.05)
    expected = [truth.expected_correlation(k * step) for k in lags]
    assert r == pytest.approx(expected, abs=0.08)


def test_traces_without_coupling_have_none() -> None:
    truth = coupled_traces(20_000, correlation=0.0, seed=4)
    assert abs(np.corrcoef(truth.first, truth.second)[0, 1]) < 0.1


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: FlowEvent("pause", 0.0, 1.0), "kind='pause'"),
        (lambda: FlowEvent("stall", 1.0, 1.0), "stop_s=1.0"),
        (lambda: FlowEvent("drop", 0.0, 1.0, 1.2), "factor=1.2"),
        (lambda: FlowEvent("reversal", 0.0, 1.0), "factor=0.0"),
        (lambda: event_series(1.0, [FlowEvent("stall", 0.1, 0.11)], lines=999), "ramp_s=0.02"),
        (lambda: event_series(1.0, [FlowEvent("stall", 0.8, 1.2)], lines=999), "leaves"),
        (
            lambda: event_series(
                1.0, [FlowEvent("stall", 0.1, 0.5), FlowEvent("stall", 0.4, 0.7)], lines=999
            ),
            "overlaps",
        ),
        (lambda: random_events(1.0, count=9), "count=9"),
        (lambda: random_events(1.0, event_s=(0.3, 0.2)), "event_s"),
        (lambda: beat_series(10, mean=1.0, irregularity=0.5), "irregularity=0.5"),
        (lambda: beat_series(10, mean=1.0, rate_change=3.0), "rate_change=3"),
        (lambda: beat_series(10, mean=1.0, rate_bpm=0.0), "rate_bpm=0"),
        (lambda: coupled_traces(10, correlation=1.1), "correlation=1.1"),
        (lambda: coupled_traces(10, lag_s=np.nan), "lag_s=nan"),
        (lambda: coupled_traces(0), "samples=0"),
    ],
)
def test_a_wrong_parameter_is_named(call, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        call()
