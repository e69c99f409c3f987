"""Closing widgets with all that is in them."""

from __future__ import annotations

import ipywidgets

from cloudscope.widgets.theme import theme_style

__all__ = ["close_all"]


def close_all(widget: ipywidgets.Widget) -> None:
    """Close a widget and all in it, so that nothing of it stays in the page's state."""
    for child in getattr(widget, "children", ()):
        if child is not theme_style():
            close_all(child)
    widget.close()
