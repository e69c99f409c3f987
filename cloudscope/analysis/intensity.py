"""Brightness of each line over time: ΔF/F0, its noise, and transients that noise would not make.

For line scans of an indicator (calcium, voltage, a dye). The mean of each line is related to the
brightness at rest; peaks are those that the noise of this very recording, with its memory, makes
less often than a stated number of times. See ``docs/methods-intensity.md``.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike

from cloudscope.analysis.brightness.lines import read_lines
from cloudscope.analysis.brightness.measure import (
    BaselineChoice,
    PeakChoice,
    find_transients,
    rest,
)
from cloudscope.analysis.brightness.presets import time_scales
from cloudscope.analysis.brightness.table import (
    COLUMNS,
    PEAK_COLUMNS,
    line_columns,
    peak_columns,
    summary,
)
from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.working_memory import WorkingMemory
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["intensity", "intensity_peaks"]

_LEAST_LINES = 16


@register(
    name="intensity",
    title="Intensity",
    columns=COLUMNS,
    trace=Trace("dff", "Intensity (ΔF/F₀)", "#2b9348", sd="dff_sd", quality="quality"),
    headline="peak_rate_hz",
    memory=WorkingMemory(line_bytes=750),
)
def intensity(
    kymograph: ArrayLike,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    preset: Annotated[
        Literal["fast", "medium", "slow"],
        Param("Signals", "Time scales: half widths of 0.01-0.1 s, 0.1-1 s, or 1-10 s."),
    ] = "medium",
    peaks: Annotated[
        Literal["positive", "negative", "none"],
        Param("Peaks", "Which way transients go."),
    ] = "positive",
    false_alarm_rate: Annotated[
        float,
        Param(
            "False alarms",
            "Peaks that noise alone may make in this recording, on average.",
            minimum=1e-6,
            maximum=100.0,
            step=0.01,
        ),
    ] = 0.05,
    baseline: Annotated[
        Literal["rolling", "percentile", "manual"],
        Param("Baseline", "Brightness at rest: of what is near, of the whole recording, or given."),
    ] = "rolling",
    baseline_percentile: Annotated[
        float,
        Param(
            "Percentile",
            "Percentile that stands for rest; its place within the noise is corrected.",
            unit="%",
            minimum=1.0,
            maximum=50.0,
            step=1.0,
            when=("baseline", ("rolling", "percentile")),
        ),
    ] = 20.0,
    manual_f0: Annotated[
        float | None,
        Param(
            "F0",
            "Brightness at rest at the first line, for the manual baseline; dark level included.",
            unit="counts",
            advanced=True,
            when=("baseline", ("manual",)),
        ),
    ] = None,
    bleaching: Annotated[
        Literal["exponential", "none"],
        Param("Bleaching", "Follow a single exponential decay of the brightness at rest."),
    ] = "exponential",
    dark_level: Annotated[
        float,
        Param(
            "Dark level",
            "What a pixel shows without light. If it is not taken off, ΔF/F0 is too small.",
            unit="counts",
            step=1.0,
        ),
    ] = 0.0,
    reduce: Annotated[
        Literal["mean", "sum"],
        Param("Line", "Mean or sum of the pixels of a line.", advanced=True),
    ] = "mean",
    smooth: Annotated[
        Literal["none", "median", "gaussian"],
        Param("Filter", "Smooths ΔF/F0 before anything else is measured.", advanced=True),
    ] = "none",
    smooth_s: Annotated[
        float,
        Param(
            "Filter time",
            "Width of the median, or standard deviation of the Gaussian.",
            unit="s",
            minimum=0.0,
            maximum=1000.0,
            step=0.01,
            advanced=True,
            when=("smooth", ("median", "gaussian")),
        ),
    ] = 0.02,
    min_prominence: Annotated[
        float,
        Param(
            "Least prominence",
            "Peaks that stand out less do not count, however little noise there is.",
            unit="ΔF/F0",
            minimum=0.0,
            step=0.01,
            advanced=True,
        ),
    ] = 0.0,
    smoothing_s: Annotated[
        float | None,
        Param(
            "Detail",
            "Standard deviation of the smoothing for peaks; empty takes the preset's.",
            unit="s",
            minimum=0.0,
            maximum=1000.0,
            advanced=True,
        ),
    ] = None,
    min_separation_s: Annotated[
        float | None,
        Param(
            "Separation",
            "Peaks closer than this are one; empty takes the preset's.",
            unit="s",
            minimum=0.0,
            maximum=1000.0,
            advanced=True,
        ),
    ] = None,
    max_duration_s: Annotated[
        float | None,
        Param(
            "Longest",
            "How far from its peak a transient may begin or end; empty takes the preset's.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            advanced=True,
        ),
    ] = None,
    baseline_window_s: Annotated[
        float | None,
        Param(
            "Baseline window",
            "Window of the rolling baseline; empty takes the preset's.",
            unit="s",
            minimum=0.0,
            maximum=100000.0,
            advanced=True,
            when=("baseline", ("rolling",)),
        ),
    ] = None,
    saturation_level: Annotated[
        float | None,
        Param(
            "Full at",
            "Pixels this bright are saturated; empty finds it from the recording.",
            unit="counts",
            advanced=True,
        ),
    ] = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Brightness of each line, ΔF/F0 with its noise, and the transients in it.

    Parameters
    ----------
    kymograph : array_like, shape (lines, pixels)
        Rows are lines in time. Any real type; at least 16 lines.
    line_period_s : float
        Time from one line to the next.
    pixel_size_um : float or None
        Not needed; part of the result's provenance.
    preset : {"fast", "medium", "slow"}
        Time scales (see `cloudscope.analysis.brightness.presets.PRESETS`).
    peaks : {"positive", "negative", "none"}
        Which way transients go.
    false_alarm_rate : float
        How many peaks noise alone may make in this recording, on average.
    baseline : {"rolling", "percentile", "manual"}
        Percentile within a window around each line, of the whole recording, or `manual_f0`.
    baseline_percentile : float
        Percentile that stands for the brightness at rest. That noise alone puts it below the
        middle of what is at rest is corrected.
    manual_f0 : float, optional
        Mean brightness of a pixel at rest at the first line, the dark level included.
    bleaching : {"exponential", "none"}
        Whether the brightness at rest follows a single exponential decay.
    dark_level : float
        What a pixel shows without light (offset of the detector).
    reduce : {"mean", "sum"}
        Whether `intensity` and `baseline` of the table are means or sums of the line; ΔF/F0 is the
        same.
    smooth : {"none", "median", "gaussian"}
        Filter of ΔF/F0.
    smooth_s : float
        Width of the median, or standard deviation of the Gaussian.
    min_prominence : float
        Smallest prominence in ΔF/F0 that counts.
    smoothing_s, min_separation_s, max_duration_s, baseline_window_s : float, optional
        Time scales in place of the preset's.
    saturation_level : float, optional
        Pixels at or above it are saturated. If None: the largest number of the type, or the
        largest of the recording where far more pixels have it than the next smaller one.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a line (see `COLUMNS`). Status: ``ok``; ``saturated`` (more than 5 %
        of the pixels are full: the numbers are lower bounds); ``not finite`` (a pixel is NaN,
        infinite or above 1e100); ``no baseline`` (no light above the dark level at rest);
        ``constant`` (the recording never changes). Columns of peaks hold numbers on the lines
        where ``is_peak`` is true; `intensity_peaks` gives them as a table of their own.

    Raises
    ------
    ParameterError
        If a parameter is not allowed or the kymograph is no array of numbers of 16 lines or more.
    CalibrationError
        If the line period is not known.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Noise is everything that is not slower than the baseline or higher than the threshold, be it
    photons or cells that pass: both its size and its speed are taken from the recording.

    References
    ----------
    .. [1] S. O. Rice, "Mathematical analysis of random noise", Bell System Technical Journal 24
       (1945) 46-156.
    .. [2] P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau", Journal of
       the American Statistical Association 63 (1968) 1379-1389.

    Examples
    --------
    >>> from cloudscope.synthetic import transient_kymograph
    >>> truth = transient_kymograph([1.0, 3.0], 0.5, lines=5000, seed=1)
    >>> result = intensity(truth.image, line_period_s=1e-3, pixel_size_um=None)
    >>> result.summary["peaks"], round(result.summary["peak_amplitude_median"], 1)
    (2, 0.5)
    """
    parameters = checked_arguments(intensity, locals())
    period = needed_scale("intensity", "line_period_s", line_period_s)
    pixel = None
    if pixel_size_um is not None:
        pixel = needed_scale("intensity", "pixel_size_um", pixel_size_um)
    scales = time_scales(parameters["preset"], parameters, period)
    if parameters["baseline"] == "manual" and parameters["manual_f0"] is None:
        raise ParameterError(
            "manual_f0=None is not allowed with baseline='manual': give the brightness at rest"
        )
    checkpoint(0.0, progress, cancel)
    lines = read_lines(
        kymograph,
        least_lines=_LEAST_LINES,
        saturation_level=parameters["saturation_level"],
        checkpoint=lambda share: checkpoint(0.7 * share, progress, cancel),
    )
    duration = lines.mean.size * period
    if parameters["smooth"] != "none" and parameters["smooth_s"] > duration:
        raise ParameterError(
            f"smooth_s={parameters['smooth_s']:g} is not allowed: "
            f"the recording lasts {duration:g} s"
        )
    choice = BaselineChoice(
        method=parameters["baseline"],
        percentile=parameters["baseline_percentile"],
        manual=nan if parameters["manual_f0"] is None else parameters["manual_f0"],
        dark_level=parameters["dark_level"],
        remove_bleaching=parameters["bleaching"] == "exponential",
        smoothing=parameters["smooth"],
        smoothing_lines=parameters["smooth_s"] / period,
    )
    direction = {"positive": 1, "negative": -1, "none": 0}[parameters["peaks"]]
    brightness = rest(lines, choice, direction, scales, period)
    checkpoint(0.85, progress, cancel)
    transients = find_transients(
        brightness,
        lines.saturated,
        PeakChoice(
            sign=direction,
            false_alarms=parameters["false_alarm_rate"],
            min_prominence=parameters["min_prominence"],
        ),
        scales,
        period,
        checkpoint=lambda share: checkpoint(0.85 + 0.15 * share, progress, cancel),
    )
    sign = -1.0 if parameters["peaks"] == "negative" else 1.0
    columns = line_columns(
        lines, brightness, period, lines.pixels if parameters["reduce"] == "sum" else 1
    ) | peak_columns(transients, lines.mean.size, period, sign)
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "intensity",
        parameters=parameters,
        columns=columns,
        summary=summary(columns, lines, brightness, transients, period),
        line_period_s=period,
        pixel_size_um=pixel,
    )


def intensity_peaks(result: AnalysisResult) -> pd.DataFrame:
    """The peaks of an `intensity` result as a table, one row a peak.

    Parameters
    ----------
    result : AnalysisResult
        Measured or read from disk.

    Returns
    -------
    pandas.DataFrame
        Columns ``peak_id``, ``row`` and those of `COLUMNS` that begin with ``peak_``.

    Raises
    ------
    ParameterError
        If it is the result of another analysis.

    Examples
    --------
    >>> from cloudscope.synthetic import transient_kymograph
    >>> truth = transient_kymograph([1.0, 3.0], 0.5, lines=5000, seed=1)
    >>> result = intensity(truth.image, line_period_s=1e-3, pixel_size_um=None)
    >>> intensity_peaks(result)["peak_onset_s"].round(1).tolist()
    [1.0, 3.0]
    """
    if result.analysis != "intensity":
        raise ParameterError(
            f"result is of {result.analysis!r}: intensity_peaks needs a result of 'intensity'"
        )
    import pandas as pd

    names = ["peak_id", "row", *(c.name for c in PEAK_COLUMNS), "peak_status"]
    peak = np.asarray(result.columns["is_peak"], dtype=bool)
    return pd.DataFrame({name: np.asarray(result.columns[name])[peak] for name in names})
