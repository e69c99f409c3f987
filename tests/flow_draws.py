"""Velocities and diameters with known truth and errors, and what flow makes of them."""

from __future__ import annotations

import numpy as np

from cloudscope.analysis.flow import flow
from tests.made_results import diameter_result, velocity_result

WINDOWS = 100
LINES = 16 * WINDOWS + 48

CASES: dict[str, dict[str, float]] = {
    "noise of both": {},
    "noise of the diameter": {"velocity_sd": 5.0},
    "noise shared by 5 lines": {"velocity_sd": 5.0, "memory": 5},
    "70 % of lines lost": {"velocity_sd": 5.0, "lost": 0.7},
    "error of the model of the lumen": {"model_sd": 0.3},
    "error of the pixel size": {"pixel": 0.03},
    "error of the profile": {"factor": 0.05},
    "all of them": {"velocity_sd": 20.0, "model_sd": 0.2, "pixel": 0.02, "factor": 0.03},
}
"""Errors that are drawn, and stated."""


def within_two_sd(
    seeds: int,
    *,
    velocity_sd: float = 60.0,
    diameter_sd: float = 0.3,
    model_sd: float = 0.0,
    memory: float = 1,
    lost: float = 0.0,
    pixel: float = 0.0,
    factor: float = 0.0,
    column: str = "flow",
) -> float:
    """Share of windows whose truth is within two of the stated standard deviations."""
    inside = []
    memory = int(memory)
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        line = np.arange(LINES)
        width = 10 + 0.4 * np.sin(2 * np.pi * line / 125) + 0.5 * np.sin(2 * np.pi * line / 900)
        speed = 1500 + 600 * np.sin(2 * np.pi * (16 * np.arange(WINDOWS) + 32) / 125)
        scale = 1 + pixel * rng.normal()
        k = 0.5 + factor * rng.normal()
        noise = np.convolve(rng.normal(size=LINES + memory), np.ones(memory))[
            memory : LINES + memory
        ]
        measured = width + diameter_sd * noise / np.sqrt(memory) + model_sd * rng.normal()
        status = np.where(rng.random(LINES) < lost, "low quality", "ok")
        result = flow(
            velocity_result(
                (speed + velocity_sd * rng.normal(size=WINDOWS)) * scale, velocity_sd * scale
            ),
            diameter_result(measured * scale, diameter_sd, status=status, model_sd=model_sd),
            pixel_size_sd_percent=100 * pixel,
            profile_factor_sd=factor,
        )
        sums = np.concatenate([[0.0], np.cumsum(width)])
        start = 16 * np.arange(WINDOWS)
        mean = (sums[start + 64] - sums[start]) / 64
        if column == "flow":
            truth = k * speed * np.pi / 4 * mean**2 / 1000
        else:
            truth = 4 * k / (1 - k) * speed / mean
        names = {"flow": ("flow_pl_per_s", "flow_sd_pl_per_s")}
        value, sd = names.get(column, ("shear_rate_per_s", "shear_rate_sd_per_s"))
        error = np.abs(result.columns[value] - truth)
        inside.append(error < 2 * result.columns[sd])
    return float(np.nanmean(np.concatenate(inside)))
