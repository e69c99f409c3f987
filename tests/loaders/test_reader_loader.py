"""What all loaders on an optional reader share: missing readers, foreign files, damaged bytes."""

from __future__ import annotations

import random
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope import loaders
from cloudscope.errors import LoadError
from cloudscope.loaders import registry
from cloudscope.loaders.reader_loader import ReaderLoader

_BEGINNINGS = {
    ".lif": b"\x70\0\0\0\0\0\0\0\x2a" + bytes(40),
    ".nd2": b"\xda\xce\xbe\x0a" + bytes(40),
    ".czi": b"ZISRAWFILE" + bytes(40),
    ".oib": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(40),
    ".oif": "[Version Info]\r\n".encode("utf-16"),
    ".oir": b"OLYMPUSRAWFORMAT" + bytes(90),
}


def _loader(suffix: str) -> ReaderLoader:
    return next(
        loader
        for loader in registry._loaders()
        if isinstance(loader, ReaderLoader) and suffix in loader.suffixes
    )


def reason(path: Path) -> str:
    with pytest.raises(LoadError) as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)
    assert "\n" not in caught.value.reason
    return caught.value.reason


def _begun(folder: Path, suffix: str) -> Path:
    path = folder / f"vessel{suffix}"
    path.write_bytes(_BEGINNINGS[suffix])
    return path


@pytest.fixture(params=sorted(_BEGINNINGS))
def suffix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _absent(monkeypatch: pytest.MonkeyPatch, suffix: str) -> ReaderLoader:
    loader = _loader(suffix)
    monkeypatch.setattr(type(loader), "python", (3, 11))
    monkeypatch.setitem(sys.modules, loader.reader, None)
    return loader


def test_a_missing_reader_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    loader = _absent(monkeypatch, suffix)

    expected = (
        f"reading {suffix} needs the reader {loader.reader}: "
        f"pip install 'cloudscope[{loader.extra}]'"
    )
    assert reason(_begun(tmp_path, suffix)) == expected


def test_a_python_too_old_for_the_reader_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    loader = _absent(monkeypatch, suffix)
    monkeypatch.setattr(type(loader), "python", (3, 99))

    text = reason(_begun(tmp_path, suffix))

    assert text.startswith(f"reading {suffix} needs Python 3.99 or newer (this is 3.")
    assert text.endswith(f"the reader {loader.reader}: pip install 'cloudscope[{loader.extra}]'")


def test_a_reader_too_old_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    loader = _absent(monkeypatch, suffix)
    old = ModuleType(loader.reader)
    old.__version__ = "0.1.2"
    monkeypatch.setitem(sys.modules, loader.reader, old)

    text = reason(_begun(tmp_path, suffix))

    assert f"the reader {loader.reader} {loader.least} or newer, and 0.1.2 is installed" in text


def test_a_folder_lists_what_it_cannot_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    _absent(monkeypatch, suffix)
    path = _begun(tmp_path, suffix)

    folder = cs.AcqImageList.from_folder(tmp_path)

    assert len(folder) == 0
    assert [failure.path for failure in folder.failures] == [path]
    assert f"reading {suffix} needs the reader" in folder.failures[0].reason


def test_empty_file(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.touch()

    assert reason(path) == "the file is empty (0 bytes)"


def test_foreign_content(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))

    title = _loader(suffix).title
    assert reason(path) == f"its content is not {title}: it begins with the bytes " + (
        "89 50 4e 47 0d 0a 1a 0a"
    )


def test_nothing_after_the_first_bytes(tmp_path: Path, suffix: str) -> None:
    assert reason(_begun(tmp_path, suffix))


@pytest.mark.parametrize(
    "name",
    [
        "leica_2channel_xz.lif",
        "nikon_cluster.nd2",
        "olympus_fv1000_test.oib",
        "zeiss_s1_t1_c1_z1.czi",
    ],
)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_flipped_bytes_give_pixels_or_one_error(
    shared_data: Path, tmp_path: Path, name: str
) -> None:
    whole = (shared_data / "formats" / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(whole)
    try:
        _loader(path.suffix).needed_reader(path)
    except LoadError as error:
        pytest.skip(error.reason)
    chance = random.Random(name)
    for _ in range(12):
        data = bytearray(whole)
        for _ in range(chance.choice((1, 10, 100))):
            data[chance.randrange(len(data) if chance.random() < 0.5 else 4000)] ^= (
                1 << chance.randrange(8)
            )
        path.write_bytes(data)
        with suppress(LoadError):
            header = loaders.read_header(path)
            plane = loaders.open_pixels(path, header).channel(0)
            assert plane.shape == (header.lines, header.pixels)


def test_planes_of_an_oif_are_no_recordings_of_their_own(tmp_path: Path) -> None:
    path = _begun(tmp_path, ".oif")
    (tmp_path / "vessel.oif.files").mkdir()
    (tmp_path / "vessel.oif.files" / "s_C001.tif").write_bytes(b"II*\0")

    folder = cs.AcqImageList.from_folder(tmp_path)

    assert [failure.path for failure in folder.failures] == [path]


def _with_shape(
    monkeypatch: pytest.MonkeyPatch, folder: Path, shape: tuple[int, ...], dtype: str
) -> Path:
    image = SimpleNamespace(
        sizes=dict(zip("TX", shape, strict=True)),
        dims=("T", "X"),
        shape=shape,
        dtype=np.dtype(dtype),
        is_linescan=True,
        coord_scales={},
        coords={},
        timestamps=None,
        channels=(),
        bitspersample=0,
        datetime=None,
        xml_metadata={},
        scanner=None,
    )

    class Opened:
        def __init__(self, path: Any) -> None:
            pass

        def __enter__(self) -> Any:
            return image

        def __exit__(self, *args: object) -> None:
            pass

    monkeypatch.setattr(type(_loader(".oir")), "python", (3, 11))
    monkeypatch.setitem(
        sys.modules, "oirfile", SimpleNamespace(OirFile=Opened, __version__="9999.1")
    )
    return _begun(folder, ".oir")


def test_declared_size_far_beyond_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = _with_shape(monkeypatch, tmp_path, (200_000, 200_000), "u2")

    assert reason(path).startswith("it declares 80 GB of pixels in a file of 106 bytes")


@pytest.mark.parametrize(
    ("shape", "dtype", "expected"),
    [
        ((500, 38), "c8", "its pixels are of type complex64, which is no intensity"),
        ((0, 38), "u2", "its image has no pixels"),
    ],
)
def test_pixels_that_are_none(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    shape: tuple[int, ...],
    dtype: str,
    expected: str,
) -> None:
    assert reason(_with_shape(monkeypatch, tmp_path, shape, dtype)) == expected
