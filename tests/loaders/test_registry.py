"""Choosing a loader, loaders of other packages, and what importing them costs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cloudscope import loaders
from cloudscope.errors import LoadError, UnknownNameError
from cloudscope.loaders import registry
from cloudscope.metadata import ImageHeader

Write = Callable[..., Path]
Ramp = Callable[..., NDArray[Any]]


class TextPixels:
    """Pixels of `TextLoader`."""

    channels = frames = 1

    def __init__(self, values: NDArray[Any]) -> None:
        self._values = values
        self.lines, self.pixels = values.shape

    def channel(self, channel: int, frame: int = 0) -> NDArray[Any]:
        return self._values

    def close(self) -> None:
        pass


class TextLoader:
    """A third party's loader: numbers in a text file that begins with a mark."""

    name = "text"
    title = "scan text"
    suffixes = (".scan", ".tif")

    def recognises(self, path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(5) == b"#scan"

    def read_header(self, path: Path) -> ImageHeader:
        values = np.loadtxt(path, ndmin=2)
        return ImageHeader(
            format="scan text", kind="line_scan", lines=values.shape[0], pixels=values.shape[1]
        )

    def open_pixels(self, path: Path, header: ImageHeader) -> TextPixels:
        return TextPixels(np.loadtxt(path, ndmin=2))


class NotALoader:
    """Lacks what a loader has."""


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[type], None]]:
    """Declare a class of this module as entry point, as an installed package would."""

    def declare(what: type) -> None:
        point = EntryPoint("third", f"{__name__}:{what.__name__}", registry.ENTRY_POINT_GROUP)
        monkeypatch.setattr(EntryPoint, "load", lambda self: what)
        monkeypatch.setattr(
            "importlib.metadata.entry_points",
            lambda *, group: (point,) if group == "cloudscope.loaders" else (),
        )
        registry._loaders.cache_clear()

    yield declare
    registry._loaders.cache_clear()


def test_a_loader_of_another_package_joins(install: Callable[[type], None], tmp_path: Path) -> None:
    install(TextLoader)
    path = tmp_path / "a.scan"
    path.write_text("#scan\n1 2 3\n4 5 6\n")

    assert loaders.is_supported(path)
    assert ".scan" in loaders.supported_suffixes()
    assert loaders.loader_names()[0] == "tiff"
    assert loaders.loader_names()[-1] == "text"
    header = loaders.read_header(path)
    assert (header.lines, header.pixels) == (2, 3)
    assert loaders.open_pixels(path, header).channel(0).tolist() == [[1, 2, 3], [4, 5, 6]]


def test_content_decides_between_loaders_of_one_suffix(
    install: Callable[[type], None], tmp_path: Path, write: Write, ramp: Ramp
) -> None:
    install(TextLoader)
    text = tmp_path / "text.tif"
    text.write_text("#scan\n1 2\n")

    assert loaders.read_header(text).format == "scan text"
    assert loaders.read_header(write(ramp((400, 30)))).format == "TIFF"
    text.write_text("nothing known")
    with pytest.raises(LoadError, match="its content is not TIFF or scan text"):
        loaders.read_header(text)


def test_what_another_loader_raises_is_one_error(
    install: Callable[[type], None], tmp_path: Path
) -> None:
    install(TextLoader)
    path = tmp_path / "a.scan"
    path.write_text("#scan\nx y\n")

    with pytest.raises(LoadError, match="the loader 'text' failed") as caught:
        loaders.read_header(path)
    assert caught.value.path == str(path)


def test_a_broken_loader_keeps_nothing_else_shut(
    install: Callable[[type], None], write: Write, ramp: Ramp
) -> None:
    install(NotALoader)

    with pytest.warns(UserWarning, match="the loader 'third' of another package is left out"):
        assert loaders.loader_names()[0] == "tiff"
    assert "third" not in loaders.loader_names()
    assert loaders.read_header(write(ramp((400, 30)))).lines == 400


def test_a_loader_by_name(write: Write, ramp: Ramp) -> None:
    path = write(ramp((400, 30)))
    odd = path.rename(path.with_suffix(".recording"))

    with pytest.raises(LoadError, match=r"no loader for \.recording files"):
        loaders.read_header(odd)
    header = loaders.read_header(odd, loader="tiff")
    assert loaders.open_pixels(odd, header, loader="tiff").channel(0).shape == (400, 30)
    with pytest.raises(UnknownNameError, match="no loader 'papyrus'; there are tiff"):
        loaders.read_header(odd, loader="papyrus")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.tif", True),
        ("a.TIFF", True),
        ("a.ome.tif", True),
        ("a.lsm", True),
        ("a.lif", True),
        ("a.ND2", True),
        ("a.czi", True),
        ("a.oib", True),
        ("a.oif", True),
        ("a.oir", True),
        ("a.tif.json", False),
        ("a.txt", False),
        ("tif", False),
        ("._a.tif", False),
        ("", False),
    ],
)
def test_supported_names(name: str, expected: bool) -> None:
    assert loaders.is_supported(Path("folder") / name) is expected


@pytest.mark.parametrize("what", [None, 3, ["a.tif"]])
def test_what_is_no_path(what: Any) -> None:
    with pytest.raises(LoadError, match="not a path"):
        loaders.read_header(what)


def test_built_in_loaders_keep_the_protocol() -> None:
    assert all(isinstance(loader, registry.Loader) for loader in registry._loaders())


def test_listing_a_folder_imports_no_reader() -> None:
    code = (
        "import sys; from cloudscope import loaders; loaders.is_supported('a.tif');"
        "print(sorted({'numpy', 'tifffile', 'xml', 'liffile', 'nd2', 'czifile', 'oiffile',"
        " 'oirfile'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
