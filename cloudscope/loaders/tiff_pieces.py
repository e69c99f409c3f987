"""Some rows of a page of a TIFF: the strips or tiles that hold them are decoded, and no others."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["page_part", "rows_of_a_piece"]

_PLAIN = {1, 5, 8, 32773, 32946, 34925, 50000}
"""Compressions of bytes, which need nothing but the piece: none, LZW, Deflate, PackBits, …"""


def rows_of_a_piece(page: Any, shape: tuple[int, ...]) -> int | None:
    """Rows of the strips or tiles of a page; ``None`` where they cannot be decoded one by one.

    Parameters
    ----------
    page : tifffile.TiffPage
    shape : tuple of int
        Of the page, as its axes are understood: rows first.
    """
    plain = page.compression in _PLAIN and not page.is_subsampled
    in_rows = page.shape[:1] == shape[:1] and page.axes[:1] == "Y"
    deep = page.imagedepth != 1 or (page.samplesperpixel > 1 and page.planarconfig != 1)
    if not plain or not in_rows or deep:
        return None
    rows = int(page.tilelength if page.is_tiled else min(page.rowsperstrip, page.imagelength))
    return rows if 0 < rows < page.imagelength else None


def page_part(page: Any, shape: tuple[int, ...], index: tuple[int | slice, ...]) -> NDArray[Any]:
    """A part of a page; of some of its rows, only the pieces that hold them are read.

    Parameters
    ----------
    page : tifffile.TiffPage or tifffile.TiffFrame
    shape : tuple of int
        Of the page, as its axes are understood.
    index : tuple of int and slice
        Into an array of that shape.
    """
    first = index[0] if index else slice(None)
    rows = rows_of_a_piece(page.keyframe, shape)
    if rows is None or not isinstance(first, slice) or first == slice(None):
        whole: NDArray[Any] = page.asarray().reshape(shape)
        return whole[index]
    start, stop, _ = first.indices(shape[0])
    some = _rows(page, start, stop, rows).reshape((stop - start, *shape[1:]))
    return some[(slice(None), *index[1:])]


def _rows(page: Any, start: int, stop: int, rows: int) -> NDArray[Any]:
    import numpy as np

    keyframe = page.keyframe
    across = -(-keyframe.imagewidth // keyframe.tilewidth) if keyframe.is_tiled else 1
    pieces = range(start // rows * across, -(-stop // rows) * across)
    samples = math.prod(keyframe.shape[1:]) // keyframe.imagewidth
    begin = start // rows * rows
    found = np.zeros(
        (min(-(-stop // rows) * rows, keyframe.imagelength) - begin, keyframe.imagewidth, samples),
        keyframe.dtype,
    )
    # what a file leaves out is what its tag says, as where the page is decoded as a whole
    found[...] = keyframe.nodata
    read = page.parent.filehandle.read_segments(
        [page.dataoffsets[piece] for piece in pieces],
        [page.databytecounts[piece] for piece in pieces],
        indices=list(pieces),
    )
    for data, piece in read:
        part, (_, _, row, column, _), size = keyframe.decode(
            data, piece, _fullsize=keyframe.is_tiled
        )
        if part is not None:
            down, right = min(size[1], begin + len(found) - row), keyframe.imagewidth - column
            part = part[0, :down, :right]
            found[row - begin : row - begin + down, column : column + part.shape[1]] = part
    return found[start - begin : stop - begin]
