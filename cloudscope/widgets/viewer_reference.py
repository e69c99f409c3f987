"""The frame on which the scan line was drawn, for the viewer: a small picture and the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.display import COLORS
from cloudscope.errors import CloudscopeError
from cloudscope.veil import hide_names
from cloudscope.widgets.image_tiles import plane_statistics
from cloudscope.widgets.thumbnail import Layer, thumbnail_png

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.loaders.reference import ReferenceImage

__all__ = ["may_have_reference", "reference_of"]

_MOST_PX = 512


def may_have_reference(image: AcqImage | None) -> bool:
    """Whether files of this kind can hold one; nothing is read."""
    if image is None or image.path is None:
        return False
    from cloudscope.loaders.registry import ReadsReferences, loader_for

    try:
        return isinstance(loader_for(image.path), ReadsReferences)
    except CloudscopeError:  # the file is gone; what shows its pixels says so
        return False


def reference_of(image: AcqImage) -> dict[str, Any]:
    """What the browser shows of the reference image, or why there is none; plain values."""
    try:
        reference = image.reference_image()
    except CloudscopeError as error:
        return {"problem": hide_names(str(error))}
    if reference is None:
        return {"problem": f"{image.name} holds no reference image."}
    return {
        "png": _picture(reference),
        "rows": reference.rows,
        "columns": reference.columns,
        "pixel_size_um": reference.pixel_size_um,
        "line": [list(point) for point in reference.scan_line],
        "length_um": reference.scan_line_length_um,
        "source": reference.source,
    }


def _picture(reference: ReferenceImage) -> bytes:
    """All its channels, no larger than a screen shows them."""
    several = reference.channels > 1
    layers = []
    for channel, pixels in enumerate(np.asarray(reference.pixels)):
        statistics = plane_statistics(pixels)
        color = COLORS[channel % len(COLORS)] if several else "gray"
        layers.append(Layer(pixels, (statistics.auto_low, statistics.auto_high), 1.0, color))
    share = min(1.0, _MOST_PX / max(reference.rows, reference.columns))
    return thumbnail_png(
        layers,
        bounds=(0, reference.rows, 0, reference.columns),
        line_scan=False,
        width=max(1, round(reference.columns * share)),
        height=max(1, round(reference.rows * share)),
    )
