"""What numbers a generator takes: a refusal names the parameter, its value and what is allowed."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

from cloudscope.errors import ParameterError

__all__ = ["finite", "not_negative", "pair", "positive", "share", "whole"]


def _real(value: Any) -> float:
    """`value` as a number; NaN if it is none."""
    return float(value) if isinstance(value, numbers.Real) else math.nan


def _each(values: dict[str, Any], allowed: Callable[[float], bool], words: str) -> None:
    for name, value in values.items():
        if not allowed(_real(value)):
            raise ParameterError(f"{name}={value!r} is not allowed: give {words}")


def positive(**values: Any) -> None:
    """Refuse what is not a finite number above zero.

    Raises
    ------
    ParameterError
    """
    _each(values, lambda number: 0 < number < math.inf, "a positive number")


def not_negative(**values: Any) -> None:
    """Refuse what is not a finite number of at least zero.

    Raises
    ------
    ParameterError
    """
    _each(values, lambda number: 0 <= number < math.inf, "0 or a positive number")


def finite(**values: Any) -> None:
    """Refuse what is not a finite number.

    Raises
    ------
    ParameterError
    """
    _each(values, math.isfinite, "a finite number")


def share(*, below_one: bool = False, **values: Any) -> None:
    """Refuse what is not a number from 0 to 1, or to below 1.

    Raises
    ------
    ParameterError
    """
    if below_one:
        _each(values, lambda number: 0 <= number < 1, "a share from 0 to below 1")
    else:
        _each(values, lambda number: 0 <= number <= 1, "a share from 0 to 1")


def whole(minimum: int, **values: Any) -> None:
    """Refuse what is not a whole number of at least `minimum`.

    Raises
    ------
    ParameterError
    """
    _each(
        values,
        lambda number: math.isfinite(number) and number == int(number) and number >= minimum,
        f"a whole number of at least {minimum}",
    )


def pair(name: str, value: Any) -> tuple[float, float]:
    """(smallest, largest) of something that is above zero.

    Raises
    ------
    ParameterError
    """
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value) == 2:
        low, high = _real(value[0]), _real(value[1])
        if 0 < low <= high < math.inf:
            return low, high
    raise ParameterError(f"{name}={value!r} is not allowed: give (smallest, largest) above 0")
