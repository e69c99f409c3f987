"""Zeiss LSM: scan types, voxels and intervals."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


@pytest.mark.parametrize("scan_type", [2, 5])
def test_line_scan(read: Read, write_lsm: Write, ramp: Ramp, scan_type: int) -> None:
    stored = ramp((100, 48))
    path = write_lsm(
        [stored],
        scan_type=scan_type,
        sizes={"X": 48, "T": 100},
        voxel_m=(2.5e-7, 2.5e-7),
        interval_s=0.00153,
    )

    header, planes = read(path)

    assert (header.format, header.kind) == ("Zeiss LSM", "line_scan")
    assert (header.lines, header.pixels) == (100, 48)
    assert header.time_axis_source == "file"
    assert header.line_period_s == 0.00153
    assert header.pixel_size_um == pytest.approx(0.25)
    np.testing.assert_array_equal(planes[0, 0], stored)


def test_channels(read: Read, write_lsm: Write, ramp: Ramp) -> None:
    stored = ramp((3, 100, 48))
    path = write_lsm(
        [stored],
        planarconfig="separate",
        scan_type=5,
        sizes={"X": 48, "T": 100, "C": 3},
        voxel_m=(2.5e-7, 2.5e-7),
        interval_s=0.0015,
    )

    header, planes = read(path)

    assert (header.kind, header.channels) == ("line_scan", 3)
    np.testing.assert_array_equal(planes[0], stored)


def test_plane_scan_is_a_frame(write_lsm: Write, ramp: Ramp) -> None:
    path = write_lsm(
        [ramp((100, 48))],
        scan_type=0,
        sizes={"X": 48, "Y": 100},
        voxel_m=(2.5e-7, 5e-7),
        interval_s=0.5,
    )

    header = loaders.read_header(path)

    assert (header.kind, header.time_axis_source) == ("frames", "file")
    assert header.line_period_s is None
    assert header.row_size_um == pytest.approx(0.5)


def test_movie(read: Read, write_lsm: Write, ramp: Ramp) -> None:
    stored = ramp((3, 40, 48))
    path = write_lsm(
        list(stored),
        scan_type=3,
        sizes={"X": 48, "Y": 40, "T": 3},
        voxel_m=(2.5e-7, 2.5e-7),
        interval_s=0.5,
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.frame_period_s) == ("frames", 3, 0.5)
    np.testing.assert_array_equal(planes[:, 0], stored)


def test_damaged_copies_are_read_or_refused(write_lsm: Write, ramp: Ramp) -> None:
    path = write_lsm(
        [ramp((100, 48))],
        scan_type=5,
        sizes={"X": 48, "T": 100},
        voxel_m=(2.5e-7, 2.5e-7),
        interval_s=0.0015,
    )

    survives_damage(path)  # nearly all of the file is pixels: it may always be read
