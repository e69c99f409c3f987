"""Statistics of groups on known truth: numbers, counts of what is independent, coverage."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cloudscope.errors import ParameterError
from cloudscope.pool import pool_statistics, pool_table
from cloudscope.pool.statistics import STATISTICS, bootstrap_mean_interval
from tests.pool.folders import two_conditions


def test_numbers_are_the_textbooks() -> None:
    table = pd.DataFrame({"g": ["a"] * 4 + ["b"], "value": [1.0, 2.0, 3.0, 6.0, 7.0]})
    first, second = pool_statistics(table, "g").to_dict("records")
    assert (first["n"], first["mean"], first["median"]) == (4, 3.0, 2.5)
    assert first["sd"] == pytest.approx(np.std([1, 2, 3, 6], ddof=1))
    assert first["sem"] == pytest.approx(first["sd"] / 2)
    assert (first["q25"], first["q75"]) == (1.75, 3.75)
    assert (first["minimum"], first["maximum"]) == (1.0, 6.0)
    assert second["n"] == 1
    assert np.isnan([second["sd"], second["sem"], second["mean_ci95_low"]]).all()


def test_each_unit_says_how_many_recordings_and_animals_it_is_of() -> None:
    images = two_conditions()
    for unit, n in (("samples", 120), ("results", 6), ("recordings", 6), ("animals", 3)):
        table = pool_table(images, "radon_velocity", unit=unit, group_by="condition")
        statistics = pool_statistics(table, "condition")
        sham = statistics[statistics["condition"] == "sham"].iloc[0]
        if unit == "samples":
            n = 3 * (10 + 30)
        assert sham[["n", "recordings", "animals"]].tolist() == [n, 6, 3]
        assert list(statistics.columns) == ["condition", *STATISTICS]


def test_intervals_of_the_mean_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for number in range(300):
        values = rng.gamma(4.0, 1.0, 25)  # skewed, mean 4
        low, high, _ = bootstrap_mean_interval(values, resamples=1000, seed=number)
        held += low <= 4.0 <= high
    assert 0.90 <= held / 300 <= 0.98


def test_windows_of_one_recording_are_not_taken_for_independent() -> None:
    rng = np.random.default_rng(3)
    held = {True: 0, False: 0}
    for number in range(150):
        means = rng.normal(0.0, 1.0, 15)  # each recording has its own
        values = np.repeat(means, 40) + rng.normal(0, 0.5, 600)
        clusters = np.repeat(np.arange(15), 40)
        for together in held:
            low, high, _ = bootstrap_mean_interval(
                values, clusters if together else None, resamples=400, seed=number
            )
            held[together] += low <= 0.0 <= high
    assert held[True] / 150 >= 0.88
    assert held[False] / 150 < 0.5  # what taking windows for independent would give


def test_the_same_seed_gives_the_same_interval() -> None:
    table = pool_table(two_conditions(), "radon_velocity", unit="samples")
    one, same, other = (pool_statistics(table, "condition", seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, same)
    assert not one.equals(other)


def test_alike_values_have_no_spread() -> None:
    assert bootstrap_mean_interval([2.0, 2.0, 2.0]) == (2.0, 2.0, 0.0)
    assert np.isnan(bootstrap_mean_interval([1.0, 2.0])).all()


def test_a_large_offset_costs_no_digits() -> None:
    values = np.random.default_rng(0).normal(0, 1, 50)
    here = np.array(bootstrap_mean_interval(values))
    far = np.array(bootstrap_mean_interval(values + 1e9))
    np.testing.assert_allclose(far - [1e9, 1e9, 0], here, atol=1e-6)


def test_wrong_arguments_are_sentences() -> None:
    table = pd.DataFrame({"value": [1.0]})
    with pytest.raises(ParameterError, match="no column 'g'"):
        pool_statistics(table, "g")
    with pytest.raises(ParameterError, match="resamples=3"):
        pool_statistics(table, resamples=3)
