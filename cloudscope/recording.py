"""Where the pixels of a recording come from: a file read lazily, or an array in memory."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from cloudscope.errors import CloudscopeError, UnknownNameError
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.loaders.pixels import PixelSource

__all__ = ["ArrayRecording", "FileRecording", "Recording"]


class Recording(Protocol):
    """Planes of a recording by channel and frame, rows = time, read-only."""

    def plane(self, header: ImageHeader, channel: int, frame: int) -> np.ndarray:
        """One plane of ``(lines, pixels)`` as `header` orients it."""

    def part(
        self, header: ImageHeader, channel: int, frame: int, bounds: tuple[int, int, int, int]
    ) -> np.ndarray:
        """A plane within ``(row_start, row_stop, col_start, col_stop)``, without the rest of it."""

    def release(self) -> None:
        """Give memory back; the next `plane` reads again."""

    def fingerprint(self) -> str | None:
        """Fingerprint of the source once its pixels have been read; else ``None``."""


def check_plane(header: ImageHeader, channel: int, frame: int, name: str) -> None:
    """Raise `UnknownNameError` if there is no such channel or frame."""
    if not 0 <= channel < header.channels:
        raise UnknownNameError(
            f"{name} has no channel {channel}; it has {header.channels}, counted from 0"
        )
    if not 0 <= frame < header.frames:
        raise UnknownNameError(
            f"{name} has no frame {frame}; it has {header.frames}, counted from 0"
        )


class FileRecording:
    """Pixels of a file, opened when the first plane is asked for.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()  # a worker thread measures while the viewer reads
        self._source: PixelSource | None = None
        self._oriented: str | None = None
        self._planes: dict[tuple[int, int], np.ndarray] = {}
        self._fingerprint: str | None = None

    def plane(self, header: ImageHeader, channel: int, frame: int) -> np.ndarray:
        """One plane of ``(lines, pixels)``; raises `LoadError` if the file cannot be read."""
        check_plane(header, channel, frame, self.path.name)
        with self._lock:
            source = self._opened(header)
            if (channel, frame) not in self._planes:
                if header.frames > 1:
                    self._planes.clear()  # frames are looked at one by one: keep one
                plane = source.channel(channel, frame)
                plane.flags.writeable = False
                self._planes[channel, frame] = plane
            return self._planes[channel, frame]

    def part(
        self, header: ImageHeader, channel: int, frame: int, bounds: tuple[int, int, int, int]
    ) -> np.ndarray:
        """A part of a plane; of a file that can be mapped, only what it needs is read."""
        from cloudscope import loaders

        check_plane(header, channel, frame, self.path.name)
        with self._lock:
            source = self._opened(header)
            known = self._planes.get((channel, frame))
            if known is None:
                return loaders.part_of(source, channel, frame, bounds)
        row_start, row_stop, col_start, col_stop = bounds
        return known[row_start:row_stop, col_start:col_stop]

    def _opened(self, header: ImageHeader) -> PixelSource:
        from cloudscope import loaders
        from cloudscope.loaders.fingerprint import fingerprint

        if self._source is None or self._oriented != header.time_axis:
            self._planes.clear()
            self._source = loaders.open_pixels(self.path, header)
            self._oriented = header.time_axis
            self._fingerprint = fingerprint(self.path)
        return self._source

    def release(self) -> None:
        """Close the file and drop its planes."""
        with self._lock:
            self._planes.clear()
            self._source = None

    def fingerprint(self) -> str | None:
        """Fingerprint of the file as it was when its pixels were opened."""
        return self._fingerprint


class ArrayRecording:
    """Pixels given as an array.

    Parameters
    ----------
    array : ndarray, shape (channels, lines, pixels)
    name : str
    """

    def __init__(self, array: np.ndarray, name: str) -> None:
        self._array = array
        self._name = name

    def plane(self, header: ImageHeader, channel: int, frame: int) -> np.ndarray:
        """One plane of ``(lines, pixels)``."""
        check_plane(header, channel, frame, self._name)
        plane: np.ndarray = self._array[channel]
        return plane.T if header.time_axis == "columns" else plane

    def part(
        self, header: ImageHeader, channel: int, frame: int, bounds: tuple[int, int, int, int]
    ) -> np.ndarray:
        """A part of a plane."""
        row_start, row_stop, col_start, col_stop = bounds
        return self.plane(header, channel, frame)[row_start:row_stop, col_start:col_stop]

    def release(self) -> None:
        """Nothing to give back: the array is all there is."""

    def fingerprint(self) -> str | None:
        """An array has none."""
        return None


def array_recording(
    array: Any,
    *,
    name: str,
    line_period_s: float | None,
    pixel_size_um: float | None,
    channel_names: tuple[str, ...],
) -> tuple[ArrayRecording, ImageHeader]:
    """An in-memory recording and its header, from ``(lines, pixels)`` or with channels first.

    Raises
    ------
    CloudscopeError
        If the array has another number of dimensions, is empty, or holds no real numbers.
    """
    import numpy as np

    stack = np.array(array)  # a copy: nobody else may change what was measured
    if stack.ndim == 2:
        stack = stack[np.newaxis]
    if stack.ndim != 3 or stack.size == 0 or stack.dtype.kind not in "buif":
        raise CloudscopeError(
            f"an array of shape {np.shape(array)} and type {stack.dtype} is no recording: give "
            "numbers as (lines, pixels) or (channels, lines, pixels)"
        )
    stack.flags.writeable = False
    header = ImageHeader(
        format="array",
        kind="line_scan",
        lines=stack.shape[1],
        pixels=stack.shape[2],
        channels=stack.shape[0],
        dtype=str(stack.dtype),
        line_period_s=line_period_s,
        pixel_size_um=pixel_size_um,
        line_period_source="argument" if line_period_s is not None else "",
        pixel_size_source="argument" if pixel_size_um is not None else "",
        time_axis_source="argument",
        channel_names=channel_names,
    )
    return ArrayRecording(stack, name), header
