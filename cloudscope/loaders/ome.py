"""OME-TIFF: axes, physical sizes and times from the XML in the image description."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.ome_optics import optics
from cloudscope.loaders.units import length_um, time_s

__all__ = ["describe", "outside_references"]


def outside_references(xml: str, folder: Path) -> list[str]:
    """Companion files of an OME-XML text that do not lie in this folder.

    Parameters
    ----------
    xml : str
    folder : Path
        Where the file with this text lies; links that lead out of it are outside, too.

    Examples
    --------
    >>> outside_references('<OME><UUID FileName="../secret.tif">x</UUID></OME>', Path())
    ['../secret.tif']
    >>> outside_references('<OME><UUID FileName="second.ome.tif">x</UUID></OME>', Path())
    []
    """
    root = _root(xml)
    if root is None:
        return []
    names = [
        element.get(key, "") for element in root.iter() for key in ("FileName", "MetadataFile")
    ]
    return [name for name in dict.fromkeys(names) if name and not _lies_in(folder, name)]


def _lies_in(folder: Path, name: str) -> bool:
    # a name alone: no separators, no drive, no parent
    if set(name) & set("/\\:\0") or name in (".", ".."):
        return False
    return (folder / name).resolve().parent == folder.resolve()


def describe(tif: Any, axes: str, image: int = 0) -> FileFacts | None:
    """What the OME-XML says of an image, or ``None`` where it cannot be read.

    Parameters
    ----------
    tif : tifffile.TiffFile
    axes : str
    image : int
        Number of the series.
    """
    xml = tif.ome_metadata or ""
    root = _root(xml)
    if root is None:
        return None
    described = _described(root, tif, image)
    pixels = (
        None if described is None else next((e for e in described if _name(e) == "Pixels"), None)
    )
    if described is None or pixels is None:
        return None
    x, y = _size(pixels, "X"), _size(pixels, "Y")
    time = _time(pixels)
    bits = pixels.get("SignificantBits", "")
    clock = next((e.text for e in described if _name(e) == "AcquisitionDate"), None)
    channels = [e for e in pixels if _name(e) == "Channel"]
    return FileFacts(
        format="OME-TIFF",
        both_axes_are_space=x is not None and y is not None,
        x=x,
        y=y,
        time=time,
        channel_names=tuple(e.get("Name") or e.get("Fluor") or "" for e in channels),
        bit_depth=int(bits) if bits.isdigit() and 0 < int(bits) <= 64 else None,
        acquired_at=clock.strip() if clock and clock.strip() else None,
        optics=optics(root, described),
        declared_planes=_planes(pixels),
        raw=bounded_text(_texts(root)),
    )


def _described(root: ElementTree.Element, tif: Any, image: int) -> ElementTree.Element | None:
    """The Image of a series: by its place, or by name where some images have no pixels here."""
    images = [e for e in root if _name(e) == "Image"]
    if image == 0 or len(images) == len(tif.series):
        return images[image] if image < len(images) else None
    name = str(tif.series[image].name)
    return next((e for e in images if e.get("Name") == name), None)


def _root(xml: str) -> ElementTree.Element | None:
    try:
        return ElementTree.fromstring(xml)
    except (ElementTree.ParseError, ValueError):
        return None


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _size(pixels: ElementTree.Element, axis: str) -> Step | None:
    value, unit = pixels.get(f"PhysicalSize{axis}"), pixels.get(f"PhysicalSize{axis}Unit")
    size = length_um(value, unit or "µm")
    if size is None or (unit is None and size == 1):
        return None
    return Step(size, f"OME Pixels PhysicalSize{axis}")


def _time(pixels: ElementTree.Element) -> Step | None:
    step = time_s(pixels.get("TimeIncrement"), pixels.get("TimeIncrementUnit") or "s")
    if step is not None:
        return Step(step, "OME Pixels TimeIncrement")
    first: tuple[int, float] | None = None
    last: tuple[int, float] | None = None
    for plane in pixels:
        if _name(plane) != "Plane" or plane.get("TheC", "0") != "0" or plane.get("TheZ") != "0":
            continue
        delta = time_s(plane.get("DeltaT"), plane.get("DeltaTUnit") or "s") or 0.0
        index = plane.get("TheT", "")
        if not index.isdigit():
            continue
        first = (int(index), delta) if first is None or int(index) < first[0] else first
        last = (int(index), delta) if last is None or int(index) > last[0] else last
    if first is None or last is None or last[0] <= first[0] or last[1] <= first[1]:
        return None
    return Step((last[1] - first[1]) / (last[0] - first[0]), "OME Plane DeltaT, last minus first")


def _planes(pixels: ElementTree.Element) -> int | None:
    planes = 1
    for axis in "TZ":
        size = pixels.get(f"Size{axis}", "")
        if not size.isdigit():
            return None
        planes *= int(size)
    return planes


def _texts(root: ElementTree.Element) -> list[tuple[str, object]]:
    """Attributes and texts of the XML by their place, but one entry a plane."""
    texts: list[tuple[str, object]] = []

    def walk(element: ElementTree.Element, place: str) -> None:
        counts: dict[str, int] = {}
        for child in element:
            name = _name(child)
            if name in ("TiffData", "Plane", "BinData"):
                continue
            counts[name] = counts.get(name, 0) + 1
            number = f" {counts[name]}" if counts[name] > 1 else ""
            where = f"{place}/{name}{number}"
            texts.extend((f"{where} {key}", value) for key, value in child.attrib.items())
            if child.text and child.text.strip():
                texts.append((where, child.text.strip()))
            if len(texts) < 2_000 and where.count("/") < 30:
                walk(child, where)

    texts.extend((f"OME {k}", v) for k, v in root.attrib.items() if "schemaLocation" not in k)
    walk(root, "OME")
    return texts
