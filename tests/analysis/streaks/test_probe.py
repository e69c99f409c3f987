"""The score curve of a window is the one that the measurement used."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.diameter import diameter
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.streaks.probe import StreakProbe, streak_score
from cloudscope.errors import CalibrationError, CloudscopeError, ParameterError
from cloudscope.synthetic import velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


@pytest.fixture(scope="module", params=[14, 64])
def flow(request: pytest.FixtureRequest) -> np.ndarray:
    return velocity_kymograph([-700.0] * 900, pixels=request.param, snr=1.5, seed=3).image


def test_without_tracking_the_chosen_velocity_is_the_top_of_the_curve(flow: np.ndarray) -> None:
    result = radon_velocity(flow, tracking=0.0, **SCALES)
    probe = StreakProbe(flow, result)
    for row in (0, 160, 432):
        curve = probe.at(row)
        measured = result.columns["velocity_um_per_s"][row // 16]
        top = curve.velocity_um_per_s[curve.score.argmax()]
        step = np.diff(curve.velocity_um_per_s)[curve.score.argmax()]
        assert curve.chosen_um_per_s == measured
        assert abs(top - measured) < 2 * step
        assert np.all(np.diff(curve.velocity_um_per_s) > 0)


def test_parameters_alone_give_the_same_curve_and_the_velocity_of_the_window_alone(
    flow: np.ndarray,
) -> None:
    result = radon_velocity(flow, tracking=0.0, **SCALES)
    of_result = streak_score(flow, result, 160)
    alone = streak_score(flow, {"tracking": 0.0}, 160, **SCALES)
    np.testing.assert_array_equal(alone.score, of_result.score)
    sd = result.columns["velocity_sd_um_per_s"][10]
    assert alone.chosen_um_per_s == pytest.approx(of_result.chosen_um_per_s, abs=sd)
    assert alone.second_um_per_s == pytest.approx(of_result.second_um_per_s, rel=1e-6, nan_ok=True)


def test_a_line_between_two_windows_has_a_curve_too(flow: np.ndarray) -> None:
    curve = streak_score(flow, {}, 37, **SCALES)
    assert (curve.row_start, curve.row_stop) == (37, 101)
    assert curve.chosen_um_per_s == pytest.approx(-700, rel=0.1)


def test_limits_mark_what_may_not_be_chosen(flow: np.ndarray) -> None:
    curve = streak_score(flow, {"direction": "positive"}, 160, **SCALES)
    np.testing.assert_array_equal(curve.allowed, curve.velocity_um_per_s >= 0)
    assert not curve.allowed[curve.score.argmax()]
    assert not curve.chosen_um_per_s < 0


def test_classic_curve_is_the_variance_over_velocity() -> None:
    image = velocity_kymograph([700.0] * 300, pixels=40, snr=3, seed=3).image
    curve = streak_score(image, {"method": "classic"}, 100, **SCALES)
    assert curve.chosen_um_per_s == pytest.approx(700, rel=0.05)
    assert curve.velocity_um_per_s[curve.score.argmax()] == pytest.approx(700, rel=0.05)


def test_where_nothing_varies_nothing_is_chosen() -> None:
    for method in ("correlation", "classic"):
        curve = streak_score(np.full((200, 20), 7), {"method": method}, 5, **SCALES)
        assert np.isnan(curve.chosen_um_per_s)


@pytest.mark.parametrize("row", [-1, 237, 3.5, "4", None, True])
def test_a_window_must_fit(row: Any) -> None:
    with pytest.raises(ParameterError, match="row_start"):
        streak_score(np.zeros((300, 20)), {}, row, **SCALES)


def test_what_is_no_velocity_result_is_refused() -> None:
    image = velocity_kymograph([0.0] * 100, pixels=40, snr=3, seed=3).image
    other = diameter(image, **SCALES)
    with pytest.raises(ParameterError, match="diameter"):
        streak_score(image, other, 0)
    with pytest.raises(CalibrationError, match="line_period_s"):
        streak_score(np.zeros((100, 20)), {}, 0)
    with pytest.raises(CloudscopeError, match="window"):
        streak_score(np.zeros((100, 20)), {"window": 3}, 0, **SCALES)
