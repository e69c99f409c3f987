"""Zeiss LSM: scan type, voxel size and times from the binary header of tag 34412."""

from __future__ import annotations

from typing import Any

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.units import length_um, time_s
from cloudscope.loaders.zeiss_optics import lsm_bidirectional, lsm_optics

__all__ = ["describe"]

# scan types of the LSM format whose stored rows are successive lines of one scan
_LINE_SCANS = (2, 5, 10)


def describe(tif: Any, axes: str) -> FileFacts | None:
    """What the LSM header says, or ``None`` where there is none."""
    info = tif.lsm_metadata
    if not info:
        return None
    scan_type = int(info["ScanType"])
    x = length_um(info.get("VoxelSizeX"), "m")
    y = length_um(info.get("VoxelSizeY"), "m")
    colors = info.get("ChannelColors") or {}
    names = colors.get("ColorNames") or ()
    return FileFacts(
        format="Zeiss LSM",
        scan=None if scan_type in _LINE_SCANS else "frames",
        x=None if x is None else Step(x, "LSM VoxelSizeX"),
        y=None if y is None else Step(y, "LSM VoxelSizeY"),
        time=_time(info),
        channel_names=tuple(str(name) for name in names),
        bidirectional=lsm_bidirectional(info),
        optics=lsm_optics(info),
        raw=bounded_text(_texts("LSM", info, 0)),
    )


def _time(info: dict[str, Any]) -> Step | None:
    stamps = info.get("TimeStamps")
    if stamps is not None and len(stamps) > 1:
        period = time_s((float(stamps[-1]) - float(stamps[0])) / (len(stamps) - 1), "s")
        if period is not None:
            return Step(period, "LSM TimeStamps, last minus first")
    for key in ("TimeIntervall", "TimeInterval"):
        period = time_s(info.get(key), "s")
        if period is not None:
            return Step(period, f"LSM {key}")
    return None


def _texts(place: str, value: Any, depth: int) -> list[tuple[str, object]]:
    """Nested metadata flattened, arrays by their size only."""
    if isinstance(value, dict) and depth < 6:
        return [t for k, v in value.items() for t in _texts(f"{place}/{k}", v, depth + 1)]
    if isinstance(value, list) and depth < 6 and any(isinstance(v, dict) for v in value):
        return [t for i, v in enumerate(value) for t in _texts(f"{place} {i}", v, depth + 1)]
    if hasattr(value, "shape") and getattr(value, "size", 1) > 8:
        return [(place, f"{value.size} numbers")]
    return [(place, value)]
