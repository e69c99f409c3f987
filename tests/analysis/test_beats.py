"""Single beats against truth, and on what users feed them."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.beats import beat_waveform, beats
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.synthetic import BeatSeriesTruth, beat_series, velocity_kymograph
from tests.pulses import result_of, velocity_result


def drawn(seed: int, lines: int = 20_000, **heart: Any) -> BeatSeriesTruth:
    bpm = np.random.default_rng(seed).uniform(300, 560)
    return beat_series(lines, mean=800.0, rate_bpm=bpm, seed=seed, **heart)


def short(value: np.ndarray, **course: Any) -> Any:
    return velocity_result(value, **{"window": 32, "step": 8, **course})


def against(truth: BeatSeriesTruth, columns: Any) -> tuple[np.ndarray, np.ndarray]:
    """Errors of accepted periods (s), and the same in their standard deviations."""
    number = np.arange(truth.beat_s.size)
    phase = np.interp(columns["start_s"], truth.beat_s, number)
    onset = np.angle(np.mean(np.exp(2j * np.pi * phase))) / (2 * np.pi)
    near = np.rint(phase - onset)
    begin, end = (np.interp(near + later + onset, number, truth.beat_s) for later in (0, 1))
    ok = columns["status"] == "ok"
    error = (columns["period_s"] - (end - begin))[ok]
    return error, error / columns["period_sd_s"][ok]


# ------------------------------------------------------------------------------- right numbers


@pytest.mark.parametrize(
    ("course", "heart", "spread"),
    [
        ({}, {}, 0.01),
        ({}, {"irregularity": 0.05}, 0.03),
        ({"gap_share": 0.4}, {"irregularity": 0.02}, 0.03),
        ({"noise": 200.0}, {"irregularity": 0.02}, 0.035),
        ({}, {"rate_change": 0.2}, 0.012),
    ],
)
def test_beats_are_counted_and_timed(course: Any, heart: Any, spread: float) -> None:
    for seed in range(4):
        truth = drawn(seed, **heart)
        result = beats(short(truth.value, seed=seed, **course))
        columns, summary = result.columns, result.summary
        assert summary["status"] == "ok"
        ends = [columns["start_s"][0], columns["stop_s"][-1]]
        first, last = np.interp(ends, truth.beat_s, np.arange(truth.beat_s.size))
        assert summary["beats"] == pytest.approx(last - first, abs=0.6)
        assert summary["beat_rate_bpm"] == pytest.approx(truth.mean_rate_bpm, rel=0.01)
        error, in_sd = against(truth, columns)
        assert error.std() < spread * 60 / truth.rate_bpm
        assert np.mean(np.abs(in_sd) < 2) >= 0.9


def test_pulsatility_and_resistivity_are_led_back_to_before_the_window() -> None:
    for seed in range(4):
        truth = drawn(seed, pulsatility=0.5, irregularity=0.02)
        summary = beats(short(truth.value, seed=seed)).summary
        for name in ("pulsatility_index", "waveform_pulsatility_index"):
            assert summary[name] == pytest.approx(0.5, rel=0.06)
            assert summary[f"{name}_ci95_low"] < summary[name] < summary[f"{name}_ci95_high"]
        assert summary["resistivity_index"] == pytest.approx(truth.resistivity_index, rel=0.06)
        assert summary["pulsatility_index_as_sampled"] < 0.47
        assert summary["amplitude_status"] == "ok"


def test_noise_does_not_make_beats_higher() -> None:
    found = [beats(short(drawn(seed).value, noise=200.0, seed=seed)).summary for seed in range(5)]
    assert np.mean([one["waveform_pulsatility_index"] for one in found]) == pytest.approx(
        0.5, rel=0.06
    )


def test_long_windows_say_what_they_leave_of_a_beat() -> None:
    long = beats(velocity_result(beat_series(20_000, mean=800.0, rate_bpm=480.0).value)).summary
    assert long["amplitude_status"] == "first harmonic only"
    assert long["harmonics"] == 1
    fast = beat_series(20_000, mean=800.0, rate_bpm=735.0, seed=1)
    result = beats(velocity_result(fast.value, noise=5.0), maximum_bpm=790.0)
    assert result.summary["status"] == "ok"
    assert result.summary["amplitude_status"] == "window too long"
    assert np.isnan(result.summary["pulsatility_index"])
    assert np.isnan(result.columns["peak"]).all()
    assert result.summary["beat_rate_bpm"] == pytest.approx(735.0, rel=0.005)


def test_variability_is_that_of_the_beats() -> None:
    truth = drawn(3, lines=30_000, irregularity=0.05)
    summary = beats(short(truth.value, window=16, step=4, noise=30.0)).summary
    interval = np.diff(truth.beat_s)
    assert summary["variability_status"] == "ok"
    assert summary["sdnn_s"] == pytest.approx(interval.std(), rel=0.15)
    assert summary["rmssd_s"] == pytest.approx(np.sqrt(np.mean(np.diff(interval) ** 2)), rel=0.25)
    steady = beats(short(drawn(3).value)).summary
    assert steady["variability_status"] == "below the timing noise"


def test_a_dropped_beat_is_one_long_beat() -> None:
    truth = beat_series(20_000, mean=800.0, rate_bpm=400.0, missed_share=0.03, seed=5)
    columns = beats(short(truth.value, noise=20.0)).columns
    lost = np.diff(truth.beat_s) > 0.22
    assert 0.5 * lost.sum() <= columns["irregular"].sum() <= lost.sum() + 3


def test_a_long_gap_is_bridged_by_the_prior_and_marked() -> None:
    truth = drawn(6)
    whole = short(truth.value)
    velocity = whole.columns["velocity_um_per_s"].copy()
    time = whole.columns["time_s"]
    velocity[(time > 8) & (time < 9)] = np.nan
    rows = {name: whole.columns[name] for name in ("row_start", "row_stop")}
    columns = beats(result_of(time, velocity, **rows)).columns
    gap = columns["status"] == "gap"
    assert 3 <= gap.sum() <= 10
    assert ((columns["time_s"][gap] > 7.9) & (columns["time_s"][gap] < 9.1)).all()
    assert np.isnan(columns["rate_bpm"][gap]).all()
    assert np.isfinite(columns["start_s"]).all()


def test_negative_velocities_beat_as_positive_ones_do() -> None:
    value = drawn(7).value
    there, back = beats(short(value)), beats(short(-value))
    assert back.summary["beats"] == pytest.approx(there.summary["beats"], abs=1)
    for one in (there, back):
        assert one.summary["pulsatility_index"] == pytest.approx(0.5, rel=0.06)
    assert (back.columns["peak"] > back.columns["trough"]).all()


def test_beats_are_found_from_pixels() -> None:
    truth = beat_series(12_000, mean=600.0, rate_bpm=450.0, pulsatility=0.6, seed=2)
    image = velocity_kymograph(truth.value, pixels=40, seed=2).image
    velocity = radon_velocity(
        image, line_period_s=1e-3, pixel_size_um=0.5, window_lines=32, step_lines=8
    )
    result = beats(velocity)
    assert result.summary["beat_rate_bpm"] == pytest.approx(truth.mean_rate_bpm, rel=0.005)
    assert result.summary["pulsatility_index"] == pytest.approx(0.6, rel=0.12)
    assert np.mean(np.abs(against(truth, result.columns)[1]) < 2) >= 0.85


# ------------------------------------------------------------------------------- the waveform


def test_the_waveform_is_that_of_the_beats() -> None:
    truth = drawn(8)
    velocity = short(truth.value, noise=20.0)
    wave = beat_waveform(velocity, beats(velocity), n_phases=20)
    assert wave.mean.mean() == pytest.approx(800.0, rel=0.01)
    assert np.ptp(wave.mean) / wave.mean.mean() == pytest.approx(0.45, abs=0.05)
    assert ((wave.ci95_low < wave.mean) & (wave.mean < wave.ci95_high)).all()
    assert int(wave.mean.argmin()) in (0, 1, 18, 19)
    assert wave.n.sum() > 0.9 * velocity.columns["time_s"].size


def test_a_waveform_of_other_numbers_is_refused() -> None:
    one, other = short(drawn(1).value), short(drawn(2).value)
    found = beats(one)
    with pytest.raises(ParameterError, match="other numbers"):
        beat_waveform(other, found)
    with pytest.raises(ParameterError, match="n_phases=2"):
        beat_waveform(one, found, n_phases=2)
    with pytest.raises(ParameterError, match="no result of the analysis 'beats'"):
        beat_waveform(one, one)


# ------------------------------------------------------------------------------- odd input


def test_what_has_no_rate_has_no_beats() -> None:
    time = 0.016 * np.arange(800)
    noise = np.random.default_rng(2).normal(500, 50, 800)
    for value, status in (
        (np.full(800, np.nan), "no signal"),
        (np.full(800, 5.0), "no signal"),
        (noise, "not significant"),
    ):
        velocity = result_of(time, value)
        result = beats(velocity)
        assert result.summary["status"] == status
        assert result.summary["beats"] == 0
        assert all(column.size == 0 for column in result.columns.values())
        assert np.isnan(beat_waveform(velocity, result).mean).all()
    assert beats(result_of(time[:30], noise[:30])).summary["status"] == "too short"


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.floats(0, 0.9), st.floats(1, 1e6), st.booleans())
def test_any_pulse_gives_rows_with_a_status(
    seed: int, gaps: float, scale: float, noisy: bool
) -> None:
    rng = np.random.default_rng(seed)
    time = 0.008 * np.arange(600)
    value = scale * (rng.normal() + np.sin(2 * np.pi * rng.uniform(4, 12) * time))
    value = value + noisy * scale * rng.normal(size=600)
    value[rng.random(600) < gaps] = np.nan
    columns = beats(result_of(time, value)).columns
    assert (np.diff(columns["start_s"]) > 0).all()
    ok = columns["status"] == "ok"
    assert np.isfinite(columns["period_s"][ok]).all()
    assert set(columns["status"]) <= {"ok", "gap", "uncertain"}


def test_it_can_be_watched_and_stopped() -> None:
    velocity = short(drawn(1, lines=8000).value)
    seen: list[float] = []
    first = beats(velocity, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert first.same_numbers(beats(velocity))
    stop = threading.Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        beats(velocity, cancel=stop)
