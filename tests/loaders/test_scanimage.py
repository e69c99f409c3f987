"""ScanImage 3 and 5: channels, movies and line scans."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.metadata import ImageHeader

Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def _write_3(path: Path, pages: NDArray[Any], **settings: object) -> Path:
    values = {"acq.msPerLine": 2, "acq.frameRate": 10, "acq.inputBitDepth": 12} | settings
    text = "\r".join(f"state.{key.replace('__', '.')}={v}" for key, v in values.items())
    with tifffile.TiffWriter(path) as tif:
        for page in pages:
            tif.write(
                page,
                metadata=None,
                photometric="minisblack",
                description=text,
                resolution=(72, 72),
                resolutionunit="INCH",
            )
    return path


def _write_5(path: Path, pages: NDArray[Any], **settings: object) -> Path:
    values = {
        "SI.VERSION_MAJOR": "'2016'",
        "SI.hRoiManager.linePeriod": 6.3e-05,
        "SI.hRoiManager.scanFramePeriod": 0.0333,
        "SI.hChannels.channelSave": "[1;2]",
        "SI.hStackManager.framesPerSlice": len(pages) // 2,
    } | settings
    software = "\n".join(f"{key} = {value}" for key, value in values.items())
    with tifffile.TiffWriter(path, bigtiff=True) as tif:
        for i, page in enumerate(pages):
            tif.write(
                page,
                metadata=None,
                photometric="minisblack",
                software=software,
                description=f"frameNumbers = {i}\nepoch = [2017  2 28 14 22 31.5]\n",
            )
    return path


def test_3_two_channels_alternate(read: Read, tmp_path: Path, ramp: Ramp) -> None:
    stored = ramp((4, 2, 32, 40))
    path = _write_3(
        tmp_path / "a.tif",
        stored.reshape(8, 32, 40),
        acq__savingChannel1=1,
        acq__savingChannel2=0,
        acq__savingChannel3=1,
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 4, 2)
    assert header.channel_names == ("channel 1", "channel 3")
    assert header.frame_period_s == pytest.approx(0.1)
    assert (header.line_period_s, header.pixel_size_um) == (None, None)
    assert header.bit_depth == 12
    np.testing.assert_array_equal(planes, stored)


@pytest.mark.parametrize("setting", ["acq__linescan", "acq__scanAngleMultiplierSlow"])
def test_3_line_scan_goes_on_over_its_frames(
    read: Read, tmp_path: Path, ramp: Ramp, setting: str
) -> None:
    stored = ramp((5, 50, 40))
    path = _write_3(
        tmp_path / "a.tif",
        stored,
        acq__savingChannel1=1,
        **{setting: 1 if setting == "acq__linescan" else 0},
    )

    header, planes = read(path)

    assert (header.kind, header.lines, header.pixels) == ("line_scan", 250, 40)
    assert header.frames == 1
    assert header.line_period_s == pytest.approx(0.002)
    assert header.line_period_source == "ScanImage state.acq.msPerLine"
    assert header.warnings == ()
    np.testing.assert_array_equal(planes[0, 0], stored.reshape(250, 40))


def test_3_pauses_between_pieces_are_told(tmp_path: Path, ramp: Ramp) -> None:
    path = _write_3(tmp_path / "a.tif", ramp((5, 40, 40)), acq__savingChannel1=1, acq__linescan=1)

    (warning,) = loaders.read_header(path).warnings

    assert "pauses 20 ms after every 40 lines" in warning


def test_5_movie(read: Read, tmp_path: Path, ramp: Ramp) -> None:
    stored = ramp((3, 2, 32, 40))
    corners = "[-100 -80;100 -80;100 80;-100 80]"
    path = _write_5(
        tmp_path / "a.tif",
        stored.reshape(6, 32, 40),
        **{
            "SI.hRoiManager.imagingFovUm": corners,
            "SI.hRoiManager.pixelsPerLine": 40,
        },
    )

    header, planes = read(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 3, 2)
    assert header.frame_period_s == 0.0333
    assert header.pixel_size_um == pytest.approx(5.0)
    assert header.acquired_at == "2017-02-28T14:22:31.500"
    np.testing.assert_array_equal(planes, stored)


def test_5_line_scan(read: Read, tmp_path: Path, ramp: Ramp) -> None:
    stored = ramp((3, 2, 50, 40))
    path = _write_5(
        tmp_path / "a.tif",
        stored.reshape(6, 50, 40),
        **{
            "SI.hRoiManager.scanAngleMultiplierSlow": 0,
            "SI.hRoiManager.scanFramePeriod": 50 * 6.3e-5,
        },
    )

    header, planes = read(path)

    assert (header.kind, header.lines, header.channels) == ("line_scan", 150, 2)
    assert header.line_period_s == 6.3e-05
    np.testing.assert_array_equal(planes[0, 1], stored[:, 1].reshape(150, 40))


def test_3_settings_of_the_scan(tmp_path: Path, ramp: Ramp) -> None:
    path = _write_3(
        tmp_path / "a.tif",
        ramp((2, 32, 40)),
        acq__zoomFactor=3.5,
        acq__bidirectionalScan=1,
        acq__linescan=1,
        acq__pixelTime=2.5e-6,
        acq__scanRotation=15,
    )

    header = loaders.read_header(path)

    assert header.bidirectional is True
    assert (header.optics.zoom, header.optics.scan_mode) == (3.5, "line")
    assert header.optics.scan_rotation_deg == 15
    assert header.optics.dwell_time_s == pytest.approx(2.5e-6)


def test_5_settings_of_the_scan(tmp_path: Path, ramp: Ramp) -> None:
    path = _write_5(
        tmp_path / "a.tif",
        ramp((4, 32, 40)),
        **{
            "SI.hScan2D.bidirectional": "false",
            "SI.hScan2D.scanMode": "'linear'",
            "SI.hRoiManager.scanZoomFactor": 4,
            "SI.hBeams.powers": "[12.5 0]",
            "SI.hPmts.gains": "[0.7 0.65]",
            "SI.hPmts.names": "{'PMT1' 'PMT2'}",
        },
    )

    header = loaders.read_header(path)

    assert header.bidirectional is False
    assert [str(laser) for laser in header.optics.lasers] == ["at 12.5 %"]
    assert [str(one) for one in header.optics.detectors] == ["PMT1, gain 0.7", "PMT2, gain 0.65"]
    assert (header.optics.scan_mode, header.optics.zoom) == ("linear", 4)


def test_5_scan_fields_are_among_the_metadata(tmp_path: Path, ramp: Ramp) -> None:
    field = {"centerXY": [1.5, -2], "sizeXY": [9, 9], "rotationDegrees": 30}
    groups = {"imagingRoiGroup": {"rois": {"name": "vessel", "scanfields": field}}}
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path, bigtiff=True) as tif:
        for _ in range(2):
            tif.write(
                ramp((32, 40)),
                metadata=None,
                photometric="minisblack",
                software="SI.VERSION_MAJOR = '2020'\nSI.VERSION_MINOR = '0'",
                extratags=[(315, 2, 0, json.dumps({"RoiGroups": groups}), True)],
            )

    raw = loaders.read_header(path).raw

    place = "ScanImage/imagingRoiGroup/roi 0/scanfield 0"
    assert raw[f"{place}/name"] == "vessel"
    assert (raw[f"{place}/centerXY"], raw[f"{place}/rotationDegrees"]) == ("[1.5, -2]", "30")


def test_real_settings_of_the_scan(shared_data: Path) -> None:
    path = shared_data / "formats/scanimage3_Blank-IPA_1s_16r_032.tif"

    header = loaders.read_header(path)

    assert header.bidirectional is True
    assert (header.optics.zoom, header.optics.dwell_time_s) == (1.6, pytest.approx(2.56e-5))
