"""`FileTable` follows the recordings it shows."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList, LoadFailure
from cloudscope.errors import UnknownNameError
from cloudscope.folder_settings import FolderSettings
from cloudscope.widgets.table import FileTable


def recording(name: str = "scan", **calibration: float) -> AcqImage:
    calibration = {"line_period_s": 0.001, "pixel_size_um": 0.5} | calibration
    lines, pixels = np.mgrid[0:400, 0:24]
    streaks = 100 + 50 * np.sin((pixels - lines * 0.4) / 2)
    return AcqImage.from_array(streaks, name=name, **calibration)


def folder(*names: str) -> AcqImageList:
    failure = LoadFailure(Path("lab/broken.tif"), "truncated after 12 bytes")
    return AcqImageList([recording(name) for name in names], failures=[failure], folder="lab")


def row(table: FileTable, number: int) -> dict[str, Any]:
    return dict(table.rows[number])


def test_a_row_says_what_the_header_says() -> None:
    table = FileTable(folder("a"))
    shown = row(table, 0)
    assert shown["name"] == "a"
    assert (shown["lines"], shown["pixels"], shown["channels"]) == (400, 24, 1)
    assert shown["duration_s"] == pytest.approx(0.4)
    assert shown["line_period_ms"] == pytest.approx(1.0)
    assert shown["status"] == "none"


def test_what_the_file_does_not_say_is_nothing_not_one() -> None:
    image = AcqImage.from_array(np.zeros((40, 8)))
    shown = row(FileTable(AcqImageList([image])), 0)
    assert shown["line_period_ms"] is None
    assert shown["pixel_size_um"] is None
    assert shown["duration_s"] is None


def test_a_file_that_cannot_be_read_is_a_row_with_its_reason() -> None:
    table = FileTable(folder("a"))
    shown = row(table, 1)
    assert shown["status"] == "failed"
    assert shown["reason"] == "truncated after 12 bytes"
    table.selected = 1
    assert table.selected_image is None
    failure = table.failure_of(1)
    assert failure is not None
    assert failure.name == "broken.tif"
    table._judge("a")  # nothing to accept, and no error either


def test_rows_follow_their_recordings() -> None:
    images = folder("a", "b")
    table = FileTable(images)
    images[1].add_roi(col_start=2)
    assert row(table, 1)["rois"] == 1
    assert row(table, 1)["dirty"] is True
    images[1].edit_experiment(condition="sham")
    images[1].accepted = False
    assert row(table, 1)["condition"] == "sham"
    assert row(table, 1)["accepted"] is False
    assert row(table, 0)["rois"] == 0


def test_status_goes_from_not_yet_over_measured_to_stale() -> None:
    images = folder("a")
    image, table = images[0], FileTable(images)
    roi = image.add_roi(col_start=2)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    shown = row(table, 0)
    assert shown["status"] == "measured"
    assert shown["analyses"] == "velocity"
    expected = image.results["radon_velocity", 0, 1].summary["velocity_median_um_per_s"]
    assert shown["velocity_um_per_s"] == expected
    image.edit_roi(roi.roi_id, col_start=4)
    assert row(table, 0)["status"] == "stale"
    assert "moved or resized" in row(table, 0)["status_hint"]
    image.undo()
    assert row(table, 0)["status"] == "measured"


def test_the_headline_is_of_a_roi_rather_than_of_the_whole_and_the_others_are_counted() -> None:
    images = folder("a")
    image, table = images[0], FileTable(images)
    image.analyze("radon_velocity")
    roi = image.add_roi(col_start=4)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    shown = row(table, 0)
    expected = image.results["radon_velocity", 0, 1].summary["velocity_median_um_per_s"]
    assert shown["velocity_um_per_s"] == expected
    assert shown["velocity_um_per_s_more"] == "+1"
    assert shown["velocity_um_per_s_hint"].startswith("ROI 1: ")
    assert "whole recording: " in shown["velocity_um_per_s_hint"]


def test_selection_is_a_row_and_a_recording_both_ways() -> None:
    images = folder("a", "b")
    table = FileTable(images)
    table.selected = 1
    assert table.selected_image is images[1]
    table.selected_image = images[0]
    assert table.selected == 0
    table.selected = None
    assert table.selected_image is None
    with pytest.raises(UnknownNameError, match="not among the recordings"):
        table.selected_image = recording("stranger")
    assert table.selected_image is None


def test_the_selected_recording_stays_selected_when_files_join() -> None:
    images = folder("b", "c")
    table = FileTable(images)
    table.selected = 0
    kept = images[0]
    images.images = (recording("a"), *images.images)
    assert table.selected == 1
    assert table.selected_image is kept
    assert [r["name"] for r in table.rows] == ["a", "b", "c", "broken.tif"]


def test_another_folder_is_shown_and_the_old_one_let_go() -> None:
    old, new = folder("a"), folder("x", "y")
    table = FileTable(old)
    table.folder = new
    assert [r["name"] for r in table.rows][:2] == ["x", "y"]
    old[0].add_roi()
    assert row(table, 0)["rois"] == 0
    old.images = ()
    assert len(table.rows) == 3


def test_a_and_x_judge_and_a_second_press_takes_it_back() -> None:
    images = folder("a")
    table = FileTable(images)
    table.selected = 0
    image = images[0]
    seen = []
    for key in "axxa":
        table._judge(key)
        seen.append(image.accepted)
    assert seen == [True, False, None, True]
    assert image.undo() == "accept"


def test_a_click_on_the_verdict_sets_it() -> None:
    images = folder("a")
    table = FileTable(images)
    message = {"kind": "edit", "id": 0, "field": "accepted", "value": True, "old": None}
    table._receive(table, message, [])
    assert images[0].accepted is True


def test_many_changes_are_gathered_while_a_loop_runs() -> None:
    images = folder("a", "b")
    patches = []

    class Watched(FileTable):
        def patch(self, rows: Any) -> None:
            rows = list(rows)
            patches.append(rows)
            super().patch(rows)

    table = Watched(images)

    async def edit() -> None:
        for number in range(50):
            images[0].edit_experiment(note=str(number))
            images[1].edit_experiment(condition=str(number))
        await asyncio.sleep(0.12)

    asyncio.run(edit())
    assert len(patches) <= 3
    assert row(table, 1)["condition"] == "49"


def test_subfolders_head_groups(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    for name in ("day1/a.tif", "day2/b.tif"):
        path = tmp_path / name
        path.parent.mkdir()
        tifffile.imwrite(path, np.ones((60, 12), np.uint16))
    table = FileTable(AcqImageList.from_folder(tmp_path))
    assert table.group_by == "folder"
    assert [r["folder"] for r in table.rows] == ["day1", "day2"]
    table.folder = folder("a")
    assert table.group_by == ""
    assert FileTable(AcqImageList([])).rows == ()


def test_closing_lets_go_of_the_recordings() -> None:
    images = folder("a")
    table = FileTable(images)
    table.close()
    images[0].add_roi()
    assert row(table, 0)["rois"] == 0
    images.images = ()
    assert len(table.rows) == 2


def declared(*names: str) -> AcqImageList:
    images = folder(*names)
    images.settings = FolderSettings.from_dict(
        {
            "fields": {"weight_g": {"type": "number", "unit": "g"}},
            "names": {"template": "{animal_id}_{_}"},
            "table": {"columns": ["name", "weight_g", "animal_id"], "group_by": "animal_id"},
        }
    )
    return images


def test_several_rows_are_several_recordings() -> None:
    images = folder("a", "b", "c")
    table = FileTable(images)
    table.select([1, 2, 3], current=2)
    assert table.selected_image is images[2]
    assert table.selected_images == (images[2], images[1])  # the broken file is none
    table.selected = 0
    assert table.selected_images == (images[0],)


def test_fields_that_the_folder_declares_are_columns_arranged_as_it_says() -> None:
    table = FileTable(declared("A1_1", "A1_2"))
    titles = {column["key"]: column["title"] for column in table.columns}
    assert titles["weight_g"] == "Weight g"
    assert "weight_g" not in table.hidden
    assert "rois" in table.hidden
    assert table.column_order == ["name", "weight_g", "animal_id"]
    assert table.group_by == "animal_id"
    assert row(table, 0)["animal_id"] == "A1"
    assert row(table, 0)["inferred"] == "animal_id"
    table.folder[0].edit_experiment(animal_id="A7", weight_g=20)
    assert (row(table, 0)["animal_id"], row(table, 0)["weight_g"]) == ("A7", 20.0)
    assert row(table, 0)["inferred"] == ""
    assert "animal_id" in table.groupable
    assert "note" not in table.groupable


def test_a_new_free_field_becomes_a_column() -> None:
    images = folder("a")
    table = FileTable(images)
    assert "extra.cage" not in [column["key"] for column in table.columns]
    images[0].edit_experiment(extra={"cage": "7"})
    assert table.columns[-1]["key"] != "extra.cage"
    assert "extra.cage" in [column["key"] for column in table.columns]
    assert row(table, 0)["extra.cage"] == "7"


def test_numbers_are_of_the_roi_chosen() -> None:
    images = folder("a")
    image, table = images[0], FileTable(images)
    roi = image.add_roi(col_start=4)
    assert table.choices == [["", "first ROI"], ["0", "whole recording"], ["1", "ROI 1"]]
    image.analyze("radon_velocity")
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    medians = {
        key[2]: result.summary["velocity_median_um_per_s"] for key, result in image.results.items()
    }
    assert row(table, 0)["velocity_um_per_s"] == medians[1]
    table.choice = "0"
    assert row(table, 0)["velocity_um_per_s"] == medians[0]
    image.delete_roi(1)
    table.choice = "1"
    assert row(table, 0)["velocity_um_per_s"] is None


def test_the_arrangement_of_a_folder_is_remembered_outside_it(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    for place in ("one", "two"):
        (tmp_path / place).mkdir()
        tifffile.imwrite(tmp_path / place / "a.tif", np.ones((60, 12), np.uint16))
    before = sorted(p.name for p in (tmp_path / "one").iterdir())
    table = FileTable(AcqImageList.from_folder(tmp_path / "one"), remembers=True)
    usual = list(table.hidden)
    table.hidden = ["rois"]
    table.widths = {"name": 200}
    table.sort_by = "-lines"
    table.column_order = ["lines", "name"]
    table.group_by = "condition"
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == before
    again = FileTable(AcqImageList.from_folder(tmp_path / "one"), remembers=True)
    assert again.hidden == ["rois"]
    assert (again.widths, again.sort_by, again.group_by) == ({"name": 200}, "-lines", "condition")
    assert again.column_order == ["lines", "name"]
    assert FileTable(AcqImageList.from_folder(tmp_path / "two"), remembers=True).hidden == usual
    assert FileTable(AcqImageList.from_folder(tmp_path / "one")).hidden == usual
    again.folder = AcqImageList.from_folder(tmp_path / "two")
    assert again.hidden == usual
    again.folder = AcqImageList.from_folder(tmp_path / "one")
    assert again.hidden == ["rois"]
    again._receive(again, {"kind": "reset"}, [])
    assert (again.hidden, again.widths, again.group_by) == (usual, {}, "")


def test_what_is_shown_is_what_a_script_gets() -> None:
    images = folder("a1", "a2", "b1")
    table = FileTable(images)
    table._receive(table, {"kind": "order", "ids": [2, 0, 3]}, [])
    assert table.images_shown == (images[2], images[0])
