"""What the browser is told of the plane on show: axes, size, levels of tiles, brightness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscope.widgets.image_tiles import LEVEL_FACTOR, TILE_COLS, TILE_ROWS

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.widgets.image_tiles import PlaneStatistics, TilePyramid
    from cloudscope.widgets.viewer_axes import ViewerAxes

__all__ = ["plane_description"]


def plane_description(
    key: int,
    axes: ViewerAxes,
    image: AcqImage | None,
    pyramid: TilePyramid | None,
    statistics: PlaneStatistics | None,
) -> dict[str, Any]:
    """Plain values for the browser; without pixels only name and axes.

    Parameters
    ----------
    key : int
        Tells requests for this plane from those for another.
    axes : ViewerAxes
    image : AcqImage or None
    pyramid : TilePyramid or None
    statistics : PlaneStatistics or None
    """
    described = axes.to_dict() | {"key": key, "name": "" if image is None else image.name}
    if image is None or pyramid is None or statistics is None:
        return described
    header = image.header
    return described | {
        "lines": header.lines,
        "pixels": header.pixels,
        "channels": [header.channel_title(c) for c in range(header.channels)],
        "frames": header.frames,
        "row_levels": pyramid.row_levels,
        "col_levels": pyramid.col_levels,
        "tile_rows": TILE_ROWS,
        "tile_cols": TILE_COLS,
        "factor": LEVEL_FACTOR,
        "whole": pyramid.plane.dtype.kind in "bui",
        "range": [statistics.minimum, statistics.maximum],
        "auto": [statistics.auto_low, statistics.auto_high],
        "histogram": list(statistics.counts),
        "bin_width": statistics.bin_width,
    }
