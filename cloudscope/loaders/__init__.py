"""Reading recordings: what a file says (`read_header`) and its pixels (`open_pixels`).

Nothing here writes to a file. `docs/formats.md` lists what is read and where each value stands.
"""

from __future__ import annotations

import os
from pathlib import Path

from cloudscope.errors import LoadError
from cloudscope.loaders.fingerprint import fingerprint
from cloudscope.loaders.images import ImageEntry, refuse_image
from cloudscope.loaders.pixels import PixelSource, bytes_to_decode, part_of
from cloudscope.loaders.reference import ReferenceImage
from cloudscope.loaders.registry import (
    Loader,
    ReadsReferences,
    ReadsSeveralImages,
    as_path,
    folder_suffixes,
    loader_for,
    loader_names,
    only_load_errors,
    suffixes,
)
from cloudscope.metadata import ImageHeader

__all__ = [
    "ImageEntry",
    "Loader",
    "PixelSource",
    "ReferenceImage",
    "bytes_to_decode",
    "fingerprint",
    "is_folder_recording",
    "is_supported",
    "list_images",
    "loader_names",
    "open_pixels",
    "part_of",
    "read_header",
    "read_reference",
    "supported_suffixes",
]


def read_header(
    path: str | os.PathLike[str], *, image: int | str | None = None, loader: str | None = None
) -> ImageHeader:
    """What a file says of its pixels, without reading them.

    Parameters
    ----------
    path : path-like
    image : int or str, optional
        Which image of a file that holds several, by number from 0 or by name; its first line
        scan, or its first image, where none is named.
    loader : str, optional
        Name of a loader (`loader_names`), instead of choosing by the file's suffix.

    Returns
    -------
    ImageHeader
        Values the file does not give are ``None``.

    Raises
    ------
    LoadError
        Naming the file and the reason; nothing else is raised for what a file contains.
    UnknownNameError
        There is no such loader.
    """
    source = as_path(path)
    reader = loader_for(source, loader)
    with only_load_errors(reader, source):
        if image is None:
            return reader.read_header(source)
        entries = _images(reader, source)
        if isinstance(image, str):
            numbers = [entry.index for entry in entries if entry.name == image]
            if not numbers:
                names = ", ".join(repr(entry.name) for entry in entries[:12])
                raise LoadError(source, f"it has no image {image!r}; it has {names}")
            image = numbers[0]
        refuse_image(source, image, len(entries))
        if isinstance(reader, ReadsSeveralImages):
            return reader.read_image_header(source, image)
        return reader.read_header(source)


def list_images(
    path: str | os.PathLike[str], *, loader: str | None = None
) -> tuple[ImageEntry, ...]:
    """The images of a file, without reading pixels; one without a name for most formats.

    Parameters
    ----------
    path : path-like
    loader : str, optional
        As for `read_header`.

    Raises
    ------
    LoadError
        Naming the file and the reason.
    UnknownNameError
        There is no such loader.
    """
    source = as_path(path)
    reader = loader_for(source, loader)
    with only_load_errors(reader, source):
        return _images(reader, source)


def _images(reader: Loader, source: Path) -> tuple[ImageEntry, ...]:
    if isinstance(reader, ReadsSeveralImages):
        return reader.list_images(source)
    return (ImageEntry(0, ""),)


def read_reference(
    path: str | os.PathLike[str], header: ImageHeader, *, loader: str | None = None
) -> ReferenceImage | None:
    """The frame on which the line of a recording was drawn, and the line.

    Parameters
    ----------
    path : path-like
    header : ImageHeader
        From `read_header`.
    loader : str, optional
        As for `read_header`.

    Returns
    -------
    ReferenceImage or None
        ``None`` where the file holds none, or none that is understood.

    Raises
    ------
    LoadError
        Naming the file and the reason.
    UnknownNameError
        There is no such loader.
    """
    source = as_path(path)
    reader = loader_for(source, loader)
    if not isinstance(reader, ReadsReferences):
        return None
    with only_load_errors(reader, source):
        return reader.read_reference(source, header)


def open_pixels(
    path: str | os.PathLike[str], header: ImageHeader, *, loader: str | None = None
) -> PixelSource:
    """The pixels of a file, read when first asked for.

    Parameters
    ----------
    path : path-like
    header : ImageHeader
        From `read_header`, possibly with the time axis swapped (`ImageHeader.transposed`):
        rows of every plane are ``header.time_axis`` of the file. Its ``image_index`` says which
        image of the file is opened.
    loader : str, optional
        As for `read_header`.

    Raises
    ------
    LoadError
        Naming the file and the reason, also where the file is not the one of `header`.
    UnknownNameError
        There is no such loader.
    """
    source = as_path(path)
    reader = loader_for(source, loader)
    with only_load_errors(reader, source):
        return reader.open_pixels(source, header)


def supported_suffixes() -> tuple[str, ...]:
    """Suffixes of the files that can be read, lower case and sorted, for example ``".tif"``."""
    return suffixes()


def is_supported(path: str | os.PathLike[str]) -> bool:
    """Whether a file's name is one that some loader reads (its content is not looked at).

    Examples
    --------
    >>> is_supported("day 1/Vessel.TIF"), is_supported("notes.txt"), is_supported("._Vessel.tif")
    (True, False, False)
    """
    name = as_path(path).name.lower()
    # "._x" beside "x" is how macOS keeps its attributes on foreign drives
    return name.endswith(suffixes()) and not name.startswith("._")


def is_folder_recording(path: str | os.PathLike[str]) -> bool:
    """Whether a folder's name is that of a recording, whose files are not listed one by one.

    Examples
    --------
    >>> is_folder_recording("day 1/vessel.ome.zarr"), is_folder_recording("day 1")
    (True, False)
    """
    name = as_path(path).name.lower()
    return name.endswith(folder_suffixes()) and not name.startswith(".")
