"""Velocity beyond the defaults: classic method, smoother, scans to and fro, drift, slope, range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from beside import scorer
from honest import in_words
from scipy.ndimage import gaussian_filter1d, map_coordinates

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.along_line import velocity_along_line
from cloudscope.analysis.streaks.ceiling import speed_ceiling
from cloudscope.synthetic import VelocityTruth, pulsatile_series, velocity_kymograph

Figures = Iterator[tuple[str, str, str]]
PERIOD_S, PIXEL_UM = 1e-3, 0.5
UNIT = PIXEL_UM / PERIOD_S


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from classic_beside_correlation()
    yield from smoother_on_the_grid()
    yield from smoother_on_changing_flow()
    yield from to_and_fro()
    yield from sweep()
    yield from drifting_wall()
    yield from slope()
    yield from speed_range()


def measure(image: np.ndarray, **parameters: Any) -> AnalysisResult:
    """Velocity at a line a millisecond and half a micrometre a pixel."""
    return radon_velocity(image, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM, **parameters)


def right(result: AnalysisResult, truth: Any) -> str:
    """Share of windows within 10 %, and the median error."""
    error = result.columns["velocity_um_per_s"] / truth - 1
    near = float(np.mean(np.nan_to_num(np.abs(error), nan=9) <= 0.1))
    return f"{near:.1%}, median {np.nanmedian(error):+.1%}"


def classic_beside_correlation() -> Figures:
    """Both methods on the same windows."""
    for pixels in (7, 14, 30, 60):
        for speed_px in (0.2, 0.7, 2.0):
            truth = velocity_kymograph([speed_px * UNIT] * 2560, pixels=pixels, snr=2, seed=31)
            words = [
                right(measure(truth.image, step_lines=64, **options), speed_px * UNIT)
                for options in ({}, {"method": "classic", "detection_limit": 0.0})
            ]
            yield (
                f"{pixels} columns, {speed_px:g} px/line, SNR 2: correlation; classic",
                "; ".join(words),
                "",
            )


def smoother_on_the_grid() -> Figures:
    """The wide grid of the scorer, steady flow."""
    module = scorer()
    if module is None:
        yield "smoother on the grid", "not measured: the scorer is not on this machine", ""
        return
    shares: dict[tuple[str, str], list[np.ndarray]] = {}
    cases = (case for seed in (32, 33) for case in module.velocity_cases("quick", seed=seed))
    for tags, case, window, step in cases:
        if tags["kind"] != "grid":
            continue
        for smoother in ("none", "rts"):
            table = measure(
                case.image, window_lines=window, step_lines=step, smoother=smoother
            ).columns
            truth = module.window_truth(case.v_px, table["time_s"], case.dt_s, window) * UNIT
            error = np.abs(table["velocity_um_per_s"] - truth)
            ok = table["status"] == "ok"
            near = np.nan_to_num(error, nan=np.inf) <= 0.1 * np.abs(truth)
            for band in ("whole", tags["band"]):
                shares.setdefault((band, smoother), []).append(near)
            inside = (error < 2 * table["velocity_sd_um_per_s"])[ok]
            shares.setdefault(("within 2 sd", smoother), []).append(inside)
    for what, limit in (("whole", "≥ 98 %"), ("slow", "≥ 95 %")):
        raw, track = (np.concatenate(shares[what, s]).mean() for s in ("none", "rts"))
        yield f"256 columns, grid, {what}: no smoother; smoother", f"{raw:.1%}; {track:.1%}", limit
    for name, smoother in (("no smoother", "none"), ("smoother", "rts")):
        told = in_words(shares["within 2 sd", smoother])
        yield f"256 columns, grid, {name}", told, "90–99 % within 2 sd"


def smoother_on_changing_flow() -> Figures:
    """Where the flow changes, the smoother must follow."""
    stall = np.full(6000, 700.0)
    stall[2000:2600] = 0
    for name, series, pixels, snr in (
        ("pulse 2 Hz ± 30 %", pulsatile_series(6000, mean=600, rate_hz=2, amplitude=0.3), 20, 0.5),
        ("pulse 6 Hz ± 40 %", pulsatile_series(6000, mean=600, rate_hz=6, amplitude=0.4), 20, 1.0),
        ("pulse 6 Hz ± 40 %", pulsatile_series(6000, mean=600, rate_hz=6, amplitude=0.4), 64, 1.0),
        ("a stall of 0.6 s", stall, 20, 1.0),
    ):
        truth = velocity_kymograph(series, pixels=pixels, snr=snr, seed=1)
        words = [changing(truth, measure(truth.image, smoother=s)) for s in ("none", "rts")]
        yield f"{pixels} columns, SNR {snr:g}, {name}: no smoother; smoother", "; ".join(words), ""


def changing(truth: VelocityTruth, result: AnalysisResult) -> str:
    """Median error, and the share within two standard deviations."""
    table = result.columns
    error = np.abs(
        table["velocity_um_per_s"]
        - truth.mean_velocity_um_per_s(table["row_start"], table["row_stop"])
    )
    ok = table["status"] == "ok"
    inside = np.mean((error < 2 * table["velocity_sd_um_per_s"])[ok])
    return f"error {np.nanmedian(error):.1f} µm/s, {inside:.0%} within 2 sd"


def to_and_fro() -> Figures:
    """Odd lines that lie beside the others."""
    margin = 8
    for speed, pixels, offset in (
        (400, 24, 0.5),
        (400, 24, 4.0),
        (-5000, 40, -3.0),
        (25, 100, 2.0),
    ):
        series = pulsatile_series(4000, mean=speed, rate_hz=6, amplitude=0.3)
        truth = velocity_kymograph(series, pixels=pixels + 2 * margin, snr=50, seed=pixels)
        image = truth.image[:, margin : margin + pixels].astype(float)
        rows, columns = np.mgrid[1:4000:2, 0:pixels].astype(float)
        image[1::2] = map_coordinates(truth.image.astype(float), [rows, columns + margin - offset])
        image += np.random.default_rng(5).normal(0, 25 * truth.noise_sd, image.shape)
        plain, undone = measure(image), measure(image, bidirectional="estimate")
        means = truth.mean_velocity_um_per_s(plain.columns["row_start"], plain.columns["row_stop"])
        found = undone.summary
        yield (
            f"to and fro, {pixels} columns, {speed} µm/s, offset {offset:+g} px",
            f"found {found['bidirectional_offset_px']:+.2f} ± "
            f"{found['bidirectional_offset_sd_px']:.2f}; left: {right(plain, means)}; "
            f"undone: {right(undone, means)}",
            "",
        )


def sweep() -> Figures:
    """A beam that takes the whole line period."""
    truth = velocity_kymograph(
        [20 * UNIT] * 2000, pixels=320, snr=3, seed=1, sweep_fraction=1.0
    ).image
    plain, swept = measure(truth), measure(truth, scan_time_s=PERIOD_S)
    a, b = (r.summary["velocity_median_um_per_s"] / UNIT for r in (plain, swept))
    yield "20 px/line on 320 columns, full sweep: plain; corrected", f"{a:.3f}; {b:.3f}", "20.000"


def drifting_wall() -> Figures:
    """A static pattern that drifts by 3 px."""
    for speed, pixels in ((500.0, 40), (150.0, 40), (50.0, 40)):
        flow = velocity_kymograph([speed] * 8000, pixels=pixels, snr=2, seed=3, background=0.0)
        wall = gaussian_filter1d(np.random.default_rng(0).normal(size=4 * pixels), 2.0)
        place = (
            np.arange(pixels)
            - 3 * np.sin(2 * np.pi * np.arange(8000) / 8000)[:, None]
            + 1.5 * pixels
        )
        seen = np.interp(place.ravel(), np.arange(wall.size), wall / wall.std())
        image = flow.image * (1 + 0.6 * seen.reshape(place.shape)).clip(0.2)
        words = [
            right(measure(image, step_lines=64, **options), speed)
            for options in ({}, {"background": "moving", "background_window_s": 0.6})
        ]
        yield (
            f"wall drifting ± 3 px, {speed:g} µm/s: background of the record; moving 0.6 s",
            "; ".join(words),
            "",
        )


def slope() -> Figures:
    """Flow that speeds up along the line."""
    for pixels, speed_px, change in ((20, 1.0, 0.3), (40, 1.5, 0.17), (128, 3.0, 0.17)):
        image = accelerating(pixels, speed_px, change)
        profile = velocity_along_line(image, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
        truth = speed_px * change / pixels * UNIT / PIXEL_UM
        one = measure(image).summary["velocity_median_um_per_s"] / UNIT / speed_px
        yield (
            f"speed {change:+.0%} along {pixels} columns: slope; truth; single number over mean",
            f"{profile.slope_per_s:.2f} ± {profile.slope_sd_per_s:.2f}; {truth:.2f}; {one:.3f}",
            "",
        )


def accelerating(pixels: int, speed_px: float, change: float) -> np.ndarray:
    """Every column shows one course, later by the time that flow takes to it; SNR 1.5."""
    speed = speed_px * (1 + change * (np.arange(pixels) - (pixels - 1) / 2) / pixels)
    fine = np.linspace(0, pixels - 1, 40 * pixels)
    slowness = 1 / np.interp(0.5 * (fine[1:] + fine[:-1]), np.arange(pixels), speed)
    delay = np.interp(
        np.arange(pixels), fine, np.concatenate([[0.0], np.cumsum(np.diff(fine) * slowness)])
    )
    rng = np.random.default_rng(3)
    course = gaussian_filter1d(rng.normal(size=16 * (6100 + int(delay.max()))), 35 / speed_px)
    course /= course.std()
    time = np.arange(6000)[:, None] - delay + delay.max() + 20
    clean = np.interp(16 * time.ravel(), np.arange(course.size), course).reshape(time.shape)
    return 200 + 30 * clean + rng.normal(0, 20, time.shape)


def speed_range() -> Figures:
    """What is said before measuring, and what is then resolved."""
    for pixels, window, snr in ((40, 64, 1.0), (64, 32, 1.0), (64, 64, 3.0), (256, 64, 1.0)):
        limits = speed_ceiling(PERIOD_S, PIXEL_UM, pixels, window, snr=snr)
        recorded = speed_ceiling(PERIOD_S, PIXEL_UM, pixels, window, snr=snr, recording_lines=6000)
        options: dict[str, Any] = {"window_lines": window, "step_lines": window}
        slow = velocity_kymograph(
            [limits.slowest_um_per_s] * 6000,
            pixels=pixels,
            snr=snr,
            seed=6,
            background=0.0,
            bleaching=0.0,
        )
        seen = measure(slow.image, background="none", bleaching="none", **options)
        sign = np.mean(seen.columns["velocity_um_per_s"] > 0)
        accurate, fastest = recorded.accurate_from_um_per_s, limits.fastest_um_per_s
        image = velocity_kymograph([accurate] * 6000, pixels=pixels, snr=snr, seed=6).image
        fast = velocity_kymograph([0.95 * fastest] * 2000, pixels=pixels, snr=snr, seed=6).image
        yield (
            f"{pixels} columns, {window} lines, SNR {snr:g}: sign right at the slowest "
            f"({limits.slowest_um_per_s:.2g} µm/s); right at {accurate:.3g} µm/s; "
            f"right at 0.95 of the fastest ({fastest:.0f} µm/s)",
            f"{sign:.1%}; {right(measure(image, **options), accurate)}; "
            f"{right(measure(fast, **options), 0.95 * fastest)}",
            "≥ 95 %; ≈ 95 %",
        )
