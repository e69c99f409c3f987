"""Velocity of streaks in a kymograph, window by window.

The measure is the Radon projection of the space-time correlation of each window: the sum of the
correlation along a ray through lag and shift, one ray a velocity. Its maximum is where the classic
method [1]_, the variance of the Radon transform of the window, has its own, without the pull of
the window's rectangle on the angle and without a grid of angles. See ``docs/methods-velocity.md``.

References
----------
.. [1] P. J. Drew, P. Blinder, G. Cauwenberghs, A. Y. Shih, D. Kleinfeld, "Rapid determination of
   particle velocity from space-time images using the Radon transform", Journal of Computational
   Neuroscience 29 (2010) 5-11.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.background import measure_background
from cloudscope.analysis.streaks.measurement import (
    SearchLimits,
    WindowVelocities,
    measure_windows,
)
from cloudscope.analysis.streaks.summary import median_interval
from cloudscope.errors import ParameterError

__all__ = ["radon_velocity"]

MINIMUM_WIDTH_PX = 4
"""Narrowest line on which a shift can be told from a change of brightness."""

COLUMNS = (
    Column("time_s", "s", "centre of the window, from the first line"),
    Column("row_start", "lines", "first line of the window"),
    Column("row_stop", "lines", "line after the last one of the window"),
    Column("velocity_um_per_s", "µm/s", "positive towards larger columns; NaN: not measured"),
    Column("velocity_sd_um_per_s", "µm/s", "one standard deviation of the velocity"),
    Column("quality", "", "chance, 0 to 1, that the velocity is right within 10 %"),
    Column("status", "", "ok, or why the window is not accepted"),
    Column("detection", "", "strength of the streaks, in standard deviations of noise"),
    Column("second_velocity_um_per_s", "µm/s", "next best velocity; NaN: there is none"),
)


@register(
    name="radon_velocity",
    title="Velocity",
    columns=COLUMNS,
    trace=Trace(
        value="velocity_um_per_s",
        title="Velocity (µm/s)",
        color="#2f7ed8",
        sd="velocity_sd_um_per_s",
        quality="quality",
    ),
    headline="velocity_median_um_per_s",
)
def radon_velocity(
    kymograph: Any,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    window_lines: Annotated[
        int,
        Param(
            "Window",
            "Lines measured together. Longer is more precise, shorter follows faster changes.",
            unit="lines",
            minimum=8,
            maximum=1024,
        ),
    ] = 64,
    step_lines: Annotated[
        int,
        Param("Step", "Lines from one window to the next.", unit="lines", minimum=1, maximum=4096),
    ] = 16,
    direction: Annotated[
        Literal["either", "positive", "negative"],
        Param("Direction", "Which way cells may move; positive is towards larger columns."),
    ] = "either",
    background: Annotated[
        Literal["record", "none"],
        Param(
            "Background",
            "record: take off what does not move in the whole recording, and bleaching. "
            "none: measure the pixels as they are.",
        ),
    ] = "record",
    minimum_speed_um_per_s: Annotated[
        float | None,
        Param(
            "Slowest",
            "Slower candidates are not considered, whatever their sign.",
            unit="µm/s",
            minimum=0.0,
            advanced=True,
        ),
    ] = None,
    maximum_speed_um_per_s: Annotated[
        float | None,
        Param(
            "Fastest",
            "Faster candidates are not considered, whatever their sign.",
            unit="µm/s",
            minimum=0.0,
            advanced=True,
        ),
    ] = None,
    tracking: Annotated[
        float,
        Param(
            "Tracking",
            "How much a jump between windows counts against a candidate; 0 ignores neighbours.",
            minimum=0.0,
            maximum=10.0,
            step=0.1,
            advanced=True,
        ),
    ] = 1.0,
    detection_limit: Annotated[
        float,
        Param(
            "Detection",
            "Windows whose best streaks are weaker than this, in units of noise, hold no signal.",
            minimum=0.0,
            maximum=1000.0,
            step=0.5,
            advanced=True,
        ),
    ] = 4.5,
    quality_limit: Annotated[
        float,
        Param(
            "Quality",
            "Windows of lower quality are kept in the table but not accepted.",
            minimum=0.0,
            maximum=1.0,
            step=0.05,
        ),
    ] = 0.2,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Velocity of red cells from the slope of their streaks, one value a window of lines.

    Parameters
    ----------
    kymograph : array_like, shape (lines, width)
        Rows are lines in the order of time, columns positions along the line. Any real type;
        every pixel must be finite.
    line_period_s : float
        Time from one line to the next.
    pixel_size_um : float
        Distance from one column to the next.
    window_lines : int
        Lines of a window.
    step_lines : int
        Lines from one window to the next.
    direction : {"either", "positive", "negative"}
        Which way cells may move. A stall is neither and always allowed.
    background : {"record", "none"}
        Whether the static pattern of the whole recording, and its bleaching, are taken off.
    minimum_speed_um_per_s, maximum_speed_um_per_s : float, optional
        Candidates outside are not considered; a window whose best streaks are outside has the
        status ``beyond limits``.
    tracking : float
        Factor on the cost of a change of velocity from window to window.
    detection_limit : float
        Smallest strength of streaks, in standard deviations of noise, that counts as signal. Of
        1,000 windows of white noise less than one passes 4.5.
    quality_limit : float
        Smallest quality that is accepted.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times a second whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a window (see `COLUMNS`): time of its centre (s), its lines,
        velocity and standard deviation (µm/s), quality (0 to 1) and status: ``ok``,
        ``no signal`` (nothing moves or stays that could be told from noise),
        ``beyond limits``, ``ambiguous`` (another velocity explains the window as well) or
        ``low quality``. The summary is taken over the ``ok`` windows.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or the kymograph is not a finite array of at least
        `window_lines` lines and 4 columns.
    CalibrationError
        If the line period or the pixel size is not known.

    Notes
    -----
    The velocity of a window is the weighted mean over its lines and columns of everything that
    moves in it. `quality` is the estimated chance that the velocity is within 10 % of the truth,
    or, near a stall, off by less than a quarter of a pixel over the whole window.

    Examples
    --------
    A pattern that moves two columns with each line, at 1 kHz and 0.5 µm a column:

    >>> import numpy as np
    >>> cells = np.random.default_rng(1).normal(size=700)
    >>> kymograph = np.array([cells[600 - 2 * line : 640 - 2 * line] for line in range(256)])
    >>> result = radon_velocity(kymograph, line_period_s=1e-3, pixel_size_um=0.5)
    >>> round(result.summary["velocity_median_um_per_s"], -2)
    1000.0
    """
    parameters = checked_arguments(radon_velocity, locals())
    period = needed_scale("radon_velocity", "line_period_s", line_period_s)
    pixel = needed_scale("radon_velocity", "pixel_size_um", pixel_size_um)
    unit = pixel / period
    limits = _search_limits(parameters, unit)
    window, step = parameters["window_lines"], parameters["step_lines"]
    array = _checked(kymograph, window)

    def share(start: float, stop: float) -> Any:
        return lambda done: checkpoint(start + (stop - start) * done, progress, cancel)

    checkpoint(0.0, progress, cancel)
    static = measure_background(
        array, remove_pattern=parameters["background"] == "record", checkpoint=share(0.0, 0.1)
    )
    if static is None:
        raise ParameterError(
            "kymograph has pixels that are not finite (NaN, infinite or above 1e100): choose lines "
            "and columns without them, or fill them"
        )
    windows = measure_windows(
        array, static, window=window, step=step, limits=limits, checkpoint=share(0.1, 1.0)
    )
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "radon_velocity",
        parameters=parameters,
        columns=_columns(windows, window, period, unit),
        summary=_summary(windows, unit),
        line_period_s=period,
        pixel_size_um=pixel,
    )


def _search_limits(parameters: dict[str, Any], unit: float) -> SearchLimits:
    low, high = parameters["minimum_speed_um_per_s"], parameters["maximum_speed_um_per_s"]
    if low is not None and high is not None and low >= high:
        raise ParameterError(
            f"minimum_speed_um_per_s={low!r} is not allowed: give less than "
            f"maximum_speed_um_per_s={high!r}"
        )
    return SearchLimits(
        lowest=0.0 if low is None else low / unit,
        highest=np.inf if high is None else high / unit,
        sign={"either": 0, "positive": 1, "negative": -1}[parameters["direction"]],
        track=parameters["tracking"],
        detection=parameters["detection_limit"],
        quality=parameters["quality_limit"],
    )


def _checked(kymograph: Any, window: int) -> np.ndarray:
    array = np.asarray(kymograph)
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


def _columns(
    windows: WindowVelocities, window: int, period: float, unit: float
) -> dict[str, np.ndarray]:
    return {
        "time_s": (windows.row_start + (window - 1) / 2) * period,
        "row_start": windows.row_start,
        "row_stop": windows.row_start + window,
        "velocity_um_per_s": windows.velocity * unit,
        "velocity_sd_um_per_s": windows.sd * unit,
        "quality": windows.quality,
        "status": windows.status,
        "detection": windows.detection,
        "second_velocity_um_per_s": windows.second_velocity * unit,
    }


def _summary(windows: WindowVelocities, unit: float) -> dict[str, Any]:
    ok = windows.status == "ok"
    accepted = windows.velocity[ok] * unit
    nan = float("nan")
    quartiles = np.quantile(accepted, (0.25, 0.5, 0.75)) if accepted.size else (nan, nan, nan)
    mean = float(accepted.mean()) if accepted.size else nan
    sd = float(accepted.std(ddof=1)) if accepted.size > 1 else nan
    low, high = median_interval(accepted)
    reasons, counts = np.unique(windows.status[~ok], return_counts=True)
    return {
        "windows": int(ok.size),
        "windows_accepted": int(accepted.size),
        "accepted_share": accepted.size / ok.size,
        "velocity_median_um_per_s": float(quartiles[1]),
        "velocity_median_ci95_low_um_per_s": low,
        "velocity_median_ci95_high_um_per_s": high,
        "velocity_mean_um_per_s": mean,
        "velocity_sd_um_per_s": sd,
        "velocity_quartile_1_um_per_s": float(quartiles[0]),
        "velocity_quartile_3_um_per_s": float(quartiles[2]),
        "velocity_cv": sd / abs(mean) if accepted.size > 1 and mean else nan,
        "snr": windows.snr,
        "speed_ceiling_um_per_s": windows.ceiling * unit,
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }
