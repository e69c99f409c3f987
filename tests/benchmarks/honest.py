"""How often the truth lies within two standard deviations, and how well so many windows tell it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import beta

BAND = (0.90, 0.99)
"""A normal error lies within 2 standard deviations in 95.4 % of the cases."""


def share_inside(recordings: Sequence[np.ndarray]) -> tuple[float, float, float, int]:
    """Share, and its 95 % interval, over independent recordings of disjoint windows.

    Windows that share lines share errors, so only disjoint ones are counted; those of one recording
    still share its background, its cells and its noise. By how much more the shares of recordings
    differ than those of as many independent windows would is the design effect: the windows count
    for so many times fewer in the interval, which is Clopper and Pearson's.

    Parameters
    ----------
    recordings : sequence of ndarray of bool
        Of each recording, which of its disjoint accepted windows have the truth inside.

    Returns
    -------
    share, low, high : float
    windows : int
        Disjoint ones.
    """
    kept = [inside for inside in recordings if inside.size]
    windows = sum(inside.size for inside in kept)
    if not windows:
        return np.nan, 0.0, 1.0, 0
    share = sum(int(inside.sum()) for inside in kept) / windows
    effect = 1.0
    if len(kept) > 1 and 0 < share < 1:
        excess = sum((inside.sum() - share * inside.size) ** 2 for inside in kept)
        independent = share * (1 - share) * windows
        effect = max(1.0, excess / independent * len(kept) / (len(kept) - 1))
    count, hits = windows / effect, share * windows / effect
    low = float(beta.ppf(0.025, hits, count - hits + 1)) if hits > 0 else 0.0
    high = float(beta.ppf(0.975, hits + 1, count - hits)) if hits < count else 1.0
    return share, low, high, windows


def in_words(recordings: Sequence[np.ndarray]) -> str:
    """The share with its interval, and what follows for the band: inside, outside, or not told.

    A class is inside if its share is; outside only if no value of the interval is in the band.
    """
    share, low, high, windows = share_inside(recordings)
    if not windows:
        return "none accepted"
    if BAND[0] <= share <= BAND[1]:
        verdict = "inside"
    elif high < BAND[0] or low > BAND[1]:
        verdict = "outside"
    else:
        verdict = "not told from inside"
    return f"{share:.1%} within 2 sd ({low:.1%}–{high:.1%}, {windows} windows): {verdict}"
