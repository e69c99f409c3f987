"""Pixels of a recording as series or images of an NWB file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cloudscope.analysis.execution import Progress
from cloudscope.errors import ExportError

if TYPE_CHECKING:
    import numpy as np

    from cloudscope.acq_image import AcqImage

__all__ = ["add_pixels"]

_CHUNK_BYTES = 1 << 20


def add_pixels(image: AcqImage, file: Any, plane: Any, reading: Progress) -> None:
    """Add the pixels of each channel to an NWB file in memory; they are read while it is written.

    The first axis of a ``TimeSeries`` is time, and readers and NWB Inspector take the longest for
    it. A recording with fewer lines or frames than pixels is therefore what it looks like: a few
    ``Images`` in their order, with an ``IndexSeries`` that says when each was taken.

    Parameters
    ----------
    image : AcqImage
    file : pynwb.NWBFile
    plane : pynwb.ophys.ImagingPlane
    reading : callable
        Called with the share that is read.

    Raises
    ------
    ExportError
        If a series needs a rate that is not known.
    """
    header = image.header
    line_scan = header.kind == "line_scan"
    period_s = header.line_period_s if line_scan else header.frame_period_s
    few = (
        header.lines < header.pixels
        if line_scan
        else header.frames < max(header.lines, header.pixels)
    )
    if period_s is None and (line_scan or not few):
        which = "line period" if line_scan else "frame period"
        raise ExportError(
            f"{image.name}: the {which} is not known, which NWB asks for where pixels go along: "
            "set it under Metadata, or give pixels=False"
        )
    for channel in range(header.channels):
        if few:
            _add_images(image, file, channel, period_s, reading)
        else:
            assert period_s is not None
            _add_series(image, file, plane, channel, period_s, reading)


def _told(image: AcqImage, channel: int) -> str:
    return f"Channel {image.header.channel_title(channel)} of {image.name}, as recorded. "


def _add_series(
    image: AcqImage, file: Any, plane: Any, channel: int, period_s: float, reading: Progress
) -> None:
    from pynwb import TimeSeries
    from pynwb.ophys import TwoPhotonSeries

    header, told = image.header, _told(image, channel)
    timing = {"unit": "counts", "rate": 1.0 / period_s, "starting_time": 0.0}
    if header.kind == "line_scan":
        rows = max(1, _CHUNK_BYTES // max(1, header.pixels * _dtype(image, channel).itemsize))
        shape: tuple[int, ...] = (header.lines, header.pixels)
        series = TimeSeries(
            name=f"kymograph_channel_{channel}",
            data=_pieces(image, channel, shape, min(rows, header.lines), reading),
            description=told + "Rows are lines in time, columns are positions along the line.",
            **timing,
        )
    else:
        shape = (header.frames, header.pixels, header.lines)
        series = TwoPhotonSeries(
            name=f"frames_channel_{channel}",
            data=_pieces(image, channel, shape, 1, reading),
            imaging_plane=plane,
            description=told + "Frames in time, each as (x, y).",
            **timing,
        )
    file.add_acquisition(series)


def _add_images(
    image: AcqImage, file: Any, channel: int, period_s: float | None, reading: Progress
) -> None:
    import numpy as np
    from pynwb.base import ImageReferences, Images
    from pynwb.image import GrayscaleImage, IndexSeries

    header, told = image.header, _told(image, channel)
    line_scan = header.kind == "line_scan"
    what = "lines" if line_scan else "frame"
    digits = len(str(header.frames - 1))
    pictures = [
        GrayscaleImage(
            name=what if header.frames == 1 else f"{what}_{number:0{digits}}",
            data=_picture(image, channel, number, reading),
            description=told + ("(position, line)" if line_scan else f"Frame {number}, (x, y)"),
        )
        for number in range(header.frames)
    ]
    name = f"kymograph_channel_{channel}" if line_scan else f"frames_channel_{channel}"
    words = (
        f"One picture, (position, line): a line every {period_s} s, see imaging_rate of the plane."
        if line_scan
        else "Frames in the order they were taken, each as (x, y)."
    )
    images = Images(
        name=name,
        images=pictures,
        description=told + words,
        order_of_images=ImageReferences(name="order_of_images", data=pictures),
    )
    file.add_acquisition(images)
    if not line_scan and period_s is not None and header.frames > 1:
        file.add_acquisition(
            IndexSeries(
                name=f"{name}_times",
                data=np.arange(header.frames, dtype=np.uint32),
                unit="N/A",
                indexed_images=images,
                rate=1.0 / period_s,
                starting_time=0.0,
                description=f"When each of the images of {name} was taken.",
            )
        )


def _dtype(image: AcqImage, channel: int) -> np.dtype[Any]:
    return image.frame(channel, 0).dtype


def _picture(image: AcqImage, channel: int, number: int, reading: Progress) -> Any:
    """One frame as (x, y), read when it is written."""
    header = image.header
    shape = (header.pixels, header.lines)

    def read(selection: tuple[slice, ...]) -> np.ndarray:
        reading((channel + number / header.frames) / header.channels)
        return image.frame(channel, number).T[selection]

    return _stored(read, shape, shape, _dtype(image, channel))


def _pieces(
    image: AcqImage, channel: int, shape: tuple[int, ...], at_once: int, reading: Progress
) -> Any:
    """All of a channel, read and compressed piece by piece while the file is written."""
    header = image.header

    def read(selection: tuple[slice, ...]) -> np.ndarray:
        first = selection[0]
        reading((channel + first.start / shape[0]) / header.channels)
        if header.kind == "line_scan":
            return image.frame(channel)[selection]
        frame = image.frame(channel, first.start).T
        return frame[None, *selection[1:]]

    return _stored(read, shape, (at_once, *shape[1:]), _dtype(image, channel))


def _stored(read: Any, shape: tuple[int, ...], chunk: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    from hdmf.backends.hdf5 import H5DataIO
    from hdmf.data_utils import GenericDataChunkIterator

    class Pieces(GenericDataChunkIterator):  # type: ignore[misc] # hdmf has no types
        def _get_data(self, selection: tuple[slice, ...]) -> np.ndarray:
            part: np.ndarray = read(selection)
            return part

        def _get_maxshape(self) -> tuple[int, ...]:
            return shape

        def _get_dtype(self) -> np.dtype[Any]:
            return dtype

    pieces = Pieces(buffer_shape=chunk, chunk_shape=chunk)
    return H5DataIO(pieces, compression="gzip", shuffle=True)
