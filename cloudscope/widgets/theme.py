"""Colours and shapes the widgets share: CSS variables ``--cs-*`` and classes ``cs-*``.

An anywidget takes `CSS` as its ``_css``; a panel of plain ipywidgets puts `theme_style` among
its children. Both follow the host's theme (JupyterLab, Notebook, Voila) and its live switch.
"""

from __future__ import annotations

from html import escape
from pathlib import Path

import ipywidgets

from cloudscope.veil import hide_names

__all__ = ["CSS", "error_html", "heading_html", "theme_style"]

CSS = Path(__file__).with_name("theme.css").read_text(encoding="utf-8")
"""The style sheet, as text."""


_styles: list[ipywidgets.HTML] = []  # the one in use


def theme_style() -> ipywidgets.HTML:
    """An invisible widget that brings `CSS` onto the page it is shown on.

    One serves all panels of a process: the style sheet goes to the browser once.
    """
    if not _styles or _styles[0].comm is None:  # none yet, or closed with all widgets
        _styles[:] = [ipywidgets.HTML(f"<style>{CSS}</style>", _dom_classes=["cs-theme"])]
    return _styles[0]


def heading_html(title: str, *pills: str, tone: str = "") -> str:
    """A section's heading, with short words in pills beside it; all text is escaped.

    Examples
    --------
    >>> heading_html("Velocity", "stale", tone="warn")
    '<div class="cs-heading">Velocity<span class="cs-pill cs-warn">stale</span></div>'
    """
    kind = f"cs-pill cs-{tone}" if tone else "cs-pill"
    marks = "".join(f'<span class="{kind}">{escape(pill)}</span>' for pill in pills)
    return f'<div class="cs-heading">{escape(title)}{marks}</div>'


def error_html(sentence: str) -> str:
    """A sentence that says what is wrong, announced to screen readers; ``""`` for none.

    Names of recordings that are read blind are not in it.
    """
    if not sentence:
        return ""
    return f'<div class="cs-error" role="alert">{escape(hide_names(sentence))}</div>'
