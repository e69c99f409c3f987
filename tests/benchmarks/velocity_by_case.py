"""Velocity case by case: right, unbiased, honest about its error, and quiet on noise.

Truth comes from the scorer of the shared data, where that is beside the clone, with seeds that the
analysis was not tuned to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from beside import scorer

import cloudscope as cs
from cloudscope.synthetic import pulsatile_series, velocity_kymograph

Figures = Iterator[tuple[str, str, str]]
SEEDS = (101, 102)
WINDOWS = (16, 32, 64, 128)


def figures() -> Figures:
    """What, how much, and the limit."""
    bench = scorer()
    if bench is not None:
        yield from by_band(bench)
        yield from by_width(bench)
        yield from by_window(bench)
    yield from on_beats()
    yield from on_noise()
    yield from long_recordings()


def measured(bench: Any, cases: Iterable[Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Tags of each case, and its windows as arrays in px/line."""
    for tags, case, window, step in cases:
        table = cs.radon_velocity(
            case.image,
            line_period_s=case.dt_s,
            pixel_size_um=case.dx_um,
            window_lines=window,
            step_lines=step,
        ).columns
        unit = case.dx_um / case.dt_s
        truth = bench.window_truth(case.v_px, table["time_s"], case.dt_s, window)
        yield (
            tags,
            {
                "truth": truth,
                "velocity": table["velocity_um_per_s"] / unit,
                "sd": table["velocity_sd_um_per_s"] / unit,
                "ok": table["status"] == "ok",
            },
        )


def rows(
    found: Iterable[tuple[dict[str, Any], dict[str, Any]]],
    title: Callable[[dict[str, Any]], str],
) -> Figures:
    """A row a title: shares of windows, and the median bias of each case at its worst."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for tags, windows in found:
        groups.setdefault(title(tags), []).append(windows)
    for name, cases in groups.items():
        velocity, truth, sd, ok = (
            np.concatenate([case[key] for case in cases])
            for key in ("velocity", "truth", "sd", "ok")
        )
        error = velocity - truth
        right = np.abs(error / truth) <= 0.1
        bias = np.nanmedian((error / truth)[ok]) if ok.any() else np.nan
        inside = np.abs(error[ok]) < 2 * sd[ok]
        wrong = (velocity * truth < 0)[ok]
        yield (
            name,
            f"{right.mean():.1%} within 10 %, bias {bias:+.2%}, {ok.mean():.1%} accepted, "
            f"of those {inside.mean():.1%} within 2 sd, {wrong.sum()} of wrong sign",
            "90–99 % within 2 sd, 0",
        )


def by_band(bench: Any) -> Figures:
    """256 columns: bands of speed and noise; pulsatile flow by case."""
    cases = (case for seed in SEEDS for case in bench.velocity_cases("quick", seed))

    def title(tags: dict[str, Any]) -> str:
        if tags["kind"] == "pulsatile":
            return f"pulsatile, {tags['width']} px, {tags['v']:g} px/line {tags['case']}"
        speeds = {"slow": "0.02–0.05", "core": "0.1–10", "fast": "20–40"}[tags["band"]]
        return f"256 px, {speeds} px/line, SNR {tags['snr']:g}"

    yield from rows(measured(bench, cases), title)


def by_width(bench: Any) -> Figures:
    """Narrow lines, 0.2 px/line to half the width, SNR 1 and 3."""
    cases = (case for seed in SEEDS for case in bench.narrow_cases("quick", seed))
    yield from rows(
        measured(bench, cases), lambda tags: f"{tags['width']} px, cells of {tags['cells']} px"
    )


def by_window(bench: Any) -> Figures:
    """Windows of other lengths, on 14 and 30 columns."""
    cases = (
        case
        for case in bench.narrow_cases("quick", SEEDS[0], widths=(14, 30), windows=WINDOWS)
        if case[0]["cells"] == "6-8"
    )
    yield from rows(
        measured(bench, cases),
        lambda tags: f"windows of {tags['window']} lines, {tags['width']} px, cells of 6-8 px",
    )


def on_beats() -> Figures:
    """Flow that changes as fast as the heart of a mouse: half a beat a window."""

    def found() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        for pixels in (20, 60, 256):
            for mean, rate, amplitude in ((800, 8, 0.2), (800, 8, 0.35), (2000, 10, 0.35)):
                for seed in SEEDS:
                    series = pulsatile_series(3000, mean=mean, rate_hz=rate, amplitude=amplitude)
                    truth = velocity_kymograph(series, pixels=pixels, snr=2, seed=seed)
                    table = cs.radon_velocity(
                        truth.image,
                        line_period_s=truth.line_period_s,
                        pixel_size_um=truth.pixel_size_um,
                    ).columns
                    starts = zip(table["row_start"], table["row_stop"], strict=True)
                    yield (
                        {"pixels": pixels, "beat": f"{rate} Hz ± {amplitude:.0%}", "mean": mean},
                        {
                            "truth": np.array([truth.mean_velocity_um_per_s(*r) for r in starts]),
                            "velocity": table["velocity_um_per_s"],
                            "sd": table["velocity_sd_um_per_s"],
                            "ok": table["status"] == "ok",
                        },
                    )

    yield from rows(
        found(),
        lambda tags: f"a beat of {tags['beat']} about {tags['mean']} µm/s, {tags['pixels']} px",
    )


def on_noise() -> Figures:
    """Share of accepted windows where nothing but noise or flicker is."""
    rng = np.random.default_rng(SEEDS[0])
    for width in (7, 20, 100):
        noise = rng.normal(100, 10, (64 * 600, width))
        for name, image in (
            ("white noise", noise),
            ("flickering light", noise + rng.normal(0, 20, (len(noise), 1))),
        ):
            summary = cs.radon_velocity(
                image, line_period_s=1e-3, pixel_size_um=0.5, step_lines=64
            ).summary
            yield f"{name} alone, {width} px, accepted", f"{summary['accepted_share']:.2%}", "≤ 1 %"


def long_recordings() -> Figures:
    """CPU time of whole recordings, windows of 64 lines every 16."""
    for lines, width, limit in (
        (30_000, 20, "≤ 0.4 s"),
        (30_000, 38, "≤ 0.6 s"),
        (100_000, 512, "≤ 6 s"),
    ):
        truth = velocity_kymograph(600.0, lines=min(lines, 30_000), pixels=width, seed=SEEDS[0])
        scales = {"line_period_s": truth.line_period_s, "pixel_size_um": truth.pixel_size_um}
        image = np.resize(truth.image, (lines, width))
        cs.radon_velocity(image[:256], **scales)
        begun = time.process_time()
        windows = len(cs.radon_velocity(image, **scales).columns["time_s"])
        spent = time.process_time() - begun
        yield (
            f"{lines} × {width}", f"{spent:.2f} s, {1000 * spent / windows:.2f} ms a window", limit
        )  # fmt: skip


if __name__ == "__main__":
    for what, value, limit in figures():
        print(f"{what:60s} {value:>90s} {limit:>8s}")
