"""How alike a window is to itself after a lag in time and a shift in space.

For each window, ``C(lag, shift)`` sums the products of pixels that lie `lag` lines and `shift`
columns apart, over the pairs strictly inside the window; ``E(lag, shift)`` sums the squares of the
pixels in those same pairs. Then ``rho = 2 C / E`` is one minus the mean squared difference of the
pairs in units of their mean energy. Its maximum is at the true shift whatever the pattern at the
edges, which plain correlation, normalised by anything but the energy of the very same pairs, pulls
towards zero shift [1]_.

References
----------
.. [1] D. Padfield, "Masked object registration in the Fourier domain", IEEE Transactions on Image
   Processing 21 (2012) 2706-2718.
"""

from __future__ import annotations

import numpy as np
from scipy import fft

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["Correlator", "normalised"]

BAND = 0.55
"""Share of the wavenumbers kept on wide lines: optical blur leaves nothing above it."""


def normalised(products: np.ndarray, energies: np.ndarray) -> np.ndarray:
    """``rho = 2 C / E``, and 0 where the pairs hold next to none of the window's energy."""
    least = np.maximum(1e-5 * energies.max(axis=(-2, -1), keepdims=True), 1e-6)
    rho: np.ndarray = 2 * products
    rho /= np.maximum(energies, least)
    return rho


class Correlator:
    """Correlations of all windows of a stretch of lines.

    Every number of a window depends on the lines of that window only, summed in an order fixed by
    `step`: the same window in another stretch gives the same bits.

    Parameters
    ----------
    sampling : Sampling
    step : int
        Lines from one window to the next.
    """

    def __init__(self, sampling: Sampling, step: int) -> None:
        self.sampling = sampling
        self.step = step
        self.n_fft = fft.next_fast_len(sampling.width + sampling.reach, real=True)
        all_wavenumbers = self.n_fft // 2 + 1
        self.kept = all_wavenumbers
        if not sampling.narrow:
            self.kept = max(4, int(np.ceil(BAND * all_wavenumbers)))

    def correlate(self, lines: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Product sums and energy sums of consecutive windows.

        Parameters
        ----------
        lines : ndarray of float32, shape (step * (windows - 1) + window, width)

        Returns
        -------
        products, energies : ndarray of float32, shape (windows, lags, shifts)
        """
        sampling, step = self.sampling, self.step
        n_windows = (len(lines) - sampling.window) // step + 1
        spectrum = self._spectra(lines)
        conjugate = spectrum.conj()
        sums = np.empty((n_windows, len(sampling.lags), self.kept), np.complex64)
        for j, lag in enumerate(sampling.lags):
            pairs = conjugate[: len(lines) - lag] * spectrum[lag:]
            sums[:, j] = _window_sums(pairs, n_windows, sampling.window - lag, step)
        windows = np.lib.stride_tricks.sliding_window_view(lines, sampling.window, axis=0)
        energy = _cumulative_energy(windows[::step].transpose(0, 2, 1))
        lags = np.array(sampling.lags)
        earlier = energy[:, sampling.window - lags]
        later = energy[:, -1:] - energy[:, lags]
        return self._to_shifts(sums), self._energies(earlier, later)

    def leave_out(self, windows: np.ndarray, parts: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Product and energy sums of windows, leaving out one stretch of lines at a time.

        A pair is left out if either of its lines is: what is left is as if the stretch had not
        been recorded, as a delete-one jackknife over time needs it.

        Parameters
        ----------
        windows : ndarray of float32, shape (windows, window, width)
        parts : int
            Number of equal stretches.

        Returns
        -------
        list of (products, energies), one a stretch; each of shape (windows, lags, shifts)
        """
        sampling = self.sampling
        shape = (len(windows), parts, len(sampling.lags))
        spectrum = self._spectra(windows)
        conjugate = spectrum.conj()
        energy = np.cumsum(np.square(windows), axis=2)
        sums = np.empty((*shape, self.kept), np.complex64)
        earlier = np.zeros((*shape, sampling.width + 1), np.float32)
        later = np.zeros_like(earlier)
        part = np.arange(parts)[:, None]
        of_line = np.arange(sampling.window) * parts // sampling.window
        for j, lag in enumerate(sampling.lags):
            last = sampling.window - lag
            kept = (of_line[:last] != part) & (of_line[lag:] != part)
            weight = kept.astype(np.float32)
            pairs = conjugate[:, :last] * spectrum[:, lag:]
            sums[:, :, j] = (weight @ pairs.view(np.float32)).view(np.complex64)
            earlier[:, :, j, 1:] = weight @ energy[:, :last]
            later[:, :, j, 1:] = weight @ energy[:, lag:]
        return [
            (self._to_shifts(sums[:, p]), self._energies(earlier[:, p], later[:, p]))
            for p in range(parts)
        ]

    def _spectra(self, lines: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(fft.rfft(lines, self.n_fft, axis=-1)[..., : self.kept])

    def _to_shifts(self, sums: np.ndarray) -> np.ndarray:
        reach = self.sampling.reach
        circular = fft.irfft(sums, self.n_fft, axis=-1)
        out = np.empty((*sums.shape[:2], self.sampling.shifts), np.float32)
        out[..., :reach] = circular[..., self.n_fft - reach :]
        out[..., reach:] = circular[..., : reach + 1]
        return out

    def _energies(self, earlier: np.ndarray, later: np.ndarray) -> np.ndarray:
        """Energy of the overlapping columns from energies left of each column boundary."""
        width, reach = self.sampling.width, self.sampling.reach
        out = np.empty((*earlier.shape[:2], self.sampling.shifts), np.float32)
        ahead, back = out[..., reach:], out[..., :reach]
        ahead[:] = later[..., width:]
        ahead -= later[..., : reach + 1]
        ahead += earlier[..., width - reach :][..., ::-1]
        back[:] = earlier[..., width:]
        back -= earlier[..., reach:0:-1]
        back += later[..., width - reach : width]
        return out


def _cumulative_energy(windows: np.ndarray) -> np.ndarray:
    """Energy above each line and left of each column boundary: (windows, lines + 1, width + 1)."""
    n_windows, n_lines, width = windows.shape
    out = np.zeros((n_windows, n_lines + 1, width + 1), np.float32)
    np.cumsum(np.square(windows), axis=2, out=out[:, 1:, 1:])
    np.cumsum(out[:, 1:, 1:], axis=1, out=out[:, 1:, 1:])
    return out


def _window_sums(pairs: np.ndarray, n_windows: int, length: int, step: int) -> np.ndarray:
    """Sums of `length` consecutive rows that start every `step` rows, in a fixed order."""
    columns = pairs.shape[1]
    row, item = pairs.strides
    whole, rest = divmod(length, step)
    total = np.zeros((n_windows, columns), pairs.dtype)
    if whole:
        n_blocks = n_windows + whole - 1
        blocks = pairs[: n_blocks * step].reshape(n_blocks, step, columns).sum(axis=1)
        total += _sliding_sums(blocks, whole)
    if rest:
        tail = np.lib.stride_tricks.as_strided(
            pairs[whole * step :],
            shape=(n_windows, rest, columns),
            strides=(step * row, row, item),
            writeable=False,
        )
        total += tail.sum(axis=1)
    return total


def _sliding_sums(blocks: np.ndarray, count: int) -> np.ndarray:
    """Sums of every `count` neighbouring rows, by doubling."""
    n_out = len(blocks) - count + 1
    total = np.zeros((n_out, blocks.shape[1]), blocks.dtype)
    run, length, done = blocks, 1, 0
    while count:
        if count & 1:
            total += run[done : done + n_out]
            done += length
        count >>= 1
        if count:
            run = run[:-length] + run[length:]
            length *= 2
    return total
