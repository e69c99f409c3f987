"""Velocity results with a known pulse, made without pixels."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from cloudscope.analysis.result import AnalysisResult

LINE_PERIOD_S = 1e-3


def velocity_result(
    value: np.ndarray,
    *,
    window: int = 64,
    step: int = 16,
    noise: float = 50.0,
    gap_share: float = 0.0,
    outlier_share: float = 0.0,
    seed: int = 0,
) -> AnalysisResult:
    """What windows of lines would measure of a course, with the noise overlapping windows share."""
    rng = np.random.default_rng(seed)
    start = np.arange(0, value.size - window + 1, step)
    travelled = np.concatenate([[0.0], np.cumsum(value)])
    velocity = (travelled[start + window] - travelled[start]) / window
    shared = max(window // step, 1)
    white = rng.standard_normal(velocity.size + shared - 1)
    velocity = velocity + noise * np.convolve(white, np.ones(shared) / np.sqrt(shared), "valid")
    wrong = rng.random(velocity.size) < outlier_share
    velocity[wrong] *= rng.choice([-1.0, 3.0, 0.1], wrong.sum())
    measured = np.ones(velocity.size, bool)
    while measured.mean() > 1.0 - gap_share:
        first = int(rng.integers(0, velocity.size))
        measured[first : first + int(rng.integers(1, 60))] = False
    time = (start + (window - 1) / 2) * LINE_PERIOD_S
    sd = np.full(velocity.size, noise)
    rows = {"row_start": start, "row_stop": start + window}
    return result_of(time, np.where(measured, velocity, np.nan), sd=sd, **rows)


def result_of(
    time: np.ndarray,
    velocity: np.ndarray,
    *,
    sd: np.ndarray | None = None,
    **columns: np.ndarray,
) -> AnalysisResult:
    """A velocity result of these numbers; what is not finite has no signal."""
    velocity = np.asarray(velocity, float)
    return AnalysisResult.measured(
        "radon_velocity",
        parameters={},
        columns={
            "time_s": np.asarray(time, float),
            **columns,
            "velocity_um_per_s": velocity,
            "velocity_sd_um_per_s": np.full(velocity.shape, np.nan) if sd is None else sd,
            "quality": np.isfinite(velocity).astype(float),
            "status": np.where(np.isfinite(velocity), "ok", "no signal"),
        },
        summary={},
        line_period_s=LINE_PERIOD_S,
        pixel_size_um=0.5,
    )


def coloured_noise(color: str, size: int, rng: np.random.Generator) -> np.ndarray:
    """Noise of standard deviation about 1: white, of overlapping windows, red or pink."""
    if color == "overlapping":
        return np.convolve(rng.standard_normal(size + 3), np.ones(4) / 2, "valid")
    white = rng.standard_normal(2 * size)
    if color == "red":
        white = lfilter([0.436], [1.0, -0.9], white)
    if color == "pink":
        frequency = np.fft.rfftfreq(white.size)
        frequency[0] = frequency[1]
        white = np.fft.irfft(np.fft.rfft(white) * frequency**-0.75, white.size)
        white /= white.std()
    return white[size:]
