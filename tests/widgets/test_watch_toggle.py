"""The button that lets new recordings join the app."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from cloudscope import watching
from cloudscope.acq_image_list import AcqImageList
from cloudscope.widgets.app import App
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.watch_toggle import WATCH_VARIABLE, WatchToggle
from tests.recordings import write_line_scan

PATIENCE_S = 30.0


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(watching, "SETTLED_AFTER_S", 0.1)
    monkeypatch.setattr(watching, "LOOK_EVERY_S", 0.1)
    monkeypatch.setattr(watching, "LOOK_EVERY_WHEN_TOLD_S", 0.1)
    for name in ("b", "c"):
        write_line_scan(tmp_path / f"{name}.tif")
    return tmp_path


async def until(state: object, wanted: object) -> None:
    assert callable(state)
    for _ in range(int(PATIENCE_S / 0.02)):
        if state() == wanted:
            return
        await asyncio.sleep(0.02)
    assert state() == wanted


def test_a_new_recording_joins_and_what_one_looks_at_stays(folder: Path) -> None:
    async def story() -> None:
        app = App(folder)
        shown = app.image
        seen: list[object] = []
        app.observe(lambda change: seen.append(change["new"]), "image")
        app.watch.value = True
        assert app.folder.watching
        write_line_scan(folder / "a.tif")
        await until(lambda: [row["name"] for row in app.table.rows], ["a.tif", "b.tif", "c.tif"])
        assert app.image is shown
        assert app.table.selected_image is shown
        assert seen == [], "the picture was never taken away"
        assert app.status.message == "a.tif new"
        app.watch.value = False
        assert not app.folder.watching
        app.close()

    asyncio.run(story())


def test_the_next_folder_is_watched_too_and_the_last_one_no_more(folder: Path) -> None:
    (folder / "other").mkdir()
    write_line_scan(folder / "other" / "x.tif")
    first, second = AcqImageList.from_folder(folder), AcqImageList.from_folder(folder / "other")
    toggle = WatchToggle(StatusLine())
    toggle.folder = first
    toggle.value = True
    toggle.folder = second
    assert (first.watching, second.watching, toggle.value) == (False, True, True)
    toggle.close()
    assert not second.watching


def test_recordings_of_no_folder_cannot_be_watched() -> None:
    toggle = WatchToggle(StatusLine())
    toggle.folder = AcqImageList([])
    assert toggle.disabled
    assert "not those of a folder" in toggle.tooltip


def test_a_folder_that_went_away_is_said_and_the_button_comes_back(folder: Path) -> None:
    status = StatusLine()
    toggle = WatchToggle(status)
    opened = AcqImageList.from_folder(folder)
    toggle.folder = opened
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    toggle.value = True
    assert not toggle.value
    assert status.tone == "bad"
    assert "only a folder can be watched" in status.message


def test_the_command_line_can_ask_for_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(WATCH_VARIABLE, "1")
    toggle = WatchToggle(StatusLine())
    toggle.folder = AcqImageList.from_folder(folder)
    assert toggle.value
    assert toggle.folder.watching
    toggle.close()
