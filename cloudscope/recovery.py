"""Unsaved edits kept aside, so that a closed page, a dead kernel or a power cut loses none.

What is kept is written like sidecars, in a folder of the user and never beside the recordings,
one place for each recording and session. It goes once the edits are saved, undone or given up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cloudscope import sidecar
from cloudscope.analysis.result import ResultKey
from cloudscope.errors import ResultTableError, SidecarError
from cloudscope.saved_image import SavedImage
from cloudscope.sidecar import MergeReport, SidecarContents, SidecarDocument, merge_contents
from cloudscope.sidecar.atomic import replace_file
from cloudscope.state_folder import STATE_VARIABLE, state_folder

__all__ = ["STATE_VARIABLE", "Kept", "Recovery", "find_kept", "recover", "recovery_folder"]

_ENTRY = "kept.json"  # written last: what has none is not whole
_BASE = "base"


def recovery_folder() -> Path | None:
    """The folder, which need not exist yet; ``None`` where nothing is to be kept."""
    folder = state_folder()
    return None if folder is None else folder / "recovery"


@dataclass(frozen=True, slots=True)
class Kept:
    """Unsaved edits of one recording, of a session that may have ended.

    Attributes
    ----------
    place : Path
        Folder that holds them.
    name : str
        The recording's name.
    kept_at : str
        When they were written, ISO 8601 with time zone.
    label : str
        The last edit, in words.
    revision : str or None
        Of the sidecar that the edits began with.
    unchanged : tuple of ResultKey
        Results that were those of the sidecar.
    """

    place: Path
    name: str
    kept_at: str
    label: str
    revision: str | None
    unchanged: tuple[ResultKey, ...]

    def discard(self) -> None:
        """Give the edits up; harmless if they are gone already."""
        shutil.rmtree(self.place, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.place.parent.rmdir()  # the last session of this recording


class Recovery:
    """What one session keeps of its unsaved edits.

    Parameters
    ----------
    folder : Path, optional
        Where to keep; `recovery_folder` by default.

    Examples
    --------
    >>> import numpy as np, pathlib, tempfile
    >>> from cloudscope import AcqImage
    >>> place = tempfile.TemporaryDirectory()
    >>> path = pathlib.Path(place.name, "scan.npy")
    >>> np.save(path, np.zeros((100, 20)))
    >>> image = AcqImage(path)
    >>> roi = image.add_roi(name="artery")
    >>> session = Recovery(pathlib.Path(place.name, "state"))
    >>> session.keep(image)                                # and then the power fails
    >>> again = AcqImage(path)
    >>> (kept,) = find_kept([again], pathlib.Path(place.name, "state")).values()
    >>> print(recover(again, kept))
    1 change of mine
    >>> again.rois[0].name, again.undo()
    ('artery', 'recover unsaved edits')
    >>> place.cleanup()
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = recovery_folder() if folder is None else folder
        self._session = f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        self._written: dict[Path, SidecarDocument] = {}
        self._seen: dict[Path, SidecarContents] = {}

    def snapshot(self, image: SavedImage) -> Snapshot | None:
        """What `write` is to write of a recording; ``None`` where it has nothing unsaved.

        Taken where the traits are set; `write` may then run in another thread.
        """
        if self._folder is None or image.path is None or not image.dirty:
            return None
        saved, contents = image.saved_document, image.contents
        self._seen[self._place(image)] = contents
        before = saved.contents.results
        changed = {k: r for k, r in contents.results.items() if before.get(k) is not r}
        return Snapshot(
            place=self._place(image),
            name=image.name,
            file_name=image.path.name,
            label=image.undo_label or "",
            saved=saved,
            contents=replace(contents, results=changed, origin={}),
            unchanged=tuple(key for key in contents.results if key not in changed),
            sidecar=image.sidecar_path,
        )

    def has_latest(self, image: SavedImage) -> bool:
        """Whether the last snapshot of a recording is of its present state."""
        if self._folder is None or image.path is None:
            return True  # nothing is kept of it
        seen = self._seen.get(self._place(image))
        return seen is not None and _same(seen, image.contents)

    def write(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, in place of an earlier one of this session.

        Raises
        ------
        SidecarError
            If it cannot be written; names the folder.
        """
        place = snapshot.place
        try:
            base = self._written.get(place)
            if base is None:
                place.mkdir(parents=True, exist_ok=True, mode=0o700)
                _keep_base(snapshot)
                base = SidecarDocument(
                    contents=replace(snapshot.saved.contents, results={}), raw=snapshot.saved.raw
                )
            self._written[place] = sidecar.save(place / snapshot.file_name, snapshot.contents, base)
            entry = {
                "name": snapshot.name,
                "file_name": snapshot.file_name,
                "kept_at": datetime.now(UTC).astimezone().isoformat(timespec="seconds"),
                "label": snapshot.label,
                "revision": snapshot.saved.revision,
                "unchanged": [list(key) for key in snapshot.unchanged],
            }
            replace_file(place / _ENTRY, json.dumps(entry).encode())
        except OSError as error:
            raise SidecarError(
                f"{place}: unsaved edits cannot be kept aside ({error.strerror or error}): "
                "save them yourself"
            ) from error

    def keep(self, image: SavedImage) -> None:
        """Keep a recording's unsaved edits now; forget them where there are none."""
        snapshot = self.snapshot(image)
        if snapshot is None:
            self.forget(image)
        else:
            self.write(snapshot)

    def forget(self, image: SavedImage) -> None:
        """Remove what this session kept of a recording: it is saved, or given up."""
        if self._folder is None or image.path is None:
            return
        place = self._place(image)
        self._written.pop(place, None)
        self._seen.pop(place, None)
        Kept(place, image.name, "", "", None, ()).discard()

    def is_own(self, kept: Kept) -> bool:
        """Whether it is this session that kept it."""
        return kept.place.name == self._session

    def _place(self, image: SavedImage) -> Path:
        assert self._folder is not None
        return self._folder / _key(image) / self._session


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Unsaved edits as values, ready to be written by any thread."""

    place: Path
    name: str
    file_name: str
    label: str
    saved: SidecarDocument
    contents: SidecarContents
    unchanged: tuple[ResultKey, ...]
    sidecar: Path | None


def find_kept(
    images: Iterable[SavedImage], folder: Path | None = None
) -> Mapping[SavedImage, Kept]:
    """The newest edits that any session kept of each recording.

    Parameters
    ----------
    images : iterable of AcqImage
    folder : Path, optional
        `recovery_folder` by default.

    Returns
    -------
    dict
        `Kept` by recording; recordings with none are left out.
    """
    where = recovery_folder() if folder is None else folder
    if where is None:
        return {}
    try:
        there = {place.name for place in where.iterdir()}  # one look, however many recordings
    except OSError:
        return {}
    found: dict[SavedImage, Kept] = {}
    for image in images if there else ():
        if image.path is None or _key(image) not in there:
            continue
        try:
            places = list((where / _key(image)).iterdir())
        except FileNotFoundError:
            continue  # since that look, a session has given up the last that was kept of it
        whole = [kept for place in places if (kept := _read(place))]
        if whole:
            found[image] = max(whole, key=lambda kept: datetime.fromisoformat(kept.kept_at))
    return found


def recover(image: SavedImage, kept: Kept) -> MergeReport:
    """Bring kept edits back into a recording, as one step for `undo`.

    Where the recording was saved or edited since, what only one side changed is taken from it,
    and what both changed from the kept edits; the report names these.

    Parameters
    ----------
    image : AcqImage
    kept : Kept
        It stays where it is: `Kept.discard` it once the edits are saved or kept anew.

    Returns
    -------
    MergeReport
        "mine" are the kept edits, "theirs" what the recording has now.

    Raises
    ------
    SidecarError
        If what was kept cannot be read.
    """
    entry = json.loads((kept.place / _ENTRY).read_bytes())
    document = sidecar.load(kept.place / entry["file_name"])
    if document.revision is None or document.read_only_reason is not None:
        why = "; ".join(document.problems) or "it is gone"
        raise SidecarError(f"{kept.place}: the edits kept cannot be read: {why}")
    now = image.contents
    saved = image.saved_document
    base = saved.contents
    if kept.revision != saved.revision:
        base = sidecar.load(kept.place / _BASE / entry["file_name"]).contents
        # Results that the sidecar still has are the same on both sides.
        still = {k: saved.contents.results.get(k, r) for k, r in base.results.items()}
        base = replace(base, results=still)
    results = {key: base.results[key] for key in kept.unchanged if key in base.results}
    lost = []
    for key, result in document.contents.results.items():
        try:
            _ = result.columns  # read now: what was kept is removed once it is back
        except ResultTableError as error:
            lost.append(str(error))
        else:
            results[key] = result
    mine = replace(document.contents, results=results, origin=now.origin)
    merged, report = merge_contents(base, mine, now, file_time_axis=image.file_header.time_axis)
    image.take_contents(merged, "recover unsaved edits")
    return replace(report, lost=(*report.lost, *lost))


# ---------------------------------------------------------------------- on disk


def _same(one: SidecarContents, other: SidecarContents) -> bool:
    """Whether two states are the same values: edits make new ones."""
    names = ("corrections", "rois", "experiment", "accepted", "display")
    plain = all(getattr(one, name) is getattr(other, name) for name in names)
    return plain and dict(one.results) == dict(other.results)


def _key(image: SavedImage) -> str:
    """A name for what is kept of a recording: its file, its image within it, its sidecar."""
    assert image.path is not None
    parts = (str(image.path.absolute()), str(image.sidecar_path))
    return hashlib.blake2b(
        "\0".join(parts).encode("utf-8", "surrogateescape"), digest_size=12
    ).hexdigest()


def _keep_base(snapshot: Snapshot) -> None:
    """A copy of the sidecar that the edits began with, for telling who changed what."""
    base = snapshot.place / _BASE
    base.mkdir(exist_ok=True)
    if snapshot.sidecar is not None and snapshot.saved.revision is not None:
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(snapshot.sidecar, base / f"{snapshot.file_name}.json")


def _read(place: Path) -> Kept | None:
    try:
        entry: dict[str, Any] = json.loads((place / _ENTRY).read_bytes())
        datetime.fromisoformat(entry["kept_at"])
        unchanged = tuple((str(a), int(c), int(r)) for a, c, r in entry["unchanged"])
        return Kept(
            place=place,
            name=str(entry["name"]),
            kept_at=entry["kept_at"],
            label=str(entry["label"]),
            revision=entry["revision"],
            unchanged=unchanged,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None  # a session that is writing its first, or one killed while it did
