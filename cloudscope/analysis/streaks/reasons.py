"""Statuses that the search cannot give: a full detector, cells too fast, a limit passed since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cloudscope.analysis.streaks.measurement import WindowVelocities
from cloudscope.analysis.streaks.preparation import Preparation
from cloudscope.analysis.streaks.saturation import SATURATED_SHARE, full_share
from cloudscope.analysis.streaks.unfollowed import cells_within_lines

__all__ = ["with_reasons"]

OUTSIDE_SIGMAS = 3.0
"""Refinement may pass a limit by so many standard deviations: a stall is no flow backwards."""

WEAK = 4.5
"""Streaks, in standard deviations of noise, that are none, however strong the user wants them."""

BEYOND = 1.02
"""Refinement may pass the last trial velocity by a step; farther out there was no maximum."""


def with_reasons(
    windows: WindowVelocities,
    prepared: Preparation,
    checkpoint: Callable[[float], None] = lambda done: None,
) -> WindowVelocities:
    """The windows with the statuses that only the recording, or the last fraction, tells.

    Parameters
    ----------
    windows : WindowVelocities
    prepared : Preparation
        What they were measured in. If it has limits, cells not followed may be beyond those.
    checkpoint : callable
        Called with the finished share now and then; may raise to stop.
    """
    status = windows.status.astype("U16")
    limits = prepared.limits
    anything = not limits.sign and limits.lowest == 0 and np.isinf(limits.highest)
    unseen = np.flatnonzero((status == "no signal") & (windows.detection < WEAK) & anything)
    fast = cells_within_lines(
        prepared.lines,
        prepared.background,
        windows.row_start[unseen],
        prepared.window,
        checkpoint,
    )
    status[unseen[fast]] = "beyond ceiling"
    measured = np.isin(status, ("ok", "low quality", "ambiguous"))
    margin = OUTSIDE_SIGMAS * np.nan_to_num(windows.sd)
    inside = [limits.allow(windows.velocity + side * margin) for side in (-1, 0, 1)]
    status[measured & ~np.any(inside, axis=0)] = "beyond limits"
    steep = np.abs(np.where(measured, windows.velocity, 0.0)) > BEYOND * windows.ceiling
    status[steep] = "beyond ceiling"
    share = full_share(
        prepared.recording, windows.row_start, prepared.window, lambda: checkpoint(1.0)
    )
    status[share >= SATURATED_SHARE] = "saturated"
    return replace(windows, status=status)
