"""What a trace is drawn with: bqplot's scales, axes and marks, and the pointer that moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import bqplot
import numpy as np
from ipywidgets import Box, Layout

from cloudscope.widgets.axis_ticks import round_ticks, tick_labels
from cloudscope.widgets.trace_pointer import TracePointer

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.result import RoiBounds
    from cloudscope.widgets.trace_drawing import Drawing

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
    color : str
        CSS colour of line, dots and band.
    with_time_axis : bool
        Whether the time axis is part of `height_px`.
    viewer : KymographViewer or None
        Whose time range the pointer moves; its own otherwise.
    """

    def __init__(self, height_px: int, *, color: str, with_time_axis: bool, viewer: Any) -> None:
        self._plot_px = height_px - (_TIME_AXIS_PX - _NO_AXIS_PX) * with_time_axis
        # Everything is told to the constructors: each later word is a message to the browser.
        # Python never moves the time scale again: the pointer does, in the browser.
        x = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self.values = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        scales = {"x": x, "y": self.values}
        nothing = {"x": np.empty(0), "y": np.empty(0), "scales": scales}
        painted = {"colors": [color]}
        self._color = color
        self._band = bqplot.Lines(
            x=np.empty(0), y=np.empty((2, 0)), scales=scales, fill="between", stroke_width=0,
            fill_colors=[color], fill_opacities=[0.16], **painted,
        )  # fmt: skip
        self._aside = bqplot.Lines(
            **nothing, stroke_width=1.5, opacities=[0.5], colors=[_ASIDE_COLOR]
        )
        self.line = bqplot.Lines(**nothing, stroke_width=1.4, **painted)
        # One path of strokes without length: their round ends are the dots, at the cost of a line.
        self._dots = bqplot.Lines(**nothing, stroke_width=4.5, **painted)
        below, margins = self._below(with_time_axis)
        self.time_axis = bqplot.Axis(
            scale=x, grid_lines="none", label_offset="28px", tick_format=",",
            visible=with_time_axis,
        )  # fmt: skip
        self._value_axis = bqplot.Axis(
            scale=self.values, side="left", grid_lines="none", tick_values=[], visible=False
        )
        self._figure = bqplot.Figure(
            marks=[self._band, self._aside, self.line, self._dots],
            axes=[self.time_axis, self._value_axis],
            scale_x=x,
            scale_y=self.values,
            padding_x=0.0,
            padding_y=0.0,
            fig_margin=margins,
            animation_duration=0,
            display_toolbar=False,
            min_aspect_ratio=0.001,
            max_aspect_ratio=1000,
            layout=Layout(width="100%", min_width="0", margin="0", height=self._height(below)),
        )
        self.pointer = TracePointer(scale=x, viewer=viewer, margins=margins)
        super().__init__(
            (self._figure, self.pointer),
            _dom_classes=("cs-trace-plot",),
            layout=Layout(width="100%", min_width="0", margin="0"),
        )

    @staticmethod
    def _below(with_time_axis: bool) -> tuple[int, dict[str, int]]:
        below = _TIME_AXIS_PX if with_time_axis else _NO_AXIS_PX
        return below, {
            "left": MARGIN_LEFT_PX,
            "right": MARGIN_RIGHT_PX,
            "top": 6,
            "bottom": below,
        }

    def _height(self, below: int) -> str:
        return f"{self._plot_px + below - _NO_AXIS_PX}px"

    def place_time_axis(self, shown: bool) -> None:
        """Draw the time axis below, which takes its own room, or leave it out."""
        below, margins = self._below(shown)
        self.time_axis.visible = shown
        self._figure.fig_margin = self.pointer.margins = margins
        self._figure.layout.height = self._height(below)

    def paint(self, color: str) -> None:
        """Give line, dots and band one colour."""
        if color == self._color:
            return
        self._color = color
        for mark in (self.line, self._dots, self._band):
            mark.colors = [color]
        self._band.fill_colors = [color]

    def set_values(self, low: float, high: float, ticks: int, *, shown: bool) -> None:
        """Span the value axis from `low` to `high` with about as many round `ticks`."""
        with self.values.hold_sync():
            self.values.min, self.values.max = low, high
        places = round_ticks(low, high, ticks)
        # In this order and in two messages: bqplot draws the text of new ticks a frame later, with
        # the labels it had when it was told of the ticks.
        with self._value_axis.hold_sync():
            self._value_axis.visible = shown
            self._value_axis.tick_labels = tick_labels(places)
        self._value_axis.tick_values = np.array(places)

    def sketch(self, drawing: Drawing, bounds: RoiBounds) -> None:
        """Draw what a ROI with `bounds` would give, in a single message and in its very frame."""
        self.pointer.sketch = drawing.to_sketch() | {
            "bounds": ",".join(map(str, bounds)),
            "color": self._color,
            "aside": _ASIDE_COLOR,
        }

    def put(self, drawing: Drawing) -> None:
        """Draw, with a message for each mark that changes."""
        self.pointer.sketch = {}
        time_s, lines, opacities = drawing.time_s, drawing.lines, list(drawing.opacities)
        _put(self._band, drawing.band[0], drawing.band[1:3])
        _put(self.line, time_s, lines, opacities)
        if drawing.dots and time_s.size:
            gaps = np.full(lines.shape, np.nan)
            dots = np.stack([lines, gaps], 2).reshape(len(lines), -1)
            _put(self._dots, np.repeat(time_s, 2), dots, opacities)
        else:
            _put(self._dots, np.empty(0), np.empty((1, 0)))
        _put(self._aside, drawing.strokes[0], drawing.strokes[1])

    def __repr__(self) -> str:
        return f"TraceFigure({self._plot_px} px)"


def _put(
    mark: bqplot.Lines,
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    opacities: list[float] | None = None,
) -> None:
    if opacities is not None:
        x, y = _ended(x, y)
    if x.size == 0 and np.size(mark.x) == 0:
        return
    with mark.hold_sync():
        mark.x, mark.y = x, y[0] if len(y) == 1 else y
        if opacities is not None:
            mark.opacities = opacities


def _ended(
    x: NDArray[np.float64], lines: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Lines that end with a sample: bqplot looks for a place to write a name after the last.

    Shorter ones repeat their last sample, which draws nothing more.
    """
    ends = [int(np.flatnonzero(np.isfinite(line))[-1]) for line in lines if np.isfinite(line).any()]
    if len(ends) < len(lines):  # nothing of a line is here
        return np.empty(0), np.empty((len(lines), 0))
    longest = max(ends) + 1
    at = np.minimum(np.arange(longest), np.array(ends)[:, None])
    y = np.take_along_axis(lines, at, 1)
    return (x[:longest] if len(lines) == 1 else x[at]), y
