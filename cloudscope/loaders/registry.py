"""Which loader reads a file: one line a vendor here, third parties by entry point.

To add a vendor, write one module with a class that has what `Loader` lists and add its address to
`_BUILT_IN`, or, in a package of your own, declare it::

    [project.entry-points."cloudscope.loaders"]
    my_microscope = "my_package.my_microscope:MyMicroscopeLoader"
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, runtime_checkable

from cloudscope.errors import CloudscopeError, LoadError, UnknownNameError
from cloudscope.loaders.images import ImageEntry
from cloudscope.loaders.pixels import PixelSource
from cloudscope.loaders.reference import ReferenceImage
from cloudscope.metadata import ImageHeader

__all__ = [
    "ENTRY_POINT_GROUP",
    "Loader",
    "ReadsFolders",
    "ReadsReferences",
    "ReadsSeveralImages",
    "folder_suffixes",
    "loader_for",
    "loader_names",
    "suffixes",
]

ENTRY_POINT_GROUP = "cloudscope.loaders"

_BUILT_IN = (
    "cloudscope.loaders.tiff:TiffLoader",
    "cloudscope.loaders.numpy_file:NumpyLoader",
    "cloudscope.loaders.leica:LeicaLoader",
    "cloudscope.loaders.nikon:NikonLoader",
    "cloudscope.loaders.zeiss:ZeissLoader",
    "cloudscope.loaders.olympus_oif:OlympusOifLoader",
    "cloudscope.loaders.olympus_oir:OlympusOirLoader",
    "cloudscope.loaders.hdf5:Hdf5Loader",
    "cloudscope.loaders.nwb:NwbLoader",
    "cloudscope.loaders.ome_zarr:OmeZarrLoader",
)


@runtime_checkable
class Loader(Protocol):
    """What reads the files of one vendor or family.

    A loader is made without arguments, keeps no state of a file, and imports the package that
    decodes its files inside its methods, so that listing a folder stays cheap.

    Attributes
    ----------
    name : str
        For code and messages, for example ``"tiff"``.
    title : str
        For people, for example ``"TIFF"``.
    suffixes : tuple of str
        Lower case, with the dot.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]

    def recognises(self, path: Path) -> bool:
        """Whether the content of the file is of this kind (from its first bytes)."""

    def read_header(self, path: Path) -> ImageHeader:
        """What the file says, without reading pixels; raises `LoadError` only."""

    def open_pixels(self, path: Path, header: ImageHeader) -> PixelSource:
        """Pixels with `header.time_axis` as rows; raises `LoadError` only."""


@runtime_checkable
class ReadsSeveralImages(Protocol):
    """What a `Loader` has besides, whose files may hold several images.

    Its `Loader.read_header` reads the image that people mean, and says in `image_index`,
    `image_name` and `image_count` which that is; its `Loader.open_pixels` opens the image that
    `ImageHeader.image_index` names.
    """

    def list_images(self, path: Path) -> tuple[ImageEntry, ...]:
        """The images of a file, without reading pixels; raises `LoadError` only."""

    def read_image_header(self, path: Path, image: int) -> ImageHeader:
        """What the file says of one image; raises `LoadError` only."""


@runtime_checkable
class ReadsReferences(Protocol):
    """What a `Loader` has besides, whose files may hold the frame a line was drawn on."""

    def read_reference(self, path: Path, header: ImageHeader) -> ReferenceImage | None:
        """The frame and the line; ``None`` where the file has none; raises `LoadError` only."""


@runtime_checkable
class ReadsFolders(Protocol):
    """What a `Loader` has besides, for whom a folder is one recording, as with OME-Zarr."""

    folder_suffixes: tuple[str, ...]


@cache
def _loaders() -> tuple[Loader, ...]:
    found: list[Loader] = []
    for address in _BUILT_IN:
        module, _, name = address.partition(":")
        found.append(getattr(import_module(module), name)())
    from importlib.metadata import entry_points

    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda p: p.name):
        try:
            loader = point.load()()
            if not isinstance(loader, Loader):
                raise TypeError(f"{point.value} does not have what a Loader has")
        # somebody else's broken package must not keep TIFF files shut
        except Exception as error:
            warnings.warn(
                f"the loader {point.name!r} of another package is left out: {error}", stacklevel=2
            )
        else:
            found.append(loader)
    return tuple(found)


@contextmanager
def only_load_errors(loader: Loader, path: Path) -> Iterator[None]:
    """What a loader of another package raises, as the one error that callers expect."""
    try:
        yield
    except CloudscopeError:
        raise
    except Exception as error:
        raise LoadError(path, f"the loader {loader.name!r} failed: {error}") from error


def loader_names() -> tuple[str, ...]:
    """Names of all loaders, built-in ones first.

    Examples
    --------
    >>> loader_names()[0]
    'tiff'
    """
    return tuple(loader.name for loader in _loaders())


def suffixes() -> tuple[str, ...]:
    """Suffixes of all files that some loader reads, lower case, sorted.

    Examples
    --------
    >>> ".tif" in suffixes()
    True
    """
    return tuple(sorted({suffix for loader in _loaders() for suffix in loader.suffixes}))


def loader_for(path: Path, name: str | None = None) -> Loader:
    """The loader that reads this file.

    Parameters
    ----------
    path : Path
    name : str, optional
        Name of the loader, instead of choosing by suffix.

    Raises
    ------
    LoadError
        There is no such file, it is empty, or no loader knows its content.
    UnknownNameError
        There is no loader called `name`.
    """
    if name is not None:
        candidates = [loader for loader in _loaders() if loader.name == name]
        if not candidates:
            raise UnknownNameError(
                f"there is no loader {name!r}; there are {', '.join(loader_names())}"
            )
    else:
        file_name = path.name.lower()
        candidates = [loader for loader in _loaders() if file_name.endswith(loader.suffixes)]
    folders_too = any(isinstance(loader, ReadsFolders) for loader in candidates)
    _refuse_unreadable(path, folders_too)
    if not candidates:
        suffix = f"{path.suffix} files" if path.suffix else "files without a suffix"
        raise LoadError(path, f"no loader for {suffix}; cloudscope reads {', '.join(suffixes())}")
    for loader in candidates:
        with only_load_errors(loader, path):
            if loader.recognises(path):
                return loader
    titles = " or ".join(loader.title for loader in candidates)
    raise LoadError(path, f"its content is not {titles}: {_beginning(path)}")


def folder_suffixes() -> tuple[str, ...]:
    """Suffixes of the folders that are recordings, lower case, sorted.

    Examples
    --------
    >>> ".zarr" in folder_suffixes()
    True
    """
    folders = (loader for loader in _loaders() if isinstance(loader, ReadsFolders))
    return tuple(sorted({suffix for loader in folders for suffix in loader.folder_suffixes}))


def _refuse_unreadable(path: Path, folders_too: bool) -> None:
    try:
        size = path.stat().st_size
        if path.is_dir() and folders_too:
            if not os.access(path, os.R_OK | os.X_OK):
                raise LoadError(path, "you may not read it (permission denied)")
            return
        if path.is_dir():
            raise LoadError(path, "it is a folder, not a file")
        if not path.is_file():
            raise LoadError(path, "it is not a regular file")
        if size == 0:
            raise LoadError(path, "the file is empty (0 bytes)")
        with path.open("rb"):
            pass
    except FileNotFoundError as error:
        raise LoadError(path, "there is no such file") from error
    except (OSError, ValueError) as error:
        raise LoadError(path, _reason(error)) from error


def _reason(error: OSError | ValueError) -> str:
    if isinstance(error, PermissionError):
        return "you may not read it (permission denied)"
    return f"it cannot be read ({getattr(error, 'strerror', None) or error})"


def _beginning(path: Path) -> str:
    if path.is_dir():
        return "it is a folder without the metadata of one"
    with path.open("rb") as file:
        start = file.read(16)
    text = start.decode("ascii", "replace")
    if all(c.isprintable() or c in "\r\n\t" for c in text):
        return f"it begins with the text {text!r}"
    return f"it begins with the bytes {start[:8].hex(' ')}"


def as_path(path: str | os.PathLike[str]) -> Path:
    """`path` as a `Path`, or one `LoadError` where it is none."""
    try:
        return Path(os.fsdecode(path))
    except TypeError as error:
        raise LoadError(repr(path), "it is not a path") from error
