"""Reading recordings: what a file says (`read_header`) and its pixels (`open_pixels`).

Nothing here writes to a file. `docs/formats.md` lists what is read and where each value stands.
"""

from __future__ import annotations

import os

from cloudscope.loaders.fingerprint import fingerprint
from cloudscope.loaders.pixels import PixelSource
from cloudscope.loaders.registry import (
    Loader,
    as_path,
    loader_for,
    loader_names,
    only_load_errors,
    suffixes,
)
from cloudscope.metadata import ImageHeader

__all__ = [
    "Loader",
    "PixelSource",
    "fingerprint",
    "is_supported",
    "loader_names",
    "open_pixels",
    "read_header",
    "supported_suffixes",
]


def read_header(path: str | os.PathLike[str], *, loader: str | None = None) -> ImageHeader:
    """What a file says of its pixels, without reading them.

    Parameters
    ----------
    path : path-like
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
        return reader.read_header(source)


def open_pixels(
    path: str | os.PathLike[str], header: ImageHeader, *, loader: str | None = None
) -> PixelSource:
    """The pixels of a file, read when first asked for.

    Parameters
    ----------
    path : path-like
    header : ImageHeader
        From `read_header`, possibly with the time axis swapped (`ImageHeader.transposed`):
        rows of every plane are ``header.time_axis`` of the file.
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
