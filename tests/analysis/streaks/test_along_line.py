"""A velocity that differs along the line is seen strip by strip, and as a slope."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.streaks.along_line import velocity_along_line
from cloudscope.errors import AnalysisCancelled, ParameterError

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}
OVERSAMPLE = 16


def accelerating(
    width: int, speed_px: float, change: float, *, lines: int = 3000, snr: float = 1.5
) -> tuple[np.ndarray, np.ndarray]:
    """Flow whose speed changes by the share `change` over the line; image and px/line by column.

    Every column shows the same course, later by the time from the first column to it.
    """
    speed = speed_px * (1 + change * (np.arange(width) - (width - 1) / 2) / width)
    fine = np.linspace(0, width - 1, 40 * width)
    slowness = 1 / np.interp(0.5 * (fine[1:] + fine[:-1]), np.arange(width), speed)
    delay = np.interp(
        np.arange(width), fine, np.concatenate([[0.0], np.cumsum(np.diff(fine) * slowness)])
    )
    rng = np.random.default_rng(3)
    span = lines + int(np.abs(delay).max()) + 40
    course = gaussian_filter1d(rng.normal(size=span * OVERSAMPLE), 2.2 / abs(speed_px) * OVERSAMPLE)
    course /= course.std()
    time = np.arange(lines)[:, None] - delay + np.abs(delay).max() + 20
    clean = np.interp(time.ravel() * OVERSAMPLE, np.arange(course.size), course)
    image = 200 + 30 * clean.reshape(lines, width) + rng.normal(0, 30 / snr, (lines, width))
    return image, speed


@pytest.mark.parametrize(
    ("width", "speed", "change"), [(20, 1.0, 0.3), (40, -1.5, 0.17), (128, 3.0, 0.17)]
)
def test_profile_and_slope(width: int, speed: float, change: float) -> None:
    image, truth = accelerating(width, speed, change)
    profile = velocity_along_line(image, **SCALES)
    expected = 500 * np.interp(profile.position_um / 0.5, np.arange(width), truth)
    error = profile.velocity_um_per_s - expected
    assert np.all(np.abs(error) < 0.02 * np.abs(expected))
    assert np.mean(np.abs(error) < 3 * profile.velocity_sd_um_per_s) > 0.7
    slope = speed * change / width * 500 / 0.5
    assert profile.slope_per_s == pytest.approx(slope, abs=3 * profile.slope_sd_per_s)
    assert abs(profile.slope_per_s) > 5 * profile.slope_sd_per_s
    if width > 40:
        return
    summary = radon_velocity(image, along_line=True, **SCALES).summary
    assert summary["velocity_slope_per_s"] == pytest.approx(profile.slope_per_s)
    assert summary["velocity_slope_sd_per_s"] == pytest.approx(profile.slope_sd_per_s)


def test_a_single_number_lies_between_the_slowest_and_the_mean() -> None:
    image, truth = accelerating(128, 3.0, 0.3)
    one = radon_velocity(image, **SCALES).summary["velocity_median_um_per_s"] / 500
    assert 0.98 * truth.mean() < one < 1.001 * truth.mean()


def test_even_flow_has_no_slope() -> None:
    image, _ = accelerating(64, 2.0, 0.0)
    profile = velocity_along_line(image, **SCALES)
    assert abs(profile.slope_per_s) < 3 * profile.slope_sd_per_s
    assert np.ptp(profile.velocity_um_per_s) < 0.02 * 1000


def test_without_flow_or_room_there_is_no_slope() -> None:
    noise = np.random.default_rng(1).normal(100, 10, (600, 40))
    for still in (noise, np.full((600, 40), 7), noise[:, :14], noise[:64]):
        summary = radon_velocity(still, along_line=True, **SCALES).summary
        assert np.isnan(summary["velocity_slope_per_s"])
        assert np.isnan(summary["velocity_slope_sd_per_s"])
    profile = velocity_along_line(noise, **SCALES)
    assert np.all(np.isnan(profile.velocity_um_per_s))


def test_bad_input_and_cancel() -> None:
    with pytest.raises(ParameterError, match="14 columns"):
        velocity_along_line(np.zeros((100, 14)), **SCALES)
    with pytest.raises(ParameterError, match="window_line"):
        velocity_along_line(np.zeros((100, 40)), window_line=64, **SCALES)
    stop = threading.Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        velocity_along_line(np.zeros((100, 40)), cancel=stop, **SCALES)
    seen: list[float] = []
    velocity_along_line(np.zeros((100, 40)), progress=seen.append, **SCALES)
    assert seen == sorted(seen)
    assert seen[-1] == 1
