"""What a batch is made of and what became of it: `BatchItem`, `BatchOutcome`, `BatchReport`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cloudscope.measurement import Measurement

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["BatchItem", "BatchOutcome", "BatchReport", "Status"]

Status = Literal["done", "fresh", "failed", "cancelled"]


@dataclass(frozen=True, slots=True, eq=False)
class BatchItem:
    """One measurement to make, or the reason why it is not made.

    Attributes
    ----------
    image : AcqImage
    measurement : Measurement or None
        ``None`` where `refusal` says why not.
    roi_id : int
    refusal : str
        Why it cannot be measured, a sentence.
    fresh : AnalysisResult or None
        The result there is already, with the same parameters, that still holds: nothing to do.
    """

    image: AcqImage
    measurement: Measurement | None
    roi_id: int
    refusal: str = ""
    fresh: AnalysisResult | None = None

    @property
    def pixels(self) -> int:
        """How many pixels are measured."""
        if self.measurement is None:
            return 0
        row_start, row_stop, col_start, col_stop = self.measurement.bounds
        return (row_stop - row_start) * (col_stop - col_start)


@dataclass(frozen=True, slots=True, eq=False)
class BatchOutcome:
    """What became of an item.

    Attributes
    ----------
    item : BatchItem
    status : {"done", "fresh", "failed", "cancelled"}
        ``"fresh"``: there was a result that holds, and it was kept.
    result : AnalysisResult or None
    error : str
        One sentence where it failed.
    seconds : float or None
        How long it was measured.
    """

    item: BatchItem
    status: Status
    result: AnalysisResult | None = None
    error: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class BatchReport:
    """All outcomes, in the order of the items.

    Attributes
    ----------
    outcomes : tuple of BatchOutcome
    """

    outcomes: tuple[BatchOutcome, ...]

    def _with(self, status: Status) -> tuple[BatchOutcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.status == status)

    @property
    def done(self) -> tuple[BatchOutcome, ...]:
        """Those measured."""
        return self._with("done")

    @property
    def fresh(self) -> tuple[BatchOutcome, ...]:
        """Those left out because their result still holds."""
        return self._with("fresh")

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
        order: tuple[Status, ...] = ("done", "fresh", "failed", "cancelled")
        words = ", ".join(f"{counts[status]} {status}" for status in order if counts[status])
        return f"BatchReport({words or 'nothing to do'})"

    def to_dataframe(self) -> pd.DataFrame:
        """A row per item: name, channel, roi_id, status, error, seconds and the summary."""
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
                    "seconds": outcome.seconds,
                    **(dict(outcome.result.summary) if outcome.result else {}),
                }
            )
        return pd.DataFrame(rows)
