"""How a channel is shown: colours and contrast, which never touch a number."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from cloudscope.errors import ParameterError

__all__ = ["AUTOMATIC", "COLORS", "ChannelDisplay"]

AUTOMATIC = ("percentiles", "full range", "view")
"""How contrast is chosen where it is automatic: all but the darkest and brightest half percent;
from the smallest to the largest pixel; from the smallest to the largest of what is in view."""

COLORS = ("green", "magenta", "cyan", "yellow", "red", "blue", "gray")
"""Colours of channels shown together, in the order channels get them."""

_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class ChannelDisplay:
    """How one channel of a recording is shown.

    Attributes
    ----------
    lut : str
        Name of the colour map of the channel alone.
    contrast : tuple of float or None
        Values of the first and the last colour; ``None`` is automatic.
    gamma : float
        Exponent on the share of `contrast`.
    automatic : str
        How contrast is chosen where it is ``None``, one of `AUTOMATIC`.
    color : str
        Colour among other channels: one of `COLORS`, ``"#rrggbb"``, or ``""`` for the channel's
        turn in `COLORS`.
    visible : bool
        Whether the channel is seen where channels are shown together.
    composite : bool
        Whether it was last shown together with the other channels.

    Raises
    ------
    ParameterError
        Naming the setting, the value and what is allowed.

    Examples
    --------
    >>> ChannelDisplay(lut="magma", contrast=(100, 900)).contrast
    (100.0, 900.0)
    >>> ChannelDisplay().color_of(1)
    'magenta'
    """

    lut: str = "gray"
    contrast: tuple[float, float] | None = None
    gamma: float = 1.0
    automatic: str = "percentiles"
    color: str = ""
    visible: bool = True
    composite: bool = False

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
        if self.automatic not in AUTOMATIC:
            raise ParameterError(
                f"automatic={self.automatic!r} is not allowed: give one of {', '.join(AUTOMATIC)}"
            )
        named = self.color in ("", *COLORS)
        if not (named or (isinstance(self.color, str) and _COLOR.fullmatch(self.color))):
            raise ParameterError(
                f"color={self.color!r} is not allowed: give #rrggbb or one of {', '.join(COLORS)}"
            )
        for name in ("visible", "composite"):
            if not isinstance(getattr(self, name), bool):
                raise ParameterError(
                    f"{name}={getattr(self, name)!r} is not allowed: give True or False"
                )

    def color_of(self, channel: int) -> str:
        """The colour of a channel shown with others: its own, or the one whose turn it is."""
        return self.color or COLORS[channel % len(COLORS)]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "lut": self.lut,
            "contrast": None if self.contrast is None else list(self.contrast),
            "gamma": self.gamma,
            "automatic": self.automatic,
            "color": self.color,
            "visible": self.visible,
            "composite": self.composite,
        }

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> ChannelDisplay:
        """From `to_dict`; other keys are ignored, missing ones are the defaults."""
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        if known.get("contrast") is not None:
            known["contrast"] = tuple(known["contrast"])
        return cls(**known)


def _number(name: str, value: Any) -> float:
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    if not math.isfinite(number):
        raise ParameterError(f"{name}={value!r} is not allowed: give finite numbers")
    return number
