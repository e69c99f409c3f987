"""Numbers as people read them: as many digits as the data carry, and a true minus sign."""

from __future__ import annotations

import math

__all__ = ["counted", "measured_text", "number_text"]


def number_text(value: float | None, digits: int = 4) -> str:
    """A number in words for a screen: significant `digits`, thousands separated, true minus.

    Parameters
    ----------
    value : float or None
        ``None`` and NaN give a dash.
    digits : int
        Significant digits; whole numbers keep all of theirs.

    Examples
    --------
    >>> number_text(-1226.31), number_text(6.1249, 3), number_text(30000), number_text(None)
    ('−1,226', '6.12', '30,000', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if isinstance(value, int) or abs(value) >= 10.0 ** (digits - 1):
        text = f"{value:,.0f}"
    elif value == 0:
        text = "0"
    else:
        places = digits - 1 - math.floor(math.log10(abs(value)))
        text = f"{value:,.{places}f}"
    return _true_minus(text)


def _true_minus(text: str) -> str:
    # Rounding may leave a minus before nothing but zeros.
    if text.startswith("-") and not text.strip("-0.,"):
        text = text[1:]
    return text.replace("-", "−")


def counted(count: int, noun: str) -> str:
    """How many of something, `noun` being its plural in s.

    Examples
    --------
    >>> counted(1, "recordings"), counted(30000, "lines"), counted(0, "ROIs")
    ('1 recording', '30,000 lines', '0 ROIs')
    """
    return f"{count:,} {noun.removesuffix('s') if count == 1 else noun}"


def measured_text(value: float | None, sd: float | None = None, unit: str = "") -> str:
    """A value with its uncertainty and unit, both to the digit that the uncertainty supports.

    Examples
    --------
    >>> measured_text(-1214.37, 7.2, "µm/s"), measured_text(6.1234, 0.041, "µm")
    ('−1,214 ± 7 µm/s', '6.12 ± 0.04 µm')
    >>> measured_text(-1214.37, None, "µm/s"), measured_text(-0.2, 4.0)
    ('−1,214 µm/s', '0 ± 4')
    """
    tail = f" {unit}" if unit else ""
    known = value is not None and math.isfinite(value)
    if not known or sd is None or not math.isfinite(sd) or sd <= 0:
        return number_text(value) + (tail if known else "")
    assert value is not None
    places = max(-math.floor(math.log10(sd)), 0)
    return f"{_true_minus(f'{value:,.{places}f}')} ± {sd:,.{places}f}{tail}"
