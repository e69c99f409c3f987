"""Draws recordings that resemble one, with a velocity that is known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.phantom.pattern import TrainPattern
from cloudscope.synthetic import detector_noise, velocity_kymograph

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Phantom", "Twin", "cells_like"]

_CELL_SPREAD = 0.15
"""Shortest and longest cell differ from the mean by this share."""

_PHOTON_SHARE = 0.5
"""Share of the variance of noise that follows the brightness."""

_MOSTLY_DARK = 0.7
_WALKS = 16
"""Neighbouring cells that change independently of each other."""

_TRAIN_PX = 4096


@dataclass(frozen=True, eq=False)
class Phantom:
    """A drawn recording and its velocity.

    Attributes
    ----------
    image : ndarray, shape (lines, width)
    velocity_um_per_s : ndarray of float64, shape (lines,)
    travel_um : ndarray of float64, shape (lines + 1,)
        Sum of the velocity over the lines before each, for the mean of any window.
    """

    image: NDArray[Any]
    velocity_um_per_s: NDArray[np.float64]
    travel_um: NDArray[np.float64]

    def mean_velocity_um_per_s(
        self, row_start: NDArray[Any], row_stop: NDArray[Any]
    ) -> NDArray[np.float64]:
        """Mean velocity of windows of lines."""
        mean: NDArray[np.float64] = (self.travel_um[row_stop] - self.travel_um[row_start]) / (
            row_stop - row_start
        )
        return mean


@dataclass(frozen=True, eq=False, kw_only=True)
class Twin:
    """Everything a phantom shares with its recording.

    Attributes
    ----------
    lines : int
        Of one phantom; a stretch of the recording.
    velocity_um_per_s : ndarray, shape (lines of the recording,)
    line_period_s, pixel_size_um : float
    cell_length_um, hematocrit, blur_sigma_um : float
    bright_cells : bool
        Whether what is drawn as cells is brighter than the rest.
    streak_sd, noise_sd : float
    fading_per_line : float
        Rate at which cells lose their likeness from line to line; 0 for rigid ones.
    still, streak_share, trend : ndarray
        As of `TrainPattern`.
    along_line_share : float
        Cosine of the angle between line and vessel.
    sweep_fraction : float
    bidirectional_offset_um : float or None
    dtype : numpy.dtype
        Of the recording's pixels.
    """

    lines: int
    velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    line_period_s: float
    pixel_size_um: float
    cell_length_um: float
    hematocrit: float
    blur_sigma_um: float
    streak_sd: float
    noise_sd: float
    still: NDArray[np.float64] = field(repr=False)
    streak_share: NDArray[np.float64] = field(repr=False)
    trend: NDArray[np.float64] = field(repr=False)
    bright_cells: bool = False
    fading_per_line: float = 0.0
    along_line_share: float = 1.0
    sweep_fraction: float = 0.0
    bidirectional_offset_um: float | None = None
    dtype: Any = np.float32

    @property
    def snr(self) -> float:
        """RMS contrast of the streaks over the standard deviation of the noise."""
        return self.streak_sd / self.noise_sd

    @property
    def cell_spacing_um(self) -> float:
        """From a cell to the next, on average (µm)."""
        return self.cell_length_um / self.hematocrit

    def with_(self, **changes: Any) -> Twin:
        """The same twin but for `changes`."""
        return replace(self, **changes)

    def draw(self, seed: int) -> Phantom:
        """One phantom: another stretch of the course, other cells, other noise for each seed."""
        chance = np.random.default_rng([seed, 7])
        whole = self.velocity_um_per_s.size
        start = int(chance.integers(0, whole - self.lines + 1))
        rows = slice(start, start + self.lines)
        velocity = self.velocity_um_per_s[rows]
        streaks = self._train(velocity, chance)
        if self.fading_per_line > 0:
            other = self._train(velocity, chance)
            turn = self._turns(velocity, chance)
            streaks = np.cos(turn) * streaks + np.sin(turn) * other
        streaks *= self.streak_sd / max(float(streaks.std()), 1e-12)
        clean = self.trend[rows, None] * (self.still + self.streak_share * streaks)
        level = float(self.still.mean())
        # Light below zero has no photons; a recording with its mean taken off has none to count.
        share = _PHOTON_SHARE if level > 2.0 * self.streak_sd else 0.0
        image: NDArray[Any] = detector_noise(
            clean, self.noise_sd, chance, reference=level, photon_share=share
        )
        if np.dtype(self.dtype).kind in "iu":
            limits = np.iinfo(self.dtype)
            image = np.clip(np.rint(image), limits.min, limits.max).astype(self.dtype)
        travel = np.concatenate([[0.0], np.cumsum(velocity)])
        return Phantom(image, velocity, travel)

    def _train(
        self, velocity_um_per_s: NDArray[np.float64], chance: np.random.Generator
    ) -> NDArray[np.float64]:
        """Streaks of a train of rigid cells, of mean 0 and standard deviation 1."""
        drawn = velocity_kymograph(
            velocity_um_per_s * self.along_line_share,
            pixels=self.still.size,
            line_period_s=self.line_period_s,
            pixel_size_um=self.pixel_size_um,
            snr=np.inf,
            cell_length_um=(
                (1 - _CELL_SPREAD) * self.cell_length_um,
                (1 + _CELL_SPREAD) * self.cell_length_um,
            ),
            hematocrit=self.hematocrit,
            blur_sigma_um=self.blur_sigma_um,
            background=0.0,
            bleaching=0.0,
            sweep_fraction=self.sweep_fraction,
            bidirectional_offset_um=self.bidirectional_offset_um,
            seed=int(chance.integers(0, 2**31)),
        )
        streaks = drawn.image.astype(np.float64)
        streaks -= streaks.mean()
        streaks /= max(float(streaks.std()), 1e-12)
        return -streaks if self.bright_cells else streaks

    def _turns(
        self, velocity_um_per_s: NDArray[np.float64], chance: np.random.Generator
    ) -> NDArray[np.float64]:
        """How far each pixel has turned from one train to another, shape (lines, width).

        An angle that walks at random loses its cosine at a steady rate. Places further apart
        than a cell walk by themselves, so that not all cells change at once.
        """
        sd = np.sqrt(2.0 * self.fading_per_line)
        walks = np.cumsum(sd * chance.standard_normal((self.lines, _WALKS)), axis=0)
        way = np.cumsum(velocity_um_per_s * self.along_line_share) * self.line_period_s
        place = np.arange(self.still.size) * self.pixel_size_um - way[:, None]
        cell = place / self.cell_spacing_um % _WALKS
        first = np.minimum(cell.astype(np.intp), _WALKS - 1)
        part = cell - first
        line = np.arange(self.lines)[:, None]
        mixed = (1.0 - part) * walks[line, first] + part * walks[line, (first + 1) % _WALKS]
        turn: NDArray[np.float64] = mixed / np.hypot(1.0 - part, part)
        return turn


def cells_like(
    pattern: TrainPattern, pixel_size_um: float, blur_sigma_um: float
) -> tuple[float, float, bool]:
    """Length of cells (µm), share of the line they cover, and whether they are bright.

    The share follows from the skewness of the streaks, as of a train of two levels: where most
    of the line would be dark cells, they are bright cells far apart. The length follows from the
    half width of the correlation, which is compared with that of drawn trains.
    """
    lean = -0.5 * pattern.skewness
    dark = 0.5 * (1.0 - lean / np.sqrt(1.0 + lean**2))
    bright = bool(dark > _MOSTLY_DARK)
    hematocrit = float(np.clip(1.0 - dark if bright else dark, 0.1, 0.7))
    wanted = pattern.half_width_px if np.isfinite(pattern.half_width_px) else 8.0
    length = 2.5 * wanted * pixel_size_um
    for _ in range(4):
        found = _half_width_px(length, hematocrit, blur_sigma_um, pixel_size_um)
        length *= float(np.clip(wanted / found, 0.4, 2.5))
        length = float(np.clip(length, 0.5 * pixel_size_um, 0.1 * _TRAIN_PX * pixel_size_um))
    return length, hematocrit, bright


def _half_width_px(
    cell_um: float, hematocrit: float, blur_sigma_um: float, pixel_size_um: float
) -> float:
    """Where the correlation of a drawn train with itself is one half (px)."""
    # A train at rest, at two samples a pixel, is one line.
    train = velocity_kymograph(
        0.0,
        lines=1,
        pixels=2 * _TRAIN_PX,
        pixel_size_um=0.5 * pixel_size_um,
        snr=np.inf,
        cell_length_um=((1 - _CELL_SPREAD) * cell_um, (1 + _CELL_SPREAD) * cell_um),
        hematocrit=hematocrit,
        blur_sigma_um=blur_sigma_um,
        background=0.0,
        bleaching=0.0,
        seed=1,
    ).image[0]
    flat = train.astype(np.float64) - train.mean(dtype=float)
    spectrum = np.abs(np.fft.rfft(flat, 2 * flat.size)) ** 2
    covariance = np.fft.irfft(spectrum)[: flat.size // 2]
    below = int(np.argmax(covariance < 0.5 * covariance[0]))
    if below == 0:
        return 0.5 * covariance.size
    last, first = covariance[below - 1], covariance[below]
    part = (last - 0.5 * covariance[0]) / (last - first)
    return float(0.5 * (below - 1 + part))
