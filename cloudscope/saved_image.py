"""`SavedImage`: a recording's state and the sidecars it is kept in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from traitlets import Instance

from cloudscope import sidecar
from cloudscope.edits import Edit
from cloudscope.errors import ParameterError, ResultTableError, SidecarError
from cloudscope.image_state import REVISED, ImageState
from cloudscope.metadata import ImageHeader
from cloudscope.results_folder import mirrored, origin_of, other_origin
from cloudscope.sidecar import MergeClash, MergeReport, Side, SidecarContents, SidecarDocument
from cloudscope.trait_types import TupleOf

__all__ = ["MergeClash", "MergeReport", "SavedImage", "Side"]


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What the next save compares with, before and after a merge."""

    before: SidecarDocument
    after: SidecarDocument
    saved_before: tuple[Any, ...]
    saved_after: tuple[Any, ...]


class SavedImage(ImageState):
    """State of a recording that is loaded from sidecars and saved to them.

    The source file is never written to. Sidecars stand beside it, or, where a results folder is
    declared, there under the same relative path.
    """

    path = Instance(Path, allow_none=True, read_only=True)
    """The source file; ``None`` for an array. Read-only."""

    results_folder = Instance(Path, allow_none=True, read_only=True)
    """Where sidecars are kept instead of beside the source; ``None`` for beside. Read-only."""

    problems = TupleOf(str, read_only=True)
    """What is wrong with the file or its sidecar, a sentence each. Read-only."""

    def __init__(
        self,
        header: ImageHeader,
        name: str,
        path: Path | None,
        results_folder: Path | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(header, name)
        self._document = SidecarDocument()
        self._merges: list[tuple[Edit, _Grounds]] = []
        self._target: Path | None = None
        self.set_trait("path", path)
        if results_folder is not None:
            self.set_trait("results_folder", results_folder)
        if path is not None:
            place = path if results_folder is None else mirrored(path, results_folder, folder)
            self._target = sidecar.sidecar_source(place, header.image_index)

    @property
    def image_index(self) -> int:
        """Which image of its file this is, counted from 0."""
        return self.file_header.image_index

    @property
    def image_name(self) -> str:
        """Name of the image within a file that holds several; else ``""``."""
        return self.file_header.image_name

    @property
    def sidecar_path(self) -> Path | None:
        """Where `save` writes, ``my_file.tif.json``; ``None`` for an array."""
        return None if self._target is None else sidecar.sidecar_path(self._target)

    @property
    def sidecar_unreadable(self) -> bool:
        """Whether there is a sidecar that cannot be read, which keeps `save` from writing one."""
        document = self._document
        return document.read_only_reason is not None and not document.raw

    @property
    def contents(self) -> SidecarContents:
        """What `save` would write, as values."""
        return self._contents()

    @property
    def saved_document(self) -> SidecarDocument:
        """The sidecar as it was loaded or saved last: what unsaved edits began with."""
        return self._document

    def _place(self) -> Path:
        if self._target is None:
            raise SidecarError(
                f"{self.name} is an array in memory and has no sidecar: write it to a file and "
                "open that to save"
            )
        return self._target

    # ------------------------------------------------------------------ saving

    def save(self) -> None:
        """Write the sidecars; the source file is never touched.

        Raises
        ------
        SidecarConflict
            If somebody else changed the sidecar since it was loaded: `merge_saved`, `reload` and
            `save_copy` are the ways on.
        SidecarError
            If it cannot be written, or what is there cannot be read; nothing is lost.
        """
        place = self._place()
        self._make_folder(place)
        self._document = sidecar.save(place, self._contents(), self._document)
        self.set_trait("problems", (*self.file_header.warnings, *self._document.problems))
        self._saved = self._state()
        self._refresh()

    def save_copy(self) -> Path:
        """Write the sidecars beside those that `save` may not replace, after a conflict.

        Returns
        -------
        Path
            The JSON written.

        Raises
        ------
        SidecarError
            If it cannot be written.
        """
        place = self._place()
        self._make_folder(place)
        return sidecar.save_copy(place, self._contents(), self._document)

    def _make_folder(self, place: Path) -> None:
        if self.results_folder is None:
            return
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SidecarError(
                f"{place.parent}: not saved: the results folder cannot be made "
                f"({error.strerror or error}); choose another one"
            ) from error

    def _contents(self) -> SidecarContents:
        return SidecarContents(
            accepted=self.accepted,
            experiment=self.experiment,
            file_header=self.file_header,
            corrections=self.corrections,
            rois=self.rois,
            next_roi_id=self._next_roi_id,
            results=self.results,
            display=self.display,
            origin=origin_of(self.path, self.file_header, self.results_folder is not None),
        )

    # ------------------------------------------------------------------ loading

    def reload(self) -> None:
        """Take the state of the sidecar, giving up unsaved edits and the undo history."""
        if self._target is None:
            return
        self._document, contents = self._read()
        problems = [*self.file_header.warnings, *self._document.problems]
        rois = self._clamped(contents).rois
        moved = [r.roi_id for r, was in zip(rois, contents.rois, strict=True) if r != was]
        if moved:
            problems.append(f"ROI {moved} reached outside the recording and was moved inside")
        self._replaying = True
        self._edit = Edit("load")
        try:
            self.corrections = contents.corrections
            self.rois = rois
            self.results = contents.results
            self.experiment = contents.experiment
            self.accepted = contents.accepted
            self.display = contents.display
        finally:
            self._edit = None
            self._replaying = False
        self._next_roi_id = max(self._next_roi_id, contents.next_roi_id)
        self._history.clear()
        self._merges.clear()
        self._saved = self._state(rois=contents.rois)
        self.set_trait("problems", tuple(problems))
        self._refresh()

    def _read(self) -> tuple[SidecarDocument, SidecarContents]:
        """What is saved, and its values; those beside the source where nothing else is."""
        document = sidecar.load(self._place())
        if self.path is None:
            return document, document.contents
        reason = other_origin(document.raw, self.path, self.file_header)
        if reason:
            kept = self.sidecar_path
            reason = f"{kept}: {reason}; it is not used and stays as it is: set it aside to go on"
            document = SidecarDocument(
                revision=document.revision, problems=(reason,), read_only_reason=reason
            )
        if self.results_folder is None or document.revision is not None or document.problems:
            return document, document.contents
        beside = sidecar.load(sidecar.sidecar_source(self.path, self.file_header.image_index))
        if beside.revision is None or (beside.read_only_reason and not beside.raw):
            return document, document.contents
        # A save into the results folder writes everything anew, unknown fields included.
        ground = SidecarDocument(
            contents=replace(beside.contents, results={}),
            raw=beside.raw,
            problems=beside.problems,
            read_only_reason=beside.read_only_reason,
        )
        return ground, beside.contents

    def _clamped(self, contents: SidecarContents) -> SidecarContents:
        header = contents.corrections.apply(self.file_header)
        rois = (roi.clamped(header.lines, header.pixels) for roi in contents.rois)
        return replace(contents, rois=tuple(rois))

    def set_aside_sidecar(self) -> Path:
        """Rename a sidecar that cannot be read, so that `save` can write a new one.

        Returns
        -------
        Path
            Its new name.

        Raises
        ------
        SidecarError
            If it cannot be renamed.
        """
        aside = sidecar.set_aside(self._place())
        self._document = sidecar.load(self._place())
        self.set_trait("problems", tuple(self.file_header.warnings))
        return aside

    # ------------------------------------------------------------------ merging

    def preview_merge(self) -> MergeReport:
        """What `merge_saved` would do; nothing is changed.

        Raises
        ------
        SidecarError
            If the sidecar on disk cannot be read.
        """
        return self._merged({}, "mine")[3]

    def merge_saved(
        self, prefer: Side = "mine", *, choices: Mapping[str, Side] | None = None
    ) -> MergeReport:
        """Put together the edits here and what somebody else saved meanwhile.

        Whatever only one side changed is taken; `save` then writes both. It is one step for
        `undo`, after which `save` finds the conflict again. Without a sidecar on disk (somebody
        removed it) everything here is kept.

        Parameters
        ----------
        prefer : {"mine", "theirs"}
            Whose value is taken where both changed the same thing.
        choices : mapping of str to {"mine", "theirs"}, optional
            Whose value is taken by `MergeClash.where`, instead of `prefer`.

        Returns
        -------
        MergeReport
            What came from either side, and each clash with both values.

        Raises
        ------
        ParameterError
            If `prefer` or a choice is not right; nothing is changed.
        SidecarError
            If the sidecar on disk cannot be read.

        Examples
        --------
        >>> import numpy as np, tempfile, pathlib
        >>> from cloudscope import AcqImage
        >>> path = pathlib.Path(tempfile.mkdtemp(), "scan.npy")
        >>> np.save(path, np.zeros((100, 20)))
        >>> mine, theirs = AcqImage(path), AcqImage(path)
        >>> theirs.accepted = True
        >>> theirs.save()
        >>> roi = mine.add_roi()
        >>> print(mine.merge_saved())
        1 change of theirs; 1 change of mine
        >>> mine.save()
        """
        document, theirs, contents, report = self._merged(dict(choices or {}), prefer)
        saved = (
            *(getattr(theirs, name) for name in _SAVED_FIELDS),
            dict(theirs.results),
        )
        grounds = _Grounds(self._document, document, self._saved, saved)
        edit = self.take_contents(contents, "merge with what was saved")
        self._merges.append((edit, grounds))
        self._document, self._saved = document, saved
        self.set_trait("problems", (*self.file_header.warnings, *document.problems))
        self._refresh()
        return report

    def take_contents(self, contents: SidecarContents, label: str) -> Edit:
        """Take the values of a sidecar for one's own, as one step of undo with that label."""
        changed = {
            key: (self.results.get(key), contents.results.get(key))
            for key in {*self.results, *contents.results}
            if self.results.get(key) is not contents.results.get(key)
        }
        with self.one_step(label) as edit:
            self._replaying = True  # who said what when is known: nothing is stamped anew
            try:
                self._next_roi_id = max(self._next_roi_id, contents.next_roi_id)
                self.corrections = contents.corrections
                self.rois = contents.rois
                self.experiment = contents.experiment
                self.accepted = contents.accepted
                self.display = contents.display
                self.results = contents.results
            finally:
                self._replaying = False
            if changed:
                edit.before[REVISED] = {key: before for key, (before, _) in changed.items()}
                edit.after[REVISED] = {key: after for key, (_, after) in changed.items()}
        return edit

    def _merged(
        self, choices: dict[str, Side], prefer: Side
    ) -> tuple[SidecarDocument, SidecarContents, SidecarContents, MergeReport]:
        """The base of the next save, what is on disk, both together, and what was done."""
        for side in (prefer, *choices.values()):
            if side not in ("mine", "theirs"):
                raise ParameterError(f"{side!r} is not allowed: give 'mine' or 'theirs'")
        document, found = self._read()
        if document.read_only_reason is not None:
            raise SidecarError(f"not merged: {document.read_only_reason}")
        mine = self._contents()
        if document.revision is None:
            # Somebody removed it: what was in it besides is written again with everything here.
            ground = replace(self._document.contents, results={})
            document = replace(self._document, contents=ground, revision=None, problems=())
            return document, SidecarContents(), mine, MergeReport()
        used: set[str] = set()
        theirs = self._clamped(found)

        def decide(clash: MergeClash) -> Side:
            used.add(clash.where)
            return choices.get(clash.where, prefer)

        merged, report = sidecar.merge_contents(
            self._clamped(self._document.contents),
            mine,
            theirs,
            file_time_axis=self.file_header.time_axis,
            decide=decide,
        )
        unknown = sorted(choices.keys() - used)
        if unknown:
            there = ", ".join(clash.where for clash in report.clashes) or "nothing"
            raise ParameterError(f"choices: there is no clash {unknown[0]!r}; both changed {there}")
        kept, lost = {}, []
        for key, result in merged.results.items():
            if result is not theirs.results.get(key):
                try:
                    _ = result.columns  # a save of theirs may have removed the rows from disk
                except ResultTableError as error:
                    lost.append(str(error))
                    continue
            kept[key] = result
        return document, theirs, replace(merged, results=kept), replace(report, lost=tuple(lost))

    def _restored(self, edit: Edit, undone: bool) -> None:
        for merge, grounds in self._merges:
            if merge is edit:
                self._document = grounds.before if undone else grounds.after
                self._saved = grounds.saved_before if undone else grounds.saved_after


_SAVED_FIELDS = ("corrections", "rois", "experiment", "accepted", "display")
