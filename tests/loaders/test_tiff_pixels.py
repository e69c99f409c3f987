"""Pixels from several threads, and in bounded memory."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import UnknownNameError
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
