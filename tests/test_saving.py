"""A recording is saved, closed and opened again: everything is back."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import LoadError, ResultTableError, SidecarConflict, SidecarError
from tests import one_analysis  # noqa: F401 - registers the analysis
from tests.recordings import write_line_scan


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_line_scan(tmp_path / "my_file.tif")


def test_everything_comes_back(path: Path) -> None:
    source = path.read_bytes()
    image = AcqImage(path)
    assert not image.dirty
    roi = image.add_roi(col_start=4, col_stop=20, name="artery <b>", note="n", color="#123456")
    image.edit_experiment(species="mouse", depth_um=0.1 + 0.2, extra={"cage": "7"})
    image.set_calibration(pixel_size_um=0.3)
    image.accepted = False
    on_roi = image.analyze("block_mean", roi_id=roi.roi_id, block_lines=7)
    whole = image.analyze("block_mean")
    assert image.dirty
    image.save()
    assert not image.dirty

    again = AcqImage(path)
    assert again.rois == image.rois
    assert again.experiment == image.experiment
    assert again.corrections == image.corrections
    assert again.header == image.header
    assert again.accepted is False
    assert again.results.keys() == image.results.keys()
    for result in (on_roi, whole):
        back = again.results[result.key]
        assert back.same_numbers(result)
        assert (back.parameters, back.bounds, back.calibration, back.created_at) == (
            result.parameters,
            result.bounds,
            result.calibration,
            result.created_at,
        )
        assert again.stale_reason(back) is None
    assert not again.dirty
    assert again.undo() is None
    assert path.read_bytes() == source
    assert sorted(p.name for p in path.parent.iterdir() if not p.name.startswith(".")) == [
        "my_file.tif",
        "my_file.tif.block_mean.csv",
        "my_file.tif.json",
        "my_file.txt",
    ]


def test_saving_again_without_looking_at_results_keeps_them(path: Path) -> None:
    image = AcqImage(path)
    result = image.analyze("block_mean")
    image.save()
    second = AcqImage(path)
    second.accepted = True
    second.save()
    third = AcqImage(path)
    assert third.accepted is True
    assert third.results[result.key].same_numbers(result)


def test_ids_of_deleted_rois_are_not_reused_after_reopening(path: Path) -> None:
    image = AcqImage(path)
    image.add_roi()
    image.delete_roi(image.add_roi().roi_id)
    image.save()
    assert AcqImage(path).add_roi().roi_id == 3


def test_reload_gives_up_unsaved_edits(path: Path) -> None:
    image = AcqImage(path)
    image.accepted = True
    image.save()
    image.accepted = False
    image.add_roi()
    image.reload()
    assert (image.accepted, image.rois, image.dirty, image.undo_label) == (True, (), False, None)


def test_somebody_elses_save_is_a_conflict_and_not_lost(path: Path) -> None:
    mine, theirs = AcqImage(path), AcqImage(path)
    theirs.accepted = True
    theirs.save()
    mine.accepted = False
    with pytest.raises(SidecarConflict, match=r"my_file\.tif\.json"):
        mine.save()
    assert AcqImage(path).accepted is True
    assert mine.accepted is False
    assert mine.dirty
    copy = mine.save_copy()
    assert '"accepted": false' in copy.read_text(encoding="utf-8")
    assert AcqImage(path).accepted is True


def test_an_unreadable_sidecar_is_said_kept_and_can_be_set_aside(path: Path) -> None:
    sidecar = path.with_name("my_file.tif.json")
    sidecar.write_text('{"rois": [', encoding="utf-8")
    image = AcqImage(path)
    assert len(image.problems) == 1
    assert "my_file.tif.json" in image.problems[0]
    image.accepted = True
    with pytest.raises(SidecarError, match="never overwritten"):
        image.save()
    assert sidecar.read_text(encoding="utf-8") == '{"rois": ['
    aside = image.set_aside_sidecar()
    assert aside.read_text(encoding="utf-8") == '{"rois": ['
    image.save()
    assert AcqImage(path).accepted is True
    assert image.problems == ()


def test_a_changed_csv_is_reported_and_never_mixed_in(path: Path) -> None:
    image = AcqImage(path)
    image.analyze("block_mean")
    image.save()
    table = path.with_name("my_file.tif.block_mean.csv")
    table.write_text(table.read_text(encoding="utf-8").replace("3", "4"), encoding="utf-8")
    again = AcqImage(path)
    result = again.results["block_mean", 0, 0]
    with pytest.raises(ResultTableError, match="block_mean"):
        _ = result.table
    table.unlink()
    assert "block_mean" in AcqImage(path).problems[0]


def test_a_roi_outside_a_shrunken_source_is_moved_inside_and_said(path: Path) -> None:
    image = AcqImage(path)
    image.add_roi(row_start=300, col_start=4)
    image.save()
    path.with_suffix(".txt").unlink()
    tifffile.imwrite(path, np.zeros((200, 24), np.uint16))
    again = AcqImage(path)
    assert again.rois[0].bounds == (100, 200, 4, 24)
    assert any("ROI" in problem for problem in again.problems)
    assert again.dirty


def test_a_changed_source_makes_results_stale(path: Path) -> None:
    image = AcqImage(path)
    image.analyze("block_mean")
    image.save()
    tifffile.imwrite(path, np.ones((400, 24), np.uint16))
    again = AcqImage(path)
    again.kymograph()
    assert "source file" in (again.stale_reason(again.results["block_mean", 0, 0]) or "")


def test_the_json_says_what_the_file_said_beside_the_correction(path: Path) -> None:
    image = AcqImage(path)
    image.set_calibration(line_period_s=0.002)
    image.save()
    stored = json.loads(path.with_name("my_file.tif.json").read_text(encoding="utf-8"))
    assert stored["header"]["line_period_s"] == 0.001
    assert "0.002" in json.dumps(stored["header_corrections"])


# ------------------------------------------------------------------ folders


def test_a_folder_opens_what_it_can_and_lists_the_rest(tmp_path: Path) -> None:
    for number in (10, 2):
        write_line_scan(tmp_path / f"rec{number}.tif", seed=number)
    (tmp_path / "sub").mkdir()
    write_line_scan(tmp_path / "sub" / "rec1.tif")
    (tmp_path / "broken.tif").write_bytes(b"no image")
    (tmp_path / "empty.tif").write_bytes(b"")
    (tmp_path / ".hidden.tif").write_bytes(b"no image")
    (tmp_path / "notes.md").write_text("words", encoding="utf-8")
    folder = AcqImageList.from_folder(tmp_path)
    assert [image.name for image in folder] == ["rec2.tif", "rec10.tif", "rec1.tif"]
    assert [failure.name for failure in folder.failures] == ["broken.tif", "empty.tif"]
    assert all(failure.reason for failure in folder.failures)
    table = folder.to_dataframe()
    assert table["path"].tolist() == [
        "rec2.tif",
        "rec10.tif",
        "sub/rec1.tif",
        "broken.tif",
        "empty.tif",
    ]
    assert table["lines"].dtype == "Int64"
    assert table["problem"].tolist()[3:] == [failure.reason for failure in folder.failures]
    assert len(AcqImageList.from_folder(tmp_path, recursive=False)) == 2


def test_saved_sidecars_are_not_taken_for_recordings(tmp_path: Path) -> None:
    write_line_scan(tmp_path / "rec.tif")
    folder = AcqImageList.from_folder(tmp_path)
    folder.analyze("block_mean", save=True)
    again = AcqImageList.from_folder(tmp_path)
    assert (len(again), again.failures) == (1, ())
    assert len(again[0].results) == 1


def test_opening_a_folder_removes_old_leftovers_of_killed_saves(tmp_path: Path) -> None:
    path = write_line_scan(tmp_path / "rec.tif")
    image = AcqImage(path)
    image.accepted = True
    image.save()
    leftover = tmp_path / ".cloudscope-0-killed.tmp"
    leftover.write_bytes(b"half")
    os.utime(leftover, (1, 1))
    folder = AcqImageList.from_folder(tmp_path)
    assert (len(folder), folder.failures) == (1, ())
    assert not leftover.exists()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match="no such folder"):
        AcqImageList.from_folder(tmp_path / "nowhere")


def test_saving_a_folder_saves_what_it_can(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_line_scan(tmp_path / f"{name}.tif")
    (tmp_path / "b.tif.json").write_text("{", encoding="utf-8")
    folder = AcqImageList.from_folder(tmp_path)
    for image in folder:
        image.accepted = True
    report = folder.save()
    assert report.saved == ("a.tif",)
    assert report.failed[0][0] == "b.tif"
    assert folder.dirty


def test_new_files_join_and_unsaved_edits_stay(tmp_path: Path) -> None:
    write_line_scan(tmp_path / "b.tif")
    folder = AcqImageList.from_folder(tmp_path)
    folder[0].accepted = True
    write_line_scan(tmp_path / "a.tif")
    folder.refresh()
    assert [(image.name, image.accepted) for image in folder] == [("a.tif", None), ("b.tif", True)]


def test_a_stack_of_frames_is_for_looking_only(tmp_path: Path) -> None:
    tifffile.imwrite(
        tmp_path / "movie.tif", np.zeros((5, 32, 30), np.uint16), metadata={"axes": "TYX"},
        imagej=True,
    )  # fmt: skip
    image = AcqImage(tmp_path / "movie.tif")
    assert (image.header.kind, image.header.frames) == ("frames", 5)
    assert image.frame(0, 4).shape == (32, 30)
    report = AcqImageList([image]).analyze("block_mean")
    assert "5 frames, not a line scan" in report.failed[0].error


def test_a_sidecar_that_cannot_be_read_can_be_set_aside_and_a_new_one_saved(path: Path) -> None:
    sidecar = path.with_name(path.name + ".json")
    sidecar.write_text("{ not ours")
    image = AcqImage(path)
    assert image.sidecar_unreadable
    aside = image.set_aside_sidecar()
    assert not image.sidecar_unreadable
    assert aside.read_text() == "{ not ours"
    image.accepted = True
    image.save()
    assert AcqImage(path).accepted is True
