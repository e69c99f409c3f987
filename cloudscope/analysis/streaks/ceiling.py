"""What a line scan can resolve before anything is measured: the slowest and the fastest speed.

Slow: a rigid, unknown pattern in white noise, all of which stays on the line for a whole window,
has a velocity known to ``sqrt(12) / (kappa SNR W^1.5 w^0.5)`` px/line, with `kappa` the root mean
square gradient of the pattern over its contrast, W lines and w columns (the Cramér-Rao bound of a
slope). Fast: a streak must be seen on two lines.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from typing import Any

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.streaks.geometry import scan_geometry
from cloudscope.analysis.streaks.preparation import MINIMUM_WIDTH_PX
from cloudscope.analysis.streaks.sampling import Sampling
from cloudscope.errors import ParameterError

__all__ = ["SpeedRange", "speed_ceiling"]

KAPPA_PER_PX = 0.46
"""Gradient over contrast, per pixel, of cells of `KAPPA_CELL_PX`; sharper edges have more."""

KAPPA_CELL_PX = 7.0
"""Fewer long cells have fewer edges: the gradient falls with the root of their length."""

STALL_SIGMAS = 2.0
"""Standard deviations by which a velocity must differ from 0 to be told from a stall."""

ACCURATE_SIGMAS = 1.96 / 0.10
"""Standard deviations that make a velocity known to 10 % in 95 of 100 windows."""

EFFICIENCY = 1.25
"""Scatter of the measurement over the bound, on synthetic flow at a signal-to-noise ratio of 1."""

FEWEST_CELLS = 2.0
"""Cell lengths that must pass in a recording, lest its background be nothing but cells..."""

ACCURATE_CELLS = 20.0
"""...and lest what it holds of them matters within 10 %."""


@dataclass(frozen=True, slots=True)
class SpeedRange:
    """Speeds that single windows can resolve.

    Attributes
    ----------
    slowest_um_per_s : float
        Slowest speed that a window can tell from a stall (2 standard deviations).
    accurate_from_um_per_s : float
        Slowest speed that is within 10 % in about 95 of 100 windows.
    fastest_um_per_s : float
        Fastest speed that is looked for, in the less favourable direction of the sweep.
    """

    slowest_um_per_s: float
    accurate_from_um_per_s: float
    fastest_um_per_s: float


def speed_ceiling(
    line_period_s: float,
    pixel_size_um: float,
    width_px: int,
    window_lines: int = 64,
    *,
    snr: float = 1.0,
    cell_length_um: float | None = None,
    recording_lines: int | None = None,
    scan_time_s: float = 0.0,
    line_angle_deg: float = 0.0,
) -> SpeedRange:
    """The slowest and the fastest speed that these pixels, lines and windows can resolve.

    Parameters
    ----------
    line_period_s, pixel_size_um : float
    width_px : int
        Columns of the ROI.
    window_lines : int
        Lines of a window.
    snr : float
        Contrast of the streaks over the noise of a pixel, as the summary of a velocity result
        says; the slow end is inversely proportional to it.
    cell_length_um : float, optional
        Length of a cell on the line; by default 7 columns.
    recording_lines : int, optional
        Lines of the recording: with the mean over it as the background, some cells must pass.
    scan_time_s, line_angle_deg : float
        As in `radon_velocity`.

    Raises
    ------
    ParameterError, CalibrationError
        If a number is not allowed or a scale is not known.

    Notes
    -----
    Averaging helps: the median of n independent windows is known about the square root of n times
    better, and a window twice as long by 2.8.

    Examples
    --------
    >>> limits = speed_ceiling(1e-3, 0.5, 38, window_lines=64)
    >>> round(limits.slowest_um_per_s, 1), round(limits.fastest_um_per_s)
    (3.0, 15725)
    """
    period = needed_scale("speed_ceiling", "line_period_s", line_period_s)
    pixel = needed_scale("speed_ceiling", "pixel_size_um", pixel_size_um)
    width = _whole("width_px", width_px, MINIMUM_WIDTH_PX)
    window = _whole("window_lines", window_lines, 8)
    _positive("snr", snr)
    if cell_length_um is not None:
        _positive("cell_length_um", cell_length_um)
    for name, value, most in (
        ("scan_time_s", scan_time_s, math.inf),
        ("line_angle_deg", line_angle_deg, 80.0),
    ):
        if _number(value) is None or not 0 <= value <= most:
            raise ParameterError(f"{name}={value!r} is not allowed: give a number of at least 0")
    geometry = scan_geometry(
        line_period_s=period,
        pixel_size_um=pixel,
        columns=width,
        scan_time_s=scan_time_s,
        line_angle_deg=line_angle_deg,
        to_and_fro=False,
    )
    cell_px = KAPPA_CELL_PX if cell_length_um is None else cell_length_um / pixel
    kappa = KAPPA_PER_PX * math.sqrt(KAPPA_CELL_PX / cell_px)
    sd = EFFICIENCY * math.sqrt(12) / (kappa * snr * window**1.5 * math.sqrt(width))
    slowest, accurate = STALL_SIGMAS * sd, ACCURATE_SIGMAS * sd
    if recording_lines is not None:
        cell_per_line = cell_px / _whole("recording_lines", recording_lines, window)
        slowest = max(slowest, FEWEST_CELLS * cell_per_line)
        accurate = max(accurate, ACCURATE_CELLS * cell_per_line)
    unit = geometry.unit_um_per_s
    return SpeedRange(
        slowest_um_per_s=slowest * unit,
        accurate_from_um_per_s=accurate * unit,
        fastest_um_per_s=geometry.ceiling(Sampling.of(width, window).ceiling_px_per_line),
    )


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return float(value) if math.isfinite(value) else None


def _positive(name: str, value: Any) -> None:
    number = _number(value)
    if number is None or number <= 0:
        raise ParameterError(f"{name}={value!r} is not allowed: give a positive number")


def _whole(name: str, value: Any, least: int) -> int:
    number = _number(value)
    if number is None or number != int(number) or number < least:
        raise ParameterError(f"{name}={value!r} is not allowed: give a whole number from {least}")
    return int(number)
