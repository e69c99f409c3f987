"""Olympus OIF written here, and a real OIB."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

if sys.version_info < (3, 12):
    pytest.skip("the reader oiffile needs Python 3.12", allow_module_level=True)
pytest.importorskip("oiffile", reason="the reader oiffile is not installed")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
WriteOif = Callable[..., Path]

_UNITS = {"X": "um", "Y": "um", "C": "Ch", "Z": "nm", "T": "ms"}


@pytest.fixture
def write_oif(tmp_path: Path) -> WriteOif:
    """`write_oif(order, sizes, ends, files)` gives the path; `order` has the fastest axis first."""

    def make(
        order: str,
        sizes: dict[str, int],
        ends: dict[str, float],
        files: dict[str, NDArray[Any]],
        width: str = "",
    ) -> Path:
        text = "[Acquisition Parameters Common]\nImageCaputreDate='2024-03-02 11:54:29'\n"
        text += "ImageCaputreDate+MilliSec=250\n"
        text += f'[Axis Parameter Common]\nAxisCount={len(order)}\nAxisOrder="{order}"\n'
        for number, letter in enumerate("XYCZTALP"):
            text += f'[Axis {number} Parameters Common]\nAxisCode="{letter}"\n'
            text += f"MaxSize={sizes.get(letter, 0)}\nStartPosition=0.0\n"
            text += f'EndPosition={ends.get(letter, 0.0)}\nUnitName="{_UNITS.get(letter, "")}"\n'
        for number in range(1, sizes.get("C", 1) + 1):
            text += f'[Channel {number} Parameters]\nCH Name="CH{number}"\nDyeName="dye {number}"\n'
        text += '[ProfileSaveInfo]\nName="COFAImages"\nVersion="1.0.0.0"\n'
        text += f"[Reference Image Parameter]\nValidBitCounts=12\n{width}"
        path = tmp_path / "scan.oif"
        path.write_bytes(text.replace("\n", "\r\n").encode("utf-16"))
        folder = tmp_path / "scan.oif.files"
        folder.mkdir()
        for name, array in files.items():
            tifffile.imwrite(folder / name, array, metadata=None, photometric="minisblack")
        return path

    return make


def line_scan(write_oif: WriteOif, stored: NDArray[Any], width: str = "") -> Path:
    return write_oif(
        "XTC",
        {"X": 40, "T": 500, "C": 2},
        {"X": 8.0, "T": 600.0},
        {f"s_C00{i + 1}.tif": plane for i, plane in enumerate(stored)},
        width,
    )


def test_line_scan_of_two_channels(write_oif: WriteOif, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 500, 40))

    header, planes = read(line_scan(write_oif, stored))

    assert (header.format, header.kind) == ("Olympus OIF", "line_scan")
    assert (header.lines, header.pixels, header.channels, header.frames) == (500, 40, 2, 1)
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.line_period_s == pytest.approx(0.0012)
    assert header.line_period_source == "OIF Axis T EndPosition ÷ lines"
    assert header.pixel_size_um == pytest.approx(0.2)
    assert header.row_size_um is None
    assert header.channel_names == ("dye 1", "dye 2")
    assert (header.dtype, header.bit_depth) == ("uint16", 12)
    assert header.acquired_at == "2024-03-02T11:54:29.250"
    np.testing.assert_array_equal(planes[0], stored)


@pytest.mark.parametrize(
    ("shown", "expected", "source"),
    [
        (0.200, 8.0 / 40, "OIF Axis X EndPosition ÷ pixels"),
        (0.205, 8.0 / 39, "OIF Axis X EndPosition ÷ steps"),
        (0.250, 0.250, "OIF Reference Image Parameter"),
    ],
)
def test_the_size_that_the_software_shows_decides_what_the_length_spans(
    write_oif: WriteOif, ramp: Ramp, shown: float, expected: float, source: str
) -> None:
    width = f'WidthConvertValue={shown}\nWidthUnit="um"\n'

    header = loaders.read_header(line_scan(write_oif, ramp((2, 500, 40)), width))

    assert header.pixel_size_um == pytest.approx(expected)
    assert header.pixel_size_source == source


def test_frames(write_oif: WriteOif, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 3, 30, 40))
    files = {f"s_C00{c + 1}T00{t + 1}.tif": stored[c, t] for c in range(2) for t in range(3)}
    path = write_oif(
        "XYTC", {"X": 40, "Y": 30, "T": 3, "C": 2}, {"X": 8.0, "Y": 6.0, "T": 300.0}, files
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 3, 2)
    assert header.frame_period_s == pytest.approx(0.1)
    assert header.row_size_um == pytest.approx(0.2)
    np.testing.assert_array_equal(planes, stored.transpose(1, 0, 2, 3))


def test_scales_that_are_none(write_oif: WriteOif, ramp: Ramp) -> None:
    path = write_oif("XTC", {"X": 40, "T": 500, "C": 1}, {}, {"s_C001.tif": ramp((500, 40))})

    header = loaders.read_header(path)

    assert (header.pixel_size_um, header.line_period_s) == (None, None)


def test_a_channel_that_is_missing(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((1, 500, 40)))

    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


def test_a_folder_that_was_left_behind(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((2, 500, 40)))
    (path.parent / "scan.oif.files").rename(path.parent / "elsewhere")

    with pytest.raises(LoadError):
        loaders.read_header(path)


def test_images_that_are_not_those_of_the_main_file(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((2, 400, 40)))

    with pytest.raises(LoadError, match=r"\(400, 40\) and its main file says \(500, 40\)"):
        loaders.read_header(path)


def test_reference_image_and_the_line_on_it(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((2, 500, 40)))
    folder = path.with_name("scan.oif.files")
    frame = ramp((48, 64))
    tifffile.imwrite(folder / "s_C001-R001.tif", frame, metadata=None, photometric="minisblack")
    (folder / "s_C001-R001.pty").write_bytes(
        '[Image Parameters]\r\nWidthConvertValue=0.5\r\nWidthUnit="um"\r\n'
        '[ROI Parameter]\r\nROIFileName="line-1"\r\n'.encode("utf-16")
    )
    for name, shape, xs in (("line-1", 4, "10,13,13"), ("area-2", 8, "1,2,3")):
        (folder / f"s_{name}.roi").write_bytes(
            f"[ROI 0]\r\nSHAPE={shape}\r\nX={xs}\r\nY=20,24,34\r\n".encode("utf-16")
        )

    header = loaders.read_header(path)
    found = loaders.read_reference(path, header)

    assert (header.lines, header.pixels, header.warnings) == (500, 40, ())
    assert found is not None
    np.testing.assert_array_equal(found.pixels[0], frame)
    assert found.scan_line == ((10.0, 20.0), (13.0, 24.0), (13.0, 34.0))
    assert found.scan_line_length_um == pytest.approx(7.5)
    assert found.source == "s_C001-R001.tif, s_line-1.roi"


def test_of_two_lines_none_is_taken_for_the_scanned_one(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((2, 500, 40)))
    folder = path.with_name("scan.oif.files")
    tifffile.imwrite(folder / "s-R001.tif", ramp((48, 64)), metadata=None, photometric="minisblack")
    (folder / "s.roi").write_bytes(
        "".join(f"[ROI {i}]\r\nSHAPE=3\r\nX=1,9\r\nY=2,{i}\r\n" for i in (5, 6)).encode("utf-16")
    )

    found = loaders.read_reference(path, loaders.read_header(path))

    assert found is not None
    assert found.scan_line == ()


def test_settings_of_the_microscope(shared_data: Path) -> None:
    path = shared_data / "formats/olympus_fv1000_test.oib"

    header = loaders.read_header(path)

    assert header.bidirectional is False
    assert (header.optics.objective, header.optics.numerical_aperture) == (
        "UPLFLN 40X NA:0.75",
        0.75,
    )
    assert (header.optics.zoom, header.optics.dwell_time_s) == (7.0, pytest.approx(8e-6))
    assert [str(laser) for laser in header.optics.lasers] == ["488 nm at 0.3 %"]
    assert str(header.optics.detectors[0]) == "CH1, 1050 V, gain 1, offset 0"
    assert loaders.read_reference(path, header) is None


def test_real_recording(shared_data: Path) -> None:
    path = shared_data / "formats/olympus_fv1000_test.oib"

    header = loaders.read_header(path)

    assert (header.format, header.kind, header.channels) == ("Olympus OIB", "frames", 3)
    assert (header.lines, header.pixels, header.dtype) == (256, 256, "uint16")
    # the file shows 0.177, which is 45.135 / 255
    assert header.pixel_size_um == pytest.approx(45.135 / 255)
    assert header.row_size_um == pytest.approx(45.135 / 255)
    assert header.channel_names == ("CH1", "Alexa Fluor 546", "TD1")
    assert header.bit_depth == 12
    assert header.acquired_at == "2012-07-26T15:13:35.976"
    pixels = loaders.open_pixels(path, header)
    planes = np.array([pixels.channel(c) for c in range(3)])
    assert (planes.min(), planes.max()) == (0, 820)


@pytest.mark.parametrize("percent", [90, 50, 10, 1])
def test_cut_short(shared_data: Path, tmp_path: Path, percent: int) -> None:
    whole = (shared_data / "formats/olympus_fv1000_test.oib").read_bytes()
    path = tmp_path / "cut.oib"
    path.write_bytes(whole[: len(whole) * percent // 100])

    def everything() -> None:
        header = loaders.read_header(path)
        pixels = loaders.open_pixels(path, header)
        for channel in range(header.channels):
            pixels.channel(channel)

    with pytest.raises(LoadError) as caught:
        everything()
    assert caught.value.path == str(path)


@pytest.mark.parametrize("name", ["s_C001.tif", "s_C001-R001.tif"])
def test_a_bomb_beside_it_is_refused_before_it_is_decoded(
    write_oif: WriteOif, ramp: Ramp, name: str
) -> None:
    path = line_scan(write_oif, ramp((2, 500, 40)))
    bomb = path.with_name("scan.oif.files") / name
    tifffile.imwrite(bomb, ramp((8, 8)), photometric="minisblack", compression="zlib")
    with tifffile.TiffFile(bomb, mode="r+b") as tif:
        for tag in ("ImageWidth", "ImageLength", "RowsPerStrip"):
            tif.pages[0].tags[tag].overwrite(200_000)

    with pytest.raises(LoadError, match="it declares 80 GB of pixels in a file of"):
        loaders.read_reference(path, loaders.read_header(path))


def test_damaged_copies_are_read_or_refused(write_oif: WriteOif, ramp: Ramp) -> None:
    path = line_scan(write_oif, ramp((2, 500, 40)))
    folder = path.with_name("scan.oif.files")
    frame = folder / "s_C001-R001.tif"
    tifffile.imwrite(frame, ramp((48, 64)), metadata=None, photometric="minisblack")
    region = folder / "s.roi"
    region.write_bytes("[ROI 0]\r\nSHAPE=3\r\nX=1,9\r\nY=2,5\r\n".encode("utf-16"))

    assert survives_damage(path) > 0
    for beside in (folder / "s_C001.tif", frame, region):
        survives_damage(path, beside, flips=10)
