"""Values of real recordings, each as the data set's description gives it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from cloudscope import loaders

_ANGII = "angii/28d AngII/20250722/20250722_A89_"


@pytest.mark.parametrize(
    ("name", "lines", "pixels", "period_ms", "width_um", "low", "high"),
    [
        ("capillary/Capillary1_0001.tif", 30000, 38, 35100 / 30000, 10.796, 105, 400),
        (f"{_ANGII}0002.tif", 30000, 19, 34020 / 30000, 8.549, 22, 829),
        (f"{_ANGII}0004.tif", 30000, 14, 33660 / 30000, 6.299, 37, 1741),
        (f"{_ANGII}0005.tif", 30000, 7, 33300 / 30000, 5.800, 72, 1975),
    ],
)
def test_olympus_line_scans_have_exact_calibration(
    shared_data: Path,
    name: str,
    lines: int,
    pixels: int,
    period_ms: float,
    width_um: float,
    low: int,
    high: int,
) -> None:
    header = loaders.read_header(shared_data / name)

    assert (header.kind, header.lines, header.pixels) == ("line_scan", lines, pixels)
    assert (header.channels, header.frames, header.dtype) == (1, 1, "uint16")
    assert header.line_period_s == pytest.approx(period_ms / 1000, rel=1e-12)
    assert header.pixel_size_um == pytest.approx(width_um / pixels, rel=1e-12)
    assert "Image Size(Unit Converted)" in header.line_period_source
    assert "Image Size(Unit Converted)" in header.pixel_size_source
    assert header.bit_depth == 12
    assert header.time_axis == "rows"
    assert header.time_axis_source == "file"
    assert header.warnings == ()
    kymograph = loaders.open_pixels(shared_data / name, header).channel(0)
    assert kymograph.shape == (lines, pixels)
    assert (int(kymograph.min()), int(kymograph.max())) == (low, high)
    assert isinstance(kymograph, np.memmap)


def test_olympus_header_knows_dye_and_start(shared_data: Path) -> None:
    header = loaders.read_header(shared_data / "capillary/Capillary1_0001.tif")

    assert header.channel_names == ("FITC",)
    assert header.acquired_at == "2022-11-02T12:30:15.461"
    assert header.raw["Olympus text/Acquisition/Objective Lens"] == "XLPLN25XWMP2"
    assert header.duration_s == pytest.approx(35.1)


def test_fluoview_tags_serve_where_the_text_is_absent(shared_data: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone.tif"
    shutil.copy(shared_data / "capillary/Capillary1_0001.tif", alone)

    header = loaders.read_header(alone)

    assert header.line_period_s == pytest.approx(0.001170039, rel=1e-6)
    assert header.pixel_size_um == pytest.approx(0.284)
    assert "34361" in header.line_period_source
    assert header.acquired_at == "2022-11-02T12:30:15"
    assert header.channel_names == ("FITC",)
    assert header.bit_depth == 12
    assert header.time_axis_source == "file"


@pytest.mark.parametrize("name", [f"{_ANGII}0002.tif", "events/20251204_A117_0004.tif"])
def test_a_fake_micrometre_is_no_calibration(shared_data: Path, tmp_path: Path, name: str) -> None:
    alone = tmp_path / "alone.tif"
    shutil.copy(shared_data / name, alone)

    header = loaders.read_header(alone)

    assert header.line_period_s is None
    assert header.pixel_size_um is None
    assert header.row_size_um is None
    assert header.pixel_size_source == header.line_period_source == ""
    assert header.time_axis == "rows"
    assert header.time_axis_source.startswith("rule")


def test_scanimage_3_movie(shared_data: Path) -> None:
    path = shared_data / "formats/scanimage3_Blank-IPA_1s_16r_032.tif"

    header = loaders.read_header(path)

    assert (header.kind, header.frames, header.lines, header.pixels) == ("frames", 30, 64, 64)
    assert header.frame_period_s == pytest.approx(1 / 8.138, rel=1e-4)
    assert header.pixel_size_um is None
    assert header.channel_names == ("channel 2",)
    assert header.raw["ScanImage/state.acq.msPerLine"] == "1.92"
    assert header.acquired_at == "2014-07-30T21:10:00.731"
    pixels = loaders.open_pixels(path, header)
    assert max(int(pixels.channel(0, i).max()) for i in range(30)) == 972


def test_reading_leaves_the_folder_as_it_is(shared_data: Path, tmp_path: Path) -> None:
    source = shared_data / "capillary/Capillary1_0001.tif"
    copy = tmp_path / source.name
    shutil.copy(source, copy)
    before = copy.read_bytes(), copy.stat().st_mtime_ns

    header = loaders.read_header(copy)
    loaders.open_pixels(copy, header).channel(0).sum()

    assert (copy.read_bytes(), copy.stat().st_mtime_ns) == before
    assert [path.name for path in tmp_path.iterdir()] == [copy.name]


def test_olympus_header_knows_the_microscope(shared_data: Path) -> None:
    header = loaders.read_header(shared_data / "capillary/Capillary1_0001.tif")

    assert header.bidirectional is False
    assert header.optics.rows() == [
        ("Microscope", "FVMPE-RS"),
        ("Objective", "XLPLN25XWMP2, 25×, NA 1.05"),
        ("Zoom", "3.5"),
        ("Scan mode", "XT, Galvano, Line"),
        ("Scan rotation", "0°"),
        ("Dwell time", "2 µs"),
        ("Laser", "820 nm at 9 %"),
        ("Detector", "RNDD2, 299 V"),
    ]
