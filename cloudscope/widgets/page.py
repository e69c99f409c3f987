"""The app's hand on the page that shows it: keys, clipboard, a warning before work is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from cloudscope.veil import hide_names
from cloudscope.widgets.keys import keys_for_page

__all__ = ["Page"]


class Page(anywidget.AnyWidget):
    """Invisible part of the app in the browser.

    Keys count while the focus is inside the app (in Voila: anywhere on the page) and no text is
    being typed; the host never sees those the app takes.
    """

    _esm = Path(__file__).parents[1] / "static" / "page.js"
    _css = Path(__file__).with_name("app.css")

    shortcuts = traitlets.List(traitlets.Dict()).tag(sync=True)
    """Shortcuts to hand over; written by Python."""

    overlay = traitlets.Bool(False).tag(sync=True)
    """Whether something lies over the app that Escape closes; written by Python."""

    unsaved = traitlets.Int(0).tag(sync=True)
    """How many recordings have unsaved edits; the page warns before it is left."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(shortcuts=keys_for_page(), **traits)
        self._handlers: list[Callable[[str], None]] = []
        self.on_msg(self._receive)

    def on_action(self, handler: Callable[[str], None]) -> None:
        """Call `handler` with the action of each shortcut pressed."""
        self._handlers.append(handler)

    def copy(self, text: str) -> None:
        """Put text on the clipboard of the person looking at the page; no name read blind."""
        self.send({"kind": "copy", "text": hide_names(text)})

    def _receive(self, _widget: Any, message: dict[str, Any], _buffers: list[Any]) -> None:
        if message.get("kind") == "action":
            for handler in self._handlers:
                handler(str(message["action"]))

    def __repr__(self) -> str:
        return "Page()"
