"""Volume flow and wall shear from velocity and diameter, and how errors carry over."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, isfinite, pi
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.hemodynamics.profile import VelocityProfile
    from cloudscope.analysis.hemodynamics.windows import WindowDiameter

__all__ = ["Derived", "ScaleErrors", "shear_rate", "volume_flow"]


@dataclass(frozen=True, slots=True)
class ScaleErrors:
    """Errors of what all windows share.

    Attributes
    ----------
    profile_factor_sd : float
        One standard deviation of the profile factor.
    pixel_size_share : float
        Relative standard deviation of the pixel size.
    """

    profile_factor_sd: float
    pixel_size_share: float


@dataclass(frozen=True, eq=False)
class Derived:
    """What follows from velocity and diameter; arrays of shape (windows,).

    Attributes
    ----------
    value : ndarray
        NaN where the velocity or the diameter is.
    noise_sd : ndarray
        Error that differs from window to window.
    scale_share : ndarray
        Relative error that all windows share.
    """

    value: NDArray[np.float64]
    noise_sd: NDArray[np.float64]
    scale_share: NDArray[np.float64]

    @property
    def sd(self) -> NDArray[np.float64]:
        """One standard deviation, of noise and of what all windows share."""
        return np.hypot(self.noise_sd, self.scale_share * self.value)


def volume_flow(
    velocity_um_per_s: NDArray[np.float64],
    velocity_sd_um_per_s: NDArray[np.float64],
    diameter: WindowDiameter,
    profile: VelocityProfile,
    errors: ScaleErrors,
) -> Derived:
    """Volume flow through a round vessel (pL/s), with the sign of the velocity.

    Errors are carried over to first order, and where the velocity is near zero to the next: the
    variance of a product of independent errors. A pixel size that is wrong by a share makes the
    flow wrong by three times as much, once for the velocity and twice for the area.
    """
    area = 0.25 * pi * np.square(diameter.diameter_um) * profile.factor * 1e-3
    width = _ratio(diameter.noise_sd_um, diameter.diameter_um)
    area_share = np.hypot(2.0 * width, np.sqrt(2.0) * width**2)
    moved = np.hypot(
        velocity_um_per_s * area_share, velocity_sd_um_per_s * np.sqrt(1.0 + area_share**2)
    )
    scale = hypot(errors.profile_factor_sd / profile.factor, 3.0 * errors.pixel_size_share)
    common = 2.0 * _ratio(np.full(width.shape, diameter.common_sd_um), diameter.diameter_um)
    return Derived(velocity_um_per_s * area, moved * area, np.hypot(scale, common))


def shear_rate(
    velocity_um_per_s: NDArray[np.float64],
    velocity_sd_um_per_s: NDArray[np.float64],
    diameter: WindowDiameter,
    profile: VelocityProfile,
    errors: ScaleErrors,
) -> Derived:
    """Wall shear rate (1/s), with the sign of the velocity; NaN for plug flow.

    The pixel size drops out: velocity and diameter are wrong by the same share.
    """
    if not isfinite(profile.shear_factor):
        nothing = np.full(velocity_um_per_s.shape, np.nan)
        return Derived(nothing, nothing.copy(), nothing.copy())
    per_um = profile.shear_factor * profile.factor / diameter.diameter_um
    width = _ratio(diameter.noise_sd_um, diameter.diameter_um)
    moved = np.hypot(velocity_um_per_s * width, velocity_sd_um_per_s * np.sqrt(1.0 + width**2))
    scale = errors.profile_factor_sd / profile.factor * profile.shear_per_factor
    common = _ratio(np.full(width.shape, diameter.common_sd_um), diameter.diameter_um)
    return Derived(velocity_um_per_s * per_um, moved * per_um, np.hypot(scale, common))


def _ratio(sd: NDArray[np.float64], value: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.isfinite(value) & (value > 0)
    return np.where(known, sd / np.where(known, value, 1.0), np.nan)
