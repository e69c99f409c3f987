"""Pixels from several threads, and in bounded memory."""

from __future__ import annotations

import errno
import gc
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError, UnknownNameError
from cloudscope.loaders import laid_out_pixels

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_threads_read_the_same(write: Write, ramp: Ramp, compression: str | None) -> None:
    stored = ramp((6, 2, 40, 50))
    path = write(stored, imagej=True, compression=compression, metadata={"axes": "TCYX"})
    pixels = loaders.open_pixels(path, loaders.read_header(path))
    wanted = [(channel, frame) for frame in range(6) for channel in range(2)] * 4

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda plane: pixels.channel(*plane), wanted))

    for (channel, frame), plane in zip(wanted, found, strict=True):
        np.testing.assert_array_equal(plane, stored[frame, channel])


def test_headers_are_read_in_threads(write: Write, ramp: Ramp) -> None:
    paths = [write(ramp((100 + i, 20)), name=f"{i}.tif") for i in range(20)]

    with ThreadPoolExecutor(8) as pool:
        headers = list(pool.map(loaders.read_header, paths))

    assert [header.lines for header in headers] == [100 + i for i in range(20)]


def test_kept_planes_are_bounded(write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laid_out_pixels, "_KEPT_BYTES", 3 * 40 * 50 * 2)
    path = write(ramp((6, 40, 50)), compression="zlib")
    pixels = loaders.open_pixels(path, loaders.read_header(path))

    first = pixels.channel(0, 0)
    assert pixels.channel(0, 0) is first
    for frame in range(1, 6):
        pixels.channel(0, frame)

    assert pixels.channel(0, 0) is not first
    assert len(pixels._kept) == 3


def test_a_plane_outlives_its_source(write: Write, ramp: Ramp) -> None:
    stored = ramp((400, 30))
    path = write(stored)
    plane = loaders.open_pixels(path, loaders.read_header(path)).channel(0)
    gc.collect()

    np.testing.assert_array_equal(plane, stored)
    with pytest.raises(ValueError, match="read-only"):
        plane[0, 0] = 1


@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("time_axis", ["rows", "columns"])
def test_a_part_is_that_part_of_the_plane(
    write: Write, ramp: Ramp, byteorder: str, compression: str | None, time_axis: str
) -> None:
    path = write(ramp((400, 30)), byteorder=byteorder, compression=compression)
    header = loaders.read_header(path)
    if time_axis == "columns":
        header = header.transposed()
    source = loaders.open_pixels(path, header)
    rows, columns = slice(5, 25), slice(7, 19)

    part = loaders.part_of(source, 0, 0, (5, 25, 7, 19))

    assert np.array_equal(part, source.channel(0)[rows, columns])
    assert part.dtype == np.uint16
    assert not part.flags.writeable


def test_a_part_of_a_mapped_file_reads_nothing_else(write: Write, ramp: Ramp) -> None:
    path = write(ramp((4000, 30)), byteorder=">")
    source = loaders.open_pixels(path, loaders.read_header(path))

    part = loaders.part_of(source, 0, 0, (5, 25, 0, 30))

    assert part.nbytes == 20 * 30 * 2
    assert part.base is None, "its own memory, not a piece of the whole plane"
    with pytest.raises(UnknownNameError):
        loaders.part_of(source, 1, 0, (5, 25, 0, 30))


@pytest.mark.parametrize("time_axis", ["rows", "columns"])
@pytest.mark.parametrize(
    "options",
    [
        {"compression": "zlib", "rowsperstrip": 7},
        {"compression": "zlib", "rowsperstrip": 7, "predictor": True},
        {"compression": "lzw", "rowsperstrip": 16, "byteorder": ">"},
        {"compression": "zlib", "tile": (16, 32)},
        {"compression": "zlib", "rowsperstrip": 400},
        {"compression": "zlib", "tile": (64, 16), "bigtiff": True, "byteorder": ">"},
        {"byteorder": ">"},
    ],
    ids=str,
)
def test_stretches_of_rows_are_the_rows_of_the_plane(
    write: Write,
    ramp: Ramp,
    monkeypatch: pytest.MonkeyPatch,
    options: dict[str, Any],
    time_axis: str,
) -> None:
    stored = ramp((400, 50))
    path = write(stored, **options)
    header = loaders.read_header(path)
    if header.time_axis != time_axis:
        header = header.transposed()
        stored = stored.T
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 3000)
    for most in (1 << 27, 100):  # kept in memory, and put on the disk
        monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", most)
        source = loaders.open_pixels(path, header)
        for bounds in ((0, 3, 0, 9), (5, 31, 7, 19), (17, 49, 2, 50), (31, 32, 1, 2)):
            part = loaders.part_of(source, 0, 0, bounds)
            np.testing.assert_array_equal(part, stored[slice(*bounds[:2]), slice(*bounds[2:])])
            assert part.dtype.isnative
            assert not part.flags.writeable
        np.testing.assert_array_equal(source.channel(0), stored)


@pytest.mark.parametrize("axes", ["TCYX", "CYX", "YX"])
def test_stretches_of_planes_of_several_pages(
    write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch, axes: str
) -> None:
    shape = {"TCYX": (3, 2, 300, 20), "CYX": (2, 300, 20), "YX": (300, 20)}[axes]
    stored = ramp(shape)
    path = write(stored, imagej=True, compression="zlib", rowsperstrip=30, metadata={"axes": axes})
    whole = stored.reshape(-1, shape[-3] if len(shape) > 2 else 1, 300, 20)
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 2000)
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 2000)
    source = loaders.open_pixels(path, loaders.read_header(path))

    for frame in range(source.frames):
        for channel in range(source.channels):
            plane = whole[frame, channel]
            part = loaders.part_of(source, channel, frame, (29, 95, 3, 18))
            np.testing.assert_array_equal(part, plane[29:95, 3:18])
            np.testing.assert_array_equal(source.channel(channel, frame), plane)


def test_a_small_part_decodes_the_strips_it_lies_in_and_no_others(
    write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ramp((4000, 50)), compression="zlib", rowsperstrip=10)
    monkeypatch.setattr(laid_out_pixels, "_STRETCH_BYTES", 2000)
    source = loaders.open_pixels(path, loaders.read_header(path))
    read: list[int] = []
    segments = tifffile.FileHandle.read_segments

    def noted(file: Any, offsets: Any, *args: Any, **options: Any) -> Any:
        read.append(len(offsets))
        return segments(file, offsets, *args, **options)

    monkeypatch.setattr(tifffile.FileHandle, "read_segments", noted)
    loaders.part_of(source, 0, 0, (2005, 2025, 0, 50))

    assert sum(read) == 3


def test_no_room_on_the_disk_is_said_in_words(
    write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ramp((400, 50)), compression="zlib", rowsperstrip=10)
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 100)

    def full(_file: int, _start: int, _size: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    source = loaders.open_pixels(path, loaders.read_header(path))

    with pytest.raises(LoadError, match=r"need 40 kB of disk.*no space left.*TMPDIR"):
        source.channel(0)


def test_what_is_put_on_the_disk_leaves_no_file(
    write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write(ramp((400, 50)), compression="zlib", rowsperstrip=10)
    monkeypatch.setattr(laid_out_pixels, "_MOST_IN_MEMORY", 100)
    place = tmp_path / "scratch"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    plane = loaders.open_pixels(path, loaders.read_header(path)).channel(0)

    assert list(place.iterdir()) == []
    np.testing.assert_array_equal(plane, ramp((400, 50)))
