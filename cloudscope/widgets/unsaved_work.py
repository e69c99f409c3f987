"""Edits not saved yet: kept aside while one works, offered again after a loss, or saved at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.recovery import Kept, Recovery, Snapshot, find_kept, recover
from cloudscope.saved_image import SavedImage
from cloudscope.veil import hide_names
from cloudscope.widgets.background_run import BackgroundRun
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.wording import counted

__all__ = ["UnsavedWork"]

REST_S = 1.5
"""How long the hand rests before edits are kept aside, or saved."""

_EDITS = ("corrections", "rois", "experiment", "accepted", "display", "results")


class UnsavedWork(ipywidgets.HBox):
    """Keeps edits aside, offers those of a session that was lost, and saves at once on request.

    It shows only where there is something to recover. Edits are kept a moment after the last of
    them, by a worker thread; in a script, which has no event loop, nothing is.

    Parameters
    ----------
    status : StatusLine
        Told what happens.
    save : callable
        Saves all that is unsaved.
    """

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings looked after; what was lost of them is offered."""

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording edited now."""

    autosave = traitlets.Bool(False)
    """Whether edits are saved by themselves, a moment after the last of them."""

    def __init__(self, status: StatusLine, save: Callable[[], None]) -> None:
        super().__init__(_dom_classes=["cs-app-notice-bar", "cs-recovery"])
        self._status, self._save = status, save
        self.recovery = Recovery()
        self._found: Mapping[SavedImage, Kept] = {}
        self._kept: set[SavedImage] = set()
        self._writing = BackgroundRun()
        self._timer: asyncio.TimerHandle | None = None
        self._words = ipywidgets.HTML(_dom_classes=["cs-app-notice"])
        self.recover_button = self._button(
            "Recover", "Bring these edits back; Undo takes them away again", self.bring_back
        )
        self.discard_button = self._button("Discard", "Give these edits up", self.discard)
        self.discard_button.add_class("cs-danger")
        self.later_button = self._button("Not now", "They are offered again next time", self.hide)
        self.toggle = ipywidgets.ToggleButton(
            description="Autosave",
            tooltip="Save by itself, a moment after each edit",
            _dom_classes=["cs-button", "cs-quiet"],
        )
        traitlets.link((self, "autosave"), (self.toggle, "value"))
        self.children = (self._words, self.recover_button, self.discard_button, self.later_button)
        self.layout.display = "none"
        self.observe(self._take_folder, "folder")
        self.observe(self._take_image, "image")
        self.observe(lambda _: self.note_edit(), "autosave")

    # ------------------------------------------------------------------ what was lost

    @property
    def found(self) -> Mapping[SavedImage, Kept]:
        """What is offered, by recording."""
        return self._found

    def bring_back(self) -> None:
        """Recover what is offered; a recording where that fails stops no other."""
        clashes, failed, back = [], [], 0
        for image, kept in list(self._found.items()):
            try:
                report = recover(image, kept)
                self.recovery.keep(image)  # before the older copy goes
                self._kept.add(image)
                kept.discard()
            except (CloudscopeError, OSError, ValueError, KeyError) as error:
                failed.append(f"{image.name}: {error}")
                continue
            back += 1
            named = [clash.where for clash in report.clashes]
            if named:
                clashes.append(f"{image.name}: {', '.join(named)} changed since, yours is shown")
            clashes += [f"{image.name}: {sentence}" for sentence in report.lost]
        words = f"edits of {counted(back, 'recordings')} are back and not saved yet"
        self.hide()
        self._status.say("; ".join([words, *clashes, *failed]), "bad" if failed else "ok")

    def discard(self) -> None:
        """Give up what is offered."""
        for kept in self._found.values():
            kept.discard()
        self._status.say(f"given up: edits of {counted(len(self._found), 'recordings')}")
        self.hide()

    def hide(self) -> None:
        """Offer nothing any more."""
        self._found = {}
        self.layout.display = "none"

    def _take_folder(self, change: Any) -> None:
        new = change["new"]
        self._kept.clear()
        self.hide()
        if new is None:
            return
        found = find_kept(new.images)
        self._found = {image: kept for image, kept in found.items() if not self._is_own(kept)}
        self.show_found()

    def show_found(self) -> None:
        """Offer what was found, in the words that hold now."""
        if self._found:
            newest = max(self._found.values(), key=lambda kept: kept.kept_at)
            self._words.value = f'<div role="alert">{_offer(newest, len(self._found))}</div>'
            self.layout.display = ""

    def _is_own(self, kept: Kept) -> bool:
        return self.recovery.is_own(kept)

    # ------------------------------------------------------------------ keeping aside

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._edited, list(_EDITS))
        if change["new"] is not None:
            change["new"].observe(self._edited, list(_EDITS))

    def _edited(self, change: Any) -> None:
        self.note_edit()

    def note_edit(self) -> None:
        """Keep aside what is unsaved once the hand rests.

        Edits of `image` are noticed; call it after those of other recordings.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(REST_S, self._status.guarded("Keeping edits", self.flush))

    def flush(self) -> None:
        """Keep aside now what is unsaved, or save it where that is wished."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._writing.running:
            self.note_edit()
            return
        if self.autosave and self.folder is not None and self.folder.dirty:
            self._save()
        snapshots, gone = self._due()
        if snapshots or gone:
            self._writing.start(
                "Keeping edits",
                lambda job: self._write(snapshots, gone),
                on_failed=self._status.fail,
            )

    def _due(self) -> tuple[list[Snapshot], list[SavedImage]]:
        """What is to be written, and the recordings of which nothing is unsaved any more."""
        snapshots = []
        for image in () if self.folder is None else self.folder.unsaved:
            if self.recovery.has_latest(image):
                continue
            snapshot = self.recovery.snapshot(image)
            if snapshot is not None:
                self._kept.add(image)
                snapshots.append(snapshot)
        gone = [known for known in self._kept if not known.dirty]
        self._kept.difference_update(gone)
        return snapshots, gone

    def _write(self, snapshots: list[Snapshot], gone: list[SavedImage]) -> None:
        for image in gone:
            self.recovery.forget(image)
        for snapshot in snapshots:
            self.recovery.write(snapshot)

    def close(self) -> None:
        """Keep what is unsaved, and let go of the model."""
        if sys.is_finalizing():  # a script has ended: it saves what it wants to keep
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._writing.running:  # else what was due is being written already
            try:
                self._write(*self._due())
            except CloudscopeError as error:
                self._status.fail(error)
        self.image = None
        self.folder = None
        super().close()

    def _button(self, text: str, tooltip: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip, _dom_classes=["cs-button"])
        button.on_click(self._status.guarded(text, lambda _button: act()))
        return button

    def __repr__(self) -> str:
        return f"UnsavedWork({counted(len(self._found), 'recordings')} to recover)"


def _offer(kept: Kept, count: int) -> str:
    when = datetime.fromisoformat(kept.kept_at).astimezone()
    what = f" ({escape(hide_names(kept.label))})" if kept.label else ""
    return (
        f"Unsaved edits were found in {counted(count, 'recordings')}, the last of "
        f"{when:%Y-%m-%d %H:%M}{what}: the page or its kernel ended before they were saved."
    )
