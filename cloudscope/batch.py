"""Many measurements: images × ROIs over any `concurrent.futures.Executor`.

How many workers there are never changes a number: each measurement is a pure function of its
`Measurement`, and results are stored by whoever called, never by a worker.
"""

from __future__ import annotations

import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.errors import AnalysisCancelled, CloudscopeError, ParameterError
from cloudscope.measurement import Measurement
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["BatchItem", "BatchOutcome", "BatchReport", "plan_batch", "run_batch"]

RoiChoice = Literal["all", "whole"] | Iterable[int] | Callable[["AcqImage"], Iterable[int]]
Deliver = Callable[["AcqImage", "AnalysisResult"], None]


@dataclass(frozen=True, slots=True, eq=False)
class BatchItem:
    """One measurement to make, or the reason why it cannot be.

    Attributes
    ----------
    image : AcqImage
    measurement : Measurement or None
        ``None`` where `refusal` says why not.
    roi_id : int
    refusal : str
    """

    image: AcqImage
    measurement: Measurement | None
    roi_id: int
    refusal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BatchOutcome:
    """What became of an item.

    Attributes
    ----------
    item : BatchItem
    status : {"done", "failed", "cancelled"}
    result : AnalysisResult or None
    error : str
        One sentence where it failed.
    """

    item: BatchItem
    status: Literal["done", "failed", "cancelled"]
    result: AnalysisResult | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class BatchReport:
    """All outcomes, in the order of the items.

    Attributes
    ----------
    outcomes : tuple of BatchOutcome
    """

    outcomes: tuple[BatchOutcome, ...]

    def _with(self, status: str) -> tuple[BatchOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def done(self) -> tuple[BatchOutcome, ...]:
        """Those measured."""
        return self._with("done")

    @property
    def failed(self) -> tuple[BatchOutcome, ...]:
        """Those that failed, with the reason."""
        return self._with("failed")

    @property
    def cancelled(self) -> tuple[BatchOutcome, ...]:
        """Those not measured because the user stopped."""
        return self._with("cancelled")

    def __repr__(self) -> str:
        counts = Counter(outcome.status for outcome in self.outcomes)
        words = ", ".join(f"{counts[s]} {s}" for s in ("done", "failed", "cancelled") if counts[s])
        return f"BatchReport({words or 'nothing to do'})"

    def to_dataframe(self) -> pd.DataFrame:
        """A row per item: name, channel, roi_id, status, error and the summary."""
        import pandas as pd

        rows = []
        for outcome in self.outcomes:
            measurement = outcome.item.measurement
            rows.append(
                {
                    "name": outcome.item.image.name,
                    "channel": None if measurement is None else measurement.channel,
                    "roi_id": outcome.item.roi_id,
                    "status": outcome.status,
                    "error": outcome.error,
                    **(dict(outcome.result.summary) if outcome.result else {}),
                }
            )
        return pd.DataFrame(rows)


def plan_batch(
    images: Iterable[AcqImage],
    analysis: str,
    *,
    channel: int = 0,
    rois: RoiChoice = "all",
    parameters: dict[str, Any],
) -> list[BatchItem]:
    """The measurements of a batch, without running any.

    Parameters
    ----------
    images : iterable of AcqImage
    analysis : str
    channel : int
    rois : {"all", "whole"}, iterable of int, or callable
        ``"all"``: every ROI, and the whole recording where there is none. A callable gets the
        recording and returns ids.
    parameters : dict
        Detection parameters, and the keys of results to work on.

    Raises
    ------
    UnknownNameError, ParameterError
        If the analysis or a parameter is wrong for every image alike.
    """
    from cloudscope.analysis.parameters import validate_parameters
    from cloudscope.analysis.registry import get_analysis
    from cloudscope.inputs import split_inputs

    spec = get_analysis(analysis)
    _, detection = split_inputs(spec, parameters)
    validate_parameters(spec.parameters, detection, owner=analysis)
    if isinstance(rois, str):
        if rois not in ("all", "whole"):
            raise ParameterError(f"rois={rois!r} is not allowed: give 'all', 'whole' or ROI ids")
        chosen: tuple[int, ...] | None = None if rois == "all" else (WHOLE_RECORDING,)
    else:
        chosen = None if callable(rois) else tuple(rois)
    items = []
    for image in images:
        ids = chosen
        if callable(rois):
            ids = tuple(rois(image))
        elif ids is None:
            ids = tuple(roi.roi_id for roi in image.rois) or (WHOLE_RECORDING,)
        for roi_id in ids:
            try:
                measurement = Measurement.of(image, analysis, channel, roi_id, parameters)
                items.append(BatchItem(image, measurement, roi_id))
            except CloudscopeError as error:
                items.append(BatchItem(image, None, roi_id, str(error)))
    return items


class _CancelFile:
    """A cancel flag that other processes see: a file that is there or not."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_set(self) -> bool:
        return self.path.exists()


def _run_remote(
    measurement: Measurement, kymograph: Any | None, cancel: _CancelFile
) -> AnalysisResult:
    if cancel.is_set():
        raise AnalysisCancelled("the batch was cancelled before this one began")
    if kymograph is not None:
        return measurement.run(kymograph, None, cancel)
    return measurement.run_from_file(None, cancel)


def _sentence(error: BaseException) -> str:
    if isinstance(error, CloudscopeError):
        return str(error)
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _main_can_be_imported_again() -> bool:
    """Whether worker processes can start without running the user's script a second time."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return path is None or getattr(main, "__spec__", None) is not None or _is_entry_point(path)


def _is_entry_point(path: str) -> bool:
    return Path(path).stem in ("cloudscope", "pytest")


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


@contextmanager
def _pool(workers: int) -> Iterator[Executor]:
    # A plain script would have to guard its main part for processes, so it gets threads.
    if _main_can_be_imported_again():
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        pool: Executor = ProcessPoolExecutor(
            workers, mp_context=multiprocessing.get_context("spawn")
        )
        with _interrupts_blocked():
            pool.submit(_nothing)  # starts the workers, which inherit what is blocked
    else:
        from concurrent.futures import ThreadPoolExecutor

        pool = ThreadPoolExecutor(workers)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_batch(
    items: Sequence[BatchItem],
    *,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    deliver: Deliver | None = None,
    on_outcome: Callable[[BatchOutcome], None] | None = None,
) -> BatchReport:
    """Run a batch; each failure is an outcome with its reason, and the rest goes on.

    Parameters
    ----------
    items : sequence of BatchItem
    workers : int
        1 measures here; more start a pool.
    executor : Executor, optional
        Used instead of a pool of our own, for example a Dask client's.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
    deliver : callable, optional
        Called with (image, result) here, in the calling thread; by default ``image.store``.
    on_outcome : callable, optional
        Called with each `BatchOutcome` as it comes.

    Returns
    -------
    BatchReport
    """
    if workers < 1 or int(workers) != workers:
        raise ParameterError(f"workers={workers!r} is not allowed: give a whole number from 1")
    outcomes: dict[int, BatchOutcome] = {}

    def settle(index: int, outcome: BatchOutcome) -> None:
        if outcome.result is not None:
            (deliver or _store)(outcome.item.image, outcome.result)
        outcomes[index] = outcome
        if on_outcome is not None:
            on_outcome(outcome)
        if progress is not None:
            progress(len(outcomes) / len(items))

    open_items = []
    for index, item in enumerate(items):
        if item.measurement is None:
            settle(index, BatchOutcome(item, "failed", error=item.refusal))
        else:
            open_items.append((index, item))
    if executor is None and (workers == 1 or len(open_items) < 2):
        _run_here(open_items, len(items), settle, progress, cancel)
    elif executor is not None:
        _run_in(executor, open_items, settle, cancel)
    else:
        with _pool(min(workers, len(open_items))) as pool:
            _run_in(pool, open_items, settle, cancel)
    return BatchReport(tuple(outcomes[index] for index in range(len(items))))


def _store(image: AcqImage, result: AnalysisResult) -> None:
    image.store(result)


Settle = Callable[[int, BatchOutcome], None]


def _run_here(
    open_items: list[tuple[int, BatchItem]],
    total: int,
    settle: Settle,
    progress: Progress | None,
    cancel: Cancel | None,
) -> None:
    before = total - len(open_items)
    for position, (index, item) in enumerate(open_items):

        def share(done: float, position: int = position) -> None:
            if progress is not None:
                progress((before + position + done) / total)

        if cancel is not None and cancel.is_set():
            settle(index, BatchOutcome(item, "cancelled"))
            continue
        measurement = item.measurement
        assert measurement is not None
        try:
            kymograph = None
            if measurement.needs_pixels:
                # Not kymograph(roi_id): in an app the user may move the ROI while this runs.
                row_start, row_stop, col_start, col_stop = measurement.bounds
                plane = item.image.frame(measurement.channel)
                kymograph = plane[row_start:row_stop, col_start:col_stop]
            result = measurement.run(kymograph, share, cancel, item.image.fingerprint())
            settle(index, BatchOutcome(item, "done", result))
        except AnalysisCancelled:
            settle(index, BatchOutcome(item, "cancelled"))
        except Exception as error:  # one bad recording must not end the batch
            settle(index, BatchOutcome(item, "failed", error=_sentence(error)))


def _run_in(
    executor: Executor,
    open_items: list[tuple[int, BatchItem]],
    settle: Settle,
    cancel: Cancel | None,
) -> None:
    with tempfile.TemporaryDirectory(prefix="cloudscope-") as folder:
        flag = _CancelFile(Path(folder) / "cancel")
        pending: dict[Future[AnalysisResult], tuple[int, BatchItem]] = {}
        try:
            for index, item in open_items:
                measurement = item.measurement
                assert measurement is not None
                pixels = None
                if measurement.path is None and measurement.needs_pixels:
                    pixels = item.image.kymograph(measurement.channel, item.roi_id)
                future = executor.submit(_run_remote, measurement, pixels, flag)
                pending[future] = (index, item)
            while pending:
                finished, _ = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
                if cancel is not None and cancel.is_set() and not flag.is_set():
                    flag.path.touch()
                for future in finished:
                    index, item = pending.pop(future)
                    settle(index, _outcome(item, future))
        except BaseException:
            flag.path.touch()  # the workers stop at their next checkpoint
            for future in pending:
                future.cancel()
            wait(pending, timeout=5)
            raise


def _outcome(item: BatchItem, future: Future[AnalysisResult]) -> BatchOutcome:
    error = future.exception()
    if error is None:
        return BatchOutcome(item, "done", future.result())
    if isinstance(error, AnalysisCancelled):
        return BatchOutcome(item, "cancelled")
    return BatchOutcome(item, "failed", error=_sentence(error))
