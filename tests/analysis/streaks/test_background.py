from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.background import Background, measure_background


def background_of(kymograph: np.ndarray, *, remove_pattern: bool = True) -> Background:
    found = measure_background(
        kymograph, remove_pattern=remove_pattern, checkpoint=lambda done: None
    )
    assert found is not None
    return found


def test_what_is_left_has_no_pattern_no_bleaching_and_unit_variance() -> None:
    rng = np.random.default_rng(1)
    lines = np.arange(20_000)
    fading = np.exp(-lines / 15_000)[:, None]
    pattern = rng.uniform(50, 400, 30)
    kymograph = fading * (pattern + rng.normal(0, 0.1, (20_000, 30)) * pattern)
    left = background_of(kymograph).normalised(kymograph, 0)
    assert left.dtype == np.float32
    assert left.mean(axis=0) == pytest.approx(np.zeros(30), abs=1e-4)
    assert left.std(axis=0) == pytest.approx(np.ones(30), rel=1e-3)
    assert left[:2000].mean() == pytest.approx(0, abs=0.02)
    assert left[-2000:].mean() == pytest.approx(0, abs=0.02)


def test_any_stretch_is_normalised_as_in_the_whole() -> None:
    kymograph = np.random.default_rng(2).integers(0, 4096, (3000, 12)).astype(np.uint16)
    background = background_of(kymograph)
    whole = background.normalised(kymograph, 0)
    np.testing.assert_array_equal(background.normalised(kymograph[700:900], 700), whole[700:900])


def test_statistics_agree_with_numpy_however_far_from_zero() -> None:
    rng = np.random.default_rng(3)
    signal = rng.normal(0, 5, (50_000, 4)).cumsum(axis=1)
    kymograph = signal + 1e7
    background = background_of(kymograph)
    assert background.column_scale == pytest.approx(signal.std(axis=0), rel=1e-3)
    correlation = np.corrcoef(signal.T)
    assert background.neighbour_covariance == pytest.approx(np.diag(correlation, 1), abs=0.01)
    assert background.next_covariance == pytest.approx(np.diag(correlation, 2), abs=0.01)


def test_without_the_pattern_one_mean_and_scale_serve_all_columns() -> None:
    kymograph = np.tile([1.0, 5.0, 9.0, 5.0], (100, 1))
    background = background_of(kymograph, remove_pattern=False)
    assert background.column_mean.at(0, 1)[0] == pytest.approx(np.full(4, 5.0))
    assert background.column_scale == pytest.approx(np.full(4, np.sqrt(8.0)))
    assert background.trend.size == 0


def test_columns_that_never_change_are_silent_and_do_not_divide_by_zero() -> None:
    kymograph = np.random.default_rng(4).normal(100, 10, (500, 6))
    kymograph[:, 2] = 17
    left = background_of(kymograph).normalised(kymograph, 0)
    assert np.all(left[:, 2] == 0)
    assert np.all(np.isfinite(left))
    assert not background_of(kymograph).empty
    assert background_of(np.full((500, 6), 3)).empty


@pytest.mark.parametrize("offset", [0.0, -500.0])
def test_pixels_around_or_below_zero_have_no_trend_to_divide_by(offset: float) -> None:
    kymograph = np.random.default_rng(5).normal(offset, 10, (2000, 8))
    background = background_of(kymograph)
    assert background.trend.size == 0
    assert background.normalised(kymograph, 0).std() == pytest.approx(1, rel=1e-2)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e200])
def test_a_pixel_that_cannot_be_squared_is_reported(bad: float) -> None:
    kymograph = np.ones((200, 8))
    kymograph[150, 3] = bad
    assert measure_background(kymograph, remove_pattern=True, checkpoint=lambda done: None) is None
