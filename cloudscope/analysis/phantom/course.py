"""The course of the velocity behind a result: without its gaps, its noise and its smoothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter, uniform_filter1d

from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["VelocityCourse", "course_of"]

MINIMUM_WINDOWS = 8
"""Fewest accepted windows that tell anything of a course."""

_LEAST_RESPONSE = 0.5
"""Share of a wave's height that a window must have left for the wave to be restored."""


@dataclass(frozen=True, eq=False)
class VelocityCourse:
    """Velocity line by line, as far as windows tell it.

    Attributes
    ----------
    velocity_um_per_s : ndarray of float64, shape (lines,)
    noise_um_per_s : float
        Standard deviation of what was taken for error of the windows.
    variation_um_per_s : float
        Standard deviation of the course.
    """

    velocity_um_per_s: NDArray[np.float64]
    noise_um_per_s: float
    variation_um_per_s: float


def course_of(result: AnalysisResult, lines: int) -> VelocityCourse:
    """The velocity of each line of a recording, from the accepted windows of a result.

    The error of the windows is taken off by a Wiener filter whose noise has the standard
    deviations that the result states and the memory of overlapping windows; waves that the
    average over a window made lower are restored, as long as half of them was left.

    Parameters
    ----------
    result : AnalysisResult
        Of `radon_velocity`.
    lines : int
        Of the recording.

    Raises
    ------
    ParameterError
        If too few windows were accepted.
    """
    samples = samples_of(result)
    usable = samples.usable
    if int(usable.sum()) < MINIMUM_WINDOWS:
        raise ParameterError(
            f"result has {int(usable.sum())} accepted windows: a phantom needs at least "
            f"{MINIMUM_WINDOWS}; choose lines with clearer streaks, or longer windows"
        )
    usable = usable & _in_company(samples.value, usable)
    row_start = np.asarray(result.columns["row_start"], float)
    row_stop = np.asarray(result.columns["row_stop"], float)
    middle = 0.5 * (row_start + row_stop - 1.0)
    window, step = float(row_stop[0] - row_start[0]), _step(row_start)
    seen = np.interp(middle, middle[usable], samples.value[usable])
    sd = samples.sd[usable]
    known = sd[np.isfinite(sd)]
    noise = float(np.median(known)) if known.size else 0.0
    restored = _restored(seen, noise, window / step)
    course = np.interp(np.arange(lines), middle, restored)
    return VelocityCourse(course, noise, float(restored.std()))


def _in_company(value: NDArray[np.float64], usable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether a value is near those before and after it: a slip of the method is no course."""
    at = np.flatnonzero(usable)
    middle = median_filter(value[at], 9, mode="nearest")
    away = np.abs(value[at] - middle)
    limit = 8.0 * max(1.4826 * float(np.median(away)), 0.02 * float(np.median(np.abs(middle))))
    kept = np.zeros(value.size, bool)
    kept[at[away <= limit]] = True
    return kept


def _step(row_start: NDArray[np.float64]) -> float:
    return float(np.median(np.diff(row_start))) if row_start.size > 1 else 1.0


def _restored(seen: NDArray[np.float64], noise: float, overlap: float) -> NDArray[np.float64]:
    """`seen` without noise and without the average over `overlap` steps."""
    size = seen.size
    level = float(np.median(seen))
    # Mirrored, so that the ends of the recording do not meet.
    ring = np.concatenate([seen, seen[::-1]]) - level
    spectrum = np.fft.rfft(ring)
    frequency = np.fft.rfftfreq(ring.size)
    response = np.sinc(frequency * max(overlap, 1.0))
    power = uniform_filter1d(np.abs(spectrum) ** 2 / ring.size, 5, mode="nearest")
    shape = response**2 if overlap > 1 else np.ones(frequency.size)
    # The shape is that of white noise averaged over a window: its mean is the variance.
    full = np.concatenate([shape, shape[-2 if ring.size % 2 == 0 else -1 : 0 : -1]])
    expected = noise**2 * shape / max(float(full.mean()), 1e-12)
    share = np.clip(1.0 - expected / np.maximum(power, 1e-300), 0.0, 1.0)
    share[response < _LEAST_RESPONSE] = 0.0
    gain = share / np.maximum(response, _LEAST_RESPONSE)
    restored: NDArray[np.float64] = np.fft.irfft(spectrum * gain, ring.size)[:size] + level
    return restored
