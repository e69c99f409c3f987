"""How much to smooth along the line before walls are read off it, and what noise that leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LEAST_SMOOTHING_PX", "chosen_smoothing_px", "honest_factor", "smoothed", "wall_sd_px"]

LEAST_SMOOTHING_PX = 0.5
"""Of a slope; pixels are no closer than this to being continuous."""
_USUAL_PX = 0.8
_WANTED_SHARE = 0.02
"""Standard deviation of a diameter, as a share of it, from which more smoothing is not needed."""
_BEST_BLURS = {"crossing": 1.0, "slope": float(np.sqrt(5.0))}
"""Smoothing that leaves a wall of one blur least uncertain: more takes away the wall itself."""


def wall_sd_px(
    kind: Literal["crossing", "slope"],
    smoothing_px: NDArray[np.float64] | float,
    blur_px: float,
    noise_to_height: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Standard deviation of one wall of a box: white noise over how steep the wall is there.

    For a crossing the noise of the brightness over its slope, for the largest slope the noise of
    the second derivative over the third; all after the smoothing.
    """
    s = np.asarray(smoothing_px, dtype=np.float64)
    whole = np.sqrt(blur_px**2 + s**2)
    if kind == "crossing":
        left = np.minimum((2.0 * np.sqrt(np.pi) * np.maximum(s, 1e-6)) ** -0.5, 1.0)
        return np.asarray(noise_to_height * left * np.sqrt(2.0 * np.pi) * whole)
    left = np.sqrt(3.0 / (8.0 * np.sqrt(np.pi) * s**5))
    return np.asarray(noise_to_height * left * np.sqrt(2.0 * np.pi) * whole**3)


def chosen_smoothing_px(
    kind: Literal["crossing", "slope"], blur_px: float, diameter_px: float, noise_to_height: float
) -> float:
    """The least smoothing with which noise matters little, or the one with which least."""
    most = max(_USUAL_PX, min(_BEST_BLURS[kind] * blur_px, diameter_px / 6.0))
    tried = np.linspace(_USUAL_PX, most, 16)
    spread = np.sqrt(2.0) * wall_sd_px(kind, tried, blur_px, noise_to_height)
    enough = np.flatnonzero(spread <= _WANTED_SHARE * diameter_px)
    return float(tried[enough[0] if enough.size else np.argmin(spread)])


def smoothed(
    image: NDArray[np.float32], smoothing_px: float, *, derivative: int = 0
) -> NDArray[np.float32]:
    """Lines smoothed by a Gaussian along the line, or its derivative."""
    if smoothing_px <= 0.0:
        return image
    found: NDArray[np.float32] = gaussian_filter1d(
        image, smoothing_px, axis=1, order=derivative, mode="nearest"
    )
    return found


def honest_factor(width: NDArray[np.float64], sd: NDArray[np.float64]) -> float:
    """Factor by which widths scatter more than their standard deviations say, 1 to 10.

    By second differences in time, in which a beating vessel hardly shows: a wall read off at one
    point is now and then read off another one, which no slope foretells.
    """
    bend = (width[:-2] - 2.0 * width[1:-1] + width[2:]) / np.sqrt(6.0)
    known = np.isfinite(bend) & np.isfinite(sd[1:-1]) & (sd[1:-1] > 0)
    if known.sum() < 16:
        return 1.0
    away = np.abs(bend[known] / sd[1:-1][known])
    # Between the median, which tails escape, and the standard deviation, which is all tail.
    scatter = float(np.percentile(away, 90)) / 1.645
    return float(np.clip(scatter, 1.0, 10.0))
