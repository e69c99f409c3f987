"""A sheet is planned cell by cell, and applied as it was planned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError, ParameterError
from cloudscope.folder_settings import FolderSettings
from cloudscope.sheets import (
    ImportPlan,
    apply_import,
    metadata_sheet,
    plan_import,
    read_metadata_sheet,
    write_metadata_sheet,
)
from tests.recordings import write_line_scan

SETTINGS = FolderSettings.from_dict(
    {
        "fields": {
            "weight_g": {"type": "number", "unit": "g", "minimum": 0, "title": "Body weight"},
            "fasted": {"type": "yes-no"},
            "cohort": {"type": "choice", "choices": ["A", "B"]},
        }
    }
)


def folder(*names: str) -> AcqImageList:
    images = [AcqImage.from_array(np.zeros((9, 4)), name=name) for name in names]
    made = AcqImageList(images)
    made.settings = SETTINGS
    return made


def plan(images: AcqImageList, text: str, **options: Any) -> ImportPlan:
    return plan_import(images, read_metadata_sheet("s.csv", data=text.encode()), **options)


def states(planned: ImportPlan) -> dict[tuple[str, str], str]:
    return {(cell.image.name, cell.field): cell.state for cell in planned.cells}


def test_columns_are_fields_by_name_title_and_usual_names() -> None:
    heads = "File,Mouse,gender,Depth (um),Body weight [g],cohort,Comment,Cage"
    text = heads + "\na.tif,A89,F,12,23,b,hi,7\n"
    planned = plan(folder("a.tif"), text)
    assert dict(planned.fields) == {
        "Mouse": "animal_id",
        "gender": "sex",
        "Depth (um)": "depth_um",
        "Body weight [g]": "weight_g",
        "cohort": "cohort",
        "Comment": "note",
    }
    assert planned.left_out == {
        "Cage": "it is no field: declare it in cloudscope.toml, or say columns=…"
    }
    new = {cell.field: cell.new for cell in planned.cells}
    assert new == {
        "animal_id": "A89",
        "sex": "female",
        "depth_um": 12.0,
        "weight_g": 23.0,
        "cohort": "B",
        "note": "hi",
    }


def test_a_column_in_another_unit_is_not_taken() -> None:
    planned = plan(folder("a.tif"), "file,Depth (mm),weight_g (kg)\na.tif,0.1,0.02\n")
    assert planned.cells == ()
    assert planned.left_out["Depth (mm)"].startswith("it is in mm, depth_um takes µm: convert it")
    assert "kg" in planned.left_out["weight_g (kg)"]


def test_columns_as_the_caller_says() -> None:
    text = "file,Nr,Cage,Group\na.tif,7,3,sham\n"
    chosen = {"Nr": "vessel_id", "Cage": "extra.cage", "Group": ""}
    planned = plan(folder("a.tif"), text, columns=chosen)
    assert dict(planned.fields) == {"Nr": "vessel_id", "Cage": "extra.cage"}
    assert "Group" in planned.left_out
    with pytest.raises(ParameterError, match="has no column 'Nummer'"):
        plan(folder("a.tif"), text, columns={"Nummer": "note"})
    with pytest.raises(ParameterError, match=r"no field 'cage'; write 'extra\.cage'"):
        plan(folder("a.tif"), text, columns={"Cage": "cage"})


def test_old_and_new_stand_beside_each_other_and_refusals_say_why() -> None:
    images = folder("a.tif", "b.tif", "c.tif")
    images[0].edit_experiment(condition="sham", depth_um=10)
    text = (
        "file,condition,depth_um,cohort,weight_g,date\n"
        "a.tif,AngII,10,C,heavy,2025/7/2\n"
        "b.tif,sham,,,,22.7.2025\n"
    )
    planned = plan(images, text)
    assert states(planned) == {
        ("a.tif", "condition"): "differs",
        ("a.tif", "depth_um"): "same",
        ("a.tif", "cohort"): "refused",
        ("a.tif", "weight_g"): "refused",
        ("a.tif", "date"): "new",
        ("b.tif", "condition"): "new",
        ("b.tif", "date"): "refused",
    }
    cells = {(cell.image.name, cell.field): cell for cell in planned.cells}
    assert cells["a.tif", "condition"].old == "sham"
    assert cells["a.tif", "date"].new == "2025-07-02"
    assert (
        cells["a.tif", "cohort"].why
        == "cohort='C' is not allowed: give one of 'A', 'B', or nothing"
    )
    assert planned.unmatched_images == ("c.tif",)
    assert images[1].experiment.condition == ""
    assert str(planned).startswith("s.csv: 2 to fill in, 1 that differ from what is entered, 1 the")
    table = planned.to_dataframe()
    assert list(table["state"]).count("refused") == 3
    assert table["row"].dropna().tolist() == [2, 2, 2, 2, 2, 3, 3]
    assert table.loc[table["state"] == "no row", "recording"].tolist() == ["c.tif"]


def test_empty_fields_are_filled_and_what_is_entered_stays_unless_it_is_said() -> None:
    images = folder("a.tif")
    images[0].edit_experiment(condition="sham")
    text = "file,condition,treatment,sex\na.tif,AngII,saline,both\n"
    report = apply_import(plan(images, text))
    assert images[0].experiment.condition == "sham"
    assert images[0].experiment.treatment == "saline"
    assert report.changed == ("a.tif",)
    assert [why for _name, why in report.kept] == [
        "condition is 'sham' already",
        "sex='both' is not allowed: give one of 'female', 'male', 'unknown', or nothing",
    ]
    assert images[0].undo() == "import s.csv"
    apply_import(plan(images, text), overwrite=True)
    assert images[0].experiment.condition == "AngII"
    assert images[0].undo() == "import s.csv"
    assert images[0].experiment.treatment == ""


def test_what_was_edited_since_the_preview_is_not_replaced() -> None:
    images = folder("a.tif")
    planned = plan(images, "file,condition,note\na.tif,AngII,x\n")
    images[0].edit_experiment(condition="mine")
    report = apply_import(planned, overwrite=True)
    assert images[0].experiment.condition == "mine"
    assert images[0].experiment.note == "x"
    assert report.kept == (("a.tif", "condition was edited since the preview: it is 'mine'"),)


def test_an_undo_of_all_spares_what_was_edited_after() -> None:
    images = folder("a.tif", "b.tif")
    report = apply_import(plan(images, "file,note\na.tif,x\nb.tif,x\n"))
    images[1].edit_experiment(note="y")
    assert report.undo() == ("b.tif",)
    assert [image.experiment.note for image in images] == ["", "y"]


@pytest.fixture
def nested(tmp_path: Path) -> AcqImageList:
    for name in ("day1/a.tif", "day2/a.tif", "day2/B.tif", "c.ome.tif"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        write_line_scan(path, lines=40)
    return AcqImageList.from_folder(tmp_path)


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("day1/a.tif", "day1/a.tif"),
        ("day1\\a.tif", "day1/a.tif"),
        ("./day1/a", "day1/a.tif"),
        ("/other/machine/day2/a.tif", "day2/a.tif"),
        ("B.tif", "day2/B.tif"),
        ("B", "day2/B.tif"),
        ("c.ome", "c.ome.tif"),
    ],
)
def test_recordings_are_found_by_path_and_name_with_and_without_suffix(
    nested: AcqImageList, key: str, found: str
) -> None:
    planned = plan(nested, f"file,note\n{key},x\n")
    assert [nested.relative_path(cell.image) for cell in planned.cells] == [found]


def test_names_that_are_not_certain_are_reported_and_not_taken(nested: AcqImageList) -> None:
    text = "file,note\na.tif,x\nb.tif,x\nB.tif,1\nB,2\nnone.tif,x\nc.ome,3\nc.ome.tif,3\n"
    planned = plan(nested, text)
    assert [cell.image.name for cell in planned.cells] == ["c.ome.tif"]
    assert [(row.row, row.why) for row in planned.unmatched_rows] == [
        (2, "2 recordings are called so: write the path within the folder"),
        (3, "no recording is called so; 'B.tif' differs in case: match without case"),
        (4, "another row is of this recording and differs"),
        (5, "row 4 is of this recording too: neither is taken, because they differ"),
        (6, "no recording is called so"),
        (8, "row 7 is of this recording too and says the same"),
    ]
    assert len(plan(nested, "file,note\nb.TIF,x\n", ignore_case=True).cells) == 1


def test_a_number_with_a_comma_is_one_where_semicolons_part_the_cells() -> None:
    planned = plan(folder("a.tif"), "file;depth_um\na.tif;12,5\n")
    assert planned.cells[0].new == 12.5
    refused = plan(folder("a.tif"), 'file,depth_um\na.tif,"12,5"\n')
    assert refused.cells[0].state == "refused"


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    images = folder("a.tif", "b.tif")
    images[0].edit_experiment(
        species="mouse", sex="female", depth_um=0.1 + 0.2, branch_order=3, date="2025-07-22",
        note='two "lines"\nand, commas', weight_g=23.25, fasted=False, cohort="A",
        extra={"cage": "=1+1", "number": 7},
    )  # fmt: skip
    path = write_metadata_sheet(images, tmp_path / "all.csv")
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert "'=1+1" in path.read_text(encoding="utf-8")
    others = folder("a.tif", "b.tif")
    planned = plan_import(others, read_metadata_sheet(path))
    assert planned.left_out == {}
    apply_import(planned)
    wanted = images[0].experiment
    assert others[0].experiment.replace(extra={}) == wanted.replace(extra={})
    assert others[0].experiment.extra == {**wanted.extra, "number": "7"}
    assert not others[1].dirty
    again = plan_import(images, read_metadata_sheet(path))
    assert {cell.state for cell in again.cells} == {"same"}
    frame = metadata_sheet(images)
    assert list(frame["file"]) == ["a.tif", "b.tif"]
    assert frame.loc[0, "weight_g"] == 23.25


def test_a_sheet_is_written_under_its_own_kind_of_name(tmp_path: Path) -> None:
    with pytest.raises(CloudscopeError, match=r"ends in \.csv"):
        write_metadata_sheet(folder("a"), tmp_path / "a.tif")
    with pytest.raises(CloudscopeError, match="not written"):
        write_metadata_sheet(folder("a"), tmp_path / "none" / "a.csv")


def test_what_the_file_name_says_does_not_keep_a_sheet_from_saying_otherwise() -> None:
    images = folder("A89_1.tif")
    images.settings = FolderSettings.from_dict({"names": {"template": "{animal_id}_{_:int}"}})
    planned = plan(images, "file,animal_id\nA89_1.tif,A90\n")
    assert planned.cells[0].state == "new"
    apply_import(planned)
    assert images[0].experiment.animal_id == "A90"
