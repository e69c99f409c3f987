"""The overview frame in Olympus files, and the line that was drawn on it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.reference import ReferenceImage, ScanLine
from cloudscope.loaders.sizes import problem_with_size
from cloudscope.loaders.units import length_um

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decoded", "is_reference", "oif_reference", "oir_reference"]

_REFERENCE = re.compile(r"[-_]?R\d{3}\.tiff?$", re.IGNORECASE)
_LINES = {"3": "line", "4": "polyline", "10": "free line"}
"""Shapes of FluoView that are a path; the others are areas and marks."""
_MOST_PIXELS = 1 << 26


def is_reference(name: str) -> bool:
    """Whether a file of an OIF is a reference frame, not a plane of the recording.

    Examples
    --------
    >>> is_reference("s_C001-R001.tif"), is_reference("s_C001T002.tif")
    (True, False)
    """
    return _REFERENCE.search(name) is not None


def oir_reference(file: Any) -> ReferenceImage | None:
    """Of an open OIR."""
    import numpy as np

    found = file.reference
    if found is None or not 0 < found.size <= _MOST_PIXELS:
        return None
    size = length_um(found.coord_scales.get("X"), "um")
    line: ScanLine = ()
    if found.line_roi is not None:
        x1, y1, x2, y2 = found.line_roi
        line = ((x1, y1), (x2, y2))
    names = found.coords.get("C")
    return ReferenceImage(
        pixels=np.asarray(found.asarray()),
        pixel_size_um=size,
        scan_line=line,
        channel_names=() if names is None else tuple(str(name) for name in names),
        source="OIR reference image" + (", coordinates of its region" if line else ""),
    )


def decoded(path: Path, file: Any, name: str) -> NDArray[Any]:
    """A TIFF of an OIF; one that declares more than it can hold is refused before it is decoded."""
    import tifffile

    with file.open_file(name) as handle, tifffile.TiffFile(handle, name=name) as tif:
        series = tif.series[0]
        problem = problem_with_size(series.nbytes, tif.filehandle.size)
        if problem:
            raise LoadError(path, f"{PurePosixPath(name).name}: {problem}")
        pixels: NDArray[Any] = series.asarray()
        return pixels


def oif_reference(path: Path, file: Any, settings_file: Any) -> ReferenceImage | None:
    """Of an open OIF or OIB.

    Parameters
    ----------
    path : Path
    file : oiffile.OifFile
    settings_file : callable
        `oiffile.SettingsFile`, which reads the settings beside the pixels.
    """
    import numpy as np

    names = sorted(name for name in file.filesystem.files() if is_reference(name))
    if not names:
        return None
    planes = [decoded(path, file, name) for name in names]
    if any(plane.ndim != 2 or plane.shape != planes[0].shape for plane in planes):
        planes, names = planes[:1], names[:1]
    if planes[0].ndim != 2 or not 0 < planes[0].size <= _MOST_PIXELS:
        return None
    settings = _settings(file, settings_file, str(PurePosixPath(names[0]).with_suffix(".pty")))
    image = _section(settings, "Image Parameters")
    width = length_um(image.get("WidthConvertValue"), str(image.get("WidthUnit", "")))
    line, where = _line(file, settings_file, settings)
    return ReferenceImage(
        pixels=np.stack(planes),
        pixel_size_um=width,
        scan_line=line,
        source=", ".join([PurePosixPath(names[0]).name, *([where] if where else [])]),
    )


def _settings(file: Any, settings_file: Any, name: str) -> Mapping[str, Any]:
    if name not in file.filesystem.files():
        return {}
    with file.open_file(name) as handle:
        found: Mapping[str, Any] = settings_file(handle, name)
        return found


def _section(settings: Mapping[str, Any], name: str) -> dict[str, Any]:
    return dict(settings.get(name) or {})


def _line(file: Any, settings_file: Any, settings: Mapping[str, Any]) -> tuple[ScanLine, str]:
    """The line in the file of ROIs that the frame names, or in the only one that has a line."""
    regions = [name for name in file.filesystem.files() if name.lower().endswith(".roi")]
    named = str(_section(settings, "ROI Parameter").get("ROIFileName") or "")
    chosen = [name for name in regions if named and named in PurePosixPath(name).stem] or regions
    found = [
        (line, PurePosixPath(name).name)
        for name in chosen
        for line in _lines(_settings(file, settings_file, name))
    ]
    # of two lines nobody can say which one was scanned
    return found[0] if len(found) == 1 else ((), "")


def _lines(settings: Mapping[str, Any]) -> Iterator[ScanLine]:
    for name in settings:
        values = {str(key).upper(): value for key, value in _section(settings, name).items()}
        if str(values.get("SHAPE", "")) not in _LINES:
            continue
        xs, ys = (_numbers(values.get(axis)) for axis in "XY")
        if len(xs) == len(ys) >= 2:
            yield tuple(zip(xs, ys, strict=True))


def _numbers(value: object) -> list[float]:
    return [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", str(value or ""))]
