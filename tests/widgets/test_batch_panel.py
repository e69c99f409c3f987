"""The Batch panel: what it says before, while and after it measures many recordings."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.app import App
from cloudscope.widgets.batch_panel import BatchPanel
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.table import FileTable
from tests.recordings import write_line_scan


@pytest.fixture
def recordings(tmp_path: Path) -> AcqImageList:
    for number in range(4):
        write_line_scan(tmp_path / f"rec{number}.tif", seed=number)
    write_line_scan(tmp_path / "bare.tif", calibrated=False)
    return AcqImageList.from_folder(tmp_path)


@pytest.fixture
def shown() -> list[AcqImage]:
    return []


@pytest.fixture
def panel(recordings: AcqImageList, shown: list[AcqImage]) -> BatchPanel:
    table = FileTable(recordings)
    panel = BatchPanel(StatusLine(), table, shown.append, lambda analysis: {})
    panel.folder = recordings
    panel.analyses.value = ("intensity",)
    panel.workers.value = 1
    return panel


def states(panel: BatchPanel) -> dict[str, str]:
    return {str(row["name"]): str(row["state"]) for row in panel.lines.rows}


def test_a_preview_measures_nothing_and_says_why_not(
    panel: BatchPanel, recordings: AcqImageList
) -> None:
    recordings["rec0.tif"].analyze("intensity")
    panel.memory.value = "10"
    panel.preview()
    assert set(states(panel).values()) == {"fresh", "refused"}
    assert "the limit is 10 MB" in panel.lines.rows[-1]["note"]
    panel.memory.value = ""
    assert panel.lines.rows == (), "what was previewed is no longer what is asked for"
    panel.preview()
    assert states(panel)["rec0.tif"] == "fresh"
    assert states(panel)["rec1.tif"] == "measure"
    assert "4 to measure, 1 fresh already" in panel._words.value
    assert sum(len(image.results) for image in recordings) == 1


def test_a_run_tells_each_outcome_saves_and_resumes(
    panel: BatchPanel, recordings: AcqImageList, tmp_path: Path
) -> None:
    panel.start()
    assert states(panel) == {
        "bare.tif": "failed",
        **{f"rec{number}.tif": "done" for number in range(4)},
    }
    failed = next(row for row in panel.lines.rows if row["state"] == "failed")
    assert "line_period_s" in failed["note"]
    assert panel._status.tone == "bad"
    assert "4 measured, 1 failed" in panel._status.message
    again = AcqImageList.from_folder(tmp_path)
    assert sum(len(image.results) for image in again) == 4
    panel.start()
    assert list(states(panel).values()).count("fresh") == 4
    panel.skip_fresh.value = False
    panel.start()
    assert list(states(panel).values()).count("done") == 4


def test_a_click_on_an_outcome_opens_the_recording(
    panel: BatchPanel, recordings: AcqImageList, shown: list[AcqImage]
) -> None:
    panel.start()
    panel.lines.selected = 2
    assert shown == [recordings.images[2]]


def test_an_analysis_waits_for_those_it_works_on(
    panel: BatchPanel, recordings: AcqImageList
) -> None:
    panel.which.value = "this"
    panel.image = recordings["rec1.tif"]
    panel.analyses.value = ("clean_velocity", "radon_velocity")
    panel.preview()
    by_analysis = {row["analysis"]: row for row in panel.lines.rows}
    assert [row["state"] for row in panel.lines.rows] == ["measure", "waits"]
    assert "after Velocity of this run" in next(reversed(by_analysis.values()))["note"]
    panel.start()
    assert [row["state"] for row in panel.lines.rows] == ["done", "done"]
    assert {key[0] for key in panel.image.results} == {"radon_velocity", "clean_velocity"}


def test_which_recordings_can_be_chosen(panel: BatchPanel, recordings: AcqImageList) -> None:
    recordings["rec0.tif"].accepted = True
    recordings["rec3.tif"].accepted = False
    panel.which.value = "open"
    assert [image.name for image in panel.request.images] == ["bare.tif", "rec1.tif", "rec2.tif"]
    panel._files.select([1, 3])
    panel.which.value = "selected"
    assert [image.name for image in panel.request.images] == ["rec0.tif", "rec2.tif"]
    panel.which.value = "shown"
    assert len(panel.request.images) == 5
    panel.which.value = "this"
    panel.preview_button.click()
    assert "there is no recording to measure: the recording shown" in panel._status.message


@pytest.mark.parametrize("text", ["much", "-3", "inf"])
def test_a_memory_that_is_none_is_said_at_its_field(panel: BatchPanel, text: str) -> None:
    panel.memory.value = text
    panel.run_button.click()
    assert "no number of MB above 0" in panel._memory_field.error
    assert panel._status.tone == "bad"
    assert panel.lines.rows == ()


def test_names_and_reasons_are_text_and_no_markup(
    panel: BatchPanel, tmp_path: Path, recordings: AcqImageList
) -> None:
    image = AcqImage.from_array(np.ones((50, 8)), name="<img src=x onerror=alert(1)>")
    panel.folder = AcqImageList([image])
    panel.start()
    assert panel.lines.rows[0]["name"] == image.name
    assert "<img" not in panel._words.value


def test_in_the_app_a_batch_runs_beside_the_page_and_can_be_stopped(
    recordings: AcqImageList,
) -> None:
    async def story() -> None:
        app = App(recordings)
        batch = app.panel("Batch")
        assert batch.folder is recordings
        app.measure.sections["radon_velocity"].form.values = {"step_lines": 1}
        batch.analyses.value = ("radon_velocity",)
        batch.workers.value = 1
        batch.run_button.click()
        assert batch.run.running
        assert batch.run_button.disabled
        while not any(row["state"] == "done" for row in batch.lines.rows):
            assert batch.run.running
            await asyncio.sleep(0.01)
        batch.cancel_button.click()
        while batch.run.running:
            await asyncio.sleep(0.01)
        found = [row["state"] for row in batch.lines.rows]
        assert found.count("done") >= 1
        assert found.count("cancelled") >= 1
        result = next(iter(recordings["rec0.tif"].results.values()), None)
        if result is not None:
            assert result.parameters["step_lines"] == 1
        assert "not measured" in batch._words.value
        app.close()

    asyncio.run(story())
