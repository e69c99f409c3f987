"""What was measured, drawn on the picture: the walls of vessels, and events as bands of time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from cloudscope.analysis.samples import USABLE
from cloudscope.errors import ResultTableError
from cloudscope.widgets.decimate import extremes_per_column, visible

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cloudscope.acq_image import AcqImage
    from cloudscope.analysis.result import AnalysisResult

__all__ = ["Marks", "measured_marks", "previewed_marks", "serves"]

_DRAWN = -1  # a ROI that has no id yet, as the browser knows it
_COLUMNS = 1600  # points a wall at most: the picture is seldom wider
_AROUND = 1.0  # how much is sent on either side of what is visible, in widths of it
_COARSER = 2.5  # marks drawn for a stretch this much longer than the visible one are too coarse


@dataclass(frozen=True, eq=False)
class Marks:
    """Walls and events of one channel, in lines and columns of the recording.

    Attributes
    ----------
    walls : tuple
        For each diameter: ROI id, middles of its lines, and both walls in columns.
    events : tuple of dict
        ``roi_id``, ``start`` and ``stop`` in lines, ``kind`` and ``title``.
    """

    walls: tuple[
        tuple[int, NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]], ...
    ] = ()
    events: tuple[dict[str, Any], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.walls or self.events)

    def around(self, start: float, stop: float) -> dict[str, Any]:
        """What the browser draws while lines `start` to `stop` are visible, and a bit around.

        Walls are the lowest and highest place of each screen column, so that no jump is lost.
        """
        span = stop - start
        first, last = start - _AROUND * span, stop + _AROUND * span
        walls = []
        for roi_id, lines, left, right in self.walls:
            part = visible(lines, first, last)
            columns = max(1, round(_COLUMNS * (1 + 2 * _AROUND)))
            walls.append(
                {
                    "roi_id": roi_id,
                    "left": _points(lines[part], left[part], columns),
                    "right": _points(lines[part], right[part], columns),
                }
            )
        return {"start": first, "stop": last, "walls": walls, "events": list(self.events)}


def serves(drawn: dict[str, Any], start: float, stop: float) -> bool:
    """Whether what was sent last still does while lines `start` to `stop` are visible."""
    if not drawn:
        return False
    sent = (drawn["stop"] - drawn["start"]) / (1 + 2 * _AROUND)
    inside: bool = drawn["start"] <= start and stop <= drawn["stop"]
    return inside and sent <= _COARSER * (stop - start)


def _points(
    lines: NDArray[np.float64], place: NDArray[np.float64], columns: int
) -> memoryview[int]:
    along, across = extremes_per_column(lines, place, columns)
    return np.stack([along, across], 1).astype("<f4").ravel().data


def measured_marks(image: AcqImage | None, channel: int) -> Marks:
    """Marks of what is measured in a channel and not stale.

    Parameters
    ----------
    image : AcqImage or None
    channel : int
    """
    if image is None or image.header.kind != "line_scan":
        return Marks()
    walls, events = [], []
    for key in sorted(image.results):
        analysis, of_channel, roi_id = key
        if of_channel != channel or analysis not in ("diameter", "velocity_events"):
            continue
        result = image.results[key]
        if image.stale_reason(result) is not None or result.bounds is None:
            continue
        try:
            if analysis == "diameter":
                walls.append((roi_id, *_walls(result)))
            else:
                events += _events(result, roi_id)
        except ResultTableError:  # its trace says that the table is gone
            continue
    return Marks(tuple(walls), tuple(events))


def previewed_marks(roi_id: int | None, result: AnalysisResult) -> Marks:
    """Walls of a diameter that belongs to no results yet.

    Parameters
    ----------
    roi_id : int or None
        ROI under the hand; ``None`` for one that is being drawn.
    result : AnalysisResult
        Of `diameter`.
    """
    return Marks(walls=((_DRAWN if roi_id is None else roi_id, *_walls(result)),))


def _walls(
    result: AnalysisResult,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    columns, bounds = result.columns, result.bounds
    period, pixel = result.calibration.line_period_s, result.calibration.pixel_size_um
    assert bounds is not None
    assert period is not None
    assert pixel is not None
    lines = bounds[0] + np.asarray(columns["time_s"], float) / period + 0.5
    usable = np.isin(columns["status"], USABLE)
    left, right = (
        bounds[2] + np.where(usable, columns[name], np.nan) / pixel
        for name in ("left_um", "right_um")
    )
    return lines, left, right


def _events(result: AnalysisResult, roi_id: int) -> list[dict[str, Any]]:
    columns, bounds = result.columns, result.bounds
    period = result.calibration.line_period_s
    assert bounds is not None
    assert period is not None
    return [
        {
            "roi_id": roi_id,
            "start": bounds[0] + float(start) / period,
            "stop": bounds[0] + float(stop) / period,
            "kind": str(kind),
            "title": str(label or kind),
        }
        for start, stop, kind, label, reviewed in zip(
            *(columns[name] for name in ("start_s", "stop_s", "kind", "label", "reviewed")),
            strict=True,
        )
        if reviewed != "rejected"
    ]
