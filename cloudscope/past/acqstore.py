"""Sidecars of acqstore and CloudScope: ``<file>.json`` of version 2 with a CSV an analysis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from cloudscope.errors import LoadError
from cloudscope.past.reading import column, filled, number, read_json, read_table, whole
from cloudscope.past.record import PastDiameter, PastEvent, PastRecord, PastRoi, PastVelocity

__all__ = ["read_acqstore"]

VERSION = 2
"""The only version these programs ever wrote."""


def read_acqstore(path: Path) -> PastRecord | None:
    """The record in a sidecar, or ``None`` if it is not one of these programs'.

    Parameters
    ----------
    path : Path
        ``my_file.tif.json``.

    Raises
    ------
    LoadError
        If it cannot be read.
    """
    raw = read_json(path)
    if raw.get("version") != VERSION or "image_header_metadata" not in raw:
        return None
    stem = path.with_suffix("")  # without .json
    header = raw["image_header_metadata"] if isinstance(raw["image_header_metadata"], dict) else {}
    reader = _Reader(path, stem, header)
    for item in raw.get("analysis") or ():
        if isinstance(item, dict):
            reader.take(item)
    if raw.get("image_contrast"):
        reader.left_out.append("the contrast of the picture: choose it anew")
    rois = tuple(roi for item in raw.get("rois") or () if (roi := _roi(item, reader.left_out)))
    units = header.get("physical_label_y"), header.get("physical_label_x")
    return PastRecord(
        program="acqstore sidecar, version 2",
        files=(path, *reader.files),
        accepted=raw.get("accepted") if isinstance(raw.get("accepted"), bool) else None,
        experiment=filled(raw.get("experiment_metadata")),
        rois=rois,
        velocities=tuple(reader.velocities),
        diameters=tuple(reader.diameters),
        events=tuple(reader.events),
        size=_size(header),
        line_period_s=reader.period if units[0] == "seconds" else None,
        pixel_size_um=reader.pixel if units[1] == "um" else None,
        left_out=tuple(reader.left_out),
    )


def _scale(header: Mapping[str, Any], name: str) -> float | None:
    value = number(header.get(name))
    return value if value > 0 and np.isfinite(value) else None


def _size(header: Mapping[str, Any]) -> tuple[int, int] | None:
    found = re.fullmatch(r"\((\d+), (\d+)\)", str(header.get("shape")))  # Python's repr of a tuple
    return (int(found[1]), int(found[2])) if found else None


def _roi(item: Any, left_out: list[str]) -> PastRoi | None:
    data = item.get("data") if isinstance(item, dict) else None
    if not isinstance(data, dict):
        return None
    roi_id = whole(item.get("roi_id"))
    if item.get("roi_type") != "rectroi":
        left_out.append(f"ROI {roi_id}: it is a {item.get('roi_type')}, no rectangle")
        return None
    names = ("row_start", "row_stop", "col_start", "col_stop")
    row_start, row_stop, col_start, col_stop = (whole(data.get(name)) for name in names)
    return PastRoi(
        roi_id,
        (row_start, row_stop, col_start, col_stop),
        str(item.get("name") or ""),
        str(item.get("note") or ""),
    )


class _Reader:
    """Goes through the analyses of one sidecar."""

    def __init__(self, path: Path, stem: Path, header: Mapping[str, Any]) -> None:
        self.path, self.stem = path, stem
        self.period = _scale(header, "physical_unit_y")
        self.pixel = _scale(header, "physical_unit_x")
        self.files: list[Path] = []
        self.velocities: list[PastVelocity] = []
        self.diameters: list[PastDiameter] = []
        self.events: list[PastEvent] = []
        self.left_out: list[str] = []
        self._tables: dict[str, dict[str, list[str]]] = {}

    def take(self, item: Mapping[str, Any]) -> None:
        name = str(item.get("analysis_name"))
        channel, roi_id = whole(item.get("channel")), whole(item.get("roi_id"))
        what = f"{name} of channel {channel}, ROI {roi_id}"
        try:
            if name == "radon_velocity":
                self.velocities.append(self._velocity(item, channel, roi_id))
            elif name == "diameter":
                self.diameters.append(self._diameter(item, channel, roi_id))
            elif name == "event":
                self._events(item, channel, roi_id)
            else:
                self.left_out.append(f"{what}: measure it again with cloudscope")
        except LoadError as error:
            self.left_out.append(f"{what}: {Path(error.path).name} {error.reason}")

    def _rows(self, analysis: str, channel: int, roi_id: int) -> tuple[Path, dict[str, list[str]]]:
        path = self.stem.with_name(f"{self.stem.name}.{analysis}.csv")
        if analysis not in self._tables:
            if not path.exists():
                raise LoadError(path, "is missing")
            self._tables[analysis] = read_table(path)
            self.files.append(path)
        table = self._tables[analysis]
        mine = (column(table, "channel", path) == channel) & (
            column(table, "roi_id", path) == roi_id
        )
        if not mine.any():
            raise LoadError(path, "has no rows of it")
        kept = np.flatnonzero(mine)
        return path, {name: [cells[i] for i in kept] for name, cells in table.items()}

    def _velocity(self, item: Mapping[str, Any], channel: int, roi_id: int) -> PastVelocity:
        path, rows = self._rows("radon_velocity", channel, roi_id)
        window = whole((item.get("detection_params") or {}).get("window_width")) or None
        return PastVelocity(
            channel=channel,
            roi_id=roi_id,
            centre_line=column(rows, "time_index", path),
            value=column(rows, "velocity", path),
            unit="as written",
            theta_deg=column(rows, "theta_deg", path),
            pixel_size_um=self.pixel,
            line_period_s=self.period,
            window_lines=window,
            made_at=_made_at(item.get("summary")),
        )

    def _diameter(self, item: Mapping[str, Any], channel: int, roi_id: int) -> PastDiameter:
        path, rows = self._rows("diameter", channel, roi_id)
        parameters = item.get("detection_params")
        return PastDiameter(
            channel=channel,
            roi_id=roi_id,
            line=column(rows, "center_row", path),
            left_px=column(rows, "left_edge_px", path),
            right_px=column(rows, "right_edge_px", path),
            parameters=dict(parameters) if isinstance(parameters, dict) else {},
            made_at=_made_at(item.get("summary")),
        )

    def _events(self, item: Mapping[str, Any], channel: int, roi_id: int) -> None:
        summary = item.get("summary")
        for event in (summary.get("events") if isinstance(summary, dict) else None) or ():
            start, stop = number(event.get("x0")), number(event.get("x1"))
            if np.isfinite(start) and np.isfinite(stop):
                kind = str(event.get("event_type") or "user")
                self.events.append(PastEvent(channel, roi_id, start, stop, kind, user_label=kind))


def _made_at(summary: Any) -> str | None:
    """The run stamp ``yymmdd`` and time, as ISO 8601 without offset, for it has none."""
    if not isinstance(summary, dict) or not summary.get("analysis_date"):
        return None
    text = f"{summary['analysis_date']} {str(summary.get('analysis_time', ''))[:8]}"
    try:
        return datetime.strptime(text, "%y%m%d %H:%M:%S").isoformat()
    except ValueError:
        return None
