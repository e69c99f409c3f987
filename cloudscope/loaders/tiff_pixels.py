"""Planes of a TIFF that are not mapped: decoded page by page, or some strips or tiles of one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.axes import Layout
from cloudscope.loaders.laid_out_pixels import Index, LaidOutPixels, Storage
from cloudscope.loaders.one_error import one_error
from cloudscope.loaders.tiff_pieces import page_part, rows_of_a_piece
from cloudscope.loaders.tiff_reading import opened

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TiffPixels"]


class TiffPixels(LaidOutPixels):
    """`PixelSource` of one image of a TIFF; safe to use from several threads.

    Parameters
    ----------
    path : Path
    layout : Layout
    storage : Storage
    transposed : bool
    image : int
        Number of the series in the file.
    """

    def __init__(
        self, path: Path, layout: Layout, storage: Storage, *, transposed: bool, image: int = 0
    ) -> None:
        super().__init__(path, layout, storage, transposed=transposed)
        self._image = image
        self._together: int | None = None

    def _decoded(self, indices: Iterable[Index]) -> Iterator[NDArray[Any]]:
        """Decode the pages that hold these parts of the stored array, and cut them out of them."""
        with opened(self._path) as tif:
            series = tif.series[self._image]
            for index in indices:
                yield self._cut(series, index)

    def _cut(self, series: Any, index: Index) -> NDArray[Any]:
        import numpy as np

        shape, pages = self._layout.shape, series.pages
        split = _page_axes(shape, pages)
        if split is None:
            whole: NDArray[Any] = series.asarray().reshape(shape)
            return whole[index]
        wanted = np.arange(len(pages)).reshape(shape[:split])[index[:split]]
        parts = []
        for number in np.ravel(wanted):
            page = pages[int(number)]
            if page is None:
                raise LoadError(self._path, f"image {int(number)} of its series is missing")
            with _open_companion(page):
                parts.append(page_part(page, shape[split:], index[split:]))
        if len(parts) == 1:
            return parts[0].reshape((*np.shape(wanted), *parts[0].shape))
        stacked: NDArray[Any] = np.stack(parts)
        return stacked.reshape((*np.shape(wanted), *parts[0].shape))

    def _rows_at_once(self) -> int:
        """Rows of a page, or of a strip or tile where these can be decoded alone."""
        if self._together is None:
            with one_error(self._path, "reading its structure"), opened(self._path) as tif:
                self._together = self._found_together(tif.series[self._image])
        return self._together

    def _found_together(self, series: Any) -> int:
        layout, pages = self._layout, series.pages
        split = _page_axes(layout.shape, pages)
        if split is None:
            return layout.stored_rows
        axis = next((axis for axis in layout.rows if layout.shape[axis] > 1), layout.rows[0])
        each = layout.stored_rows // layout.shape[axis]
        if axis < split:
            return each
        rows = rows_of_a_piece(pages[0].keyframe, layout.shape[split:])
        return layout.stored_rows if rows is None or axis != split else rows * each


def _page_axes(shape: tuple[int, ...], pages: Any) -> int | None:
    """How many axes of the stored array number the pages; ``None`` where pages are no parts."""
    split = next((k for k in range(len(shape) + 1) if math.prod(shape[:k]) == len(pages)), None)
    if split is None or pages[0] is None or math.prod(pages[0].shape) != math.prod(shape[split:]):
        return None
    return split


@contextmanager
def _open_companion(page: Any) -> Iterator[None]:
    """The file of a page that lies in another file of the same recording."""
    file = page.parent.filehandle
    if not file.closed:
        yield
        return
    file.open()
    try:
        yield
    finally:
        file.close()
