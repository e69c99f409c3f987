"""Forms of what the user knows of a recording and of what its file says."""

from __future__ import annotations

import numpy as np

from cloudscope.acq_image import AcqImage
from cloudscope.metadata import ExperimentMetadata, experiment_fields
from cloudscope.widgets.metadata_form import MetadataForm


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
