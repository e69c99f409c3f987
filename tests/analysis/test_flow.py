"""Volume flow against known truth: numbers, clocks, errors and what users feed it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.analysis.flow import flow
from cloudscope.analysis.hemodynamics.profile import velocity_profile
from cloudscope.errors import ParameterError, UnknownNameError
from cloudscope.synthetic import pulsatile_series, volume_flow_kymograph
from tests.flow_draws import CASES, LINES, WINDOWS, within_two_sd
from tests.made_results import diameter_result, velocity_result


def steady(**options: Any) -> cs.AnalysisResult:
    return flow(
        velocity_result(np.full(WINDOWS, -2000.0), 20.0),
        diameter_result(np.full(LINES, 10.0), 0.1),
        **options,
    )


# ------------------------------------------------------------------------------- right numbers


@pytest.mark.parametrize(
    ("options", "factor", "shear"),
    [
        ({}, 0.5, 8.0),
        ({"profile": "blunt"}, 0.625, 32 / 3),
        ({"profile": "plug"}, 1.0, np.nan),
        ({"profile": "power", "profile_exponent": 9.0}, 9 / 11, 22.0),
        ({"profile": "factor", "profile_factor": 0.8}, 0.8, 20.0),
    ],
    ids=["parabolic", "blunt", "plug", "power", "factor"],
)
def test_flow_and_shear_of_a_profile(options: dict[str, Any], factor: float, shear: float) -> None:
    result = steady(**options)
    mean = -2000.0 * factor
    volume = mean * np.pi / 4 * 10.0**2 / 1000  # fL in a pL
    assert result.columns["flow_pl_per_s"] == pytest.approx(volume)
    assert result.columns["mean_velocity_um_per_s"] == pytest.approx(mean)
    assert result.columns["shear_rate_per_s"] == pytest.approx(shear * mean / 10, nan_ok=True)
    assert result.summary["flow_median_pl_per_s"] == pytest.approx(volume)
    assert result.summary["flow_median_nl_per_min"] == pytest.approx(volume * 60 / 1000)
    assert result.summary["profile_factor"] == pytest.approx(factor)
    assert (result.columns["status"] == "ok").all()


@pytest.mark.parametrize("exponent", [1.0, 2.0, 5.0, 20.0])
def test_a_profile_is_the_integral_of_its_power_law(exponent: float) -> None:
    chosen = velocity_profile("power", None, exponent)
    r = (np.arange(200_000) + 0.5) / 200_000
    assert chosen.factor == pytest.approx(np.mean(2 * r * (1 - r**exponent)), rel=1e-6)
    # Slope at the wall of a vessel of diameter 1, for a mean velocity of 1.
    assert chosen.shear_factor * chosen.factor == pytest.approx(2 * exponent)


def test_wall_shear_stress_needs_a_viscosity() -> None:
    assert np.isnan(steady().columns["shear_stress_pa"]).all()
    result = steady(viscosity_mpa_s=3.0)
    assert result.summary["shear_stress_median_pa"] == pytest.approx(-800 * 3e-3)
    unsure = steady(viscosity_mpa_s=3.0, viscosity_sd_mpa_s=0.3)
    sure, doubt = (r.columns["shear_stress_sd_pa"][0] for r in (result, unsure))
    assert doubt == pytest.approx(np.hypot(sure, 0.1 * 2.4))


def test_flow_of_a_drawn_vessel() -> None:
    """From the pixels: a beating velocity in a vessel that widens, both on one line."""
    lines = 3000
    truth = volume_flow_kymograph(
        pulsatile_series(lines, mean=1500.0, amplitude=0.3, drift=0.0),
        pulsatile_series(lines, mean=12.0, amplitude=0.05, drift=0.1),
        velocity_options={"snr": 4.0},
        diameter_options={"snr": 15.0},
        seed=3,
    )
    image = cs.AcqImage.from_array(
        truth.image, line_period_s=truth.line_period_s, pixel_size_um=truth.pixel_size_um
    )
    along = image.add_roi(col_start=truth.velocity_columns[0], col_stop=truth.velocity_columns[1])
    across = image.add_roi(col_start=truth.diameter_columns[0], col_stop=truth.diameter_columns[1])
    image.analyze("radon_velocity", roi_id=along.roi_id)
    image.analyze("diameter", roi_id=across.roi_id)
    result = image.analyze("flow", roi_id=along.roi_id, diameter=("diameter", 0, across.roi_id))
    sums = np.concatenate([[0.0], np.cumsum(truth.flow_um3_per_s)]) / 1000
    rows = np.rint(result.columns["time_s"] / 1e-3 - 31.5).astype(int)
    expected = (sums[rows + 64] - sums[rows]) / 64
    ok = result.columns["status"] == "ok"
    assert ok.mean() > 0.95
    error = result.columns["flow_pl_per_s"][ok] - expected[ok]
    assert abs(np.median(error / expected[ok])) < 0.03
    assert np.corrcoef(result.columns["flow_pl_per_s"][ok], expected[ok])[0, 1] > 0.98


# ------------------------------------------------------------------------------- one clock


def ramp() -> np.ndarray:
    return 10.0 + 2.0 * np.arange(LINES) / LINES


def test_each_window_has_the_diameter_of_its_own_lines() -> None:
    result = flow(velocity_result(np.full(WINDOWS, 1000.0)), diameter_result(ramp()))
    rows = 16 * np.arange(WINDOWS) + 31.5
    assert result.columns["diameter_um"] == pytest.approx(10 + 2 * rows / LINES)
    assert (result.columns["diameter_points"] == 64).all()


@pytest.mark.parametrize("shift", [160, -160])
def test_rois_that_begin_at_different_lines_share_the_clock_of_the_recording(shift: int) -> None:
    velocity = velocity_result(np.full(WINDOWS, 1000.0), first_row=1000 + shift)
    result = flow(velocity, diameter_result(ramp(), first_row=1000))
    rows = 16 * np.arange(WINDOWS) + 31.5 + shift
    ok = result.columns["status"] == "ok"
    assert result.columns["diameter_um"][ok][5:-5] == pytest.approx(10 + 2 * rows[ok][5:-5] / LINES)
    outside = (rows < -31.5) | (rows > LINES + 31)
    assert (result.columns["status"][outside] == "no common time").all()
    assert np.array_equal(ok, ~outside)
    assert np.array_equal(result.columns["time_s"], velocity.columns["time_s"])


def test_clocks_without_common_time_are_refused_in_a_sentence() -> None:
    velocity = velocity_result(np.full(WINDOWS, 1000.0), first_row=0)
    later = diameter_result(ramp(), first_row=10_000)
    with pytest.raises(ParameterError, match=r"share time, or diameter_over='recording'"):
        flow(velocity, later)
    result = flow(velocity, later, diameter_over="recording")
    assert result.summary["diameter_median_um"] == pytest.approx(11.0, abs=0.01)
    assert (result.columns["diameter_sd_um"] > 0.5).all()  # the vessel was not the same all along


def test_a_diameter_of_long_averages_is_read_off_between_them() -> None:
    coarse = diameter_result(ramp()[:1600].reshape(-1, 100).mean(axis=1), average_lines=100)
    result = flow(velocity_result(np.full(90, 1000.0)), coarse)
    rows = 16 * np.arange(90) + 31.5
    inner = slice(5, 85)
    assert result.columns["diameter_um"][inner] == pytest.approx(
        10 + 2 * rows[inner] / LINES, abs=0.05
    )
    assert (result.columns["status"][inner] == "ok").all()


# ------------------------------------------------------------------------------- honest errors


@pytest.mark.parametrize("column", ["flow", "shear"])
@pytest.mark.parametrize("case", list(CASES))
def test_standard_deviations_are_honest(case: str, column: str) -> None:
    assert 0.9 <= within_two_sd(120, column=column, **CASES[case]) <= 0.995


def test_the_noise_of_a_stall_is_that_of_its_velocity() -> None:
    result = flow(
        velocity_result(np.zeros(WINDOWS), 20.0), diameter_result(np.full(LINES, 10.0), 0.1)
    )
    assert (result.columns["flow_pl_per_s"] == 0).all()
    assert result.columns["flow_sd_pl_per_s"] == pytest.approx(20 * 0.5 * np.pi / 4 * 0.1, rel=1e-3)


def test_what_all_windows_share_is_told_apart() -> None:
    result = steady(pixel_size_sd_percent=2.0, profile_factor_sd=0.05)
    assert result.summary["flow_common_sd_percent"] == pytest.approx(np.hypot(6.0, 10.0))
    noise, whole = (result.columns[f"flow_{part}sd_pl_per_s"][0] for part in ("noise_", ""))
    q = abs(result.summary["flow_median_pl_per_s"])
    assert whole == pytest.approx(np.hypot(noise, np.hypot(0.06, 0.1) * q))
    low, high = (result.summary[f"flow_median_ci95_{end}_pl_per_s"] for end in ("low", "high"))
    assert high - low == pytest.approx(2 * 1.96 * np.hypot(0.06, 0.1) * q, rel=0.01)


# ------------------------------------------------------------------------------- what is missing


def test_windows_without_a_number_say_why() -> None:
    status = np.full(WINDOWS, "ok", dtype="<U9")
    status[10] = "ambiguous"
    lines = np.full(LINES, "ok", dtype="<U9")
    lines[800:1000] = "no vessel"
    result = flow(
        velocity_result(np.full(WINDOWS, 1000.0), status=status),
        diameter_result(np.full(LINES, 10.0), status=lines),
    )
    said = result.columns["status"]
    assert said[10] == "no velocity"
    rows = 16 * np.arange(WINDOWS)
    assert (said[(rows >= 800) & (rows + 64 <= 1000)] == "no diameter").all()
    assert np.isnan(result.columns["flow_pl_per_s"][said != "ok"]).all()
    assert result.summary["main_rejection"] == "no diameter"
    assert result.summary["windows_accepted"] == (said == "ok").sum()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"profile": "power"}, "profile_exponent=None"),
        ({"profile": "factor"}, "profile_factor=None"),
        ({"profile_factor": 0.6}, "profile_factor=0.6 is not allowed with profile='parabolic'"),
        ({"profile": "blunt", "profile_exponent": 3.0}, "give profile='power'"),
        ({"profile": "round"}, "profile='round'"),
        ({"pixel_size_sd_percent": -1.0}, "pixel_size_sd_percent=-1.0"),
    ],
)
def test_what_is_refused_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        steady(**options)


def test_inputs_that_are_something_else_are_refused() -> None:
    velocity, diameter = velocity_result(np.ones(20)), diameter_result(np.ones(400))
    with pytest.raises(UnknownNameError, match="velocity_um_per_s"):
        flow(diameter, diameter)
    with pytest.raises(UnknownNameError, match="diameter_um"):
        flow(velocity, velocity)
    with pytest.raises(ParameterError, match="no usable point"):
        flow(velocity, diameter_result(np.ones(400), status="no vessel"))


def test_the_result_names_its_inputs_and_goes_stale_with_them() -> None:
    velocity, diameter = velocity_result(np.ones(20)), diameter_result(np.full(400, 9.0))
    result = flow(velocity, diameter)
    assert result.inputs["velocity"].digest == velocity.digest
    assert result.inputs["diameter"].key == ("diameter", 0, 0)
