"""A swept line, and a line at an angle, against truth."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.streaks.geometry import scan_geometry
from cloudscope.errors import ParameterError
from cloudscope.synthetic import velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


@pytest.mark.parametrize("share", [0.5, 1.0])
@pytest.mark.parametrize("speed", [10_000.0, -10_000.0])
def test_the_time_of_the_sweep_is_undone(speed: float, share: float) -> None:
    truth = velocity_kymograph([speed] * 640, pixels=320, snr=3, seed=1, sweep_fraction=share)
    plain = radon_velocity(truth.image, **SCALES)
    swept = radon_velocity(truth.image, **SCALES, scan_time_s=share * 1e-3)
    # 20 px/line against a beam that moves 320 / share: 21.333 or 18.824 for a full line.
    apparent = speed / (1 - speed / 500 * share / 320)
    assert plain.summary["velocity_median_um_per_s"] == pytest.approx(apparent, rel=1e-3)
    assert swept.summary["velocity_median_um_per_s"] == pytest.approx(speed, rel=1e-3)
    slope = plain.columns["velocity_um_per_s"]
    expected = slope / (1 + slope / 500 * share / 320)
    assert swept.columns["velocity_um_per_s"] == pytest.approx(expected, rel=1e-9)
    ratio = swept.columns["velocity_sd_um_per_s"] / plain.columns["velocity_sd_um_per_s"]
    assert ratio == pytest.approx((expected / slope) ** 2, rel=1e-9)


def test_limits_are_those_of_the_velocity_itself() -> None:
    truth = velocity_kymograph([10_000.0] * 600, pixels=320, snr=3, seed=1, sweep_fraction=1.0)
    # The apparent velocity is 10,667 µm/s.
    inside = radon_velocity(
        truth.image, **SCALES, scan_time_s=1e-3, maximum_speed_um_per_s=10_300.0
    )
    assert inside.summary["accepted_share"] > 0.95
    outside = radon_velocity(
        truth.image, **SCALES, scan_time_s=1e-3, minimum_speed_um_per_s=10_300.0
    )
    assert outside.summary["accepted_share"] < 0.05


def test_a_scan_to_and_fro_needs_no_correction_of_the_sweep() -> None:
    image = velocity_kymograph([2000.0] * 1200, pixels=60, snr=3, seed=1).image
    given = {"bidirectional": "given", "bidirectional_offset_px": 0.0}
    plain = radon_velocity(image, **SCALES, **given)
    swept = radon_velocity(image, **SCALES, **given, scan_time_s=1e-3)
    np.testing.assert_array_equal(
        swept.columns["velocity_um_per_s"], plain.columns["velocity_um_per_s"]
    )


def test_the_angle_divides_by_its_cosine() -> None:
    image = velocity_kymograph([700.0] * 400, pixels=40, snr=3, seed=1).image
    along, slanted = (
        radon_velocity(image, **SCALES, line_angle_deg=angle).columns for angle in (0.0, 60.0)
    )
    for name in ("velocity_um_per_s", "velocity_sd_um_per_s", "second_velocity_um_per_s"):
        assert slanted[name] == pytest.approx(2 * along[name], rel=1e-9, nan_ok=True)
    np.testing.assert_array_equal(slanted["status"], along["status"])


@pytest.mark.parametrize(
    "parameters",
    [{"scan_time_s": 2e-3}, {"scan_time_s": -1e-3}, {"line_angle_deg": 90.0}],
)
def test_what_no_scan_does_is_refused(parameters: dict[str, float]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        radon_velocity(np.zeros((100, 20)), **SCALES, **parameters)


def test_slopes_and_velocities_are_there_and_back() -> None:
    geometry = scan_geometry(
        columns=320, scan_time_s=8e-4, line_angle_deg=20.0, to_and_fro=False, **SCALES
    )
    for slope in (-12.0, 0.0, 3.5):
        velocity = float(geometry.velocity(np.array(slope)))
        assert geometry.slope(velocity) == pytest.approx(slope, abs=1e-12)
