"""A pool in words: statistics as a table, names of dots, what was left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from cloudscope.pool.choices import value_title
from cloudscope.pool.plot_parts import group_label
from cloudscope.table_columns import TableColumn
from cloudscope.widgets.pool_form import UNIT_WORDS
from cloudscope.widgets.wording import counted, number_text

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.pool.plot_parts import PoolDrawing
    from cloudscope.pool.request import PoolRequest

__all__ = ["count_words", "dot_names", "left_out_words", "points_table", "statistics_html"]

_MOST_ROWS = 10_000  # of a list in the browser


def count_words(table: pd.DataFrame, request: PoolRequest) -> str:
    """What n is, and of how many recordings and animals it is."""
    recordings = table["path"].nunique() if "recordings" not in table else None
    total = int(table["recordings"].sum()) if recordings is None else int(recordings)
    known = table["animal_id"].dropna() if "animal_id" in table else ()
    animals = len({str(a) for a in known if str(a)})
    parts = [f"n = {counted(len(table), UNIT_WORDS[request.unit][1])}"]
    if request.unit == "animals" and animals < len(table):
        parts = [f"n = {len(table):,}: {counted(animals, 'animals')}, some in several groups"]
    if request.unit != "recordings":
        parts.append(f"of {counted(total, 'recordings')}")
    if request.unit != "animals":
        parts.append(f"of {counted(animals, 'animals')}" if animals else "no animal is named")
    words = ", ".join(parts) + "."
    if request.unit in ("samples", "results") and len(table) > total:
        words += " Those of one recording are not independent: intervals allow for it."
    return words


def statistics_html(statistics: pd.DataFrame, groups: Sequence[str]) -> str:
    """The numbers of each group, as many digits as they carry; all text is escaped.

    Examples
    --------
    >>> import pandas as pd
    >>> from cloudscope.pool import pool_statistics
    >>> table = pd.DataFrame({"g": ["<b>"] * 3, "value": [1.0, 2.0, 3.0]})
    >>> "&lt;b&gt;" in statistics_html(pool_statistics(table, "g"), ["g"])
    True
    """
    titles = ("n", "recordings", "animals", "mean ± sd", "95 % interval", "median", "quartiles")
    head = "".join(f'<th scope="col">{title}</th>' for title in titles)
    rows = []
    for row in statistics.to_dict("records"):
        name = group_label([row[g] for g in groups]) if groups else "all"
        cells = (
            f"{row['n']:,}",
            f"{row['recordings']:,}",
            f"{row['animals']:,}" if row["animals"] else "–",
            number_text(row["mean"]) + _tail(" ± ", row["sd"]),
            _span(row["mean_ci95_low"], row["mean_ci95_high"]),
            number_text(row["median"]),
            _span(row["q25"], row["q75"]),
        )
        rows.append(
            f'<tr><th scope="row">{escape(name)}</th>'
            + "".join(f"<td>{escape(cell)}</td>" for cell in cells)
            + "</tr>"
        )
    return (
        '<div class="cs-pool-scroll" tabindex="0"><table class="cs-pool-table">'
        f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _tail(sign: str, value: float) -> str:
    return f"{sign}{number_text(value, 3)}" if math.isfinite(value) else ""


def _span(low: float, high: float) -> str:
    known = math.isfinite(low) and math.isfinite(high)
    return f"{number_text(low)} … {number_text(high)}" if known else "–"


def dot_names(table: pd.DataFrame, plot: PoolDrawing) -> dict[int, str]:
    """What the pointer says of each dot that is drawn, by its row."""
    wanted = ("name", "animal_id", "recordings", "roi_name", "time_in_recording_s", "value")
    cells = {name: table[name].tolist() for name in wanted if name in table}
    return {
        int(row): _dot_name({name: _plain(column[row]) for name, column in cells.items()})
        for dots in plot.dots
        for row in dots.rows
    }


def _dot_name(cells: dict[str, Any]) -> str:
    several = cells.get("recordings")
    if several:
        words = [str(cells.get("animal_id") or ""), counted(int(several), "recordings")]
    else:
        words = [str(cells.get("name") or "")]
        if cells.get("roi_name") not in (None, "whole recording"):
            words.append(str(cells["roi_name"]))
    time_s = cells.get("time_in_recording_s")
    if time_s is not None:
        words.append(f"{number_text(float(time_s))} s")
    words.append(number_text(cells.get("value")))
    return " · ".join(word for word in words if word)


def left_out_words(table: pd.DataFrame) -> str:
    """How many were left out, and why, as a sentence.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame()
    >>> table.attrs["left_out"] = {"stale results": 2, "samples not accepted": 1200}
    >>> left_out_words(table)
    'Left out: 2 stale results; 1,200 samples not accepted.'
    """
    left_out = table.attrs.get("left_out", {})
    if not left_out:
        return ""
    words = [
        f"{number:,} {_singular(why) if number == 1 else why}" for why, number in left_out.items()
    ]
    return f"Left out: {'; '.join(words)}."


def _singular(why: str) -> str:
    first, _, rest = why.partition(" ")
    plural = {"recordings": "recording", "results": "result", "samples": "sample"}
    if first in plural:
        return f"{plural[first]} {rest}"
    return f"{first} {plural.get(rest, rest)}"


def points_table(
    table: pd.DataFrame, request: PoolRequest | None
) -> tuple[list[TableColumn], list[dict[str, Any]]]:
    """The dots as rows of a table in the browser; the first ten thousand of them."""
    groups = () if request is None else request.columns
    title = value_title(str(table.attrs.get("value", "value")))
    columns = [TableColumn(key="name", title="Recording", width=130, keep_end=9)]
    if "roi_name" in table:
        columns.append(TableColumn(key="roi_name", title="ROI", width=80))
    columns.append(TableColumn(key="value", title=title, kind="number", digits=None, width=110))
    shown = [name for name in ("x", "time_in_recording_s") if name in table]
    columns += [
        TableColumn(key=name, title=value_title(name), kind="number", digits=None, width=90)
        for name in shown
    ]
    plain = [name for name in groups if name not in ("name", "roi_name")]
    columns += [TableColumn(key=name, title=value_title(name), width=90) for name in plain]
    keys = [column.key for column in columns]
    part = table[keys].head(_MOST_ROWS)
    rows = [
        {"id": index, **{key: _plain(value) for key, value in zip(keys, values, strict=True)}}
        for index, values in enumerate(part.itertuples(index=False, name=None))
    ]
    return columns, rows


def _plain(value: Any) -> Any:
    if value is None or value != value:
        return None
    return value.item() if hasattr(value, "item") else value
