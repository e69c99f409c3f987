"""`MergedImage`: a recording whose unsaved edits meet what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cloudscope import sidecar
from cloudscope.edits import Edit
from cloudscope.errors import ParameterError, ResultTableError, SidecarError
from cloudscope.saved_image import SavedImage
from cloudscope.sidecar import MergeClash, MergeReport, Side, SidecarContents, SidecarDocument

__all__ = ["MergeClash", "MergeReport", "MergedImage", "Side"]


@dataclass(frozen=True, slots=True)
class _Grounds:
    """What the next save compares with, before and after a merge."""

    before: SidecarDocument
    after: SidecarDocument
    saved_before: tuple[Any, ...]
    saved_after: tuple[Any, ...]


class MergedImage(SavedImage):
    """State of a recording that can be put together with what somebody else saved of it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._merges: list[tuple[Edit, _Grounds]] = []

    def reload(self) -> None:
        """Take the state of the sidecar, giving up unsaved edits and the undo history."""
        super().reload()
        self._merges.clear()

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
