"""Several images in one file: each is a recording of its own, with a number and a name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cloudscope.errors import LoadError

__all__ = ["ImageEntry", "refuse_image", "unique_names"]


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image of a file.

    Attributes
    ----------
    index : int
        Place in the file, counted from 0.
    name : str
        As the file has it; ``""`` where it holds one image. No two images of a file share one.
    """

    index: int
    name: str


def unique_names(names: Iterable[str]) -> tuple[str, ...]:
    """One name an image, each of them once and none of them empty.

    Examples
    --------
    >>> unique_names(["scan", "", "scan"])
    ('scan', 'image 1', 'scan (2)')
    """
    seen: Counter[str] = Counter()
    found: list[str] = []
    for number, name in enumerate(names):
        # control characters of a file have no place in the name of a recording
        text = "".join(c if c.isprintable() else " " for c in name)
        # and a separator would make a folder of it where it becomes the name of a file
        text = text.replace("/", " - ").replace("\\", " - ").strip()[:200]
        text = text or f"image {number}"
        seen[text] += 1
        unique = text if seen[text] == 1 else f"{text} ({seen[text]})"
        while unique in found:
            seen[text] += 1
            unique = f"{text} ({seen[text]})"
        found.append(unique)
    return tuple(found)


def refuse_image(path: Path, image: int, count: int) -> None:
    """Raise `LoadError` where a file has no image of this number."""
    if isinstance(image, bool) or not 0 <= image < count:
        have = f"{count}, 0 to {count - 1}" if count > 1 else "one, 0"
        raise LoadError(path, f"it has no image {image!r}; it has {have}")
