"""A small real analysis for the tests of models and batches: the mean of blocks of lines."""

from __future__ import annotations

from typing import Annotated, Any

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Trace, register
from cloudscope.analysis.result import AnalysisResult


@register(
    name="block_mean",
    title="Mean of blocks",
    columns=[Column("time_s", "s", "centre"), Column("mean", "", "mean of the block")],
    trace=Trace("mean", "mean", "#1f77b4"),
    headline="mean",
)
def block_mean(
    kymograph: Any,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    block_lines: Annotated[int, Param("Block", unit="lines", minimum=1)] = 10,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Mean intensity of blocks of lines."""
    parameters = checked_arguments(block_mean, locals())
    period = needed_scale("block_mean", "line_period_s", line_period_s)
    pixels = np.asarray(kymograph, dtype=float)
    blocks = len(pixels) // block_lines
    means = np.empty(blocks)
    for index in range(blocks):
        checkpoint(index / blocks, progress, cancel)
        means[index] = pixels[index * block_lines : (index + 1) * block_lines].mean()
    times = (np.arange(blocks) * block_lines + (block_lines - 1) / 2) * period
    return AnalysisResult.measured(
        "block_mean",
        parameters=parameters,
        columns={"time_s": times, "mean": means},
        summary={"mean": float(means.mean())},
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
    )
