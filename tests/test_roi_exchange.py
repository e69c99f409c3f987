"""ROIs between recordings, and to and from ImageJ."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cloudscope import AcqImage
from cloudscope.errors import RoiError, UnknownNameError
from cloudscope.roi_exchange import copy_rois, export_imagej_rois, import_imagej_rois

roifile = pytest.importorskip("roifile")


def recording(lines: int = 100, pixels: int = 20, **known: Any) -> AcqImage:
    return AcqImage.from_array(np.zeros((lines, pixels)), **known)


def shape(kind: Any = None, **values: Any) -> Any:
    return roifile.ImagejRoi(
        roitype=roifile.ROI_TYPE.RECT if kind is None else kind, version=228, **values
    )


def test_copies_keep_name_note_colour_and_take_ids_of_their_own() -> None:
    first, second = recording(), recording()
    first.add_roi(col_start=2, col_stop=9, name="artery", note="good", color="#ff0000")
    first.add_roi(col_start=11, col_stop=18)
    second.delete_roi(second.add_roi().roi_id)  # its id is never given out again
    (report,) = copy_rois(first, [second])
    assert [roi.roi_id for roi in second.rois] == [2, 3]
    artery = second.rois[0]
    assert (artery.name, artery.note, artery.color) == ("artery", "good", "#ff0000")
    assert artery.bounds == first.rois[0].bounds
    assert report.added == second.rois
    assert not report.changed
    assert second.undo() == "copy ROIs of array"
    assert second.rois == ()


def test_a_copy_is_fitted_into_a_smaller_recording_and_that_is_said() -> None:
    first, small = recording(), recording(40, 12)
    roi = first.add_roi(row_start=10, row_stop=90, col_start=10, col_stop=16, name="v")
    (report,) = copy_rois(first, [small, first], [roi.roi_id])
    assert small.rois[0].bounds == (0, 40, 6, 12)
    assert report.changed == ("v: (10, 90, 10, 16) became (0, 40, 6, 12) to lie inside",)


def test_copies_over_the_whole_time_and_no_twins() -> None:
    first, longer = recording(), recording(500)
    first.add_roi(row_start=10, row_stop=90, col_start=4, col_stop=16)
    copy_rois(first, [longer], time="whole")
    (again,) = copy_rois(first, [longer], time="whole")
    assert [roi.bounds for roi in longer.rois] == [(0, 500, 4, 16)]
    assert again.left_out == ("ROI 1: a ROI with these bounds is there already",)
    assert longer.undo() == "copy ROIs of array"
    assert longer.undo() is None


def test_a_roi_that_is_not_there_copies_nothing() -> None:
    first, second = recording(), recording()
    first.add_roi()
    with pytest.raises(UnknownNameError, match="no ROI 7"):
        copy_rois(first, [second], [1, 7])
    assert second.rois == ()


@pytest.mark.parametrize("ending", [".zip", ".roi"])
def test_imagej_gets_back_what_it_was_given(tmp_path: Path, ending: str) -> None:
    image = recording()
    image.add_roi(row_start=5, row_stop=60, col_start=3, col_stop=17, name="µ <b>", color="#12ab00")
    if ending == ".zip":
        image.add_roi(row_start=50, row_stop=90)
    file = export_imagej_rois(image, tmp_path / f"rois{ending}")
    other = recording()
    report = import_imagej_rois(other, file)
    assert other.rois == image.rois
    assert not report.changed
    assert not report.left_out
    assert other.undo() == f"import rois{ending}"


def test_imagej_sees_columns_as_x_and_rows_as_y(tmp_path: Path) -> None:
    image = recording()
    image.add_roi(row_start=5, row_stop=60, col_start=3, col_stop=17)
    read = roifile.roiread(export_imagej_rois(image, tmp_path / "one.roi"))
    assert (read.left, read.right, read.top, read.bottom) == (3, 17, 5, 60)


def test_a_recording_whose_time_runs_along_the_columns_keeps_its_pixels(tmp_path: Path) -> None:
    image = recording()
    image.add_roi(row_start=5, row_stop=60, col_start=3, col_stop=17)
    plain = export_imagej_rois(image, tmp_path / "plain.roi").read_bytes()
    image.swap_time_axis()
    assert image.rois[0].bounds == (3, 17, 5, 60)
    swapped = export_imagej_rois(image, tmp_path / "swapped.roi")
    assert swapped.read_bytes() == plain
    image.rois = ()
    import_imagej_rois(image, swapped)
    assert image.rois[0].bounds == (3, 17, 5, 60)


def test_other_shapes_become_rectangles_and_that_is_said(tmp_path: Path) -> None:
    oval = shape(roifile.ROI_TYPE.OVAL, name="round", left=2, top=10, right=9, bottom=50)
    outside = shape(name="edge", left=-3, top=0, right=5, bottom=30)
    empty = shape(name="nothing", left=4, top=4, right=4, bottom=4)
    file = tmp_path / "set.zip"
    roifile.roiwrite(file, [oval, outside, empty])
    image = recording()
    report = import_imagej_rois(image, file)
    assert [roi.bounds for roi in image.rois] == [(10, 50, 2, 9), (0, 30, 0, 5)]
    assert report.changed[0] == "round: the rectangle around what is of the kind oval in ImageJ"
    assert report.changed[1] == "edge: cut, for it began outside the image"
    assert report.left_out == ("nothing: it is empty (4, 4 to 4, 4)",)


def test_recordings_longer_than_imagej_counts_in_whole_numbers(tmp_path: Path) -> None:
    long = recording(100_000, 4)
    long.add_roi(row_start=70_001, row_stop=99_999, col_start=1, col_stop=3)
    long.add_roi(row_start=12, row_stop=40_000)
    other = recording(100_000, 4)
    import_imagej_rois(other, export_imagej_rois(long, tmp_path / "long.zip"))
    assert [roi.bounds for roi in other.rois] == [(70_001, 99_999, 1, 3), (12, 40_000, 0, 4)]


def test_the_same_rois_are_the_same_file(tmp_path: Path) -> None:
    image = recording()
    image.add_roi(name="../evil/name")
    first = export_imagej_rois(image, tmp_path / "a.zip").read_bytes()
    assert export_imagej_rois(image, tmp_path / "b.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert all("/" not in name for name in archive.namelist())


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    image = recording()
    with pytest.raises(RoiError, match="no ROI to export"):
        export_imagej_rois(image, tmp_path / "rois.zip")
    image.add_roi()
    file = export_imagej_rois(image, tmp_path / "rois.zip")
    before = file.read_bytes()
    with pytest.raises(RoiError, match="is there already"):
        export_imagej_rois(image, file)
    assert file.read_bytes() == before
    image.add_roi(row_start=3)
    with pytest.raises(RoiError, match=r"holds one ROI, these are 2; use \.zip"):
        export_imagej_rois(image, tmp_path / "two.roi")
    with pytest.raises(RoiError, match=r"ends in \.zip"):
        export_imagej_rois(image, tmp_path / "two.txt")
    export_imagej_rois(image, file, overwrite=True)
    assert file.read_bytes() != before


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not a zip", b"Iout" + bytes(10), bytes(99)])
@pytest.mark.parametrize("ending", [".roi", ".zip"])
def test_a_file_that_is_none_is_one_sentence(tmp_path: Path, content: bytes, ending: str) -> None:
    file = tmp_path / f"bad{ending}"
    file.write_bytes(content)
    image = recording()
    with pytest.raises(RoiError, match="no ROIs of ImageJ"):
        import_imagej_rois(image, file)
    assert image.rois == ()
    assert image.undo_label is None


def test_a_missing_file_or_another_ending_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(RoiError, match=r"gone\.zip: these are no ROIs"):
        import_imagej_rois(recording(), tmp_path / "gone.zip")
    (tmp_path / "x.tif").write_bytes(b"II*\0")
    with pytest.raises(RoiError, match=r"\.roi or \.zip files"):
        import_imagej_rois(recording(), tmp_path / "x.tif")
