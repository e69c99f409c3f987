"""ImageJ and Fiji TIFF: units, intervals and hyperstacks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.metadata import ImageHeader

Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def test_single_plane_with_interval(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((400, 30))
    path = write(
        stored,
        imagej=True,
        resolution=(4.0, 4.0),
        metadata={"unit": "um", "finterval": 0.00125},
    )

    header, planes = read(path)

    assert (header.format, header.kind) == ("ImageJ TIFF", "line_scan")
    assert header.line_period_s == pytest.approx(0.00125)
    assert header.line_period_source == "ImageJ finterval"
    assert header.pixel_size_um == pytest.approx(0.25)
    assert header.time_axis_source.startswith("rule: the time step of a single plane")
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_wide_plane_with_interval(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((30, 400))
    path = write(
        stored,
        imagej=True,
        resolution=(4.0, 2.0),
        metadata={"unit": "um", "finterval": 0.00125},
    )

    header, planes = read(path)

    assert (header.time_axis, header.lines, header.pixels) == ("columns", 400, 30)
    assert header.line_period_s == pytest.approx(0.00125)
    assert header.pixel_size_um == pytest.approx(0.5)
    np.testing.assert_array_equal(planes[0, 0], stored.T)


@pytest.mark.parametrize("unit", ["micron", "\\u00B5m", "um", "mm"])
def test_every_spelling_of_micrometre(write: Write, ramp: Ramp, unit: str) -> None:
    scale = 2000.0 if unit == "mm" else 2.0
    path = write(ramp((400, 30)), imagej=True, resolution=(scale, scale), metadata={"unit": unit})

    assert loaders.read_header(path).pixel_size_um == pytest.approx(0.5)


@pytest.mark.parametrize("metadata", [{}, {"unit": "pixel"}, {"unit": "inch"}])
def test_without_unit_nothing_is_invented(
    write: Write, ramp: Ramp, metadata: dict[str, Any]
) -> None:
    path = write(ramp((400, 30)), imagej=True, resolution=(72.0, 72.0), metadata=metadata)

    header = loaders.read_header(path)

    assert header.line_period_s is None
    assert header.pixel_size_um is None


def test_time_unit_of_an_axis_makes_it_time(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((30, 40))
    path = write(
        stored,
        resolution=(2.0, 500.0),
        description="ImageJ=1.54f\nunit=micron\nyunit=sec\n",
    )

    header, planes = read(path)

    assert header.kind == "line_scan"
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.line_period_s == pytest.approx(0.002)
    assert header.pixel_size_um == pytest.approx(0.5)
    assert header.row_size_um is None
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_time_along_columns(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((30, 40))
    path = write(
        stored,
        resolution=(0.5, 2.0),
        description="ImageJ=1.54f\nunit=ms\nyunit=micron\n",
    )

    header, planes = read(path)

    assert header.time_axis == "columns"
    assert (header.lines, header.pixels) == (40, 30)
    assert header.line_period_s == pytest.approx(0.002)
    assert header.pixel_size_um == pytest.approx(0.5)
    np.testing.assert_array_equal(planes[0, 0], stored.T)


def test_square_plane_with_length_unit_is_a_frame(write: Write, ramp: Ramp) -> None:
    path = write(ramp((64, 64)), imagej=True, resolution=(2.0, 2.0), metadata={"unit": "micron"})

    header = loaders.read_header(path)

    assert (header.kind, header.frames) == ("frames", 1)
    assert header.pixel_size_um == header.row_size_um == pytest.approx(0.5)
    assert header.time_axis_source.startswith("rule: both axes have a length")


def test_long_plane_with_length_unit_is_a_line_scan(write: Write, ramp: Ramp) -> None:
    path = write(ramp((400, 40)), imagej=True, resolution=(2.0, 2.0), metadata={"unit": "micron"})

    assert loaders.read_header(path).kind == "line_scan"


def test_two_channel_hyperstack(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((2, 400, 30))
    path = write(stored, imagej=True, metadata={"axes": "CYX"})

    header, planes = read(path)

    assert (header.kind, header.channels, header.frames) == ("line_scan", 2, 1)
    np.testing.assert_array_equal(planes[0], stored)


def test_time_slices_of_one_row_are_lines(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((50, 2, 1, 30))
    path = write(stored, imagej=True, metadata={"axes": "TCYX", "finterval": 0.01, "unit": "um"})

    header, planes = read(path)

    assert (header.kind, header.lines, header.pixels, header.channels) == (
        "line_scan",
        50,
        30,
        2,
    )
    assert header.time_axis_source == "file"
    assert header.line_period_s == pytest.approx(0.01)
    np.testing.assert_array_equal(planes[0, 1], stored[:, 1, 0])


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_movie(read: Read, write: Write, ramp: Ramp, compression: str | None) -> None:
    stored = ramp((5, 2, 40, 50))
    path = write(
        stored,
        imagej=True,
        compression=compression,
        resolution=(2.0, 2.0),
        metadata={"axes": "TCYX", "finterval": 0.5, "unit": "um"},
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 5, 2)
    assert header.frame_period_s == pytest.approx(0.5)
    assert header.line_period_s is None
    np.testing.assert_array_equal(planes, stored)


def test_hundreds_of_channels_are_frames(read: Read, write: Write, ramp: Ramp) -> None:
    stored = ramp((40, 20, 30))
    path = write(stored, imagej=True, metadata={"finterval": 0.5})

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 40, 1)
    assert header.frame_period_s == pytest.approx(0.5)
    assert header.warnings == ("ImageJ metadata names 40 channels: they are read as frames",)
    np.testing.assert_array_equal(planes[:, 0], stored)
