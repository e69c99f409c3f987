"""The Figure panel: what is seen now, as a figure to publish, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import get_analysis
from cloudscope.display import ChannelDisplay
from cloudscope.errors import CloudscopeError, ExportError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.figure_code import figure_code
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.save_or_download import SaveOrDownload, Write
from cloudscope.widgets.status_line import StatusLine, sentence
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.trace_stack import TraceStack
from cloudscope.widgets.viewer import KymographViewer

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["FigurePanel"]

_PREVIEW_PX = 640  # wide: twice what the panel has, for sharp screens
_FORMATS = (
    ("PNG picture", ".png"),
    ("SVG drawing", ".svg"),
    ("PDF drawing", ".pdf"),
    ("CSV of the numbers", ".csv"),
)
_WIDTHS = (("85 mm, one column", 85.0), ("120 mm", 120.0), ("180 mm, two columns", 180.0))
_VIEW = ("time_range", "position_range", "channel", "composite", "frame", "selected_roi_id",
         "lut", "contrast", "gamma", "automatic")  # fmt: skip


class FigurePanel(ipywidgets.VBox):
    """A figure of the view and the traces on the screen: preview, formats, and the Python for it.

    Parameters
    ----------
    viewer : KymographViewer
        Whose view is drawn.
    stack : TraceStack
        Whose traces are drawn.
    status : StatusLine
        Told what happens.
    copy : callable
        Puts text on the user's clipboard.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown."""

    def __init__(
        self,
        viewer: KymographViewer,
        stack: TraceStack,
        status: StatusLine,
        copy: Callable[[str], None],
    ) -> None:
        super().__init__()
        self._viewer, self._stack, self._status, self._copy = viewer, stack, status, copy
        self.run = BackgroundRun()
        self._build()
        guard = status.guarded
        self.preview_button.on_click(guard("Preview", lambda _: self.preview()))
        self.code_button.on_click(guard("Copy", lambda _: self._copy_code()))
        for control in (self.width, self.dpi, self.theme, self.scale, self.rois, self.marks):
            control.observe(lambda _: self._outdated(), "value")
        self.format.observe(lambda _: self._choose_format(), "value")
        viewer.observe(lambda _: self._outdated(), _VIEW)
        self.observe(self._take_image, "image")
        self._choose_format()
        self._outdated()

    def _build(self) -> None:
        dropdown = ipywidgets.Dropdown
        self.format = dropdown(description="Format", options=_FORMATS)
        self.width = ipywidgets.Combobox(
            description="Width", value="180", options=[f"{w:g}" for _, w in _WIDTHS],
            ensure_option=False, continuous_update=False,
            tooltip="; ".join(words for words, _ in _WIDTHS),
        )  # fmt: skip
        self.dpi = ipywidgets.BoundedIntText(
            300, min=30, max=2400, step=50, description="Resolution",
            tooltip="Of a PNG; drawings have none",
        )  # fmt: skip
        self.theme = dropdown(description="Theme", options=["light", "dark"])
        self.scale = dropdown(
            description="Scale", options=[("axes with numbers", "axes"), ("bars", "bars")]
        )
        self.rois = ipywidgets.Checkbox(True, description="ROIs", indent=False)
        self.marks = ipywidgets.Checkbox(True, description="Walls and events", indent=False)
        self.preview_button = ipywidgets.Button(
            description="Preview", tooltip="Draw what is on the screen now"
        )
        self.code_button = ipywidgets.Button(
            description="Copy as Python", tooltip="The lines that make the same file"
        )
        self.picture = ipywidgets.Image(format="png", _dom_classes=["cs-figure-preview"])
        self.picture.layout.display = "none"
        self._words = ipywidgets.HTML(_dom_classes=["cs-figure-words"])
        self.save = SaveOrDownload(self._status, self._prepare, "figure")
        fields = [
            FormField(self.format),
            FormField(self.width, unit="mm"),
            FormField(self.dpi, unit="dpi"),
            FormField(self.theme),
            FormField(self.scale),
        ]
        self._dpi_field = fields[2]
        checks = ipywidgets.HBox([self.rois, self.marks], _dom_classes=["cs-row"])
        buttons = ipywidgets.HBox([self.preview_button, self.code_button], _dom_classes=["cs-row"])
        top = ipywidgets.VBox(
            [
                ipywidgets.HTML(heading_html("Figure of what is seen now")),
                *fields, checks, buttons, self._words, self.picture,
            ],
            _dom_classes=["cs-section"],
        )  # fmt: skip
        below = ipywidgets.VBox([self.save], _dom_classes=["cs-section"])
        self.children = (theme_style(), top, below)
        for name in ("cs-panel", "cs-figure-panel"):
            self.add_class(name)

    # ------------------------------------------------------------------ what is drawn

    @property
    def options(self) -> dict[str, Any]:
        """Arguments of `cloudscope.figure_of` for what is on the screen now.

        Raises
        ------
        ExportError
            If no recording is shown, or the width is no number.
        """
        viewer, image = self._viewer, self._viewer.image
        if image is None:
            raise ExportError("no recording is shown: choose one first")
        line_scan = image.header.kind == "line_scan"
        return {
            "channel": viewer.channel,
            "roi_id": viewer.selected_roi_id or WHOLE_RECORDING,
            "time_range": viewer.time_range,
            "position_range": viewer.position_range,
            "analyses": self._traces(image) if line_scan else [],
            "width_mm": self._number(self.width.value),
            "dpi": self.dpi.value,
            "theme": self.theme.value,
            "scale": self.scale.value,
            "quality_cutoff": self._cutoff(),
            "composite": viewer.composite,
            "frame": viewer.frame,
            "show_rois": self.rois.value,
            "show_marks": self.marks.value,
        }

    def _number(self, text: str) -> float:
        try:
            return float(text.replace(",", "."))
        except ValueError:
            raise ExportError(f"Width is {text!r}: give millimetres, for example 85") from None

    def _traces(self, image: AcqImage) -> list[str]:
        """Those on the screen that have a result, from the top."""
        place = (self._viewer.channel, self._viewer.selected_roi_id or WHOLE_RECORDING)
        return [
            name
            for name in self._stack.shown
            if get_analysis(name).over_time and image.result(name, *place) is not None
        ]

    def _cutoff(self) -> float:
        return max((trace.quality_cutoff for trace in self._stack.traces.values()), default=0.0)

    def _looks(self) -> Mapping[int, ChannelDisplay]:
        """How channels look now, automatic contrast as the numbers that the screen has."""
        looks = {}
        for channel in self._viewer._seen_channels():
            look = self._viewer.look_of(channel)
            shown = self._viewer._channels.get(channel)
            if look.contrast is None and shown is not None and look.automatic != "view":
                of = shown.statistics
                ends = {
                    "percentiles": (of.auto_low, of.auto_high),
                    "full range": (of.minimum, of.maximum),
                }[look.automatic]
                look = replace(look, contrast=ends)
            looks[channel] = look
        return looks

    def figure(self, **changes: Any) -> Figure:
        """The figure of what is on the screen now."""
        from cloudscope.figures import figure_of

        image, options = self._viewer.image, self.options | changes
        assert image is not None
        return figure_of(image, display=self._looks(), **options)

    # ------------------------------------------------------------------ doing

    def preview(self) -> None:
        """Draw it small, off the loop."""
        image, options, looks = self._viewer.image, self.options, self._looks()
        if self.run.running:
            return
        options["dpi"] = max(30.0, _PREVIEW_PX / (options["width_mm"] / 25.4))

        def work(_: Job) -> bytes:
            from cloudscope.figures import figure_of
            from cloudscope.figures.saving import png_of

            assert image is not None
            return png_of(figure_of(image, display=looks, **options))

        self._say("Drawing…")
        self.run.start("Drawing", work, on_done=self._show, on_failed=self._failed)

    def _show(self, png: bytes) -> None:
        self.picture.value = png
        self.picture.layout.display = ""
        self.picture.remove_class("cs-outdated")
        self._say("")

    def _failed(self, error: Exception) -> None:
        self._words.value = error_html(sentence(error))
        if not isinstance(error, CloudscopeError):
            self._status.fail(error, "Drawing")

    def _say(self, words: str) -> None:
        self._words.value = f'<div class="cs-hint">{words}</div>' if words else ""

    def _outdated(self) -> None:
        """The preview is of another view by now."""
        self.save.forget()
        if self.picture.layout.display != "none":
            self.picture.add_class("cs-outdated")
            self._say("The view is another one by now: Preview draws it again.")

    def _take_image(self, change: Any) -> None:
        self.picture.layout.display = "none"
        self._say("")
        self._suggest()

    def _choose_format(self) -> None:
        pixels = self.format.value == ".png"
        self._dpi_field.layout.display = "" if pixels else "none"
        self._suggest()

    def _suggest(self) -> None:
        if self.image is None:
            return
        folder = Path() if self.image.path is None else self.image.path.parent
        stem = Path(self.image.name).stem or "figure"
        self.save.suggest(folder / f"{stem}-figure{self.format.value}")

    def _prepare(self) -> Write:
        """What is written, of the view of now."""
        image, options, looks = self._viewer.image, self.options, self._looks()
        assert image is not None
        suffix = self.format.value

        def write(path: Path, overwrite: bool) -> None:
            from cloudscope.figures import figure_data, figure_of, save_figure, write_figure_data

            if suffix == ".csv":
                names = ("channel", "roi_id", "time_range", "analyses", "quality_cutoff",
                         "show_marks")  # fmt: skip
                table = figure_data(image, **{name: options[name] for name in names})
                write_figure_data(table, path, images=[image], overwrite=overwrite)
            else:
                figure = figure_of(image, display=looks, **options)
                save_figure(figure, path, images=[image], overwrite=overwrite)

        return write

    def _copy_code(self) -> None:
        image = self._viewer.image
        options = self.options
        assert image is not None
        self._copy(figure_code(image, options, self._looks(), Path(self.save.path.value)))
        self._status.say("Python copied: paste it into a cell", "ok")

    def __repr__(self) -> str:
        return f"FigurePanel({None if self.image is None else self.image.name!r})"
