"""Planes of a file: mapped where it stores them plainly, else decoded when asked for and kept.

What is decoded stays in memory up to a size; beyond, it is decoded in stretches of rows onto the
disk and mapped from there, so that the memory it takes does not grow with the file.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError, UnknownNameError
from cloudscope.loaders.axes import Layout
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.scratch import kept_on_disk
from cloudscope.loaders.sizes import size_text
from cloudscope.loaders.stopping import unless_stopped
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LaidOutPixels", "Storage"]

_KEPT_BYTES = 1 << 28
_MOST_IN_MEMORY = 1 << 27
"""Bytes of decoded pixels from which on they are put on the disk."""

_STRETCH_BYTES = 1 << 24
"""Bytes decoded at once where they are not kept in memory."""

_MOST_ON_DISK = 4
"""Planes kept there at once."""

Index = tuple["int | slice", ...]


@dataclass(frozen=True, slots=True)
class Storage:
    """Where the stored array lies in the file.

    Attributes
    ----------
    dtype : str
        NumPy type with byte order.
    offset : int or None
        First byte of the array where it lies in one uncompressed piece.
    file_bytes : int
    """

    dtype: str
    offset: int | None
    file_bytes: int


class LaidOutPixels(ABC):
    """`PixelSource` of a file whose axes are known; safe to use from several threads.

    Parameters
    ----------
    path : Path
    layout : Layout
    storage : Storage
    transposed : bool
        Whether stored columns are handed out as rows.
    decoder : str
        The package that decodes.
    """

    def __init__(
        self,
        path: Path,
        layout: Layout,
        storage: Storage,
        *,
        transposed: bool,
        decoder: str = "tifffile",
    ) -> None:
        self._path = path
        self._layout = layout
        self._storage = storage
        self._transposed = transposed
        self._decoder = decoder
        self._lock = threading.Lock()
        self._mapped: NDArray[Any] | None = None
        self._kept: OrderedDict[tuple[int, int], NDArray[Any]] = OrderedDict()

    @property
    def lines(self) -> int:
        """Rows of a plane."""
        return self._layout.stored_columns if self._transposed else self._layout.stored_rows

    @property
    def pixels(self) -> int:
        """Columns of a plane."""
        return self._layout.stored_rows if self._transposed else self._layout.stored_columns

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return self._layout.channels

    @property
    def frames(self) -> int:
        """How many frames there are."""
        return self._layout.frames

    def channel(self, channel: int, frame: int = 0) -> NDArray[Any]:
        """One plane, read-only, shape (lines, pixels), in the machine's byte order.

        Raises
        ------
        UnknownNameError
            There is no such channel or frame.
        LoadError
            The file changed or is damaged.
        """
        self._refuse_unknown(channel, frame)
        with self._lock:
            plane = self._kept.get((channel, frame))
            if plane is None:
                with self._reading():
                    plane = self._rows(channel, frame, 0, self._layout.stored_rows)
                if not self._is_mapped(plane):
                    self._keep((channel, frame), plane)
            else:
                self._kept.move_to_end((channel, frame))
        return plane.T if self._transposed else plane

    def part(
        self,
        channel: int,
        frame: int,
        row_start: int,
        row_stop: int,
        col_start: int,
        col_stop: int,
    ) -> NDArray[Any]:
        """Some rows and columns of what `channel` returns; of a mapped file only they are read.

        Raises
        ------
        UnknownNameError
            There is no such channel or frame.
        LoadError
            The file changed or is damaged.
        """
        self._refuse_unknown(channel, frame)
        bounds = (row_start, row_stop, col_start, col_stop)
        if self._transposed:
            bounds = (*bounds[2:], *bounds[:2])
        stored_start, stored_stop, *columns = bounds
        with self._lock:
            kept = self._kept.get((channel, frame))
        if kept is not None:
            part = kept[stored_start:stored_stop, columns[0] : columns[1]]
        elif self._storage.offset is None and not self._worth_a_part(stored_stop - stored_start):
            return self.channel(channel, frame)[row_start:row_stop, col_start:col_stop]
        else:
            with self._lock, self._reading():
                part = self._rows(channel, frame, stored_start, stored_stop, slice(*columns))
        return part.T if self._transposed else part

    def bytes_to_decode(self, rows: int, columns: int) -> int:
        """Most memory that `part` takes for so many rows and columns; mapped pixels take none."""
        if self._storage.offset is not None:
            copied = 0 if self._as_stored else rows * columns * self._item_bytes
            return min(copied, _MOST_IN_MEMORY)
        if self._transposed:
            rows, columns = columns, rows
        if not self._worth_a_part(rows):
            rows = self._layout.stored_rows
        row_bytes = self._layout.stored_columns * self._item_bytes
        at_once = min(max(_STRETCH_BYTES, self._rows_at_once() * row_bytes), rows * row_bytes)
        return min(rows * row_bytes, _MOST_IN_MEMORY) + 3 * at_once

    @property
    def _as_stored(self) -> bool:
        """Whether the machine reads the numbers as they stand in the file."""
        import numpy as np

        dtype = np.dtype(self._storage.dtype)
        return dtype.kind != "b" and dtype.isnative

    @property
    def _item_bytes(self) -> int:
        import numpy as np

        return np.dtype(self._storage.dtype).itemsize

    def _worth_a_part(self, rows: int) -> bool:
        """Whether to decode some rows alone, instead of all to keep them."""
        whole = self._layout.stored_rows
        small = whole * self._layout.stored_columns * self._item_bytes <= _STRETCH_BYTES
        return not small and 2 * rows <= whole and self._rows_at_once() < whole

    def _rows_at_once(self) -> int:
        """Stored rows that have to be decoded together."""
        return self._layout.stored_rows

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Whatever goes wrong is a `LoadError`, and so are pixels that a decoder leaves out."""
        with one_error(self._path, "reading its pixels", self._decoder) as log:
            yield
        missing = next((line for line in log if "incomplete" in line), "")
        if missing:
            raise LoadError(self._path, f"some of its pixels are missing ({missing[:120]})")

    def _refuse_unknown(self, channel: int, frame: int) -> None:
        for name, value, count in (
            ("channel", channel, self.channels),
            ("frame", frame, self.frames),
        ):
            if isinstance(value, bool) or not 0 <= value < count:
                have = f"{count} {name}s, 0 to {count - 1}" if count > 1 else f"one {name}, 0"
                raise UnknownNameError(f"{self._path.name} has no {name} {value!r}; it has {have}")

    def refuse_other(self, header: ImageHeader) -> None:
        """Raise `LoadError` where these are not the pixels of `header`."""
        found = (self.lines, self.pixels, self.channels, self.frames)
        expected = (header.lines, header.pixels, header.channels, header.frames)
        if found != expected:
            raise LoadError(
                self._path,
                "its pixels are not those of the header: lines, pixels, channels and frames are "
                f"{found}, not {expected}; read the file again",
            )

    def close(self) -> None:
        """Forget what was read; the next `channel` reads again."""
        with self._lock:
            self._mapped = None
            self._kept.clear()

    def _is_mapped(self, plane: NDArray[Any]) -> bool:
        import numpy as np

        return self._mapped is not None and np.may_share_memory(plane, self._mapped)

    def _keep(self, key: tuple[int, int], plane: NDArray[Any]) -> None:
        self._kept[key] = plane
        while len(self._kept) > 1 and self._too_many():
            self._kept.popitem(last=False)

    def _too_many(self) -> bool:
        sizes = [plane.nbytes for plane in self._kept.values()]
        in_memory = [size for size in sizes if size <= _MOST_IN_MEMORY]
        return sum(in_memory) > _KEPT_BYTES or len(sizes) - len(in_memory) > _MOST_ON_DISK

    def _index(self, channel: int, frame: int) -> list[int | slice]:
        """Index of the stored array that leaves the axes of one plane."""
        layout = self._layout
        index: list[int | slice] = [slice(None)] * len(layout.shape)
        for axes, number in ((layout.channel_axes, channel), (layout.frame_axes, frame)):
            for axis in reversed(axes):
                number, index[axis] = divmod(number, layout.shape[axis])
        return index

    def _rows(
        self, channel: int, frame: int, start: int, stop: int, columns: slice = slice(None)
    ) -> NDArray[Any]:
        """Rows of a plane as stored, in the byte order of the machine, read-only."""
        import numpy as np

        stored = np.dtype(self._storage.dtype)
        dtype = np.dtype(np.uint8) if stored.kind == "b" else stored.newbyteorder("=")
        self._refuse_changed()
        if self._storage.offset is not None:
            plane = self._mapped_plane(channel, frame)[start:stop, columns]
            if plane.dtype == dtype:
                plane.flags.writeable = False
                return plane
            shape, blocks = plane.shape, _cut(plane, _STRETCH_BYTES)
        else:
            width = len(range(*columns.indices(self._layout.stored_columns)))
            shape = (stop - start, width)
            decoded = self._decoded_rows(channel, frame, start, stop)
            blocks = (block[:, columns] for block in decoded)
        blocks = unless_stopped(blocks)
        if shape[0] * shape[1] * dtype.itemsize > _MOST_IN_MEMORY:
            return kept_on_disk(self._path, blocks, shape, dtype)
        # own memory in one piece: neither other channels nor a decoder's buffer stay alive
        rows = np.empty(shape, dtype)
        done = 0
        for block in blocks:
            rows[done : done + len(block)] = block
            done += len(block)
        rows.flags.writeable = False
        return rows

    def _mapped_plane(self, channel: int, frame: int) -> NDArray[Any]:
        """A plane in the byte order of the file."""
        import numpy as np

        if self._mapped is None:
            self._mapped = np.memmap(
                self._path,
                np.dtype(self._storage.dtype),
                "r",
                self._storage.offset or 0,
                self._layout.shape,
            )
        plane = self._mapped[tuple(self._index(channel, frame))]
        return plane.reshape(self._layout.stored_rows, self._layout.stored_columns)

    def _decoded_rows(
        self, channel: int, frame: int, start: int, stop: int
    ) -> Iterator[NDArray[Any]]:
        """Rows of a plane, a stretch at a time; a stretch ends where pieces of the file do."""
        layout = self._layout
        index = self._index(channel, frame)
        grain, whole = self._rows_at_once(), layout.stored_rows
        row_bytes = layout.stored_columns * self._item_bytes
        step = max(1, _STRETCH_BYTES // (grain * row_bytes)) * grain
        if grain >= whole or (stop - start == whole and whole * row_bytes <= _MOST_IN_MEMORY):
            block = next(iter(self._decoded([tuple(index)])))
            yield block.reshape(whole, layout.stored_columns)[start:stop]
            return
        axis = next((axis for axis in layout.rows if layout.shape[axis] > 1), layout.rows[0])
        each = whole // layout.shape[axis]  # rows for one step along the outermost axis of rows
        ends = [*range(start // step * step + step, stop, step), stop]
        begins = [start, *ends[:-1]]
        spans = [(a // each, -(-b // each)) for a, b in zip(begins, ends, strict=True)]
        indices = [(*index[:axis], slice(*span), *index[axis + 1 :]) for span in spans]
        blocks = self._decoded(indices)
        for a, b, (first, _), block in zip(begins, ends, spans, blocks, strict=True):
            rows = block.reshape(-1, layout.stored_columns)
            yield rows[a - first * each : b - first * each]

    @abstractmethod
    def _decoded(self, indices: Iterable[Index]) -> Iterator[NDArray[Any]]:
        """These parts of the stored array, decoded one after the other.

        An index has a number for an axis that is left out, and a slice for one that is not: of
        ``slice(None)`` all but for one axis at most.
        """

    def _refuse_changed(self) -> None:
        try:
            size = self._path.stat().st_size
        except FileNotFoundError as error:
            raise LoadError(self._path, "there is no such file (any more)") from error
        if size < self._storage.file_bytes:
            raise LoadError(
                self._path,
                f"the file became shorter since it was opened: {size_text(size)} "
                f"of {size_text(self._storage.file_bytes)} are there; open it again",
            )


def _cut(plane: NDArray[Any], nbytes: int) -> Iterator[NDArray[Any]]:
    """A plane in stretches of rows."""
    step = max(1, nbytes // max(1, plane[:1].nbytes))
    for start in range(0, len(plane), step):
        yield plane[start : start + step]
