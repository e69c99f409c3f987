"""`App`: a folder of recordings to look at, mark, measure, judge and save, on one screen."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.analysis_section import AnalysisSection
from cloudscope.widgets.blind_drawer import BlindDrawer
from cloudscope.widgets.blind_session import BlindSession
from cloudscope.widgets.folder_drawer import FolderDrawer
from cloudscope.widgets.log_drawer import LogDrawer
from cloudscope.widgets.measure_panel import MeasurePanel
from cloudscope.widgets.overlays import HelpOverlay, Overlays
from cloudscope.widgets.page import Page
from cloudscope.widgets.panels import PanelTabs
from cloudscope.widgets.recording_view import RecordingView
from cloudscope.widgets.saving import save_all
from cloudscope.widgets.seldom import Seldom
from cloudscope.widgets.session_log import SessionLog
from cloudscope.widgets.splitter import Splitter
from cloudscope.widgets.status_line import StatusLine, recording_words
from cloudscope.widgets.table import FileTable
from cloudscope.widgets.theme import theme_style
from cloudscope.widgets.thumbnail import with_picture
from cloudscope.widgets.top_bar import TopBar
from cloudscope.widgets.unsaved_work import UnsavedWork
from cloudscope.widgets.viewer import KymographViewer
from cloudscope.widgets.watch_toggle import WatchToggle
from cloudscope.widgets.wording import counted

__all__ = ["App"]


class App(ipywidgets.Box):
    """The whole of cloudscope in one notebook cell, or in a dashboard.

    A view on plain objects: `folder` is an `AcqImageList`, `image` the `AcqImage` shown. Whatever
    a button does, a cell can do with these, and gets the same numbers.

    Parameters
    ----------
    recordings : path-like or AcqImageList
        A folder, one file, or recordings already open.
    results_folder : path-like, optional
        Where sidecars are kept instead of beside the files of a folder that is opened here.
    height_px : int, optional
        Height in a notebook cell. A dashboard fills its window.

    Raises
    ------
    LoadError
        If there is no such folder, or the one file cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((200, 20)), line_period_s=0.001, pixel_size_um=0.5)
    >>> app = App(AcqImageList([image]))
    >>> app
    App(1 recording)
    >>> app.image is image
    True
    """

    folder = traitlets.Instance(AcqImageList)
    """The recordings; assign another list to show that."""

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown; assign one of the folder's to show it."""

    status: StatusLine
    session_log: SessionLog
    page: Page
    viewer: KymographViewer
    tabs: PanelTabs

    def __init__(
        self,
        recordings: str | Path | AcqImageList,
        *,
        results_folder: str | Path | None = None,
        height_px: int | None = None,
    ) -> None:
        if isinstance(recordings, AcqImageList):
            folder = recordings
        else:
            folder = AcqImageList.from_folder(recordings, results_folder=results_folder)
        super().__init__()
        self._build(folder)
        self._arrange(height_px)
        self._connect()
        self.folder = folder
        self._open_panels()
        self._blinding = BlindSession(self)
        self._blinding.follow(folder)
        if folder.images:
            self.image = folder.images[0]
        elif folder.failures:
            self.table.selected = 0

    def __repr__(self) -> str:
        return f"App({counted(len(self.folder), 'recordings')})"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        bundle = super()._repr_mimebundle_(**kwargs)
        if bundle is None or self.viewer.image is None or self.viewer.problem:
            return bundle
        return with_picture(bundle, self.viewer.thumbnail(), repr(self))

    def close(self) -> None:
        """Stop what runs, and let go of the recordings and of the browser's part."""
        if sys.is_finalizing():  # a script has ended: nobody looks any more
            return
        self.measure.run.cancel()  # made at the start: it is the panel shown first
        self._blinding.leave()
        self._watch_dirty(self.folder, False)
        self.folder.unobserve(self._dirty_changed, ["dirty", "images", "failures"])
        self._show_soon.close()
        self.image = None
        for part in (self.unsaved, self.watch, self.table, self.view, self.tabs):
            part.close()
        self.blind.close()
        self.log_drawer.close()
        self.session_log.close()
        super().close()

    # ------------------------------------------------------------------ building

    def _build(self, folder: AcqImageList) -> None:
        self._show_soon = Seldom(self._show_state)
        self.session_log = SessionLog()
        self.status = StatusLine(self.session_log)
        self.page = Page()
        self.top = TopBar()
        self.watch = WatchToggle(self.status)
        self.top.put_beside_folder(self.watch)
        self.table: FileTable = FileTable(
            folder, remembers=True, layout={"height": "100%", "width": "100%"}
        )
        self.view = RecordingView(self.status, copy=self.page.copy)
        self.viewer = self.view.viewer
        self._drawer = FolderDrawer(self.status, self.save, self._folder_opened)
        self.blind = BlindDrawer(self.status, lambda: self._blinding.parameters())
        self.log_drawer = LogDrawer(self.session_log, self.page.copy)
        self._help = HelpOverlay()
        self.unsaved = UnsavedWork(self.status, self.save)
        self.top.put_before_save(self.unsaved.toggle)

    def _arrange(self, height_px: int | None) -> None:
        left, self._right = ipywidgets.Box([self.table]), ipywidgets.Box()
        left.add_class("cs-app-left")
        self._right.add_class("cs-app-right")
        body = ipywidgets.Box(
            [
                left,
                Splitter(variable="--left", value=380, minimum=180, maximum=900,
                         label="Width of the list of recordings"),
                self.view,
                Splitter(variable="--right", value=330, minimum=240, maximum=700, reverse=True,
                         label="Width of the panels"),
                self._right,
            ]
        )  # fmt: skip
        body.add_class("cs-app-body")
        self.children = (
            theme_style(),
            self.page,
            self.top,
            self._drawer,
            self.blind,
            self.log_drawer,
            self.unsaved,
            body,
            self.status,
            self._help,
        )
        self.add_class("cs-app")
        if height_px is not None:
            self.layout.height = f"{height_px}px"

    def _connect(self) -> None:
        guarded = self.status.guarded
        top = self.top
        for button, doing, action in (
            (top.previous_button, "Previous", lambda: self.table.move(-1)),
            (top.next_button, "Next", lambda: self.table.move(1)),
            (top.undo_button, "Undo", self.undo),
            (top.redo_button, "Redo", self.redo),
            (top.accept_button, "Accept", lambda: self.judge(True)),
            (top.reject_button, "Reject", lambda: self.judge(False)),
            (top.save_button, "Save", self.save),
            (top.open_button, "Open", self._drawer.toggle_picker),
            (top.blind_button, "Blind", self.blind.toggle),
            (top.help_button, "Keyboard", self._help.toggle),
        ):
            button.on_click(guarded(doing, lambda _button, action=action: action()))
        self._overlays = Overlays(
            self._help,
            self.log_drawer,
            self.blind,
            self._drawer,
            changed=lambda any_shown: setattr(self.page, "overlay", any_shown),
        )
        self.page.on_action(guarded("A key", self._act))
        # First of all who follow the image: what the others have to say of it comes after.
        self.observe(guarded("Opening", self._take_image), "image")
        traitlets.link((self, "image"), (self.table, "selected_image"))
        traitlets.dlink((self, "image"), (self.view, "image"))
        traitlets.dlink((self, "image"), (self.unsaved, "image"))
        traitlets.dlink((self, "image"), (self.blind, "image"))
        self.table.observe(guarded("Selecting", self._row_selected), "selected")
        self.observe(guarded("Opening", self._take_folder), "folder")

    def _open_panels(self) -> None:
        self.tabs = PanelTabs(self, opened="Measure")
        self._right.children = (self.tabs,)
        self.view.stack.preview.follow(self.measure)
        for section in self.measure.sections.values():
            section.when_built(partial(self._connect_fix, section))

    def _connect_fix(self, section: AnalysisSection) -> None:
        section.body.fix_button.on_click(lambda _: self.show_tab("Metadata"))

    # ------------------------------------------------------------------ following the model

    def _take_folder(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        if isinstance(old, AcqImageList):
            old.unobserve(self._dirty_changed, ["dirty", "images", "failures"])
            self._watch_dirty(old, False)
        self.top.show_blind(new.blinded)  # before anything is said of it
        new.observe(self._dirty_changed, ["dirty", "images", "failures"])
        self._watch_dirty(new, True)
        if self.table.folder is not new:
            self.image = None
            self.table.folder = new
        self._drawer.folder = new
        self.watch.folder = self.unsaved.folder = self.blind.folder = new
        self.show_folder()
        self._show_unsaved()
        if not new.images:
            self.view.show_message(
                "There are no recordings in this folder."
                if not new.failures
                else "None of the files in this folder could be read.",
                "" if new.failures else "Open… chooses another one.",
            )
        if isinstance(old, AcqImageList):
            self._blinding.follow(new)

    def _watch_dirty(self, folder: AcqImageList, on: bool) -> None:
        for image in folder.images:
            (image.observe if on else image.unobserve)(self._dirty_changed, "dirty")

    def _dirty_changed(self, change: Any) -> None:
        if change["name"] == "images":
            for image in change["old"]:
                image.unobserve(self._dirty_changed, "dirty")
            self._watch_dirty(self.folder, True)
        self.unsaved.note_edit()
        self._show_soon()

    def _show_state(self) -> None:
        self.show_folder()
        self._show_unsaved()

    def show_folder(self) -> None:
        """Say which folder is open, unless its recordings are read blind."""
        self.top.show_folder(self.folder.folder, len(self.folder), len(self.folder.failures))

    def _show_unsaved(self) -> None:
        names = [image.name for image in self.folder.unsaved]
        self.top.show_unsaved(len(names))
        self.page.unsaved = len(names)
        self.status.show_unsaved(names)

    def _take_image(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        names = ["undo_label", "redo_label", "accepted", "header"]
        if isinstance(old, AcqImage):
            old.unobserve(self._image_edited, names)
        if new is not None:
            new.observe(self._image_edited, names)
        self.status.say("")
        self._image_edited()

    def _image_edited(self, change: Any = None) -> None:
        if change is not None and change["name"] == "undo_label":
            self.status.say("")  # what was said is of an earlier state
        self.top.show_image(self.image)
        self._show_place()

    def _show_place(self) -> None:
        total = len(self.folder.images) + len(self.folder.failures)
        if self.image is not None:
            at = self.folder.images.index(self.image) + 1
            self.status.show_place(f"{at:,} of {total:,} · {recording_words(self.image)}")
        elif (failure := self.table.failure_of(self.table.selected)) is not None:
            self.status.show_place(f"{self.folder.name_of(failure)} cannot be read")
        else:
            self.status.show_place(counted(total, "recordings"))

    def _row_selected(self, change: Any) -> None:
        failure = self.table.failure_of(change["new"])
        if failure is not None:
            name, reason = self.folder.name_of(failure), self.folder.reason_of(failure)
            self.view.show_message(f"{name} cannot be read", reason)
        elif change["new"] is None and self.folder.images:
            self.view.show_message("Choose a recording.")
        self._show_place()

    # ------------------------------------------------------------------ actions

    def _act(self, action: str) -> None:
        actions = {
            "next": lambda: self.table.move(1),
            "previous": lambda: self.table.move(-1),
            "accept": lambda: self.judge(True),
            "reject": lambda: self.judge(False),
            "next_to_judge": lambda: self.panel("Review").go_on(),
            "note": self._write_note,
            "save": self.save,
            "undo": self.undo,
            "redo": self.redo,
            "blind": self.blind.toggle,
            "log": self.log_drawer.toggle,
            "help": self._help.toggle,
            "close": self._overlays.close_topmost,
        }
        actions[action]()

    def _write_note(self) -> None:
        self.show_tab("Review")
        self.panel("Review").write()

    def show_tab(self, title: str) -> None:
        """Bring a panel to the front, by the title of its tab."""
        self.tabs.show(title)

    def panel(self, title: str) -> Any:
        """The panel whose tab has this title; it is made now if it was never opened.

        Raises
        ------
        UnknownNameError
            If there is no such panel.
        """
        return self.tabs.panel(title)

    @property
    def measure(self) -> MeasurePanel:
        """The Measure panel."""
        measure: MeasurePanel = self.panel("Measure")
        return measure

    def judge(self, accept: bool | None) -> None:
        """Accept or reject the recording shown; the same verdict again takes it back."""
        image = self.image  # a review goes on to another one by itself
        if image is None:
            return
        image.accepted = None if image.accepted is accept else accept
        words = {True: "accepted", False: "rejected", None: "undecided"}[image.accepted]
        self.status.say(f"{image.name}: {words}")

    def undo(self) -> None:
        """Take back the last edit of the recording shown."""
        label = self._step_in_history(AcqImage.undo)
        self.status.say(f"undone: {label}" if label else "nothing to undo")

    def redo(self) -> None:
        """Do the last undone edit of the recording shown again."""
        label = self._step_in_history(AcqImage.redo)
        self.status.say(f"done again: {label}" if label else "nothing to redo")

    def _step_in_history(self, step: Callable[[AcqImage], str | None]) -> str | None:
        if self.image is None:
            return None
        before = {roi.roi_id for roi in self.image.rois}
        label = step(self.image)
        back = [roi.roi_id for roi in self.image.rois if roi.roi_id not in before]
        if back:  # what came back is what is looked at, with its results
            self.viewer.selected_roi_id = back[-1]
        return label

    def save(self) -> None:
        """Save every recording with unsaved edits; one that cannot be saved stops no other."""
        save_all(self.folder, self.view, self.status)

    # ------------------------------------------------------------------ other folders, help

    def open_folder(self, path: str | Path) -> None:
        """Open another folder; unsaved edits of this one are asked about first."""
        self._drawer.open_folder(Path(path))

    def _folder_opened(self, folder: AcqImageList) -> None:
        self.folder = folder
        self.image = folder.images[0] if folder.images else None
