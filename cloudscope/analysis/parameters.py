"""Detection parameters, declared once: in the signature of the analysis callable.

A parameter is a keyword-only argument annotated ``Annotated[type, Param(...)]``. From that one
declaration come validation, the form in the app, the JSON in the sidecar, the command line's
``--set`` and the tables in the documentation.
"""

from __future__ import annotations

import difflib
import inspect
import math
import numbers
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from cloudscope.errors import ParameterError

__all__ = [
    "Param",
    "Parameter",
    "checked_arguments",
    "declared_parameters",
    "parse_text",
    "validate_parameters",
]


@dataclass(frozen=True, slots=True)
class Param:
    """What a signature says of one parameter beyond its type and default.

    Parameters
    ----------
    title : str
        Label in forms.
    help : str
        One line that says what the parameter does.
    unit : str
        Unit shown beside the value, for example ``"lines"`` or ``"µm"``.
    minimum, maximum : float, optional
        Inclusive bounds.
    step : float, optional
        Step of a form's spinner.
    advanced : bool
        Hidden behind "more" in forms.
    when : tuple of (str, tuple), optional
        Another parameter and the values of it with which this one has any effect, for example
        ``("method", ("fit",))``: forms leave it out otherwise. It is checked and stored all the
        same.
    """

    title: str
    help: str = ""
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    advanced: bool = False
    when: tuple[str, tuple[Any, ...]] | None = None

    def matters(self, values: Mapping[str, Any]) -> bool:
        """Whether the parameter has any effect beside the `values` of the others."""
        return self.when is None or values.get(self.when[0]) in self.when[1]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One declared parameter: name, type, default and its `Param`.

    Attributes
    ----------
    name : str
    kind : type
        ``int``, ``float``, ``bool`` or ``str``.
    default : object
        ``inspect.Parameter.empty`` where there is none.
    optional : bool
        Whether ``None`` is allowed.
    choices : tuple of str
        Allowed values where the annotation is a ``Literal``; else empty.
    param : Param
    """

    name: str
    kind: type
    default: Any
    optional: bool
    choices: tuple[Any, ...]
    param: Param

    @property
    def allowed(self) -> str:
        """What values are allowed, in words."""
        if self.choices:
            words = "one of " + ", ".join(repr(c) for c in self.choices)
        elif self.kind is bool:
            words = "True or False"
        elif self.kind is str:
            words = "text"
        else:
            words = "a whole number" if self.kind is int else "a finite number"
            low, high = self.param.minimum, self.param.maximum
            if low is not None and high is not None:
                words += f" from {low:g} to {high:g}"
            elif low is not None:
                words += f" of at least {low:g}"
            elif high is not None:
                words += f" of at most {high:g}"
            if self.param.unit:
                words += f" ({self.param.unit})"
        return words + (" or None" if self.optional else "")

    def validate(self, value: Any) -> Any:
        """Return `value` as this parameter's type.

        Raises
        ------
        ParameterError
            Naming the parameter, the value and what is allowed.
        """
        if value is None and self.optional:
            return None
        if self.choices:
            if value in self.choices:
                return value
        elif self.kind is bool:
            if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
                return bool(value)
        elif self.kind is str:
            if isinstance(value, str):
                return value
        elif not isinstance(value, bool) and isinstance(value, numbers.Real):
            number = float(value)
            integral = math.isfinite(number) and number == int(number)
            inside = (self.param.minimum is None or number >= self.param.minimum) and (
                self.param.maximum is None or number <= self.param.maximum
            )
            if math.isfinite(number) and inside and (self.kind is float or integral):
                return self.kind(value)
        raise ParameterError(f"{self.name}={value!r} is not allowed: give {self.allowed}")


def _unwrap(name: str, annotation: Any) -> tuple[type, bool, tuple[Any, ...]]:
    optional = False
    choices: tuple[Any, ...] = ()
    if get_origin(annotation) in (Union, types.UnionType):
        members = [a for a in get_args(annotation) if a is not type(None)]
        optional = len(members) < len(get_args(annotation))
        if len(members) != 1:
            raise TypeError(f"parameter {name}: {annotation} has more than one type")
        annotation = members[0]
    if get_origin(annotation) is Literal:
        choices = get_args(annotation)
        annotation = type(choices[0])
    if annotation not in (int, float, bool, str):
        raise TypeError(f"parameter {name}: {annotation} is not int, float, bool, str or a Literal")
    return annotation, optional, choices


@cache
def declared_parameters(function: Callable[..., Any]) -> tuple[Parameter, ...]:
    """The detection parameters of an analysis callable, in the order of its signature.

    Examples
    --------
    >>> def f(kymograph, *, window_lines: Annotated[int, Param("Window", minimum=4)] = 64): ...
    >>> [p.name for p in declared_parameters(f)]
    ['window_lines']
    """
    hints = get_type_hints(function, include_extras=True)
    found = []
    for name, argument in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        if get_origin(hint) is not Annotated:
            continue
        base, *extras = list(get_args(hint))
        param = next((e for e in extras if isinstance(e, Param)), None)
        if param is None:
            continue
        kind, optional, choices = _unwrap(name, base)
        found.append(Parameter(name, kind, argument.default, optional, choices, param))
    return tuple(found)


def validate_parameters(
    parameters: Iterable[Parameter], values: Mapping[str, Any], *, owner: str = ""
) -> dict[str, Any]:
    """All `parameters` with their defaults, overlaid by the validated `values`.

    Raises
    ------
    ParameterError
        For a name that is not declared (with the nearest one that is) or a value not allowed.
    """
    declared = {p.name: p for p in parameters}
    for name in values:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            hint = f"; did you mean {near[0]}?" if near else f"; it has {', '.join(declared)}"
            where = f"{owner} has no parameter" if owner else "there is no parameter"
            raise ParameterError(f"{where} {name!r} (value {values[name]!r}){hint}")
    return {
        name: p.validate(values[name]) if name in values else p.default
        for name, p in declared.items()
    }


def checked_arguments(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The detection parameters among the arguments of a call, validated.

    An analysis begins with ``parameters = checked_arguments(itself, locals())``, so that no
    parameter is named a second time.

    Raises
    ------
    ParameterError
        Naming the parameter, the value and what is allowed.
    """
    declared = declared_parameters(function)
    given = {parameter.name: arguments[parameter.name] for parameter in declared}
    return validate_parameters(declared, given, owner=getattr(function, "__name__", ""))


def parse_text(parameter: Parameter, text: str) -> Any:
    """A value typed on a command line or in a sheet, as this parameter's type.

    Raises
    ------
    ParameterError
        If the text does not read as an allowed value.
    """
    stripped = text.strip()
    if parameter.optional and stripped.lower() in ("none", ""):
        return None
    value: Any = stripped
    try:
        if parameter.kind is bool:
            value = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[
                stripped.lower()
            ]
        elif parameter.kind in (int, float):
            value = float(stripped) if parameter.kind is float else int(stripped)
    except (KeyError, ValueError):
        pass
    return parameter.validate(value)
