"""The app as a view on plain objects: whatever a button does, a cell can do, with equal numbers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import cloudscope as cs
from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import SidecarError
from cloudscope.widgets.app import App


def streaks(lines: int = 1200, pixels: int = 40, speed: float = 0.6, seed: int = 0) -> np.ndarray:
    """Cells that move `speed` pixels a line over noise, as uint16."""
    rng = np.random.default_rng(seed)
    pattern = np.repeat(rng.random(4000) < 0.4, 6).astype(float)
    row, col = np.mgrid[:lines, :pixels]
    where = (col - speed * row + 8000) % pattern.size
    image = 300 + 200 * pattern[where.astype(int)] + rng.normal(0, 20, (lines, pixels))
    return image.clip(0, 4095).astype(np.uint16)


def recording(**header: Any) -> AcqImage:
    header = {"line_period_s": 0.001, "pixel_size_um": 0.5, "name": "scan"} | header
    return AcqImage.from_array(streaks(), **header)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three calibrated recordings, one without calibration, one that cannot be read."""
    where = tmp_path / "recordings"
    where.mkdir()
    for number in range(3):
        tifffile.imwrite(
            where / f"scan_{number}.tif",
            streaks(seed=number),
            imagej=True,
            resolution=(2.0, 1000.0),
            metadata={"unit": "um", "finterval": 0.001, "axes": "YX"},
        )
    tifffile.imwrite(where / "uncalibrated.tif", streaks(seed=7))
    (where / "zz_broken.tif").write_bytes(b"II*\x00 not a tiff at all")
    return where


def open_app(folder: Path) -> App:
    app = App(folder)
    for image in app.folder:
        if image.name.startswith("scan"):
            image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    return app


async def settled(app: App) -> None:
    while app.measure.run.running or app.view.loading:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0)


def press(app: App, action: str) -> None:
    app.page._receive(app.page, {"kind": "action", "action": action}, [])


# ---------------------------------------------------------------------- looking


def test_the_first_recording_is_shown_with_its_file_in_the_table(folder: Path) -> None:
    app = App(folder)
    assert app.image is app.folder[0]
    assert app.viewer.image is app.image
    assert [row["name"] for row in app.table.rows][:2] == ["scan_0.tif", "scan_1.tif"]
    assert len(app.table.rows) == 5
    assert app.status._place.value.startswith("<span>1 of 5 · scan_0.tif · 1,200 × 40")


def test_one_file_can_be_opened_alone(folder: Path) -> None:
    app = App(folder / "scan_1.tif")
    assert [image.name for image in app.folder] == ["scan_1.tif"]


def test_a_file_that_cannot_be_read_says_why_in_the_middle(folder: Path) -> None:
    app = App(folder)
    app.table.selected = 4
    assert app.image is None
    assert "zz_broken.tif cannot be read" in app.view._message.value
    assert app.folder.failures[0].reason.split(":")[0] in app.view._message.value
    assert app.view._content.layout.display == "none"
    app.table.selected = 1
    assert app.viewer.image is app.folder[1]
    assert app.view._content.layout.display == ""


def test_a_file_that_vanishes_is_said_and_the_next_one_is_shown(folder: Path) -> None:
    app = App(folder)
    (folder / "scan_1.tif").unlink()
    app.image = app.folder["scan_1.tif"]
    assert "scan_1.tif cannot be shown" in app.view._message.value
    assert app.status.tone == "bad"
    press(app, "next")
    assert app.view._content.layout.display == ""


def test_a_large_recording_is_read_off_the_loop() -> None:
    images = [
        AcqImage.from_array(np.zeros((2100, 2000), np.uint8), name=name) for name in ("one", "two")
    ]

    async def scenario() -> None:
        app = App(AcqImageList(images))
        assert app.view.loading
        app.image = images[1]  # before the first one is there
        await settled(app)
        assert app.viewer.image is images[1]

    asyncio.run(scenario())


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    app = App(tmp_path)
    assert "There are no recordings in this folder" in app.view._message.value


def test_keys_move_judge_and_undo(folder: Path) -> None:
    app = App(folder)
    press(app, "next")
    assert app.image is app.folder[1]
    press(app, "accept")
    assert app.image.accepted is True
    press(app, "accept")
    assert app.image.accepted is None
    press(app, "reject")
    assert app.image.accepted is False
    press(app, "undo")
    assert app.image.accepted is None
    press(app, "redo")
    assert app.image.accepted is False
    press(app, "previous")
    assert app.image is app.folder[0]


def test_roi_selection_is_one_in_viewer_panel_and_measure(folder: Path) -> None:
    app = open_app(folder)
    app.rois.add()
    assert app.viewer.selected_roi_id == app.measure.selected_roi_id == 1
    assert app.view.traces["radon_velocity"].roi_id == 1
    app.measure.where.value = 0
    assert app.viewer.selected_roi_id is None
    assert app.view.traces["radon_velocity"].roi_id == 0


def test_what_is_measured_has_a_trace_and_the_last_one_the_time_axis(folder: Path) -> None:
    app = open_app(folder)

    def shown() -> list[str]:
        return [name for name, t in app.view.traces.items() if t.layout.display != "none"]

    def with_time() -> list[str]:
        return [name for name, t in app.view.traces.items() if t.show_time_axis]

    assert shown() == with_time() == ["radon_velocity"]
    app.image.analyze("intensity")
    assert shown() == with_time() == ["intensity"]
    app.image.analyze("radon_velocity")
    assert shown() == ["radon_velocity", "intensity"]
    assert with_time() == ["intensity"]
    app.image = app.folder[1]
    assert shown() == with_time() == ["radon_velocity"]


# ---------------------------------------------------------------------- measuring


def test_a_roi_that_comes_back_is_the_one_selected(folder: Path) -> None:
    app = open_app(folder)
    app.rois.add()
    app.rois.delete()
    assert app.viewer.selected_roi_id is None
    press(app, "undo")
    assert app.viewer.selected_roi_id == 1
    press(app, "undo")
    assert app.viewer.selected_roi_id is None
    press(app, "redo")
    assert app.viewer.selected_roi_id == 1


def test_an_edit_clears_what_was_said_of_an_earlier_state(folder: Path) -> None:
    app = open_app(folder)
    app.image.accepted = True
    press(app, "undo")
    assert app.status.message == "undone: accept"
    app.image.swap_time_axis()
    assert app.status.message == ""
    press(app, "undo")
    assert app.status.message == "undone: correct time axis"


def test_escape_closes_what_lies_over_the_app(folder: Path) -> None:
    app = App(folder)
    assert not app.page.overlay
    app.top.open_button.click()
    press(app, "help")
    assert app.page.overlay
    press(app, "close")
    assert app._help.layout.display == "none"
    assert app._drawer.layout.display == ""
    press(app, "close")
    assert app._drawer.layout.display == "none"
    assert not app.page.overlay


def test_one_of_something_is_not_plural(folder: Path) -> None:
    app = App(folder / "scan_0.tif")
    assert "1 recording<" in app.top._crumb.value
    app.image.accepted = True
    app.open_folder(folder)
    row = app._drawer.children[0].children[0]
    assert "1 recording has unsaved edits" in row.children[0].value
    app = App(folder)
    assert "4 recordings, 1 not readable" in app.top._crumb.value


def test_the_app_measures_what_the_plain_callable_measures(folder: Path) -> None:
    app = open_app(folder)
    image = app.image
    assert image is not None
    app.viewer.selected_roi_id = image.add_roi(row_start=100, col_start=5, col_stop=35).roi_id
    section = app.measure.sections["radon_velocity"]
    section.form.values = {"window_lines": 32}
    section.run_button.click()
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
    app.rois.add()
    app.folder.save()
    section = app.measure.sections["radon_velocity"]
    section.form.values = {"window_lines": 48}
    section.run_button.click()
    copied: list[str] = []
    app.measure._copy = copied.append
    section.copy_button.click()
    names: dict[str, Any] = {}
    exec(copied[0], names)
    measured = app.image.result("radon_velocity", 0, 1)
    assert names["result"].same_numbers(measured)


def test_without_calibration_the_section_says_what_is_missing_and_where(folder: Path) -> None:
    app = App(folder)
    app.image = app.folder["uncalibrated.tif"]
    section = app.measure.sections["radon_velocity"]
    assert section.run_button.disabled
    assert "does not say the line period or the pixel size" in section._why_not.value
    section.fix_button.click()
    assert app.tabs.titles[app.tabs.selected_index] == "Metadata"
    app.image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    assert not section.run_button.disabled
    assert section._refusal.layout.display == "none"


def test_a_result_turns_stale_when_its_roi_moves(folder: Path) -> None:
    app = open_app(folder)
    app.rois.add()
    section = app.measure.sections["radon_velocity"]
    section.run_button.click()
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
    section.all_button.click()
    assert "3 measurements in 3 recordings" in section.batch.words.value
    assert "uncalibrated.tif: The file does not say" in section.batch.words.value
    assert section.batch.start.description == "Run on 3"
    section.batch.start.click()
    for image in app.folder.images[:3]:
        assert len(image.results) == 1
        assert image.sidecar_path.exists()
        assert not image.dirty
    assert "3 of 4 measured" in section._outcome.value
    assert "uncalibrated.tif" in section._outcome.value


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
        assert section.run_button.disabled
        section.cancel_button.click()
        await settled(app)
        done = [image for image in images if image.results]
        assert len(done) < 3
        assert "cancelled" in section._outcome.value
        assert not section.run_button.disabled

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
        app.rois.add()
        app.measure.measure("radon_velocity")
        image.delete_roi(1)
        await settled(app)
        assert not image.results
        assert "deleted meanwhile" in app.status.message

    asyncio.run(scenario())


# ---------------------------------------------------------------------- saving


def test_save_counts_what_is_unsaved_and_everything_is_back_on_reopening(folder: Path) -> None:
    app = open_app(folder)
    app.folder.save()
    assert app.top.save_button.disabled
    app.rois.add()
    app.image.edit_roi(1, name="artery", col_stop=30)
    app.metadata.field("species").control.value = "mouse"
    app.judge(True)
    assert app.top.save_button.description == "Save 1"
    assert app.page.unsaved == 1
    press(app, "save")
    assert app.status.message == "saved scan_0.tif"
    assert app.page.unsaved == 0

    again = App(folder)
    assert again.image.accepted is True
    assert again.image.roi(1).name == "artery"
    assert again.image.experiment.species == "mouse"
    assert again.viewer.selected_roi_id == 1


def test_a_conflict_is_said_and_the_saved_state_is_offered(folder: Path) -> None:
    app = open_app(folder)
    app.folder.save()
    other = AcqImage(folder / "scan_0.tif")
    other.accepted = False
    other.save()
    app.judge(True)
    app.save()
    assert app.status.tone == "bad"
    assert app.image.dirty
    assert app.view.reload_button.layout.display == ""
    app.view.copy_button.click()
    assert "written to" in app.status.message
    (copy,) = folder.glob("scan_0.copy-*.tif.json")
    assert '"accepted": true' in copy.read_text(encoding="utf-8")
    app.view.reload_button.click()
    assert app.image.accepted is False
    assert not app.image.dirty
    assert app.view.reload_button.layout.display == "none"
    assert app.view.copy_button.layout.display == "none"


def test_why_a_save_failed_is_said_in_full_until_it_works(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(image: AcqImage) -> None:
        raise SidecarError(f"{image.name}: the folder cannot be written")

    app = open_app(folder)
    with monkeypatch.context() as patch:
        patch.setattr(AcqImage, "save", refuse)
        app.save()
    assert "the folder cannot be written" in app.view._notice.value
    assert app.view._notice_bar.layout.display == ""
    assert app.view.reload_button.layout.display == "none"
    assert app.status.tone == "bad"
    app.save()
    assert app.status.tone == "ok"
    assert app.view._notice_bar.layout.display == "none"


def test_a_sidecar_that_cannot_be_read_is_set_aside_on_request_only(folder: Path) -> None:
    sidecar = folder / "scan_0.tif.json"
    sidecar.write_text("{ not json", encoding="utf-8")
    app = App(folder)
    assert "scan_0.tif.json" in app.view._notice.value
    app.judge(True)
    app.save()
    assert app.status.tone == "bad"
    assert sidecar.read_text(encoding="utf-8") == "{ not json"
    app.view.aside_button.click()
    app.save()
    assert app.status.tone == "ok"
    assert AcqImage(folder / "scan_0.tif").accepted is True
    assert any(
        path.read_text(encoding="utf-8") == "{ not json"
        for path in folder.iterdir()
        if path.name.startswith("scan_0.tif.json") and path != sidecar
    )


def test_another_folder_is_not_opened_over_unsaved_work(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    tifffile.imwrite(other / "alone.tif", streaks())
    app = open_app(folder)
    app.open_folder(other)
    assert app.folder.folder == folder
    row = app._drawer.children[0].children[0]
    assert "unsaved" in row.children[0].value
    row.children[1].click()  # save and open
    assert app.folder.folder == other
    assert app.image.name == "alone.tif"
    assert not AcqImageList.from_folder(folder).dirty


def test_unsaved_edits_can_be_left_behind_also_of_an_array_in_memory(folder: Path) -> None:
    app = App(AcqImageList([recording()]))
    app.image.accepted = True
    app.open_folder(folder)
    app._drawer.children[0].children[0].children[2].click()  # open without saving
    assert app.folder.folder == folder
    assert not app._drawer.shown


# ---------------------------------------------------------------------- errors


def test_an_unexpected_error_is_a_sentence_and_a_log_entry(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    app = App(folder)
    app.top.undo_button.disabled = False
    app.undo = lambda: 1 / 0
    app.top.undo_button._click_handlers(app.top.undo_button)
    press(app, "undo")
    assert app.status.tone == "bad"
    assert "ZeroDivisionError" in app.status.message
    assert "Traceback" not in app.status._message.value
    assert "ZeroDivisionError" in caplog.text


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.tif"
    tifffile.imwrite(tmp_path / name, streaks())
    app = App(tmp_path)
    assert "<img" not in app.status._place.value
    app.judge(True)
    assert "<img" not in app.status._message.value


def test_a_closed_app_lets_go_of_the_recordings(folder: Path) -> None:
    app = App(folder)
    images = app.folder
    app.close()
    images[0].accepted = True  # nobody is left to be told
    images[0].add_roi()
    assert app.image is None


def test_the_repr_is_stable(folder: Path) -> None:
    assert repr(App(folder)) == repr(App(folder)) == "App(4 recordings)"
