"""HDF5 ``.h5`` and ``.hdf5``: every data set that is an image, with scales by documented names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import ReaderLoader, Stored
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Hdf5Loader", "inside", "opened", "plain_value", "stored_offset", "stored_pieces"]

_UNNAMED = {2: "YX", 3: "IYX", 4: "IQYX"}
_NAMED_FIRST = ("kymograph", "image")
_TOLD = (
    "line_period_s", "frame_period_s", "pixel_size_um", "row_size_um", "element_size_um", "axes",
    "channel_names", "acquired_at",
)  # fmt: skip
_SMALLEST_SIDE = 4  # a table of a few numbers is no image
_MOST_OBJECTS = 10_000
_SMALL = 1_000
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class _Image:
    """A data set that can be an image, and what is said of it nearby."""

    place: str
    shape: tuple[int, ...]
    values: Mapping[str, Any]


class Hdf5Loader(ReaderLoader):
    """Reads the images among the data sets of an HDF5 file; nothing outside the file.

    A data set of two to four axes and numbers is an image. Its attributes, those of the groups it
    is in, or small data sets beside it, may be ``line_period_s``, ``frame_period_s``,
    ``pixel_size_um``, ``row_size_um``, ``element_size_um`` (z, y, x), ``axes`` (for example
    ``"CTX"``; the labels of its dimensions serve too), ``channel_names`` and ``acquired_at``.
    """

    name = "hdf5"
    title = "HDF5"
    suffixes: tuple[str, ...] = (".h5", ".hdf5")
    reader = "h5py"
    least = "3.12"
    extra = "hdf5"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as HDF5 does, possibly behind a block of another program."""
        with path.open("rb") as file:
            for start in (0, 512, 1024, 2048):
                file.seek(start)
                if file.read(8) == _SIGNATURE:
                    return True
        return False

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with opened(reader, path) as file:
            images = _some(path, _images(reader, file))
            number = _usual(images) if image is None else image
            refuse_image(path, number, len(images))
            chosen = images[number]
            data = file[chosen.place]
            axes = _axes(path, chosen)
            sizes = chosen.values.get("element_size_um")
            if isinstance(sizes, list) and len(sizes) == 3:
                by_axis = dict(zip("zyx", sizes, strict=True))
            else:
                by_axis = {}
            names = chosen.values.get("channel_names")
            begun = chosen.values.get("acquired_at")
            return Stored(
                axes=axes,
                shape=chosen.shape,
                dtype=data.dtype.str,
                offset=stored_offset(data),
                pieces=stored_pieces(data),
                image=number,
                image_names=_names(images),
                facts=FileFacts(
                    format=self.title,
                    x=_step(chosen, "pixel_size_um") or _size(by_axis.get("x")),
                    y=_step(chosen, "row_size_um") or _size(by_axis.get("y")),
                    z=_size(by_axis.get("z")),
                    line=_step(chosen, "line_period_s"),
                    time=_step(chosen, "frame_period_s"),
                    channel_names=tuple(map(str, names)) if isinstance(names, list) else (),
                    acquired_at=begun if isinstance(begun, str) else None,
                    raw=bounded_text(
                        [("HDF5/data set", chosen.place)]
                        + [(f"HDF5/{key}", value) for key, value in chosen.values.items()]
                    ),
                ),
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with opened(reader, path) as file:
            return _names(_some(path, _images(reader, file)))

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        with opened(reader, path) as file:
            chosen = _some(path, _images(reader, file))[image]
            cut = tuple(selection.get(axis, slice(None)) for axis in _axes(path, chosen))
            part: NDArray[Any] = file[chosen.place][cut]
            return part


def opened(reader: Any, path: Path) -> Any:
    """The file for reading; several programs may read it at once."""
    return reader.File(path, "r", locking=False)


def inside(reader: Any, group: Any, name: str) -> Any | None:
    """An object by its name in a group; ``None`` where it is absent or in another file."""
    link = group.get(name, getlink=True)
    if link is None or isinstance(link, reader.ExternalLink):
        return None
    if isinstance(link, reader.SoftLink):
        # each step of it could lead outside
        start, _, rest = link.path.partition("/")
        here = group if start else group.file["/"]
        for step in filter(None, [start, *rest.split("/")]):
            if not isinstance(here, reader.Group):
                return None
            if isinstance(here.get(step, getlink=True), reader.ExternalLink | reader.SoftLink):
                return None
            here = here.get(step)
        return here
    return group.get(name)


def stored_offset(data: Any) -> int | None:
    """First byte of a data set that lies in the file uncompressed and in one piece."""
    if data.chunks is not None or data.id.get_offset() is None or data.dtype.kind == "b":
        return None
    return int(data.id.get_offset())


def stored_pieces(data: Any) -> tuple[int, ...]:
    """Shape of the pieces of a data set that are decoded one by one."""
    return tuple(data.chunks or (1,) * data.ndim)


def plain_value(value: Any) -> Any:
    """A small value of HDF5 as text, number or list; ``None`` for anything else."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if hasattr(value, "tolist"):
        if value.size > _SMALL:
            return None
        value = value.tolist()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        parts = [plain_value(part) for part in value]
        return parts[0] if len(parts) == 1 else parts
    return value if isinstance(value, bool | int | float | str) else None


def _images(reader: Any, file: Any) -> Iterator[_Image]:
    """Every data set that can be an image, in the order of their names."""
    waiting: list[tuple[str, Any, dict[str, Any]]] = [("", file["/"], {})]
    seen: set[Any] = set()
    while waiting and len(seen) < _MOST_OBJECTS:
        place, group, outer = waiting.pop(0)
        address = reader.h5o.get_info(group.id).addr
        if address in seen:
            continue
        seen.add(address)
        values = outer | _attributes(group)
        members = {name: inside(reader, group, name) for name in list(group)[:_MOST_OBJECTS]}
        for name, member in members.items():
            if name in _TOLD and isinstance(member, reader.Dataset) and _is_own(member):
                told = plain_value(member[()]) if member.size <= _SMALL else None
                values |= {} if told is None else {name: told}
        for name, member in members.items():
            if isinstance(member, reader.Group):
                waiting.append((f"{place}/{name}", member, values))
            elif isinstance(member, reader.Dataset) and _is_image(member):
                own = _attributes(member)
                labels = "".join(dimension.label for dimension in member.dims)
                if "axes" not in own and len(labels) == member.ndim:
                    own["axes"] = labels
                yield _Image(f"{place}/{name}", tuple(member.shape), values | own)


def _is_own(data: Any) -> bool:
    """Whether the values stand in this file: what stands in another is never opened."""
    return not (data.is_virtual or data.external or data.dtype.kind == "V")


def _is_image(data: Any) -> bool:
    if data.dtype.kind not in "uifb" or data.ndim not in _UNNAMED or not _is_own(data):
        return False
    return sum(size >= _SMALLEST_SIDE for size in data.shape) >= 2 and 0 not in data.shape


def _attributes(item: Any) -> dict[str, Any]:
    values = {}
    for name in list(item.attrs)[:_SMALL]:
        told = plain_value(item.attrs[name])
        if told is not None:
            values[name] = told
    return values


def _some(path: Path, images: Iterator[_Image]) -> list[_Image]:
    found = list(images)
    if not found:
        raise LoadError(path, "it holds no data set of two to four axes that could be an image")
    return found


def _names(images: list[_Image]) -> tuple[str, ...]:
    if len(images) == 1:
        return ("",)
    return unique_names(image.place.removeprefix("/") for image in images)


def _usual(images: list[_Image]) -> int:
    """The image that people mean: by its name, else the largest."""
    for wanted in _NAMED_FIRST:
        for number, image in enumerate(images):
            if image.place.rpartition("/")[2].lower() == wanted:
                return number
    return max(range(len(images)), key=lambda number: prod(images[number].shape))


def _axes(path: Path, image: _Image) -> str:
    told = image.values.get("axes")
    if isinstance(told, str) and told.startswith("{"):
        told = _axes_of_ilastik(told)
    if isinstance(told, list):
        told = "".join(map(str, told))
    axes = told.upper() if isinstance(told, str) else _UNNAMED[len(image.shape)]
    if len(axes) != len(image.shape) or len(set(axes)) != len(axes) or not axes.isalpha():
        raise LoadError(
            path,
            f"{image.place} has the shape {image.shape} and axes {told!r}: give one letter an axis",
        )
    return axes


def _axes_of_ilastik(text: str) -> str | None:
    try:
        return "".join(axis["key"] for axis in json.loads(text)["axes"])
    except (ValueError, TypeError, KeyError):
        return None


def _step(image: _Image, key: str) -> Step | None:
    convert, unit = (time_s, "s") if key.endswith("_s") else (length_um, "um")
    value = convert(image.values.get(key), unit)
    return None if value is None else Step(value, f"HDF5 {key}")


def _size(value: object) -> Step | None:
    size = length_um(value, "um")
    return None if size is None else Step(size, "HDF5 element_size_um")
