"""From samples to results, from results to recordings, from recordings to animals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["averaged"]

_STEPS = {
    "results": ("path", "channel", "roi_id"),
    "recordings": ("path",),
    "animals": ("animal_id",),
}
_COUNTED = {"results": "samples", "recordings": "results", "animals": "recordings"}
_NUMBERS = ("value", "x")


def averaged(
    table: pd.DataFrame, unit: str, groups: Sequence[str], average: str, left_out: Counter[str]
) -> pd.DataFrame:
    """One row a unit, by averages in steps; rows of a unit that are in several groups stay apart.

    Parameters
    ----------
    table : DataFrame
        A row a sample where it has ``time_in_recording_s``, else a row a result.
    unit : {"results", "recordings", "animals"}
    groups : sequence of str
    average : {"mean", "median"}
    left_out : Counter of str
        Told of rows that say no animal.
    """
    if unit == "animals":
        named = table["animal_id"].fillna("").astype(str) != ""
        left_out["recordings without an animal id"] += int(table.loc[~named, "path"].nunique())
        table = table[named]
    steps = list(_STEPS)
    if "time_in_recording_s" not in table:
        steps.remove("results")
    for step in steps[: steps.index(unit) + 1]:
        table = _step(table, step, groups, average)
    return table


def _step(table: pd.DataFrame, step: str, groups: Sequence[str], average: str) -> pd.DataFrame:
    import pandas as pd

    keys = list(dict.fromkeys([*_STEPS[step], *groups]))
    if not len(table):
        return table.assign(**{_COUNTED[step]: pd.Series(dtype="int64")})
    grouped = table.groupby(keys, sort=False, dropna=False, observed=True)
    plain: dict[str, Any] = {
        name: getattr(grouped[name], average)() for name in _NUMBERS if name in table
    }
    counted = [name for name in ("samples", "results", "recordings") if name in table]
    plain |= {name: grouped[name].sum() for name in counted}
    plain[_COUNTED[step]] = grouped.size()
    kept = [name for name in map(str, table) if name not in (*plain, *keys, "time_in_recording_s")]
    first = {name: grouped[name].first() for name in kept}
    counts = {name: grouped[name].nunique(dropna=False) for name in kept}
    different = {name: count > 1 for name, count in counts.items()}
    for name in kept:
        # the recording that a dot opens is the first of those that were averaged
        if name not in ("path", "name") and bool(different[name].any()):
            first[name] = _without(first[name], different[name])
    return pd.DataFrame({**plain, **first}).reset_index()


def _without(values: Any, where: Any) -> Any:
    return values.astype(object).mask(where, None)
