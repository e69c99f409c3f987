"""Tidy tables of recordings and results: one row a recording, or one a window or line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cloudscope.errors import UnknownNameError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.veil import hide_names

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["COUNTS", "experiment_row", "image_results", "image_row", "pooled_results"]

COUNTS = ("lines", "pixels", "channels", "frames", "rois", "stale", "branch_order")
"""Columns of `image_row` that hold whole numbers."""


def image_row(image: AcqImage) -> dict[str, Any]:
    """What one recording is, in one row: header, verdict, analyses, experimental metadata.

    ``from_name`` lists the fields whose value is nobody's but the file name's.
    """
    header = image.header
    analyses = dict.fromkeys(key[0] for key in image.results)
    stale = [r for r in image.results.values() if image.stale_reason(r) is not None]
    return {
        "name": image.name,
        "kind": header.kind,
        "duration_s": header.duration_s,
        "lines": header.lines,
        "pixels": header.pixels,
        "channels": header.channels,
        "frames": header.frames,
        "line_period_s": header.line_period_s,
        "pixel_size_um": header.pixel_size_um,
        "rois": len(image.rois),
        "analyses": ", ".join(analyses),
        "stale": len(stale),
        "accepted": image.accepted,
        "dirty": image.dirty,
        **experiment_row(image),
        "from_name": ", ".join(image.from_name),
        "problem": hide_names("; ".join(image.problems)),
    }


def experiment_row(image: AcqImage) -> dict[str, Any]:
    """Every field of the experimental metadata, what only the file's name says included.

    Fields that the folder declares stand under their name, others of a lab's own behind
    ``extra.``. ``blind_code`` is there for a recording that was read blind, once that has ended.
    """
    known = image.known_experiment
    declared = {spec.name: known.value(spec.name) for spec in image.fields}
    free = {f"extra.{k}": value for k, value in known.extra.items() if k not in declared}
    coded = image.blind_code and not image.blinded
    return declared | free | ({"blind_code": image.blind_code} if coded else {})


def _roi_name(image: AcqImage, roi_id: int) -> str:
    if roi_id == WHOLE_RECORDING:
        return "whole recording"
    try:
        return image.roi(roi_id).name
    except UnknownNameError:
        return ""


def _tidy(image: AcqImage, result: AnalysisResult) -> pd.DataFrame:
    table = result.table
    where = {
        "name": image.name,
        "channel": result.channel,
        "roi_id": result.roi_id,
        "roi_name": _roi_name(image, result.roi_id or WHOLE_RECORDING),
        "stale": image.stale_reason(result) is not None,
    }
    for position, (column, value) in enumerate(where.items()):
        table.insert(position, column, value)
    period = result.calibration.line_period_s
    if "time_s" in table and result.bounds is not None and period is not None:
        at = list(table.columns).index("time_s") + 1
        table.insert(at, "time_in_recording_s", table["time_s"] + result.bounds[0] * period)
    return table


def image_results(image: AcqImage, analysis: str) -> pd.DataFrame:
    """All results of one analysis in one recording, below each other."""
    return pooled_results([image], analysis)


def pooled_results(images: Iterable[AcqImage], analysis: str) -> pd.DataFrame:
    """All results of one analysis in many recordings, below each other.

    Raises
    ------
    UnknownNameError
        If there is no such analysis.
    ResultTableError
        If a result's table on disk is missing or not the one that was saved.
    """
    import pandas as pd

    from cloudscope.analysis.registry import get_analysis

    columns = [column.name for column in get_analysis(analysis).columns]
    tables = []
    for image in images:
        for key in sorted(key for key in image.results if key[0] == analysis):
            table = _tidy(image, image.results[key])
            table.insert(1, "accepted", image.accepted)
            tables.append(table)
    if not tables:
        lead = ["name", "accepted", "channel", "roi_id", "roi_name", "stale"]
        return pd.DataFrame(columns=lead + columns)
    return pd.concat(tables, ignore_index=True)
