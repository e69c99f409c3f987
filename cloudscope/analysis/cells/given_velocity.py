"""What a result on velocity says of each line: which of its values count, and what is between."""

from __future__ import annotations

from typing import Any

import numpy as np

from cloudscope.analysis.cells.motion import interpolated_speed, without_strays
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

__all__ = ["VELOCITIES", "speed_of"]

VELOCITIES = ("radon_velocity", "clean_velocity")
"""Analyses whose results will do."""

STILL_PX = 1.0
"""Blood that moves less within a window of velocity stands still."""


def speed_of(
    velocity: AnalysisResult,
    shape: tuple[int, ...],
    period: float,
    pixel: float,
    parameters: dict[str, Any],
) -> tuple[np.ndarray, np.ndarray]:
    """Pixels per line at each line of a kymograph, and whether they are known.

    Parameters
    ----------
    velocity : AnalysisResult
        Of one of `VELOCITIES`.
    shape : tuple of int
        Lines and columns of the kymograph.
    period, pixel : float
        Its scales (s, µm).
    parameters : dict
        ``least_velocity_quality`` and ``maximum_gap_s`` of `flux`.

    Raises
    ------
    ParameterError
        If the velocity is not one of these lines.
    """
    if velocity.analysis not in VELOCITIES:
        raise ParameterError(
            f"velocity is a result of {velocity.analysis!r}: give one of {' or '.join(VELOCITIES)}"
        )
    n_lines, width = shape
    for name, mine in (("line_period_s", period), ("pixel_size_um", pixel)):
        its = getattr(velocity.calibration, name)
        if its is None or abs(its - mine) > 1e-6 * mine:
            raise ParameterError(
                f"velocity was measured with {name}={its!r}, not {mine!r}: measure it again"
            )
    samples = samples_of(velocity)
    line = samples.time_s / period
    if not np.isfinite(line).any():
        raise ParameterError("velocity has no window with a time: measure it on the same lines")
    if not np.nanmax(line) < n_lines:
        raise ParameterError(
            f"velocity goes on to line {np.nanmax(line):.0f}, the kymograph has {n_lines}: measure "
            "it on the same lines"
        )
    speed = np.where(np.isfinite(samples.value), samples.value, np.inf) * (period / pixel)
    # Blood that goes farther than the line is long from one line to the next is never seen.
    usable = samples.usable & (np.abs(speed) <= width)
    span = 4 * samples.step_s / period if np.isfinite(samples.step_s) else 0.0
    if "row_start" in velocity.columns and line.size:
        span = float(np.median(velocity.columns["row_stop"] - velocity.columns["row_start"]))
    if "quality" in velocity.columns:
        # A velocity near 0 is harmless if it is wrong by its own size, which is what quality asks.
        trusted = np.isin(velocity.columns["status"], ("manual", "interpolated"))
        trusted |= np.abs(np.where(usable, speed, np.inf)) < STILL_PX / max(span, 1.0)
        quality = np.asarray(velocity.columns["quality"], float)
        usable &= trusted | (quality >= parameters["least_velocity_quality"])
        chosen = np.flatnonzero(usable)
        usable[chosen] = trusted[chosen] | without_strays(speed[chosen])
    return interpolated_speed(
        line[usable],
        speed[usable],
        n_lines=n_lines,
        longest_gap=max(parameters["maximum_gap_s"] / period, span),
        longest_end=max(0.5, 0.5 * span),
    )
