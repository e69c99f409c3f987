"""A small PNG of a view, for places where no browser code runs: saved notebooks, web pages."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.roi import Roi
from cloudscope.widgets.colormaps import colormap_table
from cloudscope.widgets.image_tiles import Pixels, area_mean

if TYPE_CHECKING:
    from cloudscope.widgets.viewer import KymographViewer

__all__ = ["Layer", "thumbnail_png", "viewer_png", "with_picture"]

_ROI_COLORS = ((255, 176, 0), (61, 219, 217), (255, 111, 145), (155, 225, 93))
_SHADES = 256 - len(_ROI_COLORS)


@dataclass(frozen=True, eq=False)
class Layer:
    """One channel of a picture.

    Attributes
    ----------
    plane : Pixels, shape (rows, columns)
    contrast : tuple of float or None
        Values shown as the first and the last colour; ``None`` is the range of what is seen.
    gamma : float
    lut : str
    """

    plane: Pixels
    contrast: tuple[float, float] | None = None
    gamma: float = 1.0
    lut: str = "gray"


def viewer_png(viewer: KymographViewer, width: int, height: int) -> bytes:
    """What a viewer shows, with outlines of its ROIs; frames keep their proportions."""
    rows, cols, line_scan = viewer._axes.rows, viewer._axes.cols, viewer._axes.line_scan
    if not line_scan:
        width = max(1, min(width, round(height * cols.size / rows.size)))
    layers = []
    for channel in viewer._seen_channels():
        look, shown = viewer.look_of(channel), viewer._channels[channel]
        statistics = shown.statistics
        automatic = {
            "percentiles": (statistics.auto_low, statistics.auto_high),
            "full range": (statistics.minimum, statistics.maximum),
            "view": None,
        }[look.automatic]
        lut = look.color_of(channel) if viewer.composite else look.lut
        plane = shown.pyramid.plane
        layers.append(Layer(plane, look.contrast or automatic, look.gamma, lut))
    return thumbnail_png(
        layers,
        bounds=(*rows.pixels(*viewer.time_range), *cols.pixels(*viewer.position_range)),
        rois=viewer.image.rois if viewer.image is not None else (),
        line_scan=line_scan,
        width=width,
        height=height,
    )


def with_picture(bundle: Any, png: bytes, text: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a notebook keeps of a widget, with a picture for where no widget runs."""
    data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
    picture = base64.b64encode(png).decode("ascii")
    return {**data, "image/png": picture, "text/plain": text}, metadata


def thumbnail_png(
    layers: Sequence[Layer],
    *,
    bounds: tuple[int, int, int, int],
    rois: Iterable[Roi] = (),
    line_scan: bool = True,
    width: int = 450,
    height: int = 128,
) -> bytes:
    """The part `bounds` of channels as a PNG of `width` × `height`; their colours are added.

    Parameters
    ----------
    layers : sequence of Layer
    bounds : tuple of int
        row_start, row_stop, col_start, col_stop of what is shown.
    rois : iterable of Roi
        Drawn as outlines.
    line_scan : bool
        Rows run to the right and columns upwards; else columns to the right, rows downwards.
    width, height : int
    """
    size = (width, height) if line_scan else (height, width)
    shades = [_shades(layer, bounds, *size) for layer in layers]
    outlines = np.zeros(size, np.uint8)
    for number, roi in enumerate(rois):
        _outline(outlines, roi, bounds, 1 + number % len(_ROI_COLORS))
    steps = np.linspace(0, 255, _SHADES).round().astype(int)
    colors = np.array(_ROI_COLORS, np.uint8)
    if len(layers) == 1:
        indices = np.where(outlines, _SHADES - 1 + outlines, shades[0])
        palette = np.concatenate([colormap_table(layers[0].lut)[steps], colors])
        return _png(_upright(indices, line_scan), palette)
    total = np.zeros((*size, 3), np.uint16)
    for layer, shade in zip(layers, shades, strict=True):
        total += colormap_table(layer.lut)[steps][shade]
    picture = np.minimum(total, 255).astype(np.uint8)
    picture[outlines > 0] = colors[outlines[outlines > 0] - 1]
    return _png(_upright(picture, line_scan), None)


def _upright(picture: np.ndarray, line_scan: bool) -> np.ndarray:
    return picture.swapaxes(0, 1)[::-1] if line_scan else picture


def _shades(
    layer: Layer, bounds: tuple[int, int, int, int], rows_shown: int, cols_shown: int
) -> np.ndarray:
    """Place of each pixel of the picture on the colour map of a layer."""
    row_start, row_stop, col_start, col_stop = bounds
    part = layer.plane[row_start:row_stop, col_start:col_stop]
    row_factor = max(1, part.shape[0] // rows_shown)
    col_factor = max(1, part.shape[1] // cols_shown)
    mean = area_mean(part, row_factor, col_factor).astype(np.float32)
    # pixel centres of the picture, in pixels of the reduced part
    row = ((np.arange(rows_shown) + 0.5) * mean.shape[0] / rows_shown).astype(int)
    col = ((np.arange(cols_shown) + 0.5) * mean.shape[1] / cols_shown).astype(int)
    low, high = layer.contrast or _seen_range(mean)
    share = np.clip((mean[np.ix_(row, col)] - low) / (high - low), 0, 1)
    shades: np.ndarray = np.rint(np.nan_to_num(share) ** layer.gamma * (_SHADES - 1))
    return shades.astype(np.uint8)


def _seen_range(seen: np.ndarray) -> tuple[float, float]:
    finite = seen[np.isfinite(seen)]
    if not finite.size:
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return low, high if high > low else low + 1.0


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


def _png(picture: np.ndarray, palette: np.ndarray | None) -> bytes:
    """A PNG of indices into a palette, or of red, green and blue where there is none."""
    height, width = picture.shape[:2]

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    color_type = 2 if palette is None else 3
    header = struct.pack(">IIBBBBB", width, height, 8, color_type, 0, 0, 0)
    flat = np.ascontiguousarray(picture).reshape(height, -1)
    lines = np.zeros((height, flat.shape[1] + 1), np.uint8)  # each starts with its filter type, 0
    lines[:, 1:] = flat
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", header),
            b"" if palette is None else chunk(b"PLTE", palette.tobytes()),
            chunk(b"IDAT", zlib.compress(lines.tobytes(), 9)),
            chunk(b"IEND", b""),
        )
    )
