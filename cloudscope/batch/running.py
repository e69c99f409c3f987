"""Running a batch: here or on workers, with progress, cancel, and no item lost for another's sake.

When a worker process dies, nobody knows which of the measurements under way was the reason. They
are tried again one by one: the one that takes its worker down again has failed, the others are
done like any.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.batch.durations import keep_durations, note_duration
from cloudscope.batch.memory import bytes_needed, checked_limit
from cloudscope.batch.outcomes import BatchItem, BatchOutcome, BatchReport
from cloudscope.batch.workers import Timed, Workers, cores, opened_workers, worker_memory
from cloudscope.errors import AnalysisCancelled, CloudscopeError, ParameterError

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Deliver", "memory_for", "run_batch", "workers_for"]

Deliver = Callable[["AcqImage", "AnalysisResult"], None]
Settle = Callable[[int, BatchOutcome], None]
Entry = tuple[int, BatchItem]

GRACE_S = 1.2
"""Seconds that measurements under way have to stop when asked, before they are left alone."""

MOST_DEATHS = 20
"""Workers that may die one after the other, before anything is finished, until a batch ends."""

WORTH_A_POOL = 2_000_000
"""Pixels in all, below which starting processes takes longer than measuring."""

_DIED = (
    "its worker process died twice while measuring it (killed, or out of memory): measure it with "
    "fewer workers, a smaller ROI, or allow more memory"
)


def workers_for(workers: int | None, items: Sequence[BatchItem]) -> int:
    """How many workers to start: as said, or by default one a core where that is worth it.

    Raises
    ------
    ParameterError
        If it is no whole number from 1.
    """
    if workers is None:
        open_items = [i for i in items if i.measurement is not None and i.fresh is None]
        worth = sum(item.pixels for item in open_items) >= WORTH_A_POOL
        return min(cores(), max(1, len(open_items))) if worth else 1
    if isinstance(workers, bool) or workers < 1 or int(workers) != workers:
        raise ParameterError(f"workers={workers!r} is not allowed: give a whole number from 1")
    return int(workers)


def memory_for(memory_limit_mb: float | None, executor: Any | None) -> int:
    """Bytes that measurements may take: as said, what Dask workers have, or what is free."""
    if memory_limit_mb is None and executor is not None:
        known = worker_memory(executor)
        if known is not None:
            return known
    return checked_limit(memory_limit_mb)


def run_batch(
    items: Sequence[BatchItem],
    *,
    workers: int | None = 1,
    executor: Executor | Any | None = None,
    memory_limit_mb: float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    deliver: Deliver | None = None,
    on_outcome: Callable[[BatchOutcome], None] | None = None,
) -> BatchReport:
    """Run a batch; each failure is an outcome with its reason, and the rest goes on.

    Parameters
    ----------
    items : sequence of BatchItem
    workers : int or None
        1 measures here; more start a pool of processes; ``None`` is one a core of the machine
        where the work is worth it.
    executor : Executor or dask.distributed.Client, optional
        Used instead of a pool of our own, and not shut down.
    memory_limit_mb : float, optional
        What the measurements under way may take together; by default most of what is free. Each
        process of a pool of our own is also kept to it by the system, where that is Linux.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Ends the batch within two seconds; what is finished is kept.
    deliver : callable, optional
        Called with (image, result) here, in the calling thread; by default ``image.store``.
    on_outcome : callable, optional
        Called with each `BatchOutcome` as it comes.

    Returns
    -------
    BatchReport
    """
    count = workers_for(workers, items)
    limit = memory_for(memory_limit_mb, executor)
    outcomes: dict[int, BatchOutcome] = {}

    def settle(index: int, outcome: BatchOutcome) -> None:
        if outcome.status == "done" and outcome.result is not None:
            (deliver or _store)(outcome.item.image, outcome.result)
            if outcome.seconds is not None:
                note_duration(outcome.item, outcome.seconds)
        outcomes[index] = outcome
        if on_outcome is not None:
            on_outcome(outcome)
        if progress is not None:
            progress(len(outcomes) / len(items))

    open_items: list[Entry] = []
    for index, item in enumerate(items):
        if item.fresh is not None:
            settle(index, BatchOutcome(item, "fresh", item.fresh))
        elif item.refusal or item.measurement is None:
            settle(index, BatchOutcome(item, "failed", error=item.refusal))
        else:
            open_items.append((index, item))
    if executor is None and (count == 1 or len(open_items) < 2):
        _run_here(open_items, len(items), settle, progress, cancel)
    elif open_items:
        count, here = min(count, len(open_items)), _only_here(open_items)
        with opened_workers(count, executor, limit, here) as pool:
            _Elsewhere(pool, open_items, settle, limit).run(cancel)
    keep_durations()
    return BatchReport(tuple(outcomes[index] for index in range(len(items))))


def _store(image: AcqImage, result: AnalysisResult) -> None:
    image.store(result)


def _only_here(open_items: list[Entry]) -> bool:
    """Whether an analysis was defined in a notebook's cell, which no other process has."""
    from cloudscope.analysis.registry import get_analysis

    names = {item.measurement.analysis for _, item in open_items if item.measurement}
    return any(get_analysis(name).function.__module__ == "__main__" for name in names)


def _sentence(error: BaseException) -> str:
    if isinstance(error, CloudscopeError):
        return str(error)
    if isinstance(error, MemoryError):
        return "it needs more memory than there is: measure a smaller ROI, or allow more"
    if type(error).__name__ == "KilledWorker":
        return _DIED
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _pixels(item: BatchItem) -> Any | None:
    # Not kymograph(roi_id): in an app the user may move the ROI while this runs.
    measurement = item.measurement
    assert measurement is not None
    if not measurement.needs_pixels:
        return None
    return item.image.pixels_within(measurement.channel, measurement.bounds)


def _run_here(
    open_items: list[Entry],
    total: int,
    settle: Settle,
    progress: Progress | None,
    cancel: Cancel | None,
) -> None:
    from cloudscope.loaders.stopping import stopped_by

    before = total - len(open_items)
    for position, (index, item) in enumerate(open_items):

        def share(done: float, position: int = position) -> None:
            if progress is not None:
                progress((before + position + done) / total)

        if cancel is not None and cancel.is_set():
            settle(index, BatchOutcome(item, "cancelled"))
            continue
        assert item.measurement is not None
        began = time.perf_counter()
        try:
            with stopped_by(cancel):
                pixels = _pixels(item)
            result = item.measurement.run(pixels, share, cancel, item.image.fingerprint())
        except AnalysisCancelled:
            settle(index, BatchOutcome(item, "cancelled"))
        except Exception as error:  # one bad recording must not end the batch
            settle(index, BatchOutcome(item, "failed", error=_sentence(error)))
        else:
            seconds = time.perf_counter() - began
            settle(index, BatchOutcome(item, "done", result, seconds=seconds))


def _has_died(future: Future[Timed]) -> bool:
    """Whether the pool broke under a measurement that has ended."""
    return not future.cancelled() and isinstance(future.exception(), BrokenExecutor)


class _Elsewhere:
    """A batch on workers: what waits, what is under way, and what killed its worker once."""

    def __init__(
        self, workers: Workers, open_items: list[Entry], settle: Settle, memory_limit: int
    ) -> None:
        self._workers, self._settle, self._limit = workers, settle, memory_limit
        self._waiting = deque(open_items)
        self._suspects: deque[Entry] = deque()
        self._running: dict[Future[Timed], tuple[Entry, int]] = {}
        self._alone = False
        self._deaths = 0  # since anything was finished

    def run(self, cancel: Cancel | None) -> None:
        """Until everything is settled."""
        asked_at: float | None = None
        try:
            while self._waiting or self._suspects or self._running:
                if asked_at is None and cancel is not None and cancel.is_set():
                    asked_at = time.monotonic()
                    self._stop()
                if asked_at is None:
                    self._hand_out()
                finished, _ = wait(self._running, timeout=0.1, return_when=FIRST_COMPLETED)
                if not finished:
                    self._workers.look_after()
                entries = {future: self._running.pop(future)[0] for future in finished}
                died = [entry for future, entry in entries.items() if _has_died(future)]
                if asked_at is None and not (died or self._suspects or self._alone):
                    self._hand_out()  # workers are not to wait while results are saved
                for future, entry in entries.items():
                    if asked_at is not None or not _has_died(future):
                        self._take(future, entry)
                if died and asked_at is None:
                    self._died(died, blamed=self._alone)
                if asked_at is not None and time.monotonic() - asked_at > GRACE_S:
                    self._give_up()
        except BaseException:
            self._workers.ask_to_stop()
            for future in self._running:
                future.cancel()
            wait(self._running, timeout=GRACE_S)
            self._workers.end_now()
            raise

    def _hand_out(self) -> None:
        """Start what fits: within the workers' number, and within the memory."""
        if self._suspects:
            if not self._running:
                self._alone = True
                self._submit(self._suspects.popleft())
            return
        if self._alone and self._running:
            return
        self._alone = False
        taken = sum(size for _, size in self._running.values())
        while self._waiting and len(self._running) < self._workers.slots:
            measurement = self._waiting[0][1].measurement
            assert measurement is not None
            size = bytes_needed(measurement)
            if self._running and taken + size > self._limit:
                return
            taken += size
            if not self._submit(self._waiting.popleft(), size):
                return

    def _submit(self, entry: Entry, size: int = 0) -> bool:
        index, item = entry
        assert item.measurement is not None
        try:
            pixels = _pixels(item) if item.measurement.path is None else None
            future = self._workers.submit(item.measurement, pixels)
        except BrokenExecutor:
            self._died([entry], blamed=False)
            return False
        except RuntimeError as error:  # of an executor that was shut down meanwhile
            self._settle(index, BatchOutcome(item, "failed", error=_sentence(error)))
            return True
        self._running[future] = (entry, size)
        return True

    def _take(self, future: Future[Timed], entry: Entry) -> None:
        index, item = entry
        if future.cancelled() or _has_died(future):
            self._settle(index, BatchOutcome(item, "cancelled"))
            return
        error = future.exception()
        if error is None:
            self._deaths = 0
            result, seconds = future.result()
            self._settle(index, BatchOutcome(item, "done", result, seconds=seconds))
        elif isinstance(error, AnalysisCancelled):
            self._settle(index, BatchOutcome(item, "cancelled"))
        else:
            self._settle(index, BatchOutcome(item, "failed", error=_sentence(error)))

    def _died(self, entries: list[Entry], *, blamed: bool) -> None:
        """A worker process is gone, and with it the pool: who was under way is tried again."""
        self._deaths += 1
        wait(self._running, timeout=5)
        for future, (entry, _) in list(self._running.items()):
            del self._running[future]
            if not future.done() or _has_died(future):
                entries.append(entry)
            else:
                self._take(future, entry)
        if blamed:
            for index, item in entries:
                self._settle(index, BatchOutcome(item, "failed", error=_DIED))
        else:
            self._suspects.extend(entries)
        self._alone = False
        if self._deaths > MOST_DEATHS or not self._workers.renew():
            why = "its worker process died, and no other could be started: measure it again"
            for index, item in (*self._suspects, *self._waiting):
                self._settle(index, BatchOutcome(item, "failed", error=why))
            self._suspects.clear()
            self._waiting.clear()

    def _stop(self) -> None:
        """The user cancels: nothing new begins, what is under way is asked to stop."""
        self._workers.ask_to_stop()
        for index, item in (*self._suspects, *self._waiting):
            self._settle(index, BatchOutcome(item, "cancelled"))
        self._suspects.clear()
        self._waiting.clear()
        for future in self._running:
            future.cancel()

    def _give_up(self) -> None:
        """What does not stop is left alone, or ended where it is ours."""
        for (index, item), _ in self._running.values():
            self._settle(index, BatchOutcome(item, "cancelled"))
        self._running.clear()
        self._workers.end_now()
