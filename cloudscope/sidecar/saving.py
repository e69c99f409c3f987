"""Saving a sidecar: at every instant the folder holds the old state or the new one, complete.

1. Under the folder's lock, the JSON is compared with what was loaded.
2. New tables are written under names of their own, and made durable.
3. The JSON is replaced in one step: with it the new state holds. It names every table by digest.
4. The new tables take the place of the old ones. Whoever loads in between, or after a crash, finds
   them by their digest under the name of step 2 and finishes this step.
"""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from cloudscope.errors import SidecarConflict, SidecarError
from cloudscope.sidecar.atomic import replace_file, sync_folder
from cloudscope.sidecar.document import SidecarContents, SidecarDocument
from cloudscope.sidecar.leftovers import finish_tables
from cloudscope.sidecar.loading import document_of
from cloudscope.sidecar.locking import folder_lock
from cloudscope.sidecar.merging import merged, stamped
from cloudscope.sidecar.names import (
    LOCK_NAME,
    TRANSIENT_PREFIX,
    copy_path,
    digest,
    free_aside_path,
    pending_path,
    sidecar_path,
    table_path,
)
from cloudscope.sidecar.parsing import parse_json
from cloudscope.sidecar.stored import digest_of
from cloudscope.sidecar.tables import TablePlan, keep_dropped_numbers, plan_tables

__all__ = ["save", "save_copy", "set_aside"]


def save(
    source_path: str | os.PathLike[str], contents: SidecarContents, base: SidecarDocument
) -> SidecarDocument:
    """Write what is known of a recording next to it, unless somebody else did so meanwhile.

    Parameters
    ----------
    source_path : path
        The recording; it is never written to.
    contents : SidecarContents
    base : SidecarDocument
        What `load`, or the last `save`, returned.

    Returns
    -------
    SidecarDocument
        The base of the next save, with `contents` as given. Its `problems` say what went wrong
        after the new state was safe, for example that a table is open in a spreadsheet.

    Raises
    ------
    SidecarConflict
        If the sidecar on disk is no longer `base`.
    SidecarError
        If it cannot be written: the old state is untouched and no temporary file is left.
    """
    source = Path(source_path).absolute()
    path = sidecar_path(source)
    if base.read_only_reason is not None:
        raise SidecarError(f"not saved: {base.read_only_reason}")
    try:
        with folder_lock(path):
            return _save(source, path, contents, base)
    except OSError as error:
        raise SidecarError(_refusal(path, error)) from error


def _refusal(path: Path, error: OSError) -> str:
    where = Path(error.filename).name if isinstance(error.filename, str) else ""
    if where == LOCK_NAME or where.startswith(TRANSIENT_PREFIX):
        where = "its folder"  # the name of a file that was never made helps nobody
    detail = f"{error.strerror or error}" + (f": {where}" if where and where != path.name else "")
    hint = "make the folder writable or free some space, then save again"
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = (
            "make the folder writable and save again, or open it with results_folder=… (on the "
            "command line --results FOLDER), which keeps sidecars elsewhere"
        )
    return f"{path}: not saved, and nothing on disk was changed ({detail}); {hint}"


def _save(
    source: Path, path: Path, contents: SidecarContents, base: SidecarDocument
) -> SidecarDocument:
    _refuse_if_changed(path, base)
    notes = finish_tables(source, base.raw)
    raw = merged(source, contents, base)
    keep_dropped_numbers(contents, base)
    plan = plan_tables(source, raw, contents, base)
    if base.revision is not None and raw == base.raw and not plan.written:
        document = document_of(source, path.read_bytes())
    else:
        data = _json_bytes(path, stamped(raw))
        _commit(source, path, data, plan)
        notes += plan.problems + _settle(source, path, raw, plan)
        document = document_of(source, data)
    return replace(
        document, contents=contents, problems=tuple(dict.fromkeys((*document.problems, *notes)))
    )


def _refuse_if_changed(path: Path, base: SidecarDocument) -> None:
    try:
        data: bytes | None = path.read_bytes()
    except FileNotFoundError:
        data = None
    if (None if data is None else digest(data)) == base.revision:
        return
    choices = "merge both, reload it, which drops your unsaved changes, or save yours as a copy"
    if data is None:
        raise SidecarConflict(
            f"{path}: not saved: the sidecar was removed or renamed since it was loaded; {choices}"
        )
    try:
        parse_json(data)
    except SidecarError as error:
        raise SidecarError(
            f"{path}: not saved: the sidecar on disk cannot be read: {error}; it is never "
            f"overwritten: mend it, or set it aside"
        ) from error
    raise SidecarConflict(
        f"{path}: not saved: the sidecar was changed on disk since it was loaded, and was not "
        f"overwritten; {choices}"
    )


def _json_bytes(path: Path, raw: dict[str, Any]) -> bytes:
    try:
        text = json.dumps(raw, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        try:
            return text.encode()
        except UnicodeEncodeError:  # half a surrogate pair: JSON has a way to write even that
            return (json.dumps(raw, indent=2, allow_nan=False) + "\n").encode()
    except (TypeError, ValueError) as error:
        raise SidecarError(f"{path}: not saved: a value cannot be written: {error}") from error


def _commit(source: Path, path: Path, data: bytes, plan: TablePlan) -> None:
    """Steps 2 and 3."""
    made: list[Path] = []
    try:
        for analysis, table in plan.written.items():
            final = table_path(source, analysis)
            if digest_of(final) == digest(table):
                continue
            if final.exists() and not os.access(final, os.W_OK):
                raise PermissionError(errno.EACCES, "the file is read-only", str(final))
            made.append(pending_path(source, analysis, digest(table)))
            replace_file(made[-1], table)
        for folder in {pending.parent for pending in made}:
            sync_folder(folder)
        replace_file(path, data)
    except BaseException:
        # An interrupt may come between the replacement and its report: then the tables are wanted.
        if digest_of(path) != digest(data):
            for pending in made:
                pending.unlink(missing_ok=True)
        raise


def _settle(source: Path, path: Path, raw: dict[str, Any], plan: TablePlan) -> list[str]:
    """Step 4, and what can go wrong when the new state is already safe."""
    notes = []
    try:
        sync_folder(Path(os.path.realpath(path)).parent)
    except OSError as error:
        notes.append(
            f"{path.name}: saved, but the disk reports an error ({error.strerror or error}): "
            f"copy the folder to another disk"
        )
    notes += finish_tables(source, raw)
    for analysis, expected in plan.removed.items():
        table = table_path(source, analysis)
        try:
            found = digest_of(table)
            if found == expected:
                Path(os.path.realpath(table)).unlink()
            elif found is not None:
                notes.append(
                    f"{table.name}: belongs to no result any more, but was changed outside "
                    f"cloudscope and was therefore not removed"
                )
        except OSError as error:
            notes.append(
                f"{table.name}: belongs to no result any more, but could not be removed "
                f"({error.strerror or error})"
            )
    return notes


def save_copy(
    source_path: str | os.PathLike[str], contents: SidecarContents, base: SidecarDocument
) -> Path:
    """Write `contents` beside the sidecar that it may not replace, after a conflict for example.

    Returns
    -------
    Path
        The JSON written: ``my_file.copy-20260131T120000.tif.json``, with tables named alike. It
        becomes the sidecar of ``my_file.tif`` when these files are renamed.

    Raises
    ------
    SidecarError
        If it cannot be written, or would have to hold fields of a newer schema.
    """
    if base.read_only_reason is not None and base.raw:
        raise SidecarError(f"not copied: {base.read_only_reason}")
    copy = copy_path(Path(source_path).absolute())
    ground = SidecarDocument(contents=replace(base.contents, results={}), raw=base.raw)
    save(copy, contents, ground)
    return sidecar_path(copy)


def set_aside(source_path: str | os.PathLike[str]) -> Path:
    """Rename the JSON of a recording, so that a new one can be started; nothing is deleted.

    Its tables stay until a save needs their name, which keeps them under another one.

    Returns
    -------
    Path
        The new name, ``my_file.tif.json.unreadable-20260131T120000``.

    Raises
    ------
    SidecarError
        If there is none, or it cannot be renamed.
    """
    path = sidecar_path(source_path)
    try:
        with folder_lock(path):
            aside = free_aside_path(path, "unreadable")
            path.rename(aside)
            sync_folder(path.parent)
    except OSError as error:
        raise SidecarError(f"{path}: not set aside: {error.strerror or error}") from error
    return aside
