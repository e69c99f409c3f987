"""A preview has the numbers of Run where it can, says where it cannot, and keeps nothing."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.preview import PREVIEWED, measure_preview
from cloudscope.synthetic import diameter_kymograph, velocity_kymograph


@pytest.fixture(scope="module")
def flow() -> AcqImage:
    truth = velocity_kymograph(600.0, lines=6000, pixels=32, snr=3.0, seed=4)
    return AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)


@pytest.fixture(scope="module")
def vessel() -> AcqImage:
    truth = diameter_kymograph(10.0, lines=3000, snr=10.0, seed=2)
    return AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.25)


@pytest.mark.parametrize("analysis", PREVIEWED)
def test_all_of_a_roi_is_what_run_gives_to_the_last_bit(flow: AcqImage, analysis: str) -> None:
    bounds = (500, 3500, 2, 30)
    parameters = {"quality_limit": 0.3} if analysis != "intensity" else {"preset": "fast"}
    whole = measure_preview(flow, analysis, 0, bounds, parameters)
    roi = flow.add_roi(row_start=500, row_stop=3500, col_start=2, col_stop=30)
    measured = flow.measure(analysis, roi_id=roi.roi_id, **parameters)
    assert whole.whole
    assert whole.result.same_numbers(measured)
    assert whole.words == "as Run would measure it, not kept"
    assert not flow.results


def test_windows_of_a_part_are_windows_of_the_whole(flow: AcqImage) -> None:
    bounds = (137, 5990, 0, 32)
    whole = measure_preview(flow, "radon_velocity", 0, bounds, {})
    part = measure_preview(flow, "radon_velocity", 0, bounds, {}, (2000, 3000))
    starts = part.result.columns["row_start"] + part.result.bounds[0]
    of_whole = whole.result.columns["row_start"] + bounds[0]
    assert set(starts) <= set(of_whole)
    assert starts.min() <= 2000 < 2936 <= starts.max()
    same = np.isin(of_whole, starts)
    difference = (
        part.result.columns["velocity_um_per_s"] - (whole.result.columns["velocity_um_per_s"][same])
    )
    assert np.nanmedian(np.abs(difference)) < 5.0
    assert not part.whole
    assert part.words == "background of these lines"


def test_few_points_are_every_so_many_of_its_windows(flow: AcqImage) -> None:
    bounds = (0, 6000, 0, 32)
    quick = measure_preview(flow, "radon_velocity", 0, bounds, {}, (2000, 4000), points=20)
    starts = quick.result.columns["row_start"] + quick.result.bounds[0]
    assert quick.every == 6
    assert np.all(starts % (16 * 6) == 0)
    assert quick.words == "one window of 6, background of these lines"
    assert abs(quick.result.summary["velocity_median_um_per_s"] - 600.0) < 30.0


def test_a_diameter_in_haste_takes_over_what_is_known_and_says_so(vessel: AcqImage) -> None:
    bounds = (0, 3000, 0, vessel.header.pixels)
    whole = measure_preview(vessel, "diameter", 0, bounds, {})
    quick = measure_preview(
        vessel, "diameter", 0, bounds, {}, (500, 1500), points=100, like=whole.result
    )
    assert quick.result.parameters["psf_sigma_um"] == whole.result.summary["psf_sigma_um"]
    assert "reads up to 4 % small" in quick.words
    assert quick.result.summary["diameter_median_um"] == pytest.approx(10.0, rel=0.06)
    part = measure_preview(vessel, "diameter", 0, bounds, {}, (500, 1500), like=whole.result)
    assert part.result.parameters["section"] == "auto"
    assert part.result.summary["diameter_median_um"] == pytest.approx(10.0, rel=0.02)


def test_what_is_out_of_sight_or_too_small_is_still_answered(flow: AcqImage) -> None:
    away = measure_preview(flow, "radon_velocity", 0, (4000, 5000, 0, 32), {}, (0, 100))
    assert away.result.bounds[0] >= 4000
    with pytest.raises(ParameterError, match="window_lines=64"):
        measure_preview(flow, "radon_velocity", 0, (0, 40, 0, 32), {}, (0, 2000), points=20)
    with pytest.raises(ParameterError, match="there are previews of"):
        measure_preview(flow, "heart_rate", 0, (0, 40, 0, 32), {})


def test_it_stops_when_asked(flow: AcqImage) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(AnalysisCancelled):
        measure_preview(flow, "radon_velocity", 0, (0, 6000, 0, 32), {}, cancel=cancel)
