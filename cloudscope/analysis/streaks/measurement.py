"""All steps over one recording, in stretches of lines that bound memory and never change a bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cloudscope.analysis.streaks import quality as judge
from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.correlation import normalised
from cloudscope.analysis.streaks.evidence import candidates
from cloudscope.analysis.streaks.explanation import explain, search_tools
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.record import (
    RecordTraits,
)
from cloudscope.analysis.streaks.refinement import RayFit, RayRefiner
from cloudscope.analysis.streaks.sampling import RayTable
from cloudscope.analysis.streaks.tracking import best_path
from cloudscope.analysis.streaks.uncertainty import (
    JACKKNIFE_PARTS,
    background_sd,
    jackknife_sd,
    model_sd,
    scaled_sd,
)
from cloudscope.analysis.streaks.windows import WindowedRecording, batches

__all__ = ["SearchLimits", "WindowVelocities", "measure_windows"]

CANDIDATES = 6
"""Peaks kept a window."""

BEYOND_MARGIN = 4.0
"""Evidence, in nats, by which a velocity outside the limits must beat the best one inside."""

Checkpoint = Callable[[float], None]


@dataclass(frozen=True)
class SearchLimits:
    """What the user allows and asks, in px/line.

    Attributes
    ----------
    lowest, highest : float
        Slowest and fastest speed.
    sign : int
        1 or -1 for one direction only, 0 for either.
    track : float
        Cost of a change of velocity between windows; 0 takes each window on its own.
    detection : float
        Detection below which there is no signal.
    quality : float
        Quality below which a velocity is not accepted.
    """

    lowest: float
    highest: float
    sign: int
    track: float
    detection: float
    quality: float

    def allow(self, velocity: np.ndarray) -> np.ndarray:
        """Which of the velocities are inside."""
        speed = np.abs(velocity)
        inside: np.ndarray = (speed >= self.lowest) & (speed <= self.highest)
        if self.sign:
            inside &= self.sign * velocity >= 0
        return inside


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


@dataclass
class _Search:
    """Arrays filled in chunk by chunk."""

    n_windows: int
    velocity: np.ndarray = field(init=False)
    evidence: np.ndarray = field(init=False)
    best: np.ndarray = field(init=False)
    beyond: np.ndarray = field(init=False)
    detection: np.ndarray = field(init=False)
    energy: np.ndarray = field(init=False)
    longest: np.ndarray = field(init=False)
    fit: RayFit = field(init=False)

    def __post_init__(self) -> None:
        n = self.n_windows
        self.velocity = np.zeros((n, CANDIDATES))
        self.evidence = np.full((n, CANDIDATES), -np.inf)
        self.best = np.zeros(n, np.int64)
        self.beyond = np.full(n, -np.inf)
        self.detection = np.zeros((n, CANDIDATES))
        self.energy = np.zeros(n)
        self.longest = np.zeros((n, CANDIDATES))
        self.fit = RayFit(np.zeros(n), np.zeros(n), np.zeros(n))

    def put_fit(self, index: np.ndarray | slice, fit: RayFit) -> None:
        self.fit.velocity[index] = fit.velocity
        self.fit.mean[index] = fit.mean
        self.fit.curvature[index] = fit.curvature


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
    recording, traits, rays, refiner = search_tools(kymograph, background, window, step)
    checkpoint(0.05)
    search = _search(recording, traits, rays, refiner, limits, _part(checkpoint, 0.05, 0.70))
    path = best_path(
        search.velocity,
        search.evidence,
        strength=limits.track,
        checkpoint=_part(checkpoint, 0.70, 0.75),
    )
    _refine_changed(recording, traits, refiner, search, path, _part(checkpoint, 0.75, 0.85))
    jackknifed, jackknife = _jackknife(
        recording, traits, refiner, search, path, _part(checkpoint, 0.85, 1.0)
    )
    return _judge(recording, traits, search, path, limits, jackknifed, jackknife)


def _part(checkpoint: Checkpoint, start: float, stop: float) -> Checkpoint:
    return lambda done: checkpoint(start + (stop - start) * done)


def _search(
    recording: WindowedRecording,
    traits: RecordTraits,
    rays: RayTable,
    refiner: RayRefiner,
    limits: SearchLimits,
    checkpoint: Checkpoint,
) -> _Search:
    sampling = recording.sampling
    n_windows = recording.starts.size
    noise_scale = 1.0 if sampling.narrow else refiner.smoothed_noise
    spans = np.array(sampling.spans)
    rows = np.arange(recording.chunk)[:, None]
    search = _Search(n_windows)
    for first in range(0, n_windows, recording.chunk):
        last = min(first + recording.chunk, n_windows)
        now = slice(first, last)
        seen = explain(recording, traits, rays, refiner, first, last)
        evidence, span, sums = seen.evidence, seen.span, seen.sums
        index, best = candidates(evidence, CANDIDATES)
        span = np.take_along_axis(span, index, axis=1)
        velocity = rays.velocity[index]
        inside = limits.allow(velocity)
        strength = (
            sums[span, rows[: last - first], index] / rays.noise_sd[span, index] / noise_scale
        )
        excluded = np.where(inside | (strength < limits.detection), -np.inf, best)
        search.beyond[now] = excluded.max(axis=1)
        search.velocity[now] = velocity
        search.evidence[now] = np.where(inside, best, -np.inf)
        search.best[now] = search.evidence[now].argmax(axis=1)
        search.energy[now] = seen.energy
        search.detection[now] = strength
        search.longest[now] = spans[span]
        chosen = np.arange(last - first), search.best[now]
        fit = refiner.refine(
            seen.rho,
            velocity[chosen],
            longest=search.longest[now][chosen],
            smoothed=seen.smoothed,
        )
        search.put_fit(now, fit)
        checkpoint(last / n_windows)
    return search


def _refine_changed(
    recording: WindowedRecording,
    traits: RecordTraits,
    refiner: RayRefiner,
    search: _Search,
    path: np.ndarray,
    checkpoint: Checkpoint,
) -> None:
    changed = np.nonzero(path != search.best)[0]
    for index in batches(changed, recording.chunk):
        rho = traits.corrected(normalised(*recording.correlate_single(index)), recording.sampling)
        at = index, path[index]
        search.put_fit(index, refiner.refine(rho, search.velocity[at], longest=search.longest[at]))
        checkpoint((index[-1] + 1) / path.size)


def _jackknife(
    recording: WindowedRecording,
    traits: RecordTraits,
    refiner: RayRefiner,
    search: _Search,
    path: np.ndarray,
    checkpoint: Checkpoint,
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of disjoint windows and the jackknife standard deviation of each."""
    sampling = recording.sampling
    spacing = max(1, round(sampling.window / recording.step))
    chosen = np.arange(0, recording.starts.size, spacing)
    found = []
    for index in batches(chosen, max(2, recording.chunk // 2)):
        start, longest = search.fit.velocity[index], search.longest[index, path[index]]
        without = []
        for sums in recording.single.leave_out(recording.gathered(index), JACKKNIFE_PARTS):
            rho = traits.corrected(normalised(*sums), sampling)
            without.append(refiner.refine(rho, start, longest=longest, steps=1).velocity)
        found.append(jackknife_sd(np.array(without)))
        checkpoint((index[-1] + 1) / recording.starts.size)
    return chosen, np.concatenate(found)


def _judge(
    recording: WindowedRecording,
    traits: RecordTraits,
    search: _Search,
    path: np.ndarray,
    limits: SearchLimits,
    jackknifed: np.ndarray,
    jackknife: np.ndarray,
) -> WindowVelocities:
    sampling = recording.sampling
    velocity = search.fit.velocity
    sd = scaled_sd(model_sd(search.fit, sampling), jackknifed, jackknife)
    if recording.background.removed:
        hidden = background_sd(
            velocity,
            cell_px=2 * traits.resolved_px_per_line,
            n_lines=recording.background.averaged_lines,
            window=sampling.window,
        )
        sd = np.hypot(sd, hidden)
    chosen = np.arange(path.size), path
    evidence, detection = search.evidence[chosen], search.detection[chosen]
    second, second_evidence = judge.second_best(
        velocity, search.velocity, search.evidence, sampling.lags[-1]
    )
    chance = judge.right_peak_chance(evidence, second_evidence)
    quality = judge.quality(velocity, sd, chance, sampling.window)
    found = np.isfinite(evidence)
    detected = (search.energy > 0) & (detection >= limits.detection)
    status = judge.statuses(
        detected=detected,
        inside_limits=evidence >= search.beyond - BEYOND_MARGIN,
        chance=chance,
        quality=quality,
        quality_limit=limits.quality,
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
    )
