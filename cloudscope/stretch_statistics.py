"""What a result says of one stretch of time, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.samples import USABLE
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["TraceStatistics", "trace_statistics"]


@dataclass(frozen=True, slots=True)
class TraceStatistics:
    """Numbers of a stretch; NaN where there are not samples enough.

    Attributes
    ----------
    analysis : str
    column, unit : str
        What the numbers are of, and in.
    start_s, stop_s : float
        The stretch, from the first line of the recording; both ends are in it.
    samples, accepted : int
        In the stretch, and those of them that the numbers are taken over.
    mean, median, sd : float
        `sd` is that of the samples about their mean, with one degree of freedom less.
    percentile_5, percentile_25, percentile_75, percentile_95 : float
    minimum, maximum : float
    coverage : float
        Accepted share of the samples in the stretch.
    """

    analysis: str
    column: str
    unit: str
    start_s: float
    stop_s: float
    samples: int
    accepted: int
    mean: float
    median: float
    sd: float
    percentile_5: float
    percentile_25: float
    percentile_75: float
    percentile_95: float
    minimum: float
    maximum: float
    coverage: float


def trace_statistics(
    result: AnalysisResult,
    start_s: float,
    stop_s: float,
    *,
    quality_cutoff: float = 0.0,
) -> TraceStatistics:
    """Statistics of the accepted samples of a result between two times.

    Parameters
    ----------
    result : AnalysisResult
        Of an analysis with a course over time.
    start_s, stop_s : float
        From the first line of the recording, as traces and the viewer show it. A bare array's
        result counts from the array's first line.
    quality_cutoff : float
        Samples of lower quality are left out, as a trace sets them aside.

    Raises
    ------
    ParameterError
        If the analysis has no course over time, or the times are not finite and rising.

    Notes
    -----
    Windows that overlap are not independent: the standard error of the mean is not the standard
    deviation over the square root of their number, and is not given.

    Examples
    --------
    >>> from cloudscope import AcqImage
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=4000, snr=4.0, seed=1)
    >>> image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> stretch = trace_statistics(image.analyze("radon_velocity"), 1.0, 2.0)
    >>> stretch.samples, round(stretch.median, -1), stretch.unit
    (63, 500.0, 'µm/s')
    """
    spec = get_analysis(result.analysis)
    if spec.trace is None or not spec.over_time:
        raise ParameterError(
            f"result is of {result.analysis!r}, which has no course over time: give another one"
        )
    if not (np.isfinite(start_s) and np.isfinite(stop_s) and start_s < stop_s):
        raise ParameterError(
            f"start_s={start_s!r} and stop_s={stop_s!r} are not allowed: give finite times, the "
            "earlier one first"
        )
    columns, trace = result.columns, spec.trace
    period = result.calibration.line_period_s
    first_s = result.bounds[0] * period if result.bounds and period else 0.0
    time_s = np.asarray(columns["time_s"], float) + first_s
    inside = (time_s >= start_s) & (time_s <= stop_s)
    value = np.asarray(columns[trace.value], float)
    good = inside & np.isfinite(value)
    if "status" in columns:
        good &= np.isin(columns["status"], USABLE)
    if trace.quality is not None and trace.quality in columns:
        good &= ~(np.asarray(columns[trace.quality], float) < quality_cutoff)
    chosen = value[good]
    nan = float("nan")
    percentiles = np.percentile(chosen, (5, 25, 50, 75, 95)) if chosen.size else np.full(5, nan)
    low, lower, middle, upper, high = (float(each) for each in percentiles)
    samples = int(np.count_nonzero(inside))
    return TraceStatistics(
        analysis=result.analysis,
        column=trace.value,
        unit=next((c.unit for c in spec.columns if c.name == trace.value), ""),
        start_s=float(start_s),
        stop_s=float(stop_s),
        samples=samples,
        accepted=int(chosen.size),
        mean=float(chosen.mean()) if chosen.size else nan,
        median=middle,
        sd=float(chosen.std(ddof=1)) if chosen.size > 1 else nan,
        percentile_5=low,
        percentile_25=lower,
        percentile_75=upper,
        percentile_95=high,
        minimum=float(chosen.min()) if chosen.size else nan,
        maximum=float(chosen.max()) if chosen.size else nan,
        coverage=chosen.size / samples if samples else nan,
    )
