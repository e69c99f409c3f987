"""Whatever a decoder raises or logs on a damaged file, as one `LoadError` and a list of lines."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cloudscope.errors import AnalysisCancelled, LoadError

__all__ = ["one_error"]


class _Catch(logging.Filter):
    """Takes a decoder's log lines of the reading thread away from the screen."""

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
def one_error(path: Path, doing: str, decoder: str = "tifffile") -> Iterator[list[str]]:
    """Turn whatever a damaged file makes a decoder raise into one `LoadError`.

    Yields the log lines of the decoder and of tifffile, which many of them use.
    """
    for name in {decoder, "tifffile"}:
        logger = logging.getLogger(name)
        if _catch not in logger.filters:
            logger.addFilter(_catch)
    with _catch.catching() as lines:
        try:
            yield lines
        except (LoadError, AnalysisCancelled):
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
