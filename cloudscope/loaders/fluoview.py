"""Olympus FluoView TIFF: the binary header of tag 34361 names every axis and its step."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.tiff_calibration import full_bits, tag, tag_texts
from cloudscope.loaders.units import length_um, time_s

__all__ = ["describe"]

_TIME_NAMES = ("T", "TIME")


def describe(tif: Any, axes: str) -> FileFacts | None:
    """What the FluoView header says, or ``None`` where there is none."""
    header = tif.fluoview_metadata
    if not header:
        return None
    page = tif.pages[0]
    steps: dict[str, Step] = {}
    sizes: dict[str, int] = {}
    pairs: dict[str, object] = dict(tag_texts(page))
    for name, size, origin, resolution, unit in header["Dimensions"]:
        letter = "T" if name.upper() in _TIME_NAMES else name.upper()
        if not letter:
            continue
        if size > 1:
            sizes[letter] = int(size)
        pairs[f"FluoView/Dimension {name}"] = f"{size}, {origin} + {resolution} {unit}"
        value = time_s(resolution, unit) if letter == "T" else length_um(resolution, unit)
        if value is not None:
            steps[letter] = Step(value, f"FluoView tag 34361, dimension {name}")
    settings = _settings(page.description)
    pairs |= {f"FluoView/{key}": value for key, value in settings.items()}
    names: list[str] = []
    while (dye := settings.get(f"Channel {len(names) + 1} Dye")) is not None:
        names.append(dye)
    return FileFacts(
        format="Olympus FluoView TIFF",
        scan="frames" if {"X", "Y"} <= set(sizes) else None,
        x=steps.get("X"),
        y=steps.get("Y"),
        time=steps.get("T"),
        channel_names=tuple(names),
        bit_depth=full_bits(header.get("MapMax")) or full_bits(tag(page, 281)),
        acquired_at=_clock(settings),
        raw=bounded_text(pairs.items()),
    )


def _settings(description: str) -> dict[str, str]:
    """``key=value`` lines of the description but those of colour tables."""
    settings: dict[str, str] = {}
    in_colours = False
    for line in description.splitlines():
        line = line.strip()
        if line.startswith("[LUT"):
            in_colours = not line.endswith("End]")
        key, equals, value = line.partition("=")
        if equals and not in_colours:
            settings[key.strip()] = value.strip()
    return settings


def _clock(settings: dict[str, str]) -> str | None:
    date = re.fullmatch(r"(\d\d)-(\d\d)-(\d{4})", settings.get("Date", ""))
    time = re.fullmatch(r"(\d\d):(\d\d):(\d\d)", settings.get("Time", ""))
    if date is None or time is None:
        return None
    month, day, year = (int(part) for part in date.groups())
    hour, minute, second = (int(part) for part in time.groups())
    try:
        return datetime(year, month, day, hour, minute, second).isoformat()
    except ValueError:
        return None
