"""Decoded pixels that are too many for the memory: written to the disk once and mapped from there.

The file has no name, so it is gone when the last array on it is, or the process ends.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.sizes import size_text

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["kept_on_disk", "scratch_folder"]

_ROOMY = Path("/var/tmp")


def scratch_folder() -> Path:
    """Where decoded pixels are put: what ``TMPDIR`` names, else where there is room for them."""
    told = any(os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    # the usual place may be a part of the memory, which is what is to be spared
    if not told and sys.platform.startswith("linux") and os.access(_ROOMY, os.W_OK | os.X_OK):
        return _ROOMY
    return Path(tempfile.gettempdir())


def kept_on_disk(
    source: Path, blocks: Iterable[NDArray[Any]], shape: tuple[int, int], dtype: DTypeLike
) -> NDArray[Any]:
    """An array of blocks of rows that came one after the other, mapped and read-only.

    Parameters
    ----------
    source : Path
        Whose pixels they are, for what is said if there is no room for them.
    blocks : iterable of ndarray
        Together all rows.
    shape : tuple of int
    dtype : dtype

    Raises
    ------
    LoadError
        If there is no room on the disk.
    """
    import numpy as np

    kind = np.dtype(dtype)
    needed = shape[0] * shape[1] * kind.itemsize
    with _file_of(source, needed) as file:
        for block in blocks:
            try:
                file.write(np.ascontiguousarray(block, kind).data.cast("B"))
            except OSError as error:
                raise _no_room(source, needed, error) from error
        file.flush()
        written = file.tell()
        if written != needed:
            there = f"{size_text(written)} of pixels are there, not {size_text(needed)}"
            raise LoadError(source, f"it is damaged: {there}")
        return np.memmap(file, kind, "r", 0, shape)


@contextmanager
def _file_of(source: Path, size: int) -> Iterator[IO[bytes]]:
    """A file without a name that has its room already, where the system can do that."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(
                tempfile.TemporaryFile(prefix="cloudscope-", dir=scratch_folder())
            )
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, size)
        except OSError as error:
            raise _no_room(source, size, error) from error
        yield file


def _no_room(source: Path, needed: int, error: OSError) -> LoadError:
    why = (error.strerror or str(error)).lower()
    return LoadError(
        source,
        f"its decoded pixels need {size_text(needed)} of disk, which {scratch_folder()} does not "
        f"give ({why}): measure a smaller ROI, or let TMPDIR name a folder with room",
    )
