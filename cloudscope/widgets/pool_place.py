"""Where a dot of a pool is from: its ROI, channel and time in the viewer."""

from __future__ import annotations

from typing import Any

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.viewer import KymographViewer

__all__ = ["show_place"]


def show_place(viewer: KymographViewer, image: AcqImage, place: Any) -> None:
    """Show ROI, channel and time of a row of a pool, as soon as the viewer has its recording.

    Parameters
    ----------
    viewer : KymographViewer
    image : AcqImage
    place : Series
        A row of `pool_table`.
    """
    if viewer.image is image:
        _show(viewer, image, place)
        return

    def arrived(change: Any) -> None:  # large recordings are read first
        viewer.unobserve(arrived, "image")
        if change["new"] is image:
            # after those who choose a ROI for a recording that is just opened
            _later(viewer, image, place)

    viewer.observe(arrived, "image")


def _later(viewer: KymographViewer, image: AcqImage, place: Any) -> None:
    import asyncio

    def show() -> None:
        if viewer.image is image:
            _show(viewer, image, place)

    try:
        asyncio.get_running_loop().call_soon(show)
    except RuntimeError:
        show()


def _show(viewer: KymographViewer, image: AcqImage, place: Any) -> None:
    roi_id, channel = _number(place.get("roi_id")), _number(place.get("channel"))
    if roi_id in {roi.roi_id for roi in image.rois}:
        viewer.selected_roi_id = int(roi_id)
    elif roi_id == 0:
        viewer.selected_roi_id = None
    if channel == channel:
        viewer.channel = int(channel)
    time_s = _number(place.get("time_in_recording_s"))
    if time_s != time_s:
        return
    start, stop = viewer.time_range
    if not start <= time_s <= stop:
        half = (stop - start) / 2
        viewer.time_range = (time_s - half, time_s + half)
    viewer.cursor_s = time_s


def _number(value: Any) -> float:
    """The value, NaN where there is none."""
    return float("nan") if value is None or value != value else float(value)
