"""Centre and diameter of every line, and how the methods other than the fit read walls off it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.analysis.lumen.crossings import crossing_walls
from cloudscope.analysis.lumen.gradient import gradient_walls
from cloudscope.analysis.lumen.prior import smoothed_over_time
from cloudscope.analysis.lumen.profiles import blur_sigma_px
from cloudscope.analysis.lumen.smoothing import (
    LEAST_SMOOTHING_PX,
    chosen_smoothing_px,
    honest_factor,
    smoothed,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.course import Course
    from cloudscope.analysis.lumen.lines import Lines
    from cloudscope.analysis.lumen.measure import LumenChoice

__all__ = ["Reading", "WallReader"]


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the vessel is on every line, in pixels; NaN where a line does not tell.

    Attributes
    ----------
    centre, diameter, centre_sd, diameter_sd : ndarray, shape (lines,)
    """

    centre: NDArray[np.float64]
    diameter: NDArray[np.float64]
    centre_sd: NDArray[np.float64]
    diameter_sd: NDArray[np.float64]

    @classmethod
    def empty(cls, lines: int) -> Reading:
        """A reading of `lines` lines to be filled in."""
        return cls(*(np.full(lines, np.nan) for _ in cls.__slots__))

    def put(self, lines: slice, part: Reading) -> None:
        """Write the reading of some of the lines."""
        for name in self.__slots__:
            getattr(self, name)[lines] = getattr(part, name)

    def widened(self, factor: float) -> Reading:
        """The same with larger standard deviations."""
        return replace(
            self, centre_sd=factor * self.centre_sd, diameter_sd=factor * self.diameter_sd
        )

    def made_honest(self, visible: NDArray[np.bool_]) -> Reading:
        """The same with standard deviations that hold how much visible lines scatter in time."""
        seen = np.where(visible, self.diameter, np.nan)
        return self.widened(honest_factor(seen, self.diameter_sd))

    def with_prior(self, usable: NDArray[np.bool_]) -> tuple[Reading, float | None]:
        """The usable lines smoothed over time, and how far the diameter walks from line to line.

        What is not linear in a wall shifts all noisy lines alike, by about the variance of one
        over the diameter: no smoothing takes that away, so it stays in the standard deviation.
        """
        diameter, diameter_sd, wander = smoothed_over_time(self.diameter, self.diameter_sd, usable)
        shift = self.diameter_sd**2 / np.maximum(self.diameter, 1e-9)
        diameter_sd = np.where(usable, np.hypot(diameter_sd, shift), diameter_sd)
        centre, centre_sd, _ = smoothed_over_time(self.centre, self.centre_sd, usable)
        found = Reading(centre, diameter, centre_sd, diameter_sd)
        return found, wander if np.isfinite(wander) else None


class WallReader:
    """Reads both walls off single lines, by a level or by the largest slope.

    Parameters
    ----------
    choice : LumenChoice
        ``smoothing_px`` along the line (None chooses by the noise); ``threshold_share`` of the way
        from tissue to axis, or ``threshold_value`` in the unit of the recording.
    as_recorded, lines : Lines
        Before and after a slope of the tissue was taken away: a value of the recording is one of
        the former.
    course : Course
    pads_px : tuple of float

    Attributes
    ----------
    smoothing_px : float
    """

    def __init__(
        self,
        choice: LumenChoice,
        as_recorded: Lines,
        lines: Lines,
        course: Course,
        pads_px: tuple[float, float],
    ) -> None:
        self._choice, self._course, self._pads = choice, course, pads_px
        self._by_slope = choice.method == "gradient"
        value = choice.threshold_value if choice.method == "threshold" else None
        self._level = None if value is None else as_recorded.scaled(value)
        self._share = choice.threshold_share if choice.method == "threshold" else 0.5
        self._as_recorded = None if value is None else as_recorded
        blur = blur_sigma_px(course.profiles.psf_px)
        levels = course.levels
        noise = course.noise_run * float(np.sqrt(np.median(levels.noise_variance)))
        self.smoothing_px = (
            chosen_smoothing_px(
                "slope" if self._by_slope else "crossing",
                blur,
                float(np.median(course.diameter)),
                noise / max(float(np.median(np.abs(levels.height))), 1e-9),
            )
            if choice.smoothing_px is None
            else choice.smoothing_px
        )
        if self._by_slope:
            self.smoothing_px = max(self.smoothing_px, LEAST_SMOOTHING_PX)

    def read(self, image: NDArray[np.float32], part: slice) -> Reading:
        """Centre and diameter of the lines `part`, which `image` holds."""
        smoothing = self.smoothing_px
        if self._by_slope:
            slope = smoothed(image, smoothing, derivative=1)
            left, right, sd = gradient_walls(
                slope, self._course, part, smoothing_px=smoothing, pads_px=self._pads
            )
        else:
            if self._as_recorded is not None:
                image, _ = self._as_recorded.read(part.start, part.stop)
            left, right, sd = crossing_walls(
                smoothed(image, smoothing),
                self._course,
                part,
                smoothing_px=smoothing,
                share=self._share,
                level=self._level,
            )
        return Reading(0.5 * (left + right), right - left, 0.5 * sd, sd)
