"""How a channel is shown: colours and contrast, which never touch a number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from cloudscope.errors import ParameterError

__all__ = ["ChannelDisplay"]


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How one channel of a recording is shown.

    Attributes
    ----------
    lut : str
        Name of the colour map.
    contrast : tuple of float or None
        Values of the first and the last colour; ``None`` is automatic.
    gamma : float
        Exponent on the share of `contrast`.

    Raises
    ------
    ParameterError
        Naming the setting, the value and what is allowed.

    Examples
    --------
    >>> ChannelDisplay(lut="magma", contrast=(100, 900)).contrast
    (100.0, 900.0)
    """

    lut: str = "gray"
    contrast: tuple[float, float] | None = None
    gamma: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.lut, str):
            raise ParameterError(f"lut={self.lut!r} is not allowed: give the name of a colour map")
        if self.contrast is not None:
            ends = tuple(_number("contrast", end) for end in self.contrast)
            if len(ends) != 2:
                raise ParameterError(f"contrast={self.contrast!r} is not allowed: give two values")
            object.__setattr__(self, "contrast", ends)
        object.__setattr__(self, "gamma", _number("gamma", self.gamma))
        if not 0.1 <= self.gamma <= 10.0:
            raise ParameterError(f"gamma={self.gamma!r} is not allowed: give 0.1 to 10")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        contrast = None if self.contrast is None else list(self.contrast)
        return {"lut": self.lut, "contrast": contrast, "gamma": self.gamma}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ChannelDisplay:
        """From `to_dict`; other keys are ignored, missing ones are the defaults."""
        contrast = values.get("contrast")
        return cls(
            lut=values.get("lut", "gray"),
            contrast=None if contrast is None else tuple(contrast),
            gamma=values.get("gamma", 1.0),
        )


def _number(name: str, value: Any) -> float:
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if not math.isfinite(number):
        raise ParameterError(f"{name}={value!r} is not allowed: give finite numbers")
    return number
