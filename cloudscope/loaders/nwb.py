"""NWB ``.nwb``: line scans and frames among the acquired series, read with h5py alone."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.hdf5 import (
    Hdf5Loader,
    inside,
    opened,
    plain_value,
    stored_offset,
    stored_pieces,
)
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import Stored
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NwbLoader"]

_SERIES = ("TimeSeries", "TwoPhotonSeries", "OnePhotonSeries", "ImageSeries")
_PLACES = ("acquisition", "stimulus/presentation", "processing")
_CHANNEL = re.compile(r"(.*?)[ _-]*channel[ _-]*(\d+)", re.IGNORECASE)
_FRAME_AXES = {2: "TX", 3: "TYX", 4: "TZYX"}
_MOST_SERIES = 1_000


@dataclass(frozen=True, slots=True)
class _Series:
    """A series that is an image, and where its data stand."""

    place: str
    kind: str
    shape: tuple[int, ...]
    dtype: str

    @property
    def name(self) -> str:
        return self.place.rpartition("/")[2]

    @property
    def axes(self) -> str:
        # a plain series of two axes is a line in time; of an image, (time, x, y) is handed out
        # as (time, y, x)
        return _FRAME_AXES[len(self.shape)]


class NwbLoader(Hdf5Loader):
    """Reads a ``TimeSeries`` of two axes as a line scan, and image series as what they are.

    Series of one shape whose names differ in ``channel_0``, ``channel_1`` … are channels of one
    recording, as `cloudscope.write_nwb` writes them.
    """

    name = "nwb"
    title = "NWB"
    suffixes: tuple[str, ...] = (".nwb",)
    extra = "nwb"

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with opened(reader, path) as file:
            recordings = _recordings(path, reader, file)
            number = _usual(recordings) if image is None else image
            refuse_image(path, number, len(recordings))
            channels = recordings[number]
            first = channels[0]
            series = file[first.place]
            data = series["data"]
            axes, shape = first.axes, _as_handed_out(first.shape)
            pieces = _as_handed_out(stored_pieces(data))
            offset = None
            if len(channels) > 1:
                axes, shape = f"C{axes}", (len(channels), *shape)
                pieces = (1, *pieces)
            elif len(shape) == 2:
                offset = stored_offset(data)
            plane = _imaging_plane(reader, file, series)
            x, y = _spacing(reader, plane)
            return Stored(
                axes=axes,
                shape=shape,
                dtype=first.dtype,
                offset=offset,
                pieces=pieces,
                image=number,
                image_names=_names(recordings),
                facts=FileFacts(
                    format=self.title,
                    x=x,
                    y=y,
                    time=_period(reader, series, first),
                    channel_names=_channel_names(reader, plane, len(channels)),
                    bit_depth=_whole(reader, series, "bits_per_pixel"),
                    acquired_at=_text(reader, file, "session_start_time") or None,
                    raw=bounded_text(_texts(reader, file, first)),
                ),
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with opened(reader, path) as file:
            return _names(_recordings(path, reader, file))

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        import numpy as np

        with opened(reader, path) as file:
            channels = _recordings(path, reader, file)[image]
            wanted = [channels[selection["C"]]] if "C" in selection else channels
            parts = []
            for one in wanted:
                axes = one.axes
                stored = axes if len(axes) == 2 else axes[0] + axes[:0:-1]
                cut = tuple(selection.get(axis, slice(None)) for axis in stored)
                left = [axis for axis in stored if not isinstance(selection.get(axis), int)]
                part = file[one.place]["data"][cut]
                order = [left.index(axis) for axis in axes if axis in left]
                parts.append(part.transpose(order))
            return np.stack(parts)


def _as_handed_out(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if len(shape) == 2 else (shape[0], *shape[:0:-1])


def _all_series(reader: Any, file: Any) -> Iterator[_Series]:
    waiting = [(place, inside_path(reader, file, place)) for place in _PLACES]
    found = 0
    while waiting and found < _MOST_SERIES:
        place, group = waiting.pop(0)
        if not isinstance(group, reader.Group):
            continue
        kind = _text(reader, group, "neurodata_type", attribute=True)
        data = inside(reader, group, "data")
        if kind in _SERIES and isinstance(data, reader.Dataset):
            own = not (data.is_virtual or data.external)
            wide = len(data.shape) in _FRAME_AXES and all(size > 0 for size in data.shape)
            if own and wide and data.dtype.kind in "uifb" and data.shape[1] >= 4:
                found += 1
                yield _Series(place, kind, tuple(data.shape), data.dtype.str)
        elif place.count("/") < 5:
            waiting += [(f"{place}/{name}", inside(reader, group, name)) for name in list(group)]


def inside_path(reader: Any, group: Any, place: str) -> Any | None:
    """An object some groups below another; ``None`` where it is absent or in another file."""
    for step in place.split("/"):
        if not isinstance(group, reader.Group):
            return None
        group = inside(reader, group, step)
    return group


def _recordings(path: Path, reader: Any, file: Any) -> list[list[_Series]]:
    """The series, those together that are channels of one recording."""
    groups: dict[tuple[Any, ...], list[tuple[int, _Series]]] = {}
    for series in _all_series(reader, file):
        match = _CHANNEL.fullmatch(series.name)
        parent = series.place.rpartition("/")[0]
        stem = (parent, match[1]) if match else (parent, series.name, "alone")
        number = int(match[2]) if match else 0
        groups.setdefault((*stem, series.shape, series.dtype), []).append((number, series))
    if not groups:
        raise LoadError(
            path, "it holds no series of images and no TimeSeries of two axes (time, position)"
        )
    return [
        [series for _, series in sorted(members, key=lambda member: member[0])]
        for members in groups.values()
    ]


def _names(recordings: list[list[_Series]]) -> tuple[str, ...]:
    return ("",) if len(recordings) == 1 else unique_names(r[0].name for r in recordings)


def _usual(recordings: list[list[_Series]]) -> int:
    """The image that people mean: the largest line scan, or else the largest of all."""
    lines = [n for n, channels in enumerate(recordings) if len(channels[0].shape) == 2]
    return max(
        lines or range(len(recordings)), key=lambda number: math.prod(recordings[number][0].shape)
    )


def _period(reader: Any, series: Any, which: _Series) -> Step | None:
    """Time from line to line, or from frame to frame."""
    begin = inside(reader, series, "starting_time")
    if begin is not None:
        rate = plain_value(begin.attrs.get("rate"))
        value = time_s(1.0 / rate, "s") if isinstance(rate, int | float) and rate > 0 else None
        return None if value is None else Step(value, f"NWB rate of {which.name}")
    stamps = inside(reader, series, "timestamps")
    if isinstance(stamps, reader.Dataset) and stamps.ndim == 1 and stamps.size > 1:
        first, last = float(stamps[0]), float(stamps[-1])
        value = time_s((last - first) / (stamps.size - 1), "s")
        if value is not None:
            return Step(value, f"NWB timestamps of {which.name}, last minus first")
    return None


def _imaging_plane(reader: Any, file: Any, series: Any) -> Any | None:
    """The plane that the series names, or the only one of the file."""
    plane = inside(reader, series, "imaging_plane")
    if isinstance(plane, reader.Group):
        return plane
    group = inside_path(reader, file, "general/optophysiology")
    if not isinstance(group, reader.Group):
        return None
    planes = [member for name in group if (member := inside(reader, group, name)) is not None]
    return planes[0] if len(planes) == 1 and isinstance(planes[0], reader.Group) else None


def _spacing(reader: Any, plane: Any | None) -> tuple[Step | None, Step | None]:
    if plane is None:
        return None, None
    spacing = inside(reader, plane, "grid_spacing")
    if not isinstance(spacing, reader.Dataset) or spacing.size > 3:
        return None, None
    unit = str(plain_value(spacing.attrs.get("unit", "meters")) or "").lower()
    plain = {"meters": "m", "meter": "m", "micrometers": "um", "millimeters": "mm"}.get(unit, unit)
    values = plain_value(spacing[()])
    steps = [
        None if (size := length_um(value, plain)) is None else Step(size, "NWB grid_spacing")
        for value in (values if isinstance(values, list) else [values])
    ]
    return steps[0], steps[1] if len(steps) > 1 else None


def _channel_names(reader: Any, plane: Any | None, channels: int) -> tuple[str, ...]:
    """Names of the optical channels, in the order of the detection channels where that is told."""
    if plane is None:
        return ()
    names: dict[str, int] = {}
    for place, name in enumerate(plane):
        member = inside(reader, plane, name)
        if isinstance(member, reader.Group) and (
            _text(reader, member, "neurodata_type", attribute=True) == "OpticalChannel"
        ):
            told = re.search(r"channel (\d+)", _text(reader, member, "description"))
            names[name] = int(told[1]) if told else place
    ordered = tuple(sorted(names, key=lambda name: names[name]))
    return ordered if len(ordered) == channels else ()


def _text(reader: Any, group: Any, name: str, *, attribute: bool = False) -> str:
    if attribute:
        value = plain_value(group.attrs.get(name))
    else:
        data = inside(reader, group, name)
        value = plain_value(data[()]) if isinstance(data, reader.Dataset) else None
        if value is None:
            value = plain_value(group.attrs.get(name))
    return value if isinstance(value, str) else ""


def _whole(reader: Any, group: Any, name: str) -> int | None:
    data = inside(reader, group, name)
    value = plain_value(data[()]) if isinstance(data, reader.Dataset) and data.size == 1 else None
    return value if isinstance(value, int) and value > 0 else None


def _texts(reader: Any, file: Any, first: _Series) -> Iterator[tuple[str, object]]:
    yield "NWB/series", first.place
    for place in ("", "general", "general/subject", first.place):
        group = inside_path(reader, file, place) if place else file
        if not isinstance(group, reader.Group):
            continue
        for name in group:
            data = inside(reader, group, name)
            if isinstance(data, reader.Dataset) and data.size <= 20 and name != "data":
                value = plain_value(data[()])
                if value is not None:
                    yield f"NWB/{place}/{name}".replace("//", "/"), value
        for name in group.attrs:
            value = plain_value(group.attrs[name])
            if value is not None and name not in ("namespace", "object_id", "neurodata_type"):
                yield f"NWB/{place}/{name}".replace("//", "/"), value
