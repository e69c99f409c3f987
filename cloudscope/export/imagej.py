"""`write_imagej_tiff`: a recording with scales, colours and ROIs as ImageJ and Fiji open it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.errors import ExportError
from cloudscope.export.channel_colors import channel_color
from cloudscope.export.writing import new_file, target_path

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage

__all__ = ["write_imagej_tiff"]

_MOST_BYTES = (1 << 32) - (1 << 25)
_EXACT_IN_FLOAT = 1 << 24


def write_imagej_tiff(
    image: AcqImage,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write the pixels of a recording as a TIFF with ImageJ's metadata.

    Rows are lines in time, whatever their order in the source: the unit of y is seconds and that
    of x micrometres, so that ImageJ measures both. Channels have the colours and the contrast
    they are shown with; ROIs are the overlay. 8- and 16-bit pixels stay as they are; others
    become 32-bit floating point, the only other type that ImageJ has.

    Parameters
    ----------
    image : AcqImage
    path : path-like
        A new file, ``.tif`` or ``.tiff``.
    overwrite : bool
        Whether to replace a file that is there already.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    ExportError
        If there is a file already, it cannot be written, or the pixels do not fit into the
        format.
    LoadError
        If the pixels cannot be read.
    AnalysisCancelled
        If `cancel` was set; nothing is left.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from cloudscope.acq_image import AcqImage
    >>> image = AcqImage.from_array(np.ones((99, 9), "u2"), line_period_s=0.001, pixel_size_um=0.5)
    >>> path = write_imagej_tiff(image, tempfile.mkdtemp() + "/a.tif")
    >>> AcqImage(path).header.line_period_s
    0.001
    """
    import tifffile

    target = target_path(path, [".tif", ".tiff"])
    header = image.header
    dtype = _dtype(image)
    line_scan = header.kind == "line_scan"
    sizes = {"T": header.frames, "C": header.channels, "Y": header.lines, "X": header.pixels}
    if line_scan:
        del sizes["T"]
    shape = tuple(sizes.values())
    if prod(shape) * dtype.itemsize > _MOST_BYTES:
        raise ExportError(
            f"{image.name} has more than the 4 GB of pixels that an ImageJ TIFF can hold: write "
            "OME-Zarr instead"
        )
    total = header.channels * header.frames

    def planes() -> Iterator[np.ndarray]:
        for frame in range(header.frames):
            for channel in range(header.channels):
                checkpoint((frame * header.channels + channel) / total, progress, cancel)
                yield _exactly(image, image.frame(channel, frame), dtype)

    with new_file(target, [image], overwrite=overwrite) as temporary:
        tifffile.imwrite(
            temporary,
            planes(),
            shape=shape,
            dtype=dtype,
            imagej=True,
            photometric="minisblack",
            resolution=_resolution(image),
            metadata=_metadata(image, "".join(sizes)),
        )
        checkpoint(1.0, progress, cancel)
    return target


def _dtype(image: AcqImage) -> np.dtype[Any]:
    import numpy as np

    dtype = np.dtype(image.header.dtype or image.frame(0).dtype)
    return dtype if dtype in (np.uint8, np.uint16) else np.dtype(np.float32)


def _exactly(image: AcqImage, plane: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    if plane.dtype.kind in "iu" and plane.dtype.itemsize > 2 and dtype.kind == "f":
        largest = max(abs(int(plane.min())), abs(int(plane.max())))
        if largest > _EXACT_IN_FLOAT:
            raise ExportError(
                f"{image.name} has pixels up to {largest:,}, which the floating point of an "
                "ImageJ TIFF cannot hold exactly: write OME-Zarr instead"
            )
    return plane.astype(dtype, copy=False)


def _resolution(image: AcqImage) -> tuple[float, float] | None:
    header = image.header
    down = header.line_period_s if header.kind == "line_scan" else header.row_size_um
    across = header.pixel_size_um
    if across is None and down is None:
        return None
    return (1.0 / across if across else 1.0, 1.0 / down if down else 1.0)


def _metadata(image: AcqImage, axes: str) -> dict[str, Any]:
    import numpy as np

    from cloudscope.roi_exchange import imagej_overlays

    header = image.header
    line_scan = header.kind == "line_scan"
    metadata: dict[str, Any] = {"axes": axes}
    if header.pixel_size_um is not None:
        metadata["unit"] = "um"
    elif line_scan and header.line_period_s is not None:
        metadata["unit"] = "pixel"
    if line_scan and header.line_period_s is not None:
        metadata |= {"yunit": "sec", "finterval": header.line_period_s}
    elif not line_scan:
        if header.row_size_um is None and header.pixel_size_um is not None:
            metadata["yunit"] = "pixel"
        if header.frame_period_s is not None:
            metadata["finterval"] = header.frame_period_s
    titles = [header.channel_title(channel) for channel in range(header.channels)]
    metadata["Labels"] = titles * header.frames
    ramp = np.arange(256, dtype=float)[None, :] / 255.0
    tables: list[np.ndarray] = []
    ranges: list[float] = []
    for channel in range(header.channels):
        color = channel_color(image, channel).removeprefix("#")
        ends = np.array([int(color[place : place + 2], 16) for place in (0, 2, 4)])
        tables.append(np.rint(ends[:, None] * ramp).astype(np.uint8))
        display = image.display.get(channel)
        plane = image.frame(channel, 0)
        shown = display.contrast if display and display.contrast else None
        ranges += shown or (float(np.nanmin(plane)), float(np.nanmax(plane)))
    metadata |= {"LUTs": tables, "Ranges": tuple(ranges), "min": ranges[0], "max": ranges[1]}
    metadata["mode"] = "composite" if header.channels > 1 else "grayscale"
    if image.rois:
        metadata["Overlays"] = imagej_overlays(image.rois)
    metadata["Info"] = _info(image)
    return metadata


def _info(image: AcqImage) -> str:
    from cloudscope import __version__

    header = image.header
    known = [(name, value) for name, value in image.experiment if value not in ("", None)]
    lines = [("source", image.name), ("written by", f"cloudscope {__version__}")]
    lines += [("acquired", header.acquired_at)] if header.acquired_at else []
    pairs = [*lines, *known, *image.experiment.extra.items()]
    # one line a pair, as ImageJ's "Show Info" has them
    return "\n".join(f"{name}: {' '.join(str(value).split())}" for name, value in pairs) + "\n"
