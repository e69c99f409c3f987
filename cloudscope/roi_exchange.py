"""ROIs to and from other recordings, and ImageJ's ``.roi`` and ``.zip`` files."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.errors import RoiError
from cloudscope.roi import Roi

if TYPE_CHECKING:
    from cloudscope.acq_image import AcqImage

__all__ = ["RoiReport", "copy_rois", "export_imagej_rois", "imagej_overlays", "import_imagej_rois"]

_LARGEST = 64 * 1024 * 1024  # bytes of one ROI file; a folder of ten thousand ROIs has a few MB
_LARGEST_SHORT = 32_767  # whole coordinates are 16 bits wide; beyond, they are floats as well
_COLOR = re.compile(r"#([0-9a-fA-F]{6})")


@dataclass(frozen=True, slots=True)
class RoiReport:
    """What became of the ROIs brought into one recording.

    Attributes
    ----------
    image : AcqImage
    added : tuple of Roi
        As they are in the recording now.
    changed : tuple of str
        A sentence for each ROI that is not quite what it was: cut, moved, or made a rectangle.
    left_out : tuple of str
        A sentence for each that could not be taken.
    """

    image: AcqImage
    added: tuple[Roi, ...] = ()
    changed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        words = [f"{len(self.added)} added"]
        words += [f"{len(self.changed)} changed"] if self.changed else []
        words += [f"{len(self.left_out)} left out"] if self.left_out else []
        return f"RoiReport({self.image.name!r}: {', '.join(words)})"


def copy_rois(
    source: AcqImage,
    targets: Iterable[AcqImage],
    roi_ids: Iterable[int] | None = None,
    *,
    time: Literal["same", "whole"] = "same",
) -> tuple[RoiReport, ...]:
    """Copy ROIs of a recording to others, in pixels; one step of undo in each.

    A ROI that reaches beyond a smaller recording is moved inside, and cut where it is too long;
    the report says so. A target that has a ROI of the same bounds already keeps that one.

    Parameters
    ----------
    source : AcqImage
    targets : iterable of AcqImage
        `source` itself is passed over.
    roi_ids : iterable of int, optional
        All ROIs by default.
    time : {"same", "whole"}
        Whether the copies have the same lines, or all lines of each target: recordings of one
        vessel are seldom equally long.

    Returns
    -------
    tuple of RoiReport
        One for each target.

    Raises
    ------
    UnknownNameError
        If `source` has no such ROI; nothing is copied then.

    Examples
    --------
    >>> import numpy as np
    >>> from cloudscope import AcqImage
    >>> first = AcqImage.from_array(np.zeros((100, 20)))
    >>> shorter = AcqImage.from_array(np.zeros((60, 20)))
    >>> roi = first.add_roi(col_start=4, col_stop=12, name="vessel")
    >>> copy_rois(first, [shorter], time="whole")[0].added[0].bounds
    (0, 60, 4, 12)
    """
    rois = source.rois if roi_ids is None else tuple(source.roi(one) for one in roi_ids)
    reports = []
    for target in targets:
        if target is source:
            continue
        lines = {"row_start": 0, "row_stop": target.header.lines} if time == "whole" else {}
        wanted = [(roi.replace(**lines), "") for roi in rois]
        reports.append(_bring(target, wanted, f"copy ROIs of {source.name}"))
    return tuple(reports)


def import_imagej_rois(image: AcqImage, path: str | Path) -> RoiReport:
    """Add the ROIs of an ImageJ ``.roi`` or ``.zip`` file; one step of undo.

    Columns are positions and rows lines, as ImageJ shows the recording's file. A shape that is
    no rectangle becomes the rectangle around it, and the report says so; points and empty shapes
    are left out.

    Parameters
    ----------
    image : AcqImage
    path : path-like

    Returns
    -------
    RoiReport

    Raises
    ------
    RoiError
        If the file is no ROI file of ImageJ, or cannot be read.
    """
    import roifile

    source = Path(path)
    try:
        if source.stat().st_size > _LARGEST:
            raise RoiError(f"{source} is larger than {_LARGEST:,} bytes: it holds no ROIs")
        if source.suffix.lower() not in (".roi", ".zip"):
            raise RoiError(f"{source.name}: ROIs of ImageJ are in .roi or .zip files")
        read = roifile.roiread(source, maxsize=_LARGEST)
    except RoiError:
        raise
    except Exception as error:  # whatever its reader says of a file that is none
        raise RoiError(f"{source}: these are no ROIs of ImageJ ({error})") from error
    wanted, left_out = [], []
    for place, shape in enumerate(read if isinstance(read, list) else [read], start=1):
        try:
            wanted.append(_roi_of(shape, image.header.time_axis == "columns"))
        except RoiError as error:
            left_out.append(f"{shape.name or f'ROI {place}'}: {error}")
    return _bring(image, wanted, f"import {source.name}", tuple(left_out))


def export_imagej_rois(
    image: AcqImage,
    path: str | Path,
    roi_ids: Iterable[int] | None = None,
    *,
    overwrite: bool = False,
) -> Path:
    """Write ROIs for ImageJ: a ``.zip`` for any number of them, a ``.roi`` for one.

    Parameters
    ----------
    image : AcqImage
    path : path-like
        Its ending decides.
    roi_ids : iterable of int, optional
        All ROIs by default.
    overwrite : bool
        Whether a file of that name may be replaced.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RoiError
        If there is no ROI, more than one for a ``.roi``, or the file is there already.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> from cloudscope import AcqImage
    >>> image = AcqImage.from_array(np.zeros((100, 20)))
    >>> roi = image.add_roi(row_start=10, row_stop=60, name="vessel")
    >>> folder = tempfile.TemporaryDirectory()
    >>> file = export_imagej_rois(image, Path(folder.name) / "rois.zip")
    >>> import_imagej_rois(AcqImage.from_array(np.zeros((100, 20))), file).added[0].bounds
    (10, 60, 0, 20)
    >>> folder.cleanup()
    """
    from cloudscope.sidecar.atomic import replace_file

    target = Path(path)
    rois = image.rois if roi_ids is None else tuple(image.roi(one) for one in roi_ids)
    ending = target.suffix.lower()
    if ending not in (".roi", ".zip"):
        raise RoiError(f"{target.name}: give a name that ends in .zip (or .roi for one ROI)")
    if not rois:
        raise RoiError(f"{image.name} has no ROI to export")
    if ending == ".roi" and len(rois) > 1:
        raise RoiError(f"{target.name}: a .roi file holds one ROI, these are {len(rois)}; use .zip")
    if target.exists() and not overwrite:
        raise RoiError(f"{target} is there already: give another name, or overwrite=True")
    swapped = image.header.time_axis == "columns"
    data = _imagej_bytes(rois, swapped, as_zip=ending == ".zip")
    try:
        replace_file(target, data)
    except OSError as error:
        raise RoiError(f"{target}: the ROIs cannot be written ({error.strerror})") from error
    return target


def imagej_overlays(rois: Iterable[Roi]) -> list[bytes]:
    """ROIs as the overlays of an ImageJ TIFF whose rows are lines in time.

    Parameters
    ----------
    rois : iterable of Roi

    Returns
    -------
    list of bytes
        One ``.roi`` file each.
    """
    return [bytes(_imagej_shape(roi).tobytes()) for roi in rois]


# ---------------------------------------------------------------------- ImageJ's side


def _roi_of(shape: Any, swapped: bool) -> tuple[Roi, str]:
    """A ROI of ours for a shape of ImageJ, and what is different about it."""
    from roifile import ROI_TYPE

    left, top, right, bottom = _bounds_of(shape)
    said = ""
    if shape.roitype != ROI_TYPE.RECT:
        kind = ROI_TYPE(shape.roitype).name.lower()
        said = f"the rectangle around what is of the kind {kind} in ImageJ"
    bounds: dict[str, Any] = {
        "row_start": top,
        "row_stop": bottom,
        "col_start": left,
        "col_stop": right,
    }
    cut = {key: max(0, value) for key, value in bounds.items()}
    try:
        roi = Roi(roi_id=1, **cut, name=str(shape.name or ""), color=_css(shape.stroke_color))
    except RoiError:
        raise RoiError(f"it is empty ({left}, {top} to {right}, {bottom})") from None
    if cut != bounds and not said:
        said = "cut, for it began outside the image"
    return (roi.transposed() if swapped else roi), said


def _bounds_of(shape: Any) -> tuple[int, int, int, int]:
    """left, top, right, bottom in whole pixels, all of the shape inside."""
    from roifile import ROI_OPTIONS, ROI_TYPE

    if shape.roitype == ROI_TYPE.LINE:
        xs, ys = sorted((shape.x1, shape.x2)), sorted((shape.y1, shape.y2))
    elif shape.options & ROI_OPTIONS.SUB_PIXEL_RESOLUTION and shape.widthd > 0:
        xs = [shape.xd, shape.xd + shape.widthd]
        ys = [shape.yd, shape.yd + shape.heightd]
    else:
        return shape.left, shape.top, shape.right, shape.bottom
    return math.floor(xs[0]), math.floor(ys[0]), math.ceil(xs[1]), math.ceil(ys[1])


def _imagej_bytes(rois: Sequence[Roi], swapped: bool, *, as_zip: bool) -> bytes:
    import io
    import zipfile

    shapes = [_imagej_shape(roi.transposed() if swapped else roi) for roi in rois]
    if not as_zip:
        return bytes(shapes[0].tobytes())
    plain = (re.sub(r"[^\w .-]+", "_", roi.name).strip(" .") or "ROI" for roi in rois)
    names = [f"{roi.roi_id:04d}-{name}.roi" for roi, name in zip(rois, plain, strict=True)]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, shape in zip(names, shapes, strict=True):
            # A fixed date: the same ROIs are the same file.
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, shape.tobytes())
    return stream.getvalue()


def _imagej_shape(roi: Roi) -> Any:
    from roifile import ROI_OPTIONS, ROI_TYPE, ImagejRoi

    sides = {
        "left": roi.col_start,
        "right": roi.col_stop,
        "top": roi.row_start,
        "bottom": roi.row_stop,
    }
    exact: dict[str, Any] = {}
    if max(sides.values()) > _LARGEST_SHORT:
        exact = {
            "options": ROI_OPTIONS.SUB_PIXEL_RESOLUTION,
            "xd": float(roi.col_start),
            "yd": float(roi.row_start),
            "widthd": float(roi.pixels),
            "heightd": float(roi.lines),
        }
        sides = {side: min(place, _LARGEST_SHORT) for side, place in sides.items()}
    return ImagejRoi(
        roitype=ROI_TYPE.RECT,
        version=228,
        name=roi.name,
        stroke_color=_argb(roi.color),
        **sides,
        **exact,
    )


def _argb(color: str) -> bytes:
    match = _COLOR.fullmatch(color)
    return b"\xff" + bytes.fromhex(match[1]) if match else b"\x00" * 4


def _css(argb: bytes) -> str:
    return f"#{argb[1:4].hex()}" if len(argb) == 4 and argb[0] else ""


# ---------------------------------------------------------------------- our side


def _bring(
    image: AcqImage, wanted: Iterable[tuple[Roi, str]], label: str, left_out: tuple[str, ...] = ()
) -> RoiReport:
    lines, pixels = image.header.lines, image.header.pixels
    taken = {roi.bounds for roi in image.rois}
    new: list[Roi] = []
    changed: list[str] = []
    refused = list(left_out)
    for roi, said in wanted:
        title = roi.name or f"ROI {roi.roi_id}"
        fitted = roi.clamped(lines, pixels)
        if fitted.bounds in taken:
            refused.append(f"{title}: a ROI with these bounds is there already")
            continue
        taken.add(fitted.bounds)
        if said:
            changed.append(f"{title}: {said}")
        if fitted.bounds != roi.bounds:
            changed.append(f"{title}: {roi.bounds} became {fitted.bounds} to lie inside")
        new.append(fitted.replace(locked=False))
    with image.one_step(label):
        added = image.add_rois(new)
    return RoiReport(image, added, tuple(changed), tuple(refused))
