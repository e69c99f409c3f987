"""Which profile a vessel has: how deep the optical section is and how wide the spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cloudscope.analysis.lumen.fit import Levels, fit_lumen
from cloudscope.analysis.lumen.profiles import CylinderProfiles, blur_sigma_px

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.locate import Track

__all__ = ["Section", "Shape", "choose_shape", "noise_variance", "unknown_levels", "wall_pads"]

Section = Literal["auto", "thin", "projected"]

_SAMPLES = 8000
"""Pixels on which shapes are compared; at least 32 averages whatever their width."""
_AXIAL = (0.03, 0.08, 0.15, 0.3, 0.6, np.inf)
"""Depths of the section tried, in diameters: from a box to the projected half circle."""
_USUAL_PSF_UM, _PSF_FACTOR = 0.4, 1.8
"""Without a PSF from the user: what microscopes usually have, and one sd of it as a factor."""


@dataclass(frozen=True, slots=True)
class Shape:
    """The chosen profile.

    Attributes
    ----------
    psf_px, axial_px : float
    diameter_spread : float
        How far the mean diameter goes with other profiles that explain the recording nearly as
        well: one standard deviation, as a share of the diameter.
    """

    psf_px: float
    axial_px: float
    diameter_spread: float


def unknown_levels(track: Track, lines: NDArray[np.intp], noise_variance: float) -> Levels:
    """Levels from half-maximum walls alone: a start, with no weight in the fit."""
    height = np.maximum(track.lumen - track.tissue, 1e-6)[lines]
    endless = np.full(lines.size, np.inf)
    noise = np.full(lines.size, noise_variance)
    return Levels(track.tissue[lines], height, endless, endless, noise)


def wall_pads(averages: NDArray[np.float32], track: Track, blur_px: float) -> tuple[float, float]:
    """How far past the left and right wall there is nothing but tissue (px).

    The profile averaged from the wall outward falls to the tissue and, where there is a
    neighbour, rises again; pixels count up to one blur before that.
    """
    most = 4.0 * blur_px + 4.0
    good = np.flatnonzero(track.measured)
    height = float(np.median((track.lumen - track.tissue)[good]))
    pads = []
    for wall, sign in ((track.left_px, -1), (track.right_px, 1)):
        first = np.rint(wall[good]).astype(np.intp)
        column = first[:, None] + sign * np.arange(int(most + 3.0 * blur_px) + 2)
        inside = (column >= 0) & (column < averages.shape[1])
        values = np.take_along_axis(
            averages[good], np.clip(column, 0, averages.shape[1] - 1), axis=1
        )
        seen = inside.sum(axis=0) > 0.5 * good.size
        outward = np.where(inside, values, 0.0).sum(axis=0)[seen] / inside.sum(axis=0)[seen]
        lowest = np.minimum.accumulate(outward)
        rising = np.flatnonzero(outward > lowest + 0.08 * height)
        end = float(rising[0]) - blur_px if rising.size else most
        pads.append(float(np.clip(end, 1.5 * blur_px + 1.0, most)))
    return pads[0], pads[1]


def choose_shape(
    averages: NDArray[np.float32],
    track: Track,
    *,
    psf_px: float | None,
    section: Section,
    pixel_size_um: float,
) -> Shape:
    """The profile that leaves the smallest residual on averages spread over the recording.

    Parameters
    ----------
    averages : ndarray, shape (averages, pixels)
    track : Track
        Where the vessel is on them.
    psf_px : float or None
        Lateral spread if known; else it is estimated together with the section, held near
        what microscopes usually have where the recording itself cannot tell.
    section : {"auto", "thin", "projected"}
        What is known of the optical section.
    pixel_size_um : float

    Returns
    -------
    Shape
    """
    measured = np.flatnonzero(track.measured)
    usual = float(np.median((track.right_px - track.left_px)[measured]))
    count = int(np.clip(_SAMPLES / (usual + 16.0), 32, 256))
    pick = measured[np.unique(np.linspace(0, measured.size - 1, count).astype(int))]
    left, right = track.left_px[pick], track.right_px[pick]
    # Half maximum fails on some averages; their start is then the usual width.
    width = np.where(abs(right - left - usual) < 0.4 * usual, right - left, usual)
    centre = 0.5 * (left + right)
    image = averages[pick]
    axials = {"auto": _AXIAL, "thin": _AXIAL[:1], "projected": _AXIAL[-1:]}[section]
    guess = blur_sigma_px(psf_px or _USUAL_PSF_UM / pixel_size_um)
    pads = wall_pads(averages, track, guess)
    noise = noise_variance(image)
    levels = unknown_levels(track, pick, noise)
    tried: dict[tuple[float, float], tuple[float, float]] = {}

    def misfit(psf: float, axial: float) -> float:
        if (psf, axial) not in tried:
            profiles = CylinderProfiles(
                0.75 * float(width.min()) - guess,
                1.3 * float(width.max()) + guess,
                usual,
                psf_px=psf,
                axial_px=axial * usual,
                reach_px=int(np.ceil(0.5 * float(width.max()) + max(pads))) + 1,
            )
            fit = fit_lumen(image, centre, width, profiles, levels, pads)
            samples = width + sum(pads)
            # Half of N log(mean square) is minus the log-likelihood of Gaussian noise of a size
            # of its own in each average, so one bad average does not rule.
            cost = 0.5 * float(np.sum(samples * np.log(fit.residual_variance + 1e-3 * noise)))
            if psf_px is None:
                stray = np.log(psf * pixel_size_um / _USUAL_PSF_UM) / np.log(_PSF_FACTOR)
                cost += 0.5 * float(stray) ** 2
            tried[psf, axial] = (cost, float(np.median(fit.diameter)))
        return tried[psf, axial][0]

    psfs = [psf_px] if psf_px is not None else _usual_psfs_px(pixel_size_um)
    best_psf, best_axial = min(((p, a) for p in psfs for a in axials), key=lambda pa: misfit(*pa))
    if section == "auto":
        finer = _between(best_axial)
        best_axial = min((best_axial, *finer), key=lambda axial: misfit(best_psf, axial))
    if psf_px is None:
        finer_psf = [best_psf * f for f in (0.72, 0.85, 1.18, 1.39)]
        best_psf = min((best_psf, *finer_psf), key=lambda psf: misfit(psf, best_axial))
    costs = np.array([cost for cost, _ in tried.values()])
    widths = np.array([found for _, found in tried.values()])
    belief = np.exp(-(costs - costs.min()))
    belief /= belief.sum()
    best_width = tried[best_psf, best_axial][1]
    spread = float(np.sqrt(np.sum(belief * (widths - best_width) ** 2)) / max(best_width, 1e-9))
    return Shape(best_psf, best_axial * usual, spread)


def _usual_psfs_px(pixel_size_um: float) -> list[float]:
    factors = np.exp(np.linspace(-2.0, 2.0, 6) * np.log(_PSF_FACTOR))
    return [max(0.25, float(f) * _USUAL_PSF_UM / pixel_size_um) for f in factors]


def _between(axial: float) -> tuple[float, ...]:
    at = _AXIAL.index(axial)
    steps = []
    if at > 0:
        low = _AXIAL[at - 1]
        steps.append(1.0 if np.isinf(axial) else float(np.sqrt(low * axial)))
    if at < len(_AXIAL) - 1:
        high = _AXIAL[at + 1]
        steps.append(1.0 if np.isinf(high) else float(np.sqrt(axial * high)))
    return tuple(steps)


def noise_variance(image: NDArray[np.float32]) -> float:
    """Variance of white noise, from second differences along the line (robust)."""
    if image.shape[1] < 4:
        return float(np.var(image)) + 1e-12
    second = np.diff(image.astype(np.float64), n=2, axis=1) / np.sqrt(6.0)
    return float((1.4826 * np.median(np.abs(second))) ** 2) + 1e-12
