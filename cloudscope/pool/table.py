"""`pool_table`: one number a window, result, recording or animal, with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cloudscope.analysis.execution import Cancel, Progress, checkpoint
from cloudscope.analysis.registry import get_analysis
from cloudscope.blinding import refuse_blind
from cloudscope.errors import ParameterError
from cloudscope.export.tidy import recording_name
from cloudscope.pool.averaging import averaged
from cloudscope.pool.rows import Judged, Row, Selection, by_sample, is_number, result_row

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["UNITS", "Unit", "pool_table"]

Unit = Literal["samples", "results", "recordings", "animals"]

UNITS: tuple[Unit, ...] = ("samples", "results", "recordings", "animals")
"""What a row of a pool is: a window, line or event; a ROI that was measured; a recording; an
animal."""

_AVERAGES = ("mean", "median")
_LEAD = ("path", "name", "animal_id", "channel", "roi_id", "roi_name", "time_in_recording_s")


def pool_table(
    images: Iterable[AcqImage],
    analysis: str,
    value: str | None = None,
    *,
    unit: Unit = "results",
    group_by: str | Sequence[str] = (),
    x: str | None = None,
    average: Literal["mean", "median"] = "mean",
    absolute: bool = False,
    filter: str = "",
    judged: Judged = "not rejected",
    fresh_only: bool = True,
    min_quality: float = 0.0,
    channel: int | None = None,
    roi: int | str | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> pd.DataFrame:
    """One number of many recordings, with the metadata beside it: ready to group, plot and test.

    What a row is, is said by `unit`, because it decides what n means. Windows of one recording
    are not independent, and recordings of one animal seldom are: a test on them finds differences
    that are not there. The rows of a coarser unit are averages of the next finer one, in steps:
    samples to results, results to recordings, recordings to animals, so that a long recording
    weighs no more than a short one.

    Parameters
    ----------
    images : iterable of AcqImage
        For example an `AcqImageList`, or what its `~AcqImageList.filter` leaves.
    analysis : str
        A registered name.
    value : str, optional
        A number of the summaries, or a column of the tables; by default the headline of the
        analysis, for samples what its trace shows. A name that both have is taken from the
        summary, but for samples.
    unit : {"samples", "results", "recordings", "animals"}
        Samples are windows, lines or events, whatever the analysis has rows of.
    group_by : str or sequence of str
        Columns that will make groups. A recording or animal that is in several has a row in each.
    x : str, optional
        A second number for each row: another number of the same analysis, a field such as
        ``"depth_um"``, or ``"diameter.diameter_median_um"``, the summary of another analysis in
        the same ROI.
    average : {"mean", "median"}
        In each step.
    absolute : bool
        Whether the sign is dropped, before any average: of velocities it is the direction.
    filter : str
        As above a table of recordings: ``"sham branch_order<3 -test"``.
    judged : {"accepted", "not rejected", "all"}
        Which recordings count.
    fresh_only : bool
        Whether stale results are left out.
    min_quality : float
        Samples of lower quality are left out; says nothing of numbers of the summary.
    channel : int, optional
        Only results of this channel.
    roi : int or str, optional
        Only results of the ROI of this id or name; 0 is the whole recording.
    progress : callable, optional
        Called with the finished share, 0 to 1.
    cancel : object with ``is_set()``, optional

    Returns
    -------
    DataFrame
        ``value`` (and ``x``) beside ``path``, ``name``, ``animal_id``, ``channel``, ``roi_id``,
        ``roi_name`` and the fields of the metadata; ``samples``, ``results`` and ``recordings``
        count what an average is of. A field that differs among what was averaged is empty.
        ``table.attrs`` holds ``unit``, ``value`` and ``left_out``, which says how many were left
        out, by reason.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.
    ParameterError
        If there is no such value, column or unit.
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.

    Examples
    --------
    >>> from cloudscope.acq_image import AcqImage
    >>> from cloudscope.synthetic import velocity_kymograph
    >>> truth = velocity_kymograph(500.0, lines=4000, snr=4.0, seed=1)
    >>> image = AcqImage.from_array(
    ...     truth.image, name="a", line_period_s=1e-3, pixel_size_um=0.5
    ... )
    >>> image.edit_experiment(condition="sham")
    >>> result = image.analyze("radon_velocity")
    >>> table = pool_table([image], "radon_velocity", unit="recordings", group_by="condition")
    >>> table.loc[0, ["name", "condition"]].tolist(), round(float(table.loc[0, "value"]), -1)
    (['a', 'sham'], 500.0)
    """
    spec = get_analysis(analysis)
    groups = [group_by] if isinstance(group_by, str) else list(group_by)
    if unit not in UNITS:
        raise ParameterError(f"unit={unit!r} is not allowed: give one of {', '.join(UNITS)}")
    if average not in _AVERAGES:
        raise ParameterError(f"average={average!r} is not allowed: give 'mean' or 'median'")
    chosen = Selection(judged, fresh_only, min_quality, channel, roi, filter)
    found = _found(images, analysis, chosen, progress, cancel)
    named = value or _default_value(spec, unit)
    in_summary = any(is_number(row.get(named)) for _, _, row in found)
    sampled = unit == "samples" or not in_summary
    columns = _columns(found) if sampled or filter or groups or x else ()
    of_groups = [g for g in groups if g in columns and not any(g in row for _, _, row in found)]
    sampled = sampled or bool(of_groups)
    if sampled and found and named not in columns:
        raise ParameterError(_no_such(named, unit, columns, found))
    whole, of_samples = chosen.tests([row for _, _, row in found], columns)
    kept = [(image, result, row) for image, result, row in found if whole(row)]
    chosen.left_out["results that the filter leaves out"] += len(found) - len(kept)
    if not kept:
        return _finished(_empty(groups, x), spec.name, named, unit, chosen)
    if sampled:
        extra = [*of_groups, *([x] if x in columns else [])]
        table = _samples(kept, analysis, named, extra, chosen, of_samples, progress, cancel)
    else:
        table = _results(kept, named, chosen)
    if absolute:
        table["value"] = table["value"].abs()
    if x is not None:
        table["x"] = _beside(table, kept, x)
    for name in groups:
        if name not in table:
            there = ", ".join(map(str, table.columns))
            raise ParameterError(f"group_by={name!r}: there is no such column; there are {there}")
    if unit != "samples" and (sampled or unit != "results"):
        table = averaged(table, unit, groups, average, chosen.left_out)
    finished = _finished(table, spec.name, named, unit, chosen)
    if x is not None:
        finished.attrs["x"] = x
    return finished


Found = list[tuple["AcqImage", "AnalysisResult", Row]]


def _found(
    images: Iterable[AcqImage],
    analysis: str,
    chosen: Selection,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Found:
    recordings = tuple(images)
    refuse_blind(recordings, "a pooled table")
    found: Found = []
    for number, image in enumerate(recordings, 1):
        results = chosen.results(image, analysis)
        path = recording_name(images, image) if results else ""
        found += [(image, result, result_row(image, result, path)) for result in results]
        if number % 50 == 0:
            checkpoint(0.5 * number / len(recordings), progress, cancel)
    return found


def _default_value(spec: Any, unit: Unit) -> str:
    if unit != "samples":
        return str(spec.headline)
    if spec.trace is not None:
        return str(spec.trace.value)
    return next(
        (str(c.name) for c in spec.columns if c.unit and c.unit != "s"), str(spec.columns[0].name)
    )


def _columns(found: Found) -> tuple[str, ...]:
    """Columns that samples have: of the first result, as all of one analysis have the same."""
    if not found:
        return ()
    return tuple(found[0][1].bound_to().columns)


def _no_such(named: str, unit: Unit, columns: Sequence[str], found: Found) -> str:
    summary = [name for name, v in found[0][1].summary.items() if is_number(v)]
    if unit == "samples" and named in summary:
        return (
            f"value={named!r} is one number a result, which its samples have not: choose "
            "unit='results', or one of " + ", ".join(columns)
        )
    there = columns if unit == "samples" else [*summary, *columns]
    return f"there is no value {named!r}; there are " + ", ".join(dict.fromkeys(there))


def _results(kept: Found, named: str, chosen: Selection) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for _, _, row in kept:
        number = row.get(named)
        if not is_number(number) or not np.isfinite(float(number)):
            chosen.left_out["results without this number"] += 1
            continue
        rows.append({**row, "value": float(number)})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*kept[0][2], "value"])


def _samples(
    kept: Found,
    analysis: str,
    named: str,
    extra: Sequence[str],
    chosen: Selection,
    test: Any,
    progress: Progress | None,
    cancel: Cancel | None,
) -> pd.DataFrame:
    import pandas as pd

    asked = bool(chosen.text.strip())
    numbers: dict[str, list[np.ndarray]] = {n: [] for n in ("value", "time", "row", *extra)}
    for index, (_, result, _) in enumerate(kept):
        # a copy, so that a table read from disk is let go of at once
        columns = result.bound_to().columns
        values = np.asarray(columns[named], float)
        usable = chosen.usable(columns, analysis, values)
        if asked:
            passed = by_sample(columns, test, usable)
            chosen.left_out["samples that the filter leaves out"] += int((usable & ~passed).sum())
            usable = passed
        at = np.flatnonzero(usable)
        period = result.calibration.line_period_s
        first = result.bounds[0] * period if result.bounds and period else 0.0
        clock = columns.get("time_s", columns.get("start_s"))
        times = np.full(at.size, np.nan) if clock is None else first + np.asarray(clock, float)[at]
        numbers["value"].append(values[at])
        numbers["time"].append(times)
        numbers["row"].append(np.full(at.size, index))
        for name in extra:
            numbers[name].append(np.asarray(columns[name])[at])
        if index % 20 == 0:
            checkpoint(0.5 + 0.5 * index / len(kept), progress, cancel)
    joined = {name: np.concatenate(parts) for name, parts in numbers.items()}
    of_results = pd.DataFrame([row for _, _, row in kept])
    table = of_results.iloc[joined["row"]].reset_index(drop=True)
    table["value"] = joined["value"]
    table["time_in_recording_s"] = joined["time"]
    for name in extra:
        table[name] = joined[name]
    return table


def _beside(table: pd.DataFrame, kept: Found, x: str) -> Any:
    """The second number of each row."""
    import pandas as pd

    if x in table:
        return pd.to_numeric(table[x], errors="coerce")
    analysis, dot, name = x.partition(".")
    if not dot:
        there = ", ".join(map(str, table.columns))
        raise ParameterError(f"x={x!r}: there is no such column; there are {there}")
    get_analysis(analysis)
    found: dict[tuple[str, int, int], float] = {}
    for image, result, row in kept:
        others = [key for key in image.results if key[0] == analysis and key[2] == result.key[2]]
        same = (analysis, *result.key[1:])
        key = same if same in others else (sorted(others)[0] if others else None)
        number = None if key is None else image.results[key].summary.get(name)
        if is_number(number):
            found[row["path"], row["channel"], row["roi_id"]] = float(number)
    places = zip(table["path"], table["channel"], table["roi_id"], strict=True)
    return np.array([found.get(place, np.nan) for place in places], float)


def _empty(groups: Sequence[str], x: str | None) -> pd.DataFrame:
    import pandas as pd

    names = dict.fromkeys([*_LEAD, *groups, "value", *(["x"] if x else [])])
    empty = pd.DataFrame(columns=list(names))
    return empty.astype({"value": float})


def _finished(
    table: pd.DataFrame, analysis: str, value: str, unit: Unit, chosen: Selection
) -> pd.DataFrame:
    first = [name for name in (*_LEAD, "value", "x") if name in table]
    table = table[[*first, *(name for name in table if name not in first)]]
    table = table.astype({"value": float}).reset_index(drop=True)
    table.attrs = {
        "analysis": analysis,
        "value": value,
        "unit": unit,
        "left_out": {why: number for why, number in chosen.left_out.items() if number},
    }
    return table
