"""Expected error: what phantoms predict of a recording, beside what was wrong with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from cloudscope.analysis.expected_error import expected_error
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.synthetic import VelocityTruth, beat_series, velocity_kymograph

Figures = Iterator[tuple[str, str, str]]

SCALES = {"line_period_s": 1e-3, "pixel_size_um": 0.5}
LINES = 6000


class Case(NamedTuple):
    """A kind of recording."""

    width: int
    speed_px: float
    snr: float
    beat: float = 0.3
    cell_px: tuple[float, float] = (6.0, 8.0)
    hematocrit: float = 0.45
    bright: bool = False
    lacking: str = ""
    """What phantoms do not have: see `LACKING`."""

    def draw(self, seed: int) -> VelocityTruth:
        """One recording of this kind."""
        mean = self.speed_px * SCALES["pixel_size_um"] / SCALES["line_period_s"]
        beat = beat_series(
            LINES, mean=mean, rate_bpm=420.0, pulsatility=self.beat, irregularity=0.05, seed=seed
        )
        return velocity_kymograph(
            beat.value,
            pixels=self.width,
            snr=self.snr,
            cell_length_um=(0.5 * self.cell_px[0], 0.5 * self.cell_px[1]),
            hematocrit=self.hematocrit,
            bright_cells=self.bright,
            seed=seed,
            **SCALES,
            **(LACKING[self.lacking](self) if self.lacking else {}),
        )


LACKING: dict[str, Callable[[Case], dict[str, Any]]] = {
    "speed differs by 30 % along the line": lambda case: {
        "speed_along_line": np.linspace(0.85, 1.15, case.width)
    },
    "light flickers by 10 %": lambda case: {"flicker": 0.1},
    "2 % of the lines are dropped": lambda case: {"dropped_share": 0.02},
    "remains stick to 30 % of the line": lambda case: {"remains": 0.5},
    "tissue moves by ±1 µm, 2 Hz": lambda case: {
        "tissue_displacement_um": np.sin(
            2 * np.pi * 2.0 * SCALES["line_period_s"] * np.arange(LINES)
        )
    },
}

CASES = [
    *(
        Case(width, speed, snr)
        for width in (7, 20, 64, 256)
        for speed in (0.2, 1.0, 4.0)
        for snr in (0.5, 2.0)
        if speed < 0.5 * width and width * snr > 5 and not (width == 256 and speed < 4.0)
    ),
    Case(64, 1.0, 1.0, beat=0.0),
    Case(40, -2.0, 1.0, beat=0.8),
    Case(40, 2.0, 1.0, cell_px=(16.0, 22.0)),
    Case(64, 2.0, 2.0, hematocrit=0.15, bright=True),
]


UNLIKE = [Case(40, 1.5, 1.5, lacking=lacking) for lacking in LACKING]


def actual(case: Case, seeds: range) -> dict[str, float]:
    """Errors of accepted windows of recordings of a kind, in per cent of the speed."""
    errors, truths, accepted = [], [], []
    for seed in seeds:
        truth = case.draw(seed)
        columns = radon_velocity(truth.image, **SCALES).columns
        wanted = truth.mean_velocity_um_per_s(columns["row_start"], columns["row_stop"])
        ok = columns["status"] == "ok"
        errors.append(((columns["velocity_um_per_s"] - wanted) * np.sign(wanted))[ok])
        truths.append(wanted[ok])
        accepted.append(ok)
    error, truth_ = np.concatenate(errors), np.abs(np.concatenate(truths))
    return {
        "bias": 100 * float(np.median(error) / np.median(truth_)),
        "spread": 148.26 * float(np.median(np.abs(error - np.median(error))) / np.median(truth_)),
        "right": float(np.mean(np.abs(error) <= 0.1 * truth_)),
        "accepted": float(np.mean(np.concatenate(accepted))),
    }


def compared(cases: list[Case]) -> list[dict[str, Any]]:
    """Prediction from one recording of each kind, and the errors of that and two more."""
    rows = []
    for number, case in enumerate(cases):
        recording = case.draw(100 * number)
        measured = radon_velocity(recording.image, **SCALES)
        found = expected_error(recording.image, measured, windows_lines=(), phantoms=3).summary
        rows.append(
            {
                "case": case,
                "predicted": {
                    "bias": found["bias_percent"],
                    "spread": found["spread_percent"],
                    "right": found["within_10_percent_share"],
                    "accepted": found["accepted_share"],
                },
                "actual": actual(case, range(100 * number, 100 * number + 3)),
            }
        )
    return rows


def figures() -> Figures:
    """What, how much, and the limit."""
    rows = compared(CASES)
    ratio = np.array([row["predicted"]["spread"] / row["actual"]["spread"] for row in rows])
    within = np.mean((ratio > 0.5) & (ratio < 2.0))
    low, middle, high = np.quantile(ratio, (0.1, 0.5, 0.9))
    yield (
        f"spread, predicted over actual, {len(rows)} kinds of recording",
        f"median {middle:.2f}, 80 % from {low:.2f} to {high:.2f}",
        "0.8–1.25 in the median",
    )
    yield "spread predicted within a factor of 2", f"{within:.0%} of kinds", "≥ 90 %"
    for name, unit in (("bias", "% of the speed"), ("right", ""), ("accepted", "")):
        off = np.array([row["predicted"][name] - row["actual"][name] for row in rows])
        yield (
            f"{name}, predicted minus actual",
            f"median {np.median(off):+.3f} {unit}, largest {off[np.abs(off).argmax()]:+.3f}",
            "",
        )
    for row in compared(UNLIKE):
        predicted, was = row["predicted"], row["actual"]
        yield (
            f"{row['case'].lacking}: spread and bias, predicted / actual",
            f"{predicted['spread']:.1f} / {was['spread']:.1f} %, "
            f"{predicted['bias']:+.1f} / {was['bias']:+.1f} %",
            "",
        )
    truth = Case(38, 3.0, 2.0).draw(1)
    measured = radon_velocity(truth.image, **SCALES)
    start = time.process_time()
    expected_error(truth.image, measured)
    yield (
        f"CPU, {LINES} × 38, four other windows, 6 phantoms",
        f"{time.process_time() - start:.1f} s",
        "≤ 10 s",
    )
