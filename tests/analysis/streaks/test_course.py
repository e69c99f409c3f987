from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.course import most_likely_course, strays


def known(n: int) -> np.ndarray:
    return np.ones(n, bool)


def test_good_windows_stay_what_they_are() -> None:
    velocity = 1 + 0.3 * np.sin(np.arange(200) / 8)
    sd = 0.01 * velocity
    course = most_likely_course(velocity, sd, known=known(200), new_share=0.25)
    assert course.velocity == pytest.approx(velocity, rel=2e-3)
    assert course.sd == pytest.approx(sd, rel=0.02)


def test_a_window_that_tells_little_is_drawn_to_its_neighbours() -> None:
    velocity, sd = np.full(41, 1.0), np.full(41, 0.02)
    velocity[20], sd[20] = 1.6, 0.8
    course = most_likely_course(velocity, sd, known=known(41), new_share=1.0)
    assert course.velocity[20] == pytest.approx(1.0, abs=0.05)
    assert 0.02 < course.sd[20] < 0.2
    others = np.delete(np.arange(41), 20)
    assert course.velocity[others] == pytest.approx(np.ones(40), rel=1e-3)


def test_well_known_stalls_reversals_and_jumps_are_kept() -> None:
    velocity = np.full(60, 1.0)
    velocity[20:23], velocity[40:43] = 0.0, -2.0
    course = most_likely_course(velocity, np.full(60, 0.01), known=known(60), new_share=0.25)
    assert course.velocity == pytest.approx(velocity, abs=0.01)


def test_errors_shrink_as_stated() -> None:
    rng = np.random.default_rng(1)
    sd = np.full(4000, 0.25)
    measured = 1 + rng.normal(0, 0.25, 4000)
    course = most_likely_course(measured, sd, known=known(4000), new_share=1.0)
    error = course.velocity - 1
    assert error.std() < 0.15
    assert error.std() < np.median(course.sd) < 0.2  # flow that changes as the prior says has more
    apart = most_likely_course(measured, sd, known=known(4000), new_share=0.25)
    assert np.median(apart.sd) > 1.2 * np.median(course.sd)  # the same lines say the same again


def test_without_the_prior_each_window_is_alone() -> None:
    velocity, sd = np.array([1.0, 5.0, -3.0]), np.array([0.5, 2.0, 4.0])
    for course in (
        most_likely_course(velocity, sd, known=known(3), new_share=1.0, strength=0.0),
        most_likely_course(velocity, sd, known=np.zeros(3, bool), new_share=1.0),
        most_likely_course(velocity[:1], sd[:1], known=known(1), new_share=1.0),
    ):
        np.testing.assert_array_equal(course.velocity, velocity[: course.velocity.size])
        np.testing.assert_array_equal(course.sd, sd[: course.sd.size])


def test_windows_that_say_nothing_do_not_count() -> None:
    velocity, sd = np.full(30, 1.0), np.full(30, 0.3)
    velocity[10:20] = 8.0
    says = known(30)
    says[10:20] = False
    course = most_likely_course(velocity, sd, known=says, new_share=1.0)
    assert course.velocity[says] == pytest.approx(np.ones(20), rel=1e-6)
    np.testing.assert_array_equal(course.velocity[~says], velocity[~says])


def test_straying_is_what_flow_does_not_do_itself() -> None:
    rng = np.random.default_rng(2)
    steady = 1 + rng.normal(0, 0.01, 400)
    steady[200] = 1.3
    away = strays(steady, np.full(400, 0.01), 1.0)
    assert away[200] == pytest.approx(0.3, abs=0.03)
    beating = 1 + 0.4 * np.sin(np.arange(400) * 2 * np.pi / 9)
    assert np.mean(strays(beating, np.full(400, 0.01), 1.0) > 0.1) < 0.1
    assert strays(np.ones(1), np.ones(1), 4.0) == pytest.approx([0.0])
