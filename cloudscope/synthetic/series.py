"""Series in time: what velocity and diameter do from line to line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, positive, whole

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["line_series", "line_times", "pulsatile_series"]


def line_times(lines: int, line_period_s: float) -> NDArray[np.float64]:
    """Time of each line, from the first one (s)."""
    time_s: NDArray[np.float64] = np.arange(int(lines), dtype=np.float64) * line_period_s
    return time_s


def line_series(name: str, value: ArrayLike, lines: int | None) -> NDArray[np.float64]:
    """One finite value a line, from a number and a count of lines or from a series.

    Raises
    ------
    ParameterError
        If the value is not finite, the series is not one-dimensional or empty, or its length
        and `lines` disagree.
    """
    try:
        series = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise ParameterError(f"{name}={value!r} is not allowed: give numbers") from None
    if lines is not None:
        whole(1, lines=lines)
    if series.ndim == 0:
        if lines is None:
            raise ParameterError(
                f"lines={lines!r} is not allowed with one value of {name}: give the number of lines"
            )
        series = np.full(int(lines), float(series))
    if series.ndim != 1 or series.size == 0:
        raise ParameterError(f"{name} has shape {series.shape}: give a number or a 1-D series")
    if lines is not None and series.size != lines:
        raise ParameterError(
            f"{name} has {series.size} values for lines={lines}: give one or the other"
        )
    if not np.isfinite(series).all():
        raise ParameterError(f"{name} holds values that are not finite: give finite numbers")
    return series


def pulsatile_series(
    lines: int,
    *,
    mean: float,
    line_period_s: float = 1e-3,
    rate_hz: float = 8.0,
    amplitude: float = 0.3,
    drift: float = 0.1,
    drift_periods: float = 1.0,
) -> NDArray[np.float64]:
    """A series that beats like a heart around a slow drift.

    Two harmonics make the upstroke steeper than the decay. The series keeps the sign of `mean`
    as long as ``amplitude + drift < 1``.

    Parameters
    ----------
    lines : int
        Number of values, one a line.
    mean : float
        Level around which it beats, in any unit.
    line_period_s : float
        Time from line to line (s).
    rate_hz : float
        Beats per second; 8 Hz is a mouse under anaesthesia.
    amplitude, drift : float
        Largest deviation by the beat, and by the drift, as shares of `mean`.
    drift_periods : float
        Periods of the drift over the whole series.

    Returns
    -------
    ndarray of float64, shape (lines,)

    Raises
    ------
    ParameterError
        If `lines` or `line_period_s` is not positive.

    Examples
    --------
    >>> series = pulsatile_series(2000, mean=-500.0, amplitude=0.2, drift=0.0)
    >>> bool(abs(series.mean() / -500 - 1) < 0.01), bool((series < 0).all())
    (True, True)
    """
    whole(1, lines=lines)
    positive(line_period_s=line_period_s)
    finite(
        mean=mean, rate_hz=rate_hz, amplitude=amplitude, drift=drift, drift_periods=drift_periods
    )
    line = np.arange(int(lines))
    phase = 2 * np.pi * rate_hz * line * line_period_s
    beat = np.sin(phase) + 0.3 * np.sin(2 * phase + 0.9)
    slow = np.sin(2 * np.pi * drift_periods * line / int(lines))
    series: NDArray[np.float64] = mean * (1.0 + amplitude * beat / 1.3 + drift * slow)
    return series
