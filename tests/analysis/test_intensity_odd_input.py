"""Intensity on what users feed it: rows with a status, or a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.intensity import intensity, intensity_peaks
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import CalibrationError, ParameterError
from cloudscope.synthetic import (
    to_counts,
    transient_kymograph,
)


def measured(image: Any, **options: Any) -> AnalysisResult:
    return intensity(image, **{"line_period_s": 1e-3, "pixel_size_um": None, **options})


def status_of(image: Any, **options: Any) -> set[str]:
    result = measured(image, **options)
    return set(result.columns["status"].tolist())


def test_lines_that_are_no_measurement_say_why() -> None:
    image = transient_kymograph([1.0, 3.0], lines=5000, pixels=8, seed=1).image.copy()
    image[100:110, 2] = np.nan
    image[4000] = np.inf
    result = measured(image)
    bad = np.r_[100:110, 4000]
    assert (result.columns["status"][bad] == "not finite").all()
    assert np.isnan(result.columns["intensity"][bad]).all()
    assert (np.delete(result.columns["status"], bad) == "ok").all()
    assert result.summary["peaks"] == 2


def test_a_gap_in_a_transient_is_told() -> None:
    image = transient_kymograph([1.0, 3.0], lines=5000, snr=20.0, seed=1).image.copy()
    image[1200:1210] = np.nan
    assert intensity_peaks(measured(image))["peak_status"].tolist() == ["gap", "ok"]


def test_saturation_is_found_where_numbers_pile_up() -> None:
    image = transient_kymograph([1.0, 3.0], lines=5000, pixels=8, snr=20.0, seed=1).image
    for clipped in (np.minimum(image, 130.0), to_counts(image * 31.5, bits=12)):
        result = measured(clipped)
        top = clipped.max()
        full = (clipped == top).mean(axis=1) > 0.05
        assert result.summary["saturation_level"] == top
        assert (result.columns["status"][full] == "saturated").all()
        assert (result.columns["status"][~full] == "ok").all()
        assert set(intensity_peaks(result)["peak_status"]) == {"saturated"}
    assert measured(to_counts(image)).summary["saturation_level"] is None
    assert "saturated" in status_of(image, saturation_level=120.0)


@pytest.mark.parametrize(
    ("image", "status"),
    [
        (np.full((100, 5), 7), "constant"),
        (np.zeros((100, 5), np.uint8), "no baseline"),
        (np.full((100, 5), 255, np.uint8), "saturated"),
        (np.full((100, 5), np.nan), "not finite"),
        (np.full((100, 5), 1e300), "not finite"),
        (-100 - np.random.default_rng(0).random((100, 5)), "no baseline"),
    ],
    ids=["constant", "black", "white", "nan", "huge", "negative"],
)
def test_recordings_with_nothing_to_measure(image: np.ndarray, status: str) -> None:
    result = measured(image)
    assert set(result.columns["status"].tolist()) == {status}
    assert result.summary["peaks"] == result.summary["lines_accepted"] == 0
    assert (result.columns["quality"] == 0).all()


def test_the_unit_of_the_pixels_does_not_matter() -> None:
    truth = transient_kymograph([1.0, 3.0], lines=5000, pixels=1, snr=20.0, seed=1)
    image = truth.image.astype(float)
    usual = intensity_peaks(measured(image))
    for other in (image * 1e90, image * 1e-90, (image * 1e12).astype(np.int64)):
        peaks = intensity_peaks(measured(other))
        pd.testing.assert_frame_equal(peaks, usual, rtol=1e-4)
    coarse = intensity_peaks(measured(np.rint(image).astype(np.uint8)))
    assert coarse["peak_amplitude"].to_numpy() == pytest.approx(usual["peak_amplitude"], rel=0.02)


@pytest.mark.parametrize(
    ("image", "options", "message"),
    [
        (np.zeros(50), {}, "two-dimensional"),
        (np.zeros((50, 0)), {}, "two-dimensional"),
        (np.zeros((50, 3), complex), {}, "type complex128"),
        (np.zeros((15, 3)), {}, "at least 16"),
        (np.zeros((50, 3)), {"baseline": "manual"}, "manual_f0=None"),
        (np.zeros((50, 3)), {"smooth": "median", "smooth_s": 1.0}, "lasts 0.05 s"),
        (np.zeros((50, 3)), {"baseline_window_s": 1.0}, "follows the transients"),
        (np.zeros((50, 3)), {"line_period_s": 30.0}, "slower preset than 'medium'"),
        (np.zeros((50, 3)), {"false_alarm_rate": 0.0}, "false_alarm_rate=0.0"),
        (np.zeros((50, 3)), {"preset": "quick"}, "preset='quick'"),
        (np.zeros((50, 3)), {"pixel_size_um": -1.0}, "pixel_size_um=-1.0"),
    ],
)
def test_what_is_refused_is_named(image: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        measured(image, **options)


def test_the_line_period_is_needed() -> None:
    with pytest.raises(CalibrationError, match="line_period_s"):
        intensity(np.zeros((50, 3)), line_period_s=None, pixel_size_um=None)


@given(
    seed=st.integers(0, 2**32 - 1),
    lines=st.integers(16, 200),
    pixels=st.integers(1, 5),
    dtype=st.sampled_from(["u1", "i2", "f4", "f8", "?"]),
    spoiled=st.booleans(),
    size=st.sampled_from([1e-30, 1.0, 100.0, 1e30]),
    baseline=st.sampled_from(["rolling", "percentile"]),
    peaks=st.sampled_from(["positive", "negative", "none"]),
)
@settings(max_examples=60, deadline=None)
def test_anything_gives_rows_with_a_status(
    seed: int,
    lines: int,
    pixels: int,
    dtype: str,
    spoiled: bool,
    size: float,
    baseline: str,
    peaks: str,
) -> None:
    rng = np.random.default_rng(seed)
    image = rng.normal(rng.integers(-1, 3), 1.0, (lines, pixels))
    image[rng.integers(lines) :] *= rng.choice([0.0, 1.0, 10.0])
    image = image * size if dtype[0] == "f" else np.clip(image * 20, 0, 255)
    image = image.astype(dtype)
    if spoiled and dtype[0] == "f":
        image[rng.integers(lines, size=3), rng.integers(pixels)] = rng.choice([np.nan, np.inf])
    result = measured(image, baseline=baseline, peaks=peaks, preset="fast", line_period_s=0.01)
    known = result.columns["status"] == "ok"
    assert np.isfinite(result.columns["dff"][known]).all()
    assert ((result.columns["quality"] >= 0) & (result.columns["quality"] <= 1)).all()
    assert len(intensity_peaks(result)) == result.summary["peaks"]
