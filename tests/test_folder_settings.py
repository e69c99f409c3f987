"""What a ``cloudscope.toml`` declares, and what is said of one that makes no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import LoadError, ParameterError
from cloudscope.experiment_metadata import ExperimentMetadata, experiment_fields
from cloudscope.folder_settings import FolderSettings
from tests.recordings import write_line_scan

TOML = """
[names]
template = "{cohort}/{date:%Y%m%d}/{_}_{animal_id}_{run:int}.tif"

[fields.cohort]
type = "choice"
choices = ["A", "B"]
required = true

[fields.run]
type = "integer"

[fields.weight_g]
title = "Body weight"
type = "number"
unit = "g"
minimum = 0
help = "on the day of imaging"

[fields.fasted]
type = "yes-no"

[fields.surgery]
type = "date"

[fields.condition]
choices = ["sham", "28d AngII"]
type = "choice"

[folder]
exclude = ["*_overview.tif", "trash"]
user = "Ada"
"""


def settings(text: str, folder: Path) -> FolderSettings:
    (folder / "cloudscope.toml").write_text(text, encoding="utf-8")
    return FolderSettings.of_folder(folder)


@pytest.fixture
def lab(tmp_path: Path) -> AcqImageList:
    (tmp_path / "cloudscope.toml").write_text(TOML, encoding="utf-8")
    for name in (
        "B/20250722/20250722_A89_0002.tif",
        "C/20251340/x_A90_0003.tif",
        "loose.tif",
        "B/20250722/x_overview.tif",
        "trash/20250722/20250722_A89_0009.tif",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_line_scan(path, lines=60)
    return AcqImageList.from_folder(tmp_path)


def test_fields_are_declared_once_with_type_unit_choices_and_help(tmp_path: Path) -> None:
    declared = settings(TOML, tmp_path)
    assert declared.path == tmp_path / "cloudscope.toml"
    built_in = [spec.name for spec in experiment_fields()]
    assert [spec.name for spec in declared.fields[: len(built_in)]] == built_in
    extras = {spec.name: spec for spec in declared.extras}
    assert list(extras) == ["cohort", "run", "weight_g", "fasted", "surgery"]
    weight = extras["weight_g"]
    assert (weight.title, weight.unit, weight.help) == ("Body weight", "g", "on the day of imaging")
    assert repr(declared) == (
        "FolderSettings(fields cohort, run, weight_g, fasted, surgery; 1 name patterns)"
    )
    assert extras["cohort"].required
    assert extras["cohort"].title == "Cohort"
    condition = next(spec for spec in declared.fields if spec.name == "condition")
    assert condition.closed
    assert condition.choices == ("sham", "28d AngII")
    assert condition.title == "Condition"


def test_a_folder_without_one_has_the_usual_fields(tmp_path: Path) -> None:
    assert FolderSettings.of_folder(tmp_path) == FolderSettings()
    assert FolderSettings().fields == experiment_fields()
    assert repr(FolderSettings()) == "FolderSettings()"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("fields = 3", "fields = 3 is not allowed: give a table"),
        ("[feilds.a]\n", "there is no key feilds: did you mean fields?"),
        (
            "[fields.a]\ntype = 'float'",
            "fields.a.type = 'float' is not allowed: give one of 'text'",
        ),
        ("[fields.a]\ntype = 'choice'", "there are no choices: add fields.a.choices"),
        ("[fields.a]\ntype = 'number'\nchoices = ['1']", "fields.a.choices"),
        ("[fields.a]\nunits = 'g'", "there is no key fields.a.units: did you mean unit?"),
        ("[fields.a]\nrequired = 'yes'", "fields.a.required = 'yes' is not allowed: give true or"),
        ("[fields.a]\nminimum = 3", "fields.a.minimum = 3 is not allowed"),
        ("[fields.'a b']\n", "[fields.a b] is not allowed"),
        ("[fields.species]\ntype = 'number'", "fields.species.type = 'number' is not allowed"),
        ("[fields.sex]\nchoices = ['hen']", "fields.sex.choices = 'hen' is not allowed: give some"),
        ("[fields.depth_um]\nchoices = ['1']", "fields.depth_um.choices"),
        ("[names]\ntemplate = 3", "names.template = 3 is not allowed"),
        (
            "[names]\ntemplate = '{animalid}.tif'",
            "there is no field 'animalid': did you mean animal",
        ),
        ("[names]\ntemplate = '{a'", "names.template: '{a' has a brace without its partner"),
        ("[names]\ntemplate = '{date:%Q}'", "after the colon may stand int, number"),
        ("[names]\nregex = '(?P<animal_id>'", "is no regular expression"),
        ("[names]\nregex = 'A89'", "names no field"),
        ("[folder]\nresults = '../elsewhere'", "give the name of a folder within this one"),
        ("[folder]\nresults = 'C:/elsewhere'", "give the name of a folder within this one"),
        ("[folder]\nexclude = '*.tif'", "folder.exclude = '*.tif' is not allowed: give a list"),
        ("[fields.a\n", "line 1"),
    ],
)
def test_what_makes_no_sense_is_one_sentence_with_file_key_value_and_cure(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(LoadError) as caught:
        settings(text, tmp_path)
    sentence = str(caught.value)
    assert sentence.startswith(str(tmp_path / "cloudscope.toml"))
    assert said in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("data", [b"\xff\xfe[", b"a = '" + b"x" * (1 << 20) + b"'"])
def test_another_encoding_and_a_huge_file_are_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "cloudscope.toml").write_bytes(data)
    with pytest.raises(LoadError, match=r"cloudscope\.toml"):
        FolderSettings.of_folder(tmp_path)


def test_a_folder_whose_settings_make_no_sense_opens_without_them_and_says_so(
    tmp_path: Path,
) -> None:
    write_line_scan(tmp_path / "a.tif", lines=60)
    (tmp_path / "cloudscope.toml").write_text("[fields.a]\ntype = 'float'", encoding="utf-8")
    folder = AcqImageList.from_folder(tmp_path)
    assert [image.name for image in folder] == ["a.tif"]
    assert folder.settings == FolderSettings()
    (failure,) = folder.failures
    assert failure.name == "cloudscope.toml"
    assert failure.reason.startswith("the folder is opened without it: fields.a.type = 'float'")
    (tmp_path / "cloudscope.toml").write_text("[fields.a]\n", encoding="utf-8")
    folder.refresh()
    assert folder.failures == ()
    assert [spec.name for spec in folder.settings.extras] == ["a"]
    assert folder[0].field_spec("a").title == "A"


def test_names_fill_fields_as_defaults_that_are_not_entered(lab: AcqImageList) -> None:
    image = lab["20250722_A89_0002.tif"]
    assert image.from_name == {
        "cohort": "B",
        "date": "2025-07-22",
        "animal_id": "A89",
        "run": 2,
    }
    assert image.experiment == ExperimentMetadata()
    assert not image.dirty
    assert image.known_experiment.animal_id == "A89"
    assert image.known_experiment.extra == {"cohort": "B", "run": 2}


def test_what_the_user_entered_wins_over_the_name(lab: AcqImageList) -> None:
    image = lab["20250722_A89_0002.tif"]
    image.edit_experiment(animal_id="A90")
    assert image.known_experiment.animal_id == "A90"
    assert "animal_id" not in image.from_name
    image.undo()
    assert image.known_experiment.animal_id == "A89"


def test_accepted_defaults_are_entered_in_one_step_and_saved(lab: AcqImageList) -> None:
    image = lab["20250722_A89_0002.tif"]
    image.edit_experiment(animal_id="A90")
    assert image.accept_name_fields() == ("cohort", "date", "run")
    assert image.experiment.animal_id == "A90"
    assert image.experiment.extra == {"cohort": "B", "run": 2}
    assert image.from_name == {}
    assert image.accept_name_fields() == ()
    image.save()
    assert image.path is not None
    assert AcqImage(image.path).experiment == image.experiment
    assert image.undo() == "edit date, cohort, run"
    assert image.experiment.extra == {}


def test_a_name_that_says_what_a_field_does_not_take_is_a_problem_not_a_value(
    lab: AcqImageList,
) -> None:
    image = lab["x_A90_0003.tif"]
    assert image.from_name == {"animal_id": "A90", "run": 3}
    first, second = image.name_fields.problems
    assert first.startswith("the file name says cohort='C' is not allowed: give one of 'A', 'B'")
    assert "date='20251340' is not allowed" in second
    assert lab["loose.tif"].from_name == {}
    assert [spec.name for spec in lab["loose.tif"].missing_fields] == ["cohort"]
    assert lab["20250722_A89_0002.tif"].missing_fields == ()


def test_excluded_recordings_and_folders_are_left_out(lab: AcqImageList) -> None:
    assert sorted(image.name for image in lab) == [
        "20250722_A89_0002.tif",
        "loose.tif",
        "x_A90_0003.tif",
    ]
    assert lab.failures == ()
    lab.refresh()
    assert len(lab) == 3


def test_declared_fields_are_edited_by_name_and_checked(lab: AcqImageList) -> None:
    image = lab["loose.tif"]
    image.edit_experiment(weight_g="23.5", cohort="A", fasted="Yes", surgery="2025-07-01")
    assert image.experiment.extra == {
        "weight_g": 23.5,
        "cohort": "A",
        "fasted": True,
        "surgery": "2025-07-01",
    }
    for name, value in [
        ("weight_g", "heavy"),
        ("weight_g", -1),
        ("cohort", "C"),
        ("fasted", "perhaps"),
        ("surgery", "July"),
        ("run", 1.5),
        ("condition", "SHAM"),
    ]:
        with pytest.raises(ParameterError, match=f"{name}={value!r} is not allowed: give "):
            image.edit_experiment(**{name: value})
        with pytest.raises(ParameterError, match=name):
            image.experiment = image.experiment.with_values({name: value})
    image.edit_experiment(weight_g=None, cohort="")
    assert image.experiment.extra == {"fasted": True, "surgery": "2025-07-01"}
    with pytest.raises(ParameterError, match="no metadata field 'wieght_g'; did you mean weight_g"):
        image.edit_experiment(wieght_g=1)
    image.edit_experiment(extra={"cage": "7", "weight_g": "24"})
    assert image.experiment.extra == {"cage": "7", "weight_g": 24.0}


def test_what_was_saved_before_a_field_was_declared_stays(tmp_path: Path) -> None:
    path = write_line_scan(tmp_path / "a.tif", lines=60)
    image = AcqImage(path)
    image.edit_experiment(extra={"weight_g": "about 20"}, condition="Sham?")
    image.save()
    (tmp_path / "cloudscope.toml").write_text(TOML, encoding="utf-8")
    opened = AcqImageList.from_folder(tmp_path)[0]
    assert opened.experiment.extra == {"weight_g": "about 20"}
    opened.edit_experiment(species="mouse")  # another edit does not touch it
    assert opened.experiment.extra == {"weight_g": "about 20"}
    assert opened.experiment.condition == "Sham?"
    opened.undo()
    assert not opened.dirty


def test_a_selection_keeps_what_the_folder_declares(lab: AcqImageList) -> None:
    AcqImageList(lab[:1])
    assert lab[0].field_spec("cohort").closed


def test_corrections_say_who_made_them_and_when(lab: AcqImageList) -> None:
    image = lab["loose.tif"]
    assert image.corrections.stamp("line_period_s") is None
    image.set_calibration(line_period_s=0.002)
    stamp = image.corrections.stamp("line_period_s")
    assert stamp is not None
    assert stamp.by == "Ada"
    image.user = "Bob"
    image.set_calibration(pixel_size_um=0.5)
    assert image.corrections.stamp("line_period_s") == stamp
    image.save()
    assert image.path is not None
    again = AcqImage(image.path).corrections
    assert again.stamps == image.corrections.stamps
    by = again.stamp("pixel_size_um")
    assert by is not None
    assert by.by == "Bob"
    image.undo()
    image.undo()
    assert image.corrections.stamps == ()
    image.redo()
    assert image.corrections.stamp("line_period_s") == stamp


def test_sidecars_are_kept_in_the_results_folder_that_is_declared(tmp_path: Path) -> None:
    path = tmp_path / "day1" / "a.tif"
    path.parent.mkdir()
    write_line_scan(path, lines=60)
    (tmp_path / "cloudscope.toml").write_text('[folder]\nresults = "kept/here"', encoding="utf-8")
    image = AcqImageList.from_folder(tmp_path)[0]
    image.edit_experiment(note="x")
    image.save()
    assert (tmp_path / "kept" / "here" / "day1" / "a.tif.json").is_file()
    assert not (tmp_path / "day1" / "a.tif.json").exists()
    again = AcqImageList.from_folder(tmp_path)
    assert [image.experiment.note for image in again] == ["x"]
