"""Velocity as a track over time: each window weighed with those before and after it.

Velocity is taken for a random walk. How far it walks from window to window is what makes the
windows most likely; then a Kalman filter runs forward and the Rauch-Tung-Striebel smoother [1]_
back.

References
----------
.. [1] H. E. Rauch, F. Tung, C. T. Striebel, "Maximum likelihood estimates of linear dynamic
   systems", AIAA Journal 3 (1965) 1445-1450.
.. [2] R. A. Fisher, "Tests of significance in harmonic analysis", Proceedings of the Royal Society
   of London A 125 (1929) 54-59.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.streaks import quality as judge
from cloudscope.analysis.streaks.measurement import WindowVelocities

__all__ = ["smooth_track", "smoothed"]

WALKS = np.geomspace(1e-4, 0.6, 17)
"""Standard deviations of a step that are tried, as shares of the typical speed."""

LARGEST_SURPRISE = 12.0
"""Squared deviation, in variances, beyond which a window loses weight, and the track does not.

A lone one is taken for an error. Two in a row are not on the track, and keep what was measured: a
stall of a few windows must not be smoothed away.
"""

MEDIAN_WINDOWS = 31
"""Windows over which standard deviations are made alike.

A window's own depends on its velocity: weighed by it, low velocities would count more.
"""

BEAT_SIGNIFICANCE = 1e-3
"""Chance that noise passes for a beat."""

FEWEST_FOR_BEAT = 16
"""Windows, without a line in common, among which a beat is looked for."""

FEWEST = 3
"""Windows in a row that are smoothed."""


def smoothed(
    windows: WindowVelocities, *, window: int, step: int, gap_lines: float, quality_limit: float
) -> WindowVelocities:
    """The windows with velocity, standard deviation, quality and status of the smoothed track.

    Windows without a velocity stay without; those of low quality may gain enough to be accepted.

    Parameters
    ----------
    windows : WindowVelocities
    window, step : int
        Lines of a window, and from one to the next.
    gap_lines : float
        Where no window is measured for longer, nothing is carried across.
    quality_limit : float
    """
    usable = np.isfinite(windows.velocity) & np.isin(
        windows.status, ("ok", "low quality", "ambiguous")
    )
    velocity, sd = windows.velocity.copy(), windows.sd.copy()
    index = np.flatnonzero(usable)
    if index.size == 0:
        return windows
    apart = np.flatnonzero(np.diff(windows.row_start[index]) > max(gap_lines, step)) + 1
    for part in np.split(index, apart):
        velocity[part], sd[part] = smooth_track(
            windows.velocity[part],
            windows.sd[part],
            windows.chance[part],
            windows.row_start[part] / step,
            overlap=max(1.0, window / step),
        )
    quality = np.where(usable, judge.quality(velocity, sd, windows.chance, window), windows.quality)
    status = windows.status.copy()
    again = usable & (status != "ambiguous")
    status[again] = np.where(quality[again] < quality_limit, "low quality", "ok")
    return replace(windows, velocity=velocity, sd=sd, quality=quality, status=status)


def smooth_track(
    velocity: np.ndarray,
    sd: np.ndarray,
    chance: np.ndarray,
    place: np.ndarray,
    *,
    overlap: float = 1.0,
) -> tuple[np.ndarray, np.ndarray]:
    """A track through velocities of known uncertainty, and its own.

    Parameters
    ----------
    velocity, sd : ndarray, shape (windows,)
    chance : ndarray
        That a window's velocity is of the right streaks at all.
    place : ndarray
        Position of the windows in time, in steps.
    overlap : float
        Windows that share a line: their errors are not independent, and count less by so much.

    Returns
    -------
    velocity, sd : ndarray

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> seen = 5 + rng.normal(0, 1, 200)
    >>> track, sd = smooth_track(seen, np.ones(200), np.ones(200), np.arange(200.0))
    >>> bool(np.abs(track - 5).max() < 0.5), bool(sd.max() < 0.5)
    (True, True)
    """
    if velocity.size < FEWEST:
        return velocity.copy(), sd.copy()
    typical = median_filter(sd, min(MEDIAN_WINDOWS, velocity.size | 1), mode="nearest")
    variance = np.square(np.maximum(typical, 1e-12)) / np.clip(chance, 0.02, 1)
    scale = max(float(np.median(np.abs(velocity))), float(np.median(typical)))
    walks = np.square(WALKS * scale)
    apart = max(1, round(overlap))
    likelihood = np.zeros(walks.size)
    for phase in range(min(apart, velocity.size)):
        likelihood += _likelihood(
            velocity[phase::apart], variance[phase::apart], place[phase::apart], walks
        )
    for walk in walks[likelihood.argmax() :].tolist():
        out, spread = _tracks(velocity, variance * overlap, place, walk, patience=apart + 2)
        if not _has_beat(velocity - out, apart):
            break
    smooth = np.minimum(np.sqrt(spread), typical)
    off = np.square(velocity - out) > LARGEST_SURPRISE * variance
    kept = off & (np.append(off[1:], False) | np.append(False, off[:-1]))
    return np.where(kept, velocity, out), np.where(kept, sd, smooth)


def _has_beat(rest: np.ndarray, apart: int) -> bool:
    """Whether what a track leaves is periodic: noise is not, and a beat must not be smoothed away.

    Tested on windows without a line in common, of which every `apart`-th is one, by the share of
    the highest peak in the periodogram [2]_.
    """
    length = rest.size // apart
    if length < FEWEST_FOR_BEAT:
        return False
    parts = rest[: length * apart].reshape(length, apart)
    power = np.square(np.abs(np.fft.rfft(parts - parts.mean(axis=0), axis=0)[1:])).sum(axis=1)
    if not power.sum() > 0:
        return False
    share = float(power.max() / power.sum())
    return bool(power.size * (1 - share) ** (power.size - 1) < BEAT_SIGNIFICANCE)


def _tracks(
    velocity: np.ndarray, variance: np.ndarray, place: np.ndarray, walk: float, *, patience: int
) -> tuple[np.ndarray, np.ndarray]:
    """One track after the other: the velocities and their variances."""
    out, spread = np.empty(velocity.size), np.empty(velocity.size)
    start = 0
    while start < velocity.size:
        now = slice(start, None)
        out[now], spread[now], used = _track(
            velocity[now], variance[now], place[now], walk, patience=patience
        )
        start += used
    return out, spread


def _likelihood(
    velocity: np.ndarray, variance: np.ndarray, place: np.ndarray, walks: np.ndarray
) -> np.ndarray:
    """Log likelihood of independent windows for each size of step."""
    state, spread = np.full(walks.size, velocity[0]), np.full(walks.size, variance[0])
    away, total = np.zeros(walks.size, int), np.zeros(walks.size)
    for v, r, gap in zip(velocity[1:], variance[1:], np.diff(place), strict=True):
        ahead = spread + walks * gap
        expected = ahead + r
        surprise = np.square(v - state) / expected
        excess = np.maximum(surprise / LARGEST_SURPRISE, 1)
        expected *= excess
        total -= 0.5 * (np.log(expected) + np.minimum(surprise, LARGEST_SURPRISE))
        gain = ahead / expected
        state = state + gain * (v - state)
        spread = ahead * (1 - gain)
        away = np.where(excess > 1, away + 1, 0)
        lost = away >= 2
        state, spread = np.where(lost, v, state), np.where(lost, r, spread)
        away[lost] = 0
    return total


def _track(
    velocity: np.ndarray, variance: np.ndarray, place: np.ndarray, walk: float, *, patience: int
) -> tuple[np.ndarray, np.ndarray, int]:
    """Filter and smoother up to where the velocity leaves the track for good, and how many that is.

    One window far off is an outlier; `patience` of them in a row are a stall, a reversal, a new
    speed, where a new track begins.
    """
    n = velocity.size
    state, spread = np.empty(n), np.empty(n)
    before, ahead = np.empty(n), np.empty(n)
    state[0], spread[0] = velocity[0], variance[0]
    away, used = 0, n
    for i in range(1, n):
        before[i] = state[i - 1]
        ahead[i] = spread[i - 1] + walk * (place[i] - place[i - 1])
        expected = ahead[i] + variance[i]
        surprise = (velocity[i] - before[i]) ** 2 / expected
        if surprise > LARGEST_SURPRISE:
            expected *= surprise / LARGEST_SURPRISE
            away += 1
            if away == patience:
                used = i + 1 - patience
                break
        else:
            away = 0
        gain = ahead[i] / expected
        state[i] = before[i] + gain * (velocity[i] - before[i])
        spread[i] = ahead[i] * (1 - gain)
    for i in range(used - 2, -1, -1):
        gain = spread[i] / ahead[i + 1]
        state[i] += gain * (state[i + 1] - before[i + 1])
        spread[i] += gain**2 * (spread[i + 1] - ahead[i + 1])
    return state, spread, used
