"""The physical scales an analysis needs, refused in one sentence where they are not known."""

from __future__ import annotations

import math

from cloudscope.errors import CalibrationError, ParameterError

__all__ = ["needed_scale"]

_WORDS = {"line_period_s": "line period", "pixel_size_um": "pixel size"}


def needed_scale(analysis: str, name: str, value: float | None) -> float:
    """A scale as a number, for an analysis that cannot do without it.

    Parameters
    ----------
    analysis : str
        Name of the analysis, for the message.
    name : {"line_period_s", "pixel_size_um"}
    value : float or None

    Raises
    ------
    CalibrationError
        If it is ``None``; says how to set it.
    ParameterError
        If it is no positive number.

    Examples
    --------
    >>> needed_scale("radon_velocity", "line_period_s", 0.001)
    0.001
    """
    if value is None:
        raise CalibrationError(
            f"{analysis} needs the {_WORDS[name]} ({name}): the file does not give it; "
            f"set it with image.set_calibration({name}=...)"
        )
    number = math.nan
    if not isinstance(value, (bool, str)):
        number = float(value)
    if not (math.isfinite(number) and number > 0):
        raise ParameterError(f"{name}={value!r} is not allowed: give a positive number")
    return number
