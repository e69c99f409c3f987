"""Edits are kept aside while one works, and offered after a loss."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import cloudscope.widgets.unsaved_work as unsaved_work
from cloudscope import AcqImageList, App
from cloudscope.recovery import Recovery, find_kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CLOUDSCOPE_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(unsaved_work, "REST_S", 0.01)
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    for name in ("a", "b"):
        np.save(recordings / f"{name}.npy", np.zeros((60, 20), dtype=np.uint16))
    return recordings


async def until(true: Callable[[], bool]) -> None:
    for _ in range(2000):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError("it never came true")


def lost(folder: Path, name: str = "a.npy") -> None:
    """Edits of a session that ended before they were saved."""
    image = AcqImageList.from_folder(folder)[name]
    image.add_roi(name="artery")
    Recovery().keep(image)


def test_edits_are_kept_once_the_hand_rests_and_forgotten_once_saved(folder: Path) -> None:
    async def work() -> None:
        app = App(folder)
        image = app.image
        assert image is not None
        image.add_roi()
        await until(lambda: bool(find_kept([image])))
        image.edit_experiment(species="mouse")
        await until(lambda: find_kept([image])[image].label == "edit species")
        app.folder["b.npy"].accepted = True  # not the one shown
        await until(lambda: len(find_kept(app.folder.images)) == 2)
        app.save()
        await until(lambda: not find_kept(app.folder.images))
        await until(lambda: not app.unsaved._writing.running)
        app.close()

    asyncio.run(work())


def test_lost_edits_are_offered_and_come_back(folder: Path) -> None:
    lost(folder)
    app = App(folder)
    assert app.unsaved.layout.display == ""
    assert "Unsaved edits were found in 1 recording" in app.unsaved._words.value
    assert "(add ROI 1)" in app.unsaved._words.value
    app.unsaved.recover_button.click()
    image = app.folder["a.npy"]
    assert [roi.name for roi in image.rois] == ["artery"]
    assert image.dirty
    assert app.unsaved.layout.display == "none"
    assert "edits of 1 recording are back" in app.status.message
    assert app.unsaved.recovery.is_own(find_kept([image])[image])
    image.undo()
    app.unsaved.flush()
    assert not find_kept([image])
    app.close()


def test_lost_edits_may_be_given_up_or_left_for_later(folder: Path) -> None:
    lost(folder)
    first = App(folder)
    first.unsaved.later_button.click()
    first.close()
    second = App(folder)
    assert len(second.unsaved.found) == 1
    second.unsaved.discard_button.click()
    assert not find_kept(second.folder.images)
    assert second.folder["a.npy"].rois == ()
    assert App(folder).unsaved.layout.display == "none"


def test_one_that_cannot_be_read_stops_no_other(folder: Path) -> None:
    lost(folder, "a.npy")
    lost(folder, "b.npy")
    app = App(folder)
    broken = app.unsaved.found[app.folder["a.npy"]]
    (broken.place / "a.npy.json").unlink()
    app.unsaved.recover_button.click()
    assert app.folder["b.npy"].rois[0].name == "artery"
    assert "a.npy" in app.status.message
    assert "cannot be read" in app.status.message
    assert broken.place.exists()
    app.close()


def test_what_both_changed_is_named(folder: Path) -> None:
    image = AcqImageList.from_folder(folder)["a.npy"]
    image.edit_experiment(species="mouse")
    Recovery().keep(image)
    other = AcqImageList.from_folder(folder)["a.npy"]
    other.edit_experiment(species="rat")
    other.save()
    app = App(folder)
    app.unsaved.recover_button.click()
    assert app.folder["a.npy"].experiment.species == "mouse"
    assert "a.npy: species changed since, yours is shown" in app.status.message
    app.close()


def test_autosave_saves_by_itself(folder: Path) -> None:
    async def work() -> None:
        app = App(folder)
        app.unsaved.toggle.value = True
        assert app.image is not None
        app.image.add_roi()
        await until(lambda: not app.folder.dirty)
        assert len(AcqImageList.from_folder(folder)[0].rois) == 1
        app.unsaved.toggle.value = False
        app.image.add_roi()
        await until(lambda: bool(find_kept(app.folder.images)))
        assert app.folder.dirty
        await until(lambda: not app.unsaved._writing.running)
        app.close()

    asyncio.run(work())
