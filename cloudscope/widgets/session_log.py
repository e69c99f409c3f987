"""What the app said and what cloudscope logged in this session, kept to be looked up."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from traitlets import HasTraits, Int

from cloudscope.veil import hide_names

__all__ = ["LEVELS", "LogLevel", "LogLine", "SessionLog"]

LogLevel = Literal["said", "warning", "error"]
"""What the status line said; what needs a look; what went wrong."""

LEVELS: tuple[LogLevel, ...] = ("said", "warning", "error")

MOST_LINES = 2000
"""Older lines make room for new ones."""

_MOST_CHARACTERS = 20_000  # of one line: a traceback may be long, a page of it is enough


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log.

    Attributes
    ----------
    at : float
        Seconds since 1970.
    level : {"said", "warning", "error"}
    text : str
        As it was said or logged, names included.
    source : str
        The logger, or ``""`` for the status line.
    """

    at: float
    level: LogLevel
    text: str
    source: str = ""

    @property
    def shown(self) -> str:
        """The text as it may be shown: without names that are read blind now."""
        return hide_names(self.text)

    def __str__(self) -> str:
        when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.at))
        return "\t".join([when, self.level, self.source or "app", self.shown])


class SessionLog(HasTraits):
    """The last lines of a session; it follows the ``cloudscope`` logger until it is closed.

    Examples
    --------
    >>> log = SessionLog()
    >>> log.add("said", "saved scan.tif")
    >>> logging.getLogger("cloudscope.loaders").warning("odd header")
    >>> [(line.level, line.text) for line in log.lines()]
    [('said', 'saved scan.tif'), ('warning', 'odd header')]
    >>> len(log.lines("warning"))
    1
    >>> log.close()
    """

    count = Int(0, read_only=True)
    """Grows with each line. Read-only."""

    def __init__(self, most: int = MOST_LINES) -> None:
        super().__init__()
        self._lines: deque[LogLine] = deque(maxlen=most)
        self._thread, self._loop = threading.get_ident(), _running_loop()
        self._handler = _Handler(self)
        logging.getLogger("cloudscope").addHandler(self._handler)

    def add(self, level: LogLevel, text: str, source: str = "") -> None:
        """Add a line; one that is empty is left out."""
        if text.strip():
            if len(text) > _MOST_CHARACTERS:
                text = text[:_MOST_CHARACTERS] + " …"
            self._lines.append(LogLine(time.time(), level, text, source))
            self._tell()

    def _tell(self) -> None:
        """Tell observers, on the thread that they belong to."""
        if threading.get_ident() == self._thread:
            if self._loop is None:
                self._loop = _running_loop()
            self.set_trait("count", self.count + 1)
        elif self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell)

    def lines(self, level: LogLevel = "said") -> tuple[LogLine, ...]:
        """The lines of at least this level, oldest first."""
        wanted = LEVELS[LEVELS.index(level) :]
        return tuple(line for line in tuple(self._lines) if line.level in wanted)

    def text(self, lines: Iterable[LogLine]) -> str:
        """Lines as text: time, level, source and message, with tabs between."""
        return "".join(f"{line}\n" for line in lines)

    def close(self) -> None:
        """Follow the logger no more."""
        logging.getLogger("cloudscope").removeHandler(self._handler)

    def __repr__(self) -> str:
        return f"SessionLog({len(self._lines)} lines)"


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class _Handler(logging.Handler):
    """Hands what is logged to a session, which it does not keep alive."""

    def __init__(self, log: SessionLog) -> None:
        super().__init__(logging.INFO)
        self._log = weakref.ref(log)
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        log = self._log()
        if log is None:
            logging.getLogger("cloudscope").removeHandler(self)
            return
        level: LogLevel = "said"
        if record.levelno >= logging.ERROR:
            level = "error"
        elif record.levelno >= logging.WARNING:
            level = "warning"
        try:
            text = self.format(record)
        except Exception:
            self.handleError(record)
            return
        log.add(level, text, record.name)
