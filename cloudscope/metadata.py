"""What is known of a recording: `ImageHeader` from the file, the user's words beside it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_type_hints

from cloudscope.errors import ParameterError

__all__ = [
    "ExperimentMetadata",
    "FieldSpec",
    "HeaderCorrections",
    "ImageHeader",
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
    raw: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("line_period_s", "pixel_size_um", "row_size_um", "frame_period_s"):
            object.__setattr__(self, name, _positive("header", name, getattr(self, name)))
        object.__setattr__(self, "channel_names", tuple(self.channel_names))
        object.__setattr__(self, "warnings", tuple(self.warnings))
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
            "raw": dict(self.raw),
            "warnings": list(self.warnings),
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ImageHeader:
        """From `to_dict`, ignoring keys this version does not know."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


def _restore_header(values: dict[str, Any]) -> ImageHeader:
    return ImageHeader.from_dict(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderCorrections:
    """What the user says instead of the file; ``None`` keeps what the file says.

    Attributes
    ----------
    line_period_s, pixel_size_um : float or None
    time_axis : {"rows", "columns"} or None
    """

    line_period_s: float | None = None
    pixel_size_um: float | None = None
    time_axis: TimeAxis | None = None

    def __post_init__(self) -> None:
        for name in ("line_period_s", "pixel_size_um"):
            object.__setattr__(self, name, _positive("calibration", name, getattr(self, name)))
        if self.time_axis not in (None, "rows", "columns"):
            raise ParameterError(
                f"time_axis={self.time_axis!r} is not allowed: give 'rows', 'columns' or None"
            )

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
        """Plain values for JSON."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> HeaderCorrections:
        """From `to_dict`, ignoring keys this version does not know."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How a field of `ExperimentMetadata` is shown and checked.

    Attributes
    ----------
    title, group, unit, help : str
    choices : tuple of str
        Suggestions of the field, or the only allowed values where `closed`.
    closed : bool
    kind : {"text", "number", "whole", "date", "long"}
    minimum : float or None
    name : str
        Filled in by `experiment_fields`.
    """

    title: str
    group: str
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    closed: bool = False
    kind: Literal["text", "number", "whole", "date", "long"] = "text"
    minimum: float | None = None
    name: str = ""


_SEXES = ("", "female", "male", "unknown")
_VESSELS = ("", "artery", "arteriole", "capillary", "venule", "vein", "lymphatic", "other")
_SPECIES = ("mouse", "rat", "zebrafish", "human", "rabbit", "pig", "macaque")
_REGIONS = ("cortex", "hippocampus", "retina", "spinal cord", "olfactory bulb", "kidney", "muscle")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentMetadata:
    """What the user knows of a recording: animal, vessel, experiment.

    Text is stripped of surrounding blanks, so that two spellings of nothing do not split a group.
    Free fields of a lab go into `extra`.

    Raises
    ------
    ParameterError
        Naming the field, the value and what is allowed.

    Examples
    --------
    >>> ExperimentMetadata(species="mouse", depth_um=120, extra={"cage": "7"}).depth_um
    120.0
    """

    species: Annotated[str, FieldSpec("Species", "Animal", choices=_SPECIES)] = ""
    strain: Annotated[str, FieldSpec("Strain", "Animal", help="for example C57BL/6J")] = ""
    sex: Annotated[str, FieldSpec("Sex", "Animal", choices=_SEXES, closed=True)] = ""
    age: Annotated[str, FieldSpec("Age", "Animal", help="for example 12 weeks")] = ""
    genotype: Annotated[str, FieldSpec("Genotype", "Animal")] = ""
    animal_id: Annotated[str, FieldSpec("Animal id", "Animal")] = ""
    region: Annotated[str, FieldSpec("Region", "Vessel", choices=_REGIONS)] = ""
    vessel_id: Annotated[str, FieldSpec("Vessel id", "Vessel")] = ""
    vessel_type: Annotated[
        str, FieldSpec("Vessel type", "Vessel", choices=_VESSELS, closed=True)
    ] = ""
    branch_order: Annotated[
        int | None, FieldSpec("Branch order", "Vessel", kind="whole", minimum=0)
    ] = None
    depth_um: Annotated[
        float | None,
        FieldSpec("Depth", "Vessel", unit="µm", kind="number", minimum=0, help="below the surface"),
    ] = None
    condition: Annotated[str, FieldSpec("Condition", "Experiment")] = ""
    treatment: Annotated[str, FieldSpec("Treatment", "Experiment")] = ""
    date: Annotated[str, FieldSpec("Date", "Experiment", kind="date", help="YYYY-MM-DD")] = ""
    experimenter: Annotated[str, FieldSpec("Experimenter", "Experiment")] = ""
    note: Annotated[str, FieldSpec("Note", "Notes", kind="long")] = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spec in experiment_fields():
            object.__setattr__(self, spec.name, _checked(spec, getattr(self, spec.name)))
        extra = {}
        for key, value in dict(self.extra).items():
            key = str(key).strip()
            if not key:
                raise ParameterError(f"a free field needs a name (value {value!r})")
            if key in {f.name for f in fields(self)}:
                raise ParameterError(f"free field {key!r} has the name of a field: set that one")
            extra[key] = str(value).strip()
        object.__setattr__(self, "extra", MappingProxyType(extra))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_experiment, (self.to_dict(),)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.extra.items())) + tuple(v for _, v in self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Name and value of every field but `extra`."""
        return ((spec.name, getattr(self, spec.name)) for spec in experiment_fields())

    def replace(self, **changes: Any) -> ExperimentMetadata:
        """A copy with `changes`."""
        known = {f.name for f in fields(self)}
        unknown = [name for name in changes if name not in known]
        if unknown:
            raise ParameterError(
                f"there is no metadata field {unknown[0]!r}; there are {', '.join(sorted(known))}, "
                f"and free ones in extra"
            )
        return replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dict(self) | {"extra": dict(self.extra)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ExperimentMetadata:
        """From `to_dict`, ignoring keys this version does not know."""
        return cls(**{f.name: values[f.name] for f in fields(cls) if f.name in values})


def _restore_experiment(values: dict[str, Any]) -> ExperimentMetadata:
    return ExperimentMetadata.from_dict(values)


_specs: tuple[FieldSpec, ...] = ()


def experiment_fields() -> tuple[FieldSpec, ...]:
    """How each field of `ExperimentMetadata` is shown and checked, in order.

    Examples
    --------
    >>> [s.title for s in experiment_fields()][:2]
    ['Species', 'Strain']
    """
    global _specs
    if not _specs:
        hints = get_type_hints(ExperimentMetadata, include_extras=True)
        _specs = tuple(
            replace(extra, name=name)
            for name, hint in hints.items()
            for extra in get_args(hint)
            if isinstance(extra, FieldSpec)
        )
    return _specs


def _checked(spec: FieldSpec, value: Any) -> Any:
    def refuse(allowed: str) -> ParameterError:
        return ParameterError(f"{spec.name}={value!r} is not allowed: give {allowed}")

    if spec.kind in ("number", "whole"):
        if value is None or value == "":
            return None
        least = "" if spec.minimum is None else f" of at least {spec.minimum:g}"
        words = ("a whole number" if spec.kind == "whole" else "a number") + least + ", or nothing"
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise refuse(words) from None
        if isinstance(value, bool) or not math.isfinite(number):
            raise refuse(words)
        if spec.minimum is not None and number < spec.minimum:
            raise refuse(words)
        if spec.kind == "whole":
            if number != int(number):
                raise refuse(words)
            return int(number)
        return number
    if value is None:
        return ""
    if not isinstance(value, str):
        raise refuse("text")
    text = value.strip()
    if spec.closed and text not in spec.choices:
        raise refuse("one of " + ", ".join(repr(c) for c in spec.choices if c) + ", or nothing")
    if spec.kind == "date" and text:
        from datetime import date

        try:
            date.fromisoformat(text)
        except ValueError:
            raise refuse("a date as YYYY-MM-DD") from None
    return text
