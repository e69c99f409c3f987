"""The Pool panel: results of the whole folder in one plot, with their statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError, ExportError
from cloudscope.pool.choices import value_title
from cloudscope.pool.plot_parts import PoolDrawing
from cloudscope.pool.request import Pooled, PoolRequest
from cloudscope.widgets.background_run import BackgroundRun, Job
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.pool_form import PoolForm
from cloudscope.widgets.pool_place import show_place
from cloudscope.widgets.pool_plot import MARGINS, PoolPlot
from cloudscope.widgets.pool_words import (
    count_words,
    dot_names,
    left_out_words,
    points_table,
    statistics_html,
)
from cloudscope.widgets.save_or_download import SaveOrDownload, Write
from cloudscope.widgets.status_line import StatusLine, sentence
from cloudscope.widgets.theme import error_html, heading_html, theme_style
from cloudscope.widgets.viewer import KymographViewer
from cloudscope.widgets.wording import counted

if TYPE_CHECKING:
    from cloudscope.widgets.data_table import DataTable

__all__ = ["PoolPanel"]

# What the plot is laid out for: wider ones have more room between dots, never less.
_SMALL_PX, _LARGE_PX = (230.0, 300), (640.0, 460)
_MOST_RINGS = 40  # more would be a blot
_FORMATS = (
    ("PNG picture", "png"),
    ("SVG drawing", "svg"),
    ("PDF drawing", "pdf"),
    ("CSV of the dots", "csv"),
    ("CSV of the statistics", "statistics.csv"),
)


class PoolPanel(ipywidgets.VBox):
    """Choose a number, what a dot is, groups and colours; click a dot to open its recording.

    Parameters
    ----------
    viewer : KymographViewer
        Shows the ROI and the time of a dot clicked.
    status : StatusLine
        Told what happens.
    copy : callable
        Puts text on the user's clipboard.
    open_image : callable
        Shows a recording.
    """

    children: tuple[ipywidgets.Widget, ...]
    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings pooled."""

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording shown: its dots have a ring."""

    def __init__(
        self,
        viewer: KymographViewer,
        status: StatusLine,
        copy: Callable[[str], None],
        open_image: Callable[[AcqImage], None],
    ) -> None:
        super().__init__()
        self._viewer, self._status, self._copy, self._open = viewer, status, copy, open_image
        self._again = False
        self._asked: PoolRequest | None = None
        self._answered: PoolRequest | None = None  # what `pooled` is the answer to
        self.pooled: Pooled | None = None
        self.run = BackgroundRun()
        self.form = PoolForm(self.refresh)
        self.plot = PoolPlot(_SMALL_PX[1])
        self._build()
        guard = status.guarded
        self.plot.on_pick(guard("Opening", self.open_row))
        for button, action in (
            (self.refresh_button, self.look_again),
            (self.copy_statistics, self._copy_statistics),
            (self.copy_table, self._copy_table),
            (self.copy_code, self._copy_code),
        ):
            button.on_click(guard("Pool", lambda _, action=action: action()))
        self.enlarge.observe(guard("Pool", self._enlarged), "value")
        self.points_button.observe(guard("Pool", lambda _: self._show_points()), "value")
        self.format.observe(lambda _: self._suggest(), "value")
        self.observe(guard("Pool", self._take_folder), "folder")
        self.observe(lambda _: self._mark(), "image")
        self._show()

    def _build(self) -> None:
        button = ipywidgets.Button
        self.enlarge = ipywidgets.ToggleButton(
            False, description="Enlarge", tooltip="Give the pool the place of the recording",
        )  # fmt: skip
        self.refresh_button = button(description="Refresh", tooltip="Pool what is measured now")
        self._heading = ipywidgets.HTML(heading_html("Pool"))
        self._notice = ipywidgets.HTML(_dom_classes=["cs-pool-notice"])
        self._counts = ipywidgets.HTML(_dom_classes=["cs-hint"])
        self._statistics = ipywidgets.HTML(_dom_classes=["cs-pool-statistics"])
        self.copy_statistics = button(
            description="Copy statistics", tooltip="As a table that spreadsheets take"
        )
        self.copy_table = button(description="Copy table", tooltip="Every dot with its metadata")
        self.copy_code = button(
            description="Copy as Python", tooltip="The lines that give the same numbers"
        )
        self.points_button = ipywidgets.ToggleButton(
            False, description="List the dots",
            tooltip="Every dot as a row: Enter opens its recording",
        )  # fmt: skip
        self._points = ipywidgets.VBox([])
        self.table: DataTable | None = None
        self.format = ipywidgets.Dropdown(description="Export", options=_FORMATS)
        self.save = SaveOrDownload(self._status, self._prepare, "figure")
        top = ipywidgets.HBox(
            [self._heading, self.refresh_button, self.enlarge],
            _dom_classes=["cs-row", "cs-pool-top"],
        )
        self._results = ipywidgets.VBox(
            [
                self.plot, self._counts, self._statistics,
                ipywidgets.HBox(
                    [self.copy_statistics, self.copy_table, self.copy_code, self.points_button],
                    _dom_classes=["cs-row"],
                ),
                self._points,
            ],
            _dom_classes=["cs-section", "cs-pool-results"],
        )  # fmt: skip
        self._export = ipywidgets.VBox(
            [FormField(self.format), self.save], _dom_classes=["cs-section", "cs-pool-export"]
        )
        choose = ipywidgets.VBox([top, self.form, self._notice], _dom_classes=["cs-section"])
        self._always: tuple[ipywidgets.Widget, ...] = (theme_style(), choose)
        for name in ("cs-panel", "cs-pool"):
            self.add_class(name)

    # ------------------------------------------------------------------ following the folder

    def _take_folder(self, change: Any) -> None:
        old, new = change["old"], change["new"]
        if isinstance(old, AcqImageList):
            old.unobserve(self._recordings_joined, "images")
            self._watch(old.images, False)
        if new is not None:
            new.observe(self._recordings_joined, "images")
            self._watch(new.images, True)
        self._suggest()
        self.look_again()

    def _recordings_joined(self, change: Any) -> None:
        for name, on in (("old", False), ("new", True)):
            self._watch(change[name], on)
        self._outdated()

    def _watch(self, images: Any, on: bool) -> None:
        for image in images:
            watch = image.observe if on else image.unobserve
            watch(self._outdated, ["results", "accepted", "experiment", "rois", "header"])

    def _outdated(self, change: Any = None) -> None:
        # pooling thousands of recordings after each key pressed would be a nuisance
        self.refresh_button.add_class("cs-primary")
        self.refresh_button.description = "Refresh: things changed"

    def close(self) -> None:
        """Stop what runs and let go of the recordings."""
        self.run.cancel()
        self.folder = None
        super().close()

    # ------------------------------------------------------------------ pooling

    def look_again(self) -> None:
        """Offer what is measured now, and pool it."""
        self.form.offer(() if self.folder is None else self.folder.images)
        self._answered = None  # the same request has another answer now
        self.refresh()

    def refresh(self) -> None:
        """Pool what the form asks for; a run under way is given up for it."""
        if self.run.running:
            self._again = True
            self.run.cancel()
            return
        self._again = False
        request, folder = self.form.request, self.folder
        self.save.forget()
        self.refresh_button.remove_class("cs-primary")
        self.refresh_button.description = "Refresh"
        self.form.fields["filter"].error = ""
        if request is None or folder is None:
            self._asked = self._answered = self.pooled = None
            self._show()
            return
        of = self._answered
        kept = self.pooled if of is not None and replace(of, kind=request.kind) == request else None
        self._asked = request
        if len(folder) > 500:
            self._say("Pooling…", "cs-hint")

        def work(job: Job) -> tuple[Pooled, PoolDrawing]:
            pooled = kept or request.run(folder, job.progress, job.cancel)
            return pooled, self._drawing(pooled, request)

        self.run.start(
            "Pooling",
            work,
            on_done=partial(self._done, request),
            on_failed=self._failed,
            on_cancelled=self._cancelled,
        )

    def _drawing(self, pooled: Pooled, request: PoolRequest) -> PoolDrawing:
        width, height = self.size
        return request.drawing(
            pooled, width_px=width, height_px=height - MARGINS["top"] - MARGINS["bottom"]
        )

    def _done(self, request: PoolRequest, found: tuple[Pooled, PoolDrawing]) -> None:
        (self.pooled, drawing), self._answered = found, None if self._again else request
        self._show(drawing)
        if self._again:
            self.refresh()

    def _cancelled(self) -> None:
        if self._again:
            self.refresh()

    def _failed(self, error: Exception) -> None:
        self.pooled = self._answered = None
        self._show()
        if "filter" in str(error) and isinstance(error, CloudscopeError):
            self.form.fields["filter"].error = sentence(error)
        else:
            self._say(sentence(error), "cs-error")
        if self._again:
            self.refresh()

    # ------------------------------------------------------------------ showing

    @property
    def size(self) -> tuple[float, int]:
        """Width that dots are laid out for, and height of the plot, in CSS pixels."""
        return _LARGE_PX if self.enlarge.value else _SMALL_PX

    def _show(self, drawing: PoolDrawing | None = None) -> None:
        request, pooled = self._asked, self.pooled
        there = request is not None and pooled is not None and len(pooled.table) > 0
        # put there when there is room: bqplot cannot draw into a box that is hidden
        shown = self._always + ((self._results, self._export) if there else ())
        if self.children != shown:
            self.children = shown
        if pooled is None or request is None:
            measured = self.folder is not None and self.form.request is not None
            self._say("" if measured else "Nothing is measured yet: see Measure.", "cs-hint")
            return
        left_out = left_out_words(pooled.table)
        if not there:
            return self._say(f"No value is left to show. {left_out}".strip(), "cs-hint")
        self._say("", "")
        drawing = drawing or self._drawing(pooled, request)
        self.plot.height_px = self.size[1]
        self.plot.show(drawing, dot_names(pooled.table, drawing))
        self._mark()
        words = [count_words(pooled.table, request), left_out]
        if drawing.dots and drawing.drawn < drawing.total and drawing.kind in ("swarm", "scatter"):
            words.append(
                f"{drawing.drawn:,} of {drawing.total:,} dots are drawn, where there is room; "
                "numbers are of all."
            )
        self._counts.value = escape(" ".join(word for word in words if word))
        self._statistics.value = statistics_html(pooled.statistics, request.group_by)
        self._show_points()

    def _say(self, words: str, kind: str) -> None:
        self._notice.value = (
            error_html(words)
            if kind == "cs-error"
            else f'<div class="{kind}">{escape(words)}</div>'
        )
        self._notice.layout.display = "" if words else "none"

    def _mark(self) -> None:
        if self.pooled is None or self.folder is None or self.image is None:
            return self.plot.mark([])
        here = self.folder.relative_path(self.image)
        rows = (self.pooled.table["path"] == here).to_numpy().nonzero()[0]
        self.plot.mark([int(row) for row in rows] if rows.size <= _MOST_RINGS else [])

    def _enlarged(self, change: Any) -> None:
        (self.add_class if change["new"] else self.remove_class)("cs-enlarged")
        self.enlarge.description = "Back to the side" if change["new"] else "Enlarge"
        self._show()

    def _show_points(self) -> None:
        self._points.children = ()
        if not self.points_button.value or self.pooled is None:
            return
        columns, rows = points_table(self.pooled.table, self._asked)
        from cloudscope.widgets.data_table import DataTable

        self.table = DataTable(
            columns, rows, noun="dots", label="Dots of the pool", shortcuts=["enter"],
            filter_hint="Filter…", layout={"height": "260px", "width": "100%"},
        )  # fmt: skip
        self.table.on_key(self._status.guarded("Opening", lambda _: self._open_selected()))
        self._points.children = (self.table,)

    def _open_selected(self) -> None:
        if self.table is not None and self.table.selected is not None:
            self.open_row(self.table.selected)

    # ------------------------------------------------------------------ doing

    def open_row(self, row: int) -> None:
        """Show the recording of a row of the table, with its ROI and time."""
        if self.pooled is None or self.folder is None:
            return
        place = self.pooled.table.iloc[row]
        image = self.folder[str(place["path"])]
        self.enlarge.value = False
        self._open(image)
        show_place(self._viewer, image, place)
        more = int(place.get("recordings", 1) or 1)
        self._status.say(f"opened {image.name}" + f", first of {more}" * (more > 1), "ok")

    def _there(self) -> tuple[Pooled, PoolRequest]:
        if self.pooled is None or self._asked is None:
            raise ExportError("there is nothing in the pool yet: measure something first")
        return self.pooled, self._asked

    def _copy_statistics(self) -> None:
        pooled, _ = self._there()
        self._copy(pooled.statistics.to_csv(sep="\t", index=False))
        self._status.say("statistics copied", "ok")

    def _copy_table(self) -> None:
        pooled, _ = self._there()
        self._copy(pooled.table.to_csv(sep="\t", index=False))
        self._status.say(f"{counted(len(pooled.table), 'rows')} copied", "ok")

    def _copy_code(self) -> None:
        _, request = self._there()
        self._copy(request.code(None if self.folder is None else self.folder.folder) + "\n")
        self._status.say("Python copied: paste it into a cell", "ok")

    def _suggest(self) -> None:
        folder = Path() if self.folder is None else self.folder.folder or Path()
        self.save.suggest(folder / f"pool.{self.format.value}")

    def _prepare(self) -> Write:
        """What is written, of the numbers and the plot of now."""
        pooled, request = self._there()
        images = () if self.folder is None else self.folder.images
        chosen = self.format.value

        def write(path: Path, overwrite: bool) -> None:
            from cloudscope.figures import pool_figure, save_figure, write_figure_data

            if chosen.endswith("csv"):
                table = pooled.statistics if chosen == "statistics.csv" else pooled.table
                write_figure_data(table, path, images=images, overwrite=overwrite)
                return
            figure = pool_figure(
                pooled.table,
                request.kind,
                group_by=request.group_by,
                color_by=request.color_by,
                statistics=pooled.statistics,
            )
            save_figure(figure, path, images=images, overwrite=overwrite)

        return write

    def __repr__(self) -> str:
        rows = "no" if self.pooled is None else f"{len(self.pooled.table):,}"
        return f"PoolPanel({value_title(self.form.value.value or 'nothing')}, {rows} rows)"
