"""Cells counted in windows of time, and over all of a recording."""

from __future__ import annotations

from math import nan, sqrt
from typing import Any

import numpy as np
from scipy.special import erf

from cloudscope.analysis.cells.motion import Motion
from cloudscope.analysis.cells.passages import Passages
from cloudscope.analysis.registry import Column

__all__ = ["COLUMNS", "count_windows", "passage_columns", "regularity", "summary", "window_rows"]

COLUMNS = (
    Column("time_s", "s", "centre of the window, from the first line"),
    Column("row_start", "lines", "first line of the window"),
    Column("row_stop", "lines", "line after the last one of the window"),
    Column(
        "flux_cells_per_s", "cells/s", "net, positive towards larger columns; NaN: not measured"
    ),
    Column("flux_sd_cells_per_s", "cells/s", "one standard deviation of the flux"),
    Column("linear_density_cells_per_mm", "cells/mm", "cells on a length of the vessel"),
    Column("line_hematocrit", "", "share of the length of the vessel that is in cells"),
    Column("cell_length_um", "µm", "mean length of a cell along the vessel"),
    Column("cells", "cells", "cells that passed the centre column, whichever way"),
    Column("measured_share", "", "share of the lines at which the velocity is known"),
    Column("quality", "", "chance, 0 to 1, that the count is right within 10 %"),
    Column("status", "", "ok, or why the window is not accepted"),
)

LEAST_MEASURED = 0.5
"""Share of a window at which the velocity must be known."""

LEAST_QUALITY = 0.5

FEWEST_SPACINGS = 10
"""With fewer, how regularly cells come is not known: they are taken to come at random."""


def window_rows(n_lines: int, lines: int) -> tuple[np.ndarray, np.ndarray]:
    """First and last-but-one rows of windows; a rest of less than half joins the one before it."""
    starts = np.arange(0, n_lines, lines)
    if starts.size > 1 and n_lines - starts[-1] < 0.5 * lines:
        starts = starts[:-1]
    return starts, np.append(starts[1:], n_lines)


def regularity(passages: Passages) -> float:
    """Variance of a count over its mean: 1 for cells that come at random, less for regular ones."""
    spacing = passages.spacing_px
    if spacing.size < FEWEST_SPACINGS or not spacing.mean() > 0:
        return 1.0
    return float(np.clip(spacing.var() / spacing.mean() ** 2, 0.0, 4.0))


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    ratio: np.ndarray = np.divide(above, below, out=np.full(np.shape(below), nan), where=below > 0)
    return ratio


def _quality(cells: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Chance that a count is right within 10 %, or within half a cell."""
    sd = np.sqrt(np.maximum(variance, 1e-12))
    quality: np.ndarray = erf(np.maximum(0.1 * cells, 0.5) / (sd * sqrt(2)))
    return quality


def count_windows(
    passages: Passages,
    motion: Motion,
    starts: np.ndarray,
    stops: np.ndarray,
    *,
    period_s: float,
    pixel_um: float,
) -> dict[str, np.ndarray]:
    """The table: one row a window."""
    n = starts.size
    window = np.clip(np.searchsorted(starts, passages.line, side="right") - 1, 0, n - 1)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(window, values, n) if window.size else np.zeros(n)

    def over(cumulative: np.ndarray) -> np.ndarray:
        # A line's step leads to it from the line before.
        within: np.ndarray = cumulative[stops - 1] - np.where(starts > 0, cumulative[starts - 1], 0)
        return within

    cells, net = total(passages.cells), total(passages.cells * passages.direction)
    # Cells that are missed are missed everywhere: their number has no square root.
    doubt = total(passages.variance) + np.square(passages.segments.missed * cells)
    lines = (stops - starts).astype(float)
    measured = over(np.cumsum(motion.measured))
    seconds = measured * period_s
    way, covered = over(passages.way_px), over(passages.covered_px)
    expected = way * _density(passages)
    spread = regularity(passages) * np.maximum(cells, expected)
    enough = measured >= LEAST_MEASURED * lines
    seen = bool(np.isfinite(passages.segments.levels.contrast)) | (way < 1.0)
    quality = _quality(cells, doubt) * measured / lines * seen
    status = np.full(n, "ok", dtype="U16")
    status[quality < LEAST_QUALITY] = "uncertain"
    status[np.broadcast_to(~np.asarray(seen), n)] = "no contrast"
    status[~enough] = "no velocity"
    kept = enough & seen
    passed = kept & (cells > 0)

    def where(good: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.where(good, values, nan)

    return {
        "time_s": 0.5 * (starts + stops - 1) * period_s,
        "row_start": starts,
        "row_stop": stops,
        "flux_cells_per_s": where(kept, _ratio(net, seconds)),
        "flux_sd_cells_per_s": where(kept, _ratio(np.sqrt(spread + doubt), seconds)),
        "linear_density_cells_per_mm": where(passed, _ratio(cells, way * pixel_um * 1e-3)),
        "line_hematocrit": where(passed, np.clip(_ratio(covered, way), 0.0, 1.0)),
        "cell_length_um": where(passed, _ratio(total(passages.length_px), cells) * pixel_um),
        "cells": where(kept, cells),
        "measured_share": measured / lines,
        "quality": where(kept, quality),
        "status": status,
    }


def _density(passages: Passages) -> float:
    """Cells per pixel of blood that passed."""
    way = float(passages.way_px[-1]) if passages.way_px.size else 0.0
    return float(passages.cells.sum()) / way if way > 0 else 0.0


def passage_columns(
    passages: Passages, *, period_s: float, pixel_um: float
) -> dict[str, np.ndarray]:
    """Cells one by one in the order of time: `cell_passages` as columns."""
    order = np.argsort(passages.line, kind="stable")
    return {
        "time_s": passages.line[order] * period_s,
        "direction": passages.direction[order],
        "length_um": passages.length_px[order] * pixel_um,
        "contrast": passages.contrast[order],
        "cells": passages.cells[order],
    }


def summary(
    columns: dict[str, np.ndarray],
    passages: Passages,
    motion: Motion,
    *,
    period_s: float,
    pixel_um: float,
) -> dict[str, Any]:
    """Scalars over all lines at which the velocity is known."""
    seconds = float(motion.measured.sum()) * period_s
    way = float(passages.way_px[-1]) if passages.way_px.size else 0.0
    levels, ok = passages.segments.levels, columns["status"] == "ok"
    cells = float(passages.cells.sum())
    net = float((passages.cells * passages.direction).sum())
    measured = seconds > 0 and bool(np.isfinite(columns["flux_cells_per_s"]).any())
    variance = regularity(passages) * cells + float(passages.variance.sum())
    variance += (passages.segments.missed * cells) ** 2
    flux = net / seconds if measured else nan
    margin = 1.96 * sqrt(variance) / seconds if measured else nan
    passed = measured and cells > 0 and way > 0
    single = passages.cells < 1.5
    reasons, counts = np.unique(columns["status"][~ok], return_counts=True)
    return {
        "flux_cells_per_s": flux,
        "flux_ci95_low_cells_per_s": flux - margin,
        "flux_ci95_high_cells_per_s": flux + margin,
        "gross_flux_cells_per_s": cells / seconds if measured else nan,
        "linear_density_cells_per_mm": cells / (way * pixel_um * 1e-3) if passed else nan,
        "line_hematocrit": min(float(passages.covered_px[-1]) / way, 1.0) if passed else nan,
        "cell_length_um": float(passages.length_px.sum()) / cells * pixel_um if passed else nan,
        "cell_length_sd_um": (
            float(passages.length_px[single].std(ddof=1)) * pixel_um
            if passed and single.sum() > 1
            else nan
        ),
        "cells": cells if measured else nan,
        "unseen_gap_share": passages.touching.unseen_share if passed else nan,
        "contrast_to_noise": abs(levels.contrast) / sqrt(levels.noise_variance)
        if levels.noise_variance > 0
        else nan,
        "polarity": "bright" if passages.bright else "dark",
        "measured_s": seconds,
        "windows": int(ok.size),
        "windows_accepted": int(ok.sum()),
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }
