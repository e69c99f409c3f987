"""How the velocity differs along the line: strips of columns, measured one by one.

The velocity of a strip is compared with that of the whole line window by window, so that changes
over time fall out; what is left is the profile along the line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import validate_parameters
from cloudscope.analysis.streaks.background import measure_background
from cloudscope.analysis.streaks.bidirectional import AlignedLines
from cloudscope.analysis.streaks.changing_flow import measure_flow
from cloudscope.analysis.streaks.lines import Lines
from cloudscope.analysis.streaks.measurement import WindowVelocities
from cloudscope.analysis.streaks.preparation import Preparation, prepare
from cloudscope.analysis.streaks.summary import independent_values
from cloudscope.errors import ParameterError

__all__ = ["VelocityProfile", "velocity_along_line", "velocity_slope"]

NARROWEST_STRIP_PX = 8
"""On fewer columns single windows miss too often."""

MOST_STRIPS = 6
"""Strips of the line; more are too narrow to be precise, or say the same twice."""

FEWEST_WINDOWS = 4
"""Windows that a strip must share with the whole line."""

Checkpoint = Callable[[float], None]


@dataclass(frozen=True, eq=False)
class VelocityProfile:
    """Velocity at positions along the line.

    Attributes
    ----------
    position_um : ndarray, shape (strips,)
        Centres of the strips, from the centre of the first column.
    velocity_um_per_s, velocity_sd_um_per_s : ndarray, shape (strips,)
        Typical velocity there, and the standard deviation of its difference to the whole line;
        NaN where too few windows were accepted.
    slope_per_s, slope_sd_per_s : float
        Change of the velocity per distance, (µm/s)/µm: the straight line of least squares,
        and its standard deviation. NaN if fewer than two strips were measured.
    """

    position_um: np.ndarray
    velocity_um_per_s: np.ndarray
    velocity_sd_um_per_s: np.ndarray
    slope_per_s: float
    slope_sd_per_s: float


class _Strip:
    """Columns of lines."""

    def __init__(self, lines: Lines, columns: slice) -> None:
        self.lines, self.columns = lines, columns
        self.shape = (len(lines), columns.stop - columns.start)

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, rows: slice) -> np.ndarray:
        return self.lines[rows][:, self.columns]


def velocity_along_line(
    kymograph: Any,
    *,
    line_period_s: float,
    pixel_size_um: float,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    **parameters: Any,
) -> VelocityProfile:
    """Velocity of red cells at positions along the line.

    Parameters
    ----------
    kymograph : array_like, shape (lines, columns)
        At least 16 columns.
    line_period_s, pixel_size_um : float
    progress, cancel : optional
        As in `radon_velocity`.
    **parameters
        Those of `radon_velocity`; strips are measured by correlation whatever the method.

    Raises
    ------
    ParameterError
        As `radon_velocity`, or if the line is too short for two strips.

    Examples
    --------
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph([500.0] * 640, pixels=48, snr=4.0, seed=7)
    >>> profile = velocity_along_line(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    >>> profile.velocity_um_per_s.round(-1).tolist()
    [500.0, 500.0, 500.0, 500.0, 500.0, 500.0]
    >>> bool(abs(profile.slope_per_s) < 3 * profile.slope_sd_per_s + 0.2)
    True
    """
    from cloudscope.analysis.radon_velocity import radon_velocity
    from cloudscope.analysis.registry import get_analysis

    checked = validate_parameters(
        get_analysis("radon_velocity").parameters, parameters, owner=radon_velocity.__name__
    )
    checkpoint(0.0, progress, cancel)
    prepared = prepare(
        kymograph,
        checked,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        checkpoint=lambda done: checkpoint(0.1 * done, progress, cancel),
    )
    whole = measure_flow(
        prepared.lines,
        prepared.background,
        window=prepared.window,
        step=prepared.step,
        limits=prepared.limits,
        checkpoint=lambda done: checkpoint(0.1 + 0.4 * done, progress, cancel),
    )
    profile = _profile(
        prepared, checked, whole, lambda done: checkpoint(0.5 + 0.5 * done, progress, cancel)
    )
    if profile is None:
        raise ParameterError(
            f"kymograph is {prepared.lines.shape[1]} columns wide: a profile along the line needs "
            f"at least {2 * NARROWEST_STRIP_PX}"
        )
    checkpoint(1.0, progress, cancel)
    return profile


def velocity_slope(
    prepared: Preparation,
    parameters: Mapping[str, Any],
    whole: WindowVelocities,
    checkpoint: Checkpoint,
) -> dict[str, float]:
    """Slope of the velocity along the line for a summary; NaN where it cannot be measured."""
    profile = _profile(prepared, parameters, whole, checkpoint)
    nan = float("nan")
    return {
        "velocity_slope_per_s": nan if profile is None else profile.slope_per_s,
        "velocity_slope_sd_per_s": nan if profile is None else profile.slope_sd_per_s,
    }


def _profile(
    prepared: Preparation,
    parameters: Mapping[str, Any],
    whole: WindowVelocities,
    checkpoint: Checkpoint,
) -> VelocityProfile | None:
    width = prepared.lines.shape[1]
    strips = min(MOST_STRIPS, width // NARROWEST_STRIP_PX)
    if strips < 2:
        return None
    edges = np.linspace(0, width, strips + 1).round().astype(int)
    first = prepared.lines.columns.start if isinstance(prepared.lines, AlignedLines) else 0
    ratio, ratio_sd = np.full(strips, np.nan), np.full(strips, np.nan)
    for number in range(strips):
        strip = _measure_strip(
            prepared,
            parameters,
            slice(int(edges[number]), int(edges[number + 1])),
            _part(checkpoint, number / strips, (number + 1) / strips),
        )
        ratio[number], ratio_sd[number] = _compare(strip, whole, prepared)
    ok = whole.status == "ok"
    velocity = prepared.geometry.velocity(whole.velocity[ok])
    typical = float(np.median(velocity)) if velocity.size else float("nan")
    place = (0.5 * (edges[1:] + edges[:-1] - 1) + first) * prepared.pixel_size_um
    slope, slope_sd = _straight_line(place, typical * ratio, abs(typical) * ratio_sd)
    return VelocityProfile(place, typical * ratio, abs(typical) * ratio_sd, slope, slope_sd)


def _part(checkpoint: Checkpoint, start: float, stop: float) -> Checkpoint:
    return lambda done: checkpoint(start + (stop - start) * done)


def _measure_strip(
    prepared: Preparation, parameters: Mapping[str, Any], columns: slice, checkpoint: Checkpoint
) -> WindowVelocities | None:
    lines = _Strip(prepared.lines, columns)
    running = prepared.background.averaged_lines < len(lines)
    background = measure_background(
        lines,
        remove_pattern=prepared.background.removed,
        remove_bleaching=parameters["bleaching"] == "fit",
        averaged_lines=prepared.background.averaged_lines if running else None,
        parities=1 if prepared.offset is None else 2,
        checkpoint=lambda done: checkpoint(0.1 * done),
    )
    if background is None:
        return None
    return measure_flow(
        lines,
        background,
        window=prepared.window,
        step=prepared.step,
        limits=prepared.limits,
        checkpoint=lambda done: checkpoint(0.1 + 0.9 * done),
    )


def _compare(
    strip: WindowVelocities | None, whole: WindowVelocities, prepared: Preparation
) -> tuple[float, float]:
    """Median ratio of a strip's velocity to the whole line's, and its standard deviation."""
    nan = float("nan")
    if strip is None:
        return nan, nan
    both = (strip.status == "ok") & (whole.status == "ok")
    # Near a stall a ratio says nothing.
    speed = np.abs(whole.velocity)
    both &= speed > 5 * np.nan_to_num(whole.sd, nan=0.0)
    if np.count_nonzero(both) < FEWEST_WINDOWS:
        return nan, nan
    both &= speed > 0.2 * np.median(speed[both])
    geometry = prepared.geometry
    ratios = geometry.velocity(strip.velocity[both]) / geometry.velocity(whole.velocity[both])
    if ratios.size < FEWEST_WINDOWS:
        return nan, nan
    middle = float(np.median(ratios))
    spread = 1.4826 * float(np.median(np.abs(ratios - middle)))
    # Of normal values a median is a quarter less precise than a mean.
    return middle, 1.2533 * max(spread, 1e-9) / float(np.sqrt(independent_values(ratios)))


def _straight_line(x: np.ndarray, y: np.ndarray, sd: np.ndarray) -> tuple[float, float]:
    """Slope of the line of least squares and its standard deviation.

    The scatter about the line, where it is larger than the standard deviations say, sets it: speed
    need not change evenly, and the narrowest strips have errors of their own.
    """
    known = np.isfinite(y) & np.isfinite(sd)
    if np.count_nonzero(known) < 2:
        return float("nan"), float("nan")
    x, y, sd = x[known], y[known], sd[known]
    weight = 1 / np.square(np.maximum(sd, 0.3 * float(np.median(sd)) + 1e-12))
    centre = float((weight * x).sum() / weight.sum())
    power = float((weight * np.square(x - centre)).sum())
    slope = float((weight * (x - centre) * y).sum() / power)
    middle = float((weight * y).sum() / weight.sum())
    rest = y - middle - slope * (x - centre)
    excess = float((weight * np.square(rest)).sum()) / (x.size - 2) if x.size > 2 else 1.0
    return slope, float(np.sqrt(max(excess, 1.0) / power))
