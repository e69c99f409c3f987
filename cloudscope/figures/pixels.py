"""Pixels of a recording as colours, at their own resolution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.display import ChannelDisplay
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["COLOR_MAPS", "colors_of", "shown_channels"]

_RAMPS = {
    "gray": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
}
_UNIFORM = ("viridis", "magma", "inferno", "cividis")
COLOR_MAPS = (*_RAMPS, "inverted gray", *_UNIFORM)
"""Names that `cloudscope.ChannelDisplay.lut` may have."""

_SAMPLE = 2_000_000  # pixels that percentiles are taken from, of evenly spread lines


def shown_channels(
    image: AcqImage,
    channel: int,
    display: Mapping[int, ChannelDisplay],
    composite: bool | None,
) -> dict[int, ChannelDisplay]:
    """Which channels are drawn, each with its look; several are added up."""
    looks = {c: display.get(c, ChannelDisplay()) for c in range(image.header.channels)}
    together = any(look.composite for look in looks.values()) if composite is None else composite
    if not together:
        return {channel: looks[channel]}
    return {c: look for c, look in looks.items() if look.visible}


def colors_of(
    image: AcqImage,
    looks: Mapping[int, ChannelDisplay],
    bounds: tuple[int, int, int, int],
    frame: int,
    *,
    together: bool,
) -> np.ndarray:
    """The part `bounds` of the channels in colours.

    Returns
    -------
    ndarray of uint8, shape (rows, columns, 3)
        A pixel for each of the recording's.
    """
    row_start, row_stop, col_start, col_stop = bounds
    total = np.zeros((row_stop - row_start, col_stop - col_start, 3), np.uint16)
    for channel, look in looks.items():
        plane = image.frame(channel, frame)
        part = plane[row_start:row_stop, col_start:col_stop].astype(np.float32)
        low, high = look.contrast or _automatic(plane, part, look.automatic)
        if high == low:
            high = low + 1.0
        share = np.nan_to_num(np.clip((part - low) / (high - low), 0, 1)) ** look.gamma
        table = _table(look.color_of(channel) if together else look.lut)
        total += table[np.rint(share * 255).astype(np.uint8)]
    return np.minimum(total, 255).astype(np.uint8)


def _automatic(plane: np.ndarray, part: np.ndarray, how: str) -> tuple[float, float]:
    of = part if how == "view" else plane
    if how == "percentiles":
        step = max(1, of.size // _SAMPLE)
        sample = of[:: min(step, max(1, of.shape[0] // 64))]
        sample = sample[np.isfinite(sample)]
        if not sample.size:
            return 0.0, 1.0
        low, high = (float(v) for v in np.percentile(sample, (0.5, 99.5)))
        if high > low:
            return low, high
    finite = of[np.isfinite(of)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)


def _table(name: str) -> np.ndarray:
    ramp: np.ndarray = np.arange(256)[:, np.newaxis]
    table: np.ndarray
    if name.startswith("#"):
        brightest: tuple[int, ...] = tuple(bytes.fromhex(name[1:]))
    elif name in _RAMPS:
        brightest = _RAMPS[name]
    elif name == "inverted gray":
        table = np.repeat(255 - ramp, 3, axis=1).astype(np.uint16)
        return table
    elif name in _UNIFORM:
        from matplotlib import colormaps

        table = np.rint(colormaps[name](np.arange(256))[:, :3] * 255).astype(np.uint16)
        return table
    else:
        raise ParameterError(
            f"lut={name!r} is not allowed: give one of {', '.join(COLOR_MAPS)} or #rrggbb"
        )
    table = (ramp * np.array(brightest) // 255).astype(np.uint16)
    return table
