"""All steps over one recording, in stretches of lines that bound memory and never change a bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks import quality as judge
from cloudscope.analysis.streaks.averaging import (
    course_of,
    middle_weight,
    slope_and_bend,
    unevenness,
    window_means,
)
from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.course import most_likely_course, strays
from cloudscope.analysis.streaks.explanation import Estimator
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.search import Search, SearchLimits, search_windows
from cloudscope.analysis.streaks.tracking import best_path
from cloudscope.analysis.streaks.uncertainty import (
    background_sd,
    jackknife_sd,
    model_sd,
    scaled_sd,
)

__all__ = ["SearchLimits", "WindowVelocities", "measure_windows"]

BEYOND_MARGIN = 4.0
"""Evidence, in nats, by which a velocity outside the limits must beat the best one inside."""

CHANGING_SHARE = 0.1
"""Flow changes within windows if it does in so many of them..."""

FELT_SHARE = 0.5
"""...by this share of the standard deviation,..."""

CHANGING_EXCESS = 1.7
"""...or if parts of a window differ by so many times what noise makes of them."""

Checkpoint = Callable[[float], None]


@dataclass(frozen=True)
class WindowVelocities:
    """One entry a window, in px/line; NaN where nothing was measured.

    Attributes
    ----------
    row_start : ndarray of int
    velocity, sd, second_velocity : ndarray
        The velocity chosen, its standard deviation, and the next best velocity.
    quality, chance : ndarray
        Chances that the velocity is right, and that its peak is the right one.
    status : ndarray of str
        See `quality.STATUSES`.
    detection : ndarray
        Strength of the streaks of the chosen velocity, in standard deviations of noise.
    snr : float
        Signal-to-noise ratio of a pixel; NaN if nothing in the recording varies.
    ceiling : float
        Fastest velocity that was tried.
    cell_px : float
        Length of the cells, as the correlation within lines shows it.
    change : ndarray
        Standard deviation of the flow within a window as its halves show it; 0 if they were not
        measured.
    changing : bool
        Whether the flow changes so much within windows that their halves may tell more.
    """

    row_start: np.ndarray
    velocity: np.ndarray
    sd: np.ndarray
    quality: np.ndarray
    status: np.ndarray
    detection: np.ndarray
    second_velocity: np.ndarray
    chance: np.ndarray
    snr: float
    ceiling: float
    cell_px: float
    change: np.ndarray
    changing: bool = False


def measure_windows(
    kymograph: Lines,
    background: Background,
    *,
    window: int,
    step: int,
    limits: SearchLimits,
    checkpoint: Checkpoint,
) -> WindowVelocities:
    """Velocity of each window of a recording.

    Parameters
    ----------
    kymograph : Lines, shape (lines, width)
        At least `window` lines.
    background : Background
        Of this very kymograph.
    window, step : int
        Lines of a window, and from one window to the next.
    limits : SearchLimits
    checkpoint : callable
        Called with the finished share after each stretch; may raise to stop.
    """
    estimator = Estimator.of(kymograph, background, window, step)
    checkpoint(0.05)
    search = search_windows(estimator, limits, _part(checkpoint, 0.05, 0.85))
    path = best_path(
        search.velocity,
        search.evidence,
        strength=limits.track,
        checkpoint=_part(checkpoint, 0.85, 0.90),
    )
    checkpoint(0.90)
    search.follow(estimator, path, _part(checkpoint, 0.90, 0.94))
    return _judge(estimator, search, path, limits, _part(checkpoint, 0.94, 1.0))


def _part(checkpoint: Checkpoint, start: float, stop: float) -> Checkpoint:
    return lambda done: checkpoint(start + (stop - start) * done)


def _judge(
    estimator: Estimator,
    search: Search,
    path: np.ndarray,
    limits: SearchLimits,
    checkpoint: Checkpoint,
) -> WindowVelocities:
    recording, traits = estimator.recording, estimator.traits
    sampling = recording.sampling
    velocity = search.fit.velocity
    chosen = np.arange(path.size), path
    evidence, detection = search.evidence[chosen], search.detection[chosen]
    found = np.isfinite(evidence)
    detected = (search.energy > 0) & (detection >= limits.detection)
    apart = sampling.window / recording.step
    longest = search.longest[chosen]
    slope, bend = slope_and_bend(velocity, found & detected, apart)
    search.jackknife(estimator, longest, slope, bend, checkpoint)
    course = course_of(velocity, slope, bend)
    jackknife = jackknife_sd(search.without_each, course[:, search.jackknifed])
    model, speed = model_sd(search.fit, sampling), np.abs(velocity)
    sd = scaled_sd(model, search.jackknifed, jackknife)
    if recording.background.removed:
        hidden = background_sd(
            velocity,
            cell_px=2 * traits.resolved_px_per_line,
            n_lines=recording.background.averaged_lines,
            width=sampling.width,
            window=sampling.window,
        )
        sd = np.hypot(sd, hidden)
    second, second_evidence = judge.second_best(
        velocity, search.velocity, search.evidence, sampling.lags[-1]
    )
    chance = judge.right_peak_chance(evidence, second_evidence)
    likely = most_likely_course(
        velocity,
        judge.doubted_sd(sd, strays(velocity, sd, apart), chance),
        known=found & detected,
        new_share=1 / apart,
        strength=limits.track,
    )
    velocity, sd = window_means(
        likely.velocity,
        likely.sd,
        found & detected,
        middle_weight(np.abs(velocity), longest, sampling),
        longest / sampling.window,
        traits.resolved_px_per_line / np.maximum(longest, 1),
        apart,
        # Of narrow lines the jackknife sees it.
        0.0
        if sampling.narrow
        else unevenness(search.energy[search.jackknifed], traits.signal_share),
    )
    stray = strays(velocity, sd, apart)
    quality = judge.quality(velocity, sd, chance, sampling.window, stray)
    status = judge.statuses(
        detected=detected,
        inside_limits=evidence >= search.beyond - BEYOND_MARGIN,
        chance=chance,
        quality=quality,
        quality_limit=limits.quality,
        still=judge.known_still(velocity, sd, chance, sampling.window, stray),
    )
    measured = detected & found
    return WindowVelocities(
        row_start=recording.starts,
        velocity=np.where(measured, velocity, np.nan),
        sd=np.where(measured, sd, np.nan),
        quality=np.where(measured, quality, 0.0),
        status=status,
        detection=np.maximum(detection, 0.0),
        second_velocity=np.where(measured, second, np.nan),
        chance=chance,
        snr=float("nan") if recording.background.empty else traits.snr,
        ceiling=sampling.ceiling_px_per_line,
        cell_px=2 * traits.resolved_px_per_line,
        change=np.zeros(path.size),
        changing=_changes(
            accepted=status == "ok",
            steady=longest == sampling.lags[-1],
            excess=jackknife / model[search.jackknifed],
            spread=(np.square(slope) / 12 + np.square(bend) / 720) / np.maximum(speed, 1e-12),
            sd=sd,
        ),
    )


def _changes(
    *,
    accepted: np.ndarray,
    steady: np.ndarray,
    excess: np.ndarray,
    spread: np.ndarray,
    sd: np.ndarray,
) -> bool:
    """Whether flow changes so much within windows that shorter ones may tell more.

    Parameters
    ----------
    accepted : ndarray of bool, shape (windows,)
    steady : ndarray of bool, shape (windows,)
        Whether the pattern keeps step over all lags.
    excess : ndarray, shape (jackknifed windows,)
        Standard deviation by the jackknife over that of a rigid pattern.
    spread, sd : ndarray, shape (windows,)
        Variance of the velocity within a window over the velocity, and standard deviation.
    """
    if not accepted.any():
        return False
    out_of_step = float(np.mean(~steady[accepted]))
    felt = float(np.mean(spread[accepted] > FELT_SHARE * sd[accepted]))
    return (
        out_of_step > CHANGING_SHARE
        or felt > CHANGING_SHARE
        or float(np.median(excess)) > CHANGING_EXCESS
    )
