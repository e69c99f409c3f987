"""How well each trial velocity explains windows: for the search, and for whoever wants to look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.background import Background
from cloudscope.analysis.streaks.evidence import EvidenceTable
from cloudscope.analysis.streaks.jackknife import LeaveOut
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.record import (
    TYPICAL_BLUR_PX,
    RecordTraits,
    blur_for,
    measure_traits,
)
from cloudscope.analysis.streaks.refinement import RayFit, RayRefiner
from cloudscope.analysis.streaks.sampling import RayTable, Sampling, ray_table
from cloudscope.analysis.streaks.uncertainty import JACKKNIFE_PARTS
from cloudscope.analysis.streaks.windows import WindowedRecording

__all__ = ["Estimator", "Explained", "explain"]

LAG_SHARE = 0.8
"""Longest lag looked at, as a share of the lines over which flow is taken as steady."""


@dataclass(frozen=True)
class Estimator:
    """What is needed to estimate the velocity of any window of a recording.

    Attributes
    ----------
    recording : WindowedRecording
    traits : RecordTraits
    rays : RayTable
    refiner : RayRefiner
    evidence : EvidenceTable
    """

    recording: WindowedRecording
    traits: RecordTraits
    rays: RayTable
    refiner: RayRefiner
    evidence: EvidenceTable

    @classmethod
    def of(cls, kymograph: Lines, background: Background, window: int, step: int) -> Estimator:
        """The estimator that suits a recording: sampled and smoothed as its signal asks for."""
        width = kymograph.shape[1]
        sampling = Sampling.of(width, window)
        blur = 0.0 if sampling.narrow else TYPICAL_BLUR_PX
        recording = WindowedRecording(kymograph, background, sampling, step, blur_px=blur)
        traits = measure_traits(recording)
        level = traits.flicker_drowns_line_mean(width)
        if level:
            recording = WindowedRecording(
                kymograph, background, sampling, step, level_lines=True, blur_px=blur
            )
            traits = measure_traits(recording)
        resolved = traits.resolved_px_per_line
        if sampling.narrow:
            refiner = RayRefiner(sampling, resolved, blur_for(traits.snr))
            rays = ray_table(sampling, resolved, blur)
        else:
            sampling, blur = Sampling.of(width, window, traits.snr), blur_for(traits.snr, window)
            recording = WindowedRecording(
                kymograph, background, sampling, step, level_lines=level, blur_px=blur
            )
            refiner = RayRefiner(sampling, resolved, blur)
            rays = ray_table(sampling, 1.0, blur)
        evidence = EvidenceTable(
            rays.velocity,
            rays.weight,
            np.append(np.array(sampling.spans[:-1]) / LAG_SHARE, window),
            width=width,
            window=window,
            cell_px=float(np.clip(resolved, 2, 8)),
        )
        return cls(recording, traits, rays, refiner, evidence)

    def jackknife(
        self, windows: np.ndarray, fit: RayFit, longest: np.ndarray, sway: np.ndarray
    ) -> np.ndarray:
        """Velocities without one part of each window at a time, shape (parts, windows).

        Parameters
        ----------
        windows, fit, longest, sway
            See `LeaveOut.velocities`; on narrow lines the ray is straight.
        """
        sampling = self.recording.sampling
        if not sampling.narrow:
            single = self.recording.single
            without = LeaveOut(sampling, single.n_fft, self.traits.gain, JACKKNIFE_PARTS)
            return without.velocities(windows, single.spectra(windows), fit, longest, sway)
        # Transit times along a narrow line are no sums over pairs of lines.
        sums = self.recording.single.leave_out(windows, JACKKNIFE_PARTS)
        products, energies = (x.reshape(-1, *x.shape[2:]) for x in sums)
        fits = self.refiner.refine(
            self.traits.rho(products, energies, sampling),
            np.repeat(fit.velocity, JACKKNIFE_PARTS),
            longest=np.repeat(longest, JACKKNIFE_PARTS),
            steps=1,
        )
        return fits.velocity.reshape(-1, JACKKNIFE_PARTS).T


@dataclass(frozen=True, eq=False)
class Explained:
    """A stretch of windows, and how well each trial velocity explains them.

    Attributes
    ----------
    windows : ndarray of float32, shape (windows, window, width)
        Their lines without what is static.
    spectra : ndarray of complex64, shape (windows, window, wavenumbers)
        See `Correlator.spectra`.
    rho : ndarray of float32, shape (windows, lags, shifts)
        Correlation.
    sums : ndarray of float32, shape (spans, windows, v)
        See `RayTable.sums`.
    energy : ndarray, shape (windows,)
        Mean square of the pixels.
    evidence, span : ndarray, shape (windows, v)
        In nats, over the span that explains best.
    """

    windows: np.ndarray
    spectra: np.ndarray
    rho: np.ndarray
    sums: np.ndarray
    energy: np.ndarray
    evidence: np.ndarray
    span: np.ndarray


def explain(estimator: Estimator, first: int, last: int) -> Explained:
    """Evidence of all trial velocities in the windows first to last - 1."""
    recording, traits = estimator.recording, estimator.traits
    width = recording.sampling.width
    lines = recording.stretch(first, last)
    spectra = recording.correlator.spectra(lines)
    rho = traits.rho(*recording.correlator.correlate(lines, spectra), recording.sampling)
    sums = estimator.rays.sums(rho)
    energy = recording.means(np.einsum("tx,tx->t", lines, lines) / width)
    neighbours = np.einsum("tx,tx->t", lines[:, 1:], lines[:, :-1]) / (width - 1)
    share = traits.share_of(recording.means(neighbours) / np.maximum(energy, 1e-12))
    evidence, span = estimator.evidence.best(sums, share)
    return Explained(
        recording.cut(lines), recording.cut(spectra), rho, sums, energy, evidence, span
    )
