"""One height for many averages: brightness held to what it slowly does, up to a common factor."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from cloudscope.analysis.lumen.fit import Levels, LumenFit, fit_lumen

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.profiles import CylinderProfiles

__all__ = ["LEAST_STRAY", "fit_with_one_height", "held_height", "slow"]

LEAST_STRAY = 0.02
"""Share by which the height of an average may stray at least."""
_SLOW_AVERAGES = 31
_ROUNDS = 4
_SETTLED = 2e-3
"""Change of the common factor below which it is found."""


def slow(values: NDArray[np.float64], good: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The good of `values` as they change over 31 averages."""
    at = np.arange(values.size)
    filled = np.interp(at, at[good], values[good])
    found = median_filter(filled, size=min(_SLOW_AVERAGES, values.size), mode="nearest")
    return np.asarray(found, dtype=np.float64)


def held_height(levels: Levels, fit: LumenFit, noise_sd: NDArray[np.float64]) -> Levels:
    """`levels` with the heights of a free fit, smoothed, and how far averages stray from them."""
    good = np.isfinite(fit.height) & (fit.height > 0) & (fit.height_sd < fit.height)
    if good.sum() < 3:
        return levels
    height = slow(fit.height, good)
    scatter = 1.4826 * float(np.median(np.abs(fit.height - height)[good]))
    chance = float(np.median(fit.height_sd[good]))
    stray = np.hypot(LEAST_STRAY * height, np.sqrt(max(scatter**2 - 1.5 * chance**2, 0.0)))
    return replace(levels, height=height, height_sd=stray, noise_variance=noise_sd**2)


def fit_with_one_height(
    image: NDArray[np.float32],
    centre_px: NDArray[np.float64],
    diameter_px: NDArray[np.float64],
    profiles: CylinderProfiles,
    levels: Levels,
    pads_px: tuple[float, float],
    good: NDArray[np.bool_] | slice = slice(None),
    start: LumenFit | None = None,
) -> tuple[LumenFit, Levels]:
    """Fit averages whose expected heights are right but for one factor, which is found with them.

    The cost of all averages is nearly a parabola in that factor: its slope is the sum of how far
    heights stray from the expected ones, and its bend what is left of their weight once every
    average has made up its mind, so that a few Newton steps find the lowest point. Only the `good`
    averages count.

    Returns
    -------
    LumenFit, Levels
        The fit, and `levels` with the heights that it was held to.
    """
    where = centre_px, diameter_px, profiles
    fit = fit_lumen(image, *where, levels, pads_px, start)
    if not np.isfinite(levels.height_sd).all():
        return fit, levels
    for _ in range(_ROUNDS):
        weight = levels.height**2 / levels.height_sd**2
        slope = float(np.sum((weight * (fit.height / levels.height - 1.0))[good]))
        told = np.clip(1.0 - (fit.height_sd / levels.height_sd) ** 2, 0.0, 1.0)
        bend = float(np.sum((weight * told)[good]))
        change = float(np.clip(slope / max(bend, 1e-9), -0.3, 0.3))
        if abs(change) < _SETTLED:
            break
        levels = replace(levels, height=(1.0 + change) * levels.height)
        fit = fit_lumen(image, *where, levels, pads_px, fit)
    return fit, levels
