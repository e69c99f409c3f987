"""All steps over one recording, in stretches of lines that bound memory and never change a bit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from cloudscope.analysis.streaks import quality as judge
from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.correlation import Correlator, normalised
from cloudscope.analysis.streaks.evidence import candidates, log_evidence
from cloudscope.analysis.streaks.record import (
    RecordTraits,
    blur_for,
    column_gain,
    common_mode,
    resolved_speed,
)
from cloudscope.analysis.streaks.refinement import RayFit, RayRefiner
from cloudscope.analysis.streaks.sampling import RayTable, Sampling, ray_table
from cloudscope.analysis.streaks.tracking import best_path
from cloudscope.analysis.streaks.uncertainty import (
    JACKKNIFE_PARTS,
    jackknife_sd,
    model_sd,
    scaled_sd,
)

__all__ = ["SearchLimits", "WindowVelocities", "measure_windows"]

CANDIDATES = 6
"""Peaks kept a window."""

BEYOND_MARGIN = 4.0
"""Evidence, in nats, by which a velocity outside the limits must beat the best one inside."""

PROBE_COLUMNS = 4000
"""Columns of all the windows, spread over the recording, from which its traits are taken."""

FEWEST_PROBES, MOST_PROBES = 16, 100
"""Limits on the number of those windows."""

CHUNK_PRODUCTS = 120_000
"""Complex numbers of one lag's products in a stretch: they stay in the processor's cache."""

LARGEST_CHUNK = 64
"""Windows of a stretch at most, so that a request to stop is heard soon."""

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
    fit: RayFit = field(init=False)

    def __post_init__(self) -> None:
        n = self.n_windows
        self.velocity = np.zeros((n, CANDIDATES))
        self.evidence = np.full((n, CANDIDATES), -np.inf)
        self.best = np.zeros(n, np.int64)
        self.beyond = np.full(n, -np.inf)
        self.detection = np.zeros((n, CANDIDATES))
        self.energy = np.zeros(n)
        self.fit = RayFit(np.zeros(n), np.zeros(n), np.zeros(n))

    def put_fit(self, index: np.ndarray | slice, fit: RayFit) -> None:
        self.fit.velocity[index] = fit.velocity
        self.fit.mean[index] = fit.mean
        self.fit.curvature[index] = fit.curvature


class _Recording:
    """A kymograph with its background, cut into windows."""

    def __init__(
        self, kymograph: np.ndarray, background: Background, sampling: Sampling, step: int
    ) -> None:
        self.kymograph, self.background = kymograph, background
        self.sampling, self.step = sampling, step
        self.level_lines = False
        self.starts = np.arange(0, len(kymograph) - sampling.window + 1, step)
        self.correlator = Correlator(sampling, step)
        self.single = Correlator(sampling, sampling.window)
        self.chunk = int(np.clip(CHUNK_PRODUCTS / (self.correlator.kept * step), 1, LARGEST_CHUNK))

    def lines(self, start: int, stop: int) -> np.ndarray:
        """Lines without what is static, and without their mean where flicker drowns it."""
        out = self.background.normalised(self.kymograph[start:stop], start)
        if self.level_lines:
            out -= out.mean(axis=1, keepdims=True)
        return out

    def stretch(self, first: int, last: int) -> np.ndarray:
        """Lines of the windows first to last - 1."""
        return self.lines(
            int(self.starts[first]), int(self.starts[last - 1]) + self.sampling.window
        )

    def gathered(self, index: np.ndarray) -> np.ndarray:
        """Lines of single windows, shape (windows, window, width)."""
        window = self.sampling.window
        return np.stack([self.lines(a, a + window) for a in self.starts[index].tolist()])

    def correlate_single(self, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        lines = self.gathered(index)
        return self.single.correlate(lines.reshape(-1, self.sampling.width))


def measure_windows(
    kymograph: np.ndarray,
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
    kymograph : ndarray, shape (lines, width)
        At least `window` lines.
    background : Background
        Of this very kymograph.
    window, step : int
        Lines of a window, and from one window to the next.
    limits : SearchLimits
    checkpoint : callable
        Called with the finished share after each stretch; may raise to stop.
    """
    sampling = Sampling.of(kymograph.shape[1], window)
    recording = _Recording(kymograph, background, sampling, step)
    traits = _measure_traits(recording)
    if traits.flicker_drowns_line_mean(sampling.width):
        recording.level_lines = True
        traits = _measure_traits(recording)
    rays = ray_table(sampling, traits.resolved_px_per_line if sampling.narrow else 1.0)
    refiner = RayRefiner(sampling, traits.resolved_px_per_line, blur_for(traits.snr))
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
        recording, traits, refiner, search, _part(checkpoint, 0.85, 1.0)
    )
    return _judge(recording, traits, search, path, limits, jackknifed, jackknife)


def _part(checkpoint: Checkpoint, start: float, stop: float) -> Checkpoint:
    return lambda done: checkpoint(start + (stop - start) * done)


def _measure_traits(recording: _Recording) -> RecordTraits:
    sampling = recording.sampling
    n_windows = recording.starts.size
    count = int(np.clip(PROBE_COLUMNS // sampling.width, FEWEST_PROBES, MOST_PROBES))
    probes = np.arange(0, n_windows, max(1, n_windows // count))
    gain = column_gain(recording.background.neighbour_covariance, sampling.reach)
    near = Sampling(sampling.width, sampling.window, (0, 1, 2), sampling.reach)
    correlator = Correlator(near, sampling.window)
    products = np.zeros((3, sampling.shifts))
    energies = np.zeros((3, sampling.shifts))
    for part in _batches(probes, 8):
        lines = recording.gathered(part).reshape(-1, sampling.width)
        for total, sums in zip((products, energies), correlator.correlate(lines), strict=True):
            for each in sums:  # one by one: the order of the sum must not depend on the batch
                total += each
    pooled = normalised(products, energies) * gain
    flicker = common_mode(pooled, sampling.reach)
    profile = pooled[0, sampling.reach :] - flicker
    profile[0] = (4 * profile[1] - profile[2]) / 3 if sampling.width > 4 else profile[1]
    resolved = round(min(resolved_speed(profile, flicker), 0.85 * sampling.reach), 1)
    traits = RecordTraits(gain, flicker, resolved, 0.5, float(profile[1] / max(profile[0], 1e-6)))
    rays = ray_table(sampling, resolved if sampling.narrow else 1.0)
    refiner = RayRefiner(sampling, resolved, 1.2)
    share = []
    for part in _batches(probes, 8):
        rho = traits.corrected(normalised(*recording.correlate_single(part)), sampling)
        if not sampling.narrow:
            rho = refiner.smoothed(rho)
        sums = rays.sums(rho)
        peak = (sums / rays.noise_sd).argmax(axis=1)
        share.append(sums[np.arange(len(part)), peak] / rays.weight[peak])
    signal_share = float(np.clip(np.median(np.concatenate(share)), 0.02, 0.97))
    return replace(traits, signal_share=signal_share)


def _batches(index: np.ndarray, size: int) -> list[np.ndarray]:
    return [index[i : i + size] for i in range(0, index.size, size)]


def _search(
    recording: _Recording,
    traits: RecordTraits,
    rays: RayTable,
    refiner: RayRefiner,
    limits: SearchLimits,
    checkpoint: Checkpoint,
) -> _Search:
    sampling = recording.sampling
    width, window = sampling.width, sampling.window
    n_windows = recording.starts.size
    noise_scale = 1.0 if sampling.narrow else refiner.smoothed_noise
    search = _Search(n_windows)
    for first in range(0, n_windows, recording.chunk):
        last = min(first + recording.chunk, n_windows)
        now = slice(first, last)
        lines = recording.stretch(first, last)
        products, energies = recording.correlator.correlate(lines)
        rho = traits.corrected(normalised(products, energies), sampling)
        smoothed = None if sampling.narrow else refiner.smoothed(rho)
        sums = rays.sums(rho if smoothed is None else smoothed)
        energy = _window_means(np.square(lines, dtype=np.float64).mean(axis=1), recording)
        neighbours = (lines[:, 1:].astype(np.float64) * lines[:, :-1]).mean(axis=1)
        share = traits.share_of(_window_means(neighbours, recording) / np.maximum(energy, 1e-12))
        evidence = log_evidence(
            sums / rays.weight,
            share,
            rays.velocity,
            width=width,
            window=window,
            cell_px=float(np.clip(traits.resolved_px_per_line, 2, 8)),
        )
        index, best = candidates(evidence, CANDIDATES)
        velocity = rays.velocity[index]
        inside = limits.allow(velocity)
        strength = np.take_along_axis(sums, index, axis=1) / rays.noise_sd[index] / noise_scale
        excluded = np.where(inside | (strength < limits.detection), -np.inf, best)
        search.beyond[now] = excluded.max(axis=1)
        search.velocity[now] = velocity
        search.evidence[now] = np.where(inside, best, -np.inf)
        search.best[now] = search.evidence[now].argmax(axis=1)
        search.energy[now] = energy
        search.detection[now] = strength
        start = velocity[np.arange(last - first), search.best[now]]
        search.put_fit(now, refiner.refine(rho, start, smoothed=smoothed))
        checkpoint(last / n_windows)
    return search


def _window_means(of_lines: np.ndarray, recording: _Recording) -> np.ndarray:
    windows = np.lib.stride_tricks.sliding_window_view(of_lines, recording.sampling.window)
    out: np.ndarray = windows[:: recording.step].mean(axis=1)
    return out


def _refine_changed(
    recording: _Recording,
    traits: RecordTraits,
    refiner: RayRefiner,
    search: _Search,
    path: np.ndarray,
    checkpoint: Checkpoint,
) -> None:
    changed = np.nonzero(path != search.best)[0]
    for index in _batches(changed, recording.chunk):
        rho = traits.corrected(normalised(*recording.correlate_single(index)), recording.sampling)
        search.put_fit(index, refiner.refine(rho, search.velocity[index, path[index]]))
        checkpoint((index[-1] + 1) / path.size)


def _jackknife(
    recording: _Recording,
    traits: RecordTraits,
    refiner: RayRefiner,
    search: _Search,
    checkpoint: Checkpoint,
) -> tuple[np.ndarray, np.ndarray]:
    """Indices of disjoint windows and the jackknife standard deviation of each."""
    sampling = recording.sampling
    spacing = max(1, round(sampling.window / recording.step))
    chosen = np.arange(0, recording.starts.size, spacing)
    found = []
    for index in _batches(chosen, max(2, recording.chunk // 2)):
        start = search.fit.velocity[index]
        without = []
        for sums in recording.single.leave_out(recording.gathered(index), JACKKNIFE_PARTS):
            rho = traits.corrected(normalised(*sums), sampling)
            without.append(refiner.refine(rho, start, steps=1).velocity)
        found.append(jackknife_sd(np.array(without)))
        checkpoint((index[-1] + 1) / recording.starts.size)
    return chosen, np.concatenate(found)


def _judge(
    recording: _Recording,
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
    )
