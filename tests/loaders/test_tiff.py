"""Plain TIFF: layouts, compression, byte orders, calibration of the resolution tags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError, UnknownNameError

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def planes(path: Path) -> tuple[Any, list[NDArray[Any]]]:
    """Header and all planes of a file, channels first."""
    header = loaders.read_header(path)
    pixels = loaders.open_pixels(path, header)
    found = [
        pixels.channel(channel, frame)
        for frame in range(header.frames)
        for channel in range(header.channels)
    ]
    for plane in found:
        assert plane.shape == (header.lines, header.pixels)
        assert plane.dtype == np.dtype(header.dtype)
        assert plane.dtype.isnative
        assert not plane.flags.writeable
    return header, found


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "float32", "float64"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_every_pixel_type_comes_back_equal(
    write: Write, ramp: Ramp, dtype: str, byteorder: str
) -> None:
    stored = ramp((120, 24), dtype)

    header, (plane,) = planes(write(stored, byteorder=byteorder))

    assert header.kind == "line_scan"
    assert header.dtype == dtype
    np.testing.assert_array_equal(plane, stored)


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "zlib"},
        {"compression": "lzw"},
        {"compression": "zlib", "predictor": True},
        {"compression": "packbits"},
        {"compression": "zstd"},
        {"rowsperstrip": 7},
        {"tile": (16, 16)},
        {"tile": (16, 16), "compression": "zlib"},
        {"bigtiff": True},
        {"bigtiff": True, "byteorder": ">"},
        {"bigtiff": True, "compression": "lzw"},
    ],
    ids=str,
)
def test_every_storage_comes_back_equal(write: Write, ramp: Ramp, options: dict[str, Any]) -> None:
    stored = ramp((300, 40))

    header, (plane,) = planes(write(stored, **options))

    np.testing.assert_array_equal(plane, stored)
    assert header.format == ("BigTIFF" if options.get("bigtiff") else "TIFF")


def test_plain_pixels_are_mapped_and_not_read(write: Write, ramp: Ramp) -> None:
    path = write(ramp((500, 32)))

    plane = loaders.open_pixels(path, loaders.read_header(path)).channel(0)

    assert isinstance(plane, np.memmap)


def test_bilevel_pixels_become_numbers(write: Write) -> None:
    stored = np.arange(64 * 16).reshape(64, 16) % 3 == 0

    header, (plane,) = planes(write(stored))

    assert header.dtype == "uint8"
    np.testing.assert_array_equal(plane, stored)


def test_complex_pixels_are_refused(write: Write) -> None:
    path = write(np.ones((64, 16), "complex64"))

    with pytest.raises(LoadError, match="complex64"):
        loaders.read_header(path)


def test_frames_of_a_plain_stack(write: Write, ramp: Ramp) -> None:
    stored = ramp((6, 40, 50))

    header, found = planes(write(stored))

    assert (header.kind, header.frames, header.channels) == ("frames", 6, 1)
    np.testing.assert_array_equal(found, stored)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_two_pages_of_a_long_scan_are_channels(
    write: Write, ramp: Ramp, compression: str | None
) -> None:
    stored = ramp((2, 400, 30))

    header, found = planes(write(stored, compression=compression))

    assert (header.kind, header.frames, header.channels) == ("line_scan", 1, 2)
    np.testing.assert_array_equal(found, stored)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_pages_of_one_row_are_lines(write: Write, ramp: Ramp, compression: str | None) -> None:
    stored = ramp((40, 1, 30))

    header, (plane,) = planes(write(stored, compression=compression))

    assert (header.kind, header.lines, header.pixels) == ("line_scan", 40, 30)
    assert header.time_axis_source == "rule: pages of one row each are the lines"
    np.testing.assert_array_equal(plane, stored[:, 0])


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("layout", ["contig", "separate"])
def test_samples_are_channels(
    write: Write, ramp: Ramp, layout: str, compression: str | None
) -> None:
    stored = ramp((2, 300, 20))
    array = np.moveaxis(stored, 0, -1) if layout == "contig" else stored

    header, found = planes(write(array, planarconfig=layout, compression=compression))

    assert (header.kind, header.channels) == ("line_scan", 2)
    np.testing.assert_array_equal(found, stored)


def test_colours_are_channels(write: Write, ramp: Ramp) -> None:
    stored = ramp((300, 20, 3), "uint8")

    header, found = planes(write(stored, photometric="rgb"))

    assert (header.kind, header.channels) == ("line_scan", 3)
    np.testing.assert_array_equal(np.moveaxis(found, 0, -1), stored)


def test_axes_named_by_tifffile_itself(write: Write, ramp: Ramp) -> None:
    stored = ramp((3, 40, 50))

    header, found = planes(write(stored, metadata={"axes": "CYX"}))

    assert (header.kind, header.channels, header.frames) == ("line_scan", 3, 1)
    np.testing.assert_array_equal(found, stored)


def test_images_of_different_size_are_images_of_their_own(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "mixed.tif"
    with tifffile.TiffWriter(path) as tif:
        tif.write(ramp((300, 20)), metadata=None)
        tif.write(ramp((64, 50)), metadata=None, compression="zlib")

    header, (plane,) = planes(path)
    other = loaders.read_header(path, image=1)

    np.testing.assert_array_equal(plane, ramp((300, 20)))
    assert (header.image_index, header.image_count, header.warnings) == (0, 2, ())
    assert (other.image_index, other.image_count, other.lines, other.pixels) == (1, 2, 64, 50)
    np.testing.assert_array_equal(loaders.open_pixels(path, other).channel(0), ramp((64, 50)))
    assert [entry.name for entry in loaders.list_images(path)] == [
        header.image_name,
        other.image_name,
    ]


def test_smaller_copies_of_an_image_are_no_images(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "thumbnail.tif"
    with tifffile.TiffWriter(path) as tif:
        tif.write(ramp((300, 20)), metadata=None)
        tif.write(ramp((30, 20)), metadata=None, subfiletype=1)

    assert loaders.read_header(path).image_count == 1
    with pytest.raises(LoadError, match="it has no image 1; it has one, 0"):
        loaders.read_header(path, image=1)


@pytest.mark.parametrize(
    ("shape", "time_axis", "source"),
    [
        ((400, 38), "rows", "rule: rows"),
        ((100, 100), "rows", "rule: rows"),
        ((100, 200), "rows", "rule: rows"),
        ((100, 201), "columns", "rule: columns"),
        ((38, 3000), "columns", "rule: columns"),
        ((1, 64), "columns", "rule: columns"),
        ((64, 1), "rows", "rule: rows"),
    ],
)
def test_time_axis_without_metadata(
    write: Write, ramp: Ramp, shape: tuple[int, int], time_axis: str, source: str
) -> None:
    stored = ramp(shape)

    header, (plane,) = planes(write(stored))

    assert header.time_axis == time_axis
    assert header.time_axis_source.startswith(source)
    np.testing.assert_array_equal(plane, stored if time_axis == "rows" else stored.T)


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("shape", [(400, 30), (30, 400), (2, 30, 400)])
def test_the_user_may_swap_time_and_position(
    write: Write, ramp: Ramp, shape: tuple[int, ...], compression: str | None
) -> None:
    path = write(ramp(shape), compression=compression)
    header = loaders.read_header(path)
    as_in_file = loaders.open_pixels(path, header).channel(header.channels - 1)

    swapped = loaders.open_pixels(path, header.transposed()).channel(header.channels - 1)

    np.testing.assert_array_equal(swapped, as_in_file.T)
    assert not swapped.flags.writeable


@pytest.mark.parametrize(
    ("resolution", "unit", "expected_um"),
    [
        ((72, 72), "INCH", None),
        ((96, 96), "INCH", None),
        ((300, 300), "INCH", None),
        ((1200, 1200), "INCH", None),
        ((72, 72), "CENTIMETER", None),
        ((10000, 10000), "CENTIMETER", None),
        ((25400, 25400), "INCH", None),
        ((1, 1), "NONE", None),
        ((40000, 20000), "NONE", None),
        ((40000, 20000), "CENTIMETER", 0.25),
        ((101600, 50800), "INCH", 0.25),
    ],
)
def test_resolution_tags_of_printers_are_no_calibration(
    write: Write,
    ramp: Ramp,
    resolution: tuple[int, int],
    unit: str,
    expected_um: float | None,
) -> None:
    path = write(ramp((200, 20)), resolution=resolution, resolutionunit=unit)

    header = loaders.read_header(path)

    assert header.pixel_size_um == (expected_um and pytest.approx(expected_um))
    assert header.pixel_size_source == ("TIFF tag XResolution" if expected_um else "")
    assert header.row_size_um == (expected_um and pytest.approx(2 * expected_um))
    swapped = header.transposed()
    assert swapped.pixel_size_um == header.row_size_um
    assert header.line_period_s is None


def test_date_of_the_file(write: Write, ramp: Ramp) -> None:
    path = write(ramp((200, 20)), datetime="2024:05:06 07:08:09")

    assert loaders.read_header(path).acquired_at == "2024-05-06T07:08:09"


def test_long_metadata_stays_bounded(write: Write, ramp: Ramp) -> None:
    path = write(ramp((200, 20)), description="x" * 300_000)

    raw = loaders.read_header(path).raw

    assert raw["TIFF/ImageDescription"].endswith("(300000 characters)")
    assert sum(len(value) for value in raw.values()) < 5_000


def test_unknown_channel_or_frame(write: Write, ramp: Ramp) -> None:
    path = write(ramp((2, 400, 30)))
    pixels = loaders.open_pixels(path, loaders.read_header(path))

    with pytest.raises(UnknownNameError, match=r"no channel 2; it has 2 channels, 0 to 1"):
        pixels.channel(2)
    with pytest.raises(UnknownNameError, match=r"no frame 1; it has one frame, 0"):
        pixels.channel(0, frame=1)
    with pytest.raises(UnknownNameError):
        pixels.channel(-1)


def test_decoded_planes_are_kept_until_closed(write: Write, ramp: Ramp) -> None:
    path = write(ramp((400, 30)), compression="zlib")
    pixels = loaders.open_pixels(path, loaders.read_header(path))

    first = pixels.channel(0)
    assert pixels.channel(0) is first
    pixels.close()
    again = pixels.channel(0)
    assert again is not first
    np.testing.assert_array_equal(again, first)


def test_pixels_of_another_header_are_refused(write: Write, ramp: Ramp) -> None:
    header = loaders.read_header(write(ramp((400, 30))))
    path = write(ramp((500, 30)))

    with pytest.raises(LoadError, match="not those of the header"):
        loaders.open_pixels(path, header)


def test_a_file_that_shrinks_while_open(write: Write, ramp: Ramp) -> None:
    path = write(ramp((400, 30)))
    pixels = loaders.open_pixels(path, loaders.read_header(path))
    path.write_bytes(path.read_bytes()[:1000])

    with pytest.raises(LoadError, match="became shorter"):
        pixels.channel(0)

    path.unlink()
    with pytest.raises(LoadError, match="no such file"):
        pixels.channel(0)
