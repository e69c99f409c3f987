"""From the slope of a streak to the velocity of cells: pixels, lines, the scan and its angle.

Beside pixel size and line period two things change what a slope means. A beam that takes a share s
of the line period to sweep `width` columns meets cells that move with it later: the streak then has
the slope ``u / (1 - u s / width)`` where the cells move u columns a line. And a line at an angle to
the vessel sees only part of a way along it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cloudscope.analysis.streaks.measurement import SearchLimits
from cloudscope.errors import ParameterError

__all__ = ["ScanGeometry", "TrueLimits", "scan_geometry"]


@dataclass(frozen=True)
class ScanGeometry:
    """What turns slopes (px/line) into velocities (µm/s).

    Attributes
    ----------
    unit_um_per_s : float
        One px/line, when the line runs along the vessel.
    sweep_per_px : float
        Share of the line period that the beam takes from one column to the next; 0 for a scan to
        and fro, in which the effect on lines either way cancels.
    """

    unit_um_per_s: float
    sweep_per_px: float

    def velocity(self, slope: np.ndarray) -> np.ndarray:
        """Velocities (µm/s) of streaks of a slope (px/line)."""
        out: np.ndarray = self.unit_um_per_s * slope / (1 + slope * self.sweep_per_px)
        return out

    def slope(self, velocity_um_per_s: float) -> float:
        """The slope (px/line) of streaks of a velocity."""
        return velocity_um_per_s / (self.unit_um_per_s - velocity_um_per_s * self.sweep_per_px)

    def sd(self, slope: np.ndarray, slope_sd: np.ndarray) -> np.ndarray:
        """Standard deviations of `velocity` for those of the slopes."""
        out: np.ndarray = self.unit_um_per_s * slope_sd / (1 + slope * self.sweep_per_px) ** 2
        return out

    def ceiling(self, slope: float) -> float:
        """Speed (µm/s), in the less favourable direction, of the steepest slope looked for."""
        return float(np.abs(self.velocity(np.array([slope, -slope]))).min())


@dataclass(frozen=True)
class TrueLimits(SearchLimits):
    """Limits on the velocity itself, in µm/s, applied to slopes."""

    geometry: ScanGeometry

    def allow(self, velocity: np.ndarray) -> np.ndarray:
        """Which slopes (px/line) are those of velocities inside."""
        return super().allow(self.geometry.velocity(velocity))


def scan_geometry(
    *,
    line_period_s: float,
    pixel_size_um: float,
    columns: int,
    scan_time_s: float,
    line_angle_deg: float,
    to_and_fro: bool,
) -> ScanGeometry:
    """The geometry of a scan.

    Parameters
    ----------
    line_period_s, pixel_size_um : float
    columns : int
        Columns that the beam sweeps in `scan_time_s`.
    scan_time_s : float
    line_angle_deg : float
        Between the line and the axis of the vessel.
    to_and_fro : bool
        Whether every other line is swept backwards.

    Raises
    ------
    ParameterError
        If the sweep takes longer than a line.
    """
    if scan_time_s > line_period_s:
        raise ParameterError(
            f"scan_time_s={scan_time_s!r} is not allowed: give at most the line period, "
            f"{line_period_s!r} s"
        )
    share = 0.0 if to_and_fro else scan_time_s / line_period_s
    unit = pixel_size_um / line_period_s / np.cos(np.deg2rad(line_angle_deg))
    return ScanGeometry(float(unit), share / columns)
