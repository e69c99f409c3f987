"""The Events panel: what happened in a velocity, one row an event, reviewed and edited in place."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import CloudscopeError
from cloudscope.roi import WHOLE_RECORDING
from cloudscope.veil import hide_names
from cloudscope.widgets.data_table import DataTable, Glyph, TableColumn
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.theme import heading_html, theme_style
from cloudscope.widgets.viewer import KymographViewer
from cloudscope.widgets.wording import number_text

__all__ = ["EventsPanel"]

ANALYSIS = "velocity_events"
_AROUND_S = 0.5  # least that is shown on either side of an event
_REVIEWS = (
    Glyph("unreviewed", "○", "not reviewed yet", "dim"),
    Glyph("confirmed", "✓", "confirmed", "ok"),
    Glyph("rejected", "✗", "rejected", "bad"),
)
_COLUMNS = (
    TableColumn(
        key="reviewed", title="Reviewed", kind="glyph", width=30, glyphs=_REVIEWS, editable=True,
        help="C confirms, X rejects, U takes it back",
    ),
    TableColumn(key="kind", title="Event", width=72, detail="label", hint="note"),
    TableColumn(key="start_s", title="Start", unit="s", kind="number", digits=3, width=66),
    TableColumn(key="duration_s", title="Lasts", unit="s", kind="number", digits=3, width=58),
    TableColumn(
        key="change_percent", title="Change", unit="%", kind="number", width=62,
        help="Change as a share of the usual speed; −100 stands still",
    ),
    TableColumn(
        key="strength", title="Strength", kind="number", digits=1, width=72,
        help="Size of the change over its standard deviation",
    ),
)  # fmt: skip


class EventsPanel(ipywidgets.VBox):
    """Events of the velocity shown: look at each, confirm or reject it, name it, add one.

    What the machine found stays: a rejected event keeps its row, a moved one its detected times.

    Parameters
    ----------
    viewer : KymographViewer
        Shows the event chosen, and says which stretch a new event takes.
    status : StatusLine
        Told what happens.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown."""

    def __init__(self, viewer: KymographViewer, status: StatusLine) -> None:
        super().__init__()
        self._viewer, self._status = viewer, status
        self._showing = False
        self._heading = ipywidgets.HTML()
        self._words = ipywidgets.HTML()
        self._words.add_class("cs-hint")
        self.table = DataTable(
            _COLUMNS, noun="events", label="Events", shortcuts=["c", "x", "u"],
            placeholder="No events here", filter_hint="Filter: stall, strength>5 …",
            layout={"height": "300px", "width": "100%"},
        )  # fmt: skip
        self.confirm = _button("Confirm", "It is one (C)")
        self.reject = _button("Reject", "It is none; the row stays (X)")
        self.reset = _button("Not reviewed", "Take the review back (U)")
        self.label = ipywidgets.Combobox(description="Label", ensure_option=False)
        self.note = ipywidgets.Textarea(description="Note", rows=2)
        for field in (self.label, self.note):
            field.continuous_update = False
            field.layout.width = "auto"
            field.style.description_width = "52px"
        self.add = _button("Add the visible stretch", "A new event as long as what is on screen")
        self.move = _button("Set to what is visible", "Begin and end become those of the screen")
        self.delete = _button("Delete", "Removes one added by hand; one that was found is rejected")
        rows = [
            ipywidgets.HBox([self.confirm, self.reject, self.reset]),
            self.label,
            self.note,
            ipywidgets.HBox([self.add, self.move, self.delete]),
        ]
        for row in (rows[0], rows[3]):
            row.layout.flex_flow = "row wrap"
        self._edit = ipywidgets.VBox(rows)
        self._edit.add_class("cs-section")
        top = ipywidgets.VBox([self._heading, self._words, self.table])
        top.add_class("cs-section")
        self.children = (theme_style(), top, self._edit)
        self.add_class("cs-panel")
        self.add_class("cs-events")
        self._connect()
        self._show()

    def _connect(self) -> None:
        def guard(action: Callable[[], None]) -> Callable[..., None]:
            return self._status.guarded("Events", lambda *_: action())

        self.confirm.on_click(guard(lambda: self.review("confirmed")))
        self.reject.on_click(guard(lambda: self.review("rejected")))
        self.reset.on_click(guard(lambda: self.review("unreviewed")))
        self.add.on_click(guard(self.add_visible))
        self.move.on_click(guard(self.move_to_visible))
        self.delete.on_click(guard(self.delete_chosen))
        keys = {"c": "confirmed", "x": "rejected", "u": "unreviewed"}
        self.table.on_key(self._status.guarded("Events", lambda key: self.review(keys[key])))
        self.table.on_edit(self._status.guarded("Events", self._clicked))
        self.table.observe(self._status.guarded("Events", self._chosen), "selected")
        self.label.observe(self._status.guarded("Events", self._words_typed), "value")
        self.note.observe(self._status.guarded("Events", self._words_typed), "value")
        self._viewer.observe(lambda _: self._show(), ("channel", "selected_roi_id"))
        self.observe(self._take_image, "image")

    # ------------------------------------------------------------------ what can be done

    @property
    def result(self) -> AnalysisResult | None:
        """The events of the channel and ROI shown, or ``None``."""
        if self.image is None:
            return None
        roi_id = self._viewer.selected_roi_id or WHOLE_RECORDING
        return self.image.result(ANALYSIS, self._viewer.channel, roi_id)

    def review(self, verdict: Any) -> None:
        """Confirm, reject or take back the event chosen."""
        from cloudscope.analysis.velocity_events import review_event

        result, number = self.result, self.table.selected
        if result is None or number is None:
            return
        words = {"confirmed": "confirm", "rejected": "reject", "unreviewed": "review again"}
        self._keep(review_event(result, number, verdict), f"{words[verdict]} an event")

    def add_visible(self) -> None:
        """Add an event over the stretch of time on the screen, and choose it."""
        from cloudscope.analysis.velocity_events import add_event

        result = self.result
        if result is None:
            return
        start, stop = self._visible(result)
        added = add_event(result, start, stop, velocity=self._velocity(result))
        self._keep(added, "add an event")
        self.table.selected = int(added.summary["last_event_id"])

    def move_to_visible(self) -> None:
        """Begin and end of the event chosen become those of the screen."""
        from cloudscope.analysis.velocity_events import edit_event

        result, number = self.result, self.table.selected
        if result is None or number is None:
            return
        start, stop = self._visible(result)
        moved = edit_event(
            result, number, start_s=start, stop_s=stop, velocity=self._velocity(result)
        )
        self._keep(moved, "move an event")

    def delete_chosen(self) -> None:
        """Delete the event chosen: one that was found stays, rejected."""
        from cloudscope.analysis.velocity_events import delete_event

        result, number = self.result, self.table.selected
        if result is not None and number is not None:
            self._keep(delete_event(result, number), "delete an event")

    def _keep(self, result: AnalysisResult, label: str) -> None:
        assert self.image is not None
        self.image.revise(result, label)
        self._status.say(f"{label}: done, and Undo takes it back", "ok")

    def _velocity(self, result: AnalysisResult) -> AnalysisResult | None:
        """The velocity the events were found in, if it is still that one."""
        record = result.inputs.get("velocity")
        found = None if record is None or self.image is None else self.image.results.get(record.key)
        return found if found is not None and record and found.digest == record.digest else None

    def _visible(self, result: AnalysisResult) -> tuple[float, float]:
        start, stop = self._viewer.time_range
        first = self._offset_s(result)
        return max(start - first, 0.0), max(stop - first, 0.0)

    def _offset_s(self, result: AnalysisResult) -> float:
        period = result.calibration.line_period_s
        return result.bounds[0] * period if result.bounds and period else 0.0

    # ------------------------------------------------------------------ following

    def _take_image(self, change: Any) -> None:
        for image, follow in ((change["old"], False), (change["new"], True)):
            if image is not None:
                names = ["results", "rois", "header"]
                (image.observe if follow else image.unobserve)(self._model_changed, names)
        self.table.selected = None
        self._show()

    def _model_changed(self, change: Any) -> None:
        self._show()

    def _clicked(self, number: int, key: str, value: Any) -> None:
        self.table.selected = number
        self.review(value)

    def _chosen(self, change: Any) -> None:
        self._show_chosen()
        result, row = self.result, self._row()
        if result is None or row is None or self._showing:
            return
        first = self._offset_s(result)
        around = max(_AROUND_S, row["duration_s"])
        start, stop = row["start_s"] + first - around, row["stop_s"] + first + around
        self._viewer.time_range = (start, stop)

    def _words_typed(self, change: Any) -> None:
        from cloudscope.analysis.velocity_events import edit_event

        result, row = self.result, self._row()
        if self._showing or result is None or row is None:
            return
        number = int(row["event_id"])
        name = "label" if change["owner"] is self.label else "note"
        if change["new"] != row[name]:
            edited = edit_event(result, number, **{name: change["new"]})
            self._keep(edited, f"{name} of an event")

    def _row(self) -> dict[str, Any] | None:
        result, number = self.result, self.table.selected
        if result is None or number is None:
            return None
        at = (result.columns["event_id"] == number).nonzero()[0]
        return {k: v[at[0]] for k, v in result.columns.items()} if at.size else None

    def _show(self) -> None:
        result = self.result
        self._showing = True
        try:
            rows, problem = _rows(result)
            self.table.set_rows(rows)
            self.label.options = sorted({str(row["label"]) for row in rows if row["label"]})
        finally:
            self._showing = False
        stale = "" if result is None or self.image is None else self.image.stale_reason(result)
        pills = ["stale"] if stale else []
        self._heading.value = heading_html("Events", *pills, tone="warn" if stale else "")
        self._words.value = escape(problem or stale or _counts(result))
        self.add.disabled = result is None
        self._show_chosen()

    def _show_chosen(self) -> None:
        row = self._row()
        self._showing = True
        try:
            self.label.value = "" if row is None else str(row["label"])
            self.note.value = "" if row is None else str(row["note"])
        finally:
            self._showing = False
        controls = (
            self.confirm, self.reject, self.reset, self.label, self.note, self.move, self.delete,
        )  # fmt: skip
        for control in controls:
            control.disabled = row is None

    def __repr__(self) -> str:
        return f"EventsPanel({len(self.table.rows)} events)"


def _rows(result: AnalysisResult | None) -> tuple[list[dict[str, Any]], str]:
    if result is None:
        return [], ""
    try:
        columns = result.columns
    except CloudscopeError as error:  # its table is gone
        return [], hide_names(str(error))
    names = [column.key for column in _COLUMNS] + ["label", "note"]
    picked = zip(columns["event_id"], *(columns[name] for name in names), strict=True)
    return [
        {"id": int(number), **dict(zip(names, values, strict=True))} for number, *values in picked
    ], ""


def _counts(result: AnalysisResult | None) -> str:
    if result is None:
        return "Measure velocity events here to see them: see Measure."
    summary = result.summary
    kinds = ("drops", "rises", "stalls", "reversals", "gaps", "user_events")
    found = [f"{summary[k]} {k.replace('_', ' ')}" for k in kinds if summary.get(k)]
    share = summary.get("stalled_share")
    stalled = f"; stalled for {number_text(100 * share, 2)} % of the time" if share else ""
    left = summary.get("unreviewed", 0)
    return (", ".join(found) or "No events") + stalled + (f"; {left} to review" if left else "")


def _button(text: str, tooltip: str) -> ipywidgets.Button:
    button = ipywidgets.Button(description=text, tooltip=tooltip)
    button.layout.width = "auto"
    return button
