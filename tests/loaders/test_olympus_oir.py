"""Olympus OIR written here as its reader understands it; no real one is at hand."""

from __future__ import annotations

import struct
import sys
from collections.abc import Callable, Sequence
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
    pytest.skip("the reader oirfile needs Python 3.12", allow_module_level=True)
pytest.importorskip("oirfile", reason="the reader oirfile is not installed")

Ramp = Callable[..., NDArray[Any]]
Read = Callable[[Path], tuple[ImageHeader, NDArray[Any]]]
WriteOir = Callable[..., Path]

_LSM = """\
<?xml version="1.0"?><lsmimage:image xmlns:lsmimage="http://www.olympus.co.jp/hpf/model/lsmimage"
 xmlns:commonparam="http://www.olympus.co.jp/hpf/model/commonparam">
<creationDateTime>2024-03-02T11:54:29.250+01:00</creationDateTime>
<lsmimage:scannerType>Galvano</lsmimage:scannerType>
<lsmimage:scannerSettings type="Galvano"><commonparam:seriesInterval>{period_ms}\
</commonparam:seriesInterval><commonparam:roundtrip>true</commonparam:roundtrip>\
</lsmimage:scannerSettings>
<length><x>{pixel_um}</x><y>{pixel_um}</y></length>{channels}
{more}
<axis enable="true"><axis>TIMELAPSE</axis><maxSize>{times}</maxSize></axis>
</lsmimage:image>"""


@pytest.fixture
def write_oir(tmp_path: Path) -> WriteOir:
    """`write_oir(array)` of (channels, lines, pixels), perhaps of several frames."""

    def make(
        array: NDArray[Any],
        *,
        stamps_ms: Sequence[float] = (0.0,),
        period_ms: float = 1.17,
        pixel_um: float = 0.284,
        times: int | None = None,
        lost: int = 0,
        more: str = "",
        reference: NDArray[Any] | None = None,
    ) -> Path:
        channels, lines, pixels = array.shape[-3:]
        names = "".join(
            f'<channel id="{i:08x}-aa" order="{i + 1}"><name>CH{i + 1}</name></channel>'
            for i in range(channels)
        )
        lsm = _LSM.format(
            period_ms=period_ms,
            pixel_um=pixel_um,
            channels=names,
            times=lines if times is None else times,
            more=more,
        )
        blocks = [(0, lsm.encode())]
        frames = array.reshape(-1, channels, lines, pixels)
        for number, (planes, stamp) in enumerate(zip(frames, stamps_ms, strict=True), start=1):
            frame = (
                f'<?xml version="1.0"?><frame><width>{pixels}</width><height>{lines}</height>'
                "<depth>2</depth><bitCounts>12</bitCounts><colorType>GrayScale</colorType>"
                f"<axisValue><axisType>TIMELAPSE</axisType><position>{stamp}</position></axisValue>"
                "</frame>"
            )
            blocks.append((1, frame.encode()))
            for i, plane in enumerate(planes):
                uid = f"t{number:03}_0_1_{i:08x}-aa_0".encode()
                blocks.append((3, struct.pack("<III", 0, 0, len(uid)) + uid))
                blocks.append((4, plane[: lines - lost].astype("<u2").tobytes()))
        for plane in () if reference is None else reference:
            uid = b"REF_LSM0_00000000-aa_1"
            blocks.append((3, struct.pack("<III", 0, 0, len(uid)) + uid))
            blocks.append((4, plane.astype("<u2").tobytes()))
        data = bytes(96)
        offsets = []
        for kind, content in blocks:
            offsets.append(len(data))
            data += struct.pack("<II", len(content), kind) + content
        index = len(data)
        data += struct.pack("<I", 0xFFFFFFFF) + b"".join(struct.pack("<Q", o) for o in offsets)
        head = b"OLYMPUSRAWFORMAT" + struct.pack("<IIIIQQ", 12, 0, 1, 2, len(data), index)
        path = tmp_path / "scan.oir"
        path.write_bytes(head.ljust(96, b"\0") + data[96:])
        return path

    return make


def test_line_scan_of_two_channels(write_oir: WriteOir, ramp: Ramp, read: Read) -> None:
    stored = ramp((2, 500, 38))

    header, planes = read(write_oir(stored))

    assert (header.format, header.kind) == ("Olympus OIR", "line_scan")
    assert (header.lines, header.pixels, header.channels, header.frames) == (500, 38, 2, 1)
    assert (header.time_axis, header.time_axis_source) == ("rows", "file")
    assert header.line_period_s == pytest.approx(0.00117)
    assert header.line_period_source == "OIR scannerSettings seriesInterval"
    assert (header.pixel_size_um, header.pixel_size_source) == (0.284, "OIR pixel length X")
    assert header.channel_names == ("CH1", "CH2")
    assert (header.dtype, header.bit_depth) == ("uint16", 12)
    assert header.acquired_at == "2024-03-02T11:54:29.250+01:00"
    assert header.raw["Olympus/LSMIMAGE/scannerSettings/roundtrip"] == "true"
    assert header.warnings == ()
    np.testing.assert_array_equal(planes[0], stored)


def test_a_still_is_a_frame(write_oir: WriteOir, ramp: Ramp) -> None:
    header = loaders.read_header(write_oir(ramp((1, 64, 64)), times=1))

    assert (header.kind, header.line_period_s) == ("frames", None)
    assert header.row_size_um == 0.284


def test_frames(write_oir: WriteOir, ramp: Ramp, read: Read) -> None:
    stored = ramp((5, 2, 30, 40))

    header, planes = read(write_oir(stored, times=5, stamps_ms=[10, 260, 510, 765, 1010]))

    assert (header.kind, header.frames, header.channels) == ("frames", 5, 2)
    assert header.frame_period_s == pytest.approx(0.25)
    assert header.line_period_s is None
    np.testing.assert_array_equal(planes, stored)


def test_scales_that_are_none(write_oir: WriteOir, ramp: Ramp) -> None:
    header = loaders.read_header(write_oir(ramp((1, 500, 38)), period_ms=0.0, pixel_um=0.0))

    assert (header.pixel_size_um, header.line_period_s) == (None, None)


@pytest.mark.parametrize("percent", [95, 50, 10])
def test_cut_short(write_oir: WriteOir, ramp: Ramp, percent: int) -> None:
    path = write_oir(ramp((2, 500, 38)))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * percent // 100])

    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


def test_lines_that_were_never_written_are_not_read_as_zeros(
    write_oir: WriteOir, ramp: Ramp
) -> None:
    path = write_oir(ramp((1, 500, 38)), lost=100)

    with pytest.raises(LoadError, match="some of its pixels are missing"):
        loaders.open_pixels(path, loaders.read_header(path)).channel(0)


def test_settings_of_the_microscope(write_oir: WriteOir, ramp: Ramp) -> None:
    more = (
        "<systemName>FVMPE-RS</systemName><objectiveLens><name>XLPLN25XWMP2</name>"
        "<magnification>25.0</magnification><naValue>1.05</naValue>"
        "<immersion>WATER</immersion></objectiveLens>"
        '<imagingMainLaser enable="true"><wavelength>820</wavelength></imagingMainLaser>'
        '<imagingMainLaser enable="false"><wavelength>1040</wavelength></imagingMainLaser>'
    )

    header = loaders.read_header(write_oir(ramp((1, 500, 38)), more=more))

    assert header.bidirectional is True
    assert header.optics.rows() == [
        ("Microscope", "FVMPE-RS"),
        ("Objective", "XLPLN25XWMP2, 25×, NA 1.05, WATER"),
        ("Scan mode", "Galvano"),
        ("Laser", "820 nm"),
    ]


def test_reference_image_and_the_line_on_it(write_oir: WriteOir, ramp: Ramp) -> None:
    frame = ramp((1, 64, 64))
    path = write_oir(
        ramp((1, 500, 38)),
        reference=frame,
        more='<region><coordinates x1="10.0" y1="20.0" x2="40.0" y2="60.0"/></region>',
    )

    found = loaders.read_reference(path, loaders.read_header(path))

    assert found is not None
    np.testing.assert_array_equal(found.pixels, frame)
    assert found.scan_line == ((10.0, 20.0), (40.0, 60.0))
    assert found.pixel_size_um == pytest.approx(0.284)
    assert found.scan_line_length_um == pytest.approx(50 * 0.284)
    without = write_oir(ramp((1, 500, 38)))
    assert loaders.read_reference(without, loaders.read_header(without)) is None


def test_damaged_copies_are_read_or_refused(write_oir: WriteOir, ramp: Ramp) -> None:
    more = '<region><coordinates x1="1" y1="2" x2="4" y2="6"/></region>'
    path = write_oir(ramp((2, 50, 38)), reference=ramp((1, 16, 16)), more=more)

    assert survives_damage(path) > 0
