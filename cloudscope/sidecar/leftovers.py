"""What a save that was cut short leaves behind: finished where it had come far enough, or swept."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudscope.errors import SidecarError
from cloudscope.sidecar.atomic import move, sync_folder
from cloudscope.sidecar.locking import folder_lock
from cloudscope.sidecar.names import (
    TRANSIENT_PREFIX,
    free_aside_path,
    is_analysis_name,
    pending_path,
    sidecar_path,
    source_tag,
    table_path,
)
from cloudscope.sidecar.parsing import SCHEMA, parse_json, schema_of
from cloudscope.sidecar.stored import digest_of, table_digest

__all__ = ["finish_if_cut_short", "finish_tables", "sweep", "waiting_tables"]

SWEEP_AFTER_S = 3600.0
"""Age from which a leftover cannot belong to a save that still runs."""


def waiting_tables(source_path: Path, raw: Mapping[str, Any]) -> dict[str, Path]:
    """Tables the JSON refers to that still stand under the name they were written to."""
    waiting = {}
    tables = raw.get("tables")
    for analysis in tables if isinstance(tables, dict) else ():
        expected = table_digest(raw, analysis)
        if expected is not None and is_analysis_name(analysis):
            pending = pending_path(source_path, analysis, expected)
            if os.path.lexists(pending):
                waiting[analysis] = pending
    return waiting


def finish_tables(source_path: Path, raw: Mapping[str, Any]) -> list[str]:
    """Put the waiting tables of a JSON that is in place under their names; call with the lock.

    Returns
    -------
    list of str
        What could not be done, or what stood in the way, a sentence each. Until it is done,
        loading reads the waiting table.
    """
    notes = []
    for analysis, pending in waiting_tables(source_path, raw).items():
        final = Path(os.path.realpath(table_path(source_path, analysis)))
        expected = (None, table_digest(raw, analysis), raw["tables"][analysis].get("replaces"))
        try:
            found = digest_of(final)
            if found not in expected:
                aside = free_aside_path(final, "kept")
                final.rename(aside)
                notes.append(
                    f"{final.name} was changed outside cloudscope, or is another program's: it "
                    f"was kept as {aside.name}"
                )
            elif found is not None:
                shutil.copymode(final, pending)
            move(pending, final)
            sync_folder(final.parent)
        except OSError as error:
            notes.append(
                f"{final.name} could not be put in place ({error.strerror or error}); its rows are "
                f"safe in {pending.name} and are put in place by the next load or save"
            )
    return notes


def finish_if_cut_short(source_path: Path, raw: Mapping[str, Any]) -> None:
    """Finish a save that was killed after its JSON was in place, unless one is running now."""
    if not waiting_tables(source_path, raw):
        return
    path = sidecar_path(source_path)
    try:
        with folder_lock(path, timeout_s=0):
            finish_tables(source_path, parse_json(path.read_bytes()))
    except (OSError, SidecarError):
        return  # somebody else is at it, or may not write: the waiting table is read as well


def sweep(folder: str | os.PathLike[str]) -> tuple[Path, ...]:
    """Remove what killed saves left in a folder more than an hour ago.

    A table that a JSON refers to is not a leftover: it is put in its place instead.

    Returns
    -------
    tuple of Path
        What was removed.

    Raises
    ------
    OSError
        If the folder cannot be read or a leftover not be removed.
    """
    born_before = time.time() - SWEEP_AFTER_S
    old: list[Path] = []
    names: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".json"):
                names.append(entry.name.removesuffix(".json"))
            elif (
                entry.name.startswith(TRANSIENT_PREFIX)
                and entry.is_file(follow_symlinks=False)
                and entry.stat(follow_symlinks=False).st_mtime < born_before
            ):
                old.append(Path(folder, entry.name))
    removed = []
    sources = {source_tag(name): Path(folder, name) for name in names} if old else {}
    for path in old:
        source = sources.get(path.name.removeprefix(TRANSIENT_PREFIX).partition("-")[0])
        if source is not None and _is_wanted(source, path):
            continue
        try:
            path.unlink()
        except FileNotFoundError:
            continue  # a table that has just been put in its place
        removed.append(path)
    return tuple(removed)


def _is_wanted(source_path: Path, pending: Path) -> bool:
    try:
        raw = parse_json(sidecar_path(source_path).read_bytes())
    except (OSError, SidecarError):
        return True  # who can say what an unreadable JSON refers to
    if schema_of(raw)[0] != SCHEMA[0]:
        return True
    wanted = pending in waiting_tables(source_path, raw).values()
    if wanted:
        finish_if_cut_short(source_path, raw)
    return wanted
