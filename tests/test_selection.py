"""Recordings are chosen and grouped by what a table shows of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.analysis.registry import BUILT_IN, analysis_names, get_analysis
from cloudscope.errors import ParameterError
from cloudscope.folder_settings import FolderSettings
from cloudscope.recording_columns import (
    _HEADLINES,
    _TITLES,
    hidden_at_first,
    recording_columns,
    recording_row,
)
from cloudscope.selection import columns_of
from tests import one_analysis  # noqa: F401 - registers the analysis
from tests.recordings import write_line_scan


@pytest.fixture
def folder() -> AcqImageList:
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 4000, (200, 16)).astype(np.uint16)
    images = [
        AcqImage.from_array(pixels, name=name, line_period_s=0.001, pixel_size_um=0.5)
        for name in ("A1_1.tif", "A1_2.tif", "A2_3.tif", "odd.tif")
    ]
    made = AcqImageList(images)
    made.settings = FolderSettings.from_dict(
        {
            "fields": {"weight_g": {"type": "number", "unit": "g"}, "run": {"type": "integer"}},
            "names": {"template": "{animal_id}_{run:int}.tif"},
        }
    )
    images[0].edit_experiment(condition="sham", weight_g=21)
    images[1].edit_experiment(condition="28d AngII", weight_g=25, extra={"cage": "7"})
    images[1].accepted = True
    images[3].accepted = False
    return made


def names(found: AcqImageList) -> list[str]:
    return [image.name for image in found]


def test_text_conditions_and_values(folder: AcqImageList) -> None:
    assert names(folder.filter("a1 -sham")) == ["A1_2.tif"]
    assert names(folder.filter(weight_g=">22")) == ["A1_2.tif"]
    assert names(folder.filter(weight_g=(None, 22))) == ["A1_1.tif"]
    assert names(folder.filter(accepted=True)) == ["A1_2.tif"]
    assert names(folder.filter(accepted=None)) == ["A1_1.tif", "A2_3.tif"]
    assert names(folder.filter(condition=["sham", ""])) == ["A1_1.tif", "A2_3.tif", "odd.tif"]
    assert names(folder.filter(run=lambda run: run is not None and run % 2 == 1)) == [
        "A1_1.tif",
        "A2_3.tif",
    ]
    assert names(folder.filter("cage=7")) == ["A1_2.tif"]
    assert names(folder.filter()) == names(folder)
    with pytest.raises(ParameterError, match="there is no column 'weigth'; there are status, name"):
        folder.filter(weigth=3)
    with pytest.raises(ParameterError, match=r"weight_g=\{\} is not allowed"):
        folder.filter(weight_g={})


def test_what_the_file_name_says_counts(folder: AcqImageList) -> None:
    assert names(folder.filter(animal_id="=A1")) == ["A1_1.tif", "A1_2.tif"]
    groups = folder.group_by("Animal id")
    assert {value: names(group) for value, group in groups.items()} == {
        "A1": ["A1_1.tif", "A1_2.tif"],
        "A2": ["A2_3.tif"],
        "": ["odd.tif"],
    }


def test_a_choice_shares_recordings_and_keeps_what_the_folder_declares(
    folder: AcqImageList,
) -> None:
    chosen = folder.filter("sham")
    assert chosen[0] is folder[0]
    assert chosen.settings is folder.settings
    chosen[0].edit_experiment(weight_g=30)
    assert names(folder.filter(weight_g=30)) == ["A1_1.tif"]
    assert chosen[0].from_name == {"animal_id": "A1", "run": 1}


def test_tables_have_every_field_and_say_what_only_the_name_gives(folder: AcqImageList) -> None:
    table = folder.to_dataframe().set_index("name")
    assert table.loc["A1_2.tif", ["animal_id", "weight_g", "extra.cage"]].tolist() == [
        "A1",
        25.0,
        "7",
    ]
    assert str(table["run"].dtype) == "Int64"
    assert table.loc["A2_3.tif", "run"] == 3
    assert table.loc["A2_3.tif", "from_name"] == "animal_id, run"
    assert table.loc["odd.tif", "from_name"] == ""


def test_headlines_are_of_the_roi_that_is_asked_for(folder: AcqImageList) -> None:
    image = folder[0]
    roi = image.add_roi(col_stop=8)
    image.analyze("block_mean")
    image.analyze("block_mean", roi_id=roi.roi_id)
    numbers = {
        roi_id: image.results["block_mean", 0, roi_id].summary[get_analysis("block_mean").headline]
        for roi_id in (0, roi.roi_id)
    }
    assert recording_row(image, "A1_1.tif")["block_mean"] == numbers[1]
    assert recording_row(image, "A1_1.tif", 0)["block_mean"] == numbers[0]
    assert recording_row(image, "A1_1.tif", 1)["block_mean_more"] == "+1"
    assert recording_row(image, "A1_1.tif", 9)["block_mean"] is None
    assert "ROI 1: " in recording_row(image, "A1_1.tif")["block_mean_hint"]
    limit = f">{min(numbers.values()) - 1}"
    assert names(folder.filter(block_mean=limit)) == ["A1_1.tif"]
    assert names(folder.filter(block_mean=limit, roi=9)) == []


def test_all_fields_are_columns_and_only_a_few_are_shown_at_first(folder: AcqImageList) -> None:
    columns = columns_of(folder)
    keys = [column.key for column in columns]
    assert len(keys) == len(set(keys))
    assert {"species", "note", "weight_g", "run", "extra.cage", "velocity_um_per_s"} <= set(keys)
    assert next(c for c in columns if c.key == "weight_g").unit == "g"
    shown = set(keys) - set(hidden_at_first(columns))
    assert {"status", "name", "accepted", "rois", "velocity_um_per_s"} <= shown
    assert "note" not in shown


def test_headlines_are_those_that_the_analyses_register() -> None:
    assert {headline.analysis for headline in _HEADLINES} == set(BUILT_IN)
    for headline in _HEADLINES:
        assert headline.summary == get_analysis(headline.analysis).headline
    assert {name: get_analysis(name).title.lower() for name in BUILT_IN} == _TITLES
    assert len({column.key for column in recording_columns(())}) == len(recording_columns(()))


def test_folders_and_required_fields(tmp_path: Path) -> None:
    for name in ("day1/a.tif", "b.tif"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write_line_scan(path, lines=40)
    (tmp_path / "cloudscope.toml").write_text("[fields.condition]\nrequired = true\n")
    opened = AcqImageList.from_folder(tmp_path)
    assert list(opened.group_by("folder")) == ["this folder", "day1"]
    assert names(opened.filter(missing="condition")) == names(opened)
    opened[0].edit_experiment(condition="sham")
    assert len(opened.filter(missing='!=""')) == 1


def test_no_declared_field_may_hide_a_column_of_the_table() -> None:
    with pytest.raises(ParameterError, match=r"fields\.rois.*a column of tables already"):
        FolderSettings.from_dict({"fields": {"rois": {"type": "integer"}}})
    of_tests = set(analysis_names()) - set(BUILT_IN)  # whatever ran before may have left one
    for column in recording_columns(()):
        if column.key in of_tests:
            continue
        with pytest.raises(ParameterError):
            FolderSettings.from_dict({"fields": {column.key: {"type": "text"}}})
