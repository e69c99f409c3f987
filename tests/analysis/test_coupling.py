"""Coupling of two traces against truth: lags, chance, clocks, and averages around events."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.analysis.coupling import coupling, event_triggered_average
from cloudscope.analysis.lagged import chance as chances
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, ParameterError, UnknownNameError
from cloudscope.synthetic import coupled_traces, transient_kymograph
from tests.made_results import diameter_result, velocity_result
from tests.unrelated import UNRELATED, red

STEP = 0.016


def pair(seed: int, samples: int = 1500, **options: Any) -> tuple[AnalysisResult, AnalysisResult]:
    truth = coupled_traces(samples, step_s=STEP, seed=seed, **options)
    return velocity_result(truth.first), velocity_result(truth.second)


# ------------------------------------------------------------------------------- right numbers


@pytest.mark.parametrize("lag_s", [-0.9, -0.208, 0.0, 0.333, 1.2])
@pytest.mark.parametrize("correlation", [-0.9, 0.9])
def test_the_lag_is_found_and_has_its_sign(lag_s: float, correlation: float) -> None:
    """Positive: the second trace follows the first."""
    first, second = pair(1, lag_s=lag_s, correlation=correlation, memory_s=0.1)
    summary = coupling(first, second, surrogates=99).summary
    assert summary["peak_lag_s"] == pytest.approx(lag_s, abs=0.03)
    assert summary["peak_correlation"] == pytest.approx(correlation, abs=0.08)
    assert summary["peak_lag_ci95_low_s"] <= lag_s <= summary["peak_lag_ci95_high_s"]
    assert (summary["significant"], summary["p_value"]) == ("yes", 0.01)
    turned = coupling(second, first, surrogates=99).summary
    assert turned["peak_lag_s"] == pytest.approx(-summary["peak_lag_s"], abs=1e-9)


def test_each_correlation_is_pearsons_over_the_pairs_there_are() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 300))
    status = np.where(rng.random(300) < 0.1, "no signal", "ok")
    result = coupling(
        velocity_result(x, status=status),
        velocity_result(y),
        detrend="none",
        max_lag_s=20 * STEP,
        step_s=STEP,
        surrogates=39,
    )
    table = result.table.set_index("lag_s")
    x = np.where(status == "ok", x, np.nan)
    for lag in (-20, -3, 0, 7):
        here, there = (x[:-lag], y[lag:]) if lag > 0 else (x[-lag:], y[: y.size + lag])
        known = np.isfinite(here)
        row = table.iloc[lag + 20]
        assert row.name == pytest.approx(lag * STEP)
        assert row["correlation"] == pytest.approx(np.corrcoef(here[known], there[known])[0, 1])
        assert row["pairs"] == known.sum()


def test_lags_and_their_intervals_are_honest() -> None:
    inside, error = [], []
    for seed in range(50):
        lag = float(np.random.default_rng(seed).uniform(-0.5, 0.5))
        first, second = pair(seed, lag_s=lag, correlation=0.6, memory_s=0.15)
        summary = coupling(first, second, surrogates=39).summary
        inside.append(summary["peak_lag_ci95_low_s"] <= lag <= summary["peak_lag_ci95_high_s"])
        error.append((summary["peak_lag_s"] - lag) / summary["peak_lag_sd_s"])
    assert np.mean(inside) >= 0.9
    assert 0.5 < np.std(error) < 1.3


def test_intervals_of_a_correlation_count_the_autocorrelation() -> None:
    inside = naive = 0
    for seed in range(80):
        first, second = pair(seed, lag_s=0.0, correlation=0.5, memory_s=0.2)
        zero = coupling(first, second, surrogates=39, max_lag_s=0.0, step_s=STEP)
        low, high = zero.columns["ci95_low"][0], zero.columns["ci95_high"][0]
        inside += low <= 0.5 <= high
        naive += abs(zero.summary["correlation_at_zero"] - 0.5) < 1.96 * 0.75 / np.sqrt(1500)
    assert inside >= 0.88 * 80
    assert naive < 0.5 * 80


# ------------------------------------------------------------------------------- chance


def called_coupled(kind: str, seeds: int, **options: Any) -> float:
    """How often traces that have nothing to do with each other are called coupled at any lag."""
    called = 0
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        first, second = (velocity_result(UNRELATED[kind](600, rng)) for _ in range(2))
        result = coupling(first, second, **{"max_lag_s": 1.5, "surrogates": 99, **options})
        assert (result.summary["significant"] == "yes") == result.columns["significant"].any()
        called += result.summary["significant"] == "yes"
    return called / seeds


@pytest.mark.parametrize("kind", list(UNRELATED))
def test_unrelated_traces_are_not_called_coupled_more_often_than_stated(kind: str) -> None:
    """0.05 is stated; 0.11 in 80 is 2.5 standard errors above it. Benchmarks count 400 each."""
    assert called_coupled(kind, 80, surrogates=59, max_lag_s=0.8) <= 0.11


def test_chance_is_counted_over_all_lags_and_a_single_lag_is_not_enough() -> None:
    result = coupling(*pair(3, correlation=0.0))
    single, anywhere = result.columns["limit_single"], result.columns["limit_any"]
    assert (single < anywhere).all()
    naive = 1.96 / np.sqrt(1500)
    assert single.min() > 2 * naive


def test_surrogates_keep_the_autocorrelation() -> None:
    rng = np.random.default_rng(0)
    trace = red(2000, 20.0, rng)
    trace -= trace.mean()
    made = chances.random_phases(trace, 200, rng)

    def alike(values: np.ndarray) -> np.ndarray:
        power = (values**2).mean()
        return np.array([(values[..., :-k] * values[..., k:]).mean() / power for k in (1, 10, 30)])

    assert alike(made) == pytest.approx(alike(trace), abs=0.05)
    assert made.var() == pytest.approx(trace.var(), rel=0.1)


# ------------------------------------------------------------------------------- one clock


def test_traces_of_other_rates_and_rois_are_brought_to_one_clock() -> None:
    """A velocity each 16 ms from line 2000 on, a diameter each ms from line 500 on."""
    truth = coupled_traces(30_000, step_s=1e-3, lag_s=0.25, correlation=0.95, seed=4)
    slow = velocity_result(truth.first[2031::16][:1500], first_row=2000)
    fine = diameter_result(10 + truth.second[500:], first_row=500)
    summary = coupling(slow, fine, max_lag_s=1.0, surrogates=99).summary
    assert summary["peak_lag_s"] == pytest.approx(0.25, abs=0.02)
    assert summary["shared_from_s"] == pytest.approx(2.0315)
    assert summary["step_s"] == pytest.approx(0.016)
    turned = coupling(fine, slow, max_lag_s=1.0, surrogates=99).summary
    assert turned["peak_lag_s"] == pytest.approx(-0.25, abs=0.02)


def test_what_is_faster_than_the_grid_is_not_folded_down() -> None:
    time = np.arange(20_000) * 1e-3
    fast = diameter_result(10 + np.sin(2 * np.pi * 59.0 * time) + 0.01 * np.sin(time))
    slow = velocity_result(np.sin(2 * np.pi * 3.5 * (np.arange(1200) * STEP + 0.0315)))
    result = coupling(slow, fast, surrogates=39)  # 59 Hz, each 16 ms, would be seen as 3.5 Hz
    assert np.abs(result.columns["correlation"]).max() < 0.35


def test_gaps_do_not_move_the_lag() -> None:
    truth = coupled_traces(2000, step_s=STEP, lag_s=0.4, correlation=0.9, seed=2)
    rng = np.random.default_rng(0)
    status = [np.where(rng.random(2000) < 0.3, "no signal", "ok") for _ in range(2)]
    status[0][500:800] = "no signal"
    first, second = (
        velocity_result(np.where(known == "ok", values, 1e6), status=known)
        for known, values in zip(status, (truth.first, truth.second), strict=True)
    )
    result = coupling(first, second, surrogates=99)
    assert result.summary["peak_lag_s"] == pytest.approx(0.4, abs=0.04)
    assert result.summary["peak_correlation"] == pytest.approx(0.9, abs=0.07)


# ------------------------------------------------------------------------------- choices


def test_a_slow_drift_is_taken_off() -> None:
    rng = np.random.default_rng(1)
    drift = 30 * np.sin(np.arange(1500) / 400)
    first, second = (velocity_result(drift + rng.normal(size=1500)) for _ in range(2))
    assert coupling(first, second, surrogates=39).summary["correlation_at_zero"] > 0.9
    flat = coupling(first, second, detrend="moving", detrend_s=0.3, surrogates=99)
    assert abs(flat.summary["correlation_at_zero"]) < 0.1
    assert flat.summary["significant"] == "no"


def test_outliers_do_not_rule_ranks() -> None:
    truth = coupled_traces(1500, step_s=STEP, lag_s=0.2, correlation=0.9, seed=5)
    first = truth.first.copy()
    first[::100] += 80.0
    results = [
        coupling(
            velocity_result(first), velocity_result(truth.second), values=values, surrogates=99
        ).summary
        for values in ("measured", "ranks")
    ]
    assert results[0]["peak_correlation"] < 0.4
    assert results[1]["peak_correlation"] > 0.8
    assert results[1]["peak_lag_s"] == pytest.approx(0.2, abs=0.03)


def test_the_sign_of_the_peak_can_be_asked_for() -> None:
    first, second = pair(1, lag_s=0.3, correlation=-0.9, memory_s=0.1)
    found = coupling(first, second, peak="negative", surrogates=99).summary
    other = coupling(first, second, peak="positive", surrogates=99).summary
    assert found["peak_lag_s"] == pytest.approx(0.3, abs=0.03)
    assert other["peak_correlation"] > 0
    assert other["p_value"] > 0.05


def test_another_column_can_be_taken() -> None:
    image = transient_kymograph([1.0, 3.0], 0.5, lines=5000, snr=20.0, seed=1).image
    result = cs.intensity(image, line_period_s=1e-3, pixel_size_um=None)
    same = coupling(result, result, second_column="intensity", max_lag_s=0.5, surrogates=39)
    assert same.summary["peak_lag_s"] == pytest.approx(0.0, abs=2e-3)
    assert same.summary["peak_correlation"] > 0.95


def test_the_same_seed_gives_the_same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = pair(1)
    result = coupling(first, second)
    assert coupling(first, second).same_numbers(result)
    monkeypatch.setattr(chances, "_AT_ONCE", 3 * 1500)
    in_parts = coupling(first, second)
    for name in ("correlation", "limit_any", "limit_single"):
        assert in_parts.columns[name] == pytest.approx(result.columns[name], abs=1e-12)
    other = coupling(first, second, seed=1)
    assert not np.array_equal(other.columns["limit_any"], result.columns["limit_any"])


# ------------------------------------------------------------------------------- how it runs


def test_progress_and_cancel() -> None:
    first, second = pair(1, samples=200)
    shares: list[float] = []
    coupling(first, second, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    cancel = threading.Event()
    cancel.set()
    for run in (
        lambda: coupling(first, second, cancel=cancel),
        lambda: event_triggered_average(first, [2.0], cancel=cancel),
    ):
        with pytest.raises(AnalysisCancelled):
            run()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"step_s": 1e-4}, "give a step of at least 0.001 s or a shorter lag"),
        ({"significance": 0.0}, "significance=0.0"),
        ({"surrogates": 5}, "surrogates=5"),
        ({"first_column": "speed"}, "no column 'speed'"),
        ({"second_column": "status"}, "holds words"),
    ],
)
def test_what_is_refused_is_named(options: dict[str, Any], message: str) -> None:
    first, second = pair(1, samples=200)
    with pytest.raises(cs.errors.CloudscopeError, match=message):
        coupling(first, second, **options)


def test_traces_without_common_time_are_refused() -> None:
    first = velocity_result(np.arange(100.0), first_row=0)
    second = velocity_result(np.arange(100.0), first_row=50_000)
    with pytest.raises(ParameterError, match="share at least 20"):
        coupling(first, second)


def test_a_constant_trace_has_no_correlation() -> None:
    still = velocity_result(np.full(200, 0.1))
    result = coupling(pair(1, samples=200)[0], still)
    assert set(result.columns["status"]) <= {"constant", "few pairs"}
    assert np.isnan(result.columns["correlation"]).all()
    assert result.summary["significant"] == "no"


# ------------------------------------------------------------------------------- around events

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
