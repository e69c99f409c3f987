"""`AcqImageList`: a folder of recordings, measured and saved together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.execution import Cancel, Progress
from cloudscope.batch import (
    BatchOutcome,
    BatchPlan,
    BatchReport,
    Deliver,
    RoiChoice,
    memory_for,
    plan_batch,
    run_batch,
    workers_for,
)
from cloudscope.blind_folder import BlindFolder
from cloudscope.errors import CloudscopeError, SidecarError
from cloudscope.folder_listing import relative_to
from cloudscope.recording_folder import LoadFailure

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.recording_columns import ShownRoi

__all__ = ["AcqImageList", "LoadFailure", "SaveReport"]


@dataclass(frozen=True, slots=True)
class SaveReport:
    """What `AcqImageList.save` did.

    Attributes
    ----------
    saved : tuple of str
        Names of the recordings saved.
    failed : tuple of (str, str)
        Name and reason of those that could not be; their edits are kept.
    """

    saved: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]


class AcqImageList(BlindFolder):
    """Recordings of a folder, in natural order of their names.

    Parameters
    ----------
    images : iterable of AcqImage
    failures : iterable of LoadFailure
        Files that could not be read.
    folder : path-like, optional

    Examples
    --------
    >>> import numpy as np
    >>> one = AcqImage.from_array(np.zeros((100, 20)), name="one")
    >>> folder = AcqImageList([one])
    >>> len(folder), folder["one"] is folder[0]
    (1, True)
    """

    def plan(
        self,
        analysis: str,
        *,
        images: Iterable[AcqImage] | None = None,
        channel: int = 0,
        rois: RoiChoice = "all",
        workers: int | None = None,
        executor: Executor | Any | None = None,
        skip_fresh: bool = False,
        memory_limit_mb: float | None = None,
        **parameters: Any,
    ) -> BatchPlan:
        """What `analyze` would do with the same arguments; nothing is measured.

        Returns
        -------
        BatchPlan
            What would be measured, what is fresh and left alone, what is refused and why, and the
            time it would take where that is known. ``plan.to_dataframe()`` has a row for each.

        Raises
        ------
        UnknownNameError, ParameterError
            If the analysis or a parameter is wrong.

        Examples
        --------
        >>> import numpy as np
        >>> one = AcqImage.from_array(np.zeros((100, 20)), name="one", line_period_s=0.001)
        >>> AcqImageList([one]).plan("intensity")
        BatchPlan('intensity', 1 to measure)
        """
        items = plan_batch(
            self.images if images is None else images,
            analysis,
            channel=channel,
            rois=rois,
            parameters=parameters,
            skip_fresh=skip_fresh,
            memory_limit=memory_for(memory_limit_mb, executor),
        )
        return BatchPlan(analysis, tuple(items), workers_for(workers, items))

    def filter(self, text: str = "", *, roi: ShownRoi = "first", **columns: Any) -> AcqImageList:
        """Those of the recordings that pass, by what a table shows of them.

        The text means what it means in the filter box of the app. Recordings are shared, not
        copied.

        Parameters
        ----------
        text : str
            Words that must occur, and conditions: ``"A89 condition:sham rois>1 -rejected"``. In a
            column, ``:`` finds a part of the text and ``=`` the whole, ``!=`` and a minus in front
            mean not, ``<``, ``>`` and ``5..10`` compare numbers and days, ``a|b`` is either.
        roi : int or "first"
            Whose headline numbers count: of the first ROI measured, or of one by id; 0 is the
            whole recording.
        **columns
            Condition by column: text such as ``">5"``, a value, ``(low, high)``, a list of values,
            or a callable.

        Raises
        ------
        ParameterError
            If there is no such column, or a condition is none of these.

        Examples
        --------
        >>> import numpy as np
        >>> images = [AcqImage.from_array(np.zeros((9, 4)), name=name) for name in ("a1", "a2")]
        >>> images[1].edit_experiment(condition="sham")
        >>> folder = AcqImageList(images)
        >>> [image.name for image in folder.filter("a", condition="sham")]
        ['a2']
        """
        from cloudscope.selection import filtered, selection

        return selection(self, filtered(self, text, roi, columns))

    def group_by(self, column: str, *, roi: ShownRoi = "first") -> dict[Any, AcqImageList]:
        """The recordings by value of a column, in the order in which the values occur.

        ``""`` is the group of those that say nothing.

        Parameters
        ----------
        column : str
            Key or title, for example ``"condition"`` or ``"folder"``.
        roi : int or "first"
            Whose headline numbers count, as for `filter`.

        Raises
        ------
        ParameterError
            If there is no such column.
        """
        from cloudscope.selection import grouped

        return grouped(self, column, roi)

    def analyze(
        self,
        analysis: str,
        *,
        images: Iterable[AcqImage] | None = None,
        channel: int = 0,
        rois: RoiChoice = "all",
        workers: int | None = None,
        executor: Executor | Any | None = None,
        skip_fresh: bool = False,
        memory_limit_mb: float | None = None,
        save: bool = False,
        progress: Progress | None = None,
        cancel: Cancel | None = None,
        deliver: Deliver | None = None,
        on_outcome: Callable[[BatchOutcome], None] | None = None,
        **parameters: Any,
    ) -> BatchReport:
        """Measure all recordings; each result is kept as it comes.

        Parameters
        ----------
        analysis : str
            A registered name.
        images : iterable of AcqImage, optional
            Only these.
        channel : int
        rois : {"all", "whole"}, iterable of int, or callable
            ``"all"``: every ROI, and the whole recording where there is none. A callable gets
            the recording and returns ids.
        workers : int, optional
            How many measure at once; never changes a number. By default one process a core of
            the machine, where the work is worth starting them; 1 measures in this process.
        executor : Executor or dask.distributed.Client, optional
            Used instead of a pool of our own. The files must have the same paths there.
        skip_fresh : bool
            Leave out what has a result with the same parameters that still holds: goes on with a
            batch that was stopped.
        memory_limit_mb : float, optional
            What the measurements under way may take together; by default most of what is free.
            What would take more by itself is refused.
        save : bool
            Save each recording as soon as its last measurement is in.
        progress : callable, optional
            Called with the finished share, 0 to 1.
        cancel : object with ``is_set()``, optional
            Ends the batch within two seconds; what is finished is kept.
        deliver : callable, optional
            Called with (image, result) instead of storing it.
        on_outcome : callable, optional
            Called with each outcome as it comes.
        **parameters
            Detection parameters of the analysis.

        Returns
        -------
        BatchReport
            Failures are listed with their reason; the rest is done.

        Raises
        ------
        UnknownNameError, ParameterError
            If the analysis or a parameter is wrong; nothing was measured.
        """
        plan = self.plan(
            analysis,
            images=images,
            channel=channel,
            rois=rois,
            workers=workers,
            executor=executor,
            skip_fresh=skip_fresh,
            memory_limit_mb=memory_limit_mb,
            **parameters,
        )
        waiting = Counter(id(item.image) for item in plan.items)
        unsaved: dict[int, BatchOutcome] = {}

        def settled(outcome: BatchOutcome) -> None:
            image = outcome.item.image
            waiting[id(image)] -= 1
            if waiting[id(image)] == 0:
                if save and image.dirty:
                    try:
                        image.save()
                    except SidecarError as error:
                        words = f"measured, not saved: {error}"
                        outcome = replace(outcome, status="failed", error=words)
                        unsaved[id(outcome.item)] = outcome
                image.release_pixels()
            if on_outcome is not None:
                on_outcome(outcome)

        report = run_batch(
            plan.items,
            workers=plan.workers,
            executor=executor,
            memory_limit_mb=memory_limit_mb,
            progress=progress,
            cancel=cancel,
            deliver=deliver,
            on_outcome=settled,
        )
        return BatchReport(tuple(unsaved.get(id(o.item), o) for o in report.outcomes))

    def save(self) -> SaveReport:
        """Save every recording with unsaved edits; one that cannot be saved stops no other."""
        saved, failed = [], []
        for image in self.unsaved:
            try:
                image.save()
                saved.append(image.name)
            except CloudscopeError as error:
                failed.append((image.name, str(error)))
        return SaveReport(tuple(saved), tuple(failed))

    def to_dataframe(self) -> pd.DataFrame:
        """A row per file, those that could not be read last with the reason in ``problem``."""
        import pandas as pd

        from cloudscope.tables import COUNTS, image_row

        rows = [{"path": self.relative_path(image), **image_row(image)} for image in self.images]
        rows += [
            {
                "path": self.name_of(failure)
                if self.blinded
                else relative_to(self.folder, failure.path),
                "name": self.name_of(failure),
                "problem": self.reason_of(failure),
            }
            for failure in self.failures
        ]
        table = pd.DataFrame(rows)
        # A file that cannot be read has no number of lines, which must not make them floats.
        declared = [spec.name for spec in self.settings.fields if spec.kind == "whole"]
        return table.astype(
            {
                name: "Int64"
                for name in {*COUNTS, *declared}
                if name in table and (name in COUNTS or pd.api.types.is_numeric_dtype(table[name]))
            }
        )

    def results(self, analysis: str) -> pd.DataFrame:
        """All results of an analysis, a row per window or line, joined with where it is from.

        Raises
        ------
        UnknownNameError
            If there is no such analysis.
        ResultTableError
            If a table on disk is missing or not the one that was saved.
        """
        from cloudscope.tables import pooled_results

        return pooled_results(self.images, analysis)
