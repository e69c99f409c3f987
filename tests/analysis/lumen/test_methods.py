"""The four ways to find a wall, on truth; and a prior over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.result import AnalysisResult
from cloudscope.synthetic import DiameterTruth, diameter_kymograph, pulsatile_series

METHODS = ("cylinder", "half_max", "gradient", "threshold")


def measured(image: Any, **options: Any) -> AnalysisResult:
    scales = {"line_period_s": 1e-3, "pixel_size_um": 0.25, "psf_sigma_um": 0.375}
    return diameter(image, **{**scales, **options})


def beating(lines: int = 600, **options: Any) -> DiameterTruth:
    series = pulsatile_series(lines, mean=10.0, amplitude=0.05, drift=0.05)
    return diameter_kymograph(series, **{"snr": 10.0, "seed": 4, **options})


def errors(result: AnalysisResult, truth: DiameterTruth) -> np.ndarray:
    return result.columns["diameter_um"] - truth.diameter_um


@pytest.fixture(scope="module")
def box() -> DiameterTruth:
    return beating(axial_sigma_um=0.1, snr=20.0)


@pytest.fixture(scope="module")
def section() -> DiameterTruth:
    return beating(snr=5.0)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_finds_the_walls_of_a_thin_section(method: str, box: DiameterTruth) -> None:
    result = measured(box.image, method=method)
    assert (result.columns["status"] == "ok").mean() > 0.99
    assert abs(np.median(errors(result, box))) < 0.05
    assert abs(np.median(result.columns["left_um"] - box.left_um)) < 0.05
    assert abs(np.median(result.columns["centre_um"] - box.centre_um)) < 0.05
    assert result.parameters["method"] == method


@pytest.mark.parametrize("method", METHODS)
def test_standard_deviations_are_of_the_scatter(method: str, section: DiameterTruth) -> None:
    result = measured(section.image, method=method)
    error = errors(result, section)
    bias = 0.0 if method == "cylinder" else np.median(error)
    within = np.abs(error - bias) < 2 * result.columns["diameter_sd_um"]
    assert 0.90 <= within.mean() <= 0.995


def test_only_the_fit_knows_where_a_cylinder_ends(section: DiameterTruth) -> None:
    bias = {m: np.median(errors(measured(section.image, method=m), section)) for m in METHODS}
    assert abs(bias["cylinder"]) < 0.1
    assert -0.6 < bias["half_max"] < -0.2
    assert -0.7 < bias["gradient"] < -0.15


@pytest.mark.parametrize("method", METHODS)
def test_a_dark_lumen_is_a_bright_one_upside_down(method: str, box: DiameterTruth) -> None:
    bright = measured(box.image, method=method)
    dark = measured(200.0 - box.image, method=method, polarity="dark")
    assert dark.columns["diameter_um"] == pytest.approx(bright.columns["diameter_um"], abs=0.02)


def test_half_maximum_is_a_threshold_of_one_half(section: DiameterTruth) -> None:
    half = measured(section.image, method="half_max")
    level = measured(section.image, method="threshold", threshold_share=0.5)
    assert np.array_equal(half.columns["diameter_um"], level.columns["diameter_um"])


def test_lower_levels_are_farther_out(section: DiameterTruth) -> None:
    medians = [
        measured(section.image, method="threshold", threshold_share=share).summary[
            "diameter_median_um"
        ]
        for share in (0.8, 0.5, 0.2)
    ]
    assert medians == sorted(medians)
    assert medians[2] - medians[0] > 1.0


def test_a_threshold_in_the_unit_of_the_recording(box: DiameterTruth) -> None:
    # Tissue of 25 with a lumen of 100 on it, which bleaches by a fifth: 75 is crossed half way up
    # at the start.
    half = measured(box.image, method="half_max").columns["diameter_um"]
    level = measured(box.image, method="threshold", threshold_value=75.0).columns["diameter_um"]
    assert np.median(level[:60] - half[:60]) == pytest.approx(0, abs=0.05)
    inverted = measured(
        300.0 - box.image, method="threshold", threshold_value=225.0, polarity="dark"
    )
    assert inverted.columns["diameter_um"] == pytest.approx(level, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("value", [-50.0, 1e6])
def test_a_level_that_is_not_crossed_is_said(box: DiameterTruth, value: float) -> None:
    result = measured(box.image, method="threshold", threshold_value=value)
    assert set(result.columns["status"]) == {"no crossing"}
    assert np.isnan(result.columns["diameter_um"]).all()
    assert result.summary["main_rejection"] == "no crossing"


def test_smoothing_follows_the_noise_and_the_user(box: DiameterTruth) -> None:
    noisy = beating(axial_sigma_um=0.1, snr=2.0)
    for method in ("half_max", "gradient"):
        less, more = (
            measured(truth.image, method=method).summary["smoothing_um"] for truth in (box, noisy)
        )
        assert 0.1 < less < more < 1.0
    given = measured(box.image, method="gradient", smoothing_um=0.6)
    assert given.summary["smoothing_um"] == pytest.approx(0.6)
    assert measured(box.image).summary["smoothing_um"] is None


def test_steps_between_stored_profiles_do_not_show() -> None:
    # Without noise, a thin vessel and a projection: any cut of a bend would pass for a section.
    thin = diameter_kymograph(
        pulsatile_series(500, mean=2.0, amplitude=0.1), pixels=64, snr=400.0, seed=1
    )
    assert abs(np.median(errors(measured(thin.image), thin))) < 0.008
    deep = beating(axial_sigma_um=15.0, snr=400.0)
    assert abs(np.median(errors(measured(deep.image), deep))) < 0.01


# --------------------------------------------------------------------------------- prior over time


@pytest.mark.parametrize("method", ["cylinder", "half_max"])
def test_a_prior_over_time_narrows_and_stays_honest(method: str, section: DiameterTruth) -> None:
    plain = measured(section.image, method=method)
    prior = measured(section.image, method=method, temporal_prior=True)
    error, before = errors(prior, section), errors(plain, section)
    bias = 0.0 if method == "cylinder" else np.median(error)
    assert np.median(np.abs(error - bias)) < 0.6 * np.median(np.abs(before - np.median(before)))
    within = np.abs(error - bias) < 2 * prior.columns["diameter_sd_um"]
    assert within.mean() > 0.9
    assert np.median(prior.columns["diameter_sd_um"]) < np.median(plain.columns["diameter_sd_um"])
    assert prior.summary["prior_step_sd_um"] > 0
    assert plain.summary["prior_step_sd_um"] is None


def test_a_prior_over_time_does_not_smooth_away_a_fast_beat() -> None:
    lines = 1200
    fast = 10.0 + 0.8 * np.sin(2 * np.pi * np.arange(lines) / 40)
    truth = diameter_kymograph(fast, snr=10.0, seed=2)
    result = measured(truth.image, temporal_prior=True)
    gain = np.polyfit(truth.diameter_um, result.columns["diameter_um"], 1)[0]
    assert gain > 0.9


def test_a_prior_over_time_takes_nothing_from_lines_that_are_not_used() -> None:
    truth = beating(snr=20.0)
    image = truth.image.copy()
    image[200:210] = image.min()
    result = measured(image, temporal_prior=True)
    assert (result.columns["status"][200:210] == "no vessel").all()
    assert np.isnan(result.columns["diameter_um"][200:210]).all()
    assert np.abs(np.delete(errors(result, truth), np.arange(200, 210))).max() < 0.5
