"""`save_figure`: files that are the same bytes for the same figure, with text as text."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.export.writing import needed, new_file, target_path

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from cloudscope.acq_image import AcqImage

__all__ = ["FIGURE_FORMATS", "png_of", "save_figure"]

FIGURE_FORMATS = (".png", ".svg", ".pdf")
"""Endings of the formats that `save_figure` writes."""

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "cloudscope",  # ids that are the same each time
    "svg.image_inline": True,
    "pdf.fonttype": 42,  # TrueType, embedded: journals and editors take it
    "pdf.compression": 6,
    "image.composite_image": False,  # pixels of one picture stay its own
}

_NO_DATE = {
    ".svg": {"Date": None, "Creator": "cloudscope"},
    ".pdf": {"CreationDate": None, "ModDate": None, "Creator": "cloudscope", "Producer": None},
    ".png": {"Software": "cloudscope"},
}


def save_figure(
    figure: Figure,
    path: str | os.PathLike[str],
    *,
    dpi: float | None = None,
    images: Iterable[AcqImage] = (),
    overwrite: bool = False,
) -> Path:
    """Write a figure as PNG, SVG or PDF, by the ending of the path.

    In SVG and PDF axes, lines and text are vectors; pixels of a recording are embedded once, as
    they are. PDF has its typeface embedded; SVG names it and leaves text to the viewer. Files hold
    no date: the same figure gives the same bytes.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of `figure_of` or `pool_figure`; any other will do.
    path : path-like
        A new file.
    dpi : float, optional
        Of a PNG; by default the figure's.
    images : iterable of AcqImage
        Recordings whose files and sidecars must not be written over.
    overwrite : bool
        Whether to replace a file that is there.

    Returns
    -------
    Path

    Raises
    ------
    ExportError
        If the ending is none of these, there is such a file, or it cannot be written.
    """
    needed("matplotlib", "figures", "a figure")
    from matplotlib import rc_context

    target = target_path(path, FIGURE_FORMATS)
    suffix = target.suffix.lower()
    with new_file(target, images, overwrite=overwrite) as temporary, rc_context(_SETTINGS):
        options: dict[str, Any] = {
            "format": suffix[1:],
            "metadata": _NO_DATE[suffix],
            "facecolor": figure.get_facecolor(),
        }
        if suffix == ".png":
            with _for_pixels(figure, dpi or figure.dpi):
                figure.savefig(temporary, dpi=dpi or figure.dpi, **options)
        else:
            figure.savefig(temporary, dpi=72, **options)
    return target


@contextmanager
def _for_pixels(figure: Figure, dpi: float) -> Iterator[None]:
    """Pictures with more pixels than the PNG has: each pixel of it is a mean, not one of many."""
    before = []
    old = figure.dpi
    figure.set_dpi(dpi)
    figure.canvas.draw()
    for axes in figure.axes:
        for picture in axes.get_images():
            before.append((picture, picture.get_interpolation()))
            box = picture.get_window_extent()
            array = picture.get_array()
            if array is None:
                continue
            rows, cols = array.shape[:2]
            fewer = box.height < rows or box.width < cols
            picture.set_interpolation("antialiased" if fewer else "nearest")
    try:
        yield
    finally:
        for picture, interpolation in before:
            picture.set_interpolation(interpolation)
        figure.set_dpi(old)


def png_of(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG at its own resolution."""
    import io

    with _for_pixels(figure, figure.dpi):
        buffer = io.BytesIO()
        figure.savefig(
            buffer, format="png", dpi=figure.dpi, metadata=_NO_DATE[".png"],
            facecolor=figure.get_facecolor(),
        )  # fmt: skip
    return buffer.getvalue()
