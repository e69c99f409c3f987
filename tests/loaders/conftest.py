"""Makers of recordings in every dialect of TIFF that the loaders read."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.metadata import ImageHeader

Write = Callable[..., Path]


def _ramp(shape: tuple[int, ...], dtype: str = "uint16") -> NDArray[Any]:
    """Pixels that are all different as far as the type goes, so that any mix-up shows."""
    values = np.arange(int(np.prod(shape)), dtype="int64")
    largest = np.iinfo(dtype).max if np.dtype(dtype).kind in "ui" else 2**20
    return (values % largest).astype(dtype).reshape(shape)


@pytest.fixture
def ramp() -> Callable[..., NDArray[Any]]:
    return _ramp


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """`write(array, name="a.tif", **options of tifffile.imwrite)` gives the path."""

    def make(array: NDArray[Any], name: str = "a.tif", **options: Any) -> Path:
        path = tmp_path / name
        options.setdefault("metadata", None)
        options.setdefault("photometric", "minisblack")
        tifffile.imwrite(path, array, **options)
        return path

    return make


@pytest.fixture
def write_lsm(tmp_path: Path) -> Write:
    """Zeiss LSM: the CZ_LSMINFO structure and a reduced page after each image."""

    def make(
        planes: Sequence[NDArray[Any]],
        *,
        scan_type: int,
        sizes: dict[str, int],
        voxel_m: tuple[float, float],
        interval_s: float,
        planarconfig: str | None = None,
    ) -> Path:
        info = bytearray(512)
        struct.pack_into("<II", info, 0, 67127628, 512)
        order = ("X", "Y", "Z", "C", "T")
        struct.pack_into("<5i", info, 8, *(sizes.get(axis, 1) for axis in order))
        struct.pack_into("<3d", info, 40, *voxel_m, 0.0)
        struct.pack_into("<H", info, 88, scan_type)
        struct.pack_into("<d", info, 112, interval_s)
        path = tmp_path / "scan.lsm"
        with tifffile.TiffWriter(path, byteorder="<") as tif:
            for i, plane in enumerate(planes):
                tags = [(34412, "B", len(info), bytes(info), True)] if i == 0 else []
                tif.write(
                    plane,
                    photometric="minisblack",
                    planarconfig=planarconfig,
                    metadata=None,
                    extratags=tags,
                )
                tif.write(
                    np.zeros((8, 8, 3), "uint8"), photometric="rgb", subfiletype=1, metadata=None
                )
        return path

    return make


@pytest.fixture
def write_fluoview(tmp_path: Path) -> Write:
    """Olympus FluoView: the MM_Header structure with up to ten named dimensions."""

    def make(
        array: NDArray[Any],
        dimensions: Sequence[tuple[str, int, float, str]],
        *,
        description: str = "",
        map_max: float = 4095.0,
    ) -> Path:
        head = bytearray(struct.calcsize("<hB257sIiIIiI"))
        head[3:8] = b"image"
        for i in range(10):
            name, size, step, unit = dimensions[i] if i < len(dimensions) else ("", 1, 0.0, "")
            head += struct.pack(
                "<16sidd64s", name.encode(), size, 0.0, step, unit.encode("latin-1")
            )
        head += struct.pack("<IhddddIdd", 0, 0, 0.0, map_max, 0.0, 0.0, 0, 0.0, 0.0)
        head += struct.pack("<16sidd64s", b"Intensity", 0, 0.0, 1.0, b"")
        head += struct.pack("<IiI", 0, 0, 0)
        path = tmp_path / "fluoview.tif"
        tifffile.imwrite(
            path,
            array,
            photometric="minisblack",
            metadata=None,
            description=description or None,
            byteorder="<",
            extratags=[
                (34361, "B", len(head), bytes(head), True),
                (34362, "d", 8, (0.0,) * 8, True),
            ],
        )
        return path

    return make


@pytest.fixture
def read() -> Callable[[Path], tuple[ImageHeader, NDArray[Any]]]:
    """Header and all planes of a file, shape (frames, channels, lines, pixels)."""

    def everything(path: Path) -> tuple[ImageHeader, NDArray[Any]]:
        header = loaders.read_header(path)
        pixels = loaders.open_pixels(path, header)
        return header, np.array(
            [
                [pixels.channel(channel, frame) for channel in range(header.channels)]
                for frame in range(header.frames)
            ]
        )

    return everything


_OLYMPUS_TEXT = """\
"[General]"\t""
"Name"\t"a.oir"
"Scan Mode"\t"XT"
"Date"\t"{date}"
"[Dimensions]"\t""
"X Dimension"\t"{pixels}, 0.0 - {length} [um], {nominal} [um/pixel]"
"Channel Dimension"\t"{channels} [Ch]"
"T Dimension"\t"1, 0.000 - 0.{lines} [s], Interval FreeRun"
"[Image]"\t""
"Primary Dimensions"\t"X * T"
"Image Size"\t"{pixels} * {lines} [pixel]"
"Image Size(Unit Converted)"\t"{length} [um] * {duration} [ms]"
"[Reference Image]"\t""
"Image Size"\t"512 * 512 [pixel]"
"Image Size(Unit Converted)"\t"145.462 [um] * 145.462 [um]"
"""
_OLYMPUS_CHANNEL = """\
"[Channel {number}]"\t""
"Channel Name"\t"CH{number}"
"Dye Name"\t"{dye}"
"Bits/Pixel"\t"12 [bits]"
"""


@pytest.fixture
def olympus_text() -> Callable[..., str]:
    """Text of an Olympus header for a line scan."""

    def make(
        lines: int = 600,
        pixels: int = 38,
        *,
        length: str = "10.796",
        nominal: str = "0.284",
        duration: str = "702.000",
        date: str = "11/02/2022 12:30:15.461 PM",
        dyes: Sequence[str] = ("FITC",),
    ) -> str:
        text = _OLYMPUS_TEXT.format(
            lines=lines,
            pixels=pixels,
            length=length,
            nominal=nominal,
            duration=duration,
            date=date,
            channels=len(dyes),
        )
        for number, dye in enumerate(dyes, start=1):
            text += _OLYMPUS_CHANNEL.format(number=number, dye=dye)
        return text.replace("\n", "\r\n")

    return make
