"""Cells per second, how densely they follow each other, and how long they are.

Along the measured velocity each pixel is put where its blood passes the centre of the line. That
makes one train of cells out of the recording, in which every cell is the mean of all lines that saw
it, and cells are counted in it. See ``docs/methods-flux.md``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.cells.columns import explained_share, measure_columns
from cloudscope.analysis.cells.given_velocity import VELOCITIES, speed_of
from cloudscope.analysis.cells.motion import Motion, motion_of
from cloudscope.analysis.cells.passages import Passages, find_passages
from cloudscope.analysis.cells.refinement import refined_speed
from cloudscope.analysis.cells.train import align
from cloudscope.analysis.cells.windows import (
    COLUMNS,
    count_windows,
    passage_columns,
    summary,
    window_rows,
)
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.background import measure_background
from cloudscope.analysis.working_memory import WorkingMemory
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["cell_passages", "flux"]

MINIMUM_WIDTH_PX = 4

TURN_UM, LEAST_TURN_PX = 5.0, 3.0
"""Blood that goes back by less, about the length of a cell, has not turned."""

FINE_FROM_LINES = 8
"""From so many lines on that see the same blood, the train has two places a pixel."""


@register(
    name="flux",
    title="Cell flux",
    columns=COLUMNS,
    trace=Trace(
        value="flux_cells_per_s",
        title="Flux (cells/s)",
        color="#c1121f",
        sd="flux_sd_cells_per_s",
        quality="quality",
    ),
    headline="flux_cells_per_s",
    inputs=(
        Input(
            "velocity",
            VELOCITIES,
            "Velocity",
            "Of the same lines and columns.",
        ),
    ),
    pixels=True,
    memory=WorkingMemory(line_bytes=400, pixel_bytes=10),  # grows with the way of the blood, too
)
def flux(
    kymograph: ArrayLike,
    velocity: AnalysisResult,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    polarity: Annotated[
        Literal["dark", "bright", "auto"],
        Param("Cells", "Dark in bright plasma, or labelled; auto: whichever has even lengths."),
    ] = "dark",
    window_s: Annotated[
        float,
        Param("Window", "Time over which cells are counted.", unit="s", minimum=1e-3, step=0.1),
    ] = 1.0,
    touching: Annotated[
        Literal["part", "keep"],
        Param(
            "Touching cells",
            "part: stretches as long as several cells count as several. keep: each counts as one.",
        ),
    ] = "part",
    least_velocity_quality: Annotated[
        float,
        Param(
            "Velocity quality",
            "Velocities of lower quality are replaced by those around them.",
            minimum=0.0,
            maximum=1.0,
            step=0.05,
            advanced=True,
        ),
    ] = 0.5,
    maximum_gap_s: Annotated[
        float,
        Param(
            "Longest gap",
            "Time without a velocity over which it is interpolated.",
            unit="s",
            minimum=0.0,
            step=0.1,
            advanced=True,
        ),
    ] = 1.0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Cells per second past the centre of the line, their density, length and share of the line.

    Parameters
    ----------
    kymograph : array_like, shape (lines, width)
        Rows are lines in the order of time, columns positions along the vessel. Any real type;
        every pixel must be finite.
    velocity : AnalysisResult
        Of `radon_velocity` or `clean_velocity` on the same lines and columns.
    line_period_s : float
        Time from one line to the next.
    pixel_size_um : float
        Distance from one column to the next.
    polarity : {"dark", "bright", "auto"}
        Whether cells are darker or brighter than plasma. ``"auto"`` takes the state whose lengths
        are more even for the cells.
    window_s : float
        Time of a row of the table.
    touching : {"part", "keep"}
        Whether stretches without a visible gap that are as long as several cells count as several.
    least_velocity_quality : float
        Velocities of a lower quality are interpolated from their neighbours. Where no cell is in
        view there is no velocity either, and leaving such times out would count too many cells.
    maximum_gap_s : float
        Longest time over which that is done; beyond it nothing is measured.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a window (see `COLUMNS`). Status: ``ok``; ``uncertain`` (the count is
        off by more than 10 % more likely than not); ``no velocity`` (for more than half of the
        window); ``no contrast`` (cells and plasma cannot be told apart). A stall is a valid 0
        cells/s. The summary is taken over all lines at which the velocity is known.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, the kymograph is not a finite array of at least 4 columns,
        or the velocity is not one of these lines.
    CalibrationError
        If the line period or the pixel size is not known.
    AnalysisCancelled
        If `cancel` is set.

    References
    ----------
    .. [1] W. S. Kamoun, S.-S. Chae, D. A. Lacorre, et al., "Simultaneous measurement of RBC
       velocity, flux, hematocrit and shear rate in vascular networks", Nature Methods 7 (2010)
       655-660.
    .. [2] D. Kleinfeld, P. P. Mitra, F. Helmchen, W. Denk, "Fluctuations and stimulus-induced
       changes in blood flow observed in individual capillaries in layers 2 through 4 of rat
       neocortex", Proceedings of the National Academy of Sciences 95 (1998) 15741-15746.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(800.0, lines=3000, hematocrit=0.3, snr=2.0, seed=3)
    >>> scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
    >>> velocity = radon_velocity(truth.image, **scales)
    >>> result = flux(truth.image, velocity, **scales)
    >>> bool(abs(result.summary["flux_cells_per_s"] / truth.flux_per_s - 1) < 0.02)
    True
    """
    parameters = checked_arguments(flux, locals())
    period = needed_scale("flux", "line_period_s", line_period_s)
    pixel = needed_scale("flux", "pixel_size_um", pixel_size_um)
    passages, motion, unit = _measured(
        _checked(kymograph), velocity, period, pixel, parameters, progress, cancel
    )
    starts, stops = window_rows(
        motion.measured.size, max(1, round(min(parameters["window_s"] / period, 1e15)))
    )
    columns = count_windows(passages, motion, starts, stops, period_s=period, pixel_um=unit)
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "flux",
        parameters=parameters,
        columns=columns,
        summary=summary(columns, passages, motion, period_s=period, pixel_um=unit),
        line_period_s=period,
        pixel_size_um=pixel,
        inputs={"velocity": velocity},
    )


def cell_passages(
    kymograph: ArrayLike,
    velocity: AnalysisResult,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Every cell that passes the centre of the line, one by one.

    Parameters
    ----------
    kymograph, velocity, line_period_s, pixel_size_um, progress, cancel
        As of `flux`.
    **parameters
        As of `flux`; `window_s` has no effect.

    Returns
    -------
    pandas.DataFrame
        In the order of time: ``time_s`` at which the middle passes the centre, from the first
        line; ``direction``, 1 towards larger columns; ``length_um`` along the vessel; ``contrast``
        relative to the mean of the cells; ``cells``, expected number where several touch.

    Raises
    ------
    ParameterError, CalibrationError, AnalysisCancelled
        As `flux`.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(800.0, lines=2000, hematocrit=0.3, snr=2.0, seed=3)
    >>> scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
    >>> cells = cell_passages(truth.image, radon_velocity(truth.image, **scales), **scales)
    >>> bool(3.3 < cells["length_um"].mean() < 3.7)
    True
    """
    import pandas as pd

    from cloudscope.analysis.parameters import declared_parameters, validate_parameters

    checked = validate_parameters(declared_parameters(flux), parameters, owner="flux")
    period = needed_scale("flux", "line_period_s", line_period_s)
    pixel = needed_scale("flux", "pixel_size_um", pixel_size_um)
    passages, _, unit = _measured(
        _checked(kymograph), velocity, period, pixel, checked, progress, cancel
    )
    checkpoint(1.0, progress, cancel)
    return pd.DataFrame(passage_columns(passages, period_s=period, pixel_um=unit))


def _checked(kymograph: ArrayLike) -> np.ndarray:
    try:
        array = np.asarray(kymograph)
    except ValueError as error:
        raise ParameterError(
            f"kymograph is no array ({error}): give one of numbers, (lines, columns)"
        ) from error
    if array.ndim != 2:
        raise ParameterError(
            f"kymograph has {array.ndim} dimensions: give one channel as (lines, columns)"
        )
    if array.dtype.kind not in "buif":
        raise ParameterError(f"kymograph has pixels of type {array.dtype}: give real numbers")
    if array.shape[1] < MINIMUM_WIDTH_PX:
        raise ParameterError(
            f"kymograph is {array.shape[1]} columns wide: flux needs at least {MINIMUM_WIDTH_PX}"
        )
    if array.shape[0] < 2:
        raise ParameterError(f"kymograph has {array.shape[0]} lines: flux needs at least 2")
    return array


def _measured(
    kymograph: np.ndarray,
    velocity: AnalysisResult,
    period: float,
    pixel: float,
    parameters: dict[str, Any],
    progress: Progress | None,
    cancel: Cancel | None,
) -> tuple[Passages, Motion, float]:
    """Cells of a kymograph, how its blood moved, and the length of a pixel of that motion (µm)."""

    def share(start: float, stop: float) -> Callable[[float], None]:
        return lambda done: checkpoint(start + (stop - start) * done, progress, cancel)

    speed, measured = speed_of(velocity, kymograph.shape, period, pixel, parameters)
    checkpoint(0.0, progress, cancel)
    background = measure_background(kymograph, remove_pattern=True, checkpoint=share(0.0, 0.2))
    if background is None:
        raise ParameterError(
            "kymograph has pixels that are not finite (NaN, infinite or above 1e100): choose lines "
            "and columns without them, or fill them"
        )
    turn_px = max(TURN_UM / pixel, LEAST_TURN_PX)
    motion = motion_of(speed, measured, least_turn_px=turn_px)
    refined = refined_speed(kymograph, background, speed, measured, checkpoint=share(0.2, 0.4))
    if refined is not speed:
        # Where a few cells pass slowly the correction is mostly noise: what fits better counts.
        other = motion_of(refined, measured, least_turn_px=turn_px)
        fits = [
            explained_share(kymograph, background, each, checkpoint=share(*part))
            for each, part in ((motion, (0.4, 0.45)), (other, (0.45, 0.5)))
        ]
        motion, refined = (other, refined) if fits[1] > fits[0] else (motion, speed)
    columns = measure_columns(kymograph, background, motion, checkpoint=share(0.5, 0.6))
    # Alignment is by what fits the pixels best; lengths are in the unit of the velocity given.
    ways = [float(np.abs(each[measured]).sum()) for each in (speed, refined)]
    scale = ways[0] / ways[1] if min(ways) > 0 else 1.0
    typical = float(np.median(np.abs(speed[measured]))) if measured.any() else 0.0
    fine = kymograph.shape[1] >= FINE_FROM_LINES * typical
    train = align(
        kymograph,
        background,
        motion,
        motion.sweeps,
        columns,
        bins_per_px=2 if fine else 1,
        checkpoint=share(0.6, 0.9),
    )
    passages = find_passages(
        train,
        motion,
        motion.sweeps,
        polarity=parameters["polarity"],
        part_touching=parameters["touching"] == "part",
    )
    return passages, motion, scale * pixel
