"""What the Batch panel does, without its widgets: preview, run, and a line for each measurement."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import Analysis, analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.batch import (
    BatchItem,
    BatchOutcome,
    BatchPlan,
    RoiChoice,
    memory_for,
    plan_batch,
    run_batch,
)
from cloudscope.errors import CloudscopeError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.background_run import Job
from cloudscope.widgets.readiness import what_is_missing
from cloudscope.widgets.result_facts import headline_facts

__all__ = ["BatchLine", "BatchRequest", "preview", "run_request"]

_AT_ONCE = 100  # recordings planned before the page gets its turn

Key = tuple[str, int, int]
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What the user asks for.

    Attributes
    ----------
    analyses : tuple of str
    images : tuple of AcqImage
    channel : int
    rois : {"all", "whole"} or list of int
    parameters : mapping
        Detection parameters by analysis.
    skip_fresh, save : bool
    workers : int
    memory_limit_mb : float or None
    """

    analyses: tuple[str, ...]
    images: tuple[AcqImage, ...]
    channel: int = 0
    rois: RoiChoice = "all"
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    skip_fresh: bool = True
    save: bool = True
    workers: int = 1
    memory_limit_mb: float | None = None

    @property
    def ordered(self) -> tuple[str, ...]:
        """The analyses, each after those it works on."""
        return tuple(name for name in analysis_names() if name in self.analyses)


@dataclass(frozen=True, slots=True)
class BatchLine:
    """One measurement as the table shows it.

    Attributes
    ----------
    key : tuple
        Analysis, identity of the recording, ROI.
    image : AcqImage
    state : {"measure", "waits", "fresh", "refused", "done", "failed", "cancelled"}
    note : str
        Why, or what came out.
    seconds : float or None
        Expected, or taken.
    """

    key: Key
    image: AcqImage
    state: str
    note: str = ""
    seconds: float | None = None

    @classmethod
    def planned(cls, item: BatchItem, analysis: str, first: str, plan: BatchPlan) -> BatchLine:
        """Before it is measured; `first` names what has to be measured before."""
        key = (analysis, id(item.image), item.roi_id)
        if item.fresh is not None:
            headline = _headline(item.fresh)
            return cls(key, item.image, "fresh", f"{headline} · holds as it is")
        if item.refusal and first:
            return cls(key, item.image, "waits", f"after {first} of this run")
        if item.refusal:
            return cls(key, item.image, "refused", _without_name(item.image, item.refusal))
        lacks = what_is_missing(item.image) if get_analysis(analysis).pixels else ""
        return cls(key, item.image, "measure", lacks, plan.seconds_of(item))

    @classmethod
    def settled(cls, outcome: BatchOutcome, analysis: str) -> BatchLine:
        """After it was measured, or was not."""
        item = outcome.item
        key = (analysis, id(item.image), item.roi_id)
        note = _without_name(item.image, outcome.error)
        if outcome.status in ("done", "fresh") and outcome.result is not None:
            note = _headline(outcome.result)
        if outcome.status == "cancelled":
            note = "not measured: resume goes on from here"
        return cls(key, item.image, outcome.status, note, outcome.seconds)


def _headline(result: AnalysisResult) -> str:
    facts = headline_facts(result)
    return " ".join(reversed(facts[0])) if facts else "measured"


def _without_name(image: AcqImage, sentence: str) -> str:
    for lead in (f"{image.name}: ", f"{image.name} "):
        sentence = sentence.removeprefix(lead)
    return sentence


def _on_the_owners_thread(job: Job, function: Callable[[], Value]) -> Value:
    """What `function` returns, called where the traits are owned."""
    box: Future[Value] = Future()

    def call() -> None:
        try:
            box.set_result(function())
        except Exception as error:  # handed to the worker, which says it
            box.set_exception(error)

    job.hand_over(call)
    return box.result()


def _parts(images: tuple[AcqImage, ...]) -> Iterator[tuple[AcqImage, ...]]:
    for start in range(0, len(images), _AT_ONCE):
        yield images[start : start + _AT_ONCE]


def _plan(request: BatchRequest, analysis: str, job: Job) -> BatchPlan:
    """Planned a few recordings at a time, so that the page stays awake."""
    limit = memory_for(request.memory_limit_mb, None)
    items: list[BatchItem] = []
    for part in _parts(request.images):
        if job.cancel.is_set():
            break

        def planned(part: tuple[AcqImage, ...] = part) -> list[BatchItem]:
            return plan_batch(
                part,
                analysis,
                channel=request.channel,
                rois=request.rois,
                parameters=request.parameters.get(analysis, {}),
                skip_fresh=request.skip_fresh,
                memory_limit=limit,
            )

        items += _on_the_owners_thread(job, planned)
    return BatchPlan(analysis, tuple(items), request.workers)


def preview(request: BatchRequest, job: Job) -> tuple[list[BatchLine], float | None]:
    """A line for each measurement, and the seconds all would take where that is known."""
    lines: list[BatchLine] = []
    seconds: float | None = 0.0
    for number, analysis in enumerate(request.ordered, 1):
        plan = _plan(request, analysis, job)
        first = _made_before(get_analysis(analysis), request.analyses)
        lines += [BatchLine.planned(item, analysis, first, plan) for item in plan.items]
        known = None if first and plan.refused else plan.seconds
        seconds = None if seconds is None or known is None else seconds + known
        job.progress(number / len(request.ordered))
    return lines, seconds


def _made_before(analysis: Analysis, chosen: Iterable[str]) -> str:
    """Titles of the chosen analyses that this one works on."""
    wanted = {name for needed in analysis.inputs for name in needed.accepts}
    before = [name for name in chosen if name != analysis.name and wanted & {name, "*"}]
    return " and ".join(get_analysis(name).title for name in before)


def run_request(
    request: BatchRequest, job: Job, total: int, told: Callable[[BatchLine], None]
) -> Counter[str]:
    """Measure everything asked for; how often it came to what.

    Parameters
    ----------
    request : BatchRequest
    job : Job
    total : int
        How many measurements are expected, for the progress.
    told : callable
        Given each line as it is settled, on the thread that owns the traits.
    """
    counts: Counter[str] = Counter()
    finished = 0
    for analysis in request.ordered:
        plan = _plan(request, analysis, job)
        waiting = Counter(id(item.image) for item in plan.items)

        def settled(
            outcome: BatchOutcome, analysis: str = analysis, waiting: Counter[int] = waiting
        ) -> None:
            line = BatchLine.settled(outcome, analysis)
            waiting[id(line.image)] -= 1
            if waiting[id(line.image)] == 0:
                line = _let_go(request, outcome, line)
            counts[line.state] += 1
            told(line)

        def progress(outcome: BatchOutcome, settled: Callable[..., None] = settled) -> None:
            nonlocal finished
            job.hand_over(settled, outcome)
            if outcome.status != "fresh":
                finished += 1
                job.progress(min(finished / max(total, 1), 1.0))

        run_batch(
            plan.items,
            workers=request.workers,
            memory_limit_mb=request.memory_limit_mb,
            cancel=job.cancel,
            deliver=lambda image, result: job.hand_over(_store, image, result),
            on_outcome=progress,
        )
    _on_the_owners_thread(job, lambda: None)  # all that was handed over is done
    return counts


def _store(image: AcqImage, result: Any) -> None:
    # The user may have deleted the ROI while it was being measured.
    if result.roi_id in {WHOLE_RECORDING, *(roi.roi_id for roi in image.rois)}:
        image.store(result)


def _let_go(request: BatchRequest, outcome: BatchOutcome, line: BatchLine) -> BatchLine:
    """Save a recording whose last measurement is in, and give its memory back."""
    image = line.image
    if request.save and image.dirty and outcome.status in ("done", "failed"):
        try:
            image.save()
        except CloudscopeError as error:
            words = f"measured, not saved: {_without_name(image, str(error))}"
            line = BatchLine(line.key, image, "failed", words, line.seconds)
    image.release_pixels()
    return line
