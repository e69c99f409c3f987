"""Diameter: truth and time.

Truth and scores come from the scorer of the shared data, where that is beside the clone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from beside import scorer

import cloudscope as cs
from cloudscope.synthetic import diameter_kymograph

Figures = Iterator[tuple[str, str, str]]
SEED = 20


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from against_truth()
    yield from in_time()


def against_truth() -> Figures:
    """Bias and spread in pixels, and the share of lines within 10 %."""
    bench = scorer()
    if bench is None:
        return

    def engine(
        image: np.ndarray, dt_s: float, dx_um: float, psf_sigma_um: float
    ) -> tuple[np.ndarray, np.ndarray]:
        columns = cs.diameter(
            image, line_period_s=dt_s, pixel_size_um=dx_um, psf_sigma_um=psf_sigma_um
        ).columns
        return columns["diameter_um"], columns["quality"]

    score = bench.score_diameter(engine, "quick", seed=SEED)
    score.pop("cpu_ms_per_line")
    for case, part in score.items():
        name, _, snr = case.rpartition(" snr")
        yield (
            f"{name}, SNR {snr}",
            f"bias {part['bias_px']:+.2f} px, spread {part['spread_px']:.2f} px, "
            f"{part['within10']:.0%} within 10 %",
            "",
        )


def in_time() -> Figures:
    """CPU time a line."""
    truth = diameter_kymograph(12.0, lines=4000, pixels=128, seed=SEED)
    scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
    cs.diameter(truth.image[:200], **scales)  # imports and first uses
    begun = time.process_time()
    cs.diameter(truth.image, **scales)
    yield "a line of 128 px", f"{1e6 * (time.process_time() - begun) / 4000:.0f} µs", ""


if __name__ == "__main__":
    for what, value, limit in figures():
        print(f"{what:50s} {value:>44s} {limit:>8s}")
