"""The app's keyboard, in one table: what is handled, what the help shows, what docs print."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from html import escape
from typing import Any

__all__ = ["KEYS", "Key", "keys_for_page", "keys_html"]


@dataclass(frozen=True, slots=True)
class Key:
    """One shortcut.

    Attributes
    ----------
    key : str
        The browser's name of the key, in lower case.
    action : str
        Name of the app's action, or ``""`` where a part of the app handles it itself.
    title : str
        What it does.
    modifier : bool
        Whether Ctrl (or Cmd) is held.
    shift : bool
        Whether Shift is held with the modifier.
    shown : str
        How people write it; the key itself by default.
    where : str
        Where it works, if not everywhere in the app.
    """

    key: str
    action: str
    title: str
    modifier: bool = False
    shift: bool = False
    shown: str = ""
    where: str = ""

    @property
    def label(self) -> str:
        """How people write it."""
        if self.shown:
            return self.shown
        parts = ["Ctrl/⌘"] * self.modifier + ["Shift"] * self.shift + [self.key.upper()]
        return " ".join(parts)


KEYS: tuple[Key, ...] = (
    Key("j", "next", "next recording"),
    Key("k", "previous", "previous recording"),
    Key("↑ ↓", "", "previous and next recording", shown="↑ ↓", where="table"),
    Key("/", "", "filter the table", where="table"),
    Key("rows", "", "select more rows; click with Shift or Ctrl", shown="Shift ↑ ↓", where="table"),
    Key("all", "", "select all rows shown; Esc: one again", shown="Ctrl/⌘ A", where="table"),
    Key("copy", "", "copy the rows for a spreadsheet", shown="Ctrl/⌘ C", where="table"),
    Key("fold", "", "close and open a group", shown="← →", where="table"),
    Key("head", "", "move a column", shown="Alt ← →", where="head of a column"),
    Key("a", "accept", "accept the recording; again: undecided"),
    Key("x", "reject", "reject the recording; again: undecided"),
    Key("n", "next_to_judge", "next recording to judge, in the order of the table"),
    Key("w", "note", "write a note on the recording"),
    Key("s", "save", "save all that is unsaved", modifier=True),
    Key("z", "undo", "undo", modifier=True),
    Key("z", "redo", "redo", modifier=True, shift=True),
    Key("y", "redo", "redo", modifier=True),
    Key("wheel", "", "zoom in time; with Shift pan", shown="wheel", where="image, traces"),
    Key("drag", "", "pan", shown="drag", where="traces"),
    Key("0", "", "fit the whole recording", where="traces"),
    Key("b", "blind", "read blind: start, log, end", where="outside the picture"),
    Key("l", "log", "show or hide the log", where="outside the picture"),
    Key("?", "help", "show or hide these keys"),
    Key("escape", "", "close what lies over the app", shown="Esc"),
)
"""Every shortcut of the app."""


def keys_for_page() -> list[dict[str, Any]]:
    """The keys that the page hands to the app."""
    return [asdict(key) for key in KEYS if key.action]


def keys_html() -> str:
    """The table of keys for the help overlay."""
    rows = "".join(
        f"<tr><td><kbd>{escape(key.label)}</kbd></td><td>{escape(key.title)}</td>"
        f'<td class="cs-dim">{escape(key.where)}</td></tr>'
        for key in KEYS
    )
    return f'<table class="cs-keys"><caption>Keyboard</caption>{rows}</table>'
