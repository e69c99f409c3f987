"""Velocities of a window with one stretch of its lines left out at a time.

Every pair of lines has its own part in the slope of the correlation along a ray, and in its
energy. Once these are known at the window's velocity, the slope that any choice of pairs has there
is a sum, and the curvature of the whole window makes of it a Newton step to their own maximum.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.refinement import RayFit
from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["LeaveOut"]

LARGEST_STEP_PX = 0.65
"""Root mean square of how far one step may shift the correlation."""


@dataclass(frozen=True)
class LeaveOut:
    """Newton steps from a window's velocity to those without one of its parts.

    A pair is left out if either of its lines is: what is left is as if the part had not been
    recorded, as a delete-one jackknife over time needs it.

    Parameters
    ----------
    sampling : Sampling
    n_fft : int
        Columns of a line and the zeros put behind it, over which spectra are taken.
    gain : ndarray, shape (shifts,)
        See `RecordTraits`.
    parts : int
        Equal stretches of a window.
    """

    sampling: Sampling
    n_fft: int
    gain: np.ndarray
    parts: int

    def velocities(
        self,
        windows: np.ndarray,
        spectra: np.ndarray,
        rho: np.ndarray,
        fit: RayFit,
        longest: np.ndarray,
    ) -> np.ndarray:
        """Velocities without each part, shape (parts, windows).

        Parameters
        ----------
        windows : ndarray of float32, shape (windows, window, width)
        spectra : ndarray of complex64, shape (windows, window, wavenumbers)
            Of the same lines, see `Correlator.spectra`.
        rho : ndarray of float32, shape (windows, lags, shifts)
        fit : RayFit
            Of the whole windows.
        longest : ndarray, shape (windows,)
            Longest lag to look at.
        """
        sampling, reach = self.sampling, self.sampling.reach
        lags = np.array(sampling.lags)
        shift = fit.velocity[:, None] * lags
        seen = (np.abs(shift) <= reach - 0.01) & (lags <= longest[:, None])
        seen[:, 0] = True
        shift = np.clip(shift, 0.01 - reach, reach - 0.01)
        below = np.floor(shift).astype(np.int64)
        rows, each_lag, at = np.arange(len(rho))[:, None], np.arange(lags.size), reach + below
        along = rho[rows, each_lag, at]
        along += (shift - below) * (rho[rows, each_lag, at + 1] - along)
        gain = self.gain[at]
        energy, energy_slope = _energies(windows, shift, lags)
        slope = self._slopes(spectra, fit.velocity, lags)
        slope -= (0.5 * along / gain)[:, None] * energy_slope
        slope_left, energy_left = self._without_each(np.stack([slope, energy]), lags)
        least = 1e-5 * energy_left.max(axis=-1, keepdims=True) + 1e-6
        overlap = (1 - np.abs(shift) / sampling.width) * (1 - lags / sampling.window)
        weight = seen * overlap * sampling.lag_weight * gain
        steep = weight[:, None] * lags * 2 * slope_left / np.maximum(energy_left, least)
        lever = (seen * overlap * sampling.lag_weight * lags**2).sum(axis=-1)
        largest = LARGEST_STEP_PX / np.sqrt(lever / (weight / gain).sum(axis=-1))[:, None]
        bend = np.maximum(fit.curvature, 1e-9) * lever
        step = np.clip(steep.sum(axis=-1) / bend[:, None], -largest, largest)
        out: np.ndarray = (fit.velocity[:, None] + step).T
        return out

    def _slopes(self, spectra: np.ndarray, velocity: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Slopes along shift of the products of all pairs, on the ray of the velocity.

        Returns
        -------
        ndarray of float32, shape (windows, window, lags)
            Entry t is for lines t and t + lag; what lies beyond the window has no meaning.
        """
        n_windows, window, kept = spectra.shape
        wavenumber = (2 * np.pi / self.n_fft * np.arange(kept)).astype(np.float32)
        angle = np.arange(window, dtype=np.float32)[:, None] * (
            velocity.astype(np.float32)[:, None, None] * wavenumber
        )
        turned = np.empty(spectra.shape, np.complex64)
        turned.real, turned.imag = np.cos(angle), np.sin(angle)
        turned *= spectra
        weight = 2 / np.float32(self.n_fft) * wavenumber  # of both signs; 0 has no slope
        first = turned.view(np.float32)
        second = np.empty((n_windows, window, kept, 2), np.float32)
        np.multiply(turned.imag, -weight, out=second[..., 0])
        np.multiply(turned.real, weight, out=second[..., 1])
        every = np.matmul(first, second.reshape(first.shape).transpose(0, 2, 1))
        line = np.arange(window)[:, None]
        out: np.ndarray = every[:, line, np.minimum(line + lags, window - 1)]
        return out

    def _without_each(self, of_pairs: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Sums over the pairs that touch no line of a part: (quantities, windows, parts, lags)."""
        quantities, n_windows, window, n_lags = of_pairs.shape
        sums = np.zeros((quantities, n_windows, window + 1, n_lags))
        np.cumsum(of_pairs, axis=2, out=sums[:, :, 1:])
        begin = -(-np.arange(self.parts + 1)[:, None] * window // self.parts)
        column = np.arange(n_lags)

        def until(line: np.ndarray) -> np.ndarray:
            out: np.ndarray = sums[:, :, np.clip(line, 0, window - lags), column]
            return out

        first, last = begin[:-1], begin[1:]
        earlier = until(last) - until(first)  # the first line of the pair is in the part
        later = until(last - lags) - until(first - lags)
        both = until(np.maximum(last - lags, first)) - until(first)
        left: np.ndarray = until(np.full((1, n_lags), window)) - (earlier + later - both)
        return left


def _energies(
    windows: np.ndarray, shift: np.ndarray, lags: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Energies of the overlap of all pairs on the ray, and their slopes along shift.

    Returns
    -------
    energy, slope : ndarray of float32, shape (windows, window, lags)
    """
    n_windows, window, width = windows.shape
    left = np.zeros((n_windows, window, width + 1), np.float32)
    np.cumsum(np.square(windows), axis=2, out=left[:, :, 1:])
    # Of a pair, one line overlaps from its left end to `stop`, the other from `start` to its right.
    forth = (shift >= 0)[:, None]
    distance = np.abs(shift)
    whole = np.floor(distance).astype(np.int64)
    part = (distance - whole).astype(np.float32)[:, None]
    start, stop = whole[:, None], width - whole[:, None]
    rows, line = np.arange(n_windows)[:, None, None], np.arange(window)[:, None]
    later = np.minimum(line + lags, window - 1)
    from_left, to_right = np.where(forth, line, later), np.where(forth, later, line)
    inside, less = left[rows, from_left, stop], left[rows, from_left, stop - 1]
    missed, more = left[rows, to_right, start], left[rows, to_right, start + 1]
    shrink = (less - inside) - (more - missed)
    energy = inside - missed + left[rows, to_right, width] + part * shrink
    return energy, np.where(forth, shrink, -shrink)
