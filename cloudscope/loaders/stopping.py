"""Hearing of a cancel while pixels are decoded, between one stretch of them and the next.

A third party's loader need not know of it: who wants the pixels says how to stop, and what puts the
stretches together asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

from cloudscope.errors import AnalysisCancelled

__all__ = ["stopped_by", "unless_stopped"]

_T = TypeVar("_T")


class _Cancel(Protocol):
    def is_set(self) -> bool: ...


_asked: ContextVar[_Cancel | None] = ContextVar("asked", default=None)


@contextmanager
def stopped_by(cancel: _Cancel | None) -> Iterator[None]:
    """Let pixels that this thread reads in the block be given up as soon as `cancel` is set.

    Parameters
    ----------
    cancel : object with ``is_set()`` or None
    """
    token = _asked.set(cancel)
    try:
        yield
    finally:
        _asked.reset(token)


def unless_stopped(stretches: Iterable[_T]) -> Iterator[_T]:
    """The same stretches, one after the other.

    Raises
    ------
    AnalysisCancelled
        As soon as the flag of `stopped_by` is set; the rest is not decoded.

    Examples
    --------
    >>> from threading import Event
    >>> with stopped_by(Event()):
    ...     list(unless_stopped([1, 2]))
    [1, 2]
    """
    cancel = _asked.get()
    for stretch in stretches:
        if cancel is not None and cancel.is_set():
            raise AnalysisCancelled("cancelled while pixels were read; nothing was stored")
        yield stretch
