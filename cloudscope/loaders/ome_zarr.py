"""OME-Zarr: a folder ``….zarr`` is one recording, or several; read with zarr alone."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, or_warn, unique_axes
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OmeZarrLoader"]

_GROUP_FILES = ("zarr.json", ".zgroup")
_METADATA_BYTES = 1 << 24
_CODECS = {
    "adler32", "bitround", "blosc", "bytes", "bz2", "crc32", "crc32c", "delta", "fixedscaleoffset",
    "fletcher32", "gzip", "jenkins_lookup3", "lz4", "lzma", "packbits", "pcodec", "shuffle",
    "sharding_indexed", "transpose", "zlib", "zstd",
}  # fmt: skip
"""Codecs that turn bytes into numbers and can do nothing else: a pickle is one, and is not here."""

_KINDS: dict[str, Literal["lines", "frames"]] = {"line_scan": "lines", "frames": "frames"}

_UNITS = {
    "angstrom": "å", "meter": "m", "centimeter": "cm", "millimeter": "mm", "micrometer": "um",
    "nanometer": "nm", "picometer": "pm", "second": "s", "millisecond": "ms",
    "microsecond": "us", "nanosecond": "ns", "minute": "min", "hour": "h",
}  # fmt: skip


class OmeZarrLoader(ReaderLoader):
    """Reads the finest level of each image of OME-Zarr 0.4 and 0.5 (earlier ones: the pixels).

    An axis T with one axis of position, or with a Y of length 1, is a line scan. ``scale`` gives
    line period and pixel size where the axes have units.
    """

    name = "ome_zarr"
    title = "OME-Zarr"
    suffixes: tuple[str, ...] = (".zarr",)
    folder_suffixes: tuple[str, ...] = (".zarr",)
    reader = "zarr"
    least = "3.1"
    extra = "zarr"

    def recognises(self, path: Path) -> bool:
        """Whether the folder holds the metadata of a Zarr group."""
        return path.is_dir() and any((path / name).is_file() for name in _GROUP_FILES)

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        places = _places(path)
        number = 0 if image is None else image
        refuse_image(path, number, len(places))
        folder = _within(path, path, places[number])
        multiscale, attributes = _multiscale(path, folder)
        first = multiscale["datasets"][0]
        array = _opened(reader, path, folder, first["path"])
        axes, units = _axes(path, multiscale, array.ndim)
        scale = _scale(first, multiscale, array.ndim)
        own = attributes.get("cloudscope")
        own = own if isinstance(own, dict) else {}
        warnings: list[str] = []
        steps = {
            axis: _step(axis, value, unit)
            for axis, value, unit in zip(axes, scale, units, strict=True)
        }
        begun = own.get("acquired_at")
        return Stored(
            axes=unique_axes(tuple(axes)),
            shape=tuple(array.shape),
            dtype=array.dtype.str,
            pieces=tuple(array.shards or array.chunks),
            image=number,
            image_names=("",) if len(places) == 1 else unique_names(places),
            facts=FileFacts(
                format=self.title,
                scan=_KINDS.get(str(own.get("kind"))),
                both_axes_are_space=bool(steps.get("X") and steps.get("Y")),
                x=steps.get("X"),
                y=steps.get("Y"),
                z=steps.get("Z"),
                time=steps.get("T"),
                channel_names=or_warn(
                    lambda: _channel_names(attributes), (), "names of channels", warnings
                ),
                acquired_at=begun if isinstance(begun, str) else None,
                raw=bounded_text(_texts("OME-Zarr", attributes, 0)),
                warnings=tuple(warnings),
            ),
        )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        places = _places(path)
        return ("",) if len(places) == 1 else unique_names(places)

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        folder = _within(path, path, _places(path)[image])
        multiscale, _ = _multiscale(path, folder)
        array = _opened(reader, path, folder, multiscale["datasets"][0]["path"])
        axes = unique_axes(tuple(_axes(path, multiscale, array.ndim)[0]))
        part: NDArray[Any] = array[tuple(selection.get(axis, slice(None)) for axis in axes)]
        return part

    def _bytes_of(self, path: Path) -> int:
        """Bytes of all files of the folder; no link leads out of it."""
        total, waiting = 0, [path]
        while waiting:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_symlink():
                        raise LoadError(
                            path, f"{entry.name} in it is a link, which is not followed"
                        )
                    if entry.is_dir():
                        waiting.append(Path(entry.path))
                    else:
                        total += entry.stat().st_size
        return total


def _within(path: Path, folder: Path, place: object) -> Path:
    """A folder below another one; refused where its name leads out."""
    parts = PurePosixPath(place).parts if isinstance(place, str) else ("..",)
    inner = folder.joinpath(*parts)
    if ".." in parts or "/" in parts or not inner.resolve().is_relative_to(path.resolve()):
        raise LoadError(path, f"its metadata lead out of the folder ({place!r}): not followed")
    return inner


def _json(path: Path, file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    if file.stat().st_size > _METADATA_BYTES:
        raise LoadError(path, f"its metadata {file.name} are too large")
    content = json.loads(file.read_text(encoding="utf-8"))
    return content if isinstance(content, dict) else {}


def _attributes(path: Path, folder: Path) -> dict[str, Any]:
    """Attributes of a group, those of OME of either version on one level."""
    third = _json(path, folder / "zarr.json").get("attributes")
    attributes = third if isinstance(third, dict) else _json(path, folder / ".zattrs")
    ome = attributes.get("ome")
    return attributes | ome if isinstance(ome, dict) else attributes


def _places(path: Path) -> tuple[str, ...]:
    """Folders of the images below the root; ``""`` where the root is the image."""
    attributes = _attributes(path, path)
    if attributes.get("multiscales"):
        return ("",)
    inside = sorted(
        (entry.name for entry in path.iterdir() if entry.is_dir() and not entry.is_symlink()),
        key=lambda name: (not name.isdigit(), int(name) if name.isdigit() else 0, name),
    )
    found = tuple(
        name
        for name in inside
        if name != "OME" and _attributes(path, path / name).get("multiscales")
    )
    if not found:
        raise LoadError(path, "it is a Zarr folder without an OME image (no multiscales)")
    return found


def _multiscale(path: Path, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    attributes = _attributes(path, folder)
    multiscale = attributes["multiscales"][0]
    if not multiscale["datasets"]:
        raise LoadError(path, "its OME image has no levels")
    return multiscale, attributes


def _opened(reader: Any, path: Path, folder: Path, place: object) -> Any:
    """The array of a level, once its codecs are known to be harmless."""
    inner = _within(path, folder, place)
    third, second = _json(path, inner / "zarr.json"), _json(path, inner / ".zarray")
    if not third and not second:
        raise LoadError(path, f"its level {place!r} is not there")
    for codec in _codec_names(third.get("codecs")) if third else _old_codecs(second):
        if codec.removeprefix("numcodecs.").lower() not in _CODECS:
            raise LoadError(path, f"its pixels are compressed with {codec!r}, which is not read")
    return reader.open_array(str(inner), mode="r", zarr_format=3 if third else 2)


def _codec_names(codecs: object) -> Iterator[str]:
    for codec in codecs if isinstance(codecs, list) else []:
        yield str(codec["name"] if isinstance(codec, dict) else codec)
        settings = codec.get("configuration") if isinstance(codec, dict) else None
        if isinstance(settings, dict):
            yield from _codec_names(settings.get("codecs"))
            yield from _codec_names(settings.get("index_codecs"))


def _old_codecs(metadata: Mapping[str, Any]) -> Iterator[str]:
    for codec in [metadata.get("compressor"), *(metadata.get("filters") or [])]:
        if codec is not None:
            yield str(codec["id"])


def _axes(path: Path, multiscale: Mapping[str, Any], ndim: int) -> tuple[str, list[str]]:
    """Letters of the axes and their units; before version 0.4 there were none."""
    told = multiscale.get("axes") or "tczyx"[-ndim:]
    names = [str(axis["name"] if isinstance(axis, dict) else axis) for axis in told]
    units = [str(axis.get("unit") or "") if isinstance(axis, dict) else "" for axis in told]
    if len(names) != ndim:
        raise LoadError(path, f"its image has {ndim} axes and {len(names)} names for them")
    return "".join(name[:1].upper() for name in names), units


def _scale(dataset: Mapping[str, Any], multiscale: Mapping[str, Any], ndim: int) -> list[float]:
    scale = [1.0] * ndim
    for holder in (dataset, multiscale):
        for change in holder.get("coordinateTransformations") or []:
            if change.get("type") == "scale" and len(change.get("scale", ())) == ndim:
                scale = [a * float(b) for a, b in zip(scale, change["scale"], strict=True)]
    return scale


def _step(axis: str, value: float, unit: str) -> Step | None:
    """Step along an axis; without a unit it is a number of pixels, and none is known."""
    convert = time_s if axis == "T" else length_um
    found = convert(value, _UNITS.get(unit, unit)) if unit else None
    return None if found is None else Step(found, f"OME-Zarr scale of {axis.lower()}")


def _channel_names(attributes: Mapping[str, Any]) -> tuple[str, ...]:
    channels = (attributes.get("omero") or {}).get("channels") or []
    return tuple(str(channel.get("label") or "") for channel in channels)


def _texts(place: str, value: object, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict) and depth < 8:
        for key, inner in value.items():
            yield from _texts(f"{place}/{key}", inner, depth + 1)
    elif isinstance(value, list) and depth < 8 and any(isinstance(v, dict | list) for v in value):
        for number, inner in enumerate(value[:50]):
            yield from _texts(f"{place}/{number}", inner, depth + 1)
    elif value not in (None, "", [], {}):
        yield place, value
