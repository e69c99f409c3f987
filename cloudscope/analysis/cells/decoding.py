"""Cells and plasma told apart along a train: two states, and a cost on each change.

The most likely sequence of two states (Viterbi) needs one number a place: the lead of one state
over the other. A step adds the evidence and clips the lead to the cost of a change, so the
recursion is a chain of ``x -> min(max(x + a, low), high)``. Such maps compose to one of the same
form, which is why whole blocks of it are done at once.
"""

from __future__ import annotations

import numpy as np

__all__ = ["decode"]


def _leads(evidence: np.ndarray, low: float, high: float) -> np.ndarray:
    """Lead of the upper state at each place: ``x[i] = e[i] + clip(x[i-1], low, high)``."""
    n = evidence.size
    rows = max(1, int(np.sqrt(n)))
    steps = -(-n // rows)
    padded = np.zeros(rows * steps)
    padded[:n] = evidence
    e = np.ascontiguousarray(padded.reshape(rows, steps).T)  # e[k]: step k of each block
    shift, floor, roof = np.zeros(rows), np.full(rows, -np.inf), np.full(rows, np.inf)
    for k in range(steps):  # each block as one map of the lead before it
        floor = np.clip(floor, low, high) + e[k]
        roof = np.clip(roof, low, high) + e[k]
        shift = shift + e[k]
    entry = np.empty(rows)
    lead = 0.0
    for row, (a, b, c) in enumerate(
        zip(shift.tolist(), floor.tolist(), roof.tolist(), strict=True)
    ):
        entry[row] = lead
        lead = min(max(lead + a, b), c)
    out = np.empty_like(e)
    lead_now = entry
    for k in range(steps):
        lead_now = np.clip(lead_now, low, high) + e[k]
        out[k] = lead_now
    leads: np.ndarray = out.T.reshape(-1)[:n]
    return leads


def decode(evidence: np.ndarray, enter: float, leave: float) -> np.ndarray:
    """Most likely sequence of two states.

    Parameters
    ----------
    evidence : ndarray, shape (n,)
        Log of the likelihood of the upper state over that of the lower one at each place.
    enter, leave : float
        Chance at a place to go from the lower state to the upper one, and back.

    Returns
    -------
    ndarray of bool, shape (n,)
        Whether the state is the upper one.
    """
    low = np.log(enter) - np.log1p(-leave)
    high = np.log1p(-enter) - np.log(leave)
    drift = np.log1p(-leave) - np.log1p(-enter)
    lead = _leads(evidence + drift, float(low), float(high))
    # Beyond the cost of a change both states came from the same one; between, each from itself.
    certain = np.zeros(lead.size, np.int8)
    certain[lead > high] = 1
    certain[lead < low] = -1
    certain[-1] = 1 if lead[-1] > 0 else -1
    known = np.where(certain != 0, np.arange(lead.size), lead.size)
    follows = np.minimum.accumulate(known[::-1])[::-1]
    upper: np.ndarray = certain[follows] > 0
    return upper
