"""Red cells in single file: where each begins and ends, and what a line of pixels sees of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.ndimage import gaussian_filter1d, map_coordinates, spline_filter1d, uniform_filter1d

from cloudscope.synthetic.allowed import pair, positive, share

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CellTrain", "DrawnTrain", "check_cells", "random_train"]

_SAMPLES_PER_PX = 8
"""Samples of the drawn train per pixel; a cubic spline goes between them."""

_SPLINE_REACH = 24
"""Samples beyond those asked for that keep the spline's end from being felt."""


@dataclass(frozen=True, eq=False)
class CellTrain:
    """Cells in single file, in the order in which they lie along the vessel.

    Attributes
    ----------
    start_um, stop_um : ndarray of float64, shape (cells,)
        Both ends of each cell at the first line, from the outer edge of the first column; cells
        that come into view later begin outside of it. Read-only.
    depth : ndarray of float64, shape (cells,)
        How dark (or bright) each is, as a share of the contrast; read-only.
    """

    start_um: NDArray[np.float64] = field(repr=False)
    stop_um: NDArray[np.float64] = field(repr=False)
    depth: NDArray[np.float64] = field(repr=False)

    def __post_init__(self) -> None:
        for values in (self.start_um, self.stop_um, self.depth):
            values.flags.writeable = False

    def __len__(self) -> int:
        return int(self.start_um.size)

    @property
    def centre_um(self) -> NDArray[np.float64]:
        """Middle of each cell at the first line (µm)."""
        return 0.5 * (self.start_um + self.stop_um)

    @property
    def length_um(self) -> NDArray[np.float64]:
        """Length of each cell (µm)."""
        return self.stop_um - self.start_um

    def covered_um(self, position_um: Any) -> NDArray[np.float64]:
        """Length covered by cells from before the first of them up to `position_um`."""
        ends = np.ravel(np.column_stack([self.start_um, self.stop_um]))
        covered = np.concatenate([[0.0], np.cumsum(self.length_um)])
        at_ends = np.ravel(np.column_stack([covered[:-1], covered[1:]]))
        reached: NDArray[np.float64] = np.interp(position_um, ends, at_ends)
        return reached

    def scaled(self, um_per_unit: float, moved_by_um: float) -> CellTrain:
        """The same cells on another scale and elsewhere."""
        return CellTrain(
            self.start_um * um_per_unit + moved_by_um,
            self.stop_um * um_per_unit + moved_by_um,
            self.depth.copy(),
        )


class DrawnTrain:
    """A train as pixels see it: blurred by the optics, averaged over a pixel.

    Parameters
    ----------
    train : CellTrain
        In pixels, from 0 on.
    length_px : float
        How much of it is drawn.
    blur_px : float
        Standard deviation of the optical blur.
    """

    def __init__(self, train: CellTrain, length_px: float, blur_px: float) -> None:
        samples = int(np.ceil(length_px * _SAMPLES_PER_PX)) + 2
        edges = np.zeros(samples + 1)
        for position, sign in ((train.start_um, 1.0), (train.stop_um, -1.0)):
            at = position * _SAMPLES_PER_PX
            inside = at < samples
            whole = at[inside].astype(np.intp)
            part = at[inside] - whole
            height = sign * train.depth[inside]
            # An edge between two samples is shared by both, so its place is exact.
            np.add.at(edges, whole, height * (1.0 - part))
            np.add.at(edges, whole + 1, height * part)
        boxes = np.cumsum(edges)[:samples]
        seen = uniform_filter1d(boxes, _SAMPLES_PER_PX, mode="nearest")
        drawn: NDArray[np.float64] = seen
        if blur_px > 0:
            drawn = gaussian_filter1d(seen, blur_px * _SAMPLES_PER_PX, mode="nearest")
        self.mean = float(drawn.mean())
        self.std = float(drawn.std())
        self._spline = spline_filter1d(
            np.pad(drawn, _SPLINE_REACH, mode="edge"), order=3, mode="nearest"
        )

    def at(self, position_px: NDArray[np.float64]) -> NDArray[np.float64]:
        """Brightness change of pixels centred at `position_px`: 0 (plasma) to 1 (cell)."""
        sample = position_px * _SAMPLES_PER_PX + _SPLINE_REACH
        first = max(int(sample.min()) - _SPLINE_REACH, 0)
        last = int(sample.max()) + _SPLINE_REACH
        values: NDArray[np.float64] = map_coordinates(
            self._spline[first:last], (sample - first)[None], order=3, mode="nearest",
            prefilter=False,
        )  # fmt: skip
        return values


def random_train(
    length_px: float,
    rng: np.random.Generator,
    cell_px: tuple[float, float],
    hematocrit: float,
) -> CellTrain:
    """Cells of random length and depth with random gaps, in pixels, from 0 to `length_px`."""
    shortest, longest = cell_px
    mean_cell = 0.5 * (shortest + longest)
    mean_gap = mean_cell * (1.0 - hematocrit) / hematocrit
    count = int(1.3 * length_px / (mean_cell + mean_gap)) + 24
    lengths = rng.uniform(shortest, longest, count)
    gaps = mean_gap * (0.3 + rng.exponential(0.7, count))
    depths = rng.uniform(0.7, 1.0, count)
    stops = np.cumsum(lengths + gaps) - gaps[0]
    starts = stops - lengths
    # One pixel more: the drawing goes a little beyond its length.
    inside = starts < length_px + 1.0
    return CellTrain(starts[inside], stops[inside], depths[inside])


def check_cells(hematocrit: float, cell_length_um: tuple[float, float]) -> None:
    """Refuse a share or lengths of cells that cannot be.

    Raises
    ------
    ParameterError
    """
    positive(hematocrit=hematocrit)
    share(below_one=True, hematocrit=hematocrit)
    pair("cell_length_um", cell_length_um)
