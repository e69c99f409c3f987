"""`WatchToggle`: the button that lets new recordings join while one works."""

from __future__ import annotations

import os
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.widgets.status_line import StatusLine

__all__ = ["WATCH_VARIABLE", "WatchToggle"]

WATCH_VARIABLE = "CLOUDSCOPE_WATCH"
"""Environment variable that has the app watch its folder from the start."""


class WatchToggle(ipywidgets.ToggleButton):
    """Watches the folder shown while it is pressed; the next one too, where that is opened.

    Parameters
    ----------
    status : StatusLine
        Told what came, changed or went.
    """

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings; written by Python."""

    def __init__(self, status: StatusLine) -> None:
        super().__init__(description="Watch", _dom_classes=["cs-quiet", "cs-watch"])
        self._status = status
        self._asked = bool(os.environ.get(WATCH_VARIABLE))
        self.observe(status.guarded("Watch", self._take_folder), "folder")
        self.observe(status.guarded("Watch", self._pressed), "value")
        self._show()

    def _take_folder(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        if isinstance(old, AcqImageList):
            old.unobserve(self._told, "last_changes")
            old.unwatch()
        if new is None:
            self._show()
            return
        new.observe(self._told, "last_changes")
        can = new.folder is not None
        if self._asked and can:
            self._asked, self.value = False, True
        elif self.value and can:
            new.watch()
        elif self.value:
            self.value = False
        self._show()

    def _pressed(self, change: Any) -> None:
        if self.folder is None:
            return
        if not change["new"]:
            self.folder.unwatch()
            self._status.say("the folder is not watched any more")
        elif not self.folder.watching:
            try:
                self.folder.watch()
            except (CloudscopeError, OSError):
                self.value = False
                raise
            self._status.say("watching: new recordings join when their files are complete")
        self._show()

    def _told(self, change: Any) -> None:
        changes = change["new"]
        if changes.changed:
            self._status.say(f"{changes}; open it again to see what it says now", "bad")
        else:
            self._status.say(str(changes), "ok")

    def _show(self) -> None:
        can = self.folder is not None and self.folder.folder is not None
        self.disabled = not can
        self.icon = "eye" if self.value else ""
        if not can:
            self.tooltip = "These recordings are not those of a folder"
        elif self.value:
            self.tooltip = "New recordings join by themselves; press to stop"
        else:
            self.tooltip = "Let new recordings of the folder join by themselves"

    def close(self) -> None:
        """Watch no more, and close the browser's part."""
        self.folder = None
        super().close()

    def __repr__(self) -> str:
        return f"WatchToggle({'on' if self.value else 'off'})"
