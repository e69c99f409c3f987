"""Heart rate from the pulse in a measured course: how fast, how certain, and how it changes.

Velocity, diameter and brightness follow the heart. The rate is the highest peak of a Lomb-Scargle
periodogram above the coloured background of this very recording; its false-alarm probability says
how often noise of that colour has such a peak. See ``docs/methods-heart-rate.md``.
"""

from __future__ import annotations

from typing import Annotated, Any

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import (
    Param,
    checked_arguments,
    declared_parameters,
    validate_parameters,
)
from cloudscope.analysis.registry import Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.rhythm.choices import (
    FalseAlarmLimit,
    MaximumBpm,
    MinimumBpm,
    OutlierLimit,
    Species,
    Values,
    WindowS,
)
from cloudscope.analysis.rhythm.course import ACCEPTED, series_of
from cloudscope.analysis.rhythm.plotted_spectrum import HeartRateSpectrum, plotted_spectrum
from cloudscope.analysis.rhythm.rate import Rate, rate_of
from cloudscope.analysis.rhythm.rate_table import COLUMNS, rate_columns, rate_summary
from cloudscope.analysis.rhythm.segments import (
    SEGMENT_PERIODS,
    Segment,
    SegmentChoice,
    segment_rates,
)
from cloudscope.analysis.rhythm.species import rate_limits_hz
from cloudscope.analysis.rhythm.spectrum import Band, Spectrum, search_band, spectrum_of

__all__ = ["HeartRateSpectrum", "heart_rate", "heart_rate_spectrum"]


@register(
    name="heart_rate",
    title="Heart rate",
    columns=COLUMNS,
    trace=Trace("rate_bpm", "Heart rate (bpm)", "#c9184a", sd="rate_sd_bpm", quality="quality"),
    headline="heart_rate_bpm",
    inputs=(Input("velocity", ACCEPTED, "Course", "The result whose pulse is looked for."),),
)
def heart_rate(
    velocity: AnalysisResult,
    *,
    species: Species = "mouse",
    minimum_bpm: MinimumBpm = None,
    maximum_bpm: MaximumBpm = None,
    false_alarm_limit: FalseAlarmLimit = 0.01,
    segment_s: Annotated[
        float | None,
        Param(
            "Segment",
            "Length of a segment; empty takes 24 periods of the slowest rate (mouse: 6 s).",
            unit="s",
            minimum=0.1,
            maximum=3600.0,
            step=1.0,
        ),
    ] = None,
    segment_step_s: Annotated[
        float | None,
        Param(
            "Step",
            "From one segment to the next; empty takes a sixth of a segment.",
            unit="s",
            minimum=0.05,
            maximum=3600.0,
            step=0.5,
        ),
    ] = None,
    minimum_valid_share: Annotated[
        float,
        Param(
            "Valid share",
            "Segments with a smaller share of accepted values are not measured.",
            minimum=0.05,
            maximum=1.0,
            step=0.05,
            advanced=True,
        ),
    ] = 0.5,
    values: Values = "auto",
    outlier_limit: OutlierLimit = 4.0,
    window_s: WindowS = None,
    welch_window_s: Annotated[
        float | None,
        Param(
            "Welch window",
            "Length of a window of the Welch spectrum; empty takes 8 periods of the slowest rate.",
            unit="s",
            minimum=0.05,
            maximum=3600.0,
            advanced=True,
        ),
    ] = None,
    welch_gap_s: Annotated[
        float,
        Param(
            "Bridged gap",
            "Longest gap that is interpolated for the Welch spectrum.",
            unit="s",
            minimum=0.0,
            maximum=60.0,
            step=0.01,
            advanced=True,
        ),
    ] = 0.05,
    agreement_bpm: Annotated[
        float | None,
        Param(
            "Agreement",
            "Largest difference of the two methods; empty takes half the resolution of Welch's.",
            unit="bpm",
            minimum=0.1,
            maximum=1000.0,
            advanced=True,
        ),
    ] = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Heart rate of a recording and of its segments, with its false-alarm probability.

    Parameters
    ----------
    velocity : AnalysisResult
        Velocity, or a diameter or an intensity. Gaps are normal and are not filled.
    species : {"mouse", "rat", "human", "zebrafish", "rabbit", "pig", "custom"}
        Range of rates (see `cloudscope.analysis.rhythm.species.SPECIES_BPM`).
    minimum_bpm, maximum_bpm : float, optional
        Limits in place of the species'.
    false_alarm_limit : float
        Largest false-alarm probability of a significant rate.
    segment_s, segment_step_s : float, optional
        Length of a segment, by default 24 periods of the slowest rate, and from one to the next,
        by default a sixth of it (s).
    minimum_valid_share : float
        Segments with a smaller share of values are not measured.
    values : {"auto", "speed", "signed"}
        Whether the sign is dropped.
    outlier_limit : float
        In robust standard deviations.
    window_s : float, optional
        Time over which one value is an average, by default that of the result's windows.
    welch_window_s, welch_gap_s : float
        Window of the Welch spectrum, by default 8 periods of the slowest rate, and the longest
        gap that is bridged for it (s).
    agreement_bpm : float, optional
        Largest difference of the methods that counts as agreement.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a segment (see `COLUMNS`). Status of a segment and of the recording
        (``status`` in the summary): ``ok``; ``not significant``; ``at edge of range`` (widen it);
        ``window too long`` (the velocity windows average the beat away) and ``sampled too slowly``
        (the same for the step); ``harmonic of a slower rate`` (the peak's fundamental lies below
        the range); ``methods disagree``; ``too short`` (less than four periods of the slowest
        rate); ``too few values``; ``no signal`` (nothing measured, or it never changes).

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or `velocity` is not a result with a course over time, or
        two of its values have one time.
    AnalysisCancelled
        If `cancel` is set.

    References
    ----------
    .. [1] N. R. Lomb, "Least-squares frequency analysis of unequally spaced data", Astrophysics and
       Space Science 39 (1976) 447-462.
    .. [2] R. V. Baluev, "Assessing the statistical significance of periodogram peaks", Monthly
       Notices of the Royal Astronomical Society 385 (2008) 1279-1285.
    .. [3] S. Vaughan, "A simple test for periodic signals in red noise", Astronomy & Astrophysics
       431 (2005) 391-403.
    .. [4] P. D. Welch, "The use of fast Fourier transform for the estimation of power spectra",
       IEEE Transactions on Audio and Electroacoustics 15 (1967) 70-73.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import pulsatile_series, velocity_kymograph
    >>> speed = pulsatile_series(6000, mean=500.0, rate_hz=7.5, drift=0.0)
    >>> truth = velocity_kymograph(speed, pixels=32, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> result = heart_rate(velocity, species="mouse")
    >>> result.summary["status"], round(result.summary["heart_rate_bpm"] / 10)
    ('ok', 45)
    """
    parameters = checked_arguments(heart_rate, locals())
    low_hz, high_hz = rate_limits_hz(
        parameters["species"], parameters["minimum_bpm"], parameters["maximum_bpm"]
    )
    checkpoint(0.0, progress, cancel)
    prepared = series_of(velocity, parameters, low_hz, owner="heart_rate")
    segments: list[Segment] = []
    spectrum: Spectrum | None = None
    length_s = parameters["segment_s"] or SEGMENT_PERIODS / low_hz
    whole, band = Rate(), Band(low_hz, high_hz, "")
    if prepared is not None:
        band = search_band(prepared, low_hz, high_hz)
        whole = Rate(status=band.limit)
        if not band.empty:
            spectrum = spectrum_of(prepared, band, length_s)
            checkpoint(0.2, progress, cancel)
            whole = rate_of(prepared, band, spectrum, parameters["false_alarm_limit"])
            segments = segment_rates(
                prepared,
                band,
                spectrum,
                whole,
                SegmentChoice(
                    length_s,
                    parameters["segment_step_s"] or length_s / 6.0,
                    parameters["minimum_valid_share"],
                    parameters["false_alarm_limit"],
                ),
                checkpoint=lambda share: checkpoint(0.3 + 0.6 * share, progress, cancel),
            )
    summary = rate_summary(prepared, band, spectrum, whole, segments, parameters)
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "heart_rate",
        parameters=parameters,
        columns=rate_columns(segments),
        summary=summary,
        line_period_s=velocity.calibration.line_period_s,
        pixel_size_um=velocity.calibration.pixel_size_um,
        inputs={"velocity": velocity},
    )


def heart_rate_spectrum(velocity: AnalysisResult, **parameters: Any) -> HeartRateSpectrum:
    """The spectra that `heart_rate` looks at, with background and threshold.

    Parameters
    ----------
    velocity : AnalysisResult
        As for `heart_rate`.
    **parameters
        Those of `heart_rate`.

    Raises
    ------
    ParameterError
        As `heart_rate` does.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import pulsatile_series, velocity_kymograph
    >>> speed = pulsatile_series(6000, mean=500.0, rate_hz=7.5, drift=0.0)
    >>> truth = velocity_kymograph(speed, pixels=32, seed=1)
    >>> velocity = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> spectrum = heart_rate_spectrum(velocity)
    >>> bool((spectrum.power > spectrum.threshold).any())
    True
    """
    checked = validate_parameters(
        declared_parameters(heart_rate), parameters, owner="heart_rate_spectrum"
    )
    low_hz, high_hz = rate_limits_hz(
        checked["species"], checked["minimum_bpm"], checked["maximum_bpm"]
    )
    series = series_of(velocity, checked, low_hz, owner="heart_rate_spectrum")
    return plotted_spectrum(series, low_hz, high_hz, checked)
