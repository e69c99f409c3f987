"""Pages of a mapped file are let go of while it is measured, so that they do not pile up."""

from __future__ import annotations

import mmap
import time
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["letting_go"]

_WORTH_IT = 1 << 26
"""Bytes of a kymograph from which on its pages are let go of."""

_EVERY_S = 0.1


class _Cancel(Protocol):
    def is_set(self) -> bool:
        """Whether to stop."""


class _LettingGo:
    """A cancel flag that lets go of the pages read so far whenever it is asked.

    They stay in the system's cache as long as there is room, and are found there again.
    """

    def __init__(self, pages: mmap.mmap, cancel: _Cancel | None) -> None:
        self._pages, self._cancel = pages, cancel
        self._last = time.monotonic()

    def is_set(self) -> bool:
        now = time.monotonic()
        if now - self._last >= _EVERY_S:
            self._pages.madvise(mmap.MADV_DONTNEED)
            self._last = time.monotonic()
        return self._cancel is not None and self._cancel.is_set()


def letting_go(array: NDArray[Any] | None, cancel: _Cancel | None) -> _Cancel | None:
    """A cancel flag as `cancel`, that also lets go of the pages of a large mapped array.

    Parameters
    ----------
    array : ndarray or None
        What is measured; nothing changes unless it is mapped read-only, and large.
    cancel : object with ``is_set()`` or None
        Asked by every analysis several times a second.
    """
    if array is None or array.nbytes < _WORTH_IT or array.flags.writeable:
        return cancel
    base: Any = array
    while base is not None and not isinstance(base, mmap.mmap):
        base = getattr(base, "base", None)
    if base is None or not hasattr(mmap, "MADV_DONTNEED"):
        return cancel
    if not memoryview(base).readonly:
        return cancel  # what somebody wrote into it, perhaps for himself alone, would be lost
    return _LettingGo(base, cancel)
