"""Units as files spell them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from cloudscope.loaders.units import length_um, time_s


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (0.284, "um", 0.284),
        ("0.284", "µm", 0.284),
        (0.284, "\N{GREEK SMALL LETTER MU}m", 0.284),
        (284, "nm", 0.284),
        (2.84e-7, "m", 0.284),
        (0.000284, "mm", 0.284),
        (1, "Inch", 25400.0),
        (Fraction(1, 4), " micron\0", 0.25),
        (1, "pixel", None),
        (1, "", None),
        (0, "um", None),
        (-1, "um", None),
        (float("nan"), "um", None),
        (float("inf"), "um", None),
        (True, "um", None),
        (None, "um", None),
        ("wide", "um", None),
        (Fraction(10**400), "um", None),
    ],
)
def test_lengths(value: Any, unit: str, expected: float | None) -> None:
    found = length_um(value, unit)

    assert found == (expected and pytest.approx(expected, rel=1e-15))


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1.17, "ms", 0.00117),
        (Fraction(34020, 30000), "ms", 0.001134),
        ("63", "µs", 6.3e-05),
        (2, "min", 120.0),
        (0, "s", None),
        (1, "frames", None),
    ],
)
def test_times_are_the_nearest_number(value: Any, unit: str, expected: float | None) -> None:
    assert time_s(value, unit) == expected
