"""Is this TIFF whole, and does it hold what it declares? Asked before any pixel is decoded."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from cloudscope.loaders.sizes import cut_short, problem_with_size, size_text

__all__ = ["PageList", "is_tiff", "problem_with_pixels", "read_page_list"]

_MOST_PAGES = 5_000_000


@dataclass(frozen=True, slots=True)
class PageList:
    """The chain of image directories of a TIFF.

    Attributes
    ----------
    pages : int
        Directories that are whole.
    problem : str
        Why the chain ends early, or ``""``.
    """

    pages: int
    problem: str


def is_tiff(start: bytes) -> bool:
    """Whether a file that begins with these 4 bytes is a TIFF or BigTIFF.

    Examples
    --------
    >>> is_tiff(b"II*\\0"), is_tiff(b"\\x89PNG")
    (True, False)
    """
    return start[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def read_page_list(path: Path) -> PageList:
    """Follow the chain of image directories from the first to the last."""
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(16)
        order = "<" if start[:2] == b"II" else ">"
        big = start[2:4] in (b"+\0", b"\0+")
        if len(start) < (16 if big else 8):
            return PageList(0, f"cut short: only {size_text(size)} are there")
        (offset,) = struct.unpack_from(order + ("Q" if big else "I"), start, 8 if big else 4)
        return _follow(file, offset, size, order, big)


def _follow(file: BinaryIO, offset: int, size: int, order: str, big: bool) -> PageList:
    count_format, entry_bytes = (order + "Q", 20) if big else (order + "H", 12)
    offset_format = order + ("Q" if big else "I")
    count_bytes, offset_bytes = struct.calcsize(count_format), struct.calcsize(offset_format)
    pages = 0
    seen: set[int] = set()
    while offset:
        if offset in seen or pages >= _MOST_PAGES:
            return PageList(pages, "damaged: its list of images runs in a circle")
        seen.add(offset)
        cut = (
            f"cut short: its list of images goes on at byte {offset:,} "
            f"and only {size_text(size)} are there"
        )
        if offset + count_bytes > size:
            return PageList(pages, cut)
        file.seek(offset)
        (entries,) = struct.unpack(count_format, file.read(count_bytes))
        end = offset + count_bytes + entries * entry_bytes
        if end + offset_bytes > size:
            # some writers leave the closing zero of the last directory out
            if end <= size and entries and pages == 0:
                return PageList(1, "")
            return PageList(pages, cut)
        file.seek(end)
        (offset,) = struct.unpack(offset_format, file.read(offset_bytes))
        pages += 1
    if pages == 0:
        return PageList(0, "damaged: its list of images is empty")
    return PageList(pages, "")


def problem_with_pixels(
    pages: list[Any], nbytes: int, file_bytes: int, offset: int | None = None
) -> str:
    """Why the pixel data of these pages cannot be what is declared, or ``""``.

    Parameters
    ----------
    pages : list of tifffile pages
        All in this file; ``None`` for one that is missing.
    nbytes : int
        Of all decoded pixels.
    file_bytes : int
    offset : int, optional
        First byte of the pixels where they lie in one uncompressed piece.

    Examples
    --------
    >>> problem_with_pixels([], 80_000_000_000, 8_000)
    'it declares 80 GB of pixels in a file of 8 kB: damaged, or made to fill the memory'
    """
    problem = problem_with_size(nbytes, file_bytes, offset)
    if problem:
        return problem
    for page in pages:
        if page is None:
            return "some of its images are missing, or in a file that is not beside it"
        offsets, counts = page.dataoffsets, page.databytecounts
        if len(offsets) != len(counts):
            return "it is damaged: the pieces of its images and their places do not match"
        needed = max((o + c for o, c in zip(offsets, counts, strict=True)), default=0)
        # a recording may go on in a companion file
        available = page.parent.filehandle.size
        if needed > available:
            return cut_short(needed, available)
        if offset is None and page.keyframe.compression == 1:
            stored = math.prod(page.shape) * int(page.keyframe.bitspersample) // 8
            if sum(counts) < stored:
                return (
                    f"it is damaged: an image of {size_text(stored)} has only "
                    f"{size_text(sum(counts))} of data"
                )
    return ""
