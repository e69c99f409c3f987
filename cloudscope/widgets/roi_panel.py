"""`RoiPanel`: the regions of interest of a recording as a list, with their bounds to type."""

from __future__ import annotations

from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.roi import Roi
from cloudscope.widgets.bound_text import bound_from_text
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.roi_exchange import RoiExchange
from cloudscope.widgets.theme import heading_html, theme_style

__all__ = ["RoiPanel"]

_BOUNDS = {
    "row_start": "First line",
    "row_stop": "End line",
    "col_start": "First pixel",
    "col_stop": "End pixel",
}
_COLORS = {
    "by number": "", "red": "#ff4d4d", "orange": "#ff9f1c", "yellow": "#ffd60a",
    "green": "#4cd964", "cyan": "#3ec9ff", "blue": "#5e8bff", "violet": "#b07cff",
    "magenta": "#ff5ec4", "white": "#ffffff",
}  # fmt: skip


class RoiPanel(ipywidgets.VBox):
    """List of ROIs and an editor of the selected one, both bound to the recording.

    Parameters
    ----------
    image : AcqImage, optional

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((50, 8)))
    >>> panel = RoiPanel(image)
    >>> panel.add()
    >>> panel.selected_roi_id, image.rois[0].bounds
    (1, (0, 50, 0, 8))
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording; assign another to show that."""

    selected_roi_id = traitlets.Int(None, allow_none=True)
    """The ROI being edited; None for none (the whole recording). Link it to a viewer's."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """Recordings that ROIs can be copied to; ``None`` for no others."""

    error = traitlets.Unicode("", read_only=True)
    """Why the last edit was refused, or ``""``. Read-only."""

    def __init__(self, image: AcqImage | None = None) -> None:
        super().__init__()
        self._showing = False
        self.list = ipywidgets.Select(
            options=[], rows=5, description="ROIs of this recording", layout={"width": "auto"}
        )
        self.list.add_class("cs-list")
        self.list.add_class("cs-name-unseen")
        self.list.observe(self._picked, "value")
        self.add_button = _button("Add", "New ROI over the whole recording", self.add)
        self.duplicate_button = _button("Duplicate", "Copy of this ROI", self.duplicate)
        self.delete_button = _button("Delete", "Delete this ROI; Undo brings it back", self.delete)
        self.delete_button.add_class("cs-danger")
        self.width_button = _button("Full width", "All lines: the whole time", self.full_width)
        self.height_button = _button("Full height", "All positions of the line", self.full_height)
        self._empty = ipywidgets.HTML()
        self._empty.add_class("cs-hint")
        self._build_editor()
        self._heading = ipywidgets.HTML(heading_html("ROIs"))
        buttons = ipywidgets.HBox([self.add_button, self.duplicate_button, self.delete_button])
        buttons.add_class("cs-row")
        top = ipywidgets.VBox([self._heading, self.list, self._empty, buttons])
        top.add_class("cs-section")
        self._exchange: RoiExchange | None = None
        self._room = ipywidgets.Box(layout={"display": "block"})
        self.more_button = ipywidgets.ToggleButton(
            description="▸ Copy to other recordings, ImageJ",
            tooltip="Copy ROIs to other recordings; import and export them for ImageJ",
            layout={"align_self": "flex-start"},
            _dom_classes=["cs-quiet"],
        )
        self.more_button.observe(lambda change: self._show_exchange(change["new"]), "value")
        self.children = (theme_style(), top, self._editor, self.more_button, self._room)
        self.add_class("cs-panel")
        self.add_class("cs-rois")
        self.observe(self._take_image, "image")
        self.observe(self._selection_changed, "selected_roi_id")
        self.image = image
        self._show()

    @property
    def roi(self) -> Roi | None:
        """The selected ROI."""
        rois = () if self.image is None else self.image.rois
        return next((roi for roi in rois if roi.roi_id == self.selected_roi_id), None)

    def field(self, name: str) -> FormField:
        """The line of one attribute of the ROI, for example ``"col_start"``."""
        return self._fields[name]

    def add(self) -> None:
        """Add a ROI over the whole recording and select it."""
        if self.image is not None:
            self.selected_roi_id = self.image.add_roi().roi_id

    def duplicate(self) -> None:
        """Add a copy of the selected ROI and select it."""
        roi = self.roi
        if self.image is not None and roi is not None:
            bounds = {name: getattr(roi, name) for name in _BOUNDS}
            name = f"{roi.name} copy" if roi.name else ""
            self.selected_roi_id = self.image.add_roi(**bounds, name=name, note=roi.note).roi_id

    def delete(self) -> None:
        """Delete the selected ROI and its results; one undo step."""
        roi = self.roi
        if self.image is None or roi is None:
            return
        ids = [r.roi_id for r in self.image.rois]
        at = ids.index(roi.roi_id)
        rest = ids[:at] + ids[at + 1 :]
        self.image.delete_roi(roi.roi_id)
        self.selected_roi_id = rest[min(at, len(rest) - 1)] if rest else None

    def full_width(self) -> None:
        """Stretch the ROI over all lines: the whole width of the screen's time axis."""
        if self.image is not None:
            self._edit(row_start=0, row_stop=self.image.header.lines)

    def full_height(self) -> None:
        """Stretch the ROI over all positions of the line."""
        if self.image is not None:
            self._edit(col_start=0, col_stop=self.image.header.pixels)

    @property
    def exchange(self) -> RoiExchange:
        """Copying to other recordings, import and export; made when first wanted."""
        if self._exchange is None:
            self._exchange = RoiExchange()
            for name in ("folder", "image", "selected_roi_id"):
                traitlets.dlink((self, name), (self._exchange, name))
            self._room.children = (self._exchange,)
        return self._exchange

    def _show_exchange(self, on: bool) -> None:
        self.exchange.layout.display = "" if on else "none"
        sign = "▾" if on else "▸"
        self.more_button.description = sign + self.more_button.description[1:]

    def close(self) -> None:
        """Let go of the model and of the browser's part."""
        self.image = None
        super().close()

    def _build_editor(self) -> None:
        later = {"continuous_update": False}
        self._fields: dict[str, FormField] = {
            "name": FormField(ipywidgets.Text(description="Name", **later), unit=""),
            "note": FormField(ipywidgets.Text(description="Note", **later), unit=""),
        }
        for name, title in _BOUNDS.items():
            help_text = "the first inside" if name.endswith("start") else "the first behind it"
            units = "ms or s" if name.startswith("row") else "µm"
            control = ipywidgets.Text(
                description=title,
                tooltip=f"{help_text}; in pixels or {units}",
                **later,
            )
            self._fields[name] = FormField(control, unit="")
        colors = ipywidgets.Dropdown(description="Colour", options=list(_COLORS.items()))
        self._fields["color"] = FormField(colors, unit="")
        self._fields["locked"] = FormField(
            ipywidgets.Checkbox(description="Locked", tooltip="The mouse leaves it alone")
        )
        for name, field in self._fields.items():
            field.control.observe(lambda change, n=name: self._typed(n, change["new"]), "value")
        stretch = ipywidgets.HBox([self.width_button, self.height_button])
        stretch.add_class("cs-row")
        self._title = ipywidgets.HTML()
        self._extent = ipywidgets.HTML()
        self._editor = ipywidgets.VBox([self._title, *self._fields.values(), stretch, self._extent])
        self._editor.add_class("cs-section")

    def _edit(self, **changes: Any) -> None:
        if self.image is None or self.roi is None:
            return
        assert self.selected_roi_id is not None
        field = self._fields[next(iter(changes))]
        try:
            for name in changes.keys() & _BOUNDS.keys():
                if isinstance(changes[name], str):
                    changes[name] = bound_from_text(name, changes[name], self.image.header)
            self.image.edit_roi(self.selected_roi_id, **changes)
        except CloudscopeError as error:
            field.error = str(error)
            self.set_trait("error", str(error))
        else:
            self._show()

    def _typed(self, name: str, value: Any) -> None:
        if not self._showing:
            self._edit(**{name: value})

    def _picked(self, change: Any) -> None:
        if not self._showing:
            self.selected_roi_id = change["new"]

    def _selection_changed(self, change: Any) -> None:
        self._show()

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._model_changed, ["rois", "header"])
        if self.image is not None:
            self.image.observe(self._model_changed, ["rois", "header"])
        self._model_changed()

    def _model_changed(self, change: Any = None) -> None:
        if self.roi is None:
            self.selected_roi_id = None
        self._show()

    def _show(self) -> None:
        rois = () if self.image is None else self.image.rois
        roi = self.roi
        self._showing = True
        try:
            options = [(_line(r), r.roi_id) for r in rois]
            if list(self.list.options) != options:
                self.list.index = None  # else the list would pick one of the new by itself
                self.list.options = options
            if self.list.value != (roi.roi_id if roi else None):
                self.list.value = roi.roi_id if roi else None
            self.list.layout.display = "" if rois else "none"
            for name, field in self._fields.items():
                field.error = ""
                if roi is not None:
                    field.control.value = self._shown(name, getattr(roi, name))
        finally:
            self._showing = False
        self.set_trait("error", "")
        self._empty.value = "" if rois else _hint(self.image)
        self.add_button.disabled = self.image is None
        self.duplicate_button.disabled = self.delete_button.disabled = roi is None
        self._editor.layout.display = "" if roi else "none"
        if roi is not None and self.image is not None:
            self._title.value = heading_html(f"ROI {roi.title}")
            self._extent.value = f'<div class="cs-hint">{_size(roi)}</div>'
            for name in _BOUNDS:
                self._fields[name].unit = _place(self.image, name, getattr(roi, name))

    def _shown(self, name: str, value: Any) -> Any:
        if name == "color" and value not in _COLORS.values():
            # A colour of a file or of a cell is offered too, as it is written there.
            self._fields[name].control.options = [*_COLORS.items(), (value, value)]
        return str(value) if name in _BOUNDS else value

    def __repr__(self) -> str:
        return f"RoiPanel({self.image.name!r})" if self.image else "RoiPanel()"


def _button(title: str, tooltip: str, act: Any) -> ipywidgets.Button:
    button = ipywidgets.Button(description=title, tooltip=tooltip)
    button.on_click(lambda _button: act())
    return button


def _size(roi: Roi) -> str:
    return f"{roi.lines:,} lines × {roi.pixels:,} pixels"


def _line(roi: Roi) -> str:
    return " · ".join([roi.title, _size(roi), *(["locked"] if roi.locked else [])])


def _hint(image: AcqImage | None) -> str:
    if image is None:
        return ""
    return (
        '<div class="cs-hint">No ROI yet: the whole recording is measured. '
        "Draw one on the image, or press Add.</div>"
    )


def _place(image: AcqImage, name: str, value: int) -> str:
    """A bound in physical units, where the calibration is known."""
    if name.startswith("row"):
        period = image.header.line_period_s
        return "" if period is None else f"{value * period:.3f} s"
    size = image.header.pixel_size_um
    return "" if size is None else f"{value * size:.2f} µm"
