"""`ExperimentMetadata`: what the user knows of a recording, in fields that say what they take."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from types import MappingProxyType
from typing import Annotated, Any, Literal, get_args, get_type_hints

from cloudscope.errors import ParameterError

__all__ = ["ExperimentMetadata", "FieldKind", "FieldSpec", "FieldValue", "experiment_fields"]

FieldKind = Literal["text", "long", "number", "whole", "date", "yes-no"]
"""What a field holds: one line of text, several, a number, a whole number, a day, yes or no."""

FieldValue = str | float | int | bool | None
"""Value of a field; ``""`` and ``None`` mean not given."""

_YES = {"yes": True, "true": True, "no": False, "false": False}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """How a field of the experimental metadata is shown and checked.

    Attributes
    ----------
    title, group, help, unit : str
    choices : tuple of str
        Suggestions of the field, or the only allowed values where `closed`.
    closed : bool
    kind : {"text", "long", "number", "whole", "date", "yes-no"}
    minimum : float or None
    name : str
        For the built-in ones filled in by `experiment_fields`.
    required : bool
        Whether a folder asks for it; an empty one is pointed out, never refused.
    """

    title: str
    group: str
    help: str = ""
    unit: str = ""
    choices: tuple[str, ...] = ()
    closed: bool = False
    kind: FieldKind = "text"
    minimum: float | None = None
    name: str = ""
    required: bool = False

    @property
    def nothing(self) -> str | None:
        """What stands where the field is empty."""
        return "" if self.kind in ("text", "long", "date") else None

    @property
    def numeric(self) -> bool:
        """Whether its values are numbers."""
        return self.kind in ("number", "whole")

    def checked(self, value: Any) -> FieldValue:
        """The value as the field keeps it: stripped, a number as a number; empty is `nothing`.

        Raises
        ------
        ParameterError
            Naming the field, the value and what is allowed.

        Examples
        --------
        >>> FieldSpec("Weight", "Animal", kind="number", name="weight_g").checked(" 23.5 ")
        23.5
        """
        if value is None or (isinstance(value, str) and not value.strip()):
            return self.nothing
        if self.numeric:
            return self._number(value)
        if self.kind == "yes-no":
            answer = _YES.get(value.strip().casefold()) if isinstance(value, str) else value
            if not isinstance(answer, bool):
                raise self._refusal(value, "yes or no, or nothing")
            return answer
        if self.kind == "date" and isinstance(value, date):
            value = value.isoformat()[:10]
        if not isinstance(value, str):
            raise self._refusal(value, "text")
        return self._text(value)

    def _number(self, value: Any) -> float | int:
        least = "" if self.minimum is None else f" of at least {self.minimum:g}"
        kind = "a whole number" if self.kind == "whole" else "a number"
        refusal = self._refusal(value, f"{kind}{least}, or nothing")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise refusal from None
        if isinstance(value, bool) or not math.isfinite(number):
            raise refusal
        if self.minimum is not None and number < self.minimum:
            raise refusal
        if self.kind == "number":
            return number
        if number != int(number):
            raise refusal
        return int(number)

    def _text(self, value: str) -> str:
        text = value.strip()
        if self.closed and text not in self.choices:
            allowed = ", ".join(repr(choice) for choice in self.choices if choice)
            raise self._refusal(value, f"one of {allowed}, or nothing")
        if self.kind == "date":
            try:
                return date.fromisoformat(text).isoformat()
            except ValueError:
                raise self._refusal(value, "a date as YYYY-MM-DD") from None
        return text

    def _refusal(self, value: Any, allowed: str) -> ParameterError:
        return ParameterError(f"{self.name}={value!r} is not allowed: give {allowed}")


_SEXES = ("", "female", "male", "unknown")
_VESSELS = ("", "artery", "arteriole", "capillary", "venule", "vein", "lymphatic", "other")
_SPECIES = ("mouse", "rat", "zebrafish", "human", "rabbit", "pig", "macaque")
_REGIONS = ("cortex", "hippocampus", "retina", "spinal cord", "olfactory bulb", "kidney", "muscle")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExperimentMetadata:
    """What the user knows of a recording: animal, vessel, experiment.

    Text is stripped of surrounding blanks, so that two spellings of nothing do not split a group.
    Fields of a lab's own go into `extra`: text, numbers and truth values by name. What a folder
    declares of them (see `FolderSettings`) is checked where a recording is edited.

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
    extra: Mapping[str, FieldValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for spec in experiment_fields():
            object.__setattr__(self, spec.name, spec.checked(getattr(self, spec.name)))
        extra = {}
        for key, value in dict(self.extra).items():
            key = str(key).strip()
            if not key:
                raise ParameterError(f"a free field needs a name (value {value!r})")
            if key in {f.name for f in fields(self)}:
                raise ParameterError(f"free field {key!r} has the name of a field: set that one")
            extra[key] = _plain(key, value)
        object.__setattr__(self, "extra", MappingProxyType(extra))

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore_experiment, (self.to_dict(),)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.extra.items())) + tuple(v for _, v in self))

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Name and value of every field but `extra`."""
        return ((spec.name, getattr(self, spec.name)) for spec in experiment_fields())

    def value(self, name: str) -> FieldValue:
        """Value of a field, built in or of `extra`; ``None`` for one of `extra` not given."""
        if name != "extra" and name in self.__dataclass_fields__:
            given: FieldValue = getattr(self, name)
            return given
        return self.extra.get(name)

    def with_values(self, values: Mapping[str, FieldValue]) -> ExperimentMetadata:
        """A copy with `values` by name; what is no field goes into `extra`, empty ones leave it."""
        built_in = {spec.name for spec in experiment_fields()}
        extra = dict(self.extra)
        for name, value in values.items():
            if name in built_in:
                continue
            if value is None or value == "":
                extra.pop(name, None)
            else:
                extra[name] = value
        known: dict[str, Any] = {name: v for name, v in values.items() if name in built_in}
        return replace(self, **known, extra=extra)

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


def _plain(name: str, value: Any) -> FieldValue:
    """A value of `extra` as JSON can hold it."""
    if hasattr(value, "item"):  # a NumPy scalar
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        raise ParameterError(f"{name}={value!r} is not allowed: give a finite number, or nothing")
    if isinstance(value, bool | int | float):
        return value
    return "" if value is None else str(value).strip()


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
