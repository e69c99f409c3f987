"""Nikon ND2: written here chunk by chunk, and a real recording."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

pytest.importorskip("nd2", reason="the reader nd2 is not installed")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
WriteNd2 = Callable[..., Path]


def _level(values: Mapping[str, Any]) -> bytes:
    """Nested values as Nikon's variants: type, name, value; a level counts its items."""
    data = b""
    for name, value in values.items():
        label = (name + "\0").encode("utf-16-le")
        head = bytes([0, len(name) + 1]) + label
        if isinstance(value, Mapping):
            inner = _level(value)
            size = len(head) + 12 + len(inner)
            body = struct.pack("<IQ", len(value), size) + inner + bytes(8 * len(value))
            data += b"\x0b" + head[1:] + body
        elif isinstance(value, bool):
            data += b"\x01" + head[1:] + struct.pack("<B", value)
        elif isinstance(value, int):
            data += b"\x03" + head[1:] + struct.pack("<I", value)
        elif isinstance(value, float):
            data += b"\x06" + head[1:] + struct.pack("<d", value)
        else:
            data += b"\x08" + head[1:] + (value + "\0").encode("utf-16-le")
    return data


def _chunk(name: bytes, data: bytes, name_bytes: int | None = None) -> bytes:
    name = name.ljust(name_bytes or len(name), b"\0")
    return struct.pack("<IIQ", 0x0ABECEDA, len(name), len(data)) + name + data


@pytest.fixture
def write_nd2(tmp_path: Path) -> WriteNd2:
    """`write_nd2(array)` of (times, rows, columns, channels) gives the path."""

    def make(
        array: NDArray[Any],
        *,
        pixel_um: float = 0.4,
        calibrated: bool = True,
        x_axis: int = 1,
        y_axis: int = 1,
        times_ms: NDArray[Any] | None = None,
        period_ms: float = 0.0,
        probe: bool = True,
        missing: int = 0,
        positions: Sequence[str] = (),
        text: str = "",
    ) -> Path:
        times, rows, columns, channels = array.shape
        plane = {"pFluorescentProbe": {"m_sName": "x"}} if probe else {}
        attributes = {
            "uiWidth": columns,
            "uiWidthBytes": columns * channels * 2,
            "uiHeight": rows,
            "uiComp": channels,
            "uiBpcInMemory": 16,
            "uiBpcSignificant": 12,
            "uiSequenceCount": times - missing,
            "eCompression": 2,
        }
        metadata = {
            "bCalibrated": calibrated,
            "dCalibration": pixel_um,
            "ePictureXAxis": x_axis,
            "ePictureYAxis": y_axis,
            "dTimeAbsolute": 2460373.9545,
            "dTimeMSec": 0.0,
            "sPicturePlanes": {
                "uiCount": channels,
                "sPlaneNew": {
                    f"a{i}": {"sDescription": f"dye {i}", "uiCompCount": 1, **plane}
                    for i in range(channels)
                },
            },
        }
        loop = {
            "eType": 1,
            "uLoopPars": {
                "uiCount": times,
                "dStart": 0.0,
                "dPeriod": period_ms,
                "dDuration": 0.0,
            },
        }
        if positions:
            places = len(positions)
            loop["uLoopPars"]["uiCount"] = times // places
            points = {
                f"a{i}": {"pPosName": name, "dPosX": 1.0 * i, "dPosY": 0.0, "dPosZ": 0.0}
                for i, name in enumerate(positions)
            }
            loop = {
                "eType": 2,
                "uLoopPars": {"uiCount": places, "Points": points, "bUseZ": False},
                "ppNextLevelEx": {"i0000000000": loop},
            }
        if times_ms is None:
            times_ms = np.arange(times) * 1.25 + 400
        pieces = [
            (b"ImageAttributesLV!", _level({"SLxImageAttributes": attributes}), None),
            (b"ImageMetadataSeqLV|0!", _level({"SLxPictureMetadata": metadata}), None),
            (b"ImageMetadataLV!", _level({"SLxExperiment": loop if times > 1 else {}}), None),
            (
                b"ImageTextInfoLV!",
                _level(
                    {
                        "SLxImageTextInfo": {
                            "TextInfoItem_6": text,
                            "TextInfoItem_9": "02/03/2024  11:54:29",
                        }
                    }
                ),
                None,
            ),
            (b"CustomData|AcqTimesCache!", times_ms.astype("<f8").tobytes(), None),
        ]
        for i, image in enumerate(array):
            pieces.append((b"ImageDataSeq|%d!" % i, bytes(8) + image.astype("<u2").tobytes(), 4072))
        data = _chunk(b"ND2 FILE SIGNATURE CHUNK NAME01!", b"Ver3.0".ljust(64, b"\0"))
        where = b""
        for name, content, name_bytes in pieces:
            where += name + struct.pack("<QQ", len(data), len(content))
            data += _chunk(name, content, name_bytes)
        end = b"ND2 CHUNK MAP SIGNATURE 0000001!"
        start = struct.pack("<Q", len(data))
        data += _chunk(b"ND2 FILEMAP SIGNATURE NAME 0001!", where + end + start)
        path = tmp_path / "scan.nd2"
        path.write_bytes(data)
        return path

    return make


def test_each_position_of_the_stage_is_an_image(write_nd2: WriteNd2, ramp: Ramp) -> None:
    stored = ramp((3 * 100, 1, 40, 2))
    path = write_nd2(stored, positions=("first", "second", ""))

    entries = loaders.list_images(path)

    assert [entry.name for entry in entries] == ["first", "second", "position 3"]
    for entry in entries:
        header = loaders.read_header(path, image=entry.index)
        assert (header.image_index, header.image_count) == (entry.index, 3)
        assert (header.kind, header.lines, header.pixels) == ("line_scan", 100, 40)
        assert header.line_period_s == pytest.approx(0.00125)
        mine = stored[100 * entry.index : 100 * (entry.index + 1), 0]
        pixels = loaders.open_pixels(path, header)
        for channel in range(2):
            np.testing.assert_array_equal(pixels.channel(channel), mine[..., channel])


def test_settings_of_the_microscope(shared_data: Path) -> None:
    header = loaders.read_header(shared_data / "formats/nikon_cluster.nd2")

    assert header.bidirectional is False
    assert header.optics.numerical_aperture == 0.95
    assert header.optics.magnification == 60
    assert header.optics.zoom == 2.469
    assert header.optics.microscope == "Nikon A1plus"
    assert [str(laser) for laser in header.optics.lasers] == ["488 nm at 0.5 %", "561 nm at 9 %"]
    assert [str(one) for one in header.optics.detectors] == [
        "CH2, gain 37, offset -29",
        "CH4, gain 75, offset -25",
    ]


def test_line_after_line_in_time(write_nd2: WriteNd2, ramp: Ramp, read: Read) -> None:
    stored = ramp((300, 1, 40, 2))

    header, planes = read(write_nd2(stored))

    assert (header.format, header.kind) == ("Nikon ND2", "line_scan")
    assert (header.lines, header.pixels, header.channels, header.frames) == (300, 40, 2, 1)
    assert header.line_period_s == pytest.approx(0.00125)
    assert header.line_period_source == "ND2 relativeTimeMs, last minus first"
    assert (header.pixel_size_um, header.pixel_size_source) == (0.4, "ND2 axesCalibration X")
    assert header.time_axis_source == "file"
    assert (header.dtype, header.bit_depth) == ("uint16", 12)
    assert header.channel_names == ("dye 0", "dye 1")
    # day first: the absolute time beside the text says so
    assert header.acquired_at == "2024-03-02T11:54:29"
    assert header.warnings == ()
    np.testing.assert_array_equal(planes[0], stored[:, 0].transpose(2, 0, 1))


def test_an_image_whose_y_axis_is_time(write_nd2: WriteNd2, ramp: Ramp, read: Read) -> None:
    stored = ramp((1, 60, 40, 1))

    header, planes = read(write_nd2(stored, y_axis=2))

    assert (header.kind, header.lines, header.pixels) == ("line_scan", 60, 40)
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert (header.pixel_size_um, header.row_size_um) == (0.4, None)
    assert header.line_period_s is None
    np.testing.assert_array_equal(planes[0, 0], stored[0, ..., 0])


def test_an_image_whose_x_axis_is_time(write_nd2: WriteNd2, ramp: Ramp, read: Read) -> None:
    stored = ramp((1, 40, 60, 1))

    header, planes = read(write_nd2(stored, x_axis=2))

    assert (header.time_axis, header.lines, header.pixels) == ("columns", 60, 40)
    assert header.pixel_size_um == 0.4
    assert header.line_period_s is None
    np.testing.assert_array_equal(planes[0, 0], stored[0, ..., 0].T)


def test_pieces_of_a_line_scan_follow_each_other(
    write_nd2: WriteNd2, ramp: Ramp, read: Read
) -> None:
    stored = ramp((5, 60, 40, 1))

    header, planes = read(write_nd2(stored, y_axis=2, times_ms=np.arange(5) * 120.0))

    assert (header.kind, header.lines, header.frames) == ("line_scan", 300, 1)
    assert header.line_period_s == pytest.approx(0.002)
    np.testing.assert_array_equal(planes[0, 0], stored[..., 0].reshape(300, 40))


def test_frames(write_nd2: WriteNd2, ramp: Ramp, read: Read) -> None:
    stored = ramp((5, 30, 40, 2))

    header, planes = read(write_nd2(stored))

    assert (header.kind, header.frames, header.channels) == ("frames", 5, 2)
    assert header.frame_period_s == pytest.approx(0.00125)
    assert header.row_size_um == 0.4
    np.testing.assert_array_equal(planes, stored.transpose(0, 3, 1, 2))


def test_planned_period_serves_where_no_times_are_kept(write_nd2: WriteNd2, ramp: Ramp) -> None:
    path = write_nd2(ramp((300, 1, 40, 1)), times_ms=np.zeros(300), period_ms=1.5)

    header = loaders.read_header(path)

    assert header.line_period_s == pytest.approx(0.0015)
    assert header.line_period_source == "ND2 TimeLoop periodMs"


def test_scales_that_are_none(write_nd2: WriteNd2, ramp: Ramp) -> None:
    path = write_nd2(ramp((300, 1, 40, 1)), pixel_um=1.0, calibrated=False, times_ms=np.zeros(300))

    header = loaders.read_header(path)

    assert (header.pixel_size_um, header.pixel_size_source) == (None, "")
    assert (header.line_period_s, header.line_period_source) == (None, "")


def test_metadata_that_the_reader_trips_over_does_not_cost_the_image(
    write_nd2: WriteNd2, ramp: Ramp, read: Read
) -> None:
    stored = ramp((300, 1, 40, 1))

    header, planes = read(write_nd2(stored, probe=False, times_ms=np.zeros(300)))

    np.testing.assert_array_equal(planes[0, 0], stored[:, 0, :, 0])
    assert header.line_period_s is None
    # a reader that no longer trips has nothing to warn of
    assert header.pixel_size_um == (None if header.warnings else 0.4)
    assert all("cannot be understood" in warning for warning in header.warnings)


@pytest.mark.parametrize("percent", [99, 50, 10, 1])
def test_cut_short(write_nd2: WriteNd2, ramp: Ramp, percent: int) -> None:
    path = write_nd2(ramp((5, 30, 40, 2)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)
    assert "\n" not in caught.value.reason


def test_images_that_were_never_taken(write_nd2: WriteNd2, ramp: Ramp) -> None:
    path = write_nd2(ramp((300, 1, 40, 1)), missing=100)

    with pytest.raises(LoadError, match="the file is cut short: 200 of 300 images are there"):
        loaders.read_header(path)


def test_real_recording(shared_data: Path) -> None:
    path = shared_data / "formats/nikon_cluster.nd2"

    header = loaders.read_header(path)

    assert (header.kind, header.frames, header.channels) == ("frames", 30, 2)
    assert (header.lines, header.pixels, header.dtype) == (31, 38, "uint16")
    assert header.pixel_size_um == pytest.approx(0.16781, abs=5e-6)
    assert header.row_size_um == header.pixel_size_um
    assert header.line_period_s is None
    assert header.frame_period_s == pytest.approx(10.6475, abs=1e-3)
    assert header.acquired_at == "2014-06-18T15:55:27"
    assert header.channel_names == ("5-FAM/pH 9.0", "FM 4-64/2% CHAPS")
    assert header.raw["Nikon/description/Scanner Zoom"] == "2.469"
    pixels = loaders.open_pixels(path, header)
    planes = [pixels.channel(c, i) for c in range(2) for i in range(30)]
    assert (min(p.min() for p in planes), max(p.max() for p in planes)) == (0, 3033)


def test_damaged_copies_are_read_or_refused(write_nd2: WriteNd2, ramp: Ramp) -> None:
    path = write_nd2(ramp((4, 10, 40, 2)), positions=("first", "second"))

    assert survives_damage(path) > 0
