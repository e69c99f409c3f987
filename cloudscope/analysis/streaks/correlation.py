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
from scipy import fft, special

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["Correlator", "normalised"]

BAND = 0.55
"""Share of the wavenumbers kept on wide lines: optical blur leaves nothing above it."""


LAGS_TOGETHER = 40_000
"""Numbers that are worked on at once: they stay in the processor's cache."""

ENERGY_STEP = 2.0**-20
"""Squares of pixels, of mean 1, are rounded to multiples of this power of two."""


def normalised(
    products: np.ndarray, energies: np.ndarray, gain: np.ndarray | None = None
) -> np.ndarray:
    """``rho = 2 C / E``, and 0 where the pairs hold next to none of the window's energy.

    Parameters
    ----------
    products, energies : ndarray of float32, shape (..., lags, shifts)
        Neither is kept.
    gain : ndarray, shape (shifts,), optional
        Factor on rho.
    """
    middle = energies.shape[-1] // 2  # where all columns overlap
    least = np.maximum(1e-5 * energies[..., middle].max(axis=-1), 1e-6)
    rho: np.ndarray = products
    rho *= np.float32(2) if gain is None else (2 * gain).astype(np.float32)
    rho /= np.maximum(energies, least[..., None, None], out=energies)
    return rho


def smoothed_distance(shift: np.ndarray, blur_px: float) -> np.ndarray:
    """``abs(shift)``, smoothed by a Gaussian."""
    if blur_px == 0:
        distance: np.ndarray = np.abs(np.asarray(shift, np.float64))
        return distance
    turn = shift / (np.sqrt(2) * blur_px)
    peak = blur_px * np.sqrt(2 / np.pi) * np.exp(-np.square(turn))
    out: np.ndarray = shift * special.erf(turn) + peak
    return out


class Correlator:
    """Correlations of all windows of a stretch of lines.

    Every number of a window depends on the lines of that window only, summed in an order fixed by
    `step`: the same window in another stretch gives the same bits.

    Parameters
    ----------
    sampling : Sampling
    step : int
        Lines from one window to the next.
    blur_px : float
        Standard deviation of a Gaussian with which products, not energies, are smoothed along
        shift; see `Sampling.displaced`.
    """

    def __init__(self, sampling: Sampling, step: int, blur_px: float = 0.0) -> None:
        self.sampling = sampling
        self.step = step
        self.n_fft = fft.next_fast_len(sampling.width + sampling.reach, real=True)
        all_wavenumbers = self.n_fft // 2 + 1
        self.kept = all_wavenumbers
        if not sampling.narrow:
            self.kept = max(4, int(np.ceil(BAND * all_wavenumbers)))
        wavenumber = 2 * np.pi * np.arange(self.kept) / self.n_fft
        # Each of the two lines of a product carries half of the smoothing.
        near = np.arange(-min(sampling.reach, 4), min(sampling.reach, 4) + 1)
        self.near = slice(sampling.reach + near[0], sampling.reach + near[-1] + 1)
        self.rounding = (smoothed_distance(near, blur_px) - np.abs(near)).astype(np.float32)
        self.response = np.exp(-np.square(0.5 * blur_px * wavenumber)).astype(np.float32)

    def correlate(
        self, lines: np.ndarray, spectrum: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Product sums and energy sums of consecutive windows.

        Parameters
        ----------
        lines : ndarray of float32, shape (step * (windows - 1) + window, width)
        spectrum : ndarray of complex64, optional
            ``self.spectra(lines)`` if it is at hand.

        Returns
        -------
        products, energies : ndarray of float32, shape (windows, lags, shifts)
        """
        sampling, step = self.sampling, self.step
        n_windows = (len(lines) - sampling.window) // step + 1
        spectrum = self.spectra(lines) if spectrum is None else spectrum
        conjugate, pairs = spectrum.conj(), np.empty_like(spectrum)
        sums = np.empty((n_windows, len(sampling.lags), self.kept), np.complex64)
        for j, lag in enumerate(sampling.lags):
            of_lag = pairs[: len(lines) - lag]
            np.multiply(conjugate[: len(lines) - lag], spectrum[lag:], out=of_lag)
            sums[:, j] = _window_sums(of_lag, n_windows, sampling.window - lag, step)
        return self._to_shifts(sums), self._window_energies(lines, n_windows)

    def _window_energies(self, lines: np.ndarray, n_windows: int) -> np.ndarray:
        sampling, lags = self.sampling, self.sampling.lags
        above = _cumulative_energy(lines)

        def at(line: int) -> np.ndarray:
            """Energy above this line of each window."""
            return above[line :: self.step][:n_windows]

        begin, end = at(0), at(sampling.window)
        energies = np.empty((n_windows, len(lags), sampling.shifts), np.float32)
        together = max(1, LAGS_TOGETHER // begin.size)
        earlier = np.empty((n_windows, together, sampling.width + 1), np.float32)
        later = np.empty_like(earlier)
        for first in range(0, len(lags), together):
            now = lags[first : first + together]
            for j, lag in enumerate(now):
                np.subtract(at(sampling.window - lag), begin, out=earlier[:, j])
                np.subtract(end, at(lag), out=later[:, j])
            out = energies[:, first : first + together]
            self._put_energies(earlier[:, : len(now)], later[:, : len(now)], out)
            out *= np.float32(ENERGY_STEP)
        return energies

    def leave_out(self, windows: np.ndarray, parts: int) -> tuple[np.ndarray, np.ndarray]:
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
        products, energies : ndarray of float32, shape (windows, parts, lags, shifts)
        """
        sampling = self.sampling
        shape = (len(windows), parts, len(sampling.lags))
        spectrum = self.spectra(windows)
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
        energies = np.empty((*shape, sampling.shifts), np.float32)
        self._put_energies(earlier, later, energies)
        return self._to_shifts(sums), energies

    def spectra(self, lines: np.ndarray) -> np.ndarray:
        """Half-smoothed Fourier transforms of lines, zeros behind them, up to the kept band."""
        spectra: np.ndarray = fft.rfft(lines, self.n_fft, axis=-1)[..., : self.kept] * self.response
        return spectra

    def _to_shifts(self, sums: np.ndarray) -> np.ndarray:
        reach = self.sampling.reach
        circular = fft.irfft(sums, self.n_fft, axis=-1)
        out = np.empty((*sums.shape[:-1], self.sampling.shifts), np.float32)
        out[..., :reach] = circular[..., self.n_fft - reach :]
        out[..., reach:] = circular[..., : reach + 1]
        return out

    def _put_energies(self, earlier: np.ndarray, later: np.ndarray, out: np.ndarray) -> None:
        """Energy of the overlapping columns from energies left of each column boundary.

        Parameters
        ----------
        earlier, later : ndarray of float32, shape (..., width + 1)
            Of the first lines of the pairs, and of the second.
        out : ndarray of float32, shape (..., shifts)
        """
        width, reach = self.sampling.width, self.sampling.reach
        ahead, back = out[..., reach:], out[..., :reach]
        np.subtract(later[..., width:], later[..., : reach + 1], out=ahead)
        ahead += earlier[..., width - reach :][..., ::-1]
        np.subtract(earlier[..., width:], earlier[..., reach:0:-1], out=back)
        back += later[..., width - reach : width]
        # Overlap is kinked at shift 0, its smoothed products are not.
        kink = out[..., reach] - 0.5 * (out[..., reach - 1] + out[..., reach + 1])
        out[..., self.near] -= kink[..., None] * self.rounding


def _cumulative_energy(lines: np.ndarray) -> np.ndarray:
    """Energy above each line and left of each column boundary, in units of `ENERGY_STEP`.

    Sums of whole numbers are exact, so that differences of sums do not depend on where the sums
    begin.

    Returns
    -------
    ndarray of int64, shape (lines + 1, width + 1)
    """
    n_lines, width = lines.shape
    squares = lines * np.float32(ENERGY_STEP**-0.5)
    squares *= squares
    np.rint(squares, out=squares)
    out = np.zeros((n_lines + 1, width + 1), np.int64)
    inside = out[1:, 1:]
    np.copyto(inside, squares, casting="unsafe")
    np.cumsum(inside, axis=1, out=inside)
    np.cumsum(inside, axis=0, out=inside)
    return out


def _window_sums(pairs: np.ndarray, n_windows: int, length: int, step: int) -> np.ndarray:
    """Sums of `length` consecutive rows that start every `step` rows, in a fixed order.

    Parameters
    ----------
    pairs : ndarray of complex64, shape (rows, columns)
    """
    columns = pairs.shape[1]
    row, item = pairs.strides
    whole, rest = divmod(length, step)
    total = np.zeros((n_windows, columns), pairs.dtype)
    if whole:
        n_blocks = n_windows + whole - 1
        parts = pairs[: n_blocks * step].view(np.float32).reshape(n_blocks, step, 2 * columns)
        blocks = np.matmul(np.ones((1, step), np.float32), parts)[:, 0].view(np.complex64)
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
