"""`WatchedFolder`: a folder of recordings that new files join while one works."""

from __future__ import annotations

import asyncio
import queue
import weakref
from collections.abc import Callable

from traitlets import Bool, Instance

from cloudscope.acq_image import AcqImage
from cloudscope.errors import CloudscopeError
from cloudscope.folder_listing import natural_key
from cloudscope.recording_folder import RecordingFolder
from cloudscope.watching import FolderChanges, FolderWatch

__all__ = ["WatchedFolder"]

Apply = Callable[[FolderChanges, RecordingFolder], None]


class WatchedFolder(RecordingFolder):
    """A folder whose changes are noticed, on request."""

    watching = Bool(False, read_only=True)
    """Whether the folder is watched. Read-only; see `watch`."""

    last_changes = Instance(FolderChanges, allow_none=True, read_only=True)
    """What the watch reported last. Read-only."""

    _watch: FolderWatch | None = None

    def watch(self, *, look_every_s: float | None = None) -> None:
        """Let new recordings join as soon as their files are complete, until `unwatch`.

        Traits change on the thread that called this: where an event loop runs (a notebook, the
        app) by itself, in a plain script when it calls `take_changes`. A recording whose file was
        written again keeps its edits and reads its pixels anew; one whose file was removed stays
        until `refresh`. Both are told in `last_changes`.

        Parameters
        ----------
        look_every_s : float, optional
            Seconds between looks at the folder. By default the system tells of changes where it
            can (package ``watchfiles``, ``pip install 'cloudscope[watch]'``); network drives are
            looked at every few seconds in any case.

        Raises
        ------
        CloudscopeError
            If these recordings are not those of a folder.
        """
        if self.watching:
            return
        if self.folder is None or not self.folder.is_dir():
            raise CloudscopeError("only a folder can be watched: open one with from_folder")
        waiting: queue.SimpleQueue[tuple[FolderChanges, RecordingFolder]] = queue.SimpleQueue()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None
        mine = weakref.ref(self)  # a list nobody has any more is not to be kept by its watch
        watch: FolderWatch | None = None

        def report(changes: FolderChanges) -> None:
            folder = mine()
            if folder is None or (loop is not None and loop.is_closed()):
                if watch is not None:
                    watch.stop()
                return
            # Reading headers may take its time, and is nothing of the loop's.
            opened = folder._opened(changes.added, None, None, folder.results_folder, folder.folder)
            waiting.put((changes, opened))
            if loop is not None:
                loop.call_soon_threadsafe(_take, mine, watch)

        self._waiting = waiting
        self._watch = watch = FolderWatch(
            self.folder,
            recursive=self.recursive,
            settings=self.settings,
            report=report,
            look_every_s=look_every_s,
        )
        weakref.finalize(self, watch.stop)
        self.set_trait("watching", True)

    def unwatch(self) -> None:
        """Stop watching."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self.set_trait("watching", False)

    def take_changes(self, timeout_s: float = 0.0) -> FolderChanges | None:
        """Take in what the watch has found, for scripts without an event loop.

        Parameters
        ----------
        timeout_s : float
            How long to wait for something.

        Returns
        -------
        FolderChanges or None
            ``None`` where nothing happened.
        """
        if self._watch is None:
            raise CloudscopeError("the folder is not watched: call watch() first")
        try:
            changes, opened = self._waiting.get(timeout=max(timeout_s, 1e-3))
        except queue.Empty:
            return None
        self._take_in(changes, opened)
        return changes

    def _take_in(self, changes: FolderChanges, opened: RecordingFolder) -> None:
        there = {image.path for image in self.images}
        new = [image for image in opened.images if image.path not in there]
        again = {*changes.changed, *(file.path for file in changes.added)}
        kept = [failure for failure in self.failures if failure.path not in again]
        changed = set(changes.changed)
        for image in self.images:
            if image.path in changed:
                image.release_pixels()
        if opened.failures or len(kept) < len(self.failures):
            self.failures = (*kept, *opened.failures)
        if new:
            self.images = tuple(sorted((*self.images, *new), key=_place))
        self.set_trait("last_changes", changes)


def _take(mine: weakref.ref[WatchedFolder], watch: FolderWatch | None) -> None:
    folder = mine()
    if folder is not None and folder._watch is watch and watch is not None:
        folder.take_changes()


def _place(image: AcqImage) -> tuple[object, ...]:
    return natural_key(str(image.path)), image.header.image_index
