from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.averaging import middle_weight, window_means
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
    place = np.cumsum(velocity)
    starts = np.arange(0, time.size - 64, step)
    fitted = np.array([np.polyfit(np.arange(64), place[a : a + 64], 1)[0] for a in starts])
    means = np.array([velocity[a : a + 64].mean() for a in starts])
    sd, known = np.full(starts.size, 1e-3), np.ones(starts.size, bool)
    corrected, stated = window_means(
        fitted, sd, known, np.full(starts.size, 1 / 60), np.zeros(starts.size), 64 / step
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
    corrected, stated = window_means(velocity, sd, known, np.full(40, 1 / 60), np.ones(40), 4.0)
    assert corrected == pytest.approx(velocity, abs=1e-3)
    assert stated == pytest.approx(sd, abs=1e-3)
    beat = 1 + 0.3 * np.sin(np.arange(40))
    known[20] = False
    corrected, _ = window_means(beat, sd, known, np.full(40, 1 / 60), np.ones(40), 4.0)
    np.testing.assert_array_equal(corrected[19:22], beat[19:22])
    assert corrected[10] != beat[10]
    few, _ = window_means(beat[:2], sd[:2], known[:2], np.full(2, 1 / 60), np.ones(2), 4.0)
    np.testing.assert_array_equal(few, beat[:2])
