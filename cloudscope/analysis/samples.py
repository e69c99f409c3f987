"""Samples over time of a result: what an analysis of results works on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import UnknownNameError

__all__ = ["USABLE", "Samples", "samples_of"]

USABLE = ("ok", "manual", "interpolated", "imported")
"""Statuses of rows whose value stands."""


@dataclass(frozen=True, slots=True)
class Samples:
    """One column of a result over time.

    Attributes
    ----------
    time_s : ndarray, shape (n,)
        From the first line of the ROI.
    value : ndarray, shape (n,)
    sd : ndarray, shape (n,)
        One standard deviation; NaN where it is not known.
    usable : ndarray of bool, shape (n,)
        Whether the value is finite and was accepted.
    step_s : float
        Median time from a sample to the next; NaN for fewer than two.
    clock_offset_s : float
        Time of the ROI's first line in the recording; 0 for a bare array.
    title : str
        What the value is, with unit.
    """

    time_s: np.ndarray
    value: np.ndarray
    sd: np.ndarray
    usable: np.ndarray
    step_s: float
    clock_offset_s: float
    title: str


def samples_of(result: AnalysisResult, column: str | None = None) -> Samples:
    """The course over time of one column of a result.

    Parameters
    ----------
    result : AnalysisResult
    column : str, optional
        By default the one that the analysis draws as its trace.

    Raises
    ------
    UnknownNameError
        If the result has no such column of numbers, or no course over time.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope.analysis.diameter import diameter
    >>> rng = np.random.default_rng(1)
    >>> vessel = 100.0 * (abs(np.arange(64) - 32) < 10) + rng.normal(20, 2, (200, 64))
    >>> result = diameter(vessel, line_period_s=1e-3, pixel_size_um=0.5)
    >>> samples = samples_of(result)
    >>> samples.time_s.size, round(samples.step_s, 6)
    (200, 0.001)
    """
    columns = result.columns
    trace = get_analysis(result.analysis).trace
    value_column = column or (trace.value if trace is not None else "")
    if "time_s" not in columns or value_column not in columns:
        wanted = f"column {column!r}" if column else "course over time"
        raise UnknownNameError(
            f"the {result.analysis} result has no {wanted}; it has " + ", ".join(columns)
        )
    if columns[value_column].dtype.kind not in "fiub":
        raise UnknownNameError(
            f"column {value_column!r} of the {result.analysis} result holds words: name one of "
            "numbers"
        )
    time_s = np.asarray(columns["time_s"], float)
    value = np.asarray(columns[value_column], float)
    sd_column = None
    if trace is not None and value_column == trace.value:
        sd_column = trace.sd
    sd = np.asarray(columns[sd_column], float) if sd_column else np.full(value.shape, np.nan)
    usable = np.isfinite(value) & np.isfinite(time_s)
    if "status" in columns:
        usable &= np.isin(columns["status"], USABLE)
    period = result.calibration.line_period_s
    offset = result.bounds[0] * period if result.bounds is not None and period else 0.0
    return Samples(
        time_s=time_s,
        value=value,
        sd=sd,
        usable=usable,
        step_s=float(np.median(np.diff(time_s))) if time_s.size > 1 else float("nan"),
        clock_offset_s=float(offset),
        title=trace.title if trace is not None and value_column == trace.value else value_column,
    )
