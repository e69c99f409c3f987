"""Names of the files cloudscope keeps next to a recording, and how to tell them from recordings."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from datetime import datetime
from pathlib import Path

from cloudscope.errors import SidecarError

__all__ = ["is_sidecar", "sidecar_path", "sidecar_source", "table_path"]

LOCK_NAME = ".cloudscope.lock"
"""One lock a folder: a lock file beside each of 10,000 recordings would never be tidied away."""

TRANSIENT_PREFIX = ".cloudscope-"
"""First letters of every file that lives only while a save runs."""

_ANALYSIS = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_IMAGE = re.compile(r"\.image-[0-9]+$")
_KEPT = re.compile(r"\.(json|csv)\.(unreadable|kept)-[0-9T-]+$")


def sidecar_source(path: str | os.PathLike[str], image_index: int = 0) -> Path:
    """What the sidecars of an image of a file are named after: the file, or file and number.

    The first image of a file keeps the file's own name, so that a file which gets more images
    keeps its sidecars. There never is a file of the name given here for another image.

    Examples
    --------
    >>> sidecar_source("recordings/scans.lif").name, sidecar_source("scans.lif", 2).name
    ('scans.lif', 'scans.lif.image-2')
    >>> sidecar_path(sidecar_source("scans.lif", 2)).name
    'scans.lif.image-2.json'
    """
    source = _path(path)
    return source if image_index == 0 else source.with_name(f"{source.name}.image-{image_index}")


def _path(path: str | os.PathLike[str]) -> Path:
    """As a path; one that is one already is not taken apart anew, ten thousand times."""
    return path if isinstance(path, Path) else Path(path)


def sidecar_path(source_path: str | os.PathLike[str]) -> Path:
    """Where the JSON of a recording stands.

    Examples
    --------
    >>> sidecar_path("recordings/my_file.tif").name
    'my_file.tif.json'
    """
    source = _path(source_path)
    return source.parent / (source.name + ".json")


def copy_path(source_path: Path) -> Path:
    """A recording that does not exist, next to `source_path`, to save a copy of its sidecar for."""
    image = _IMAGE.search(source_path.name)
    file = Path(source_path.name[: image.start()] if image else source_path.name)
    stamp = f"{file.stem}.copy-{datetime.now():%Y%m%dT%H%M%S}"
    ending = file.suffix + (image[0] if image else "")
    copy, count = source_path.with_name(stamp + ending), 1
    while os.path.lexists(sidecar_path(copy)) or os.path.lexists(copy):
        count += 1
        copy = source_path.with_name(f"{stamp}-{count}{ending}")
    return copy


def table_path(source_path: str | os.PathLike[str], analysis: str) -> Path:
    """Where the table of one analysis of a recording stands.

    Raises
    ------
    SidecarError
        If the name of the analysis cannot be part of a file name.

    Examples
    --------
    >>> table_path("recordings/my_file.tif", "radon_velocity").name
    'my_file.tif.radon_velocity.csv'
    """
    if not is_analysis_name(analysis):
        raise SidecarError(
            f"analysis {analysis!r} cannot be part of a file name: use letters, digits, _ and -"
        )
    source = _path(source_path)
    return source.parent / f"{source.name}.{analysis}.csv"


def is_analysis_name(text: str) -> bool:
    """Whether `text` may stand in a table's name."""
    return _ANALYSIS.fullmatch(text) is not None


def is_sidecar(path: str | os.PathLike[str]) -> bool:
    """Whether cloudscope wrote a file of this name, so that a folder's scan passes it by.

    Only the name counts: ``my_file.tif.json`` is one, ``settings.json`` is not, for nothing is
    left of it that could name a recording.

    Examples
    --------
    >>> [is_sidecar(n) for n in ("a.tif", "a.tif.json", "a.tif.diameter.csv", "trace.csv")]
    [False, True, True, False]
    """
    name = Path(path).name
    if name == LOCK_NAME or name.startswith(TRANSIENT_PREFIX):
        return True
    name = _KEPT.sub(r".\1", name)
    if name.endswith(".json"):
        source = name.removesuffix(".json")
    elif name.endswith(".csv"):
        source, _, analysis = name.removesuffix(".csv").rpartition(".")
        if not is_analysis_name(analysis):
            return False
    else:
        return False
    return bool(Path(source).suffix)


def digest(data: bytes) -> str:
    """blake2b-128 in hexadecimal: the fingerprint of every file and part of a file."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def source_tag(source_name: str) -> str:
    """What names a recording in a transient file, however long its own name is."""
    return digest(source_name.encode("utf-8", "surrogatepass"))[:12]


def pending_path(source_path: Path, analysis: str, table_digest: str) -> Path:
    """Where a table waits, complete, until the JSON that refers to it is in place."""
    final = Path(os.path.realpath(table_path(source_path, analysis)))
    tag = f"{source_tag(source_path.name)}-{digest(analysis.encode())[:8]}"
    return final.with_name(f"{TRANSIENT_PREFIX}{tag}-{table_digest}.pending")


def temporary_path(target: Path) -> Path:
    """A new name in the folder of `target` for bytes that are still being written."""
    return target.with_name(f"{TRANSIENT_PREFIX}{secrets.token_hex(8)}.tmp")


def free_aside_path(path: Path, why: str) -> Path:
    """A name beside `path` that no file has, for a file that must make room unharmed."""
    stamp = f"{path.name}.{why}-{datetime.now():%Y%m%dT%H%M%S}"
    aside, count = path.with_name(stamp), 1
    while os.path.lexists(aside):
        count += 1
        aside = path.with_name(f"{stamp}-{count}")
    return aside
