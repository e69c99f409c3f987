"""Headers of the recordings of a folder, kept between sessions so that it opens at once.

What is kept is never trusted for a number: pixels and fingerprints always come from the file, and
a header holds only as long as the name, size and time of the file, and of those that belong to it,
are what they were. The cache may be deleted at any time; one that cannot be understood is as good
as deleted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from cloudscope import loaders
from cloudscope.cache_folder import read_cached, write_cached
from cloudscope.errors import CloudscopeError, LoadError
from cloudscope.folder_listing import FoundFile
from cloudscope.metadata import ImageHeader
from cloudscope.optics import Optics
from cloudscope.read_later import ReadLater

__all__ = ["read_headers"]

_FORMAT = "1"
_REQUIRED: dict[str, Any] = {"format": "", "kind": "line_scan", "lines": 0, "pixels": 0}

_WORTH_KEEPING = 20
"""Files from which on a folder is kept: fewer are read as fast."""


def read_headers(
    folder: Path | None, files: Sequence[FoundFile]
) -> Iterator[tuple[FoundFile, ImageHeader | LoadError]]:
    """The header of each file, or why it cannot be read, in their order.

    Parameters
    ----------
    folder : Path or None
        The folder that was opened; ``None`` keeps nothing.
    files : sequence of FoundFile
    """
    keeping = folder is not None and len(files) >= _WORTH_KEEPING
    name = _name(folder) if folder is not None else ""
    kept = _kept(name) if keeping else {}
    fresh: dict[str, list[Any]] = {}
    learnt = False
    for file in files:
        key = str(file.path)
        entry = kept.get(key)
        header = _from_cache(file, entry)
        if header is not None and entry is not None:
            fresh[key] = entry
            yield file, header
            continue
        try:
            header = loaders.read_header(file.path)
        except LoadError as error:
            yield file, error
            continue
        if file.stamp:
            fresh[key] = [file.stamp, _plain(header)]
            learnt = True
        yield file, header
    if keeping and (learnt or len(fresh) < len(kept)):
        write_cached(name, _version(), fresh)


def _name(folder: Path) -> str:
    digest = hashlib.blake2b(os.fsencode(os.path.realpath(folder)), digest_size=16)
    return f"headers/{digest.hexdigest()}.json"


def _kept(name: str) -> dict[str, Any]:
    content = read_cached(name, _version())
    return content if isinstance(content, dict) else {}


@lru_cache(maxsize=1)
def _version() -> str:
    """Of what reads headers: another cloudscope or another loader may understand a file better."""
    digest = hashlib.blake2b(digest_size=8)
    package = Path(loaders.__file__).parent
    for path in sorted([*package.glob("*.py"), package.parent / "metadata.py"]):
        status = path.stat()
        digest.update(f"{path.name}:{status.st_size}:{status.st_mtime_ns}/".encode())
    return " ".join([_FORMAT, digest.hexdigest(), *loaders.loader_names()])


def _plain(header: ImageHeader) -> dict[str, Any]:
    """As JSON holds it, without what is the default and without the bulky raw text."""
    blank = _blank()
    values = header.to_dict() | {"raw": {}}
    return {key: value for key, value in values.items() if value != blank.get(key)}


@lru_cache(maxsize=1)
def _blank() -> dict[str, Any]:
    return ImageHeader(**_REQUIRED).to_dict()


def _from_cache(file: FoundFile, entry: Any) -> ImageHeader | None:
    if not file.stamp or not isinstance(entry, list) or len(entry) != 2 or entry[0] != file.stamp:
        return None
    kinds = _kinds()
    try:
        for key, value in entry[1].items():
            if not isinstance(value, kinds[key]):
                return None
        values = _REQUIRED | entry[1] | {"raw": ReadLater(_raw_of(file.path))}
        if "optics" in values:
            values["optics"] = Optics.from_dict(values["optics"])
        return ImageHeader(**values)
    except (CloudscopeError, TypeError, ValueError, AttributeError, KeyError):
        return None  # somebody wrote into it: as if there were nothing


@lru_cache(maxsize=1)
def _kinds() -> dict[str, Any]:
    """What each value may be, told by its default."""
    scalar = (bool, int, float, str)
    return {key: scalar if value is None else type(value) for key, value in _blank().items()}


def _raw_of(path: Path) -> Callable[[], Mapping[str, str]]:
    def read() -> Mapping[str, str]:
        try:
            return loaders.read_header(path).raw
        except LoadError as error:
            return {"not readable any more": error.reason}

    return read
