"""Batches in other processes, on files."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from tests.recordings import write_line_scan


@pytest.fixture
def folder(tmp_path: Path) -> AcqImageList:
    for number in range(3):
        write_line_scan(tmp_path / f"rec{number}.tif", seed=number)
    write_line_scan(tmp_path / "bare.tif", calibrated=False)
    folder = AcqImageList.from_folder(tmp_path)
    folder["rec0.tif"].add_roi(col_stop=12)
    folder["rec0.tif"].add_roi(col_start=12)
    return folder


@pytest.mark.slow
def test_worker_processes_give_the_same_numbers_save_and_report_failures(
    folder: AcqImageList,
) -> None:
    one = folder.analyze("radon_velocity", window_lines=32)
    alone = {image.name: dict(image.results) for image in folder}
    two = folder.analyze("radon_velocity", window_lines=32, workers=2, save=True)
    assert [o.status for o in two.outcomes] == [o.status for o in one.outcomes]
    assert [o.item.image.name for o in two.failed] == ["bare.tif"]
    assert "line_period_s" in two.failed[0].error
    for image in folder:
        for key, result in image.results.items():
            assert result is not alone[image.name][key]
            assert result.same_numbers(alone[image.name][key])
            assert image.stale_reason(result) is None
    assert not folder.dirty or folder["bare.tif"].dirty
    path = folder["rec0.tif"].path
    assert path is not None
    assert len(AcqImage(path).results) == 2


@pytest.mark.slow
def test_cancel_reaches_worker_processes(folder: AcqImageList) -> None:
    cancel = threading.Event()
    cancel.set()
    report = folder.analyze("radon_velocity", workers=2, cancel=cancel)
    statuses = {outcome.status for outcome in report.outcomes}
    assert "cancelled" in statuses
    assert len(report.outcomes) == 5
