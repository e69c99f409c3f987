"""Zeiss ``.czi``: scale from its XML, times from its list of time stamps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, or_warn, unique_axes
from cloudscope.loaders.sizes import cut_short
from cloudscope.loaders.units import length_um, time_s
from cloudscope.loaders.zeiss_optics import czi_bidirectional, czi_optics
from cloudscope.optics import Optics

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

__all__ = ["ZeissLoader"]

_IN_A_PLANE = "YXS"
# headers of a segment and of its piece
_BEFORE_PIXELS = 288
_OLE_DAY_0 = datetime(1899, 12, 30)


class ZeissLoader(ReaderLoader):
    """Reads the scenes of a ``.czi`` at full resolution, each a recording of its own."""

    name = "zeiss"
    title = "Zeiss CZI"
    suffixes: tuple[str, ...] = (".czi",)
    reader = "czifile"
    least = "2026.10.14"
    extra = "czi"
    python = (3, 12)

    def recognises(self, path: Path) -> bool:
        """Whether the file begins with a CZI segment."""
        with path.open("rb") as file:
            return file.read(10) == b"ZISRAWFILE"

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with reader.CziFile(path) as file:
            number = 0 if image is None else image
            scene = _scene(path, file, number)
            _refuse_missing_pieces(path, scene)
            sizes = dict(scene.sizes)
            warnings: list[str] = []
            root = or_warn(lambda: file.xml_element, None, "CZI metadata", warnings)
            x, y, z = (_scale(root, axis) for axis in "XYZ")
            return Stored(
                axes=unique_axes(tuple(sizes)),
                shape=tuple(sizes.values()),
                dtype=scene.dtype.str,
                facts=FileFacts(
                    format=self.title,
                    both_axes_are_space=x is not None and y is not None,
                    x=x,
                    y=y,
                    z=z,
                    time=_time(file, sizes.get("T", 1), _begun(root)),
                    channel_names=_channel_names(root),
                    bit_depth=_bits(root),
                    acquired_at=_begun(root),
                    bidirectional=czi_bidirectional(root),
                    optics=or_warn(lambda: czi_optics(root), Optics(), "CZI instrument", warnings),
                    raw=bounded_text(_texts(root)),
                    warnings=tuple(warnings),
                ),
                line_time=_line_time(root),
                image=number,
                image_names=_scene_names(file, root),
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with reader.CziFile(path) as file:
            _scene(path, file, 0)
            root = or_warn(lambda: file.xml_element, None, "CZI metadata", [])
            return _scene_names(file, root)

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, int]
    ) -> NDArray[Any]:
        import numpy as np

        with reader.CziFile(path) as file:
            scene = _scene(path, file, image)
            names = dict(zip(unique_axes(tuple(scene.dims)), scene.dims, strict=True))
            first = dict(zip(scene.dims, scene.start, strict=True))
            outer = {
                names[axis]: first[names[axis]] + place
                for axis, place in selection.items()
                if axis not in _IN_A_PLANE
            }
            pixels: NDArray[Any] = np.asarray(scene(**outer).asarray(maxworkers=1))
            left = [axis for axis in names if axis not in selection or axis in _IN_A_PLANE]
            return pixels[tuple(selection.get(axis, slice(None)) for axis in left)]


def _scene(path: Path, file: Any, number: int) -> Any:
    if not file.scenes:
        raise LoadError(path, "it holds no images")
    refuse_image(path, number, len(file.scenes))
    return list(file.scenes.values())[number]


def _scene_names(file: Any, root: Element | None) -> tuple[str, ...]:
    """Names of the scenes in the order of their numbers, as the software shows them."""
    numbers = list(file.scenes)
    if len(numbers) < 2:
        return ("",)
    named = (
        {}
        if root is None
        else {
            scene.get("Index", ""): (scene.get("Name") or "").strip()
            for scene in root.iterfind(".//Information/Image/Dimensions/S/Scenes/Scene")
        }
    )
    return unique_names(named.get(str(n)) or f"scene {n + 1}" for n in numbers)


def _refuse_missing_pieces(path: Path, image: Any) -> None:
    """Raise where pieces lie beyond the file or were never written: they would read as zeros."""
    size = path.stat().st_size
    places: dict[tuple[int, ...], int] = {}
    for entry in image.directory_entries:
        stored = 0 if entry.compression else prod(entry.stored_shape) * image.dtype.itemsize
        needed = entry.file_position + _BEFORE_PIXELS + stored
        if needed > size:
            raise LoadError(path, cut_short(needed, size))
        dims = [i for i, axis in enumerate(entry.dims) if axis not in _IN_A_PLANE]
        places[tuple(entry.start[i] for i in dims)] = prod(entry.shape[i] for i in dims)
    declared = prod(n for axis, n in image.sizes.items() if axis not in _IN_A_PLANE)
    there = sum(places.values())
    if there < declared:
        raise LoadError(path, f"the file is cut short: {there} of {declared} images are there")


def _channel_names(root: Element | None) -> tuple[str, ...]:
    """Name of each channel, or its dye."""
    where = ".//Information/Image/Dimensions/Channels/Channel"
    channels = [] if root is None else root.findall(where)
    return tuple((c.get("Name") or c.findtext("Fluor") or "").strip() for c in channels)


def _scale(root: Element | None, axis: str) -> Step | None:
    found = None if root is None else root.find(f".//Scaling/Items/Distance[@Id='{axis}']/Value")
    value = None if found is None else length_um(found.text, "m")
    return None if value is None else Step(value, f"CZI Scaling Distance {axis}")


def _time(file: Any, count: int, begun: str | None) -> Step | None:
    """Step along T from the time stamps, which have one entry for each."""
    stamps = file.timestamps
    if count < 2 or stamps is None or len(stamps) != count:
        return None
    step = (float(stamps[-1]) - float(stamps[0])) / (count - 1)
    # some software counts days since 1899 instead of seconds: the date of the recording tells
    if begun is not None and 0 < stamps[0] < 100_000:
        date = datetime.fromisoformat(begun).replace(tzinfo=None)
        if abs(_OLE_DAY_0 + timedelta(days=float(stamps[0])) - date) < timedelta(days=2):
            step *= 86_400
    value = time_s(step, "s")
    return None if value is None else Step(value, "CZI TimeStamps, last minus first")


def _line_time(root: Element | None) -> Step | None:
    found = None if root is None else root.findtext(".//LaserScanInfo/LineTime")
    value = time_s(found, "s")
    return None if value is None else Step(value, "CZI LaserScanInfo LineTime")


def _bits(root: Element | None) -> int | None:
    text = None if root is None else root.findtext(".//Information/Image/ComponentBitCount")
    return int(text) if text and text.isdigit() and int(text) else None


def _begun(root: Element | None) -> str | None:
    """Start to the millisecond, with its time zone where the file gives one."""
    text = None if root is None else root.findtext(".//AcquisitionDateAndTime")
    try:
        begun = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (
        begun.isoformat(timespec="milliseconds").replace("+00:00", "Z") if begun.year > 1 else None
    )


def _texts(root: Element | None) -> Iterator[tuple[str, object]]:
    """What was measured first, then how the experiment was set up."""
    metadata = None if root is None else root.find("./Metadata")
    if metadata is None:
        return
    last = ("Experiment", "HardwareSetting", "DisplaySetting", "CustomAttributes")
    sections = sorted(metadata, key=lambda section: section.tag in last)
    stack = [(f"Zeiss/{section.tag}", section) for section in reversed(sections)]
    seen: dict[str, int] = {}
    while stack:
        place, at = stack.pop()
        seen[place] = seen.get(place, 0) + 1
        if seen[place] > 1:
            place = f"{place} {seen[place]}"
        for key, value in at.attrib.items():
            yield f"{place}/{key}", value
        if at.text and at.text.strip():
            yield place, at.text
        stack += [(f"{place}/{child.tag}", child) for child in reversed(at)]
