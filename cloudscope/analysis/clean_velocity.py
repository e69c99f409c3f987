"""Velocity cleaned in steps: outliers taken out, smoothed, short gaps filled in.

Every step is a parameter, so the result says what was done. The velocity it was done to stays as
it was measured: as a result of its own, and beside the cleaned one. See
``docs/methods-cleaning.md``.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np

from cloudscope.analysis.cleaning.steps import (
    filled_in,
    outliers_of_neighbours,
    outliers_of_record,
    running_median,
    samples_in,
)
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.analysis.slow_windows import slow_but_precise
from cloudscope.analysis.streaks.summary import median_interval
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["clean_velocity"]

_LARGEST = 1e100
"""Larger numbers, whose squares are none, are no measurement."""
_MANUAL = "manual"
"""Values the user has set: no rule overrules them."""

COLUMNS = (
    Column("time_s", "s", "centre of the window, from the first line"),
    Column("row_start", "lines", "first line of the window"),
    Column("row_stop", "lines", "line after the last one of the window"),
    Column("velocity_um_per_s", "µm/s", "cleaned velocity; NaN: none"),
    Column("velocity_sd_um_per_s", "µm/s", "one standard deviation of the velocity"),
    Column("quality", "", "as measured; where filled in, the lower one of both ends"),
    Column("status", "", "ok, manual, interpolated, or why there is no velocity"),
    Column("measured_um_per_s", "µm/s", "velocity before cleaning, whatever became of it"),
    Column("measured_status", "", "status before cleaning"),
    Column("removed_by", "", "what took the value out: measurement, quality, outlier, or empty"),
)


@register(
    name="clean_velocity",
    title="Clean velocity",
    columns=COLUMNS,
    trace=Trace(
        value="velocity_um_per_s",
        title="Clean velocity (µm/s)",
        color="#1b6ca8",
        sd="velocity_sd_um_per_s",
        quality="quality",
    ),
    headline="velocity_median_um_per_s",
    inputs=(
        Input(
            "velocity", ("radon_velocity",), "Velocity", "The velocity to be cleaned; it is kept."
        ),
    ),
)
def clean_velocity(
    velocity: AnalysisResult,
    *,
    min_quality: Annotated[
        float,
        Param(
            "Least quality",
            "Values of lower quality are taken out; 0 takes what the measurement accepted.",
            minimum=0.0,
            maximum=1.0,
            step=0.05,
        ),
    ] = 0.0,
    outliers: Annotated[
        Literal["neighbours", "own sd", "recording", "none"],
        Param(
            "Outliers",
            "neighbours: far from the median around them. own sd: farther than their own "
            "uncertainty. recording: far from the mean of the recording.",
        ),
    ] = "neighbours",
    outlier_limit: Annotated[
        float,
        Param(
            "Outlier limit",
            "Standard deviations from which a value is far.",
            unit="sd",
            minimum=0.0,
            maximum=1000.0,
            step=0.5,
            when=("outliers", ("neighbours", "own sd", "recording")),
        ),
    ] = 4.0,
    outlier_window_s: Annotated[
        float,
        Param(
            "Outlier window",
            "Neighbours around each value; what lasts longer than half of it is no outlier.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            step=0.05,
            when=("outliers", ("neighbours",)),
        ),
    ] = 0.3,
    median_s: Annotated[
        float,
        Param(
            "Median filter",
            "Each value becomes the median of this stretch around it; 0 leaves it as it is.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            step=0.01,
        ),
    ] = 0.0,
    max_gap_s: Annotated[
        float,
        Param(
            "Fill gaps up to",
            "Longest way from a value to the next that a straight line bridges; 0 fills none.",
            unit="s",
            minimum=0.0,
            maximum=10000.0,
            step=0.05,
        ),
    ] = 0.1,
    absolute: Annotated[
        bool,
        Param("Speed", "Take off the sign, last of all: speed, whatever the direction."),
    ] = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Velocity without outliers, smoothed and with short gaps filled in, as far as wanted.

    The steps come in the order of the parameters: quality, outliers, median, gaps, sign. Before
    them, windows of low quality are accepted in which slow flow was measured precisely: a stall is
    no gap.

    Parameters
    ----------
    velocity : AnalysisResult
        Of `radon_velocity`; its rows must be in the order of time.
    min_quality : float
        Values of lower quality are taken out.
    outliers : {"neighbours", "own sd", "recording", "none"}
        ``neighbours``: more than `outlier_limit` standard deviations from the median of
        `outlier_window_s` around it, by the median absolute deviation there, or by the value's
        own standard deviation where that is larger. ``own sd``: by the value's own alone.
        ``recording``: from the mean, by the standard deviation of the whole recording.
    outlier_limit : float
        In standard deviations.
    outlier_window_s : float
        The nearest odd number of values is taken. For ``recording`` and ``none`` it has no use.
    median_s : float
        Length of the median filter; the nearest odd number of values is taken. It leaves out what
        is unknown, and fills nothing in.
    max_gap_s : float
        Longest gap, from value to value, that is filled in by a straight line.
    absolute : bool
        Whether the sign is taken off.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked once a step whether to stop.

    Returns
    -------
    AnalysisResult
        The rows of `velocity` with the columns of `COLUMNS`. Status: ``ok``; ``manual`` (set by
        hand: no step touches it but the sign); ``interpolated``; ``outlier``; ``low quality``;
        ``not measured`` (no finite value); or what the measurement said. The summary counts what
        each step has changed.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or the times of `velocity` do not rise.
    UnknownNameError
        If `velocity` has no course over time.
    AnalysisCancelled
        If `cancel` is set.

    References
    ----------
    .. [1] F. R. Hampel, "The influence curve and its role in robust estimation", Journal of the
       American Statistical Association 69 (1974) 383-393.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=3000, snr=4.0, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> speed = clean_velocity(velocity, median_s=0.1, absolute=True)
    >>> round(speed.summary["velocity_median_um_per_s"], -1), speed.summary["rows_usable"]
    (500.0, 184)
    """
    parameters = checked_arguments(clean_velocity, locals())
    checkpoint(0.0, progress, cancel)
    samples = samples_of(velocity)
    count = samples.time_s.size
    if not np.isfinite(samples.time_s).all() or (np.diff(samples.time_s) <= 0).any():
        raise ParameterError(
            "velocity has times that do not rise from row to row: sort its rows by time_s"
        )
    given = _given(velocity, count)
    status = given["measured_status"].astype("<U32")
    manual = status == _MANUAL
    usable = samples.usable & (np.abs(np.nan_to_num(samples.value)) < _LARGEST)
    status[samples.usable & ~usable] = "not measured"
    status[~np.isfinite(samples.value) & np.isin(status, ("ok", _MANUAL))] = "not measured"
    slow = slow_but_precise(velocity, samples, usable)
    usable |= slow
    status[slow] = "ok"
    removed_by = np.where(usable, "", "measurement").astype("<U11")
    value = np.where(usable, samples.value, nan)
    sd = np.where(usable & (samples.sd >= 0) & (samples.sd < _LARGEST), samples.sd, nan)

    low = usable & ~manual & (given["quality"] < parameters["min_quality"])
    status[low], removed_by[low] = "low quality", "quality"
    value[low] = nan
    checkpoint(0.1, progress, cancel)

    far = _outliers(value, sd, samples.step_s, parameters) & ~manual
    status[far], removed_by[far] = "outlier", "outlier"
    value[far] = nan
    checkpoint(0.6, progress, cancel)

    smooth = running_median(value, samples_in(parameters["median_s"], samples.step_s))
    filtered = np.isfinite(value) & ~manual & (smooth != value)
    value = np.where(filtered, smooth, value)
    sd = np.where(np.isfinite(value), sd, nan)
    checkpoint(0.8, progress, cancel)

    value, sd, filled = filled_in(samples.time_s, value, sd, parameters["max_gap_s"])
    status[filled] = "interpolated"
    turned = np.isfinite(value) & (value < 0) & parameters["absolute"]
    value = np.where(turned, -value, value)
    columns = {
        "time_s": samples.time_s,
        "row_start": given["row_start"],
        "row_stop": given["row_stop"],
        "velocity_um_per_s": value,
        "velocity_sd_um_per_s": sd,
        "quality": _quality(given["quality"], value, filled),
        "status": status,
        "measured_um_per_s": np.where(np.isfinite(samples.value), samples.value, np.nan),
        "measured_status": given["measured_status"],
        "removed_by": removed_by,
    }
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "clean_velocity",
        parameters=parameters,
        columns=columns,
        summary=_summary(columns, filled, filtered, turned, slow),
        line_period_s=velocity.calibration.line_period_s,
        pixel_size_um=velocity.calibration.pixel_size_um,
        inputs={"velocity": velocity},
    )


def _given(velocity: AnalysisResult, count: int) -> dict[str, NDArray[Any]]:
    """Columns that are carried along; of a result without them, what says that it has none."""
    columns = velocity.columns
    rows = np.zeros(count, np.int64)
    return {
        "row_start": np.asarray(columns.get("row_start", rows)),
        "row_stop": np.asarray(columns.get("row_stop", rows)),
        "quality": np.asarray(columns.get("quality", np.full(count, nan)), float),
        "measured_status": np.asarray(columns.get("status", np.full(count, "ok"))).astype(np.str_),
    }


def _outliers(
    value: NDArray[np.float64],
    sd: NDArray[np.float64],
    step_s: float,
    parameters: Mapping[str, Any],
) -> NDArray[np.bool_]:
    rule, limit = parameters["outliers"], parameters["outlier_limit"]
    if rule == "recording":
        return outliers_of_record(value, limit)
    width = samples_in(parameters["outlier_window_s"], step_s)
    if rule == "none" or width < 3:
        return np.zeros(value.size, bool)
    return outliers_of_neighbours(value, sd, width, limit, by_spread=rule == "neighbours")


def _quality(
    quality: NDArray[np.float64], value: NDArray[np.float64], filled: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The quality of what was filled in is the lower one of the two values it lies between."""
    real = np.flatnonzero(np.isfinite(value) & ~filled)
    if not filled.any():
        return quality
    at = np.flatnonzero(filled)
    right = np.searchsorted(real, at)
    mended = quality.copy()
    mended[at] = np.minimum(quality[real[right - 1]], quality[real[right]])
    return mended


def _summary(
    columns: Mapping[str, NDArray[Any]],
    filled: NDArray[np.bool_],
    filtered: NDArray[np.bool_],
    turned: NDArray[np.bool_],
    slow: NDArray[np.bool_],
) -> dict[str, Any]:
    known = np.isfinite(columns["velocity_um_per_s"])
    values = columns["velocity_um_per_s"][known]
    removed = columns["removed_by"]
    quartiles = np.quantile(values, (0.25, 0.5, 0.75)) if values.size else (nan, nan, nan)
    size = (float(np.abs(values).max()) or 1.0) if values.size else 1.0
    mean = float((values / size).mean() * size) if values.size else nan
    sd = float((values / size).std(ddof=1) * size) if values.size > 1 else nan
    low, high = median_interval(values)
    return {
        "rows": int(known.size),
        "rows_usable": int(known.sum()),
        "usable_share": float(known.mean()) if known.size else nan,
        "rows_not_measured": int((removed == "measurement").sum()),
        "rows_slow_accepted": int(slow.sum()),
        "rows_low_quality": int((removed == "quality").sum()),
        "rows_outliers": int((removed == "outlier").sum()),
        "rows_smoothed": int(filtered.sum()),
        "rows_interpolated": int(filled.sum()),
        "rows_sign_changed": int(turned.sum()),
        "velocity_median_um_per_s": float(quartiles[1]),
        "velocity_median_ci95_low_um_per_s": low,
        "velocity_median_ci95_high_um_per_s": high,
        "velocity_mean_um_per_s": mean,
        "velocity_sd_um_per_s": sd,
        "velocity_quartile_1_um_per_s": float(quartiles[0]),
        "velocity_quartile_3_um_per_s": float(quartiles[2]),
        "velocity_cv": sd / abs(mean) if values.size > 1 and mean else nan,
    }
