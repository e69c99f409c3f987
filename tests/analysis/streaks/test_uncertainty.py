from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.refinement import RayFit
from cloudscope.analysis.streaks.sampling import Sampling
from cloudscope.analysis.streaks.uncertainty import background_sd, jackknife_sd, model_sd, scaled_sd


def fit(velocity: float, signal: float = 0.5) -> RayFit:
    return RayFit(np.array([velocity]), np.array([signal]), np.array([0.05]))


def test_longer_wider_and_clearer_is_more_certain() -> None:
    reference = model_sd(fit(0.1), Sampling.of(20, 64))[0]
    assert model_sd(fit(0.1), Sampling.of(20, 128))[0] < reference / 2
    assert model_sd(fit(0.1), Sampling.of(40, 64))[0] < reference
    assert model_sd(fit(0.1, 0.9), Sampling.of(20, 64))[0] < reference


def test_a_stall_has_the_uncertainty_of_a_line_fit() -> None:
    width, window, signal = 20, 64, 0.5
    expected = np.sqrt(12 * (1 + 1 / window) * (1 - signal) / (width * window**3 * 0.05))
    stalled = model_sd(fit(0.0, signal), Sampling.of(width, window))[0]
    assert stalled == pytest.approx(expected, rel=0.01)


def test_sign_does_not_matter() -> None:
    sampling = Sampling.of(20, 64)
    assert model_sd(fit(-2.0), sampling) == model_sd(fit(2.0), sampling)


def test_jackknife_of_independent_noise_is_near_its_scatter() -> None:
    parts = np.random.default_rng(1).normal(size=(4, 20_000))
    without = (parts.sum(axis=0) - parts) / 3
    error = parts.mean(axis=0)
    assert np.sqrt(np.mean(jackknife_sd(without) ** 2)) == pytest.approx(error.std(), rel=0.1)


def test_what_the_course_of_the_flow_does_to_the_parts_is_no_error() -> None:
    rng = np.random.default_rng(2)
    noise = 0.01 * rng.normal(size=(4, 60))
    slope, bend = rng.normal(size=(2, 60))
    moved = np.outer([-0.13, -0.05, 0.05, 0.13], slope) + np.outer([1, -1, -1, 1], 0.02 * bend)
    course = np.stack([slope, bend])
    steady = np.median(jackknife_sd(noise))
    assert np.median(jackknife_sd(noise + moved)) > 4 * steady
    assert np.median(jackknife_sd(noise + moved, course)) == pytest.approx(steady, rel=0.15)
    course[:, 7] *= 1e6  # a velocity that was not found right
    assert np.median(jackknife_sd(noise + moved, course)) < 1.5 * steady


def test_what_the_course_does_to_second_order_is_seen_in_enough_windows() -> None:
    rng = np.random.default_rng(4)
    noise = 0.01 * rng.normal(size=(4, 60))
    slope = rng.uniform(0.5, 1.5, 60)
    course = np.stack([slope, slope**2])
    moved = np.outer([-1, 1, 1, -1], 0.1 * slope**2)
    steady = np.median(jackknife_sd(noise))
    assert np.median(jackknife_sd(noise + moved, course)) == pytest.approx(steady, rel=0.15)
    few = jackknife_sd((noise + moved)[:, :12], course[:, :12])  # enough for the slope only
    assert np.median(few) > 1.3 * steady


def test_few_windows_cannot_tell_the_course() -> None:
    noise = np.random.default_rng(3).normal(size=(4, 3))
    np.testing.assert_array_equal(jackknife_sd(noise, np.ones((2, 3))), jackknife_sd(noise))
    assert np.all(jackknife_sd(np.zeros((4, 20)), np.zeros((2, 20))) == 0)


def test_the_jackknife_scales_the_model_near_by() -> None:
    model = np.ones(400)
    jackknifed = np.arange(0, 400, 4)
    jackknife = np.where(jackknifed < 200, 1.0, 3.0)
    sd = scaled_sd(model, jackknifed, jackknife)
    assert sd[:150] == pytest.approx(np.ones(150))
    assert sd[-150:] == pytest.approx(np.full(150, 3.0))


def test_one_window_has_one_jackknife() -> None:
    sd = scaled_sd(np.array([2.0]), np.array([0]), np.array([2.0]))
    assert sd == pytest.approx([2.0])


def test_slow_flow_on_a_short_recording_is_less_certain() -> None:
    def sd(velocity: float, n_lines: int, width: int = 24) -> float:
        slow = np.array([velocity])
        found = background_sd(slow, cell_px=6.0, n_lines=n_lines, width=width, window=64)
        return float(found[0])

    assert sd(0.02, 1000) == pytest.approx(10 * sd(0.02, 10_000))
    assert sd(2.0, 1000) < 0.01 * sd(0.02, 1000)
    assert sd(-0.1, 1000) == sd(0.1, 1000)
    assert sd(0.02, 1000, width=96) == pytest.approx(sd(0.02, 1000) / 2)
