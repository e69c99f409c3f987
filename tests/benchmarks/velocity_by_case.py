"""Velocity case by case: right, unbiased, honest about its error, and quiet on noise.

Truth comes from the scorer of the shared data, where that is beside the clone, with seeds that the
analysis was not tuned to. How the share within two standard deviations is judged, of windows that
overlap and recordings that are few, is said in ``honest.py``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from beside import scorer
from honest import in_words

import cloudscope as cs
from cloudscope.synthetic import pulsatile_series, velocity_kymograph

Figures = Iterator[tuple[str, str, str]]
SEEDS = (101, 102, 103, 104, 105)
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
                "disjoint": disjoint(table["row_start"], window),
            },
        )


def disjoint(row_start: np.ndarray, window: int) -> np.ndarray:
    """Which windows to take so that none of them share a line."""
    step = row_start[1] - row_start[0]
    taken: np.ndarray = np.arange(row_start.size) % max(1, -(-window // step)) == 0
    return taken


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
        wrong = (velocity * truth < 0)[ok]
        gross = (np.abs(error) > np.maximum(0.25 * np.abs(truth), 3 * sd))[ok]
        yield (
            name,
            f"{right.mean():.1%} within 10 %, bias {bias:+.2%}, {ok.mean():.1%} accepted, of those "
            f"{wrong.sum()} of wrong sign, {gross.mean():.1%} more than 25 % and 3 sd off; "
            f"{in_words([_inside(case) for case in cases])}",
            "90–99 % within 2 sd, 0",
        )


def _inside(case: dict[str, Any]) -> np.ndarray:
    """Of the disjoint accepted windows of a recording, which have the truth within 2 sd."""
    taken = case["ok"] & case["disjoint"]
    inside: np.ndarray = np.abs(case["velocity"] - case["truth"])[taken] < 2 * case["sd"][taken]
    return inside


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
        for seed in SEEDS
        for case in bench.narrow_cases("quick", seed, widths=(14, 30), windows=WINDOWS)
        if case[0]["cells"] == "6-8"
    )
    yield from rows(
        measured(bench, cases),
        lambda tags: f"windows of {tags['window']} lines, {tags['width']} px, cells of 6-8 px",
    )


def on_beats() -> Figures:
    """Flow that changes as fast as the heart of a mouse: half a beat a window, or more than one."""

    def found() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
        beats = (
            (64, 800, 8, 0.2), (64, 800, 8, 0.35), (64, 800, 8, 0.5), (64, 2000, 10, 0.35),
            (64, 2000, 10, 0.5), (128, 800, 8, 0.35), (128, 800, 8, 0.5), (128, 2000, 10, 0.35),
            (128, 2000, 10, 0.5),
        )  # fmt: skip
        for window, mean, rate, amplitude in beats:
            for pixels in (20, 60, 256):
                for seed in SEEDS:
                    series = pulsatile_series(3000, mean=mean, rate_hz=rate, amplitude=amplitude)
                    truth = velocity_kymograph(series, pixels=pixels, snr=2, seed=seed)
                    table = cs.radon_velocity(
                        truth.image,
                        line_period_s=truth.line_period_s,
                        pixel_size_um=truth.pixel_size_um,
                        window_lines=window,
                    ).columns
                    starts = zip(table["row_start"], table["row_stop"], strict=True)
                    yield (
                        {
                            "beat": f"{rate} Hz ± {amplitude:.0%} about {mean} µm/s, {pixels} px, "
                            f"windows of {window}"
                        },
                        {
                            "truth": np.array([truth.mean_velocity_um_per_s(*r) for r in starts]),
                            "velocity": table["velocity_um_per_s"],
                            "sd": table["velocity_sd_um_per_s"],
                            "ok": table["status"] == "ok",
                            "disjoint": disjoint(table["row_start"], window),
                        },
                    )

    yield from rows(found(), lambda tags: f"a beat of {tags['beat']}")


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
