"""Kymographs across a vessel: a filled lumen whose walls move."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from scipy.ndimage import map_coordinates
from scipy.special import erf

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, positive, whole
from cloudscope.synthetic.detector import Detector, bleaching_curve, detector_noise
from cloudscope.synthetic.flow import check_detector
from cloudscope.synthetic.series import line_series

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["DiameterTruth", "diameter_kymograph"]

_BLOCK_LINES = 4096
_STEP_PX = 0.25
"""Step of the table of profiles, in diameter and position; a cubic spline goes between."""


@dataclass(frozen=True, eq=False, kw_only=True)
class DiameterTruth:
    """A kymograph across a vessel and the walls it was drawn with.

    Attributes
    ----------
    image : ndarray of float32, or of uint16 from a detector, shape (lines, pixels)
        Read-only.
    diameter_um, centre_um : ndarray of float64, shape (lines,)
        Diameter, and place of the axis from the outer edge of the first column, where column k
        reaches from k to k + 1 pixel sizes; read-only.
    line_period_s, pixel_size_um, psf_sigma_um, axial_sigma_um : float
    snr : float
        Height of the lumen at its mean diameter over the standard deviation of the noise.
    noise_sd : float
        Standard deviation of the noise in the unit of `image`.
    seed : int
    """

    image: NDArray[Any] = field(repr=False)
    diameter_um: NDArray[np.float64] = field(repr=False)
    centre_um: NDArray[np.float64] = field(repr=False)
    line_period_s: float
    pixel_size_um: float
    psf_sigma_um: float
    axial_sigma_um: float
    snr: float
    noise_sd: float
    seed: int

    def __post_init__(self) -> None:
        for values in (self.image, self.diameter_um, self.centre_um):
            values.flags.writeable = False

    @property
    def median_diameter_um(self) -> float:
        """Median over all lines (µm)."""
        return float(np.median(self.diameter_um))

    @property
    def left_um(self) -> NDArray[np.float64]:
        """Wall at the smaller columns (µm from the outer edge of the first column)."""
        return self.centre_um - 0.5 * self.diameter_um

    @property
    def right_um(self) -> NDArray[np.float64]:
        """Wall at the larger columns (µm from the outer edge of the first column)."""
        return self.centre_um + 0.5 * self.diameter_um


def _profile_table(
    diameters_px: NDArray[np.floating],
    distances_px: NDArray[np.floating],
    psf_px: float,
    axial_px: float,
) -> NDArray[np.float64]:
    """Brightness seen by a pixel at a distance from the axis of a filled cylinder.

    The beam collects ``erf(h / (sqrt(2) axial))`` of the light at half chord h; the lateral spread
    and the pixel are integrated along the chord with ``u = R sin(t)``, which takes away the kink
    at the wall, so that Gauss-Legendre nodes converge fast.
    """
    # In the middle of the lumen nodes lie about 5 R / count apart: at most one PSF sigma here.
    count = 48 + int(2.5 * float(diameters_px.max()) / psf_px)
    nodes, weights = np.polynomial.legendre.leggauss(count)
    angle, weights = 0.5 * np.pi * nodes, 0.5 * np.pi * weights
    table = np.empty((diameters_px.size, distances_px.size))
    width = np.sqrt(2.0) * psf_px
    for k, diameter in enumerate(diameters_px):
        radius = 0.5 * diameter
        place = radius * np.sin(angle)
        half_chord = radius * np.cos(angle)
        light = half_chord if np.isinf(axial_px) else erf(half_chord / (np.sqrt(2.0) * axial_px))
        away = distances_px[:, None] - place[None, :]
        pixel = 0.5 * (erf((away + 0.5) / width) - erf((away - 0.5) / width))
        table[k] = pixel @ (light * weights * half_chord)
    return table


class _Lumen:
    """Draws lumens of the diameters of one recording, with height 1 at `plateau_px`."""

    def __init__(
        self,
        smallest_px: float,
        largest_px: float,
        plateau_px: float,
        psf_px: float,
        axial_px: float,
    ) -> None:
        self.first = max(smallest_px - 4 * _STEP_PX, _STEP_PX)
        count = int(np.ceil((largest_px - self.first) / _STEP_PX)) + 5
        reach = 0.5 * largest_px + 6.0 * psf_px + 3.0
        distances = np.arange(int(np.ceil(reach / _STEP_PX)) + 1) * _STEP_PX
        diameters = self.first + _STEP_PX * np.arange(count)
        table = _profile_table(diameters, distances, psf_px, axial_px)
        height = _profile_table(np.array([plateau_px]), np.zeros(1), psf_px, axial_px)[0, 0]
        self.table = table / height

    def draw(
        self, diameter_px: NDArray[np.float64], centre_px: NDArray[np.float64], pixels: int
    ) -> NDArray[np.float64]:
        away = np.abs(np.arange(pixels) - centre_px[:, None]) / _STEP_PX
        row = np.broadcast_to((diameter_px[:, None] - self.first) / _STEP_PX, away.shape)
        away = np.minimum(away, self.table.shape[1] - 1)
        # "mirror" makes the spline even about distance 0, as the profile is about its axis.
        drawn: NDArray[np.float64] = map_coordinates(
            self.table, np.stack([row, away]), order=3, mode="mirror"
        )
        return drawn


def diameter_kymograph(
    diameter_um: ArrayLike,
    *,
    lines: int | None = None,
    pixels: int = 128,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.25,
    centre_um: ArrayLike | None = None,
    psf_sigma_um: float = 0.375,
    axial_sigma_um: float = 1.5,
    snr: float | None = None,
    background: float = 0.25,
    polarity: Literal["bright", "dark"] = "bright",
    neighbour_height: float = 0.0,
    neighbour_gap_um: float = 2.0,
    bleaching: float = 0.2,
    detector: Detector | None = None,
    brightness: float = 100.0,
    seed: int = 0,
) -> DiameterTruth:
    """A kymograph across a vessel filled with dye, with known walls.

    The vessel is a round cylinder in the focal plane. `axial_sigma_um` is the depth of the
    optical section: thin sections give a box-like profile, infinite depth the projected half
    circle of a wide-field image.

    Parameters
    ----------
    diameter_um : float or array_like, shape (lines,)
        Diameter of the lumen at each line (µm).
    lines : int, optional
        Number of lines, needed with a single diameter.
    pixels : int
        Columns.
    line_period_s, pixel_size_um : float
        Sampling (s, µm).
    centre_um : float or array_like, shape (lines,), optional
        Place of the axis from the outer edge of the first column (µm); the middle of the line
        by default.
    psf_sigma_um : float
        Lateral spread of the microscope (standard deviation, µm).
    axial_sigma_um : float
        Depth of the optical section (standard deviation, µm); may be ``inf``.
    snr : float, optional
        Height of the lumen at its mean diameter over the standard deviation of the noise; 10 by
        default. With a `detector` it comes out and is not given.
    background : float
        Brightness of tissue relative to the height of the lumen, tilted by 30 % along the line.
    polarity : {"bright", "dark"}
        Lumen brighter than the tissue (dye) or darker (tissue label).
    neighbour_height : float
        Height of a second vessel of half the diameter to the right, relative to the first.
    neighbour_gap_um : float
        Gap from the right wall at its widest to the neighbour (µm).
    bleaching : float
        Share of the fluorescence lost over the recording.
    detector : Detector, optional
        Records the image in counts; `brightness` is in photons a pixel then.
    brightness : float
        Height of the lumen in the unit of the image, or in photons.
    seed : int

    Returns
    -------
    DiameterTruth

    Raises
    ------
    ParameterError
        Naming the parameter, its value and what is allowed.

    Examples
    --------
    >>> truth = diameter_kymograph(10.0, lines=200, snr=20.0, seed=3)
    >>> truth.image.shape, truth.median_diameter_um
    ((200, 128), 10.0)
    >>> float(truth.right_um[0] - truth.left_um[0])
    10.0
    """
    check_detector(detector, snr)
    whole(1, pixels=pixels)
    whole(0, seed=seed)
    positive(pixel_size_um=pixel_size_um)
    not_negative(background=background, neighbour_height=neighbour_height)
    finite(neighbour_gap_um=neighbour_gap_um)
    wanted_snr = 10.0 if snr is None else snr
    diameter = line_series("diameter_um", diameter_um, lines)
    rows = diameter.size
    middle = 0.5 * pixels * pixel_size_um
    centre = line_series("centre_um", middle if centre_um is None else centre_um, rows)
    positive(
        diameter_um=float(diameter.min()),
        line_period_s=line_period_s,
        psf_sigma_um=psf_sigma_um,
        snr=wanted_snr,
        brightness=brightness,
    )
    if not (isinstance(axial_sigma_um, int | float) and axial_sigma_um > 0):
        raise ParameterError(
            f"axial_sigma_um={axial_sigma_um!r} is not allowed: give a positive number, or inf"
        )
    if not isinstance(polarity, str) or polarity not in ("bright", "dark"):
        raise ParameterError(f"polarity={polarity!r} is not allowed: give 'bright' or 'dark'")
    rng = np.random.default_rng(seed)
    wide = diameter / pixel_size_um
    # Drawn by the middles of columns.
    place = centre / pixel_size_um - 0.5
    mean_px = float(wide.mean())
    optics = (psf_sigma_um / pixel_size_um, axial_sigma_um / pixel_size_um)
    lumen = _Lumen(float(wide.min()), float(wide.max()), mean_px, *optics)
    other = _Lumen(mean_px / 2, mean_px / 2, mean_px / 2, *optics) if neighbour_height else None
    # The neighbour keeps its place, in the tissue, while the vessel beats against it.
    other_px = float((place + wide / 2).max()) + neighbour_gap_um / pixel_size_um + mean_px / 4
    tissue = background * (1.0 + 0.3 * (np.arange(pixels) / pixels - 0.5))
    left = bleaching_curve(rows, bleaching)
    noise_sd = brightness / wanted_snr
    if detector is not None:
        noise_sd = float(detector.noise_sd_counts(brightness * (0.5 + background)))
        wanted_snr = brightness * detector.counts_per_photon / noise_sd
    image = np.empty((rows, pixels), np.float32 if detector is None else np.uint16)
    for start in range(0, rows, _BLOCK_LINES):
        block = slice(start, min(start + _BLOCK_LINES, rows))
        clean = lumen.draw(wide[block], place[block], pixels)
        if other is not None:
            same = np.full(clean.shape[0], 1.0)
            clean = clean + neighbour_height * other.draw(
                same * mean_px / 2, same * other_px, pixels
            )
        clean = (clean if polarity == "bright" else np.maximum(1.2 - clean, 0.0)) + tissue
        light = brightness * clean * left[block, None]
        if detector is None:
            reference = brightness * (0.5 + background)
            image[block] = detector_noise(light, noise_sd, rng, reference=reference)
        else:
            image[block] = detector.record(light, rng)
    return DiameterTruth(
        image=image,
        diameter_um=diameter,
        centre_um=centre,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        psf_sigma_um=psf_sigma_um,
        axial_sigma_um=axial_sigma_um,
        snr=float(wanted_snr),
        noise_sd=noise_sd,
        seed=seed,
    )
