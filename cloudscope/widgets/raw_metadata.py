"""Everything a file says of itself, to be searched."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.wording import counted

__all__ = ["RawMetadata"]

MOST_SHOWN = 200
"""Entries shown at once; the words to look for narrow them down."""


class RawMetadata(ipywidgets.VBox):
    """The metadata of a recording as its file has them, with words to look for.

    They are read and shown when the user opens them, and not before.

    Parameters
    ----------
    image : AcqImage, optional
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording; assign another to show that."""

    shown = traitlets.Bool(False)
    """Whether they are open."""

    def __init__(self, image: AcqImage | None = None) -> None:
        super().__init__()
        self.button = ipywidgets.Button(
            description="All metadata of the file", tooltip="Everything the file says of itself"
        )
        self.button.on_click(lambda _: setattr(self, "shown", not self.shown))
        self.filter: ipywidgets.Text | None = None
        self._list: ipywidgets.HTML | None = None
        self._arrange()
        self.observe(lambda _: self._show(), ["image", "shown"])
        self.image = image

    def _show(self) -> None:
        self.button.description = "Hide metadata" if self.shown else "All metadata of the file"
        if not self.shown:
            self._arrange()
            return
        if self.filter is None or self._list is None:
            self.filter = ipywidgets.Text(
                placeholder="words to look for, such as laser", continuous_update=True
            )
            self.filter.add_class("cs-wide")
            self.filter.observe(lambda _: self._fill(), "value")
            self._list = ipywidgets.HTML()
        self._arrange(self.filter, self._list)
        self._fill()

    def _arrange(self, *opened: ipywidgets.Widget) -> None:
        self.children = (self.button, *opened)

    def _fill(self) -> None:
        if self._list is None or self.filter is None:
            return
        raw: Mapping[str, str] = {} if self.image is None else self.image.file_header.raw
        words = self.filter.value.lower().split()
        found = [
            (key, value)
            for key, value in raw.items()
            if all(word in f"{key} {value}".lower() for word in words)
        ]
        rows = "".join(
            f'<div><span class="cs-name">{escape(key)}</span>'
            f'<span class="cs-value">{escape(value)}</span></div>'
            for key, value in found[:MOST_SHOWN]
        )
        said = counted(len(found), "entries") if len(found) != 1 else "1 entry"
        if words:
            said += f" of {len(raw):,}"
        if len(found) > MOST_SHOWN:
            said += f", the first {MOST_SHOWN} here: type words to look for"
        self._list.value = (
            f'<div class="cs-hint" role="status">{escape(said)}</div>'
            f'<div class="cs-facts cs-raw">{rows}</div>'
        )
