"""The app as a view on plain objects: what it shows, and how keys and edits reach it."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import numpy as np
import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.app import App
from tests.widgets.small_app import open_app, press, settled, streaks


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
    app.panel("ROIs").add()
    assert app.viewer.selected_roi_id == app.measure.selected_roi_id == 1
    assert app.view.traces["radon_velocity"].roi_id == 1
    app.measure.where.value = 0
    assert app.viewer.selected_roi_id is None
    assert app.view.traces["radon_velocity"].roi_id == 0


def test_what_is_measured_has_a_trace_and_the_last_one_the_time_axis(folder: Path) -> None:
    app = open_app(folder)

    def shown() -> list[str]:
        return [name for name, t in app.view.traces.items() if t in app.view.stack.children]

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


def test_a_roi_that_comes_back_is_the_one_selected(folder: Path) -> None:
    app = open_app(folder)
    app.panel("ROIs").add()
    app.panel("ROIs").delete()
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


def test_a_saved_notebook_keeps_a_picture_and_not_the_bundle(folder: Path) -> None:
    app = open_app(folder)
    data, _ = app._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["text/plain"] == repr(app)
    assert sum(len(str(part)) for part in data.values()) < 200_000
    app.image = None
    assert "image/png" not in app._repr_mimebundle_()
    app.close()
