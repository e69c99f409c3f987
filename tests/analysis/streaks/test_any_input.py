"""Whatever is put in, velocity gives rows with a status or one clear sentence."""

from __future__ import annotations

import contextlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cloudscope.analysis.radon_velocity import COLUMNS, radon_velocity
from cloudscope.analysis.streaks.along_line import velocity_along_line
from cloudscope.analysis.streaks.probe import streak_score
from cloudscope.errors import CloudscopeError

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}
STATUSES = {
    "ok",
    "no signal",
    "beyond limits",
    "beyond ceiling",
    "ambiguous",
    "low quality",
    "saturated",
}

OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "method": st.sampled_from(["correlation", "classic"]),
        "window_lines": st.sampled_from([8, 16, 40]),
        "step_lines": st.sampled_from([3, 16, 64]),
        "direction": st.sampled_from(["either", "positive", "negative"]),
        "background": st.sampled_from(["record", "moving", "none"]),
        "background_window_s": st.sampled_from([0.07, 0.1, 5.0]),
        "bleaching": st.sampled_from(["fit", "none"]),
        "scan_time_s": st.sampled_from([0.0, 1e-3]),
        "line_angle_deg": st.sampled_from([0.0, 80.0]),
        "maximum_speed_um_per_s": st.sampled_from([None, 1.0, 900.0]),
        "smoother": st.sampled_from(["none", "rts"]),
        "smoother_gap_s": st.sampled_from([0.0, 1.0]),
        "along_line": st.booleans(),
    },
)

SCANS = st.sampled_from(
    [
        {},
        {"bidirectional": "estimate"},
        {"bidirectional": "given", "bidirectional_offset_px": -1.4},
        {"bidirectional": "given", "bidirectional_offset_px": 30.0},
    ]
)

PIXELS = hnp.arrays(
    dtype=st.sampled_from([np.uint8, np.int16, np.uint16, np.float32, np.float64]),
    shape=st.tuples(st.integers(30, 130), st.integers(3, 24)),
    elements=st.integers(0, 100),
)


def checked(image: np.ndarray, options: dict[str, Any]) -> None:
    try:
        result = radon_velocity(image, **SCALES, **options)
    except CloudscopeError:
        return
    table = result.columns
    assert list(table) == [column.name for column in COLUMNS]
    assert set(table["status"]) <= STATUSES
    accepted = table["status"] == "ok"
    assert np.all(np.isfinite(table["velocity_um_per_s"][accepted]))
    if options.get("method") != "classic":
        assert np.all(table["velocity_sd_um_per_s"][accepted] > 0)
    assert np.all((table["quality"] >= 0) & (table["quality"] <= 1))
    if options.get("direction") == "positive":
        reach = table["velocity_um_per_s"] + 3.01 * np.nan_to_num(table["velocity_sd_um_per_s"])
        assert options.get("smoother") == "rts" or np.all(reach[accepted] >= 0)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(PIXELS, OPTIONS, SCANS)
def test_small_images_with_any_options(
    image: np.ndarray, options: dict[str, Any], scan: dict[str, Any]
) -> None:
    checked(image, options | scan)


NASTY = {
    "constant": np.full((200, 20), 7.0),
    "saturated": np.full((200, 20), 65535, np.uint16),
    "one hot pixel": np.eye(1, 4000).reshape(200, 20),
    "huge": np.random.default_rng(1).normal(0, 1e99, (200, 20)),
    "minute": np.random.default_rng(1).normal(0, 1e-300, (200, 20)),
    "negative": -np.random.default_rng(1).normal(100, 10, (200, 20)),
    "boolean": np.random.default_rng(1).random((200, 20)) > 0.5,
    "one NaN": np.where(np.arange(4000).reshape(200, 20) == 7, np.nan, 1.0),
    "infinite": np.full((200, 20), np.inf),
    "one column": np.random.default_rng(1).normal(100, 10, (200, 1)),
    "one line": np.random.default_rng(1).normal(100, 10, (1, 200)),
    "half dark": np.repeat([[0.0], [100.0]], 100, axis=0) + np.zeros(20),
    "every other line dark": np.tile([[0.0], [100.0]], (100, 20)),
    "stripes": np.tile([0.0, 100.0], (200, 10)),
    "empty": np.zeros((0, 20)),
}


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"method": "classic", "step_lines": 64},
        {"background": "none", "bidirectional": "estimate", "smoother": "rts"},
        {"background": "moving", "background_window_s": 0.15, "window_lines": 16},
        {"along_line": True, "scan_time_s": 1e-3, "direction": "positive"},
    ],
)
def test_nasty_images(name: str, options: dict[str, Any]) -> None:
    checked(NASTY[name], options)


@pytest.mark.parametrize("name", NASTY)
def test_nasty_images_have_a_profile_and_a_curve_or_a_reason(name: str) -> None:
    for function in (
        lambda: velocity_along_line(NASTY[name], **SCALES),
        lambda: streak_score(NASTY[name], {}, 5, **SCALES),
        lambda: streak_score(NASTY[name], {"method": "classic"}, 5, **SCALES),
    ):
        with contextlib.suppress(CloudscopeError):
            function()
