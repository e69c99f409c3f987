"""The plot of a pool in the browser: bqplot marks for what `draw_pool` says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import bqplot
import ipywidgets
import numpy as np
from ipywidgets import Layout

from cloudscope.pool.colors import LIGHT, MARKERS
from cloudscope.pool.plot_parts import INK, Curve, PoolDrawing
from cloudscope.widgets.axis_ticks import round_ticks, tick_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MARGINS", "PoolPlot"]

MARGINS = {"left": 58, "right": 10, "top": 8, "bottom": 26}
_SLANTED_BOTTOM_PX = 74
_LABEL_CHARS = 14
_FILL_OPACITY = 0.22
_NOTHING: dict[str, Any] = {"x": np.empty(0), "y": np.empty(0)}


class PoolPlot(ipywidgets.VBox):
    """Dots that can be clicked, shapes and axes.

    Parameters
    ----------
    height_px : int
        Of the plot with its axes.

    Examples
    --------
    >>> import pandas as pd
    >>> from cloudscope.pool.drawing import draw_pool
    >>> plot = PoolPlot()
    >>> plot.show(draw_pool(pd.DataFrame({"value": [1.0, 2.0]}), "box"), {0: "a", 1: "b"})
    >>> plot
    PoolPlot(2 dots)
    """

    def __init__(self, height_px: int = 300) -> None:
        self._handlers: list[Callable[[int], None]] = []
        self._rows: dict[int, NDArray[np.intp]] = {}
        self._places: dict[int, tuple[float, float]] = {}
        x = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        y = bqplot.LinearScale(min=0.0, max=1.0, allow_padding=False)
        self._scales = {"x": x, "y": y}
        self._fills, self._strokes, self._bold = (
            bqplot.Lines(**_NOTHING, scales=self._scales, **style)
            for style in (
                {"stroke_width": 1.4, "fill": "inside", "fill_opacities": [_FILL_OPACITY]},
                {"stroke_width": 1.4},
                {"stroke_width": 3.0},
            )
        )
        self._dots: dict[int, bqplot.Scatter] = {}
        self._ring = bqplot.Scatter(
            **_NOTHING, scales=self._scales, marker="circle", fill=False, stroke_width=2.0,
            colors=["var(--cs-fg, #1c2128)"], default_size=110,
        )  # fmt: skip
        self._x_axis = bqplot.Axis(scale=x, grid_lines="none", tick_values=[])
        self._y_axis = bqplot.Axis(scale=y, side="left", grid_lines="none", tick_values=[])
        self._figure = bqplot.Figure(
            marks=[self._ring, self._fills, self._strokes, self._bold],
            axes=[self._x_axis, self._y_axis],
            scale_x=x,
            scale_y=y,
            padding_x=0.0,
            padding_y=0.0,
            fig_margin=MARGINS,
            animation_duration=0,
            display_toolbar=False,
            min_aspect_ratio=0.001,
            max_aspect_ratio=1000,
            layout=Layout(width="100%", min_width="0", margin="0", height=f"{height_px}px"),
        )
        self._above, self._below = (
            ipywidgets.HTML(_dom_classes=["cs-pool-title", f"cs-pool-{where}"])
            for where in ("above", "below")
        )
        super().__init__(
            (self._above, self._figure, self._below),
            _dom_classes=("cs-pool-plot",),
            layout=Layout(width="100%", min_width="0"),
        )

    @property
    def height_px(self) -> int:
        """Height of the plot with its axes."""
        return int(self._figure.layout.height.removesuffix("px"))

    @height_px.setter
    def height_px(self, height_px: int) -> None:
        self._figure.layout.height = f"{height_px}px"

    def on_pick(self, handler: Callable[[int], None]) -> None:
        """Call `handler` with the row of each dot clicked."""
        self._handlers.append(handler)

    def show(self, plot: PoolDrawing, names: Mapping[int, str]) -> None:
        """Draw a plot; `names` are those of its rows, shown when the pointer is on a dot."""
        with self._scales["x"].hold_sync(), self._scales["y"].hold_sync():
            self._scales["x"].min, self._scales["x"].max = plot.x_limits
            self._scales["y"].min, self._scales["y"].max = plot.y_limits
        self._put_axes(plot)
        _put_curves(self._fills, [c for c in plot.curves if c.filled])
        _put_curves(self._strokes, [c for c in plot.curves if not c.filled and not c.wide])
        _put_curves(self._bold, [c for c in plot.curves if c.wide])
        self._put_dots(plot, names)
        self._above.value = _head(plot)
        self._below.value = f'<div class="cs-hint">{escape(plot.x_title)}</div>'
        self._below.layout.display = "" if plot.x_title else "none"

    def mark(self, rows: Sequence[int]) -> None:
        """Put a ring round the dots of these rows."""
        places = [self._places[row] for row in rows if row in self._places]
        x, y = zip(*places, strict=True) if places else ((), ())
        with self._ring.hold_sync():
            self._ring.x, self._ring.y = np.array(x, float), np.array(y, float)

    def _put_axes(self, plot: PoolDrawing) -> None:
        bottom = MARGINS["bottom"]
        if plot.x_labels:
            x_ticks = [float(i) for i in range(1, len(plot.x_labels) + 1)]
            labels = {f"{at:.12g}": _short(t) for at, t in zip(x_ticks, plot.x_labels, strict=True)}
            long = max(len(label) for label in labels.values()) * len(labels) > 26
            bottom = _SLANTED_BOTTOM_PX if long else bottom
            self._x_axis.tick_rotate = -38 if long else 0
            self._x_axis.tick_style = {"text-anchor": "end" if long else "middle"}
        else:
            x_ticks = round_ticks(*plot.x_limits, 4)
            labels = tick_labels(x_ticks)
            self._x_axis.tick_rotate, self._x_axis.tick_style = 0, {"text-anchor": "middle"}
        self._figure.fig_margin = MARGINS | {"bottom": bottom}
        # Labels before places: bqplot draws new ticks with the labels it has then.
        self._x_axis.tick_labels = labels
        self._x_axis.tick_values = np.array(x_ticks)
        y_ticks = round_ticks(*plot.y_limits, 5)
        self._y_axis.tick_labels = tick_labels(y_ticks)
        self._y_axis.tick_values = np.array(y_ticks)

    def _put_dots(self, plot: PoolDrawing, names: Mapping[int, str]) -> None:
        self._rows, self._places = {}, {}
        colors = sorted({dots.color for dots in plot.dots} | set(self._dots))
        for color in colors:
            of_it = [dots for dots in plot.dots if dots.color == color]
            scatter = self._dots.get(color) or self._new_dots(color)
            parts = {"x": [d.x for d in of_it], "y": [d.y for d in of_it]}
            x, y = (np.concatenate(part) if part else np.empty(0) for part in parts.values())
            rows = np.concatenate([d.rows for d in of_it]) if of_it else np.empty(0, np.intp)
            if not rows.size and np.size(scatter.x) == 0:
                continue
            with scatter.hold_sync():
                scatter.x, scatter.y = x, y
                scatter.names = np.array([names.get(int(row), "") for row in rows])
                scatter.default_size = max(4, round(np.pi / 4 * plot.dot_px**2))
            self._rows[color] = rows
            self._places |= {
                int(row): (float(a), float(b)) for row, a, b in zip(rows, x, y, strict=True)
            }
        self._ring.default_size = round(np.pi / 4 * (plot.dot_px + 6) ** 2)
        self.mark([])

    def _new_dots(self, color: int) -> bqplot.Scatter:
        scatter = bqplot.Scatter(
            **_NOTHING, scales=self._scales, marker=MARKERS[color], colors=[_css(color)],
            display_names=False, stroke_width=0, opacities=[0.85],
            tooltip=bqplot.Tooltip(fields=["name"], show_labels=False),
        )  # fmt: skip
        scatter.on_element_click(lambda _, event: self._clicked(color, event))
        self._dots[color] = scatter
        marks = [self._dots[c] for c in sorted(self._dots)]
        # the ring lies below: what is on top of a dot would take its clicks
        self._figure.marks = [self._ring, self._fills, self._strokes, *marks, self._bold]
        return scatter

    def _clicked(self, color: int, event: Mapping[str, Any]) -> None:
        index, rows = event.get("data", {}).get("index"), self._rows.get(color)
        if isinstance(index, int) and rows is not None and 0 <= index < rows.size:
            for handler in self._handlers:
                handler(int(rows[index]))

    def __repr__(self) -> str:
        return f"PoolPlot({len(self._places):,} dots)"


def _css(color: int) -> str:
    if color == INK:
        return "var(--cs-fg, #1c2128)"
    return f"var(--cs-group-{color + 1}, {LIGHT[color]})"


def _short(label: str) -> str:
    return label if len(label) <= _LABEL_CHARS else f"{label[: _LABEL_CHARS - 1]}…"


def _put_curves(mark: bqplot.Lines, curves: Sequence[Curve]) -> None:
    """All curves in one mark; shorter ones go on at their last point."""
    if not curves and np.size(mark.x) == 0:
        return
    longest = max((curve.x.size for curve in curves), default=0)
    with mark.hold_sync():
        if curves:
            mark.x = np.array([np.pad(c.x, (0, longest - c.x.size), mode="edge") for c in curves])
            mark.y = np.array([np.pad(c.y, (0, longest - c.y.size), mode="edge") for c in curves])
            mark.colors = mark.fill_colors = [_css(curve.color) for curve in curves]
            mark.fill_opacities = [_FILL_OPACITY] * len(curves)
        else:
            mark.x, mark.y = np.empty(0), np.empty(0)


def _head(plot: PoolDrawing) -> str:
    signs = {"square": "■", "triangle-up": "▲", "diamond": "◆", "triangle-down": "▼", "cross": "✚"}
    keys = "".join(
        f'<span class="cs-key"><i style="color:{_css(color)}">{signs.get(MARKERS[color], "●")}</i>'
        f"{escape(label)}</span>"
        for color, label in plot.legend
    )
    return f"<b>{escape(plot.y_title)}</b>{keys}"
