"""Damaged, foreign and hostile files: one `LoadError` with the path and a plain reason."""

from __future__ import annotations

import logging
import os
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.loaders.one_error import one_error

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


def reason(path: Path) -> str:
    """Why a file is refused; the error names the file."""
    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)
    assert str(path) in str(caught.value)
    assert "\n" not in caught.value.reason
    return caught.value.reason


def test_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.touch()

    assert reason(path) == "the file is empty (0 bytes)"


def test_missing_file(tmp_path: Path) -> None:
    assert reason(tmp_path / "a.tif") == "there is no such file"
    assert reason(tmp_path / "no folder" / "a.tif") == "there is no such file"


def test_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.mkdir()

    assert reason(path) == "it is a folder, not a file"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_pipe(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    os.mkfifo(path)

    assert reason(path) == "it is not a regular file"


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything"
)
def test_no_permission(write: Write, ramp: Ramp) -> None:
    path = write(ramp((400, 30)))
    path.chmod(0)

    assert reason(path) == "you may not read it (permission denied)"


def test_permission_taken_away_after_the_header(
    write: Write, ramp: Ramp, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ramp((400, 30)))

    def refuse(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)

    assert reason(path) == "you may not read it (permission denied)"


def test_text_named_tif(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_text("time,velocity\n0,1\n")

    assert reason(path) == "its content is not TIFF: it begins with the text 'time,velocity\\n0,'"


def test_picture_named_tif(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    assert reason(path).endswith("not TIFF: it begins with the bytes 89 50 4e 47 0d 0a 1a 0a")


def test_foreign_suffix(tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_text("x")

    assert reason(path).startswith("no loader for .xyz files; cloudscope reads .")


@pytest.mark.parametrize("start", [b"II*\0", b"MM\0*", b"II+\0\x08\0\0\0", b"II*\0\x08\0\0\0"])
def test_nothing_after_the_first_bytes(tmp_path: Path, start: bytes) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(start)

    assert "cut short" in reason(path)


@pytest.mark.parametrize("percent", [90, 50, 10])
@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ((4000, 30), {}),
        ((4000, 30), {"compression": "zlib"}),
        ((4000, 30), {"bigtiff": True}),
        ((10, 64, 64), {}),
        ((10, 64, 64), {"compression": "lzw"}),
        ((10, 64, 64), {"imagej": True}),
        ((10, 64, 64), {"imagej": True, "compression": "zlib"}),
        ((10, 64, 64), {"ome": True, "metadata": {"axes": "TYX"}}),
        ((10, 64, 64), {"metadata": {"axes": "TYX"}}),
    ],
    ids=str,
)
def test_cut_files_are_never_read_in_part(
    write: Write, ramp: Ramp, shape: tuple[int, ...], options: dict[str, Any], percent: int
) -> None:
    path = write(ramp(shape), **options)
    whole = path.read_bytes()
    assert loaders.read_header(path).lines

    path.write_bytes(whole[: len(whole) * percent // 100])

    assert "cut short" in reason(path)


def test_how_much_is_there(write: Write, ramp: Ramp) -> None:
    path = write(np.zeros((50_000, 100), "uint16"))
    path.write_bytes(path.read_bytes()[:3_000_000])

    assert reason(path) == "the file is cut short: 3 MB of 10 MB are there"


def test_list_of_images_that_runs_in_a_circle(tmp_path: Path, ramp: Ramp) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, ramp((400, 30)), metadata=None)
    data = bytearray(path.read_bytes())
    (first,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, first)
    struct.pack_into("<I", data, first + 2 + 12 * entries, first)
    path.write_bytes(data)

    assert reason(path) == "the file is damaged: its list of images runs in a circle"


def _declaring(path: Path, rows: int, columns: int, compression: int, data: bytes) -> Path:
    """A small TIFF whose one image is said to have this size."""
    tags = [
        (256, columns),
        (257, rows),
        (258, 16),
        (259, compression),
        (262, 1),
        (273, 8),
        (277, 1),
        (278, rows),
        (279, len(data)),
    ]
    directory = struct.pack("<H", len(tags))
    for code, value in tags:
        directory += struct.pack("<HHII", code, 4, 1, value)
    where = 8 + len(data) + len(data) % 2
    head = b"II*\0" + struct.pack("<I", where)
    path.write_bytes(head + data.ljust(where - 8, b"\0") + directory + bytes(4))
    return path


def test_declared_size_far_beyond_the_file(tmp_path: Path) -> None:
    plain = _declaring(tmp_path / "a.tif", 200_000, 200_000, 1, bytes(8_000))
    packed = _declaring(tmp_path / "b.tif", 200_000, 200_000, 8, bytes(8_000))

    for path in (plain, packed):
        assert reason(path).startswith("it declares 80 GB of pixels in a file of 8.12 kB")


def test_bomb_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    zeros = zlib.compress(bytes(200_000_000), 9)
    path = _declaring(tmp_path / "a.tif", 1_000_000, 100, 8, zeros)
    assert path.stat().st_size < 250_000

    tracemalloc.start()
    try:
        text = reason(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "damaged, or made to fill the memory" in text
    assert peak < 20_000_000


def test_damaged_pixels_are_one_error(write: Write, ramp: Ramp) -> None:
    path = write(ramp((4000, 30)), compression="zlib", rowsperstrip=4000)
    header = loaders.read_header(path)
    with tifffile.TiffFile(path) as tif:
        offset = tif.pages[0].dataoffsets[0]
    data = bytearray(path.read_bytes())
    data[offset : offset + 200] = bytes(200)
    path.write_bytes(data)

    with pytest.raises(LoadError, match="damaged: reading its pixels failed"):
        loaders.open_pixels(path, header).channel(0)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (
            ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package"),
            "its pixels are compressed with LZW, which needs the package imagecodecs: install it",
        ),
        (
            ValueError("cannot decompress <COMPRESSION.JBIG: 34661>"),
            "its pixels are compressed with JBIG, which cannot be read",
        ),
        (MemoryError(), "there is not enough memory for reading its pixels"),
        (PermissionError(13, "x"), "you may not read it (permission denied)"),
        (OSError(5, "Input/output error"), "reading its pixels failed: input/output error"),
        (struct.error("bad\nbuffer"), "it is damaged: reading its pixels failed (bad buffer)"),
        (RecursionError(), "it is damaged: reading its pixels failed (RecursionError)"),
    ],
)
def test_what_decoders_raise_becomes_a_sentence(
    tmp_path: Path, raised: Exception, expected: str
) -> None:
    with (
        pytest.raises(LoadError) as caught,
        one_error(tmp_path / "a.tif", "reading its pixels"),
    ):
        raise raised

    assert caught.value.reason == expected


def test_interrupts_pass(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), one_error(tmp_path, "reading"):
        raise KeyboardInterrupt


def test_log_of_the_decoder_is_told_and_not_printed(
    write: Write, ramp: Ramp, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(ramp((400, 30)), name="a.ome.tif", description="<OME><Image></OME>")

    with caplog.at_level(logging.DEBUG):
        header = loaders.read_header(path)

    assert len(header.warnings) >= 1
    assert not caplog.records
    assert capsys.readouterr() == ("", "")
    logging.getLogger("tifffile").warning("of somebody else")
    assert [record.message for record in caplog.records] == ["of somebody else"]


@pytest.mark.parametrize(
    "name",
    [
        "größe µm 血管.tif",
        "a b#%<&>'.tif",
        'quote".tif',
        "x" * 200 + ".tif",
        "new\nline.tif",
        "UPPER.TIF",
        "a.b.c.tiff",
        "-rf.tif",
        "$HOME.tif",
    ],
)
def test_odd_names(write: Write, ramp: Ramp, name: str) -> None:
    path = write(ramp((400, 30)), name=name)

    header = loaders.read_header(path)

    assert loaders.open_pixels(path, header).channel(0).shape == (400, 30)


@pytest.mark.parametrize("name", ["a\0b.tif", "x" * 300 + ".tif"])
def test_impossible_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(LoadError):
        loaders.read_header(tmp_path / name)


def _samples(tmp_path: Path) -> list[tuple[str, bytes]]:
    """Small files of several dialects."""
    image = np.arange(2 * 60 * 20, dtype="uint16").reshape(2, 60, 20)
    options: dict[str, dict[str, Any]] = {
        "plain": {"metadata": None},
        "lzw": {"metadata": None, "compression": "lzw", "rowsperstrip": 16},
        "imagej": {"imagej": True, "metadata": {"axes": "CYX", "unit": "um", "finterval": 0.1}},
        "ome": {"ome": True, "metadata": {"axes": "CYX", "PhysicalSizeX": 0.3}},
        "scanimage": {"metadata": None, "description": "state.acq.msPerLine=2\rstate.x=1"},
        "big": {"metadata": None, "bigtiff": True, "compression": "zlib"},
    }
    found = []
    for name, option in options.items():
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, image, photometric="minisblack", **option)
        found.append((name, path.read_bytes()))
    return found


@pytest.mark.parametrize("seed", range(4))
def test_flipped_bytes_give_pixels_or_one_error(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    path = tmp_path / "flipped.tif"
    refused = 0
    for _name, whole in _samples(tmp_path):
        for _ in range(25):
            data = bytearray(whole)
            for _ in range(chance.choice((1, 3, 10))):
                # most of the structure stands in the first bytes or in the last
                near = chance.random()
                spot = chance.randrange(min(700, len(data)))
                spot = spot if near < 0.6 else len(data) - 1 - spot
                data[spot] = chance.randrange(256)
            path.write_bytes(data)
            try:
                header = loaders.read_header(path)
                pixels = loaders.open_pixels(path, header)
                for channel in range(min(header.channels, 3)):
                    plane = pixels.channel(channel)
                    assert plane.shape == (header.lines, header.pixels)
                    plane.sum()
            except LoadError:
                refused += 1
    assert refused > 0
