"""What the accepted windows of a recording say together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

__all__ = ["ACCEPTED", "hints", "independent_values", "median_interval", "summarise"]

ACCEPTED = ("ok", "manual")
"""Statuses of the windows that a summary is taken over."""

LEAST_ACCEPTED = 0.1
"""Below this share of accepted windows nothing seems to move."""

STATIC_SHARE = 0.3
"""Share of the variance of the pixels above which a static pattern is what there is to see."""

FEWEST_CELLS = 20.0
"""Cell lengths that must pass for the mean of a column to be background and not cells."""

NORMAL_95 = 1.959964
"""Two-sided 95 % point of the normal distribution."""


def independent_values(values: np.ndarray) -> float:
    """How many independent values would fix the median as well as these do.

    Windows overlap and flow changes slowly, so that a value resembles the one before. The number
    of values is divided by one plus twice the sum of the autocorrelation of the sign of each
    value's deviation from the median, which is what moves a median; the sum ends where the
    autocorrelation first is no longer positive.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In the order of time.

    Returns
    -------
    float
        From 1 to n; 0 if there are none.

    Examples
    --------
    >>> independent_values(np.array([1.0, 2.0, 1.0, 2.0]))
    4.0
    >>> independent_values(np.repeat([1.0, 2.0, 1.0, 2.0, 1.0, 2.0], 50)) < 15
    True
    """
    n = values.size
    if n < 2:
        return float(n)
    sign = np.sign(values - np.median(values))
    power = float(np.square(sign).sum())
    inflation = 1.0
    for lag in range(1, n // 2):
        correlation = float((sign[:-lag] * sign[lag:]).sum()) / power if power else 0.0
        if correlation <= 0:
            break
        inflation += 2 * correlation
    return max(1.0, n / inflation)


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """95 % confidence interval of the median, from order statistics.

    The ranks that bound the median of n values are those of a binomial with `independent_values`
    trials, in the normal approximation.

    Returns
    -------
    low, high : float
        NaN if there are fewer than two values.

    Examples
    --------
    >>> low, high = median_interval(np.random.default_rng(0).normal(5, 1, 400))
    >>> bool(low < 5 < high), bool(high - low < 0.4)
    (True, True)
    """
    if values.size < 2:
        return float("nan"), float("nan")
    half = 0.5 * NORMAL_95 / np.sqrt(independent_values(values))
    low, high = np.quantile(values, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)])
    return float(low), float(high)


def summarise(columns: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """What the accepted windows of a table say together, µm/s.

    Parameters
    ----------
    columns : mapping
        Those of `table.COLUMNS`.
    """
    status = columns["status"]
    ok = np.isin(status, ACCEPTED) & np.isfinite(columns["velocity_um_per_s"])
    accepted = columns["velocity_um_per_s"][ok]
    nan = float("nan")
    quartiles = np.quantile(accepted, (0.25, 0.5, 0.75)) if accepted.size else (nan, nan, nan)
    mean = float(accepted.mean()) if accepted.size else nan
    sd = float(accepted.std(ddof=1)) if accepted.size > 1 else nan
    low, high = median_interval(accepted)
    reasons, counts = np.unique(status[~ok], return_counts=True)
    return {
        "windows": int(ok.size),
        "windows_accepted": int(accepted.size),
        "windows_manual": int(np.count_nonzero(status == "manual")),
        "accepted_share": accepted.size / ok.size if ok.size else nan,
        "velocity_median_um_per_s": float(quartiles[1]),
        "velocity_median_ci95_low_um_per_s": low,
        "velocity_median_ci95_high_um_per_s": high,
        "velocity_mean_um_per_s": mean,
        "velocity_sd_um_per_s": sd,
        "velocity_quartile_1_um_per_s": float(quartiles[0]),
        "velocity_quartile_3_um_per_s": float(quartiles[2]),
        "velocity_cv": sd / abs(mean) if accepted.size > 1 and mean else nan,
        "main_rejection": str(reasons[np.argmax(counts)]) if reasons.size else None,
    }


def hints(
    *,
    accepted_share: float,
    mean_speed_px: float,
    cell_px: float,
    background_removed: bool,
    averaged_lines: int,
    static_share: float,
    offset_unknown: bool,
    suspected_offset_px: float | None,
) -> str | None:
    """What a user should look at again, in words; ``None`` if there is nothing.

    Parameters
    ----------
    accepted_share : float
    mean_speed_px : float
        Mean speed of the accepted windows, px/line.
    cell_px : float
    background_removed : bool
    averaged_lines : int
        Lines over which the background was averaged.
    static_share : float
        Share of the static pattern in the variance of the pixels.
    offset_unknown : bool
        Whether the offset of a scan to and fro was asked for and not found.
    suspected_offset_px : float or None
        Offset of odd lines in a scan that is taken for one way.
    """
    found = []
    if suspected_offset_px is not None:
        found.append(
            f"odd lines seem to lie {suspected_offset_px:+.1f} columns beside the others; if the "
            "scan is to and fro, measure with bidirectional='estimate'"
        )
    if offset_unknown:
        found.append(
            "the offset of lines scanned backwards could not be found and is left as it is"
        )
    if background_removed and accepted_share < LEAST_ACCEPTED and static_share > STATIC_SHARE:
        found.append(
            "nothing moves once the static pattern is taken off; if the vessel stands still, "
            "measure with background='none'"
        )
    elif background_removed and accepted_share >= LEAST_ACCEPTED:
        passed = mean_speed_px * averaged_lines / cell_px
        if passed < FEWEST_CELLS:
            found.append(
                f"only about {passed:.0f} cell lengths pass while the background is averaged, "
                "so that it holds part of the flow; average over more lines, or compare with "
                "background='none'"
            )
    return "; ".join(found) or None
