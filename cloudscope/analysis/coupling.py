"""How two traces go together: correlation at every lag, in seconds, held against chance.

Traces of different rates, from ROIs that begin at different lines, are brought to one clock. What
two slow traces that have nothing to do with each other reach by chance is measured on traces with
the same autocorrelation, over all lags at once. See ``docs/methods-coupling.md``.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.lagged.chance import by_chance
from cloudscope.analysis.lagged.conditioning import Conditioning, normal_scores
from cloudscope.analysis.lagged.correlation import LaggedCorrelation, effective_share
from cloudscope.analysis.lagged.delay import Delay, delay_of
from cloudscope.analysis.lagged.grid import Course, common_grid, course_of
from cloudscope.analysis.lagged.table import COLUMNS, coupling_columns, coupling_summary
from cloudscope.analysis.lagged.triggered import TriggeredAverage, event_triggered_average
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

__all__ = ["TriggeredAverage", "coupling", "event_triggered_average"]

_LEAST_STEPS = 20
_MOST_STEPS = 1 << 18
_MOST_LAGS = 2000
_LAGS_BY_DEFAULT = 100
_LEAST_PAIRS = 10
_LEAST_SHARE = 0.25


@register(
    name="coupling",
    title="Coupling",
    columns=COLUMNS,
    trace=Trace(
        value="correlation",
        title="Correlation",
        color="#8a5a00",
        sd="correlation_sd",
        x="lag_s",
    ),
    headline="peak_correlation",
    inputs=(
        Input("first", ("*",), "First trace", "A positive lag means that the second follows it."),
        Input("second", ("*",), "Second trace"),
    ),
)
def coupling(
    first: AnalysisResult,
    second: AnalysisResult,
    *,
    max_lag_s: Annotated[
        float,
        Param("Longest lag", "Lags to both sides.", unit="s", minimum=0.0, maximum=1e5, step=0.5),
    ] = 2.0,
    detrend: Annotated[
        Literal["linear", "moving", "none"],
        Param("Detrend", "Take off the straight line, a moving mean, or only the mean."),
    ] = "linear",
    detrend_s: Annotated[
        float,
        Param(
            "Detrend over",
            "Standard deviation of the moving mean; slower changes are taken off.",
            unit="s",
            minimum=1e-6,
            maximum=1e6,
            step=1.0,
            when=("detrend", ("moving",)),
        ),
    ] = 5.0,
    smooth_s: Annotated[
        float,
        Param(
            "Smooth",
            "Standard deviation of a Gaussian; faster changes are taken off both.",
            unit="s",
            minimum=0.0,
            maximum=1e5,
            step=0.05,
        ),
    ] = 0.0,
    values: Annotated[
        Literal["measured", "ranks"],
        Param("Values", "Values as measured, or their ranks, which outliers cannot rule."),
    ] = "measured",
    peak: Annotated[
        Literal["either", "positive", "negative"],
        Param("Peak", "Sign of the correlation whose lag is reported."),
    ] = "either",
    significance: Annotated[
        float,
        Param(
            "Significance",
            "How often unrelated traces may be called coupled at any of the lags.",
            minimum=1e-4,
            maximum=0.5,
            step=0.01,
        ),
    ] = 0.05,
    step_s: Annotated[
        float | None,
        Param(
            "Step",
            "Step of the common grid and of the lags; empty takes the coarser trace's.",
            unit="s",
            minimum=1e-7,
            maximum=1e5,
            advanced=True,
        ),
    ] = None,
    surrogates: Annotated[
        int,
        Param(
            "Surrogates",
            "Unrelated traces drawn to see what chance does.",
            minimum=39,
            maximum=100_000,
            advanced=True,
        ),
    ] = 499,
    first_column: Annotated[
        str | None,
        Param("First column", "Column of the first result; empty: its trace.", advanced=True),
    ] = None,
    second_column: Annotated[
        str | None,
        Param("Second column", "Column of the second result; empty: its trace.", advanced=True),
    ] = None,
    seed: Annotated[
        int,
        Param("Seed", "Of the surrogates.", minimum=0, maximum=2**31 - 1, advanced=True),
    ] = 0,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Correlation of two traces at every lag, and whether chance explains it.

    Parameters
    ----------
    first, second : AnalysisResult
        Any results with a course over time, of ROIs of one recording. Samples that were not
        accepted are gaps.
    max_lag_s : float
        Longest lag to both sides. At a positive lag the second trace follows the first.
    detrend : {"linear", "moving", "none"}
        What is taken off each trace: its straight line, a Gaussian mean around each sample, or
        its mean only.
    detrend_s : float
        Standard deviation of the moving mean.
    smooth_s : float
        Standard deviation of a Gaussian that smooths both traces; 0 for none.
    values : {"measured", "ranks"}
        Values as they are, or the places of their ranks in a normal distribution.
    peak : {"either", "positive", "negative"}
        Sign of the correlation whose lag is reported.
    significance : float
        Probability with which unrelated traces exceed `limit_any` at one or more of the lags.
    step_s : float, optional
        Step of the grid and of the lags. If None: the longest of the steps of both traces and a
        hundredth of `max_lag_s`.
    surrogates : int
        How many unrelated traces are drawn. The smallest probability that they can show is
        ``1 / (surrogates + 1)``.
    first_column, second_column : str, optional
        Other columns than those that the analyses draw.
    seed : int
        Of the surrogates and of the blocks that are drawn again.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times whether to stop.

    Returns
    -------
    AnalysisResult
        One row a lag. The summary holds the lag of the peak with standard deviation and 95 %
        interval, its correlation with interval, and `p_value`: how often unrelated traces with
        these autocorrelations reach that correlation at any of the lags.

    Raises
    ------
    ParameterError
        If a parameter is not allowed, a trace has fewer than two usable samples, both share fewer
        than 20 steps of time, or there would be more than 2,000 lags to a side.
    UnknownNameError
        If a result has no course over time or no such column.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    A trace that is finer than the grid is averaged over cells around its times, so that nothing
    faster is folded down and no lag comes from the resampling; the coarser one is taken as it is.

    Surrogates [1]_ have the spectrum of the second trace and random phases. Intervals of single
    correlations count the autocorrelation by Bartlett's formula [2]_. The interval of the lag
    comes from blocks of the recording drawn again [3]_.

    References
    ----------
    .. [1] J. Theiler, S. Eubank, A. Longtin, B. Galdrikian, J. D. Farmer, "Testing for
       nonlinearity in time series: the method of surrogate data", Physica D 58 (1992) 77-94.
    .. [2] M. S. Bartlett, "Some aspects of the time-correlation problem in regard to tests of
       significance", Journal of the Royal Statistical Society 98 (1935) 536-543.
    .. [3] H. R. Künsch, "The jackknife and the bootstrap for general stationary observations",
       Annals of Statistics 17 (1989) 1217-1241.

    Examples
    --------
    Brightness of two places, of which the second follows 0.2 s later:

    >>> from cloudscope import intensity
    >>> from scipy.ndimage import gaussian_filter1d
    >>> wave = gaussian_filter1d(np.random.default_rng(1).normal(size=12200), 60)
    >>> here, there = 100 + 50 * wave[200:], 100 + 50 * wave[:-200]
    >>> first, second = (
    ...     intensity(trace[:, None], line_period_s=1e-3, pixel_size_um=None)
    ...     for trace in (here, there)
    ... )
    >>> result = coupling(first, second)
    >>> round(result.summary["peak_lag_s"], 2), result.summary["significant"]
    (0.2, 'yes')
    """
    parameters = checked_arguments(coupling, locals())
    checkpoint(0.0, progress, cancel)
    courses = (
        course_of(samples_of(first, parameters["first_column"]), "first"),
        course_of(samples_of(second, parameters["second_column"]), "second"),
    )
    step = _step(courses, parameters)
    lags = int(parameters["max_lag_s"] / step + 1e-9)
    time, *traces = common_grid(*courses, step, _LEAST_STEPS)
    lags = min(lags, time.size - 1)
    known = [np.isfinite(trace) for trace in traces]
    if parameters["values"] == "ranks":
        traces = [normal_scores(trace, k) for trace, k in zip(traces, known, strict=True)]
    raw = [_brought_to_one(trace, k) for trace, k in zip(traces, known, strict=True)]
    conditionings = [
        Conditioning(
            k,
            detrend=parameters["detrend"],
            detrend_steps=parameters["detrend_s"] / step,
            smooth_steps=parameters["smooth_s"] / step,
        )
        for k in known
    ]
    x, y = (
        _brought_to_one(condition(trace), k)
        for condition, trace, k in zip(conditionings, raw, known, strict=True)
    )
    correlation = LaggedCorrelation(x, known[0], known[1], lags)
    r = correlation.of(y)
    enough = correlation.pairs >= max(_LEAST_PAIRS, _LEAST_SHARE * correlation.pairs.max())
    usable = enough & np.isfinite(r)
    share = effective_share(x, y, known[0], known[1])
    chance, delay = None, Delay(np.nan, np.nan, np.nan, np.nan)
    if usable.any():
        chance = by_chance(
            raw[1],
            known[1],
            correlation,
            conditionings[1],
            usable,
            linear=parameters["detrend"] != "none",
            count=parameters["surrogates"],
            significance=parameters["significance"],
            seed=parameters["seed"],
            checkpoint=lambda done: checkpoint(0.9 * done, progress, cancel),
        )
        delay = delay_of(
            x,
            y,
            known[0],
            known[1],
            usable,
            memory=1.0 / share,
            sign={"either": 0, "positive": 1, "negative": -1}[parameters["peak"]],
            seed=parameters["seed"],
        )
    columns = coupling_columns(r, correlation.pairs, enough, share, chance, parameters, step)
    checkpoint(1.0, progress, cancel)
    calibration = first.calibration
    return AnalysisResult.measured(
        "coupling",
        parameters=parameters,
        columns=columns,
        summary=coupling_summary(columns, chance, delay, parameters, time, step),
        line_period_s=calibration.line_period_s,
        pixel_size_um=calibration.pixel_size_um,
        inputs={"first": first, "second": second},
    )


def _step(courses: tuple[Course, Course], parameters: dict[str, Any]) -> float:
    """Step of the grid, refused where it makes more lags or steps than anybody looks at."""
    step, longest = parameters["step_s"], parameters["max_lag_s"]
    if step is None:
        steps = [course.step_s for course in courses]
        step = max(*steps, longest / _LAGS_BY_DEFAULT)
    if longest / step > _MOST_LAGS:
        raise ParameterError(
            f"step_s={step:g} is not allowed with max_lag_s={longest:g}: "
            f"give a step of at least {longest / _MOST_LAGS:g} s or a shorter lag"
        )
    shared = min(c.time_s[-1] for c in courses) - max(c.time_s[0] for c in courses)
    if shared / step > _MOST_STEPS:
        raise ParameterError(
            f"step_s={step:g} is not allowed for {shared:g} s of traces: "
            f"give a step of at least {shared / _MOST_STEPS:.3g} s"
        )
    return float(step)


def _brought_to_one(trace: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Mean 0 and standard deviation 1; 0 where unknown, and where nothing changes."""
    if not known.any():
        return np.zeros(trace.size)
    values = trace[known]
    middle, size = float(values.mean()), float(np.abs(values).max())
    sd = float((values - middle).std())
    # Rounding of a constant is no change.
    changes = sd > 1e-12 * size
    return np.where(known, (trace - middle) / sd, 0.0) if changes else np.zeros(trace.size)
