"""The colour of a channel where a format wants a single one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cloudscope.display import ChannelDisplay

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["channel_color"]

_COLORS = {
    "red": "#FF0000",
    "green": "#00FF00",
    "blue": "#0000FF",
    "cyan": "#00FFFF",
    "magenta": "#FF00FF",
    "yellow": "#FFFF00",
    "gray": "#FFFFFF",
}


def channel_color(image: AcqImage, channel: int) -> str:
    """Colour of a channel's brightest pixel, as ``#RRGGBB``.

    The one it has among other channels; alone, that of a colour map that is a plain colour, and
    else white.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> channel_color(AcqImage.from_array(np.zeros((2, 9, 9))), 1)
    '#FF00FF'
    """
    display = image.display.get(channel, ChannelDisplay())
    if image.header.channels == 1 and not display.color:
        return _COLORS.get(display.lut.lower(), _COLORS["gray"])
    color = display.color_of(channel)
    return _COLORS.get(color, color).upper()
