"""Dots of a swarm never cover each other, whatever their heights."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.pool.swarm import swarm_offsets

heights = st.lists(st.floats(0, 100), min_size=1, max_size=60)


@given(heights, st.floats(0.5, 20))
@settings(max_examples=60, deadline=None)
def test_no_two_dots_overlap(values: list[float], diameter: float) -> None:
    y = np.array(values)
    x = swarm_offsets(y, diameter)
    apart = np.hypot(x[:, None] - x, y[:, None] - y) + 1e9 * np.eye(y.size)
    assert apart.min() >= diameter * (1 - 1e-9)


def test_dots_stay_as_near_to_the_middle_as_there_is_room() -> None:
    assert swarm_offsets([0.0, 5.1, 10.2], 5.0).tolist() == [0.0, 0.0, 0.0]
    alike = np.sort(swarm_offsets([1.0] * 7, 2.0))
    np.testing.assert_allclose(alike, [-6, -4, -2, 0, 2, 4, 6], atol=1e-6)


def test_places_depend_on_nothing_but_the_heights() -> None:
    y = np.random.default_rng(1).normal(0, 10, 300)
    first = swarm_offsets(y, 3.0)
    assert np.array_equal(first, swarm_offsets(y.copy(), 3.0))


def test_wrong_input_is_refused() -> None:
    with pytest.raises(ValueError, match="diameter=0"):
        swarm_offsets([1.0], 0)
    with pytest.raises(ValueError, match="finite"):
        swarm_offsets([np.nan], 1)
