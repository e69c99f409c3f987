"""`FileTable`: the recordings of a folder, with what is known and done of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from traitlets import Instance

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList, LoadFailure
from cloudscope.analysis.registry import analysis_names, get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import UnknownNameError
from cloudscope.widgets.data_table import DataTable, Glyph, TableColumn
from cloudscope.widgets.wording import number_text

__all__ = ["FILE_COLUMNS", "FileTable"]

PATCH_EVERY_S = 0.05
"""Changes of images are gathered for this long before the browser hears of them."""

STATUS = (
    Glyph("measured", "●", "measured", "ok"),
    Glyph("stale", "◐", "stale", "warn"),
    Glyph("none", "○", "not yet", "dim"),
    Glyph("failed", "!", "not readable", "bad"),
)

ACCEPTED = (
    Glyph(None, "", "", "dim"),
    Glyph(True, "✓", "accepted", "ok"),
    Glyph(False, "✗", "rejected", "bad"),
)

FILE_COLUMNS = (
    TableColumn(
        key="status",
        title="Status",
        kind="glyph",
        glyphs=STATUS,
        hint="status_hint",
        width=24,
        frozen=True,
    ),
    TableColumn(
        key="name",
        title="Recording",
        badge="dirty",
        badge_title="unsaved changes",
        detail="reason",
        keep_end=9,
        width=152,
        grow=280,
        frozen=True,
    ),
    TableColumn(
        key="accepted",
        title="Accepted",
        kind="glyph",
        glyphs=ACCEPTED,
        width=24,
        editable=True,
        help="click, or press A to accept and X to reject",
    ),
    TableColumn(key="duration_s", title="Duration", unit="s", kind="number", digits=1, width=63),
    TableColumn(key="rois", title="ROIs", kind="number", width=40),
    TableColumn(
        key="velocity_um_per_s",
        title="Velocity",
        unit="µm/s",
        kind="number",
        width=60,
        detail="velocity_more",
        hint="velocity_hint",
        help="median of the first ROI",
    ),
    TableColumn(
        key="diameter_um",
        title="Diameter",
        unit="µm",
        kind="number",
        digits=2,
        width=70,
        detail="diameter_more",
        hint="diameter_hint",
        help="median of the first ROI",
    ),
    TableColumn(key="analyses", title="Analyses", width=124, help="measured so far"),
    TableColumn(key="lines", title="Lines", kind="number", width=62),
    TableColumn(key="pixels", title="Pixels", kind="number", width=58),
    TableColumn(key="channels", title="Channels", kind="number", width=72),
    TableColumn(
        key="line_period_ms", title="Line period", unit="ms", kind="number", digits=3, width=80
    ),
    TableColumn(
        key="pixel_size_um", title="Pixel size", unit="µm", kind="number", digits=3, width=74
    ),
    TableColumn(key="condition", title="Condition", width=100),
    TableColumn(key="treatment", title="Treatment", width=100),
    TableColumn(key="animal_id", title="Animal id", width=90),
    TableColumn(key="vessel_type", title="Vessel type", width=90),
    TableColumn(key="folder", title="Folder", width=120),
    TableColumn(key="format", title="Format", width=110),
)
"""Columns of a `FileTable`."""

HIDDEN = ("condition", "treatment", "animal_id", "vessel_type", "folder", "format")

_HEADLINES = {"radon_velocity": "velocity", "diameter": "diameter"}
_UNITS = {"velocity": ("velocity_um_per_s", "µm/s"), "diameter": ("diameter_um", "µm")}
_WATCHED = ("name", "header", "experiment", "rois", "results", "accepted", "dirty", "problems")


class FileTable(DataTable):
    """The recordings of a folder as a table bound to the model.

    A row follows its recording: when a trait of an image changes, only that row is sent again.
    Files that cannot be read are rows too, with the reason. While the table has the focus, arrow
    keys and J/K move, A accepts and X rejects (again: undecided).

    Parameters
    ----------
    folder : AcqImageList
    **traits
        Traits of `DataTable`, for example ``hidden`` or ``layout``.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((50, 8)), name="scan")
    >>> table = FileTable(AcqImageList([image]))
    >>> table.selected = 0
    >>> table.selected_image is image
    True
    """

    folder = Instance(AcqImageList)
    """The recordings shown; assign another list to show that (Python only)."""

    selected_image = Instance(AcqImage, allow_none=True)
    """Recording of the selected row; None for no row or a file that cannot be read."""

    def __init__(self, folder: AcqImageList, **traits: Any) -> None:
        self._changed: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._flushed_at = 0.0
        self._images: tuple[AcqImage, ...] = ()
        self._group_freely = "group_by" not in traits
        super().__init__(
            FILE_COLUMNS,
            hidden=traits.pop("hidden", list(HIDDEN)),
            noun="recordings",
            label="recordings",
            legend="status",
            placeholder=traits.pop("placeholder", "There are no recordings in this folder"),
            filter_hint="Filter: name, status, rois>1 …",
            shortcuts=["a", "x"],
            **traits,
        )
        self.on_key(self._judge)
        self.on_edit(self._edited)
        self.observe(self._selection_changed, "selected")
        self.observe(self._image_chosen, "selected_image")
        self.observe(self._take_folder, "folder")
        self.folder = folder

    def image_of(self, row_id: int | None) -> AcqImage | None:
        """The recording of a row; None for no row or a file that cannot be read."""
        if row_id is None or row_id not in range(len(self._images)):
            return None
        return self._images[row_id]

    def failure_of(self, row_id: int | None) -> LoadFailure | None:
        """The failure of a row; None for a recording that could be read."""
        if row_id is None or row_id < len(self._images) or row_id not in self._rows:
            return None
        return self.folder.failures[row_id - len(self._images)]

    def close(self) -> None:
        """Let go of the model and of the browser's part; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        self._watch(())
        self.folder.unobserve(self._images_changed, ["images", "failures"])
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    def _take_folder(self, change: Any) -> None:
        old = change["old"]
        if isinstance(old, AcqImageList):
            old.unobserve(self._images_changed, ["images", "failures"])
        self.folder.observe(self._images_changed, ["images", "failures"])
        self._images_changed()

    def _images_changed(self, change: Any = None) -> None:
        chosen = self.selected_image
        self._watch(self.folder.images)
        # the old number may now be another recording
        self.selected = None
        self.set_rows(self._all_rows())
        if self._group_freely:
            folders = {row["folder"] for row in self.rows}
            self.group_by = "folder" if len(folders) > 1 else ""
        if chosen is not None and any(chosen is image for image in self._images):
            self.selected_image = chosen

    def _watch(self, images: tuple[AcqImage, ...]) -> None:
        for image in self._images:
            image.unobserve(self._image_changed, _WATCHED)
        self._images = images
        self._number = {id(image): number for number, image in enumerate(images)}
        self._changed.clear()
        for image in images:
            image.observe(self._image_changed, _WATCHED)

    def _all_rows(self) -> Iterator[dict[str, Any]]:
        for number, image in enumerate(self._images):
            yield {"id": number, **recording_row(image, self.folder)}
        for number, failure in enumerate(self.folder.failures, len(self._images)):
            yield {"id": number, **_failure_row(failure, self.folder)}

    def _image_changed(self, change: Any) -> None:
        number = self._number.get(id(change["owner"]))
        if number is None:
            return
        self._changed.add(number)
        if self._timer is not None:
            return
        wait = self._flushed_at + PATCH_EVERY_S - time.monotonic()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            wait = 0.0  # a plain script: nobody would call back later
        if wait <= 0:
            self._flush()
        else:
            self._timer = loop.call_later(wait, self._flush)

    def _flush(self) -> None:
        self._timer = None
        self._flushed_at = time.monotonic()
        changed, self._changed = sorted(self._changed), set()
        self.patch(
            {"id": number, **recording_row(self._images[number], self.folder)} for number in changed
        )

    def _selection_changed(self, change: Any) -> None:
        self.selected_image = self.image_of(change["new"])

    def _image_chosen(self, change: Any) -> None:
        image = change["new"]
        if image is self.image_of(self.selected):
            return
        if image is None:
            self.selected = None
        elif id(image) in self._number:
            self.selected = self._number[id(image)]
        else:
            self.selected_image = self.image_of(self.selected)
            raise UnknownNameError(f"{image.name} is not among the recordings of this table")

    def _judge(self, key: str) -> None:
        image = self.selected_image
        if image is not None:
            verdict = key == "a"
            image.accepted = None if image.accepted is verdict else verdict

    def _edited(self, row_id: int, key: str, value: Any) -> None:
        image = self.image_of(row_id)
        if image is not None and key == "accepted" and value in (True, False, None):
            image.accepted = value


def recording_row(image: AcqImage, folder: AcqImageList) -> dict[str, Any]:
    """What a `FileTable` shows of a recording."""
    header, experiment = image.header, image.experiment
    period = header.line_period_s
    row: dict[str, Any] = {
        "name": image.name,
        "folder": _parent(folder.relative_path(image)),
        "format": header.format,
        "duration_s": header.duration_s,
        "lines": header.lines,
        "pixels": header.pixels,
        "channels": header.channels,
        "line_period_ms": None if period is None else period * 1000,
        "pixel_size_um": header.pixel_size_um,
        "rois": len(image.rois),
        "accepted": image.accepted,
        "dirty": image.dirty,
        "reason": "",
        "row_tone": "",
        "condition": experiment.condition,
        "treatment": experiment.treatment,
        "animal_id": experiment.animal_id,
        "vessel_type": experiment.vessel_type,
    }
    return row | _status(image) | _headlines(image)


def _status(image: AcqImage) -> dict[str, Any]:
    results = image.results
    reasons = {key: image.stale_reason(result) for key, result in results.items()}
    stale = [f"{_title(key[0])} is stale: {why}" for key, why in reasons.items() if why]
    status = "none" if not results else "stale" if stale else "measured"
    title = next(glyph.title for glyph in STATUS if glyph.value == status)
    done = dict.fromkeys(key[0] for key in results)
    return {
        "status": status,
        "status_hint": "; ".join([*(stale or [title]), *image.problems]),
        "analyses": ", ".join(_title(name).lower() for name in done),
    }


def _headlines(image: AcqImage) -> dict[str, Any]:
    shown: dict[str, Any] = {}
    for analysis, what in _HEADLINES.items():
        key, unit = _UNITS[what]
        # a ROI somebody drew says more than the whole recording
        found = sorted(
            (r for r in image.results.values() if r.analysis == analysis),
            key=lambda r: (r.roi_id == 0, r.roi_id or 0, r.channel or 0),
        )
        shown[key] = _headline(found[0]) if found else None
        shown[f"{what}_more"] = f"+{len(found) - 1}" if len(found) > 1 else ""
        shown[f"{what}_hint"] = "; ".join(
            f"{_where(image, result)}: {number_text(_headline(result))} {unit}" for result in found
        )
    return shown


def _headline(result: AnalysisResult) -> float | None:
    value = result.summary.get(get_analysis(result.analysis).headline)
    return None if value is None or value != value else float(value)


def _where(image: AcqImage, result: AnalysisResult) -> str:
    place = "whole recording" if not result.roi_id else f"ROI {result.roi_id}"
    return place if image.header.channels == 1 else f"{place}, channel {result.channel}"


def _title(analysis: str) -> str:
    # a result may come from an analysis of a package that is not installed here
    return get_analysis(analysis).title if analysis in analysis_names() else analysis


def _failure_row(failure: LoadFailure, folder: AcqImageList) -> dict[str, Any]:
    path = failure.path
    if folder.folder is not None and path.is_relative_to(folder.folder):
        path = path.relative_to(folder.folder)
    return {
        "name": failure.name,
        "folder": _parent(path.as_posix()),
        "status": "failed",
        "status_hint": f"not readable: {failure.reason}",
        "reason": failure.reason,
        "row_tone": "failed",
        "accepted": None,
        "dirty": False,
    }


def _parent(relative: str) -> str:
    parent = PurePosixPath(relative).parent.as_posix()
    return "this folder" if parent == "." else parent
