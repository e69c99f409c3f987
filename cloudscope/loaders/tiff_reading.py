"""Opening a TIFF with tifffile so that whatever its bytes are, one `LoadError` comes out."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cloudscope.errors import LoadError
from cloudscope.loaders.ome import outside_references

__all__ = ["one_error", "opened"]


class _Catch(logging.Filter):
    """Takes tifffile's log lines of the reading thread away from the screen."""

    def __init__(self) -> None:
        super().__init__()
        self._local = threading.local()

    def filter(self, record: logging.LogRecord) -> bool:
        lines: list[str] | None = getattr(self._local, "lines", None)
        if lines is None:
            return True
        if record.levelno >= logging.WARNING and len(lines) < 20:
            lines.append(record.getMessage())
        return False

    @contextmanager
    def catching(self) -> Iterator[list[str]]:
        outer = getattr(self._local, "lines", None)
        lines: list[str] = []
        self._local.lines = lines
        try:
            yield lines
        finally:
            self._local.lines = outer


_catch = _Catch()


@contextmanager
def one_error(path: Path, doing: str) -> Iterator[list[str]]:
    """Turn whatever a damaged file makes a decoder raise into one `LoadError`.

    Yields the decoder's own log lines.
    """
    logger = logging.getLogger("tifffile")
    if _catch not in logger.filters:
        logger.addFilter(_catch)
    with _catch.catching() as lines:
        try:
            yield lines
        except LoadError:
            raise
        except MemoryError as error:
            raise LoadError(path, f"there is not enough memory for {doing}") from error
        # decoders raise sixteen kinds of exception on damaged files, and none of them is ours
        except Exception as error:
            raise LoadError(path, _reason(error, doing)) from error


def _reason(error: Exception, doing: str) -> str:
    text = " ".join(str(error).split())
    codec = re.search(r"COMPRESSION\.(\w+)", text)
    if "imagecodecs" in text:
        which = f"compressed with {codec[1]}" if codec else "compressed"
        return f"its pixels are {which}, which needs the package imagecodecs: install it"
    if codec:
        return f"its pixels are compressed with {codec[1]}, which cannot be read"
    if isinstance(error, PermissionError):
        return "you may not read it (permission denied)"
    if isinstance(error, OSError) and error.strerror:
        return f"{doing} failed: {error.strerror.lower()}"
    return f"it is damaged: {doing} failed ({text[:160] or type(error).__name__})"


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A `tifffile.TiffFile` that is closed at the end and never leaves the file's folder."""
    import tifffile

    with path.open("rb") as file:
        classic = file.read(4)[1:] in (b"I*\0", b"M\0*")
    # tifffile guesses where the pages of a classic ScanImage file are, and may lose the last
    options = {"is_scanimage": False} if classic else {}
    with tifffile.TiffFile(path, **options) as tif:
        if tif.is_ome:
            xml = tif.ome_metadata or ""
            if "<!DOCTYPE" in xml or "<!ENTITY" in xml:
                raise LoadError(
                    path, "its OME metadata has a document type, which may expand without end"
                )
            outside = outside_references(xml, path.resolve().parent)
            if outside:
                raise LoadError(
                    path, f"its metadata points to a file outside its folder ({outside[0]!r})"
                )
        yield tif
