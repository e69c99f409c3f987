"""`AcqImageList`: a folder of recordings, measured and saved together."""

from __future__ import annotations

import gc
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from traitlets import Bool, HasTraits, Instance, observe

from cloudscope import loaders, sidecar
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
from cloudscope.errors import CloudscopeError, LoadError, SidecarError, UnknownNameError
from cloudscope.folder_listing import FoundFile, find_recordings, relative_to
from cloudscope.folder_settings import FolderSettings
from cloudscope.header_cache import read_headers
from cloudscope.metadata import ImageHeader
from cloudscope.trait_types import TupleOf

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.recording_columns import ShownRoi

__all__ = ["AcqImageList", "LoadFailure", "SaveReport"]


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A file of the folder that could not be read, and why."""

    path: Path
    reason: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


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


def _settings_of(folder: Path) -> tuple[FolderSettings, tuple[LoadFailure, ...]]:
    """What the folder declares; one that cannot be understood is left out, and said."""
    try:
        return FolderSettings.of_folder(folder), ()
    except LoadError as error:
        reason = f"the folder is opened without it: {error.reason}"
        return FolderSettings(), (LoadFailure(Path(error.path), reason),)


def _of_file(path: Path, header: ImageHeader) -> Iterator[ImageHeader | LoadError]:
    """The header of every image of a file, of which one is known."""
    for index in range(header.image_count):
        if index == header.image_index:
            yield header
            continue
        try:
            yield loaders.read_header(path, image=index)
        except LoadError as error:
            yield LoadError(path, f"image {index}: {error.reason}")


def _sweep(folders: Iterable[Path]) -> Iterator[LoadFailure]:
    """Remove what killed saves left behind, where this user may."""
    for folder in folders:
        if os.access(folder, os.W_OK):
            try:
                sidecar.sweep(folder)
            except OSError as error:
                yield LoadFailure(folder, f"leftovers of a killed save stay: {error.strerror}")


@contextmanager
def _garbage_left_lying() -> Iterator[None]:
    """Ten thousand recordings all stay: looking for garbage among them is a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class AcqImageList(HasTraits):
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

    images = TupleOf(AcqImage)
    """The recordings that could be read."""

    failures = TupleOf(LoadFailure)
    """The files that could not, each with its reason."""

    settings = Instance(FolderSettings, ())
    """What its ``cloudscope.toml`` declares: fields, names; assign another to use that."""

    folder = Instance(Path, allow_none=True, read_only=True)
    """The folder they come from. Read-only."""

    results_folder = Instance(Path, allow_none=True, read_only=True)
    """Where sidecars are kept instead of beside the files. Read-only."""

    recursive = Bool(True)
    """Whether `refresh` and `watch` look into sub-folders."""

    dirty = Bool(read_only=True)
    """Whether any recording has unsaved edits. Read-only, derived."""

    def __init__(
        self,
        images: Iterable[AcqImage] = (),
        *,
        failures: Iterable[LoadFailure] = (),
        folder: str | Path | None = None,
    ) -> None:
        super().__init__()
        self.set_trait("folder", None if folder is None else Path(folder))
        self.failures = tuple(failures)
        self.images = tuple(images)

    @classmethod
    def from_folder(
        cls,
        path: str | Path,
        *,
        recursive: bool = True,
        results_folder: str | Path | None = None,
        progress: Progress | None = None,
    ) -> AcqImageList:
        """Open all recordings of a folder; only headers and sidecars are read.

        Each image of a file that holds several is a recording of its own. A file that cannot be
        read becomes a `LoadFailure` and the rest loads. Hidden files and folders are left out.

        Parameters
        ----------
        path : path-like
            A folder, or one recording.
        recursive : bool
            Whether to look into sub-folders.
        results_folder : path-like, optional
            Where sidecars are kept instead of beside the files, under the same relative paths.
        progress : callable, optional
            Called with the finished share, 0 to 1.

        Raises
        ------
        LoadError
            If there is no such folder, or it cannot be listed.
        """
        folder = Path(path)
        results = None if results_folder is None else Path(results_folder)
        if not folder.is_dir() or loaders.is_folder_recording(folder):
            if folder.exists():
                only = [FoundFile(folder, "", True)]
                opened = cls._opened(only, None, progress, results, folder.parent)
                if opened.failures:
                    raise LoadError(folder, opened.failures[0].reason)
                return opened
            raise LoadError(folder, "there is no such folder")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise LoadError(folder, "the folder cannot be read: permission denied")
        settings, unread = _settings_of(folder)
        files = find_recordings(folder, recursive, settings)
        opened = cls._opened(files, folder, progress, results, folder)
        opened.settings = settings
        opened.recursive = recursive
        kept_in = {image.sidecar_path.parent for image in opened if image.sidecar_path is not None}
        opened.failures += (*unread, *_sweep(kept_in))
        return opened

    @classmethod
    def from_files(
        cls,
        paths: Iterable[str | Path],
        *,
        folder: str | Path | None = None,
        progress: Progress | None = None,
    ) -> AcqImageList:
        """Open these files, in this order; those that cannot be read become failures."""
        files = [FoundFile(Path(path), "", True) for path in paths]
        root = None if folder is None else Path(folder)
        return cls._opened(files, None, progress, None, root)

    @classmethod
    @_garbage_left_lying()
    def _opened(
        cls,
        files: Sequence[FoundFile],
        cached: Path | None,
        progress: Progress | None,
        results: Path | None,
        folder: Path | None,
    ) -> AcqImageList:
        images, failures = [], []
        for number, (file, header) in enumerate(read_headers(cached, files), 1):
            if isinstance(header, LoadError):
                failures.append(LoadFailure(file.path, header.reason))
            else:
                for one in _of_file(file.path, header):
                    if isinstance(one, LoadError):
                        failures.append(LoadFailure(file.path, one.reason))
                        continue
                    image = AcqImage.from_header(
                        file.path,
                        one,
                        has_sidecar=file.has_sidecar or one.image_count > 1 or results is not None,
                        results_folder=results,
                        folder=folder if results is not None else None,
                    )
                    images.append(image)
            if progress is not None:
                progress(number / len(files))
        opened = cls(images, failures=failures, folder=folder)
        opened.set_trait("results_folder", results)
        return opened

    def refresh(self) -> None:
        """Look at the folder again: new files join, unsaved recordings stay as they are."""
        if self.folder is None:
            return
        known: dict[Path | None, list[AcqImage]] = {}
        for image in self.images:
            known.setdefault(image.path, []).append(image)
        settings, unread = _settings_of(self.folder)
        files = find_recordings(self.folder, self.recursive, settings)
        new = [file for file in files if file.path not in known]
        opened = self._opened(new, None, None, self.results_folder, self.folder)
        for image in opened.images:
            known.setdefault(image.path, []).append(image)
        self.settings = settings
        self.failures = (*unread, *opened.failures)
        self.images = tuple(image for file in files for image in known.get(file.path, ()))

    @observe("settings", "images")
    def _declare(self, change: Any) -> None:
        joined = change["name"] == "images"
        if joined and self.settings == FolderSettings():
            return  # a selection of recordings leaves them what their folder declares
        known = {id(image) for image in change["old"] or ()} if joined else set()
        for image in self.images:
            if id(image) not in known:
                image.take_settings(self.settings, self.relative_path(image))

    @observe("images")
    def _images_changed(self, change: Any) -> None:
        for image in change["old"] or ():
            image.unobserve(self._image_dirty, "dirty")
        for image in change["new"]:
            image.observe(self._image_dirty, "dirty")
        self._image_dirty()

    def _image_dirty(self, change: Any = None) -> None:
        self.set_trait("dirty", any(image.dirty for image in self.images))

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[AcqImage]:
        return iter(self.images)

    @overload
    def __getitem__(self, which: int | str) -> AcqImage: ...
    @overload
    def __getitem__(self, which: slice) -> tuple[AcqImage, ...]: ...
    def __getitem__(self, which: int | str | slice) -> AcqImage | tuple[AcqImage, ...]:
        """A recording by position, by name, or by path relative to the folder."""
        if not isinstance(which, str):
            return self.images[which]
        for image in self.images:
            if which in (image.name, self.relative_path(image)):
                return image
        raise UnknownNameError(f"there is no recording {which!r} among {len(self)}")

    def __repr__(self) -> str:
        failed = f", {len(self.failures)} not readable" if self.failures else ""
        where = f" in {self.folder.name!r}" if self.folder else ""
        return f"AcqImageList({len(self)} recordings{where}{failed})"

    def relative_path(self, image: AcqImage) -> str:
        """Path of a recording within the folder, with forward slashes; else its name."""
        if image.path is None:
            return image.name
        path = relative_to(self.folder, image.path)
        # each image of a file is a recording of its own, and its path tells it from the others
        return f"{path} · {image.image_name}" if image.image_name else path

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
        for image in self.images:
            if not image.dirty:
                continue
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
                "path": relative_to(self.folder, failure.path),
                "name": failure.name,
                "problem": failure.reason,
            }
            for failure in self.failures
        ]
        table = pd.DataFrame(rows)
        # A file that cannot be read has no number of lines, which must not make them floats.
        return table.astype({name: "Int64" for name in COUNTS if name in table})

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
