"""The bar between two panes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from cloudscope.widgets.theme import CSS

__all__ = ["Splitter"]


class Splitter(anywidget.AnyWidget):
    """A bar that sets the size of one pane, by mouse or by arrow keys.

    It writes ``value`` as ``<value>px`` into the CSS variable `variable` of its nearest ancestor
    that matches `container`; a CSS grid there uses it, for example
    ``grid-template-columns: var(--left) 6px minmax(200px, 1fr)``.

    Examples
    --------
    >>> bar = Splitter(variable="--left", value=340, minimum=200, maximum=600)
    >>> bar.value
    340
    """

    _esm = Path(__file__).parents[1] / "static" / "splitter.js"
    _css = CSS

    value = traitlets.Int(320).tag(sync=True)
    """Size of the pane in px, kept within the bounds; the browser writes it on release."""

    minimum = traitlets.Int(120).tag(sync=True)
    """Smallest size in px."""

    maximum = traitlets.Int(900).tag(sync=True)
    """Largest size in px."""

    variable = traitlets.Unicode("--left").tag(sync=True)
    """CSS variable that carries the size."""

    container = traitlets.Unicode(".cs-app").tag(sync=True)
    """CSS selector of the ancestor the variable is set on."""

    orientation = traitlets.Enum(["vertical", "horizontal"], "vertical").tag(sync=True)
    """Of the bar itself: a vertical bar stands between left and right."""

    reverse = traitlets.Bool(False).tag(sync=True)
    """Whether the sized pane is the one after the bar (right of it, or below)."""

    label = traitlets.Unicode("Resize the panes").tag(sync=True)
    """What a screen reader calls it."""

    @traitlets.validate("value")
    def _inside(self, proposal: Any) -> int:
        return int(min(max(proposal["value"], self.minimum), self.maximum))

    def __repr__(self) -> str:
        return f"Splitter({self.variable}: {self.value} px)"
