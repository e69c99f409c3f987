"""A small PNG of a view, for places where no browser code runs: saved notebooks, web pages."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable

import numpy as np

from cloudscope.roi import Roi
from cloudscope.widgets.colormaps import colormap_table
from cloudscope.widgets.image_tiles import area_mean

__all__ = ["thumbnail_png"]

_ROI_COLORS = ((255, 176, 0), (61, 219, 217), (255, 111, 145), (155, 225, 93))
_SHADES = 256 - len(_ROI_COLORS)


def thumbnail_png(
    plane: np.ndarray,
    *,
    bounds: tuple[int, int, int, int],
    contrast: tuple[float, float],
    gamma: float = 1.0,
    lut: str = "gray",
    rois: Iterable[Roi] = (),
    line_scan: bool = True,
    width: int = 450,
    height: int = 128,
) -> bytes:
    """The part `bounds` of a plane as a PNG of `width` × `height`.

    Parameters
    ----------
    plane : ndarray, shape (rows, columns)
    bounds : tuple of int
        row_start, row_stop, col_start, col_stop of what is shown.
    contrast : tuple of float
        Values shown as the first and the last colour.
    gamma : float
    lut : str
    rois : iterable of Roi
        Drawn as outlines.
    line_scan : bool
        Rows run to the right and columns upwards; else columns to the right, rows downwards.
    width, height : int
    """
    row_start, row_stop, col_start, col_stop = bounds
    rows_shown, cols_shown = (width, height) if line_scan else (height, width)
    part = plane[row_start:row_stop, col_start:col_stop]
    row_factor = max(1, part.shape[0] // rows_shown)
    col_factor = max(1, part.shape[1] // cols_shown)
    mean = area_mean(part, row_factor, col_factor).astype(np.float32)
    # pixel centres of the picture, in pixels of the reduced part
    row = ((np.arange(rows_shown) + 0.5) * mean.shape[0] / rows_shown).astype(int)
    col = ((np.arange(cols_shown) + 0.5) * mean.shape[1] / cols_shown).astype(int)
    low, high = contrast
    share = np.clip((mean[np.ix_(row, col)] - low) / (high - low), 0, 1)
    shade = np.rint(np.nan_to_num(share) ** gamma * (_SHADES - 1)).astype(np.uint8)
    for number, roi in enumerate(rois):
        _outline(shade, roi, bounds, _SHADES + number % len(_ROI_COLORS))
    picture = shade.T[::-1] if line_scan else shade
    steps = np.linspace(0, 255, _SHADES).round().astype(int)
    palette = np.concatenate([colormap_table(lut)[steps], np.array(_ROI_COLORS, np.uint8)])
    return _png(picture, palette)


def _outline(shade: np.ndarray, roi: Roi, bounds: tuple[int, int, int, int], index: int) -> None:
    def place(value: int, start: int, stop: int, size: int) -> int:
        return int(np.clip(round((value - start) / (stop - start) * size), 0, size))

    top = place(roi.row_start, bounds[0], bounds[1], shade.shape[0])
    bottom = place(roi.row_stop, bounds[0], bounds[1], shade.shape[0])
    left = place(roi.col_start, bounds[2], bounds[3], shade.shape[1])
    right = place(roi.col_stop, bounds[2], bounds[3], shade.shape[1])
    if bottom <= top or right <= left:
        return
    for edge in (
        np.s_[top, left:right],
        np.s_[bottom - 1, left:right],
        np.s_[top:bottom, left],
        np.s_[top:bottom, right - 1],
    ):
        shade[edge] = index


def _png(indices: np.ndarray, palette: np.ndarray) -> bytes:
    height, width = indices.shape

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    lines = np.zeros((height, width + 1), np.uint8)  # each line starts with its filter type, 0
    lines[:, 1:] = indices
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            chunk(b"PLTE", palette.tobytes()),
            chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )
