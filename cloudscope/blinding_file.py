"""Where a blinding is kept: one JSON in the folder of the recordings, whose log only grows."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, get_args

from cloudscope.analysis.frozen_dict import FrozenDict
from cloudscope.blinding import Blinding, BlindingEntry, BlindingKind
from cloudscope.errors import BlindingError, SidecarError
from cloudscope.sidecar.atomic import replace_file, sync_folder
from cloudscope.sidecar.locking import folder_lock

__all__ = ["BLINDING_NAME", "BlindingFile", "find_blinding"]

BLINDING_NAME = "cloudscope-blinding.json"
"""Name of the file that holds the blindings of a folder."""

_FORMAT = "1.0"


@dataclass(frozen=True, slots=True)
class BlindingFile:
    """The blindings of a folder, the newest last.

    Attributes
    ----------
    path : Path
        The JSON, which need not be there yet.
    root : Path
        The folder that paths in it are relative to.
    """

    path: Path
    root: Path

    def read(self) -> tuple[Blinding, ...]:
        """All blindings of the folder; none where there is no file.

        Raises
        ------
        BlindingError
            If it cannot be read, or was changed by hand: it is never taken for none.
        """
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise self._unreadable(error.strerror or str(error)) from error
        try:
            raw = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self._unreadable(f"it is no JSON: {error}") from error
        if not isinstance(raw, dict) or not isinstance(raw.get("blindings"), list):
            raise self._unreadable("it is not a file of blindings")
        version = str(raw.get("cloudscope_blinding"))
        if version.partition(".")[0] != _FORMAT.partition(".")[0]:
            raise self._unreadable(f"it has version {version}, and this cloudscope reads {_FORMAT}")
        try:
            found = tuple(_parsed(one) for one in raw["blindings"])
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable(f"an entry is missing or wrong: {error}") from error
        for blinding in found:
            changed = blinding.what_was_changed()
            if changed:
                raise self._unreadable(f"{changed} was changed by hand or cut off")
        return found

    def start(self, make: Callable[[int], Blinding]) -> Blinding:
        """Write a new blinding behind those there are; `make` is given its number.

        Raises
        ------
        BlindingError
            If one is active, or the file cannot be read or written; nothing is changed then.
        """

        def grown(there: tuple[Blinding, ...]) -> tuple[Blinding, ...]:
            if there and there[-1].active:
                raise BlindingError(
                    f"{self.path}: these recordings are read blind by {there[-1].reader} since "
                    f"{there[-1].started_at[:10]}: unblind them first"
                )
            return (*there, make(len(there) + 1))

        return self._changed(grown)

    def change(self, edit: Callable[[Blinding], Blinding]) -> Blinding:
        """Change the newest blinding as it stands on disk now, and write it; returns it.

        Raises
        ------
        BlindingError
            If there is none, or the file cannot be read or written; nothing is changed then.
        """

        def grown(there: tuple[Blinding, ...]) -> tuple[Blinding, ...]:
            if not there:
                raise BlindingError(f"{self.path}: the blinding is gone: restore it from a copy")
            return (*there[:-1], edit(there[-1]))

        return self._changed(grown)

    def _changed(self, edit: Callable[[tuple[Blinding, ...]], tuple[Blinding, ...]]) -> Blinding:
        try:
            with folder_lock(self.path):
                there = self.read()
                new = edit(there)
                if new != there:
                    replace_file(self.path, _text(new))
                    sync_folder(self.path.parent)
        except OSError as error:
            raise BlindingError(
                f"{self.path}: the blinding cannot be written ({error.strerror or error}): make "
                "its folder writable, or open the recordings with a results folder"
            ) from error
        except SidecarError as error:
            raise BlindingError(str(error)) from error
        return new[-1]

    def _unreadable(self, reason: str) -> BlindingError:
        return BlindingError(
            f"{self.path}: the blinding cannot be read ({reason}), so the recordings stay closed "
            "and the file stays as it is: restore it from a copy, or have somebody who does not "
            "read the recordings move it away"
        )


def find_blinding(
    folder: Path, results_folder: Path | None, below: Iterable[Path] = ()
) -> BlindingFile | None:
    """The file by which recordings of a folder are, or were, blinded.

    Looked for in the folder, in its results folder, and in the folders above it: who opens a part
    of blinded recordings reads blind.

    Parameters
    ----------
    folder : Path
    results_folder : Path or None
    below : iterable of Path
        Folders inside it that recordings lie in.

    Raises
    ------
    BlindingError
        If a file cannot be read, or only a part of the folder is read blind: that must be opened
        by itself.
    """
    whole = folder.absolute()
    here = [BlindingFile(whole / BLINDING_NAME, whole)]
    if results_folder is not None:
        here.append(BlindingFile(results_folder.absolute() / BLINDING_NAME, whole))
    above = [BlindingFile(parent / BLINDING_NAME, parent) for parent in whole.parents]
    inside = [BlindingFile(part / BLINDING_NAME, part) for part in _parts(whole, below)]
    there = [file for file in (*here, *above) if file.path.is_file()]
    for file in inside:
        if file.path.is_file() and any(blinding.active for blinding in file.read()):
            raise BlindingError(
                f"{file.root}: this part of the folder is read blind: open it by itself, or "
                "unblind it first"
            )
    active = [file for file in there if any(one.active for one in file.read())]
    if active:
        return active[0]
    # one that has ended above tells of other recordings too: only that of the folder counts
    return next((file for file in there if file in here), None)


def _parts(whole: Path, below: Iterable[Path]) -> dict[Path, None]:
    """Every folder between `whole` and those inside it."""
    parts: dict[Path, None] = {}
    for place in dict.fromkeys(below):
        inside = place.absolute()
        while inside != whole and inside not in parts and inside.is_relative_to(whole):
            parts[inside] = None
            inside = inside.parent
    return parts


def _text(blindings: tuple[Blinding, ...]) -> bytes:
    raw = {
        "cloudscope_blinding": _FORMAT,
        "about": "Which code stands for which recording. Who reads the recordings must not look.",
        "blindings": [asdict(blinding) for blinding in blindings],
    }
    return (json.dumps(raw, indent=1, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass")


def _parsed(raw: Mapping[str, Any]) -> Blinding:
    log = tuple(_entry(one) for one in raw["log"])
    if not log or log[0].kind != "started":
        raise ValueError("the log does not begin with its start")
    codes, parameters = raw["codes"], raw["parameters"]
    if len(set(codes.values())) < len(codes):
        raise ValueError("a code stands for two recordings")
    return Blinding(
        seed=int(raw["seed"]),
        number=int(raw["number"]),
        reader=str(raw["reader"]),
        software=str(raw["software"]),
        codes=FrozenDict({str(path): str(code) for path, code in codes.items()}),
        parameters=FrozenDict({name: FrozenDict(values) for name, values in parameters.items()}),
        log=log,
    )


def _entry(raw: Mapping[str, Any]) -> BlindingEntry:
    entry = BlindingEntry(**{f.name: str(raw[f.name]) for f in fields(BlindingEntry)})  # type: ignore[arg-type]
    if entry.kind not in get_args(BlindingKind):
        raise ValueError(f"kind {entry.kind!r}")
    return entry
