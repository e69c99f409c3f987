"""Which images an NWB file holds: series in time, and ``Images`` in their order."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.hdf5 import inside, plain_value, stored_pieces
from cloudscope.loaders.images import unique_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Series", "inside_path", "names_of", "recordings_of", "text_of", "usual"]

_SERIES = ("TimeSeries", "TwoPhotonSeries", "OnePhotonSeries", "ImageSeries")
_PICTURES = ("GrayscaleImage", "Image")
_PLACES = ("acquisition", "stimulus/presentation", "stimulus/templates", "processing")
_CHANNEL = re.compile(r"(.*?)[ _-]*channel[ _-]*(\d+)", re.IGNORECASE)
_FRAME_AXES = {2: "TX", 3: "TYX", 4: "TZYX"}
_MOST_SERIES = 1_000
_MOST_PICTURES = 10_000
_SMALLEST_SIDE = 4  # a table of a few numbers is no image


@dataclass(frozen=True, slots=True)
class Series:
    """Pixels that belong together, and where they stand.

    Attributes
    ----------
    place : str
        Of the group, from the root.
    kind : str
        Its neurodata type.
    axes : str
        As handed out: of an image, NWB stores (x, y).
    handed_out, pieces : tuple of int
        Shape, and that of what is decoded at once, in the order of `axes`.
    dtype : str
    times : str or None
        Place of the series that tells the times.
    pictures : tuple of str
        Places of the images one by one, in their order; of a series, none.
    """

    place: str
    kind: str
    axes: str
    handed_out: tuple[int, ...]
    pieces: tuple[int, ...]
    dtype: str
    times: str | None = None
    pictures: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the group."""
        return self.place.rpartition("/")[2]

    def part(self, file: Any, selection: Mapping[str, Any]) -> NDArray[Any]:
        """The pixels that a number or a slice for each axis choose, in the order of `axes`."""
        import numpy as np

        if self.axes == "TX" and self.pictures:
            return _cut(file[self.pictures[0]], "XT", self.axes, selection)
        if not self.pictures:
            stored = self.axes if len(self.axes) == 2 else self.axes[0] + self.axes[:0:-1]
            return _cut(file[self.place]["data"], stored, self.axes, selection)
        chosen = selection[self.axes[0]]
        if isinstance(chosen, int):
            return _cut(file[self.pictures[chosen]], "XY", "YX", selection)
        return np.stack(
            [_cut(file[place], "XY", "YX", selection) for place in self.pictures[chosen]]
        )


def _cut(data: Any, stored: str, wanted: str, selection: Mapping[str, Any]) -> NDArray[Any]:
    part: NDArray[Any] = data[tuple(selection[axis] for axis in stored)]
    left = [axis for axis in stored if not isinstance(selection[axis], int)]
    return part.transpose([left.index(axis) for axis in wanted if axis in left])


def recordings_of(path: Path, reader: Any, file: Any) -> list[list[Series]]:
    """The images of a file, those together that are channels of one recording.

    Raises
    ------
    LoadError
        If there are none.
    """
    groups: dict[tuple[Any, ...], list[tuple[int, Series]]] = {}
    for series in _all_series(reader, file):
        match = _CHANNEL.fullmatch(series.name)
        parent = series.place.rpartition("/")[0]
        stem = (parent, match[1]) if match else (parent, series.name, "alone")
        number = int(match[2]) if match else 0
        shape = (series.axes, series.handed_out, series.dtype)
        groups.setdefault((*stem, *shape), []).append((number, series))
    if not groups:
        raise LoadError(
            path, "it holds no series of images and no TimeSeries of two axes (time, position)"
        )
    return [
        [series for _, series in sorted(members, key=lambda member: member[0])]
        for members in groups.values()
    ]


def names_of(recordings: list[list[Series]]) -> tuple[str, ...]:
    """Of each recording, no name twice."""
    return ("",) if len(recordings) == 1 else unique_names(r[0].name for r in recordings)


def usual(recordings: list[list[Series]]) -> int:
    """The image that people mean: the largest line scan, or else the largest of all."""
    lines = [n for n, channels in enumerate(recordings) if channels[0].axes == "TX"]
    return max(
        lines or range(len(recordings)),
        key=lambda number: math.prod(recordings[number][0].handed_out),
    )


def inside_path(reader: Any, group: Any, place: str) -> Any | None:
    """An object some groups below another; ``None`` where it is absent or in another file."""
    for step in place.split("/"):
        if not isinstance(group, reader.Group):
            return None
        group = inside(reader, group, step)
    return group


def text_of(reader: Any, group: Any, name: str, *, attribute: bool = False) -> str:
    """A text of a group, stored or as its attribute; empty where there is none."""
    value = None
    if not attribute:
        data = inside(reader, group, name)
        value = plain_value(data[()]) if isinstance(data, reader.Dataset) else None
    if value is None:
        value = plain_value(group.attrs.get(name))
    return value if isinstance(value, str) else ""


def _all_series(reader: Any, file: Any) -> Iterator[Series]:
    waiting = [(place, inside_path(reader, file, place)) for place in _PLACES]
    found = 0
    while waiting and found < _MOST_SERIES:
        place, group = waiting.pop(0)
        if not isinstance(group, reader.Group):
            continue
        kind = text_of(reader, group, "neurodata_type", attribute=True)
        data = inside(reader, group, "data")
        if kind in _SERIES and isinstance(data, reader.Dataset):
            if len(data.shape) in _FRAME_AXES and _is_image(data):
                found += 1
                turned = slice(None) if len(data.shape) == 2 else slice(None, 0, -1)
                first = () if len(data.shape) == 2 else (0,)
                yield Series(
                    place,
                    kind,
                    _FRAME_AXES[len(data.shape)],
                    (*(data.shape[i] for i in first), *data.shape[turned]),
                    (*(stored_pieces(data)[i] for i in first), *stored_pieces(data)[turned]),
                    data.dtype.str,
                    times=place,
                )
        elif kind == "Images":
            stack = _stack(reader, file, place, group)
            if stack is not None:
                found += 1
                yield stack
        elif place.count("/") < 5:
            waiting += [(f"{place}/{name}", inside(reader, group, name)) for name in list(group)]


def _is_image(data: Any) -> bool:
    own = not (data.is_virtual or data.external)
    return (
        own
        and all(size > 0 for size in data.shape)
        and data.dtype.kind in "uifb"
        and data.shape[1] >= _SMALLEST_SIDE
    )


def _stack(reader: Any, file: Any, place: str, group: Any) -> Series | None:
    """Grey pictures of one size in their order; ``None`` where they are not that."""
    names = _in_order(reader, group)
    pictures: list[Any] = [inside(reader, group, name) for name in names]
    if not pictures or not all(
        isinstance(picture, reader.Dataset)
        and len(picture.shape) == 2
        and _is_image(picture)
        and picture.shape == pictures[0].shape
        and picture.dtype == pictures[0].dtype
        for picture in pictures
    ):
        return None
    first = pictures[0]
    places = tuple(f"{place}/{name}" for name in names)
    pieces = stored_pieces(first)[::-1]
    if len(names) == 1 and place.rpartition("/")[2].startswith("kymograph"):
        return Series(
            place, "Images", "TX", first.shape[::-1], pieces, first.dtype.str, None, places
        )
    times = _times(reader, file, place, len(names))
    timed = times is not None or len(names) == 1
    return Series(
        place,
        "Images",
        "TYX" if timed else "ZYX",  # without times they are a stack
        (len(names), *first.shape[::-1]),
        (1, *pieces),
        first.dtype.str,
        times,
        places,
    )


def _in_order(reader: Any, group: Any) -> list[str]:
    """Names of the grey pictures, in the order that is stored or else that of their names."""
    kinds = {
        name: text_of(reader, member, "neurodata_type", attribute=True)
        for name in list(group)[:_MOST_PICTURES]
        if isinstance(member := inside(reader, group, name), reader.Dataset)
    }
    pictures = [name for name, kind in kinds.items() if kind in _PICTURES]
    order = inside(reader, group, "order_of_images")
    if (
        isinstance(order, reader.Dataset)
        and order.shape == (len(pictures),)
        and reader.check_ref_dtype(order.dtype) is reader.Reference
    ):
        stored = [(group.file[one].name or "").rpartition("/")[2] for one in order[()] if one]
        if sorted(stored) == sorted(pictures):
            return stored
    return pictures


def _times(reader: Any, file: Any, place: str, images: int) -> str | None:
    """Place of the ``IndexSeries`` that shows the images once each, in their order."""
    parent = inside_path(reader, file, place.rpartition("/")[0])
    for name in list(parent) if isinstance(parent, reader.Group) else ():
        series = inside(reader, parent, name)
        if not isinstance(series, reader.Group):
            continue
        if text_of(reader, series, "neurodata_type", attribute=True) != "IndexSeries":
            continue
        shown, data = inside(reader, series, "indexed_images"), inside(reader, series, "data")
        if (
            isinstance(shown, reader.Group)
            and shown.name == f"/{place}"
            and isinstance(data, reader.Dataset)
            and data.shape == (images,)
            and data[()].tolist() == list(range(images))
        ):
            return f"{place.rpartition('/')[0]}/{name}"
    return None
