"""What calls of `diameter` may rely on: the table, equal numbers, clear refusals, progress."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.lumen import measure
from cloudscope.analysis.lumen.judge import WITH_NUMBER
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, CalibrationError, ParameterError
from cloudscope.synthetic import DiameterTruth, diameter_kymograph, to_counts
from tests.beating_vessel import errors, measured
from tests.beating_vessel import result as result  # fixtures
from tests.beating_vessel import truth as truth


def test_the_table_is_the_one_declared(result: AnalysisResult, truth: DiameterTruth) -> None:
    analysis = get_analysis("diameter")
    assert list(result.columns) == [column.name for column in analysis.columns]
    assert analysis.headline in result.summary
    assert analysis.trace.value in result.columns
    assert analysis.trace.sd in result.columns
    assert result.columns["row"].tolist() == list(range(1200))
    assert result.columns["time_s"] == pytest.approx(np.arange(1200) * 1e-3)
    assert result.summary["points"] == result.summary["points_accepted"] == 1200
    quartiles = np.percentile(result.columns["diameter_um"], (25, 50, 75))
    assert result.summary["diameter_quartile_1_um"] == pytest.approx(quartiles[0])
    assert result.summary["diameter_median_um"] == pytest.approx(quartiles[1])
    assert result.summary["diameter_cv"] == pytest.approx(
        result.columns["diameter_um"].std(ddof=1) / result.columns["diameter_um"].mean()
    )
    assert all(v is None or isinstance(v, int | float | str) for v in result.summary.values())
    assert result.parameters["psf_sigma_um"] == truth.psf_sigma_um


def test_numbers_do_not_depend_on_the_chunking(
    result: AnalysisResult, truth: DiameterTruth, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "_CHUNK_PIXELS", 1)
    small = measured(truth.image, psf_sigma_um=truth.psf_sigma_um)
    assert small.same_numbers(result)
    monkeypatch.setattr(measure, "_CHUNK_PIXELS", 10**9)
    assert measured(truth.image, psf_sigma_um=truth.psf_sigma_um).same_numbers(result)


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float64, ">u2"])
def test_any_type_of_number_gives_the_same(dtype: Any, truth: DiameterTruth) -> None:
    counts = to_counts(truth.image, gain=8.0)
    expected = measured(counts, psf_sigma_um=0.375)
    assert measured(counts.astype(dtype), psf_sigma_um=0.375).same_numbers(expected)


def test_offset_and_gain_of_the_detector_do_not_matter(
    truth: DiameterTruth, result: AnalysisResult
) -> None:
    other = measured(truth.image.astype(float) * 1e-9 + 3.0, psf_sigma_um=0.375)
    assert other.columns["diameter_um"] == pytest.approx(result.columns["diameter_um"], abs=0.01)


def test_the_kymograph_is_left_as_it_was(truth: DiameterTruth) -> None:
    image = truth.image[:200].copy()
    image.flags.writeable = False
    before = image.copy()
    measured(image)
    assert np.array_equal(image, before)
    view = np.asfortranarray(image)[::2, ::1]
    assert measured(view, psf_sigma_um=0.375).same_numbers(
        measured(np.ascontiguousarray(view), psf_sigma_um=0.375)
    )


@pytest.mark.parametrize("lines", [1, 2, 9, 33])
def test_few_lines_are_enough(lines: int) -> None:
    truth = diameter_kymograph(8.0, lines=lines, snr=30.0, seed=2)
    result = measured(truth.image, psf_sigma_um=0.375)
    assert (result.columns["status"] == "ok").all()
    assert np.abs(errors(result, truth)).max() < 1.0


def test_progress_never_goes_back_and_ends_at_one(truth: DiameterTruth) -> None:
    shares: list[float] = []
    measured(truth.image, psf_sigma_um=0.375, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) > 3


def test_cancel_stops_within_a_part(truth: DiameterTruth) -> None:
    cancel = threading.Event()

    def stop(share: float) -> None:
        if share > 0.3:
            cancel.set()

    with pytest.raises(AnalysisCancelled):
        measured(truth.image, psf_sigma_um=0.375, progress=stop, cancel=cancel)


def test_cancel_is_looked_at_while_the_profile_is_learned(truth: DiameterTruth) -> None:
    class AfterSomeLooks:
        looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 8

    shares: list[float] = []
    with pytest.raises(AnalysisCancelled):
        measured(truth.image, progress=shares.append, cancel=AfterSomeLooks())
    assert max(shares) < 0.2


@pytest.mark.parametrize("name", ["line_period_s", "pixel_size_um"])
def test_no_calibration_is_one_sentence(truth: DiameterTruth, name: str) -> None:
    with pytest.raises(CalibrationError, match=rf"{name}.*set_calibration\({name}="):
        measured(truth.image, **{name: None})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"method": "fwhm"}, "method='fwhm'"),
        ({"polarity": "grey"}, "polarity='grey'"),
        ({"average_lines": 0}, "average_lines=0"),
        ({"psf_sigma_um": -1.0}, "psf_sigma_um=-1.0"),
        ({"section": "deep"}, "section='deep'"),
        ({"quality_limit": 2}, "quality_limit=2"),
        ({"line_period_s": 0.0}, "line_period_s=0.0"),
        ({"pixel_size_um": float("nan")}, "pixel_size_um=nan"),
        ({"average_lines": 5000}, "average_lines=5000"),
    ],
)
def test_a_wrong_parameter_is_named(
    truth: DiameterTruth, options: dict[str, Any], said: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        measured(truth.image, **options)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (np.zeros(10), "shape (10,)"),
        (np.zeros((2, 3, 4)), "shape (2, 3, 4)"),
        (np.zeros((10, 4)), "4 columns"),
        (np.zeros((10, 0)), "0 columns"),
        (np.zeros((0, 10)), "0 lines"),
        (np.zeros((10, 10), complex), "complex128"),
        (np.full((10, 10), "a"), "two-dimensional array of numbers"),
        ([[1.0] * 10] * 3 + [[2.0]], "array"),
    ],
)
def test_what_is_no_kymograph_is_one_sentence(image: Any, said: str) -> None:
    with pytest.raises(ParameterError) as caught:
        measured(image)
    assert said in str(caught.value)


@pytest.mark.parametrize("pixels", [5, 6, 8, 12])
@pytest.mark.parametrize("seed", [1])
def test_a_few_columns_give_rows_with_a_status(pixels: int, seed: int) -> None:
    image = np.random.default_rng(seed).gamma(2.0, 30.0, (120, pixels))
    for options in ({}, {"polarity": "dark"}, {"method": "half_max"}, {"average_lines": 40}):
        result = measured(image, **options)
        status = result.columns["status"]
        known = {*WITH_NUMBER, "no crossing", "no vessel", "at the border", "not finite"}
        assert set(status) <= known
        unmeasured = ~np.isin(status, WITH_NUMBER)
        assert np.isnan(result.columns["diameter_um"][unmeasured]).all()


def test_saturated_pixels_are_counted(truth: DiameterTruth) -> None:
    counts = to_counts(truth.image, gain=8.0)
    assert measured(counts, psf_sigma_um=0.375).summary["saturated_share"] < 1e-3
    result = measured(np.minimum(counts, 800), psf_sigma_um=0.375)
    assert result.summary["saturated_share"] == pytest.approx((counts >= 800).mean(), abs=0.02)
    assert abs(np.median(errors(result, truth))) < 0.04 * 10.0
