"""From what a user gives to what the steps need: checked pixels, straight lines, background."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.streaks.background import (
    Background,
    all_finite,
    measure_background,
)
from cloudscope.analysis.streaks.bidirectional import (
    AlignedLines,
    Offset,
    estimate_offset,
    suspected_offset,
)
from cloudscope.analysis.streaks.geometry import ScanGeometry, TrueLimits, scan_geometry
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.errors import ParameterError

__all__ = ["MINIMUM_WIDTH_PX", "Preparation", "checked_kymograph", "prepare"]

MINIMUM_WIDTH_PX = 4
"""Narrowest line on which a shift can be told from a change of brightness."""

FEWEST_WINDOWS = 8
"""Windows that a running mean of the static pattern must span, lest it takes flow with it."""

NOT_FINITE = (
    "kymograph has pixels that are not finite (NaN, infinite or above 1e100): choose lines "
    "and columns without them, or fill them"
)


@dataclass(frozen=True)
class Preparation:
    """A recording ready to be measured.

    Attributes
    ----------
    recording : ndarray, shape (lines, columns)
        As it was given.
    lines : Lines, shape (lines, width)
        With odd lines put back where they belong.
    background : Background
        Of `lines`.
    geometry : ScanGeometry
    limits : TrueLimits
    offset : Offset or None
        Of odd lines; ``None`` for a scan one way.
    suspected_offset_px : float or None
        Of odd lines in a scan that is said to be one way, and seems not to be.
    window, step : int
    line_period_s, pixel_size_um : float
    """

    recording: np.ndarray
    lines: Lines
    background: Background
    geometry: ScanGeometry
    limits: TrueLimits
    offset: Offset | None
    suspected_offset_px: float | None
    window: int
    step: int
    line_period_s: float
    pixel_size_um: float


def prepare(
    kymograph: Any,
    parameters: Mapping[str, Any],
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    checkpoint: Callable[[float], None],
) -> Preparation:
    """Check a kymograph and find what in it does not move.

    Parameters
    ----------
    kymograph : array_like, shape (lines, columns)
    parameters : mapping
        Those of `radon_velocity`, validated.
    line_period_s, pixel_size_um : float or None
    checkpoint : callable
        Called with the finished share.

    Raises
    ------
    ParameterError, CalibrationError
    """
    period = needed_scale("radon_velocity", "line_period_s", line_period_s)
    pixel = needed_scale("radon_velocity", "pixel_size_um", pixel_size_um)
    if parameters["method"] == "classic" and parameters["smoother"] != "none":
        raise ParameterError(
            f"smoother={parameters['smoother']!r} is not allowed with method='classic', which "
            "knows no standard deviations to weigh windows by: give smoother='none'"
        )
    window = parameters["window_lines"]
    array = checked_kymograph(kymograph, window)
    geometry = scan_geometry(
        line_period_s=period,
        pixel_size_um=pixel,
        columns=array.shape[1],
        scan_time_s=parameters["scan_time_s"],
        line_angle_deg=parameters["line_angle_deg"],
        to_and_fro=parameters["bidirectional"] != "no",
    )
    limits = _search_limits(parameters, geometry)
    averaged = _averaged_lines(parameters, period, len(array))
    offset = _offset(array, parameters, lambda done: checkpoint(0.3 * done))
    lines: Lines = array if offset is None or offset.px == 0 else AlignedLines(array, offset.px)
    if lines.shape[1] < MINIMUM_WIDTH_PX:
        raise ParameterError(
            f"bidirectional_offset_px={offset.px if offset else 0!r} leaves {lines.shape[1]} "
            f"columns: velocity needs at least {MINIMUM_WIDTH_PX}"
        )
    background = measure_background(
        lines,
        remove_pattern=parameters["background"] != "none",
        remove_bleaching=parameters["bleaching"] == "fit",
        averaged_lines=averaged,
        parities=1 if offset is None else 2,
        checkpoint=lambda done: checkpoint(0.3 + 0.7 * done),
    )
    if background is None:
        raise ParameterError(NOT_FINITE)
    return Preparation(
        recording=array,
        lines=lines,
        background=background,
        geometry=geometry,
        limits=limits,
        offset=offset,
        suspected_offset_px=(
            suspected_offset(array, remove_pattern=background.removed) if offset is None else None
        ),
        window=window,
        step=parameters["step_lines"],
        line_period_s=period,
        pixel_size_um=pixel,
    )


def checked_kymograph(kymograph: Any, window: int) -> np.ndarray:
    """The kymograph as an array of real numbers, with lines for a window at least.

    Raises
    ------
    ParameterError
        Naming what is wrong with it.
    """
    try:
        array: np.ndarray = np.asarray(kymograph)
    except ValueError as error:
        raise ParameterError(
            f"kymograph is no array ({error}): give one channel as (lines, columns)"
        ) from error
    if array.ndim != 2:
        raise ParameterError(
            f"kymograph has {array.ndim} dimensions: give one channel as (lines, columns)"
        )
    if array.dtype.kind not in "buif":
        raise ParameterError(f"kymograph has pixels of type {array.dtype}: give real numbers")
    n_lines, width = array.shape
    if n_lines < window:
        raise ParameterError(
            f"window_lines={window} is more than the {n_lines} lines there are: give a shorter "
            "window or more lines"
        )
    if width < MINIMUM_WIDTH_PX:
        raise ParameterError(
            f"kymograph is {width} columns wide: velocity needs at least {MINIMUM_WIDTH_PX}"
        )
    return array


def _search_limits(parameters: Mapping[str, Any], geometry: ScanGeometry) -> TrueLimits:
    low, high = parameters["minimum_speed_um_per_s"], parameters["maximum_speed_um_per_s"]
    if low is not None and high is not None and low >= high:
        raise ParameterError(
            f"minimum_speed_um_per_s={low!r} is not allowed: give less than "
            f"maximum_speed_um_per_s={high!r}"
        )
    return TrueLimits(
        lowest=0.0 if low is None else low,
        highest=np.inf if high is None else high,
        sign={"either": 0, "positive": 1, "negative": -1}[parameters["direction"]],
        track=parameters["tracking"],
        detection=parameters["detection_limit"],
        quality=parameters["quality_limit"],
        geometry=geometry,
    )


def _averaged_lines(parameters: Mapping[str, Any], period: float, n_lines: int) -> int | None:
    if parameters["background"] != "moving":
        return None
    seconds = parameters["background_window_s"]
    needed = FEWEST_WINDOWS * parameters["window_lines"]
    # A period of next to nothing must not make a number too large for an integer.
    lines = int(min(round(min(seconds / period, 1e15)), n_lines))
    if lines < min(needed, n_lines):
        raise ParameterError(
            f"background_window_s={seconds!r} is not allowed: that is {lines} lines; give at "
            f"least {needed * period:.3g} s, {FEWEST_WINDOWS} windows, or slow flow is taken off"
        )
    return lines


def _offset(
    array: np.ndarray, parameters: Mapping[str, Any], checkpoint: Callable[[float], None]
) -> Offset | None:
    mode, given = parameters["bidirectional"], parameters["bidirectional_offset_px"]
    if (mode == "given") != (given is not None):
        raise ParameterError(
            f"bidirectional_offset_px={given!r} is not allowed with bidirectional={mode!r}: "
            "give bidirectional='given' and a number of columns, or neither"
        )
    if mode == "no":
        return None
    if mode == "given":
        return Offset(given, float("nan"))
    if not all_finite(array):
        raise ParameterError(NOT_FINITE)
    return estimate_offset(
        array, remove_pattern=parameters["background"] != "none", checkpoint=checkpoint
    )
