"""Names that must not be read on a screen while recordings are read blind."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

__all__ = ["HIDDEN_FOLDER", "Veil", "hide_names"]

HIDDEN_FOLDER = "[hidden folder]"
"""What stands for the folder of blinded recordings."""

_drawn: weakref.WeakSet[Veil] = weakref.WeakSet()


class Veil:
    """What stands for names that are hidden, in any text; drawn for as long as it is kept.

    Paths, file names, and names without their ending where these cannot be words of a sentence.
    Of folders, their names wherever they are part of a path.

    Parameters
    ----------
    codes : mapping of str to str
        What stands for a recording, by its path within the folder, with forward slashes.
    roots : iterable of str
        Folders in which they, and what is saved of them, lie.

    Examples
    --------
    >>> veil = Veil({"sham/a12.tif": "R-001"}, ["/data/mouse 7"])
    >>> veil.over("/data/mouse 7/sham/a12.tif: the file is empty")
    'R-001: the file is empty'
    >>> veil.over("a12.tif.json was changed; /data/mouse 7/sham is full")
    'R-001.json was changed; [hidden folder] is full'
    """

    def __init__(self, codes: Mapping[str, str], roots: Iterable[str]) -> None:
        self._roots = [root.replace("\\", "/").rstrip("/") for root in roots if root.strip("/\\")]
        self._names: dict[str, list[tuple[str, str]]] = {}
        # what lies far above says little, and is part of paths that have nothing to do with these
        folders = {part for root in self._roots for part in root.split("/")[-2:] if len(part) > 1}
        for path, code in codes.items():
            file, _, image = path.partition(" · ")
            place = PurePosixPath(file)
            folders.update(place.parent.parts)
            clue = place.stem if _is_no_word(place.stem) else place.name
            self._names.setdefault(clue.casefold(), []).append((path, code))
            if len(image) > 2:
                self._names.setdefault(image.casefold(), []).append((path, code))
        self._folders = sorted(folders, key=len, reverse=True)
        _drawn.add(self)

    def over(self, text: str) -> str:
        """`text` with what is hidden replaced by what stands for it."""
        plain = text.casefold()
        hidden: dict[str, str] = {}
        # of ten thousand recordings few can be meant: one look for the shortest name of each
        for clue, found in self._names.items():
            if clue in plain:
                for path, code in found:
                    hidden |= self._written(path, code, hidden)
        hidden |= dict.fromkeys(self._roots, HIDDEN_FOLDER)
        for name in sorted(hidden, key=len, reverse=True):  # a name may be part of another
            if name.rpartition("/")[2].casefold() in plain:
                shown = hidden[name]
                text = _whole(name).sub(shown.replace("\\", r"\\"), text)
        for name in self._folders:
            if name.casefold() in plain:
                text = _part_of_path(name).sub("…", text)
        # what is left of a path that was replaced part by part
        return re.sub(re.escape(HIDDEN_FOLDER) + r"(?:[/\\]…)+", HIDDEN_FOLDER, text)

    def _written(self, path: str, code: str, known: Mapping[str, str]) -> dict[str, str]:
        """How the path of a recording may be written; what could be another one's names none."""
        file, _, image = path.partition(" · ")
        place = PurePosixPath(file)
        names = [path, file, place.name]
        if _is_no_word(place.stem):
            names.append(place.stem)
        if len(image) > 2:
            names.append(image)
        names += [f"{root}/{name}" for root in self._roots for name in (path, file)]
        return {name: code if known.get(name, code) == code else "[hidden]" for name in names}


def hide_names(text: str) -> str:
    """A text as it may be shown: without the names of recordings that are read blind.

    Examples
    --------
    >>> hide_names("nothing is hidden")
    'nothing is hidden'
    """
    for veil in list(_drawn):
        text = veil.over(text)
    return text


def _is_no_word(stem: str) -> bool:
    """Whether a name without its ending can be told from the words of a sentence."""
    return len(stem) > 2 and any(c.isdigit() for c in stem) and not stem.isdigit()


def _whole(name: str) -> re.Pattern[str]:
    written = re.escape(name).replace("/", r"[/\\]")
    return re.compile(rf"(?<!\w){written}(?!\w)", re.IGNORECASE)


def _part_of_path(name: str) -> re.Pattern[str]:
    written = re.escape(name)
    return re.compile(rf"(?<=[/\\]){written}(?!\w)|(?<!\w){written}(?=[/\\])", re.IGNORECASE)
