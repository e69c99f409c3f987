"""Heart rate against truth, on noise of several colours, and on what users feed it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.heart_rate import heart_rate, heart_rate_spectrum
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.synthetic import beat_series, pulsatile_series, velocity_kymograph
from tests.pulses import coloured_noise, result_of, velocity_result

# ------------------------------------------------------------------------------- right numbers


def drawn(seed: int, lines: int = 30_000, **heart: Any) -> Any:
    bpm = np.random.default_rng(seed).uniform(300, 620)
    return beat_series(lines, mean=800.0, rate_bpm=bpm, seed=seed, **heart)


@pytest.mark.parametrize(
    ("course", "heart", "limit"),
    [
        ({}, {}, 0.001),
        ({"gap_share": 0.4}, {}, 0.001),
        ({"gap_share": 0.4, "outlier_share": 0.05}, {}, 0.002),
        ({"noise": 200.0}, {}, 0.01),
        ({}, {"irregularity": 0.05}, 0.01),
        ({}, {"rate_change": 0.2}, 0.005),
        ({"gap_share": 0.4}, {"rate_change": 0.1}, 0.01),
    ],
)
def test_the_rate_is_right_and_its_sd_honest(course: Any, heart: Any, limit: float) -> None:
    within = []
    for seed in range(12):
        truth = drawn(seed, **heart)
        summary = heart_rate(velocity_result(truth.value, seed=seed, **course)).summary
        assert summary["status"] == "ok"
        error = summary["heart_rate_bpm"] - truth.mean_rate_bpm
        assert abs(error) < limit * truth.mean_rate_bpm
        within.append(abs(error) < 2 * summary["heart_rate_sd_bpm"])
    assert np.mean(within) >= 0.75


def test_segments_follow_a_rate_that_changes() -> None:
    truth = beat_series(30_000, mean=-800.0, rate_bpm=450.0, rate_change=0.3, seed=3)
    columns = heart_rate(velocity_result(truth.value)).columns
    beat = np.arange(truth.beat_s.size)
    ends = [np.interp(columns[name], truth.beat_s, beat) for name in ("start_s", "stop_s")]
    rate = 60 * (ends[1] - ends[0]) / (columns["stop_s"] - columns["start_s"])
    assert (columns["status"] == "ok").all()
    assert columns["rate_bpm"] == pytest.approx(rate, rel=0.005)
    assert np.mean(np.abs(columns["rate_bpm"] - rate) < 2 * columns["rate_sd_bpm"]) >= 0.85


@pytest.mark.parametrize("window", [16, 32, 64])
def test_the_amplitude_is_led_back_to_before_the_window(window: int) -> None:
    course = 800 + 100 * np.sin(2 * np.pi * 7.3 * np.arange(30_000) * 1e-3)
    summary = heart_rate(velocity_result(course, window=window, step=window // 4)).summary
    assert summary["amplitude"] == pytest.approx(100.0, rel=0.03)
    assert summary["window_attenuation"] == pytest.approx(np.sinc(7.3e-3 * window), abs=1e-3)


def test_a_plain_rate_whose_amplitude_the_window_takes_says_so() -> None:
    course = 800 + 200 * np.sin(2 * np.pi * 12.2 * np.arange(30_000) * 1e-3)
    summary = heart_rate(velocity_result(course, noise=5.0), maximum_bpm=780.0).summary
    assert (summary["status"], summary["amplitude_status"]) == ("ok", "window too long")
    assert summary["heart_rate_bpm"] == pytest.approx(732.0, abs=1.0)
    assert np.isnan(summary["amplitude"])


def test_windows_and_steps_that_cannot_show_the_range_say_so() -> None:
    course = pulsatile_series(30_000, mean=800.0)
    assert heart_rate(velocity_result(course, window=256)).summary["status"] == "window too long"
    sparse = velocity_result(course, window=16, step=128)
    assert heart_rate(sparse).summary["status"] == "sampled too slowly"


def test_a_strong_harmonic_is_not_taken_for_the_rate() -> None:
    time = np.arange(30_000) * 1e-3
    wave = np.sin(2 * np.pi * 4.6 * time) + 1.5 * np.sin(2 * np.pi * 9.2 * time + 1)
    summary = heart_rate(velocity_result(800 + 60 * wave, window=16, step=4)).summary
    assert summary["heart_rate_bpm"] == pytest.approx(276.0, abs=0.5)
    assert summary["highest_peak_is_harmonic"] == 2
    assert summary["second_harmonic_share"] == pytest.approx(1.5, rel=0.1)


def test_a_harmonic_of_breathing_is_not_a_heart() -> None:
    time = np.arange(30_000) * 1e-3
    wave = np.sin(2 * np.pi * 2.6 * time) + 0.5 * np.sin(2 * np.pi * 5.2 * time)
    summary = heart_rate(velocity_result(800 + 100 * wave)).summary
    assert summary["status"] == "harmonic of a slower rate"


def test_a_rate_at_the_end_of_the_range_is_marked() -> None:
    result = velocity_result(pulsatile_series(30_000, mean=800.0, rate_hz=7.52))
    assert heart_rate(result, maximum_bpm=450.0).summary["status"] == "at edge of range"


def test_species_set_the_range() -> None:
    course = beat_series(60_000, mean=300.0, rate_bpm=72.0, seed=1).value
    summary = heart_rate(velocity_result(course, noise=30.0), species="human").summary
    assert summary["heart_rate_bpm"] == pytest.approx(72.0, abs=0.2)
    assert summary["segments_accepted"] == summary["segments"]
    with pytest.raises(ParameterError, match=r"minimum_bpm=None.*custom"):
        heart_rate(velocity_result(course), species="custom")


def test_both_methods_agree_on_a_heart() -> None:
    summary = heart_rate(velocity_result(drawn(1).value)).summary
    assert summary["methods_agree"] == "yes"
    assert abs(summary["welch_difference_bpm"]) < 5
    assert summary["welch_false_alarm_probability"] < 1e-6


def test_other_courses_than_velocity_have_a_rate() -> None:
    rng = np.random.default_rng(1)
    width = pulsatile_series(6000, mean=20.0, amplitude=0.1, rate_hz=7.0, drift=0.0)
    vessel = 100.0 * (np.abs(np.arange(64) - 32) < width[:, None] / 2)
    result = diameter(
        vessel + rng.normal(20, 5, vessel.shape), line_period_s=1e-3, pixel_size_um=0.5
    )
    assert heart_rate(result).summary["heart_rate_bpm"] == pytest.approx(420.0, abs=2.0)


def test_a_heart_is_found_from_pixels() -> None:
    truth = beat_series(12_000, mean=600.0, rate_bpm=468.0, pulsatility=0.4, seed=2)
    image = velocity_kymograph(truth.value, pixels=32, seed=2).image
    velocity = radon_velocity(image, line_period_s=1e-3, pixel_size_um=0.5)
    summary = heart_rate(velocity).summary
    assert summary["status"] == "ok"
    assert summary["heart_rate_bpm"] == pytest.approx(truth.mean_rate_bpm, rel=0.005)


def test_a_real_recording_beats_faster_than_600(shared_data: Path) -> None:
    image = tifffile.imread(shared_data / "events" / "20251204_A117_0004.tif")
    rates = []
    for window, step in ((64, 16), (32, 8)):
        velocity = radon_velocity(
            image[:15_000],
            line_period_s=1.146e-3,
            pixel_size_um=0.26,
            window_lines=window,
            step_lines=step,
        )
        summary = heart_rate(velocity).summary
        assert summary["status"] == "ok"
        assert summary["false_alarm_probability"] < 1e-6
        rates.append(summary["heart_rate_bpm"])
    assert rates == pytest.approx([666.0, 666.0], abs=5.0)


# ------------------------------------------------------------------------------- false alarms


@pytest.mark.parametrize("color", ["white", "overlapping", "red", "pink"])
def test_noise_is_significant_no_more_often_than_stated(color: str) -> None:
    chances = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        size = int(rng.choice([250, 600, 1800]))
        value = 500 + 50 * coloured_noise(color, size, rng)
        time = 0.016 * np.arange(size)
        if seed % 2:
            value[rng.random(size) < 0.4] = np.nan
        result = result_of(time, value)
        chances.append(heart_rate(result, window_s=0.064).summary["false_alarm_probability"])
    assert np.mean(np.array(chances) < 0.05) <= 0.12


def test_the_threshold_of_the_spectrum_is_that_of_the_rate() -> None:
    result = velocity_result(drawn(2).value)
    spectrum = heart_rate_spectrum(result, false_alarm_limit=0.001)
    highest = spectrum.frequency_hz[np.argmax(spectrum.power / spectrum.threshold)]
    assert highest == pytest.approx(spectrum.heart_rate_hz, rel=0.01)
    assert spectrum.power.max() > spectrum.threshold.max()
    assert spectrum.welch_density.size == spectrum.welch_frequency_hz.size > 0
    with pytest.raises(ParameterError, match="did you mean species"):
        heart_rate_spectrum(result, specie="rat")


# ------------------------------------------------------------------------------- odd input


def status_of(time: Any, value: Any, **options: Any) -> str:
    result = heart_rate(result_of(np.asarray(time, float), np.asarray(value, float)), **options)
    assert set(result.columns) >= {"time_s", "rate_bpm", "status"}
    return str(result.summary["status"])


def test_what_has_no_rate_has_a_status() -> None:
    time = 0.016 * np.arange(500)
    noise = np.random.default_rng(1).normal(500, 50, 500)
    assert status_of(time, np.full(500, np.nan)) == "no signal"
    assert status_of(time, np.full(500, 300.0)) == "no signal"
    assert status_of(time, np.full(500, np.inf)) == "no signal"
    assert status_of([], []) == "no signal"
    assert status_of(time[:2], noise[:2]) == "no signal"
    assert status_of(time[:40], noise[:40]) == "too short"
    assert status_of(time, noise, window_s=0.064) == "not significant"
    assert status_of(time, np.linspace(1, 2, 500)) in ("no signal", "not significant")


def test_the_order_of_samples_does_not_matter_and_twice_one_time_is_refused() -> None:
    result = velocity_result(drawn(4, lines=8000).value)
    time, value = result.columns["time_s"], result.columns["velocity_um_per_s"]
    mixed = np.random.default_rng(0).permutation(time.size)
    plain = heart_rate(result_of(time, value)).summary
    assert heart_rate(result_of(time[mixed], value[mixed])).summary == pytest.approx(
        dict(plain), nan_ok=True
    )
    with pytest.raises(ParameterError, match="occurs more than once"):
        heart_rate(result_of(np.zeros(20), np.arange(20.0)))


def test_a_result_without_a_course_is_refused() -> None:
    with pytest.raises(ParameterError, match="needs a result of radon_velocity"):
        heart_rate(np.zeros(100))  # type: ignore[arg-type]
    rates = heart_rate(velocity_result(drawn(1, lines=5000).value))
    with pytest.raises(ParameterError, match="'heart_rate'"):
        heart_rate(rates)
    with pytest.raises(ParameterError, match="maximum_bpm=250"):
        heart_rate(velocity_result(drawn(1, lines=5000).value), maximum_bpm=250.0, minimum_bpm=240)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.lists(
        st.floats(width=32) | st.just(float("nan")) | st.floats(100, 200), min_size=0, max_size=300
    ),
    st.sampled_from([1e-4, 0.016, 0.3]),
    st.booleans(),
)
def test_any_course_gives_rows_with_a_status(values: list[float], step: float, sd: bool) -> None:
    value = np.array(values, float)
    result = result_of(step * np.arange(value.size), value, sd=np.abs(value) if sd else None)
    measured = heart_rate(result)
    ok = measured.columns["status"] == "ok"
    assert np.isfinite(measured.columns["rate_bpm"][ok]).all()
    chance = measured.summary["false_alarm_probability"]
    assert np.isnan(chance) or 0 <= chance <= 1


def test_it_can_be_watched_and_stopped() -> None:
    result = velocity_result(drawn(1, lines=10_000).value)
    seen: list[float] = []
    heart_rate(result, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    stop = threading.Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        heart_rate(result, cancel=stop)


def test_the_same_numbers_come_again_and_name_their_input() -> None:
    result = velocity_result(drawn(5, lines=10_000).value)
    first: AnalysisResult = heart_rate(result)
    assert first.same_numbers(heart_rate(result))
    assert first.inputs["velocity"].digest == result.digest
