"""What a table shows of the recordings of a folder, kept between sessions so that it fills at once.

A row that was kept is shown, never computed with: numbers come from the sidecar, which is read as
soon as anything of the recording is asked for. It holds only as long as the sidecar and its tables
have the size, time and inode they had, and the header, the settings of the folder and cloudscope
itself are what they were. The cache may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.cache_folder import read_cached, write_cached
from cloudscope.metadata import ImageHeader
from cloudscope.recording_columns import recording_row

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage
    from cloudscope.acq_image_list import AcqImageList

__all__ = ["KeptRow", "KeptRows"]

_FORMAT = "1"
_WORTH_KEEPING = 20
"""Recordings from which on rows are kept: fewer are read as fast."""
_JUST_WRITTEN_NS = 2_000_000_000
"""A file changed this recently may change again without its time changing."""

Stamp = list[Any]


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row, the ids of the ROIs of its recording, and whether it was kept from before."""

    row: Mapping[str, Any]
    roi_ids: tuple[int, ...]
    from_before: bool


class KeptRows:
    """The rows of the recordings of a folder, those that still hold without reading a sidecar.

    Parameters
    ----------
    folder : AcqImageList
    """

    def __init__(self, folder: AcqImageList) -> None:
        self._folder = folder
        self._keeping = (
            folder.folder is not None
            and len(folder.images) >= _WORTH_KEEPING
            and folder.blinding is None
        )
        self._name = _name(folder.folder) if folder.folder is not None else ""
        self._version = _version(folder) if self._keeping else ""
        content = read_cached(self._name, self._version) if self._keeping else None
        self._kept: dict[str, Any] = content if isinstance(content, dict) else {}
        self._fresh: dict[str, Any] = {}
        self._learnt = False

    def rows(self) -> Iterator[KeptRow]:
        """The row of each recording, as `recording_row` has it for the first ROI."""
        for image in self._folder.images:
            yield self._row(image)
        if self._keeping and (self._learnt or len(self._fresh) < len(self._kept)):
            write_cached(self._name, self._version, self._fresh)

    def _row(self, image: AcqImage) -> KeptRow:
        relative = self._folder.relative_path(image)
        if not (self._keeping and image.unread) or image.blinded or image.blind_code:
            return _made(image, relative)
        key = f"{relative}#{image.image_index}"
        entry, header = self._kept.get(key), _header_text(image.file_header)
        known = _from_cache(entry, header)
        if known is not None:
            self._fresh[key] = entry
            return known
        # before reading: what is written meanwhile must not pass for what was read
        before = [_stamp(path) for path in _sidecars(image)]
        made = _made(image, relative)
        after = [_stamp(path) for path in _sidecars(image)]
        files = [*before, *(one for one in after if one[0] not in {was[0] for was in before})]
        now = time.time_ns()
        if before == after[: len(before)] and all(now - f[2] > _JUST_WRITTEN_NS for f in files):
            self._learnt = True
            self._fresh[key] = {
                "files": files, "header": header, "rois": made.roi_ids, "row": made.row,
            }  # fmt: skip
        return made


def _made(image: AcqImage, relative: str) -> KeptRow:
    row = recording_row(image, relative)
    return KeptRow(row, tuple(roi.roi_id for roi in image.rois), from_before=False)


def _sidecars(image: AcqImage) -> list[str]:
    """The files that the row follows from: of a recording not yet read, without its tables."""
    found = [str(path) for path in image.sidecar_places]
    if not image.unread and image.sidecar_path is not None:
        base = str(image.sidecar_path).removesuffix(".json")
        found += [f"{base}.{name}.csv" for name in sorted({key[0] for key in image.results})]
    return found


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)  # noqa: PTH116 (a Path for each of 20,000 takes longer than to look)
    except OSError:
        return [path, -1, 0, 0]
    return [path, status.st_size, status.st_mtime_ns, status.st_ino]


def _header_text(header: ImageHeader) -> str:
    """What the file says, but for the bulk of its text."""
    return "|".join([str(getattr(header, name)) for name in _header_names()])


@lru_cache(maxsize=1)
def _header_names() -> tuple[str, ...]:
    return tuple(f.name for f in fields(ImageHeader) if f.name not in ("raw", "optics"))


def _from_cache(entry: Any, header: str) -> KeptRow | None:
    """What was kept, if nobody wrote into it and header and sidecars are what they were."""
    if not isinstance(entry, dict) or entry.get("header") != header:
        return None
    files, rois, row = entry.get("files"), entry.get("rois"), entry.get("row")
    if not (isinstance(files, list) and isinstance(rois, list) and isinstance(row, dict)):
        return None
    if not files or not all(isinstance(one, list) and len(one) == 4 for one in files):
        return None
    plain = all(isinstance(value, _PLAIN) for value in row.values())
    if not plain or not all(type(roi_id) is int for roi_id in rois):
        return None
    if not all(isinstance(one[0], str) and _stamp(one[0]) == one for one in files):
        return None
    return KeptRow(row, tuple(rois), from_before=True)


_PLAIN = (str, int, float, bool, type(None))


def _name(folder: Path) -> str:
    digest = hashlib.blake2b(os.fsencode(os.path.realpath(folder)), digest_size=16)
    return f"rows/{digest.hexdigest()}.json"


def _version(folder: AcqImageList) -> str:
    """Of all that a row follows from besides its files."""
    from cloudscope.analysis.registry import analysis_names

    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr(folder.settings).encode("utf-8", "surrogatepass"))
    return " ".join([_FORMAT, _program(), digest.hexdigest(), *analysis_names()])


@lru_cache(maxsize=1)
def _program() -> str:
    """Another cloudscope may read a sidecar, or judge a result, in another way."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(__file__).parent
    for path in sorted(package.rglob("*.py")):
        status = path.stat()
        digest.update(f"{path.name}:{status.st_size}:{status.st_mtime_ns}/".encode())
    return digest.hexdigest()
