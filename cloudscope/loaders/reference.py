"""The frame on which a scan line was drawn, and the line: where in the tissue a recording is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cloudscope.errors import ParameterError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ReferenceImage", "ScanLine"]

ScanLine = tuple[tuple[float, float], ...]
"""Points (x, y) along the line in the order they were scanned: x counts columns, y rows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ReferenceImage:
    """A frame of the tissue, and where the line of the recording runs in it.

    Attributes
    ----------
    pixels : ndarray, shape (channels, rows, columns)
        Read-only.
    pixel_size_um : float or None
        From column to column and from row to row; ``None`` where the file does not say.
    scan_line : tuple of (float, float)
        The line as points (x, y) in pixels of the frame, from the first pixel of a line of the
        recording to the last; ``()`` where the file has the frame but not the line.
    channel_names : tuple of str
        As many as there are channels, or none.
    source : str
        Where in the file they stand, for people.

    Examples
    --------
    >>> import numpy as np
    >>> frame = ReferenceImage(
    ...     pixels=np.zeros((1, 64, 64)),
    ...     pixel_size_um=0.5,
    ...     scan_line=((10, 20), (13, 24)),
    ...     source="example",
    ... )
    >>> frame.rows, frame.columns, frame.scan_line_length_um
    (64, 64, 2.5)
    """

    pixels: NDArray[Any] = field(repr=False)
    pixel_size_um: float | None = None
    scan_line: ScanLine = ()
    channel_names: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        import numpy as np

        pixels = np.asarray(self.pixels)
        if pixels.ndim == 2:
            pixels = pixels[np.newaxis]
        if pixels.ndim != 3 or 0 in pixels.shape:
            raise ParameterError(
                f"a reference image of shape {pixels.shape} is not allowed: give "
                "(channels, rows, columns)"
            )
        pixels = pixels.view()
        pixels.flags.writeable = False
        points = tuple((float(x), float(y)) for x, y in self.scan_line)
        if not all(math.isfinite(number) for point in points for number in point):
            raise ParameterError(f"a scan line through {points} is not allowed: give finite points")
        names = tuple(self.channel_names)
        object.__setattr__(self, "pixels", pixels)
        object.__setattr__(self, "scan_line", points if len(points) > 1 else ())
        object.__setattr__(self, "channel_names", names if len(names) == len(pixels) else ())

    @property
    def channels(self) -> int:
        """How many channels the frame has."""
        return int(self.pixels.shape[0])

    @property
    def rows(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[1])

    @property
    def columns(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[2])

    @property
    def scan_line_length_um(self) -> float | None:
        """Length of the line, to be compared with the width of the recording."""
        if not self.scan_line or self.pixel_size_um is None:
            return None
        return self.pixel_size_um * sum(math.dist(a, b) for a, b in pairwise(self.scan_line))
