"""NWB ``.nwb``: line scans and frames among the acquired series, read with h5py alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.hdf5 import (
    Hdf5Loader,
    inside,
    opened,
    plain_value,
    stored_offset,
)
from cloudscope.loaders.images import refuse_image
from cloudscope.loaders.nwb_series import (
    Series,
    inside_path,
    names_of,
    recordings_of,
    text_of,
    usual,
)
from cloudscope.loaders.reader_loader import Stored
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NwbLoader"]


class NwbLoader(Hdf5Loader):
    """Reads a ``TimeSeries`` of two axes as a line scan, image series and ``Images`` as frames.

    Series of one shape whose names differ in ``channel_0``, ``channel_1`` … are channels of one
    recording, as `cloudscope.write_nwb` writes them.
    """

    name = "nwb"
    title = "NWB"
    suffixes: tuple[str, ...] = (".nwb",)
    extra = "nwb"

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with opened(reader, path) as file:
            recordings = recordings_of(path, reader, file)
            number = usual(recordings) if image is None else image
            refuse_image(path, number, len(recordings))
            channels = recordings[number]
            first = channels[0]
            series = file[first.place]
            axes, shape, pieces = first.axes, first.handed_out, first.pieces
            offset = None
            if len(channels) > 1:
                axes, shape = f"C{axes}", (len(channels), *shape)
                pieces = (1, *pieces)
            elif isinstance(series, reader.Group) and first.kind == "TimeSeries":
                offset = stored_offset(series["data"])
            plane = _imaging_plane(reader, file, series)
            x, y = _spacing(reader, plane)
            return Stored(
                axes=axes,
                shape=shape,
                dtype=first.dtype,
                offset=offset,
                pieces=pieces,
                image=number,
                image_names=names_of(recordings),
                facts=FileFacts(
                    format=self.title,
                    scan="frames" if first.pictures and first.axes != "TX" else None,
                    x=x,
                    y=y,
                    time=_period(reader, file, first),
                    channel_names=_channel_names(reader, plane, len(channels)),
                    bit_depth=_whole(reader, series, "bits_per_pixel"),
                    acquired_at=text_of(reader, file, "session_start_time") or None,
                    raw=bounded_text(_texts(reader, file, first)),
                ),
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with opened(reader, path) as file:
            return names_of(recordings_of(path, reader, file))

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        import numpy as np

        with opened(reader, path) as file:
            channels = recordings_of(path, reader, file)[image]
            wanted = [channels[selection["C"]]] if "C" in selection else channels
            parts = [
                one.part(file, {axis: selection.get(axis, slice(None)) for axis in one.axes})
                for one in wanted
            ]
            return np.stack(parts)


def _period(reader: Any, file: Any, which: Series) -> Step | None:
    """Time from line to line, or from frame to frame."""
    if which.kind == "Images" and which.axes == "TX":  # one picture has no times of its own
        plane = _imaging_plane(reader, file, file[which.place])
        rate = None if plane is None else _number(reader, plane, "imaging_rate")
        value = time_s(1.0 / rate, "s") if rate else None
        return None if value is None else Step(value, "NWB imaging_rate of the plane")
    if which.times is None:
        return None
    series = file[which.times]
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
            text_of(reader, member, "neurodata_type", attribute=True) == "OpticalChannel"
        ):
            told = re.search(r"channel (\d+)", text_of(reader, member, "description"))
            names[name] = int(told[1]) if told else place
    ordered = tuple(sorted(names, key=lambda name: names[name]))
    return ordered if len(ordered) == channels else ()


def _whole(reader: Any, group: Any, name: str) -> int | None:
    data = inside(reader, group, name)
    value = plain_value(data[()]) if isinstance(data, reader.Dataset) and data.size == 1 else None
    return value if isinstance(value, int) and value > 0 else None


def _number(reader: Any, group: Any, name: str) -> float | None:
    data = inside(reader, group, name)
    value = plain_value(data[()]) if isinstance(data, reader.Dataset) and data.size == 1 else None
    return float(value) if isinstance(value, int | float) and value > 0 else None


def _texts(reader: Any, file: Any, first: Series) -> Iterator[tuple[str, object]]:
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
