"""What of a series goes to the browser: the samples around the visible time, few enough to draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.widgets.decimate import band_per_column, extremes_per_column, visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.widgets.trace_series import TraceSeries

__all__ = ["FADED", "Drawing", "draw_series"]

FADED: tuple[tuple[float, float], ...] = ((0.4, 0.4), (0.75, 0.7), (np.inf, 1.0))
"""Quality below which a stretch of the line has an opacity; the last holds for all others."""

_DOTS_BELOW = 240  # more dots than this would be a smear
_STROKE_PX = 2.5  # half of the height of what marks a sample set aside


@dataclass(frozen=True, eq=False)
class Drawing:
    """Arrays of a trace.

    Attributes
    ----------
    band : (3, n) float64 array
        Time, and both edges of the uncertainty.
    time_s : (m,) float64 array
    lines : (k, m) float64 array
        A line for each opacity, NaN where it is not that one's turn.
    opacities : tuple of float, length k
    strokes : (2, j) float64 array
        Time and value of strokes for samples set aside, with gaps between them.
    dots : bool
        Whether samples are few enough for a dot each.
    """

    band: NDArray[np.float64]
    time_s: NDArray[np.float64]
    lines: NDArray[np.float64]
    opacities: tuple[float, ...]
    strokes: NDArray[np.float64]
    dots: bool

    def to_sketch(self) -> dict[str, Any]:
        """As the browser draws it at once, arrays as bytes of little-endian float64."""
        found: dict[str, Any] = {
            "time": _bytes(self.time_s),
            "lines": [_bytes(line) for line in self.lines],
            "opacities": list(self.opacities),
            "dots": self.dots,
        }
        if self.band.size:
            found["band"] = [_bytes(row) for row in self.band]
        if self.strokes.size:
            found["strokes"] = [_bytes(row) for row in self.strokes]
        return found

    @classmethod
    def nothing(cls) -> Drawing:
        """Nothing to draw."""
        return cls(np.empty((3, 0)), np.empty(0), np.empty((1, 0)), (1.0,), np.empty((2, 0)), False)


def _bytes(values: NDArray[np.float64]) -> bytes:
    return np.ascontiguousarray(values, "<f8").tobytes()


def draw_series(
    series: TraceSeries,
    visible_s: tuple[float, float],
    window_s: tuple[float, float],
    *,
    width_px: int,
    height_px: int,
    limits: tuple[float, float],
) -> Drawing:
    """The samples within a window as minimum and maximum of each screen column.

    Parameters
    ----------
    series : TraceSeries
    visible_s, window_s : tuple of float
        What is on the screen, and what is drawn around it.
    width_px, height_px : int
        Of the plot on the screen.
    limits : tuple of float
        Of the value axis; what is set aside is marked within them.
    """
    start, stop = visible_s
    part = visible(series.time_s, *window_s)
    time_s, accepted = series.time_s[part], series.accepted[part]
    value, sd, quality = series.line[part], series.sd[part], series.quality[part]
    # One column a pixel, however much of the window there is anything in.
    reach = float(time_s[-1] - time_s[0]) if time_s.size else 0.0
    columns = max(1, round(width_px * reach / (stop - start)))
    t, v = extremes_per_column(time_s, value, columns)
    lines, opacities = faded(t, v, quality[np.searchsorted(time_s, t)])
    band = np.array(band_per_column(time_s, value - sd, value + sd, columns))
    half = (limits[1] - limits[0]) * _STROKE_PX / height_px
    strokes = _strokes(time_s[~accepted], series.value[part][~accepted], half, limits, columns)
    in_view = int(np.count_nonzero((t >= start) & (t <= stop)))
    return Drawing(band, t, lines, opacities, strokes, in_view <= _DOTS_BELOW)


def faded(
    time_s: NDArray[np.float64], value: NDArray[np.float64], quality: NDArray[np.float64]
) -> tuple[NDArray[np.float64], tuple[float, ...]]:
    """The line once for each opacity in it; a stretch is as faint as its fainter end.

    Parameters
    ----------
    time_s, value, quality : (n,) arrays
        Unknown quality (NaN) takes nothing off.

    Returns
    -------
    lines : (k, n) float64 array
    opacities : tuple of float, length k
    """
    edges = [below for below, _ in FADED[:-1]]
    level = np.where(np.isnan(quality), len(edges), np.digitize(quality, edges))
    level = np.where(np.isnan(value), len(edges), level)
    there = np.unique(level[np.isfinite(value)])
    if there.size < 2:
        chosen = int(there[0]) if there.size else len(edges)
        return value[None], (FADED[chosen][1],)
    ahead = np.minimum(level, np.append(level[1:], len(edges)))  # to the sample after each
    behind = np.append(len(edges), ahead[:-1])
    lines = [np.where((ahead == k) | (behind == k) | (level == k), value, np.nan) for k in there]
    return np.array(lines), tuple(FADED[int(k)][1] for k in there)


def _strokes(
    time_s: NDArray[np.float64],
    value: NDArray[np.float64],
    half: float,
    limits: tuple[float, float],
    columns: int,
) -> NDArray[np.float64]:
    """One short upright stroke per sample set aside, all in one path, at the edge if beyond."""
    low, high = limits
    # What was not measured has no height of its own: it stands on the floor.
    height = np.where(np.isfinite(value), np.clip(value, low + half, high - half), low + half)
    t, v = extremes_per_column(time_s, height, columns)
    gap = np.full(t.size, np.nan)
    return np.array(
        [np.stack([t, t, t], 1).ravel(), np.stack([v - half, v + half, gap], 1).ravel()]
    )[:, :-1]
