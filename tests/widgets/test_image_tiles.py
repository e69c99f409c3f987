"""Tiles and statistics of a plane: exact pixels, true means, nothing skipped."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cloudscope.widgets.image_tiles import (
    LEVEL_FACTOR,
    TILE_COLS,
    TILE_ROWS,
    TileId,
    TilePyramid,
    area_mean,
    plane_statistics,
)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.float64, np.bool_])
def test_the_finest_level_is_the_pixels_themselves(dtype: type) -> None:
    plane = (np.arange(30).reshape(6, 5) * 7 % 11).astype(dtype)
    tile = TilePyramid(plane).tile(TileId(0, 0, 0, 0))
    np.testing.assert_array_equal(tile, plane.astype(tile.dtype))
    assert tile.flags.c_contiguous
    assert tile.dtype in (np.uint8, np.uint16, np.float32)


@given(
    plane=arrays(np.uint16, st.tuples(st.integers(1, 40), st.integers(1, 20))),
    row_factor=st.sampled_from([1, 4, 16]),
    col_factor=st.sampled_from([1, 4]),
)
def test_a_block_is_the_mean_of_its_pixels(
    plane: np.ndarray, row_factor: int, col_factor: int
) -> None:
    means = area_mean(plane, row_factor, col_factor)
    assert means.shape == (-(-plane.shape[0] // row_factor), -(-plane.shape[1] // col_factor))
    for row in range(means.shape[0]):
        for col in range(means.shape[1]):
            block = plane[
                row * row_factor : (row + 1) * row_factor,
                col * col_factor : (col + 1) * col_factor,
            ]
            assert means[row, col] == pytest.approx(block.mean(), rel=1e-5, abs=1e-5)


def test_every_pixel_is_in_one_tile_of_each_level() -> None:
    plane = np.arange(5000 * 1100, dtype=np.float32).reshape(5000, 1100)
    pyramid = TilePyramid(plane)
    assert (pyramid.row_levels, pyramid.col_levels) == (2, 2)
    parts = [[pyramid.tile(TileId(0, 0, row, col)) for col in range(3)] for row in range(3)]
    np.testing.assert_array_equal(np.block(parts), plane)
    assert pyramid.tile(TileId(0, 0, 2, 2)).shape == (5000 - 2 * TILE_ROWS, 1100 - 2 * TILE_COLS)
    overview = pyramid.tile(pyramid.overview)
    assert overview.shape == (1250, 275)
    assert overview.mean(dtype=float) == pytest.approx(plane.mean(dtype=float), rel=1e-6)


def test_a_single_bright_line_is_seen_at_every_level() -> None:
    plane = np.zeros((100_000, 4), np.uint16)
    plane[54_321] = 64_000
    pyramid = TilePyramid(plane)
    for level in range(pyramid.row_levels):
        factor = LEVEL_FACTOR**level
        row, within = divmod(54_321 // factor, TILE_ROWS)
        tile = pyramid.tile(TileId(level, 0, row, 0))
        assert tile[within, 0] == pytest.approx(64_000 / factor)


def test_nan_pixels_do_not_count() -> None:
    plane = np.array([[1.0, np.nan], [3.0, np.nan], [np.nan, np.nan], [5.0, np.nan]])
    means = area_mean(plane, 4, 1)
    assert means[0, 0] == pytest.approx(3)
    assert np.isnan(means[0, 1])


@pytest.mark.parametrize("place", [(9, 0, 0, 0), (0, 0, 5, 0), (0, 0, 0, 1), (0, 0, -1, 0)])
def test_a_tile_that_is_not_there_is_refused(place: tuple[int, int, int, int]) -> None:
    with pytest.raises(IndexError, match="TileId"):
        TilePyramid(np.zeros((100, 10))).tile(TileId(*place))


def test_automatic_contrast_leaves_out_half_a_percent_at_each_end() -> None:
    plane = np.tile(np.arange(1000, dtype=np.uint16), (50, 1))
    plane[0, 0] = 65_535
    statistics = plane_statistics(plane)
    assert (statistics.minimum, statistics.maximum) == (0, 65_535)
    assert statistics.auto_low == pytest.approx(5, abs=1)
    assert statistics.auto_high == pytest.approx(994, abs=1)


def test_the_histogram_of_whole_values_has_even_bins() -> None:
    plane = np.tile(np.arange(100, 400, dtype=np.uint16), (40, 1))
    statistics = plane_statistics(plane)
    assert statistics.bin_width == int(statistics.bin_width)
    assert len(set(statistics.counts[:-1])) == 1
    assert sum(statistics.counts) == plane.size


@pytest.mark.parametrize("value", [0, 7, np.nan])
def test_a_flat_or_empty_plane_has_a_usable_contrast(value: float) -> None:
    statistics = plane_statistics(np.full((20, 5), value))
    assert statistics.auto_low < statistics.auto_high
    assert np.isfinite([statistics.minimum, statistics.maximum]).all()
