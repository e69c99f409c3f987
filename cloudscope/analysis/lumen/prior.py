"""A prior over time: neighbouring lines know of each other, as far as the vessel holds still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["smoothed_over_time"]

_LEARN_LINES = 4096
_WANDERS = np.geomspace(1e-6, 3.0, 14)
"""Variances of the step from line to line that are tried, over the variance of a line."""
_FAR = 9.0
"""Squared surprise, in units of its variance, beyond which a line weighs less."""


def smoothed_over_time(
    value: NDArray[np.float64], sd: NDArray[np.float64], usable: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Best estimate of every usable line from all of them, if the truth is a random walk.

    A Kalman filter forward and the smoother of Rauch, Tung and Striebel backward. How far the
    truth walks from line to line is what makes the recording most likely; so a vessel that beats
    fast is hardly smoothed, and the standard deviation says by how much it is.

    Returns
    -------
    value, sd : ndarray, shape (lines,)
        As they were where not usable.
    wander_sd : float
        Standard deviation of the walk from one line to the next; NaN for fewer than 8 lines.
    """
    index = np.flatnonzero(usable)
    if index.size < 8:
        return value, sd, float("nan")
    seen, variance = value[index], np.maximum(sd[index] ** 2, 1e-18)
    gaps = np.diff(index, prepend=index[0]).astype(np.float64)
    wander = _likely_wander(seen, variance, gaps)
    smooth, left = _smoother(seen, variance, gaps, wander)
    out_value, out_sd = value.copy(), sd.copy()
    out_value[index], out_sd[index] = smooth, np.sqrt(left)
    return out_value, out_sd, float(np.sqrt(wander))


def _likely_wander(
    seen: NDArray[np.float64], variance: NDArray[np.float64], gaps: NDArray[np.float64]
) -> float:
    first = max((seen.size - _LEARN_LINES) // 2, 0)
    part = slice(first, first + _LEARN_LINES)
    wander = _WANDERS * float(np.median(variance))
    mean = np.full(wander.size, float(np.median(seen[part][:15])))
    spread = np.full(wander.size, float(np.var(seen[part])) + float(np.median(variance)))
    cost = np.zeros(wander.size)
    for value, noise, gap in zip(
        seen[part].tolist(), variance[part].tolist(), gaps[part].tolist(), strict=True
    ):
        spread = spread + gap * wander
        surprise = value - mean
        whole = spread + noise
        far = np.minimum(surprise * surprise / whole, _FAR)
        cost += np.log(whole) + far
        gain = spread / (whole + np.maximum(surprise * surprise / _FAR - whole, 0.0))
        mean = mean + gain * surprise
        spread = spread * (1.0 - gain)
    at = int(np.clip(np.argmin(cost), 1, wander.size - 2))
    below, here, above = cost[at - 1 : at + 2]
    bend = below - 2.0 * here + above
    shift = float(np.clip(0.5 * (below - above) / bend, -1.0, 1.0)) if bend > 0 else 0.0
    return float(np.exp(np.interp(at + shift, np.arange(wander.size), np.log(wander))))


def _smoother(
    seen: NDArray[np.float64],
    variance: NDArray[np.float64],
    gaps: NDArray[np.float64],
    wander: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = seen.size
    means, spreads = [0.0] * count, [0.0] * count
    mean = float(np.median(seen[:15]))
    spread = float(np.var(seen)) + float(variance[0])
    for k, (value, noise, gap) in enumerate(
        zip(seen.tolist(), variance.tolist(), gaps.tolist(), strict=True)
    ):
        spread += gap * wander
        surprise = value - mean
        whole = max(spread + noise, surprise * surprise / _FAR)
        gain = spread / whole
        mean += gain * surprise
        spread *= 1.0 - gain
        means[k], spreads[k] = mean, spread
    steps = gaps.tolist()
    for k in range(count - 2, -1, -1):
        ahead = spreads[k] + steps[k + 1] * wander
        back = spreads[k] / ahead
        means[k] += back * (means[k + 1] - means[k])
        spreads[k] += back * back * (spreads[k + 1] - ahead)
    return np.array(means), np.maximum(np.array(spreads), 0.0)
