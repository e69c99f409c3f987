"""The classic measure: the angle at which the Radon transform of a window varies most [1]_.

For a window I(line, column) projected along lines of the angle theta from the time axis, the
variance of the projection is greatest along the streaks, whose slope is ``tan(theta)`` columns a
line. The rectangle of the window has angles of its own: on lines narrower than about 20 columns it,
and not the cells, decides. It is here to compare with, and reports no standard deviation.

References
----------
.. [1] P. J. Drew, P. Blinder, G. Cauwenberghs, A. Y. Shih, D. Kleinfeld, "Rapid determination of
   particle velocity from space-time images using the Radon transform", Journal of Computational
   Neuroscience 29 (2010) 5-11.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cloudscope.analysis.streaks.measurement import SearchLimits, WindowVelocities
from cloudscope.analysis.streaks.preparation import Preparation
from cloudscope.analysis.streaks.sampling import Sampling

__all__ = ["AngleCurve", "angle_curve", "classic_velocity", "measure_classic"]

COARSE_DEG = 1.0
"""Step of the angles over the half circle."""

FINE_DEG, FINE_REACH_DEG = 0.1, 1.0
"""Step and reach of the angles around the best of those."""

STEEPEST = 1e6
"""Stands for the infinite slope of 90 degrees, px/line."""

NEIGHBOUR_DEG = 10.0
"""Angles nearer than this to the best one are of the same streaks."""


@dataclass(frozen=True)
class AngleCurve:
    """Variance of the projections of one window.

    Attributes
    ----------
    angle_deg : ndarray, shape (angles,)
        From the time axis, -90 to below 90, ascending.
    variance : ndarray, shape (angles,)
    """

    angle_deg: np.ndarray
    variance: np.ndarray

    @property
    def slope(self) -> np.ndarray:
        """Slopes of the angles, px/line; a line across is as steep as no cell ever moves."""
        out: np.ndarray = np.clip(np.tan(np.deg2rad(self.angle_deg)), -STEEPEST, STEEPEST)
        return out


def angle_curve(window: np.ndarray, angle_deg: np.ndarray | None = None) -> AngleCurve:
    """Variance of the projections of a window along angles from the time axis.

    Parameters
    ----------
    window : ndarray, shape (lines, columns)
    angle_deg : ndarray, optional
        By default the half circle in steps of one degree.
    """
    from skimage import transform  # half a second, and only for this

    angle = np.arange(-90.0, 90.0, COARSE_DEG) if angle_deg is None else angle_deg
    centred = window.astype(np.float64) - window.mean(dtype=np.float64)
    radon: Any = transform.radon
    projections = radon(centred, theta=angle % 180.0, circle=False, preserve_range=True)
    return AngleCurve(angle, projections.var(axis=0))


def measure_classic(
    prepared: Preparation, *, checkpoint: Callable[[float], None]
) -> WindowVelocities:
    """Velocity of each window from the angle of its streaks; px/line.

    `quality` is the contrast of the curve, ``1 - median / maximum``, and no chance; `detection` is
    its maximum over its median. Of 160 windows of white noise 5 % have more than 3.

    Parameters
    ----------
    prepared : Preparation
    checkpoint : callable
        Called with the finished share after each window; may raise to stop.
    """
    lines, window, limits = prepared.lines, prepared.window, prepared.limits
    starts = np.arange(0, len(lines) - window + 1, prepared.step)
    ceiling = Sampling.of(lines.shape[1], window).ceiling_px_per_line
    velocity, second = np.full(starts.size, np.nan), np.full(starts.size, np.nan)
    quality, detection = np.zeros(starts.size), np.zeros(starts.size)
    status = np.full(starts.size, "no signal", dtype="U16")
    for number, start in enumerate(starts.tolist()):
        pixels = prepared.background.normalised(lines[start : start + window], start)
        found = _measure_window(pixels, limits)
        if found is not None:
            velocity[number], second[number], quality[number], detection[number], inside = found
            status[number] = _status(
                abs(velocity[number]), quality[number], detection[number], inside, limits, ceiling
            )
        checkpoint((number + 1) / starts.size)
    unmeasured = status == "no signal"
    velocity[unmeasured] = second[unmeasured] = np.nan
    return WindowVelocities(
        row_start=starts,
        velocity=velocity,
        sd=np.full(starts.size, np.nan),
        quality=np.where(unmeasured, 0.0, quality),
        status=status,
        detection=detection,
        second_velocity=second,
        chance=quality,
        snr=float("nan"),
        ceiling=ceiling,
        cell_px=float("nan"),
        change=np.zeros(starts.size),
    )


def classic_velocity(pixels: np.ndarray, limits: SearchLimits) -> tuple[float, float]:
    """The slope of one window and the second best, px/line; NaN where there is none."""
    found = _measure_window(pixels, limits)
    return (float("nan"), float("nan")) if found is None else found[:2]


def _status(
    speed: float,
    quality: float,
    detection: float,
    inside: bool,
    limits: SearchLimits,
    ceiling: float,
) -> str:
    if detection < limits.detection:
        return "no signal"
    if not inside:
        return "beyond limits"
    if speed > ceiling:
        return "beyond ceiling"
    return "low quality" if quality < limits.quality else "ok"


def _measure_window(
    pixels: np.ndarray, limits: SearchLimits
) -> tuple[float, float, float, float, bool] | None:
    """Velocity, second one, contrast, height, and whether the best angle is inside the limits."""
    coarse = angle_curve(pixels)
    variance, slope = coarse.variance, coarse.slope
    top = float(variance.max())
    if not top > 1e-9 * pixels.size:
        return None
    middle = float(np.median(variance))
    allowed = limits.allow(slope)
    if not allowed.any():
        return None
    best = int(np.where(allowed, variance, -np.inf).argmax())
    inside = bool(variance[best] >= top * (1 - 1e-9))
    angle = _fine_angle(pixels, float(coarse.angle_deg[best]), limits)
    apart = np.abs((coarse.angle_deg - angle + 90) % 180 - 90)
    rival = np.where((apart > NEIGHBOUR_DEG) & _maxima(variance) & allowed, variance, -np.inf)
    second = float(slope[rival.argmax()]) if np.isfinite(rival.max()) else float("nan")
    if abs(second) >= STEEPEST:
        second = float("nan")
    return (
        float(np.tan(np.deg2rad(angle))),
        second,
        1 - middle / top,
        float(variance[best]) / max(middle, 1e-12 * top),
        inside,
    )


def _fine_angle(pixels: np.ndarray, coarse_deg: float, limits: SearchLimits) -> float:
    """The best angle near a coarse one, by a parabola through the best three fine ones."""
    angle = coarse_deg + np.arange(-FINE_REACH_DEG, FINE_REACH_DEG + FINE_DEG / 2, FINE_DEG)
    # At 90 degrees the slope jumps from one infinity to the other: keep to one side.
    angle = angle[np.abs(angle) < 90]
    curve = angle_curve(pixels, angle)
    variance = np.where(limits.allow(curve.slope), curve.variance, -np.inf)
    best = int(variance.argmax())
    if not np.isfinite(variance[best]):
        return coarse_deg
    if not 0 < best < angle.size - 1 or not np.all(np.isfinite(variance[best - 1 : best + 2])):
        return float(angle[best])
    left, middle, right = variance[best - 1 : best + 2]
    bend = left - 2 * middle + right
    move = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(angle[best] + FINE_DEG * np.clip(move, -0.5, 0.5))


def _maxima(curve: np.ndarray) -> np.ndarray:
    """Local maxima of a curve that closes on itself."""
    out: np.ndarray = (curve >= np.roll(curve, 1)) & (curve > np.roll(curve, -1))
    return out
