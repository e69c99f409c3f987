from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.batch import BatchOutcome
from cloudscope.errors import ParameterError, UnknownNameError
from tests import one_analysis  # noqa: F401 - registers the analysis


def recording(name: str, seed: int, **options: float) -> AcqImage:
    pixels = np.random.default_rng(seed).integers(0, 4000, (200, 16)).astype(np.uint16)
    return AcqImage.from_array(pixels, name=name, **({"line_period_s": 0.001} | options))


@pytest.fixture
def folder() -> AcqImageList:
    images = [recording(f"rec{n}", n) for n in range(3)]
    images[0].add_roi(col_stop=8)
    images[0].add_roi(col_start=8)
    images[1].add_roi(row_stop=100)
    return AcqImageList(images)


def test_recordings_are_found_by_position_and_name(folder: AcqImageList) -> None:
    assert folder["rec1"] is folder[1]
    assert [image.name for image in folder[1:]] == ["rec1", "rec2"]
    with pytest.raises(UnknownNameError, match="rec9"):
        folder["rec9"]


def test_all_rois_are_measured_and_a_recording_without_any_as_a_whole(
    folder: AcqImageList,
) -> None:
    report = folder.analyze("block_mean")
    assert len(report.done) == 4
    assert [key[2] for image in folder for key in image.results] == [1, 2, 1, 0]


def test_a_missing_roi_is_a_failure_with_its_reason_and_the_rest_is_done(
    folder: AcqImageList,
) -> None:
    report = folder.analyze("block_mean", rois=[1])
    assert [outcome.status for outcome in report.outcomes] == ["done", "done", "failed"]
    assert "rec2 has no ROI 1" in report.failed[0].error
    assert repr(report) == "BatchReport(2 done, 1 failed)"


def test_a_recording_without_calibration_fails_alone(folder: AcqImageList) -> None:
    folder.images = (*folder.images, AcqImage.from_array(np.zeros((50, 8)), name="bare"))
    report = folder.analyze("block_mean", rois="whole")
    assert [outcome.item.image.name for outcome in report.failed] == ["bare"]
    assert "line_period_s" in report.failed[0].error
    assert len(report.done) == 3


def test_the_numbers_are_the_same_for_any_number_of_workers(folder: AcqImageList) -> None:
    folder.analyze("block_mean", block_lines=7)
    alone = [dict(image.results) for image in folder]
    with ThreadPoolExecutor(2) as executor:
        folder.analyze("block_mean", block_lines=7, executor=executor)
    for image, before in zip(folder, alone, strict=True):
        assert image.results.keys() == before.keys()
        for key, result in image.results.items():
            assert result is not before[key]
            assert result.same_numbers(before[key])
            assert result.parameters == before[key].parameters


def test_a_wrong_parameter_stops_before_anything_is_measured(folder: AcqImageList) -> None:
    with pytest.raises(ParameterError, match="block_lines"):
        folder.analyze("block_mean", block_lines=0)
    with pytest.raises(ParameterError, match="workers=0"):
        folder.analyze("block_mean", workers=0)
    with pytest.raises(ParameterError, match="rois='some'"):
        folder.analyze("block_mean", rois="some")  # type: ignore[arg-type]
    assert not any(image.results for image in folder)


def test_cancel_keeps_what_is_finished(folder: AcqImageList) -> None:
    cancel = threading.Event()

    def stop(outcome: BatchOutcome) -> None:
        cancel.set()

    report = folder.analyze("block_mean", cancel=cancel, on_outcome=stop)
    assert [outcome.status for outcome in report.outcomes] == ["done"] + ["cancelled"] * 3
    assert len(folder[0].results) == 1


def test_progress_ends_at_one_and_never_goes_back(folder: AcqImageList) -> None:
    shares: list[float] = []
    folder.analyze("block_mean", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_results_can_be_handed_over_instead_of_stored(folder: AcqImageList) -> None:
    handed: list[str] = []
    folder.analyze("block_mean", deliver=lambda image, result: handed.append(image.name))
    assert handed == ["rec0", "rec0", "rec1", "rec2"]
    assert not any(image.results for image in folder)


def test_dirty_follows_the_recordings(folder: AcqImageList) -> None:
    clean = AcqImageList([recording("one", 1)])
    assert not clean.dirty
    clean[0].accepted = True
    assert clean.dirty
    clean[0].undo()
    assert not clean.dirty


def test_tables_have_a_row_per_recording_and_a_row_per_block(folder: AcqImageList) -> None:
    folder[0].accepted = True
    folder[0].edit_experiment(species="mouse", extra={"cage": "7"})
    folder.analyze("block_mean", rois="whole")
    table = folder.to_dataframe()
    assert list(table["name"]) == ["rec0", "rec1", "rec2"]
    assert table.loc[0, ["species", "extra.cage", "rois", "analyses"]].tolist() == [
        "mouse",
        "7",
        2,
        "block_mean",
    ]
    assert table.loc[0, "duration_s"] == pytest.approx(0.2)
    results = folder.results("block_mean")
    assert results.groupby("name").size().tolist() == [20, 20, 20]
    assert results["accepted"].tolist()[:1] == [True]


def test_no_results_are_an_empty_table_with_its_columns(folder: AcqImageList) -> None:
    table = folder.results("block_mean")
    assert table.empty
    assert {"name", "channel", "roi_id", "time_s", "mean"} <= set(table.columns)
