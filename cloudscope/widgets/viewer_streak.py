"""A window of lines to light up on the picture, with the slope of what moves in it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cloudscope.analysis.result import RoiBounds

__all__ = ["Streak"]


@dataclass(frozen=True, slots=True)
class Streak:
    """What `KymographViewer.show_streak` shows.

    Attributes
    ----------
    window : tuple of int
        row_start, row_stop, col_start, col_stop in the recording.
    px_per_line : float
        The slope; NaN lights the window up only.
    ceiling_px_per_line : float
        Steepest slope that the lines can tell; what is beyond is shaded. NaN if it is not known.
    velocity : tuple of float or None
        u and k, where a slope s stands for u s / (1 + k s) µm/s; ``None`` without a scale.
    on_slope : callable or None
        Called with the slope that the user turned the line to, which makes it draggable. What it
        raises as a `CloudscopeError` is said under the picture.

    Examples
    --------
    >>> Streak((0, 64, 0, 38), 1.5, velocity=(500.0, 0.0)).to_dict()["slope"]
    1.5
    """

    window: RoiBounds
    px_per_line: float = math.nan
    ceiling_px_per_line: float = math.nan
    velocity: tuple[float, float] | None = None
    on_slope: Callable[[float], None] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for the browser."""
        return {
            "window": list(self.window),
            "slope": _finite(self.px_per_line),
            "ceiling": _finite(self.ceiling_px_per_line),
            "velocity": None if self.velocity is None else list(self.velocity),
            "draggable": self.on_slope is not None,
        }


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
