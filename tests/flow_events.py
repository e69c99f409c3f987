"""Velocity results with known events, drawn without a kymograph: many seeds in little time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.velocity_events import velocity_events
from cloudscope.synthetic import FlowEvent, event_series, pulsatile_series

WINDOW, STEP, PERIOD_S = 64, 16, 1e-3


def velocity_result(
    velocity: np.ndarray,
    *,
    noise: float | np.ndarray = 40.0,
    seed: int = 0,
    window: int = WINDOW,
    step: int = STEP,
    period_s: float = PERIOD_S,
    status: np.ndarray | None = None,
    analysis: str = "radon_velocity",
) -> AnalysisResult:
    """Means of a velocity over windows, with the noise that overlapping windows share.

    `noise` is the standard deviation of a window's velocity (µm/s), one number or one a line.
    """
    rng = np.random.default_rng(seed)
    lines = velocity + np.asarray(noise) * np.sqrt(window) * rng.standard_normal(velocity.size)
    start = np.arange(0, velocity.size - window + 1, step)
    total = np.concatenate([[0.0], np.cumsum(lines)])
    sd = np.broadcast_to(np.asarray(noise, float), velocity.shape)[start + window // 2]
    return result_of(
        (start + (window - 1) / 2) * period_s,
        (total[start + window] - total[start]) / window,
        sd,
        status,
        start=start,
        window=window,
        period_s=period_s,
        analysis=analysis,
    )


def result_of(
    time_s: Any,
    velocity: Any,
    sd: Any = 10.0,
    status: Any = None,
    *,
    start: Any = None,
    window: int = WINDOW,
    period_s: float | None = PERIOD_S,
    quality: Any = 1.0,
    analysis: str = "radon_velocity",
) -> AnalysisResult:
    """A velocity result of given rows."""
    time_s = np.asarray(time_s, float)
    start = np.zeros(time_s.size, int) if start is None else start
    blank = np.full(time_s.size, "ok")
    return AnalysisResult.measured(
        analysis,
        parameters={"window_lines": window, "step_lines": STEP},
        columns={
            "time_s": time_s,
            "row_start": start,
            "row_stop": start + window,
            "velocity_um_per_s": np.broadcast_to(np.asarray(velocity, float), time_s.shape),
            "velocity_sd_um_per_s": np.broadcast_to(np.asarray(sd, float), time_s.shape),
            "quality": np.broadcast_to(np.asarray(quality, float), time_s.shape),
            "status": blank if status is None else np.asarray(status),
        },
        summary={"windows": int(time_s.size)},
        line_period_s=period_s,
        pixel_size_um=0.5,
    )


def flow(kind: str, lines: int, *, mean: float = 800.0, seed: int = 0) -> np.ndarray:
    """Flow without events: steady, pulsatile, two beats with breathing, or wandering."""
    rng = np.random.default_rng(seed)
    if kind == "steady":
        return np.full(lines, mean)
    if kind == "pulsatile":
        return pulsatile_series(
            lines, mean=mean, rate_hz=rng.uniform(5, 10), amplitude=0.3, drift=0.1
        )
    if kind == "slow beats":
        # A heart of a big animal: beats longer than the shortest event.
        return pulsatile_series(
            lines, mean=mean, rate_hz=rng.uniform(0.8, 2.0), amplitude=0.4, drift=0.1
        )
    if kind == "breathing":
        time = np.arange(lines) * PERIOD_S
        beat = pulsatile_series(lines, mean=1.0, rate_hz=8.0, amplitude=0.2, drift=0.0)
        breath = 1.0 + 0.15 * np.sin(2 * np.pi * rng.uniform(0.5, 2.5) * time)
        return mean * beat * breath
    if kind == "wandering":
        # Slow unrest of no period, a tenth of the mean, with a memory of 0.2 s.
        memory = 0.2 / PERIOD_S
        kernel = np.exp(-np.arange(int(6 * memory)) / memory)
        white = rng.standard_normal(lines + kernel.size)
        from scipy.signal import fftconvolve

        slow = fftconvolve(white, kernel, mode="valid")[:lines]
        return mean * (1.0 + 0.1 * slow / np.sqrt((kernel**2).sum()))
    if kind == "sharp beats":
        # Short systolic peaks on slow diastolic flow.
        time = np.arange(lines) * PERIOD_S
        phase = (time * rng.uniform(1.0, 8.0)) % 1.0
        return mean * (0.8 + 1.0 * np.exp(-0.5 * ((phase - 0.5) / 0.08) ** 2))
    raise ValueError(kind)


FLOWS = ("steady", "pulsatile", "slow beats", "breathing", "wandering", "sharp beats")


def matched(found: pd.DataFrame, truth: tuple[FlowEvent, ...]) -> pd.DataFrame:
    """One row a true event: what was found of it, and how wrong its times are.

    An event is found if a row of its kind overlaps it by half of their union.
    """
    rows = []
    for event in truth:
        best: dict[str, Any] = {"overlap": 0.0}
        for row in found.to_dict("records"):
            both = min(row["stop_s"], event.stop_s) - max(row["start_s"], event.start_s)
            either = max(row["stop_s"], event.stop_s) - min(row["start_s"], event.start_s)
            if row["kind"] != "gap" and both / either > best["overlap"]:
                best = {"overlap": both / either, **row}
        rows.append(
            {
                "kind": event.kind,
                "factor": event.factor,
                "duration": event.duration_s,
                "as": best.get("kind", "") if best["overlap"] >= 0.5 else "",
                "start_error": best.get("start_s", np.nan) - event.start_s,
                "stop_error": best.get("stop_s", np.nan) - event.stop_s,
                "start_sd": best.get("start_sd_s", np.nan),
                "stop_sd": best.get("stop_sd_s", np.nan),
                "inside": best.get("velocity_inside_um_per_s", np.nan),
                "inside_sd": best.get("velocity_inside_sd_um_per_s", np.nan),
            }
        )
    return pd.DataFrame(rows)


def with_events(
    kind: str,
    events: tuple[FlowEvent, ...],
    *,
    seconds: float = 60.0,
    noise: float = 40.0,
    ramp_s: float = 0.02,
    seed: int = 0,
    mean: float = 800.0,
    **parameters: Any,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Events drawn into flow of a kind and looked for: matched rows, and the table found."""
    lines = round(seconds / PERIOD_S)
    truth = event_series(flow(kind, lines, seed=seed, mean=mean), events, ramp_s=ramp_s)
    table = velocity_events(
        velocity_result(truth.velocity_um_per_s, noise=noise, seed=seed), **parameters
    ).table
    return matched(table, truth.events), table
