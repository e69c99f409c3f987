"""Planes of a file: mapped where it stores them plainly, else decoded when asked for and kept."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError, UnknownNameError
from cloudscope.loaders.axes import Layout
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.sizes import size_text
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LaidOutPixels", "Storage"]

_KEPT_BYTES = 1 << 28


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
                with one_error(self._path, "reading its pixels", self._decoder) as log:
                    plane = self._read(channel, frame)
                missing = next((line for line in log if "incomplete" in line), "")
                if missing:
                    raise LoadError(self._path, f"some of its pixels are missing ({missing[:120]})")
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
        if self._storage.offset is None:
            return self.channel(channel, frame)[row_start:row_stop, col_start:col_stop]
        self._refuse_unknown(channel, frame)
        with self._lock, one_error(self._path, "reading its pixels", self._decoder):
            stored = self._stored(channel, frame)
            plane = stored.T if self._transposed else stored
            part = self._native(plane[row_start:row_stop, col_start:col_stop])
        part.flags.writeable = False
        return part

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
        while len(self._kept) > 1 and sum(p.nbytes for p in self._kept.values()) > _KEPT_BYTES:
            self._kept.popitem(last=False)

    def _index(self, channel: int, frame: int) -> tuple[int | slice, ...]:
        """Index of the stored array that leaves the axes of one plane."""
        layout = self._layout
        index: list[int | slice] = [slice(None)] * len(layout.shape)
        for axes, number in ((layout.channel_axes, channel), (layout.frame_axes, frame)):
            for axis in reversed(axes):
                number, index[axis] = divmod(number, layout.shape[axis])
        return tuple(index)

    def _read(self, channel: int, frame: int) -> NDArray[Any]:
        """The plane as stored (rows, columns), read-only."""
        plane = self._native(self._stored(channel, frame))
        plane.flags.writeable = False
        return plane

    def _stored(self, channel: int, frame: int) -> NDArray[Any]:
        """The plane in the byte order of the file, mapped where that is possible."""
        import numpy as np

        index = self._index(channel, frame)
        self._refuse_changed()
        if self._storage.offset is not None:
            if self._mapped is None:
                self._mapped = np.memmap(
                    self._path,
                    np.dtype(self._storage.dtype),
                    "r",
                    self._storage.offset,
                    self._layout.shape,
                )
            plane = self._mapped[index]
        else:
            plane = self._decoded(index)
        return plane.reshape(self._layout.stored_rows, self._layout.stored_columns)

    def _native(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The same numbers in the byte order of the machine."""
        import numpy as np

        native = plane.dtype.newbyteorder("=")
        dtype = np.dtype(np.uint8) if native.kind == "b" else native
        if plane.dtype != dtype or not self._is_mapped(plane):
            # own memory in one piece: neither other channels nor a decoder's buffer stay alive
            plane = np.array(plane, dtype, order="C", subok=False)
        return plane

    @abstractmethod
    def _decoded(self, index: tuple[int | slice, ...]) -> NDArray[Any]:
        """This part of the stored array, decoded."""

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
