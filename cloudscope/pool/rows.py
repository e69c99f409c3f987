"""What stands in a pool before it is averaged: a row a result, or a row a window, line or event."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeGuard

import numpy as np

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.samples import USABLE
from cloudscope.errors import ParameterError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.row_filter import Test, column_named, matcher
from cloudscope.table_columns import TableColumn
from cloudscope.tables import experiment_row

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Judged", "Row", "Selection", "by_sample", "is_number", "result_row"]

Judged = Literal["accepted", "not rejected", "all"]
"""Which recordings count, by the verdict on them."""

Row = dict[str, Any]

_WORD = re.compile(r'-?(?:[^\s"]|"[^"]*"?)+')
_NAMED = re.compile(r'^-?("[^"]+"|[^"<>=!:]+?)(?:<=|>=|!=|<|>|=|:)')


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value of a summary or a field is one to count with."""
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def result_row(image: AcqImage, result: AnalysisResult, path: str) -> Row:
    """What one result says, with where it was measured and what is known of the recording."""
    channel, roi_id = result.channel or 0, result.roi_id or WHOLE_RECORDING
    header, names = image.header, image.header.channel_names
    roi_names = {roi.roi_id: roi.title for roi in image.rois} | {0: "whole recording"}
    row: Row = {
        "path": path,
        "name": image.name,
        "folder": path.rpartition("/")[0],
        "accepted": image.accepted,
        "channel": channel,
        "channel_name": names[channel] if channel < len(names) else "",
        "roi_id": roi_id,
        "roi_name": roi_names.get(roi_id, ""),
        **experiment_row(image),
        "acquired_at": header.acquired_at,
        "duration_s": header.duration_s,
        "line_period_s": header.line_period_s,
        "pixel_size_um": header.pixel_size_um,
    }
    for name, value in result.summary.items():
        row.setdefault(name, value)
    return row


@dataclass
class Selection:
    """Which results and samples count, and how many do not, and why.

    Attributes
    ----------
    judged, fresh_only, min_quality, channel, roi
        See `pool_table`.
    text : str
        Filter as in a table of recordings.
    left_out : Counter of str
        How many were left out, by reason.
    """

    judged: Judged = "not rejected"
    fresh_only: bool = True
    min_quality: float = 0.0
    channel: int | None = None
    roi: int | str | None = None
    text: str = ""
    left_out: Counter[str] = field(default_factory=Counter)

    def results(self, image: AcqImage, analysis: str) -> list[AnalysisResult]:
        """Those of a recording that count, before the filter is asked."""
        keys = sorted(key for key in image.results if key[0] == analysis)
        if not keys:
            return []
        rejected = image.accepted is False
        if (self.judged != "all" and rejected) or (
            self.judged == "accepted" and image.accepted is None
        ):
            words = "rejected recordings" if rejected else "recordings without a verdict"
            self.left_out[words] += 1
            return []
        chosen = []
        for key in keys:
            result = image.results[key]
            if self.channel is not None and key[1] != self.channel:
                continue
            if not self._of_roi(image, key[2]):
                continue
            if self.fresh_only and image.stale_reason(result) is not None:
                self.left_out["stale results"] += 1
                continue
            chosen.append(result)
        return chosen

    def _of_roi(self, image: AcqImage, roi_id: int) -> bool:
        if self.roi is None or self.roi == roi_id:
            return True
        return isinstance(self.roi, str) and any(
            roi.roi_id == roi_id and self.roi in (roi.name, roi.title) for roi in image.rois
        )

    def tests(self, rows: Sequence[Row], samples: Iterable[str]) -> tuple[Test, Test]:
        """Tests of a row of a result, and of what the filter asks of its samples.

        Parameters
        ----------
        rows : sequence of dict
            Of results.
        samples : iterable of str
            Names of columns that samples have and results have not.

        Raises
        ------
        ParameterError
            If the filter asks for a column that nothing has.
        """
        numeric: dict[str, bool] = {}
        for row in rows:
            for name, value in row.items():
                numeric[name] = numeric.get(name, False) or is_number(value)
        columns = [_column(name, number) for name, number in numeric.items()]
        of_samples = [_column(name, True) for name in samples if name not in numeric]
        whole, sampled = [], []
        for word in _WORD.findall(self.text):
            named = _NAMED.match(word)
            asked = named[1].strip('"') if named else ""
            if asked and column_named(columns, asked) is None:
                if column_named(of_samples, asked) is not None:
                    sampled.append(word)
                    continue
                raise ParameterError(
                    f"filter={self.text!r}: there is no column {asked!r}"
                    + _hint(asked, [*numeric, *(c.key for c in of_samples)])
                )
            whole.append(word)
        return matcher(" ".join(whole), columns), matcher(" ".join(sampled), of_samples)

    def usable(
        self, columns: Mapping[str, np.ndarray], analysis: str, value: np.ndarray
    ) -> np.ndarray:
        """Which samples of a result count: accepted, a value, and of enough quality."""
        usable: np.ndarray = np.isfinite(value)
        if "status" in columns:
            usable = usable & np.isin(columns["status"], USABLE)
        if "reviewed" in columns:
            usable = usable & (np.asarray(columns["reviewed"]).astype(str) != "rejected")
        self.left_out["samples not accepted"] += int(np.count_nonzero(~usable))
        trace = get_analysis(analysis).trace
        quality = None if trace is None or trace.quality is None else columns.get(trace.quality)
        if self.min_quality > 0 and quality is not None:
            good = ~(quality.astype(float) < self.min_quality)
            self.left_out["samples below the quality asked for"] += int(
                np.count_nonzero(usable & ~good)
            )
            usable = usable & good
        return usable


def _hint(asked: str, there: Sequence[str]) -> str:
    near = difflib.get_close_matches(asked, there, n=1)
    if near:
        return f"; did you mean {near[0]!r}?"
    return "; put it in quotes if it is no column but a word to look for"


def _column(name: str, number: bool) -> TableColumn:
    return TableColumn(key=name, title=name, kind="number" if number else "text")


def by_sample(columns: Mapping[str, np.ndarray], test: Test, chosen: np.ndarray) -> np.ndarray:
    """`chosen`, less what a filter of samples does not pass."""
    kept = chosen.copy()
    names = list(columns)
    for at in np.flatnonzero(chosen):
        kept[at] = test({name: columns[name][at].item() for name in names})
    return kept
