"""Leica LIF: written here block by block, and a real recording."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

pytest.importorskip("liffile", reason="the reader liffile is not installed")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
WriteLif = Callable[..., Path]

# name, axis id, length, unit: X 1, Y 2, Z 3, T 4
Axis = tuple[str, int, str, str]
X = ("X", 1, "7.8e-06", "m")
Y = ("Y", 2, "5.8e-06", "m")
T = ("T", 4, "0.5988", "s")


def _image(number: int, name: str, axes: Sequence[Axis], array: NDArray[Any], scan: str) -> str:
    """XML of one image; the array has its channels first and then `axes`."""
    channels = "".join(
        f'<ChannelDescription DataType="0" ChannelTag="0" Resolution="12" NameOfMeasuredQuantity=""'
        f' Min="0" Max="4095" Unit="" LUTName="{colour}" IsLUTInverted="0"'
        f' BytesInc="{i * array.strides[0]}" BitInc="0"/>'
        for i, colour in zip(range(len(array)), ("Green", "Red"), strict=False)
    )
    dimensions = "".join(
        f'<DimensionDescription DimID="{number}" NumberOfElements="{size}" Origin="0"'
        f' Length="{length}" Unit="{unit}" BitInc="0" BytesInc="{step}"/>'
        for (_, number, length, unit), size, step in zip(
            axes, array.shape[1:], array.strides[1:], strict=True
        )
    )
    return (
        f'<Element Name="{name}" UniqueID="{number}"><Data><Image><ImageDescription>'
        f"<Channels>{channels}</Channels><Dimensions>{dimensions}</Dimensions></ImageDescription>"
        f'<TimeStampList NumberOfTimeStamps="1">1d71114eb8b44f0 </TimeStampList>'
        f"<Attachment><ATLConfocalSettingDefinition {scan}/></Attachment></Image></Data>"
        f'<Memory Size="{array.nbytes}" MemoryBlockID="Block_{number}"/></Element>'
    )


@pytest.fixture
def write_lif(tmp_path: Path) -> WriteLif:
    """`write_lif((name, axes, array), ..., scan="LineTime='0.001'")` gives the path."""

    def make(
        *images: tuple[str, Sequence[Axis], NDArray[Any]], scan: str = 'Zoom="4"', declared: int = 0
    ) -> Path:
        xml = (
            '<LMSDataContainerHeader Version="2"><Element Name="a" UniqueID="0"><Children>'
            + "".join(_image(i, *image, scan) for i, image in enumerate(images))
            + "</Children></Element></LMSDataContainerHeader>"
        ).encode("utf-16-le")
        data = struct.pack("<IIBI", 0x70, 5 + len(xml), 0x2A, len(xml) // 2) + xml
        for number, (_, _, array) in enumerate(images):
            block = f"Block_{number}".encode("utf-16-le")
            size = declared or array.nbytes
            data += struct.pack("<IIBQBI", 0x70, 14 + len(block), 0x2A, size, 0x2A, len(block) // 2)
            data += block + array.tobytes()
        path = tmp_path / "scans.lif"
        path.write_bytes(data)
        return path

    return make


def test_line_scan_of_two_channels(write_lif: WriteLif, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 500, 40))
    path = write_lif(("xt", (T, X), stored), scan='LineTime="0.001" IsBidirectional="1"')

    header, planes = read(path)

    assert (header.format, header.kind) == ("Leica LIF", "line_scan")
    assert (header.lines, header.pixels, header.channels, header.frames) == (500, 40, 2, 1)
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.line_period_s == pytest.approx(0.5988 / 499)
    assert header.line_period_source == "LIF DimensionDescription T, Length ÷ steps"
    assert header.pixel_size_um == pytest.approx(7.8 / 39)
    assert header.row_size_um is None
    assert (header.dtype, header.bit_depth) == ("uint16", 12)
    assert header.channel_names == ("Green", "Red")
    assert header.acquired_at == "2021-03-04T16:39:17.951Z"
    assert header.raw["Leica/Scan/IsBidirectional"] == "1"
    assert header.warnings == ()
    np.testing.assert_array_equal(planes[0], stored)


def test_pixels_are_mapped_and_read_only(write_lif: WriteLif, ramp: Ramp) -> None:
    stored = ramp((1, 500, 40))
    path = write_lif(("xt", (T, X), stored))

    plane = loaders.open_pixels(path, loaders.read_header(path)).channel(0)

    assert isinstance(plane, np.memmap)
    np.testing.assert_array_equal(plane, stored[0])
    with pytest.raises(ValueError, match="read-only"):
        plane[0, 0] = 1


def test_time_along_the_columns(write_lif: WriteLif, ramp: Ramp, read: Read) -> None:
    stored = ramp((1, 40, 500))
    header, planes = read(write_lif(("tx", (X, T), stored)))

    assert (header.time_axis, header.lines, header.pixels) == ("columns", 500, 40)
    assert header.line_period_s == pytest.approx(0.5988 / 499)
    np.testing.assert_array_equal(planes[0, 0], stored[0].T)


def test_the_first_line_scan_of_several_images(write_lif: WriteLif, ramp: Ramp, read: Read) -> None:
    stored = ramp((1, 500, 40))
    path = write_lif(
        ("overview", (Y, X), ramp((1, 30, 40))),
        ("scan 1", (T, X), stored),
        ("scan 2", (T, X), ramp((1, 300, 40))),
    )

    header, planes = read(path)

    np.testing.assert_array_equal(planes[0], stored)
    assert (header.image_name, header.image_index, header.image_count) == ("scan 1", 1, 3)
    assert header.warnings == ()


def test_every_image_of_a_file(write_lif: WriteLif, ramp: Ramp) -> None:
    first, second = ramp((1, 30, 40)), ramp((2, 300, 40)) + 1
    path = write_lif(("overview", (Y, X), first), ("scan 2", (T, X), second))

    assert [entry.name for entry in loaders.list_images(path)] == ["overview", "scan 2"]
    for number, stored in enumerate((first, second)):
        header = loaders.read_header(path, image=number)
        pixels = loaders.open_pixels(path, header)
        for channel, plane in enumerate(stored):
            np.testing.assert_array_equal(pixels.channel(channel), plane)
    by_name = loaders.read_header(path, image="overview")
    assert (by_name.image_index, by_name.kind) == (0, "frames")


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (2, "it has no image 2; it has 2, 0 to 1"),
        (-1, "it has no image -1"),
        ("scan 3", "it has no image 'scan 3'; it has 'scan 1', 'scan 2'"),
    ],
)
def test_an_image_that_is_not_there(
    write_lif: WriteLif, ramp: Ramp, image: int | str, reason: str
) -> None:
    path = write_lif(("scan 1", (T, X), ramp((1, 30, 4))), ("scan 2", (T, X), ramp((1, 30, 4))))

    with pytest.raises(LoadError, match=reason):
        loaders.read_header(path, image=image)


def test_images_of_the_same_name_can_be_told_apart(write_lif: WriteLif, ramp: Ramp) -> None:
    path = write_lif(("scan", (T, X), ramp((1, 30, 4))), ("scan", (T, X), ramp((1, 40, 4))))

    names = [entry.name for entry in loaders.list_images(path)]

    assert len(set(names)) == 2
    assert loaders.read_header(path, image=names[1]).lines == 40


def test_frames_in_time(write_lif: WriteLif, ramp: Ramp, read: Read) -> None:
    stored = ramp((1, 20, 30, 40))
    header, planes = read(write_lif(("xyt", (T, Y, X), stored)))

    assert (header.kind, header.frames, header.lines, header.pixels) == ("frames", 20, 30, 40)
    assert header.frame_period_s == pytest.approx(0.5988 / 19)
    assert header.row_size_um == pytest.approx(5.8 / 29)
    np.testing.assert_array_equal(planes[:, 0], stored[0])


def test_line_time_of_the_scanner_serves_where_time_has_no_length(
    write_lif: WriteLif, ramp: Ramp
) -> None:
    path = write_lif(("xt", (("T", 4, "0", "s"), X), ramp((1, 500, 40))), scan='LineTime="0.0025"')

    header = loaders.read_header(path)

    assert header.line_period_s == 0.0025
    assert header.line_period_source == "LIF ATLConfocalSettingDefinition LineTime"


@pytest.mark.parametrize(
    "unknown", [("X", 1, "0", "m"), ("X", 1, "39", ""), ("X", 1, "nan", "m"), ("X", 1, "39", "px")]
)
def test_scales_that_are_none(write_lif: WriteLif, ramp: Ramp, unknown: Axis) -> None:
    axes = (("T", 4, "499", ""), unknown)

    header = loaders.read_header(write_lif(("xt", axes, ramp((1, 500, 40)))))

    assert (header.pixel_size_um, header.pixel_size_source) == (None, "")
    assert (header.line_period_s, header.line_period_source) == (None, "")


@pytest.mark.parametrize("percent", [95, 50, 10])
def test_cut_short(write_lif: WriteLif, ramp: Ramp, percent: int) -> None:
    path = write_lif(("xt", (T, X), ramp((1, 5000, 40))))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LoadError, match="cut short") as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


def test_block_smaller_than_its_image(write_lif: WriteLif, ramp: Ramp) -> None:
    path = write_lif(("xt", (T, X), ramp((1, 500, 40))), declared=1000)

    with pytest.raises(LoadError, match=r"cut short: 1 kB of 40 kB are there"):
        loaders.read_header(path)


def test_no_image_in_it(write_lif: WriteLif) -> None:
    with pytest.raises(LoadError, match="it holds no images"):
        loaders.read_header(write_lif())


def test_real_recording(shared_data: Path) -> None:
    path = shared_data / "formats/leica_2channel_xz.lif"

    header = loaders.read_header(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 20, 2)
    assert (header.lines, header.pixels, header.dtype) == (128, 128, "uint8")
    assert header.pixel_size_um == pytest.approx(0.1403, abs=5e-5)
    assert header.frame_period_s == pytest.approx(0.53)
    assert header.raw["Leica/Scan/LineTime"] == "0.0025"
    assert header.raw["Leica/Scan/FrameTime"] == "0.53"
    assert header.bidirectional is False
    assert (header.optics.microscope, header.optics.scan_mode) == ("TCS SP8", "xzt")
    assert header.optics.objective == "HC PL APO CS2 63x/1.30 GLYC"
    assert (header.optics.magnification, header.optics.numerical_aperture) == (63, 1.3)
    assert header.optics.dwell_time_s == pytest.approx(4.875e-6)
    assert [str(laser) for laser in header.optics.lasers] == ["488 nm at 0.5 %", "552 nm at 50 %"]
    assert [detector.name for detector in header.optics.detectors] == ["HyD 1", "HyD 3"]
    assert [entry.name for entry in loaders.list_images(path)] == ["xzt", "xzy", "xz"]
    pixels = loaders.open_pixels(path, header)
    assert pixels.channel(1, 19).shape == (128, 128)


def test_damaged_copies_are_read_or_refused(write_lif: WriteLif, ramp: Ramp) -> None:
    path = write_lif(("overview", (Y, X), ramp((1, 30, 40))), ("scan", (T, X), ramp((2, 50, 40))))

    assert survives_damage(path) > 0
