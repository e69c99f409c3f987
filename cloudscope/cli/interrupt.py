"""Ctrl-C asks to stop in order; a second one stops at once."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["stopping_on_interrupt"]


@contextmanager
def stopping_on_interrupt() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, to give to a batch as ``cancel``.

    What is finished by then is kept; a second Ctrl-C raises `KeyboardInterrupt`.
    """
    cancel = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield cancel  # only the main thread may handle signals
        return

    def stop(number: int, frame: Any) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()
        print("\nstopping; what is finished is kept (Ctrl-C again: at once)", file=sys.stderr)

    was = signal.signal(signal.SIGINT, stop)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, was)
