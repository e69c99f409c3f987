"""Statistics of groups, each with how many recordings and animals stand behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

__all__ = ["ALL_TOGETHER", "STATISTICS", "bootstrap_mean_interval", "pool_statistics"]

ALL_TOGETHER = "all"
"""The one group where nothing is grouped by."""

STATISTICS = (
    "n", "recordings", "animals", "mean", "sd", "sem", "mean_ci95_low", "mean_ci95_high",
    "median", "q25", "q75", "minimum", "maximum",
)  # fmt: skip
"""Columns of `pool_statistics` after those of the groups."""

_LEVEL = 0.95
_DRAWS_AT_ONCE = 4_000_000


def pool_statistics(
    table: pd.DataFrame,
    group_by: str | Sequence[str] = (),
    *,
    value: str = "value",
    resamples: int = 4000,
    seed: int = 0,
) -> pd.DataFrame:
    """Numbers of each group of a pool, in order of the groups.

    Parameters
    ----------
    table : DataFrame
        Of `pool_table`, or any with such columns.
    group_by : str or sequence of str
        Columns whose values make the groups; none makes one group of all.
    value : str
        Column of the numbers; those missing are left out.
    resamples : int
        Of the bootstrap, 100 or more.
    seed : int
        Of the bootstrap: the same table and seed give the same interval.

    Returns
    -------
    DataFrame
        The columns of `group_by` (or ``group``), and `STATISTICS`. ``n`` counts the rows, that is
        the units of the pool; ``recordings`` and ``animals`` say how many of those they are from
        (0 animals: nobody said). ``sd`` has one degree of freedom less; ``sem`` is the standard
        error of the mean. ``mean_ci95_low`` and ``_high`` bound the 95 % interval of the mean by
        the bootstrap; NaN for fewer than three independent values.

    Raises
    ------
    ParameterError
        If a column is missing, or `resamples` is too few.

    Notes
    -----
    Windows of one recording, and ROIs of one recording, are not independent of each other. The
    bootstrap therefore draws whole recordings with all their rows (Davison and Hinkley,
    *Bootstrap methods and their application*, 1997, section 3.8), and animals where the table has
    a row an animal. Where a recording has several rows the standard error is the bootstrap's, for
    the same reason; else it is ``sd / sqrt(n)``. Intervals are bias-corrected and accelerated
    (Efron, *J. Am. Stat. Assoc.* 82, 171, 1987).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"condition": ["a", "a", "b"], "value": [1.0, 3.0, 5.0]})
    >>> pool_statistics(table, "condition")[["condition", "n", "mean"]].values.tolist()
    [['a', 2, 2.0], ['b', 1, 5.0]]
    """
    import pandas as pd

    names = [group_by] if isinstance(group_by, str) else list(group_by)
    for name in [*names, value]:
        if name not in table:
            there = ", ".join(map(str, table.columns))
            raise ParameterError(f"the table has no column {name!r}; it has {there}")
    if resamples < 100:
        raise ParameterError(f"resamples={resamples!r} is not allowed: give 100 or more")
    rows = []
    known = table[table[value].notna()]
    if not names:
        groups: list[tuple[tuple[Any, ...], pd.DataFrame]] = [((ALL_TOGETHER,), known)]
    else:
        grouped = known.groupby(names, sort=True, dropna=False, observed=True)
        groups = [(tuple(keys), part) for keys, part in grouped]
    for keys, part in groups:
        lead = dict(zip(names or ["group"], keys, strict=True))
        alone = table.attrs.get("unit") == "animals" or "path" not in table
        clusters = None if alone else np.asarray(pd.factorize(part["path"])[0])
        rows.append({**lead, **_numbers(part, value, clusters, resamples, seed)})
    return pd.DataFrame(rows, columns=[*(names or ["group"]), *STATISTICS])


def _numbers(
    part: pd.DataFrame,
    value: str,
    clusters: NDArray[np.intp] | None,
    resamples: int,
    seed: int,
) -> dict[str, float]:
    values = part[value].to_numpy(dtype=float)
    n, nan = values.size, float("nan")
    low, high, error = bootstrap_mean_interval(values, clusters, resamples=resamples, seed=seed)
    sd = float(values.std(ddof=1)) if n > 1 else nan
    several = clusters is not None and np.unique(clusters).size < n
    q25, median, q75 = np.percentile(values, (25, 50, 75)) if n else (nan, nan, nan)
    return {
        "n": n,
        "recordings": _number_of(part, "path", "recordings"),
        "animals": _number_of(part, "animal_id"),
        "mean": float(values.mean()) if n else nan,
        "sd": sd,
        "sem": error if several else sd / math.sqrt(n) if n > 1 else nan,
        "mean_ci95_low": low,
        "mean_ci95_high": high,
        "median": float(median),
        "q25": float(q25),
        "q75": float(q75),
        "minimum": float(values.min()) if n else nan,
        "maximum": float(values.max()) if n else nan,
    }


def _number_of(part: pd.DataFrame, column: str, counted: str = "") -> int:
    if counted in part:  # a row of several, as of an animal
        return int(part[counted].sum())
    if column not in part:
        return 0
    known = part[column].dropna()
    return int(known[known.astype(str) != ""].nunique())


def bootstrap_mean_interval(
    values: ArrayLike,
    clusters: ArrayLike | None = None,
    *,
    resamples: int = 4000,
    seed: int = 0,
) -> tuple[float, float, float]:
    """95 % interval of a mean, and its standard error, by drawing whole clusters again.

    Parameters
    ----------
    values : (n,) array
        Finite numbers.
    clusters : (n,) array of int, optional
        Equal where values belong together; by default each stands alone.
    resamples, seed : int

    Returns
    -------
    low, high, standard_error : float
        NaN for fewer than three clusters.

    Examples
    --------
    >>> low, high, error = bootstrap_mean_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> 1.0 < low < 3.0 < high < 5.0
    True
    """
    from scipy.special import ndtr, ndtri

    numbers = np.asarray(values, dtype=float)
    nan = float("nan")
    if clusters is None:
        sums, sizes = numbers, np.ones(numbers.size)
    else:
        places = np.unique(np.asarray(clusters), return_inverse=True)[1]
        sums, sizes = np.bincount(places, numbers), np.bincount(places).astype(float)
    count = sums.size
    if count < 3:
        return nan, nan, nan
    mean = float(sums.sum() / sizes.sum())
    if np.ptp(numbers) == 0:
        return mean, mean, 0.0
    means = _means_drawn(sums - mean * sizes, sizes, resamples, seed)  # about 0: digits are kept
    # Of the resamples below the mean, those equal to it count half.
    below = float(np.mean(means < 0) + 0.5 * np.mean(means == 0))
    bias = float(ndtri(min(max(below, 0.5 / resamples), 1 - 0.5 / resamples)))
    rest = sizes.sum() - sizes
    without = np.divide(-(sums - mean * sizes), rest, out=np.zeros(count), where=rest > 0)
    pull = without.mean() - without
    spread = float((pull**2).sum()) ** 1.5
    acceleration = float((pull**3).sum()) / (6 * spread) if spread > 0 else 0.0
    z = ndtri(np.array([(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]))
    shares = ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))
    low, high = np.quantile(means, shares)
    return mean + float(low), mean + float(high), float(means.std(ddof=1))


def _means_drawn(
    sums: NDArray[np.float64], sizes: NDArray[np.float64], resamples: int, seed: int
) -> NDArray[np.float64]:
    rng = np.random.default_rng(seed)
    count, at_once = sums.size, max(1, _DRAWS_AT_ONCE // sums.size)
    found = []
    for start in range(0, resamples, at_once):
        drawn = rng.integers(0, count, (min(at_once, resamples - start), count))
        found.append(sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1))
    return np.concatenate(found)
