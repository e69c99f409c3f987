"""The parts of a plot of a pool: dots, fills and strokes, whoever draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["INK", "PLOT_KINDS", "Curve", "Dots", "PlotKind", "PoolDrawing", "group_label"]

PlotKind = Literal["swarm", "box", "violin", "scatter", "histogram", "cumulative"]

PLOT_KINDS: tuple[PlotKind, ...] = (
    "swarm", "box", "violin", "scatter", "histogram", "cumulative",
)  # fmt: skip


INK = -1
"""Colour of strokes that belong to no group."""


@dataclass(frozen=True, eq=False)
class Dots:
    """Dots of one colour.

    Attributes
    ----------
    x, y : (n,) float64 arrays
    rows : (n,) int array
        Positions in the table.
    color : int
        Index of the colour.
    label : str
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    rows: NDArray[np.intp]
    color: int
    label: str


@dataclass(frozen=True, eq=False)
class Curve:
    """A line, or the outline of what is filled; NaN breaks it."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    color: int
    filled: bool = False
    wide: bool = False


@dataclass
class PoolDrawing:
    """A plot in its own coordinates.

    Attributes
    ----------
    kind : str
    x_limits, y_limits : tuple of float
    x_title, y_title : str
    x_labels : tuple of str
        Of groups, at 1, 2 and so on; empty where x is a number.
    dots : list of Dots
    curves : list of Curve
    legend : tuple of (int, str)
        Colour and label.
    dot_px : float
        Diameter of a dot.
    drawn, total : int
        Dots drawn, and rows that there are.
    """

    kind: PlotKind
    x_limits: tuple[float, float] = (0.0, 1.0)
    y_limits: tuple[float, float] = (0.0, 1.0)
    x_title: str = ""
    y_title: str = ""
    x_labels: tuple[str, ...] = ()
    dots: list[Dots] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    legend: tuple[tuple[int, str], ...] = ()
    dot_px: float = 6.0
    drawn: int = 0
    total: int = 0


def group_label(values: Sequence[Any]) -> str:
    """A group's values as text.

    Examples
    --------
    >>> group_label(["sham", 2.0, ""])
    'sham · 2 · not said'
    """
    return " · ".join(_word(value) for value in values)


def _word(value: Any) -> str:
    if value is None or value == "" or value != value:
        return "not said"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return {"True": "yes", "False": "no"}.get(str(value), str(value))
