"""Statuses and hints that name what is wrong with a recording."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks import saturation, unfollowed
from cloudscope.analysis.streaks.ceiling import speed_ceiling
from cloudscope.analysis.streaks.saturation import full_share
from cloudscope.synthetic import velocity_kymograph


def measure(image: np.ndarray, **parameters: object) -> AnalysisResult:
    return radon_velocity(image, line_period_s=1e-3, pixel_size_um=0.5, **parameters)


def share_of(result: AnalysisResult, status: str) -> float:
    return float(np.mean(result.columns["status"] == status))


def clipped(share: float) -> np.ndarray:
    image = velocity_kymograph([500.0] * 2000, pixels=14, snr=2, seed=3, brightness=1000).image
    return np.minimum(image, np.quantile(image, 1 - share)).round().astype(np.uint16)


def test_a_detector_that_is_often_full_still_shows_streaks() -> None:
    result = measure(clipped(0.5))
    assert share_of(result, "ok") > 0.95
    assert result.summary["velocity_median_um_per_s"] == pytest.approx(500, rel=0.02)


def test_a_detector_that_is_nearly_always_full_shows_none() -> None:
    result = measure(clipped(0.97))
    assert share_of(result, "saturated") > 0.95
    assert result.summary["main_rejection"] == "saturated"


def test_only_the_windows_that_are_full_are_saturated() -> None:
    image = velocity_kymograph([500.0] * 1600, pixels=30, snr=2, seed=3, brightness=1000).image
    counts = image.round().astype(np.uint16)
    counts[600:900] = counts.max()
    result = measure(counts)
    full = full_share(counts, result.columns["row_start"], 64) >= 0.75
    assert full.sum() > 10
    np.testing.assert_array_equal(result.columns["status"] == "saturated", full)
    away = (result.columns["row_stop"] <= 600) | (result.columns["row_start"] >= 900)
    assert np.mean(result.columns["status"][away] == "ok") > 0.9


@pytest.mark.parametrize("width", [14, 40, 100])
def test_cells_too_fast_to_follow_are_named(width: int) -> None:
    fastest = speed_ceiling(1e-3, 0.5, width).fastest_um_per_s
    image = velocity_kymograph([1.3 * fastest] * 1500, pixels=width, snr=3, seed=1).image
    result = measure(image)
    assert share_of(result, "beyond ceiling") > 0.6
    assert result.summary["main_rejection"] == "beyond ceiling"
    # With a limit they may as well be beyond that.
    assert share_of(measure(image, direction="positive"), "beyond ceiling") == 0


def test_bits_do_not_depend_on_the_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = velocity_kymograph([40_000.0] * 1200, pixels=40, snr=3, seed=1, brightness=1000).image
    counts = flow.round().astype(np.uint16)
    counts[500:700] = counts.max()
    whole = measure(counts)
    assert {"saturated", "beyond ceiling"} <= set(whole.columns["status"])
    for pixels in (1, 4000):
        monkeypatch.setattr(saturation, "BLOCK_PIXELS", pixels)
        monkeypatch.setattr(unfollowed, "BLOCK_PIXELS", pixels)
        assert measure(counts).same_numbers(whole)


@pytest.mark.parametrize("width", [7, 20, 100])
def test_noise_of_any_kind_is_not_beyond_the_ceiling(width: int) -> None:
    rng = np.random.default_rng(4)
    white = rng.normal(100, 10, (1500, width))
    flicker = white + rng.normal(0, 20, (1500, 1)) * np.linspace(0.5, 1.5, width)
    slow_detector = gaussian_filter1d(white, 0.6, axis=1)
    for noise in (white, flicker, slow_detector):
        assert share_of(measure(noise), "beyond ceiling") < 0.01


def test_a_vessel_that_stands_still_gets_a_hint() -> None:
    rng = np.random.default_rng(6)
    still = rng.uniform(100, 200, 40) + rng.normal(0, 3, (1000, 40))
    hint = measure(still).summary["hint"]
    assert "background='none'" in hint
    result = measure(still, background="none")
    assert share_of(result, "ok") == 1
    assert result.summary["hint"] is None


def test_a_flow_that_passes_few_cells_gets_a_hint_and_a_faster_one_none() -> None:
    slow = velocity_kymograph([8.0] * 1500, pixels=100, snr=3, seed=2).image  # 24 px in all
    assert "cell lengths pass" in measure(slow).summary["hint"]
    fast = velocity_kymograph([500.0] * 1500, pixels=100, snr=3, seed=2).image
    assert measure(fast).summary["hint"] is None


def drifting_wall(speed: float, width: int) -> np.ndarray:
    flow = velocity_kymograph([speed] * 8000, pixels=width, snr=2, seed=3, background=0.0).image
    wall = gaussian_filter1d(np.random.default_rng(0).normal(size=4 * width), 2.0)
    wall /= wall.std()
    drift = 3 * np.sin(2 * np.pi * np.arange(8000) / 8000)
    place = np.arange(width) - drift[:, None] + 1.5 * width
    return flow * (1 + 0.6 * np.interp(place.ravel(), np.arange(4 * width), wall)).reshape(
        flow.shape
    ).clip(0.2)


def test_a_wall_that_drifts_is_taken_off_by_a_mean_that_runs_along() -> None:
    image = drifting_wall(150.0, 40)

    def right(**parameters: object) -> float:
        table = measure(image, step_lines=64, **parameters).columns
        return float(np.mean(np.abs(table["velocity_um_per_s"] / 150 - 1) < 0.1))

    assert right() < 0.7
    assert right(background="moving", background_window_s=0.6) > 0.97


@pytest.mark.parametrize(("seconds", "speed"), [(0.6, 60.0), (2.0, 17.5)])
def test_a_running_mean_leaves_flow_of_ten_cells_in_it(seconds: float, speed: float) -> None:
    image = velocity_kymograph([speed] * 6000, pixels=100, snr=2, seed=4).image
    table = measure(image, step_lines=64, background="moving", background_window_s=seconds).columns
    error = table["velocity_um_per_s"] - speed
    assert abs(np.median(error)) < 0.02 * speed
    assert np.mean(np.abs(error) < 2 * table["velocity_sd_um_per_s"]) > 0.88


def test_a_running_mean_longer_than_the_recording_is_the_mean_of_the_recording() -> None:
    image = velocity_kymograph([500.0] * 900, pixels=30, snr=2, seed=4).image
    running = measure(image, background="moving", background_window_s=1e9)
    assert running.same_numbers(measure(image))


def test_bleaching_is_a_choice_of_its_own() -> None:
    image = velocity_kymograph([350.0] * 1500, pixels=30, snr=2, seed=4, bleaching=0.6).image
    for background in ("record", "none"):
        kept, fitted = (
            measure(image, background=background, bleaching=choice).columns["velocity_um_per_s"]
            for choice in ("none", "fit")
        )
        assert not np.array_equal(kept, fitted, equal_nan=True)
