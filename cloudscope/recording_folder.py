"""`RecordingFolder`: the recordings of a folder, opened, kept in order, and found by name."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, overload

from traitlets import Bool, HasTraits, Instance, observe

from cloudscope import loaders, sidecar
from cloudscope.acq_image import AcqImage
from cloudscope.analysis.execution import Progress
from cloudscope.errors import LoadError, ParameterError, UnknownNameError
from cloudscope.folder_listing import FoundFile, find_recordings, relative_to
from cloudscope.folder_settings import SETTINGS_NAME, FolderSettings
from cloudscope.header_cache import read_headers
from cloudscope.metadata import ImageHeader
from cloudscope.presets import check_declared
from cloudscope.trait_types import TupleOf

__all__ = ["LoadFailure", "RecordingFolder"]


@dataclass(frozen=True, slots=True)
class LoadFailure:
    """A file of the folder that could not be read, and why."""

    path: Path
    reason: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name


def _settings_of(folder: Path) -> tuple[FolderSettings, tuple[LoadFailure, ...]]:
    """What the folder declares; one that cannot be understood is left out, and said."""
    try:
        settings = FolderSettings.of_folder(folder)
        check_declared(settings)
    except LoadError as error:
        place, reason = Path(error.path), error.reason
    except ParameterError as error:
        place, reason = folder / SETTINGS_NAME, str(error)
    else:
        return settings, ()
    reason = f"the folder is opened without it: {reason}"
    return FolderSettings(), (LoadFailure(place, reason),)


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


class RecordingFolder(HasTraits):
    """The recordings of a folder and those of its files that could not be read."""

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
        self._unsaved: set[int] = set()  # of ten thousand, not asked one by one at each change
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
    ) -> Self:
        """Open all recordings of a folder, blind where they are read so.

        Only headers are read, and sidecars when needed.

        Each image of a file that holds several is a recording of its own. A file that cannot be
        read becomes a `LoadFailure` and the rest loads. Hidden files and folders are left out.

        Parameters
        ----------
        path : path-like
            A folder, or one recording.
        recursive : bool
            Whether to look into sub-folders.
        results_folder : path-like, optional
            Where sidecars are kept instead of beside the files, under the same relative paths; what
            the folder's ``cloudscope.toml`` says by default.
        progress : callable, optional
            Called with the finished share, 0 to 1.

        Raises
        ------
        LoadError
            If there is no such folder, or it cannot be listed.
        BlindingError
            If its blinding cannot be read, or only a part of the folder is read blind.
        """
        folder = Path(path)
        results = None if results_folder is None else Path(results_folder)
        if not folder.is_dir() or loaders.is_folder_recording(folder):
            if folder.exists():
                only = [FoundFile(folder, "", True)]
                opened = cls._opened(only, None, progress, results, folder.parent)
                if opened.failures:
                    raise LoadError(folder, opened.failures[0].reason)
                opened._opened_from()
                return opened
            raise LoadError(folder, "there is no such folder")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise LoadError(folder, "the folder cannot be read: permission denied")
        settings, unread = _settings_of(folder)
        if results is None and settings.results_folder:
            results = folder / settings.results_folder
        files = find_recordings(folder, recursive, settings)
        opened = cls._opened(files, folder, progress, results, folder)
        opened.settings = settings
        opened.recursive = recursive
        if results is None:
            kept_in = {file.path.parent for file in files}
        else:
            paths = (image.sidecar_path for image in opened)
            kept_in = {path.parent for path in paths if path is not None}
        opened.failures += (*unread, *_sweep(kept_in))
        opened._opened_from()
        return opened

    def _opened_from(self) -> None:
        """Called when the recordings of a folder are there, for what else the folder may hold."""

    @classmethod
    def from_files(
        cls,
        paths: Iterable[str | Path],
        *,
        folder: str | Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
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
    ) -> Self:
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

    @_garbage_left_lying()
    def read_sidecars(self, progress: Progress | None = None) -> None:
        """Read all sidecars now, instead of each when something in it is first asked for.

        Fit to run in a worker thread, before the recordings are shown.

        Parameters
        ----------
        progress : callable, optional
            Called with the finished share, 0 to 1.
        """
        for number, image in enumerate(self.images, 1):
            _ = image.rois
            if progress is not None:
                progress(number / len(self.images))

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
                image.take_settings(self.settings, self.true_path(image))

    @observe("images")
    def _images_changed(self, change: Any) -> None:
        for image in change["old"] or ():
            image.unobserve(self._image_dirty, "dirty")
        for image in change["new"]:
            image.observe(self._image_dirty, "dirty")
        self._image_dirty()

    def _image_dirty(self, change: Any = None) -> None:
        if change is None:
            self._unsaved = {id(image) for image in self.images if image.dirty}
        elif change["new"]:
            self._unsaved.add(id(change["owner"]))
        else:
            self._unsaved.discard(id(change["owner"]))
        self.set_trait("dirty", bool(self._unsaved))

    @property
    def unsaved(self) -> tuple[AcqImage, ...]:
        """The recordings with unsaved edits, in order; of thousands, not asked one by one."""
        if not self._unsaved:
            return ()
        return tuple(image for image in self.images if id(image) in self._unsaved)

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
        return f"{type(self).__name__}({len(self)} recordings{where}{failed})"

    def relative_path(self, image: AcqImage) -> str:
        """Path of a recording within the folder, with forward slashes; else its name.

        The code of one that is read blind.
        """
        return image.name if image.blinded else self.true_path(image)

    def true_path(self, image: AcqImage) -> str:
        """Path of a recording within the folder, also of one that is read blind."""
        if image.path is None:
            return image.true_name
        path = relative_to(self.folder, image.path)
        # each image of a file is a recording of its own, and its path tells it from the others
        return f"{path} · {image.image_name}" if image.image_name else path
