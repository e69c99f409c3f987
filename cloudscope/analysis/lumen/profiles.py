"""The brightness of a filled cylinder across a vessel, tabulated for fast fitting."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import erf, ndtr

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CylinderProfiles", "blur_sigma_px", "chord_light"]


def blur_sigma_px(psf_px: float) -> float:
    """Standard deviation of PSF and pixel together: what a wall is blurred by."""
    return float(np.sqrt(psf_px**2 + 1.0 / 12.0))


def chord_light(
    diameter_px: NDArray[np.floating], axial_px: float, cells_per_px: int
) -> NDArray[np.float64]:
    """Light of each small cell beside the axis of cylinders, exact to the wall.

    At distance u from the axis the half chord is ``h = sqrt(R**2 - u**2)`` and the section of
    standard deviation `axial_px` collects ``erf(h / (sqrt(2) axial))`` of it, or ``h`` itself if
    `axial_px` is infinite. Cell averages are differences of the running integral, which is smooth
    in ``t`` with ``u = R sin(t)``; so the wall lies where it is and not on a grid.

    Returns
    -------
    ndarray, shape (diameters, cells)
    """
    radius = np.maximum(0.5 * np.asarray(diameter_px, dtype=np.float64), 1e-6)[:, None]
    cells = int(np.ceil(float(radius.max()) * cells_per_px)) + 1
    angle = np.linspace(0.0, 0.5 * np.pi, 129 + cells // 2)
    half_chord = radius * np.cos(angle)
    seen = half_chord if np.isinf(axial_px) else erf(half_chord / (np.sqrt(2.0) * axial_px))
    rate = seen * half_chord
    running = np.zeros_like(rate)
    np.cumsum(0.5 * (rate[:, 1:] + rate[:, :-1]) * angle[1], axis=1, out=running[:, 1:])
    edges = np.arange(cells + 1) / cells_per_px
    at = np.arcsin(np.minimum(edges / radius, 1.0)) / angle[1]
    before = np.minimum(at.astype(np.intp), angle.size - 2)
    low = np.take_along_axis(running, before, axis=1)
    high = np.take_along_axis(running, before + 1, axis=1)
    light: NDArray[np.float64] = np.diff(low + (at - before) * (high - low), axis=1)
    return light * cells_per_px


def _blurred(
    light: NDArray[np.float64], count: int, stride: int, psf_px: float, cells_per_px: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Profiles seen through PSF and pixel, and their derivative by the distance from the axis.

    Returns
    -------
    height, slope : ndarray, shape (diameters, count)
        At distances of 0, 1, 2, … times `stride` cells.
    """
    cells = light.shape[1]
    # Cell c and output k are (k stride - c - 1/2) cells apart, its mirror (k stride + c + 1/2).
    reach = np.arange(-cells, (count - 1) * stride + cells + 1)
    away = (reach - 0.5) / cells_per_px
    left, right = (away + 0.5) / psf_px, (away - 0.5) / psf_px
    pixel = (ndtr(left) - ndtr(right)) / cells_per_px
    bell = (np.exp(-0.5 * left**2) - np.exp(-0.5 * right**2)) / np.sqrt(2.0 * np.pi)

    def seen(kernel: NDArray[np.float64]) -> NDArray[np.float64]:
        rows = np.lib.stride_tricks.sliding_window_view(kernel, 2 * cells + 1)[::stride]
        blurred: NDArray[np.float64] = light @ (rows[:, cells:0:-1] + rows[:, cells + 1 :]).T
        return blurred

    return seen(pixel), seen(bell / (psf_px * cells_per_px))


class CylinderProfiles:
    """Profiles and their slopes for a range of diameters, ready to be read off line by line.

    A profile of height 1 at diameter `reference_px` is stored at every step of the diameter and
    at sub-pixel phases of the centre, as rows of whole pixels. Reading a line is then four
    contiguous copies and a blend, whatever its width; the blend is cubic, since what a
    bilinear one leaves out of the bends looks like another section.

    Parameters
    ----------
    smallest_px, largest_px, reference_px : float
        Range of diameters, and the one whose height is 1.
    psf_px, axial_px : float
        Standard deviations of the lateral spread and of the optical section (may be infinite).
    reach_px : int
        Pixels to both sides of the centre that a reading returns.
    step : float
        Step of the diameter as a share of the blur of a wall.
    """

    def __init__(
        self,
        smallest_px: float,
        largest_px: float,
        reference_px: float,
        *,
        psf_px: float,
        axial_px: float,
        reach_px: int,
        step: float = 1.0 / 3.0,
    ) -> None:
        self.psf_px, self.axial_px, self.reach_px = psf_px, axial_px, reach_px
        blur = blur_sigma_px(psf_px)
        self.phases = int(np.clip(np.ceil(5.0 / blur), 2, 16))
        self.step_px = step * blur
        self.smallest_px = max(smallest_px, 3 * self.step_px)
        count = int(np.ceil((largest_px - self.smallest_px) / self.step_px)) + 2
        self.largest_px = self.smallest_px + (count - 1) * self.step_px
        diameters = self.smallest_px + self.step_px * np.arange(-2, count + 2)
        self.slack_px = 4
        side = reach_px + self.slack_px + 1
        samples = side * self.phases + 1
        useful = 0.5 * diameters[-1] + 6.0 * blur + 1.0
        seen = min(samples, int(useful * self.phases) + 2)
        finer = int(np.ceil(8.0 / blur / self.phases))
        optics = (finer, psf_px, finer * self.phases)
        height, slope = _blurred(chord_light(diameters, axial_px, optics[2]), seen, *optics)
        reference = chord_light(np.array([reference_px]), axial_px, optics[2])
        unit = float(_blurred(reference, 1, *optics)[0][0, 0])
        by_diameter = 8.0 * (height[3:-1] - height[1:-3]) - (height[4:] - height[:-4])
        by_diameter /= 12.0 * self.step_px
        stack = np.zeros((count, 3, samples), np.float32)
        stack[:, 0, :seen] = height[2:-2] / unit
        # d/dc of P(|x - c|) is minus the slope on the far side of the axis, plus on the near side.
        stack[:, 1, :seen] = -slope[2:-2] / unit
        stack[:, 2, :seen] = by_diameter / unit
        signed = np.concatenate([stack[:, :, :0:-1], stack], axis=2)
        signed[:, 1, : samples - 1] *= -1.0
        # Sample s of phase p and pixel k stands at k - side + p / phases.
        wide = 2 * side
        rows = signed[:, :, : wide * self.phases].reshape(count, 3, wide, self.phases)
        table = np.ascontiguousarray(rows.transpose(0, 3, 1, 2))
        self._middle = side
        self._rows = np.lib.stride_tricks.sliding_window_view(table, 2 * reach_px + 1, axis=3)

    def read(
        self, shift_px: NDArray[np.float64], diameter_px: NDArray[np.float64]
    ) -> NDArray[np.float32]:
        """Profiles of lines whose axis is `shift_px` from the middle pixel of their window.

        Returns
        -------
        ndarray of float32, shape (lines, 3, 2 * reach_px + 1)
            Height, its derivative by the place of the axis, and by the diameter.
        """
        top = self._rows.shape[0] - 2
        place = (np.clip(diameter_px, self.smallest_px, self.largest_px)) - self.smallest_px
        row = np.minimum((place / self.step_px).astype(np.intp), top)
        along = (place / self.step_px - row).astype(np.float32)[:, None, None]
        sample = -np.clip(shift_px, -self.slack_px, self.slack_px) * self.phases
        below = np.floor(sample).astype(np.intp)
        part = (sample - below).astype(np.float32)[:, None, None]
        start = self._middle - self.reach_px

        beyond, steep = along[:, 0], part[:, 0]

        def blend(at: NDArray[np.intp]) -> Any:
            pixel, phase = np.divmod(at, self.phases)
            low = self._rows[row, phase, :, start + pixel]
            change = self._rows[row + 1, phase, :, start + pixel] - low
            bend = _hermite_bend(beyond, change[:, 0], low[:, 2], change[:, 2], self.step_px)
            low += along * change
            low[:, 0] += bend
            return low

        value: NDArray[np.float32] = blend(below)
        change = blend(below + 1) - value
        bend = _hermite_bend(steep, change[:, 0], value[:, 1], change[:, 1], -1.0 / self.phases)
        value += part * change
        value[:, 0] += bend
        return value


def _hermite_bend(
    share: NDArray[np.float32],
    rise: NDArray[np.float32],
    slope: NDArray[np.float32],
    turn: NDArray[np.float32],
    step: float,
) -> NDArray[np.float32]:
    """What a cubic of given slopes at both ends is above the straight line, at a share of a step.

    `rise` is the difference of the ends, `slope` that of the first, `turn` the difference of
    their slopes.
    """
    inner = share * (1.0 - share)
    first = (inner * (1.0 - 2.0 * share)).astype(np.float32)
    bend: NDArray[np.float32] = first * (np.float32(step) * slope - rise)
    bend -= (inner * share * np.float32(step)) * turn
    return bend
