"""Regions of interest: frozen rectangles on a recording, and the rules of their bounds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cloudscope.errors import RoiError

__all__ = ["WHOLE_RECORDING", "Roi"]

WHOLE_RECORDING = 0
"""The ROI id that stands for the whole recording; ROIs themselves count from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roi:
    """A rectangle in pixels of the recording: rows are lines (time), columns positions.

    Bounds are half-open: ``row_start <= row < row_stop``.

    Attributes
    ----------
    roi_id : int
        From 1, unique in a recording and never given out twice.
    row_start, row_stop, col_start, col_stop : int
    name, note : str
    color : str
        CSS colour, or ``""`` for the one the viewer chooses by id.
    locked : bool
        Whether the mouse leaves it alone.

    Raises
    ------
    RoiError
        If a bound is not a whole number, negative, or the rectangle is empty.

    Examples
    --------
    >>> roi = Roi(roi_id=1, row_start=0, row_stop=1000, col_start=4, col_stop=30)
    >>> roi.lines, roi.pixels
    (1000, 26)
    """

    roi_id: int
    row_start: int
    row_stop: int
    col_start: int
    col_stop: int
    name: str = ""
    note: str = ""
    color: str = ""
    locked: bool = False

    def __post_init__(self) -> None:
        for name in ("roi_id", "row_start", "row_stop", "col_start", "col_stop"):
            value = getattr(self, name)
            try:
                whole = int(value)
            except (TypeError, ValueError, OverflowError):
                whole = None
            if whole is None or whole != value or isinstance(value, bool):
                raise RoiError(f"ROI {name}={value!r} is not a whole number")
            object.__setattr__(self, name, whole)
        if self.roi_id < 1:
            raise RoiError(f"ROI roi_id={self.roi_id} must be 1 or more")
        for axis in ("row", "col"):
            start, stop = getattr(self, f"{axis}_start"), getattr(self, f"{axis}_stop")
            if start < 0 or stop <= start:
                raise RoiError(
                    f"ROI {self.roi_id} is empty or negative: {axis}_start={start}, "
                    f"{axis}_stop={stop}; give 0 <= {axis}_start < {axis}_stop"
                )

    @property
    def lines(self) -> int:
        """Number of lines (rows)."""
        return self.row_stop - self.row_start

    @property
    def pixels(self) -> int:
        """Number of positions (columns)."""
        return self.col_stop - self.col_start

    @property
    def bounds(self) -> tuple[int, int, int, int]:
        """row_start, row_stop, col_start, col_stop."""
        return (self.row_start, self.row_stop, self.col_start, self.col_stop)

    @property
    def title(self) -> str:
        """Id and name, as lists and labels show it."""
        return f"{self.roi_id} {self.name}".strip()

    def replace(self, **changes: Any) -> Roi:
        """A copy with `changes`."""
        return replace(self, **changes)

    def inside(self, lines: int, pixels: int) -> bool:
        """Whether the rectangle lies within an image of `lines` × `pixels`."""
        return self.row_stop <= lines and self.col_stop <= pixels

    def clamped(self, lines: int, pixels: int) -> Roi:
        """The nearest rectangle inside an image of `lines` × `pixels`: moved, then cut to size.

        Examples
        --------
        >>> Roi(roi_id=1, row_start=90, row_stop=120, col_start=0, col_stop=9).clamped(100, 5)
        Roi(roi_id=1, row_start=70, row_stop=100, col_start=0, col_stop=5, name='', note='', \
color='', locked=False)
        """

        row_start, row_stop = _moved_inside(self.row_start, self.row_stop, lines)
        col_start, col_stop = _moved_inside(self.col_start, self.col_stop, pixels)
        return replace(
            self, row_start=row_start, row_stop=row_stop, col_start=col_start, col_stop=col_stop
        )

    def edited(self, lines: int, pixels: int, **changes: Any) -> Roi:
        """A copy with `changes`, kept inside an image of `lines` × `pixels`.

        Bounds of unchanged length are a move and stop at the border; others are a resize and
        are cut at it.

        Examples
        --------
        >>> roi = Roi(roi_id=1, row_start=0, row_stop=9, col_start=4, col_stop=16)
        >>> roi.edited(100, 20, col_stop=30).bounds
        (0, 9, 4, 20)
        >>> roi.edited(100, 20, col_start=12, col_stop=24).bounds
        (0, 9, 8, 20)
        """
        inside: dict[str, Any] = {}
        for axis, size in (("row", lines), ("col", pixels)):
            names = (f"{axis}_start", f"{axis}_stop")
            if not changes.keys() & set(names):
                continue
            start, stop = (changes.get(name, getattr(self, name)) for name in names)
            length = getattr(self, names[1]) - getattr(self, names[0])
            if stop - start == length:
                start, stop = _moved_inside(start, stop, size)
            else:
                start, stop = max(start, 0), min(stop, size)
            inside |= dict(zip(names, (start, stop), strict=True))
        return replace(self, **(changes | inside)).clamped(lines, pixels)

    def transposed(self) -> Roi:
        """The same pixels after the recording's rows and columns are swapped."""
        return replace(
            self,
            row_start=self.col_start,
            row_stop=self.col_stop,
            col_start=self.row_start,
            col_stop=self.row_stop,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Roi:
        """From `to_dict`, ignoring keys this version does not know.

        Raises
        ------
        RoiError
            If an id or bound is missing or not valid.
        """
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        missing = [f.name for f in fields(cls)[:5] if f.name not in known]
        if missing:
            raise RoiError(f"ROI {dict(values)!r} lacks {', '.join(missing)}")
        return cls(**known)


def _moved_inside(start: int, stop: int, size: int) -> tuple[int, int]:
    length = min(stop - start, size)
    start = min(max(start, 0), size - length)
    return start, start + length


def checked_rois(rois: Iterable[Roi], lines: int, pixels: int) -> tuple[Roi, ...]:
    """The ROIs as a tuple, if ids are unique and all lie inside `lines` × `pixels`.

    Raises
    ------
    RoiError
        Naming the ROI and what is wrong.
    """
    checked = tuple(rois)
    seen: set[int] = set()
    for roi in checked:
        if not isinstance(roi, Roi):
            raise RoiError(f"{roi!r} is not a Roi")
        if roi.roi_id in seen:
            raise RoiError(f"ROI id {roi.roi_id} is used twice")
        seen.add(roi.roi_id)
        if not roi.inside(lines, pixels):
            raise RoiError(
                f"ROI {roi.roi_id} {roi.bounds} reaches outside the recording of "
                f"{lines} lines x {pixels} pixels"
            )
    return checked
