"""`FileTable`: the recordings of a folder, with what is known and done of each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from traitlets import Instance

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList, LoadFailure
from cloudscope.errors import UnknownNameError
from cloudscope.kept_rows import KeptRows
from cloudscope.recording_columns import ShownRoi, failure_row, hidden_at_first, recording_row
from cloudscope.selection import columns_of
from cloudscope.table_columns import TableColumn
from cloudscope.trait_types import TupleOf
from cloudscope.widgets.data_table import DataTable
from cloudscope.widgets.table_memory import REMEMBERED, recall, remember

__all__ = ["FileTable"]

PATCH_EVERY_S = 0.05
"""Changes of images are gathered for this long before the browser hears of them."""

_WATCHED = (
    "name",
    "header",
    "experiment",
    "name_fields",
    "rois",
    "results",
    "accepted",
    "dirty",
    "problems",
)


class FileTable(DataTable):
    """The recordings of a folder as a table bound to the model.

    A row follows its recording: when a trait of an image changes, only that row is sent again.
    Files that cannot be read are rows too, with the reason. While the table has the focus, arrow
    keys and J/K move, A accepts and X rejects (again: undecided); Shift and Ctrl select several.

    Parameters
    ----------
    folder : AcqImageList
    remembers : bool
        Whether columns, their order and widths, sorting and groups are kept for the next time
        this folder is opened, in the user's own cache.
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

    selected_images = TupleOf(AcqImage)
    """Recordings of the selected rows, `selected_image` first (the table writes)."""

    def __init__(self, folder: AcqImageList, *, remembers: bool = False, **traits: Any) -> None:
        self._changed: set[int] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._closed = False
        self._flushed_at = 0.0
        self._images: tuple[AcqImage, ...] = ()
        self._given = {name: traits[name] for name in REMEMBERED if name in traits}
        self._remembers = remembers
        self._arranging = False
        self._free: dict[str, None] = {}
        self._roi_ids: dict[int, tuple[int, ...]] = {}
        self._unproven: set[int] = set()
        self._filling = False
        self._blind = False
        super().__init__(
            (),
            multiple=traits.pop("multiple", True),
            choice_label="Numbers of",
            noun="recordings",
            label="recordings",
            legend="status",
            placeholder=traits.pop("placeholder", "There are no recordings in this folder"),
            filter_hint="Filter: name, condition:sham, rois>1 …",
            shortcuts=["a", "x"],
            **traits,
        )
        self.on_key(self._judge)
        self.on_edit(self._edited)
        self.on_reset(self._reset)
        self.observe(self._selection_changed, "selected")
        self.observe(self._rows_chosen, "selected_rows")
        self.observe(self._arranged, tuple(REMEMBERED))
        self.observe(self._roi_chosen, "choice")
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
        self._leave(self.folder)
        if self._timer is not None:
            self._timer.cancel()
        super().close()

    @property
    def images_shown(self) -> tuple[AcqImage, ...]:
        """The recordings that pass the filter, in the order shown."""
        found = (self.image_of(row_id) for row_id in self.order)
        return tuple(image for image in found if image is not None)

    def _take_folder(self, change: Any) -> None:
        old = change["old"]
        if isinstance(old, AcqImageList):
            self._leave(old)
        self.folder.observe(self._images_changed, ["images", "failures", "settings"])
        self.folder.observe(self._blinding_changed, "blinding")
        self.column_filters = {}
        self._images_changed(change)

    def _leave(self, folder: AcqImageList) -> None:
        folder.unobserve(self._images_changed, ["images", "failures", "settings"])
        folder.unobserve(self._blinding_changed, "blinding")

    def _blinding_changed(self, change: Any) -> None:
        was, now = (one is not None and one.active for one in (change["old"], change["new"]))
        if was != now:  # the order may be what it was, and the names are not
            self._images_changed(change)

    def _images_changed(self, change: Any = None) -> None:
        chosen = self.selected_image
        self._watch(self.folder.images)
        # The old number may now be another recording; where the one shown is still there, it
        # stays, so that a recording that joins does not take what one looks at away.
        places = (at for at, image in enumerate(self._images) if image is chosen)
        self.selected = next(places, None)
        blinded = self.folder.blinded != self._blind
        blinded |= change is not None and change["name"] == "blinding"
        if blinded:  # what was asked of names and groups must not be answered by codes
            self._blind = self.folder.blinded
            self._arranging = True  # not for the next time
            self.filter, self.column_filters, self.group_by, self.sort_by = "", {}, "", ""
            self._arranging = False
        self._filling = True  # reading a sidecar may find that its recording has to change
        try:
            rows = list(self._all_rows())
        finally:
            self._filling = False
        self._take_columns(rows)
        self.set_rows(rows)
        if blinded or (change is not None and change["name"] in ("folder", "settings")):
            self._arrange()
        elif not self._given.get("group_by") and not self.group_by:
            self._group_by_folder()
        if chosen is not None and any(chosen is image for image in self._images):
            self.selected_image = chosen

    # ------------------------------------------------------------------ columns

    def _take_columns(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The columns of this folder, and the ROIs whose numbers they may show."""
        # From the rows: asking the recordings would read the sidecar of each.
        free = dict.fromkeys(key for row in rows for key in row if key.startswith("extra."))
        columns = columns_of(self.folder, [key.removeprefix("extra.") for key in free])
        self.columns = [asdict(column) for column in columns]
        self.groupable = [column.key for column in columns if _groups(column)]
        ids = sorted({roi_id for ids in self._roi_ids.values() for roi_id in ids})
        self.choices = [
            ["", "first ROI"],
            ["0", "whole recording"],
            *([str(roi_id), f"ROI {roi_id}"] for roi_id in ids[:50]),
        ]
        self._free = dict.fromkeys(c.key for c in columns if c.key.startswith("extra."))

    def _arrange(self, forget: bool = False) -> None:
        """Columns, order, groups as given, as remembered, as the folder says, or as usual."""
        settings, folder = self.folder.settings, self.folder.folder
        columns = columns_of(self.folder, [key.removeprefix("extra.") for key in self._free])
        keys = [column.key for column in columns]
        said = [key for key in settings.columns if key in keys]
        hidden = hidden_at_first(columns)
        if said:
            hidden = [key for key in keys if key not in said and key not in ("status", "name")]
        usual: dict[str, Any] = {name: kind() for name, kind in REMEMBERED.items()}
        usual |= {"hidden": hidden, "column_order": said, "group_by": settings.group_by}
        if self._blind:
            said, usual["group_by"] = [], ""
            usual["column_order"] = []
        remembers = self._remembers and not self._blind
        kept = recall(folder) if remembers and folder is not None and not forget else {}
        wanted = usual | kept | self._given
        self._arranging = True
        try:
            with self.hold_sync():
                for name, value in wanted.items():
                    if getattr(self, name) != value:
                        setattr(self, name, value)
                if "group_by" not in {**kept, **self._given} and not usual["group_by"]:
                    self._group_by_folder()
        finally:
            self._arranging = False

    def _group_by_folder(self) -> None:
        folders = {row.get("folder", "") for row in self.rows}
        self.group_by = "folder" if len(folders) > 1 else ""

    def _arranged(self, change: Any) -> None:
        folder = self.folder.folder if self.trait_has_value("folder") else None
        if self._remembers and not (self._arranging or self._blind) and folder is not None:
            remember(folder, {name: getattr(self, name) for name in REMEMBERED})

    def _reset(self) -> None:
        self.column_filters = {}
        self._arrange(forget=True)
        self._arranged(None)

    def _roi_chosen(self, change: Any) -> None:
        self._changed.update(range(len(self._images)))
        self._flush()

    @property
    def shown_roi(self) -> ShownRoi:
        """Whose numbers are shown: of the first ROI measured, or of one by id; 0 is the whole."""
        return int(self.choice) if self.choice.isdecimal() else "first"

    # ------------------------------------------------------------------ rows

    def _watch(self, images: tuple[AcqImage, ...]) -> None:
        for image in self._images:
            image.unobserve(self._image_changed, _WATCHED)
        self._images = images
        self._number = {id(image): number for number, image in enumerate(images)}
        self._changed.clear()
        for image in images:
            image.observe(self._image_changed, _WATCHED)

    def _all_rows(self) -> Iterator[dict[str, Any]]:
        self._unproven, self._roi_ids = set(), {}
        if self.shown_roi == "first":
            for number, kept in enumerate(KeptRows(self.folder).rows()):
                if kept.from_before:
                    self._unproven.add(number)
                self._roi_ids[number] = kept.roi_ids
                yield {"id": number, **kept.row}
        else:
            for number in range(len(self._images)):
                yield self._row(number)
        for number, failure in enumerate(self.folder.failures, len(self._images)):
            yield {"id": number, **failure_row(failure, self.folder)}

    def _row(self, number: int) -> dict[str, Any]:
        image = self._images[number]
        self._unproven.discard(number)
        self._roi_ids[number] = tuple(roi.roi_id for roi in image.rois)
        shown = recording_row(image, self.folder.relative_path(image), self.shown_roi)
        return {"id": number, **shown}

    def _image_changed(self, change: Any) -> None:
        number = self._number.get(id(change["owner"]))
        if number is not None and not self._filling:
            self._row_changed(number)

    def _row_changed(self, number: int) -> None:
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
        rows = [self._row(number) for number in changed]
        known = {row["id"]: self._rows[row["id"]] for row in rows}
        # a number that was shown and is gone says so
        self.patch({**dict.fromkeys(known[row["id"]]), **row} for row in rows)
        free = {key for row in rows for key in row if key.startswith("extra.")}
        if not free <= self._free.keys() or self._new_roi(changed):
            self._take_columns(self.rows)

    def _new_roi(self, numbers: list[int]) -> bool:
        offered = {value for value, _title in self.choices}
        return any(str(roi_id) not in offered for n in numbers for roi_id in self._roi_ids[n][:50])

    def _selection_changed(self, change: Any) -> None:
        self.selected_image = self.image_of(change["new"])
        if change["new"] in self._unproven:  # now its sidecar is read, as it is by now
            self._row_changed(change["new"])
        self._rows_chosen()

    def _rows_chosen(self, change: Any = None) -> None:
        rows = [self.selected, *(n for n in self.selected_rows if n != self.selected)]
        found = (self.image_of(row_id) for row_id in rows)
        self.selected_images = tuple(image for image in found if image is not None)

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


def _groups(column: TableColumn) -> bool:
    """Whether a group by this column makes sense: few values, each on many rows."""
    if column.kind == "number":
        return column.digits == 0 and not column.unit
    return column.key not in ("name", "note", "problem")
