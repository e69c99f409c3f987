"""Which profile a vessel has: how deep the optical section is and how wide the spread."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cloudscope.analysis.lumen.fit import Levels, LumenFit, fit_residual
from cloudscope.analysis.lumen.heights import fit_with_one_height, held_height
from cloudscope.analysis.lumen.noise import noise_variance
from cloudscope.analysis.lumen.profiles import CylinderProfiles, blur_sigma_px
from cloudscope.analysis.lumen.surroundings import wall_pads

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from cloudscope.analysis.lumen.lines import Lines
    from cloudscope.analysis.lumen.locate import Track

__all__ = [
    "USUAL_PSF_UM",
    "Section",
    "Shape",
    "choose_shape",
    "unknown_levels",
]

Section = Literal["auto", "thin", "projected"]

_FEW = 32
_CLEAR = 40.0
"""Height over noise up to which lines are averaged."""
_SAMPLES = 8000
"""Pixels on which shapes are compared; at least 32 averages whatever their width."""
_THINNEST, _PROJECTED = float(np.log(0.03)), float(np.log(6.0))
"""Logarithms of the depth of the section in diameters: a box, and the projected half circle, from
which nobody can tell what is still thinner or deeper."""
_AXIALS = (_THINNEST, -2.0, -1.2, -0.5, 0.2, _PROJECTED)
USUAL_PSF_UM, _PSF_FACTOR = 0.4, 1.8
"""Without a PSF from the user: what microscopes usually have, and one sd of it as a factor."""
_USUAL_DEPTH, _DEPTH_FACTOR = 4.0, 2.5
"""Depth of the section in lateral spreads, as the optics of focused light usually have it."""
_TAIL = 3.0
"""Degrees of freedom of what is expected of optics."""
_DOUBT = 0.25
"""Share of that expectation that counts when other shapes are doubted: optics may be unusual."""
_LEAST_PSF_PX = 0.25
_STEP, _STEPS = 0.08, 8


@dataclass(frozen=True, slots=True)
class Shape:
    """The chosen profile.

    Attributes
    ----------
    psf_px, axial_px : float
    diameter_spread : float
        How far all diameters go with other profiles that explain the recording nearly as well:
        one standard deviation, as a share of the diameter.
    """

    psf_px: float
    axial_px: float
    diameter_spread: float


def unknown_levels(
    track: Track, lines: NDArray[np.intp], noise_variance: float, noise_rise: float
) -> Levels:
    """Levels from half-maximum walls alone: a start, with no weight in the fit."""
    height = np.maximum(track.lumen - track.tissue, 1e-6)[lines]
    endless = np.full(lines.size, np.inf)
    noise = np.full(lines.size, noise_variance)
    return Levels(track.tissue[lines], height, endless, endless, noise, noise_rise)


def choose_shape(
    lines: Lines,
    bounds: NDArray[np.intp],
    averages: NDArray[np.float32],
    track: Track,
    *,
    psf_px: float | None,
    section: Section,
    pixel_size_um: float,
    noise_rise: float,
    still_wanted: Callable[[], None],
) -> Shape:
    """The profile that leaves the smallest residual on averages spread over the recording.

    Parameters
    ----------
    lines : Lines
    bounds : ndarray, shape (averages + 1,)
    averages : ndarray, shape (averages, pixels)
        Means of the lines between the bounds.
    track : Track
        Where the vessel is on them.
    psf_px : float or None
        Lateral spread if known; else it is estimated together with the section, held near
        what microscopes usually have where the recording itself cannot tell.
    section : {"auto", "thin", "projected"}
        What is known of the optical section.
    pixel_size_um : float
    noise_rise : float
        See `Levels`.
    still_wanted : callable
        Called before each shape is tried; raises to stop.

    Returns
    -------
    Shape
    """
    image, at, averaged = _sample(lines, bounds, averages, track)

    def trial_of(every: int) -> _Trial:
        part = image[::every], at[::every]
        trial = _Trial(*part, averaged, track, averages, psf_px, pixel_size_um, noise_rise)
        trial.still_wanted = still_wanted
        return trial

    trial = trial_of(1)
    axials = {"auto": _AXIALS, "thin": (_THINNEST,), "projected": (_PROJECTED,)}[section]
    usual_psf = float(np.log(psf_px or USUAL_PSF_UM / pixel_size_um))
    stray = float(np.log(_PSF_FACTOR))
    psfs = [usual_psf] if psf_px else [usual_psf + k * stray for k in (-1.5, -0.5, 0.5, 1.5)]
    grid = [np.array((axial, psf)) for axial in axials for psf in psfs]
    low = np.array((_THINNEST, np.log(_LEAST_PSF_PX)))
    usual = trial.usual
    high = np.array((_PROJECTED, np.log(max(usual, 1.0))))
    # A few averages are enough to say where to begin.
    coarse = trial_of(max(1, at.size // _FEW))
    best = np.clip(min(grid, key=coarse.cost), low, high)
    trial.weigh(best)
    trial = trial.with_one_height(best)
    free = np.flatnonzero([section == "auto", psf_px is None])
    best, spread, along = trial.descend(best, free, low, high)
    if section == "auto":
        # Depth and spread make up for each other along a bent valley, and the diameter with them:
        # look one standard deviation to both sides, and at the ends.
        sides = [best[0] + sign * float(np.clip(along, 0.1, 1.0)) for sign in (-1.0, 1.0)]
        if psf_px is None:
            sides += [axial for axial in axials if -1.6 < axial - best[0] < 1.0]
        for axial in sides:
            end = np.clip((axial, best[1]), low, high)
            if psf_px is None:
                end, *_ = trial.descend(end, np.array([1]), low, high, steps=2)
            best = min(best, end, key=trial.cost)
    spread = max(spread, trial.doubt(best))
    axial = float(np.exp(best[0])) if best[0] < _PROJECTED - 1e-6 else np.inf
    return Shape(psf_px or float(np.exp(best[1])), axial * usual, spread)


def _sample(
    lines: Lines, bounds: NDArray[np.intp], averages: NDArray[np.float32], track: Track
) -> tuple[NDArray[np.float32], NDArray[np.float64], float]:
    """Short averages spread over the recording, where among the long ones, and their length there.

    Walls move while lines are averaged, and a blurred wall looks like a deep section. So no more
    lines are averaged than it takes for the lumen to be clear.
    """
    measured = np.flatnonzero(track.measured)
    contrast = np.median((track.lumen - track.tissue)[measured])
    clear = float(contrast) / np.sqrt(noise_variance(averages))
    longest = int(np.median(np.diff(bounds)))
    short = int(np.clip(np.ceil(longest * (_CLEAR / max(clear, 1e-9)) ** 2), 1, longest))
    width = float(np.median((track.right_px - track.left_px)[measured]))
    count = int(np.clip(_SAMPLES / (width + 16.0), 32, 256))
    starts = np.concatenate(
        [np.arange(bounds[k], bounds[k + 1] - short + 1, short) for k in measured]
    )
    starts = starts[np.unique(np.linspace(0, starts.size - 1, count).astype(int))]
    image = np.empty((starts.size, lines.pixels), np.float32)
    clean = np.ones(starts.size, np.bool_)
    for k, start in enumerate(starts):
        values, finite = lines.read(int(start), int(start) + short)
        clean[k] = finite.all()
        image[k] = values.mean(axis=0)
    middle = starts + 0.5 * (short - 1)
    at = np.interp(middle, 0.5 * (bounds[:-1] + bounds[1:] - 1), np.arange(bounds.size - 1))
    if not clean.any():
        return averages[measured], measured.astype(np.float64), 1.0
    return image[clean], at[clean], short / longest


class _Trial:
    """How well shapes explain some averages; points are log depth (diameters), log PSF (px)."""

    def __init__(
        self,
        image: NDArray[np.float32],
        at: NDArray[np.float64],
        averaged: float,
        track: Track,
        averages: NDArray[np.float32],
        psf_px: float | None,
        pixel_size_um: float,
        noise_rise: float,
    ) -> None:
        every = np.arange(averages.shape[0])
        self.image = image
        centre, width = track.smoothed()
        self.centre, self.width = np.interp(at, every, centre), np.interp(at, every, width)
        # While lines are averaged the walls move, at an even pace: that blurs them a little more.
        pace = np.diff(centre) ** 2 + 0.25 * np.diff(width) ** 2
        self.motion_px = averaged * float(np.sqrt(pace.sum() / max(12 * pace.size, 1)))
        self.still_wanted: Callable[[], None] = lambda: None
        self.last: LumenFit | None = None
        self.usual = float(np.median(self.width))
        self.psf_known = psf_px is not None
        self.usual_psf_px = psf_px or USUAL_PSF_UM / pixel_size_um
        self.guess = blur_sigma_px(self.usual_psf_px)
        self.pads = wall_pads(averages, track, self.guess)
        self.levels = unknown_levels(
            track, np.rint(at).astype(np.intp), noise_variance(image), noise_rise
        )
        self.noise = np.sqrt(self.levels.noise_variance)
        self._fits: dict[tuple[float, ...], tuple[LumenFit, NDArray[np.float64]]] = {}

    def fit(self, point: NDArray[np.float64]) -> tuple[LumenFit, NDArray[np.float64]]:
        """The averages fitted with a shape, and its residuals in units of the noise."""
        key = tuple(point)
        if key not in self._fits:
            self.still_wanted()
            axial = float(np.exp(point[0])) if point[0] < _PROJECTED - 1e-6 else np.inf
            profiles = CylinderProfiles(
                0.8 * float(self.width.min()) - self.guess,
                1.2 * float(self.width.max()) + self.guess,
                self.usual,
                psf_px=float(np.hypot(np.exp(point[1]), self.motion_px)),
                axial_px=axial * self.usual,
                reach_px=int(np.ceil(0.5 * float(self.width.max()) + max(self.pads))) + 1,
                step=0.5,
            )
            where = self.centre, self.width, profiles
            # Starting from the fit of the shape before, which is nearly that of this one.
            fit, self.levels = fit_with_one_height(
                self.image, *where, self.levels, self.pads, start=self.last
            )
            self.last = fit
            residual = fit_residual(self.image, *where, fit, self.levels, self.pads)
            self._fits[key] = fit, residual
        fit, residual = self._fits[key]
        return fit, residual / self.noise[:, None]

    def _strays(self, point: NDArray[np.float64]) -> NDArray[np.float64]:
        """How far a shape is from what optics usually are, in standard deviations."""
        depth = point[0] + np.log(self.usual) - point[1] - np.log(_USUAL_DEPTH)
        psf = 0.0 if self.psf_known else point[1] - np.log(self.usual_psf_px)
        away = np.array([depth / np.log(_DEPTH_FACTOR), psf / np.log(_PSF_FACTOR)])
        # As of a distribution with long tails: unusual optics, once seen, are not argued with.
        return np.asarray(
            np.sign(away) * np.sqrt(_TAIL * np.log1p(away**2 / _TAIL)), dtype=np.float64
        )

    def cost(self, point: NDArray[np.float64], expected: float = 1.0) -> float:
        """Minus the log-likelihood but for a constant, what is `expected` of optics weighed so."""
        _, residual = self.fit(point)
        return 0.5 * float(np.sum(residual**2) + expected * np.sum(self._strays(point) ** 2))

    def weigh(self, point: NDArray[np.float64]) -> None:
        """Let averages that no shape explains (a cell, a shadow) weigh by their own noise."""
        _, residual = self.fit(point)
        freedom = np.maximum(self.width + sum(self.pads) - 4.0, 1.0)
        self.noise = self.noise * np.sqrt(np.sum(residual**2, axis=1) / freedom + 1e-3)

    def with_one_height(self, point: NDArray[np.float64]) -> _Trial:
        """The same averages, their heights held to what they slowly do, as found with a shape.

        A thin vessel trades height for width, and depth for both. Of one height for all of them,
        found with each shape anew, the averages together know enough.
        """
        fit, _ = self.fit(point)
        other = copy(self)
        other.levels, other._fits = held_height(self.levels, fit, self.noise), {}
        return other

    def descend(
        self,
        point: NDArray[np.float64],
        free: NDArray[np.intp],
        low: NDArray[np.float64],
        high: NDArray[np.float64],
        steps: int = _STEPS,
    ) -> tuple[NDArray[np.float64], float, float]:
        """Damped Gauss-Newton from `point` along the `free` axes.

        Returns
        -------
        point : ndarray
        spread : float
            Standard deviation of the mean diameter at its end, as a share.
        along : float
            Standard deviation of the first of the free axes.
        """
        if not free.size:
            return point, 0.0, 0.0
        here = self.cost(point)
        covariance: NDArray[np.float64] = np.zeros((free.size, free.size))
        slope: NDArray[np.float64] = np.zeros(free.size)
        for _ in range(steps):
            fit, residual = self.fit(point)
            errors = np.append(residual.ravel(), self._strays(point))
            columns = np.empty((errors.size, free.size))
            for k, which in enumerate(free):
                other = point.copy()
                other[which] += _STEP if point[which] + _STEP <= high[which] else -_STEP
                moved, changed = self.fit(other)
                difference = np.append(changed.ravel(), self._strays(other)) - errors
                away = other[which] - point[which]
                columns[:, k] = difference / away
                slope[k] = (float(np.median(moved.diameter / fit.diameter)) - 1.0) / away
            covariance = np.asarray(np.linalg.pinv(columns.T @ columns), dtype=np.float64)
            step = np.clip(-covariance @ (columns.T @ errors), -1.0, 1.0)
            for _ in range(3):
                target = point.copy()
                target[free] += step
                target = np.clip(target, low, high)
                there = self.cost(target)
                if there < here:
                    break
                step = 0.3 * step
            gain, moved_by = here - there, float(np.max(np.abs(target - point)))
            if gain > 0:
                point, here = target, there
            if gain < 0.1 or moved_by < 0.01:
                break
        spread = max(float(slope @ covariance @ slope), 0.0) ** 0.5
        return point, spread, float(np.sqrt(covariance[0, 0]))

    def doubt(self, point: NDArray[np.float64]) -> float:
        """Spread of the mean diameter by the shapes tried so far, as a share.

        A shape whose diameter is d away at a cost higher by c means a standard deviation of at
        least d / sqrt(2 c), were the cost a parabola; one within a standard deviation at least d.
        """
        here, usual = self.cost(point, _DOUBT), float(np.median(self.fit(point)[0].diameter))
        spread = 0.0
        for key, (tried, _) in tuple(self._fits.items()):
            away = abs(float(np.median(tried.diameter)) / usual - 1.0)
            excess = max(self.cost(np.array(key), _DOUBT) - here, 0.0)
            spread = max(spread, away / float(np.sqrt(max(2.0 * excess, 1.0))))
        return spread
