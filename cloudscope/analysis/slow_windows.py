"""Windows that were not accepted for their quality although slow flow was measured well."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.analysis.result import AnalysisResult
    from cloudscope.analysis.samples import Samples

__all__ = ["slow_but_precise"]

_PRECISE = 0.1
"""Standard deviation, as a share of fast flow, with which slow flow is measured well."""


def slow_but_precise(
    velocity: AnalysisResult, samples: Samples, usable: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Windows of low quality in which slow flow was measured well all the same.

    Quality is relative to the speed, so that of a stall is low however well it is measured: here
    the uncertainty counts beside the speed of flow that is not slow.
    """
    status = velocity.columns.get("status")
    if status is None or not usable.any():
        return np.zeros(usable.size, bool)
    fast = float(np.percentile(np.abs(samples.value[usable]), 75))
    speed = np.abs(np.nan_to_num(samples.value, nan=np.inf))
    sd = np.nan_to_num(samples.sd, nan=np.inf)
    slow: NDArray[np.bool_] = (
        (np.asarray(status) == "low quality") & (speed <= fast) & (sd <= _PRECISE * fast)
    )
    return slow
