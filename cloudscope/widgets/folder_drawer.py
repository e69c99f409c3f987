"""The drawer below the bar: choose another folder, settle what is unsaved, open it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.folder_picker import FolderPicker
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.wording import counted

__all__ = ["ROOT_VARIABLE", "FolderDrawer"]

ROOT_VARIABLE = "CLOUDSCOPE_ROOT"
"""Environment variable that names the folder above which "Open…" does not go."""


class FolderDrawer(ipywidgets.VBox):
    """Opens another folder in the background, and asks first where edits would be lost.

    Parameters
    ----------
    status : StatusLine
        Told what happens.
    save : callable
        Saves all that is unsaved.
    opened : callable
        Given the `AcqImageList` that was opened.
    """

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings that would be left; written by Python."""

    shown = traitlets.Bool(False, read_only=True)
    """Whether the drawer is open."""

    def __init__(
        self,
        status: StatusLine,
        save: Callable[[], None],
        opened: Callable[[AcqImageList], None],
    ) -> None:
        super().__init__()
        self._status, self._save, self._opened = status, save, opened
        self._opening = BackgroundRun()
        self.add_class("cs-app-drawer")
        self.hide()

    def toggle_picker(self) -> None:
        """Show the folders there are to choose from, or close the drawer."""
        if self.shown:
            self.hide()
            return
        here = None if self.folder is None else self.folder.folder
        start = (here or Path.cwd()).resolve()
        root = Path(os.environ.get(ROOT_VARIABLE) or start.anchor).resolve()
        picker = FolderPicker(root, start if start.is_relative_to(root) else root)
        picker.observe(
            self._status.guarded("Open", lambda change: self.open_folder(change["new"])), "chosen"
        )
        self._show(picker)

    def open_folder(self, path: Path, *, ask: bool = True) -> None:
        """Open a folder; unsaved edits of the present one are asked about first."""
        if self._opening.running:
            self._status.say(f"{self._opening.title} is not done yet", "bad")
            return
        if ask and self.folder is not None and self.folder.dirty:
            self._ask_before_leaving(path)
            return
        self.hide()
        self._status.say(f"opening {path.name} …")

        results = _results_of(self.folder, path)

        def work(job: Job) -> AcqImageList:
            folder = AcqImageList.from_folder(
                path, results_folder=results, progress=lambda done: job.progress(0.5 * done)
            )
            folder.read_sidecars(lambda done: job.progress(0.5 + 0.5 * done))
            return folder

        def opened(folder: AcqImageList) -> None:
            self._opened(folder)
            unread = f", {len(folder.failures):,} not readable" if folder.failures else ""
            self._status.say(counted(len(folder), "recordings") + unread, "ok")

        self._opening.start(
            f"Opening {path.name}", work, on_done=opened, on_failed=self._status.fail
        )

    def hide(self) -> None:
        """Close the drawer."""
        self.set_trait("children", ())
        self.layout.display = "none"
        self.set_trait("shown", False)

    def _show(self, content: ipywidgets.Widget) -> None:
        panel = ipywidgets.VBox([content])
        panel.add_class("cs-panel")
        self.children = (panel,)
        self.layout.display = ""
        self.set_trait("shown", True)

    def _ask_before_leaving(self, path: Path) -> None:
        assert self.folder is not None
        count = len(self.folder.unsaved)
        have = "has" if count == 1 else "have"
        words = ipywidgets.HTML(f"<b>{counted(count, 'recordings')} {have} unsaved edits.</b>")
        save = ipywidgets.Button(description="Save and open")
        save.add_class("cs-primary")
        leave = ipywidgets.Button(description="Open without saving")
        leave.add_class("cs-danger")
        stay = ipywidgets.Button(description="Stay")

        def save_and_open(_button: Any) -> None:
            self._save()
            if self.folder is not None and not self.folder.dirty:
                self.open_folder(path)

        save.on_click(self._status.guarded("Save", save_and_open))
        leave.on_click(
            self._status.guarded("Open", lambda _button: self.open_folder(path, ask=False))
        )
        stay.on_click(lambda _button: self.hide())
        row = ipywidgets.HBox([words, save, leave, stay])
        row.add_class("cs-row")
        self._show(row)

    def __repr__(self) -> str:
        return f"FolderDrawer(shown={self.shown})"


def _results_of(folder: AcqImageList | None, path: Path) -> Path | None:
    """Where sidecars of a folder are kept: within the results folder of the one that holds it."""
    if folder is None or folder.results_folder is None or folder.folder is None:
        return None
    here, root = path.resolve(), folder.folder.resolve()
    if not here.is_relative_to(root):
        return None
    return folder.results_folder / here.relative_to(root)
