"""How well each trial velocity explains windows: for the search, and for whoever wants to look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.correlation import normalised
from cloudscope.analysis.streaks.evidence import best_span, log_evidence
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.record import RecordTraits, blur_for, measure_traits
from cloudscope.analysis.streaks.refinement import RayRefiner
from cloudscope.analysis.streaks.sampling import RayTable, Sampling, ray_table
from cloudscope.analysis.streaks.windows import WindowedRecording

__all__ = ["Explained", "explain", "search_tools"]

LAG_SHARE = 0.8
"""Longest lag looked at, as a share of the lines over which flow is taken as steady."""


def search_tools(
    kymograph: Lines, background: Background, window: int, step: int
) -> tuple[WindowedRecording, RecordTraits, RayTable, RayRefiner]:
    """A recording cut into windows, what it says of itself, and the rays that it asks for."""
    sampling = Sampling.of(kymograph.shape[1], window)
    recording = WindowedRecording(kymograph, background, sampling, step)
    traits = measure_traits(recording)
    if traits.flicker_drowns_line_mean(sampling.width):
        recording.level_lines = True
        traits = measure_traits(recording)
    rays = ray_table(sampling, traits.resolved_px_per_line if sampling.narrow else 1.0)
    refiner = RayRefiner(sampling, traits.resolved_px_per_line, blur_for(traits.snr))
    return recording, traits, rays, refiner


@dataclass(frozen=True, eq=False)
class Explained:
    """A stretch of windows, and how well each trial velocity explains them.

    Attributes
    ----------
    rho, smoothed : ndarray, shape (windows, lags, shifts)
        Correlation; smoothed along shift, or ``None`` on a narrow line.
    sums : ndarray, shape (spans, windows, v)
    energy : ndarray, shape (windows,)
    evidence, span : ndarray, shape (windows, v)
        In nats, over the span that explains best.
    """

    rho: np.ndarray
    smoothed: np.ndarray | None
    sums: np.ndarray
    energy: np.ndarray
    evidence: np.ndarray
    span: np.ndarray


def explain(
    recording: WindowedRecording,
    traits: RecordTraits,
    rays: RayTable,
    refiner: RayRefiner,
    first: int,
    last: int,
) -> Explained:
    """Evidence of all trial velocities in the windows first to last - 1."""
    sampling = recording.sampling
    steady_lines = np.append(np.array(sampling.spans)[:-1] / LAG_SHARE, sampling.window)
    lines = recording.stretch(first, last)
    rho = traits.corrected(normalised(*recording.correlator.correlate(lines)), sampling)
    smoothed = None if sampling.narrow else refiner.smoothed(rho)
    sums = rays.sums(rho if smoothed is None else smoothed)
    energy = recording.means(np.square(lines, dtype=np.float64).mean(axis=1))
    neighbours = (lines[:, 1:].astype(np.float64) * lines[:, :-1]).mean(axis=1)
    share = traits.share_of(recording.means(neighbours) / np.maximum(energy, 1e-12))
    evidence, span = best_span(
        np.stack(
            [
                log_evidence(
                    sums[number] / rays.weight[number],
                    share,
                    rays.velocity,
                    width=sampling.width,
                    window=sampling.window,
                    cell_px=float(np.clip(traits.resolved_px_per_line, 2, 8)),
                    steady_lines=steady,
                )
                for number, steady in enumerate(steady_lines)
            ]
        )
    )
    return Explained(rho, smoothed, sums, energy, evidence, span)
