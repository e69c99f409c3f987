"""Forms of what the user knows of a recording and of what its file says."""

from __future__ import annotations

import ipywidgets
import numpy as np
import traitlets

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.folder_settings import FolderSettings
from cloudscope.metadata import ExperimentMetadata, experiment_fields
from cloudscope.widgets.metadata_form import MetadataForm
from cloudscope.widgets.table import FileTable


def recording(**options: float) -> AcqImage:
    return AcqImage.from_array(np.zeros((40, 8)), name="scan", **options)


def test_there_is_a_field_for_all_that_is_declared() -> None:
    form = MetadataForm(recording())
    for spec in experiment_fields():
        assert form.field(spec.name).control.description == spec.title


def test_one_field_left_is_one_undo_step() -> None:
    image = recording()
    form = MetadataForm(image)
    form.field("species").control.value = " mouse "
    form.field("depth_um").control.value = "120"
    assert (image.experiment.species, image.experiment.depth_um) == ("mouse", 120.0)
    assert form.field("species").control.value == "mouse"
    assert image.undo() == "edit depth_um"
    assert form.field("depth_um").control.value == ""
    assert image.experiment.species == "mouse"


def test_a_refusal_stands_beside_its_field_and_changes_nothing() -> None:
    image = recording()
    form = MetadataForm(image)
    form.field("date").control.value = "yesterday"
    sentence = "date='yesterday' is not allowed: give a date as YYYY-MM-DD"
    assert form.field("date").error == sentence
    assert form.field("date").control.value == "yesterday"
    assert image.experiment == ExperimentMetadata()
    form.field("species").control.value = "rat"  # another edit leaves the wrong one to be mended
    assert form.field("date").error == sentence
    form.field("date").control.value = "2025-07-22"
    assert form.field("date").error == ""
    assert image.experiment.date == "2025-07-22"


def test_the_form_follows_the_model() -> None:
    image = recording()
    form = MetadataForm(image)
    image.edit_experiment(sex="female", branch_order=3)
    assert form.field("sex").control.value == "female"
    assert form.field("branch_order").control.value == "3"
    image.undo()
    assert form.field("sex").control.value == ""


def test_another_recording_is_shown_without_being_edited() -> None:
    first, second = recording(), recording()
    second.edit_experiment(species="rat", extra={"cage": "7"})
    form = MetadataForm(first)
    form.field("date").control.value = "yesterday"
    form.image = second
    assert form.field("species").control.value == "rat"
    assert form.field("date").error == ""
    assert form.free_fields.field("cage").control.value == "7"
    assert first.undo_label is None
    assert second.undo_label == "edit species, cage"
    first.edit_experiment(species="pig")
    assert form.field("species").control.value == "rat"
    form.image = None
    assert form.field("species").control.disabled


def test_values_of_other_recordings_are_offered() -> None:
    other = recording()
    other.edit_experiment(condition="28d AngII", species="gerbil")
    form = MetadataForm(recording(), folder=[other])
    assert form.field("condition").control.options == ("28d AngII",)
    assert form.field("species").control.options[0] == "mouse"
    assert form.field("species").control.options[-1] == "gerbil"


def test_free_fields_are_added_changed_and_removed() -> None:
    image = recording()
    free = MetadataForm(image).free_fields
    free.new_key.value, free.new_value.value = "cage", "7"
    free.add_button.click()
    assert dict(image.experiment.extra) == {"cage": "7"}
    assert free.new_key.value == ""
    free.field("cage").control.value = "8"
    assert dict(image.experiment.extra) == {"cage": "8"}
    assert image.undo() == "edit cage"
    assert free.field("cage").control.value == "7"
    free.remove("cage")
    assert dict(image.experiment.extra) == {}
    image.undo()
    assert free.field("cage").control.value == "7"


def test_a_free_field_needs_a_name_of_its_own() -> None:
    image = recording()
    free = MetadataForm(image).free_fields
    free.new_value.value = "7"
    free.add()
    assert "needs a name" in free.error
    free.new_key.value = "species"
    free.add()
    assert "has the name of a field" in free.error
    free.new_key.value = "cage"
    free.add()
    assert free.error == ""
    free.new_key.value = "cage"
    free.add()
    assert "there is already a field 'cage'" in free.error


SETTINGS = FolderSettings.from_dict(
    {
        "fields": {
            "cohort": {"type": "choice", "choices": ["A", "B"], "required": True},
            "weight_g": {"type": "number", "unit": "g", "help": "on the day"},
            "fasted": {"type": "yes-no"},
            "condition": {"choices": ["sham", "AngII"], "type": "choice"},
        },
        "names": {"template": "{cohort}_{animal_id}_{_:int}"},
    }
)


def lab(*names: str) -> AcqImageList:
    images = [AcqImage.from_array(np.zeros((40, 8)), name=name) for name in names]
    made = AcqImageList(images)
    made.settings = SETTINGS
    return made


def notice(form: MetadataForm) -> str:
    return str(form._notice.value) if form._notice.layout.display == "" else ""


def test_declared_fields_are_typed_inputs() -> None:
    folder = lab("x.tif")
    form = MetadataForm(folder[0], folder=folder)
    cohort = form.field("cohort").control
    assert isinstance(cohort, ipywidgets.Dropdown)
    assert [value for _title, value in cohort.options] == ["", "A", "B"]
    assert cohort.description == "Cohort *"
    assert "Required and empty: Cohort" in notice(form)
    cohort.value = "B"
    form.field("weight_g").control.value = " 23.50 "
    form.field("fasted").control.value = "yes"
    assert folder[0].experiment.extra == {"cohort": "B", "weight_g": 23.5, "fasted": True}
    assert form.field("weight_g").control.value == "23.5"
    assert form.field("weight_g").unit == "g"
    assert notice(form) == ""
    form.field("weight_g").control.value = "heavy"
    assert "weight_g='heavy' is not allowed: give a number" in form.field("weight_g").error
    assert form.free_fields._fields == {}
    folder[0].undo()
    assert form.field("fasted").control.value == ""


def test_a_value_from_before_the_choices_is_shown_as_what_it_is() -> None:
    folder = lab("x.tif")
    folder[0].fields = experiment_fields()
    folder[0].edit_experiment(condition="Sham?")
    folder.settings = SETTINGS.of_folder("nowhere")
    folder.settings = SETTINGS
    form = MetadataForm(folder[0], folder=folder)
    control = form.field("condition").control
    assert control.value == "Sham?"
    assert control.options[-1] == ("Sham? (none of the choices)", "Sham?")
    control.value = "sham"
    assert folder[0].experiment.condition == "sham"
    assert control.options[-1] == ("AngII", "AngII")


def test_what_the_file_name_says_is_offered_and_entered_on_request() -> None:
    folder = lab("B_A89_0002.tif", "C_A90_0001.tif")
    form = MetadataForm(folder[0], folder=folder)
    assert form.field("animal_id").control.placeholder == "A89 (from the file name)"
    assert form.field("animal_id").control.value == ""
    assert form.field("cohort").control.options[0][0] == "– B (from the file name)"
    assert form._names_line.layout.display == ""
    assert not folder[0].dirty
    form.enter_button.click()
    assert form.field("animal_id").control.value == "A89"
    assert form.field("cohort").control.value == "B"
    assert form._names_line.layout.display == "none"
    folder[0].undo()
    assert form.field("animal_id").control.value == ""
    form.image = folder[1]
    assert "The file name says cohort=&#x27;C&#x27; is not allowed" in notice(form)


def test_several_selected_rows_are_edited_together_and_only_where_touched() -> None:
    folder = lab("a.tif", "b.tif", "c.tif")
    folder[0].edit_experiment(species="mouse", condition="sham", depth_um=10)
    folder[1].edit_experiment(species="mouse", condition="AngII", note="of b")
    table = FileTable(folder)
    form = MetadataForm(folder=folder, table=table)
    traitlets.link((table, "selected_image"), (form, "image"))
    table.select([0, 1])
    assert form.targets == (folder[0], folder[1])
    assert "2 recordings selected" in notice(form)
    assert form.field("species").control.value == "mouse"
    assert form.field("depth_um").control.placeholder == "several values"
    assert form.field("condition").control.options[0][0] == "several values"
    form.field("condition").control.value = "AngII"
    form.field("animal_id").control.value = "A89"
    assert [image.experiment.condition for image in folder] == ["AngII", "AngII", ""]
    assert [image.experiment.animal_id for image in folder] == ["A89", "A89", ""]
    assert folder[0].experiment.depth_um == 10
    assert folder[1].experiment.note == "of b"
    assert form.said.text == "Animal id: 2 recordings changed"
    form.said.undo_button.click()
    assert [image.experiment.animal_id for image in folder] == ["", "", ""]
    assert folder[0].undo() == "edit condition"
    assert form.field("condition").control.options[0][0] == "several values"
    form.field("depth_um").control.value = "deep"
    assert "depth_um='deep'" in form.field("depth_um").error
    assert folder[1].experiment.depth_um is None
    table.selected = 2
    assert form.targets == (folder[2],)
    assert notice(form).startswith("<div>Required")
    assert form.field("depth_um").error == ""


def test_fields_are_copied_to_the_other_recordings_shown() -> None:
    folder = lab("a.tif", "b.tif", "c.tif")
    folder[0].edit_experiment(species="mouse", condition="sham", note="of a")
    folder[1].edit_experiment(condition="AngII")
    table = FileTable(folder)
    form = MetadataForm(folder[0], folder=folder, table=table)
    table._receive(table, {"kind": "order", "ids": [0, 1]}, [])
    form.tools.copy_button.click()
    copy = form.tools.copy
    assert copy is not None
    assert copy.fields.value == ("species", "condition")
    assert copy.copy_button.description == "Copy 2 fields to 1 recording"
    copy.copy_button.click()
    assert (folder[1].experiment.species, folder[1].experiment.condition) == ("mouse", "AngII")
    assert folder[2].experiment.species == ""
    assert form.said.text == "Copied: 1 recording changed, 1 kept as they were"
    form.tools.copy_button.click()
    copy.overwrite.value = True
    copy.copy_button.click()
    assert folder[1].experiment.condition == "sham"


def test_a_closed_form_lets_go_and_may_be_closed_again() -> None:
    folder = lab("a.tif", "b.tif")
    table = FileTable(folder)
    form = MetadataForm(folder[0], folder=folder, table=table)
    form.close()
    form.close()
    table.select([0, 1])
    assert form.images == ()
    folder[0].edit_experiment(species="mouse")
    assert form.field("species").control.value == ""
