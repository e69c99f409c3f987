"""Units of length and time as microscope files spell them."""

from __future__ import annotations

import math
from fractions import Fraction

__all__ = ["length_um", "time_s"]

_LENGTH_UM = {
    "m": Fraction(10**6),
    "cm": Fraction(10**4),
    "mm": Fraction(10**3),
    "um": Fraction(1),
    "µm": Fraction(1),  # micro sign
    "\N{GREEK SMALL LETTER MU}m": Fraction(1),
    "micron": Fraction(1),
    "microns": Fraction(1),
    "micrometer": Fraction(1),
    "micrometre": Fraction(1),
    "nm": Fraction(1, 10**3),
    "pm": Fraction(1, 10**6),
    "å": Fraction(1, 10**4),
    "in": Fraction(25_400),
    "inch": Fraction(25_400),
}
_TIME_S = {
    "h": Fraction(3600),
    "min": Fraction(60),
    "s": Fraction(1),
    "sec": Fraction(1),
    "second": Fraction(1),
    "seconds": Fraction(1),
    "ms": Fraction(1, 10**3),
    "msec": Fraction(1, 10**3),
    "millisecond": Fraction(1, 10**3),
    "milliseconds": Fraction(1, 10**3),
    "us": Fraction(1, 10**6),
    "usec": Fraction(1, 10**6),
    "µs": Fraction(1, 10**6),
    "\N{GREEK SMALL LETTER MU}s": Fraction(1, 10**6),
    "ns": Fraction(1, 10**9),
}


def length_um(value: object, unit: str) -> float | None:
    """`value` in µm, or ``None`` where it is no positive length.

    Examples
    --------
    >>> length_um(284, "nm"), length_um("1.0", "pixel"), length_um(0, "um")
    (0.284, None, None)
    """
    return _scaled(value, _LENGTH_UM.get(_plain(unit)))


def time_s(value: object, unit: str) -> float | None:
    """`value` in seconds, or ``None`` where it is no positive time.

    Examples
    --------
    >>> time_s(1.5, "ms"), time_s(0, "s"), time_s(float("nan"), "s")
    (0.0015, None, None)
    """
    return _scaled(value, _TIME_S.get(_plain(unit)))


def _plain(unit: str) -> str:
    # ImageJ writes the micro sign as a Java escape
    return unit.replace("\\u00B5", "µ").replace("\\u00b5", "µ").strip().rstrip("\0").lower()


def _scaled(value: object, factor: Fraction | None) -> float | None:
    if factor is None or isinstance(value, bool):
        return None
    try:
        # exact until the end: 34020 ms over 30000 lines is 0.001134 s and not its neighbour
        exact = value if isinstance(value, Fraction) else Fraction(float(value))  # type: ignore[arg-type]
        number = float(exact * factor)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None
