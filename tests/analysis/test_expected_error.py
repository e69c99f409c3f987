"""Phantoms resemble their recording, and what is wrong with them is what is wrong with it."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.expected_error import ExpectedError, expected_error
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import (
    AnalysisCancelled,
    CalibrationError,
    CloudscopeError,
    ParameterError,
)
from cloudscope.synthetic import VelocityTruth, beat_series, velocity_kymograph

SCALES = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


def drawn(speed: float, *, lines: int = 2500, seed: int = 1, **options: Any) -> VelocityTruth:
    beat = beat_series(lines, mean=speed, rate_bpm=400.0, pulsatility=0.3, seed=seed)
    return velocity_kymograph(beat.value, seed=seed, **{"pixels": 40, "snr": 1.0, **options})


def errors(truth: VelocityTruth, result: AnalysisResult) -> np.ndarray:
    columns = result.columns
    wanted = truth.mean_velocity_um_per_s(columns["row_start"], columns["row_stop"])
    ok = columns["status"] == "ok"
    return ((columns["velocity_um_per_s"] - wanted) * np.sign(wanted))[ok]


@pytest.fixture(scope="module")
def usual() -> tuple[VelocityTruth, AnalysisResult, ExpectedError]:
    truth = drawn(-800.0, cell_length_um=(5.0, 7.0))
    result = radon_velocity(truth.image, **SCALES)
    return truth, result, expected_error(truth.image, result, phantoms=2, lines=1500)


def test_the_twin_has_the_cells_and_noise_of_its_recording(usual) -> None:
    truth, _, expected = usual
    twin = expected.twin
    assert twin.cell_length_um == pytest.approx(6.0, rel=0.2)
    assert twin.hematocrit == pytest.approx(0.45, abs=0.1)
    # Bleaching and the dim ends of the line take from the streaks what they had at first.
    assert 0.6 * truth.snr < twin.snr < 1.1 * truth.snr
    assert twin.cell_spacing_um == pytest.approx(1 / truth.linear_density_per_um, rel=0.3)
    assert twin.still == pytest.approx(truth.image.mean(axis=0), rel=0.02)
    course = twin.velocity_um_per_s
    assert np.corrcoef(course, truth.velocity_um_per_s)[0, 1] > 0.9
    assert course.std() == pytest.approx(truth.velocity_um_per_s.std(), rel=0.2)


def test_a_phantom_looks_like_its_recording(usual) -> None:
    truth, _, expected = usual
    image = expected.twin.draw(5).image
    assert image.shape[1] == truth.image.shape[1]
    assert image.mean() == pytest.approx(truth.image.mean(), rel=0.03)
    assert image.std() == pytest.approx(truth.image.std(), rel=0.1)
    assert not np.array_equal(image, expected.twin.draw(6).image)
    assert np.array_equal(image, expected.twin.draw(5).image)


@pytest.mark.parametrize(
    ("speed", "options"),
    [
        (600.0, {"pixels": 64, "snr": 0.5}),
        (300.0, {"pixels": 12, "snr": 2.0}),
    ],
)
def test_the_predicted_spread_is_the_actual_one(speed: float, options: dict) -> None:
    recordings = [drawn(speed, seed=seed, **options) for seed in range(3)]
    results = [radon_velocity(one.image, **SCALES) for one in recordings]
    off = np.concatenate([errors(*pair) for pair in zip(recordings, results, strict=True)])
    spread = 1.4826 * np.median(np.abs(off - np.median(off)))
    found = expected_error(recordings[0].image, results[0], windows_lines=(), phantoms=3).summary
    assert 1 / 1.7 < found["spread_um_per_s"] / spread < 1.7
    assert found["bias_um_per_s"] == pytest.approx(np.median(off), abs=0.02 * speed)
    assert found["spread_ci95_low_um_per_s"] < found["spread_um_per_s"]
    assert found["spread_um_per_s"] < found["spread_ci95_high_um_per_s"]
    assert found["within_10_percent_share"] == pytest.approx(
        np.mean(np.abs(off) < 0.1 * speed), abs=0.08
    )
    assert found["within_2_sd_share"] > 0.85


def test_windows_trade_spread_for_what_they_hide(usual) -> None:
    table = usual[2].table
    assert table["window_lines"].tolist() == [16, 32, 64, 128]
    assert table["window_s"].tolist() == pytest.approx([0.016, 0.032, 0.064, 0.128])
    assert table["used"].tolist() == [False, False, True, False]
    assert table["hidden_um_per_s"].is_monotonic_increasing
    steady = velocity_kymograph(500.0, lines=2000, pixels=30, snr=0.7, seed=2)
    result = radon_velocity(steady.image, **SCALES)
    expected = expected_error(steady.image, result, windows_lines=(16,), phantoms=1)
    short, long = expected.table["spread_um_per_s"]
    assert short > 1.5 * long


def test_the_parameters_of_the_measurement_are_used_again() -> None:
    truth = drawn(600.0)
    result = radon_velocity(
        truth.image, window_lines=48, step_lines=24, direction="positive", quality_limit=0.9,
        **SCALES,
    )  # fmt: skip
    expected = expected_error(truth.image, result, windows_lines=(96,), phantoms=2, lines=1000)
    assert expected.table["window_lines"].tolist() == [48, 96]
    phantom_windows = 1 + (expected.twin.lines - 48) // 24
    assert expected.scores[0].windows == 2 * phantom_windows
    assert "48 lines (48 ms), one every 24 lines (24 ms)" in expected.methods_paragraph
    assert "flow towards smaller columns" in expected.methods_paragraph


def test_the_paragraph_states_what_was_found_and_cites_what_was_used(usual) -> None:
    _, result, expected = usual
    text, found = expected.methods_paragraph, expected.summary
    assert result.software in text
    assert f"{found['bias_um_per_s']:.3g} µm/s" in text
    assert f"2 drawn recordings of {expected.twin.lines} lines" in text
    assert "2500 lines of 40 pixels (line period 1 ms, pixel size 0.5 µm)" in text
    for name in ("Drew", "Padfield", "Forney", "Wilson", "Efron and Stein"):
        assert name in text
    assert "Rauch" not in text
    assert "nan" not in text
    assert text.index("References:") < text.index("Drew PJ, Blinder P")


def test_the_classic_method_is_measured_and_cited_by_itself() -> None:
    truth = drawn(600.0, lines=600, pixels=24, snr=3.0)
    result = radon_velocity(truth.image, method="classic", step_lines=64, **SCALES)
    expected = expected_error(truth.image, result, windows_lines=(), phantoms=1)
    assert "Drew" in expected.methods_paragraph
    assert "Padfield" not in expected.methods_paragraph
    assert "stated standard deviations" not in expected.methods_paragraph
    assert np.isfinite(expected.summary["spread_um_per_s"])


def test_a_line_at_an_angle_swept_and_to_and_fro_is_drawn_as_it_was_scanned() -> None:
    beat = beat_series(2000, mean=1500.0, rate_bpm=400.0, pulsatility=0.3)
    cosine = np.cos(np.deg2rad(30.0))
    truth = velocity_kymograph(beat.value * cosine, pixels=40, sweep_fraction=0.8, seed=3)
    result = radon_velocity(truth.image, scan_time_s=0.8e-3, line_angle_deg=30.0, **SCALES)
    expected = expected_error(truth.image, result, windows_lines=(), phantoms=1)
    assert expected.summary["phantom_speed_um_per_s"] == pytest.approx(1500.0, rel=0.03)
    assert abs(expected.summary["bias_percent"]) < 2
    assert "cosine of 30 degrees" in expected.methods_paragraph
    to_and_fro = velocity_kymograph(800.0, lines=2000, bidirectional_offset_um=1.0, seed=3)
    result = radon_velocity(
        to_and_fro.image, bidirectional="given", bidirectional_offset_px=2.0, **SCALES
    )
    expected = expected_error(to_and_fro.image, result, windows_lines=(), phantoms=1)
    assert expected.twin.bidirectional_offset_um == pytest.approx(1.0)
    assert expected.twin.cell_length_um == pytest.approx(3.5, rel=0.3)
    assert expected.summary["within_10_percent_share"] > 0.95


def test_the_same_seed_gives_the_same_numbers_whatever_is_told(usual) -> None:
    truth = drawn(600.0, lines=1200, pixels=24)
    result = radon_velocity(truth.image, **SCALES)
    told: list[float] = []
    options = {"windows_lines": (32,), "phantoms": 1}
    first = expected_error(truth.image, result, progress=told.append, **options)
    again = expected_error(truth.image, result, **options)
    assert first.summary == again.summary
    assert first.table.equals(again.table)
    assert first.methods_paragraph == again.methods_paragraph
    assert told == sorted(told)
    assert (told[0], told[-1]) == (0.0, 1.0)


def test_it_stops_when_asked_to(usual) -> None:
    truth, result, _ = usual
    stop = threading.Event()

    def stop_half_way(done: float) -> None:
        if done > 0.3:
            stop.set()

    with pytest.raises(AnalysisCancelled):
        expected_error(truth.image, result, progress=stop_half_way, cancel=stop)


def test_integer_pixels_stay_integers(usual) -> None:
    truth, _, _ = usual
    counts = np.clip(np.rint(truth.image), 0, 255).astype(np.uint8)
    result = radon_velocity(counts, **SCALES)
    expected = expected_error(counts, result, windows_lines=(), phantoms=1)
    assert expected.twin.draw(0).image.dtype == np.uint8
    assert expected.summary["within_10_percent_share"] > 0.9


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"phantoms": 0}, "phantoms=0"),
        ({"lines": 0}, "lines=0"),
        ({"blur_sigma_um": -1.0}, "blur_sigma_um=-1.0"),
        ({"windows_lines": (2,)}, "window_lines=2"),
    ],
)
def test_a_wrong_parameter_is_named(usual, options: dict, said: str) -> None:
    truth, result, _ = usual
    with pytest.raises(ParameterError, match=said):
        expected_error(truth.image, result, **options)


def test_pixels_and_result_must_belong_together(usual) -> None:
    truth, result, _ = usual
    for wrong in (truth.image[:100], truth.image[0], np.full((2500, 40), np.nan), "pixels"):
        with pytest.raises(ParameterError, match="kymograph"):
            expected_error(wrong, result)
    bound = result.bound_to(bounds=(0, 2500, 0, 30))
    with pytest.raises(ParameterError, match="other pixels"):
        expected_error(truth.image, bound)
    other = AnalysisResult.measured(
        "diameter", parameters={}, columns={}, summary={}, line_period_s=1.0, pixel_size_um=1.0
    )
    with pytest.raises(ParameterError, match="one of diameter"):
        expected_error(truth.image, other)
    lost = AnalysisResult.measured(
        "radon_velocity",
        parameters=result.parameters,
        columns=result.columns,
        summary=result.summary,
        line_period_s=None,
        pixel_size_um=0.5,
    )
    with pytest.raises(CalibrationError, match="line_period_s"):
        expected_error(truth.image, lost)


@pytest.mark.parametrize(
    "kymograph",
    [
        np.full((600, 20), 7.0),
        np.full((600, 20), 4095, np.uint16),
        np.random.default_rng(0).normal(100, 10, (600, 20)),
        np.tile(np.arange(20.0), (600, 1)),
        np.random.default_rng(1).poisson(1.0, (70, 5)).astype(np.uint8),
    ],
)
def test_recordings_without_streaks_are_refused_in_a_sentence(kymograph: np.ndarray) -> None:
    result = radon_velocity(kymograph, **SCALES)
    with pytest.raises(CloudscopeError, match=r"result has|kymograph"):
        expected_error(kymograph, result, phantoms=1)


def test_inverted_and_scaled_pixels_have_about_the_same_error(usual) -> None:
    truth, _, _ = usual
    image = truth.image[:1200].astype(np.float64)
    plain, scaled, inverted = (
        expected_error(
            pixels, radon_velocity(pixels, **SCALES), windows_lines=(), phantoms=1
        ).summary
        for pixels in (image, 1e9 * image, -image)
    )
    assert scaled["spread_um_per_s"] == pytest.approx(plain["spread_um_per_s"], rel=1e-4)
    assert inverted["phantom_snr"] == pytest.approx(plain["phantom_snr"], rel=0.05)
    assert inverted["phantom_hematocrit"] == pytest.approx(
        1 - plain["phantom_hematocrit"], abs=0.02
    )
    # Some 70 windows of one phantom do not tell more.
    assert 0.5 < inverted["spread_um_per_s"] / plain["spread_um_per_s"] < 2


def test_a_capillary_gets_a_sensible_table_and_paragraph(shared_data) -> None:
    tifffile = pytest.importorskip("tifffile")
    image = tifffile.imread(shared_data / "capillary" / "Capillary1_0001.tif")[:4000]
    scales = {"line_period_s": 1.17e-3, "pixel_size_um": 0.28411}
    result = radon_velocity(image, **scales)
    expected = expected_error(image, result, phantoms=1)
    found = expected.summary
    # A red cell of a mouse is 5 to 8 µm long in a capillary.
    assert 4 < found["phantom_cell_length_um"] < 12
    assert 0.5 < found["stated_sd_ratio"] < 1.5
    assert abs(found["bias_percent"]) < 2
    assert 0.5 < found["spread_percent"] < 6
    assert found["within_10_percent_share"] > 0.9
    assert (expected.table["accepted_share"] > 0.9).all()
    assert "4000 lines of 38 pixels (line period 1.17 ms" in expected.methods_paragraph
