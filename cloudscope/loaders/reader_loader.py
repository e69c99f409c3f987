"""What loaders of vendor formats share: an optional reader decodes, the rules decide."""

from __future__ import annotations

import math
import re
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from cloudscope.errors import LoadError
from cloudscope.loaders.axes import Layout, NoPlane, lay_out
from cloudscope.loaders.facts import FileFacts, Step
from cloudscope.loaders.images import ImageEntry
from cloudscope.loaders.laid_out_pixels import Index, LaidOutPixels, Storage
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.sizes import problem_with_size
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ReaderLoader", "Stored", "or_warn", "unique_axes"]

_T = TypeVar("_T")
_WHOLE_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """The array of a file and what its metadata says.

    Attributes
    ----------
    axes, shape : str, tuple of int
        One letter an axis, as `FileFacts` has them.
    dtype : str
        NumPy type with byte order.
    facts : FileFacts
    offset : int or None
        First byte of the array where it lies in the file uncompressed and in one piece.
    line_time : Step or None
        The scanner's own line time, for line scans whose metadata gives their lines no other.
    image : int
        Which image of the file this is, counted from 0.
    image_names : tuple of str
        Of all images of the file, no name twice.
    pieces : tuple of int or None
        Shape of what is decoded at once, where the reader decodes one piece without the others.
    """

    axes: str
    shape: tuple[int, ...]
    dtype: str
    facts: FileFacts
    offset: int | None = None
    line_time: Step | None = None
    image: int = 0
    image_names: tuple[str, ...] = ("",)
    pieces: tuple[int, ...] | None = None


class ReaderLoader(ABC):
    """A `Loader` on top of a package that may be absent and is imported when first needed.

    A vendor's class says which package that is, describes a file with `_stored`, and reads a part
    of its pixels with `_part`.

    Attributes
    ----------
    reader, least : str
        The package and its lowest version.
    extra : str
        Of cloudscope, installs the reader.
    python : tuple of int
        Lowest Python of the reader.
    reads_whole : bool
        Whether the reader decodes all planes to give one: then they are kept, up to 256 MB.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    reader: ClassVar[str]
    least: ClassVar[str]
    extra: ClassVar[str]
    python: ClassVar[tuple[int, int]] = (3, 11)
    reads_whole: ClassVar[bool] = False

    @abstractmethod
    def recognises(self, path: Path) -> bool:
        """Whether the content of the file is of this kind (from its first bytes)."""

    @abstractmethod
    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        """Describe an image of the file, of the loader's choice where `image` is ``None``.

        Whatever else than `LoadError` is raised counts as damage.
        """

    @abstractmethod
    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        """Pixels at these places along these axes; the other axes in stored order.

        A place is a number; where `Stored.pieces` are given, it may be a slice, too.
        """

    def read_header(self, path: Path) -> ImageHeader:
        """What the file says, without reading pixels."""
        return self._header(path, None)

    def read_image_header(self, path: Path, image: int) -> ImageHeader:
        """What the file says of one of its images."""
        return self._header(path, image)

    def list_images(self, path: Path) -> tuple[ImageEntry, ...]:
        """The images of the file."""
        reader = self.needed_reader(path)
        with one_error(path, "reading its structure", self.reader):
            names = self._image_names(reader, path)
        return tuple(ImageEntry(index, name) for index, name in enumerate(names))

    def _image_names(self, reader: Any, path: Path) -> tuple[str, ...]:
        """Names of the images, as `Stored` has them."""
        return ("",)

    def _header(self, path: Path, image: int | None) -> ImageHeader:
        from cloudscope.loaders.header import header

        stored, layout = self._examine(path, image)
        facts = stored.facts
        if facts.line is None and facts.time is None and layout.kind == "line_scan":
            facts = replace(facts, line=stored.line_time)
        return header(layout, facts, stored.dtype, None).replace(
            image_index=stored.image,
            image_count=len(stored.image_names),
            image_name=stored.image_names[stored.image],
        )

    def open_pixels(self, path: Path, header: ImageHeader) -> LaidOutPixels:
        """Pixels with `header.time_axis` as rows."""
        stored, layout = self._examine(path, header.image_index)
        pixels = _ReaderPixels(self, path, layout, stored, header)
        pixels.refuse_other(header)
        return pixels

    def _bytes_of(self, path: Path) -> int:
        """Bytes of the file, which those of its pixels are held against."""
        return path.stat().st_size

    def needed_reader(self, path: Path) -> Any:
        """The module of the reader; raises `LoadError` that says how to install it."""
        kind = path.suffix.lower()
        install = f"pip install 'cloudscope[{self.extra}]'"
        if sys.version_info < self.python:
            floor, here = (f"{v[0]}.{v[1]}" for v in (self.python, sys.version_info))
            raise LoadError(
                path,
                f"reading {kind} needs Python {floor} or newer (this is {here}) and there the "
                f"reader {self.reader}: {install}",
            )
        try:
            module = import_module(self.reader)
        except ImportError as error:
            raise LoadError(
                path, f"reading {kind} needs the reader {self.reader}: {install}"
            ) from error
        found = str(module.__version__)
        if _numbers(found) < _numbers(self.least):
            raise LoadError(
                path,
                f"reading {kind} needs the reader {self.reader} {self.least} or newer, and "
                f"{found} is installed: {install}",
            )
        return module

    def _examine(self, path: Path, image: int | None) -> tuple[Stored, Layout]:
        import numpy as np

        reader = self.needed_reader(path)
        with one_error(path, "reading its structure", self.reader) as log:
            stored = self._stored(reader, path, image)
        dtype = np.dtype(stored.dtype)
        if dtype.kind not in "uifb":
            raise LoadError(path, f"its pixels are of type {dtype}, which is no intensity")
        if 0 in stored.shape:
            raise LoadError(path, "its image has no pixels")
        nbytes = math.prod(stored.shape) * dtype.itemsize
        problem = problem_with_size(nbytes, self._bytes_of(path), stored.offset)
        if problem:
            raise LoadError(path, problem)
        if any("truncated" in line for line in log):
            raise LoadError(path, "the file is cut short")
        warnings = (*stored.facts.warnings, *(line[:200] for line in log[:3]))
        stored = replace(stored, facts=replace(stored.facts, warnings=warnings))
        try:
            return stored, lay_out(stored.axes, stored.shape, stored.facts)
        except NoPlane as error:
            raise LoadError(path, str(error)) from error


class _ReaderPixels(LaidOutPixels):
    """Planes that an optional reader decodes one at a time."""

    def __init__(
        self,
        loader: ReaderLoader,
        path: Path,
        layout: Layout,
        stored: Stored,
        header: ImageHeader,
    ) -> None:
        import numpy as np

        storage = Storage(stored.dtype, stored.offset, path.stat().st_size if path.is_file() else 0)
        transposed = header.time_axis == "columns"
        super().__init__(path, layout, storage, transposed=transposed, decoder=loader.reader)
        self._loader = loader
        self._image = stored.image
        self._pieces = dict(zip(stored.axes, stored.pieces, strict=True)) if stored.pieces else {}
        nbytes = math.prod(layout.shape) * np.dtype(stored.dtype).itemsize
        self._keeps_whole = loader.reads_whole and nbytes <= _WHOLE_BYTES
        self._whole: NDArray[Any] | None = None

    def _decoded(self, indices: Iterable[Index]) -> Iterator[NDArray[Any]]:
        for index in indices:
            if not self._keeps_whole:
                yield self._part(index)
                continue
            if self._whole is None:
                self._whole = self._part((slice(None),) * len(index))
            yield self._whole[index]

    def _rows_at_once(self) -> int:
        layout, pieces = self._layout, self._pieces
        axis = next((axis for axis in layout.rows if layout.shape[axis] > 1), layout.rows[0])
        each = layout.stored_rows // layout.shape[axis]
        piece = pieces.get(layout.axes[axis], layout.shape[axis])
        return min(piece * each, layout.stored_rows)

    def _part(self, index: Index) -> NDArray[Any]:
        layout = self._layout
        pairs = list(zip(layout.axes, layout.shape, index, strict=True))
        selection = {axis: place for axis, _, place in pairs if place != slice(None)}
        shape = tuple(
            len(range(size)[place]) for _, size, place in pairs if isinstance(place, slice)
        )
        reader = self._loader.needed_reader(self._path)
        part = self._loader._part(reader, self._path, self._image, selection)
        if part.size != math.prod(shape):
            raise LoadError(self._path, f"its image is {part.shape} and should be {shape}")
        return part.reshape(shape)

    def close(self) -> None:
        """Forget what was read; the next `channel` reads again."""
        super().close()
        self._whole = None


def or_warn(read: Callable[[], _T], otherwise: _T, what: str, warnings: list[str]) -> _T:
    """What `read` gives; where the file is damaged there, `otherwise` and one more warning.

    Examples
    --------
    >>> warnings = []
    >>> or_warn(lambda: int("x"), 0, "zoom", warnings), len(warnings)
    (0, 1)
    """
    try:
        return read()
    # pixels are worth having without their metadata, as long as somebody is told
    except Exception as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        warnings.append(f"its {what} cannot be understood and is not used ({reason})")
        return otherwise


def unique_axes(names: tuple[str, ...]) -> str:
    """One letter an axis, where a reader has longer names or the same letter twice.

    Examples
    --------
    >>> unique_axes(("T", "C", "C1", "Y", "X"))
    'TCLYX'
    """
    letters = ""
    for name in names:
        letter = name[:1].upper()
        # neither I nor Q, which stand for pages without a name
        spare = (other for other in "LMNPRUVWABDEFGHJKO" if other not in letters)
        known = letter.isascii() and letter.isalpha() and letter not in letters
        letters += letter if known else next(spare)
    return letters


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
