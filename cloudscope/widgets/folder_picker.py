"""`FolderPicker`: choose a folder on the machine where the kernel runs, below a root."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from cloudscope import loaders
from cloudscope.widgets.theme import error_html, theme_style

__all__ = ["FolderPicker"]

MOST = 2000
"""Most sub-folders listed."""


class FolderPicker(ipywidgets.VBox):
    """Path line, list of sub-folders, Up and Open; nothing outside `root` is ever reached.

    Parameters
    ----------
    root : path-like
        Top of what may be chosen.
    folder : path-like, optional
        Where to start; the root by default.

    Examples
    --------
    >>> import tempfile
    >>> picker = FolderPicker(tempfile.gettempdir())
    >>> picker.folder = "/"
    Traceback (most recent call last):
    ...
    traitlets.traitlets.TraitError: / is outside ...; choose a folder inside it
    """

    folder = traitlets.Any()
    """Folder looked at, a `Path`; assign a path to go there."""

    chosen = traitlets.Instance(Path, allow_none=True)
    """Folder that the user opened; observe it."""

    error = traitlets.Unicode("", read_only=True)
    """Why the last step was refused, or ``""``. Read-only."""

    def __init__(self, root: str | Path, folder: str | Path | None = None) -> None:
        self.root = Path(root).resolve()
        super().__init__()
        self.path = ipywidgets.Text(
            description="Folder", continuous_update=False, layout={"width": "auto", "flex": "1"}
        )
        self.up_button = ipywidgets.Button(description="↑ Up", tooltip="To the folder above")
        self.list = ipywidgets.Select(
            options=[], rows=8, description="Folders inside this one", layout={"width": "auto"}
        )
        self.list.add_class("cs-list")
        self.list.add_class("cs-name-unseen")
        self.enter_button = ipywidgets.Button(description="Look inside", tooltip="List its folders")
        self.open_button = ipywidgets.Button(description="Open")
        self.open_button.add_class("cs-primary")
        self._note = ipywidgets.HTML()
        self.path.observe(lambda change: self._typed(change["new"]), "value")
        self.list.observe(lambda _change: self._show_buttons(), "value")
        self.up_button.on_click(lambda _button: self.go(self.folder.parent))
        self.enter_button.on_click(lambda _button: self.go(self._picked()))
        self.open_button.on_click(lambda _button: self.choose())
        top = ipywidgets.HBox([self.path, self.up_button])
        top.add_class("cs-field")
        buttons = ipywidgets.HBox([self.open_button, self.enter_button])
        self.children = (theme_style(), top, self.list, self._note, buttons)
        self.add_class("cs-panel")
        self.add_class("cs-section")
        self.observe(lambda _change: self._show(), "folder")
        self.folder = folder or self.root

    @property
    def note(self) -> str:
        """What is said below the list, as HTML."""
        return str(self._note.value)

    def go(self, folder: str | Path) -> bool:
        """Look at a folder; a refusal is shown and returned as False."""
        try:
            self.folder = folder
        except traitlets.TraitError as error:
            self._say(str(error))
            return False
        return True

    def choose(self) -> None:
        """Choose the marked sub-folder, or the folder looked at where none is marked."""
        if self.go(self._picked()):
            self.chosen = self.folder

    @traitlets.validate("folder")
    def _inside(self, proposal: Any) -> Path:
        # resolved each time: a link may lead out, and may have been changed since it was listed
        wanted = Path(proposal["value"]).expanduser()
        folder = (self.root / wanted).resolve()
        if not folder.is_relative_to(self.root):
            raise traitlets.TraitError(
                f"{folder} is outside {self.root}; choose a folder inside it"
            )
        if not folder.is_dir():
            raise traitlets.TraitError(f"{folder} is no folder")
        if not os.access(folder, os.R_OK | os.X_OK):
            raise traitlets.TraitError(f"{folder} cannot be read: permission denied")
        return folder

    def _picked(self) -> Path:
        return Path(self.folder, self.list.value or "")

    def _typed(self, text: str) -> None:
        if text != str(self.folder):
            self.go(text)

    def _show(self) -> None:
        with os.scandir(self.folder) as entries:
            visible = sorted(
                (entry for entry in entries if not entry.name.startswith(".")),
                key=lambda entry: entry.name.casefold(),
            )
        recordings = [e for e in visible if _is_recording(e)]
        names = [e.name for e in visible if e.is_dir() and e not in recordings]
        files = len(recordings)
        self.list.options = [("(this folder)", ""), *((f"{name}/", name) for name in names[:MOST])]
        self.path.value = str(self.folder)
        self.up_button.disabled = self.folder == self.root
        more = f", {len(names) - MOST:,} more not listed" if len(names) > MOST else ""
        here = f"{_counted(files, 'recording')} here, {_counted(len(names), 'sub-folder')}{more}"
        self._say("")
        self._note.value = f'<div class="cs-hint">{here}</div>'
        self._show_buttons()

    def _show_buttons(self) -> None:
        self.enter_button.disabled = not self.list.value
        self.open_button.tooltip = f"Open {self._picked()}"

    def _say(self, sentence: str) -> None:
        self.set_trait("error", sentence)
        if sentence:
            self._note.value = error_html(sentence)

    def __repr__(self) -> str:
        return f"FolderPicker({str(self.folder)!r})"


def _is_recording(entry: os.DirEntry[str]) -> bool:
    """Whether a file, or a folder as of OME-Zarr, is named as a recording."""
    if entry.is_dir():
        return loaders.is_folder_recording(entry.name)
    return entry.is_file() and loaders.is_supported(Path(entry.path))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
