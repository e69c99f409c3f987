"""The viewer's picture without the background: the pixels that the velocity measures."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np

import cloudscope as cs
from cloudscope.widgets.image_tiles import TileId
from cloudscope.widgets.viewer_moving import _AT_ONCE_PIXELS


def recording(lines: int = 3000) -> cs.AcqImage:
    cells = np.random.default_rng(4).normal(size=lines + 40)
    streaks = np.array([cells[lines - n : lines + 40 - n] for n in range(lines)])
    return cs.AcqImage.from_array(
        100 * np.linspace(2, 9, 40) + 20 * streaks, line_period_s=0.001, pixel_size_um=0.5
    )


def tile(viewer: cs.KymographViewer, *place: int) -> np.ndarray:
    found = viewer._planes.tile(viewer._moving["key"], TileId(*place))
    assert found is not None
    return found.pixels


def test_it_is_the_very_pixels_that_are_measured() -> None:
    image = recording()
    viewer = cs.KymographViewer(image, background_removed=True)
    expected = cs.moving_pixels(image.kymograph())
    np.testing.assert_array_equal(tile(viewer, 0, 0, 1, 0), expected[2048:])
    np.testing.assert_allclose(
        tile(viewer, 1, 0, 0, 0), expected.reshape(750, 4, 40).mean(axis=1), atol=1e-5
    )
    low, high = viewer._moving["auto"]
    assert -6 < low < -1 < 1 < high < 6


def test_a_roi_is_seen_alone_as_its_own_measurement_has_it() -> None:
    image = recording()
    roi = image.add_roi(row_start=500, row_stop=2500, col_start=5, col_stop=35)
    image.analyze("radon_velocity", roi_id=roi.roi_id, background="none", bleaching="none")
    viewer = cs.KymographViewer(image, background_removed=True, selected_roi_id=roi.roi_id)
    seen = tile(viewer, 0, 0, 0, 0)
    inside = np.zeros(seen.shape, bool)
    inside[500:, 5:35] = True
    assert np.isfinite(seen[inside]).all()
    assert np.isnan(seen[~inside]).all()
    kept = cs.moving_pixels(image.kymograph(0, roi.roi_id), background="none", bleaching="none")
    np.testing.assert_array_equal(seen[500:, 5:35], kept[:1548])
    key = viewer._moving["key"]
    image.edit_roi(roi.roi_id, col_stop=30)
    assert viewer._moving["key"] != key


def test_off_again_nothing_of_it_is_sent() -> None:
    viewer = cs.KymographViewer(recording(), background_removed=True)
    viewer.background_removed = False
    assert viewer._moving == {}


def test_why_there_is_none_is_said() -> None:
    image = cs.AcqImage.from_array(np.full((300, 20), np.nan), line_period_s=1e-3, pixel_size_um=1)
    viewer = cs.KymographViewer(image, background_removed=True)
    assert "not finite" in viewer._moving["problem"]


def test_a_long_recording_is_worked_out_beside_the_loop() -> None:
    lines = _AT_ONCE_PIXELS // 40 + 1000
    pixels: Any = np.random.default_rng(1).normal(100, 5, (lines, 40)).astype(np.float32)
    viewer = cs.KymographViewer(cs.AcqImage.from_array(pixels))

    async def scenario() -> None:
        viewer.background_removed = True
        assert viewer._moving == {}  # not yet, and the loop is free
        async with asyncio.timeout(60):
            while not viewer._moving:
                await asyncio.sleep(0.01)

    asyncio.run(scenario())
    assert "key" in viewer._moving
