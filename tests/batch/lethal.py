"""An analysis whose worker dies, hangs or takes long where the pixels say so; for other processes.

Pixel (0, 0) says what happens: 1 kills the worker each time; 2 kills the first worker only, which
leaves a file beside the recording; 3 takes a minute between two checkpoints; 4 takes half a second;
5 wants far more memory than anybody allows.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
from pathlib import Path

import numpy as np

from cloudscope.analysis.calibration import needed_scale
from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.parameters import checked_arguments
from cloudscope.analysis.registry import Column, register
from cloudscope.analysis.result import AnalysisResult

MARKS = "CLOUDSCOPE_TEST_MARKS"
"""Variable that names a folder where a first death is noted."""


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@register(
    name="lethal",
    title="Lethal",
    columns=(Column("mean", "counts", "mean of a line"),),
    trace=None,
    headline="mean",
)
def lethal(
    kymograph: np.ndarray,
    *,
    line_period_s: float | None,
    pixel_size_um: float | None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AnalysisResult:
    """Mean of each line, unless the first pixel forbids."""
    parameters = checked_arguments(lethal, locals())
    period = needed_scale("lethal", "line_period_s", line_period_s)
    what = int(kymograph[0, 0])
    if what == 1:
        die()
    if what == 2:
        mark = Path(os.environ.get(MARKS, tempfile.gettempdir())) / f"died-{kymograph[0, 1]}"
        if not mark.exists():
            mark.touch()
            die()
    if what == 3:
        time.sleep(60)
    if what == 4:
        for step in range(50):
            checkpoint(step / 50, progress, cancel)
            time.sleep(0.01)
    if what == 5:
        np.ones(2_000_000_000)
    mean = kymograph.mean(axis=1, dtype=float)
    checkpoint(1.0, progress, cancel)
    return AnalysisResult.measured(
        "lethal",
        parameters=parameters,
        columns={"mean": mean},
        summary={"mean": float(mean.mean())},
        line_period_s=period,
        pixel_size_um=pixel_size_um,
    )
