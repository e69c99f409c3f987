"""`ImageState`: what is known and edited of a recording, its rules, undo and redo."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from traitlets import Bool, Instance, Unicode, observe, validate

from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.display import ChannelDisplay
from cloudscope.edit_labels import edit_label
from cloudscope.edits import Edit, History
from cloudscope.errors import UnknownNameError
from cloudscope.experiment_state import ExperimentState
from cloudscope.metadata import HeaderCorrections, ImageHeader
from cloudscope.roi import WHOLE_RECORDING, Roi
from cloudscope.trait_types import FrozenMapping, Rois

__all__ = ["ImageState"]

_EDITED = (
    "corrections",
    "rois",
    "experiment",
    "accepted",
    "display",
)  # restored in this order by undo
REVISED = "results"  # under this name a step keeps the results revised in it, not all of them
_KEEP: Any = object()


class ImageState(ExperimentState):
    """State of a recording as immutable values in traits, without its pixels and files.

    To edit is to assign a new value, or to call a method that does. Every edit is one event for
    observers and one step for `undo`.

    Parameters
    ----------
    header : ImageHeader
        What the file says.
    name : str
    """

    file_header = Instance(ImageHeader, read_only=True)
    """What the file says. Read-only."""

    header = Instance(ImageHeader, read_only=True)
    """What holds: `file_header` with the user's `corrections`. Read-only, derived."""

    corrections = Instance(HeaderCorrections, ())
    """The user's line period, pixel size and time axis; ``None`` keeps the file's."""

    rois = Rois()
    """Regions of interest, in the order they were made."""

    results = FrozenMapping[ResultKey, AnalysisResult]()
    """Results by (analysis, channel, roi_id); `store` adds one."""

    display = FrozenMapping[int, ChannelDisplay]()
    """How channels are shown, by channel; it never touches a number."""

    accepted = Bool(None, allow_none=True)
    """The user's verdict: ``True``, ``False``, or ``None`` while open."""

    dirty = Bool(read_only=True)
    """Whether anything differs from the sidecar. Read-only, derived."""

    undo_label = Unicode(None, allow_none=True, read_only=True)
    """What `undo` would take back. Read-only, derived."""

    redo_label = Unicode(None, allow_none=True, read_only=True)
    """What `redo` would do again. Read-only, derived."""

    _untouched: ClassVar[tuple[Any, ...] | None] = None
    """State of a recording that nobody edited."""

    def __init__(self, header: ImageHeader, name: str) -> None:
        super().__init__()
        self._history = History()
        self._edit: Edit | None = None
        self._replaying = False
        self._next_roi_id = 1
        self._true_name = name
        self.set_trait("name", name)
        self.set_trait("file_header", header)
        self.set_trait("header", header)
        # Asked once: of each of 10,000 recordings it would be a third of opening a folder.
        if ImageState._untouched is None:
            ImageState._untouched = self._state()
        self._saved = ImageState._untouched

    def __setattr__(self, name: str, value: Any) -> None:
        # A misspelt trait would otherwise be an attribute that nobody reads.
        if not name.startswith("_") and not hasattr(type(self), name):
            near = difflib.get_close_matches(name, self.trait_names(), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise AttributeError(f"{type(self).__name__} has no trait {name!r}{hint}")
        if name in _EDITED or name == REVISED:
            getattr(self, name)  # else observers would not be told the value it had
        super().__setattr__(name, value)

    # ------------------------------------------------------------------ state and undo

    def _image_size(self) -> tuple[int, int]:
        return self.header.lines, self.header.pixels

    def _state(self, **instead: Any) -> tuple[Any, ...]:
        """What saving writes down, by which unsaved edits are told."""
        edited = (instead.get(name, getattr(self, name)) for name in _EDITED)
        return (*edited, dict(self.results))

    def _refresh(self) -> None:
        self.set_trait("dirty", self._state() != self._saved)
        self.set_trait("undo_label", self._history.undo_label)
        self.set_trait("redo_label", self._history.redo_label)

    @validate("corrections")
    def _stamped(self, proposal: Any) -> HeaderCorrections:
        new: HeaderCorrections = proposal["value"]
        return new if self._replaying else new.stamped(self.corrections, self.user)

    @observe(*_EDITED)
    def _edited(self, change: Any) -> None:
        name, old, new = change["name"], change["old"], change["new"]
        with self.one_step(edit_label(name, old, new)) as edit:
            edit.record(name, old, new)
            if name == "corrections":
                swapped = self.header.time_axis
                self.set_trait("header", new.apply(self.file_header))
                if self.header.time_axis != swapped and not self._replaying:
                    self.rois = tuple(roi.transposed() for roi in self.rois)
            elif name == "rois":
                self._next_roi_id = max([self._next_roi_id, *(r.roi_id + 1 for r in new)])
                self._follow_rois(edit)

    def _follow_rois(self, edit: Edit) -> None:
        """Park the results of ROIs that are gone, bring back those of ROIs that returned."""
        ids = {roi.roi_id for roi in self.rois} | {WHOLE_RECORDING}
        gone = {key: r for key, r in self.results.items() if key[2] not in ids}
        back = {
            key: r for key, r in edit.parked.items() if key[2] in ids and key not in self.results
        }
        edit.parked.update(gone)
        if gone or back:
            kept = {key: r for key, r in self.results.items() if key not in gone}
            self.results = kept | back

    @observe("results")
    def _results_changed(self, change: Any) -> None:
        if self._edit is None:
            self._refresh()

    @contextmanager
    def one_step(self, label: str) -> Iterator[Edit]:
        """Make all edits inside the block one undo step.

        Parameters
        ----------
        label : str
            For people, for example ``"paste 3 ROIs"``.
        """
        if self._edit is not None:
            yield self._edit
            return
        self._edit = edit = Edit(label)
        try:
            yield edit
        finally:
            self._edit = None
            if not self._replaying and not edit.empty:
                self._history.push(edit)
            if not self._replaying:
                self._refresh()

    def _restore(self, step: tuple[Edit, Mapping[str, Any]] | None) -> str | None:
        if step is None:
            return None
        edit, values = step
        undone = values is edit.before
        self._replaying = True
        self._edit = edit
        try:
            for name in _EDITED:
                if name in values:
                    before, after = dict(edit.before), dict(edit.after)
                    setattr(self, name, values[name])
                    edit.before, edit.after = before, after
            self._restore_results(edit, values.get(REVISED, {}))
        finally:
            self._edit = None
            self._replaying = False
            self._restored(edit, undone)
            self._refresh()
        return edit.label

    def _restored(self, edit: Edit, undone: bool) -> None:
        """Called when a step was taken back or done again, for what else it touched."""

    def _restore_results(
        self, edit: Edit, wanted: Mapping[ResultKey, AnalysisResult | None]
    ) -> None:
        """Put revised results back, unless something else was measured in their place.

        ``None`` stands for a result that was not there.
        """
        steps = (edit.before.get(REVISED, {}), edit.after.get(REVISED, {}))
        back = {
            key: result
            for key, result in wanted.items()
            if any(self.results.get(key) is step.get(key) for step in steps)
        }
        if back:
            results = {**self.results, **back}
            self.results = {key: result for key, result in results.items() if result is not None}

    def revise(self, result: AnalysisResult, label: str = "") -> None:
        """Keep a result changed by hand in place of the measured one, as a step for `undo`.

        Parameters
        ----------
        result : AnalysisResult
            Made from the kept one, for example by `overrule_velocity` or `review_event`.
        label : str
            For the undo button, for example ``"overrule a velocity"``.

        Raises
        ------
        UnknownNameError
            If no result is kept under its key.
        """
        kept = self.results.get(result.key)
        if kept is None:
            raise UnknownNameError(f"{self.name} keeps no result {result.key} to revise")
        with self.one_step(label or f"edit {result.analysis}") as edit:
            before, after = edit.before.get(REVISED, {}), edit.after.get(REVISED, {})
            edit.before[REVISED] = {result.key: kept, **before}
            edit.after[REVISED] = {**after, result.key: result}
            self.results = {**self.results, result.key: result}

    def undo(self) -> str | None:
        """Take the last edit back; returns its label, or ``None`` if there was none.

        Measurements are not edits: they stay, and are stale where the undo changes their ROI.
        """
        return self._restore(self._history.undo())

    def redo(self) -> str | None:
        """Do the last undone edit again; returns its label, or ``None`` if there was none."""
        return self._restore(self._history.redo())

    # ------------------------------------------------------------------ edits

    def roi(self, roi_id: int) -> Roi:
        """The ROI with this id.

        Raises
        ------
        UnknownNameError
            If there is none; lists the ids there are.
        """
        for roi in self.rois:
            if roi.roi_id == roi_id:
                return roi
        there = ", ".join(str(roi.roi_id) for roi in self.rois) or "none"
        raise UnknownNameError(f"{self.name} has no ROI {roi_id}; it has {there}")

    def add_roi(
        self,
        *,
        row_start: int | None = None,
        row_stop: int | None = None,
        col_start: int | None = None,
        col_stop: int | None = None,
        name: str = "",
        note: str = "",
        color: str = "",
    ) -> Roi:
        """Add a ROI; a bound left out reaches to the edge of the recording.

        Parameters
        ----------
        row_start, row_stop, col_start, col_stop : int, optional
            Half-open bounds in lines and pixels.
        name, note, color : str

        Returns
        -------
        Roi
            With an id that was never used in this recording.

        Raises
        ------
        RoiError
            If it is empty or reaches outside the recording.
        """
        roi = Roi(
            roi_id=self._next_roi_id,
            row_start=0 if row_start is None else row_start,
            row_stop=self.header.lines if row_stop is None else row_stop,
            col_start=0 if col_start is None else col_start,
            col_stop=self.header.pixels if col_stop is None else col_stop,
            name=name,
            note=note,
            color=color,
        )
        self.rois = (*self.rois, roi)
        return roi

    def add_rois(self, rois: Iterable[Roi]) -> tuple[Roi, ...]:
        """Add copies of ROIs, each with an id of its own, as one edit; returns them.

        Raises
        ------
        RoiError
            If one reaches outside the recording; none is added then.
        """
        first = self._next_roi_id
        new = tuple(roi.replace(roi_id=first + place) for place, roi in enumerate(rois))
        self.rois = (*self.rois, *new)
        return new

    def edit_roi(self, roi_id: int, **changes: Any) -> Roi:
        """Change bounds, `name`, `note`, `color` or `locked` of a ROI.

        Bounds are kept inside the recording: a move stops at its border, a resize is cut there.

        Raises
        ------
        UnknownNameError
            If there is no such ROI.
        RoiError
            If a bound is not a whole number or the ROI would be empty.
        """
        old = self.roi(roi_id)
        unknown = set(changes) - {f for f in Roi.__dataclass_fields__ if f != "roi_id"}
        if unknown:
            raise UnknownNameError(f"a Roi has no {', '.join(sorted(unknown))} to change")
        new = old.edited(*self._image_size(), **changes)
        self.rois = tuple(new if roi.roi_id == roi_id else roi for roi in self.rois)
        return new

    def delete_roi(self, roi_id: int) -> None:
        """Delete a ROI and its results; `undo` brings both back.

        Raises
        ------
        UnknownNameError
            If there is no such ROI.
        """
        gone = self.roi(roi_id)
        self.rois = tuple(roi for roi in self.rois if roi is not gone)

    def set_calibration(
        self, *, line_period_s: float | None = _KEEP, pixel_size_um: float | None = _KEEP
    ) -> None:
        """Say the line period or pixel size; ``None`` goes back to what the file says.

        Raises
        ------
        ParameterError
            If a value is not a positive number.
        """
        given = {"line_period_s": line_period_s, "pixel_size_um": pixel_size_um}
        changes = {name: value for name, value in given.items() if value is not _KEEP}
        self.corrections = self.corrections.replace(**changes)

    def swap_time_axis(self) -> None:
        """Take the other axis of the file as time; ROIs stay on the same pixels."""
        other = "columns" if self.header.time_axis == "rows" else "rows"
        said = None if other == self.file_header.time_axis else other
        self.corrections = self.corrections.replace(time_axis=said)
