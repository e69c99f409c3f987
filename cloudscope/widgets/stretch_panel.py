"""The stretch selected on the traces: its numbers, and what can be made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import CloudscopeError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.stretch_statistics import TraceStatistics, trace_statistics
from cloudscope.veil import hide_names
from cloudscope.widgets.python_code import analysis_code
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import heading_html, theme_style
from cloudscope.widgets.trace_figure import MARGIN_LEFT_PX, MARGIN_RIGHT_PX
from cloudscope.widgets.trace_stack import TraceStack
from cloudscope.widgets.viewer import KymographViewer
from cloudscope.widgets.wording import counted, number_text

__all__ = ["StretchPanel"]

EVENTS = "velocity_events"


class StretchPanel(ipywidgets.VBox):
    """Statistics of the stretch selected on the traces; a ROI or an event made from it.

    Parameters
    ----------
    viewer : KymographViewer
    stack : TraceStack
        Whose stretch and whose traces it speaks of.
    status : StatusLine
        Told what happens.
    copy : callable, optional
        Puts text on the user's clipboard.
    """

    def __init__(
        self,
        viewer: KymographViewer,
        stack: TraceStack,
        status: StatusLine,
        copy: Callable[[str], None] | None = None,
    ) -> None:
        self._viewer, self._stack, self._status, self._copy = viewer, stack, status, copy
        self._image: AcqImage | None = None
        self._heading, self._numbers = ipywidgets.HTML(), ipywidgets.HTML()
        guard = status.guarded

        def button(text: str, tooltip: str, action: Callable[[], object]) -> ipywidgets.Button:
            made = ipywidgets.Button(description=text, tooltip=tooltip)
            made.on_click(guard(text, lambda _: action()))
            return made

        self.new_roi = button("New ROI from it", "A ROI of these lines", self.add_roi)
        self.new_event = button("New event from it", "An event of this time", self.add_event)
        self.zoom = button("Zoom to it", "Show this stretch and no more", self.zoom_to)
        self.code = button("Copy as Python", "Python that gives these numbers", self.copy_code)
        self.clear = button("Clear", "Select nothing (Esc on a trace)", self.let_go)
        self.code.layout.display = None if copy is not None else "none"
        row = ipywidgets.HBox(
            [self.new_roi, self.new_event, self.zoom, self.code, self.clear],
            _dom_classes=["cs-row"],
        )
        super().__init__(
            [theme_style(), self._heading, self._numbers, row],
            _dom_classes=["cs-panel", "cs-stretch"],
            layout=ipywidgets.Layout(padding=f"4px {MARGIN_RIGHT_PX}px 6px {MARGIN_LEFT_PX}px"),
        )
        stack.observe(lambda _: self.show(), ("brush", "quality_cutoff", "hidden"))
        stack.preview.observe(lambda _: self.show(), "previews")
        viewer.observe(lambda _: self.show(), ("channel", "selected_roi_id"))
        traitlets.dlink((stack, "image"), (self, "image"))
        self.show()

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording whose traces are shown; follows the stack."""

    @traitlets.observe("image")
    def _take_image(self, change: Any) -> None:
        for image, follow in ((change["old"], False), (change["new"], True)):
            if isinstance(image, AcqImage):
                (image.observe if follow else image.unobserve)(
                    self._model_changed, ["results", "header"]
                )
        self.show()

    def _model_changed(self, change: Any) -> None:
        self.show()

    # ------------------------------------------------------------------ what can be done

    @property
    def statistics(self) -> dict[str, TraceStatistics]:
        """Numbers of the stretch for each trace shown, by name of the analysis."""
        brush = self._stack.brush
        return {} if brush is None else _statistics(self._results(), brush, self._stack)

    def add_roi(self) -> None:
        """Make a ROI of the lines of the stretch, as wide as the ROI shown."""
        image, rows = self.image, self._rows()
        if image is None or rows is None:
            return
        here = [roi for roi in image.rois if roi.roi_id == self._viewer.selected_roi_id]
        columns = (here[0].col_start, here[0].col_stop) if here else (0, image.header.pixels)
        roi = image.add_roi(
            row_start=rows[0], row_stop=rows[1], col_start=columns[0], col_stop=columns[1]
        )
        self._viewer.selected_roi_id = roi.roi_id
        self._status.say(f"ROI {roi.title} has the lines selected; Undo takes it back", "ok")

    def add_event(self) -> None:
        """Make an event of the stretch, which counts as confirmed."""
        from cloudscope.analysis.velocity_events import add_event

        image, brush, events = self.image, self._stack.brush, self._events()
        if image is None or brush is None or events is None:
            return
        period = events.calibration.line_period_s
        first = events.bounds[0] * period if events.bounds and period else 0.0
        record = events.inputs.get("velocity")
        velocity = image.results.get(record.key) if record is not None else None
        if velocity is not None and record is not None and velocity.digest != record.digest:
            velocity = None  # it was measured anew since; the event goes without its numbers
        added = add_event(
            events, max(brush[0] - first, 0.0), max(brush[1] - first, 0.0), velocity=velocity
        )
        image.revise(added, "add an event")
        self._status.say("an event was added; Undo takes it back", "ok")

    def zoom_to(self) -> None:
        """Show the stretch and no more."""
        if self._stack.brush is not None:
            self._viewer.time_range = self._stack.brush

    def let_go(self) -> None:
        """Select nothing."""
        self._stack.brush = None

    def copy_code(self) -> None:
        """Put the Python that gives these numbers on the clipboard."""
        image, brush = self.image, self._stack.brush
        if image is None or brush is None or self._copy is None:
            return
        parts = []
        for name in self.statistics:
            result = image.result(name, self._viewer.channel, self._roi_id)
            if result is None:
                continue  # a preview, which no Python has kept
            named = {key: record.key for key, record in result.inputs.items()}
            code = analysis_code(
                image, name, channel=self._viewer.channel, roi_id=self._roi_id,
                parameters={**result.parameters, **named},
            )  # fmt: skip
            cutoff = self._stack.quality_cutoff
            more = f", quality_cutoff={cutoff!r}" if cutoff else ""
            parts.append(f"{code}cs.trace_statistics(result, {brush[0]!r}, {brush[1]!r}{more})\n")
        self._copy("\n".join(parts))
        self._status.say("copied as Python", "ok")

    # ------------------------------------------------------------------ what is shown

    @property
    def _roi_id(self) -> int:
        return self._viewer.selected_roi_id or WHOLE_RECORDING

    def _results(self) -> dict[str, AnalysisResult]:
        traces = self._stack.traces
        found = {name: traces[name].result for name in self._stack.shown if name in traces}
        return {name: result for name, result in found.items() if result is not None}

    def _rows(self) -> tuple[int, int] | None:
        brush, image = self._stack.brush, self.image
        if brush is None or image is None:
            return None
        period = image.header.line_period_s or 1.0
        first = min(max(round(brush[0] / period), 0), image.header.lines - 1)
        return first, min(max(round(brush[1] / period), first + 1), image.header.lines)

    def _events(self) -> AnalysisResult | None:
        if self.image is None:
            return None
        return self.image.result(EVENTS, self._viewer.channel, self._roi_id)

    def show(self) -> None:
        """Say what is selected; out of the way where nothing is."""
        brush, rows = self._stack.brush, self._rows()
        self.layout.display = None if brush is not None and rows is not None else "none"
        if brush is None or rows is None or self.image is None:
            return
        unit = "s" if self.image.header.line_period_s else "lines"
        self._heading.value = heading_html(
            "Selected",
            f"{number_text(brush[0])} to {number_text(brush[1])} {unit}",
            f"{number_text(brush[1] - brush[0], 3)} {unit}",
            counted(rows[1] - rows[0], "lines"),
        )
        previews = set(self._stack.preview.previews)
        try:
            self._numbers.value = _table(self.statistics, previews)
        except CloudscopeError as error:  # a table is gone
            self._numbers.value = escape(hide_names(str(error)))
        events = self._events()
        self.new_event.disabled = events is None
        self.new_event.tooltip = (
            "An event of this time" if events else "Measure velocity events here first"
        )

    def __repr__(self) -> str:
        return f"StretchPanel({self._stack.brush})"


def _statistics(
    results: Mapping[str, AnalysisResult], brush: tuple[float, float], stack: TraceStack
) -> dict[str, TraceStatistics]:
    return {
        name: trace_statistics(result, *brush, quality_cutoff=stack.quality_cutoff)
        for name, result in results.items()
    }


def _table(statistics: Mapping[str, TraceStatistics], previews: set[str]) -> str:
    if not statistics:
        return "Nothing is measured here yet."
    heads = ("", "mean", "median", "sd", "5 to 95 %", "least to most", "accepted samples")
    rows = []
    for name, one in statistics.items():
        title = get_analysis(name).title + (" (preview)" if name in previews else "")
        unit = f" {one.unit}" if one.unit else ""
        cells = (
            f"{number_text(one.mean)}{unit}",
            number_text(one.median),
            number_text(one.sd),
            f"{number_text(one.percentile_5)} to {number_text(one.percentile_95)}",
            f"{number_text(one.minimum)} to {number_text(one.maximum)}",
            f"{one.accepted:,} of {one.samples:,}",
        )
        rows.append(
            f'<tr><th scope="row">{escape(title)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    return f'<table class="cs-numbers"><thead><tr>{top}</tr></thead>{"".join(rows)}</table>'
