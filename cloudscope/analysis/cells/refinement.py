"""The velocity between the windows it was measured in, where wide lines show more than it says.

A window averages the beat of the heart. On a wide line a cell is seen for longer than a beat
lasts, and what the window has averaged away is many cells by then. Lines shifted by the measured
motion should lie on each other; what they are off, a few lines apart, is what is missing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.streaks.background import Background

__all__ = ["refined_speed"]

PIXELS = 1024
"""Pixels from which one correction is taken, ..."""

LEAST_LINES, MOST_LINES = 4, 32
"""...and limits on the lines they are on: half a usual window already says as much."""

PASSES = 2
"""The second finds what is left of strong beats."""

LAGS = (1, 2, 4, 8)
"""Lines apart that are compared."""

LEAST_OVERLAP = 0.25
"""Share of a line that must be in view on the later one too."""

REACH, LEAST_REACH = 0.35, 0.25
"""Largest correction: share of the speed, and pixels per line at any speed."""

TRIALS = 61
"""Corrections that are compared; a parabola finds the best between them."""

SHORTEST_WAVE_PX = 4.0
"""Finer structure than this is noise."""

FEWEST = 8
"""Corrections needed to tell their noise from what they say."""

BLOCK_PIXELS = 2**18

Checkpoint = Callable[[float], None]


def refined_speed(
    kymograph: np.ndarray,
    background: Background,
    speed: np.ndarray,
    measured: np.ndarray,
    *,
    checkpoint: Checkpoint,
) -> np.ndarray:
    """Speed at each line, corrected where lines say more than the windows did.

    Parameters
    ----------
    kymograph : ndarray, shape (lines, width)
    background : Background
    speed : ndarray, shape (lines,)
        Pixels per line, interpolated between windows.
    measured : ndarray of bool, shape (lines,)
        Where it is known. Elsewhere, and on narrow lines, it is left as it is.
    checkpoint : callable
        Called with the finished share.
    """
    n_lines, width = kymograph.shape
    group = max(LEAST_LINES, -(-PIXELS // width))
    if group > MOST_LINES or n_lines < 4 * group or not measured.any():
        return speed
    for turn in range(PASSES):

        def done(share: float, turn: int = turn) -> None:
            checkpoint((turn + share) / PASSES)

        middle, off = _corrections(kymograph, background, speed, measured, group, done)
        if off.size < FEWEST:
            return speed
        speed = speed + np.interp(np.arange(n_lines), middle, _without_noise(off))
    return speed


def _corrections(
    kymograph: np.ndarray,
    background: Background,
    speed: np.ndarray,
    measured: np.ndarray,
    group: int,
    checkpoint: Checkpoint,
) -> tuple[np.ndarray, np.ndarray]:
    """Lines in the middle of groups, and what is to be added to the speed there."""
    n_lines, width = kymograph.shape
    way = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]))])
    omega = 2 * np.pi * np.arange(1, int(2 * width / SHORTEST_WAVE_PX) + 1) / (2 * width)
    fast = float(np.quantile(np.abs(speed[measured]), 0.95))
    trial = np.linspace(-1, 1, TRIALS) * (REACH * fast + LEAST_REACH)
    turns = [lag * omega[:, None] * trial for lag in LAGS]
    turned = [(np.cos(angle), np.sin(angle)) for angle in turns]
    count = n_lines // group
    off, good = np.zeros(count), np.zeros(count, bool)
    per_block = max(1, BLOCK_PIXELS // (width * group))
    for first in range(0, count, per_block):
        groups = np.arange(first, min(first + per_block, count))
        start, stop = first * group, (int(groups[-1]) + 1) * group
        end = min(stop + max(LAGS), n_lines)
        spectra = np.fft.rfft(background.normalised(kymograph[start:end], start), 2 * width, axis=1)
        # Shifted by the way back, lines of one train lie on each other.
        shifted = omega * (way[start:end, None] - way[start])
        aligned = spectra[:, 1 : omega.size + 1] * (np.cos(shifted) + 1j * np.sin(shifted))
        own = speed[start:stop].reshape(-1, group).mean(axis=1)[:, None]
        score = np.zeros((groups.size, TRIALS))
        for lag, (cos, sin) in zip(LAGS, turned, strict=True):
            cross = np.zeros((stop - start, omega.size), complex)
            pairs = min(stop, n_lines - lag) - start
            cross[:pairs] = np.conj(aligned[:pairs]) * aligned[lag : lag + pairs]
            summed = cross.reshape(groups.size, group, -1).sum(axis=1)
            overlap = 1 - lag * np.abs(own + trial) / width
            seen = overlap.min(axis=1) > LEAST_OVERLAP
            score += np.where(
                seen[:, None],
                (summed.real @ cos - summed.imag @ sin) / np.maximum(overlap, LEAST_OVERLAP),
                0.0,
            )
        score[np.abs(trial) > REACH * np.abs(own) + LEAST_REACH] = -np.inf
        top = score.argmax(axis=1)
        best = np.clip(top, 1, TRIALS - 2)
        low, peak, high = np.take_along_axis(score, best[:, None] + [-1, 0, 1], axis=1).T
        good[groups] = (
            (top == best) & np.isfinite(low) & np.isfinite(high) & (low + high < 2 * peak)
        )
        good[groups] &= measured[start:stop].reshape(-1, group).all(axis=1)
        sure = groups[good[groups]]
        low, peak, high = (values[good[groups]] for values in (low, peak, high))
        part = 0.5 * (low - high) / (low - 2 * peak + high)
        off[sure] = trial[best[good[groups]]] + part * (trial[1] - trial[0])
        checkpoint(stop / n_lines)
    middle = np.arange(count) * group + 0.5 * (group + 0.5 * max(LAGS))
    return middle[good], off[good]


def _without_noise(off: np.ndarray) -> np.ndarray:
    """Corrections without strays, and shrunk by the share of them that is noise.

    A motion that windows averaged is smooth from one group to the next; noise is not.
    """
    noise = np.median(np.abs(np.diff(off, 2))) / (0.6745 * np.sqrt(6))
    shown = median_filter(off, 3, mode="nearest")
    power = float(np.square(shown).mean())
    # The median of three has about 0.45 of the variance of one.
    share = max(0.0, 1 - 0.45 * noise**2 / power) if power > 0 else 0.0
    smooth: np.ndarray = share * shown
    return smooth
