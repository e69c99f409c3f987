"""Showing a sum of many changes now and then, instead of after each of thousands."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

__all__ = ["Seldom"]


class Seldom:
    """Calls an action at once while calls are few, and once for many that come in a burst.

    A browser's server drops messages that come by the thousand, and nobody reads them anyway.

    Parameters
    ----------
    action : callable
    calm : int
        Calls within a second that are all carried out.
    every_s : float
        In a burst the action is called this often.

    Examples
    --------
    >>> shown = []
    >>> seldom = Seldom(lambda: shown.append("x"))
    >>> seldom()
    >>> shown
    ['x']
    """

    def __init__(self, action: Callable[[], None], *, calm: int = 20, every_s: float = 0.1) -> None:
        self._action = action
        self._every_s = every_s
        self._called: deque[float] = deque(maxlen=calm)
        self._waiting: asyncio.TimerHandle | None = None

    def __call__(self) -> None:
        """Call the action, now or shortly."""
        now = time.monotonic()
        busy = len(self._called) == self._called.maxlen and now - self._called[0] < 1.0
        self._called.append(now)
        if self._waiting is not None:
            return
        if busy:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                pass  # a plain script: nobody would call back later
            else:
                self._waiting = loop.call_later(self._every_s, self._late)
                return
        self._action()

    def close(self) -> None:
        """Forget a call that is still to come."""
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _late(self) -> None:
        self._waiting = None
        self._action()
