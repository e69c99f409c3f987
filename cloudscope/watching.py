"""Noticing what comes into a folder, changes in it, and leaves it, while a program goes on.

A thread looks at the folder every few seconds, and at once where the system tells of changes
(package ``watchfiles``). It only lists names, sizes and times; a network drive, of whose changes no
system tells, is therefore watched like any other. A new file counts once it is complete: when
neither its size nor its time has changed between two looks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cloudscope.folder_listing import FoundFile, find_recordings
from cloudscope.folder_settings import FolderSettings

__all__ = ["FolderChanges", "FolderWatch"]

log = logging.getLogger(__name__)

LOOK_EVERY_S = 4.0
"""Seconds between looks where the system tells nothing."""

LOOK_EVERY_WHEN_TOLD_S = 20.0
"""Seconds between looks where it does, for what it may not tell."""

SETTLED_AFTER_S = 1.0
"""A file that did not change for so long is complete."""

Known = dict[Path, str]


@dataclass(frozen=True, slots=True)
class FolderChanges:
    """What happened in a folder since the last look.

    Attributes
    ----------
    added : tuple of FoundFile
        Recordings that are new and complete.
    changed, removed : tuple of Path
        Recordings whose file was written again, or is no longer there.
    """

    added: tuple[FoundFile, ...] = ()
    changed: tuple[Path, ...] = ()
    removed: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)

    def __str__(self) -> str:
        parts = [
            f"{len(files)} {word}" if len(files) > 1 else f"{name} {word}"
            for files, word, name in (
                (self.added, "new", self.added[0].path.name if self.added else ""),
                (self.changed, "changed on disk", self.changed[0].name if self.changed else ""),
                (self.removed, "removed", self.removed[0].name if self.removed else ""),
            )
            if files
        ]
        return ", ".join(parts) or "nothing new"


class FolderWatch:
    """Watches a folder on a thread of its own, until `stop`.

    Parameters
    ----------
    folder : Path
    recursive : bool
    settings : FolderSettings
        What is left out.
    report : callable
        Called on the thread of the watch with `FolderChanges`.
    look_every_s : float, optional
        Seconds between looks; by default few where the system tells of no changes.
    """

    def __init__(
        self,
        folder: Path,
        *,
        recursive: bool,
        settings: FolderSettings,
        report: Callable[[FolderChanges], None],
        look_every_s: float | None = None,
    ) -> None:
        self._folder, self._recursive, self._settings = folder, recursive, settings
        self._report = report
        self._stop, self._wake = threading.Event(), threading.Event()
        self._known = self._look()
        self._unsettled: dict[Path, tuple[str, float]] = {}
        told = self._be_told() if look_every_s is None else False
        usual = LOOK_EVERY_WHEN_TOLD_S if told else LOOK_EVERY_S
        self._pause_s = usual if look_every_s is None else look_every_s
        threading.Thread(target=self._watch, name="cloudscope: watch", daemon=True).start()

    def stop(self) -> None:
        """No more looks, and no more reports but one that is under way."""
        self._stop.set()
        self._wake.set()

    def _look(self) -> dict[Path, str]:
        found = find_recordings(self._folder, self._recursive, self._settings)
        self._files = {file.path: file for file in found}
        return {file.path: _state(file.path) for file in found}

    def _be_told(self) -> bool:
        """Have the system wake the watch; whether it can."""
        try:
            import watchfiles
        except ImportError:  # the looks alone serve as well, a little later
            return False

        def listen() -> None:
            try:
                for _ in watchfiles.watch(
                    self._folder,
                    stop_event=self._stop,
                    recursive=self._recursive,
                    raise_interrupt=False,
                    watch_filter=None,
                    ignore_permission_denied=True,
                ):
                    self._wake.set()
            except (OSError, RuntimeError) as error:
                # too many folders for the system, for example
                log.warning("%s is looked at every few seconds only: %s", self._folder, error)
                self._pause_s = LOOK_EVERY_S

        threading.Thread(target=listen, name="cloudscope: told", daemon=True).start()
        return True

    def _watch(self) -> None:
        while not self._stop.is_set():
            pause = min(self._pause_s, SETTLED_AFTER_S) if self._unsettled else self._pause_s
            self._wake.wait(pause)
            self._wake.clear()
            if self._stop.is_set():
                return
            try:
                changes = self._compare()
            except OSError as error:  # a network drive may be away for a while
                log.warning("%s cannot be looked at now: %s", self._folder, error)
                continue
            if changes:
                self._report(changes)

    def _compare(self) -> FolderChanges:
        now, seen = time.monotonic(), self._look()
        settled: list[Path] = []
        unsettled: dict[Path, tuple[str, float]] = {}
        for path, state in seen.items():
            if self._known.get(path) == state:
                continue
            before, since = self._unsettled.get(path, ("", now))
            if state != before or state.startswith("0:"):
                unsettled[path] = (state, now)
            elif now - since < SETTLED_AFTER_S:
                unsettled[path] = (state, since)
            else:
                settled.append(path)
        self._unsettled = unsettled
        added = tuple(self._files[path] for path in settled if path not in self._known)
        changed = tuple(path for path in settled if path in self._known)
        removed = tuple(path for path in self._known if path not in seen)
        for path in settled:
            self._known[path] = seen[path]
        for path in removed:
            del self._known[path]
        return FolderChanges(added, changed, removed)


def _state(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return ""
    return f"{status.st_size}:{status.st_mtime_ns}"
