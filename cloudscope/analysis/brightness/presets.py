"""Time scales of fast, medium and slow signals, all in seconds."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from cloudscope.errors import ParameterError

__all__ = ["PRESETS", "TimeScales", "time_scales"]


@dataclass(frozen=True, slots=True)
class TimeScales:
    """How long things last.

    Attributes
    ----------
    smoothing_s : float
        Standard deviation of the Gaussian with which peaks are looked for; also the grain of the
        baseline.
    min_separation_s : float
        Peaks closer than this are one.
    max_duration_s : float
        How far from its highest point a transient may begin or end.
    baseline_window_s : float
        Window of the rolling baseline.
    """

    smoothing_s: float
    min_separation_s: float
    max_duration_s: float
    baseline_window_s: float


_LEAST_WINDOW_LINES = 8

PRESETS = {
    "fast": TimeScales(0.003, 0.02, 0.3, 3.0),
    "medium": TimeScales(0.02, 0.15, 2.0, 15.0),
    "slow": TimeScales(0.2, 1.0, 15.0, 100.0),
}
"""Fast: half widths of about 10 to 100 ms; medium: 0.1 to 1 s; slow: 1 to 10 s."""


def time_scales(preset: str, parameters: dict[str, Any], line_period_s: float) -> TimeScales:
    """The scales of a preset, with those of `parameters` that are not ``None`` in their place.

    Raises
    ------
    ParameterError
        If the baseline window is no longer than a transient may last, so that it would follow it,
        or holds too few lines.

    Examples
    --------
    >>> time_scales("fast", {"smoothing_s": 0.005}, 0.001).smoothing_s
    0.005
    """
    names = [field.name for field in fields(TimeScales)]
    own = {name: parameters[name] for name in names if parameters.get(name) is not None}
    scales = replace(PRESETS[preset], **own)
    if scales.baseline_window_s <= scales.max_duration_s:
        raise ParameterError(
            f"baseline_window_s={scales.baseline_window_s:g} is not allowed: give more than "
            f"max_duration_s={scales.max_duration_s:g}, or the baseline follows the transients"
        )
    if scales.baseline_window_s < _LEAST_WINDOW_LINES * line_period_s:
        raise ParameterError(
            f"baseline_window_s={scales.baseline_window_s:g} is not allowed with a line each "
            f"{line_period_s:g} s: choose a slower preset than {preset!r}, or give time scales of "
            "your own"
        )
    return scales
