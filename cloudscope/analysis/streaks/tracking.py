"""One velocity a window out of a few candidates: the path that explains all windows best.

References
----------
.. [1] G. D. Forney, "The Viterbi algorithm", Proceedings of the IEEE 61 (1973) 268-278.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["best_path"]

TEMPER = 0.25
"""Factor on the evidence: cells are only approximately rigid, windows only partly independent."""

LARGEST_DEFICIT = 60.0
"""A candidate loses at most this much to the best one of its window."""

JUMP_SCALE = 0.15
"""Change of asinh(velocity / KNEE) that counts as one unit."""

KNEE_PX_PER_LINE = 0.1
"""Around this speed a change stops being judged in px/line and begins to be judged in percent."""

LARGEST_JUMP_COST = 12.0
"""Velocity may do anything, at this price."""


def best_path(
    velocity: np.ndarray,
    evidence: np.ndarray,
    *,
    strength: float = 1.0,
    checkpoint: Callable[[float], None] = lambda done: None,
) -> np.ndarray:
    """Index of the candidate of each window on the best path through all of them (Viterbi [1]_).

    Parameters
    ----------
    velocity, evidence : ndarray, shape (windows, candidates)
        Evidence in nats, ``-inf`` where there is no candidate.
    strength : float
        Factor on the cost of a change of velocity; 0 takes each window on its own.
    checkpoint : callable
        Called now and then with the finished share.

    Returns
    -------
    ndarray of int, shape (windows,)
    """
    n_windows, n_candidates = velocity.shape
    finite = np.where(np.isfinite(evidence), evidence, -1e300)
    score = np.maximum(TEMPER * (finite - finite.max(axis=1, keepdims=True)), -LARGEST_DEFICIT)
    score[~np.isfinite(evidence) & np.isfinite(evidence).any(axis=1, keepdims=True)] = -1e9
    place = np.arcsinh(velocity / KNEE_PX_PER_LINE) / JUMP_SCALE
    came_from = np.zeros((n_windows, n_candidates), np.int64)
    total = score[0]
    each = np.arange(n_candidates)
    for i in range(1, n_windows):
        jump = np.abs(place[i][:, None] - place[i - 1][None, :])
        cost = np.minimum(np.minimum(0.5 * jump * jump, jump), LARGEST_JUMP_COST)
        reached = total[None, :] - strength * cost
        came_from[i] = reached.argmax(axis=1)
        total = reached[each, came_from[i]] + score[i]
        if i % 512 == 0:
            checkpoint(i / n_windows)
    path = np.zeros(n_windows, np.int64)
    path[-1] = total.argmax()
    for i in range(n_windows - 1, 0, -1):
        path[i - 1] = came_from[i, path[i]]
    return path
