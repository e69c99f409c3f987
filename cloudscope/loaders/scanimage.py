"""ScanImage 3 to 5 and later: line period, frame rate, channels, line scans."""

from __future__ import annotations

import math
import re
from datetime import datetime
from itertools import chain
from typing import Any

from cloudscope.loaders import scanimage_optics
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.tiff_calibration import tag
from cloudscope.loaders.units import time_s

__all__ = ["describe"]

_LINE_PERIODS = (
    ("state.acq.msPerLine", "ms"),
    ("SI.hRoiManager.linePeriod", "s"),
    ("scanimage.SI4.scanLinePeriod", "s"),
    ("scanimage.SI.hRoiManager.linePeriod", "s"),
)
_FRAME_PERIODS = ("SI.hRoiManager.scanFramePeriod", "scanimage.SI.hRoiManager.scanFramePeriod")
_FRAME_RATES = (
    "state.acq.frameRate",
    "SI.hRoiManager.scanFrameRate",
    "scanimage.SI4.scanFrameRate",
    "scanimage.SI.hRoiManager.scanFrameRate",
)
_SAVED_CHANNELS = (
    "SI.hChannels.channelSave",
    "scanimage.SI4.channelsSave",
    "scanimage.SI.hChannels.channelSave",
)
_SLOW_AXIS = (
    "state.acq.scanAngleMultiplierSlow",
    "SI.hRoiManager.scanAngleMultiplierSlow",
    "scanimage.SI4.scanAngleMultiplierSlow",
)
_CORNER = re.compile(r"(-?[\d.]+(?:e-?\d+)?)[ ,]+(-?[\d.]+(?:e-?\d+)?)")
_FIELDS_OF_VIEW = ("SI.hRoiManager.imagingFovUm", "scanimage.SI.hRoiManager.imagingFovUm")


def describe(tif: Any, axes: str) -> FileFacts | None:
    """What ScanImage says, or ``None`` where it says nothing.

    A scan whose slow axis stands still is a line scan: its frames follow each other as lines.

    Parameters
    ----------
    tif : tifffile.TiffFile
    axes : str
        Axes as tifffile names them.
    """
    page = tif.pages[0]
    settings = _settings(f"{page.software}\n{page.description}")
    if not settings:
        return None
    frame = _frame_period(settings)
    channels = _channels(settings)
    lines = _is_line_scan(settings)
    new_axes, shape = _regrouped(axes, tif, channels)
    warnings = []
    line = _line_period(settings)
    if lines and line is not None and frame is not None and len(tif.pages) > len(channels or [1]):
        pause = frame.value - line.value * page.imagelength
        if pause > 0.005 * frame.value:
            warnings.append(
                f"the scan pauses {1e3 * pause:.3g} ms after every {page.imagelength} lines; "
                f"line times count as if it did not"
            )
    width = _pixel_width_um(settings, page.imagewidth)
    return FileFacts(
        format="ScanImage TIFF",
        axes=new_axes,
        shape=shape,
        scan="lines" if lines else "frames",
        x=width,
        line=line,
        time=frame,
        channel_names=tuple(f"channel {number}" for number in channels),
        bit_depth=_bits(settings),
        acquired_at=_clock(settings),
        bidirectional=scanimage_optics.bidirectional(settings),
        optics=scanimage_optics.optics(settings),
        raw=bounded_text(
            chain(
                ((f"ScanImage/{key}", value) for key, value in settings.items()),
                scanimage_optics.scanfield_texts(tag(page, 315)),
            )
        ),
        warnings=tuple(warnings),
    )


def _settings(text: str) -> dict[str, str]:
    """``key = value`` lines of both generations."""
    settings = {}
    for line in re.split(r"[\r\n]+", text):
        key, equals, value = line.partition("=")
        key = key.strip()
        if equals and re.fullmatch(r"[A-Za-z][\w.]*", key):
            settings[key] = value.strip()
    return settings


def _number(settings: dict[str, str], *keys: str) -> float | None:
    for key in keys:
        try:
            number = float(settings.get(key, ""))
        except ValueError:
            continue
        if math.isfinite(number):
            return number
    return None


def _line_period(settings: dict[str, str]) -> Step | None:
    for key, unit in _LINE_PERIODS:
        period = time_s(settings.get(key), unit)
        if period is not None:
            return Step(period, f"ScanImage {key}")
    return None


def _frame_period(settings: dict[str, str]) -> Step | None:
    for key in _FRAME_PERIODS:
        period = time_s(settings.get(key), "s")
        if period is not None:
            return Step(period, f"ScanImage {key}")
    for key in _FRAME_RATES:
        rate = _number(settings, key)
        if rate is not None and rate > 0:
            return Step(1 / rate, f"ScanImage {key}")
    return None


def _channels(settings: dict[str, str]) -> list[int]:
    """Numbers of the saved channels, counted from 1 as ScanImage does."""
    for key in _SAVED_CHANNELS:
        if key in settings:
            return [int(number) for number in re.findall(r"\d+", settings[key])]
    return [n for n in range(1, 9) if settings.get(f"state.acq.savingChannel{n}") == "1"]


def _is_line_scan(settings: dict[str, str]) -> bool:
    if settings.get("state.acq.linescan") == "1":
        return True
    return _number(settings, *_SLOW_AXIS) == 0


def _regrouped(
    axes: str, tif: Any, channels: list[int]
) -> tuple[str | None, tuple[int, ...] | None]:
    """Pages of several channels by channel, where tifffile leaves them in one row."""
    series = tif.series[0]
    shape = series.shape
    count = len(channels)
    if not axes.startswith("I") or "C" in axes or shape[0] % max(1, count):
        return None, None
    return "TC" + axes[1:], (shape[0] // max(1, count), max(1, count), *shape[1:])


def _pixel_width_um(settings: dict[str, str], columns: int) -> Step | None:
    """Width of the field of view over the pixels of a line, where its corners are given in µm."""
    for key in _FIELDS_OF_VIEW:
        corners = _CORNER.findall(settings.get(key, ""))
        if len(corners) != 4:
            continue
        xs = [float(x) for x, _ in corners]
        pixels = _number(settings, key.rpartition(".")[0] + ".pixelsPerLine")
        if pixels == columns and max(xs) > min(xs):
            return Step((max(xs) - min(xs)) / columns, f"ScanImage {key}")
    return None


def _bits(settings: dict[str, str]) -> int | None:
    bits = _number(settings, "state.acq.inputBitDepth")
    return int(bits) if bits is not None and 1 <= bits <= 64 and bits == int(bits) else None


def _clock(settings: dict[str, str]) -> str | None:
    epoch = re.findall(r"[\d.]+", settings.get("epoch", ""))
    try:
        if len(epoch) == 6:
            year, month, day, hour, minute = (int(float(part)) for part in epoch[:5])
            second = float(epoch[5])
            moment = datetime(year, month, day, hour, minute, int(second))
            moment = moment.replace(microsecond=int(second % 1 * 1e6))
        else:
            text = settings.get("state.internal.triggerTimeString", "").strip("'\"")
            if not text:
                return None
            moment = datetime.strptime(
                text, "%m/%d/%Y %H:%M:%S.%f" if "." in text else "%m/%d/%Y %H:%M:%S"
            )
    except ValueError:
        return None
    return moment.isoformat(timespec="milliseconds")
