"""Decimation must never hide a spike, whatever the zoom."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.widgets.decimate import band_per_column, extremes_per_column, visible


def noisy(n: int = 100_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    return np.arange(n) * 1e-3, rng.normal(size=n)


def test_every_column_keeps_its_own_minimum_and_maximum() -> None:
    times, values = noisy()
    t, v = extremes_per_column(times, values, 900)
    assert t.size <= 1800
    assert np.all(np.diff(t) > 0)
    width = (times[-1] - times[0]) / 900
    column, kept = np.minimum(times // width, 899), np.minimum(t // width, 899)
    for number in range(900):
        assert v[kept == number].min() == values[column == number].min()
        assert v[kept == number].max() == values[column == number].max()


def test_a_spike_of_one_sample_survives_wherever_it_is() -> None:
    times = np.arange(30_000) * 1.1e-3
    for where in (0, 1, 14_999, 29_998, 29_999):
        for height in (50.0, -50.0):
            values = np.zeros(times.size)
            values[where] = height
            t, v = extremes_per_column(times, values, 700)
            assert v[t == times[where]] == height


def test_samples_are_given_back_unchanged_when_they_are_few() -> None:
    times, values = np.arange(10.0), np.arange(10.0) ** 2
    t, v = extremes_per_column(times, values, 5)
    np.testing.assert_array_equal(t, times)
    np.testing.assert_array_equal(v, values)


def test_a_gap_breaks_the_line_and_a_lone_nan_does_not_hide_its_neighbours() -> None:
    times, values = np.arange(1000.0), np.ones(1000)
    values[300:500] = np.nan
    values[700] = np.nan
    t, v = extremes_per_column(times, values, 10)
    gap = (t >= 300) & (t < 500)
    assert np.isnan(v[gap]).all()
    assert gap.any()
    assert np.isfinite(v[~gap]).all()


def test_all_nan_and_no_samples() -> None:
    t, v = extremes_per_column(np.arange(100.0), np.full(100, np.nan), 4)
    assert t.size == 4
    assert np.isnan(v).all()
    t, v = extremes_per_column([], [], 4)
    assert t.size == v.size == 0


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        extremes_per_column([0.0, 1.0], [0.0], 4)
    with pytest.raises(ValueError, match="columns=0"):
        extremes_per_column([0.0, 1.0], [0.0, 1.0], 0)


def test_visible_takes_one_neighbour_on_either_side() -> None:
    times = np.arange(100.0)
    assert visible(times, 10.0, 20.0) == slice(9, 22)
    assert visible(times, -5.0, 500.0) == slice(0, 100)
    assert visible(times, 10.2, 10.4) == slice(10, 12)
    assert visible([], 0.0, 1.0) == slice(0, 0)


def test_the_band_covers_every_sample_of_its_column() -> None:
    times, values = noisy(10_000)
    t, low, high = band_per_column(times, values - 0.1, values + 0.1, 100)
    assert t.size == low.size == high.size == 100
    assert low.min() == (values - 0.1).min()
    assert high.max() == (values + 0.1).max()
