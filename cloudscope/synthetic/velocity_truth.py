"""What is known of a drawn kymograph of flow: velocity, cells, and what was done to them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError
from cloudscope.synthetic.cells import CellTrain
from cloudscope.synthetic.series import line_times

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["VelocityTruth"]


@dataclass(frozen=True, eq=False, kw_only=True)
class VelocityTruth:
    """A kymograph of flow and the velocity it was drawn with.

    Attributes
    ----------
    image : ndarray of float32, or of uint16 from a detector, shape (lines, pixels)
        Read-only.
    velocity_um_per_s : ndarray of float64, shape (lines,)
        Velocity at each line, mean along it and relative to the tissue, positive towards larger
        columns; read-only.
    line_period_s, pixel_size_um : float
    snr : float
        RMS contrast of the streaks over the standard deviation of the noise, per pixel.
    noise_sd : float
        Standard deviation of the noise in the unit of `image`.
    seed : int
    cells : CellTrain
        Every cell of the train, where it is at the first line.
    relative_speed : ndarray of float64, shape (pixels,)
        Speed at each column over the mean along the line; read-only.
    displacement_um : ndarray of float64, shape (lines,)
        Where the tissue is, relative to its place at rest; read-only.
    dropped, empty : ndarray of bool, shape (lines,)
        Lines without any light, and lines without cells in view; read-only.
    sweep_fraction : float
        Share of the line period in which the line is swept.
    bidirectional_offset_um : float or None
        How far the odd lines, swept backwards, lie towards larger columns; ``None``: all lines are
        swept forwards.
    """

    image: NDArray[Any] = field(repr=False)
    velocity_um_per_s: NDArray[np.float64] = field(repr=False)
    line_period_s: float
    pixel_size_um: float
    snr: float
    noise_sd: float
    seed: int
    cells: CellTrain = field(repr=False)
    relative_speed: NDArray[np.float64] = field(repr=False)
    displacement_um: NDArray[np.float64] = field(repr=False)
    dropped: NDArray[np.bool_] = field(repr=False)
    empty: NDArray[np.bool_] = field(repr=False)
    sweep_fraction: float = 0.0
    bidirectional_offset_um: float | None = None

    def __post_init__(self) -> None:
        for values in (
            self.image,
            self.velocity_um_per_s,
            self.relative_speed,
            self.displacement_um,
            self.dropped,
            self.empty,
        ):
            values.flags.writeable = False

    @property
    def time_s(self) -> NDArray[np.float64]:
        """Time of each line, from the first one (s)."""
        return line_times(self.velocity_um_per_s.size, self.line_period_s)

    @property
    def median_velocity_um_per_s(self) -> float:
        """Median over all lines (µm/s)."""
        return float(np.median(self.velocity_um_per_s))

    @property
    def velocity_px_per_line(self) -> NDArray[np.float64]:
        """Velocity in pixels per line, the unit in which an estimator finds it easy or hard."""
        return self.velocity_um_per_s * (self.line_period_s / self.pixel_size_um)

    @cached_property
    def apparent_velocity_um_per_s(self) -> NDArray[np.float64]:
        """Velocity with that of the tissue: what the scanner sees, apart from its own sweep."""
        if self.displacement_um.size < 2:
            return self.velocity_um_per_s
        moving: NDArray[np.float64] = np.gradient(self.displacement_um, self.line_period_s)
        return self.velocity_um_per_s + moving

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

    @cached_property
    def travel_um(self) -> NDArray[np.float64]:
        """Way of the cells since the first line at each line, and one line after the last (µm).

        Between two lines the velocity changes evenly; the cells lie at ``cells.start_um +
        travel_um[line]`` where the speed is the same all along the line and the tissue at rest.
        """
        v = self.velocity_um_per_s
        steps = np.concatenate([0.5 * (v[1:] + v[:-1]), v[-1:]]) * self.line_period_s
        return np.concatenate([[0.0], np.cumsum(steps)])

    def _along_train_um(self, position_um: Any) -> NDArray[np.float64]:
        """Where a place of the line lies on the train at the first line."""
        edges = np.arange(self.relative_speed.size + 1) * self.pixel_size_um
        slow = np.concatenate([[0.0], np.cumsum(self.pixel_size_um / self.relative_speed)])
        along: NDArray[np.float64] = np.interp(position_um, edges, slow)
        return along

    def passages(
        self, position_um: float | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """When the middle of each cell passes a place of the vessel.

        Parameters
        ----------
        position_um : float, optional
            From the outer edge of the first column; the middle of the line by default.

        Returns
        -------
        time_s : ndarray, shape (passages,)
            In the order of time, from the first line; up to one line period after the last.
        direction : ndarray of int, shape (passages,)
            1 towards larger columns, -1 towards smaller ones.

        Raises
        ------
        ParameterError
            If the place is not on the line.
        """
        length = self.relative_speed.size * self.pixel_size_um
        place = 0.5 * length if position_um is None else position_um
        if not 0 <= place <= length:
            raise ParameterError(
                f"position_um={position_um!r} is not allowed: give a place from 0 to {length:g}"
            )
        at = float(self._along_train_um(place)) - self.travel_um
        centres = self.cells.centre_um
        # Whatever passes the place between two lines lies between where it was on the train.
        index = np.searchsorted(centres, at)
        count = np.abs(np.diff(index))
        line = np.repeat(np.arange(count.size), count)
        direction = -np.sign(np.diff(index))[line]
        nth = np.arange(line.size) - np.repeat(np.cumsum(count) - count, count)
        cell = np.where(direction > 0, index[line] - 1 - nth, index[line] + nth)
        part = (at[line] - centres[cell]) / (at[line] - at[line + 1])
        return (line + part) * self.line_period_s, direction.astype(np.intp)

    def cells_passed(
        self, row_start: ArrayLike, row_stop: ArrayLike, position_um: float | None = None
    ) -> NDArray[np.intp]:
        """How many cells pass a place from one line up to another, whichever way.

        Parameters
        ----------
        row_start, row_stop : array_like of int
            Half-open rows of each window.
        position_um : float, optional
            As of `passages`.
        """
        time_s, _ = self.passages(position_um)
        bounds = np.stack([np.asarray(row_start), np.asarray(row_stop)]) * self.line_period_s
        first, last = np.searchsorted(time_s, bounds)
        passed: NDArray[np.intp] = last - first
        return passed

    @property
    def flux_per_s(self) -> float:
        """Cells that pass the middle of the line a second, over the whole recording."""
        rows = self.velocity_um_per_s.size
        return float(self.cells_passed(0, rows)) / (rows * self.line_period_s)

    @cached_property
    def line_hematocrit(self) -> NDArray[np.float64]:
        """Share of each line that lies in cells, shape (lines,)."""
        ends = np.array([0.0, self.relative_speed.size * self.pixel_size_um])
        on_train = self._along_train_um(ends)[:, None] - self.travel_um[None, :-1]
        below, above = self.cells.covered_um(on_train)
        share: NDArray[np.float64] = (above - below) / (on_train[1] - on_train[0])
        return share

    @property
    def hematocrit(self) -> float:
        """Share of the line that lies in cells, mean over the recording (a line hematocrit)."""
        return float(self.line_hematocrit.mean())

    @cached_property
    def _seen(self) -> NDArray[np.bool_]:
        length = self.relative_speed.size * self.pixel_size_um
        last = float(self._along_train_um(length))
        way = self.travel_um[:-1]
        inside: NDArray[np.bool_] = (self.cells.stop_um + way.max() > 0) & (
            self.cells.start_um + way.min() < last
        )
        return inside

    @property
    def seen_cell_length_um(self) -> NDArray[np.float64]:
        """Length of each cell that comes into view, where the speed is the mean of the line."""
        return self.cells.length_um[self._seen]

    @property
    def linear_density_per_um(self) -> float:
        """Cells per length of vessel, over the stretch of the train that comes into view."""
        seen = np.flatnonzero(self._seen)
        if seen.size < 2:
            return float("nan")
        centre = self.cells.centre_um[seen]
        return float((seen.size - 1) / (centre[-1] - centre[0]))
