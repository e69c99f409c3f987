from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.record import blur_for, column_gain, common_mode, resolved_speed


def test_an_even_line_needs_no_gain() -> None:
    assert column_gain(np.full(29, 0.8), 20) == pytest.approx(np.ones(41), rel=1e-6)
    assert np.all(column_gain(np.zeros(29), 20) == 1)  # no signal: nothing to go by


def test_gain_undoes_the_overlap_of_an_uneven_amplitude() -> None:
    width, reach = 60, 30
    amplitude = 1 + 0.8 * np.sin(np.linspace(-3, 5, width))
    gain = column_gain(amplitude[1:] * amplitude[:-1], reach)
    assert gain[reach] == pytest.approx(1)
    for shift in (3, 10, 25):
        own = np.mean(amplitude[shift:] * amplitude[:-shift]) / np.mean(amplitude**2)
        for side in (-1, 1):
            assert own * gain[reach + side * shift] == pytest.approx(1, abs=0.02)


def test_common_mode_is_what_lag_zero_has_above_its_neighbours() -> None:
    lag = np.arange(3)[:, None]
    shift = np.arange(-9, 10)
    moving = np.exp(-0.5 * ((shift - 0.3 * lag) / 4) ** 2)
    assert common_mode(moving, 9) == pytest.approx(0, abs=1e-3)
    flickering = moving.copy()
    flickering[0] += 0.2
    assert common_mode(flickering, 9) == pytest.approx(0.2, abs=1e-3)


def test_resolved_speed_is_the_half_width() -> None:
    assert resolved_speed(np.array([1.0, 0.8, 0.6, 0.4, 0.2])) == pytest.approx(2.5)
    assert resolved_speed(np.array([1.0, 0.1])) == 1.0
    assert resolved_speed(np.array([1.0, 0.9, 0.8])) == 3.0


def test_weak_signal_is_smoothed_more() -> None:
    assert blur_for(4) < blur_for(1) < blur_for(0.25)
    assert blur_for(1, 64) < blur_for(1, 5)  # a streak seen on more lines is clearer
    assert 2 <= blur_for(0) <= 3


@pytest.mark.parametrize("width", [4, 5, 7, 12])
def test_amplitudes_of_a_few_columns_are_those_of_each(width: int) -> None:
    amplitude = np.random.default_rng(width).uniform(0.5, 1.0, width)
    reach = width - 1
    near = 0.9 * amplitude[1:] * amplitude[:-1]
    next_ = 0.7 * amplitude[2:] * amplitude[:-2]
    overlap = np.correlate(amplitude, amplitude, "full")
    flat = width - np.abs(np.arange(-reach, reach + 1))
    exact = flat / width * overlap[reach] / overlap
    gain = column_gain(near, reach, next_)
    blind = column_gain(near, reach)
    assert np.abs(gain / exact - 1).max() < 0.05
    assert np.abs(gain / exact - 1).max() < 0.5 * np.abs(blind / exact - 1).max()


def test_a_dark_column_among_a_few_is_no_number_out_of_bounds() -> None:
    near, next_ = np.array([0.8, -0.01, 0.0, 0.7]), np.array([0.0, 0.6, -0.02])
    gain = column_gain(near, 4, next_)
    assert np.all((gain >= 0.4) & (gain <= 2.5))
