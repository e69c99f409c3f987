"""Olympus FluoView TIFF: the dimensions of tag 34361."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader

Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def test_line_scan(read: Read, write_fluoview: Write, ramp: Ramp) -> None:
    stored = ramp((500, 20))
    path = write_fluoview(
        stored,
        [("X", 20, 0.284, "µm"), ("T", 500, 1.5, "ms")],
        description="[Acquisition Parameters]\r\nChannel 1 Dye=FITC   \r\n"
        "Date=11-02-2022\r\nTime=12:30:15\r\n",
    )

    header, planes = read(path)

    assert (header.format, header.kind) == ("Olympus FluoView TIFF", "line_scan")
    assert (header.line_period_s, header.pixel_size_um) == (0.0015, 0.284)
    assert header.line_period_source == "FluoView tag 34361, dimension T"
    assert header.time_axis_source == "file"
    assert header.channel_names == ("FITC",)
    assert header.acquired_at == "2022-11-02T12:30:15"
    assert header.bit_depth == 12
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_time_along_columns(read: Read, write_fluoview: Write, ramp: Ramp) -> None:
    stored = ramp((20, 30))
    path = write_fluoview(stored, [("T", 30, 0.002, "s"), ("X", 20, 0.5, "µm")])

    header, planes = read(path)

    assert (header.lines, header.pixels) == (30, 20)
    assert header.time_axis == "columns"
    assert header.time_axis_source == "file"
    np.testing.assert_array_equal(planes[0, 0], stored.T)


def test_two_channels(read: Read, write_fluoview: Write, ramp: Ramp) -> None:
    stored = ramp((2, 500, 20))
    path = write_fluoview(
        stored, [("X", 20, 0.3, "µm"), ("T", 500, 0.001, "s"), ("Ch", 2, 1.0, "")]
    )

    header, planes = read(path)

    assert (header.kind, header.channels) == ("line_scan", 2)
    np.testing.assert_array_equal(planes[0], stored)


def test_plane_in_space_is_a_frame(write_fluoview: Write, ramp: Ramp) -> None:
    path = write_fluoview(ramp((500, 20)), [("X", 20, 0.3, "µm"), ("Y", 500, 0.4, "µm")])

    header = loaders.read_header(path)

    assert (header.kind, header.time_axis_source) == ("frames", "file")
    assert (header.pixel_size_um, header.row_size_um) == (0.3, 0.4)


def test_unknown_unit_is_no_calibration(write_fluoview: Write, ramp: Ramp) -> None:
    path = write_fluoview(ramp((500, 20)), [("X", 20, 1.0, "px"), ("T", 500, 0.0, "s")])

    header = loaders.read_header(path)

    assert (header.pixel_size_um, header.line_period_s) == (None, None)


def test_sizes_of_another_image_are_an_error(write_fluoview: Write, ramp: Ramp) -> None:
    path = write_fluoview(ramp((500, 20)), [("X", 20, 0.3, "µm"), ("T", 5000, 0.001, "s")])

    with pytest.raises(LoadError, match=r"cut short|damaged|disagree"):
        loaders.read_header(path)
