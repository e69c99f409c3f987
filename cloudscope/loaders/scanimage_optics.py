"""Settings of ScanImage, whose names differ from generation to generation."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any

from cloudscope.loaders.units import time_s
from cloudscope.optics import Detector, Laser, Optics, number

__all__ = ["bidirectional", "optics", "scanfield_texts"]

_GENERATIONS = ("state.acq.", "SI.", "scanimage.SI.", "scanimage.SI4.")
_MOST_FIELDS = 100


def _value(settings: Mapping[str, str], *keys: str) -> str:
    for generation in _GENERATIONS:
        for key in keys:
            found = settings.get(generation + key)
            if found is not None:
                return found.strip().strip("'")
    return ""


def _numbers(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", text)]


def _names(text: str) -> list[str]:
    return re.findall(r"'([^']*)'", text)


def bidirectional(settings: Mapping[str, str]) -> bool | None:
    """Whether every other line was scanned on the way back."""
    word = _value(settings, "bidirectionalScan", "hScan2D.bidirectional").lower()
    return {"1": True, "true": True, "0": False, "false": False}.get(word)


def optics(settings: Mapping[str, str]) -> Optics:
    """Lasers, detectors and settings of the scan; ScanImage knows no objective."""
    powers = _numbers(_value(settings, "hBeams.powers", "beamPowers"))
    gains = _numbers(_value(settings, "hPmts.gains"))
    offsets = _numbers(_value(settings, "hPmts.offsets"))
    names = _names(_value(settings, "hPmts.names"))
    version = [settings.get(f"SI.VERSION_{part}", "") for part in ("MAJOR", "MINOR")]
    mode = _value(settings, "hScan2D.scanMode", "scanMode")
    if not mode and settings.get("state.acq.linescan") is not None:
        mode = "line" if settings["state.acq.linescan"] == "1" else "frame"
    return Optics(
        microscope=" ".join(["ScanImage", ".".join(v.strip("'") for v in version)])
        if all(version)
        else "ScanImage",
        zoom=number(
            _value(settings, "zoomFactor", "hRoiManager.scanZoomFactor", "scanZoomFactor"),
            positive=True,
        ),
        scan_mode=mode,
        scan_rotation_deg=number(
            _value(settings, "scanRotation", "hRoiManager.scanRotation") or None
        ),
        dwell_time_s=time_s(
            _value(settings, "pixelTime", "hScan2D.scanPixelTimeMean", "scanPixelTimeMean"), "s"
        ),
        lasers=tuple(Laser(power_percent=power) for power in powers if power > 0),
        detectors=tuple(
            Detector(
                name=name or "",
                gain=gain if gain is not None and math.isfinite(gain) else None,
                offset=offset,
            )
            for name, gain, offset in zip_longest(names, gains, offsets)
        ),
    )


def scanfield_texts(artist: Any) -> Iterator[tuple[str, object]]:
    """Scan fields and scanned paths in the JSON that newer versions keep in the tag Artist."""
    if not isinstance(artist, str) or not artist.lstrip().startswith("{"):
        return
    try:
        content = json.loads(artist)
    except (ValueError, RecursionError):
        return
    groups = content.get("RoiGroups")
    for group, values in groups.items() if isinstance(groups, dict) else ():
        rois = values.get("rois") if isinstance(values, dict) else None
        for number_, roi in enumerate(_listed(rois)[:_MOST_FIELDS]):
            for at, field in enumerate(_listed(roi.get("scanfields"))):
                place = f"ScanImage/{group}/roi {number_}/scanfield {at}"
                yield f"{place}/name", roi.get("name")
                for key in (
                    *("centerXY", "sizeXY", "rotationDegrees", "pixelResolutionXY"),
                    *("stimulusFunction", "duration", "repetitions"),
                ):
                    if field.get(key) is not None:
                        yield f"{place}/{key}", field[key]


def _listed(value: Any) -> list[dict[str, Any]]:
    """ScanImage writes a list of one as the one."""
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]
