"""Recordings of transients with known truth, and what `intensity` makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cloudscope.analysis.intensity import intensity, intensity_peaks
from cloudscope.synthetic import TransientTruth, transient_kymograph

SHAPES = {  # rise, decay, line period, lines
    "fast": (0.005, 0.02, 1e-3, 10_000),
    "medium": (0.03, 0.3, 1e-3, 40_000),
    "slow": (0.3, 2.0, 5e-3, 40_000),
}
"""Of each preset."""


def recording(preset: str, *, snr: float, seed: int, **options: Any) -> TransientTruth:
    """Transients of random heights at random times, far enough apart to be told from each other."""
    rise, decay, period, lines = SHAPES[preset]
    rng = np.random.default_rng(seed)
    gaps = 8 * (rise + decay) + rng.exponential(12 * (rise + decay), lines)
    onset = np.cumsum(gaps)
    onset = onset[onset < lines * period - 8 * (rise + decay)]
    return transient_kymograph(
        onset,
        0.5 * rng.uniform(0.7, 1.3, onset.size),
        **{
            "lines": lines,
            "pixels": 4,
            "line_period_s": period,
            "rise_tau_s": rise,
            "decay_tau_s": decay,
            "snr": snr,
            "seed": seed,
            **options,
        },
    )


def widths(preset: str) -> dict[int, float]:
    """Widths of a transient at percentages of its height, in seconds."""
    rise, decay, _, _ = SHAPES[preset]
    time = np.linspace(0.0, 8.0 * (rise + decay), 400_001)
    shape = -np.expm1(-time / rise) * np.exp(-time / decay)
    above = shape / shape.max()
    return {share: float((above > share / 100).mean() * time[-1]) for share in (10, 20, 80, 90)}


def matched(preset: str, snr: float, seeds: int, **options: Any) -> tuple[pd.DataFrame, int, int]:
    """Found transients beside their truth, how many there were, and how many found are none."""
    rows, there, false = [], 0, 0
    wide = widths(preset)
    for seed in range(seeds):
        truth = recording(preset, snr=snr, seed=100 + seed)
        result = intensity(
            truth.image,
            line_period_s=truth.line_period_s,
            pixel_size_um=None,
            preset=preset,  # type: ignore[arg-type]
            **options,
        )
        peaks = intensity_peaks(result)
        there += truth.onset_s.size
        near = np.abs(truth.peak_time_s[None, :] - peaks["peak_time_s"].to_numpy()[:, None])
        for number, (_, peak) in enumerate(peaks.iterrows()):
            at = int(near[number].argmin())
            if near[number, at] > truth.half_width_s:
                false += 1
                continue
            rows.append(
                {
                    "amplitude": peak["peak_amplitude"] / truth.amplitude[at] - 1,
                    "in_sd": (peak["peak_amplitude"] - truth.amplitude[at])
                    / peak["peak_amplitude_sd"],
                    "onset": (peak["peak_onset_s"] - truth.onset_s[at]) / truth.rise_s,
                    "rise": peak["peak_rise_s"] / truth.rise_s - 1,
                    "decay": peak["peak_decay_s"] / truth.decay_s - 1,
                    "half_width": peak["peak_half_width_s"] / truth.half_width_s - 1,
                    **{
                        f"width_{share}": peak[f"peak_width_{share}_s"] / width - 1
                        for share, width in wide.items()
                    },
                    "area": peak["peak_area_s"] / truth.area_s / truth.amplitude[at] - 1,
                }
            )
    return pd.DataFrame(rows), there, false
