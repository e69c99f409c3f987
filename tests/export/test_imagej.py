"""ImageJ TIFF: what ImageJ will see, and that cloudscope reads the same recording from it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import roifile
import tifffile

import cloudscope as cs
from cloudscope.export import write_imagej_tiff


def test_the_same_recording_comes_back(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    again = cs.AcqImage(write_imagej_tiff(in_memory, tmp_path / "a.tif"))
    header, was = again.header, in_memory.header
    assert (header.kind, header.lines, header.pixels, header.channels) == ("line_scan", 600, 24, 2)
    assert header.line_period_s == was.line_period_s
    assert header.pixel_size_um == pytest.approx(was.pixel_size_um, rel=1e-6)
    for channel in (0, 1):
        assert np.array_equal(again.frame(channel), in_memory.frame(channel))
    assert again.problems == ()


def test_what_imagej_sees(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    in_memory_path = write_imagej_tiff(in_memory, tmp_path / "a.tif")
    with tifffile.TiffFile(in_memory_path) as tif:
        seen = tif.imagej_metadata
        assert seen is not None
        assert (seen["unit"], seen["yunit"], seen["mode"]) == ("um", "sec", "composite")
        assert seen["channels"] == 2
        assert seen["Labels"] == ["0 FITC", "1 Texas Red"]
        green, magenta = seen["LUTs"]
        assert green[:, 255].tolist() == [0, 255, 0]
        assert magenta[:, 255].tolist() == [255, 0, 255]
        assert "animal_id: A89" in seen["Info"]
        assert "cage: 7" in seen["Info"]
        overlay = seen["Overlays"]
    (roi,) = [roifile.ImagejRoi.frombytes(one) for one in np.atleast_1d(overlay)]
    assert (roi.top, roi.bottom, roi.left, roi.right, roi.name) == (100, 600, 3, 20, "vessel")


def test_a_swapped_recording_is_written_with_time_downwards(tmp_path: Path) -> None:
    array = np.arange(40 * 300, dtype="u2").reshape(40, 300)
    source = tmp_path / "source.npz"
    np.savez(source, image=array, line_period_s=0.001, pixel_size_um=0.5)
    image = cs.AcqImage(source)
    assert image.header.time_axis == "columns"
    again = cs.AcqImage(write_imagej_tiff(image, tmp_path / "a.tif"))
    assert (again.header.lines, again.header.pixels) == (300, 40)
    assert np.array_equal(again.frame(0), array.T)


def test_frames_keep_both_lengths_and_the_frame_period(tmp_path: Path) -> None:
    frames = np.arange(5 * 2 * 20 * 30, dtype="u2").reshape(5, 2, 20, 30)
    source = tmp_path / "source.npz"
    scales = {"pixel_size_um": 0.25, "row_size_um": 0.5, "frame_period_s": 0.2}
    np.savez(source, image=frames, axes="TCYX", **scales)
    again = cs.AcqImage(write_imagej_tiff(cs.AcqImage(source), tmp_path / "a.tif"))
    header = again.header
    assert (header.frames, header.channels) == (5, 2)
    assert (header.pixel_size_um, header.row_size_um, header.frame_period_s) == (0.25, 0.5, 0.2)
    assert np.array_equal(again.frame(1, 3), frames[3, 1])


def test_unknown_scales_stay_unknown(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.ones((300, 20), "u1"))
    header = cs.AcqImage(write_imagej_tiff(image, tmp_path / "a.tif")).header
    assert (header.line_period_s, header.pixel_size_um) == (None, None)
    image = cs.AcqImage.from_array(np.ones((300, 20), "u1"), line_period_s=0.002)
    header = cs.AcqImage(write_imagej_tiff(image, tmp_path / "b.tif")).header
    assert (header.line_period_s, header.pixel_size_um) == (0.002, None)
    image = cs.AcqImage.from_array(np.ones((300, 20), "u1"), pixel_size_um=0.5)
    header = cs.AcqImage(write_imagej_tiff(image, tmp_path / "c.tif")).header
    assert (header.line_period_s, header.pixel_size_um) == (None, 0.5)


@pytest.mark.parametrize("dtype", ["i2", "f8", "u4", "?"])
def test_other_types_become_floating_point(tmp_path: Path, dtype: str) -> None:
    array = (np.arange(300 * 20).reshape(300, 20) % 1000).astype(dtype)
    again = cs.AcqImage(write_imagej_tiff(cs.AcqImage.from_array(array), tmp_path / "a.tif"))
    assert again.frame(0).dtype == np.float32
    assert np.array_equal(again.frame(0), array)


def test_what_does_not_fit_is_said(tmp_path: Path) -> None:
    image = cs.AcqImage.from_array(np.full((30, 9), 2**24 + 1, "u4"))
    with pytest.raises(cs.ExportError, match="cannot hold exactly"):
        write_imagej_tiff(image, tmp_path / "a.tif")
    with pytest.raises(cs.ExportError, match=r"ends in \.tif"):
        write_imagej_tiff(image, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []
