"""Diameter: truth and time.

Truth and scores come from the scorer of the shared data, where that is beside the clone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
from beside import scorer

import cloudscope as cs
from cloudscope.synthetic import diameter_kymograph, pulsatile_series

Figures = Iterator[tuple[str, str, str]]
SEED = 20


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from against_truth()
    yield from in_doubt()
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


SECTIONS = {"thin section": 0.1, "usual section": 1.5, "projected": np.inf}


def in_doubt() -> Figures:
    """Without a point spread from the user: bias, and how often 2 sd hold the truth."""
    for title, axial_sigma_um in SECTIONS.items():
        for snr in (2.0, 5.0, 20.0):
            truth = diameter_kymograph(
                pulsatile_series(4000, mean=10.0, amplitude=0.04, drift=0.08),
                axial_sigma_um=axial_sigma_um,
                snr=snr,
                seed=SEED,
            )
            result = cs.diameter(truth.image, line_period_s=1e-3, pixel_size_um=0.25)
            error = result.columns["diameter_um"] - truth.diameter_um
            within = np.mean(np.abs(error) < 2 * result.columns["diameter_sd_um"])
            yield (
                f"{title}, PSF not given, SNR {snr:g}",
                f"bias {np.nanmedian(error) / 10:+.2%}, PSF {result.summary['psf_sigma_um']:.3f} "
                f"of 0.375 µm, {within:.0%} within 2 sd",
                "90 to 99 %",
            )


def in_time() -> Figures:
    """CPU time of a recording, with and without a point spread."""
    truth = diameter_kymograph(
        pulsatile_series(20_000, mean=10.0, amplitude=0.04), pixels=256, snr=5.0, seed=SEED
    )
    scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
    cs.diameter(truth.image[:200], **scales)  # imports and first uses
    for title, options, limit in (
        ("20,000 lines of 256 px, PSF given", {"psf_sigma_um": 0.375}, "0.6 s"),
        ("20,000 lines of 256 px, PSF estimated", {}, ""),
        ("20,000 lines of 256 px, half maximum", {"method": "half_max"}, ""),
    ):
        begun = time.process_time()
        cs.diameter(truth.image, **scales, **options)
        spent = time.process_time() - begun
        yield title, f"{spent:.2f} s, {1e6 * spent / 20_000:.0f} µs a line", limit


if __name__ == "__main__":
    for what, value, limit in figures():
        print(f"{what:50s} {value:>56s} {limit:>10s}")
