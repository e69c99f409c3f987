"""Flux: errors on drawn cells, stalls and turns, touching cells, stated deviations and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

import cloudscope as cs
from cloudscope.analysis.flux import flux
from cloudscope.synthetic import VelocityTruth, velocity_kymograph
from tests.flowing_cells import PERIOD_S, PIXEL_UM, SCALES, known_velocity, random_gaps

Figures = Iterator[tuple[str, str, str]]

QUANTITIES = (
    "flux_cells_per_s",
    "linear_density_cells_per_mm",
    "cell_length_um",
    "line_hematocrit",
)
SHORT = ("flux", "density", "length", "hematocrit")
LIMIT = "≤ 5 %"


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from on_steady_flow()
    yield from on_beats()
    yield from on_stalls_and_turns()
    yield from on_touching_cells()
    yield from on_deviations()
    yield from in_time()


def drawn(
    speed_px: np.ndarray, width: int, hematocrit: float, snr: float, seed: int
) -> VelocityTruth:
    """A drawn recording, its speed in pixels a line."""
    return velocity_kymograph(
        speed_px * PIXEL_UM / PERIOD_S, pixels=width, hematocrit=hematocrit, snr=snr, seed=seed
    )


def errors(truth: VelocityTruth) -> np.ndarray:
    """Relative errors of the four quantities, through the whole chain."""
    velocity = cs.radon_velocity(truth.image, **SCALES)
    summary = flux(truth.image, velocity, **SCALES).summary
    lines = truth.image.shape[0]
    time_s, direction = truth.passages()
    within = time_s < (lines - 1) * PERIOD_S
    way_um = float(np.ptp(truth.travel_um[:-1]))
    ends = 0.5 * truth.image.shape[1] * PIXEL_UM - np.array(
        [truth.travel_um[:-1].max(), truth.travel_um[:-1].min()]
    )
    inside = (truth.cells.centre_um > ends[0]) & (truth.cells.centre_um < ends[1])
    right = np.array(
        [
            direction[within].sum() / (lines * PERIOD_S),
            within.sum() / way_um * 1e3,
            truth.cells.length_um[inside].mean(),
            np.diff(truth.cells.covered_um(ends))[0] / way_um,
        ]
    )
    return np.array([summary[name] for name in QUANTITIES]) / right - 1


def said(found: list[np.ndarray]) -> str:
    """Median and largest error of each quantity."""
    table = 100 * np.array(found)
    return ", ".join(
        f"{name} {np.median(column):+.1f} ({column[np.abs(column).argmax()]:+.1f}) %"
        for name, column in zip(SHORT, table.T, strict=True)
    )


def lines_for(speed_px: float, hematocrit: float) -> int:
    """Lines in which about 120 cells pass."""
    return int(np.clip(120 * 7 / hematocrit / speed_px, 1500, 10_000))


def on_steady_flow() -> Figures:
    """Each width over hematocrits and speeds, each SNR, each hematocrit."""
    rows = [
        (width, speed, hematocrit, snr)
        for width in (10, 20, 64, 256)
        for speed in (0.3, 1.0, 3.0, 10.0)
        for hematocrit in (0.15, 0.25, 0.35, 0.45)
        for snr in (1.0, 4.0)
        if speed <= 0.45 * width and not (width == 256 and (speed < 1 or snr > 1))
    ]
    found = {
        row: errors(
            drawn(np.full(lines_for(row[1], row[2]), row[1] * (-1) ** seed), row[0], *row[2:], seed)
        )
        for seed, row in enumerate(rows)
    }
    for place, name, unit in (
        (0, "width", " px"),
        (1, "speed", " px a line"),
        (2, "hematocrit", ""),
    ):
        for value in sorted({row[place] for row in rows}):
            some = [error for row, error in found.items() if row[place] == value]
            yield f"{name} {value:g}{unit}: median (worst) of {len(some)}", said(some), LIMIT


def on_beats() -> Figures:
    """A beat of 40 % and 170 lines, followed by windows of 64 lines."""
    for width, speed in ((10, 1.0), (20, 3.0), (64, 10.0), (256, 3.0)):
        beat = speed * (1 + 0.4 * np.sin(2 * np.pi * np.arange(2500) / 170))
        found = [
            errors(drawn(beat, width, hematocrit, 1.0, seed))
            for hematocrit in (0.15, 0.25, 0.45)
            for seed in (3, 4)
        ]
        yield f"beat of 40 %, {width} px, {speed:g} px a line: median (worst)", said(found), LIMIT


def on_stalls_and_turns() -> Figures:
    """Cells counted against cells that passed."""
    line = np.arange(7000)
    for name, speed in (
        ("stall of 3 s", np.where((line >= 2000) & (line < 5000), 0.0, 2.0)),
        ("flow that turns every 2 s", 1.5 * np.sin(2 * np.pi * line / 4000)),
    ):
        for width in (20, 64):
            truth = drawn(speed, width, 0.35, 1.0, 5)
            velocity = cs.radon_velocity(truth.image, **SCALES)
            summary = flux(truth.image, velocity, **SCALES).summary
            _, direction = truth.passages()
            net = summary["flux_cells_per_s"] * summary["measured_s"]
            yield (
                f"{name}, {width} px",
                f"{summary['cells']:.0f} of {direction.size} cells, "
                f"net {net + 0.0:.0f} of {direction.sum()}",
                LIMIT,
            )


def on_touching_cells() -> Figures:
    """Gaps at random, down to none."""
    for hematocrit in (0.25, 0.45):
        for snr in (1.0, 4.0):
            ratio = []
            for seed in range(3):
                cells = random_gaps(
                    hematocrit=hematocrit, speed_px=2.0, lines=2500, width=24, snr=snr, seed=seed
                )
                velocity = known_velocity(cells.speed_px)
                kept = flux(cells.image, velocity, touching="keep", **SCALES).summary
                parted = flux(cells.image, velocity, **SCALES).summary
                ratio.append([kept["cells"] / cells.cells - 1, parted["cells"] / cells.cells - 1])
            kept_error, parted_error = 100 * np.mean(ratio, axis=0)
            yield (
                f"gaps at random, hematocrit {hematocrit:g}, SNR {snr:g}",
                f"{kept_error:+.1f} % of the stretches, {parted_error:+.1f} % once parted",
                LIMIT,
            )


def on_deviations() -> Figures:
    """Stated standard deviation of windows of a second beside their spread."""
    for hematocrit in (0.15, 0.3, 0.45):
        truth = drawn(np.full(30_000, 2.0), 40, hematocrit, 2.0, 9)
        columns = flux(truth.image, known_velocity(np.full(30_000, 2.0)), **SCALES).columns
        yield (
            f"flux of a window of 1 s, hematocrit {hematocrit:g}",
            f"{np.median(columns['flux_sd_cells_per_s']):.1f} stated, "
            f"{columns['flux_cells_per_s'].std(ddof=1):.1f} from window to window (cells/s)",
            "within 30 %",
        )


def in_time() -> Figures:
    """CPU time of one recording, the velocity given."""
    for lines, width, limit in ((30_000, 38, "≤ 1 s"), (30_000, 256, "")):
        truth = drawn(np.full(lines, 2.0), width, 0.35, 2.0, 1)
        velocity = known_velocity(np.full(lines, 2.0))
        start = time.process_time()
        flux(truth.image, velocity, **SCALES)
        yield f"{lines} × {width}", f"{time.process_time() - start:.2f} s", limit
