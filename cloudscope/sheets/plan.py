"""What a sheet would change, cell by cell, and doing it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.blinding import refuse_blind
from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import FieldSpec, FieldValue
from cloudscope.metadata_edits import EditedImage, EditReport
from cloudscope.sheets.columns import FREE, cell_value, columns_to_fields
from cloudscope.sheets.matching import UnmatchedRow, match_rows
from cloudscope.sheets.reading import MetadataSheet

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ImportPlan", "PlannedCell", "apply_import", "plan_import"]

CellState = Literal["new", "differs", "same", "refused"]


@dataclass(frozen=True, slots=True)
class PlannedCell:
    """One cell of a sheet and the field it is for.

    Attributes
    ----------
    image : AcqImage
    row : int
        Number of the row in the file.
    column : str
        Heading of the column.
    field : str
        Name of the field, ``"extra.cage"`` for one that nobody declared.
    old, new : value
        What is entered now, and what the cell says; `new` is the cell as it stands where refused.
    state : {"new", "differs", "same", "refused"}
        Nothing is entered yet; something else is; the same is; the field does not take it.
    why : str
        Why it is refused.
    """

    image: AcqImage
    row: int
    column: str
    field: str
    old: FieldValue
    new: Any
    state: CellState
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportPlan:
    """What an import of a sheet would do; nothing is changed yet.

    Attributes
    ----------
    sheet : MetadataSheet
    fields : mapping of str to str
        Field of each column that is one.
    left_out : mapping of str to str
        Why another column is not taken.
    cells : tuple of PlannedCell
    unmatched_rows : tuple of UnmatchedRow
    unmatched_images : tuple of str
        Recordings that no row is for.
    """

    sheet: MetadataSheet
    fields: Mapping[str, str]
    left_out: Mapping[str, str]
    cells: tuple[PlannedCell, ...]
    unmatched_rows: tuple[UnmatchedRow, ...]
    unmatched_images: tuple[str, ...]

    def count(self, state: CellState) -> int:
        """How many cells are in this state."""
        return sum(cell.state == state for cell in self.cells)

    def changes(self, overwrite: bool = False) -> tuple[PlannedCell, ...]:
        """The cells that `apply_import` would take."""
        states = ("new", "differs") if overwrite else ("new",)
        return tuple(cell for cell in self.cells if cell.state in states)

    def to_dataframe(self) -> pd.DataFrame:
        """A row for each cell, then one for each row, column and recording without a partner."""
        import pandas as pd

        rows: list[dict[str, Any]] = [
            {
                "row": cell.row,
                "recording": cell.image.name,
                "field": cell.field,
                "old": cell.old,
                "new": cell.new,
                "state": cell.state,
                "why": cell.why,
            }
            for cell in self.cells
        ]
        rows += [
            {"row": row.row, "recording": row.key, "state": "no recording", "why": row.why}
            for row in self.unmatched_rows
        ]
        rows += [
            {"field": column, "state": "no field", "why": why}
            for column, why in self.left_out.items()
        ]
        rows += [
            {"recording": name, "state": "no row", "why": "no row of the sheet is for it"}
            for name in self.unmatched_images
        ]
        names = ["row", "recording", "field", "old", "new", "state", "why"]
        table = pd.DataFrame(rows, columns=names)
        return table.astype({"row": "Int64", "old": object, "new": object})

    def __str__(self) -> str:
        parts = [
            f"{self.count('new')} to fill in",
            f"{self.count('differs')} that differ from what is entered",
            f"{self.count('same')} the same",
            f"{self.count('refused')} refused",
        ]
        said = f"{self.sheet.name}: {', '.join(parts)}"
        rows, images = len(self.unmatched_rows), len(self.unmatched_images)
        if rows:
            said += f"; {rows} row{'' if rows == 1 else 's'} without a recording"
        if images:
            said += f"; {images} recording{'' if images == 1 else 's'} without a row"
        return said


def plan_import(
    images: AcqImageList | Iterable[AcqImage],
    sheet: MetadataSheet,
    *,
    columns: Mapping[str, str] | None = None,
    ignore_case: bool = False,
) -> ImportPlan:
    """See what a sheet would change before anything is changed.

    Rows are matched by path within the folder, file name, or either without its suffix. Columns
    are matched with fields by name, title and usual other names; what is not certain is reported
    instead of guessed.

    Parameters
    ----------
    images : AcqImageList or iterable of AcqImage
    sheet : MetadataSheet
    columns : mapping of str to str, optional
        Field by heading, where the heading does not say so itself: ``{"Mouse": "animal_id"}``,
        ``{"Cage": "extra.cage"}`` for a field of your own, ``{"Group": ""}`` to leave it out.
    ignore_case : bool
        Whether ``Scan.TIF`` is ``scan.tif``.

    Returns
    -------
    ImportPlan

    Raises
    ------
    ParameterError
        If `columns` names a column or field that there is not.
    """
    folder = images if isinstance(images, AcqImageList) else list(images)
    refuse_blind(folder, "an import of metadata")
    specs = {spec.name: spec for image in folder for spec in image.fields}
    fields, left_out = columns_to_fields(sheet, list(specs.values()), columns or {})
    matched = match_rows(folder, sheet, ignore_case)
    cells = []
    for image, number, row in matched.rows:
        for column, name in fields.items():
            if column in row:
                spec = specs.get(name)
                cells.append(_planned(image, number, column, name, spec, row[column], sheet))
    taken = {id(image) for image, _number, _row in matched.rows}
    return ImportPlan(
        sheet=sheet,
        fields=fields,
        left_out=left_out,
        cells=tuple(cells),
        unmatched_rows=tuple(matched.unmatched),
        unmatched_images=tuple(image.name for image in folder if id(image) not in taken),
    )


def _planned(
    image: AcqImage,
    number: int,
    column: str,
    name: str,
    spec: FieldSpec | None,
    cell: Any,
    sheet: MetadataSheet,
) -> PlannedCell:
    old = image.experiment.value(name.removeprefix(FREE) if spec is None else name)
    planned = PlannedCell(image, number, column, name, old, cell, "refused")
    try:
        new = cell_value(spec, cell, sheet.decimal_comma)
    except ParameterError as error:
        return replace(planned, why=str(error))
    state: CellState = "new" if old in ("", None) else "same" if _same(old, new) else "differs"
    return replace(planned, new=new, state=state)


def _same(old: FieldValue, new: FieldValue) -> bool:
    # a free field that came as text and as a number, by way of a spreadsheet, is the same
    return old == new or str(old) == str(new)


def apply_import(plan: ImportPlan, overwrite: bool = False) -> EditReport:
    """Enter what a sheet says, one undo step a recording; nothing is saved yet.

    Parameters
    ----------
    plan : ImportPlan
    overwrite : bool
        Whether what is entered and differs is replaced; else only empty fields are filled.

    Returns
    -------
    EditReport
        `kept` names what was not taken: cells refused, values entered already, and fields that
        were edited since the plan was made.
    """
    changes: dict[int, list[PlannedCell]] = {}
    kept = []
    for cell in plan.cells:
        if cell.state == "refused":
            kept.append((cell.image.name, cell.why))
        elif cell.state == "differs" and not overwrite:
            kept.append((cell.image.name, f"{cell.field} is {cell.old!r} already"))
        elif cell.state != "same":
            changes.setdefault(id(cell.image), []).append(cell)
    edited = []
    label = f"import {plan.sheet.name}"
    for cells in changes.values():
        image = cells[0].image
        values: dict[str, FieldValue] = {}
        for cell in cells:
            name = cell.field.removeprefix(FREE)
            now = image.experiment.value(name)
            if now == cell.old:
                values[name] = cell.new
            else:
                kept.append((image.name, f"{name} was edited since the preview: it is {now!r}"))
        try:
            new = image.experiment.with_values(values)
            if new == image.experiment:
                continue
            with image.one_step(label):
                image.experiment = new
        except ParameterError as error:  # declared otherwise since the preview
            kept.append((image.name, str(error)))
            continue
        edited.append(EditedImage(image, label, image.experiment, image.corrections))
    changed = {id(one.image) for one in edited}
    same = dict.fromkeys(c.image.name for c in plan.cells if id(c.image) not in changed)
    return EditReport(tuple(edited), tuple(same), tuple(kept))
