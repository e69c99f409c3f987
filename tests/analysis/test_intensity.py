"""Intensity against truth, and on recordings without transients."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs
from cloudscope.analysis.brightness import lines as reading
from cloudscope.analysis.brightness.noise import quiet_noise
from cloudscope.analysis.intensity import intensity, intensity_peaks
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.synthetic import (
    pulsatile_series,
    to_counts,
    transient_kymograph,
    velocity_kymograph,
)
from tests.transients import SHAPES, matched, recording


def measured(image: Any, **options: Any) -> AnalysisResult:
    return intensity(image, **{"line_period_s": 1e-3, "pixel_size_um": None, **options})


# ------------------------------------------------------------------------------- right numbers


@pytest.mark.parametrize("preset", list(SHAPES))
def test_transients_of_five_times_the_noise_are_found(preset: str) -> None:
    found, there, false = matched(preset, 5.0, 3)
    assert len(found) >= 0.95 * there
    assert false <= 1
    assert abs(found["amplitude"].median()) < 0.05
    assert abs(found["half_width"].median()) < 0.1
    assert abs(found["decay"].median()) < 0.12


@pytest.mark.parametrize("preset", list(SHAPES))
def test_shapes_are_right_where_there_is_little_noise(preset: str) -> None:
    found, there, false = matched(preset, 25.0, 3)
    assert (len(found), false) == (there, 0)
    median, spread = found.median(), found.std()
    assert abs(median["amplitude"]) < 0.01
    assert abs(median["onset"]) < 0.1
    assert abs(median["rise"]) < 0.1
    assert abs(median["decay"]) < 0.03
    assert abs(median["half_width"]) < 0.04
    # A tenth of the height is where it ends: what lies below is about 8 % of the whole.
    assert abs(median["area"] + 0.08) < 0.03
    assert spread["amplitude"] < 0.06
    assert spread["onset"] < 0.2
    assert (found["in_sd"].abs() < 2).mean() > 0.75


@pytest.mark.parametrize("amplitude", [0.5, -0.3])
def test_widths_and_slopes_of_a_transient(amplitude: float) -> None:
    """Those of (1 - exp(-t / rise)) exp(-t / decay), drawn almost without noise."""
    truth = transient_kymograph(
        np.arange(1.0, 30.0, 2.5),
        amplitude,
        lines=32_000,
        rise_tau_s=0.08,
        decay_tau_s=0.4,
        snr=60.0,
        bleaching=0.0,
        seed=2,
    )
    direction = "positive" if amplitude > 0 else "negative"
    peaks = intensity_peaks(measured(truth.image, peaks=direction))
    time = np.arange(4000) * 1e-3
    shape = (1 - np.exp(-time / 0.08)) * np.exp(-time / 0.4)
    shape /= shape.max()
    for share, name in ((10, "width_10"), (20, "width_20"), (50, "half_width"), (80, "width_80")):
        width = (shape > share / 100).sum() * 1e-3
        assert peaks[f"peak_{name}_s"].median() == pytest.approx(width, rel=0.05), name
    assert peaks["peak_width_90_s"].median() == pytest.approx((shape > 0.9).sum() * 1e-3, rel=0.1)
    top = int(shape.argmax())
    for part, slope in ((shape[: top + 1], "rise"), (shape[top:][::-1], "decay")):
        half = int(0.5 * ((part > 0.1) & (part < 0.9)).sum())
        steepest = (part[half:] - part[:-half]).max() / (half * 1e-3)
        sign = 1 if slope == "rise" else -1
        found = peaks[f"peak_{slope}_slope_per_s"].median()
        assert found == pytest.approx(sign * amplitude * steepest, rel=0.08), slope
    assert peaks["peak_foot"].abs().max() < 0.02


def test_baseline_follows_bleaching_and_counts_the_dark_level() -> None:
    truth = transient_kymograph(
        [3.0, 9.0, 15.0], 0.6, lines=20_000, snr=20.0, bleaching=0.5, dark_level=200.0, seed=3
    )
    result = measured(truth.image, dark_level=200.0, baseline="percentile")
    left = 0.5 ** (np.arange(20_000) / 19_999)
    assert result.columns["baseline"] == pytest.approx(200.0 + 100.0 * left, rel=0.01)
    assert result.summary["bleaching_share"] == pytest.approx(0.5, abs=0.02)
    assert result.summary["peak_amplitude_median"] == pytest.approx(0.6, rel=0.04)
    unaware = measured(truth.image)
    assert unaware.summary["peak_amplitude_median"] < 0.3


@pytest.mark.parametrize("baseline", ["rolling", "percentile"])
@pytest.mark.parametrize("percentile", [5.0, 20.0, 50.0])
def test_noise_does_not_move_the_baseline(baseline: str, percentile: float) -> None:
    truth = transient_kymograph([], lines=20_000, pixels=4, snr=2.0, bleaching=0.0, seed=1)
    result = measured(truth.image, baseline=baseline, baseline_percentile=percentile)
    assert np.abs(result.columns["baseline"] / 100 - 1).max() < 0.03
    assert abs(result.columns["baseline"].mean() / 100 - 1) < 0.003
    assert result.summary["dff_sd"] == pytest.approx(truth.noise_sd, rel=0.05)


def test_a_manual_baseline_is_taken_as_it_is() -> None:
    truth = transient_kymograph([1.0], 0.5, lines=4000, bleaching=0.0, seed=1)
    result = measured(truth.image, baseline="manual", manual_f0=80.0, bleaching="none")
    assert (result.columns["baseline"] == 80.0).all()
    by_hand = truth.image.mean(axis=1, dtype=float) / 80.0 - 1
    assert result.columns["dff"] == pytest.approx(by_hand)


def test_noise_of_a_line_is_honest_beside_transients() -> None:
    truth = recording("medium", snr=5.0, seed=2, bleaching=0.0)
    assert measured(truth.image).summary["dff_sd"] == pytest.approx(truth.noise_sd, rel=0.06)


def test_the_sum_of_a_line_is_its_mean_times_its_pixels() -> None:
    image = transient_kymograph([1.0], lines=3000, pixels=7, seed=1).image
    mean, total = measured(image), measured(image, reduce="sum")
    for name in ("intensity", "baseline"):
        assert total.columns[name] == pytest.approx(7 * mean.columns[name])
    assert np.array_equal(total.columns["dff"], mean.columns["dff"])


def test_dips_are_peaks_of_the_other_sign() -> None:
    truth = transient_kymograph([2.0, 5.0], -0.4, lines=8000, snr=10.0, seed=1)
    result = measured(truth.image, peaks="negative")
    peaks = intensity_peaks(result)
    assert peaks["peak_amplitude"].to_numpy() == pytest.approx(-0.4, rel=0.08)
    assert (peaks["peak_area_s"] < 0).all()
    assert measured(truth.image).summary["peaks"] == 0


def test_a_second_transient_on_the_tail_of_the_first_is_one_of_its_own() -> None:
    truth = transient_kymograph([2.0, 2.35], [0.5, 0.4], lines=8000, snr=15.0, seed=1)
    result = measured(truth.image)
    peaks = intensity_peaks(result)
    assert peaks["peak_status"].tolist() == ["no end", "ok"]
    assert np.isnan(peaks["peak_decay_s"][0])
    assert np.isnan(peaks["peak_width_10_s"][0])
    assert peaks["peak_foot"].to_numpy() == pytest.approx([0.0, truth.dff[2350]], abs=0.05)
    assert peaks["peak_onset_s"].to_numpy() == pytest.approx(truth.onset_s, abs=0.03)
    assert result.summary["peaks_accepted"] == 1


@pytest.mark.parametrize("smooth", ["median", "gaussian"])
def test_filters_are_in_seconds(smooth: str) -> None:
    """Half the line period with the same filter in seconds: the same noise, not the half of it."""
    noise = []
    for period, lines in ((1e-3, 8000), (0.5e-3, 16_000)):
        truth = transient_kymograph(
            [], lines=lines, pixels=2, line_period_s=period, noise_correlation_s=0.01, seed=1
        )
        filtered = measured(truth.image, line_period_s=period, smooth=smooth, smooth_s=0.02)
        noise.append(filtered.summary["dff_sd"])
        assert noise[-1] < 0.95 * truth.noise_sd
    assert noise[0] == pytest.approx(noise[1], rel=0.1)


def test_a_drawing_without_noise_has_its_peaks() -> None:
    time = np.arange(6000) * 1e-3
    trace = 100 * (1 + 0.5 * np.exp(-0.5 * ((time - 2.0) / 0.1) ** 2))
    peaks = intensity_peaks(measured(trace[:, None], bleaching="none"))
    assert peaks["peak_amplitude"].tolist() == pytest.approx([0.5], abs=0.01)
    assert peaks["peak_half_width_s"].tolist() == pytest.approx([0.2355], rel=0.02)


# ------------------------------------------------------------------------------- false alarms


@pytest.mark.parametrize("preset", ["fast", "medium"])
@pytest.mark.parametrize("correlation_s", [0.0, 0.03])
def test_noise_makes_no_more_peaks_than_stated(preset: str, correlation_s: float) -> None:
    """The rate holds whether the noise has a memory or not; stated 0.5 in each of 60."""
    made = 0
    for seed in range(60):
        truth = transient_kymograph(
            [], lines=8000, pixels=1, snr=5.0, noise_correlation_s=correlation_s, seed=seed
        )
        result = measured(truth.image, preset=preset, false_alarm_rate=0.5)
        made += result.summary["peaks"]
    assert made <= 1.5 * 0.5 * 60


@pytest.mark.parametrize("velocity", [300.0, 800.0, 3000.0])
def test_plain_flow_has_no_peaks(velocity: float) -> None:
    made = 0
    for seed in range(6):
        flow = velocity_kymograph(
            pulsatile_series(6000, mean=velocity), pixels=24, snr=3.0, seed=seed
        )
        made += sum(measured(flow.image, preset=p).summary["peaks"] for p in ("fast", "medium"))
    assert made <= 3


@pytest.mark.parametrize("stated", [0.05, 1.0])
def test_noise_that_reaches_up_makes_no_more_rises_than_stated(stated: float) -> None:
    from scipy.ndimage import gaussian_filter1d

    rng = np.random.default_rng(8)
    made, skew = [], []
    for _ in range(60):
        trace = gaussian_filter1d(rng.exponential(size=10_000), 8.0)
        noise, _ = quiet_noise(trace, np.ones(10_000, bool), stated)
        skew.append(noise.skew)
        height = noise.centre + noise.sd * noise.height_exceeded(stated, 10_000)
        made.append(np.sum((trace[1:] > height) & (trace[:-1] <= height)))
    assert np.mean(skew) == pytest.approx(0.44, abs=0.08)  # of an exponential, so smoothed
    assert np.mean(made) < (1.8 if stated == 1.0 else 0.15)


def test_transients_are_found_in_flow() -> None:
    truth = transient_kymograph([2.0, 5.0, 8.0], 1.2, lines=10_000, pixels=1, snr=1e6)
    flow = velocity_kymograph(800.0, lines=10_000, pixels=40, snr=3.0, seed=5)
    result = measured(flow.image * (1 + truth.dff[:, None]))
    assert intensity_peaks(result)["peak_time_s"].to_numpy() == pytest.approx(
        truth.peak_time_s, abs=0.05
    )


def test_the_chance_of_a_peak_says_how_sure_it_is() -> None:
    truth = transient_kymograph([2.0, 5.0], [0.5, 0.12], lines=8000, pixels=4, snr=3.0, seed=4)
    sure, weak = intensity_peaks(measured(truth.image, false_alarm_rate=1.0))[
        "peak_false_alarms"
    ].nsmallest(2)
    assert sure < 1e-6
    assert sure < weak <= 1.0


# ------------------------------------------------------------------------------- real recordings


def test_real_flow_has_next_to_no_peaks(shared_data: Path) -> None:
    image = cs.AcqImage(shared_data / "capillary" / "Capillary1_0001.tif")
    result = image.measure("intensity")
    assert (result.columns["status"] == "ok").all()
    assert result.summary["peaks"] <= 6


# ------------------------------------------------------------------------------- what it says


def test_table_and_peaks_are_one_story() -> None:
    truth = recording("medium", snr=8.0, seed=3)
    result = measured(truth.image)
    table, peaks = result.table, intensity_peaks(result)
    assert list(table) == [c.name for c in cs.get_analysis("intensity").columns]
    assert result.summary["peaks"] == len(peaks) == table["is_peak"].sum()
    assert peaks["peak_id"].tolist() == list(range(1, len(peaks) + 1))
    on_peaks = table[table["is_peak"]]
    assert on_peaks["peak_time_s"].to_numpy() == pytest.approx(on_peaks["time_s"], abs=1e-3)
    assert table.loc[~table["is_peak"], "peak_amplitude"].isna().all()
    first = table[table["peak_id"] == 1]
    assert (np.diff(first["row"]) == 1).all()
    assert first["time_s"].iloc[0] == pytest.approx(peaks["peak_onset_s"][0], abs=1.1e-3)
    low, high = (result.summary[f"peak_rate_ci95_{end}_hz"] for end in ("low", "high"))
    assert low < result.summary["peak_rate_hz"] == len(peaks) / 40.0 < high


def test_peaks_of_another_analysis_are_refused() -> None:
    image = cs.AcqImage.from_array(np.zeros((100, 20)), line_period_s=1e-3, pixel_size_um=0.5)
    result = image.measure("diameter")
    with pytest.raises(ParameterError, match="intensity_peaks needs a result of 'intensity'"):
        intensity_peaks(result)


def test_a_saved_result_gives_the_same_peaks(tmp_path: Path) -> None:
    import tifffile

    truth = transient_kymograph([0.5, 1.5], lines=2500, pixels=8, seed=2)
    tifffile.imwrite(tmp_path / "cell.tif", to_counts(truth.image))
    image = cs.AcqImage(tmp_path / "cell.tif")
    image.set_calibration(line_period_s=1e-3)
    before = image.analyze("intensity")
    image.save()
    after = cs.AcqImage(tmp_path / "cell.tif").result("intensity")
    assert after is not None
    assert after.same_numbers(before)
    pd.testing.assert_frame_equal(intensity_peaks(after), intensity_peaks(before))


# ------------------------------------------------------------------------------- how it runs


@pytest.mark.parametrize("pixels_at_once", [8, 999, 1 << 22])
def test_no_number_depends_on_the_parts(
    monkeypatch: pytest.MonkeyPatch, pixels_at_once: int
) -> None:
    image = transient_kymograph([1.0], lines=3000, pixels=9, seed=1).image
    whole = measured(image)
    monkeypatch.setattr(reading, "BLOCK_PIXELS", pixels_at_once)
    assert measured(image).same_numbers(whole)
    assert measured(np.asfortranarray(image)).same_numbers(whole)


def test_progress_and_cancel() -> None:
    image = transient_kymograph([1.0], lines=3000, seed=1).image
    shares: list[float] = []
    measured(image, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(AnalysisCancelled):
        measured(image, cancel=cancel)
