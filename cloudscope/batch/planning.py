"""What a batch would do: measure, leave alone because it is fresh, or refuse, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.batch.durations import expected_seconds
from cloudscope.batch.memory import MB, bytes_needed, too_large
from cloudscope.batch.outcomes import BatchItem
from cloudscope.errors import CloudscopeError, LoadError, ParameterError
from cloudscope.measurement import Measurement
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.registry import Analysis
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["BatchPlan", "RoiChoice", "plan_batch"]

RoiChoice = Literal["all", "whole"] | Iterable[int] | Callable[["AcqImage"], Iterable[int]]


@dataclass(frozen=True, slots=True, eq=False)
class BatchPlan:
    """What a batch would do; nothing was measured.

    Attributes
    ----------
    analysis : str
    items : tuple of BatchItem
    workers : int
        How many would measure at once.
    """

    analysis: str
    items: tuple[BatchItem, ...]
    workers: int = 1

    @property
    def to_measure(self) -> tuple[BatchItem, ...]:
        """Those that would be measured."""
        return tuple(i for i in self.items if not i.refusal and i.fresh is None)

    @property
    def fresh(self) -> tuple[BatchItem, ...]:
        """Those left alone because their result still holds."""
        return tuple(item for item in self.items if item.fresh is not None)

    @property
    def refused(self) -> tuple[BatchItem, ...]:
        """Those that cannot be measured, each with its `BatchItem.refusal`."""
        return tuple(item for item in self.items if item.refusal)

    @property
    def seconds(self) -> float | None:
        """How long it would take; ``None`` where this was never measured on this machine."""
        each = [expected_seconds(item) for item in self.to_measure]
        known = [seconds for seconds in each if seconds is not None]
        if len(known) < len(each):
            return None
        return sum(known) / max(1, min(self.workers, len(known)))

    @staticmethod
    def seconds_of(item: BatchItem) -> float | None:
        """How long one worker would take for an item, where that is known."""
        return expected_seconds(item)

    def __repr__(self) -> str:
        words = [f"{len(self.to_measure)} to measure"]
        words += [f"{len(self.fresh)} fresh"] if self.fresh else []
        words += [f"{len(self.refused)} refused"] if self.refused else []
        return f"BatchPlan({self.analysis!r}, {', '.join(words)})"

    def to_dataframe(self) -> pd.DataFrame:
        """A row per item: name, channel, roi_id, what, why, lines, pixels, memory and seconds."""
        import pandas as pd

        columns = ["name", "channel", "roi_id", "what", "why"]
        columns += ["lines", "pixels", "memory_mb", "seconds"]
        return pd.DataFrame([_row(item) for item in self.items], columns=columns)


def _row(item: BatchItem) -> dict[str, Any]:
    measurement = item.measurement
    row: dict[str, Any] = {"name": item.image.name, "roi_id": item.roi_id, "why": item.refusal}
    if item.fresh is not None:
        why = f"measured {item.fresh.created_at} with these parameters, and it still holds"
        row |= {"what": "fresh", "why": why}
    else:
        row["what"] = "refused" if item.refusal else "measure"
    if measurement is not None:
        row_start, row_stop, col_start, col_stop = measurement.bounds
        row |= {
            "channel": measurement.channel,
            "lines": row_stop - row_start,
            "pixels": col_stop - col_start,
            "memory_mb": bytes_needed(measurement) / MB,
            "seconds": expected_seconds(item) if item.fresh is None else None,
        }
    return row


def plan_batch(
    images: Iterable[AcqImage],
    analysis: str,
    *,
    channel: int = 0,
    rois: RoiChoice = "all",
    parameters: Mapping[str, Any],
    skip_fresh: bool = False,
    memory_limit: int | None = None,
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
    parameters : mapping
        Detection parameters, and the keys of results to work on.
    skip_fresh : bool
        Whether a result with these parameters that still holds is left as it is.
    memory_limit : int, optional
        Bytes; what would take more is refused.

    Raises
    ------
    UnknownNameError, ParameterError
        If the analysis or a parameter is wrong for every image alike.
    """
    from cloudscope.analysis.parameters import validate_parameters
    from cloudscope.analysis.registry import get_analysis
    from cloudscope.inputs import split_inputs

    spec = get_analysis(analysis)
    named, detection = split_inputs(spec, parameters)
    wanted = validate_parameters(spec.parameters, detection, owner=analysis)
    ids_of = _roi_ids(rois)
    items = []
    for image in images:
        try:
            ids = tuple(ids_of(image))
        except CloudscopeError as error:
            items.append(BatchItem(image, None, WHOLE_RECORDING, str(error)))
            continue
        for roi_id in ids:
            item = _item(image, analysis, channel, roi_id, parameters)
            if skip_fresh:
                item = replace(item, fresh=_fresh(item, spec, channel, wanted, named))
                if item.fresh is not None:
                    item = replace(item, refusal="")
            if memory_limit is not None and item.measurement is not None and item.fresh is None:
                too_much = too_large(bytes_needed(item.measurement), memory_limit)
                item = replace(item, refusal=too_much and f"{image.name}: {too_much}")
            items.append(item)
    return items


def _item(
    image: AcqImage, analysis: str, channel: int, roi_id: int, parameters: Mapping[str, Any]
) -> BatchItem:
    try:
        return BatchItem(
            image, Measurement.of(image, analysis, channel, roi_id, parameters), roi_id
        )
    except CloudscopeError as error:
        return BatchItem(image, None, roi_id, str(error))


def _roi_ids(rois: RoiChoice) -> Callable[[AcqImage], Iterable[int]]:
    if rois == "all":
        return _every_roi
    if rois == "whole":
        return lambda image: (WHOLE_RECORDING,)
    if isinstance(rois, str):
        raise ParameterError(f"rois={rois!r} is not allowed: give 'all', 'whole' or ROI ids")
    if callable(rois):
        return rois
    chosen = tuple(rois)
    return lambda image: chosen


def _every_roi(image: AcqImage) -> Iterator[int]:
    yield from [roi.roi_id for roi in image.rois] or [WHOLE_RECORDING]


def _fresh(
    item: BatchItem,
    analysis: Analysis,
    channel: int,
    wanted: Mapping[str, Any],
    named: Mapping[str, Any],
) -> AnalysisResult | None:
    """The result that measuring again would give, to the last bit, if there is one."""
    image, roi_id = item.image, item.roi_id
    if item.measurement is not None:
        channel, roi_id = item.measurement.channel, item.measurement.roi_id
        wanted = {**wanted, **item.measurement.parameters}  # some may be locked
    result = image.result(analysis.name, channel, roi_id)
    if result is None or dict(result.parameters) != dict(wanted):
        return None
    for name, value in named.items():
        key = getattr(value, "key", None) or tuple(value)
        if name not in result.inputs or result.inputs[name].key != key:
            return None
    if image.stale_reason(result) is not None or not _same_source(image, result):
        return None
    return result


def _same_source(image: AcqImage, result: AnalysisResult) -> bool:
    """Whether the file on disk, not only the one opened, is the one that was measured."""
    if image.path is None or result.source_fingerprint is None:
        return True
    from cloudscope.loaders import fingerprint

    try:
        return fingerprint(image.path) == result.source_fingerprint
    except LoadError:
        return False  # measuring says what is wrong
