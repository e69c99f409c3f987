"""Leica ``.lif``: steps from the dimensions of its XML, line time from the scan settings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders import leica_optics
from cloudscope.loaders.axes import NoPlane, lay_out
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, unique_axes
from cloudscope.loaders.sizes import cut_short
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from numpy.typing import NDArray

__all__ = ["LeicaLoader"]


class LeicaLoader(ReaderLoader):
    """Reads the images of a ``.lif``, each a recording of its own."""

    name = "leica"
    title = "Leica LIF"
    suffixes: tuple[str, ...] = (".lif",)
    reader = "liffile"
    least = "2026.2.16"
    extra = "lif"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins with a LIF block."""
        with path.open("rb") as file:
            start = file.read(9)
        return start[:4] == b"\x70\0\0\0" and start[8:] == b"\x2a"

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with reader.LifFile(path) as file:
            images = _images(path, file)
            number = _first_line_scan(images) if image is None else image
            refuse_image(path, number, len(images))
            chosen = images[number]
            return Stored(
                axes=unique_axes(chosen.dims),
                shape=tuple(chosen.shape),
                dtype=chosen.dtype.str,
                facts=_facts(chosen),
                offset=_offset(path, chosen),
                line_time=_line_time(chosen.xml_element),
                image=number,
                image_names=_names(images),
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with reader.LifFile(path) as file:
            return _names(_images(path, file))

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, int]
    ) -> NDArray[Any]:
        with reader.LifFile(path) as file:
            chosen = _images(path, file)[image]
            index = tuple(
                selection.get(axis, slice(None)) for axis in unique_axes(tuple(chosen.dims))
            )
            part: NDArray[Any] = chosen.asarray()[index]
            return part


def _images(path: Path, file: Any) -> list[Any]:
    _rename_twins(file.xml_element)
    images = [image for image in file.images if not image.is_flim]
    if not images:
        raise LoadError(path, "it holds no images")
    return images


def _rename_twins(root: Element) -> None:
    """Give images of the same name in the same folder names of their own.

    The reader keeps images by their path, and would keep only the last of them.
    """
    for parent in root.iter():
        seen: set[str] = set()
        for child in parent.findall("Element"):
            name, count = child.get("Name", ""), 1
            unique = name
            while unique in seen:
                count += 1
                unique = f"{name} ({count})"
            seen.add(unique)
            child.set("Name", unique)


def _names(images: list[Any]) -> tuple[str, ...]:
    """Names of the images, with the folders of the project they lie in."""
    return ("",) if len(images) == 1 else unique_names(str(image.path) for image in images)


def _first_line_scan(images: list[Any]) -> int:
    """The image that people mean; the first where there is no line scan."""
    for number, image in enumerate(images):
        try:
            layout = lay_out(unique_axes(image.dims), tuple(image.shape), _facts(image))
        except NoPlane:
            continue
        if layout.kind == "line_scan":
            return number
    return 0


def _offset(path: Path, image: Any) -> int | None:
    """First byte of the image where it lies in the file as its shape says."""
    try:
        block = image.memory_block
    except KeyError as error:
        raise LoadError(
            path, f"the file is cut short: the pixels of its image {image.name!r} are missing"
        ) from error
    nbytes = math.prod(image.shape) * image.dtype.itemsize
    if nbytes > block.size:
        raise LoadError(path, cut_short(nbytes, block.size))
    # colours may be stored the other way round, and rows may be padded
    return int(block.offset) if nbytes == block.size and "S" not in image.dims else None


def _facts(image: Any) -> FileFacts:
    element = image.xml_element
    steps = _steps(element)
    x, y = steps.get("X"), steps.get("Y")
    return FileFacts(
        format=LeicaLoader.title,
        # a line scan has a T axis and no Y
        scan="frames" if x and y else None,
        x=x,
        y=y,
        z=steps.get("Z"),
        time=steps.get("T"),
        channel_names=_channel_names(element),
        bit_depth=_bits(element),
        acquired_at=_begun(image),
        bidirectional=leica_optics.bidirectional(element),
        optics=leica_optics.optics(element),
        raw=bounded_text(_texts(str(image.path), element)),
    )


def _steps(element: Element) -> dict[str, Step]:
    """Steps along the axes that have a length or a duration."""
    steps = {}
    letters = {"1": "X", "2": "Y", "3": "Z", "4": "T"}
    dimensions = "./Data/Image/ImageDescription/Dimensions/DimensionDescription"
    for dimension in element.iterfind(dimensions):
        letter = letters.get(dimension.get("DimID", ""), "")
        count = int(dimension.get("NumberOfElements", "0"))
        if not letter or count < 2:
            continue
        # Length reaches from the first element to the last
        distance = abs(float(dimension.get("Length", "nan"))) / (count - 1)
        unit = dimension.get("Unit", "")
        value = time_s(distance, unit) if letter == "T" else length_um(distance, unit)
        if value is not None:
            steps[letter] = Step(value, f"LIF DimensionDescription {letter}, Length ÷ steps")
    return steps


def _line_time(element: Element) -> Step | None:
    for settings in element.iter("ATLConfocalSettingDefinition"):
        value = time_s(settings.get("LineTime"), "s")
        if value is not None:
            return Step(value, "LIF ATLConfocalSettingDefinition LineTime")
    return None


def _channels(element: Element) -> list[Element]:
    found = element.findall("./Data/Image/ImageDescription/Channels/ChannelDescription")
    return sorted(found, key=lambda channel: int(channel.get("BytesInc", "0")))


def _channel_names(element: Element) -> tuple[str, ...]:
    """Dye of each channel, or the colour it is shown in."""
    names = []
    for channel in _channels(element):
        keys = [key.text for key in channel.iterfind("./ChannelProperty/Key")]
        values = [value.text for value in channel.iterfind("./ChannelProperty/Value")]
        dye = dict(zip(keys, values, strict=False)).get("DyeName")
        names.append((dye or channel.get("LUTName") or "").strip())
    return tuple(names)


def _bits(element: Element) -> int | None:
    bits = {int(channel.get("Resolution", "0")) for channel in _channels(element)}
    return bits.pop() if len(bits) == 1 else None


def _begun(image: Any) -> str | None:
    stamps = image.timestamps
    # Leica's clock is that of Windows files: universal time
    return None if stamps is None or not len(stamps) else f"{stamps[0]}Z"


def _texts(name: str, element: Element) -> Iterator[tuple[str, object]]:
    yield "Leica/Image", name
    # the settings of the scan come first: what follows may be too much to keep
    for settings in element.iter("ATLConfocalSettingDefinition"):
        for key, value in settings.attrib.items():
            yield f"Leica/Scan/{key}", value
        break
    stack = [("Leica", element)]
    seen: dict[str, int] = {}
    while stack:
        place, at = stack.pop()
        for key, value in at.attrib.items():
            yield f"{place}/{key}", value
        if at.text and at.text.strip():
            yield place, at.text
        for child in reversed(at):
            where = f"{place}/{child.tag}"
            seen[where] = seen.get(where, 0) + 1
            stack.append((where if seen[where] == 1 else f"{where} {seen[where]}", child))
