"""The Batch panel: many recordings, several analyses, said before it is done and told after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.analysis.registry import get_analysis
from cloudscope.batch.workers import cores
from cloudscope.errors import ParameterError
from cloudscope.table_columns import Glyph, TableColumn
from cloudscope.veil import hide_names
from cloudscope.widgets.analysis_choice import AnalysisChoice
from cloudscope.widgets.background_run import BackgroundRun, Job, in_words
from cloudscope.widgets.batch_work import BatchLine, BatchRequest, Key, preview, run_request
from cloudscope.widgets.data_table import DataTable
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.table import FileTable
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.wording import counted

__all__ = ["BATCH_COLUMNS", "BatchPanel"]

STATES = (
    Glyph("measure", "○", "to be measured", "dim"),
    Glyph("waits", "◔", "after another of this run", "dim"),
    Glyph("fresh", "◉", "fresh, left as it is", "ok"),
    Glyph("refused", "⊘", "refused", "warn"),
    Glyph("done", "●", "measured", "ok"),
    Glyph("failed", "!", "failed", "bad"),
    Glyph("cancelled", "–", "not measured", "dim"),
)

BATCH_COLUMNS = (
    TableColumn(key="state", title="State", kind="glyph", glyphs=STATES, width=24, frozen=True),
    TableColumn(key="name", title="Recording", keep_end=9, width=100, grow=240, frozen=True),
    TableColumn(key="analysis", title="Analysis", width=60),
    TableColumn(key="roi", title="ROI", width=36),
    TableColumn(key="note", title="Outcome", width=100, grow=400, hint="note"),
    TableColumn(key="seconds", title="Time", unit="s", kind="number", digits=1, width=44),
)
"""Columns of the preview, which becomes the table of outcomes."""

WHICH = (
    ("all recordings", "all"),
    ("those the filter shows", "shown"),
    ("those selected in the list", "selected"),
    ("those not yet accepted or rejected", "open"),
    ("the recording shown", "this"),
)

WORDS = {
    "measure": "to measure",
    "waits": "after those",
    "fresh": "fresh already",
    "refused": "refused",
    "done": "measured",
    "failed": "failed",
    "cancelled": "not measured",
}


class BatchPanel(ipywidgets.VBox):
    """Measure many recordings at once: choose, look at what will happen, run, look at what did.

    Parameters
    ----------
    status : StatusLine
        Told what happens.
    table : FileTable
        Says which recordings are selected, and which its filter shows.
    open_image : callable
        Shows a recording.
    parameters_of : callable
        Detection parameters of an analysis, as the user set them.
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown."""

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings there are."""

    channel = traitlets.Int(0)
    """Channel measured; link it to a viewer's."""

    def __init__(
        self,
        status: StatusLine,
        table: FileTable,
        open_image: Callable[[AcqImage], None],
        parameters_of: Callable[[str], Mapping[str, Any]],
    ) -> None:
        super().__init__()
        self.run = BackgroundRun()
        self._status, self._files = status, table
        self._open_image, self._parameters_of = open_image, parameters_of
        self._lines: dict[int, BatchLine] = {}
        self._rows: dict[Key, int] = {}
        self._changed: set[int] = set()
        self._controls()
        self._outcome()
        self.children = (theme_style(), self._choices, self._said, self.lines)
        for name in ("cs-panel", "cs-batch-panel"):
            self.add_class(name)
        self.run.observe(
            status.guarded("Batch", lambda _: self._show_run()),
            ("running", "fraction", "seconds_left", "cancelling"),
        )
        self.observe(status.guarded("Batch", lambda _: self._forget()), ("folder", "channel"))
        self.analyses.value = ("radon_velocity",)
        self._forget()

    # ------------------------------------------------------------------ building

    def _controls(self) -> None:
        self.which = ipywidgets.Dropdown(options=WHICH, value="all", description="Which")
        self.analyses = AnalysisChoice()
        self.where = ipywidgets.Dropdown(
            options=[("every ROI, else all of it", "all"), ("the whole recording", "whole")],
            description="Where",
        )
        self.workers = ipywidgets.BoundedIntText(
            max(1, cores() - 1), min=1, max=256, description="Workers"
        )
        self.memory = ipywidgets.Text(
            "",
            placeholder="automatic",
            description="Memory",
            continuous_update=False,
            tooltip="At once at most; where it is empty, most of what is free",
        )
        self._memory_field = FormField(self.memory, unit="MB")
        self.skip_fresh = ipywidgets.Checkbox(
            True, description="leave out what is fresh (resume)", indent=False
        )
        self.save = ipywidgets.Checkbox(
            True, description="save each when it is measured", indent=False
        )
        self.preview_button = ipywidgets.Button(
            description="Preview", tooltip="Say what would be measured, and what not and why"
        )
        self.run_button = ipywidgets.Button(description="Run", tooltip="Measure them")
        self.run_button.add_class("cs-primary")
        self.cancel_button = ipywidgets.Button(
            description="Cancel", tooltip="Stop; what is finished is kept"
        )
        buttons = ipywidgets.HBox([self.preview_button, self.run_button, self.cancel_button])
        buttons.add_class("cs-row")
        self._choices = ipywidgets.VBox(
            [
                ipywidgets.HTML(heading_html("Batch")),
                FormField(self.which),
                self.analyses,
                FormField(self.where),
                FormField(self.workers),
                self._memory_field,
                self.skip_fresh,
                self.save,
                buttons,
            ]
        )
        self._choices.add_class("cs-section")
        guard = self._status.guarded
        self.preview_button.on_click(guard("Preview", lambda _: self.preview()))
        self.run_button.on_click(guard("Batch", lambda _: self.start()))
        self.cancel_button.on_click(guard("Batch", lambda _: self.run.cancel()))
        for control in (self.which, self.analyses, self.where, self.memory, self.skip_fresh):
            control.observe(guard("Batch", lambda _: self._forget()), "value")

    def _outcome(self) -> None:
        self._words = ipywidgets.HTML()
        self._bar = ipywidgets.FloatProgress(min=0.0, max=1.0, layout={"width": "100%"})
        self._bar.add_class("cs-progress")
        self._one = ipywidgets.HTML()
        self._said = ipywidgets.VBox([self._bar, self._words, self._one])
        self._said.add_class("cs-section")
        self.lines = DataTable(
            BATCH_COLUMNS,
            noun="measurements",
            label="measurements of the batch",
            legend="state",
            placeholder="Preview says what would be measured",
            filter_hint="Filter: name, failed, velocity …",
            layout={"height": "380px"},
        )
        self.lines.observe(self._status.guarded("Opening", self._row_picked), "selected")

    # ------------------------------------------------------------------ what is asked for

    @property
    def request(self) -> BatchRequest:
        """What the controls say.

        Raises
        ------
        ParameterError
            If nothing is chosen, or the memory is no number; says what to do.
        """
        analyses = tuple(self.analyses.value)
        if not analyses:
            raise ParameterError("choose at least one analysis")
        images = self._chosen_images()
        if not images:
            titles = {value: title for title, value in WHICH}
            raise ParameterError(f"there is no recording to measure: {titles[self.which.value]}")
        return BatchRequest(
            analyses=analyses,
            images=images,
            channel=self.channel,
            rois=self.where.value,
            parameters={name: dict(self._parameters_of(name)) for name in analyses},
            skip_fresh=self.skip_fresh.value,
            save=self.save.value,
            workers=self.workers.value,
            memory_limit_mb=self._memory_limit(),
        )

    def _chosen_images(self) -> tuple[AcqImage, ...]:
        if self.folder is None:
            return ()
        which = self.which.value
        if which == "shown":
            return self._files.images_shown
        if which == "selected":
            there = set(map(id, self._files.selected_images))
            return tuple(image for image in self.folder.images if id(image) in there)
        if which == "open":
            return tuple(image for image in self.folder.images if image.accepted is None)
        if which == "this":
            return () if self.image is None else (self.image,)
        return self.folder.images

    def _memory_limit(self) -> float | None:
        text = self.memory.value.strip().replace(",", ".")
        self._memory_field.error = ""
        if not text:
            return None
        try:
            limit = float(text)
        except ValueError:
            limit = 0.0
        if not 0 < limit < float("inf"):
            self._memory_field.error = f"{self.memory.value!r} is no number of MB above 0"
            raise ParameterError(f"memory: {self._memory_field.error}")
        return limit

    # ------------------------------------------------------------------ preview and run

    def preview(self) -> None:
        """Say in the table what would be measured, what is fresh, and what is refused and why."""
        request = self.request

        def done(found: tuple[list[BatchLine], float | None]) -> None:
            lines, seconds = found
            self._take_lines(lines)
            time = f", about {in_words(seconds)}" if seconds else ""
            self._say(Counter(line.state for line in lines), time)

        self._begin("Preview", lambda job: preview(request, job), done)

    def start(self) -> None:
        """Measure what the controls say, in the background; each outcome is told in its row."""
        request = self.request

        def work(job: Job) -> Counter[str]:
            lines, _ = preview(request, job)
            job.hand_over(self._take_lines, lines)
            total = sum(line.state in ("measure", "waits") for line in lines)
            return run_request(request, job, total, self._settled)

        def done(counts: Counter[str]) -> None:
            self._flush()
            self._say(counts, "")
            words = ", ".join(f"{counts[s]:,} {w}" for s, w in WORDS.items() if counts[s])
            self._status.say(f"Batch: {words or 'nothing to do'}", _tone(counts))

        self._begin("Batch", work, done)

    def _begin(self, title: str, work: Callable[[Job], Any], done: Callable[[Any], None]) -> None:
        def failed(error: Exception) -> None:
            self._words.value = error_html(str(error))
            self._status.fail(error, title)

        self._words.value = ""
        self.run.start(title, work, on_done=done, on_failed=failed)

    def _take_lines(self, lines: list[BatchLine]) -> None:
        self._show_one(None)
        self._lines = dict(enumerate(lines))
        self._rows = {line.key: row for row, line in self._lines.items()}
        self._changed.clear()
        self.lines.set_rows(self._row(row, line) for row, line in self._lines.items())

    def _settled(self, line: BatchLine) -> None:
        row = self._rows.get(line.key)
        if row is None:  # of a ROI that was drawn meanwhile
            return
        self._lines[row] = line
        self._changed.add(row)

    def _flush(self) -> None:
        """Show the outcomes that came since the last time, in one message."""
        changed, self._changed = self._changed, set()
        self.lines.patch(self._row(row, self._lines[row]) for row in sorted(changed))

    def _row(self, row: int, line: BatchLine) -> dict[str, Any]:
        analysis, _, roi_id = line.key
        return {
            "id": row,
            "state": line.state,
            "name": line.image.name,
            "analysis": get_analysis(analysis).title,
            "roi": str(roi_id) if roi_id else "all",
            "note": hide_names(line.note),
            "seconds": line.seconds,
        }

    def _row_picked(self, change: Any) -> None:
        line = self._lines.get(change["new"]) if change["new"] is not None else None
        self._show_one(line)
        if line is not None and self.folder is not None and line.image in self.folder.images:
            self._open_image(line.image)

    # ------------------------------------------------------------------ what is shown

    def _show_one(self, line: BatchLine | None) -> None:
        """The whole sentence about the row picked: the table has room for its beginning."""
        if line is None or not line.note:
            self._one.value = ""
        elif line.state in ("failed", "refused"):
            self._one.value = error_html(f"{line.image.name}: {line.note}")
        else:
            words = escape(hide_names(f"{line.image.name}: {line.note}"))
            self._one.value = f'<div class="cs-hint">{words}</div>'

    def _forget(self) -> None:
        """What was previewed is no longer what is asked for."""
        if self.run.running:
            return
        self._take_lines([])
        self._words.value = ""
        self._show_run()

    def _say(self, counts: Counter[str], more: str) -> None:
        parts = [f"{counts[state]:,} {words}" for state, words in WORDS.items() if counts[state]]
        text = (", ".join(parts) or "nothing to do") + more
        tone = _tone(counts)
        kind = {"bad": ' class="cs-error"', "ok": ' class="cs-ok"'}.get(tone, "")
        self._words.value = f'<span role="status"{kind}>{escape(text)}</span>'

    def _show_run(self) -> None:
        run = self.run
        self._bar.layout.display = "" if run.running else "none"
        self._bar.value = run.fraction
        self.preview_button.disabled = self.run_button.disabled = run.running
        self.cancel_button.disabled = not run.running or run.cancelling
        if not run.running:
            return
        self._flush()
        total = sum(line.state not in ("fresh", "refused") for line in self._lines.values())
        settled = sum(line.state in ("done", "failed") for line in self._lines.values())
        words = f"{settled:,} of {counted(total, 'measurements')}" if self._lines else run.title
        if run.cancelling:
            words += " · stopping…"
        elif run.seconds_left is not None:
            words += f" · {in_words(run.seconds_left)} left"
        self._words.value = f'<span role="status">{escape(words)}</span>'

    def close(self) -> None:
        """Stop what runs, and close the browser's part."""
        self.run.cancel()
        super().close()

    def __repr__(self) -> str:
        return f"BatchPanel({counted(len(self._lines), 'measurements')})"


def _tone(counts: Counter[str]) -> str:
    if counts["failed"]:
        return "bad"
    return "ok" if counts["done"] else ""
