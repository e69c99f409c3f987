"""The result whose rhythm is looked for, and over how long its values are averages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.rhythm.series import EvenSeries, even_series
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ACCEPTED", "averaging_time_s", "series_of"]

ACCEPTED = ("radon_velocity", "clean_velocity", "diameter", "intensity")
"""Analyses whose results have a pulse."""


def averaging_time_s(result: AnalysisResult, window_s: float | None) -> float:
    """Time over which each value of a result is an average: its window, or `window_s`.

    The rows of a window are in the table; a result without such columns averages over nothing
    but a line.
    """
    if window_s is not None:
        return window_s
    period = result.calibration.line_period_s or 0.0
    columns = result.columns
    if "row_start" in columns and "row_stop" in columns and columns["row_start"].size:
        rows = np.asarray(columns["row_stop"], float) - np.asarray(columns["row_start"], float)
        return float(np.median(rows)) * period
    return period


def series_of(
    velocity: Any, parameters: Mapping[str, Any], low_hz: float, *, owner: str
) -> EvenSeries | None:
    """The course of a result on an even grid; ``None`` if there is none to speak of.

    Raises
    ------
    ParameterError
        If it is not a result that has a course over time.
    """
    if not isinstance(velocity, AnalysisResult):
        raise ParameterError(
            f"velocity is a {type(velocity).__name__}: {owner} needs a result of "
            + ", ".join(ACCEPTED)
        )
    if velocity.analysis not in ACCEPTED:
        raise ParameterError(
            f"velocity is a result of {velocity.analysis!r}: {owner} needs one of "
            + ", ".join(ACCEPTED)
        )
    return even_series(
        samples_of(velocity),
        lowest_hz=low_hz,
        averaged_s=averaging_time_s(velocity, parameters["window_s"]),
        outlier_limit=parameters["outlier_limit"],
        values=parameters["values"],
    )
