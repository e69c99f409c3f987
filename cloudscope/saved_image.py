"""`SavedImage`: a recording's state and the sidecars it is kept in."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

from traitlets import Instance

from cloudscope import sidecar
from cloudscope.edits import Edit
from cloudscope.errors import SidecarError
from cloudscope.image_state import REVISED, ImageState
from cloudscope.metadata import ImageHeader
from cloudscope.results_folder import mirrored, origin_of, other_origin
from cloudscope.roi import Roi
from cloudscope.sidecar import SidecarContents, SidecarDocument
from cloudscope.trait_types import TupleOf

__all__ = ["SavedImage"]


class SavedImage(ImageState):
    """State of a recording that is loaded from sidecars and saved to them.

    The source file is never written to. Sidecars stand beside it, or, where a results folder is
    declared, there under the same relative path.
    """

    path = Instance(Path, allow_none=True, read_only=True)
    """The source file; ``None`` for an array. Read-only."""

    results_folder = Instance(Path, allow_none=True, read_only=True)
    """Where sidecars are kept instead of beside the source; ``None`` for beside. Read-only."""

    _load_later = False

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
    def sidecar_places(self) -> tuple[Path, ...]:
        """Where a sidecar of this recording is looked for; the first is where `save` writes."""
        if self._target is None or self.path is None:
            return ()
        places = [self._target]
        if self.results_folder is not None:
            places.append(sidecar.sidecar_source(self.path, self.file_header.image_index))
        return tuple(sidecar.sidecar_path(place) for place in places)

    @property
    def unread(self) -> bool:
        """Whether its sidecar was left until somebody asks for what is in it."""
        return self._load_later

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
        if self._load_later:
            self._load()
            return
        self._document, contents, rois, problems = self._found()
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
        self._saved = self._state(rois=contents.rois)
        self.set_trait("problems", problems)
        self._refresh()

    def _found(
        self,
    ) -> tuple[SidecarDocument, SidecarContents, tuple[Roi, ...], tuple[str, ...]]:
        """The sidecar, its values, its ROIs inside the recording, and what is wrong."""
        document, contents = self._read()
        problems = [*self.file_header.warnings, *document.problems]
        rois = self._clamped(contents).rois
        moved = [r.roi_id for r, was in zip(rois, contents.rois, strict=True) if r != was]
        if moved:
            problems.append(f"ROI {moved} reached outside the recording and was moved inside")
        return document, contents, rois, tuple(problems)

    def load_later(self) -> None:
        """Leave the sidecar until somebody first asks for what is in it."""
        for name in _FROM_SIDECAR:
            self._trait_values.pop(name, None)
        for name in _GROUND:
            self.__dict__.pop(name, None)
        self._load_later = True

    def _load(self) -> None:
        """Read the sidecar left until now; nobody has seen another state, so nobody is told."""
        with _loading:
            if not self._load_later:
                return  # another thread was first
            document, contents, rois, problems = self._found()
            header = contents.corrections.apply(self.file_header)
            self._trait_values.update(
                header=header,
                corrections=contents.corrections,
                rois=rois,
                experiment=contents.experiment,
                accepted=contents.accepted,
                display=contents.display,
                results=contents.results,
                problems=problems,
            )
            self._document = document
            self._next_roi_id = contents.next_roi_id
            self._load_later = False
            self._saved = self._state(rois=contents.rois)
        if rois != contents.rois:
            self._refresh()

    def trait_defaults(self, *names: str, **metadata: Any) -> Any:
        """As of traitlets; what is in the sidecar is read when it is first asked for."""
        if self._load_later and len(names) == 1 and names[0] in _FROM_SIDECAR:
            self._load()
            return self._trait_values[names[0]]
        return super().trait_defaults(*names, **metadata)

    def __getattr__(self, name: str) -> Any:
        if name in _GROUND and self._load_later:
            self._load()
            return self.__dict__[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

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


_FROM_SIDECAR = (
    "header",
    "corrections",
    "rois",
    "experiment",
    "accepted",
    "display",
    "results",
    "problems",
)
"""Traits that follow from the sidecar."""

_GROUND = ("_document", "_saved", "_next_roi_id")
"""What edits of them are compared with."""

_loading = threading.RLock()  # a worker may ask for them as well
