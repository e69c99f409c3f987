"""`write_ome_zarr`: a recording as OME-Zarr (NGFF), in pieces and in several resolutions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.errors import ExportError
from cloudscope.export.channel_colors import channel_color
from cloudscope.export.writing import needed, new_folder, target_path

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage

__all__ = ["write_ome_zarr"]

_CHUNK_BYTES = 1 << 20
_LONG_LINES = 8192
_WIDE_FRAME = 1024
_BIN_LINES, _BIN_PIXELS = 4, 2
_MOST_LEVELS = 8


def write_ome_zarr(
    image: AcqImage,
    path: str | os.PathLike[str],
    *,
    version: Literal["0.4", "0.5"] = "0.5",
    overwrite: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Path:
    """Write the pixels of a recording as an OME-Zarr image, a folder ``….ome.zarr``.

    Axes are t, c, y, x: of a line scan, t are the lines and y is 1, because OME-Zarr asks for two
    axes in space. Scales are in seconds and micrometres; one that is not known is 1 without a
    unit. Long line scans have coarser levels of averaged lines, large frames of averaged pixels.
    ROIs and experimental metadata go along as attributes under ``cloudscope``.

    Parameters
    ----------
    image : AcqImage
    path : path-like
        A new folder whose name ends in ``.zarr``.
    version : {"0.5", "0.4"}
        Of OME-Zarr: 0.5 stands on Zarr 3, 0.4 on Zarr 2, which older programs read.
    overwrite : bool
        Whether to replace an OME-Zarr that is there already.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    Path
        The folder written.

    Raises
    ------
    ExportError
        If there is something of this name, it cannot be written, or zarr is not installed.
    LoadError
        If the pixels cannot be read.
    AnalysisCancelled
        If `cancel` was set; nothing is left.
    """
    target = target_path(path, [".zarr"])
    if version not in ("0.4", "0.5"):
        raise ExportError(f"version={version!r} is not allowed: give '0.5' or '0.4'")
    zarr = needed("zarr", "zarr", "writing OME-Zarr")
    with new_folder(target, [image], overwrite=overwrite, is_ours=_is_zarr) as folder:
        zarr_format = 3 if version == "0.5" else 2
        group = zarr.open_group(str(folder), mode="w", zarr_format=zarr_format)
        levels = _levels(image)
        arrays = [_array(group, image, name, levels) for name in range(len(levels))]
        total = image.header.channels * image.header.frames
        windows: list[tuple[float, float]] = []
        for channel in range(image.header.channels):
            for frame in range(image.header.frames):
                done = channel * image.header.frames + frame
                plane = image.frame(channel, frame)
                if frame == 0:
                    windows.append(_window(plane))
                for share in _write(arrays, levels, plane, channel, frame, image):
                    checkpoint((done + share) / total, progress, cancel)
        group.attrs.update(_attributes(image, levels, windows, version))
        checkpoint(1.0, progress, cancel)
    return target


def _is_zarr(folder: Path) -> bool:
    """Whether a folder is a Zarr group and holds nothing but its arrays."""
    if not any((folder / name).is_file() for name in ("zarr.json", ".zgroup")):
        return False
    known = {"zarr.json", ".zgroup", ".zattrs", ".zmetadata"}
    return all(entry.name in known or entry.name.isdigit() for entry in folder.iterdir())


def _levels(image: AcqImage) -> list[tuple[int, int]]:
    """Lines (or rows and columns) averaged into one in each level: (rows, columns)."""
    header = image.header
    levels = [(1, 1)]
    if header.kind == "line_scan":
        while header.lines // levels[-1][0] > _LONG_LINES and len(levels) < _MOST_LEVELS:
            levels.append((levels[-1][0] * _BIN_LINES, 1))
    else:
        largest = max(header.lines, header.pixels)
        while largest // levels[-1][0] > _WIDE_FRAME and len(levels) < _MOST_LEVELS:
            levels.append((levels[-1][0] * _BIN_PIXELS,) * 2)
    return levels


def _array(group: Any, image: AcqImage, level: int, levels: list[tuple[int, int]]) -> Any:
    header = image.header
    rows, columns = levels[level]
    lines, pixels = -(-header.lines // rows), -(-header.pixels // columns)
    dtype = image.frame(0).dtype
    if header.kind == "line_scan":
        piece = max(1, min(lines, _CHUNK_BYTES // max(1, pixels * dtype.itemsize)))
        shape, chunks = (lines, header.channels, 1, pixels), (piece, 1, 1, pixels)
    else:
        shape, chunks = (header.frames, header.channels, lines, pixels), (1, 1, lines, pixels)
    third = group.metadata.zarr_format == 3
    names: dict[str, Any] = (
        {"dimension_names": ["t", "c", "y", "x"]}
        if third
        else {"chunk_key_encoding": {"name": "v2", "separator": "/"}}
    )
    return group.create_array(
        name=str(level), shape=shape, chunks=chunks, dtype=dtype, fill_value=0, **names
    )


def _write(
    arrays: list[Any],
    levels: list[tuple[int, int]],
    plane: np.ndarray,
    channel: int,
    frame: int,
    image: AcqImage,
) -> Iterator[float]:
    """Write a plane into every level, piece by piece; the shares that are done."""
    line_scan = image.header.kind == "line_scan"
    for level, ((rows, columns), array) in enumerate(zip(levels, arrays, strict=True)):
        if not line_scan:
            array[frame, channel] = _binned(plane, rows, columns)
            yield (level + 1) / len(levels)
            continue
        piece = array.chunks[0]
        for start in range(0, array.shape[0], piece):
            part = plane[start * rows : (start + piece) * rows]
            array[start : start + piece, channel, 0] = _binned(part, rows, 1)
            yield (level + min(1.0, (start + piece) / array.shape[0])) / len(levels)


def _binned(plane: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Means over `rows` × `columns` pixels; those at the end over what is there."""
    import numpy as np

    if rows == columns == 1:
        return plane
    row_starts = np.arange(0, plane.shape[0], rows)
    column_starts = np.arange(0, plane.shape[1], columns)
    sums = np.add.reduceat(plane.astype(float), row_starts, axis=0)
    sums = np.add.reduceat(sums, column_starts, axis=1)
    heights = np.diff(np.append(row_starts, plane.shape[0]))
    widths = np.diff(np.append(column_starts, plane.shape[1]))
    means = sums / (heights[:, None] * widths[None, :])
    if plane.dtype.kind in "ui":
        means = np.rint(means)
    binned: np.ndarray = means.astype(plane.dtype)
    return binned


def _window(plane: np.ndarray) -> tuple[float, float]:
    import numpy as np

    finite = plane[np.isfinite(plane)] if plane.dtype.kind == "f" else plane
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low, high) if high > low else (low, low + 1.0)


def _attributes(
    image: AcqImage,
    levels: list[tuple[int, int]],
    windows: list[tuple[float, float]],
    version: str,
) -> dict[str, Any]:
    from cloudscope import __version__

    header = image.header
    line_scan = header.kind == "line_scan"
    period_s = header.line_period_s if line_scan else header.frame_period_s
    across_um = None if line_scan else header.row_size_um

    def axis(name: str, kind: str, unit: str | None) -> dict[str, str]:
        return {"name": name, "type": kind} | ({"unit": unit} if unit else {})

    axes = [
        axis("t", "time", None if period_s is None else "second"),
        axis("c", "channel", None),
        axis("y", "space", None if across_um is None else "micrometer"),
        axis("x", "space", None if header.pixel_size_um is None else "micrometer"),
    ]
    steps = [period_s or 1.0, 1.0, across_um or 1.0, header.pixel_size_um or 1.0]
    datasets = []
    for level, (rows, columns) in enumerate(levels):
        bins = [rows, 1, 1, columns] if line_scan else [1, 1, rows, columns]
        scale = [step * count for step, count in zip(steps, bins, strict=True)]
        shift = [step * (count - 1) / 2 for step, count in zip(steps, bins, strict=True)]
        transformations: list[dict[str, Any]] = [{"type": "scale", "scale": scale}]
        if any(shift):
            transformations.append({"type": "translation", "translation": shift})
        datasets.append({"path": str(level), "coordinateTransformations": transformations})
    channels = [
        {
            "label": header.channel_names[channel]
            if channel < len(header.channel_names)
            else f"channel {channel}",
            "color": channel_color(image, channel).removeprefix("#"),
            "active": True,
            "window": {"min": low, "max": high} | _shown(image, channel, low, high),
        }
        for channel, (low, high) in enumerate(windows)
    ]
    multiscale: dict[str, Any] = {
        "name": image.name, "axes": axes, "datasets": datasets, "type": "mean",
    }  # fmt: skip
    omero: dict[str, Any] = {"name": image.name, "channels": channels}
    own = {
        "cloudscope": {
            "software": f"cloudscope {__version__}",
            "kind": header.kind,
            "acquired_at": header.acquired_at,
            "experiment": image.experiment.to_dict(),
            "rois": [roi.to_dict() for roi in image.rois],
        }
    }
    if version == "0.5":
        return {"ome": {"version": "0.5", "multiscales": [multiscale], "omero": omero}} | own
    return {
        "multiscales": [multiscale | {"version": "0.4"}],
        "omero": omero | {"version": "0.4"},
    } | own


def _shown(image: AcqImage, channel: int, low: float, high: float) -> dict[str, float]:
    display = image.display.get(channel)
    start, end = (display.contrast if display and display.contrast else None) or (low, high)
    return {"start": start, "end": end}
