"""`pool_figure`: the plot of a pool as a figure to publish."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.figures.look import Look, Theme, new_figure, style
from cloudscope.pool.drawing import draw_pool
from cloudscope.pool.plot_parts import INK, PlotKind, PoolDrawing
from cloudscope.pool.statistics import pool_statistics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["pool_figure"]

_MARKERS = ("o", "s", "^", "D", "v", "P", "o")
_LEFT, _RIGHT, _TOP, _BOTTOM = 15.0, 3.0, 3.0, 10.0  # mm
_PX_PER_MM = 4.0  # the drawing's pixels: dots of 6 of them are 1.5 mm
_POINTS_PER_MM = 72 / 25.4


def pool_figure(
    table: pd.DataFrame,
    kind: PlotKind = "swarm",
    *,
    group_by: str | Sequence[str] = (),
    color_by: str | None = None,
    width_mm: float = 85.0,
    height_mm: float = 60.0,
    dpi: float = 300.0,
    theme: Theme = "light",
    statistics: pd.DataFrame | None = None,
) -> Figure:
    """A pool as a figure; a swarm has the mean of each group with its 95 % interval.

    Parameters
    ----------
    table : DataFrame
        Of `pool_table`.
    kind : {"swarm", "box", "violin", "scatter", "histogram", "cumulative"}
    group_by : str or sequence of str
        Columns that make groups.
    color_by : str, optional
        Column of the colours; by default the groups have one each.
    width_mm, height_mm, dpi : float
    theme : {"light", "dark"}
    statistics : DataFrame, optional
        Of `pool_statistics` by the same groups; computed where it is not given.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ParameterError
        If the kind, a column or a size is wrong.
    ExportError
        If matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"condition": list("aaabbb"), "value": [1.0, 2, 3, 2, 3, 4]})
    >>> pool_figure(table, group_by="condition").axes[0].get_xlabel()
    'condition'
    """
    look = Look.of(theme)
    groups = [group_by] if isinstance(group_by, str) else list(group_by)
    if statistics is None:
        statistics = pool_statistics(table, groups)
    across, tall = width_mm - _LEFT - _RIGHT, height_mm - _TOP - _BOTTOM
    plot = draw_pool(
        table,
        kind,
        group_by=groups,
        color_by=color_by,
        statistics=statistics,
        width_px=across * _PX_PER_MM,
        height_px=tall * _PX_PER_MM,
    )
    figure = new_figure(width_mm, height_mm, dpi, look)
    slanted = _slanted(plot, across)
    bottom = _BOTTOM + (9.0 if slanted else 0.0)
    axes = figure.add_axes(
        (
            _LEFT / width_mm,
            bottom / height_mm,
            across / width_mm,
            (height_mm - _TOP - bottom) / height_mm,
        )
    )
    style(axes, look)
    _draw(axes, plot, look)
    axes.set_xlim(*plot.x_limits)
    axes.set_ylim(*plot.y_limits)
    axes.set_xlabel(plot.x_title)
    axes.set_ylabel(plot.y_title)
    if plot.x_labels:
        turn: dict[str, Any] = {"rotation": 35, "ha": "right", "rotation_mode": "anchor"}
        axes.set_xticks(
            range(1, len(plot.x_labels) + 1), plot.x_labels, **(turn if slanted else {})
        )
        axes.tick_params(axis="x", length=0)
    needs_legend = len(plot.legend) > 1 and not (plot.x_labels and color_by is None)
    if needs_legend:
        axes.legend(frameon=False, fontsize=6, labelcolor=look.ink, handlelength=1.2)
    return figure


def _slanted(plot: PoolDrawing, across_mm: float) -> bool:
    if not plot.x_labels:
        return False
    room = across_mm / len(plot.x_labels)
    return max(len(label) for label in plot.x_labels) * 1.3 > room


def _draw(axes: Axes, plot: PoolDrawing, look: Look) -> None:
    labels = dict(plot.legend)
    named: set[int] = set()

    def label(color: int) -> str | None:
        if color in named or color not in labels:
            return None
        named.add(color)
        return labels[color]

    for dots in plot.dots:
        side = plot.dot_px / _PX_PER_MM * _POINTS_PER_MM
        axes.plot(
            dots.x, dots.y, linestyle="none", marker=_MARKERS[dots.color], markersize=side * 0.92,
            markeredgewidth=0, alpha=0.85, color=look.groups[dots.color], label=label(dots.color),
            zorder=2,
        )  # fmt: skip
    for curve in plot.curves:
        color = look.ink if curve.color == INK else look.groups[curve.color]
        if curve.filled:
            known = np.isfinite(curve.x)
            axes.fill(
                curve.x[known], curve.y[known], facecolor=color, alpha=0.22, linewidth=0, zorder=1
            )
        axes.plot(
            curve.x, curve.y, color=color, linewidth=1.6 if curve.wide else 0.8,
            label=None if curve.color == INK or plot.dots else label(curve.color),
            zorder=3 if curve.wide or curve.color == INK else 1.5, solid_capstyle="butt",
        )  # fmt: skip
