"""Olympus FluoView ``.oib`` and ``.oif``: steps from the axes of the main file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import product
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.olympus_optics import direction, oif_optics
from cloudscope.loaders.olympus_reference import decoded, oif_reference
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, unique_axes
from cloudscope.loaders.reference import ReferenceImage
from cloudscope.loaders.units import length_um, time_s
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["OlympusOifLoader"]

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class OlympusOifLoader(ReaderLoader):
    """Reads FV1000 recordings: one ``.oib`` file, or an ``.oif`` with the folder beside it."""

    name = "olympus_oif"
    title = "Olympus OIB or OIF"
    suffixes: tuple[str, ...] = (".oib", ".oif")
    reader = "oiffile"
    least = "2026.10.15"
    extra = "oif"
    python = (3, 12)

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as a compound file, or as text with a section of an OIF."""
        with path.open("rb") as file:
            start = file.read(400)
        if path.suffix.lower() == ".oib":
            return start.startswith(_OLE)
        text = start.decode(
            "utf-16" if start[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8", "replace"
        )
        return text.lstrip("\ufeff\r\n ").startswith("[")

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        with reader.OifFile(path) as file:
            settings = file.mainfile
            axes, shape = file.axes, file.shape
            files = _planes(path, file)
            first = decoded(path, file, next(iter(files.values())))
            if first.shape != shape[-2:]:
                raise LoadError(
                    path, f"its images are {first.shape} and its main file says {shape[-2:]}"
                )
            x, y, z = (_step(settings, letter) for letter in "XYZ")
            scan = _section(settings, "Acquisition Parameters Common")
            plane = _of_plane(reader, file, next(iter(files.values())))
            return Stored(
                axes=unique_axes(tuple(axes)),
                shape=tuple(shape),
                dtype=first.dtype.str,
                facts=FileFacts(
                    format="Olympus " + path.suffix[1:].upper(),
                    scan="frames" if {"X", "Y"} <= set(axes) else None,
                    x=x,
                    y=y,
                    z=z,
                    time=_step(settings, "T"),
                    channel_names=_channel_names(settings),
                    bit_depth=_bits(settings),
                    acquired_at=_begun(settings),
                    bidirectional=direction(str(scan.get("ScanDirection") or "")),
                    optics=oif_optics(partial(_section, settings), plane),
                    raw=bounded_text(_texts(settings)),
                ),
            )

    def read_reference(self, path: Path, header: ImageHeader) -> ReferenceImage | None:
        """The overview frame and the line drawn on it."""
        reader = self.needed_reader(path)
        with (
            one_error(path, "reading its reference image", self.reader),
            reader.OifFile(path) as file,
        ):
            return oif_reference(path, file, reader.SettingsFile)

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, int]
    ) -> NDArray[Any]:
        import numpy as np

        with reader.OifFile(path) as file:
            letters = unique_axes(tuple(file.axes))
            files = _planes(path, file)
            chosen = [
                [selection[axis]] if axis in selection else range(count)
                for axis, count in zip(letters[:-2], file.shape[:-2], strict=True)
            ]
            cut = tuple(selection.get(axis, slice(None)) for axis in letters[-2:])
            return np.stack([decoded(path, file, files[place])[cut] for place in product(*chosen)])


def _planes(path: Path, file: Any) -> dict[tuple[int, ...], str]:
    """Name of the TIFF of each plane by its place along the outer axes."""
    outer = tuple(file.shape[:-2])
    series = file.series
    if not series:
        raise LoadError(path, "the images that belong to it are missing: is its folder beside it?")
    main = series[0]
    if prod(outer) == 1:
        return {(0,) * len(outer): main[0]}
    if tuple(main.shape) != outer:
        raise LoadError(
            path, f"its images are numbered {main.shape} and its main file says {outer}"
        )
    found = {tuple(int(i) for i in at): name for at, name in zip(main.indices, main, strict=True)}
    if len(found) < prod(outer):
        raise LoadError(
            path, f"the file is cut short: {len(found)} of {prod(outer)} images are there"
        )
    return found


def _of_plane(reader: Any, file: Any, name: str) -> dict[str, Any]:
    """Acquisition parameters beside the pixels of a plane; none where the file is not there."""
    beside = name[: name.rfind(".")] + ".pty"
    if beside not in set(file.filesystem.files()):
        return {}
    with file.open_file(beside) as handle:
        return _section(reader.SettingsFile(handle, beside), "Acquisition Parameters Common")


def _section(settings: Any, name: str) -> dict[str, Any]:
    return dict(settings.get(name) or {})


def _axis(settings: Any, letter: str) -> dict[str, Any]:
    for number in range(9):
        axis = _section(settings, f"Axis {number} Parameters Common")
        if axis.get("AxisCode") == letter:
            return axis
    return {}


def _step(settings: Any, letter: str) -> Step | None:
    """Step along an axis, from its length or duration.

    Where the software also wrote the step, rounded, that says whether the positions are those of
    the first and last element or the edges.
    """
    axis = _axis(settings, letter)
    count = int(axis.get("MaxSize") or 0)
    if count < 2:
        return None
    unit = str(axis.get("UnitName") or axis.get("PixUnit") or "")
    convert = time_s if letter == "T" else length_um
    extent = abs(float(axis.get("EndPosition", 0)) - float(axis.get("StartPosition", 0)))
    source = f"OIF Axis {letter} EndPosition"
    rounded = _rounded(settings, letter)
    for steps, words in ((count, "pixels"), (count - 1, "steps")):
        value = convert(extent / steps, unit)
        # the rounded step has three decimals
        if value is not None and rounded is not None and abs(value - rounded) <= 0.00051:
            return Step(value, f"{source} ÷ {words}")
    if rounded is not None:
        return Step(rounded, "OIF Reference Image Parameter")
    value = convert(extent / count, unit)
    return (
        None
        if value is None
        else Step(value, f"{source} ÷ {'lines' if letter == 'T' else 'pixels'}")
    )


def _rounded(settings: Any, letter: str) -> float | None:
    """Pixel width or height in µm as the software shows it."""
    side = {"X": "Width", "Y": "Height"}.get(letter)
    image = _section(settings, "Reference Image Parameter")
    if side is None:
        return None
    return length_um(image.get(f"{side}ConvertValue"), str(image.get(f"{side}Unit", "")))


def _channel_names(settings: Any) -> tuple[str, ...]:
    """Dye of each channel, or the name of its detector."""
    names = []
    for number in range(1, 33):
        channel = _section(settings, f"Channel {number} Parameters")
        if not channel:
            break
        dye = str(channel.get("DyeName") or "")
        names.append(dye if dye not in ("", "None") else str(channel.get("CH Name") or ""))
    return tuple(names)


def _bits(settings: Any) -> int | None:
    bits = _section(settings, "Reference Image Parameter").get("ValidBitCounts")
    return int(bits) if bits else None


def _begun(settings: Any) -> str | None:
    from datetime import datetime

    section = _section(settings, "Acquisition Parameters Common")
    text = str(section.get("ImageCaputreDate", "")).strip("'")  # so it is spelt
    try:
        begun = datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
        milliseconds = int(section.get("ImageCaputreDate+MilliSec") or 0)
    except ValueError:
        return None
    return begun.replace(microsecond=milliseconds * 1000 % 1_000_000).isoformat(
        timespec="milliseconds"
    )


def _texts(settings: Any) -> Iterator[tuple[str, object]]:
    last = ("Sequential Group", "GUI", "ProfileSaveInfo")
    for name in sorted(settings, key=lambda name: str(name).startswith(last)):
        for key, value in _section(settings, name).items():
            yield f"Olympus/{name}/{key}", value
