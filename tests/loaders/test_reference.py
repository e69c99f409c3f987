"""The frame on which a scan line was drawn: as a value, and out of files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from cloudscope import AcqImage
from cloudscope.errors import LoadError, ParameterError
from cloudscope.loaders.reference import ReferenceImage

FRAME = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64)
LINE = ((10.0, 20.0), (13.0, 24.0), (13.0, 34.0))


def test_one_channel_gets_its_axis_and_cannot_be_changed():
    frame = ReferenceImage(pixels=FRAME.copy(), pixel_size_um=0.5, scan_line=LINE)
    assert (frame.channels, frame.rows, frame.columns) == (1, 48, 64)
    assert frame.scan_line_length_um == pytest.approx(0.5 * (5 + 10))
    with pytest.raises(ValueError, match="read-only"):
        frame.pixels[0, 0, 0] = 1


@pytest.mark.parametrize("pixels", [np.zeros(5), np.zeros((2, 0, 4)), np.zeros((1, 1, 1, 1))])
def test_what_is_no_frame(pixels):
    with pytest.raises(ParameterError, match=r"channels, rows, columns"):
        ReferenceImage(pixels=pixels)


def test_a_line_needs_finite_points_and_two_of_them():
    with pytest.raises(ParameterError, match="finite"):
        ReferenceImage(pixels=FRAME, scan_line=((0, 0), (np.nan, 1)))
    assert ReferenceImage(pixels=FRAME, scan_line=((0, 0),)).scan_line == ()
    assert ReferenceImage(pixels=FRAME, scan_line=LINE).scan_line_length_um is None


def test_names_are_those_of_all_channels_or_none():
    two = np.stack([FRAME, FRAME])
    assert ReferenceImage(pixels=two, channel_names=("a", "b")).channel_names == ("a", "b")
    assert ReferenceImage(pixels=two, channel_names=("a",)).channel_names == ()


def test_it_travels_between_processes():
    frame = pickle.loads(pickle.dumps(ReferenceImage(pixels=FRAME, scan_line=LINE)))
    assert frame.scan_line == LINE
    np.testing.assert_array_equal(frame.pixels[0], FRAME)


def test_out_of_a_numpy_archive(tmp_path: Path):
    path = tmp_path / "scan.npz"
    np.savez(
        path,
        kymo=np.zeros((20, 8), np.uint8),
        reference=FRAME,  # larger than the recording, and not taken for it
        scan_line=np.array(LINE),
        reference_pixel_size_um=0.25,
    )

    image = AcqImage(path)
    frame = image.reference_image()

    assert (image.header.lines, image.header.pixels) == (20, 8)
    np.testing.assert_array_equal(frame.pixels, FRAME[np.newaxis])
    assert (frame.scan_line, frame.pixel_size_um, frame.source) == (LINE, 0.25, "NPZ reference")


def test_files_without_one(tmp_path: Path):
    np.savez(tmp_path / "scan.npz", kymo=np.zeros((20, 8)))
    np.save(tmp_path / "scan.npy", np.zeros((20, 8)))
    for name in ("scan.npz", "scan.npy"):
        assert AcqImage(tmp_path / name).reference_image() is None
    assert AcqImage.from_array(np.zeros((20, 8))).reference_image() is None


def test_a_damaged_one_is_one_error(tmp_path: Path):
    path = tmp_path / "scan.npz"
    np.savez(path, kymo=np.zeros((20, 8)), reference=FRAME, scan_line=np.zeros((3, 5)))
    with pytest.raises(LoadError, match="reading its reference image failed"):
        AcqImage(path).reference_image()
