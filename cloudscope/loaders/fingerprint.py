"""A short digest that tells whether a recording is still the file it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from cloudscope.errors import LoadError

__all__ = ["fingerprint"]

_PART = 1 << 20


def fingerprint(path: str | os.PathLike[str]) -> str:
    """Digest of a file's size, first and last MiB: fast on recordings of any length.

    Of a folder that is a recording: digest of its metadata, and of names and sizes of its files.
    It finds a replaced, re-exported, cut or appended recording; a change of pixels in the middle
    of a file of more than 2 MiB that keeps its size is not seen.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    str
        32 hexadecimal digits (BLAKE2b, 128 bits).

    Raises
    ------
    LoadError
        The file cannot be read.
    """
    digest = hashlib.blake2b(digest_size=16)
    try:
        if Path(path).is_dir():
            return _of_folder(Path(path))
        with Path(path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            digest.update(size.to_bytes(8, "little"))
            digest.update(file.read(_PART))
            if size > _PART:
                file.seek(max(_PART, size - _PART))
                digest.update(file.read(_PART))
    except OSError as error:
        raise LoadError(path, (error.strerror or str(error)).lower()) from error
    return digest.hexdigest()


def _of_folder(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for here, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            path = Path(here, name)
            size = path.stat().st_size
            digest.update(f"{path.relative_to(folder).as_posix()}\0{size}\0".encode())
            if name.startswith(".z") or name.endswith(".json"):
                digest.update(path.read_bytes()[:_PART])
    return digest.hexdigest()
