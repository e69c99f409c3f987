"""The numbers behind a figure, as a table and as CSV."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.export.column_meanings import unit_of
from cloudscope.export.safe_cells import safe_texts
from cloudscope.export.writing import new_file, target_path
from cloudscope.figures.content import content_of
from cloudscope.roi import WHOLE_RECORDING

if TYPE_CHECKING:
    import pandas as pd

    from cloudscope.acq_image import AcqImage

__all__ = ["FIGURE_COLUMNS", "figure_data", "write_figure_data"]

FIGURE_COLUMNS = (
    "drawn_as", "analysis", "quantity", "unit", "roi_id", "time_s", "stop_s", "value", "sd",
    "quality", "status", "accepted",
)  # fmt: skip
"""Columns of `figure_data`."""


def figure_data(
    image: AcqImage,
    *,
    channel: int = 0,
    roi_id: int = WHOLE_RECORDING,
    time_range: tuple[float, float] | None = None,
    analyses: Iterable[str] | None = None,
    quality_cutoff: float = 0.0,
    show_marks: bool = True,
) -> pd.DataFrame:
    """Every number that `figure_of` draws with the same arguments; pixels excepted.

    Returns
    -------
    DataFrame
        `FIGURE_COLUMNS`, a row a point: ``drawn_as`` is ``"trace"``, ``"wall"`` (a position in the
        recording) or ``"event"`` (from ``time_s`` to ``stop_s``). Times count from the first line
        of the recording. A point of a trace that is not ``accepted`` is drawn as set aside.

    Raises
    ------
    UnknownNameError, ParameterError
        As `figure_of` does.
    """
    import pandas as pd

    from cloudscope.analysis.registry import get_analysis

    content = content_of(
        image,
        channel=channel,
        roi_id=roi_id,
        time_range=time_range,
        position_range=None,
        analyses=analyses,
        quality_cutoff=quality_cutoff,
        display=None,
        composite=False,
        frame=0,
        show_rois=False,
        show_marks=show_marks,
    )
    parts = []
    for course in content.courses:
        trace = get_analysis(course.analysis).trace
        assert trace is not None
        parts.append(
            _part(
                "trace", course.analysis, trace.value, roi_id, course.time_s, course.value,
                sd=course.sd, quality=course.quality, status=course.status,
                accepted=course.accepted,
            )
        )  # fmt: skip
    for wall in content.walls:
        for name, place in (("left_um", wall.left), ("right_um", wall.right)):
            known = np.isfinite(place)
            parts.append(
                _part("wall", "diameter", name, wall.roi_id, wall.time_s, place, accepted=known)
            )
    for event in content.events:
        parts.append(
            _part(
                "event", "velocity_events", event.kind, roi_id, np.array([event.start_s]),
                np.array([np.nan]), stop_s=event.stop_s, status=event.title, accepted=True,
            )
        )  # fmt: skip
    if not parts:
        return pd.DataFrame(columns=list(FIGURE_COLUMNS))
    return pd.concat(parts, ignore_index=True)[list(FIGURE_COLUMNS)]


def _part(
    drawn_as: str,
    analysis: str,
    quantity: str,
    roi_id: int,
    time_s: np.ndarray,
    value: np.ndarray,
    **more: Any,
) -> pd.DataFrame:
    import pandas as pd

    given = {"sd": np.nan, "quality": np.nan, "stop_s": np.nan, "status": "ok", **more}
    lead = {
        "drawn_as": drawn_as,
        "analysis": analysis,
        "quantity": quantity,
        "unit": unit_of(quantity),
        "roi_id": roi_id,
        "time_s": time_s,
        "value": value,
    }
    return pd.DataFrame({**lead, **given})


def write_figure_data(
    table: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    images: Iterable[AcqImage] = (),
    overwrite: bool = False,
) -> Path:
    """Write a table as CSV, every number to its last digit.

    Parameters
    ----------
    table : DataFrame
        Of `figure_data`, `pool_table` or `pool_statistics`.
    path : path-like
        A new ``.csv`` file.
    images : iterable of AcqImage
        Recordings whose files and sidecars must not be written over.
    overwrite : bool
        Whether to replace a file that is there.

    Raises
    ------
    ExportError
        If the path does not end in ``.csv``, there is such a file, or it cannot be written.
    """
    target = target_path(path, [".csv"])
    with new_file(target, images, overwrite=overwrite) as temporary:
        safe_texts(table).to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")
    return target
