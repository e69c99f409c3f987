"""Diameter against truth, and on recordings that show no vessel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from cloudscope.analysis.result import AnalysisResult
from cloudscope.synthetic import (
    DiameterTruth,
    diameter_kymograph,
    pulsatile_series,
    velocity_kymograph,
)
from tests.beating_vessel import beating, errors, measured
from tests.beating_vessel import result as result  # fixtures
from tests.beating_vessel import truth as truth

# ------------------------------------------------------------------------------- right numbers


@pytest.mark.parametrize(
    "options",
    [
        {"axial_sigma_um": 0.1},
        {"axial_sigma_um": 1.5},
        {"axial_sigma_um": np.inf},
        {"neighbour_height": 1.2},
        {"polarity": "dark"},
        {"psf_sigma_um": 0.2},
    ],
    ids=["thin section", "usual section", "projected", "neighbour", "dark", "sharp optics"],
)
@pytest.mark.parametrize("known_psf", [True, False])
def test_unbiased_whatever_the_section(options: dict[str, Any], known_psf: bool) -> None:
    truth = beating(**options)
    psf = truth.psf_sigma_um if known_psf else None
    result = measured(truth.image, psf_sigma_um=psf, polarity=options.get("polarity", "bright"))
    error = errors(result, truth)
    assert (result.columns["status"] == "ok").all()
    assert abs(np.median(error)) < (0.05 if known_psf else 0.15)
    assert np.median(np.abs(error)) < 0.2
    assert abs(np.median(result.columns["left_um"] - truth.left_um)) < 0.12


@pytest.mark.parametrize("snr", [3.0, 10.0, 40.0])
def test_the_standard_deviation_is_honest(snr: float) -> None:
    truth = beating(snr=snr)
    result = measured(truth.image, psf_sigma_um=truth.psf_sigma_um)
    within = np.abs(errors(result, truth)) < 2 * result.columns["diameter_sd_um"]
    assert 0.90 <= within.mean() <= 0.995


def test_thin_vessels_are_not_traded_for_bright_ones() -> None:
    series = pulsatile_series(2000, mean=2.0, amplitude=0.05)
    truth = diameter_kymograph(series, pixels=64, snr=8.0, seed=3)
    result = measured(truth.image, psf_sigma_um=truth.psf_sigma_um)
    assert abs(np.nanmedian(errors(result, truth))) < 0.08


def test_the_pulse_is_followed_line_by_line(result: AnalysisResult, truth: DiameterTruth) -> None:
    assert np.corrcoef(result.columns["diameter_um"], truth.diameter_um)[0, 1] > 0.97


def test_walls_are_measured_from_the_outer_edge_of_the_first_column(
    result: AnalysisResult, truth: DiameterTruth
) -> None:
    # A left wall at the edge of column k stands at k pixel sizes, as the bounds of an ROI do.
    assert np.median(result.columns["left_um"] - truth.left_um) == pytest.approx(0, abs=0.03)
    assert np.median(result.columns["right_um"] - truth.right_um) == pytest.approx(0, abs=0.03)


def test_the_psf_is_estimated_where_it_is_not_given(truth: DiameterTruth) -> None:
    summary = measured(truth.image).summary
    assert summary["psf_source"] == "estimated"
    assert summary["psf_sigma_um"] == pytest.approx(truth.psf_sigma_um, rel=0.1)
    assert summary["section_sigma_um"] == pytest.approx(truth.axial_sigma_um, rel=0.2)


def test_a_wandering_vessel_is_followed() -> None:
    lines = 3000
    centre = 16.0 + 9.0 * np.sin(2 * np.pi * np.arange(lines) / lines)
    truth = diameter_kymograph(6.0, lines=lines, centre_um=centre, snr=8.0, seed=5)
    result = measured(truth.image, psf_sigma_um=truth.psf_sigma_um)
    assert (result.columns["status"] == "ok").mean() > 0.99
    assert abs(np.median(errors(result, truth))) < 0.05


def test_half_maximum_is_small_by_what_theory_says() -> None:
    projected = beating(axial_sigma_um=np.inf, psf_sigma_um=0.1)
    half = measured(projected.image, method="half_max", psf_sigma_um=0.1, average_lines=8)
    # Half the height of a half circle is crossed at sqrt(3) / 2 of its width.
    expected = projected.median_diameter_um * np.sqrt(3) / 2
    assert half.summary["diameter_median_um"] == pytest.approx(expected, rel=0.02)
    box = beating(axial_sigma_um=0.1)
    thin = measured(box.image, method="half_max", psf_sigma_um=0.375)
    assert thin.summary["diameter_median_um"] == pytest.approx(box.median_diameter_um, rel=0.01)


def test_tissue_brighter_on_one_side_does_not_matter(truth: DiameterTruth) -> None:
    slope = 0.6 * np.arange(128)
    step = 40.0 / (1.0 + np.exp(-(np.arange(128) - 64.0) / 8.0))
    for tissue in (slope, step):
        result = measured(truth.image + tissue, psf_sigma_um=truth.psf_sigma_um)
        assert abs(np.median(errors(result, truth))) < 0.05


def test_shadows_of_cells_in_the_lumen_widen_the_standard_deviation() -> None:
    rng = np.random.default_rng(8)
    clean = beating(snr=1e4, bleaching=0.0)
    lumen = np.clip(clean.image - 25.0, 0, None)
    cells = np.repeat(np.repeat(rng.random((300, 32)) < 0.1, 4, axis=0), 4, axis=1)
    image = clean.image - 0.4 * lumen * cells + rng.normal(0, 5, lumen.shape)
    result = measured(image, psf_sigma_um=clean.psf_sigma_um)
    error = errors(result, clean)
    assert abs(np.median(error)) < 0.1
    assert np.mean(np.abs(error) < 2 * result.columns["diameter_sd_um"]) > 0.85


def test_noise_that_runs_on_from_pixel_to_pixel_widens_the_standard_deviation(
    truth: DiameterTruth,
) -> None:
    smooth = gaussian_filter1d(truth.image, 0.8, axis=1)
    psf = float(np.hypot(truth.psf_sigma_um, 0.8 * truth.pixel_size_um))
    result = measured(smooth, psf_sigma_um=psf)
    within = np.abs(errors(result, truth)) < 2 * result.columns["diameter_sd_um"]
    assert within.mean() > 0.88


def test_averaged_lines_are_points_of_their_own(truth: DiameterTruth) -> None:
    single = measured(truth.image, psf_sigma_um=0.375)
    result = measured(truth.image, psf_sigma_um=0.375, average_lines=7)
    columns = result.columns
    assert len(columns["row"]) == 1200 // 7
    assert columns["row"][:3].tolist() == [0, 7, 14]
    assert columns["time_s"][:2] == pytest.approx([0.003, 0.010])
    means = truth.diameter_um[: 1200 // 7 * 7].reshape(-1, 7).mean(axis=1)
    assert np.median(np.abs(columns["diameter_um"] - means)) < 0.6 * np.median(
        np.abs(errors(single, truth))
    )


# ---------------------------------------------------------------------------- never an invention


def assert_nothing_measured(result: AnalysisResult, *reasons: str) -> None:
    columns = result.columns
    assert set(columns["status"]) <= set(reasons)
    for name in ("diameter_um", "diameter_sd_um", "left_um", "right_um"):
        assert np.isnan(columns[name]).all()
    assert (columns["quality"] == 0).all()
    assert np.isnan(result.summary["diameter_median_um"])
    assert result.summary["points_accepted"] == 0
    assert result.summary["main_rejection"] in reasons


def test_a_wall_outside_the_line_is_said() -> None:
    truth = diameter_kymograph(12.0, lines=400, centre_um=4.0, seed=1)
    assert_nothing_measured(measured(truth.image), "at the border")
    whole = diameter_kymograph(40.0, lines=400, seed=1)
    assert_nothing_measured(measured(whole.image), "at the border", "no vessel")


def test_a_roi_that_cuts_the_vessel_is_said(truth: DiameterTruth) -> None:
    assert_nothing_measured(measured(truth.image[:, 60:]), "at the border")
    assert_nothing_measured(measured(truth.image[:, :70]), "at the border")


def test_a_vessel_that_leaves_the_line_for_a_while_is_said() -> None:
    lines = 2000
    centre = np.where(np.arange(lines) < 1200, 12.0, 1.0)
    truth = diameter_kymograph(8.0, lines=lines, centre_um=centre, snr=10.0, seed=2)
    result = measured(truth.image, psf_sigma_um=0.375)
    status = result.columns["status"]
    assert (status[:1180] == "ok").mean() > 0.98
    assert (status[1220:] != "ok").all()
    assert np.isnan(result.columns["diameter_um"][1220:]).all()


def test_noise_alone_is_no_vessel() -> None:
    noise = np.random.default_rng(1).normal(100, 10, (800, 64))
    assert_nothing_measured(measured(noise), "no vessel", "at the border")


@pytest.mark.parametrize("value", [0, 7, 4095])
def test_a_constant_image_is_no_vessel(value: int) -> None:
    image = np.full((50, 40), value, np.uint16)
    assert_nothing_measured(measured(image), "no vessel")


@pytest.mark.parametrize("velocity", [30.0, -900.0])
@pytest.mark.parametrize("background", [0.3, 0.5])
def test_a_line_along_a_vessel_shows_no_width(velocity: float, background: float) -> None:
    flow = velocity_kymograph(
        velocity, lines=1500, pixels=48, background=background, snr=4.0, seed=6
    )
    result = measured(flow.image, psf_sigma_um=0.375)
    assert_nothing_measured(result, "no vessel", "at the border")


def test_dark_lines_are_said_and_spoil_nothing_else(truth: DiameterTruth) -> None:
    image = truth.image.copy()
    image[500:520] = image.min()
    result = measured(image, psf_sigma_um=0.375)
    status = result.columns["status"]
    assert (status[500:520] == "no vessel").all()
    assert np.isnan(result.columns["diameter_um"][500:520]).all()
    assert (np.delete(status, np.arange(500, 520)) == "ok").mean() > 0.99


def test_lines_that_are_not_finite_are_said_and_spoil_nothing_else(truth: DiameterTruth) -> None:
    image = truth.image.copy()
    image[100, 64], image[700:732, 3] = np.nan, np.inf
    result = measured(image, psf_sigma_um=0.375)
    bad = np.r_[100, 700:732]
    assert (result.columns["status"][bad] == "not finite").all()
    assert np.isnan(result.columns["diameter_um"][bad]).all()
    rest = np.delete(np.arange(1200), bad)
    assert (result.columns["status"][rest] == "ok").all()
    assert abs(np.median(errors(result, truth)[rest])) < 0.05


def test_all_nan_is_said() -> None:
    assert_nothing_measured(measured(np.full((30, 20), np.nan)), "not finite")


def test_a_bad_line_is_marked_and_keeps_its_number() -> None:
    truth = beating(snr=2.0)
    result = measured(truth.image, psf_sigma_um=0.375, quality_limit=0.9)
    low = result.columns["status"] == "low quality"
    assert low.any()
    assert np.isfinite(result.columns["diameter_um"][low]).all()
    assert (result.columns["quality"][low] < 0.9).all()


def test_real_recordings_along_vessels_say_why_not(shared_data: Path) -> None:
    import tifffile

    for name in ("capillary/Capillary1_0001.tif", "events/20251204_A117_0004.tif"):
        image = tifffile.imread(shared_data / name)
        result = measured(image[:6000], psf_sigma_um=0.375)
        assert_nothing_measured(result, "no vessel", "at the border")
    narrow = "angii/28d AngII/20250722/20250722_A89_0005.tif"
    result = measured(tifffile.imread(shared_data / narrow)[:12000], average_lines=4)
    assert_nothing_measured(result, "no vessel", "at the border")
