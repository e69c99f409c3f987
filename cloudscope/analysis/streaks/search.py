"""The best velocities of each window, a stretch of lines at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cloudscope.analysis.streaks.averaging import sway
from cloudscope.analysis.streaks.evidence import candidates
from cloudscope.analysis.streaks.explanation import Estimator, explain
from cloudscope.analysis.streaks.refinement import RayFit
from cloudscope.analysis.streaks.uncertainty import JACKKNIFE_PARTS
from cloudscope.analysis.streaks.windows import batches

__all__ = ["CANDIDATES", "Search", "SearchLimits", "search_windows"]

CANDIDATES = 6
"""Peaks kept a window."""

JACKKNIFE_BATCH = 4
"""Windows whose pairs are looked at together: they stay in the processor's cache."""

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


@dataclass
class Search:
    """What was found, filled in stretch by stretch.

    Attributes
    ----------
    velocity, evidence, detection, longest : ndarray, shape (windows, candidates)
        Trial velocities of the best peaks, their evidence (``-inf``: outside the limits, or no
        peak), strength in standard deviations of noise, and longest lag looked at.
    best : ndarray of int, shape (windows,)
        The candidate with the most evidence.
    beyond : ndarray, shape (windows,)
        Evidence of the best velocity outside the limits.
    energy : ndarray, shape (windows,)
        Mean square of the pixels.
    fit : RayFit
        Refined velocities.
    jackknifed : ndarray of int
        Disjoint windows...
    without_each : ndarray, shape (parts, jackknifed windows)
        ...and their velocities without each of their parts.
    """

    n_windows: int
    spacing: int
    velocity: np.ndarray = field(init=False)
    evidence: np.ndarray = field(init=False)
    detection: np.ndarray = field(init=False)
    longest: np.ndarray = field(init=False)
    best: np.ndarray = field(init=False)
    beyond: np.ndarray = field(init=False)
    energy: np.ndarray = field(init=False)
    fit: RayFit = field(init=False)
    jackknifed: np.ndarray = field(init=False)
    without_each: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        n = self.n_windows
        self.velocity, self.detection, self.longest = np.zeros((3, n, CANDIDATES))
        self.evidence = np.full((n, CANDIDATES), -np.inf)
        self.best = np.zeros(n, np.int64)
        self.beyond = np.full(n, -np.inf)
        self.energy = np.zeros(n)
        self.fit = RayFit(np.zeros(n), np.zeros(n), np.zeros(n))
        self.jackknifed = np.arange(0, n, self.spacing)
        self.without_each = np.zeros((JACKKNIFE_PARTS, self.jackknifed.size))

    def follow(self, estimator: Estimator, path: np.ndarray, checkpoint: Checkpoint) -> None:
        """Refine anew the windows whose candidate on the path is not their best."""
        recording = estimator.recording
        for index in batches(np.nonzero(path != self.best)[0], recording.chunk):
            windows = recording.gathered(index)
            spectra = recording.single.spectra(windows)
            sums = recording.single.correlate(
                windows.reshape(-1, windows.shape[-1]), spectra.reshape(-1, spectra.shape[-1])
            )
            rho = estimator.traits.rho(*sums, recording.sampling)
            self.refine(estimator, index, path[index], rho)
            checkpoint((index[-1] + 1) / path.size)
        checkpoint(1.0)

    def refine(
        self,
        estimator: Estimator,
        index: np.ndarray,
        choice: np.ndarray,
        rho: np.ndarray,
    ) -> None:
        """Refine candidate `choice` of the windows `index`."""
        longest = self.longest[index, choice]
        fit = estimator.refiner.refine(rho, self.velocity[index, choice], longest=longest)
        for of_all, of_these in zip(self.fit.arrays, fit.arrays, strict=True):
            of_all[index] = of_these

    def jackknife(
        self,
        estimator: Estimator,
        longest: np.ndarray,
        slope: np.ndarray,
        bend: np.ndarray,
        checkpoint: Checkpoint,
    ) -> None:
        """Velocities of the disjoint windows without each of their parts.

        Parameters
        ----------
        estimator : Estimator
        longest : ndarray, shape (windows,)
            Longest lag looked at.
        slope, bend : ndarray, shape (windows,)
            Of the course of the flow, see `averaging.slope_and_bend`.
        checkpoint : callable
            Called with the finished share after each batch.
        """
        recording = estimator.recording
        size = JACKKNIFE_BATCH
        if recording.sampling.narrow:
            size = max(2, recording.chunk // 2)
        for part in batches(self.jackknifed, size):
            self.without_each[:, part // self.spacing] = estimator.jackknife(
                recording.gathered(part),
                RayFit(*(values[part] for values in self.fit.arrays)),
                longest[part],
                sway(slope[part], bend[part], recording.sampling.window),
            )
            checkpoint((part[-1] + 1) / self.n_windows)


def search_windows(estimator: Estimator, limits: SearchLimits, checkpoint: Checkpoint) -> Search:
    """Candidates of all windows, and each window's best refined.

    Parameters
    ----------
    estimator : Estimator
    limits : SearchLimits
    checkpoint : callable
        Called with the finished share after each stretch.
    """
    recording, rays = estimator.recording, estimator.rays
    sampling = recording.sampling
    n_windows = recording.starts.size
    search = Search(n_windows, max(1, round(sampling.window / recording.step)))
    spans = np.array(sampling.spans)
    for first in range(0, n_windows, recording.chunk):
        last = min(first + recording.chunk, n_windows)
        now, rows = np.arange(first, last), np.arange(last - first)
        seen = explain(estimator, first, last)
        index, best = candidates(seen.evidence, CANDIDATES)
        span = np.take_along_axis(seen.span, index, axis=1)
        velocity = rays.velocity[index]
        inside = limits.allow(velocity)
        strength = seen.sums[span, rows[:, None], index] / rays.noise_sd[span, index]
        excluded = np.where(inside | (strength < limits.detection), -np.inf, best)
        search.beyond[now] = excluded.max(axis=1)
        search.velocity[now] = velocity
        search.evidence[now] = np.where(inside, best, -np.inf)
        search.best[now] = search.evidence[now].argmax(axis=1)
        search.energy[now] = seen.energy
        search.detection[now] = strength
        search.longest[now] = spans[span]
        search.refine(estimator, now, search.best[now], seen.rho)
        checkpoint(last / n_windows)
    return search
