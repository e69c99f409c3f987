"""`--blind`: a folder is read blind from the command line, and the window does not name it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cloudscope as cs
import cloudscope.desktop as desktop_module
import cloudscope.serve as serve_module
from cloudscope.blinding_file import BLINDING_NAME

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the folder was read blind at each time it was served, instead of serving it."""
    found: list[bool] = []

    def note(folder: Path, **more: Any) -> None:
        opened = cs.AcqImageList.from_folder(folder, results_folder=more["results_folder"])
        found.append(opened.blinded)

    monkeypatch.setattr(serve_module, "serve", note)
    monkeypatch.setattr(desktop_module, "desktop", note)
    return found


@pytest.mark.parametrize("name", ["open", "desktop"])
def test_a_reading_is_started_as_the_api_does_it(
    command: Command, recordings: Path, served: list[bool], name: str
) -> None:
    code, out, _ = command(name, recordings, "--blind", "--seed", 7, "--reader", "Ann")
    assert code == 0
    assert served == [True]
    assert "3 recordings are read blind by Ann from now on, with seed 7" in out
    folder = cs.AcqImageList.from_folder(recordings)
    assert folder.blinding is not None
    paths = [str(path.relative_to(recordings)) for path in recordings.rglob("*.tif")]
    same = cs.Blinding.start([path.replace(os.sep, "/") for path in paths], "Ann", seed=7)
    assert folder.blinding.codes == same.codes


def test_a_reading_that_goes_on_is_left_as_it_is(
    command: Command, recordings: Path, served: list[bool]
) -> None:
    cs.AcqImageList.from_folder(recordings).start_blinding("Ann", seed=7)
    file = recordings / "cloudscope-blinding.json"
    before = file.read_bytes()
    code, out, _ = command("open", recordings, "--blind")
    assert (code, served) == (0, [True])
    assert "Read blind by Ann since" in out
    assert file.read_bytes() == before
    code, _, err = command("open", recordings, "--blind", "--seed", 8)
    assert code == 2
    assert "--seed: the folder is read blind already, by Ann" in err
    assert served == [True]


def test_what_makes_no_sense_is_said_and_nothing_is_served(
    command: Command, recordings: Path, served: list[bool], tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, words in (
        ((recordings, "--seed", 3), "--seed tells of a blinded reading: add --blind"),
        ((recordings, "--blind", "--seed", "x"), "'x' is no seed: give a whole number"),
        ((empty, "--blind"), "there is no recording to read blind"),
        ((recordings, "--blind", "--reader", " "), "reader"),
    ):
        code, _, err = command("open", *arguments)
        assert code != 0
        assert words in err
    assert served == []
    assert not cs.AcqImageList.from_folder(recordings).blinded


def test_a_reading_that_has_ended_is_followed_by_another(
    command: Command, recordings: Path, served: list[bool]
) -> None:
    command("open", recordings, "--blind")
    cs.AcqImageList.from_folder(recordings).unblind("all are judged")
    code, _, _ = command("open", recordings, "--blind")
    assert (code, served) == (0, [True, True])
    assert cs.AcqImageList.from_folder(recordings)[0].name == "R2-001"


def test_the_window_names_no_folder_that_is_read_blind(
    recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    titles: list[str] = []

    class Served(serve_module.Dashboard):
        def start(self, timeout_s: float = 60.0) -> None:
            self.port = 1

    monkeypatch.setattr(desktop_module, "Dashboard", Served)
    monkeypatch.setattr(desktop_module, "browser_for_window", lambda: Path("browser"))
    monkeypatch.setattr(
        desktop_module, "show_in_browser", lambda browser, url, title, **more: titles.append(title)
    )
    said: list[str] = []
    show = lambda: desktop_module.desktop(recordings, web_view=False, say=said.append)  # noqa: E731
    show()
    folder = cs.AcqImageList.from_folder(recordings)
    folder.start_blinding("Ann", seed=7)
    show()
    folder.unblind("all are judged", by="Ann")
    show()
    (recordings / BLINDING_NAME).write_text("spoiled")  # the app says so; the title tells nothing
    show()
    named = "cloudscope · recordings"
    assert titles == [named, "cloudscope · read blind", named, "cloudscope"]


def test_the_window_knows_of_a_reading_kept_in_the_results_folder_of_the_settings(
    recordings: Path,
) -> None:
    (recordings / "cloudscope.toml").write_text('[folder]\nresults = "results"\n')
    cs.AcqImageList.from_folder(recordings).start_blinding("Ann", seed=7)
    (recordings / "results").mkdir(exist_ok=True)
    (recordings / BLINDING_NAME).rename(recordings / "results" / BLINDING_NAME)
    dashboard = serve_module.Dashboard(recordings)
    try:
        assert desktop_module._title(dashboard) == "cloudscope · read blind"
    finally:
        dashboard.stop()
