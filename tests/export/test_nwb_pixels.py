"""Pixels of every shape in NWB: the inspector agrees, and they come back as they were."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import cloudscope as cs
from cloudscope.export import write_nwb
from tests.export.inspected import bad_messages

pynwb = pytest.importorskip("pynwb")

GIVEN: dict[str, Any] = {
    "session_start_time": "2025-07-22T14:30:00+02:00",
    "subject": {"subject_id": "m1", "species": "rat", "sex": "U", "age": "P90D"},
    "location": "kidney",
}


def a_movie(path: Path, shape: tuple[int, ...], axes: str, **told: Any) -> cs.AcqImage:
    pixels = np.random.default_rng(7).integers(0, 4000, shape, "u2")
    tifffile.imwrite(
        path,
        pixels,
        imagej=True,
        resolution=(4, 2),
        metadata={"axes": axes, "unit": "um", **told},
    )
    return cs.AcqImage(path)


def a_scan(lines: int, pixels: int, channels: int = 1) -> cs.AcqImage:
    array = np.random.default_rng(7).integers(0, 4000, (channels, lines, pixels), "u2")
    return cs.AcqImage.from_array(
        array[0] if channels == 1 else array, line_period_s=0.002, pixel_size_um=0.25
    )


MADE = {
    "a line scan": lambda folder: a_scan(500, 38),
    "a line scan of two channels": lambda folder: a_scan(500, 38, 2),
    "a line scan of fewer lines than pixels": lambda folder: a_scan(60, 100),
    "two channels of fewer lines than pixels": lambda folder: a_scan(60, 100, 2),
    "a long movie": lambda folder: a_movie(folder / "a.tif", (40, 20, 30), "TYX", finterval=0.5),
    "a short movie": lambda folder: a_movie(folder / "a.tif", (12, 20, 30), "TYX", finterval=0.5),
    "a short movie of two channels": lambda folder: a_movie(
        folder / "a.tif", (12, 2, 20, 30), "TCYX", finterval=0.5
    ),
    "a stack without times": lambda folder: a_movie(folder / "a.tif", (12, 20, 30), "ZYX"),
    "one frame": lambda folder: a_movie(folder / "a.tif", (90, 80), "YX"),
    "one frame of two channels": lambda folder: a_movie(folder / "a.tif", (2, 90, 80), "CYX"),
}


@pytest.mark.parametrize("which", MADE)
def test_the_inspector_agrees_and_all_of_it_comes_back(tmp_path: Path, which: str) -> None:
    image = MADE[which](tmp_path)

    path = write_nwb(image, tmp_path / "a.nwb", **GIVEN)

    assert bad_messages(path) == []
    back, was = cs.AcqImage(path), image.header
    for name in (
        "kind", "channels", "frames", "lines", "pixels", "line_period_s", "frame_period_s",
        "pixel_size_um", "row_size_um",
    ):  # fmt: skip
        now, then = getattr(back.header, name), getattr(was, name)
        assert now == (pytest.approx(then) if isinstance(then, float) else then), name
    for channel in range(was.channels):
        for frame in range(was.frames):
            np.testing.assert_array_equal(
                back.frame(channel, frame), image.frame(channel, frame), strict=True
            )


def test_a_long_movie_is_a_two_photon_series(tmp_path: Path) -> None:
    image = MADE["a long movie"](tmp_path)
    out = write_nwb(image, tmp_path / "a.nwb", **GIVEN)
    with pynwb.NWBHDF5IO(out, "r") as reader:
        series = reader.read().acquisition["frames_channel_0"]
        assert series.neurodata_type == "TwoPhotonSeries"
        assert series.data.shape == (40, 30, 20)
        assert series.rate == 2.0
        assert series.imaging_plane.grid_spacing[:].tolist() == pytest.approx([0.25e-6, 0.5e-6])


def test_a_short_movie_is_images_in_order_and_their_times(tmp_path: Path) -> None:
    image = MADE["a short movie"](tmp_path)
    out = write_nwb(image, tmp_path / "a.nwb", **GIVEN)
    with pynwb.NWBHDF5IO(out, "r") as reader:
        acquired = reader.read().acquisition
        images, times = acquired["frames_channel_0"], acquired["frames_channel_0_times"]
        assert [one.name for one in images.order_of_images] == sorted(images.images)
        assert np.array_equal(images["frame_03"].data[:], image.frame(0, 3).T)
        assert times.indexed_images is images
        assert times.data[:].tolist() == list(range(12))
        assert (times.rate, times.starting_time) == (2.0, 0.0)


def test_a_long_stack_without_times_is_asked_for_them(tmp_path: Path) -> None:
    image = a_movie(tmp_path / "a.tif", (40, 20, 30), "ZYX")
    with pytest.raises(cs.ExportError, match="the frame period is not known"):
        write_nwb(image, tmp_path / "a.nwb", **GIVEN)
