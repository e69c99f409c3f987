"""What each column of an export means, and its unit: the dictionary that goes with the tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cloudscope.metadata import experiment_fields

if TYPE_CHECKING:
    from cloudscope.analysis.registry import Analysis

__all__ = ["in_words", "meanings_of", "unit_of"]

_UNITS = (
    ("_um_per_s", "µm/s"),
    ("_pl_per_s", "pL/s"),
    ("_nl_per_min", "nL/min"),
    ("_cells_per_s", "cells/s"),
    ("_cells_per_mm", "cells/mm"),
    ("_per_min", "1/min"),
    ("_per_s", "1/s"),
    ("_percent", "%"),
    ("_bpm", "bpm"),
    ("_lines", "lines"),
    ("_deg", "°"),
    ("_um", "µm"),
    ("_hz", "Hz"),
    ("_ms", "ms"),
    ("_px", "pixels"),
    ("_pa", "Pa"),
    ("_s", "s"),
)
"""Unit by the end of a name, longest first."""

_OWN = {
    "path": "path of the recording within its folder",
    "name": "name of the recording",
    "blind_code": "code of the recording in the last reading that was blind",
    "kind": "line scan or frames",
    "accepted": "verdict on the recording; empty: none yet",
    "channel": "channel, counted from 0",
    "channel_name": "name of the channel in the file",
    "channel_names": "names of the channels in the file",
    "roi_id": "region of interest, counted from 1; 0: the whole recording",
    "roi_name": "name of the region of interest",
    "stale": "whether the recording was changed since it was measured; of a recording: how many",
    "stale_reason": "what was changed since",
    "time_in_recording_s": "time from the first line of the recording",
    "line_period_s": "time from line to line",
    "pixel_size_um": "distance from column to column",
    "measured_line_period_s": "time from line to line that it was measured with",
    "measured_pixel_size_um": "distance from column to column that it was measured with",
    "line_period_source": "where the line period is from",
    "pixel_size_source": "where the pixel size is from",
    "acquired_at": "start of the recording",
    "format": "format of the file",
    "duration_s": "length of the recording",
    "lines": "lines of the recording",
    "pixels": "columns of the recording",
    "channels": "number of channels",
    "frames": "number of frames; 1 for a line scan",
    "rois": "number of regions of interest",
    "analyses": "what was measured",
    "time_axis": "axis of the file that is time",
    "problem": "what is wrong with the file or its sidecar",
    "row_start": "first line",
    "row_stop": "line after the last",
    "col_start": "first column",
    "col_stop": "column after the last",
    "note": "note",
    "color": "colour on the screen",
    "locked": "whether the mouse leaves it alone",
    "inputs": "results it was computed from",
    "software": "what measured it",
    "created_at": "when it was measured",
    "source_fingerprint": "BLAKE2b of the source file's size, first and last MiB",
    "digest": "SHA-256 of the result's numbers",
}


def unit_of(column: str) -> str:
    """Unit that a name carries, or ``""``.

    Examples
    --------
    >>> unit_of("velocity_um_per_s"), unit_of("heart_rate_bpm"), unit_of("status")
    ('µm/s', 'bpm', '')
    """
    return next((unit for end, unit in _UNITS if column.endswith(end)), "")


def in_words(name: str) -> str:
    """A name as people read it, its unit behind.

    Examples
    --------
    >>> in_words("velocity_median_um_per_s"), in_words("accepted_share")
    ('velocity median (µm/s)', 'accepted share')
    """
    for end, unit in _UNITS:
        if name.endswith(end):
            return f"{name.removesuffix(end)} ({unit})".replace("_", " ")
    return name.replace("_", " ")


def meanings_of(columns: Iterable[str], analysis: Analysis | None) -> dict[str, tuple[str, str]]:
    """Unit and meaning of each column of a table.

    Parameters
    ----------
    columns : iterable of str
    analysis : Analysis or None
        Whose table it is.
    """
    declared: dict[str, tuple[str, str]] = {}
    for spec in experiment_fields():
        words = f"{spec.title}: {spec.help}" if spec.help else spec.title
        declared[spec.name] = declared[f"recording_{spec.name}"] = (spec.unit, words)
    if analysis is not None:
        for parameter in analysis.parameters:
            unit = getattr(parameter.param, "unit", "") or ""
            declared[f"parameter.{parameter.name}"] = (unit, parameter.param.help)
        declared |= {column.name: (column.unit, column.help) for column in analysis.columns}
    found = {}
    for column in columns:
        plain = column.removeprefix("recording_").removeprefix("measured_")
        if column in declared:
            found[column] = declared[column]
        elif column in _OWN or plain in _OWN:
            found[column] = (unit_of(column), _OWN.get(column) or _OWN[plain])
        elif column.startswith("extra."):
            found[column] = ("", f"free field {column.removeprefix('extra.')!r}")
        else:
            found[column] = (unit_of(column), "")
    return found
