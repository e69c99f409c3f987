"""TIFF of every kind: opens it, lets each dialect speak, and puts the header together."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cloudscope.errors import LoadError
from cloudscope.loaders.axes import Layout
from cloudscope.loaders.tiff_structure import is_tiff, problem_with_pixels, read_page_list
from cloudscope.metadata import ImageHeader

if TYPE_CHECKING:
    from cloudscope.loaders.facts import FileFacts
    from cloudscope.loaders.images import ImageEntry
    from cloudscope.loaders.laid_out_pixels import Storage
    from cloudscope.loaders.tiff_pixels import TiffPixels

__all__ = ["TiffLoader"]


@dataclass(frozen=True, slots=True)
class _Examined:
    """An image of a TIFF that is whole: what it says and where its pixels lie."""

    layout: Layout
    facts: FileFacts
    storage: Storage
    image: int
    image_names: tuple[str, ...]


class TiffLoader:
    """Reads plain, ImageJ, OME, FluoView, Zeiss LSM and ScanImage TIFF, classic and Big."""

    name = "tiff"
    title = "TIFF"
    suffixes: tuple[str, ...] = (".tif", ".tiff", ".lsm", ".btf")

    def recognises(self, path: Path) -> bool:
        """Whether the file begins as a TIFF does."""
        with path.open("rb") as file:
            return is_tiff(file.read(4))

    def read_header(self, path: Path) -> ImageHeader:
        """What the file says, without decoding pixels."""
        return self.read_image_header(path, 0)

    def read_image_header(self, path: Path, image: int) -> ImageHeader:
        """What the file says of one of its images."""
        from cloudscope.loaders import olympus_txt
        from cloudscope.loaders.header import header

        examined = _examine(path, image)
        text = olympus_txt.beside(path) if image == 0 else None
        return header(examined.layout, examined.facts, examined.storage.dtype, text).replace(
            image_index=image,
            image_count=len(examined.image_names),
            image_name=examined.image_names[image],
        )

    def list_images(self, path: Path) -> tuple[ImageEntry, ...]:
        """The images of the file: its series, for example those of an OME-TIFF."""
        from cloudscope.loaders.images import ImageEntry
        from cloudscope.loaders.one_error import one_error
        from cloudscope.loaders.tiff_reading import opened

        with one_error(path, "reading its structure"), opened(path) as tif:
            names = _image_names(tif)
        return tuple(ImageEntry(index, name) for index, name in enumerate(names))

    def open_pixels(self, path: Path, header: ImageHeader) -> TiffPixels:
        """Pixels with `header.time_axis` as rows."""
        from cloudscope.loaders.tiff_pixels import TiffPixels

        examined = _examine(path, header.image_index)
        pixels = TiffPixels(
            path,
            examined.layout,
            examined.storage,
            transposed=header.time_axis == "columns",
            image=examined.image,
        )
        pixels.refuse_other(header)
        return pixels


def _examine(path: Path, image: int) -> _Examined:
    from cloudscope.loaders.axes import NoPlane, lay_out
    from cloudscope.loaders.images import refuse_image
    from cloudscope.loaders.laid_out_pixels import Storage
    from cloudscope.loaders.one_error import one_error
    from cloudscope.loaders.tiff_reading import opened

    with one_error(path, "reading its structure") as log:
        size = path.stat().st_size
        chain = read_page_list(path)
        if chain.problem and size < 1 << 32:
            raise LoadError(path, f"the file is {chain.problem}")
        with opened(path) as tif:
            # Zeiss lets offsets run over in files of more than 4 GB, and tifffile mends them
            if chain.problem and not tif.is_lsm:
                raise LoadError(path, f"the file is {chain.problem}")
            names = _image_names(tif)
            refuse_image(path, image, len(names))
            series = tif.series[image]
            axes, shape = series.axes, series.shape
            dtype = series.dtype
            if dtype is None or dtype.kind not in "uifb":
                raise LoadError(path, f"its pixels are of type {dtype}, which is no intensity")
            nbytes = math.prod(shape) * dtype.itemsize
            pages, offset = list(series.pages), series.dataoffset
            problem = problem_with_pixels(pages, nbytes, size, offset)
            if problem:
                raise LoadError(path, problem)
            facts = _facts(tif, axes, image)
            planes = math.prod(n for a, n in zip(axes, shape, strict=True) if a not in "YX")
            if facts.declared_planes is not None and planes < facts.declared_planes:
                raise LoadError(
                    path,
                    f"the file is cut short: {planes} of {facts.declared_planes} images are there",
                )
            more = list(facts.warnings)
        try:
            layout = lay_out(facts.axes or axes, facts.shape or shape, facts)
        except NoPlane as error:
            raise LoadError(path, str(error)) from error
    more += [re.sub(r"^<[^>]*> *", "", line)[:200] for line in log[:3]]
    order = {"<": "<", ">": ">"}.get(tif.byteorder, "=")
    storage = Storage(dtype.newbyteorder(order).str, offset, size)
    return _Examined(layout, replace(facts, warnings=tuple(more)), storage, image, names)


def _image_names(tif: Any) -> tuple[str, ...]:
    """Names of the series; those behind the first that only show it smaller are no images."""
    from cloudscope.loaders.images import unique_names

    series = list(tif.series)
    if tif.is_lsm:
        series = series[:1]
    while len(series) > 1 and series[-1].keyframe.is_reduced:
        series.pop()
    if len(series) == 1:
        return ("",)
    given = [str(one.name) for one in series]
    # tifffile calls series without a name after their kind, all alike
    return unique_names(name if given.count(name) == 1 else "" for name in given)


def _facts(tif: Any, axes: str, image: int) -> FileFacts:
    """What the first dialect that the file speaks says, and its plain tags for the rest."""
    from cloudscope.loaders import fluoview, imagej, lsm, ome, scanimage, tiff_calibration

    plain = tiff_calibration.describe(tif, image)
    for is_spoken, title, describe in (
        (tif.is_lsm, "Zeiss LSM", lsm.describe),
        (tif.is_fluoview, "FluoView", fluoview.describe),
        (tif.pages[0].is_scanimage, "ScanImage", scanimage.describe),
        (tif.is_ome, "OME", partial(ome.describe, image=image)),
        (tif.is_imagej, "ImageJ", imagej.describe),
    ):
        if not is_spoken or (image and title != "OME"):
            continue  # the other dialects describe the first image only
        reason, facts = "", None
        try:
            facts = describe(tif, axes)
        # pixels are worth having without their metadata, as long as somebody is told
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            reason = f" ({type(error).__name__}: {error})"
        if facts is not None:
            return facts
        warning = f"its {title} metadata cannot be understood{reason[:120]} and is not used"
        return replace(plain, warnings=(warning,))
    return plain
