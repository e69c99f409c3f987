"""NumPy ``.npy``, and ``.npz`` that names its scales."""

from __future__ import annotations

import math
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from cloudscope.errors import LoadError
from cloudscope.loaders.facts import FileFacts, Step, bounded_text
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.reader_loader import ReaderLoader, Stored, or_warn
from cloudscope.loaders.reference import ReferenceImage
from cloudscope.loaders.sizes import cut_short, problem_with_size
from cloudscope.loaders.units import length_um, time_s
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["NumpyLoader"]

_UNNAMED = {2: "YX", 3: "IYX", 4: "IQYX"}
_SMALL_BYTES = 100_000
_REFERENCE = "reference.npy"


class NumpyLoader(ReaderLoader):
    """Reads an array of NumPy's own formats, never a pickle.

    An ``.npz`` holds the array and may hold, beside it, ``line_period_s``, ``frame_period_s``,
    ``pixel_size_um``, ``row_size_um``, ``axes`` (for example ``"CTX"``) and ``channel_names``; and
    ``reference``, a frame of (rows, columns) or (channels, rows, columns), with ``scan_line``, its
    points as (x, y), and ``reference_pixel_size_um``.
    """

    name = "numpy"
    title = "NumPy array"
    suffixes: tuple[str, ...] = (".npy", ".npz")
    reader = "numpy"
    least = "2.0"
    extra = "formats"
    reads_whole = True

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as one of NumPy's does."""
        with path.open("rb") as file:
            start = file.read(6)
        return start == b"\x93NUMPY" or (path.suffix.lower() == ".npz" and start[:2] == b"PK")

    def _stored(self, reader: Any, path: Path, image: int | None) -> Stored:
        if path.suffix.lower() != ".npz":
            with path.open("rb") as file:
                shape, in_columns, dtype = _shape(reader, path, file)
                begin = file.tell()
            # a mapped array is held against the size of the file by whoever maps it
            if in_columns:
                needed = begin + math.prod(shape) * reader.dtype(dtype).itemsize
                size = path.stat().st_size
                if needed > size and not problem_with_size(needed, size):
                    raise LoadError(path, cut_short(needed, size))
            axes = _axes(path, "", shape)
            return Stored(
                axes=axes,
                shape=shape,
                dtype=dtype,
                facts=FileFacts(format="NPY"),
                offset=None if in_columns else begin,
                pieces=(1,) * len(shape),
            )
        with zipfile.ZipFile(path) as archive:
            name = _image(path, archive)
            with archive.open(name) as member:
                shape, _, dtype = _shape(reader, path, member)
            warnings: list[str] = []
            small = {
                other.filename.removesuffix(".npy"): or_warn(
                    lambda other=other: _value(reader, archive, other.filename),  # type: ignore[misc]
                    None,
                    f"value {other.filename!r}",
                    warnings,
                )
                for other in archive.infolist()
                if other.filename != name and other.file_size <= _SMALL_BYTES
            }
        names = small.get("channel_names")
        return Stored(
            axes=_axes(path, str(small.get("axes") or ""), shape),
            shape=shape,
            dtype=dtype,
            facts=FileFacts(
                format="NPZ",
                x=_step(small, "pixel_size_um"),
                y=_step(small, "row_size_um"),
                line=_step(small, "line_period_s"),
                time=_step(small, "frame_period_s"),
                channel_names=tuple(str(n) for n in names) if isinstance(names, list) else (),
                raw=bounded_text((f"NPZ/{key}", value) for key, value in small.items()),
                warnings=tuple(warnings),
            ),
        )

    def read_reference(self, path: Path, header: ImageHeader) -> ReferenceImage | None:
        """The frame that the archive names ``reference``, and the line on it."""
        if path.suffix.lower() != ".npz":
            return None
        reader = self.needed_reader(path)
        with (
            one_error(path, "reading its reference image", self.reader),
            zipfile.ZipFile(path) as archive,
        ):
            members = {member.filename: member.file_size for member in archive.infolist()}
            size = members.get(_REFERENCE)
            if size is None:
                return None
            problem = problem_with_size(size, path.stat().st_size)
            if problem:
                raise LoadError(path, problem)
            with archive.open(_REFERENCE) as member:
                pixels = reader.lib.format.read_array(member, allow_pickle=False)
            told = {
                name: _value(reader, archive, f"{name}.npy")
                for name in ("scan_line", "reference_pixel_size_um")
                if members.get(f"{name}.npy", _SMALL_BYTES + 1) <= _SMALL_BYTES
            }
            return ReferenceImage(
                pixels=pixels,
                pixel_size_um=length_um(told.get("reference_pixel_size_um"), "um"),
                scan_line=tuple((x, y) for x, y in told.get("scan_line", ())),
                source="NPZ reference",
            )

    def _part(
        self, reader: Any, path: Path, image: int, selection: Mapping[str, Any]
    ) -> NDArray[Any]:
        if path.suffix.lower() == ".npz":
            with zipfile.ZipFile(path) as archive, archive.open(_image(path, archive)) as member:
                array = reader.lib.format.read_array(member, allow_pickle=False)
            axes = self._stored(reader, path, image).axes
        else:
            array = reader.load(path, mmap_mode="r", allow_pickle=False)
            axes = _axes(path, "", array.shape)
        part: NDArray[Any] = array[tuple(selection.get(axis, slice(None)) for axis in axes)]
        return part


def _shape(numpy: Any, path: Path, file: BinaryIO | Any) -> tuple[tuple[int, ...], bool, str]:
    """Shape, whether columns are stored first, and type; the file is left where pixels begin."""
    version = numpy.lib.format.read_magic(file)
    read = numpy.lib.format.read_array_header_1_0
    if version != (1, 0):
        read = numpy.lib.format.read_array_header_2_0
    shape, in_columns, dtype = read(file)
    if dtype.hasobject or dtype.kind not in "uifb":
        raise LoadError(path, f"it holds values of type {dtype}, which are no intensities")
    return tuple(shape), bool(in_columns), dtype.str


def _axes(path: Path, named: str, shape: tuple[int, ...]) -> str:
    axes = named.upper() or _UNNAMED.get(len(shape), "")
    if len(axes) != len(shape) or len(set(axes)) != len(axes) or not axes.isalpha():
        raise LoadError(
            path, f"it holds an array of shape {shape} with axes {named!r}: give one letter an axis"
        )
    return axes


def _image(path: Path, archive: zipfile.ZipFile) -> str:
    """The member that is the image: by name, else the largest."""
    members = {m.filename: m.file_size for m in archive.infolist() if m.filename.endswith(".npy")}
    members.pop(_REFERENCE, None)
    if not members:
        raise LoadError(path, "it holds no arrays")
    named = [f"{name}.npy" for name in ("kymograph", "image") if f"{name}.npy" in members]
    return named[0] if named else max(members, key=lambda name: members[name])


def _value(numpy: Any, archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as member:
        return numpy.lib.format.read_array(member, allow_pickle=False).tolist()


def _step(values: Mapping[str, Any], key: str) -> Step | None:
    convert, unit = (time_s, "s") if key.endswith("_s") else (length_um, "um")
    value = convert(values.get(key), unit)
    return None if value is None else Step(value, f"NPZ {key}")
