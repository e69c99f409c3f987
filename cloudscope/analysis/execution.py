"""Execution options: how a measurement runs. They are never stored and never change a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from cloudscope.errors import AnalysisCancelled

__all__ = ["Cancel", "Progress", "checkpoint"]

Progress = Callable[[float], None]
"""Called with the finished share, 0 to 1, never going back."""


class Cancel(Protocol):
    """Anything with ``is_set()``, for example `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""


def checkpoint(done: float, progress: Progress | None, cancel: Cancel | None) -> None:
    """Report the finished share and stop if asked to; an analysis calls it once a chunk.

    Raises
    ------
    AnalysisCancelled
        If `cancel` is set.
    """
    if cancel is not None and cancel.is_set():
        raise AnalysisCancelled("the measurement was cancelled; nothing was stored")
    if progress is not None:
        progress(min(max(done, 0.0), 1.0))
