"""A velocity set by hand overrules, is marked, can be taken back and outlives a new measurement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.analysis.streaks.manual import keep_overruled, overrule_velocity
from cloudscope.errors import ParameterError
from cloudscope.synthetic import velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return velocity_kymograph([700.0] * 640, pixels=24, snr=2, seed=3).image


@pytest.fixture(scope="module")
def result(image: np.ndarray) -> AnalysisResult:
    return radon_velocity(image, **SCALES)


def test_the_value_overrules_and_what_was_measured_stays_beside_it(result: AnalysisResult) -> None:
    edited = overrule_velocity(result, row_start=48, velocity_um_per_s=-12.5)
    row = edited.table.iloc[3]
    assert row["velocity_um_per_s"] == -12.5
    assert np.isnan(row["velocity_sd_um_per_s"])
    assert row["status"] == "manual"
    before = result.table.iloc[3]
    assert row["measured_um_per_s"] == before["velocity_um_per_s"]
    assert row["measured_sd_um_per_s"] == before["velocity_sd_um_per_s"]
    assert row["measured_status"] == "ok"
    others = edited.table.drop(index=3).equals(result.table.drop(index=3))
    assert others
    assert result.summary["windows_manual"] == 0  # the original is as it was


def test_summary_and_samples_follow(result: AnalysisResult) -> None:
    edited = overrule_velocity(result, row_start=48, velocity_um_per_s=7000.0)
    accepted = np.isin(edited.columns["status"], ("ok", "manual"))
    assert edited.summary["windows_manual"] == 1
    assert edited.summary["windows_accepted"] == accepted.sum()
    assert edited.summary["velocity_mean_um_per_s"] == pytest.approx(
        edited.columns["velocity_um_per_s"][accepted].mean()
    )
    assert edited.summary["snr"] == result.summary["snr"]
    assert list(edited.summary) == list(result.summary)
    assert edited.digest != result.digest
    samples = samples_of(edited)
    assert samples.usable[3]
    assert samples.value[3] == 7000.0


def test_nothing_brings_back_what_was_measured(result: AnalysisResult) -> None:
    edited = overrule_velocity(result, row_start=48, velocity_um_per_s=1.0)
    again = overrule_velocity(edited, row_start=48, velocity_um_per_s=2.0)
    back = overrule_velocity(again, row_start=48, velocity_um_per_s=None)
    assert back.same_numbers(result)
    assert back.digest == result.digest


def test_a_window_is_found_by_time(result: AnalysisResult) -> None:
    at = float(result.columns["time_s"][5])
    edited = overrule_velocity(result, time_s=at + 0.003, velocity_um_per_s=0.0)
    assert np.flatnonzero(edited.columns["status"] == "manual").tolist() == [5]


def test_a_window_that_was_not_measured_can_be_given_a_value() -> None:
    noise = np.random.default_rng(1).normal(100, 10, (300, 20))
    result = radon_velocity(noise, **SCALES)
    edited = overrule_velocity(result, row_start=0, velocity_um_per_s=300.0)
    assert edited.summary["velocity_median_um_per_s"] == 300.0
    assert overrule_velocity(edited, row_start=0, velocity_um_per_s=None).same_numbers(result)


def test_measuring_again_keeps_what_was_set_by_hand(
    image: np.ndarray, result: AnalysisResult
) -> None:
    edited = overrule_velocity(result, row_start=48, velocity_um_per_s=1.0)
    edited = overrule_velocity(edited, row_start=64, velocity_um_per_s=2.0)
    carry_over = get_analysis("radon_velocity").carry_over
    assert carry_over is keep_overruled
    strict = radon_velocity(image, quality_limit=0.9, **SCALES)
    kept = carry_over(edited, strict)
    assert np.flatnonzero(kept.columns["status"] == "manual").tolist() == [3, 4]
    assert kept.columns["measured_um_per_s"] == pytest.approx(
        strict.columns["measured_um_per_s"], nan_ok=True
    )
    wider = carry_over(edited, radon_velocity(image, step_lines=32, **SCALES))
    assert wider.columns["row_start"][wider.columns["status"] == "manual"].tolist() == [64]
    other_window = radon_velocity(image, window_lines=32, **SCALES)
    assert carry_over(edited, other_window) is other_window


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"row_start": 50}, "nearest is 48"),
        ({"row_start": -1}, "row_start"),
        ({"row_start": "48"}, "row_start"),
        ({"time_s": 99.0}, "time_s"),
        ({"time_s": np.nan}, "time_s"),
        ({}, "one of the two"),
        ({"row_start": 48, "time_s": 0.1}, "one of the two"),
        ({"row_start": 48, "velocity_um_per_s": np.inf}, "velocity_um_per_s"),
        ({"row_start": 48, "velocity_um_per_s": "fast"}, "velocity_um_per_s"),
    ],
)
def test_bad_input_is_one_sentence(
    result: AnalysisResult, arguments: dict[str, Any], words: str
) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        overrule_velocity(result, **({"velocity_um_per_s": 1.0} | arguments))
    assert "\n" not in str(caught.value)


def test_other_results_have_no_velocities(image: np.ndarray) -> None:
    other = diameter(image, **SCALES)
    with pytest.raises(ParameterError, match="diameter"):
        overrule_velocity(other, row_start=0, velocity_um_per_s=1.0)
