"""Why a line is not to be used: saturation, neighbours, jumps; and whatever users feed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.lumen import judge
from cloudscope.analysis.lumen.jumps import jumps
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import CloudscopeError
from cloudscope.synthetic import DiameterTruth, diameter_kymograph, to_counts


def measured(image: Any, **options: Any) -> AnalysisResult:
    scales = {"line_period_s": 1e-3, "pixel_size_um": 0.25, "psf_sigma_um": 0.375}
    return diameter(image, **{**scales, **options})


@pytest.fixture(scope="module")
def still() -> DiameterTruth:
    return diameter_kymograph(8.0, lines=400, pixels=96, snr=10.0, bleaching=0.0, seed=3)


# ------------------------------------------------------------------------------------- saturation


def test_lines_with_a_cut_off_profile_are_marked_and_keep_their_number(
    still: DiameterTruth,
) -> None:
    counts = to_counts(still.image, gain=8.0).astype(np.uint16)
    counts[100:150] = np.minimum(counts[100:150] * 1.6, 1400)
    result = measured(counts)
    status = result.columns["status"]
    assert (status[100:150] == "saturated").all()
    assert np.isfinite(result.columns["diameter_um"][100:150]).all()
    assert (np.delete(status, np.arange(100, 150)) == "ok").mean() > 0.99
    assert result.summary["points_accepted"] <= 350


def test_the_largest_number_by_chance_is_not_saturation(still: DiameterTruth) -> None:
    assert "saturated" not in measured(still.image).columns["status"]
    assert "saturated" not in measured(to_counts(still.image, gain=8.0)).columns["status"]


def test_averages_of_saturated_lines_are_saturated(still: DiameterTruth) -> None:
    counts = np.minimum(to_counts(still.image, gain=8.0), 800)
    status = measured(counts, average_lines=4).columns["status"]
    assert (status == "saturated").all()


# ------------------------------------------------------------------------------------- neighbours


def test_a_neighbour_at_a_distance_does_no_harm() -> None:
    for polarity in ("bright", "dark"):
        truth = diameter_kymograph(
            8.0, lines=300, snr=10.0, neighbour_height=1.2, polarity=polarity, seed=2
        )
        result = measured(truth.image, polarity=polarity)
        assert (result.columns["status"] == "ok").all()
        assert abs(result.summary["diameter_median_um"] - 8.0) < 0.08


def test_a_neighbour_that_touches_is_said() -> None:
    truth = diameter_kymograph(
        8.0, lines=300, snr=10.0, neighbour_height=1.0, neighbour_gap_um=0.5, seed=2
    )
    status = measured(truth.image).columns["status"]
    assert (status == "neighbour").mean() > 0.95


# ------------------------------------------------------------------------------------------ jumps


def jumping(still: DiameterTruth) -> np.ndarray:
    image = still.image.copy()
    image[200:203] = np.roll(image[200:203], 6, axis=1)
    return image


def test_a_jump_is_marked_and_keeps_its_number(still: DiameterTruth) -> None:
    image = jumping(still)
    assert "jump" not in measured(image).columns["status"]
    result = measured(image, max_centre_change_um_per_s=10.0)
    status = result.columns["status"]
    assert (status[200:203] == "jump").all()
    assert np.isfinite(result.columns["diameter_um"][200:203]).all()
    assert (status == "jump").sum() < 15


def test_gates_are_in_seconds_and_not_in_lines(still: DiameterTruth) -> None:
    # 1.5 µm from line to line are 1500 µm/s on a fast scanner and 1.5 µm/s on a slow one.
    image = jumping(still)
    fast = measured(image, max_centre_change_um_per_s=20.0)
    slow = measured(image, max_centre_change_um_per_s=20.0, line_period_s=1.0)
    assert (fast.columns["status"][200:203] == "jump").all()
    assert "jump" not in slow.columns["status"]


def test_noise_alone_does_not_pass_a_gate() -> None:
    truth = diameter_kymograph(8.0, lines=600, pixels=96, snr=4.0, seed=5)
    result = measured(truth.image, max_diameter_change_um_per_s=0.0)
    assert (result.columns["status"] == "jump").mean() < 0.03


def test_a_vessel_that_really_changed_is_believed_again() -> None:
    width = np.where(np.arange(600) < 300, 7.0, 9.0)
    truth = diameter_kymograph(width, pixels=96, snr=20.0, bleaching=0.0, seed=5)
    result = measured(truth.image, max_diameter_change_um_per_s=20.0)
    jump = result.columns["status"] == "jump"
    assert jump[300:360].mean() > 0.8
    assert jump[430:].mean() < 0.02


def test_the_first_line_may_be_the_odd_one() -> None:
    value = np.r_[20.0, np.full(50, 5.0)]
    flagged = jumps(value, np.full(51, 0.1), np.ones(51, bool), most_per_line=0.01)
    assert flagged.tolist() == [True] + [False] * 50


def test_a_reason_nobody_knows_is_no_status() -> None:
    with pytest.raises(TypeError, match="no such reason: bored"):
        judge.statuses(quality=np.ones(2), quality_limit=0.5, bored=np.ones(2, bool))


# ---------------------------------------------------------------------------------- bad recordings


def recordings() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(7)
    truth = diameter_kymograph(4.0, lines=60, pixels=40, snr=8.0, seed=1).image
    return {
        "constant": np.full((40, 30), 7.0),
        "all full": np.full((40, 30), 65535, np.uint16),
        "half full": np.where(rng.random((60, 40)) < 0.5, 4095, 0).astype(np.uint16),
        "all NaN": np.full((20, 20), np.nan),
        "NaN in every line": np.where(np.eye(60, 40, dtype=bool), np.nan, truth),
        "some NaN": np.where(np.arange(60)[:, None] % 7 == 0, np.nan, truth),
        "infinite": np.where(np.arange(60)[:, None] == 5, -np.inf, truth),
        "one line": truth[:1],
        "one column": truth[:, 20:21],
        "no column": truth[:, :0],
        "five columns": truth[:, 18:23],
        "inverted": truth.max() - truth,
        "huge": truth.astype(float) * 1e300,
        "huge offset": truth.astype(float) + 1e12,
        "tiny": truth.astype(float) * 1e-300,
        "negative": -1e6 - truth,
        "spikes": np.where(rng.random(truth.shape) < 0.02, 1e9, truth),
        "bool": truth > 60,
        "int8": (truth / 2).astype(np.int8),
        "vessel on the left edge": truth[:, 19:],
        "vessel on the right edge": truth[:, :20],
        "all vessel": truth[:, 16:24],
        "stripes": np.tile([0.0, 100.0], (50, 20)),
        "a step": np.tile(np.r_[np.zeros(20), np.full(20, 50.0)], (50, 1)),
        "growing": np.outer(np.arange(60.0), np.ones(40)),
    }


def columns_or_nothing(image: np.ndarray, options: dict[str, Any]) -> Any:
    """The table; None if it was refused in one sentence. Warnings are errors in these tests."""
    try:
        return measured(image, **options).columns
    except CloudscopeError as error:
        if "\n" in str(error):
            raise
        return None


@pytest.mark.parametrize("name", list(recordings()))
def test_any_recording_gives_rows_with_a_status_or_one_sentence(name: str) -> None:
    image = recordings()[name]
    for options in (
        {"method": "half_max", "polarity": "dark", "psf_sigma_um": None},
        {"method": "gradient"},
        {},
        {"temporal_prior": True, "max_diameter_change_um_per_s": 1.0, "average_lines": 3},
        {"method": "threshold", "threshold_value": 50.0, "smoothing_um": 0.0},
    ):
        columns = columns_or_nothing(image, options)
        if columns is None:
            continue
        has_number = np.isin(columns["status"], judge.WITH_NUMBER)
        for column in ("diameter_um", "diameter_sd_um", "left_um", "right_um", "centre_um"):
            assert np.isfinite(columns[column][has_number]).all()
            assert np.isnan(columns[column][~has_number]).all()
        assert (columns["diameter_um"][has_number] > 0).all()
        pixels = image.shape[1] * 0.25
        assert (columns["left_um"][has_number] >= 0).all()
        assert (columns["right_um"][has_number] <= pixels).all()
        assert ((columns["quality"] >= 0) & (columns["quality"] <= 1)).all()


@pytest.mark.parametrize("name", ["constant", "all full", "growing", "a step", "all vessel"])
def test_what_shows_no_two_walls_has_no_number(name: str) -> None:
    columns = measured(recordings()[name]).columns
    assert not np.isin(columns["status"], judge.WITH_NUMBER).any()
