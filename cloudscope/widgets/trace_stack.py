"""`TraceStack`: the traces of a recording below its picture, which of them are shown, and how."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any, cast

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.preview import PREVIEWED
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.widgets.live_preview import LivePreview
from cloudscope.widgets.traces import TracePlot
from cloudscope.widgets.viewer import KymographViewer

__all__ = ["TraceStack"]


class TraceStack(ipywidgets.VBox):
    """One trace for each analysis measured anywhere in the recording, or the first one's.

    Parameters
    ----------
    viewer : KymographViewer
        Whose channel, ROI, time range and cursor the traces share.
    analyses : iterable of str, optional
        Registered names with a trace each; all with a course over time by default.
    trace_px : int
        Height of a trace.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording whose traces are drawn; ``None`` draws none."""

    brush = cast(
        "traitlets.TraitType[tuple[float, float] | None, Any]",
        traitlets.Tuple(traitlets.Float(), traitlets.Float(), default_value=None, allow_none=True),
    )
    """Stretch selected on any of the traces, shared by all, in s; ``None`` is none."""

    picked_s = traitlets.Float(None, allow_none=True)
    """Time of the velocity last clicked on; set it to ``None`` to be told again."""

    hidden = traitlets.Set(traitlets.Unicode())
    """Names of the analyses whose traces the user has put away."""

    quality_cutoff = traitlets.Float(0.0, min=0.0, max=1.0)
    """Samples of lower quality are set aside on the screen; no number changes."""

    def __init__(
        self,
        viewer: KymographViewer,
        analyses: Iterable[str] | None = None,
        *,
        trace_px: int = 150,
    ) -> None:
        super().__init__(_dom_classes=["cs-traces"])
        self._viewer, self._trace_px = viewer, trace_px
        self._names = tuple(analyses or (n for n in analysis_names() if get_analysis(n).over_time))
        self.traces: dict[str, TracePlot] = {}
        self._placed: tuple[str, ...] = ()
        self.toggles: dict[str, ipywidgets.ToggleButton] = {}
        self.choice = ipywidgets.HBox(_dom_classes=["cs-trace-choice"])
        self.cutoff = ipywidgets.BoundedFloatText(
            0.0, min=0.0, max=1.0, step=0.05, description="Samples below quality",
            style={"description_width": "auto"},
        )  # fmt: skip
        self.foot = ipywidgets.HBox(
            [
                self.choice,
                self.cutoff,
                ipywidgets.HTML("are set aside here; the numbers stay as measured."),
            ],
            _dom_classes=["cs-trace-foot"],
        )
        self.preview = LivePreview(viewer, lambda: self.shown)
        traitlets.link((self, "quality_cutoff"), (self.cutoff, "value"))
        viewer.observe(lambda _: self.target(), ("selected_roi_id", "channel"))
        self.observe(self._take_image, "image")
        self.observe(lambda _: self._show(), "hidden")
        self.preview.observe(self._previewed, ("previews", "problems"))

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the analyses whose traces are on the screen."""
        return tuple(n for n in self._wanted() if n not in self.hidden)

    def target(self) -> None:
        """Show the channel and the ROI that the viewer shows."""
        for trace in self.traces.values():
            with trace.hold_trait_notifications():
                trace.channel = self._viewer.channel
                trace.roi_id = self._viewer.selected_roi_id or WHOLE_RECORDING

    def _take_image(self, change: Any) -> None:
        if change["old"] is not None:
            change["old"].unobserve(self._results_changed, "results")
        if change["new"] is not None:
            change["new"].observe(self._results_changed, "results")
        self.brush = None
        for trace in self.traces.values():
            trace.image = change["new"]
        self._show()

    def _results_changed(self, change: Any) -> None:
        self._show()

    def _wanted(self) -> list[str]:
        image = self.image
        if image is None:
            return []
        there = {key[0] for key in image.results} | set(self.preview.previews)
        return [name for name in self._names if name in there] or list(self._names[:1])

    def _show(self) -> None:
        wanted, shown = self._wanted(), self.shown
        for name in shown:
            if name not in self.traces:
                self._add(name)
        for name, trace in self.traces.items():
            trace.show_time_axis = bool(shown) and name == shown[-1]
        # One that is put away leaves the page: a figure without size cannot lay itself out.
        if shown != self._placed:
            self._placed = shown
            self.children = [self.traces[name] for name in shown]
        self._offer(wanted)

    def _add(self, name: str) -> None:
        # Only when there is something to draw: each is a figure for the browser to keep.
        trace = TracePlot(
            self.image,
            analysis=name,
            channel=self._viewer.channel,
            roi_id=self._viewer.selected_roi_id or WHOLE_RECORDING,
            viewer=self._viewer,
            height_px=self._trace_px,
            show_time_axis=False,
        )
        traitlets.dlink((self, "quality_cutoff"), (trace, "quality_cutoff"))
        traitlets.link((self, "brush"), (trace, "brush"))
        if name == "radon_velocity":
            traitlets.link((self, "picked_s"), (trace, "picked_s"))
        self.traces[name] = trace
        self._put_preview(name)

    def _offer(self, wanted: list[str]) -> None:
        """A switch for each trace, where there is a choice."""
        names = wanted if len(wanted) > 1 or self.hidden else []
        for name in names:
            if name not in self.toggles:
                title = get_analysis(name).title
                toggle = ipywidgets.ToggleButton(
                    name not in self.hidden,
                    description=title,
                    tooltip=f"Show or hide the trace of {title}",
                    _dom_classes=["cs-button", "cs-trace-toggle"],
                )
                toggle.observe(partial(self._toggled, name), "value")
                self.toggles[name] = toggle
            self.toggles[name].value = name not in self.hidden
        offered = tuple(self.toggles[name] for name in names)
        if self.choice.children != offered:
            self.choice.children = offered

    def _toggled(self, name: str, change: Any) -> None:
        self.hidden = self.hidden - {name} if change["new"] else self.hidden | {name}

    def _previewed(self, change: Any) -> None:
        if set(change["new"]) - set(self.traces):
            self._show()
        for name in PREVIEWED:
            if change["new"].get(name) is not change["old"].get(name):
                self._put_preview(name)
        diameter = self.preview.previews.get("diameter")
        walls = None if diameter is None else (self.preview.roi_id, diameter.result)
        if walls != self._viewer.previewed_walls:
            self._viewer.previewed_walls = walls
        if set(change["old"]) - set(change["new"]):
            self._show()  # a trace there was for the preview only

    def _put_preview(self, name: str) -> None:
        trace = self.traces.get(name)
        if trace is not None:
            with trace.hold_trait_notifications():
                trace.preview = self.preview.previews.get(name)
                trace.preview_problem = self.preview.problems.get(name, "")

    def __repr__(self) -> str:
        return f"TraceStack({', '.join(self.shown)})"
