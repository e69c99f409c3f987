"""What a scan is said to resolve is what the engine then resolves on truth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.streaks.ceiling import speed_ceiling
from cloudscope.errors import CalibrationError, ParameterError
from cloudscope.synthetic import velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


@pytest.mark.parametrize(("width", "window", "snr"), [(40, 64, 1.0), (64, 32, 1.0), (64, 64, 3.0)])
def test_slow_end(width: int, window: int, snr: float) -> None:
    limits = speed_ceiling(1e-3, 0.5, width, window, snr=snr)
    sampling = SCALES | {"window_lines": window, "step_lines": window}

    def measured(speed: float, background: str) -> np.ndarray:
        truth = velocity_kymograph(
            [speed] * 5000, pixels=width, snr=snr, seed=6, background=0.0, bleaching=0.0
        )
        options = sampling | {"background": background, "bleaching": "none"}
        return radon_velocity(truth.image, **options).columns["velocity_um_per_s"]

    slowest = measured(limits.slowest_um_per_s, "none")
    assert np.mean(slowest > 0) > 0.93  # told from a stall...
    assert np.mean(np.abs(slowest / limits.slowest_um_per_s - 1) < 0.1) < 0.4  # ...and no more
    accurate = measured(limits.accurate_from_um_per_s, "record")
    assert np.mean(np.abs(accurate / limits.accurate_from_um_per_s - 1) < 0.1) > 0.85


@pytest.mark.parametrize("width", [14, 60])
def test_fast_end(width: int) -> None:
    fastest = speed_ceiling(1e-3, 0.5, width).fastest_um_per_s

    def accepted_right(speed: float) -> float:
        image = velocity_kymograph([speed] * 1500, pixels=width, snr=3, seed=3).image
        table = radon_velocity(image, **SCALES).columns
        right = np.abs(table["velocity_um_per_s"] / speed - 1) < 0.1
        return float(np.mean(right & (table["status"] == "ok")))

    assert accepted_right(0.95 * fastest) > 0.9
    assert accepted_right(1.15 * fastest) < 0.3


def test_the_summary_of_a_measurement_says_the_same() -> None:
    image = velocity_kymograph([500.0] * 200, pixels=40, snr=3, seed=3).image
    options = {"scan_time_s": 5e-4, "line_angle_deg": 30.0}
    said = radon_velocity(image, **SCALES, **options).summary["speed_ceiling_um_per_s"]
    assert said == pytest.approx(speed_ceiling(1e-3, 0.5, 40, **options).fastest_um_per_s)


def test_how_it_scales() -> None:
    one = speed_ceiling(1e-3, 0.5, 40)
    finer = speed_ceiling(5e-4, 1.0, 40)
    assert finer.slowest_um_per_s == pytest.approx(4 * one.slowest_um_per_s)
    assert finer.fastest_um_per_s == pytest.approx(4 * one.fastest_um_per_s)
    longer = speed_ceiling(1e-3, 0.5, 40, 128)
    assert longer.slowest_um_per_s == pytest.approx(one.slowest_um_per_s / 2**1.5)
    assert speed_ceiling(1e-3, 0.5, 40, snr=2.0).slowest_um_per_s < one.slowest_um_per_s
    assert one.slowest_um_per_s < one.accurate_from_um_per_s < one.fastest_um_per_s
    short = speed_ceiling(1e-3, 0.5, 40, recording_lines=500)
    assert short.slowest_um_per_s == pytest.approx(2 * 7 / 500 * 500)
    assert short.accurate_from_um_per_s == pytest.approx(20 * 7 / 500 * 500)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width_px", 3),
        ("width_px", 7.5),
        ("window_lines", 4),
        ("snr", 0.0),
        ("snr", np.nan),
        ("cell_length_um", -1.0),
        ("recording_lines", 10),
        ("scan_time_s", 0.1),
        ("scan_time_s", -1.0),
        ("line_angle_deg", 90.0),
        ("line_angle_deg", "30"),
        ("line_period_s", 0.0),
    ],
)
def test_numbers_that_are_not_allowed_are_named(name: str, value: Any) -> None:
    arguments: dict[str, Any] = {**SCALES, "width_px": 40}
    with pytest.raises(ParameterError, match=name):
        speed_ceiling(**(arguments | {name: value}))


def test_unknown_scales_are_asked_for() -> None:
    with pytest.raises(CalibrationError, match="pixel_size_um"):
        speed_ceiling(1e-3, None, 40)  # type: ignore[arg-type]
