"""Kymographs of flow: a train of red cells that moves along the line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.allowed import finite, not_negative, positive, whole
from cloudscope.synthetic.cells import DrawnTrain, check_cells, random_train
from cloudscope.synthetic.detector import Detector
from cloudscope.synthetic.scan import Scan, StaticPattern, recorded, tissue_displacement
from cloudscope.synthetic.series import line_series, line_times
from cloudscope.synthetic.velocity_truth import VelocityTruth

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["velocity_kymograph"]


class Stream:
    """One train of cells on its way past the pixels of a scan."""

    def __init__(
        self,
        velocity_px: NDArray[np.float64],
        scan: Scan,
        rng: np.random.Generator,
        *,
        cell_px: tuple[float, float],
        hematocrit: float,
        blur_px: float,
        relative_speed: NDArray[np.float64],
    ) -> None:
        self.scan = scan
        self.step_px = velocity_px
        # Trapezoids: the way between two lines is the mean of their velocities times the period.
        steps = 0.5 * (velocity_px[1:] + velocity_px[:-1])
        self.way_px = np.concatenate([[0.0], np.cumsum(steps)])
        self._edges = np.arange(scan.pixels + 1) - 0.5
        self._slow = np.concatenate([[0.0], np.cumsum(1.0 / relative_speed)]) - 0.5
        self._ends = 1.0 / relative_speed[[0, -1]]
        margin = 8.0 + float(np.abs(velocity_px).max())
        shift = scan.largest_shift_px * float(self._ends.max())
        self._origin = float(self.way_px.max()) + margin + shift
        length = float(np.ptp(self.way_px)) + float(self._slow[-1] + 0.5) + 2 * (margin + shift)
        self.cells = random_train(length, rng, cell_px, hematocrit)
        self._drawn = DrawnTrain(self.cells, length, blur_px)
        self.mean, self.std = self._drawn.mean, self._drawn.std

    def at_rest_px(self, position_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Places of the line on the train at the first line; slow places are far apart on it."""
        inside = np.interp(position_px, self._edges, self._slow)
        before = np.minimum(position_px - self._edges[0], 0.0) * self._ends[0]
        after = np.maximum(position_px - self._edges[-1], 0.0) * self._ends[-1]
        on_train: NDArray[np.float64] = inside + before + after
        return on_train

    def seen(self, rows: slice, position_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """0 (plasma) to 1 (cell) at places of each line, shape (rows, pixels)."""
        moved = self.way_px[rows, None] + self.step_px[rows, None] * self.scan.sweep_lines(rows)
        return self._drawn.at(self.at_rest_px(position_px) - moved + self._origin)

    def offset_um(self, pixel_size_um: float) -> float:
        """From places of the train to places of the line at the first line."""
        return (0.5 - self._origin) * pixel_size_um


def speed_profile(along_line: ArrayLike | None, pixels: int) -> NDArray[np.float64]:
    """Speed at each column over the mean along the line.

    Raises
    ------
    ParameterError
    """
    if along_line is None:
        return np.ones(pixels)
    speed = line_series("speed_along_line", along_line, pixels)
    if not (speed > 0).all():
        raise ParameterError(
            f"speed_along_line={float(speed.min())!r} is not allowed: give positive numbers, one "
            "a column"
        )
    relative: NDArray[np.float64] = speed / speed.mean()
    return relative


def check_snr(snr: float) -> None:
    """Refuse a signal-to-noise ratio that is not above 0; without end is allowed.

    Raises
    ------
    ParameterError
    """
    if not (snr == np.inf if isinstance(snr, float) else False):
        positive(snr=snr)


def check_detector(detector: Detector | None, snr: float | None) -> None:
    """Refuse what is no detector, and one beside a signal-to-noise ratio.

    Raises
    ------
    ParameterError
    """
    if detector is not None and not isinstance(detector, Detector):
        raise ParameterError(f"detector={detector!r} is not allowed: give a Detector")
    if snr is not None and detector is not None:
        raise ParameterError(
            f"snr={snr!r} is not allowed with a detector: its noise follows from brightness"
        )


def lines_of(
    intervals_s: Sequence[tuple[float, float]], lines: int, period_s: float
) -> NDArray[np.bool_]:
    """Which lines begin within intervals of time.

    Raises
    ------
    ParameterError
    """
    time_s = line_times(lines, period_s)
    inside = np.zeros(lines, bool)
    try:
        intervals = np.array([*intervals_s], dtype=np.float64).reshape(-1, 2)
    except (TypeError, ValueError):
        intervals = np.full((1, 2), np.nan)
    for start, stop in intervals:
        if not start < stop:
            raise ParameterError(
                f"empty_s={intervals_s!r} is not allowed: give pairs of (start, stop) with start "
                "before stop"
            )
        inside |= (time_s >= start) & (time_s < stop)
    return inside


def velocity_kymograph(
    velocity_um_per_s: ArrayLike,
    *,
    lines: int | None = None,
    pixels: int = 64,
    line_period_s: float = 1e-3,
    pixel_size_um: float = 0.5,
    snr: float | None = None,
    cell_length_um: tuple[float, float] = (3.0, 4.0),
    hematocrit: float = 0.45,
    blur_sigma_um: float = 0.4,
    background: float = 0.3,
    bleaching: float = 0.2,
    contrast: float = 0.6,
    bright_cells: bool = False,
    sweep_fraction: float = 0.0,
    bidirectional_offset_um: float | None = None,
    speed_along_line: ArrayLike | None = None,
    tissue_displacement_um: ArrayLike = 0.0,
    empty_s: Sequence[tuple[float, float]] = (),
    remains: float = 0.0,
    vignetting: float = 0.0,
    flicker: float = 0.0,
    dropped_share: float = 0.0,
    detector: Detector | None = None,
    brightness: float = 100.0,
    seed: int = 0,
) -> VelocityTruth:
    """A kymograph along a vessel: dark cells in bright plasma (or the reverse) on the move.

    One random train of cells moves rigidly; position is integrated from the velocity, so the
    place of every streak is exact to a small part of a pixel at any speed. The truth knows every
    cell of it: how many pass, how long they are, how much of the line they cover.

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
    snr : float, optional
        RMS contrast of the streaks over the standard deviation of the noise, per pixel; 2 by
        default, ``inf`` for no noise. With a `detector` it comes out and is not given.
    cell_length_um : tuple of float
        Shortest and longest cell (µm).
    hematocrit : float
        Share of the line covered by cells, above 0 and below 1.
    blur_sigma_um : float
        Optical blur (standard deviation, µm), besides the integration over a pixel.
    background : float
        Strength of the static pattern of the tissue; 0 is none, 1 is strong.
    bleaching : float
        Share of the fluorescence lost over the recording.
    contrast : float
        Depth of the cells relative to the plasma.
    bright_cells : bool
        Labelled cells in dark plasma.
    sweep_fraction : float
        Share of the line period in which the scanner sweeps the line; 0 sees all pixels at once.
    bidirectional_offset_um : float, optional
        The scanner sweeps odd lines backwards, and they lie this far towards larger columns.
    speed_along_line : array_like, shape (pixels,), optional
        Relative speed at each column, in any unit: `velocity_um_per_s` is its mean. Cells grow
        longer, and their distances larger, where it is faster, as many pass everywhere.
    tissue_displacement_um : float or array_like, shape (lines,)
        Where the tissue, with vessel and cells, is at each line (µm).
    empty_s : sequence of (start, stop)
        Times without cells in view (s): plasma alone.
    remains : float
        Loss of light behind things stuck in the vessel, as long as cells, on 30 % of the line.
    vignetting : float
        Loss of light at both ends of the line; it stays with the scanner when the tissue moves.
    flicker : float
        Standard deviation of the light from line to line, as a share of it (white).
    dropped_share : float
        Share of lines that get no light at all.
    detector : Detector, optional
        Records the image in counts; `brightness` is in photons a pixel then.
    brightness : float
        Level of plasma in the unit of the image, or in photons.
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

    Flux is velocity times the linear density of cells:

    >>> truth = velocity_kymograph(800.0, lines=20_000, seed=1)
    >>> abs(truth.flux_per_s / (800.0 * truth.linear_density_per_um) - 1) < 0.01
    True
    """
    velocity = line_series("velocity_um_per_s", velocity_um_per_s, lines)
    wanted_snr = 2.0 if snr is None else snr
    whole(1, pixels=pixels)
    whole(0, seed=seed)
    positive(
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        contrast=contrast,
        brightness=brightness,
    )
    check_snr(wanted_snr)
    not_negative(blur_sigma_um=blur_sigma_um)
    if bidirectional_offset_um is not None:
        finite(bidirectional_offset_um=bidirectional_offset_um)
    check_detector(detector, snr)
    check_cells(hematocrit, cell_length_um)
    relative = speed_profile(speed_along_line, pixels)
    course_um, course_px = tissue_displacement(tissue_displacement_um, velocity.size, pixel_size_um)
    offset_um = bidirectional_offset_um
    scan = Scan(
        lines=velocity.size,
        pixels=pixels,
        sweep_fraction=sweep_fraction,
        bidirectional_offset_px=None if offset_um is None else offset_um / pixel_size_um,
        displacement_px=course_px,
        bleaching=bleaching,
        vignetting=vignetting,
        flicker=flicker,
        dropped_share=dropped_share,
        seed=seed,
    )
    empty = lines_of(empty_s, velocity.size, line_period_s)
    rng = np.random.default_rng(seed)
    cell_px = (cell_length_um[0] / pixel_size_um, cell_length_um[1] / pixel_size_um)
    stream = Stream(
        velocity * (line_period_s / pixel_size_um),
        scan,
        rng,
        cell_px=cell_px,
        hematocrit=hematocrit,
        blur_px=blur_sigma_um / pixel_size_um,
        relative_speed=relative,
    )
    pattern = StaticPattern(scan, rng, background, remains, cell_px[0])
    dark_level, sign = (0.3, 1.0) if bright_cells else (1.0, -1.0)
    level = dark_level + sign * contrast * stream.mean
    streaks = brightness * contrast * stream.std

    def clean(rows: slice) -> NDArray[np.float64]:
        place = np.arange(pixels) - scan.shift_px(rows)[:, None]
        cells = np.where(empty[rows, None], 0.0, stream.seen(rows, place))
        return (dark_level + sign * contrast * cells) * pattern.at(place)

    if detector is None:
        noise_sd = streaks / wanted_snr
    else:
        noise_sd = float(detector.noise_sd_counts(brightness * level))
        wanted_snr = streaks * detector.counts_per_photon / noise_sd
    return VelocityTruth(
        image=recorded(
            scan,
            clean,
            rng,
            brightness=brightness,
            noise_sd=noise_sd,
            reference=brightness * level,
            detector=detector,
        ),
        velocity_um_per_s=velocity,
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        snr=float(wanted_snr),
        noise_sd=noise_sd,
        seed=seed,
        cells=stream.cells.scaled(pixel_size_um, stream.offset_um(pixel_size_um)),
        relative_speed=relative,
        displacement_um=course_um,
        dropped=scan.dropped,
        empty=empty,
        sweep_fraction=sweep_fraction,
        bidirectional_offset_um=offset_um,
    )
