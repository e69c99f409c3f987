"""Which row of a sheet is which recording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.sheets.reading import MetadataSheet

__all__ = ["Matched", "UnmatchedRow", "match_rows"]


@dataclass(frozen=True, slots=True)
class UnmatchedRow:
    """A row that belongs to no recording, or not to one only.

    Attributes
    ----------
    row : int
        Its number in the file.
    key : str
        What it calls the recording.
    why : str
    """

    row: int
    key: str
    why: str


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows by recording, and what did not match.

    Attributes
    ----------
    rows : list of (AcqImage, int, mapping)
        Recording, number of the row, its cells.
    unmatched : list of UnmatchedRow
    """

    rows: list[tuple[AcqImage, int, Mapping[str, Any]]] = field(default_factory=list)
    unmatched: list[UnmatchedRow] = field(default_factory=list)


def match_rows(images: Iterable[AcqImage], sheet: MetadataSheet, ignore_case: bool) -> Matched:
    """Match by path, by name, then by either without suffix; what is not certain is not matched."""
    places = [_index(images, level, ignore_case) for level in range(4)]
    found: dict[int, list[tuple[int, str, Mapping[str, Any]]]] = {}
    image_of: dict[int, AcqImage] = {}
    matched = Matched()
    for number, cells in sheet.rows:
        key = str(cells[sheet.key])
        candidates = _candidates(places, key, ignore_case)
        if len(candidates) == 1:
            image = candidates[0]
            image_of[id(image)] = image
            found.setdefault(id(image), []).append((number, key, cells))
        elif candidates:
            matched.unmatched.append(
                UnmatchedRow(
                    number,
                    key,
                    f"{len(candidates)} recordings are called so: write the path within the folder",
                )
            )
        else:
            matched.unmatched.append(UnmatchedRow(number, key, _near(places, key)))
    for identity, rows in found.items():
        first_number, _key, first = rows[0]
        values = {name: value for name, value in first.items() if name != sheet.key}
        for number, key, cells in rows[1:]:
            same = {n: v for n, v in cells.items() if n != sheet.key} == values
            why = f"row {first_number} is of this recording too"
            why += " and says the same" if same else ": neither is taken, because they differ"
            matched.unmatched.append(UnmatchedRow(number, key, why))
            if not same:
                first_number = -1
        if first_number > 0:
            matched.rows.append((image_of[identity], first_number, first))
        else:
            matched.unmatched.append(
                UnmatchedRow(rows[0][0], rows[0][1], "another row is of this recording and differs")
            )
    matched.unmatched.sort(key=lambda row: row.row)
    return matched


def _folded(text: str, ignore_case: bool) -> str:
    return text.casefold() if ignore_case else text


def _names(images: Iterable[AcqImage]) -> list[tuple[AcqImage, str]]:
    if isinstance(images, AcqImageList):
        return [(image, images.relative_path(image)) for image in images]
    return [(image, image.name) for image in images]


def _index(images: Iterable[AcqImage], level: int, ignore_case: bool) -> dict[str, list[AcqImage]]:
    """Recordings by path (level 0), name (1), path without suffix (2), name without suffix (3)."""
    index: dict[str, list[AcqImage]] = {}
    for image, relative in _names(images):
        path = PurePosixPath(relative)
        text = (relative, path.name, str(path.with_suffix("")), path.stem)[level]
        index.setdefault(_folded(text, ignore_case), []).append(image)
    return index


def _candidates(
    places: list[dict[str, list[AcqImage]]], key: str, ignore_case: bool
) -> list[AcqImage]:
    text = _folded(key.strip().replace("\\", "/").removeprefix("./"), ignore_case)
    for place in places:
        if text in place:
            return place[text]
    # a path from another machine: its end may still say which one is meant
    parts = text.split("/")
    for start in range(1, len(parts)):
        tail = "/".join(parts[start:])
        if tail in places[0]:
            return places[0][tail]
    return places[1].get(parts[-1], []) if len(parts) > 1 else []


def _near(places: list[dict[str, list[AcqImage]]], key: str) -> str:
    for place in places:
        for name in place:
            if name.casefold() == key.strip().casefold():
                return f"no recording is called so; {name!r} differs in case: match without case"
    return "no recording is called so"
