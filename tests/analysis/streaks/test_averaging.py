from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.averaging import (
    course_of,
    middle_weight,
    noise_left,
    slope_and_bend,
    sway,
    unevenness,
    window_means,
)
from cloudscope.analysis.streaks.sampling import Sampling


def weights(speed: float, width: int = 256, longest: int = 58) -> float:
    sampling = Sampling.of(width, 64, snr=0.1)
    return float(middle_weight(np.array([speed]), np.array([longest]), sampling)[0])


def test_slow_flow_weighs_time_as_a_line_fit_does() -> None:
    assert weights(0.02) == pytest.approx(1 / 60, rel=0.1)


def test_flow_that_leaves_early_weighs_time_more_evenly() -> None:
    assert 0 < weights(100.0) < weights(10.0) < weights(0.5)
    assert weights(0.5, longest=6) < 0.5 * weights(0.5)
    assert np.isfinite(weights(1000.0))


@pytest.mark.parametrize("step", [8, 16, 64])
def test_what_a_line_fit_measures_becomes_the_mean(step: int) -> None:
    time = np.arange(3000)
    velocity = 1 + 0.3 * np.sin(2 * np.pi * time / 250)
    place = np.cumsum(velocity) - velocity / 2
    starts = np.arange(0, time.size - 64, step)
    fitted = np.array([np.polyfit(np.arange(64), place[a : a + 64], 1)[0] for a in starts])
    means = np.array([velocity[a : a + 64].mean() for a in starts])
    sd, known = np.full(starts.size, 1e-3), np.ones(starts.size, bool)
    corrected, stated = window_means(
        fitted,
        sd,
        known,
        np.full(starts.size, 1 / 60),
        np.zeros(starts.size),
        np.ones(starts.size),
        64 / step,
    )
    inside = slice(4, -4)
    left = np.abs(corrected - means)[inside]
    assert left.max() < 0.5 * np.abs(fitted - means)[inside].max()
    assert np.all(left < 2 * stated[inside])


def test_jumps_stalls_and_what_is_next_to_nothing_are_left() -> None:
    velocity = np.full(40, 1.0)
    velocity[15:25] = 0.0
    known = np.ones(40, bool)
    sd = np.full(40, 0.01)
    corrected, stated = window_means(
        velocity, sd, known, np.full(40, 1 / 60), np.ones(40), np.ones(40), 4.0
    )
    assert corrected == pytest.approx(velocity, abs=1e-3)
    assert stated == pytest.approx(sd, abs=1e-3)
    beat = 1 + 0.3 * np.sin(np.arange(40))
    known[20] = False
    corrected, _ = window_means(beat, sd, known, np.full(40, 1 / 60), np.ones(40), np.ones(40), 4.0)
    np.testing.assert_array_equal(corrected[19:22], beat[19:22])
    assert corrected[10] != beat[10]
    few, _ = window_means(
        beat[:2], sd[:2], known[:2], np.full(2, 1 / 60), np.ones(2), np.ones(2), 4.0
    )
    np.testing.assert_array_equal(few, beat[:2])


@pytest.mark.parametrize("step", [8, 16, 32, 64])
def test_a_correction_that_averages_neighbours_leaves_less_noise(step: int) -> None:
    rng = np.random.default_rng(5)
    starts = np.arange(0, 200_000 - 64, step)
    place = rng.normal(size=200_000)
    ramp = np.arange(64) - 31.5
    line_fits = np.correlate(place, ramp / np.square(ramp).sum(), "valid")[starts]
    sd, known = np.full(starts.size, line_fits.std()), np.ones(starts.size, bool)
    weight = np.full(starts.size, 1 / 60)
    _, bend = slope_and_bend(line_fits, known, 64 / step)
    left = noise_left(weight, weight, 64 / step)
    assert np.std(line_fits + bend / 60) == pytest.approx(left[0] * sd[0], rel=0.05)


def test_what_a_fast_beat_does_to_a_slope_is_undone() -> None:
    time = np.arange(64) * 16
    velocity = 1 + 0.3 * np.sin(2 * np.pi * time / 125)
    slope, _ = slope_and_bend(velocity, np.ones(64, bool), 4.0)
    truth = 64 * 0.3 * 2 * np.pi / 125 * np.cos(2 * np.pi * time / 125)
    assert np.abs(slope - truth)[4:-4].max() < 0.03 * truth.max()


def test_sway_is_how_far_slope_and_bend_carry() -> None:
    time = (np.arange(64) + 0.5) / 64 - 0.5
    velocity = 0.4 * time - 0.3 * (time**2 - 1 / 12) / 2
    path = np.cumsum(velocity) - velocity / 2
    found = sway(np.array([0.4]), np.array([-0.3]), 64)[0]
    np.testing.assert_allclose(found - found[0], path - path[0], atol=2e-3)


def test_few_streaks_are_more_uneven_than_many() -> None:
    rng = np.random.default_rng(6)
    for count in (5, 50):
        energy = rng.poisson(count, 4000) / count
        assert unevenness(energy, 1.0) == pytest.approx(count**-0.5, rel=0.1)
        assert unevenness(0.5 * energy + 0.5, 0.5) == pytest.approx(count**-0.5, rel=0.1)
    assert unevenness(np.ones(1), 0.5) == 0.0
    assert unevenness(np.zeros(9), 0.5) == 0.0


def test_streaks_that_leave_early_are_less_certain_of_the_mean() -> None:
    beat, known = 1 + 0.3 * np.sin(np.arange(60) / 3), np.ones(60, bool)
    sd, resolution, steady = np.full(60, 1e-3), np.ones(60), np.full(60, 0.8)

    def stated(weight: float, uneven: float) -> float:
        found = window_means(
            beat, sd, known, np.full(60, weight), steady, resolution, 4.0, uneven
        )  # fmt: skip
        return float(np.median(found[1]))

    assert stated(0.002, 0.3) > 5 * stated(0.002, 0.0)
    assert stated(1 / 60, 0.3) == stated(1 / 60, 0.0)


def test_course_to_second_order_is_finite_in_a_stall() -> None:
    assert np.all(np.isfinite(course_of(np.zeros(5), np.ones(5), np.zeros(5))))
