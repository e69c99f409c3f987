"""Coupling: unrelated traces called coupled, errors of the lag, responses to events, and time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from cloudscope.analysis.coupling import coupling, event_triggered_average
from cloudscope.analysis.result import AnalysisResult
from cloudscope.synthetic import coupled_traces
from tests.made_results import diameter_result, velocity_result
from tests.unrelated import UNRELATED, red

Figures = Iterator[tuple[str, str, str]]

SEEDS = 400
STEP = 0.016


def figures() -> Figures:
    """What, how much, and the limit."""
    yield from by_chance()
    yield from lags()
    yield from responses()
    yield from in_time()


def by_chance() -> Figures:
    """Unrelated pairs called coupled at any lag, beside the textbook limit of each lag."""
    for kind, draw in UNRELATED.items():
        for samples in (300, 1200):
            called = naive = 0
            for seed in range(SEEDS):
                rng = np.random.default_rng(seed)
                first, second = (velocity_result(draw(samples, rng)) for _ in range(2))
                result = coupling(first, second, max_lag_s=0.8, surrogates=99)
                called += result.summary["significant"] == "yes"
                limit = 1.96 / np.sqrt(result.columns["pairs"])
                naive += bool((np.abs(result.columns["correlation"]) > limit).any())
            yield (
                f"unrelated, {kind}, {samples} samples, {SEEDS} pairs, 0.05 stated",
                f"{called / SEEDS:.3f}; {naive / SEEDS:.2f} by 1.96/√n at each lag",
                "≤ 0.072",
            )


def lags() -> Figures:
    """Error of the lag, its interval, and that of the correlation."""
    for correlation, memory in ((0.9, 0.1), (0.6, 0.15), (0.3, 0.1), (0.8, 0.5)):
        error, sd, inside, height, found = [], [], 0, 0, 0
        for seed in range(100):
            lag = float(np.random.default_rng(seed).uniform(-0.5, 0.5))
            truth = coupled_traces(
                1500, step_s=STEP, lag_s=lag, correlation=correlation, memory_s=memory, seed=seed
            )
            first, second = velocity_result(truth.first), velocity_result(truth.second)
            one = coupling(first, second, surrogates=99).summary
            found += one["significant"] == "yes"
            error.append(one["peak_lag_s"] - lag)
            sd.append(one["peak_lag_sd_s"])
            inside += one["peak_lag_ci95_low_s"] <= lag <= one["peak_lag_ci95_high_s"]
            low, high = one["peak_correlation_ci95_low"], one["peak_correlation_ci95_high"]
            height += low <= correlation <= high
        off = 1e3 * float(np.sqrt(np.mean(np.square(error))))
        yield (
            f"24 s, correlation {correlation:g}, memory {memory:g} s",
            f"{found} of 100 called coupled; lag off by {off:.0f} ms (rms), "
            f"{1e3 * float(np.median(sd)):.0f} ms stated; {inside} of 100 lags and {height} of 100 "
            "correlations inside of their interval",
            "90 to 100 inside",
        )


def responding(onsets: np.ndarray, seed: int, height: float) -> AnalysisResult:
    """A velocity that rises 0.3 s after each onset by `height` sd of its red noise."""
    time_s = np.arange(int((onsets[-1] + 5) / STEP)) * STEP + 0.0315
    since = np.maximum(time_s[:, None] - onsets, 0.0) / 0.3
    course = (since**2 * np.exp(2 - 2 * since)).sum(axis=1)
    own = red(time_s.size, 30.0, np.random.default_rng(seed))
    return velocity_result(500 + 100 * (height * course + own / own.std()))


def responses() -> Figures:
    """How often a response is found, and how often there is none."""
    for height in (0.0, 0.5, 1.0, 2.0):
        called, when = 0, []
        for seed in range(100):
            onsets = np.cumsum(np.random.default_rng(1000 + seed).uniform(2.5, 6.0, 24))
            average = event_triggered_average(
                responding(onsets, seed, height),
                onsets,
                pre_s=0.5,
                post_s=2.0,
                step_s=0.05,
                shuffles=99,
            )
            called += average.p_value <= 0.05
            when.append(average.peak_offset_s)
        off = 1e3 * np.subtract(*np.quantile(np.array(when) - 0.3, [0.75, 0.25]))
        yield (
            f"24 events, response of {height:g} sd of red noise",
            f"found in {called} of 100, 0.05 stated; quartiles of its time {off:.0f} ms apart",
            "≤ 10 of 100" if height == 0 else "",
        )


def in_time() -> Figures:
    """CPU time."""
    truth = coupled_traces(100_000, step_s=1e-3, seed=1)
    slow = velocity_result(truth.first[31::16])
    fine = diameter_result(10 + truth.second)
    for name, first in (("velocity, 6,247 windows", slow), ("diameter, 100,000 lines", fine)):
        coupling(first, fine)
        start = time.process_time()
        coupling(first, fine)
        yield f"100 s: {name}, with a diameter", f"{time.process_time() - start:.2f} s", "≤ 5 s"
    start = time.process_time()
    event_triggered_average(fine, np.arange(5.0, 95.0, 0.9))
    yield "100 events, 100,000 lines", f"{time.process_time() - start:.2f} s", "≤ 2 s"
