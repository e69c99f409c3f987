from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.quality import (
    STATUSES,
    quality,
    right_peak_chance,
    second_best,
    statuses,
)


def test_quality_is_the_chance_of_being_within_a_tenth() -> None:
    velocity, sd, sure = np.array([1.0, -1.0]), np.array([0.1, 0.1]), np.ones(2)
    assert quality(velocity, sd, sure, 64) == pytest.approx([0.6827, 0.6827], abs=1e-4)
    assert np.all(quality(velocity, sd, 0.5 * sure, 64) < 0.66)


def test_a_well_known_stall_has_quality() -> None:
    assert quality(np.zeros(1), np.array([1e-3]), np.ones(1), 64)[0] > 0.99
    assert quality(np.zeros(1), np.array([0.1]), np.ones(1), 64)[0] < 0.05
    slow = quality(np.full(1, 0.01), np.array([2e-3]), np.ones(1), 64)[0]
    assert slow < 0.6  # no stall: ten percent of it is what counts


def test_a_velocity_apart_from_its_neighbours_is_doubted_unless_it_is_a_change_of_flow() -> None:
    def of(stray: float, chance: float) -> float:
        velocity, sd = np.ones(1), np.full(1, 0.04)
        return float(quality(velocity, sd, np.full(1, chance), 64, np.full(1, stray))[0])

    assert of(0.1, 1.0) < 0.8 * of(0.0, 1.0)
    assert of(1.5, 1.0) == pytest.approx(of(0.0, 1.0))
    assert of(1.5, 0.8) < 0.1


def test_the_second_best_is_not_a_neighbour_of_the_first() -> None:
    rivals = np.array([[1.0, 1.1, 5.0, 0.0]])
    evidence = np.array([[90.0, 80.0, 40.0, -np.inf]])
    velocity, height = second_best(np.array([1.01]), rivals, evidence, 51)
    assert (velocity[0], height[0]) == (5.0, 40.0)


def test_without_a_rival_the_peak_is_the_right_one() -> None:
    velocity, height = second_best(
        np.array([1.0]), np.array([[1.0, 0.0]]), np.array([[9.0, -np.inf]]), 51
    )
    assert np.isnan(velocity[0])
    assert right_peak_chance(np.array([9.0]), height) == 1.0
    assert right_peak_chance(np.array([9.0]), np.array([9.0])) == 0.5


def test_the_first_reason_is_given() -> None:
    found = statuses(
        detected=np.array([0, 0, 1, 1, 1, 1], bool),
        inside_limits=np.array([0, 1, 1, 1, 1, 1], bool),
        chance=np.array([0.0, 0.0, 0.4, 0.9, 0.9, 0.9]),
        quality=np.array([0.0, 0.0, 0.0, 0.1, 0.1, 0.9]),
        quality_limit=0.2,
        still=np.array([1, 1, 1, 0, 1, 0], bool),
    )
    expected = ["beyond limits", "no signal", "ambiguous", "low quality", "ok", "ok"]
    assert found.tolist() == expected
    assert set(expected) == set(STATUSES)
