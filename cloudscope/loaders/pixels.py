"""What a loader hands out for the pixels of one recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["KnowsItsMemory", "PixelSource", "ReadsParts", "bytes_to_decode", "part_of"]


class PixelSource(Protocol):
    """The pixels of one recording, read when asked for and never written.

    Attributes
    ----------
    lines, pixels : int
        Rows and columns of what `channel` returns.
    channels, frames : int
    """

    @property
    def lines(self) -> int:
        """Rows of a plane: lines in time for a line scan."""

    @property
    def pixels(self) -> int:
        """Columns of a plane."""

    @property
    def channels(self) -> int:
        """How many channels there are."""

    @property
    def frames(self) -> int:
        """How many frames there are (1 for a line scan)."""

    def channel(self, channel: int, frame: int = 0) -> NDArray[Any]:
        """One plane, read-only, shape (lines, pixels), in the machine's byte order.

        Raises
        ------
        UnknownNameError
            There is no such channel or frame.
        LoadError
            The file cannot be read (any more).
        """

    def close(self) -> None:
        """Forget what was read; the next `channel` reads again."""


@runtime_checkable
class ReadsParts(Protocol):
    """What a `PixelSource` has besides, that can read a part of a plane without the rest of it."""

    def part(
        self,
        channel: int,
        frame: int,
        row_start: int,
        row_stop: int,
        col_start: int,
        col_stop: int,
    ) -> NDArray[Any]:
        """Some rows and columns of what `PixelSource.channel` returns."""


@runtime_checkable
class KnowsItsMemory(Protocol):
    """What a `PixelSource` has besides, that knows what it takes to decode a part."""

    def bytes_to_decode(self, rows: int, columns: int) -> int:
        """Most memory that reading so many rows and columns takes; mapped pixels take none."""


def bytes_to_decode(source: PixelSource, bounds: tuple[int, int, int, int]) -> int:
    """Most memory that `part_of` takes, while it decodes and after.

    A source that does not know is taken to decode whole planes.
    """
    row_start, row_stop, col_start, col_stop = bounds
    if isinstance(source, KnowsItsMemory):
        return source.bytes_to_decode(row_stop - row_start, col_stop - col_start)
    return 2 * 8 * source.lines * source.pixels


def part_of(
    source: PixelSource, channel: int, frame: int, bounds: tuple[int, int, int, int]
) -> NDArray[Any]:
    """The pixels of a plane within ``(row_start, row_stop, col_start, col_stop)``, read-only."""
    if isinstance(source, ReadsParts):
        return source.part(channel, frame, *bounds)
    row_start, row_stop, col_start, col_stop = bounds
    return source.channel(channel, frame)[row_start:row_stop, col_start:col_stop]
