"""Velocities set by hand: what was measured stays beside them, and comes back when asked for."""

from __future__ import annotations

import math
import numbers
from typing import Any

import numpy as np

from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.summary import summarise
from cloudscope.errors import ParameterError

__all__ = ["keep_overruled", "overrule_velocity"]

MANUAL = "manual"


def overrule_velocity(
    result: AnalysisResult,
    *,
    velocity_um_per_s: float | None,
    row_start: int | None = None,
    time_s: float | None = None,
) -> AnalysisResult:
    """A velocity result with the value of one window set by hand, or measured again.

    The window gets the status ``manual`` and no standard deviation; what was measured is kept in
    the columns `measured_um_per_s`, `measured_sd_um_per_s` and `measured_status`. The summary is
    taken anew.

    Parameters
    ----------
    result : AnalysisResult
        Of `radon_velocity`; it is not changed.
    velocity_um_per_s : float or None
        The velocity; ``None`` brings back what was measured.
    row_start : int, optional
        First line of the window, as in the table.
    time_s : float, optional
        Time of the window whose centre is nearest; give this or `row_start`.

    Raises
    ------
    ParameterError
        If there is no such window, or the velocity is no finite number.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> cells = np.random.default_rng(1).normal(size=700)
    >>> kymograph = np.array([cells[600 - line : 640 - line] for line in range(256)])
    >>> result = radon_velocity(kymograph, line_period_s=1e-3, pixel_size_um=0.5)
    >>> edited = overrule_velocity(result, row_start=32, velocity_um_per_s=0.0)
    >>> float(edited.columns["velocity_um_per_s"][2]), str(edited.columns["status"][2])
    (0.0, 'manual')
    >>> edited.summary["windows_manual"]
    1
    """
    columns = _columns(result)
    row = _row(columns, row_start, time_s)
    return _with_values(result, {row: _checked_velocity(velocity_um_per_s)})


def keep_overruled(old: AnalysisResult, new: AnalysisResult) -> AnalysisResult:
    """`new` with the velocities that were set by hand in `old`, where the window is the same.

    Parameters
    ----------
    old, new : AnalysisResult
        Of `radon_velocity`.
    """
    before, now = old.columns, new.columns
    if "measured_um_per_s" not in before:  # taken over from another program
        return new
    rows = {
        bounds: row
        for row, bounds in enumerate(
            zip(now["row_start"].tolist(), now["row_stop"].tolist(), strict=True)
        )
    }
    values: dict[int, float | None] = {}
    for row in np.flatnonzero(before["status"] == MANUAL):
        bounds = (int(before["row_start"][row]), int(before["row_stop"][row]))
        if bounds in rows:
            values[rows[bounds]] = float(before["velocity_um_per_s"][row])
    return _with_values(new, values) if values else new


def _columns(result: AnalysisResult) -> dict[str, np.ndarray]:
    columns = dict(result.columns)
    if result.analysis != "radon_velocity" or "measured_um_per_s" not in columns:
        raise ParameterError(
            f"result of {result.analysis!r} has no velocities that can be overruled: give one of "
            "radon_velocity, measured by this version"
        )
    return columns


def _row(columns: dict[str, np.ndarray], row_start: Any, time_s: Any) -> int:
    if (row_start is None) == (time_s is None):
        raise ParameterError(f"row_start={row_start!r}, time_s={time_s!r}: give one of the two")
    name, value = ("row_start", row_start) if time_s is None else ("time_s", time_s)
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ParameterError(f"{name}={value!r} is not allowed: give a finite number")
    place = columns[name]
    nearest = int(np.abs(place - float(value)).argmin())
    window = columns["row_stop"][nearest] - columns["row_start"][nearest]
    if name == "row_start" and place[nearest] != value:
        raise ParameterError(
            f"row_start={value!r} is the first line of no window: the nearest is {place[nearest]}"
        )
    span = 0.5 * _seconds_per_line(columns) * float(window) + _half_step(place)
    if name == "time_s" and abs(float(place[nearest]) - float(value)) > span:
        raise ParameterError(
            f"time_s={value!r} is in no window: they are centred from {float(place[0]):g} to "
            f"{float(place[-1]):g} s"
        )
    return nearest


def _seconds_per_line(columns: dict[str, np.ndarray]) -> float:
    middle = 0.5 * (columns["row_start"][0] + columns["row_stop"][0] - 1)
    return float(columns["time_s"][0] / middle)


def _half_step(time_s: np.ndarray) -> float:
    return 0.5 * float(np.diff(time_s).max()) if time_s.size > 1 else 0.0


def _checked_velocity(value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ParameterError(
            f"velocity_um_per_s={value!r} is not allowed: give a finite number, or None for what "
            "was measured"
        )
    return float(value)


def _with_values(result: AnalysisResult, values: dict[int, float | None]) -> AnalysisResult:
    columns = _columns(result)
    edited = {name: columns[name].copy() for name in ("velocity_um_per_s", "velocity_sd_um_per_s")}
    status = columns["status"].astype(object)
    for row, value in values.items():
        given = value is not None
        edited["velocity_um_per_s"][row] = value if given else columns["measured_um_per_s"][row]
        edited["velocity_sd_um_per_s"][row] = (
            np.nan if given else columns["measured_sd_um_per_s"][row]
        )
        status[row] = MANUAL if given else columns["measured_status"][row]
    columns |= edited | {"status": status.astype(str)}
    return result.with_numbers(columns=columns, summary={**result.summary, **summarise(columns)})
