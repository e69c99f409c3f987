"""`draw_pool`: a pool as a swarm, boxes, violins, a scatter, a histogram or cumulative shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.pool.choices import value_title
from cloudscope.pool.colors import color_index
from cloudscope.pool.plot_parts import (
    INK,
    PLOT_KINDS,
    Curve,
    Dots,
    PlotKind,
    PoolDrawing,
    group_label,
)
from cloudscope.pool.shapes import bin_edges, box_numbers, cumulative_share, density
from cloudscope.pool.swarm import swarm_offsets

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

__all__ = ["draw_pool"]

_MOST_DOTS = 4000
_HALF = 0.42  # of the room of a group
_SMALLEST_DOT_PX = 2.5
_DOTS_IN_BOXES = 150  # more would hide the box


def draw_pool(
    table: pd.DataFrame,
    kind: PlotKind = "swarm",
    *,
    group_by: Sequence[str] = (),
    color_by: str | None = None,
    statistics: pd.DataFrame | None = None,
    width_px: float = 300.0,
    height_px: float = 240.0,
    dot_px: float = 6.0,
) -> PoolDrawing:
    """The plot of a pool.

    Numbers are those of all rows; only dots are thinned out where there is no room for them.

    Parameters
    ----------
    table : DataFrame
        Of `pool_table`.
    kind : {"swarm", "box", "violin", "scatter", "histogram", "cumulative"}
    group_by : sequence of str
        Columns that make groups, side by side or as curves.
    color_by : str, optional
        Column of the colours; by default the groups have one each.
    statistics : DataFrame, optional
        Of `pool_statistics` by the same `group_by`: a swarm shows its means and their intervals.
    width_px, height_px : float
        Of the plot, without its axes: dots of a swarm lie beside each other at this size, and at
        any wider one.
    dot_px : float
        Diameter of a dot; smaller where there are too many.

    Raises
    ------
    ParameterError
        If the kind is none of these, or a column is missing.
    """
    if kind not in PLOT_KINDS:
        raise ParameterError(f"kind={kind!r} is not allowed: give one of {', '.join(PLOT_KINDS)}")
    for name in [*group_by, *([color_by] if color_by else [])]:
        if name not in table:
            raise ParameterError(f"the table has no column {name!r}")
    needed = ["value", "x"] if kind == "scatter" and "x" in table else ["value"]
    rows = np.flatnonzero(np.isfinite(table[needed].to_numpy(float)).all(axis=1))
    part = table.iloc[rows]
    groups, group_labels = _levels(part, group_by)
    colors, color_labels = (groups, group_labels) if not color_by else _levels(part, [color_by])
    plot = PoolDrawing(kind, total=int(rows.size), dot_px=dot_px)
    if len(color_labels) > 1:
        plot.legend = _legend(color_labels)
    plot.y_title = value_title(str(table.attrs.get("value", "value")))
    data = _Data(part["value"].to_numpy(float), rows, groups, group_labels, colors, color_labels)
    if not rows.size:
        return plot
    size = (width_px, height_px)
    if kind == "scatter":
        _scatter(plot, data, part, size)
    elif kind in ("histogram", "cumulative"):
        plot.x_title = plot.y_title
        (_histogram if kind == "histogram" else _cumulative)(plot, data)
    else:
        plot.x_labels = tuple(group_labels)
        plot.x_limits = (0.5, len(group_labels) + 0.5)
        plot.y_limits = _padded(data.value)
        plot.x_title = ", ".join(value_title(name) for name in group_by)
        {"swarm": _swarm, "box": _boxes, "violin": _violins}[kind](plot, data, size)
        if kind == "swarm" and statistics is not None and len(statistics) == len(group_labels):
            _means(plot, statistics)
    plot.drawn = sum(dots.x.size for dots in plot.dots)
    return plot


@dataclass(frozen=True, eq=False)
class _Data:
    value: NDArray[np.float64]
    rows: NDArray[np.intp]
    groups: NDArray[np.intp]
    group_labels: list[str]
    colors: NDArray[np.intp]
    color_labels: list[str]

    def parts(self) -> list[tuple[float, float, int, NDArray[np.intp]]]:
        """Centre, width, colour and rows of each box: side by side where colours differ."""
        same = self.colors is self.groups
        found = []
        for group in range(len(self.group_labels)):
            in_group = np.flatnonzero(self.groups == group)
            there = [group] if same else np.unique(self.colors[in_group]).tolist()
            width = 0.8 / max(len(there), 1)
            for turn, color in enumerate(there):
                at = group + 1 + (turn - (len(there) - 1) / 2) * width
                chosen = in_group if same else in_group[self.colors[in_group] == color]
                found.append((at, width, color, chosen))
        return found


def _levels(table: pd.DataFrame, names: Sequence[str]) -> tuple[NDArray[np.intp], list[str]]:
    """Number of each row's level, in the order of `pool_statistics`, and the levels' labels."""
    if not names:
        return np.zeros(len(table), dtype=np.intp), [""]
    grouped = table.groupby(list(names), sort=True, dropna=False, observed=True)
    return np.asarray(grouped.ngroup(), np.intp), [group_label(keys) for keys, _ in grouped]


def _legend(labels: Sequence[str]) -> tuple[tuple[int, str], ...]:
    last = color_index(len(labels))
    shown = [(color_index(i), label) for i, label in enumerate(labels) if color_index(i) < last]
    rest = list(labels[len(shown) :])
    if len(rest) == 1:
        shown.append((last, rest[0]))
    elif rest:
        shown.append((last, f"{len(rest)} others"))
    return tuple(shown)


def _padded(values: NDArray[np.float64], share: float = 0.06) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = share * (high - low) or max(abs(low) * 0.05, 1e-9)
    return low - pad, high + pad


def _put_dots(
    plot: PoolDrawing, data: _Data, x: NDArray[np.float64], chosen: NDArray[np.intp]
) -> None:
    colors = data.colors[chosen]
    for color in np.unique(colors):
        of_it = colors == color
        plot.dots.append(
            Dots(
                x[of_it],
                data.value[chosen][of_it],
                data.rows[chosen][of_it],
                color_index(int(color)),
                data.color_labels[int(color)],
            )
        )


def _thinned(chosen: NDArray[np.intp], values: NDArray[np.float64], most: int) -> Any:
    """At most so many, evenly by rank, the extremes among them."""
    if chosen.size <= most:
        return chosen
    ranked = chosen[np.argsort(values[chosen], kind="stable")]
    return ranked[np.unique(np.linspace(0, ranked.size - 1, max(most, 2)).round().astype(int))]


def _swarm(plot: PoolDrawing, data: _Data, size: tuple[float, float]) -> None:
    per_group = max(2, _MOST_DOTS // len(data.group_labels))
    parts = [
        _thinned(np.flatnonzero(data.groups == group), data.value, per_group)
        for group in range(len(data.group_labels))
    ]
    room = size[0] / len(parts)
    scale = size[1] / (plot.y_limits[1] - plot.y_limits[0])
    dot = plot.dot_px
    offsets = [swarm_offsets(data.value[part] * scale, dot) for part in parts]
    while max(np.abs(o).max(initial=0.0) for o in offsets) > _HALF * room:
        if dot <= _SMALLEST_DOT_PX:
            parts = [
                part
                if np.abs(o).max(initial=0.0) <= _HALF * room
                else _thinned(part, data.value, int(part.size * 0.75))
                for part, o in zip(parts, offsets, strict=True)
            ]
            if all(part.size <= 2 for part in parts):
                break
        dot = max(dot * 0.85, _SMALLEST_DOT_PX)
        offsets = [swarm_offsets(data.value[part] * scale, dot) for part in parts]
    plot.dot_px = dot
    for group, (part, offset) in enumerate(zip(parts, offsets, strict=True)):
        _put_dots(plot, data, group + 1 + offset / room, part)


def _means(plot: PoolDrawing, statistics: pd.DataFrame) -> None:
    columns = ("mean", "mean_ci95_low", "mean_ci95_high")
    for group, row in enumerate(statistics[list(columns)].to_numpy(float), 1):
        mean, low, high = row
        if not np.isfinite(mean):
            continue
        x, y = [group - 0.28, group + 0.28], [mean, mean]
        plot.curves.append(Curve(np.array(x), np.array(y), INK, wide=True))
        if np.isfinite(low):
            cap = 0.08
            plot.curves.append(
                Curve(
                    group + np.array([-cap, cap, np.nan, 0, 0, np.nan, -cap, cap]),
                    np.array([low, low, np.nan, low, high, np.nan, high, high]),
                    INK,
                )
            )


def _boxes(plot: PoolDrawing, data: _Data, size: tuple[float, float]) -> None:
    for at, width, color, chosen in data.parts():
        half, index = 0.4 * width, color_index(color)
        box = box_numbers(data.value[chosen])
        sides = at + half * np.array([-1, 1, 1, -1, -1])
        levels = np.array([box.q25, box.q25, box.q75, box.q75, box.q25])
        plot.curves.append(Curve(sides, levels, index, filled=True))
        plot.curves.append(
            Curve(
                np.array([at, at, np.nan, at, at]),
                np.array([box.low, box.q25, np.nan, box.q75, box.high]),
                index,
            )
        )
        middle = np.array([box.median, box.median])
        plot.curves.append(Curve(at + half * np.array([-1, 1]), middle, index, wide=True))
        beyond = (data.value[chosen] < box.low) | (data.value[chosen] > box.high)
        _dots_inside(plot, data, at, width, chosen, beyond, size)


def _violins(plot: PoolDrawing, data: _Data, size: tuple[float, float]) -> None:
    shapes = [density(data.value[chosen]) for _, _, _, chosen in data.parts()]
    widest = max((share.max(initial=0.0) for _, share in shapes), default=0.0)
    for (at, width, color, chosen), (heights, share) in zip(data.parts(), shapes, strict=True):
        index, half = color_index(color), 0.46 * width
        if heights.size:
            reach = half * share / widest
            x = np.concatenate([at + reach, at - reach[::-1], at + reach[:1]])
            y = np.concatenate([heights, heights[::-1], heights[:1]])
            plot.curves.append(Curve(x, y, index, filled=True))
        box = box_numbers(data.value[chosen])
        quartiles = np.array([box.q25, box.q75])
        plot.curves.append(Curve(np.array([at, at]), quartiles, index, wide=True))
        middle = np.array([box.median, box.median])
        plot.curves.append(Curve(at + 0.3 * half * np.array([-1, 1]), middle, index, wide=True))
        _dots_inside(plot, data, at, width, chosen, np.zeros(chosen.size, bool), size)


def _dots_inside(
    plot: PoolDrawing,
    data: _Data,
    at: float,
    width: float,
    chosen: NDArray[np.intp],
    beyond: NDArray[np.bool_],
    size: tuple[float, float],
) -> None:
    """Every value where they are few, else those beyond the whiskers."""
    if chosen.size > _DOTS_IN_BOXES:
        chosen = _thinned(chosen[beyond], data.value, _MOST_DOTS // 20)
    scale = size[1] / (plot.y_limits[1] - plot.y_limits[0])
    room = size[0] / len(data.group_labels)
    plot.dot_px = min(plot.dot_px, 5.0)
    offset = swarm_offsets(data.value[chosen] * scale, plot.dot_px) / room
    _put_dots(plot, data, at + np.clip(offset, -0.45 * width, 0.45 * width), chosen)


def _scatter(
    plot: PoolDrawing, data: _Data, table: pd.DataFrame, size: tuple[float, float]
) -> None:
    if "x" in table:
        x = table["x"].to_numpy(float)
        plot.x_title = value_title(str(table.attrs.get("x", "x")).rpartition(".")[2])
    else:
        x = np.arange(1.0, len(table) + 1)
        plot.x_title = "in order of the recordings"
    plot.x_limits, plot.y_limits = _padded(x, 0.04), _padded(data.value)
    chosen = _one_a_cell(x, data, plot, size)
    _put_dots(plot, data, x[chosen], chosen)


def _one_a_cell(
    x: NDArray[np.float64], data: _Data, plot: PoolDrawing, size: tuple[float, float]
) -> NDArray[np.intp]:
    """Where dots are many, one of each colour for each place on the screen: the same picture."""
    if x.size <= _MOST_DOTS:
        return np.arange(x.size)
    cell = 1.5
    while True:
        across = ((x - plot.x_limits[0]) / np.ptp(plot.x_limits) * size[0] / cell).astype(int)
        up = ((data.value - plot.y_limits[0]) / np.ptp(plot.y_limits) * size[1] / cell).astype(int)
        places = np.stack([across, up, np.minimum(data.colors, 6)])
        first = np.unique(places, axis=1, return_index=True)[1]
        if first.size <= _MOST_DOTS:
            return np.asarray(np.sort(first))
        cell *= 1.3


def _histogram(plot: PoolDrawing, data: _Data) -> None:
    edges = bin_edges(data.value)
    highest = 0
    for color in range(len(data.color_labels)):
        counts = np.histogram(data.value[data.colors == color], edges)[0]
        highest = max(highest, int(counts.max(initial=0)))
        x = np.concatenate([edges[:1], np.repeat(edges, 2)[1:-1], edges[-1:]])
        y = np.concatenate([[0], np.repeat(counts, 2), [0]]).astype(float)
        plot.curves.append(Curve(x, y, color_index(color), filled=True))
    plot.x_limits, plot.y_limits = _padded(edges, 0.02), (0.0, highest * 1.06 or 1.0)
    plot.y_title = "count"


def _cumulative(plot: PoolDrawing, data: _Data) -> None:
    for color in range(len(data.color_labels)):
        x, y = cumulative_share(data.value[data.colors == color])
        if x.size > 2 * _MOST_DOTS:
            at = np.linspace(0, x.size // 2 - 1, _MOST_DOTS).astype(int) * 2 + 1
            x, y = x[at], y[at]
        plot.curves.append(Curve(x, y, color_index(color)))
    plot.x_limits, plot.y_limits = _padded(data.value, 0.02), (0.0, 1.02)
    plot.y_title = "share of values"
