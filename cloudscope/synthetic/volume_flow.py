"""One recording of velocity and diameter: a line along the vessel and a line across it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.synthetic.allowed import positive, share, whole
from cloudscope.synthetic.flow import velocity_kymograph
from cloudscope.synthetic.velocity_truth import VelocityTruth
from cloudscope.synthetic.vessel import DiameterTruth, diameter_kymograph

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["VolumeFlowTruth", "volume_flow_kymograph"]


@dataclass(frozen=True, eq=False, kw_only=True)
class VolumeFlowTruth:
    """A kymograph with one part along a vessel and one across it, on one clock.

    Attributes
    ----------
    image : ndarray of float32, shape (lines, pixels)
        The part along the vessel first; read-only.
    velocity : VelocityTruth
    diameter : DiameterTruth
        Positions of walls count from the outer edge of its own first column.
    velocity_columns, diameter_columns : tuple of int
        First column of each part, and the one after its last.
    profile_factor : float
        Mean velocity over the cross-section, over the velocity of the streaks.
    """

    image: NDArray[Any] = field(repr=False)
    velocity: VelocityTruth
    diameter: DiameterTruth
    velocity_columns: tuple[int, int]
    diameter_columns: tuple[int, int]
    profile_factor: float

    def __post_init__(self) -> None:
        self.image.flags.writeable = False

    @property
    def line_period_s(self) -> float:
        """Time from line to line (s)."""
        return self.velocity.line_period_s

    @property
    def pixel_size_um(self) -> float:
        """Distance from column to column (µm)."""
        return self.velocity.pixel_size_um

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Time of each line, from the first one (s)."""
        return self.velocity.time_s

    @property
    def mean_velocity_um_per_s(self) -> NDArray[np.float64]:
        """Velocity averaged over the cross-section at each line (µm/s)."""
        return self.profile_factor * self.velocity.velocity_um_per_s

    @property
    def flow_um3_per_s(self) -> NDArray[np.float64]:
        """Volume flow at each line: mean velocity times the area of a round lumen (µm³/s)."""
        area = 0.25 * np.pi * self.diameter.diameter_um**2
        return self.mean_velocity_um_per_s * area

    @property
    def flow_nl_per_min(self) -> NDArray[np.float64]:
        """Volume flow at each line (nl/min)."""
        return self.flow_um3_per_s * (60.0 / 1e6)

    @property
    def wall_shear_rate_per_s(self) -> NDArray[np.float64]:
        """``8 × mean velocity / diameter`` at each line, as of a parabolic profile (1/s)."""
        return 8.0 * self.mean_velocity_um_per_s / self.diameter.diameter_um


def volume_flow_kymograph(
    velocity_um_per_s: ArrayLike,
    diameter_um: ArrayLike,
    *,
    lines: int | None = None,
    velocity_pixels: int = 64,
    diameter_pixels: int = 96,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.25,
    profile_factor: float = 0.5,
    velocity_options: Mapping[str, Any] | None = None,
    diameter_options: Mapping[str, Any] | None = None,
    seed: int = 0,
) -> VolumeFlowTruth:
    """A recording whose line runs along a vessel and then across it, line by line.

    Parameters
    ----------
    velocity_um_per_s : float or array_like, shape (lines,)
        Velocity of the cells on the axis at each line (µm/s).
    diameter_um : float or array_like, shape (lines,)
        Diameter of the round lumen at each line (µm).
    lines : int, optional
        Number of lines, needed if both are single numbers.
    velocity_pixels, diameter_pixels : int
        Columns of each part.
    line_period_s, pixel_size_um : float
        Sampling of both (s, µm).
    profile_factor : float
        Mean velocity over the cross-section, over that of the streaks: 0.5 for a parabola whose
        axis is measured, 1 for plug flow.
    velocity_options, diameter_options : mapping, optional
        More parameters of `velocity_kymograph` and of `diameter_kymograph`.
    seed : int
        Of the part along the vessel; the other has the next one.

    Returns
    -------
    VolumeFlowTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = volume_flow_kymograph(2000.0, 12.0, lines=500, seed=1)
    >>> truth.image.shape, truth.diameter_columns
    ((500, 160), (64, 160))
    >>> round(float(truth.flow_nl_per_min[0]), 2), round(float(truth.wall_shear_rate_per_s[0]))
    (6.79, 667)
    """
    positive(profile_factor=profile_factor)
    share(profile_factor=profile_factor)
    whole(1, velocity_pixels=velocity_pixels, diameter_pixels=diameter_pixels)
    whole(0, seed=seed)
    rows = lines
    for series in (velocity_um_per_s, diameter_um):
        if rows is None and np.ndim(series) == 1:
            rows = int(np.size(series))
    velocity = velocity_kymograph(
        velocity_um_per_s,
        lines=rows,
        pixels=velocity_pixels,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        seed=seed,
        **(velocity_options or {}),
    )
    diameter = diameter_kymograph(
        diameter_um,
        lines=rows,
        pixels=diameter_pixels,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        seed=seed + 1,
        **(diameter_options or {}),
    )
    return VolumeFlowTruth(
        image=np.hstack([velocity.image, diameter.image]),
        velocity=velocity,
        diameter=diameter,
        velocity_columns=(0, velocity_pixels),
        diameter_columns=(velocity_pixels, velocity_pixels + diameter_pixels),
        profile_factor=profile_factor,
    )
