"""What a batch would do, what is fresh, and what a limit of memory refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.batch import memory
from cloudscope.errors import ParameterError
from tests import one_analysis  # noqa: F401 - registers the analysis
from tests.batch.folders import folder_of


@pytest.fixture
def folder(tmp_path: Path) -> AcqImageList:
    return folder_of(tmp_path, [0, 0, 0])


def test_a_plan_measures_nothing_and_says_what_would_happen(folder: AcqImageList) -> None:
    folder[0].analyze("block_mean")
    folder[1].add_roi(col_stop=8)
    folder[1].add_roi(col_start=8)
    folder[2].set_calibration(line_period_s=None)
    plan = folder.plan("block_mean", skip_fresh=True)
    assert repr(plan) == "BatchPlan('block_mean', 3 to measure, 1 fresh)"
    table = plan.to_dataframe()
    assert table["what"].tolist() == ["fresh", "measure", "measure", "measure"]
    assert table["roi_id"].tolist() == [0, 1, 2, 0]
    assert table["lines"].tolist() == [60] * 4
    assert "it still holds" in table["why"][0]
    assert sum(len(image.results) for image in folder) == 1


def test_a_refusal_names_its_reason(folder: AcqImageList) -> None:
    folder[0].add_roi()
    plan = folder.plan("block_mean", rois=[1])
    assert [item.refusal for item in plan.refused] == [
        "rec1.npy has no ROI 1; it has none",
        "rec2.npy has no ROI 1; it has none",
    ]
    assert plan.to_dataframe()["what"].tolist() == ["measure", "refused", "refused"]


def test_only_some_recordings_can_be_planned_and_measured(folder: AcqImageList) -> None:
    assert len(folder.plan("block_mean", images=folder[1:]).items) == 2
    report = folder.analyze("block_mean", images=[folder[2]])
    assert [outcome.item.image.name for outcome in report.done] == ["rec2.npy"]


def test_resume_measures_only_what_no_longer_holds(folder: AcqImageList, tmp_path: Path) -> None:
    folder.analyze("block_mean", save=True)
    assert len(folder.analyze("block_mean", skip_fresh=True).fresh) == 3
    assert len(folder.analyze("block_mean", skip_fresh=True, block_lines=7).done) == 3
    folder.analyze("block_mean", save=True)
    folder[0].set_calibration(pixel_size_um=0.25)
    report = folder.analyze("block_mean", skip_fresh=True)
    assert [outcome.status for outcome in report.outcomes] == ["done", "fresh", "fresh"]
    assert report.fresh[0].result is folder[1].results["block_mean", 0, 0]


def test_a_source_replaced_on_disk_is_not_fresh(folder: AcqImageList, tmp_path: Path) -> None:
    folder.analyze("block_mean", save=True)
    np.save(tmp_path / "rec1.npy", np.ones((60, 16), np.uint16))
    again = AcqImageList.from_folder(tmp_path)
    report = again.analyze("block_mean", skip_fresh=True)
    assert [outcome.status for outcome in report.outcomes] == ["fresh", "done", "fresh"]
    assert again[1].results["block_mean", 0, 0].summary["mean"] == 1.0


def test_what_is_larger_than_the_limit_is_refused_in_words(folder: AcqImageList) -> None:
    report = folder.analyze("block_mean", memory_limit_mb=50)
    assert not report.done
    assert report.failed[0].error.startswith("rec0.npy: it would take about 60 MB")
    assert "the limit is 50 MB" in report.failed[0].error
    assert len(folder.analyze("block_mean", memory_limit_mb=100).done) == 3


@pytest.mark.parametrize("limit", [0, -1, float("nan"), True, "much"])
def test_a_limit_that_is_none_is_refused(folder: AcqImageList, limit: object) -> None:
    with pytest.raises(ParameterError, match="memory_limit_mb="):
        folder.plan("block_mean", memory_limit_mb=limit)  # type: ignore[arg-type]


def test_a_compressed_file_needs_its_whole_plane_and_a_plain_one_only_the_roi(
    tmp_path: Path,
) -> None:
    import tifffile

    pixels = np.zeros((20_000, 200), np.uint16)
    for name, compression in (("plain", None), ("packed", "zlib")):
        tifffile.imwrite(tmp_path / f"{name}.tif", pixels, compression=compression)
    folder = AcqImageList.from_folder(tmp_path)
    for image in folder:
        image.add_roi(row_stop=100)
    items = folder.plan("block_mean").items
    needed = {i.image.name: memory.bytes_needed(i.measurement) for i in items if i.measurement}
    assert needed["packed.tif"] - needed["plain.tif"] == 2 * pixels.nbytes


def test_time_is_known_once_it_was_measured_here(folder: AcqImageList) -> None:
    assert folder.plan("block_mean", block_lines=13).seconds is None
    report = folder.analyze("block_mean", block_lines=13)
    assert all(outcome.seconds is not None for outcome in report.done)
    seconds = folder.plan("block_mean", block_lines=13).seconds
    assert seconds is not None
    assert seconds > 0
