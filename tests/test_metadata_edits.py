"""Many recordings edited at once: a step each, a report for all."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import ParameterError
from cloudscope.folder_settings import FolderSettings
from cloudscope.metadata_edits import accept_names, copy_metadata, edit_many


@pytest.fixture
def folder() -> AcqImageList:
    names = ("A1_1.tif", "A2_2.tif", "A3_3.tif")
    made = AcqImageList([AcqImage.from_array(np.zeros((9, 4)), name=name) for name in names])
    made.settings = FolderSettings.from_dict(
        {
            "fields": {"weight_g": {"type": "number"}, "run": {"type": "integer"}},
            "names": {"template": "{animal_id}_{run:int}"},
        }
    )
    return made


def test_one_step_each_and_only_what_is_named_changes(folder: AcqImageList) -> None:
    folder[0].edit_experiment(condition="AngII", note="mine")
    report = edit_many(folder, condition="sham", weight_g="23", line_period_s=0.002)
    assert [image.experiment.condition for image in folder] == ["sham"] * 3
    assert folder[0].experiment.note == "mine"
    assert folder[2].header.line_period_s == 0.002
    assert folder[1].experiment.extra == {"weight_g": 23.0}
    assert str(report) == "3 recordings changed"
    assert folder[0].undo() == "edit condition, weight_g, line_period_s"
    assert folder[0].experiment.condition == "AngII"
    assert folder[0].header.line_period_s is None


def test_a_value_that_one_of_them_does_not_take_changes_none(folder: AcqImageList) -> None:
    with pytest.raises(ParameterError, match="depth_um='deep'"):
        edit_many(folder, condition="sham", depth_um="deep")
    with pytest.raises(ParameterError, match="line_period_s"):
        edit_many(folder, condition="sham", line_period_s=-1)
    with pytest.raises(
        ParameterError, match="no metadata field 'condtion'; did you mean condition"
    ):
        edit_many(folder, condtion="sham")
    assert not any(image.dirty for image in folder)


def test_those_that_have_it_already_get_no_step(folder: AcqImageList) -> None:
    folder[1].edit_experiment(condition="sham")
    report = edit_many(folder, condition="sham")
    assert report.changed == ("A1_1.tif", "A3_3.tif")
    assert report.unchanged == ("A2_2.tif",)
    assert report.undo() == ()
    assert [image.experiment.condition for image in folder] == ["", "sham", ""]


def test_free_fields_join_those_there_are(folder: AcqImageList) -> None:
    folder[0].edit_experiment(extra={"cage": "7", "rack": "2"})
    edit_many(folder, extra={"cage": "8"})
    assert folder[0].experiment.extra == {"cage": "8", "rack": "2"}
    assert folder[1].experiment.extra == {"cage": "8"}


def test_copying_fills_what_is_empty_and_replaces_when_it_is_said(folder: AcqImageList) -> None:
    folder[0].edit_experiment(species="mouse", condition="sham", weight_g=20, note="of this one")
    folder[1].edit_experiment(condition="AngII")
    names = ["species", "condition", "weight_g"]
    report = copy_metadata(folder[0], folder, names)
    assert report.kept == (("A2_2.tif", "condition is 'AngII' already"),)
    assert [image.experiment.species for image in folder] == ["mouse"] * 3
    assert [image.experiment.condition for image in folder] == ["sham", "AngII", "sham"]
    assert [image.experiment.note for image in folder] == ["of this one", "", ""]
    assert folder[2].undo() == "copy metadata of A1_1.tif"
    copy_metadata(folder[0], folder, names, overwrite=True)
    assert folder[1].experiment.condition == "sham"
    with pytest.raises(ParameterError, match="no metadata field 'specis'"):
        copy_metadata(folder[0], folder, ["specis"])


def test_names_are_accepted_for_all(folder: AcqImageList) -> None:
    folder[2].edit_experiment(animal_id="other")
    report = accept_names(folder, ["animal_id"])
    assert [image.experiment.animal_id for image in folder] == ["A1", "A2", "other"]
    assert report.unchanged == ("A3_3.tif",)
    assert folder[0].from_name == {"run": 1}
    accept_names(folder)
    assert folder[0].experiment.extra == {"run": 1}
