"""Saving, conflicts and unsaved work in the app."""

from __future__ import annotations

from pathlib import Path

import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import SidecarError
from cloudscope.widgets.app import App
from tests.widgets.small_app import open_app, press, recording, streaks


def test_save_counts_what_is_unsaved_and_everything_is_back_on_reopening(folder: Path) -> None:
    app = open_app(folder)
    app.folder.save()
    assert app.top.save_button.disabled
    app.panel("ROIs").add()
    app.image.edit_roi(1, name="artery", col_stop=30)
    app.panel("Metadata").field("species").control.value = "mouse"
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


def test_changes_of_two_people_are_merged_where_nothing_clashes(folder: Path) -> None:
    app = open_app(folder)
    app.folder.save()
    other = AcqImage(folder / "scan_0.tif")
    other.accepted = False
    other.save()
    app.panel("ROIs").add()
    app.save()
    assert app.view.merge_button.layout.display == ""

    app.view.merge_button.click()

    assert app.view.merge_panel is None
    assert (app.image.accepted, len(app.image.rois)) == (False, 1)
    assert "1 change of theirs; 1 change of mine" in app.status.message
    assert app.view.merge_button.layout.display == "none"
    app.save()
    assert AcqImage(folder / "scan_0.tif").accepted is False
    assert app.status.tone == "ok"


def test_what_two_people_changed_differently_is_asked_for(folder: Path) -> None:
    app = open_app(folder)
    app.panel("ROIs").add()
    app.folder.save()
    other = AcqImage(folder / "scan_0.tif")
    other.edit_roi(1, name="<b>artery</b>")
    other.accepted = False
    other.save()
    app.image.edit_roi(1, name="vein")
    app.judge(True)
    app.save()

    app.view.merge_button.click()
    panel = app.view.merge_panel

    assert panel is not None
    assert set(panel.choices) == {"accepted", "ROI 1 name"}
    name = panel.choices["ROI 1 name"]
    assert [label for label, _ in name.options] == ["Mine: vein", "Theirs: <b>artery</b>"]
    assert app.image.roi(1).name == "vein"
    panel.cancel_button.click()
    assert app.view.merge_panel is None
    assert app.view.merge_button.layout.display == ""
    app.view.merge_button.click()
    app.view.merge_panel.choices["ROI 1 name"].value = "theirs"
    app.view.merge_panel.apply_button.click()
    assert (app.image.roi(1).name, app.image.accepted) == ("<b>artery</b>", True)
    app.save()
    assert AcqImage(folder / "scan_0.tif").accepted is True


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
