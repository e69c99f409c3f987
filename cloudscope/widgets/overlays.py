"""What can lie over the app: the keys, and drawers; one Escape closes the topmost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import ipywidgets
import traitlets

from cloudscope.widgets.keys import keys_html

__all__ = ["HelpOverlay", "Overlay", "Overlays"]


class Overlay(Protocol):
    """Something that lies over the app and can be closed."""

    @property
    def shown(self) -> bool:
        """Whether it is on the screen."""

    def hide(self) -> None:
        """Close it."""

    def observe(self, handler: Callable[..., Any], names: Any) -> None:
        """Call `handler` when `shown` changes."""


class HelpOverlay(ipywidgets.HTML):
    """The table of keys."""

    shown = traitlets.Bool(False, read_only=True)
    """Whether it is on the screen."""

    def __init__(self) -> None:
        super().__init__(keys_html(), _dom_classes=["cs-app-help"])
        self.layout.display = "none"

    def hide(self) -> None:
        """Close it."""
        self.layout.display = "none"
        self.set_trait("shown", False)

    def toggle(self) -> None:
        """Show or close it."""
        if self.shown:
            self.hide()
        else:
            self.layout.display = ""
            self.set_trait("shown", True)


class Overlays:
    """Those of an app, the topmost first.

    Parameters
    ----------
    parts : Overlay
    changed : callable
        Told whether any of them is shown, whenever that may have changed.
    """

    def __init__(self, *parts: Overlay, changed: Callable[[bool], None]) -> None:
        self._parts, self._changed = parts, changed
        for part in parts:
            part.observe(lambda _: self._tell(), "shown")

    def close_topmost(self) -> None:
        """Close the topmost one that is shown."""
        for part in self._parts:
            if part.shown:
                part.hide()
                return

    def _tell(self) -> None:
        self._changed(any(part.shown for part in self._parts))
