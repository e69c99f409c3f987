"""`SheetImport`: a spreadsheet into the metadata of a folder, seen before it is entered."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.sheets import ImportPlan, apply_import, plan_import, read_metadata_sheet
from cloudscope.sheets.reading import SHEET_SUFFIXES, MetadataSheet
from cloudscope.sheets.writing import sheet_csv
from cloudscope.table_columns import Glyph, TableColumn
from cloudscope.widgets.data_table import DataTable
from cloudscope.widgets.edit_said import EditSaid
from cloudscope.widgets.field_control import field_text
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.theme import error_html

__all__ = ["SheetImport"]

MOST_SHEETS = 200
"""Most spreadsheets of the folder that are offered."""

STATES = (
    Glyph("new", "+", "to fill in", "ok"),
    Glyph("differs", "≠", "differs from what is entered", "warn"),
    Glyph("same", "=", "the same", "dim"),
    Glyph("refused", "!", "refused", "bad"),
    Glyph("no recording", "?", "row without a recording", "warn"),
    Glyph("no row", "–", "recording without a row", "dim"),
    Glyph("no field", "·", "column that is no field", "dim"),
)

COLUMNS = (
    TableColumn(key="state", title="State", kind="glyph", glyphs=STATES, hint="why", width=24,
                frozen=True),
    TableColumn(key="recording", title="Recording", width=110, keep_end=9, frozen=True),
    TableColumn(key="field", title="Field", width=78),
    TableColumn(key="old", title="Is", width=70),
    TableColumn(key="new", title="Sheet", width=70),
    TableColumn(key="why", title="Why", width=150, grow=400),
)  # fmt: skip


_WHY = {
    "new": "fills an empty field",
    "differs": "something else is entered: replaced only if you say so",
    "same": "entered already",
    "refused": "",
}


class SheetImport(ipywidgets.VBox):
    """Choose a sheet, look at what it would change, enter it; one undo step a recording.

    Parameters
    ----------
    folder : AcqImageList, optional
    """

    folder = traitlets.Instance(AcqImageList, allow_none=True)
    """The recordings that the sheet is for."""

    plan = traitlets.Instance(ImportPlan, allow_none=True, read_only=True)
    """What is shown: what the sheet would change. Read-only."""

    def __init__(self, folder: AcqImageList | None = None) -> None:
        super().__init__()
        self._sheet: MetadataSheet | None = None
        self._table: DataTable | None = None
        self.choice = ipywidgets.Dropdown(
            description="Sheet",
            options=[("– in this folder –", "")],
            tooltip="Sheets in the folder",
        )
        self.upload = ipywidgets.FileUpload(
            accept=",".join(SHEET_SUFFIXES), description="Other file…", tooltip="From your computer"
        )
        self.ignore_case = ipywidgets.Checkbox(description="Names in any case", indent=False)
        self.overwrite = ipywidgets.Checkbox(
            description="Replace what is entered already", indent=False
        )
        self.apply_button = ipywidgets.Button(description="Enter", _dom_classes=["cs-primary"])
        self._error = ipywidgets.HTML(_dom_classes=["cs-error"])
        self._words = ipywidgets.HTML(_dom_classes=["cs-hint"])
        self._room = ipywidgets.VBox()
        self._export = ipywidgets.HTML(_dom_classes=["cs-hint"])
        self.said = EditSaid()
        self.children = (
            FormField(self.choice),
            ipywidgets.HBox([self.upload], _dom_classes=["cs-row"]),
            self._error,
            self._words,
            self._room,
            self.said,
            self._export,
        )
        self.add_class("cs-sheet-import")
        self.choice.observe(lambda change: self._chosen(change["new"]), "value")
        self.upload.observe(self._uploaded, "value")
        self.ignore_case.observe(lambda _: self._look(), "value")
        self.overwrite.observe(lambda _: self._show_button(), "value")
        self.apply_button.on_click(lambda _: self.apply())
        self.observe(self._take_folder, "folder")
        self.folder = folder

    @property
    def error(self) -> str:
        """Why the sheet cannot be read, or ``""``."""
        return self._sentence

    _sentence = ""

    def read(self, path: str | Path, data: bytes | None = None) -> None:
        """Read a sheet and show what it would change; what is wrong with it is said."""
        self.said.clear()
        try:
            self._sheet = read_metadata_sheet(path, data=data)
            self._say("")
        except CloudscopeError as error:
            self._sheet = None
            self._say(str(error))
        self._look()

    def apply(self) -> None:
        """Enter what is shown."""
        if self.plan is None:
            return
        report = apply_import(self.plan, self.overwrite.value)
        self._look()
        self._show_export()
        self.said.say("", report)

    # ------------------------------------------------------------------ choosing

    def _take_folder(self, change: Any = None) -> None:
        options = [("– in this folder –", "")]
        if self.folder is not None and self.folder.folder is not None:
            try:
                names = sorted(
                    path.name
                    for path in self.folder.folder.iterdir()
                    if path.suffix.lower() in SHEET_SUFFIXES and not path.name.startswith(".")
                )
            except OSError as error:
                self._say(f"{self.folder.folder}: cannot be listed: {error.strerror or error}")
                names = []
            own = {image.path.stem for image in self.folder if image.path is not None}
            # the headers beside exported recordings and the tables of results are no such sheets
            names = [n for n in names if not any(n.startswith(f"{stem}.") for stem in own)]
            options += [(name, name) for name in names[:MOST_SHEETS]]
        self.choice.options = options
        self._sheet = None
        self.said.clear()
        self._look()
        self._show_export()

    def _chosen(self, name: str) -> None:
        if name and self.folder is not None and self.folder.folder is not None:
            self.read(self.folder.folder / name)

    def _uploaded(self, change: Any) -> None:
        files = change["new"]
        if files:
            self.choice.value = ""
            self.read(Path(str(files[0]["name"])).name, bytes(files[0]["content"]))

    # ------------------------------------------------------------------ showing

    def _say(self, sentence: str) -> None:
        self._sentence = sentence
        self._error.value = error_html(sentence)

    def _look(self) -> None:
        sheet, folder = self._sheet, self.folder
        plan = None
        if sheet is not None and folder is not None:
            plan = plan_import(folder, sheet, ignore_case=self.ignore_case.value)
        self.set_trait("plan", plan)
        if plan is None:
            self._words.value = ""
            self._room.children = ()
            return
        words = [str(plan), *plan.sheet.problems]
        self._words.value = "".join(f"<div>{escape(word)}</div>" for word in words)
        if self._table is None:
            self._table = DataTable(
                COLUMNS, noun="cells", label="what the sheet would change",
                groupable=["recording", "field", "state"],
                filter_hint="Filter: refused, field:date …", layout={"height": "300px"},
            )  # fmt: skip
        self._table.set_rows(_rows(plan))
        self._room.children = (self._table, self.ignore_case, self.overwrite, self.apply_button)
        self._show_button()

    def _show_button(self) -> None:
        if self.plan is None:
            return
        changes = self.plan.changes(self.overwrite.value)
        recordings = len({id(cell.image) for cell in changes})
        self.apply_button.description = (
            f"Enter {len(changes):,} value{'' if len(changes) == 1 else 's'} "
            f"in {recordings:,} recording{'' if recordings == 1 else 's'}"
        )
        self.apply_button.disabled = not changes

    def _show_export(self) -> None:
        self._export.value = ""
        if self.folder is not None and len(self.folder) <= 2000:
            data = base64.b64encode(("\ufeff" + sheet_csv(self.folder)).encode()).decode()
            self._export.value = (
                '<a download="metadata.csv" href="data:text/csv;charset=utf-8;base64,'
                f'{data}">Download the metadata as a sheet</a>, to fill in and import'
            )


def _rows(plan: ImportPlan) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {
            "recording": cell.image.name,
            "field": cell.field,
            "old": field_text(cell.old),
            "new": field_text(cell.new),
            "state": cell.state,
            "why": cell.why or _WHY[cell.state],
        }
        for cell in plan.cells
    ]
    rows += [
        {"recording": row.key, "state": "no recording", "why": f"row {row.row}: {row.why}"}
        for row in plan.unmatched_rows
    ]
    rows += [
        {"field": column, "state": "no field", "why": why} for column, why in plan.left_out.items()
    ]
    rows += [
        {"recording": name, "state": "no row", "why": "no row of the sheet is for it"}
        for name in plan.unmatched_images
    ]
    order = {glyph.value: number for number, glyph in enumerate(STATES)}
    first = ("refused", "differs", "no recording", "new")
    rows.sort(key=lambda row: (row["state"] not in first, order[row["state"]]))
    return [{"id": number, **row} for number, row in enumerate(rows)]
