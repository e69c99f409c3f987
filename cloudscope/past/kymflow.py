"""Files of KymFlow, versions 0 to 3, which lie beside a recording or in folders next to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from cloudscope.errors import LoadError
from cloudscope.past.reading import column, filled, number, read_json, read_table, whole
from cloudscope.past.record import PastEvent, PastRecord, PastRoi, PastVelocity

__all__ = ["read_kymflow"]

_LABELS = {"unreviewed": "", "": ""}


def read_kymflow(source: Path, folders: tuple[Path, ...]) -> PastRecord | None:
    """The newest record of KymFlow of a recording, or ``None``.

    Parameters
    ----------
    source : Path
        The recording; its files are named after its stem.
    folders : tuple of Path
        Where to look.

    Raises
    ------
    LoadError
        If a file cannot be read.
    """
    reader = _Reader()
    for folder in folders:
        reader.image(folder / f"{source.stem}.json")
        reader.radon(folder / f"{source.stem}_radon.json")
        reader.combined(folder / f"{source.stem}_kymanalysis.json")
        reader.events_of(folder / f"{source.stem}_events.json")
        reader.first(folder / f"{source.stem}.csv")
    if not reader.files:
        return None
    versions = ", ".join(dict.fromkeys(reader.versions))
    return PastRecord(
        program=f"KymFlow files, version {versions}",
        files=tuple(reader.files),
        accepted=reader.accepted,
        experiment=reader.experiment,
        rois=tuple(reader.rois.values()),
        velocities=tuple(reader.velocities.values()),
        events=tuple(reader.events.values()),
        size=reader.size,
        line_period_s=reader.period,
        pixel_size_um=reader.pixel,
        left_out=tuple(reader.left_out),
    )


class _Reader:
    """Puts the files of one recording together; a newer one has the say."""

    def __init__(self) -> None:
        self.files: list[Path] = []
        self.versions: list[str] = []
        self.accepted: bool | None = None
        self.experiment: dict[str, Any] = {}
        self.rois: dict[int, PastRoi] = {}
        self.velocities: dict[tuple[int, int], PastVelocity] = {}
        self.events: dict[tuple[int, int, float, str], PastEvent] = {}
        self.size: tuple[int, int] | None = None
        self.period: float | None = None
        self.pixel: float | None = None
        self.left_out: list[str] = []

    def _opened(self, path: Path, *keys: str) -> dict[str, Any] | None:
        if not path.is_file():
            return None
        raw = read_json(path)
        if not any(isinstance(raw.get(key), (dict, list)) for key in keys):
            return None  # the file of another program that has the same name
        self.files.append(path)
        return raw

    def _verdict(self, raw: Mapping[str, Any]) -> None:
        if isinstance(raw.get("accepted"), bool) and self.accepted is None:
            self.accepted = raw["accepted"]

    # ------------------------------------------------------------------ version 1

    def image(self, path: Path) -> None:
        raw = self._opened(path, "experiment_metadata", "rois")
        if raw is None:
            return
        self.versions.append("1")
        self._verdict(raw)
        self.experiment = filled(raw.get("experiment_metadata"))
        header = raw.get("header") if isinstance(raw.get("header"), dict) else {}
        assert isinstance(header, dict)
        shape, voxels = header.get("shape"), header.get("voxels")
        if isinstance(shape, list) and len(shape) == 2:
            self.size = whole(shape[0]), whole(shape[1])
        if isinstance(voxels, list) and header.get("voxels_units") == ["s", "um"]:
            self.period, self.pixel = number(voxels[0]), number(voxels[1])
        for item in raw.get("rois") or ():
            roi = _roi(item) if isinstance(item, dict) else None
            if roi is None:
                self.left_out.append(f"a ROI in {path.name} that is no rectangle")
            else:
                self.rois[roi.roi_id] = roi

    # ------------------------------------------------------------------ versions 2 and 3

    def radon(self, path: Path) -> None:
        raw = self._opened(path, "analysis_metadata")
        if raw is not None:
            self.versions.append("3")
            self._velocities(raw, path)

    def combined(self, path: Path) -> None:
        raw = self._opened(path, "analysis_metadata", "velocity_events")
        if raw is not None:
            self.versions.append("2")
            self._verdict(raw)
            self._velocities(raw, path)
            self._events(raw)

    def events_of(self, path: Path) -> None:
        raw = self._opened(path, "velocity_events")
        if raw is not None:
            self._events(raw)

    def _velocities(self, raw: Mapping[str, Any], path: Path) -> None:
        table_path = path.with_suffix(".csv")
        described = raw.get("analysis_metadata") or {}
        if not described:
            return
        if not table_path.is_file():
            self.left_out.append(f"its velocities: {table_path.name} is missing")
            return
        table = read_table(table_path)
        self.files.append(table_path)
        roi_ids, channels = (column(table, name, table_path) for name in ("roi_id", "channel"))
        for key, item in described.items():
            roi_id = whole(str(key).split(":")[0])
            channel = max(0, whole(item.get("channel"), 1) - 1)  # theirs count from 1
            mine = np.flatnonzero((roi_ids == roi_id) & (channels - 1 == channel))
            if not mine.size:
                self.left_out.append(f"the velocity of ROI {roi_id}: no rows in {table_path.name}")
                continue
            rows = {name: [cells[i] for i in mine] for name, cells in table.items()}
            velocity = _velocity(rows, table_path, channel, roi_id, item)
            self.velocities.setdefault((channel, roi_id), velocity)

    def _events(self, raw: Mapping[str, Any]) -> None:
        for key, items in (raw.get("velocity_events") or {}).items():
            roi_id = whole(str(key).split(":")[0])
            for item in items or ():
                channel = max(0, whole(item.get("channel"), 1) - 1)
                start, peak, end = (number(item.get(f"t_{x}")) for x in ("start", "peak", "end"))
                stop = end if np.isfinite(end) else max(start, peak)
                if not np.isfinite(start):
                    self.left_out.append(f"an event of ROI {roi_id} without a time")
                    continue
                kind = str(item.get("event_type") or "user")
                user = str(item.get("user_type") or "")
                self.events[channel, roi_id, start, kind] = PastEvent(
                    channel,
                    roi_id,
                    start,
                    stop,
                    kind,
                    str(item.get("machine_type") or ""),
                    _LABELS.get(user, user),
                    str(item.get("note") or ""),
                    from_recording=True,
                )

    # ------------------------------------------------------------------ version 0

    def first(self, path: Path) -> None:
        if not path.is_file():
            return
        table = read_table(path)
        if not {"time", "velocity", "delx", "delt"} <= set(table) or "roi_id" in table:
            return
        self.files.append(path)
        self.versions.append("0")
        self.velocities.setdefault((0, 0), _velocity(table, path, 0, 0, {}))


def _roi(item: Mapping[str, Any]) -> PastRoi | None:
    """A ROI in either of the two dialects of version 1."""
    data = item.get("data")
    if isinstance(data, dict):
        if item.get("roi_type") != "rect":
            return None
        bounds = (data.get("y0"), data.get("y1"), data.get("x0"), data.get("x1"))
    else:
        names = ("dim0_start", "dim0_stop", "dim1_start", "dim1_stop")
        first, second, third, fourth = (item.get(name) for name in names)
        bounds = (first, second, third, fourth)
    row_start, row_stop, col_start, col_stop = (whole(bound, -1) for bound in bounds)
    if min(row_start, row_stop, col_start, col_stop) < 0:
        return None
    return PastRoi(
        whole(item.get("roi_id", item.get("id"))),
        (row_start, row_stop, col_start, col_stop),
        str(item.get("name") or ""),
        str(item.get("note") or ""),
    )


def _velocity(
    table: Mapping[str, list[str]], path: Path, channel: int, roi_id: int, item: Mapping[str, Any]
) -> PastVelocity:
    period, pixel = (column(table, name, path) for name in ("delt", "delx"))
    if not (period.size and period[0] > 0 and pixel[0] > 0):
        raise LoadError(path, "does not say the line period or the pixel size of its velocities")
    made_at = item.get("analyzed_at")
    return PastVelocity(
        channel=channel,
        roi_id=roi_id,
        centre_line=np.round(column(table, "time", path) / period[0]),
        value=column(table, "velocity", path),
        unit="mm/s",
        pixel_size_um=float(pixel[0]),
        line_period_s=float(period[0]),
        window_lines=whole(item.get("window_size")) or None,
        made_at=made_at if isinstance(made_at, str) else None,
        from_recording=True,
    )
