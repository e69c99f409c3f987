"""Zeiss CZI: written here segment by segment, and a real image."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.metadata import ImageHeader
from tests.loaders.damage import survives_damage

if sys.version_info < (3, 12):
    pytest.skip("the reader czifile needs Python 3.12", allow_module_level=True)
pytest.importorskip("czifile", reason="the reader czifile is not installed")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
WriteCzi = Callable[..., Path]

_XML = """\
<ImageDocument><Metadata><Information><Image><ComponentBitCount>12</ComponentBitCount>
<AcquisitionDateAndTime>{begun}</AcquisitionDateAndTime>
<Dimensions><Channels>{channels}</Channels></Dimensions></Image></Information>
<Scaling><Items>{scaling}</Items></Scaling>{more}</Metadata></ImageDocument>"""


def _segment(name: str, data: bytes) -> bytes:
    return struct.pack("<16sqq", name.encode(), len(data), len(data)) + data


def _entry(position: int, dims: dict[str, tuple[int, int]]) -> bytes:
    """Directory entry of a piece with these starts and sizes."""
    entry = struct.pack("<2siqiiBB4si", b"DV", 1, position, 0, 0, 0, 0, b"", len(dims))
    for name, (start, size) in dims.items():
        entry += struct.pack("<4siifi", name.encode(), start, size, 0.0, 0)
    return entry


@pytest.fixture
def write_czi(tmp_path: Path) -> WriteCzi:
    """`write_czi(array)` of (channels, times, rows, columns) gives the path."""

    def make(
        array: NDArray[Any],
        *,
        lines_a_piece: int = 100,
        stamps: NDArray[Any] | None = None,
        scaling: str = '<Distance Id="X"><Value>2e-07</Value></Distance>',
        begun: str = "2024-03-02T11:54:29.2500000Z",
        more: str = "",
        lost: int = 0,
        scenes: int = 1,
    ) -> Path:
        channels, times, rows, columns = array.shape
        data = bytes(32 + 512)
        entries = []
        for scene, channel in product(range(scenes), range(channels)):
            for first in range(0, times, lines_a_piece):
                piece = array[channel, first : first + lines_a_piece] + scene
                dims = {
                    "X": (0, columns),
                    "Y": (0, rows),
                    "C": (channel, 1),
                    "T": (first, len(piece)),
                }
                if scenes > 1:
                    dims["S"] = (scene, 1)
                entry = _entry(len(data), dims)
                pixels = piece.astype("<u2").tobytes()
                body = struct.pack("<iiq", 0, 0, len(pixels)) + entry.ljust(240, b"\0") + pixels
                entries.append(entry)
                data += _segment("ZISRAWSUBBLOCK", body)
        xml = _XML.format(
            begun=begun,
            scaling=scaling,
            more=more,
            channels="".join(f'<Channel Id="{i}" Name="dye"/>' for i in range(channels)),
        ).encode()
        metadata = len(data)
        data += _segment("ZISRAWMETADATA", struct.pack("<ii", len(xml), 0).ljust(256, b"\0") + xml)
        attachments = 0
        if stamps is not None:
            content = struct.pack("<ii", 8 + 8 * len(stamps), len(stamps))
            content += stamps.astype("<f8").tobytes()
            entry = struct.pack(
                "<2s10sqi16s8s80s", b"A1", b"", len(data), 0, b"", b"CZTIMS", b"TimeStamps"
            )
            head = struct.pack("<i", len(content)).ljust(16, b"\0") + entry
            data += _segment("ZISRAWATTACH", head.ljust(256, b"\0") + content)
            attachments = len(data)
            data += _segment("ZISRAWATTDIR", struct.pack("<i", 1).ljust(256, b"\0") + entry)
        entries = entries[: len(entries) - lost]
        directory = len(data)
        data += _segment(
            "ZISRAWDIRECTORY", struct.pack("<i", len(entries)).ljust(128, b"\0") + b"".join(entries)
        )
        head = struct.pack(
            "<iiii16s16siqqiq", 1, 0, 0, 0, b"", b"", 0, directory, metadata, 0, attachments
        )
        path = tmp_path / "scan.czi"
        path.write_bytes(_segment("ZISRAWFILE", head.ljust(512, b"\0")) + data[544:])
        return path

    return make


def test_line_scan_of_two_channels(write_czi: WriteCzi, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 500, 1, 40))

    header, planes = read(write_czi(stored, stamps=0.4 + np.arange(500) * 0.0012))

    assert (header.format, header.kind) == ("Zeiss CZI", "line_scan")
    assert (header.lines, header.pixels, header.channels, header.frames) == (500, 40, 2, 1)
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.line_period_s == pytest.approx(0.0012)
    assert header.line_period_source == "CZI TimeStamps, last minus first"
    assert header.pixel_size_um == pytest.approx(0.2)
    assert header.pixel_size_source == "CZI Scaling Distance X"
    assert header.row_size_um is None
    assert header.channel_names == ("dye", "dye")
    assert (header.dtype, header.bit_depth) == ("uint16", 12)
    assert header.acquired_at == "2024-03-02T11:54:29.250Z"
    np.testing.assert_array_equal(planes[0], stored[:, :, 0])


def test_time_stamps_in_days(write_czi: WriteCzi, ramp: Ramp) -> None:
    stamps = 45353.4961718 + np.arange(500) * 0.0012 / 86400

    header = loaders.read_header(write_czi(ramp((1, 500, 1, 40)), stamps=stamps))

    assert header.line_period_s == pytest.approx(0.0012, rel=1e-5)


def test_line_time_of_the_scanner_serves_where_there_are_no_stamps(
    write_czi: WriteCzi, ramp: Ramp
) -> None:
    more = "<LaserScanInfo><LineTime>0.0015</LineTime></LaserScanInfo>"

    header = loaders.read_header(write_czi(ramp((1, 500, 1, 40)), more=more))

    assert header.line_period_s == 0.0015
    assert header.line_period_source == "CZI LaserScanInfo LineTime"


def test_frames(write_czi: WriteCzi, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 3, 30, 40))
    scaling = "".join(f'<Distance Id="{a}"><Value>2e-07</Value></Distance>' for a in "XY")

    header, planes = read(
        write_czi(stored, lines_a_piece=1, scaling=scaling, stamps=np.array([0, 0.5, 1]))
    )

    assert (header.kind, header.frames, header.channels) == ("frames", 3, 2)
    assert (header.frame_period_s, header.line_period_s) == (0.5, None)
    assert header.row_size_um == pytest.approx(0.2)
    np.testing.assert_array_equal(planes, stored.transpose(1, 0, 2, 3))


def test_scales_that_are_none(write_czi: WriteCzi, ramp: Ramp) -> None:
    path = write_czi(
        ramp((1, 500, 1, 40)),
        scaling='<Distance Id="X"><Value>0</Value></Distance>',
        stamps=np.zeros(500),
        begun="0001-01-01T00:00:00",
    )

    header = loaders.read_header(path)

    assert (header.pixel_size_um, header.line_period_s) == (None, None)
    assert header.acquired_at is None


def test_damaged_metadata_does_not_cost_the_image(
    write_czi: WriteCzi, ramp: Ramp, read: Read
) -> None:
    stored = ramp((2, 500, 1, 40))

    header, planes = read(write_czi(stored, more="<Open>"))

    np.testing.assert_array_equal(planes[0], stored[:, :, 0])
    assert header.pixel_size_um is None
    assert "CZI metadata cannot be understood" in header.warnings[0]


def test_lines_that_were_never_written_are_not_read_as_zeros(
    write_czi: WriteCzi, ramp: Ramp
) -> None:
    path = write_czi(ramp((2, 500, 1, 40)), lost=1)

    with pytest.raises(LoadError, match="the file is cut short: 900 of 1000 images are there"):
        loaders.read_header(path)


def test_each_scene_is_an_image(write_czi: WriteCzi, ramp: Ramp) -> None:
    stored = ramp((2, 300, 1, 40))
    path = write_czi(stored, scenes=3)

    entries = loaders.list_images(path)

    assert [entry.name for entry in entries] == ["scene 1", "scene 2", "scene 3"]
    for entry in entries:
        header = loaders.read_header(path, image=entry.index)
        assert (header.image_index, header.image_count) == (entry.index, 3)
        assert header.image_name == entry.name
        assert (header.lines, header.pixels) == (300, 40)
        plane = loaders.open_pixels(path, header).channel(1)
        np.testing.assert_array_equal(plane, stored[1, :, 0] + entry.index)


def test_settings_of_the_microscope(write_czi: WriteCzi, ramp: Ramp) -> None:
    more = (
        "<Experiment><AcquisitionModeSetup><BiDirectional>true</BiDirectional>"
        "</AcquisitionModeSetup></Experiment><LaserScanInfo><ZoomX>3.5</ZoomX>"
        "<PixelTime>1.2e-06</PixelTime><SampleRotation>30</SampleRotation>"
        "<ScanningMode>Line</ScanningMode></LaserScanInfo>"
    )

    header = loaders.read_header(write_czi(ramp((1, 500, 1, 40)), more=more))

    assert header.bidirectional is True
    assert header.optics.rows() == [
        ("Zoom", "3.5"),
        ("Scan mode", "Line"),
        ("Scan rotation", "30°"),
        ("Dwell time", "1.2 µs"),
    ]


@pytest.mark.parametrize("percent", [90, 50, 10, 1])
def test_cut_short(write_czi: WriteCzi, ramp: Ramp, percent: int) -> None:
    path = write_czi(ramp((2, 500, 1, 40)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


def test_real_image(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "formats/zeiss_s1_t1_c1_z1.czi"
    optics = loaders.read_header(path).optics
    assert (optics.objective, optics.numerical_aperture, optics.magnification) == (
        "Plan-Apochromat 20x/0.8 M27",
        0.8,
        20,
    )

    header = loaders.read_header(path)

    assert (header.kind, header.lines, header.pixels) == ("frames", 325, 475)
    assert (header.channels, header.frames, header.dtype) == (1, 1, "uint16")
    assert header.pixel_size_um == pytest.approx(1.08333, abs=1e-5)
    assert header.line_period_s is None
    assert header.channel_names == ("Bright",)
    assert header.acquired_at == "2019-06-27T18:33:40.619Z"
    assert header.raw["Zeiss/Information/Application/Name"] == "ZEN 2.3 (blue edition)"
    plane = loaders.open_pixels(path, header).channel(0)
    assert (int(plane.min()), int(plane.max())) == (3249, 4168)

    cut = tmp_path / "cut.czi"
    cut.write_bytes(path.read_bytes()[:700_000])
    with pytest.raises(LoadError, match="cut short"):
        loaders.read_header(cut)


def test_damaged_copies_are_read_or_refused(write_czi: WriteCzi, ramp: Ramp) -> None:
    path = write_czi(ramp((1, 60, 1, 40)), scenes=2, stamps=np.arange(60) * 0.001)

    assert survives_damage(path) > 0
