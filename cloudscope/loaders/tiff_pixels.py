"""Planes of a TIFF that are not mapped: decoded page by page."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.axes import Layout
from cloudscope.loaders.laid_out_pixels import LaidOutPixels, Storage
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

    def _decoded(self, index: tuple[int | slice, ...]) -> NDArray[Any]:
        """Decode the pages that hold this part of the stored array, and cut it out of them."""
        import numpy as np

        shape = self._layout.shape
        with opened(self._path) as tif:
            series = tif.series[self._image]
            pages = series.pages
            split = next(
                (k for k in range(len(shape) + 1) if math.prod(shape[:k]) == len(pages)), None
            )
            page_values = math.prod(pages[0].shape) if pages[0] is not None else -1
            if split is None or math.prod(shape[split:]) != page_values:
                whole: NDArray[Any] = series.asarray().reshape(shape)
                return whole[index]
            wanted = np.arange(len(pages)).reshape(shape[:split])[index[:split]]
            parts = []
            for number in np.ravel(wanted):
                page = pages[int(number)]
                if page is None:
                    raise LoadError(self._path, f"image {int(number)} of its series is missing")
                with _open_companion(page):
                    parts.append(page.asarray().reshape(shape[split:])[index[split:]])
            stacked: NDArray[Any] = np.stack(parts)
            return stacked.reshape((*np.shape(wanted), *parts[0].shape))


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
