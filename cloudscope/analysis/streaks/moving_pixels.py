"""The pixels as the velocity sees them: what does not move is taken off."""

from __future__ import annotations

from typing import Any

import numpy as np

from cloudscope.analysis.streaks.preparation import Preparation, prepare

__all__ = ["MovingLines", "moving_lines", "moving_pixels"]


class MovingLines:
    """Lines of a recording without what is static, made when they are asked for.

    Parameters
    ----------
    prepared : Preparation

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    first_column : int
        Column of the recording that the first one here is: lines scanned to and fro lose some.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, prepared: Preparation) -> None:
        self._lines, self._background = prepared.lines, prepared.background
        self.shape = (len(prepared.lines), prepared.lines.shape[1])
        self.first_column = getattr(prepared.lines, "columns", slice(0, None)).start

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: slice) -> np.ndarray:
        start, stop, step = rows.indices(len(self))
        if step != 1:
            raise IndexError("lines are made one after the other: take a slice without a step")
        return self._background.normalised(self._lines[start:stop], start)


def moving_lines(
    kymograph: Any,
    *,
    line_period_s: float | None = None,
    pixel_size_um: float | None = None,
    **parameters: Any,
) -> MovingLines:
    """As `moving_pixels`, without making all lines at once."""
    from cloudscope.analysis.parameters import declared_parameters, validate_parameters
    from cloudscope.analysis.radon_velocity import radon_velocity

    declared = declared_parameters(radon_velocity)
    values = validate_parameters(declared, parameters, owner="moving_pixels")
    if values["background"] != "moving":
        # without a running mean no scale plays a part in what is taken off
        line_period_s, pixel_size_um = line_period_s or 1.0, pixel_size_um or 1.0
    return MovingLines(
        prepare(
            kymograph,
            values,
            line_period_s=line_period_s,
            pixel_size_um=pixel_size_um or 1.0,
            checkpoint=lambda done: None,
        )
    )


def moving_pixels(
    kymograph: Any,
    *,
    line_period_s: float | None = None,
    pixel_size_um: float | None = None,
    **parameters: Any,
) -> np.ndarray:
    """A kymograph without its background, as `radon_velocity` measures it.

    Bleaching is divided out, the static pattern along the line is taken off, and each column has
    a variance of 1; dropped lines are 0. What is left is what moves, and noise.

    Parameters
    ----------
    kymograph : array_like, shape (lines, columns)
    line_period_s, pixel_size_um : float, optional
        Needed where the background runs along the recording (``background="moving"``).
    **parameters
        Of `radon_velocity`; `background`, `background_window_s`, `bleaching`, `bidirectional` and
        `bidirectional_offset_px` matter here.

    Returns
    -------
    ndarray of float32, shape (lines, columns)
        Fewer columns where odd lines were put back.

    Raises
    ------
    ParameterError, CalibrationError
        As `radon_velocity` does.

    Examples
    --------
    >>> shading = np.linspace(100, 400, 40)
    >>> noise = np.random.default_rng(1).normal(size=(500, 40))
    >>> moving = moving_pixels(shading + noise)
    >>> bool(np.abs(moving.mean(axis=0)).max() < 1e-3), round(float(moving.std()), 3)
    (True, 1.0)
    """
    return moving_lines(
        kymograph, line_period_s=line_period_s, pixel_size_um=pixel_size_um, **parameters
    )[:]
