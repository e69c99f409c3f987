"""Single beats in a measured course: when each begins, how high it goes, and their common shape.

The heart rate of the recording and of its segments is the prior; dynamic programming finds the
likeliest sequence of beats under a shape that is learnt from them, and least squares their onsets
between samples. See ``docs/methods-beats.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtrit

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import checked_arguments
from cloudscope.analysis.registry import Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.rhythm.beat_search import Beats, find_beats
from cloudscope.analysis.rhythm.beat_table import COLUMNS, beat_columns, beat_summary
from cloudscope.analysis.rhythm.beat_times import phase_of
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
from cloudscope.analysis.rhythm.rate import Rate, rate_of
from cloudscope.analysis.rhythm.segments import SEGMENT_PERIODS, SegmentChoice, segment_rates
from cloudscope.analysis.rhythm.series import retrended
from cloudscope.analysis.rhythm.species import rate_limits_hz
from cloudscope.analysis.rhythm.spectrum import search_band, spectrum_of
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BeatWaveform", "beat_waveform", "beats"]


@register(
    name="beats",
    title="Beats",
    columns=COLUMNS,
    trace=Trace("rate_bpm", "Beats (bpm)", "#9d4edd", sd="rate_sd_bpm", quality="quality"),
    headline="pulsatility_index",
    inputs=(Input("velocity", ACCEPTED, "Course", "The result whose beats are looked for."),),
)
def beats(
    velocity: AnalysisResult,
    *,
    species: Species = "mouse",
    minimum_bpm: MinimumBpm = None,
    maximum_bpm: MaximumBpm = None,
    false_alarm_limit: FalseAlarmLimit = 0.01,
    values: Values = "auto",
    outlier_limit: OutlierLimit = 4.0,
    window_s: WindowS = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Single beats with their periods, heights and indices of pulsatility.

    Parameters
    ----------
    velocity : AnalysisResult
        Velocity, or a diameter or an intensity. Velocity windows shorter than half a beat show
        the shape of a beat; longer ones little more than its rate.
    species : {"mouse", "rat", "human", "zebrafish", "rabbit", "pig", "custom"}
        Range of rates (see `cloudscope.analysis.rhythm.species.SPECIES_BPM`).
    minimum_bpm, maximum_bpm : float, optional
        Limits in place of the species'.
    false_alarm_limit : float
        Largest false-alarm probability of the heart rate: without a rate there are no beats.
    values : {"auto", "speed", "signed"}
        Whether the sign is dropped.
    outlier_limit : float
        In robust standard deviations.
    window_s : float, optional
        Time over which one value is an average, by default that of the result's windows.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional
        Asked several times whether to stop.

    Returns
    -------
    AnalysisResult
        The table has one row a beat (see `COLUMNS`), from onset to onset. Status: ``ok``; ``gap``
        (less than half of its values are measured: only the prior tells that there is a beat);
        ``uncertain`` (its period is known to no better than 15 %). In the summary, ``status`` is
        that of `heart_rate`, or ``too few beats``; ``amplitude_status`` says what the window
        leaves of the shape: ``ok``, ``first harmonic only`` (the indices are lower bounds) or
        ``window too long`` (no indices).

    Raises
    ------
    ParameterError
        If a parameter is not allowed, or `velocity` is not a result with a course over time, or
        two of its values have one time.
    AnalysisCancelled
        If `cancel` is set.

    Notes
    -----
    Intervals between onsets of flow are not those between heart beats: the pulse travels.

    References
    ----------
    .. [1] R. G. Gosling, D. H. King, "Arterial assessment by Doppler-shift ultrasound", Proceedings
       of the Royal Society of Medicine 67 (1974) 447-449.
    .. [2] L. Pourcelot, "Applications cliniques de l'examen Doppler transcutané", INSERM 34 (1974)
       213-240.
    .. [3] D. P. W. Ellis, "Beat tracking by dynamic programming", Journal of New Music Research 36
       (2007) 51-60.
    .. [4] Task Force of the European Society of Cardiology and the North American Society of Pacing
       and Electrophysiology, "Heart rate variability", Circulation 93 (1996) 1043-1065.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import beat_series, velocity_kymograph
    >>> heart = beat_series(6000, mean=500.0, rate_bpm=420.0, pulsatility=0.6, seed=1)
    >>> truth = velocity_kymograph(heart.value, pixels=32, seed=1)
    >>> velocity = radon_velocity(
    ...     truth.image, line_period_s=1e-3, pixel_size_um=0.5, window_lines=32, step_lines=8
    ... )
    >>> result = beats(velocity, species="mouse")
    >>> result.summary["beats"], round(result.summary["beat_rate_bpm"], -1)
    (41, 420.0)
    """
    parameters = checked_arguments(beats, locals())
    low_hz, high_hz = rate_limits_hz(
        parameters["species"], parameters["minimum_bpm"], parameters["maximum_bpm"]
    )
    checkpoint(0.0, progress, cancel)
    series = series_of(velocity, parameters, low_hz, owner="beats")
    found: Beats | None = None
    whole, status = Rate(), "no signal"
    if series is not None:
        band = search_band(series, low_hz, high_hz)
        status = band.limit
        if not band.empty:
            length_s = SEGMENT_PERIODS / low_hz
            limit = parameters["false_alarm_limit"]
            spectrum = spectrum_of(series, band, length_s)
            whole = rate_of(series, band, spectrum, limit)
            status = whole.status
            if status == "ok":
                segments = segment_rates(
                    series,
                    band,
                    spectrum,
                    whole,
                    SegmentChoice(length_s, length_s / 6.0, 0.3, limit),
                    checkpoint=lambda share: checkpoint(0.1 + 0.1 * share, progress, cancel),
                )
                found = find_beats(
                    series,
                    spectrum,
                    whole,
                    segments,
                    checkpoint=lambda share: checkpoint(0.2 + 0.7 * share, progress, cancel),
                )
                status = "too few beats" if found is None else "ok"
    columns, heights = beat_columns(found)
    summary = beat_summary(series, whole, status, found, columns, heights)
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "beats",
        parameters=parameters,
        columns=columns,
        summary=summary,
        line_period_s=velocity.calibration.line_period_s,
        pixel_size_um=velocity.calibration.pixel_size_um,
        inputs={"velocity": velocity},
    )


@dataclass(frozen=True, slots=True)
class BeatWaveform:
    """Values of all beats by their phase.

    Attributes
    ----------
    phase : ndarray, shape (n,)
        Middle of each part of the beat; 0 is the onset, 1 that of the next.
    mean, sd : ndarray, shape (n,)
        Of the values in each part, slow changes taken off; NaN where there is none.
    ci95_low, ci95_high : ndarray, shape (n,)
        Interval of the mean.
    n : ndarray of int, shape (n,)
        Values in each part.
    beats : int
        Accepted beats that went in.
    """

    phase: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    ci95_low: NDArray[np.float64]
    ci95_high: NDArray[np.float64]
    n: NDArray[np.int64]
    beats: int


def beat_waveform(
    velocity: AnalysisResult, beats: AnalysisResult, n_phases: int = 40
) -> BeatWaveform:
    """The phase-averaged waveform: mean of the measured values in each part of the beat.

    Nothing is fitted; averaging in the velocity windows is not undone.

    Parameters
    ----------
    velocity : AnalysisResult
        The one that the beats were found in.
    beats : AnalysisResult
        Of `beats`.
    n_phases : int
        Parts of a beat, from 4 to 1000.

    Raises
    ------
    ParameterError
        If `beats` is not a result of beats in `velocity`, or `n_phases` is out of range.

    Examples
    --------
    >>> from cloudscope.analysis.radon_velocity import radon_velocity
    >>> from cloudscope.synthetic import beat_series, velocity_kymograph
    >>> heart = beat_series(6000, mean=500.0, rate_bpm=420.0, pulsatility=0.6, seed=1)
    >>> truth = velocity_kymograph(heart.value, pixels=32, seed=1)
    >>> velocity = radon_velocity(
    ...     truth.image, line_period_s=1e-3, pixel_size_um=0.5, window_lines=32, step_lines=8
    ... )
    >>> from cloudscope.analysis.beats import beats
    >>> wave = beat_waveform(velocity, beats(velocity), n_phases=10)
    >>> wave.phase.size, int(wave.mean.argmax()) < 5
    (10, True)
    """
    if not isinstance(beats, AnalysisResult) or beats.analysis != "beats":
        raise ParameterError("beats is no result of the analysis 'beats': give one")
    if isinstance(n_phases, bool) or not (isinstance(n_phases, int) and 4 <= n_phases <= 1000):
        raise ParameterError(f"n_phases={n_phases!r} is not allowed: give 4 to 1000")
    low_hz, _ = rate_limits_hz(
        beats.parameters["species"],
        beats.parameters["minimum_bpm"],
        beats.parameters["maximum_bpm"],
    )
    series = series_of(velocity, beats.parameters, low_hz, owner="beat_waveform")
    record = beats.inputs.get("velocity")
    known = record is not None and record.digest is not None and velocity.digest is not None
    if known and record is not None and record.digest != velocity.digest:
        raise ParameterError(
            "beats were found in other numbers than those of velocity: measure them again"
        )
    phase = (np.arange(n_phases) + 0.5) / n_phases
    ok = np.asarray(beats.columns["status"]) == "ok"
    if series is None or not ok.any():
        nothing = np.full(n_phases, np.nan)
        count = np.zeros(n_phases, np.int64)
        return BeatWaveform(phase, nothing, nothing, nothing, nothing, count, 0)
    onset = np.append(beats.columns["start_s"], beats.columns["stop_s"][-1])
    # Taken off is only what is slower than the beats; their mean stays.
    beat, share = phase_of(series.time_s, onset)
    inside = (beat >= 0) & (beat < ok.size) & series.used
    inside[inside] = ok[beat[inside]]
    part = np.minimum((share[inside] * n_phases).astype(np.intp), n_phases - 1)
    rough = np.zeros(series.value.size)
    sums = np.bincount(part, series.fast[inside], minlength=n_phases)
    counts = np.bincount(part, minlength=n_phases)
    rough[inside] = (sums / np.maximum(counts, 1))[part]
    series = retrended(series, rough)
    value = series.fast[inside] + float(series.trend[inside].mean())
    n = counts.astype(np.int64)
    some = np.maximum(n, 1)
    mean = np.bincount(part, value, minlength=n_phases) / some
    square = np.bincount(part, (value - mean[part]) ** 2, minlength=n_phases)
    sd = np.sqrt(square / np.maximum(n - 1, 1))
    half = stdtrit(np.maximum(n - 1, 1), 0.975) * sd / np.sqrt(some)
    mean = np.where(n > 0, mean, np.nan)
    sd, half = np.where(n > 1, sd, np.nan), np.where(n > 1, half, np.nan)
    return BeatWaveform(phase, mean, sd, mean - half, mean + half, n, int(ok.sum()))
