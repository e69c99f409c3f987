from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from traitlets import TraitError

from cloudscope.acq_image import AcqImage
from cloudscope.errors import (
    AnalysisCancelled,
    CalibrationError,
    CloudscopeError,
    ParameterError,
    RoiError,
    SidecarError,
    UnknownNameError,
)
from cloudscope.roi import Roi
from tests.one_analysis import block_mean

PIXELS = np.arange(2 * 100 * 20, dtype=np.uint16).reshape(2, 100, 20)


@pytest.fixture
def image() -> AcqImage:
    return AcqImage.from_array(
        PIXELS, line_period_s=0.001, pixel_size_um=0.5, channel_names=("flow", "lumen")
    )


def events_of(image: AcqImage, trait: str) -> list[Any]:
    seen: list[Any] = []
    image.observe(lambda change: seen.append(change["new"]), trait)
    return seen


# ------------------------------------------------------------------ pixels


def test_a_kymograph_is_the_pixels_of_channel_and_roi_and_cannot_be_written(
    image: AcqImage,
) -> None:
    roi = image.add_roi(row_start=10, row_stop=30, col_start=4, col_stop=9)
    assert np.array_equal(image.kymograph(1, roi.roi_id), PIXELS[1, 10:30, 4:9])
    assert np.array_equal(image.kymograph(), PIXELS[0])
    assert np.array_equal(image.kymograph(0, None), PIXELS[0])
    with pytest.raises(ValueError, match="read-only"):
        image.kymograph()[0, 0] = 1


def test_a_missing_channel_or_roi_is_named_with_those_there_are(image: AcqImage) -> None:
    with pytest.raises(UnknownNameError, match="no channel 2; it has 2"):
        image.kymograph(channel=2)
    image.add_roi()
    with pytest.raises(UnknownNameError, match="no ROI 7; it has 1"):
        image.kymograph(roi_id=7)


def test_an_array_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(CloudscopeError, match=r"\(5,\)"):
        AcqImage.from_array(np.zeros(5))


def test_swapping_the_time_axis_keeps_rois_on_their_pixels(image: AcqImage) -> None:
    roi = image.add_roi(row_start=10, row_stop=30, col_start=4, col_stop=9)
    before = image.kymograph(0, roi.roi_id)
    image.swap_time_axis()
    assert (image.header.lines, image.header.pixels) == (20, 100)
    assert np.array_equal(image.kymograph(0, roi.roi_id), before.T)
    assert image.undo() == "correct time axis"
    assert image.rois == (roi,)
    assert image.header.lines == 100


# ------------------------------------------------------------------ traits


def test_one_edit_is_one_event(image: AcqImage) -> None:
    seen = events_of(image, "rois")
    roi = image.add_roi(col_start=4)
    image.edit_roi(roi.roi_id, name="artery")
    image.rois = ()
    assert [len(rois) for rois in seen] == [1, 1, 0]


def test_assigning_rois_is_checked(image: AcqImage) -> None:
    roi = Roi(roi_id=1, row_start=0, row_stop=101, col_start=0, col_stop=5)
    with pytest.raises(RoiError, match="outside"):
        image.rois = (roi,)
    with pytest.raises(TraitError):
        image.rois = 5
    assert image.rois == ()


def test_a_misspelt_trait_is_refused_with_the_nearest(image: AcqImage) -> None:
    with pytest.raises(AttributeError, match="did you mean accepted"):
        image.acepted = True


def test_the_header_is_not_for_writing(image: AcqImage) -> None:
    with pytest.raises(TraitError):
        image.header = image.header


def test_a_correction_stands_beside_what_the_file_said(image: AcqImage) -> None:
    image.set_calibration(line_period_s=0.002)
    assert image.header.line_period_s == 0.002
    assert image.file_header.line_period_s == 0.001
    image.set_calibration(line_period_s=None)
    assert image.header.line_period_s == 0.001
    with pytest.raises(ParameterError, match="line_period_s=0"):
        image.set_calibration(line_period_s=0)


def test_roi_ids_are_never_given_out_twice(image: AcqImage) -> None:
    first = image.add_roi()
    image.delete_roi(first.roi_id)
    assert image.add_roi().roi_id == 2


# ------------------------------------------------------------------ undo


def test_every_edit_can_be_undone_and_redone(image: AcqImage) -> None:
    image.add_roi(col_start=4)
    image.edit_roi(1, name="artery")
    image.accepted = True
    image.edit_experiment(species="mouse", depth_um=40)
    image.set_calibration(pixel_size_um=0.3)
    state = (image.rois, image.accepted, image.experiment, image.header)
    labels = []
    while label := image.undo():
        labels.append(label)
    assert labels == [
        "correct pixel size",
        "edit species, depth_um",
        "accept",
        "edit ROI 1",
        "add ROI 1",
    ]
    assert (image.rois, image.accepted, image.dirty) == ((), None, False)
    while image.redo():
        pass
    assert (image.rois, image.accepted, image.experiment, image.header) == state


def test_labels_of_undo_and_redo_can_be_observed(image: AcqImage) -> None:
    undo, redo = events_of(image, "undo_label"), events_of(image, "redo_label")
    image.accepted = True
    image.undo()
    assert undo == ["accept", None]
    assert redo == ["accept"]


def test_a_new_edit_forgets_what_was_undone(image: AcqImage) -> None:
    image.accepted = True
    image.undo()
    image.accepted = False
    assert image.redo() is None
    assert image.accepted is False


def test_several_edits_can_be_one_step(image: AcqImage) -> None:
    with image.one_step("two ROIs"):
        image.add_roi(col_stop=5)
        image.add_roi(col_start=5)
    assert image.undo() == "two ROIs"
    assert image.rois == ()
    image.redo()
    assert len(image.rois) == 2


def test_an_edit_that_changes_nothing_is_no_step(image: AcqImage) -> None:
    image.edit_experiment(species="")
    image.accepted = None
    assert image.undo_label is None
    assert not image.dirty


def test_a_deleted_roi_comes_back_with_its_results(image: AcqImage) -> None:
    roi = image.add_roi(col_start=4)
    result = image.analyze("block_mean", roi_id=roi.roi_id)
    whole = image.analyze("block_mean")
    image.delete_roi(roi.roi_id)
    assert dict(image.results) == {whole.key: whole}
    image.undo()
    assert image.result("block_mean", 0, roi.roi_id) is result
    image.redo()
    assert dict(image.results) == {whole.key: whole}


def test_undoing_the_roi_parks_its_result_for_redo(image: AcqImage) -> None:
    roi = image.add_roi(col_start=4)
    result = image.analyze("block_mean", roi_id=roi.roi_id)
    image.undo()
    assert dict(image.results) == {}
    image.redo()
    assert image.result("block_mean", 0, roi.roi_id) is result


# ------------------------------------------------------------------ measuring


def test_the_models_numbers_are_those_of_the_callable(image: AcqImage) -> None:
    roi = image.add_roi(row_start=5, row_stop=65, col_start=4, col_stop=9)
    result = image.analyze("block_mean", channel=1, roi_id=roi.roi_id, block_lines=7)
    plain = block_mean(
        image.kymograph(1, roi.roi_id), line_period_s=0.001, pixel_size_um=0.5, block_lines=7
    )
    assert result.same_numbers(plain)
    assert result.bounds == (5, 65, 4, 9)
    assert result.parameters == {"block_lines": 7}
    assert (result.channel, result.roi_id) == (1, 1)
    assert result.created_at
    assert result.software.startswith("cloudscope ")


def test_results_cannot_be_changed_by_those_who_read_them(image: AcqImage) -> None:
    result = image.analyze("block_mean")
    with pytest.raises(ValueError, match="read-only"):
        result.columns["mean"][0] = 1
    table = result.table
    table["mean"] = 0.0
    assert result.columns["mean"][0] != 0.0
    with pytest.raises(TypeError):
        result.summary["mean"] = 1  # type: ignore[index]
    with pytest.raises(TypeError):
        image.results[result.key] = result  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda image: image.edit_roi(1, col_start=5), "moved or resized"),
        (lambda image: image.set_calibration(line_period_s=0.01), "line period"),
        (lambda image: image.set_calibration(pixel_size_um=0.01), "pixel size"),
        (lambda image: image.swap_time_axis(), "time axis"),
    ],
)
def test_a_result_is_stale_when_what_it_stands_on_changes(
    image: AcqImage, change: Any, reason: str
) -> None:
    roi = image.add_roi(col_start=4)
    result = image.analyze("block_mean", roi_id=roi.roi_id)
    assert image.stale_reason(result) is None
    change(image)
    assert reason in (image.stale_reason(result) or "")
    image.undo()
    assert image.stale_reason(result) is None


def test_a_name_or_colour_does_not_make_a_result_stale(image: AcqImage) -> None:
    roi = image.add_roi(col_start=4)
    result = image.analyze("block_mean", roi_id=roi.roi_id)
    image.edit_roi(roi.roi_id, name="artery", color="red", note="n")
    assert image.stale_reason(result) is None


def test_an_analysis_without_calibration_refuses_and_stores_nothing() -> None:
    image = AcqImage.from_array(PIXELS[0])
    with pytest.raises(CalibrationError, match="line_period_s"):
        image.analyze("block_mean")
    assert dict(image.results) == {}


def test_cancel_stops_and_stores_nothing(image: AcqImage) -> None:
    cancel = threading.Event()
    shares: list[float] = []

    def progress(share: float) -> None:
        shares.append(share)
        if share >= 0.5:
            cancel.set()

    with pytest.raises(AnalysisCancelled):
        image.analyze("block_mean", progress=progress, cancel=cancel)
    assert shares == sorted(shares)
    assert max(shares) < 0.7
    assert dict(image.results) == {}


def test_wrong_names_and_values_are_refused_in_words(image: AcqImage) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'block_mean'"):
        image.analyze("blockmean")
    with pytest.raises(ParameterError, match="did you mean block_lines"):
        image.analyze("block_mean", blocklines=3)
    with pytest.raises(ParameterError, match="block_lines=0"):
        image.analyze("block_mean", block_lines=0)


def test_the_tidy_table_says_where_each_row_is_from(image: AcqImage) -> None:
    roi = image.add_roi(row_start=50, col_start=4, name="artery")
    image.analyze("block_mean", roi_id=roi.roi_id)
    image.analyze("block_mean", channel=1)
    table = image.results_table("block_mean")
    assert set(table["roi_name"]) == {"artery", "whole recording"}
    artery = table[table["roi_id"] == 1]
    assert artery["time_in_recording_s"].iloc[0] == pytest.approx(0.050 + 0.0045)
    assert len(table) == 5 + 10


def test_an_array_cannot_be_saved_and_says_what_to_do(image: AcqImage) -> None:
    with pytest.raises(SidecarError, match="array in memory"):
        image.save()
