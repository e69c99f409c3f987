"""Colour maps of the viewer; the browser builds the same ones from the same tables."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import numpy as np

__all__ = ["COLORMAPS", "colormap_table"]

_RAMPS = {
    "gray": (255, 255, 255),
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "cyan": (0, 255, 255),
    "magenta": (255, 0, 255),
    "yellow": (255, 255, 0),
}

COLORMAPS = (
    "gray",
    "inverted gray",
    "viridis",
    "magma",
    "inferno",
    "cividis",
    "red",
    "green",
    "blue",
    "cyan",
    "magenta",
    "yellow",
)
"""Names, in the order menus show them."""


@cache
def colormap_table(name: str) -> np.ndarray:
    """Colours of a map, from the darkest value to the brightest.

    Parameters
    ----------
    name : str
        One of `COLORMAPS`, or ``"#rrggbb"`` for black to that colour.

    Returns
    -------
    ndarray of uint8, shape (256, 3)
        Red, green, blue; read-only.

    Examples
    --------
    >>> colormap_table("inverted gray")[0].tolist()
    [255, 255, 255]
    """
    ramp = np.arange(256)[:, np.newaxis]
    table: np.ndarray
    brightest = tuple(bytes.fromhex(name[1:])) if name.startswith("#") else _RAMPS.get(name)
    if brightest is not None:
        table = (ramp * np.array(brightest) // 255).astype(np.uint8)
    elif name == "inverted gray":
        table = np.repeat(255 - ramp, 3, axis=1).astype(np.uint8)
    else:
        text = files("cloudscope.widgets").joinpath("colormap_tables.json").read_text("utf-8")
        table = np.frombuffer(bytes.fromhex(json.loads(text)[name]), np.uint8).reshape(256, 3)
    table.flags.writeable = False
    return table
