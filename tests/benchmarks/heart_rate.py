"""Heart rate and beats: errors on truth, false alarms on coloured noise, and time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from cloudscope.analysis.beats import beats
from cloudscope.analysis.heart_rate import heart_rate
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.synthetic import beat_series, velocity_kymograph
from tests.pulses import coloured_noise, result_of, velocity_result

Figures = Iterator[tuple[str, str, str]]

COURSES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "steady": ({}, {}),
    "40 % gaps": ({"gap_share": 0.4}, {}),
    "40 % gaps, 5 % outliers": ({"gap_share": 0.4, "outlier_share": 0.05}, {}),
    "noise 4 times": ({"noise": 200.0}, {}),
    "noise 4 times, 40 % gaps": ({"noise": 200.0, "gap_share": 0.4}, {}),
    "beats irregular by 5 %": ({}, {"irregularity": 0.05}),
    "beats irregular by 10 %": ({}, {"irregularity": 0.1}),
    "rate changes by 30 %": ({}, {"rate_change": 0.3}),
    "rate changes by 10 %, 40 % gaps": ({"gap_share": 0.4}, {"rate_change": 0.1}),
}
"""What is drawn: the course of the measurement, and the heart."""


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from on_truth()
    yield from on_noise()
    yield from from_pixels()
    yield from on_beats()
    yield from in_time()


def drawn(seed: int, lines: int = 30_000, **heart: Any) -> Any:
    """A heart of 300 to 620 bpm and a pulsatility of 0.5, 30 s at a line a millisecond."""
    bpm = np.random.default_rng(1000 + seed).uniform(300, 620)
    return beat_series(lines, mean=800.0, rate_bpm=bpm, seed=seed, **heart)


def on_truth() -> Figures:
    """The rate of recordings and segments; noise is a tenth of the pulse's height."""
    for name, (course, heart) in COURSES.items():
        errors, within, segments, within_segments = [], [], [], []
        for seed in range(40):
            truth = drawn(seed, **heart)
            result = heart_rate(velocity_result(truth.value, seed=seed, **course))
            summary, columns = result.summary, result.columns
            if summary["status"] != "ok":
                continue
            error = summary["heart_rate_bpm"] - truth.mean_rate_bpm
            errors.append(abs(error) / truth.mean_rate_bpm)
            within.append(abs(error) < 2 * summary["heart_rate_sd_bpm"])
            number = np.arange(truth.beat_s.size)
            ends = [np.interp(columns[k], truth.beat_s, number) for k in ("start_s", "stop_s")]
            rate = 60 * (ends[1] - ends[0]) / (columns["stop_s"] - columns["start_s"])
            ok = columns["status"] == "ok"
            off = (columns["rate_bpm"] - rate)[ok]
            segments.extend(np.abs(off) / rate[ok])
            within_segments.extend(np.abs(off) < 2 * columns["rate_sd_bpm"][ok])
        yield (
            f"rate, {name}",
            f"{len(errors)} of 40 found; error median {100 * np.median(errors):.3f} %, largest "
            f"{100 * max(errors):.2f} %; {np.mean(within):.0%} within 2 sd; segments "
            f"{100 * np.median(segments):.2f} %, {np.mean(within_segments):.0%} within 2 sd",
            "≤ 1 %; 90-99 %",
        )


def on_noise() -> Figures:
    """Noise without a heart: how often the false-alarm probability is below 5 %."""
    for color in ("white", "overlapping", "red", "pink"):
        for size, gaps in ((1800, 0.0), (1800, 0.4), (300, 0.0)):
            chances = []
            for seed in range(400):
                rng = np.random.default_rng(seed)
                value = 500 + 50 * coloured_noise(color, size, rng)
                while gaps and np.isnan(value).mean() < gaps:
                    first = int(rng.integers(0, size))
                    value[first : first + int(rng.integers(1, 40))] = np.nan
                result = result_of(0.0184 * np.arange(size), value)
                chances.append(
                    heart_rate(result, window_s=0.0736).summary["false_alarm_probability"]
                )
            share = float(np.mean(np.array(chances) < 0.05))
            yield (
                f"{color} noise, {0.0184 * size:.0f} s, {gaps:.0%} gaps: below 0.05",
                f"{share:.1%} of 400",
                "≤ 7.5 %",
            )


def from_pixels() -> Figures:
    """Drawn flow that does not beat, 8 s, measured as velocity first."""
    chances = []
    for seed in range(120):
        speed = float(np.random.default_rng(seed).choice([200, 600, 1500]))
        image = velocity_kymograph(speed, lines=8000, pixels=20, seed=seed, snr=1.0).image
        velocity = radon_velocity(image, line_period_s=1e-3, pixel_size_um=0.5)
        chances.append(heart_rate(velocity).summary["false_alarm_probability"])
    share = float(np.mean(np.array(chances) < 0.05))
    yield "constant flow, 8 s, from pixels: below 0.05", f"{share:.1%} of 120", "≤ 7.5 %"


def on_beats() -> Figures:
    """Single beats, in windows of 32 lines."""
    for name, (course, heart) in COURSES.items():
        count, pulsatility, wave, covered, sdnn = [], [], [], [], []
        for seed in range(12):
            truth = drawn(seed, **heart)
            result = beats(velocity_result(truth.value, window=32, step=8, seed=seed, **course))
            summary, columns = result.summary, result.columns
            if summary["status"] != "ok":
                continue
            ends = [columns["start_s"][0], columns["stop_s"][-1]]
            first, last = np.interp(ends, truth.beat_s, np.arange(truth.beat_s.size))
            count.append(abs(summary["beats"] - (last - first)))
            pulsatility.append(summary["pulsatility_index"] / 0.5 - 1)
            wave.append(summary["waveform_pulsatility_index"] / 0.5 - 1)
            covered.append(
                summary["waveform_pulsatility_index_ci95_low"]
                <= 0.5
                <= summary["waveform_pulsatility_index_ci95_high"]
            )
            sdnn.append((1e3 * summary["sdnn_s"], 1e3 * np.diff(truth.beat_s).std()))
        measured, true = np.median(sdnn, axis=0)
        yield (
            f"beats, {name}",
            f"count off by {np.mean(count):.1f}; pulsatility index "
            f"{100 * np.mean(pulsatility):+.1f} ± {100 * np.std(pulsatility):.1f} %, of the "
            f"waveform {100 * np.mean(wave):+.1f} %, in its interval {np.mean(covered):.0%}; "
            f"sdnn {measured:.1f} ms, true {true:.1f} ms",
            "",
        )


def in_time() -> Figures:
    """CPU time of one recording."""
    for lines in (30_000, 300_000):
        result = velocity_result(drawn(0, lines=lines).value)
        for function in (heart_rate, beats):
            start = time.process_time()
            function(result)
            spent = time.process_time() - start
            yield f"{function.__name__}, {lines} lines", f"{spent:.2f} s", ""
