"""Velocity of streaks in a kymograph, window by window.

The measure is the Radon projection of the space-time correlation of each window: the sum of the
correlation along a ray through lag and shift, one ray a velocity. Its maximum is where the classic
method [1]_, the variance of the Radon transform of the window, has its own, without the pull of
the window's rectangle on the angle and without a grid of angles. See ``docs/methods-velocity.md``.
The classic method itself is there to compare with.

References
----------
.. [1] P. J. Drew, P. Blinder, G. Cauwenberghs, A. Y. Shih, D. Kleinfeld, "Rapid determination of
   particle velocity from space-time images using the Radon transform", Journal of Computational
   Neuroscience 29 (2010) 5-11.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.along_line import velocity_slope
from cloudscope.analysis.streaks.changing_flow import measure_flow
from cloudscope.analysis.streaks.classic import measure_classic
from cloudscope.analysis.streaks.manual import keep_overruled
from cloudscope.analysis.streaks.measurement import WindowVelocities
from cloudscope.analysis.streaks.preparation import Preparation, prepare
from cloudscope.analysis.streaks.reasons import with_reasons
from cloudscope.analysis.streaks.smoother import smoothed
from cloudscope.analysis.streaks.summary import hints, summarise
from cloudscope.analysis.streaks.table import COLUMNS, window_table
from cloudscope.analysis.working_memory import WorkingMemory

__all__ = ["COLUMNS", "radon_velocity"]


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
    carry_over=keep_overruled,
    memory=WorkingMemory(line_bytes=50, row_bytes=1500, lines_a_row="step_lines"),
)
def radon_velocity(
    kymograph: Any,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    method: Annotated[
        Literal["correlation", "classic"],
        Param(
            "Method",
            "correlation: precise, with standard deviations. classic: the angle at which the "
            "Radon transform varies most, to compare with; some hundred times slower.",
            advanced=True,
        ),
    ] = "correlation",
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
        Literal["record", "moving", "none"],
        Param(
            "Background",
            "record: take off what does not move in the whole recording. moving: in a stretch of "
            "it that runs along, for walls that drift. none: measure the pixels as they are.",
        ),
    ] = "record",
    background_window_s: Annotated[
        float,
        Param(
            "Background over",
            "Length of that stretch. Flow that passes only a few cells in it is taken off too.",
            unit="s",
            minimum=0.0,
            advanced=True,
            when=("background", ("moving",)),
        ),
    ] = 5.0,
    bleaching: Annotated[
        Literal["fit", "none"],
        Param("Bleaching", "fit: divide by the slow course of the brightness.", advanced=True),
    ] = "fit",
    bidirectional: Annotated[
        Literal["no", "estimate", "given"],
        Param(
            "Scan to and fro",
            "Whether odd lines are scanned backwards and lie a little beside the others: estimate "
            "the offset and undo it, or undo the one given.",
            advanced=True,
        ),
    ] = "no",
    bidirectional_offset_px: Annotated[
        float | None,
        Param(
            "Offset",
            "Of odd lines towards larger columns, for a scan to and fro with a given offset.",
            unit="px",
            minimum=-64.0,
            maximum=64.0,
            advanced=True,
            when=("bidirectional", ("given",)),
        ),
    ] = None,
    scan_time_s: Annotated[
        float,
        Param(
            "Sweep",
            "Time the beam takes along the columns; 0 takes a line for one moment.",
            unit="s",
            minimum=0.0,
            advanced=True,
        ),
    ] = 0.0,
    line_angle_deg: Annotated[
        float,
        Param(
            "Angle",
            "Between the line and the axis of the vessel; velocity is divided by its cosine.",
            unit="°",
            minimum=0.0,
            maximum=80.0,
            advanced=True,
        ),
    ] = 0.0,
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
    smoother: Annotated[
        Literal["none", "rts"],
        Param(
            "Smoothing",
            "rts: weigh each window with those before and after it, by their uncertainties.",
            advanced=True,
        ),
    ] = "none",
    smoother_gap_s: Annotated[
        float,
        Param(
            "Across gaps of",
            "Smoothing carries nothing across a longer gap without velocity.",
            unit="s",
            minimum=0.0,
            advanced=True,
            when=("smoother", ("rts",)),
        ),
    ] = 0.25,
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
    along_line: Annotated[
        bool,
        Param(
            "Slope along the line",
            "Also report how much the velocity changes along the line; takes twice as long.",
            advanced=True,
        ),
    ] = False,
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
    method : {"correlation", "classic"}
    window_lines, step_lines : int
        Lines of a window, and from one window to the next.
    direction : {"either", "positive", "negative"}
        Which way cells may move. A stall is neither and always allowed.
    background : {"record", "moving", "none"}
        Whether the static pattern of the whole recording is taken off, or that of
        `background_window_s`, at least 8 windows, about each line.
    background_window_s : float
    bleaching : {"fit", "none"}
        Whether the slow course of the brightness is divided out.
    bidirectional : {"no", "estimate", "given"}
        Whether odd lines are scanned backwards, and what is known of their offset.
    bidirectional_offset_px : float, optional
    scan_time_s : float
        Time of the sweep along the columns, at most the line period; towards larger columns. In a
        scan to and fro its effect cancels, and nothing is corrected.
    line_angle_deg : float
        Between line and vessel.
    minimum_speed_um_per_s, maximum_speed_um_per_s : float, optional
        Candidates outside are not considered; a window whose best streaks are outside has the
        status ``beyond limits``.
    tracking : float
        Factor on the cost of a change of velocity from window to window.
    smoother : {"none", "rts"}
        Whether the track of the velocities over time takes their place.
    smoother_gap_s : float
    detection_limit : float
        Smallest strength of streaks, in standard deviations of noise, that counts as signal. Of
        1,000 windows of white noise less than one passes 4.5.
    quality_limit : float
        Smallest quality that is accepted.
    along_line : bool
        Whether the summary has the slope of the velocity along the line.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times a second whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a window (see `COLUMNS`): time of its centre (s), its lines,
        velocity and standard deviation (µm/s), quality (0 to 1) and status: ``ok``,
        ``no signal`` (nothing moves or stays that could be told from noise), ``beyond ceiling``
        (cells on each line, none of them on the next), ``beyond limits``, ``ambiguous`` (another
        velocity explains the window as well), ``low quality``, ``saturated`` or ``manual``. The
        summary is taken over the ``ok`` and ``manual`` windows; its `hint` says in words what to
        look at again.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or the kymograph is not a finite array of at least
        `window_lines` lines and 4 columns.
    CalibrationError
        If the line period or the pixel size is not known.

    See Also
    --------
    overrule_velocity, streak_score, speed_ceiling, velocity_along_line

    Notes
    -----
    The velocity of a window is the weighted mean over its lines and columns of everything that
    moves in it. `quality` is the estimated chance that the velocity is within 10 % of the truth,
    or, near a stall, off by less than a quarter of a pixel over the whole window. The classic
    method knows neither a chance nor a standard deviation: its quality is a contrast.

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

    def share(start: float, stop: float) -> Any:
        return lambda done: checkpoint(start + (stop - start) * done, progress, cancel)

    checkpoint(0.0, progress, cancel)
    prepared = prepare(
        kymograph,
        parameters,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        checkpoint=share(0.0, 0.1),
    )
    end = 0.5 if along_line else 0.99
    windows = _measured(prepared, parameters, share(0.1, 0.97 * end))
    windows = with_reasons(windows, prepared, share(0.97 * end, end))
    if parameters["smoother"] == "rts":
        windows = smoothed(
            windows,
            window=prepared.window,
            step=prepared.step,
            gap_lines=parameters["smoother_gap_s"] / prepared.line_period_s,
            quality_limit=parameters["quality_limit"],
        )
    columns = window_table(
        windows,
        window=prepared.window,
        line_period_s=prepared.line_period_s,
        geometry=prepared.geometry,
    )
    summary = summarise(columns) | _facts(prepared, windows)
    if parameters["along_line"]:
        summary |= velocity_slope(prepared, parameters, windows, share(end, 0.99))
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "radon_velocity",
        parameters=parameters,
        columns=columns,
        summary=summary,
        line_period_s=prepared.line_period_s,
        pixel_size_um=prepared.pixel_size_um,
    )


def _measured(
    prepared: Preparation, parameters: dict[str, Any], checkpoint: Any
) -> WindowVelocities:
    if parameters["method"] == "classic":
        return measure_classic(prepared, checkpoint=checkpoint)
    return measure_flow(
        prepared.lines,
        prepared.background,
        window=prepared.window,
        step=prepared.step,
        limits=prepared.limits,
        checkpoint=checkpoint,
    )


def _facts(prepared: Preparation, windows: WindowVelocities) -> dict[str, Any]:
    """What the summary says of the recording, besides its windows."""
    ok = windows.status == "ok"
    offset = prepared.offset
    return {
        "snr": windows.snr,
        "speed_ceiling_um_per_s": prepared.geometry.ceiling(windows.ceiling),
        "bidirectional_offset_px": None if offset is None else offset.px,
        "bidirectional_offset_sd_px": None if offset is None else offset.sd_px,
        "hint": hints(
            accepted_share=float(ok.mean()),
            mean_speed_px=float(np.abs(windows.velocity[ok]).mean()) if ok.any() else 0.0,
            cell_px=windows.cell_px,
            background_removed=prepared.background.removed,
            averaged_lines=prepared.background.averaged_lines,
            static_share=prepared.background.static_share,
            offset_unknown=offset is not None and not offset.known,
            suspected_offset_px=prepared.suspected_offset_px,
        ),
    }
