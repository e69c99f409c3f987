"""A sheet is seen before it is entered."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.sheet_import import SheetImport
from tests.recordings import write_line_scan

SHEET = "file,Mouse,condition,depth_um,Cage\na,A89,sham,deep,1\nb.tif,A90,AngII,80,2\nz,A91,,,\n"


@pytest.fixture
def folder(tmp_path: Path) -> AcqImageList:
    for name in ("a.tif", "b.tif", "c.tif"):
        write_line_scan(tmp_path / name, lines=40)
    (tmp_path / "animals.csv").write_text(SHEET, encoding="utf-8")
    (tmp_path / "a.tif.radon_velocity.csv").write_text("x\n", encoding="utf-8")
    return AcqImageList.from_folder(tmp_path)


def test_sheets_of_the_folder_are_offered_but_no_headers_and_results(folder: AcqImageList) -> None:
    panel = SheetImport(folder)
    assert [value for _title, value in panel.choice.options] == ["", "animals.csv"]


def test_the_preview_says_what_would_change_and_entering_does_that(folder: AcqImageList) -> None:
    folder["a.tif"].edit_experiment(condition="AngII")
    panel = SheetImport(folder)
    panel.choice.value = "animals.csv"
    assert panel.plan is not None
    table = panel._table
    assert table is not None
    shown = [(row["state"], row.get("recording"), row.get("field")) for row in table.rows]
    assert ("refused", "a.tif", "depth_um") in shown
    assert ("differs", "a.tif", "condition") in shown
    assert ("no recording", "z", None) in shown
    assert ("no field", None, "Cage") in shown
    assert ("no row", "c.tif", None) in shown
    assert not folder["b.tif"].dirty
    assert panel.apply_button.description == "Enter 4 values in 2 recordings"
    panel.overwrite.value = True
    assert panel.apply_button.description == "Enter 5 values in 2 recordings"
    panel.overwrite.value = False
    panel.apply_button.click()
    assert folder["a.tif"].experiment.animal_id == "A89"
    assert folder["a.tif"].experiment.condition == "AngII"
    assert folder["b.tif"].experiment.depth_um == 80
    assert panel.said.text.startswith("2 recordings changed")
    assert panel.apply_button.disabled
    panel.said.undo_button.click()
    assert folder["b.tif"].experiment.depth_um is None
    assert folder["a.tif"].experiment.condition == "AngII"


def test_a_sheet_from_elsewhere_and_one_that_cannot_be_read(folder: AcqImageList) -> None:
    panel = SheetImport(folder)
    panel.read("up.csv", b"file,note\nC.TIF,hello\n")
    assert panel.plan is not None
    assert len(panel.plan.unmatched_rows) == 1
    panel.ignore_case.value = True
    assert len(panel.plan.cells) == 1
    panel.read("up.csv", b"x,y\n1,2\n")
    assert panel.plan is None
    assert "no column 'file' names the recordings" in panel.error
    panel.read("up.csv", b"file,note\nc,<img src=x onerror=alert(1)>\n")
    assert panel.error == ""
    panel.apply_button.click()
    assert folder["c.tif"].experiment.note == "<img src=x onerror=alert(1)>"
    assert "<img" not in panel._words.value


def test_the_metadata_can_be_taken_away_as_a_sheet(folder: AcqImageList) -> None:
    assert 'download="metadata.csv"' in SheetImport(folder)._export.value
    assert SheetImport()._export.value == ""
