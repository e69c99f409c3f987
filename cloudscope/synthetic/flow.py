"""Kymographs of flow: a train of red cells that moves rigidly along the line."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates, uniform_filter1d

from cloudscope.errors import ParameterError
from cloudscope.synthetic.detector import bleaching_curve, detector_noise
from cloudscope.synthetic.series import line_series, positive

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["VelocityTruth", "velocity_kymograph"]

_SAMPLES_PER_PX = 8
_BLOCK_LINES = 4096
"""Lines drawn at once; the noise is drawn block by block, so it is part of what a seed means."""


@dataclass(frozen=True, eq=False, kw_only=True)
class VelocityTruth:
    """A kymograph of flow and the velocity it was drawn with.

    Attributes
    ----------
    image : ndarray of float32, shape (lines, pixels)
        Read-only.
    velocity_um_per_s : ndarray of float64, shape (lines,)
        Velocity at each line, positive towards larger columns; read-only.
    line_period_s, pixel_size_um : float
    snr : float
        RMS contrast of the streaks over the standard deviation of the noise, per pixel.
    noise_sd : float
        Standard deviation of the noise in the unit of `image`.
    seed : int
    """

    image: NDArray[np.float32] = field(repr=False)
    velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    line_period_s: float
    pixel_size_um: float
    snr: float
    noise_sd: float
    seed: int

    def __post_init__(self) -> None:
        self.image.flags.writeable = False
        self.velocity_um_per_s.flags.writeable = False

    @property
    def median_velocity_um_per_s(self) -> float:
        """Median over all lines (µm/s)."""
        return float(np.median(self.velocity_um_per_s))

    @property
    def velocity_px_per_line(self) -> NDArray[np.float64]:
        """Velocity in pixels per line, the unit in which an estimator finds it easy or hard."""
        return self.velocity_um_per_s * (self.line_period_s / self.pixel_size_um)

    @cached_property
    def _travel(self) -> NDArray[np.float64]:
        return np.concatenate([[0.0], np.cumsum(self.velocity_um_per_s)])

    def mean_velocity_um_per_s(
        self, row_start: ArrayLike, row_stop: ArrayLike
    ) -> NDArray[np.float64]:
        """Mean velocity over windows of lines, the truth of a window's estimate (µm/s).

        Parameters
        ----------
        row_start, row_stop : array_like of int
            Half-open rows of each window.
        """
        start, stop = np.asarray(row_start), np.asarray(row_stop)
        mean: NDArray[np.float64] = (self._travel[stop] - self._travel[start]) / (stop - start)
        return mean


def _cell_train(
    length_px: float,
    rng: np.random.Generator,
    cell_px: tuple[float, float],
    hematocrit: float,
    blur_px: float,
) -> NDArray[np.float64]:
    """Brightness change along the train, 0 (plasma) to 1 (cell), `_SAMPLES_PER_PX` a pixel."""
    shortest, longest = cell_px
    mean_cell = 0.5 * (shortest + longest)
    mean_gap = mean_cell * (1.0 - hematocrit) / hematocrit
    count = int(1.3 * length_px / (mean_cell + mean_gap)) + 24
    lengths = rng.uniform(shortest, longest, count)
    gaps = mean_gap * (0.3 + rng.exponential(0.7, count))
    depths = rng.uniform(0.7, 1.0, count)
    stops = np.cumsum(lengths + gaps) - gaps[0]
    starts = stops - lengths
    samples = int(np.ceil(length_px * _SAMPLES_PER_PX)) + 2
    edges = np.zeros(samples + 1)
    for position, sign in ((starts, 1.0), (stops, -1.0)):
        at = position * _SAMPLES_PER_PX
        inside = at < samples
        whole = at[inside].astype(np.intp)
        part = at[inside] - whole
        height = sign * depths[inside]
        # An edge between two samples is shared by both, so its place is exact.
        np.add.at(edges, whole, height * (1.0 - part))
        np.add.at(edges, whole + 1, height * part)
    boxes = np.cumsum(edges)[:samples]
    seen = uniform_filter1d(boxes, _SAMPLES_PER_PX, mode="nearest")
    train: NDArray[np.float64] = gaussian_filter1d(seen, blur_px * _SAMPLES_PER_PX, mode="nearest")
    return train


def _column_pattern(pixels: int, rng: np.random.Generator, strength: float) -> NDArray[np.float64]:
    """Static brightness of each column, about 1: lumen dome and fixed structure."""
    x = np.linspace(-1.0, 1.0, pixels)
    structure = gaussian_filter1d(rng.standard_normal(pixels), 2.0, mode="reflect")
    structure = (structure - structure.mean()) / max(float(structure.std()), 1e-12)
    pattern: NDArray[np.float64] = 1.0 + strength * (0.35 * structure - 0.5 * x**2)
    return np.maximum(pattern, 0.15)


def velocity_kymograph(
    velocity_um_per_s: ArrayLike,
    *,
    lines: int | None = None,
    pixels: int = 64,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.5,
    snr: float = 2.0,
    cell_length_um: tuple[float, float] = (3.0, 4.0),
    hematocrit: float = 0.45,
    blur_sigma_um: float = 0.4,
    background: float = 0.3,
    bleaching: float = 0.2,
    contrast: float = 0.6,
    bright_cells: bool = False,
    sweep_fraction: float = 0.0,
    brightness: float = 100.0,
    seed: int = 0,
) -> VelocityTruth:
    """A kymograph along a vessel: dark cells in bright plasma (or the reverse) on the move.

    One random train of cells moves rigidly; position is integrated from the velocity, so the
    place of every streak is exact to a small part of a pixel at any speed.

    Parameters
    ----------
    velocity_um_per_s : float or array_like, shape (lines,)
        Velocity of each line (µm/s); it may change sign and be zero.
    lines : int, optional
        Number of lines, needed with a single velocity.
    pixels : int
        Columns.
    line_period_s, pixel_size_um : float
        Sampling (s, µm).
    snr : float
        RMS contrast of the streaks over the standard deviation of the noise, per pixel.
    cell_length_um : tuple of float
        Shortest and longest cell (µm).
    hematocrit : float
        Share of the line covered by cells, above 0 and below 1.
    blur_sigma_um : float
        Optical blur (standard deviation, µm), besides the integration over a pixel.
    background : float
        Strength of the static pattern of the columns; 0 is none, 1 is strong.
    bleaching : float
        Share of the fluorescence lost over the recording.
    contrast : float
        Depth of the cells relative to the plasma.
    bright_cells : bool
        Labelled cells in dark plasma.
    sweep_fraction : float
        Share of the line period in which the scanner sweeps the line; 0 sees all pixels at once.
    brightness : float
        Level of plasma in the unit of the image.
    seed : int

    Returns
    -------
    VelocityTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = velocity_kymograph([500.0] * 300, pixels=32, snr=4.0, seed=7)
    >>> truth.image.shape, truth.image.dtype.name
    ((300, 32), 'float32')
    >>> truth.median_velocity_um_per_s, float(truth.velocity_px_per_line[0])
    (500.0, 1.0)
    >>> truth.mean_velocity_um_per_s([0], [64])
    array([500.])
    """
    velocity = line_series("velocity_um_per_s", velocity_um_per_s, lines)
    positive(
        pixels=pixels,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        snr=snr,
        contrast=contrast,
        brightness=brightness,
    )
    if not 0 < hematocrit < 1:
        raise ParameterError(
            f"hematocrit={hematocrit!r} is not allowed: give a share between 0 and 1"
        )
    if not 0 < cell_length_um[0] <= cell_length_um[1]:
        raise ParameterError(
            f"cell_length_um={cell_length_um!r} is not allowed: give (shortest, longest) above 0"
        )
    rng = np.random.default_rng(seed)
    rows = velocity.size
    step_px = velocity * (line_period_s / pixel_size_um)
    # Trapezoids: the way between two lines is the mean of their velocities times the period.
    way_px = np.concatenate([[0.0], np.cumsum(0.5 * (step_px[1:] + step_px[:-1]))])
    sweep_lines = sweep_fraction * np.arange(pixels) / pixels
    margin_px = 8.0 + float(np.abs(step_px).max())
    train = _cell_train(
        float(np.ptp(way_px)) + pixels + 2 * margin_px,
        rng,
        (cell_length_um[0] / pixel_size_um, cell_length_um[1] / pixel_size_um),
        hematocrit,
        blur_sigma_um / pixel_size_um,
    )
    column = _column_pattern(pixels, rng, background)
    left = bleaching_curve(rows, bleaching)
    noise_sd = brightness * contrast * float(train.std()) / snr
    dark_level, sign = (0.3, 1.0) if bright_cells else (1.0, -1.0)
    reference = brightness * (dark_level + sign * contrast * float(train.mean()))
    image = np.empty((rows, pixels), np.float32)
    for start in range(0, rows, _BLOCK_LINES):
        block = slice(start, min(start + _BLOCK_LINES, rows))
        moved = way_px[block, None] + step_px[block, None] * sweep_lines
        at = (np.arange(pixels) - moved + way_px.max() + margin_px) * _SAMPLES_PER_PX
        cells = map_coordinates(train, at[None], order=3, mode="nearest")
        clean = (dark_level + sign * contrast * cells) * column * left[block, None]
        image[block] = detector_noise(brightness * clean, noise_sd, rng, reference=reference)
    return VelocityTruth(
        image=image,
        velocity_um_per_s=velocity,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        snr=snr,
        noise_sd=noise_sd,
        seed=seed,
    )
