"""Axes of the viewer: from rows and columns to seconds and µm, or to lines and px."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from cloudscope.metadata import ImageHeader

__all__ = ["Axis", "ViewerAxes"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of an image.

    Attributes
    ----------
    title, unit : str
        For people; the unit is ``"lines"`` or ``"px"`` where the scale is not known.
    scale : float
        Units per pixel, 1 if not known.
    size : int
        Pixels.

    Examples
    --------
    >>> time = Axis("time", "s", 0.001, 30000)
    >>> time.inside(-5, 2), time.pixels(1.0, 2.0)
    ((0.0, 2.0), (1000, 2000))
    """

    title: str
    unit: str
    scale: float
    size: int

    @property
    def length(self) -> float:
        """Whole length in units."""
        return self.size * self.scale

    def inside(self, start: float, stop: float) -> tuple[float, float]:
        """The part of a range that lies on the axis, at least a pixel long."""
        if not (math.isfinite(start) and math.isfinite(stop)):
            return (0.0, self.length)
        start, stop = sorted((float(start), float(stop)))
        start, stop = max(start, 0.0), min(stop, self.length)
        # a little less than a pixel, so that rounding does not reject exactly one
        if stop - start < self.scale * (1 - 1e-6):
            middle = min(max((start + stop) / 2, self.scale / 2), self.length - self.scale / 2)
            start, stop = middle - self.scale / 2, middle + self.scale / 2
        return (start, stop)

    def carry(self, shown: tuple[float, float], other: Axis) -> tuple[float, float]:
        """The same pixels as `shown`, on an axis of another scale."""
        if self.size != other.size:
            return (0.0, other.length)
        if self.scale == other.scale:
            return shown
        factor = other.scale / self.scale
        return (shown[0] * factor, min(shown[1] * factor, other.length))

    def pixels(self, start: float, stop: float) -> tuple[int, int]:
        """First and past-the-last pixel that a range touches."""
        first = min(max(int(start / self.scale + 1e-6), 0), self.size - 1)
        last = min(max(math.ceil(stop / self.scale - 1e-6), first + 1), self.size)
        return first, last


@dataclass(frozen=True, slots=True)
class ViewerAxes:
    """Both axes of what is shown.

    Attributes
    ----------
    rows, cols : Axis
    line_scan : bool
        Rows are time and run to the right; else the picture stands as stored.
    """

    rows: Axis
    cols: Axis
    line_scan: bool

    @classmethod
    def of(cls, header: ImageHeader | None) -> ViewerAxes:
        """The axes of a recording, or of nothing."""
        if header is None:
            return cls(Axis("time", "lines", 1.0, 1), Axis("position", "px", 1.0, 1), True)
        step = header.pixel_size_um
        cols = Axis("position", "µm" if step else "px", step or 1.0, header.pixels)
        if header.kind == "line_scan":
            period = header.line_period_s
            rows = Axis("time", "s" if period else "lines", period or 1.0, header.lines)
            return cls(rows, cols, True)
        step = header.row_size_um
        rows = Axis("rows", "µm" if step else "px", step or 1.0, header.lines)
        return cls(rows, cols, False)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the browser."""
        return asdict(self)
