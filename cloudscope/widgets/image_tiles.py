"""Pieces of an image at several resolutions, so that a viewer is sent only what it shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

__all__ = [
    "LEVEL_FACTOR",
    "TILE_COLS",
    "TILE_ROWS",
    "PackedTile",
    "Pixels",
    "PlaneStatistics",
    "TileId",
    "TilePyramid",
    "area_mean",
    "packed",
    "plane_statistics",
]

TILE_ROWS = 2048
TILE_COLS = 512
LEVEL_FACTOR = 4
_SAMPLE = 400_000
_BLOCK = 2**20


class Pixels(Protocol):
    """The part of a two-dimensional array that is used: slices of rows and columns of it."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of its numbers."""

    def __getitem__(self, place: tuple[slice, slice], /) -> np.ndarray[Any, Any]: ...


class TileId(NamedTuple):
    """Which tile: level along rows and columns, and its place in the grid of that level.

    A pixel of level ``k`` is the mean of ``LEVEL_FACTOR**k`` pixels of the image.
    """

    row_level: int
    col_level: int
    row: int
    col: int


class TilePyramid:
    """Tiles of a plane, computed when asked for; nothing is kept.

    Rows and columns have levels of their own, because a line scan is hundreds of times longer
    than it is wide. The coarsest level is a single tile, the overview.

    Parameters
    ----------
    plane : Pixels, shape (rows, columns)
        An array, or what gives parts of one when asked. Not copied.

    Examples
    --------
    >>> pyramid = TilePyramid(np.zeros((100_000, 512), np.uint16))
    >>> pyramid.overview, pyramid.tile(pyramid.overview).shape
    (TileId(row_level=3, col_level=0, row=0, col=0), (1563, 512))
    """

    def __init__(self, plane: Pixels) -> None:
        self.plane = plane
        self.row_levels = _levels(plane.shape[0], TILE_ROWS)
        self.col_levels = _levels(plane.shape[1], TILE_COLS)

    @property
    def overview(self) -> TileId:
        """The one tile that shows the whole plane."""
        return TileId(self.row_levels - 1, self.col_levels - 1, 0, 0)

    def tile(self, tile: TileId) -> np.ndarray:
        """Pixels of a tile: uint8 or uint16 as they are, everything else float32.

        Raises
        ------
        IndexError
            If there is no such tile.
        """
        row_level, col_level, row, col = tile
        if not (0 <= row_level < self.row_levels and 0 <= col_level < self.col_levels):
            raise IndexError(f"there is no level of {tile}")
        row_factor, col_factor = LEVEL_FACTOR**row_level, LEVEL_FACTOR**col_level
        top, left = row * TILE_ROWS * row_factor, col * TILE_COLS * col_factor
        rows, cols = self.plane.shape
        if not (0 <= top < rows and 0 <= left < cols):
            raise IndexError(f"{tile} lies outside the image of {rows} x {cols} pixels")
        bottom = min(top + TILE_ROWS * row_factor, rows)
        right = min(left + TILE_COLS * col_factor, cols)
        # in blocks that stay in the processor's cache, and of which lazy pixels make few at once
        step = max(1, _BLOCK // (row_factor * (right - left))) * row_factor
        blocks = [
            area_mean(self.plane[row : min(row + step, bottom), left:right], row_factor, col_factor)
            for row in range(top, bottom, step)
        ]
        return blocks[0] if len(blocks) == 1 else np.concatenate(blocks)


class PackedTile(NamedTuple):
    """Pixels of a tile as they are sent: ``offset + scale × pixels``."""

    pixels: np.ndarray
    offset: float = 0.0
    scale: float = 1.0


_FINEST = 65_535


def packed(pixels: np.ndarray, *, whole: bool) -> PackedTile:
    """Means of whole pixel values in half the bytes, to a 65,535th of their range.

    Parameters
    ----------
    pixels : ndarray
        Of a tile.
    whole : bool
        Whether the pixels of the image are whole numbers.

    Examples
    --------
    >>> tile = packed(np.array([[1.25, 3.0]], np.float32), whole=True)
    >>> tile.pixels.dtype.name, (tile.offset + tile.scale * tile.pixels).round(3).tolist()
    ('uint16', [[1.25, 3.0]])
    """
    if not whole or pixels.dtype != np.float32 or not pixels.size:
        return PackedTile(pixels)
    low, high = float(pixels.min()), float(pixels.max())
    scale = (high - low) / _FINEST or 1.0
    steps = pixels - np.float32(low)
    steps *= np.float32(1 / scale)
    steps += np.float32(0.5)
    return PackedTile(np.minimum(steps, _FINEST).astype(np.uint16), low, scale)


def _levels(size: int, tile: int) -> int:
    levels = 1
    while -(-size // LEVEL_FACTOR ** (levels - 1)) > tile:
        levels += 1
    return levels


def area_mean(part: np.ndarray, row_factor: int, col_factor: int) -> np.ndarray:
    """Means over blocks of `row_factor` × `col_factor` pixels; the last ones may be smaller.

    Parameters
    ----------
    part : ndarray, shape (rows, columns)
    row_factor, col_factor : int

    Returns
    -------
    ndarray, C-contiguous
        uint8 or uint16 where nothing was averaged and the pixels are of that type, else float32.
        NaN pixels do not count; a block of nothing else is NaN.

    Examples
    --------
    >>> area_mean(np.arange(10, dtype=np.uint8).reshape(5, 2), 4, 1).tolist()
    [[3.0, 4.0], [8.0, 9.0]]
    """
    if row_factor == col_factor == 1:
        if part.dtype == np.bool_:
            part = part.astype(np.uint8)
        kept = part.dtype in (np.uint8, np.uint16)
        return np.ascontiguousarray(part if kept else part.astype(np.float32))
    if part.dtype.kind == "f" and not np.isfinite(part).all():
        counted = np.isfinite(part)
        total = area_mean(np.where(counted, part, 0), row_factor, col_factor)
        share = area_mean(counted, row_factor, col_factor)
        hollow = share == 0
        return np.where(hollow, np.float32(np.nan), total / np.where(hollow, 1, share))
    mean = _block_means(part, row_factor)
    return mean if col_factor == 1 else _column_means(mean, col_factor)


def _block_means(part: np.ndarray, factor: int) -> np.ndarray:
    rows, cols = part.shape
    whole = rows // factor
    means = np.empty((-(-rows // factor), cols), np.float32)
    blocks = part[: whole * factor].reshape(whole, factor, cols)
    np.mean(blocks, axis=1, dtype=np.float32, out=means[:whole])
    if whole * factor < rows:
        np.mean(part[whole * factor :], axis=0, dtype=np.float32, out=means[whole])
    return means


def _column_means(lines: np.ndarray, factor: int) -> np.ndarray:
    rows, cols = lines.shape
    whole = cols // factor * factor
    means = np.empty((rows, -(-cols // factor)), np.float32)
    inner = means[:, : cols // factor]
    inner[:] = lines[:, 0:whole:factor]
    for place in range(1, factor):  # whole columns at once: a line has few blocks
        inner += lines[:, place:whole:factor]
    inner /= factor
    if whole < cols:
        np.mean(lines[:, whole:], axis=1, dtype=np.float32, out=means[:, -1])
    return means


@dataclass(frozen=True, slots=True)
class PlaneStatistics:
    """What contrast is chosen from.

    Attributes
    ----------
    minimum, maximum : float
        Of all pixels.
    auto_low, auto_high : float
        0.5 and 99.5 percent of the pixels lie below; never equal.
    bin_width : float
        Of the histogram, whose first bin starts at `minimum`; whole for whole pixel values.
    counts : tuple of int
        Pixels of a sample in each bin.
    """

    minimum: float
    maximum: float
    auto_low: float
    auto_high: float
    bin_width: float
    counts: tuple[int, ...]


def plane_statistics(plane: np.ndarray, *, bins: int = 128) -> PlaneStatistics:
    """Range, automatic contrast and histogram of a plane; the last two from evenly spread lines.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns)
    bins : int

    Examples
    --------
    >>> statistics = plane_statistics(np.arange(1000.0).reshape(100, 10))
    >>> statistics.minimum, statistics.maximum, round(statistics.auto_high)
    (0.0, 999.0, 994)
    """
    step = max(1, plane.size // _SAMPLE)
    sample = plane[:: min(step, max(1, plane.shape[0] // 64))].ravel()
    if plane.dtype.kind == "f":
        sample = sample[np.isfinite(sample)]
        finite = plane if np.isfinite(plane).all() else plane[np.isfinite(plane)]
    else:
        finite = plane
    if finite.size == 0 or sample.size == 0:
        return PlaneStatistics(0.0, 1.0, 0.0, 1.0, 1 / bins, (0,) * bins)
    minimum, maximum = float(finite.min()), float(finite.max())
    low, high = (float(v) for v in np.percentile(sample, (0.5, 99.5)))
    if high <= low:
        low, high = (minimum, maximum) if maximum > minimum else (minimum, minimum + 1)
    if plane.dtype.kind == "f":
        width = (maximum - minimum or 1.0) / bins
    else:
        # bins that hold different numbers of whole values would look like a comb
        width = float(-(-(maximum - minimum + 1) // bins))
        bins = int(-(-(maximum - minimum + 1) // width))
    counts, _ = np.histogram(sample, bins=bins, range=(minimum, minimum + bins * width))
    return PlaneStatistics(minimum, maximum, low, high, width, tuple(int(c) for c in counts))
