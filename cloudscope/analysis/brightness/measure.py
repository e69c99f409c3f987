"""From the mean of each line to ΔF/F0, its noise and its transients."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.brightness.baseline import blocks_of, global_baseline, rolling_baseline
from cloudscope.analysis.brightness.bleaching import bleaching_time
from cloudscope.analysis.brightness.noise import Noise, clipped, local_scale, quiet_noise
from cloudscope.analysis.brightness.peaks import find_peaks
from cloudscope.analysis.brightness.smoothing import filled, gaussian, median
from cloudscope.analysis.brightness.transients import Shapes, Transient

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.brightness.lines import LineMeans
    from cloudscope.analysis.brightness.presets import TimeScales

__all__ = ["BaselineChoice", "Brightness", "PeakChoice", "Transients", "find_transients", "rest"]

_RARE = 0.05
"""Rises that noise makes less often than this in a recording are left out of the noise."""

_NEXT_TO_NOTHING = 1e-9
"""Least noise, as a share of the highest point: a drawing without any has peaks too."""

_PAIR = np.sqrt(2.0)
"""A prominence is the difference of two samples of noise."""


@dataclass(frozen=True, slots=True)
class BaselineChoice:
    """How the brightness at rest is found; see `cloudscope.analysis.intensity.intensity`."""

    method: str
    percentile: float
    manual: float
    dark_level: float
    remove_bleaching: bool
    smoothing: str
    smoothing_lines: float


@dataclass(frozen=True, eq=False)
class Brightness:
    """ΔF/F0 of a recording; arrays of shape (lines,), NaN where there is none.

    Attributes
    ----------
    baseline : ndarray of float64
        In the unit of the pixels, the dark level included.
    dff, dff_sd : ndarray of float64
    bleaching_lines : float or None
        Time constant of the bleaching.
    """

    baseline: NDArray[np.float64]
    dff: NDArray[np.float64]
    dff_sd: NDArray[np.float64]
    bleaching_lines: float | None

    @property
    def measured(self) -> NDArray[np.bool_]:
        """Lines with a ΔF/F0."""
        return np.isfinite(self.dff)


@dataclass(frozen=True, slots=True)
class PeakChoice:
    """Which peaks count."""

    sign: int
    false_alarms: float
    min_prominence: float


@dataclass(frozen=True, eq=False)
class Transients:
    """Transients of a recording, in the order of time.

    Attributes
    ----------
    found : list of Transient
        Upwards, whatever their sign in the recording.
    prominence, amplitude_sd, chance : ndarray of float64, shape (transients,)
        Prominence in ΔF/F0, noise of the amplitude, and how many peaks of that height noise makes
        in this recording.
    threshold : float
        Height that noise alone exceeds as often as was allowed, in ΔF/F0 of the smoothed trace;
        NaN if none was looked for.
    """

    found: list[Transient]
    prominence: NDArray[np.float64]
    amplitude_sd: NDArray[np.float64]
    chance: NDArray[np.float64]
    threshold: float


def rest(
    lines: LineMeans, choice: BaselineChoice, sign: int, scales: TimeScales, period: float
) -> Brightness:
    """Brightness at rest, and the brightness relative to it.

    Parameters
    ----------
    lines : LineMeans
    choice : BaselineChoice
    sign : int
        -1 where transients go down.
    scales : TimeScales
    period : float
        Seconds from line to line.
    """
    light = lines.mean - choice.dark_level
    known = np.isfinite(light)
    nothing = np.full(light.size, np.nan)
    if not known.any():
        return Brightness(nothing, nothing, nothing, None)
    grain, window = scales.smoothing_s / period, scales.baseline_window_s / period
    percentile = choice.percentile if sign >= 0 else 100.0 - choice.percentile
    decay, tau = np.ones(light.size), None
    if choice.remove_bleaching:
        blocks = blocks_of(light, grain, window)
        tau = bleaching_time(blocks.mean, blocks.middle, percentile)
    if tau is not None:
        decay = np.exp(-np.arange(light.size) / tau)
    steady = light / decay
    if choice.method == "manual":
        level = np.full(light.size, choice.manual - choice.dark_level)
    elif choice.method == "percentile":
        blocks = blocks_of(steady, grain, float(light.size))
        level = np.full(light.size, global_baseline(blocks, percentile))
    else:
        blocks = blocks_of(steady, grain, window)
        course = rolling_baseline(blocks, percentile, window)
        level = blocks.spread_to_lines(course, light.size)
    # Where there is next to no light at rest, a share of it means nothing.
    lit = level > 1e-9 * float(np.abs(steady[known]).max())
    dff = _relative(steady, level, lit & known)
    if choice.method != "manual" and np.isfinite(dff).any():
        level = level * max(1.0 + _quiet(dff, sign, grain).centre, 1e-3)
        dff = _relative(steady, level, lit & known)
    dff = _filtered(dff, choice)
    return Brightness(
        baseline=np.where(lit, level * decay + choice.dark_level, np.nan),
        dff=dff,
        dff_sd=_noise_at_rest(dff, sign, grain),
        bleaching_lines=tau,
    )


def _relative(
    light: NDArray[np.float64], level: NDArray[np.float64], where: NDArray[np.bool_]
) -> NDArray[np.float64]:
    return np.where(where, (light - level) / np.where(where, level, 1.0), np.nan)


def _filtered(dff: NDArray[np.float64], choice: BaselineChoice) -> NDArray[np.float64]:
    known = np.isfinite(dff)
    if choice.smoothing == "none" or not known.any():
        return dff
    smooth = gaussian if choice.smoothing == "gaussian" else median
    return np.where(known, smooth(filled(dff), choice.smoothing_lines), np.nan)


@dataclass(frozen=True, eq=False)
class _Quiet:
    """A trace smoothed and brought to even noise, and where nothing happens in it."""

    up: NDArray[np.float64]
    """Without gaps, transients upwards."""
    scale: NDArray[np.float64]
    even: NDArray[np.float64]
    noise: Noise
    lines: NDArray[np.bool_]
    sign: int

    @property
    def centre(self) -> float:
        """Middle of the noise of the trace, with its own sign."""
        return self.sign * self.noise.centre

    def noise_of(self, trace: NDArray[np.float64]) -> float:
        """Standard deviation, relative to `scale`, where nothing happens."""
        return clipped((trace / self.scale)[self.lines])[1]


def _quiet(
    dff: NDArray[np.float64], sign: int, sigma: float, false_alarms: float = _RARE
) -> _Quiet:
    sign = sign or 1
    up = sign * filled(dff)
    scale = local_scale(up)
    even = gaussian(up / scale, sigma)
    noise, lines = quiet_noise(even, np.isfinite(dff), false_alarms)
    return _Quiet(up, scale, even, noise, lines, sign)


def _noise_at_rest(dff: NDArray[np.float64], sign: int, sigma: float) -> NDArray[np.float64]:
    known = np.isfinite(dff)
    if not known.any():
        return dff
    quiet = _quiet(dff, sign, sigma)
    return np.where(known, quiet.noise_of(quiet.up) * quiet.scale, np.nan)


def find_transients(
    brightness: Brightness,
    saturated: NDArray[np.bool_],
    choice: PeakChoice,
    scales: TimeScales,
    period: float,
    checkpoint: Callable[[float], None],
) -> Transients:
    """Transients that noise does not make more often than allowed.

    Parameters
    ----------
    brightness : Brightness
    saturated : ndarray of bool, shape (lines,)
    choice : PeakChoice
    scales : TimeScales
    period : float
        Seconds from line to line.
    checkpoint : callable
        Called with the finished share.
    """
    known = brightness.measured
    none = np.zeros(0)
    if choice.sign == 0 or not known.any():
        return Transients([], none, none, none, np.nan)
    sigma = scales.smoothing_s / period
    quiet = _quiet(brightness.dff, choice.sign, sigma, max(choice.false_alarms, _RARE))
    noise, scale = quiet.noise, quiet.scale
    least = _NEXT_TO_NOTHING * float(np.abs(quiet.even).max())
    if not least > 0:
        return Transients([], none, none, none, np.nan)
    if noise.sd < least:
        noise = replace(noise, sd=least, crossings=max(noise.crossings, 0.1))
    height = noise.sd * noise.height_exceeded(choice.false_alarms, int(known.sum()))
    peaks = find_peaks(
        quiet.even,
        min_height=noise.centre + height,
        min_prominence=np.maximum(_PAIR * height, choice.min_prominence / scale),
        min_separation_lines=scales.min_separation_s / period,
        window_lines=scales.max_duration_s / period,
        checkpoint=lambda share: checkpoint(0.3 + 0.5 * share),
    )
    peaks = [peak for peak in peaks if known[peak.row]]
    if not peaks:
        return Transients([], none, none, none, height)
    shapes = Shapes(quiet.up, known, saturated, sigma, lambda t: quiet.noise_of(t) * scale)
    found = [shapes.measure(peak) for peak in peaks]
    at = np.array([peak.row for peak in peaks], dtype=np.intp)
    chance = [
        noise.times_exceeded((h - noise.centre) / noise.sd, int(known.sum()))
        for h in quiet.even[at]
    ]
    return Transients(
        found=found,
        prominence=np.array([peak.prominence for peak in peaks]) * scale[at],
        # At rest, and more in a transient: the noise of photons grows with their number.
        amplitude_sd=shapes.amplitude_sd[at] * np.sqrt(1.0 + np.maximum(brightness.dff[at], 0.0)),
        chance=np.array(chance),
        threshold=height,
    )
