"""The log of the session, in a drawer: what was said, what went wrong, to read and to copy."""

from __future__ import annotations

import time
from collections.abc import Callable
from html import escape

import ipywidgets
import traitlets

from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.seldom import Seldom
from cloudscope.widgets.session_log import LogLine, SessionLog
from cloudscope.widgets.theme import heading_html
from cloudscope.widgets.wording import counted

__all__ = ["LogDrawer"]

_MOST_SHOWN = 300
"""The last lines on the screen; Copy takes all there are."""

_MARKS = {"said": "", "warning": "cs-warn", "error": "cs-bad"}


class LogDrawer(ipywidgets.VBox):
    """Shows a `SessionLog` while it is open; its parts are made when it is first opened.

    Parameters
    ----------
    log : SessionLog
    copy : callable
        Puts text on the user's clipboard.
    """

    children: tuple[ipywidgets.Widget, ...]

    shown = traitlets.Bool(False, read_only=True)
    """Whether the drawer is open."""

    def __init__(self, log: SessionLog, copy: Callable[[str], None]) -> None:
        super().__init__(_dom_classes=["cs-app-drawer", "cs-log"])
        self._log, self._copy = log, copy
        self._show_soon = Seldom(self._show, calm=4, every_s=0.25)
        self.layout.display = "none"
        log.observe(lambda _: self._grown(), "count")

    def toggle(self) -> None:
        """Open or close it."""
        if self.shown:
            self.hide()
            return
        if not self.children:
            self._build()
        self.set_trait("shown", True)
        self.layout.display = ""
        self._show()
        self.level.focus()

    def hide(self) -> None:
        """Close it; what was shown does not stay on the page."""
        self.set_trait("shown", False)
        self.layout.display = "none"
        if self.children:
            self._lines.value = ""

    def copy(self) -> None:
        """Put the lines of the level chosen on the clipboard."""
        lines = self._log.lines(self.level.value)
        self._copy(self._log.text(lines))
        self._said.value = f'<span role="status">{counted(len(lines), "lines")} copied</span>'

    def _build(self) -> None:
        self.level = ipywidgets.Dropdown(
            options=[
                ("everything", "said"),
                ("warnings and errors", "warning"),
                ("errors", "error"),
            ],
            description="Show",
        )
        self.copy_button = ipywidgets.Button(
            description="Copy", tooltip="Put these lines on the clipboard"
        )
        self.close_button = ipywidgets.Button(
            description="Close", tooltip="Close the log (L or Esc)"
        )
        self._said = ipywidgets.HTML(_dom_classes=["cs-dim"])
        self._lines = ipywidgets.HTML(_dom_classes=["cs-log-lines"])
        self.level.observe(lambda _: self._show(), "value")
        self.copy_button.on_click(lambda _: self.copy())
        self.close_button.on_click(lambda _: self.hide())
        row = ipywidgets.HBox(
            [FormField(self.level), self.copy_button, self.close_button, self._said],
            _dom_classes=["cs-row"],
        )
        heading = ipywidgets.HTML(heading_html("Log of this session"))
        self.children = (ipywidgets.VBox([heading, row, self._lines], _dom_classes=["cs-panel"]),)

    def _grown(self) -> None:
        if self.shown:
            self._show_soon()

    def _show(self) -> None:
        if not self.shown:
            return
        self._said.value = ""
        lines = self._log.lines(self.level.value)
        left = len(lines) - _MOST_SHOWN
        rows = "".join(_row(line) for line in reversed(lines[-_MOST_SHOWN:]))
        if not lines:
            rows = '<tr><td class="cs-dim">Nothing yet.</td></tr>'
        elif left > 0:
            more = f"{counted(left, 'lines')} before these: Copy takes all"
            rows += f'<tr><td colspan="3" class="cs-dim">{more}</td></tr>'
        self._lines.value = (
            '<div role="region" aria-label="Lines of the log, newest first" tabindex="0">'
            f'<table class="cs-log-table">{rows}</table></div>'
        )

    def close(self) -> None:
        """Follow the log no more."""
        self._show_soon.close()
        super().close()

    def __repr__(self) -> str:
        return f"LogDrawer({'shown' if self.shown else 'hidden'})"


def _row(line: LogLine) -> str:
    when = time.strftime("%H:%M:%S", time.localtime(line.at))
    kind = _MARKS[line.level]
    text = escape(line.shown)
    first, _, rest = text.partition("\n")
    if rest:
        text = f"<details><summary>{first}</summary><pre>{rest}</pre></details>"
    word = f'<span class="{kind}">{line.level}</span>' if kind else ""
    return f'<tr><td class="cs-dim">{when}</td><td>{word}</td><td>{text}</td></tr>'
