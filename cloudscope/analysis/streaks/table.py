"""The table of window velocities: its columns, and how it is filled."""

from __future__ import annotations

import numpy as np

from cloudscope.analysis.registry import Column
from cloudscope.analysis.streaks.geometry import ScanGeometry
from cloudscope.analysis.streaks.measurement import WindowVelocities

__all__ = ["COLUMNS", "window_table"]

COLUMNS = (
    Column("time_s", "s", "centre of the window, from the first line"),
    Column("row_start", "lines", "first line of the window"),
    Column("row_stop", "lines", "line after the last one of the window"),
    Column("velocity_um_per_s", "µm/s", "positive towards larger columns; NaN: not measured"),
    Column("velocity_sd_um_per_s", "µm/s", "one standard deviation of the velocity"),
    Column("quality", "", "chance, 0 to 1, that the velocity is right within 10 %"),
    Column("status", "", "ok, manual, or why the window is not accepted"),
    Column("detection", "", "strength of the streaks, in standard deviations of noise"),
    Column("second_velocity_um_per_s", "µm/s", "next best velocity; NaN: there is none"),
    Column("measured_um_per_s", "µm/s", "velocity as measured, kept where it is overruled"),
    Column("measured_sd_um_per_s", "µm/s", "its standard deviation"),
    Column("measured_status", "", "its status"),
)


def window_table(
    windows: WindowVelocities, *, window: int, line_period_s: float, geometry: ScanGeometry
) -> dict[str, np.ndarray]:
    """Columns of the table, in µm/s.

    Parameters
    ----------
    windows : WindowVelocities
        In px/line.
    window : int
        Lines.
    line_period_s : float
    geometry : ScanGeometry
    """
    velocity = geometry.velocity(windows.velocity)
    sd = geometry.sd(windows.velocity, windows.sd)
    return {
        "time_s": (windows.row_start + (window - 1) / 2) * line_period_s,
        "row_start": windows.row_start,
        "row_stop": windows.row_start + window,
        "velocity_um_per_s": velocity,
        "velocity_sd_um_per_s": sd,
        "quality": windows.quality,
        "status": windows.status,
        "detection": windows.detection,
        "second_velocity_um_per_s": geometry.velocity(windows.second_velocity),
        "measured_um_per_s": velocity,
        "measured_sd_um_per_s": sd,
        "measured_status": windows.status,
    }
