"""A bound of a ROI as people type it: in lines or pixels, or in s, ms and µm."""

from __future__ import annotations

import math
import re

from cloudscope.errors import RoiError
from cloudscope.metadata import ImageHeader

__all__ = ["bound_from_text"]

_NUMBER = re.compile(r"\s*([-+]?[\d.,]*\d[\d.,]*(?:e[-+]?\d+)?)\s*([^\d\s]*)\s*", re.IGNORECASE)
_TIME_S = {"s": 1.0, "ms": 1e-3, "min": 60.0}
_LENGTH_UM = {"µm": 1.0, "μm": 1.0, "um": 1.0, "nm": 1e-3, "mm": 1e3}


def bound_from_text(name: str, text: str, header: ImageHeader) -> int:
    """A bound in lines or pixels, from a number with or without a unit.

    Parameters
    ----------
    name : {"row_start", "row_stop", "col_start", "col_stop"}
    text : str
        For example ``"120"``, ``"0.5 s"``, ``"250 ms"``, ``"12.5 µm"``. A number with a unit
        goes to the nearest line or pixel.
    header : ImageHeader
        Gives the scales.

    Raises
    ------
    RoiError
        If it is no such number, or the scale that its unit needs is not known.

    Examples
    --------
    >>> header = ImageHeader(
    ...     format="array", kind="line_scan", lines=1000, pixels=64,
    ...     line_period_s=0.002, pixel_size_um=0.5,
    ... )
    >>> bound_from_text("row_start", "250 ms", header), bound_from_text("col_stop", "12", header)
    (125, 12)
    """
    row = name.startswith("row")
    match = _NUMBER.fullmatch(text)
    number = _number(match[1]) if match else math.nan
    unit = match[2].lower() if match else ""
    if math.isnan(number):
        wanted = "40, 0.5 s or 250 ms" if row else "12 or 6.5 µm"
        raise RoiError(f"{text!r} is no place of a ROI: type for example {wanted}")
    if unit in ("", "px", "pixels", "lines"):
        if number != round(number):
            raise RoiError(f"ROI {name}={number:g} is not a whole number")
        return round(number)
    units = _TIME_S if row else _LENGTH_UM
    if unit not in units:
        raise RoiError(f"{text!r}: the unit here is {'s or ms' if row else 'µm'}")
    scale = header.line_period_s if row else header.pixel_size_um
    if scale is None:
        lacks = "line period" if row else "pixel size"
        raise RoiError(
            f"{text!r} needs the {lacks}, which is not known: type a number without unit"
        )
    return round(number * units[unit] / scale)


def _number(text: str) -> float:
    """A number, its decimal sign a point or a comma."""
    plain = text.replace(",", "") if "." in text or text.count(",") > 1 else text.replace(",", ".")
    try:
        return float(plain)
    except ValueError:
        return math.nan
