"""How a scanner sees a moving scene: when and where a pixel is looked at, and what it records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates

from cloudscope.synthetic.allowed import finite, not_negative, share
from cloudscope.synthetic.detector import Detector, bleaching_curve, detector_noise
from cloudscope.synthetic.series import line_series

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["Scan", "StaticPattern", "recorded"]

_BLOCK_LINES = 4096
"""Lines drawn at once; the noise is drawn block by block, so it is part of what a seed means."""

_MOTION, _FLICKER, _DROPPED, _REMAINS = 101, 102, 103, 104
"""Streams of chance of their own: one disturbance more leaves the rest of an image as it was."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Scan:
    """Sampling of a line, and the disturbances that belong to the scanner and the tissue.

    Positions and times are in pixels and lines.
    """

    lines: int
    pixels: int
    sweep_fraction: float = 0.0
    bidirectional_offset_px: float | None = None
    displacement_px: NDArray[np.float64] | None = None
    bleaching: float = 0.0
    vignetting: float = 0.0
    flicker: float = 0.0
    dropped_share: float = 0.0
    seed: int = 0
    dropped: NDArray[np.bool_] = field(init=False, repr=False)
    light: NDArray[np.float64] = field(init=False, repr=False)
    """Light of each line, about 1."""

    def __post_init__(self) -> None:
        share(
            sweep_fraction=self.sweep_fraction,
            dropped_share=self.dropped_share,
            vignetting=self.vignetting,
        )
        not_negative(flicker=self.flicker)
        light = bleaching_curve(self.lines, self.bleaching)
        if self.flicker:
            chance = np.random.default_rng([self.seed, _FLICKER])
            light = light * np.maximum(1 + self.flicker * chance.standard_normal(self.lines), 0)
        chance = np.random.default_rng([self.seed, _DROPPED])
        dropped = chance.random(self.lines) < self.dropped_share
        object.__setattr__(self, "dropped", dropped)
        object.__setattr__(self, "light", np.where(dropped, 0.0, light))

    def shift_px(self, rows: slice) -> NDArray[np.float64]:
        """How far the scene lies towards larger columns at each line, shape (lines,)."""
        line = np.arange(rows.start, rows.stop)
        shift = np.zeros(line.size) if self.displacement_px is None else self.displacement_px[rows]
        if self.bidirectional_offset_px is not None:
            shift = shift + self.bidirectional_offset_px * (line % 2)
        return shift

    def sweep_lines(self, rows: slice) -> NDArray[np.float64]:
        """When each pixel is looked at, after the begin of its line, in line periods."""
        forward = self.sweep_fraction * np.arange(self.pixels) / self.pixels
        if self.bidirectional_offset_px is None:
            return forward[None]
        backward = (np.arange(rows.start, rows.stop) % 2).astype(bool)
        return np.where(backward[:, None], forward[::-1], forward)

    @property
    def largest_shift_px(self) -> float:
        """Largest distance of the scene from its place at rest."""
        moved = 0.0 if self.displacement_px is None else float(np.abs(self.displacement_px).max())
        return moved + abs(self.bidirectional_offset_px or 0.0)

    @property
    def illumination(self) -> NDArray[np.float64]:
        """Light along the line, 1 in its middle; it stays with the scanner."""
        x = np.linspace(-1.0, 1.0, self.pixels) if self.pixels > 1 else np.zeros(1)
        light: NDArray[np.float64] = 1.0 - self.vignetting * x**2
        return light


class StaticPattern:
    """What belongs to the tissue and does not flow: lumen dome, fixed structure, stuck remains."""

    def __init__(
        self,
        scan: Scan,
        rng: np.random.Generator,
        strength: float,
        remains: float,
        remain_px: float,
    ) -> None:
        share(below_one=True, remains=remains)
        finite(background=strength)
        self._margin = int(np.ceil(scan.largest_shift_px)) + 2 if scan.largest_shift_px else 0
        pixels = scan.pixels + 2 * self._margin
        x = np.linspace(-1.0, 1.0, scan.pixels)
        if self._margin:
            x = np.interp(np.arange(pixels) - self._margin, np.arange(scan.pixels), x)
        structure = gaussian_filter1d(rng.standard_normal(pixels), 2.0, mode="reflect")
        structure = (structure - structure.mean()) / max(float(structure.std()), 1e-12)
        pattern = np.maximum(1.0 + strength * (0.35 * structure - 0.5 * x**2), 0.15)
        if remains:
            chance = np.random.default_rng([scan.seed, _REMAINS])
            where = chance.standard_normal(pixels)
            stuck = gaussian_filter1d(where, max(0.25 * remain_px, 0.5), mode="reflect")
            pattern = pattern * (1.0 - remains * (stuck > np.quantile(stuck, 0.7)))
        self._pattern: NDArray[np.float64] = pattern

    def at(self, position_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Brightness of tissue that is seen at `position_px`, about 1."""
        if not self._margin:
            return self._pattern[None]
        seen: NDArray[np.float64] = map_coordinates(
            self._pattern, (position_px + self._margin)[None], order=1, mode="nearest"
        )
        return seen


def tissue_displacement(
    displacement_um: ArrayLike, lines: int, pixel_size_um: float
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Course of the tissue in µm, and in pixels where it moves at all.

    Raises
    ------
    ParameterError
    """
    course = line_series("tissue_displacement_um", displacement_um, lines)
    return course, course / pixel_size_um if course.any() else None


def recorded(
    scan: Scan,
    clean: Callable[[slice], NDArray[np.float64]],
    rng: np.random.Generator,
    *,
    brightness: float,
    noise_sd: float,
    reference: float,
    detector: Detector | None,
) -> NDArray[Any]:
    """The image of a scene: its light line by line, with the noise of a detector.

    Parameters
    ----------
    scan : Scan
    clean : callable
        Light of rows, as a share of `brightness`, shape (rows, pixels).
    rng : numpy.random.Generator
    brightness : float
        Unit of the image a full light; photons with a `detector`.
    noise_sd, reference : float
        Standard deviation of noise at a level of `reference`, without a `detector`.
    detector : Detector or None
    """
    image = np.empty((scan.lines, scan.pixels), np.float32 if detector is None else np.uint16)
    for start in range(0, scan.lines, _BLOCK_LINES):
        rows = slice(start, min(start + _BLOCK_LINES, scan.lines))
        light = clean(rows) * scan.light[rows, None]
        if scan.vignetting:
            light = light * scan.illumination
        if detector is None:
            image[rows] = detector_noise(brightness * light, noise_sd, rng, reference=reference)
        else:
            image[rows] = detector.record(brightness * light, rng)
    return image
