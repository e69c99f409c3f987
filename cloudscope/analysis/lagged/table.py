"""The table and the summary of a coupling."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.lagged.correlation import fisher_interval
from cloudscope.analysis.registry import Column

if TYPE_CHECKING:
    from cloudscope.analysis.lagged.chance import Chance
    from cloudscope.analysis.lagged.delay import Delay

__all__ = ["COLUMNS", "coupling_columns", "coupling_summary"]

COLUMNS = (
    Column("lag_s", "s", "positive: the second trace follows the first"),
    Column("correlation", "", "Pearson's correlation at this lag, -1 to 1"),
    Column("correlation_sd", "", "one standard deviation, autocorrelation counted"),
    Column("ci95_low", "", "lower end of the 95 % interval of the correlation"),
    Column("ci95_high", "", "upper end of the 95 % interval of the correlation"),
    Column("limit_single", "", "size that unrelated traces exceed at one given lag by chance"),
    Column("limit_any", "", "size that unrelated traces exceed at any of the lags by chance"),
    Column("significant", "", "whether the correlation is beyond limit_any"),
    Column("pairs", "", "pairs of samples at this lag"),
    Column("n_effective", "", "independent pairs that tell as much"),
    Column("status", "", "ok; few pairs; constant: one of both does not change"),
)


def coupling_columns(
    r: np.ndarray,
    pairs: np.ndarray,
    enough: np.ndarray,
    share: float,
    chance: Chance | None,
    parameters: dict[str, Any],
    step: float,
) -> dict[str, np.ndarray]:
    """Columns from the correlation `r` at every lag and what chance makes of it.

    Parameters
    ----------
    r, pairs : ndarray, shape (lags,)
    enough : ndarray of bool, shape (lags,)
        Lags with enough pairs.
    share : float
        Independent pairs a pair.
    chance : Chance or None
        ``None`` if there was nothing to hold against it.
    parameters : dict
    step : float
        Seconds from lag to lag.
    """
    lags = r.size // 2
    status = np.full(r.size, "ok", dtype="<U9")
    status[~np.isfinite(r)] = "constant"
    status[~enough] = "few pairs"
    ok = status == "ok"
    r = np.where(ok, r, np.nan)
    effective = np.where(ok, np.maximum(pairs * share, 1.0), np.nan)
    low, high = fisher_interval(r, effective)
    spread = np.sqrt(pairs.max() / np.maximum(pairs, 1.0))
    single, anywhere = np.full(r.size, np.nan), np.full(r.size, np.nan)
    if chance is not None:
        single[ok] = np.minimum(chance.single * spread[ok], 1.0)
        anywhere[ok] = np.minimum(chance.limit(parameters["significance"]) * spread[ok], 1.0)
    return {
        "lag_s": step * np.arange(-lags, lags + 1),
        "correlation": r,
        "correlation_sd": (1.0 - r * r) / np.sqrt(np.maximum(effective - 1.0, 1.0)),
        "ci95_low": low,
        "ci95_high": high,
        "limit_single": single,
        "limit_any": anywhere,
        "significant": ok & (np.abs(r) > np.where(np.isfinite(anywhere), anywhere, 2.0)),
        "pairs": pairs.astype(np.int64),
        "n_effective": effective,
        "status": status,
    }


def coupling_summary(
    columns: dict[str, np.ndarray],
    chance: Chance | None,
    delay: Delay,
    parameters: dict[str, Any],
    time: np.ndarray,
    step: float,
) -> dict[str, Any]:
    """What the table says in a few numbers.

    Parameters
    ----------
    columns : dict
    chance : Chance or None
    delay : Delay
        In steps.
    parameters : dict
    time : ndarray
        Times that both traces share (s).
    step : float
    """
    ok = columns["status"] == "ok"
    r, lag = columns["correlation"], columns["lag_s"]
    signed = np.abs(r) if parameters["peak"] == "either" else r
    signed = -r if parameters["peak"] == "negative" else signed
    top = int(np.argmax(np.where(ok, signed, -np.inf))) if ok.any() else None
    zero = lag.size // 2
    nan = float("nan")

    def at_top(name: str) -> float:
        return nan if top is None else float(columns[name][top])

    p_value = nan
    if chance is not None and top is not None:
        relative = np.sqrt(columns["pairs"] / columns["pairs"].max())
        # Nothing of the sign that was asked for is no coupling, however strong the other is.
        size = max(float((signed * relative)[ok].max()), 0.0)
        p_value = chance.probability(size)
    return {
        "peak_correlation": at_top("correlation"),
        "peak_correlation_ci95_low": at_top("ci95_low"),
        "peak_correlation_ci95_high": at_top("ci95_high"),
        "peak_lag_s": delay.lag * step,
        "peak_lag_sd_s": delay.sd * step,
        "peak_lag_ci95_low_s": delay.low * step,
        "peak_lag_ci95_high_s": delay.high * step,
        "p_value": p_value,
        "significant": "yes" if p_value <= parameters["significance"] else "no",
        "peak_at_longest_lag": "yes" if top in (0, lag.size - 1) else "no",
        "correlation_at_zero": float(r[zero]),
        "n_effective": at_top("n_effective"),
        "lags_significant": int(columns["significant"].sum()),
        "shared_time_s": float(time.size * step),
        "shared_from_s": float(time[0]),
        "step_s": step,
        "main_rejection": None if ok.any() else str(columns["status"][zero]),
    }
