"""One run at a time off the kernel's loop; the loop's thread stays the only owner of traits."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from traitlets import Bool, Float, HasTraits, Unicode

from cloudscope.errors import AnalysisCancelled

__all__ = ["BackgroundRun", "Job", "in_words"]

log = logging.getLogger(__name__)

UPDATES_PER_S = 20.0
"""How often, at most, a run tells the screen how far it is."""

_TURN_S = 0.0005  # how long work keeps the interpreter from a thread that asks for it
_turns = threading.Lock()
_at_work = 0
_usual_turn_s = 0.0

_FIRST_ESTIMATE_S = 0.5  # an estimate from less than this jumps about too much to be of use


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let the loop, and the thread that sends to the browser, get a word in while work lasts.

    At the interpreter's usual 5 ms a turn, a message that takes several waits until a short
    measurement is over. Nobody's turn is cut where nobody waits.
    """
    global _at_work, _usual_turn_s
    with _turns:
        if _at_work == 0:
            _usual_turn_s = sys.getswitchinterval()
            sys.setswitchinterval(min(_TURN_S, _usual_turn_s))
        _at_work += 1
    try:
        yield
    finally:
        with _turns:
            _at_work -= 1
            if _at_work == 0:
                sys.setswitchinterval(_usual_turn_s)


class Job:
    """What the work of a `BackgroundRun` is given: how to report, stop and hand results back.

    Attributes
    ----------
    cancel : threading.Event
        Set when the user asks to stop; pass it on to the analysis.
    """

    def __init__(self, run: BackgroundRun, loop: asyncio.AbstractEventLoop | None) -> None:
        self.cancel = threading.Event()
        self._run = run
        self._loop = loop
        self._last_report = 0.0

    def progress(self, fraction: float) -> None:
        """Report the finished share, 0 to 1; calls that come too fast are left out."""
        now = time.monotonic()
        if fraction < 1.0 and now - self._last_report < 1.0 / UPDATES_PER_S:
            return
        self._last_report = now
        self.hand_over(self._run._show_progress, self, fraction)

    def hand_over(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call `function` on the thread that started the run, in the order of the calls."""
        if self._loop is None:
            function(*arguments)
            return
        try:
            self._loop.call_soon_threadsafe(self._guarded, function, arguments)
        except RuntimeError:
            if not self._loop.is_closed():
                raise
            self.cancel.set()  # whoever began it has ended: nobody is there to be told

    def _guarded(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        try:
            function(*arguments)
        except Exception as error:
            # Nobody awaits a loop callback: what it raises would only reach a hidden log.
            self._run._fail(error)


class BackgroundRun(HasTraits):
    """Runs one piece of work on a worker thread and mirrors it in traits.

    Where no event loop is running (a script, a test) the work runs in place and `start` returns
    when it is done, so the same call serves both.

    Examples
    --------
    >>> run, told = BackgroundRun(), []
    >>> run.start("count", lambda job: sum(range(5)), on_done=told.append)
    >>> told, run.running
    ([10], False)
    """

    running = Bool(False, read_only=True)
    """Whether work is under way; written by the run itself."""

    cancelling = Bool(False, read_only=True)
    """Whether the work was asked to stop and has not stopped yet."""

    title = Unicode("", read_only=True)
    """What is being done, for people."""

    fraction = Float(0.0, read_only=True)
    """Finished share, 0 to 1."""

    seconds_left = Float(None, allow_none=True, read_only=True)
    """Estimate of the time left, or ``None`` while there is no good one."""

    def __init__(self) -> None:
        super().__init__()
        self._job: Job | None = None
        self._started = 0.0
        self._on_failed: Callable[[Exception], None] | None = None

    def start(
        self,
        title: str,
        work: Callable[[Job], Any],
        *,
        on_done: Callable[[Any], None] | None = None,
        on_failed: Callable[[Exception], None] | None = None,
        on_cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Start `work(job)` and return; exactly one of the callbacks is called when it ends.

        Parameters
        ----------
        title : str
            What is being done, for people.
        work : callable
            Runs on the worker thread; must assign no trait except through ``job.hand_over``.
        on_done, on_failed, on_cancelled : callable, optional
            Called on the starting thread with the value returned, the exception, or nothing.

        Raises
        ------
        RuntimeError
            If the previous work is still running.
        """
        if self.running:
            raise RuntimeError(f"{self.title} is still running: cancel it or wait for its end")
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        job = Job(self, loop)
        self._job, self._started, self._on_failed = job, time.monotonic(), on_failed
        with self.hold_trait_notifications():
            self.set_trait("title", title)
            self.set_trait("fraction", 0.0)
            self.set_trait("seconds_left", None)
            self.set_trait("cancelling", False)
            self.set_trait("running", True)

        def run() -> None:
            try:
                with _short_turns():
                    value = work(job)
            except AnalysisCancelled:
                job.hand_over(self._end, on_cancelled)
            except Exception as error:
                job.hand_over(self._end)
                job.hand_over(self._fail, error)
            else:
                job.hand_over(self._end, on_done, value)

        if loop is None:
            run()
        else:
            # A daemon: closing the kernel must not wait for a measurement.
            threading.Thread(target=run, name=f"cloudscope: {title}", daemon=True).start()

    def cancel(self) -> None:
        """Ask the work to stop; it does at its next chunk."""
        if self._job is not None and self.running:
            self._job.cancel.set()
            self.set_trait("cancelling", True)

    def _show_progress(self, job: Job, fraction: float) -> None:
        if job is not self._job or not self.running:
            return  # a late report of work that has ended
        elapsed = time.monotonic() - self._started
        if fraction > 0.0 and elapsed > _FIRST_ESTIMATE_S:
            self.set_trait("seconds_left", elapsed * (1.0 - fraction) / fraction)
        self.set_trait("fraction", fraction)

    def _end(self, then: Callable[..., None] | None = None, *arguments: Any) -> None:
        with self.hold_trait_notifications():
            self.set_trait("running", False)
            self.set_trait("cancelling", False)
            self.set_trait("seconds_left", None)
        if then is not None:
            then(*arguments)

    def _fail(self, error: Exception) -> None:
        log.error("%s failed", self.title, exc_info=error)
        if self._on_failed is not None:
            self._on_failed(error)


def in_words(seconds: float) -> str:
    """A length of time as a status line says it.

    Examples
    --------
    >>> in_words(0.43), in_words(12.6), in_words(200), in_words(7300)
    ('0.4 s', '13 s', '3 min 20 s', '2 h 1 min')
    """
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"
