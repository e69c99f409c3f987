"""The bar above the app: where one is, undo, the verdict, save."""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets

from cloudscope.acq_image import AcqImage
from cloudscope.veil import hide_names
from cloudscope.widgets.wording import counted

__all__ = ["TopBar"]


_OPEN = "Open another folder"
_BLIND = {
    False: "Read the recordings without knowing which is which (B)",
    True: "Read blind: log, look behind a code, end (B)",
}


def _button(text: str, tooltip: str, *classes: str) -> ipywidgets.Button:
    return ipywidgets.Button(
        description=text, tooltip=tooltip, _dom_classes=["cs-button", *classes]
    )


class TopBar(ipywidgets.HBox):
    """Buttons that the app connects; shows what they would do."""

    def __init__(self) -> None:
        super().__init__()
        self._blind = False
        self._crumb = ipywidgets.HTML()
        self._crumb.add_class("cs-app-crumb")
        self.open_button = _button("Open…", _OPEN)
        self.previous_button = _button("‹", "Previous recording (K)", "cs-quiet")
        self.next_button = _button("›", "Next recording (J)", "cs-quiet")
        self.undo_button = _button("↶ Undo", "Undo", "cs-quiet")
        self.redo_button = _button("↷", "Redo", "cs-quiet")
        self.accept_button = _button("✓ Accept", "Accept this recording (A)", "cs-quiet")
        self.reject_button = _button("✗ Reject", "Reject this recording (X)", "cs-quiet")
        self.blind_button = _button("Blind", _BLIND[False], "cs-quiet")
        self.save_button = _button("Save", "Save all that is unsaved (Ctrl/⌘ S)")
        self.help_button = _button("?", "Keyboard (?)", "cs-quiet")
        space = ipywidgets.HTML()
        space.add_class("cs-app-space")
        brand = ipywidgets.HTML('<span class="cs-app-brand">cloudscope</span>')
        self.children = (
            brand,
            self.open_button,
            self._crumb,
            space,
            self.previous_button,
            self.next_button,
            self.undo_button,
            self.redo_button,
            self.accept_button,
            self.reject_button,
            self.blind_button,
            self.save_button,
            self.help_button,
        )
        self.add_class("cs-app-top")
        self.show_image(None)
        self.show_unsaved(0)

    def put_beside_folder(self, button: ipywidgets.Widget) -> None:
        """Show a button behind the name of the folder."""
        at = self.children.index(self._crumb) + 1
        self.children = (*self.children[:at], button, *self.children[at:])

    def put_before_save(self, button: ipywidgets.Widget) -> None:
        """Show a button to the left of Save."""
        at = self.children.index(self.save_button)
        self.children = (*self.children[:at], button, *self.children[at:])

    def show_folder(self, folder: Path | None, count: int, unread: int = 0) -> None:
        """Say which folder is open, and how many of its files could and could not be read."""
        if self._blind:
            how_many = counted(count, "recordings")
            self._crumb.value = f"<span>read blind · {how_many}</span>"
            return
        if folder is None:
            where = ""
        else:
            whole = folder.resolve()
            parts = whole.relative_to(whole.anchor).parts[-3:]
            where = " / ".join(parts) or whole.anchor
        how_many = counted(count, "recordings") + (f", {unread:,} not readable" if unread else "")
        words = f"{where} · {how_many}" if where else how_many
        title = escape(str(folder or ""), quote=True)
        self._crumb.value = f'<span title="{title}">{escape(words)}</span>'

    def show_image(self, image: AcqImage | None) -> None:
        """Say what undo and redo would do, and the verdict."""
        undo = None if image is None else hide_names(image.undo_label or "")
        redo = None if image is None else hide_names(image.redo_label or "")
        self.undo_button.disabled = not undo
        self.undo_button.tooltip = f"Undo: {undo}" if undo else "Nothing to undo"
        self.redo_button.disabled = not redo
        self.redo_button.tooltip = f"Redo: {redo}" if redo else "Nothing to redo"
        verdict = None if image is None else image.accepted
        for button, meaning, tone in (
            (self.accept_button, True, "cs-is-accepted"),
            (self.reject_button, False, "cs-is-rejected"),
        ):
            button.disabled = image is None
            if verdict is meaning:
                button.add_class(tone)
            else:
                button.remove_class(tone)

    def show_blind(self, on: bool) -> None:
        """Say whether recordings are read blind; the list of folders would show names then."""
        self._blind = on
        self.blind_button.tooltip = _BLIND[on]
        if on:
            self.blind_button.add_class("cs-is-blind")
        else:
            self.blind_button.remove_class("cs-is-blind")
        self.blind_button.description = "Blind: on" if on else "Blind"
        self.open_button.disabled = on
        self.open_button.tooltip = (
            "The list of folders shows names: closed while read blind" if on else _OPEN
        )

    def show_unsaved(self, count: int) -> None:
        """Say how many recordings Save would write."""
        self.save_button.description = f"Save {count:,}" if count else "Save"
        self.save_button.disabled = not count
        if count:
            self.save_button.add_class("cs-primary")
        else:
            self.save_button.remove_class("cs-primary")

    def __repr__(self) -> str:
        return "TopBar()"
