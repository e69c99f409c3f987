"""The planes on show: pixels that the browser may ask for by a key, and what it is told of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.widgets.image_tiles import (
    LEVEL_FACTOR,
    TILE_COLS,
    TILE_ROWS,
    PackedTile,
    PlaneStatistics,
    TileId,
    TilePyramid,
    packed,
    plane_statistics,
)

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.widgets.viewer_axes import ViewerAxes

__all__ = ["ShownPlane", "ShownPlanes", "plane_description"]


@dataclass(frozen=True, eq=False)
class ShownPlane:
    """Pixels that the browser may ask for.

    Attributes
    ----------
    key : int
        Of these pixels and no others: the browser keeps what it has under a key.
    pyramid : TilePyramid
    statistics : PlaneStatistics
    """

    key: int
    pyramid: TilePyramid
    statistics: PlaneStatistics

    def brightness(self) -> dict[str, Any]:
        """What contrast is chosen from, as plain values."""
        statistics = self.statistics
        return {
            "key": self.key,
            "whole": self.pyramid.plane.dtype.kind in "bui",
            "range": [statistics.minimum, statistics.maximum],
            "auto": [statistics.auto_low, statistics.auto_high],
        }

    def histogram(self) -> dict[str, Any]:
        """Counts by brightness, as plain values."""
        return {
            "histogram": list(self.statistics.counts),
            "bin_width": self.statistics.bin_width,
        }


class ShownPlanes:
    """Planes by key. A plane shown again gets the key it had, so nothing is sent twice."""

    def __init__(self) -> None:
        self.generation = 0
        """Of another recording, or of the same one with other axes: no key means the same."""

        self._next_key = 1
        self._keys: dict[Hashable, int] = {}
        self._statistics: dict[Hashable, PlaneStatistics] = {}
        self._shown: dict[Hashable, ShownPlane] = {}

    def forget(self) -> None:
        """Begin a new generation."""
        self.generation += 1
        self._keys.clear()
        self._statistics.clear()
        self._shown.clear()

    def show(
        self, image: AcqImage | None, channels: Iterable[int], frame: int
    ) -> dict[int, ShownPlane]:
        """Show these channels of a frame and no others; planes by channel.

        Raises
        ------
        LoadError
            If the pixels cannot be read; then nothing is shown.
        """
        before, self._shown = self._shown, {}
        found: dict[int, ShownPlane] = {}
        for channel in channels if image is not None else ():
            assert image is not None
            pixels = image.frame(channel, frame)
            name = (channel, frame)
            known = before.get(name)
            if known is None or known.pyramid.plane is not pixels:
                # of the first frame looked at: a film that flickers cannot be judged
                if channel not in self._statistics:
                    self._statistics[channel] = plane_statistics(pixels)
                known = self._plane(name, TilePyramid(pixels), self._statistics[channel])
            found[channel] = known
            self._shown[name] = known
        return found

    def add(self, name: Hashable, pyramid: TilePyramid, statistics: PlaneStatistics) -> ShownPlane:
        """Show pixels that are no channel of the file, until `show` or `drop` ends it."""
        shown = self._shown[name] = self._plane(name, pyramid, statistics)
        return shown

    def drop(self, name: Hashable) -> None:
        """Show something no longer."""
        self._shown.pop(name, None)

    def tile(self, key: int, tile: TileId) -> PackedTile | None:
        """Pixels of a tile; ``None`` if the plane is no longer shown."""
        plane = self._of(key)
        if plane is None:
            return None
        # float32 holds whole numbers of more than 24 bits no better than packed ones
        whole = plane.pyramid.plane.dtype.kind in "bui"
        return packed(plane.pyramid.tile(tile), whole=whole)

    def value(self, key: int, row: int, col: int) -> float | None:
        """The very pixel; ``None`` without a value, or if the plane is no longer shown."""
        plane = self._of(key)
        if plane is None:
            return None
        value = float(plane.pyramid.plane[row : row + 1, col : col + 1].item())
        return value if np.isfinite(value) else None

    def _of(self, key: int) -> ShownPlane | None:
        return next((plane for plane in self._shown.values() if plane.key == key), None)

    def _plane(
        self, name: Hashable, pyramid: TilePyramid, statistics: PlaneStatistics
    ) -> ShownPlane:
        if name not in self._keys:
            self._keys[name] = self._next_key
            self._next_key += 1
        return ShownPlane(self._keys[name], pyramid, statistics)


def plane_description(
    generation: int, axes: ViewerAxes, image: AcqImage | None, plane: ShownPlane | None
) -> dict[str, Any]:
    """What the browser is told of the recording and the channel chosen; plain values.

    Parameters
    ----------
    generation : int
    axes : ViewerAxes
    image : AcqImage or None
    plane : ShownPlane or None
        Without pixels only name and axes are told.
    """
    described = axes.to_dict() | {
        "key": 0,
        "generation": generation,
        "name": "" if image is None else image.name,
    }
    if image is None or plane is None:
        return described
    header, pyramid = image.header, plane.pyramid
    return (
        described
        | {
            "lines": header.lines,
            "pixels": header.pixels,
            "channels": [header.channel_title(c) for c in range(header.channels)],
            "frames": header.frames,
            "row_levels": pyramid.row_levels,
            "col_levels": pyramid.col_levels,
            "tile_rows": TILE_ROWS,
            "tile_cols": TILE_COLS,
            "factor": LEVEL_FACTOR,
        }
        | plane.brightness()
        | plane.histogram()
    )
