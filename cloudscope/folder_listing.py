"""Which files of a folder are recordings, found with one look at each folder."""

from __future__ import annotations

import os
import re
import stat
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cloudscope import loaders, sidecar
from cloudscope.folder_settings import FolderSettings

__all__ = ["FoundFile", "find_recordings", "natural_key", "relative_to", "stamp_of"]

_JUST_WRITTEN_NS = 2_000_000_000
"""A file changed this recently may change again without its time changing."""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A recording of a folder.

    Attributes
    ----------
    path : Path
    stamp : str
        Size and time of the file and of those that belong to it; another one where any of them
        was changed. ``""`` where it was written just now, and may still be.
    has_sidecar : bool
    """

    path: Path
    stamp: str
    has_sidecar: bool


def relative_to(folder: Path | None, path: Path) -> str:
    """`path` within `folder`, with forward slashes; whole where it lies elsewhere."""
    if folder is not None and path.is_relative_to(folder):
        return path.relative_to(folder).as_posix()
    return path.as_posix()


def natural_key(text: str) -> tuple[Any, ...]:
    """Sort key that puts ``2`` before ``10``."""
    parts = re.split(r"(\d+)", text.casefold())
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)


def find_recordings(
    folder: Path, recursive: bool, settings: FolderSettings
) -> tuple[FoundFile, ...]:
    """The recordings of a folder, in natural order of their paths.

    Hidden files and folders are left out, and what the settings of the folder exclude. A
    sub-folder that may not be read is passed by.
    """
    found: list[FoundFile] = []
    waiting = [(folder, "")]
    while waiting:
        here, prefix = waiting.pop()
        try:
            with os.scandir(here) as listing:
                entries = list(listing)
        except OSError:
            if here == folder:
                raise
            continue
        files, folders = _parted(entries)
        if recursive:
            planes = {f"{name}.files".lower() for name in files if name.lower().endswith(".oif")}
            waiting += [
                (here / name, f"{prefix}{name}/")
                for name in folders
                # the folder beside an .oif holds its planes, which are no recordings of their own
                if name.lower() not in planes and not settings.excludes(prefix + name)
            ]
        found += _in_folder(here, prefix, files, folders, settings)
    keys = {id(file): natural_key(str(file.path)) for file in found}
    return tuple(sorted(found, key=lambda file: keys[id(file)]))


Entries = dict[str, "os.DirEntry[str]"]


def _parted(entries: list[os.DirEntry[str]]) -> tuple[Entries, Entries]:
    files: Entries = {}
    folders: Entries = {}
    for entry in entries:
        if entry.name.startswith("."):
            continue
        try:
            is_folder = entry.is_dir()
            if is_folder and entry.is_symlink():
                continue  # it may lead in a circle, or out of what was opened
        except OSError:
            is_folder = False
        # a folder that is a recording, as with OME-Zarr, stands among the files
        lists = folders if is_folder and not loaders.is_folder_recording(entry.name) else files
        lists[entry.name] = entry
    return files, folders


def _in_folder(
    here: Path, prefix: str, files: Entries, folders: Entries, settings: FolderSettings
) -> list[FoundFile]:
    read, excluding = loaders.supported_suffixes(), bool(settings.exclude)
    names = [
        name
        for name in files
        if name.lower().endswith(read)
        and not (excluding and settings.excludes(prefix + name))
        and not sidecar.is_sidecar(name)
    ]
    beside: dict[str, list[str]] = defaultdict(list)
    for name in files:
        if not name.endswith((".json", ".csv")):
            beside[name.rpartition(".")[0]].append(name)
    now = time.time_ns()
    found = []
    for name in names:
        company = [other for other in beside[name.rpartition(".")[0]] if other != name]
        parts = [files[name], *(files[other] for other in sorted(company))]
        if f"{name}.files" in folders:
            parts.append(folders[f"{name}.files"])
        stamp = stamp_of(parts, now)
        found.append(FoundFile(here / name, stamp, f"{name}.json" in files))
    return found


def stamp_of(parts: list[os.DirEntry[str]], now_ns: int) -> str:
    """Names, sizes and times of files as one text; ``""`` where one was written just now."""
    texts: list[str] = []
    for entry in parts:
        try:
            status = entry.stat()
        except OSError:
            return ""
        if not texts and stat.S_ISDIR(status.st_mode):
            return ""  # a folder that is a recording: its time says nothing of what is in it
        if now_ns - status.st_mtime_ns < _JUST_WRITTEN_NS:
            return ""
        texts.append(f"{entry.name if texts else ''}:{status.st_size}:{status.st_mtime_ns}")
    return "/".join(texts)
