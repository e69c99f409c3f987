"""Velocities of a window with one stretch of its lines left out at a time.

Every pair of lines has its own part in the slope of the correlation along a ray, and in its
energy. Once these are known at the window's velocity, the slope that any choice of pairs has there
is a sum, and the curvature of the whole window makes of it a Newton step to their own maximum.

Flow that changes within a window moves its parts apart, which is no error. So the ray follows the
course that the windows around show: what the parts differ by is left.
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
        fit: RayFit,
        longest: np.ndarray,
        sway: np.ndarray,
    ) -> np.ndarray:
        """Velocities without each part, shape (parts, windows).

        Parameters
        ----------
        windows : ndarray of float32, shape (windows, window, width)
        spectra : ndarray of complex64, shape (windows, window, wavenumbers)
            Of the same lines, see `Correlator.spectra`.
        fit : RayFit
            Of the whole windows.
        longest : ndarray, shape (windows,)
            Longest lag to look at.
        sway : ndarray, shape (windows, window)
            How far the flow has moved at each line beyond what it would have at `fit.velocity`, px.
        """
        sampling, reach = self.sampling, self.sampling.reach
        lags = np.array(sampling.lags)
        ray = fit.velocity[:, None] * lags
        seen = (np.abs(ray) <= reach - 0.01) & (lags <= longest[:, None])
        seen[:, 0] = True
        ray = np.clip(ray, 0.01 - reach, reach - 0.01)
        gain = self.gain[reach + np.floor(ray).astype(np.int64)]
        line = np.arange(sampling.window)
        later = np.minimum(line[:, None] + lags, sampling.window - 1)
        shift = ray[:, None] + sway[:, later] - sway[:, :, None]
        shift = np.clip(shift, 0.01 - reach, reach - 0.01)
        energy, energy_slope = _energies(windows, shift, lags)
        slope = self._slopes(spectra, fit.velocity[:, None] * line + sway, lags)
        slope -= (0.5 * fit.mean[:, None] / gain)[:, None] * energy_slope
        slope_left, energy_left = self._without_each(np.stack([slope, energy]), lags)
        least = 1e-5 * energy_left.max(axis=-1, keepdims=True) + 1e-6
        overlap = (1 - np.abs(ray) / sampling.width) * (1 - lags / sampling.window)
        weight = seen * overlap * sampling.lag_weight * gain
        steep = weight[:, None] * lags * 2 * slope_left / np.maximum(energy_left, least)
        lever = (seen * overlap * sampling.lag_weight * lags**2).sum(axis=-1)
        largest = LARGEST_STEP_PX / np.sqrt(lever / (weight / gain).sum(axis=-1))[:, None]
        bend = np.maximum(fit.curvature, 1e-9) * lever
        step = np.clip(steep.sum(axis=-1) / bend[:, None], -largest, largest)
        out: np.ndarray = (fit.velocity[:, None] + step).T
        return out

    def _slopes(self, spectra: np.ndarray, path: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Slopes along shift of the products of all pairs, where the path takes them.

        Parameters
        ----------
        path : ndarray, shape (windows, window)
            Position of the pattern at each line, px.

        Returns
        -------
        ndarray of float32, shape (windows, window, lags)
            Entry t is for lines t and t + lag; what lies beyond the window has no meaning.
        """
        n_windows, window, kept = spectra.shape
        wavenumber = (2 * np.pi / self.n_fft * np.arange(kept)).astype(np.float32)
        angle = path.astype(np.float32)[:, :, None] * wavenumber
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
    """Energies of the overlap of all pairs, and their slopes along shift.

    Parameters
    ----------
    shift : ndarray, shape (windows, window, lags)
        Of the pair of lines t and t + lag.

    Returns
    -------
    energy, slope : ndarray of float32, shape (windows, window, lags)
    """
    n_windows, window, width = windows.shape
    left = np.zeros((n_windows, window, width + 1), np.float32)
    np.cumsum(np.square(windows), axis=2, out=left[:, :, 1:])
    # Of a pair, one line overlaps from its left end to `stop`, the other from `start` to its right.
    forth = shift >= 0
    distance = np.abs(shift)
    whole = np.floor(distance).astype(np.int64)
    part = (distance - whole).astype(np.float32)
    start, stop = whole, width - whole
    rows, line = np.arange(n_windows)[:, None, None], np.arange(window)[:, None]
    later = np.minimum(line + lags, window - 1)
    from_left, to_right = np.where(forth, line, later), np.where(forth, later, line)
    inside, less = left[rows, from_left, stop], left[rows, from_left, stop - 1]
    missed, more = left[rows, to_right, start], left[rows, to_right, start + 1]
    shrink = (less - inside) - (more - missed)
    energy = inside - missed + left[rows, to_right, width] + part * shrink
    return energy, np.where(forth, shrink, -shrink)
