"""The score of every trial velocity in one window, beside the streak probe."""

from __future__ import annotations

import math
from html import escape
from typing import TYPE_CHECKING

import bqplot
import ipywidgets
import numpy as np

from cloudscope.widgets.axis_ticks import round_ticks, tick_labels

if TYPE_CHECKING:
    from cloudscope.analysis.streaks.probe import ScoreCurve

__all__ = ["CurveFigure"]

_CURVE_PX = 130


class CurveFigure(ipywidgets.VBox):
    """Score against velocity, with the velocity chosen and the next best."""

    def __init__(self) -> None:
        x, y = bqplot.LinearScale(), bqplot.LinearScale()
        nothing = np.empty(0)
        scales = {"x": x, "y": y}
        self._line = bqplot.Lines(
            x=nothing, y=nothing, scales=scales, stroke_width=1.4,
            colors=["var(--cs-trace-radon_velocity, #0b6bcb)"],
        )  # fmt: skip
        self._chosen = bqplot.Lines(
            x=nothing, y=nothing, scales=scales, stroke_width=2, colors=["#e4572e"]
        )
        self._second = bqplot.Lines(
            x=nothing, y=nothing, scales=scales, stroke_width=1.2, line_style="dashed",
            colors=["#9aa4b2"],
        )  # fmt: skip
        self._x, self._y = x, y
        self._axis = bqplot.Axis(
            scale=x, grid_lines="none", label="µm/s", label_offset="28px", tick_values=[]
        )
        self._figure = bqplot.Figure(
            marks=[self._line, self._second, self._chosen],
            axes=[self._axis],
            fig_margin={"left": 14, "right": 14, "top": 8, "bottom": 38},
            padding_x=0.0, padding_y=0.0, animation_duration=0, display_toolbar=False,
            min_aspect_ratio=0.001, max_aspect_ratio=1000,
        )  # fmt: skip
        self._figure.layout.height = f"{_CURVE_PX}px"
        self._figure.layout.width = "100%"
        self._words = ipywidgets.HTML()
        self._words.add_class("cs-hint")
        super().__init__([self._figure, self._words])
        self.add_class("cs-trace")
        self.layout.flex = "1 1 320px"
        self.layout.min_width = "260px"

    def clear(self, why: str) -> None:
        """Draw nothing, and say why."""
        self._figure.layout.display = "none"
        self._words.value = escape(why)

    def draw(self, curve: ScoreCurve) -> None:
        """Draw a curve; trial velocities that the limits forbid are left out."""
        shown = curve.allowed & np.isfinite(curve.score)
        velocity, score = curve.velocity_um_per_s[shown], curve.score[shown]
        if not velocity.size:
            self.clear("the limits allow no velocity")
            return
        self._figure.layout.display = ""
        self._words.value = "score of each velocity in this window; red: chosen, dashed: next best"
        marks = [v for v in (curve.chosen_um_per_s, curve.second_um_per_s) if math.isfinite(v)]
        low, high = _interesting(velocity, score, marks)
        bottom, top = float(score.min()), float(score.max())
        top += 0.06 * max(top - bottom, 1e-9)
        with self._x.hold_sync():
            self._x.min, self._x.max = low, high
        with self._y.hold_sync():
            self._y.min, self._y.max = bottom, top
        ticks = round_ticks(low, high, 5)
        self._axis.tick_labels = tick_labels(ticks)
        self._axis.tick_values = np.array(ticks)
        inside = (velocity >= low) & (velocity <= high)
        _put(self._line, velocity[inside], score[inside])
        for line, value in (
            (self._chosen, curve.chosen_um_per_s),
            (self._second, curve.second_um_per_s),
        ):
            at = [value, value] if math.isfinite(value) else []
            _put(line, np.array(at), np.array([bottom, top][: len(at)]))


def _put(line: bqplot.Lines, x: np.ndarray, y: np.ndarray) -> None:
    with line.hold_sync():
        line.x, line.y = x, y


def _interesting(
    velocity: np.ndarray, score: np.ndarray, marks: list[float]
) -> tuple[float, float]:
    """Where the curve says something: its high part and the velocities marked, with room."""
    floor = float(np.median(score))
    high = velocity[score > floor + 0.5 * (float(score.max()) - floor)]
    ends = [*marks, float(high.min()), float(high.max())] if high.size else marks
    if not ends:
        return float(velocity[0]), float(velocity[-1])
    room = 0.6 * max(max(ends) - min(ends), 0.2 * max(abs(e) for e in ends), 1e-6)
    low = max(float(velocity[0]), min(ends) - room)
    return low, max(min(float(velocity[-1]), max(ends) + room), low + 1e-6)
