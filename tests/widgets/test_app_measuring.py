"""Whatever a button measures, a cell can measure, with equal numbers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import cloudscope as cs
from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.app import App
from tests.widgets.small_app import open_app, press, recording, settled, streaks


def test_the_app_measures_what_the_plain_callable_measures(folder: Path) -> None:
    app = open_app(folder)
    image = app.image
    assert image is not None
    app.viewer.selected_roi_id = image.add_roi(row_start=100, col_start=5, col_stop=35).roi_id
    section = app.measure.sections["radon_velocity"]
    section.form.values = {"window_lines": 32}
    section.body.run_button.click()
    result = image.result("radon_velocity", 0, 1)
    assert result is not None
    plain = cs.radon_velocity(
        image.kymograph(channel=0, roi_id=1),
        line_period_s=image.header.line_period_s,
        pixel_size_um=image.header.pixel_size_um,
        window_lines=32,
    )
    assert plain.same_numbers(result)
    assert plain.parameters == result.parameters
    assert app.view.traces["radon_velocity"].series is not None
    assert "velocity median" in app.measure._summary.value
    assert app.status.tone == "ok"


def test_copy_as_python_gives_the_same_numbers(folder: Path) -> None:
    app = open_app(folder)
    app.panel("ROIs").add()
    app.folder.save()
    section = app.measure.sections["radon_velocity"]
    section.form.values = {"window_lines": 48}
    section.body.run_button.click()
    copied: list[str] = []
    app.measure._copy = copied.append
    section.body.copy_button.click()
    names: dict[str, Any] = {}
    exec(copied[0], names)
    measured = app.image.result("radon_velocity", 0, 1)
    assert names["result"].same_numbers(measured)


def test_without_calibration_the_section_says_what_is_missing_and_where(folder: Path) -> None:
    app = App(folder)
    app.image = app.folder["uncalibrated.tif"]
    section = app.measure.sections["radon_velocity"]
    assert section.body.run_button.disabled
    assert "does not say the line period or the pixel size" in section.body.why_not.value
    section.body.fix_button.click()
    assert app.tabs.titles[app.tabs.selected_index] == "Metadata"
    app.image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    assert not section.body.run_button.disabled
    assert section.body.refusal.layout.display == "none"


def test_a_result_turns_stale_when_its_roi_moves(folder: Path) -> None:
    app = open_app(folder)
    app.panel("ROIs").add()
    section = app.measure.sections["radon_velocity"]
    section.body.run_button.click()
    assert section.stale == ""
    app.image.edit_roi(1, col_start=3)
    assert "moved or resized" in section.stale
    assert "stale" in section._heading.value
    assert "stale" in app.view.traces["radon_velocity"]._head.value
    press(app, "undo")
    assert section.stale == ""


def test_run_on_all_measures_the_folder_saves_and_lists_what_failed(folder: Path) -> None:
    app = open_app(folder)
    app.folder[0].add_roi(col_start=5, col_stop=35)
    section = app.measure.sections["radon_velocity"]
    section.body.all_button.click()
    assert "3 measurements in 3 recordings" in section.batch.words.value
    assert "uncalibrated.tif: The file does not say" in section.batch.words.value
    assert section.batch.start.description == "Run on 3"
    section.batch.start.click()
    for image in app.folder.images[:3]:
        assert len(image.results) == 1
        assert image.sidecar_path.exists()
        assert not image.dirty
    assert "3 of 4 measured" in section.body.outcome.value
    assert "uncalibrated.tif" in section.body.outcome.value


def test_cancelling_a_batch_keeps_what_is_done_and_stores_nothing_else() -> None:
    images = [
        AcqImage.from_array(
            streaks(20_000, 40, seed=n), line_period_s=0.001, pixel_size_um=0.5, name=f"scan{n}"
        )
        for n in range(3)
    ]

    async def scenario() -> None:
        app = App(AcqImageList(images))
        await settled(app)
        section = app.measure.sections["radon_velocity"]
        section.batch.save.value = False
        app.measure.measure_folder("radon_velocity")
        assert app.measure.run.running
        assert section.body.run_button.disabled
        section.body.cancel_button.click()
        await settled(app)
        done = [image for image in images if image.results]
        assert len(done) < 3
        assert "cancelled" in section.body.outcome.value
        assert not section.body.run_button.disabled

    asyncio.run(scenario())


def test_the_page_can_be_used_while_a_measurement_runs() -> None:
    images = [recording(name=f"scan{n}") for n in range(2)]

    async def scenario() -> None:
        app = App(AcqImageList(images))
        await settled(app)
        app.measure.measure("radon_velocity")
        press(app, "next")
        assert app.image is images[1]
        await settled(app)
        assert images[0].results
        assert not images[1].results

    asyncio.run(scenario())


def test_a_roi_deleted_while_it_is_measured_gets_no_result() -> None:
    async def scenario() -> None:
        image = recording()
        app = App(AcqImageList([image]))
        await settled(app)
        app.panel("ROIs").add()
        app.measure.measure("radon_velocity")
        image.delete_roi(1)
        await settled(app)
        assert not image.results
        assert "deleted meanwhile" in app.status.message

    asyncio.run(scenario())
