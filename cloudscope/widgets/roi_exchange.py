"""The lower part of the ROI panel: copy ROIs to other recordings, and exchange them with ImageJ."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.roi_exchange import (
    RoiReport,
    copy_rois,
    export_imagej_rois,
    import_imagej_rois,
)
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.theme import error_html, heading_html
from cloudscope.widgets.wording import counted

__all__ = ["RoiExchange"]

_MOST_LISTED = 8  # sentences shown; more would push the form out of sight


class RoiExchange(ipywidgets.VBox):
    """Copy the ROIs shown to other recordings, or take and give them as files of ImageJ.

    Nothing is read from or written to a path typed here: a file is chosen and saved by the
    browser, which may run on another machine than the kernel.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording whose ROIs are exchanged."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """Where the recordings are that ROIs can be copied to."""

    selected_roi_id = traitlets.Int(None, allow_none=True)
    """ROI that "the selected one" means."""

    def __init__(self) -> None:
        super().__init__(_dom_classes=["cs-section", "cs-roi-exchange"])
        self._copied: tuple[RoiReport, ...] = ()
        later = {"style": {"description_width": "112px"}}
        self.which = ipywidgets.Dropdown(
            options=[("all ROIs", "all"), ("the selected one", "selected")],
            description="Copy",
            **later,
        )
        self.to = ipywidgets.Dropdown(
            options=[
                ("all other recordings", "all"),
                ("recordings without a ROI", "bare"),
                ("the next recording", "next"),
            ],
            description="To",
            **later,
        )
        self.time = ipywidgets.Dropdown(
            options=[("the same lines", "same"), ("all lines of each", "whole")],
            description="Time",
            **later,
        )
        self.copy_button = self._button("Copy", "Copies keep name, note and colour", self.copy)
        self.back_button = self._button(
            "Undo the copies", "Take the copies back, in each recording", self.take_back
        )
        self.back_button.layout.display = "none"
        self.upload = ipywidgets.FileUpload(
            accept=".roi,.zip", multiple=False, description="Import from ImageJ…",
            tooltip="ROIs of a .roi or .zip file of ImageJ",
            layout={"width": "auto"},
        )  # fmt: skip
        self.export_button = self._button(
            "Export for ImageJ", "A .zip of all ROIs, to save where you like", self.export
        )
        self._said = ipywidgets.HTML()
        self.children = (
            ipywidgets.HTML(heading_html("Copy and exchange")),
            FormField(self.which),
            FormField(self.to),
            FormField(self.time),
            ipywidgets.HBox([self.copy_button, self.back_button], _dom_classes=["cs-row"]),
            ipywidgets.HBox([self.upload, self.export_button], _dom_classes=["cs-row"]),
            self._said,
        )
        self.upload.observe(lambda change: self._uploaded(change["new"]), "value")
        self.observe(lambda _: self._show(), ("image", "folder", "selected_roi_id"))
        self.observe(self._forget, "image")
        self._show()

    # ------------------------------------------------------------------ what can be done

    def targets(self) -> tuple[AcqImage, ...]:
        """The recordings that `copy` would copy to."""
        if self.image is None or self.folder is None:
            return ()
        images = self.folder.images
        if self.to.value == "next":
            at = images.index(self.image) + 1 if self.image in images else len(images)
            return tuple(images[at : at + 1])
        others = (image for image in images if image is not self.image)
        return tuple(image for image in others if self.to.value == "all" or not image.rois)

    def copy(self) -> None:
        """Copy ROIs to the recordings chosen, and say what became of them."""
        image, ids = self.image, None
        if image is None:
            return
        if self.which.value == "selected":
            if self.selected_roi_id is None:
                self._say(problem="Select a ROI first: none is selected.")
                return
            ids = [self.selected_roi_id]
        targets = self.targets()
        if not image.rois or not targets:
            lacks = "this recording has no ROI" if not image.rois else "there is none to copy to"
            self._say(problem=f"Nothing was copied: {lacks}.")
            return
        self._copied = copy_rois(image, targets, ids, time=self.time.value)
        added = sum(len(report.added) for report in self._copied)
        self._say(
            f"{counted(added, 'ROIs')} added to {counted(len(targets), 'recordings')}",
            _sentences(self._copied, named=True),
        )
        self.back_button.layout.display = "" if added else "none"

    def take_back(self) -> None:
        """Undo the copies where they are still the last edit; says where they are not."""
        kept = []
        for report in self._copied:
            image, label = report.image, f"copy ROIs of {self.image.name}" if self.image else ""
            if report.added and image.undo_label == label:
                image.undo()
            elif report.added:
                kept.append(f"{image.name} was edited since: undo it there")
        self._copied = ()
        self.back_button.layout.display = "none"
        self._say("the copies are taken back", kept)

    def export(self) -> None:
        """Offer a link that saves the ROIs as a file for ImageJ."""
        if self.image is None:
            return
        name = f"{self.image.name}.rois.zip"
        with tempfile.TemporaryDirectory() as folder:
            try:
                data = export_imagej_rois(self.image, Path(folder) / "rois.zip").read_bytes()
            except CloudscopeError as error:
                self._say(problem=str(error))
                return
        link = f"data:application/zip;base64,{quote(base64.b64encode(data).decode())}"
        self._said.value = (
            f'<a class="cs-link" download="{escape(name)}" href="{link}">Save {escape(name)}</a>'
        )

    def take_file(self, name: str, content: bytes) -> None:
        """Import the ROIs of a file of ImageJ, given its name and content."""
        if self.image is None:
            return
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"rois{Path(name).suffix}"
            file.write_bytes(content)
            try:
                report = import_imagej_rois(self.image, file)
            except CloudscopeError as error:
                self._say(problem=str(error).replace(str(file), name).replace(file.name, name))
                return
        added = counted(len(report.added), "ROIs")
        self._say(f"{added} added from {name}", _sentences([report], named=False))

    # ------------------------------------------------------------------ what is shown

    def _uploaded(self, files: Any) -> None:
        for file in files:
            self.take_file(file["name"], bytes(file["content"]))
        if files:
            self.upload.value = ()  # so that the same file can be chosen again

    def _forget(self, change: Any) -> None:
        self._copied = ()
        self.back_button.layout.display = "none"
        self._said.value = ""

    def _show(self) -> None:
        alone = self.folder is None or len(self.folder.images) < 2
        self.copy_button.disabled = self.image is None or alone
        self.copy_button.tooltip = (
            "There is no other recording here" if alone else "Copies keep name, note and colour"
        )
        self.export_button.disabled = self.upload.disabled = self.image is None

    def _say(self, words: str = "", details: Iterable[str] = (), *, problem: str = "") -> None:
        listed = list(details)
        more = len(listed) - _MOST_LISTED
        lines = [escape(line) for line in listed[:_MOST_LISTED]]
        lines += [f"and {more:,} more"] if more > 0 else []
        said = f'<div role="status">{escape(words)}</div>' if words else ""
        hints = "".join(f'<div class="cs-hint">{line}</div>' for line in lines)
        self._said.value = error_html(problem) + said + hints

    @staticmethod
    def _button(text: str, tooltip: str, act: Callable[[], None]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=text, tooltip=tooltip)
        button.on_click(lambda _button: act())
        return button

    def __repr__(self) -> str:
        return f"RoiExchange({self.image.name!r})" if self.image else "RoiExchange()"


def _sentences(reports: Iterable[RoiReport], *, named: bool) -> list[str]:
    return [
        f"{report.image.name}: {words}" if named else words
        for report in reports
        for words in (*report.changed, *report.left_out)
    ]
