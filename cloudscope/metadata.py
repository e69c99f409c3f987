"""What is known of a recording: `ImageHeader` from the file, the user's words beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal

from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import ExperimentMetadata, FieldSpec, experiment_fields
from cloudscope.optics import Optics
from cloudscope.read_later import ReadLater

__all__ = [
    "ExperimentMetadata",
    "FieldSpec",
    "HeaderCorrections",
    "ImageHeader",
    "Stamp",
    "TimeAxis",
    "experiment_fields",
]

TimeAxis = Literal["rows", "columns"]
"""Which axis of the stored image is time."""

Kind = Literal["line_scan", "frames"]


def _positive(owner: str, name: str, value: float | None) -> float | None:
    if value is None:
        return None
    number = None if isinstance(value, bool) else value
    try:
        number = float(number)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not (math.isfinite(number) and number > 0):
        raise ParameterError(
            f"{owner} {name}={value!r} is not allowed: give a positive number, or None if unknown"
        )
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageHeader:
    """What a file says of its pixels. A value the file does not give is ``None``, never 1.0.

    Rows are time and columns position once `time_axis` has been applied: `lines` and `pixels`
    describe the kymograph as cloudscope hands it out, whatever the order in the file.

    Attributes
    ----------
    format : str
        For people, for example ``"ImageJ TIFF"``.
    kind : {"line_scan", "frames"}
        A single line repeated in time, or two-dimensional frames.
    lines, pixels : int
        Rows (time of a line scan) and columns of one channel of one frame.
    channels, frames : int
        Number of channels, and of frames (1 for a line scan).
    dtype : str
        NumPy name of the pixel type.
    bit_depth : int or None
        Bits the detector filled.
    line_period_s, pixel_size_um : float or None
        Time from line to line; distance from column to column.
    row_size_um : float or None
        Distance from row to row where rows are a distance (frames).
    frame_period_s : float or None
    line_period_source, pixel_size_source : str
        Where in the file the value stands, or ``""``.
    time_axis : {"rows", "columns"}
        Which axis of the stored image is time.
    time_axis_source : str
        ``"file"`` where metadata says so, else the rule that chose it.
    channel_names : tuple of str
    acquired_at : str or None
        ISO 8601 local time.
    bidirectional : bool or None
        Whether every other line was scanned on the way back; ``None`` where the file is silent.
    optics : Optics
        Objective, lasers, detectors and settings of the scan.
    image_index, image_count : int
        Which image of the file this is, counted from 0, and how many the file holds.
    image_name : str
        Name of the image within the file; ``""`` where it holds one.
    raw : mapping of str to str
        Everything else the file says, as text.
    warnings : tuple of str
        What is odd about the file, a sentence each.
    """

    format: str
    kind: Kind
    lines: int
    pixels: int
    channels: int = 1
    frames: int = 1
    dtype: str = ""
    bit_depth: int | None = None
    line_period_s: float | None = None
    pixel_size_um: float | None = None
    row_size_um: float | None = None
    frame_period_s: float | None = None
    line_period_source: str = ""
    pixel_size_source: str = ""
    time_axis: TimeAxis = "rows"
    time_axis_source: str = ""
    channel_names: tuple[str, ...] = ()
    acquired_at: str | None = None
    bidirectional: bool | None = None
    optics: Optics = field(default_factory=Optics)
    image_index: int = 0
    image_count: int = 1
    image_name: str = ""
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("line_period_s", "pixel_size_um", "row_size_um", "frame_period_s"):
            object.__setattr__(self, name, _positive("header", name, getattr(self, name)))
        object.__setattr__(self, "channel_names", tuple(self.channel_names))
        object.__setattr__(self, "warnings", tuple(self.warnings))
        if not isinstance(self.raw, ReadLater):
            object.__setattr__(self, "raw", MappingProxyType(dict(self.raw)))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_header, (self.to_dict(),)

    @property
    def duration_s(self) -> float | None:
        """Length of a line scan in time, where the line period is known."""
        return None if self.line_period_s is None else self.lines * self.line_period_s

    @property
    def width_um(self) -> float | None:
        """Length of the line, where the pixel size is known."""
        return None if self.pixel_size_um is None else self.pixels * self.pixel_size_um

    def channel_title(self, channel: int) -> str:
        """Name of a channel for people, for example ``"1 FITC"``."""
        name = self.channel_names[channel] if channel < len(self.channel_names) else ""
        return f"{channel} {name}".strip()

    def replace(self, **changes: Any) -> ImageHeader:
        """A copy with `changes`."""
        return replace(self, **changes)

    def transposed(self) -> ImageHeader:
        """The header with the other axis as time; the line period belongs to time and stays."""
        other: TimeAxis = "columns" if self.time_axis == "rows" else "rows"
        return replace(
            self,
            lines=self.pixels,
            pixels=self.lines,
            pixel_size_um=self.row_size_um,
            row_size_um=self.pixel_size_um,
            time_axis=other,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return values | {
            "channel_names": list(self.channel_names),
            "optics": self.optics.to_dict(),
            "raw": dict(self.raw),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ImageHeader:
        """From `to_dict`, ignoring keys this version does not know."""
        known = {f.name: values[f.name] for f in fields(cls) if f.name in values}
        if isinstance(known.get("optics"), Mapping):
            known["optics"] = Optics.from_dict(known["optics"])
        return cls(**known)


def _restore_header(values: dict[str, Any]) -> ImageHeader:
    return ImageHeader.from_dict(values)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who said a field, and when.

    Attributes
    ----------
    field : str
    by : str
        Name of a person or an account; ``""`` where nobody is known.
    at : str
        ISO 8601 with the offset to UTC.
    """

    field: str
    by: str
    at: str

    @classmethod
    def now(cls, field: str, by: str = "") -> Stamp:
        """Of this moment; by the user of this account where no name is given."""
        import getpass
        from datetime import datetime

        if not by:
            try:
                by = getpass.getuser()
            except (ImportError, KeyError, OSError):  # a container's user may have no name
                by = ""
        return cls(field, by, datetime.now().astimezone().isoformat(timespec="seconds"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderCorrections:
    """What the user says instead of the file; ``None`` keeps what the file says.

    Attributes
    ----------
    line_period_s, pixel_size_um : float or None
    time_axis : {"rows", "columns"} or None
    stamps : tuple of Stamp
        Who made each of them, and when; two corrections that say the same are equal whoever
        made them.
    """

    line_period_s: float | None = None
    pixel_size_um: float | None = None
    time_axis: TimeAxis | None = None
    stamps: tuple[Stamp, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for name in ("line_period_s", "pixel_size_um"):
            object.__setattr__(self, name, _positive("calibration", name, getattr(self, name)))
        if self.time_axis not in (None, "rows", "columns"):
            raise ParameterError(
                f"time_axis={self.time_axis!r} is not allowed: give 'rows', 'columns' or None"
            )
        object.__setattr__(self, "stamps", tuple(self.stamps))

    def stamp(self, field: str) -> Stamp | None:
        """Who corrected a field, and when; ``None`` where it never was."""
        return next((stamp for stamp in self.stamps if stamp.field == field), None)

    def stamped(self, before: HeaderCorrections, by: str = "") -> HeaderCorrections:
        """With a stamp of now on each field that differs from `before` and has no new one."""
        said, was = self.to_dict(), before.to_dict()
        fresh = [
            name
            for name, value in said.items()
            if value != was[name] and self.stamp(name) in (None, before.stamp(name))
        ]
        if not fresh:
            return self
        kept = [stamp for stamp in self.stamps if stamp.field not in fresh]
        return replace(self, stamps=(*kept, *(Stamp.now(name, by) for name in fresh)))

    def apply(self, header: ImageHeader) -> ImageHeader:
        """`header` as corrected by the user."""
        if self.time_axis is not None and self.time_axis != header.time_axis:
            header = replace(header.transposed(), time_axis_source="user")
        if self.line_period_s is not None:
            header = replace(header, line_period_s=self.line_period_s, line_period_source="user")
        if self.pixel_size_um is not None:
            header = replace(header, pixel_size_um=self.pixel_size_um, pixel_size_source="user")
        return header

    def replace(self, **changes: Any) -> HeaderCorrections:
        """A copy with `changes`."""
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The corrections by field, without their stamps."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "stamps"}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HeaderCorrections:
        """From `to_dict`, ignoring keys this version does not know."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})
