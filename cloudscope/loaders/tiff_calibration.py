"""Pixel size from a TIFF's resolution tags, told apart from printing resolutions."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.units import length_um

__all__ = ["clock_text", "describe", "full_bits", "resolution_um", "tag", "tag_texts"]

# a dot of a printer or a screen is larger than this, a pixel of a microscope is not
_LARGEST_PIXEL_UM = 20.0
_SMALLEST_PIXEL_UM = 0.005
_UNITS = {2: "inch", 3: "cm"}


def tag(page: Any, code: int) -> Any:
    """Value of a tag of a page, or ``None``."""
    found = page.tags.get(code)
    return None if found is None else found.value


def per_unit(page: Any, code: int) -> float | None:
    """A resolution tag (282 along columns, 283 along rows) as a number."""
    value = tag(page, code)
    try:
        numerator, denominator = value
        return float(numerator) / float(denominator)
    except (TypeError, ValueError, ZeroDivisionError):
        return None


def resolution_um(page: Any, code: int) -> float | None:
    """Pixel size of the resolution tag, where it can be that of a microscope.

    Resolutions of screens and printers (72 dpi and the like) and exactly 10000 per cm (1 µm, what
    software writes that knows nothing) are no calibration.
    """
    density = per_unit(page, code)
    if not density:
        return None
    size = length_um(1 / density, _UNITS.get(int(tag(page, 296) or 1), ""))
    if size is None or abs(size - 1) < 1e-6:
        return None
    return size if _SMALLEST_PIXEL_UM <= size <= _LARGEST_PIXEL_UM else None


def full_bits(largest: object) -> int | None:
    """Bits of a detector whose largest value is this.

    Examples
    --------
    >>> full_bits(4095), full_bits(4096.0), full_bits(1974)
    (12, 12, None)
    """
    if not isinstance(largest, int | float) or not 1 <= largest <= 2**32:
        return None
    value = int(largest)
    for bits in range(1, 33):
        if value in (2**bits - 1, 2**bits):
            # 255 and 256 both mean 8 bits, 2 means 1 bit and never 2
            return bits
    return None


def clock_text(page: Any) -> str | None:
    """The tag DateTime as ISO 8601."""
    value = tag(page, 306)
    if not isinstance(value, str):
        return None
    match = re.fullmatch(r"(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d):(\d\d):(\d\d).*", value.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second).isoformat()
    except ValueError:
        return None


def tag_texts(page: Any) -> dict[str, object]:
    """Every short tag of a page by name, and the long text ones."""
    texts: dict[str, object] = {}
    for entry in page.tags:
        value = entry.value
        if isinstance(value, bytes | list) or hasattr(value, "shape"):
            continue
        if isinstance(value, tuple) and len(value) > 8:
            continue
        if isinstance(value, dict):
            continue
        texts[f"TIFF/{entry.name}"] = getattr(value, "name", value)
    return texts


def describe(tif: Any, image: int = 0) -> FileFacts:
    """What a TIFF without any known dialect says of one of its images."""
    page = tif.series[image].keyframe if image else tif.pages[0]
    x, y = resolution_um(page, 282), resolution_um(page, 283)
    return FileFacts(
        format="BigTIFF" if tif.is_bigtiff else "TIFF",
        x=None if x is None else Step(x, "TIFF tag XResolution"),
        y=None if y is None else Step(y, "TIFF tag YResolution"),
        bit_depth=full_bits(tag(page, 281)),
        acquired_at=clock_text(page),
        raw=bounded_text(tag_texts(page).items()),
    )
