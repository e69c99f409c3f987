"""Least squares of the cylinder's profile on many lines at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.profiles import CylinderProfiles

__all__ = ["Levels", "LumenFit", "fit_lumen", "fit_residual"]

_ITERATIONS = 12
_NOISE_LINES = 12.0
"""Degrees of freedom with which the noise of the recording weighs against that of one line."""


@dataclass(frozen=True, slots=True)
class Levels:
    """What the recording says of the brightness of single lines, before they are looked at.

    Attributes
    ----------
    tissue, height : ndarray, shape (lines,)
        Expected brightness beside the vessel, and of the lumen above it.
    tissue_sd, height_sd : ndarray, shape (lines,)
        How far single lines stray from that; infinite where nothing is known.
    noise_variance : ndarray, shape (lines,)
        Variance of a pixel of tissue about the profile.
    noise_rise : float
        By how much more a pixel on the axis of the lumen varies, as a share of that: light makes
        noise of its own.
    """

    tissue: NDArray[np.float64]
    height: NDArray[np.float64]
    tissue_sd: NDArray[np.float64]
    height_sd: NDArray[np.float64]
    noise_variance: NDArray[np.float64]
    noise_rise: float = 0.0

    def part(self, lines: slice | NDArray[np.intp]) -> Levels:
        """The levels of some of the lines."""
        return Levels(
            self.tissue[lines],
            self.height[lines],
            self.tissue_sd[lines],
            self.height_sd[lines],
            self.noise_variance[lines],
            self.noise_rise,
        )


@dataclass(frozen=True, slots=True)
class LumenFit:
    """Fitted lines; all arrays of shape (lines,), distances in pixels.

    Attributes
    ----------
    centre, diameter, centre_sd, diameter_sd
    tissue, height
        Brightness beside the vessel, and of the lumen above it.
    contrast
        Height of the lumen by this line alone, over its standard deviation.
    height_sd, tissue_sd
    residual_variance
        Mean square of the residual in the window, on the scale of the tissue's noise.
    """

    centre: NDArray[np.float64]
    diameter: NDArray[np.float64]
    centre_sd: NDArray[np.float64]
    diameter_sd: NDArray[np.float64]
    tissue: NDArray[np.float64]
    height: NDArray[np.float64]
    tissue_sd: NDArray[np.float64]
    height_sd: NDArray[np.float64]
    contrast: NDArray[np.float64]
    residual_variance: NDArray[np.float64]

    @classmethod
    def empty(cls, lines: int) -> LumenFit:
        """A fit of `lines` lines to be filled in."""
        return cls(*(np.full(lines, np.nan) for _ in cls.__slots__))

    def put(self, lines: slice | NDArray[np.intp], part: LumenFit) -> None:
        """Write the fit of some of the lines."""
        for name in self.__slots__:
            getattr(self, name)[lines] = getattr(part, name)


def fit_lumen(
    image: NDArray[np.float32],
    centre_px: NDArray[np.float64],
    diameter_px: NDArray[np.float64],
    profiles: CylinderProfiles,
    levels: Levels,
    pads_px: tuple[float, float],
    start: LumenFit | None = None,
) -> LumenFit:
    """Fit tissue, height, centre and diameter to every line by damped Gauss-Newton.

    Pixels farther than `pads_px` from the walls of the start have no weight, which keeps a
    neighbouring vessel out. Every line is fitted by itself and stops by itself, so its numbers do
    not depend on what it is fitted together with.

    Parameters
    ----------
    image : ndarray of float32, shape (lines, pixels)
        The lumen is bright.
    centre_px, diameter_px : ndarray, shape (lines,)
        The middle of the window and the walls it reaches past; where to start.
    profiles : CylinderProfiles
    levels : Levels
    pads_px : tuple of float
        How far past the left and the right wall pixels count.
    start : LumenFit, optional
        A fit of nearly the same, to start from instead.

    Returns
    -------
    LumenFit
    """
    lines, _ = image.shape
    value, weight, middle = _windows(
        image, centre_px, diameter_px, profiles.reach_px, pads_px, levels.noise_rise
    )
    # Brightness is counted from the expected tissue, so that sums of squares keep their digits.
    value = (value - levels.tissue[:, None].astype(np.float32)) * weight

    out = LumenFit.empty(lines)
    first = (centre_px, diameter_px) if start is None else (start.centre, start.diameter)
    centre, diameter = (values.astype(np.float64) for values in first)
    diameter = np.clip(diameter, profiles.smallest_px, profiles.largest_px)
    active = np.arange(lines)
    for iteration in range(_ITERATIONS):
        step, part = _step(
            value[active],
            weight[active],
            centre[active],
            diameter[active],
            middle[active],
            profiles,
            levels.part(active),
        )
        out.put(active, part)
        if iteration == _ITERATIONS - 1:
            break
        centre[active] += step[:, 0]
        diameter[active] = np.clip(
            diameter[active] + step[:, 1], profiles.smallest_px, profiles.largest_px
        )
        moving = (np.abs(step[:, 0]) > 0.02 * part.centre_sd) | (
            np.abs(step[:, 1]) > 0.02 * part.diameter_sd
        )
        active = active[moving]
        if not active.size:
            break
    return out


def fit_residual(
    image: NDArray[np.float32],
    centre_px: NDArray[np.float64],
    diameter_px: NDArray[np.float64],
    profiles: CylinderProfiles,
    fit: LumenFit,
    levels: Levels,
    pads_px: tuple[float, float],
) -> NDArray[np.float64]:
    """What a fit that started at `centre_px` and `diameter_px` leaves.

    Returns
    -------
    ndarray, shape (lines, window + 1)
        Zero where a pixel has no weight; the last column is how far the height strays from the
        expected one, on the scale of the noise.
    """
    value, weight, middle = _windows(
        image, centre_px, diameter_px, profiles.reach_px, pads_px, levels.noise_rise
    )
    drawn = profiles.read(fit.centre - middle, fit.diameter)[:, 0]
    residual = np.empty((value.shape[0], value.shape[1] + 1))
    residual[:, :-1] = weight * (value - fit.tissue[:, None] - fit.height[:, None] * drawn)
    held = np.sqrt(levels.noise_variance) / levels.height_sd
    residual[:, -1] = held * (fit.height - levels.height)
    return residual


def _windows(
    image: NDArray[np.float32],
    centre_px: NDArray[np.float64],
    diameter_px: NDArray[np.float64],
    reach: int,
    pads_px: tuple[float, float],
    noise_rise: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.intp]]:
    """Pixels around the vessel of each line, root of their weight, and the column in their middle.

    The weight is 0 or the noise variance of tissue over that of the pixel, by a trapezium: it must
    not depend on the shape that is tried, or shapes that give little weight would win.
    """
    pixels = image.shape[1]
    middle = np.rint(centre_px).astype(np.intp)
    column = middle[:, None] + np.arange(-reach, reach + 1)
    value = np.take_along_axis(image, np.clip(column, 0, pixels - 1), axis=1)
    away = column - centre_px[:, None]
    half = 0.5 * diameter_px[:, None]
    weight = (
        (column >= 0)
        & (column < pixels)
        & (away >= -(half + pads_px[0]))
        & (away <= half + pads_px[1])
    ).astype(np.float32)
    if noise_rise:
        light = np.clip(0.5 + (half - np.abs(away)) / (2.0 + 0.2 * diameter_px[:, None]), 0.0, 1.0)
        weight /= np.sqrt(np.maximum(1.0 + noise_rise * light, 0.1)).astype(np.float32)
    return value, weight, middle


def _step(
    value: NDArray[np.float32],
    weight: NDArray[np.float32],
    centre: NDArray[np.float64],
    diameter: NDArray[np.float64],
    middle: NDArray[np.intp],
    profiles: CylinderProfiles,
    levels: Levels,
) -> tuple[NDArray[np.float64], LumenFit]:
    """One Gauss-Newton step of centre and diameter, and the fit at the point before it."""
    read = profiles.read(centre - middle, diameter)
    read *= weight[:, None, :]
    lines, _, samples = read.shape
    basis = np.empty((lines, 4, samples), np.float32)
    basis[:, 0] = weight
    basis[:, 1:] = read
    inner = np.matmul(basis, basis.transpose(0, 2, 1)).astype(np.float64)
    seen = np.matmul(basis, value[:, :, None])[:, :, 0].astype(np.float64)

    # Tissue and height: linear, with what the recording says of them.
    known_tissue = levels.noise_variance / levels.tissue_sd**2
    known_height = levels.noise_variance / levels.height_sd**2
    n, p, pp = np.maximum(inner[:, 0, 0], 1e-9), inner[:, 0, 1], inner[:, 1, 1]
    alone = np.maximum(n * pp - p * p, 1e-9)
    height_alone = (n * seen[:, 1] - p * seen[:, 0]) / alone
    contrast = height_alone * np.sqrt(alone / n)
    nn, hh = n + known_tissue, pp + known_height
    right = seen[:, 1] + known_height * levels.height
    determinant = np.maximum(nn * hh - p * p, 1e-9)
    height = (nn * right - p * seen[:, 0]) / determinant
    tissue = (hh * seen[:, 0] - p * right) / determinant

    residual = value - tissue[:, None].astype(np.float32) * weight
    residual -= height[:, None].astype(np.float32) * read[:, 0]
    square = np.einsum("ij,ij->i", residual, residual).astype(np.float64)
    count = np.count_nonzero(weight, axis=1)
    freedom = np.maximum(count - 4.0, 0.0)
    variance = (square + _NOISE_LINES * levels.noise_variance) / (freedom + _NOISE_LINES)

    # A height of almost nothing would make the step endless; such a line is no vessel anyway.
    floor = 0.05 * np.abs(levels.height)
    lever = np.where(np.abs(height) < floor, floor, height)
    scale = np.ones((lines, 4))
    scale[:, 2:] = lever[:, None]
    normal = inner * scale[:, :, None] * scale[:, None, :]
    normal[:, 0, 0] += known_tissue
    normal[:, 1, 1] += known_height
    diagonal = np.einsum("iaa->ia", normal)
    diagonal += 1e-9 * np.trace(normal, axis1=1, axis2=2)[:, None] + 1e-12
    slopes = np.matmul(basis[:, 2:], residual[:, :, None])[:, :, 0] * lever[:, None]
    inverse = np.linalg.inv(normal)
    step = np.matmul(inverse[:, 2:, 2:], slopes[:, :, None].astype(np.float64))[:, :, 0]
    spread = np.sqrt(np.maximum(np.einsum("iaa->ia", inverse), 0.0) * variance[:, None])
    limit = np.maximum(0.25 * diameter, 1.0)[:, None]
    step = np.clip(step, -limit, limit)
    part = LumenFit(
        centre=centre,
        diameter=diameter,
        centre_sd=spread[:, 2],
        diameter_sd=spread[:, 3],
        tissue=tissue + levels.tissue,
        height=height,
        tissue_sd=spread[:, 0],
        height_sd=spread[:, 1],
        contrast=contrast / np.sqrt(variance),
        residual_variance=square / np.maximum(count, 1),
    )
    return step, part
