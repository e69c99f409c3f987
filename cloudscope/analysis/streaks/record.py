"""What a whole recording says of its signal: strength, cell length, flicker, static amplitude."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["RecordTraits", "blur_for", "column_gain", "common_mode", "resolved_speed"]


LEAST_SIGNAL = 0.02
"""Correlation of adjacent columns below which there are no cells to take a length from..."""

LEAST_OF_FLICKER = 0.1
"""...or below this share of the flicker, which is not known better."""


@dataclass(frozen=True)
class RecordTraits:
    """Properties of a recording that all its windows share.

    Attributes
    ----------
    gain : ndarray of float32, shape (shifts,)
        Factor on the correlation that undoes a static amplitude profile along the line.
    flicker : float
        Correlation that the columns of one line share beyond what moves.
    resolved_px_per_line : float
        Fastest speed whose cells are seen on at least two lines at a fixed column.
    signal_share : float
        Typical share of what moves in the variance of a pixel.
    """

    gain: np.ndarray
    flicker: float
    resolved_px_per_line: float
    signal_share: float
    neighbour_ratio: float

    def share_of(self, neighbour_rho: np.ndarray) -> np.ndarray:
        """Share of signal in windows whose adjacent columns correlate as given."""
        near = neighbour_rho - self.flicker
        return np.clip(near / min(max(self.neighbour_ratio, 0.5), 1.0), 0.02, 0.97)

    def flicker_drowns_line_mean(self, width: int) -> bool:
        """Whether the mean of a line says more of flicker than of the cells on it.

        Cells hold about as much of the variance of a line's mean as their length is of the line.
        On a line of few cells the mean is their signal, and is never taken off.
        """
        return self.flicker > self.resolved_px_per_line / width < 0.25

    @property
    def snr(self) -> float:
        """Signal-to-noise ratio of a pixel: ratio of standard deviations."""
        return float(np.sqrt(self.signal_share / (1 - self.signal_share)))

    def corrected(self, rho: np.ndarray, sampling: Sampling) -> np.ndarray:
        """`rho` with the static amplitude and the flicker taken out."""
        out: np.ndarray = rho * self.gain
        if sampling.lags[0] == 0 and self.flicker:
            out[:, 0, : sampling.reach] -= np.float32(self.flicker)
            out[:, 0, sampling.reach + 1 :] -= np.float32(self.flicker)
        return out


def column_gain(neighbour_covariance: np.ndarray, reach: int) -> np.ndarray:
    """Overlap of a flat line over the overlap of the signal's amplitude along the line.

    A fixed profile of signal amplitude (noise-only columns beside the vessel, shadows) correlates
    best with itself at shift 0 and pulls every velocity towards it; dividing by its own overlap
    removes the pull. Where no signal is seen, the gain is 1.
    """
    width = neighbour_covariance.size + 1
    median = float(np.median(neighbour_covariance))
    if median <= 0.05:
        return np.ones(2 * reach + 1, np.float32)
    power = neighbour_covariance
    if width > 8:
        padded = np.pad(power, 1, mode="edge")
        power = 0.5 * padded[1:-1] + 0.25 * (padded[:-2] + padded[2:])
    ends = np.pad(power, 1, mode="edge")
    power = 0.5 * (ends[1:] + ends[:-1])  # from between two columns to each column
    amplitude = np.sqrt(np.clip(power / median, 0.02, 25))
    own = np.correlate(amplitude, amplitude, "full")[width - 1 - reach : width + reach]
    flat = width - np.abs(np.arange(-reach, reach + 1))
    gain: np.ndarray = np.clip(flat / width * own[reach] / own, 0.4, 2.5).astype(np.float32)
    return gain


def common_mode(pooled: np.ndarray, reach: int) -> float:
    """Correlation at lag 0 above what its neighbours in time predict: flicker and dropped lines.

    Parameters
    ----------
    pooled : ndarray, shape (lags, shifts)
        Correlation pooled over windows; lags from 0.
    """
    later, latest = pooled[1], pooled[2]
    predicted = (4 * (later + later[::-1]) - (latest + latest[::-1])) / 6
    excess = np.delete(pooled[0] - predicted, reach)
    return max(0.0, float(np.median(excess)))


def resolved_speed(profile: np.ndarray, flicker: float = 0.0) -> float:
    """Shift at which the correlation within a line falls to half, px; at least 1.

    A cell must be seen on two lines or more at a fixed column for its passage to be timed there,
    so this is also the fastest speed, in px/line, that can be timed.
    """
    if profile[0] < max(LEAST_SIGNAL, LEAST_OF_FLICKER * flicker):
        return 1.0
    shape = profile / profile[0]
    below = np.nonzero(shape < 0.5)[0]
    if below.size == 0:
        return float(shape.size)
    k = int(below[0])
    return max(1.0, float(k - (0.5 - shape[k]) / (shape[k - 1] - shape[k] + 1e-9)))


def blur_for(snr: float) -> float:
    """Smoothing of the correlation, px, that lost least on cells of 7 px: more for weak signal."""
    return float(np.clip(max(snr, 1e-3) ** -0.4, 0.5, 2.0))
