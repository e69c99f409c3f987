"""Olympus ``.oir`` (FVMPE-RS, FV3000 …): steps as the reader finds them in its XML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.olympus_optics import oir_optics
from cloudscope.loaders.olympus_reference import oir_reference
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, unique_axes
from cloudscope.loaders.reference import ReferenceImage
from cloudscope.loaders.units import length_um, time_s
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OlympusOirLoader"]


class OlympusOirLoader(ReaderLoader):
    """Reads ``.oir``, with the files in which a long recording goes on."""

    name = "olympus_oir"
    title = "Olympus OIR"
    suffixes: tuple[str, ...] = (".oir",)
    reader = "oirfile"
    least = "2026.10.22"
    extra = "oir"
    python = (3, 12)
    reads_whole = True

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as an OIR does."""
        with path.open("rb") as file:
            return file.read(16) == b"OLYMPUSRAWFORMAT"

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with reader.OirFile(path) as file:
            if not file.sizes:
                raise LoadError(path, "it holds no images")
            space = {axis: _length(file, axis) for axis in "XYZ"}
            lines = file.is_linescan
            return Stored(
                axes=unique_axes(tuple(file.dims)),
                shape=tuple(file.shape),
                dtype=file.dtype.str,
                facts=FileFacts(
                    format=self.title,
                    both_axes_are_space=bool(space["X"] and space["Y"]),
                    x=space["X"],
                    y=space["Y"],
                    z=space["Z"],
                    time=_time(file, lines),
                    channel_names=_channel_names(file),
                    bit_depth=file.bitspersample or None,
                    acquired_at=file.datetime,
                    bidirectional=None if file.scanner is None else bool(file.scanner.roundtrip),
                    optics=oir_optics(file),
                    raw=bounded_text(_texts(file)),
                ),
            )

    def read_reference(self, path: Path, header: ImageHeader) -> ReferenceImage | None:
        """The overview frame and the line drawn on it."""
        reader = self.needed_reader(path)
        with (
            one_error(path, "reading its reference image", self.reader),
            reader.OirFile(path) as file,
        ):
            return oir_reference(file)

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, int]
    ) -> NDArray[Any]:
        with reader.OirFile(path) as file:
            axes = unique_axes(tuple(file.dims))
            part: NDArray[Any] = file.asarray()[
                tuple(selection.get(axis, slice(None)) for axis in axes)
            ]
            return part


def _length(file: Any, axis: str) -> Step | None:
    value = length_um(file.coord_scales.get(axis), "um")
    return None if value is None else Step(value, f"OIR pixel length {axis}")


def _time(file: Any, lines: bool) -> Step | None:
    """Line period of a line scan, else the measured time from frame to frame."""
    if lines:
        value = time_s(file.coord_scales.get("T"), "s")
        return None if value is None else Step(value, "OIR scannerSettings seriesInterval")
    sizes = dict(file.sizes)
    count, planes = sizes.get("T", 1), sizes.get("L", 1) * sizes.get("Z", 1)
    # the reader's own T axis may be the planned one, whose unit is not certain
    times = file.timestamps if count > 1 else None
    if times is None or len(times) != count * planes:
        return None
    value = time_s((float(times[-planes]) - float(times[0])) / (count - 1), "s")
    return None if value is None else Step(value, "OIR frame positions, last minus first")


def _channel_names(file: Any) -> tuple[str, ...]:
    names = file.coords.get("C", file.coords.get("S"))
    if names is not None:
        return tuple(str(name) for name in names)
    return tuple(str(channel.name) for channel in file.channels)


def _texts(file: Any) -> Iterator[tuple[str, object]]:
    """Leaves of the XML of the acquisition, the same ones once."""
    from xml.etree import ElementTree

    for kind, documents in file.xml_metadata.items():
        # one a plane, all alike
        for document in documents[:1]:
            try:
                root = ElementTree.fromstring(document)
            except ElementTree.ParseError:
                continue
            stack = [(f"Olympus/{getattr(kind, 'name', kind)}", root)]
            while stack:
                place, at = stack.pop()
                if at.text and at.text.strip():
                    yield place, at.text
                for key, value in at.attrib.items():
                    yield f"{place}/{key.rpartition('}')[2]}", value
                stack += [(f"{place}/{c.tag.rpartition('}')[2]}", c) for c in reversed(at)]
