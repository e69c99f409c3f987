"""What a trace is drawn with: bqplot's scales, axes and marks, and the pointer that moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bqplot
import numpy as np
from ipywidgets import HTML, Box

from cloudscope.widgets.axis_ticks import round_ticks, tick_labels
from cloudscope.widgets.trace_pointer import TracePointer

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MARGIN_LEFT_PX", "MARGIN_RIGHT_PX", "TraceFigure"]

MARGIN_LEFT_PX = 64
MARGIN_RIGHT_PX = 12
_TIME_AXIS_PX, _NO_AXIS_PX = 40, 8
_ASIDE_COLOR = "var(--cs-fg2, #5b6672)"


class TraceFigure(Box):
    """Line, band, dots and strokes over a time axis and a value axis.

    Parameters
    ----------
    height_px : int
        Height with the time axis as it is at first.
    with_time_axis : bool
        Whether the time axis is part of `height_px`.
    viewer : KymographViewer or None
        Whose time range the pointer moves; its own otherwise.
    """

    def __init__(self, height_px: int, *, with_time_axis: bool, viewer: Any) -> None:
        self._plot_px = height_px - (_TIME_AXIS_PX - _NO_AXIS_PX) * with_time_axis
        # Python never moves the time scale again: the pointer does, in the browser.
        x = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.values = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        scales = {"x": x, "y": self.values}
        nothing = np.empty(0)
        self._band = bqplot.Lines(
            x=nothing, y=np.empty((2, 0)), scales=scales, fill="between", stroke_width=0
        )
        self._aside = bqplot.Lines(x=nothing, y=nothing, scales=scales, stroke_width=1.5)
        self._aside.opacities, self._aside.colors = [0.5], [_ASIDE_COLOR]
        self.line = bqplot.Lines(x=nothing, y=nothing, scales=scales, stroke_width=1.4)
        # One path of strokes without length: their round ends are the dots, at the cost of a line.
        self._dots = bqplot.Lines(x=nothing, y=nothing, scales=scales, stroke_width=4.5)
        self.time_axis = bqplot.Axis(
            scale=x, grid_lines="none", label_offset="28px", tick_format=","
        )
        self._value_axis = bqplot.Axis(
            scale=self.values, side="left", grid_lines="none", tick_values=[]
        )
        self._figure = bqplot.Figure(
            marks=[self._band, self._aside, self.line, self._dots],
            axes=[self.time_axis, self._value_axis],
            padding_x=0.0,
            padding_y=0.0,
            animation_duration=0,
            display_toolbar=False,
            min_aspect_ratio=0.001,
            max_aspect_ratio=1000,
        )
        self._figure.layout.width = "100%"
        self._figure.layout.min_width = "0"
        self._figure.layout.margin = "0"
        self.pointer = TracePointer(scale=x, viewer=viewer)
        self.words = HTML()
        self.words.add_class("cs-trace-empty")
        super().__init__((self._figure, self.pointer, self.words))
        self.add_class("cs-trace-plot")
        self.layout.width = "100%"
        self.layout.min_width = "0"
        self.layout.margin = "0"
        self.place_time_axis(with_time_axis)

    def place_time_axis(self, shown: bool) -> None:
        """Draw the time axis below, which takes its own room, or leave it out."""
        below = _TIME_AXIS_PX if shown else _NO_AXIS_PX
        margins = {"left": MARGIN_LEFT_PX, "right": MARGIN_RIGHT_PX, "top": 6, "bottom": below}
        self.time_axis.visible = shown
        self._figure.fig_margin = self.pointer.margins = margins
        self._figure.layout.height = f"{self._plot_px + below - _NO_AXIS_PX}px"

    def paint(self, color: str) -> None:
        """Give line, dots and band one colour."""
        for mark in (self.line, self._dots, self._band):
            mark.colors = [color]
        self._band.fill_colors = [color]
        self._band.fill_opacities = [0.16]

    def set_values(self, low: float, high: float, ticks: int, *, shown: bool) -> None:
        """Span the value axis from `low` to `high` with about as many round `ticks`."""
        with self.values.hold_sync():
            self.values.min, self.values.max = low, high
        self._value_axis.visible = shown
        places = round_ticks(low, high, ticks)
        # In this order and in two messages: bqplot draws the text of new ticks a frame later, with
        # the labels it had when it was told of the ticks.
        self._value_axis.tick_labels = tick_labels(places)
        self._value_axis.tick_values = np.array(places)

    def put(
        self,
        band: NDArray[np.float64],
        line: NDArray[np.float64],
        strokes: NDArray[np.float64],
        *,
        dots: bool,
    ) -> None:
        """Draw a band (rows time, low, high), a line and strokes (rows time, value)."""
        with self._band.hold_sync():
            self._band.x, self._band.y = band[0], band[1:3]
        with self.line.hold_sync():
            self.line.x, self.line.y = line[0], line[1]
        t, v = line[:, np.isfinite(line[1])] if dots else np.empty((2, 0))
        with self._dots.hold_sync():
            # No gap after the last: bqplot would look for a place to write its name there.
            self._dots.x = np.repeat(t, 2)[:-1]
            self._dots.y = np.stack([v, np.full(v.size, np.nan)], 1).ravel()[:-1]
        with self._aside.hold_sync():
            self._aside.x, self._aside.y = strokes[0], strokes[1]

    def __repr__(self) -> str:
        return f"TraceFigure({self._plot_px} px)"
