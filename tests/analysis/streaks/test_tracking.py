from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.tracking import best_path


def test_alone_each_window_takes_its_best() -> None:
    velocity = np.random.default_rng(1).normal(size=(50, 4))
    evidence = np.random.default_rng(2).normal(size=(50, 4)) * 20
    path = best_path(velocity, evidence, strength=0.0)
    np.testing.assert_array_equal(path, evidence.argmax(axis=1))


def test_a_weak_outlier_joins_its_neighbours_and_a_strong_one_does_not() -> None:
    velocity = np.tile([1.0, -4.0], (21, 1))
    evidence = np.tile([100.0, 50.0], (21, 1))
    for gap, expected in [(8.0, 0), (400.0, 1)]:
        evidence[10] = [100.0, 100.0 + gap]
        path = best_path(velocity, evidence)
        assert path[10] == expected
        assert np.all(np.delete(path, 10) == 0)


def test_a_reversal_of_flow_is_followed() -> None:
    velocity = np.tile([1.0, -1.0], (40, 1))
    evidence = np.where(np.arange(40)[:, None] < 20, [60.0, 0.0], [0.0, 60.0])
    np.testing.assert_array_equal(best_path(velocity, evidence), np.repeat([0, 1], 20))


def test_missing_candidates_are_passed_over() -> None:
    velocity = np.tile([1.0, 0.0], (10, 1))
    evidence = np.tile([50.0, -np.inf], (10, 1))
    evidence[4] = -np.inf
    path = best_path(velocity, evidence)
    assert np.all(np.delete(path, 4) == 0)


@pytest.mark.parametrize("windows", [1, 2])
def test_few_windows(windows: int) -> None:
    path = best_path(np.ones((windows, 3)), np.tile([1.0, 9.0, 2.0], (windows, 1)))
    np.testing.assert_array_equal(path, np.ones(windows))


def test_no_path_through_the_candidates_is_better() -> None:
    rng = np.random.default_rng(3)
    velocity = rng.normal(size=(6, 3))
    evidence = rng.uniform(0, 40, size=(6, 3))
    path = best_path(velocity, evidence)

    def total(choice: np.ndarray) -> float:
        place = np.arcsinh(velocity[np.arange(6), choice] / 0.1) / 0.15
        jump = np.abs(np.diff(place))
        gain = 0.25 * evidence[np.arange(6), choice].sum()
        return float(gain - np.minimum(np.minimum(jump**2 / 2, jump), 12).sum())

    every = np.stack(np.meshgrid(*[range(3)] * 6), axis=-1).reshape(-1, 6)
    assert total(path) == pytest.approx(max(total(choice) for choice in every))
