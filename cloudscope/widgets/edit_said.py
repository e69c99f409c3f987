"""What an edit of many recordings did, said where it was made, with the way back."""

from __future__ import annotations

from html import escape
from typing import Any

import ipywidgets

from cloudscope.metadata_edits import EditReport
from cloudscope.widgets.wording import counted

__all__ = ["EditSaid"]

MOST_LISTED = 8


class EditSaid(ipywidgets.VBox):
    """A sentence, what was kept and why, and an Undo for all of it."""

    def __init__(self) -> None:
        self._report: EditReport | None = None
        self._words = ipywidgets.HTML(_dom_classes=["cs-hint"])
        self.undo_button = ipywidgets.Button(
            description="Undo", tooltip="Take this back in every recording it changed"
        )
        self.undo_button.on_click(lambda _: self._undo())
        line = ipywidgets.HBox([self._words, self.undo_button], _dom_classes=["cs-row"])
        super().__init__([line], _dom_classes=["cs-section", "cs-said"])
        self.clear()

    @property
    def text(self) -> str:
        """What is said, without markup."""
        return self._text

    _text = ""

    def say(self, lead: str, report: EditReport) -> None:
        """Say what was done."""
        self._report = report
        self._show(lead + str(report), report.kept)
        self.undo_button.layout.display = "" if report.edited else "none"

    def clear(self) -> None:
        """Say nothing."""
        self._report = None
        self._text = ""
        self.layout.display = "none"

    def _undo(self) -> None:
        report, self._report = self._report, None
        if report is None:
            return
        others = report.undo()
        back = len(report.edited) - len(others)
        kept = tuple((name, "it was edited since: undo it there") for name in others)
        self._show(f"Taken back in {counted(back, 'recordings')}", kept)
        self.undo_button.layout.display = "none"

    def _show(self, sentence: str, kept: tuple[tuple[str, str], ...]) -> None:
        self._text = sentence
        lines: list[Any] = [f'<div role="status">{escape(sentence)}</div>']
        lines += [
            f'<div class="cs-dim">{escape(name)}: {escape(why)}</div>'
            for name, why in kept[:MOST_LISTED]
        ]
        if len(kept) > MOST_LISTED:
            lines.append(f'<div class="cs-dim">and {len(kept) - MOST_LISTED:,} more</div>')
        self._words.value = "".join(lines)
        self.layout.display = ""
