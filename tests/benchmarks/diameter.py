"""Diameter: truth and time.

Truth and scores come from the scorer of the shared data, where that is beside the clone.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np
from beside import scorer

import cloudscope as cs
from cloudscope.synthetic import diameter_kymograph, pulsatile_series
from cloudscope.synthetic.vessel import _profile_table

Figures = Iterator[tuple[str, str, str]]
SEED = 20
METHODS: dict[str, dict[str, Any]] = {
    "cylinder": {},
    "half maximum": {"method": "half_max"},
    "gradient": {"method": "gradient"},
    "threshold at a fifth": {"method": "threshold", "threshold_share": 0.2},
}


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from against_truth()
    yield from by_method()
    yield from with_prior()
    yield from in_doubt()
    yield from in_time()


CASES: dict[str, dict[str, Any]] = {
    "plain": {},
    "neighbour": {"neighbour": 1.2},
    "thin 8 px": {"mean_px": 8.0, "width": 64},
    "projected": {"axial_sigma_px": 60.0},
    "box": {"axial_sigma_px": 1.0},
}


def bound_px(snr: float, *, mean_px: float, axial_sigma_px: float, width: int) -> float:
    """Cramér-Rao bound of the diameter of one line of the scorer, brightness and shape known.

    Derivatives of the profile are taken numerically, noise is the scorer's: half of its variance
    follows the brightness. Centre and diameter are unknown; so is nothing else, which no method
    that has to learn the brightness from the recording can reach.
    """
    column = np.arange(width)
    bounds = []
    for diameter in mean_px * np.linspace(0.88, 1.12, 7):
        for centre in 0.45 * width + np.linspace(-0.5, 0.5, 3):

            def profile(d: float, c: float) -> np.ndarray:
                drawn = _profile_table(np.array([d]), np.abs(column - c), 1.5, axial_sigma_px)[0]
                unit = _profile_table(np.array([mean_px]), np.zeros(1), 1.5, axial_sigma_px)
                return np.asarray(0.9 * drawn / unit[0, 0])  # a fifth bleaches on the way

            step = 0.02
            slopes = np.stack(
                [
                    profile(diameter + step, centre) - profile(diameter - step, centre),
                    profile(diameter, centre + step) - profile(diameter, centre - step),
                ]
            ) / (2 * step)
            clean = profile(diameter, centre) + 0.9 * 0.25
            variance = (0.5 + 0.5 * clean / clean.mean()) / snr**2
            information = (slopes / variance) @ slopes.T
            bounds.append(np.linalg.inv(information)[0, 0] ** 0.5)
    return float(np.median(bounds))


def against_truth() -> Figures:
    """Bias and spread in pixels beside the bound, and how often 2 sd hold the truth."""
    bench = scorer()
    if bench is None:
        return
    for number, (case, changes) in enumerate(CASES.items()):
        options = {"mean_px": 40.0, "axial_sigma_px": 6.0, "width": 128, **changes}
        shape = {key: options[key] for key in ("mean_px", "axial_sigma_px", "width")}
        width = options.pop("width")
        for snr in (2.0, 5.0, 20.0):
            truth = bench.make_diameter_kymograph(
                1000, width, snr, [SEED, number, int(snr)], **options
            )
            columns = cs.diameter(
                truth.image,
                line_period_s=truth.dt_s,
                pixel_size_um=truth.dx_um,
                psf_sigma_um=truth.psf_sigma_px * truth.dx_um,
            ).columns
            error = columns["diameter_um"] / truth.dx_um - truth.diameter_px
            known = np.isfinite(error)
            error, sd = error[known], columns["diameter_sd_um"][known] / truth.dx_um
            bias = float(np.median(error))
            spread = 1.4826 * float(np.median(np.abs(error - bias)))
            bound = bound_px(snr, **shape)
            yield (
                f"{case}, SNR {snr:g}",
                f"bias {bias:+.2f} px, spread {spread:.2f} px = {spread / bound:.2f} × bound, "
                f"{np.mean(np.abs(error) < 2 * sd):.0%} within 2 sd",
                f"{max(0.1, 0.01 * shape['mean_px']):g} px, 1.6 ×, 90-99 %" if snr >= 5 else "",
            )


def by_method() -> Figures:
    """Bias and spread of each method: only the fit knows where a cylinder ends."""
    for title, axial_sigma_um in SECTIONS.items():
        truth = diameter_kymograph(
            pulsatile_series(1000, mean=10.0, amplitude=0.04, drift=0.08),
            axial_sigma_um=axial_sigma_um,
            snr=5.0,
            seed=SEED,
        )
        for method, options in METHODS.items():
            columns = cs.diameter(
                truth.image,
                line_period_s=1e-3,
                pixel_size_um=0.25,
                psf_sigma_um=0.375,
                **options,
            ).columns
            error = (columns["diameter_um"] - truth.diameter_um) / 0.25
            bias = float(np.nanmedian(error))
            spread = 1.4826 * float(np.nanmedian(np.abs(error - bias)))
            within = np.nanmean(np.abs(error - bias) < 8 * columns["diameter_sd_um"])
            yield (
                f"{title}, SNR 5, {method}",
                f"bias {bias:+.2f} px, spread {spread:.2f} px, "
                f"{within:.0%} within 2 sd of the median",
                "",
            )


def with_prior() -> Figures:
    """With a prior over time."""
    for title, axial_sigma_um in SECTIONS.items():
        truth = diameter_kymograph(
            pulsatile_series(2000, mean=10.0, amplitude=0.04, drift=0.08),
            axial_sigma_um=axial_sigma_um,
            snr=5.0,
            seed=SEED,
        )
        columns = cs.diameter(
            truth.image,
            line_period_s=1e-3,
            pixel_size_um=0.25,
            psf_sigma_um=0.375,
            temporal_prior=True,
        ).columns
        error = (columns["diameter_um"] - truth.diameter_um) / 0.25
        bias = float(np.median(error))
        spread = 1.4826 * float(np.median(np.abs(error - bias)))
        within = np.mean(np.abs(error) < 8 * columns["diameter_sd_um"])
        yield (
            f"{title}, SNR 5, prior over time",
            f"bias {bias:+.2f} px, spread {spread:.2f} px, {within:.0%} within 2 sd",
            "≥ 90 %",
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
        ("20,000 lines of 256 px, PSF given", {"psf_sigma_um": 0.375}, "50 µs a line"),
        ("20,000 lines of 256 px, PSF estimated", {}, "50 µs a line"),
        ("20,000 lines of 256 px, half maximum", {"method": "half_max"}, ""),
        ("20,000 lines of 256 px, gradient", {"method": "gradient"}, ""),
        ("20,000 lines of 256 px, prior over time", {"temporal_prior": True}, ""),
    ):
        begun = time.process_time()
        cs.diameter(truth.image, **scales, **options)
        spent = time.process_time() - begun
        yield title, f"{spent:.2f} s, {1e6 * spent / 20_000:.0f} µs a line", limit


if __name__ == "__main__":
    for what, value, limit in figures():
        print(f"{what:50s} {value:>56s} {limit:>10s}")
