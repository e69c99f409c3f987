"""Traces that have nothing to do with each other, slow and beating ones as of real vessels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.signal import lfilter


def red(samples: int, memory: float, rng: np.random.Generator) -> np.ndarray:
    """Noise whose correlation with itself decays to 1/e within `memory` samples."""
    keep = np.exp(-1.0 / memory)
    noise = rng.normal(size=samples + int(10 * memory))
    out: np.ndarray = lfilter([1], [1, -keep], noise)[-samples:]
    return out


def beating(samples: int, rng: np.random.Generator) -> np.ndarray:
    """A beat whose rate drifts, in noise."""
    rate = 0.08 + 0.002 * red(samples, 200.0, rng) / 10
    phase = rng.uniform(0, 2 * np.pi) + 2 * np.pi * np.cumsum(rate)
    return np.cos(phase) + 0.5 * rng.normal(size=samples)


def with_gaps(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Red noise of which about a tenth is missing, in stretches of twelve."""
    lost = np.convolve(rng.random(samples) < 0.01, np.ones(12))[:samples] > 0
    return np.where(lost, np.nan, red(samples, 10.0, rng))


UNRELATED: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "white": lambda samples, rng: rng.normal(size=samples),
    "memory of 10 samples": lambda samples, rng: red(samples, 10.0, rng),
    "memory of 40 samples": lambda samples, rng: red(samples, 40.0, rng),
    "beating": beating,
    "with gaps": with_gaps,
}
