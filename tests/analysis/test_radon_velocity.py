"""Velocity on patterns whose motion is known, and on pictures in which nothing moves."""

from __future__ import annotations

import numpy as np
import pytest

from tests.rigid_cells import PERIOD_S, PIXEL_UM, UNIT, measure, median_px, moving_cells


@pytest.mark.parametrize(
    ("width", "speed"),
    [
        (5, 0.5),
        (7, 1.0),
        (7, 3.0),
        (14, 0.2),
        (14, 6.0),
        (30, 1.0),
        (30, 12.0),
        (64, 0.1),
        (64, 20.0),
        (200, 1.0),
        (200, 80.0),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_speed_and_sign_of_a_known_motion(width: int, speed: float, sign: int) -> None:
    lines = 2048 if speed * 640 < 200 else 640  # enough to pass that the mean is a background
    result = measure(moving_cells(sign * speed, width, lines=lines))
    assert median_px(result) == pytest.approx(sign * speed, rel=0.04 if width < 10 else 0.02)
    assert result.summary["windows_accepted"] >= 0.9 * result.summary["windows"]


@pytest.mark.parametrize("speed", [0.98, 1.0, 1.02, 1 / np.sqrt(3), 0.999 * 2])
def test_no_lock_in_at_whole_pixels_or_diagonals(speed: float) -> None:
    result = measure(moving_cells(speed, 128, snr=5))
    assert median_px(result) == pytest.approx(speed, rel=2e-3)


def test_no_pull_towards_whole_pixels() -> None:
    near = [measure(moving_cells(1 + off, 128, snr=8, seed=3)) for off in (-0.002, 0, 0.002)]
    below, at, above = (median_px(result) for result in near)
    assert at == pytest.approx(1, abs=3e-4)
    assert above - at == pytest.approx(0.002, rel=0.2)
    assert at - below == pytest.approx(0.002, rel=0.2)


@pytest.mark.parametrize("width", [7, 40, 200])
def test_a_pattern_that_stands_still_is_at_zero_without_bias(width: int) -> None:
    rng = np.random.default_rng(6)
    still = rng.uniform(100, 200, width) + rng.normal(0, 3, (2000, width))
    table = measure(still, background="none", step_lines=64).columns
    assert set(table["status"]) == {"ok"}
    z = table["velocity_um_per_s"] / table["velocity_sd_um_per_s"]
    assert abs(np.mean(z)) < 0.8
    assert np.mean(np.abs(z) < 3) > 0.9


def test_a_stall_is_a_velocity_of_zero_and_not_a_gap() -> None:
    speed = np.concatenate([np.full(1200, 1.5), np.zeros(600), np.full(1200, 1.5)])
    result = measure(moving_cells(speed, 30, lines=3000, snr=4))
    table = result.columns
    stalled = (table["row_start"] >= 1200) & (table["row_stop"] <= 1800)
    assert np.all(table["status"][stalled] == "ok")
    assert np.all(np.abs(table["velocity_um_per_s"][stalled]) < 0.01 * UNIT)
    flowing = table["row_stop"] <= 1200
    assert np.median(table["velocity_um_per_s"][flowing]) == pytest.approx(1.5 * UNIT, rel=0.02)


def test_velocity_follows_a_pulse() -> None:
    lines = np.arange(4000)
    speed = 2.0 + 0.8 * np.sin(2 * np.pi * lines / 700)
    table = measure(moving_cells(speed, 40, lines=4000)).columns
    truth = np.array(
        [speed[a:b].mean() for a, b in zip(table["row_start"], table["row_stop"], strict=True)]
    )
    assert np.mean(np.abs(table["velocity_um_per_s"] / UNIT / truth - 1) < 0.05) > 0.97


def test_mirrored_in_space_or_time_the_sign_flips() -> None:
    kymograph = moving_cells(0.8, 24)
    forward = measure(kymograph).columns["velocity_um_per_s"]
    mirrored = measure(kymograph[:, ::-1]).columns["velocity_um_per_s"]
    backward = measure(kymograph[::-1]).columns["velocity_um_per_s"][::-1]
    assert mirrored == pytest.approx(-forward, rel=1e-3)
    assert backward == pytest.approx(-forward, rel=2e-2)


def test_velocity_scales_with_the_calibration_and_time_with_the_period() -> None:
    kymograph = moving_cells(0.8, 24)
    one = measure(kymograph).columns
    other = measure(kymograph, line_period_s=PERIOD_S * 4, pixel_size_um=PIXEL_UM * 3).columns
    for name in ("velocity_um_per_s", "velocity_sd_um_per_s"):
        assert other[name] == pytest.approx(0.75 * one[name], rel=1e-12)
    assert other["time_s"] == pytest.approx(4 * one["time_s"], rel=1e-12)
    for name in ("quality", "status", "row_start", "detection"):
        np.testing.assert_array_equal(other[name], one[name])


def test_brightness_and_contrast_of_the_detector_do_not_matter() -> None:
    kymograph = moving_cells(0.8, 24)
    one = measure(kymograph).columns
    other = measure(1e4 * kymograph).columns
    assert other["velocity_um_per_s"] == pytest.approx(one["velocity_um_per_s"], rel=1e-4)
    np.testing.assert_array_equal(other["status"], one["status"])


def test_a_window_is_a_row_with_its_lines_and_the_time_of_its_centre() -> None:
    table = measure(moving_cells(1.0, 20, lines=200), window_lines=50, step_lines=30).columns
    np.testing.assert_array_equal(table["row_start"], [0, 30, 60, 90, 120, 150])
    np.testing.assert_array_equal(table["row_stop"], table["row_start"] + 50)
    assert table["time_s"] == pytest.approx((table["row_start"] + 24.5) * PERIOD_S)


def test_windows_may_leave_gaps_between_them() -> None:
    table = measure(moving_cells(1.0, 20, lines=900), step_lines=200).columns
    np.testing.assert_array_equal(table["row_start"], [0, 200, 400, 600, 800])
    assert table["velocity_um_per_s"] == pytest.approx(np.full(5, UNIT), rel=0.1)


@pytest.mark.parametrize("window", [8, 16, 32, 128, 300])
def test_windows_of_other_lengths(window: int) -> None:
    kymograph = moving_cells(1.2, 40, lines=900, snr=5)
    result = measure(kymograph, window_lines=window, step_lines=window // 2)
    assert median_px(result) == pytest.approx(1.2, rel=0.02)


def test_a_static_pattern_and_bleaching_do_not_pull() -> None:
    kymograph = moving_cells(0.7, 40, lines=1500)
    rng = np.random.default_rng(2)
    shading = 1 + 0.4 * rng.normal(size=40)
    faded = kymograph * np.exp(-np.arange(1500) / 1500)[:, None] * shading.clip(0.3)
    assert median_px(measure(faded)) == pytest.approx(0.7, rel=0.02)
    kept = measure(faded, background="none")
    assert abs(median_px(kept)) < 0.05  # the pattern, which does not move, is what is seen


@pytest.mark.parametrize("value", [0, 7, -3.5, 65535])
def test_nothing_moves_in_a_constant_image(value: float) -> None:
    result = measure(np.full((300, 20), value))
    assert set(result.columns["status"]) == {"no signal"}
    assert np.all(np.isnan(result.columns["velocity_um_per_s"]))
    assert np.all(result.columns["quality"] == 0)
    assert np.isnan(result.summary["velocity_median_um_per_s"])
    assert result.summary["windows_accepted"] == 0


@pytest.mark.parametrize("width", [5, 20, 100])
def test_noise_is_not_flow(width: int) -> None:
    noise = np.random.default_rng(3).normal(100, 10, (4000, width))
    assert measure(noise).summary["windows_accepted"] <= 2


@pytest.mark.parametrize("width", [7, 20, 100])
def test_flicker_of_the_light_is_not_flow(width: int) -> None:
    rng = np.random.default_rng(3)
    flicker = rng.normal(100, 10, (4000, 1)) + rng.normal(0, 5, (4000, width))
    assert measure(flicker).summary["windows_accepted"] <= 3


@pytest.mark.parametrize(("width", "speed"), [(7, -1.2), (14, 1.0), (40, 3.0), (100, 0.5)])
def test_flicker_and_dropped_lines_do_not_pull(width: int, speed: float) -> None:
    rng = np.random.default_rng(4)
    kymograph = moving_cells(speed, width, lines=2000)
    flickering = kymograph * rng.normal(1, 0.1, (2000, 1))
    assert median_px(measure(flickering)) == pytest.approx(speed, rel=0.04)
    dropped = kymograph.copy()
    dropped[rng.choice(2000, 40, replace=False)] = 0
    assert median_px(measure(dropped)) == pytest.approx(speed, rel=0.04)


def test_one_direction_refuses_the_other() -> None:
    kymograph = moving_cells(-1.0, 40)
    assert median_px(measure(kymograph, direction="negative")) == pytest.approx(-1.0, rel=0.02)
    table = measure(kymograph, direction="positive").columns
    assert np.mean(table["status"] == "beyond limits") > 0.95


def test_speed_limits() -> None:
    kymograph = moving_cells(1.0, 40)
    inside = measure(kymograph, minimum_speed_um_per_s=250.0, maximum_speed_um_per_s=1000.0)
    assert median_px(inside) == pytest.approx(1.0, rel=0.02)
    for limits in ({"maximum_speed_um_per_s": 250.0}, {"minimum_speed_um_per_s": 1000.0}):
        outside = measure(kymograph, **limits)
        assert np.mean(outside.columns["status"] == "beyond limits") > 0.95


def test_limits_on_detection_and_quality_decide_what_is_accepted() -> None:
    kymograph = moving_cells(1.0, 20)
    assert set(measure(kymograph, detection_limit=1000.0).columns["status"]) == {"no signal"}
    strict = measure(moving_cells(1.0, 10, snr=1.0), quality_limit=0.95)
    refused = strict.columns["status"] == "low quality"
    assert refused.any()
    assert np.all(strict.columns["quality"][refused] < 0.95)
    assert np.all(np.isfinite(strict.columns["velocity_um_per_s"][refused]))


def test_tracking_keeps_a_weak_window_with_its_neighbours() -> None:
    kymograph = moving_cells(3.0, 12, lines=4000, snr=0.35, seed=5)

    def right(tracking: float) -> float:
        table = measure(kymograph, tracking=tracking, detection_limit=0.0).columns
        return float(np.mean(np.abs(table["velocity_um_per_s"] / UNIT - 3) < 0.6))

    assert right(1.0) > right(0.0) + 0.05


def test_standard_deviation_covers_the_error() -> None:
    for width, speed, snr in [(7, 1.0, 3.0), (20, 0.5, 1.0), (100, 2.0, 0.5)]:
        table = measure(moving_cells(speed, width, lines=4000, snr=snr), step_lines=64).columns
        known = table["status"] == "ok"
        error = np.abs(table["velocity_um_per_s"] - speed * UNIT)[known]
        assert np.mean(error < 2 * table["velocity_sd_um_per_s"][known]) >= 0.88
        assert np.median(error / table["velocity_sd_um_per_s"][known]) > 0.2


def test_summary_is_taken_over_accepted_windows() -> None:
    result = measure(moving_cells(1.0, 12, lines=4000, snr=0.7))
    accepted = result.columns["status"] == "ok"
    velocity = result.columns["velocity_um_per_s"][accepted]
    assert 0 < accepted.sum() < accepted.size
    assert result.summary["windows"] == accepted.size
    assert result.summary["windows_accepted"] == accepted.sum()
    assert result.summary["velocity_median_um_per_s"] == np.median(velocity)
    assert result.summary["velocity_mean_um_per_s"] == pytest.approx(velocity.mean())
    low, high = (result.summary[f"velocity_median_ci95_{k}_um_per_s"] for k in ("low", "high"))
    assert low < np.median(velocity) < high


def test_interval_of_the_median_covers_the_truth() -> None:
    covered = 0
    for seed in range(12):
        summary = measure(moving_cells(1.0, 14, lines=1000, snr=1.0, seed=seed)).summary
        low, high = (summary[f"velocity_median_ci95_{k}_um_per_s"] for k in ("low", "high"))
        covered += low <= UNIT <= high
    assert covered >= 10
