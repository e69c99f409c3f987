"""`MetadataForm`: what the user knows of recordings, and what the header of one says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from html import escape
from typing import Any

import ipywidgets
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import ParameterError
from cloudscope.experiment_metadata import FieldSpec, experiment_fields
from cloudscope.metadata_edits import EditReport, accept_names, edit_many
from cloudscope.trait_types import TupleOf
from cloudscope.widgets.copy_metadata import CopyMetadata
from cloudscope.widgets.edit_said import EditSaid
from cloudscope.widgets.field_control import entered, field_control, field_text, offer, show_value
from cloudscope.widgets.form_field import FormField
from cloudscope.widgets.free_fields import FreeFields
from cloudscope.widgets.header_form import HeaderForm
from cloudscope.widgets.sheet_import import SheetImport
from cloudscope.widgets.table import FileTable
from cloudscope.widgets.theme import heading_html, theme_style
from cloudscope.widgets.wording import counted

__all__ = ["MetadataForm"]

FEW = 20
"""Edits of more recordings than these are shown together, not one by one."""

_FOLLOWED = ("experiment", "name_fields", "fields")


class MetadataForm(ipywidgets.VBox):
    """Header and experimental metadata as a form bound to recordings.

    A field is taken on Enter or when it is left, as one undo step; a refusal is shown beside it.
    With several `images`, a field that is changed is changed in all of them, and only that field.

    Parameters
    ----------
    image : AcqImage, optional
    folder : iterable of AcqImage, optional
        Recordings whose values are offered while typing, so that one group is spelt one way.
    table : FileTable, optional
        Its selected recordings are edited together, and those it shows are "the others shown";
        else the folder's.

    Examples
    --------
    >>> import numpy as np
    >>> image = AcqImage.from_array(np.zeros((50, 8)))
    >>> form = MetadataForm(image)
    >>> form.field("species").control.value = "mouse"
    >>> image.experiment.species, image.undo()
    ('mouse', 'edit species')
    """

    image = traitlets.Instance(AcqImage, allow_none=True)
    """The recording edited; assign another to edit that."""

    images = TupleOf(AcqImage)
    """Recordings edited together with `image`; those of a table's selection."""

    folder = traitlets.Any(())
    """Recordings whose values are offered; an `AcqImageList` or any other iterable of them."""

    def __init__(
        self,
        image: AcqImage | None = None,
        *,
        folder: Iterable[AcqImage] = (),
        table: FileTable | None = None,
    ) -> None:
        super().__init__()
        self._showing = False
        self._editing = False
        self._waiting: asyncio.TimerHandle | None = None
        self._edited: tuple[AcqImage, ...] = ()
        self._used: dict[str, dict[str, None]] | None = None
        self._specs: dict[str, FieldSpec] = {}
        self._fields: dict[str, FormField] = {}
        self._table = table
        self._notice = ipywidgets.HTML(_dom_classes=["cs-hint", "cs-section"])
        self.enter_button = ipywidgets.Button(
            description="Enter them", tooltip="Enter what the file name says as your own"
        )
        self.enter_button.on_click(lambda _: self._enter_names())
        self._names = ipywidgets.HTML(_dom_classes=["cs-hint"])
        button = ipywidgets.HBox([self.enter_button], _dom_classes=["cs-row"])
        self._names_line = ipywidgets.VBox([self._names, button])
        self._names_line.add_class("cs-section")
        self.said = EditSaid()
        self.header_form = HeaderForm()
        self.free_fields = FreeFields()
        self._groups = ipywidgets.VBox(_dom_classes=["cs-metadata-groups"])
        self.tools = _Tools(self)
        self.children = (
            theme_style(),
            self._notice,
            self.header_form,
            self._names_line,
            self._groups,
            self.free_fields,
            self.tools,
            self.said,
        )
        self.add_class("cs-panel")
        self.add_class("cs-metadata")
        self._take_fields()
        self.observe(self._take_images, ("image", "images"))
        self.observe(self._take_folder, "folder")
        self.folder = folder
        self.image = image
        self._show_all()
        if table is not None:
            self._link = traitlets.dlink((table, "selected_images"), (self, "images"))

    def field(self, name: str) -> FormField:
        """The line of one field, built in or declared by the folder."""
        return self._fields[name]

    @property
    def targets(self) -> tuple[AcqImage, ...]:
        """The recordings that an edit changes: the one shown, or all those selected with it."""
        if self.image is None:
            return ()
        return self.images if len(self.images) > 1 and self.image in self.images else (self.image,)

    @property
    def others_shown(self) -> tuple[AcqImage, ...]:
        """The other recordings shown, to copy metadata to."""
        shown = self.folder if self._table is None else self._table.images_shown
        return tuple(image for image in shown if image is not self.image)

    def close(self) -> None:
        """Let go of the model and of the browser's part."""
        if self._waiting is not None:
            self._waiting.cancel()
        table, self._table = self._table, None
        if table is not None:
            self._link.unlink()
        self.images = ()
        self.image = None
        super().close()

    # ------------------------------------------------------------------ fields

    def _take_fields(self) -> None:
        """Make the inputs anew where the recordings have other fields."""
        specs = experiment_fields() if self.image is None else self.image.fields
        if self._specs and (self.image is None or tuple(self._specs.values()) == tuple(specs)):
            return
        self._specs = {spec.name: spec for spec in specs}
        self._fields = {name: self._field(spec) for name, spec in self._specs.items()}
        groups: dict[str, list[FormField]] = {}
        for name, spec in self._specs.items():
            groups.setdefault(spec.group, []).append(self._fields[name])
        notes = groups.pop("Notes", None)
        if notes is not None:
            groups["Notes"] = notes  # last, after what the folder declares
        sections = []
        for title, fields in groups.items():
            section = ipywidgets.VBox([ipywidgets.HTML(heading_html(title)), *fields])
            section.add_class("cs-section")
            sections.append(section)
        self._groups.children = tuple(sections)
        self.free_fields.declared = tuple(self._specs)
        self._used = None

    def _field(self, spec: FieldSpec) -> FormField:
        control = field_control(spec)
        control.observe(lambda change: self._typed(spec.name, change["new"]), "value")
        return FormField(control, unit=spec.unit or None)

    def _typed(self, name: str, value: Any) -> None:
        value = entered(value)
        targets = self.targets
        if self._showing or value is None or not targets:
            return
        field = self._fields[name]
        several = len(targets) > 1
        self._editing = several
        try:
            if several:
                self.said.say(f"{self._specs[name].title}: ", edit_many(targets, **{name: value}))
            else:
                targets[0].edit_experiment(**{name: value})
        except ParameterError as error:
            field.error = str(error)
        else:
            field.error = ""
            self._show(name)  # as it was taken: stripped, "120" as 120
        finally:
            self._editing = False
        if several:
            self._show_notice()
            if self._used is not None and isinstance(value, str) and value.strip():
                self._used[name][value.strip()] = None

    def _enter_names(self) -> None:
        targets = self.targets
        self._editing = len(targets) > 1
        try:
            report = accept_names(targets)
        finally:
            self._editing = False
        self._show_all()
        if len(targets) > 1:
            self.said.say("From the file names: ", report)

    # ------------------------------------------------------------------ following

    def _take_folder(self, change: Any) -> None:
        for held, follow in ((change["old"], "unobserve"), (change["new"], "observe")):
            if isinstance(held, AcqImageList):
                getattr(held, follow)(self._folder_altered, ["images", "settings"])
        self._folder_altered()
        self.tools.folder_changed()

    def _folder_altered(self, change: Any = None) -> None:
        self._used = None
        self._offer()

    def _offer(self) -> None:
        """Offer the values that the folder's recordings use."""
        if self.image is None:
            return
        if self._used is None:
            self._used = {name: {} for name in self._specs}
            for image in self.folder:
                self._note_used(image)
        for name, spec in self._specs.items():
            offer(self._fields[name].control, spec, self._used[name])

    def _note_used(self, image: AcqImage) -> None:
        assert self._used is not None
        for name, used in self._used.items():
            value = image.experiment.value(name)
            if isinstance(value, str) and value:
                used[value] = None

    def _take_images(self, change: Any) -> None:
        for image in self._edited:
            image.unobserve(self._follow_edit, _FOLLOWED)
        self._edited = self.targets
        for image in self._edited:
            image.observe(self._follow_edit, _FOLLOWED)
        self.header_form.image = self.image
        self.header_form.images = self._edited
        self.free_fields.image = self.image
        self.said.clear()
        self._take_fields()
        for field in self._fields.values():
            field.error = ""
        self._show_all()
        self._offer()

    def _follow_edit(self, change: Any) -> None:
        if self._editing:
            return  # of many: all are shown at the end
        if change["name"] == "fields":
            self._take_fields()
        if len(self._edited) > FEW and self._show_later():
            return
        if change["name"] != "experiment":
            self._show_all()
            return
        if self._used is not None:
            self._note_used(change["owner"])
        for name in self._specs:
            if change["old"].value(name) != change["new"].value(name):
                self._fields[name].error = ""
                self._show(name)
        self._show_notice()

    def _show_later(self) -> bool:
        """Have many edits of many recordings shown together; not where no loop would do it."""
        if self._waiting is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return False
            self._waiting = loop.call_later(0.05, self._show_all)
        return True

    def _show_all(self) -> None:
        self._waiting = None
        for name in self._fields:
            self._show(name)
        several = len(self.targets) > 1
        self.free_fields.layout.display = "none" if several else ""
        for field in self._fields.values():
            field.control.disabled = self.image is None
        self._show_notice()
        self.tools.show()

    def _show(self, name: str) -> None:
        targets = self.targets
        control, spec = self._fields[name].control, self._specs[name]
        named = self.image.from_name.get(name) if len(targets) == 1 and self.image else None
        self._showing = True
        try:
            show_value(control, spec, [t.experiment.value(name) for t in targets], named)
        finally:
            self._showing = False

    def _show_notice(self) -> None:
        targets = self.targets
        words = []
        if len(targets) > 1:
            words.append(
                f"<b>{counted(len(targets), 'recordings')} selected.</b> A field you change is "
                "changed in all of them, and no other."
            )
        missing = {spec.title for image in targets for spec in image.missing_fields}
        if missing:
            words.append(f"Required and empty: {escape(', '.join(sorted(missing)))}.")
        for problem in targets[0].name_fields.problems if len(targets) == 1 else ():
            words.append(escape(problem[0].upper() + problem[1:] + "."))
        self._notice.value = "".join(f"<div>{word}</div>" for word in words)
        self._notice.layout.display = "" if words else "none"
        found = {name: value for image in targets for name, value in image.from_name.items()}
        said = ", ".join(
            f"{self._specs[name].title} {field_text(value)}" if len(targets) == 1
            else self._specs[name].title
            for name, value in found.items()
            if name in self._specs
        )  # fmt: skip
        self._names.value = f"From the file name, not entered: {escape(said)}"
        self._names_line.layout.display = "" if said else "none"

    def __repr__(self) -> str:
        return f"MetadataForm({self.image.name!r})" if self.image else "MetadataForm()"


class _Tools(ipywidgets.VBox):
    """Copying to other recordings and importing a sheet, made when they are first opened."""

    def __init__(self, form: MetadataForm) -> None:
        self._form = form
        self.copy_button = ipywidgets.Button(
            description="Copy to the others shown…",
            tooltip="Copy fields of this recording to the other ones in the table",
        )
        self.sheet_button = ipywidgets.Button(
            description="Import a sheet…",
            tooltip="Fill fields from a spreadsheet with a row for each file",
        )
        self._room = ipywidgets.VBox()
        self.copy: CopyMetadata | None = None
        self.sheet: SheetImport | None = None
        self.copy_button.on_click(partial(self._toggle, "copy"))
        self.sheet_button.on_click(partial(self._toggle, "sheet"))
        line = ipywidgets.HBox([self.copy_button, self.sheet_button], _dom_classes=["cs-row"])
        super().__init__([line, self._room], _dom_classes=["cs-section"])

    def _toggle(self, which: str, _button: Any = None) -> None:
        if which == "copy":
            self.copy = self.copy or CopyMetadata(self._copied)
        else:
            self.sheet = self.sheet or SheetImport()
        opened = self.copy if which == "copy" else self.sheet
        closed = self._room.children == (opened,)
        self._room.children = () if closed else (opened,)
        self.show()

    def _copied(self, report: EditReport) -> None:
        self._form.said.say("Copied: ", report)
        self._toggle("copy")

    def folder_changed(self) -> None:
        """Have the open tools follow another folder."""
        self.show()

    def show(self) -> None:
        """Bring the open tools in step with the recording and the folder."""
        form = self._form
        self.copy_button.disabled = form.image is None or len(form.targets) > 1
        folder = form.folder if isinstance(form.folder, AcqImageList) else None
        self.sheet_button.disabled = folder is None
        if self.copy is not None and self._room.children == (self.copy,):
            self.copy.offer(form.image, form.others_shown if len(form.targets) == 1 else ())
        if self.sheet is not None:
            self.sheet.folder = folder
