"""What the velocity sees, for the viewer: pixels without their background, made when looked at."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.streaks.moving_pixels import MovingLines, moving_lines
from cloudscope.errors import CloudscopeError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.veil import hide_names
from cloudscope.widgets.background_run import BackgroundRun
from cloudscope.widgets.image_tiles import PlaneStatistics, TilePyramid, plane_statistics

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import RoiBounds

__all__ = ["MovingPicture", "MovingPlane"]

ANALYSIS = "radon_velocity"
_AT_ONCE_PIXELS = 2_000_000  # as long as a frame or two; more is worked out beside the loop
_SAMPLE_PARTS = 16
_SAMPLE_PIXELS = 400_000


class MovingPlane:
    """Moving lines of a ROI at their place in the recording; outside of it pixels are NaN.

    Slices of it are made when they are asked for, as a `TilePyramid` does.

    Parameters
    ----------
    lines : MovingLines
        Of the ROI.
    bounds : tuple of int
        row_start, row_stop, col_start, col_stop of the ROI.
    shape : tuple of int
        Of the recording.
    """

    dtype = np.dtype(np.float32)

    def __init__(self, lines: MovingLines, bounds: RoiBounds, shape: tuple[int, int]) -> None:
        self.shape, self.lines = shape, lines
        self._top, self._left = bounds[0], bounds[2] + lines.first_column

    def __getitem__(self, place: tuple[slice, slice]) -> np.ndarray:
        (top, bottom, _), (left, right, _) = (
            part.indices(size) for part, size in zip(place, self.shape, strict=True)
        )
        out = np.full((bottom - top, right - left), np.nan, np.float32)
        rows, cols = self.lines.shape
        r0, r1 = max(top, self._top), min(bottom, self._top + rows)
        c0, c1 = max(left, self._left), min(right, self._left + cols)
        if r1 > r0 and c1 > c0:
            made = self.lines[r0 - self._top : r1 - self._top]
            out[r0 - top : r1 - top, c0 - left : c1 - left] = made[
                :, c0 - self._left : c1 - self._left
            ]
        return out


@dataclass(frozen=True, eq=False)
class Wish:
    """Of which pixels the background is to be taken off, and how."""

    image: AcqImage
    channel: int
    bounds: RoiBounds
    parameters: dict[str, Any]

    @classmethod
    def of(cls, image: AcqImage, channel: int, roi_id: int | None) -> Wish:
        """As the velocity there was measured, else as it would be."""
        bounds = image.line_scan_bounds(channel, roi_id or WHOLE_RECORDING)
        result = image.result(ANALYSIS, channel, roi_id or WHOLE_RECORDING)
        parameters = {} if result is None else dict(result.parameters)
        known = {p.name for p in get_analysis(ANALYSIS).parameters}
        return cls(image, channel, bounds, {k: v for k, v in parameters.items() if k in known})

    @property
    def name(self) -> Hashable:
        """Equal for wishes that the same pixels fulfil."""
        scales = (self.image.header.line_period_s, self.image.header.pixel_size_um)
        return ("moving", self.channel, self.bounds, scales, repr(sorted(self.parameters.items())))

    @property
    def size(self) -> int:
        """Pixels to go through."""
        row_start, row_stop, col_start, col_stop = self.bounds
        return (row_stop - row_start) * (col_stop - col_start)

    def fulfilled(self) -> tuple[TilePyramid, PlaneStatistics]:
        """The pixels, and their range; raises `CloudscopeError` if they cannot be had."""
        header = self.image.header
        row_start, row_stop, col_start, col_stop = self.bounds
        pixels = self.image.frame(self.channel)[row_start:row_stop, col_start:col_stop]
        lines = moving_lines(
            pixels,
            line_period_s=header.line_period_s,
            pixel_size_um=header.pixel_size_um,
            **self.parameters,
        )
        plane = MovingPlane(lines, self.bounds, (header.lines, header.pixels))
        return TilePyramid(plane), plane_statistics(_sample(lines))


def _sample(lines: MovingLines) -> np.ndarray:
    """Some of the lines, from evenly spread stretches."""
    count, width = lines.shape
    each = max(1, _SAMPLE_PIXELS // (_SAMPLE_PARTS * width))
    if count <= each * _SAMPLE_PARTS:
        return lines[:]
    starts = np.linspace(0, count - each, _SAMPLE_PARTS).astype(int)
    return np.concatenate([lines[start : start + each] for start in starts])


class MovingPicture:
    """Keeps the last moving pixels, and works out others off the loop where that takes long.

    Parameters
    ----------
    ready : callable
        Called with the name of a wish, and with its pixels and their range, or a sentence that
        says why there are none.
    """

    def __init__(
        self, ready: Callable[[Hashable, tuple[TilePyramid, PlaneStatistics] | str], None]
    ) -> None:
        self._ready = ready
        self._run = BackgroundRun()
        self._kept: tuple[Hashable, tuple[TilePyramid, PlaneStatistics]] | None = None
        self._wish: Wish | None = None

    def clear(self) -> None:
        """Forget the pixels; what is being worked out is not shown."""
        self._kept = self._wish = None

    def ask(self, wish: Wish) -> None:
        """Have the pixels of a wish; only the last one asked for counts."""
        self._wish = wish
        if self._kept is not None and self._kept[0] == wish.name:
            self._ready(wish.name, self._kept[1])
        elif wish.size <= _AT_ONCE_PIXELS:
            try:
                self._take(wish, wish.fulfilled())
            except CloudscopeError as error:
                self._take(wish, hide_names(str(error)))
        elif not self._run.running:
            self._run.start(
                "Background",
                lambda job: wish.fulfilled(),
                on_done=lambda found: self._take(wish, found),
                on_failed=lambda error: self._take(wish, hide_names(str(error))),
            )

    def _take(self, wish: Wish, found: tuple[TilePyramid, PlaneStatistics] | str) -> None:
        if not isinstance(found, str):
            self._kept = (wish.name, found)
        if self._wish is None:
            return
        if self._wish.name == wish.name:
            self._ready(wish.name, found)
        else:
            self.ask(self._wish)
