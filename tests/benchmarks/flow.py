"""Volume flow: honest errors, flow of drawn vessels, and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

import cloudscope as cs
from cloudscope.analysis.flow import flow
from cloudscope.synthetic import pulsatile_series, volume_flow_kymograph
from tests.flow_draws import CASES, within_two_sd
from tests.made_results import diameter_result, velocity_result

Figures = Iterator[tuple[str, str, str]]


def figures() -> Figures:
    """What, how much, and the limit."""
    for name, case in CASES.items():
        shares = [within_two_sd(300, column=column, **case) for column in ("flow", "shear")]
        yield (
            f"drawn tables, {name}: within 2 sd, of 30,000 windows",
            f"flow {shares[0]:.3f}, shear {shares[1]:.3f}",
            "0.90–0.99",
        )
    yield from drawn_vessels()
    yield from in_time()


def drawn_vessels() -> Figures:
    """From pixels: velocity and diameter measured, both on one line."""
    for speed, width, velocity_snr, diameter_snr in (
        (1500.0, 12.0, 4.0, 15.0),
        (1500.0, 12.0, 1.0, 5.0),
        (-4000.0, 20.0, 2.0, 10.0),
        (600.0, 6.0, 2.0, 10.0),
    ):
        lines, errors, sds, accepted = 4000, [], [], []
        for seed in range(6):
            truth = volume_flow_kymograph(
                pulsatile_series(lines, mean=speed, amplitude=0.3, drift=0.1),
                pulsatile_series(lines, mean=width, amplitude=0.04, drift=0.06),
                velocity_options={"snr": velocity_snr},
                diameter_options={"snr": diameter_snr},
                diameter_pixels=max(64, int(2.5 * width / 0.25)),
                seed=10 * seed,
            )
            scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
            along, across = (
                truth.image[:, slice(*columns)]
                for columns in (truth.velocity_columns, truth.diameter_columns)
            )
            result = flow(cs.radon_velocity(along, **scales), cs.diameter(across, **scales))
            sums = np.concatenate([[0.0], np.cumsum(truth.flow_um3_per_s)]) / 1000
            rows = np.rint(result.columns["time_s"] / truth.line_period_s - 31.5).astype(int)
            expected = (sums[rows + 64] - sums[rows]) / 64
            ok = result.columns["status"] == "ok"
            value, sd = (result.columns[f"flow_{part}pl_per_s"][ok] for part in ("", "sd_"))
            errors.append((value - expected[ok]) / expected[ok])
            sds.append(np.abs(value - expected[ok]) < 2 * sd)
            accepted.append(ok.mean())
        error = np.concatenate(errors)
        yield (
            f"drawn vessel, {speed:g} µm/s, {width:g} µm, SNR {velocity_snr:g} and "
            f"{diameter_snr:g}",
            f"{100 * np.median(error):+.1f} % (median), {100 * np.median(np.abs(error)):.1f} % "
            f"off (median), {np.mean(np.concatenate(sds)):.2f} within 2 sd, "
            f"{np.mean(accepted):.0%} of windows accepted",
            "",
        )


def in_time() -> Figures:
    """CPU time."""
    velocity = velocity_result(np.full(6247, 1000.0), 20.0)
    diameter = diameter_result(np.random.default_rng(0).normal(10, 0.3, 100_000), 0.3)
    flow(velocity, diameter)
    start = time.process_time()
    flow(velocity, diameter)
    yield "100,000 lines", f"{1e3 * (time.process_time() - start):.0f} ms", "≤ 200 ms"
