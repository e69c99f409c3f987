"""What is beside the vessel: tissue, how it slopes, and where a neighbour begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.lumen.noise import noise_variance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.locate import Track

__all__ = ["neighbour_gaps", "tissue_tilt", "wall_pads"]

_RISE = 0.08
"""Share of the height by which brightness rises again where a neighbour begins."""
_GROUP = 8
"""Averages in a row on which the distance of a neighbour is found."""


def _outward(
    averages: NDArray[np.float32], walls: NDArray[np.float64], sign: int, reach: int
) -> NDArray[np.float64]:
    """Mean brightness at 0, 1, 2, … columns outward from a wall, as far as there is a line."""
    column = np.rint(walls).astype(np.intp)[:, None] + sign * np.arange(reach)
    inside = (column >= 0) & (column < averages.shape[1])
    values = np.take_along_axis(averages, np.clip(column, 0, averages.shape[1] - 1), axis=1)
    seen = inside.sum(axis=0) > 0.5 * walls.size
    mean: NDArray[np.float64] = np.where(inside, values, 0.0).sum(axis=0)[seen]
    mean = mean / inside.sum(axis=0)[seen]
    return mean


def _onset(outward: NDArray[np.float64], rise: float) -> float:
    """How far out brightness rises again; infinite if it does not."""
    rising = np.flatnonzero(outward > np.minimum.accumulate(outward) + rise)
    return float(rising[0]) if rising.size else np.inf


def wall_pads(averages: NDArray[np.float32], track: Track, blur_px: float) -> tuple[float, float]:
    """How far past the left and right wall there is nothing but tissue (px).

    The profile averaged from the wall outward falls to the tissue and, where there is a
    neighbour, rises again; pixels count up to one blur before that.
    """
    most = 4.0 * blur_px + 4.0
    good = np.flatnonzero(track.measured)
    height = float(np.median((track.lumen - track.tissue)[good]))
    reach = int(most + 3.0 * blur_px) + 2
    pads = []
    for wall, sign in ((track.left_px, -1), (track.right_px, 1)):
        end = _onset(_outward(averages[good], wall[good], sign, reach), _RISE * height) - blur_px
        pads.append(float(np.clip(end, 1.5 * blur_px + 1.0, most)))
    return pads[0], pads[1]


def neighbour_gaps(
    averages: NDArray[np.float32], track: Track, blur_px: float
) -> NDArray[np.float64]:
    """How far from the nearer wall another vessel begins, for every average (px).

    Returns
    -------
    ndarray, shape (averages,)
        Infinite where there is none within some blurs.
    """
    count = track.left_px.size
    good = np.flatnonzero(track.measured)
    reach = int(7.0 * blur_px) + 6
    noise = np.sqrt(noise_variance(averages))
    starts = np.arange(0, good.size, _GROUP)
    gap, at = np.empty(starts.size), np.empty(starts.size)
    for k, start in enumerate(starts):
        group = good[start : start + _GROUP]
        height = float(np.median((track.lumen - track.tissue)[group]))
        rise = max(_RISE * height, 5.0 * noise / np.sqrt(group.size))
        gap[k] = min(
            _onset(_outward(averages[group], wall[group], sign, reach), rise)
            for wall, sign in ((track.left_px, -1), (track.right_px, 1))
        )
        at[k] = group.mean()
    found: NDArray[np.float64] = gap[_nearest(at, np.arange(count))]
    return found


def _nearest(at: NDArray[np.float64], where: NDArray[np.intp]) -> NDArray[np.intp]:
    """Of places in ascending order the one nearest to each of `where`, the first of two alike."""
    after = np.clip(np.searchsorted(at, where), 0, at.size - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(where - at[before]) <= np.abs(where - at[after])
    return np.where(nearer, before, after)


def tissue_tilt(
    averages: NDArray[np.float32], track: Track, blur_px: float, pads: tuple[float, float]
) -> float:
    """Change of the tissue's brightness per column, from one side of the vessel to the other.

    The walls hardly depend on it, but the section found from the profile does.
    """
    good = np.flatnonzero(track.measured)
    column = np.arange(averages.shape[1])
    left, right = track.left_px[good, None], track.right_px[good, None]
    clear = 2.0 * blur_px
    sides = (
        (column <= left - clear) & (column >= left - pads[0]),
        (column >= right + clear) & (column <= right + pads[1]),
    )
    counts = [side.sum(axis=1) for side in sides]
    both = (counts[0] > 0) & (counts[1] > 0)
    if both.mean() < 0.5:
        return 0.0

    def mean(values: NDArray[Any], side: int) -> NDArray[np.float64]:
        total = (values * sides[side]).sum(axis=1)[both]
        return np.asarray(total / counts[side][both], dtype=np.float64)

    rise = mean(averages[good], 1) - mean(averages[good], 0)
    return float(np.median(rise / (mean(column, 1) - mean(column, 0))))
