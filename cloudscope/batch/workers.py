"""What a batch runs on: processes of our own, any executor that is given, or a Dask cluster."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cloudscope.analysis.execution import Cancel
from cloudscope.batch.memory import limit_this_process
from cloudscope.errors import AnalysisCancelled

if TYPE_CHECKING:
    from cloudscope.analysis.result import AnalysisResult
    from cloudscope.measurement import Measurement

__all__ = ["Timed", "Workers", "cores", "opened_workers", "worker_memory"]

Timed = tuple["AnalysisResult", float]
"""A result and the seconds it took."""

_MOST_HANDED_OUT = 400  # to workers whose number is not known


def cores() -> int:
    """Processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return os.cpu_count() or 1


class Workers(Protocol):
    """Who measures."""

    slots: int
    """How many measurements to hand out at once."""

    def submit(self, measurement: Measurement, kymograph: Any | None) -> Future[Timed]:
        """Have it measured."""

    def ask_to_stop(self) -> None:
        """Measurements under way stop at their next checkpoint."""

    def end_now(self) -> None:
        """Stop what did not stop when asked, where that can be done."""

    def look_after(self) -> None:
        """Called now and then while nothing comes back."""

    def renew(self) -> bool:
        """After a worker died: whether there are workers again."""


def measure(module: str, measurement: Measurement, kymograph: Any | None, flag: Cancel) -> Timed:
    """Carry a measurement out; runs in the worker."""
    if flag.is_set():
        raise AnalysisCancelled("the batch was cancelled before this one began")
    if module != "__main__":
        import_module(module)  # an analysis of another package registers itself so
    began = time.perf_counter()
    if kymograph is not None:
        result = measurement.run(kymograph, None, flag)
    else:
        result = measurement.run_from_file(None, flag)
    return result, time.perf_counter() - began


def _module_of(measurement: Measurement) -> str:
    from cloudscope.analysis.registry import get_analysis

    return str(get_analysis(measurement.analysis).function.__module__)


class CancelFile:
    """A cancel flag that other processes see: a file that is there, or a folder that is gone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen = False

    def is_set(self) -> bool:
        """Whether to stop."""
        if self.path.exists():
            return True
        there = self.path.parent.exists()
        # Whoever gave up waiting takes the folder away; on another machine it never was.
        self._seen = self._seen or there
        return self._seen and not there


class GivenExecutor:
    """Workers of an executor that somebody else made and will shut down."""

    def __init__(self, executor: Executor, folder: Path) -> None:
        self._executor = executor
        self._flag = CancelFile(folder / "cancel")
        self.slots = 2 * int(getattr(executor, "_max_workers", 0) or 0) or _MOST_HANDED_OUT

    def submit(self, measurement: Measurement, kymograph: Any | None) -> Future[Timed]:
        """Have it measured."""
        module = _module_of(measurement)
        return self._executor.submit(measure, module, measurement, kymograph, self._flag)

    def ask_to_stop(self) -> None:
        """Measurements under way stop at their next checkpoint."""
        self._flag.path.touch()

    def end_now(self) -> None:
        """They are somebody else's: what they still bring is dropped."""

    def look_after(self) -> None:
        """They are somebody else's."""

    def renew(self) -> bool:
        """They are somebody else's."""
        return False


class OwnPool(GivenExecutor):
    """Processes of our own, each with its limit of memory; made anew when one of them dies."""

    def __init__(self, workers: int, memory_limit: int, folder: Path) -> None:
        self._workers, self._memory_limit = workers, memory_limit
        super().__init__(self._started(), folder)
        self.slots = workers

    def _started(self) -> Executor:
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool = ProcessPoolExecutor(
            self._workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin_worker,
            initargs=(self._memory_limit,),
        )
        with _interrupts_blocked():
            for _ in range(self._workers):
                pool.submit(_nothing)  # starts the workers, which inherit what is blocked
        return pool

    def end_now(self) -> None:
        """Kill the processes."""
        processes = getattr(self._executor, "_processes", None) or {}
        for process in list(processes.values()):
            process.kill()

    def look_after(self) -> None:
        """Have the pool notice a worker that died before it began to watch over it.

        It watches over those there were when it last woke up; a task wakes it up again.
        """
        processes = getattr(self._executor, "_processes", None) or {}
        if any(not process.is_alive() for process in list(processes.values())):
            with suppress(BrokenExecutor, RuntimeError):  # it has noticed
                self._executor.submit(_nothing)

    def renew(self) -> bool:
        """Other processes in place of those of a broken pool."""
        self.end_now()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._executor = self._started()
        return True

    def close(self) -> None:
        """Let the processes end."""
        self._executor.shutdown(wait=True, cancel_futures=True)


_stopped: set[str] = set()
"""In a Dask worker: the batches that were cancelled."""


class DaskFlag:
    """A cancel flag in the worker's own memory, raised there by `_stop`."""

    def __init__(self, batch: str) -> None:
        self.batch = batch

    def is_set(self) -> bool:
        """Whether to stop."""
        return self.batch in _stopped


def _stop(batch: str) -> None:
    _stopped.add(batch)


class DaskWorkers:
    """Workers of a Dask cluster.

    The scheduler gives the measurement of a worker that died to another one; one that takes
    several workers down with it fails. Files must be found under the same path everywhere.
    """

    def __init__(self, client: Any, batch: str) -> None:
        self._client = client
        self._executor = client.get_executor(pure=False)
        self._flag = DaskFlag(batch)
        self.slots = _MOST_HANDED_OUT

    def submit(self, measurement: Measurement, kymograph: Any | None) -> Future[Timed]:
        """Have it measured."""
        module = _module_of(measurement)
        future: Future[Timed] = self._executor.submit(
            measure, module, measurement, kymograph, self._flag
        )
        return future

    def ask_to_stop(self) -> None:
        """Measurements under way stop at their next checkpoint."""
        # A worker that is just dying must not keep the user waiting.
        self._client.run(_stop, self._flag.batch, wait=False, on_error="ignore")

    def end_now(self) -> None:
        """They are somebody else's: what they still bring is dropped."""

    def look_after(self) -> None:
        """The scheduler does."""

    def renew(self) -> bool:
        """The cluster starts its own."""
        return True


def _dask_client(executor: Any) -> Any | None:
    """The client behind an executor, where it is one of Dask's."""
    if hasattr(executor, "get_executor") and hasattr(executor, "scheduler_info"):
        return executor
    if type(executor).__module__.startswith("distributed."):
        return getattr(executor, "_client", None)
    return None


def worker_memory(executor: Any) -> int | None:
    """Bytes that the smallest worker of a Dask cluster has for each of its threads, if known."""
    client = _dask_client(executor)
    if client is None:
        return None
    workers = client.scheduler_info(n_workers=-1)["workers"].values()
    each = [w["memory_limit"] // max(1, w["nthreads"]) for w in workers if w.get("memory_limit")]
    return min(each, default=None)


@contextmanager
def opened_workers(
    workers: int, executor: Any | None, memory_limit: int, here: bool
) -> Iterator[Workers]:
    """The workers of a batch, until it ends.

    Parameters
    ----------
    workers : int
        Of a pool of our own, where `executor` is ``None``.
    executor : Executor or Dask client, optional
    memory_limit : int
        Bytes for each process of a pool of our own.
    here : bool
        Whether an analysis can only run in this process.
    """
    with tempfile.TemporaryDirectory(prefix="cloudscope-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        client = _dask_client(executor)
        if client is not None:
            yield DaskWorkers(client, folder.name)
        elif executor is not None:
            yield GivenExecutor(executor, folder)
        elif here or not _main_can_be_imported_again():
            # A plain script would have to guard its main part for processes, so it gets threads.
            from concurrent.futures import ThreadPoolExecutor

            threads = ThreadPoolExecutor(workers)
            try:
                given = GivenExecutor(threads, folder)
                given.slots = workers
                yield given
            finally:
                threads.shutdown(wait=False, cancel_futures=True)
        else:
            pool = OwnPool(workers, memory_limit, folder)
            try:
                yield pool
            finally:
                pool.close()


def _main_can_be_imported_again() -> bool:
    """Whether worker processes can start without running the user's script a second time."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return path is None or getattr(main, "__spec__", None) is not None or _is_entry_point(path)


def _is_entry_point(path: str) -> bool:
    return Path(path).stem in ("cloudscope", "pytest")


def _begin_worker(memory_limit: int) -> None:
    with suppress(ValueError):  # only the main thread may; then there is no terminal either
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    limit_this_process(memory_limit)


def _nothing() -> None:
    pass


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Ctrl-C goes to every process of a terminal; only the caller is to act on it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
