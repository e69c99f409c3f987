"""Intensity: transients found, false alarms, shapes and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

import cloudscope as cs
from cloudscope.synthetic import transient_kymograph, velocity_kymograph
from tests.transients import SHAPES, matched

Figures = Iterator[tuple[str, str, str]]


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from on_noise()
    yield from on_flow()
    yield from on_transients()
    yield from in_time()


def peaks(image: np.ndarray, preset: str, false_alarm_rate: float) -> int:
    """How many peaks there are in a recording of a line a millisecond."""
    result = cs.intensity(
        image,
        line_period_s=1e-3,
        pixel_size_um=None,
        preset=preset,  # type: ignore[arg-type]
        false_alarm_rate=false_alarm_rate,
    )
    return int(result.summary["peaks"])


def on_noise() -> Figures:
    """Peaks in 20 s of noise, without and with a memory."""
    for memory_s in (0.0, 0.005, 0.03):
        for preset in ("fast", "medium"):
            for stated, count in ((0.05, 240), (1.0, 80)):
                made = sum(
                    peaks(
                        transient_kymograph(
                            [],
                            lines=20_000,
                            pixels=1,
                            snr=5.0,
                            noise_correlation_s=memory_s,
                            seed=9000 + seed,
                        ).image,
                        preset,
                        stated,
                    )
                    for seed in range(count)
                )
                yield (
                    f"noise, memory {1e3 * memory_s:g} ms, {preset}, stated {stated:g}",
                    f"{made / count:.2f} a recording",
                    f"≤ {1.5 * stated:g}",
                )


def on_flow() -> Figures:
    """Peaks in 10 s of plain flow, beside a threshold on the derivative as is common."""
    for speed in (300.0, 800.0, 3000.0):
        flow = [
            velocity_kymograph(speed, lines=10_000, pixels=40, seed=700 + seed).image
            for seed in range(40)
        ]
        for preset in ("fast", "medium"):
            made = [np.mean([peaks(image, preset, rate) for image in flow]) for rate in (0.05, 1.0)]
            yield (
                f"plain flow, {speed:g} µm/s, {preset}",
                f"{made[0]:.2f} a recording where 0.05 is stated, {made[1]:.2f} where 1",
                "≤ 0.1, ≤ 1.5",
            )
        steep = np.mean([rises(image) for image in flow])
        yield (
            f"plain flow, {speed:g} µm/s, derivative above 3 ΔF/F0 a second",
            f"{steep:.0f} a recording",
            "",
        )


def rises(image: np.ndarray) -> int:
    """Rises steeper than 3 ΔF/F0 a second after a median of 3 lines, 10 ms apart."""
    trace = image.mean(axis=1, dtype=float)
    trace = np.median(np.stack([trace[:-2], trace[1:-1], trace[2:]]), axis=0)
    steep = np.flatnonzero(np.diff(trace / np.percentile(trace, 20)) > 3e-3)
    count, last = 0, -10
    for line in steep:
        if line - last >= 10:
            count, last = count + 1, int(line)
    return count


def on_transients() -> Figures:
    """Detection, and errors of the shape: median and standard deviation."""
    for preset in SHAPES:
        for snr in (2.0, 5.0, 10.0, 25.0):
            found, there, false = matched(preset, snr, 4 if preset == "fast" else 6)
            median, sd = found.median(), found.std()
            words = ", ".join(
                f"{name.replace('_', ' ')} {100 * median[name]:+.0f} ± {100 * sd[name]:.0f} %"
                for name in (
                    "amplitude",
                    "onset",
                    "rise",
                    "decay",
                    "half_width",
                    "width_10",
                    "width_80",
                    "area",
                )
            )
            yield (
                f"{preset}, SNR {snr:g}",
                f"{len(found)} of {there} found, {false} false; {words}; "
                f"{(found['in_sd'].abs() < 2).mean():.0%} of amplitudes within 2 sd",
                "≥ 95 % found from SNR 5",
            )


def in_time() -> Figures:
    """CPU time of one recording."""
    for lines, pixels, limit in ((30_000, 40, "≤ 0.2 s"), (100_000, 512, "")):
        image = np.random.default_rng(0).poisson(100, (lines, pixels)).astype(np.uint16)
        peaks(image, "medium", 0.05)
        start = time.process_time()
        peaks(image, "medium", 0.05)
        yield f"{lines} × {pixels}", f"{time.process_time() - start:.2f} s", limit
