"""Nikon ``.nd2``: voxel size where calibrated, times of the frames as they were taken."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders import nikon_optics
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.images import refuse_image, unique_names
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, or_warn, unique_axes
from cloudscope.loaders.units import length_um, time_s

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NikonLoader"]

_IN_A_FRAME = "CYXS"
_POSITION = "P"
_MOST_COMPONENTS = 256
_JULIAN_DAY_OF_1970 = 2440587.5


class NikonLoader(ReaderLoader):
    """Reads ``.nd2`` of NIS-Elements 3 and later, each position of the stage by itself."""

    name = "nikon"
    title = "Nikon ND2"
    suffixes: tuple[str, ...] = (".nd2",)
    reader = "nd2"
    least = "0.12"
    extra = "nd2"

    def recognises(self, path: Path) -> bool:
        """Whether the file begins with a chunk of ND2, or as the JPEG 2000 of older ones."""
        with path.open("rb") as file:
            start = file.read(16)
        return start[:4] == b"\xda\xce\xbe\x0a" or start[4:8] == b"jP  "

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with reader.ND2File(path) as file:
            sizes = dict(file.sizes)
            names = _positions(file, sizes)
            number = 0 if image is None else image
            refuse_image(path, number, len(names))
            if file.is_legacy:
                raise LoadError(
                    path, "it is an ND2 of before 2010 (JPEG 2000): save it as TIFF in NIS-Elements"
                )
            _refuse_missing_frames(path, file, sizes)
            _refuse_wild_counts(path, file.unstructured_metadata(), 0)
            warnings: list[str] = []
            channels: list[Any] = or_warn(
                lambda: list(file.metadata.channels or ()),
                [],
                "ND2 metadata of channels and scale",
                warnings,
            )
            volume = channels[0].volume if channels else None
            meanings = volume.axesInterpretation if volume else ("distance",) * 3
            x, y, z = (_step(volume, axis, meanings[axis]) for axis in range(3))
            time = _time(file, sizes, number) if sizes.get("T", 1) > 1 else None
            begun = _instant(file, _frame_number(sizes, {_POSITION: number}))
            sizes.pop(_POSITION, None)
            if meanings[0] == "time" and "T" not in sizes:
                sizes = {("T" if axis == "X" else axis): n for axis, n in sizes.items()}
            text: dict[str, Any] = or_warn(lambda: file.text_info or {}, {}, "ND2 text", warnings)
            lines = nikon_optics.capture_lines(text)
            raw: dict[str, str] = or_warn(
                lambda: bounded_text(_texts(file, text)), {}, "ND2 metadata", warnings
            )
            return Stored(
                axes=unique_axes(tuple(sizes)),
                shape=tuple(sizes.values()),
                dtype=file.dtype.str,
                facts=FileFacts(
                    format=self.title,
                    scan="lines" if meanings[1] == "time" else None,
                    both_axes_are_space=bool(x and y) and "time" not in meanings[:2],
                    x=x,
                    y=y,
                    z=z,
                    time=time,
                    channel_names=tuple(str(channel.channel.name) for channel in channels),
                    bit_depth=file.attributes.bitsPerComponentSignificant or None,
                    acquired_at=_clock(str(text.get("date", "")), begun),
                    bidirectional=nikon_optics.bidirectional(lines),
                    optics=nikon_optics.optics(
                        lines, getattr(channels[0], "microscope", None) if channels else None
                    ),
                    raw=raw,
                    warnings=tuple(warnings),
                ),
                image=number,
                image_names=names,
            )

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        with reader.ND2File(path) as file:
            return _positions(file, dict(file.sizes))

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, int]
    ) -> NDArray[Any]:
        import numpy as np

        with reader.ND2File(path) as file:
            sizes = dict(file.sizes)
            # a position is an image of its own, and none of its axes
            given = [axis for axis in sizes if axis != _POSITION]
            letters = dict(zip(given, unique_axes(tuple(given)), strict=True))
            inner = {axis: n for axis, n in sizes.items() if axis in _IN_A_FRAME}
            loops = {axis: n for axis, n in sizes.items() if axis not in _IN_A_FRAME}
            chosen = [
                [image]
                if axis == _POSITION
                else [selection[letters[axis]]]
                if letters[axis] in selection
                else range(count)
                for axis, count in loops.items()
            ]
            # where X is time its axis goes by another name, and is never selected from
            cut = tuple(selection.get(letters[axis], slice(None)) for axis in inner)
            frames = []
            for place in product(*chosen):
                number = _frame_number(sizes, dict(zip(loops, place, strict=True)))
                frame = file.read_frame(number).reshape(tuple(inner.values()))
                # a copy, because the file is unmapped when it is closed
                frames.append(np.array(frame[cut]))
            return np.stack(frames)


def _frame_number(sizes: Mapping[str, int], place: Mapping[str, int]) -> int:
    """Place of a frame in the file from its place along the loops."""
    number = 0
    for axis, count in sizes.items():
        if axis not in _IN_A_FRAME:
            number = number * count + place.get(axis, 0)
    return number


def _positions(file: Any, sizes: Mapping[str, int]) -> tuple[str, ...]:
    """A name for each place of the stage, which is an image of its own."""
    count = sizes.get(_POSITION, 1)
    if count == 1:
        return ("",)
    points: list[Any] = []
    nothing: list[Any] = []
    for loop in or_warn(lambda: list(file.experiment), nothing, "ND2 experiment", []):
        if loop.type == "XYPosLoop":
            points = list(loop.parameters.points)
    named = [str(getattr(point, "name", None) or "") for point in points[:count]]
    return unique_names(
        (named[number] if number < len(named) else "") or f"position {number + 1}"
        for number in range(count)
    )


def _refuse_missing_frames(path: Path, file: Any, sizes: dict[str, int]) -> None:
    declared = prod(count for axis, count in sizes.items() if axis not in _IN_A_FRAME)
    there = file.attributes.sequenceCount
    if there < declared:
        raise LoadError(path, f"the file is cut short: {there} of {declared} images are there")


def _refuse_wild_counts(path: Path, value: Any, depth: int) -> None:
    """Raise before the reader makes lists as long as a damaged file says."""
    if not isinstance(value, Mapping) or depth > 12:
        return
    for key, inner in value.items():
        wild = key == "CompCount" and not (
            isinstance(inner, int) and 0 <= inner <= _MOST_COMPONENTS
        )
        if wild:
            raise LoadError(path, f"it is damaged: it declares {inner!r} components a channel")
        _refuse_wild_counts(path, inner, depth + 1)


def _step(volume: Any, axis: int, meaning: str) -> Step | None:
    """Voxel size along an axis; what is not calibrated stands there as 1.0."""
    if volume is None or not volume.axesCalibrated[axis] or meaning != "distance":
        return None
    value = length_um(volume.axesCalibration[axis], "um")
    return None if value is None else Step(value, f"ND2 axesCalibration {'XYZ'[axis]}")


def _time(file: Any, sizes: dict[str, int], position: int) -> Step | None:
    """Step along T: measured from first to last where each frame has its time, else as planned."""
    begun, ended = (
        _stamp(file, _frame_number(sizes, {"T": at, _POSITION: position}))
        for at in (0, sizes["T"] - 1)
    )
    value = None
    if begun and ended:
        passed = ended.relativeTimeMs - begun.relativeTimeMs
        value = time_s(passed / (sizes["T"] - 1), "ms")
    if value is not None:
        return Step(value, "ND2 relativeTimeMs, last minus first")
    for loop in file.experiment:
        if loop.type == "TimeLoop" and loop.count == sizes["T"]:
            parameters = loop.parameters
            difference = getattr(parameters.periodDiff, "avg", None)
            for found, name in ((difference, "periodDiff avg"), (parameters.periodMs, "periodMs")):
                value = time_s(found, "ms")
                if value is not None:
                    return Step(value, f"ND2 TimeLoop {name}")
    return None


def _stamp(file: Any, number: int) -> Any:
    """Times of a frame, or ``None``."""
    try:
        return file.frame_metadata(number).channels[0].time
    # the reader fails in ways of its own where times or channels are missing; the warning tells
    except Exception:
        return None


def _instant(file: Any, frame: int) -> datetime | None:
    """When a frame was taken, in universal time."""
    stamp = _stamp(file, frame)
    days = float(stamp.absoluteJulianDayNumber or 0) - _JULIAN_DAY_OF_1970 if stamp else 0.0
    # until 2100: anything else is no date of a recording
    return datetime(1970, 1, 1) + timedelta(days=days) if 0 < days < 47_482 else None


def _clock(text: str, begun: datetime | None) -> str | None:
    """The local time of the text; whether day or month comes first says the instant beside it.

    Examples
    --------
    >>> _clock("03/04/2024  15:55:27", datetime(2024, 3, 4, 13, 55, 27))
    '2024-03-04T15:55:27'
    >>> _clock("18/06/2014  03:55:27 PM", None)
    '2014-06-18T15:55:27'
    >>> _clock("03/04/2024  15:55:27", None) is None
    True
    """
    found = re.fullmatch(
        r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})\s+(\d{1,2}):(\d\d):(\d\d)\s*([AP]M)?", text.strip()
    )
    candidates = set()
    if found:
        first, second, year, hour, minute, second_of = (int(part) for part in found.groups()[:6])
        if found[7]:
            hour = hour % 12 + (12 if found[7] == "PM" else 0)
        for day, month in ((first, second), (second, first)):
            try:
                candidates.add(datetime(year, month, day, hour, minute, second_of))
            except ValueError:
                continue
    if begun is not None:
        candidates = {c for c in candidates if abs(c - begun) < timedelta(days=2)}
    if len(candidates) == 1:
        return candidates.pop().isoformat()
    return None if begun is None or candidates else f"{begun.isoformat(timespec='seconds')}Z"


def _texts(file: Any, text: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    seen: Counter[str] = Counter()
    for key, value in text.items():
        for line in str(value).splitlines():
            name, _, rest = re.sub(r"[\s{}]+", " ", line).partition(":")
            place = f"Nikon/{key}/{name.strip()}" if rest.strip() else f"Nikon/{key}"
            seen[place] += 1
            words = rest.strip() or name.strip()
            if words:
                # the planes repeat each other's names
                yield place if seen[place] == 1 else f"{place} ({seen[place]})", words
    yield from _flat("Nikon/metadata", file.unstructured_metadata(), 0)


def _flat(place: str, value: Any, depth: int) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping) and depth < 12:
        for key, inner in value.items():
            yield from _flat(f"{place}/{key}", inner, depth + 1)
    elif isinstance(value, (str, int, float, bool)) and value != "":
        yield place, value
