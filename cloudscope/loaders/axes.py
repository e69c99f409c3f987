"""Which stored axis of a file is time, which position, which channel: one rule after the other.

`docs/formats.md` states the rules for users; `Layout.time_axis_source` names the one that chose.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from cloudscope.loaders.facts import FileFacts
from cloudscope.metadata import TimeAxis

__all__ = ["Layout", "lay_out"]

_FRAME_ASPECT = 4
_WIDE = 2
_MOST_UNNAMED_CHANNELS = 4
_CHANNEL_AXES = "CS"
_UNNAMED_AXES = "IQ"

FILE = "file"
RULE_ROWS = "rule: rows are time unless there are more than twice as many columns"
RULE_COLUMNS = "rule: columns are time where they are more than twice as many as the rows"
RULE_PAGES = "rule: pages of one row each are the lines"
RULE_STEP = "rule: the time step of a single plane is that of its rows"
RULE_FRAME = "rule: both axes have a length and nothing is said of time"
RULE_STACK = "rule: pages are frames"


class NoPlane(Exception):
    """The stored array has no two axes that make an image; the text says why."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How to cut the stored array into planes.

    Attributes
    ----------
    axes, shape : str, tuple of int
        The stored array without axes of length 1 that play no part.
    rows : tuple of int
        Axes that together are the stored rows: one, or frame and Y of a line scan in pieces.
    column : int
        Axis of the stored columns.
    channel_axes, frame_axes : tuple of int
    kind : {"line_scan", "frames"}
    time_axis : {"rows", "columns"}
    time_axis_source : str
    """

    axes: str
    shape: tuple[int, ...]
    rows: tuple[int, ...]
    column: int
    channel_axes: tuple[int, ...]
    frame_axes: tuple[int, ...]
    kind: Literal["line_scan", "frames"]
    time_axis: TimeAxis
    time_axis_source: str

    def count(self, axes: tuple[int, ...]) -> int:
        """Number of elements along these axes together."""
        return math.prod(self.shape[axis] for axis in axes)

    @property
    def stored_rows(self) -> int:
        """Rows as stored, whatever is time."""
        return self.count(self.rows)

    @property
    def stored_columns(self) -> int:
        """Columns as stored."""
        return self.shape[self.column]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.count(self.channel_axes)

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self.count(self.frame_axes)


def lay_out(axes: str, shape: tuple[int, ...], facts: FileFacts) -> Layout:
    """Decide what the stored axes are.

    Parameters
    ----------
    axes, shape : str, tuple of int
        Of the whole stored array, one letter an axis.
    facts : FileFacts

    Raises
    ------
    NoPlane
        The array is no image.

    Examples
    --------
    >>> plane = lay_out("YX", (30000, 38), FileFacts())
    >>> plane.kind, plane.time_axis
    ('line_scan', 'rows')
    >>> lay_out("CYX", (2, 40, 3000), FileFacts()).time_axis
    'columns'
    """
    axes, shape = _squeezed(axes, shape)
    channel = tuple(i for i, a in enumerate(axes) if a in _CHANNEL_AXES)
    rest = tuple(i for i in range(len(axes)) if i not in channel)
    named = {a: i for i, a in enumerate(axes)}

    def layout(
        rows: tuple[int, ...],
        column: int,
        kind: Literal["line_scan", "frames"],
        time_axis: TimeAxis,
        source: str,
        more_channels: tuple[int, ...] = (),
    ) -> Layout:
        channels = tuple(sorted(channel + more_channels))
        frames = tuple(i for i in rest if i not in (*rows, column, *more_channels))
        return Layout(axes, shape, rows, column, channels, frames, kind, time_axis, source)

    if len(rest) < 2:
        raise NoPlane("it holds one point or one row of pixels, not an image")

    # a time axis and one axis of position, both by name
    if "T" in named and ("X" in named) != ("Y" in named) and len(rest) == 2:
        time = named["T"]
        space = named["X"] if "X" in named else named["Y"]
        first, second = sorted((time, space))
        return layout((first,), second, "line_scan", "rows" if time == first else "columns", FILE)

    row, column = _plane(named, rest)
    outer = tuple(i for i in rest if i not in (row, column))

    # pages of one row each
    if axes[row] in _UNNAMED_AXES:
        return layout((row,), column, "line_scan", "rows", RULE_PAGES)
    if facts.scan == "lines":
        return layout((*outer, row), column, "line_scan", "rows", FILE)
    if facts.scan == "frames":
        return layout((row,), column, "frames", "rows", FILE)
    if axes[row] == "Z":
        return layout((row,), column, "frames", "rows", FILE)

    rows, columns = shape[row], shape[column]
    aspect = max(rows, columns) / max(1, min(rows, columns))
    pages = math.prod(shape[i] for i in outer)
    stepped = not outer and (facts.time is not None or facts.line is not None)
    if outer:
        if rows == 1:
            source = FILE if all(axes[i] == "T" for i in outer) else RULE_PAGES
            return layout((*outer, row), column, "line_scan", "rows", source)
        unnamed = all(axes[i] in _UNNAMED_AXES for i in outer)
        if not (unnamed and pages <= _MOST_UNNAMED_CHANNELS and aspect >= _FRAME_ASPECT):
            return layout((row,), column, "frames", "rows", FILE if not unnamed else RULE_STACK)
    elif not stepped and facts.both_axes_are_space and aspect < _FRAME_ASPECT:
        return layout((row,), column, "frames", "rows", RULE_FRAME)
    if columns > _WIDE * rows:
        return layout((row,), column, "line_scan", "columns", RULE_COLUMNS, outer)
    rule = RULE_STEP if stepped else RULE_ROWS
    return layout((row,), column, "line_scan", "rows", rule, outer)


def _squeezed(axes: str, shape: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    """Without axes of length 1, but with at least two that can make a plane."""
    keep = [size > 1 for size in shape]
    for letter in "XYT":
        spread = sum(k for k, a in zip(keep, axes, strict=True) if a not in _CHANNEL_AXES)
        if spread < 2 and letter in axes:
            keep[axes.index(letter)] = True
    kept = [i for i, k in enumerate(keep) if k]
    return "".join(axes[i] for i in kept), tuple(shape[i] for i in kept)


def _plane(named: dict[str, int], rest: tuple[int, ...]) -> tuple[int, int]:
    """Stored rows and columns of a plane: Y and X by name, else the last two axes."""
    if "Y" in named and "X" in named:
        first, second = sorted((named["Y"], named["X"]))
        return first, second
    return rest[-2], rest[-1]
