"""What a whole recording says of its signal: strength, cell length, flicker, static amplitude."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cloudscope.analysis.streaks.background import FEW_COLUMNS
from cloudscope.analysis.streaks.correlation import Correlator, normalised
from cloudscope.analysis.streaks.sampling import Sampling, ray_table
from cloudscope.analysis.streaks.windows import WindowedRecording, batches

__all__ = [
    "TYPICAL_BLUR_PX",
    "RecordTraits",
    "blur_for",
    "column_gain",
    "common_mode",
    "measure_traits",
    "resolved_speed",
]

PROBE_COLUMNS = 4000
"""Columns of all the windows, spread over the recording, from which its traits are taken."""

FEWEST_PROBES, MOST_PROBES = 16, 100
"""Limits on the number of those windows."""

TYPICAL_BLUR_PX = 1.2
"""Smoothing of wide lines as long as their signal-to-noise ratio is not known."""

LEAST_SIGNAL, MOST_SIGNAL = 0.02, 0.97
"""Limits on a share of signal. Below the first there are no cells to take a length from..."""

LEAST_OF_MEDIAN = 0.02
"""A covariance of columns counts as this share of the median one at least."""

SMOOTH_AMPLITUDES = 0.05
"""Weight of smoothness of the amplitudes of a few columns beside that of a covariance."""

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
    neighbour_ratio : float
        What adjacent columns have of the correlation of cells with themselves, 0.5 to 1.
    signal_share : float
        Typical share of what moves in the variance of a pixel.
    """

    gain: np.ndarray
    flicker: float
    resolved_px_per_line: float
    neighbour_ratio: float
    signal_share: float

    def share_of(self, neighbour_rho: np.ndarray) -> np.ndarray:
        """Share of signal in windows whose adjacent columns correlate as given."""
        share = (neighbour_rho - self.flicker) / self.neighbour_ratio
        return np.clip(share, LEAST_SIGNAL, MOST_SIGNAL)

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

    def rho(self, products: np.ndarray, energies: np.ndarray, sampling: Sampling) -> np.ndarray:
        """Correlation from its sums, with static amplitude and flicker taken out."""
        rho = normalised(products, energies, self.gain)
        if sampling.lags[0] == 0 and self.flicker:
            rho[:, 0, : sampling.reach] -= np.float32(self.flicker)
            rho[:, 0, sampling.reach + 1 :] -= np.float32(self.flicker)
        return rho


def measure_traits(recording: WindowedRecording) -> RecordTraits:
    """Traits of a recording, from windows spread evenly over it."""
    sampling = recording.sampling
    n_windows = recording.starts.size
    count = int(np.clip(PROBE_COLUMNS // sampling.width, FEWEST_PROBES, MOST_PROBES))
    probes = np.arange(0, n_windows, max(1, n_windows // count))
    background = recording.background
    gain = column_gain(background.neighbour_covariance, sampling.reach, background.next_covariance)
    pooled = _pooled_correlation(recording, probes) * gain
    flicker = common_mode(pooled, sampling.reach)
    profile = pooled[0, sampling.reach :] - flicker
    # Noise correlates with itself at shift 0: what cells have there follows from beside it.
    profile[0] = (4 * profile[1] - profile[2]) / 3 if sampling.width > 4 else profile[1]
    resolved = round(min(resolved_speed(profile, flicker), 0.85 * sampling.reach), 1)
    ratio = float(np.clip(profile[1] / max(profile[0], 1e-6), 0.5, 1.0))
    traits = RecordTraits(gain, flicker, resolved, ratio, signal_share=0.5)
    return replace(traits, signal_share=_signal_share(recording, probes, traits))


def _pooled_correlation(recording: WindowedRecording, probes: np.ndarray) -> np.ndarray:
    """Correlation at lags 0, 1 and 2 of all the probes together, shape (3, shifts)."""
    sampling = recording.sampling
    near = Sampling(sampling.width, sampling.window, (0, 1, 2), sampling.reach)
    correlator = Correlator(near, sampling.window)
    products, energies = np.zeros((2, 3, sampling.shifts))
    for part in batches(probes, 8):
        lines = recording.gathered(part).reshape(-1, sampling.width)
        for total, sums in zip((products, energies), correlator.correlate(lines), strict=True):
            for each in sums:  # one by one: the order of the sum must not depend on the batch
                total += each
    return normalised(products, energies)


def _signal_share(recording: WindowedRecording, probes: np.ndarray, traits: RecordTraits) -> float:
    """Median over the probes of the mean correlation along the best ray."""
    sampling = recording.sampling
    rays = ray_table(
        sampling, traits.resolved_px_per_line if sampling.narrow else 1.0, recording.blur_px
    )
    share = []
    for part in batches(probes, 8):
        rho = traits.rho(*recording.correlate_single(part), sampling)
        sums = rays.sums(rho)
        for window in range(len(part)):
            # Where the flow changes fast, a short span shows more of the signal than the whole.
            peak = (sums[:, window] / rays.noise_sd).argmax()
            share.append(sums[:, window].flat[peak] / rays.weight.flat[peak])
    return float(np.clip(np.median(share), LEAST_SIGNAL, MOST_SIGNAL))


def column_gain(
    neighbour_covariance: np.ndarray, reach: int, next_covariance: np.ndarray | None = None
) -> np.ndarray:
    """Overlap of a flat line over the overlap of the signal's amplitude along the line.

    A fixed profile of signal amplitude (noise-only columns beside the vessel, shadows) correlates
    best with itself at shift 0 and pulls every velocity towards it; dividing by its own overlap
    removes the pull. Where no signal is seen, the gain is 1.

    Parameters
    ----------
    neighbour_covariance : ndarray, shape (width - 1,)
    reach : int
    next_covariance : ndarray, shape (width - 2,), optional
        Of columns two apart: given on a line of few columns, where each column counts.
    """
    width = neighbour_covariance.size + 1
    median = float(np.median(neighbour_covariance))
    if median <= 0.05:
        return np.ones(2 * reach + 1, np.float32)
    if next_covariance is not None and width <= FEW_COLUMNS:
        amplitude = _amplitudes(neighbour_covariance, next_covariance, LEAST_OF_MEDIAN * median)
    else:
        padded = np.pad(neighbour_covariance, 1, mode="edge")
        power = 0.5 * padded[1:-1] + 0.25 * (padded[:-2] + padded[2:])
        ends = np.pad(power, 1, mode="edge")
        power = 0.5 * (ends[1:] + ends[:-1])  # from between two columns to each column
        amplitude = np.sqrt(np.clip(power / median, LEAST_OF_MEDIAN, 25))
    own = np.correlate(amplitude, amplitude, "full")[width - 1 - reach : width + reach]
    flat = width - np.abs(np.arange(-reach, reach + 1))
    gain: np.ndarray = np.clip(flat / width * own[reach] / own, 0.4, 2.5).astype(np.float32)
    return gain


def _amplitudes(near: np.ndarray, next_: np.ndarray, least: float) -> np.ndarray:
    """Amplitude of the signal in each column, from covariances of columns one and two apart.

    A covariance is the product of both amplitudes and of what cells have in common over that
    distance: in logarithms, a sum. The smoothest amplitudes are taken where it leaves a choice.
    """
    width = near.size + 1
    rows = np.zeros((near.size + next_.size + width - 2, width + 2))
    for apart, first in ((1, 0), (2, near.size)):
        line = np.arange(width - apart)
        rows[first + line, line] = rows[first + line, line + apart] = 1
        rows[first + line, width + apart - 1] = 1
    line = np.arange(width - 2)
    smooth = near.size + next_.size + line
    rows[smooth, line] = rows[smooth, line + 2] = SMOOTH_AMPLITUDES
    rows[smooth, line + 1] = -2 * SMOOTH_AMPLITUDES
    found = np.concatenate([near, next_])
    weight = np.append(np.maximum(found, least), np.ones(width - 2))
    wanted = np.append(np.log(np.maximum(found, least)), np.zeros(width - 2))
    weight[: found.size] /= weight[: found.size].max()
    log_amplitude = np.linalg.lstsq(rows * weight[:, None], wanted * weight, rcond=None)[0][:width]
    out: np.ndarray = np.exp(log_amplitude - log_amplitude.mean())
    return out


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


def blur_for(snr: float, lines: float = 5.0) -> float:
    """Smoothing of the correlation, px, that loses least on cells of 7 px: more for weak signal.

    The best filter passes the wavenumbers at which the pattern, seen on so many lines, is above
    the noise; its width follows from the spectrum of blurred boxes.

    Parameters
    ----------
    snr : float
        Signal-to-noise ratio of a pixel.
    lines : float
        On which a streak is seen.
    """
    blur = float(np.clip(1.36 * (lines * max(snr, 1e-3) ** 2) ** -0.2, 0.4, 2.5))
    return round(blur, 1)  # few different ones: the tables of rays are kept
