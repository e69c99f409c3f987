"""Which browser shows the window, and what is said where none can."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

import cloudscope.desktop as desktop_module
from cloudscope.desktop import (
    BROWSER_VARIABLE,
    DesktopError,
    browser_for_window,
    desktop,
    show_in_browser,
)


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any browser, and a folder that programs are looked for in."""
    monkeypatch.delenv(BROWSER_VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(desktop_module, "_usual_places", lambda: [])
    return tmp_path


def program(folder: Path, name: str, text: str = "exit 0") -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IEXEC)
    return path


def test_without_a_browser_it_says_what_can_be_done(no_browser: Path) -> None:
    with pytest.raises(DesktopError, match=r"cloudscope\[desktop\].*cloudscope open"):
        browser_for_window()


def test_the_browser_named_is_used_or_missed(
    no_browser: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BROWSER_VARIABLE, "mine")
    with pytest.raises(DesktopError, match="'mine': there is no such program"):
        browser_for_window()


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_any_of_the_family_will_do(no_browser: Path) -> None:
    edge = program(no_browser, "microsoft-edge")
    assert browser_for_window() == edge
    chromium = program(no_browser, "chromium")
    assert browser_for_window() == chromium


@pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")
def test_the_address_reaches_the_browser_by_a_private_file_that_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    script = (
        f'echo "$@" > {said}; page=$(echo "$1" | sed "s,--app=file://,,"); '
        f"cat $page >> {said}; ls -ld $(dirname $page) >> {said}"
    )
    browser = program(tmp_path, "chromium", script)
    show_in_browser(
        browser, 'http://127.0.0.1:1/?token=se<c"ret', "cloudscope · <b>", software=True
    )
    arguments, page, folder = said.read_text().splitlines()
    assert "token" not in arguments
    assert "--disable-gpu" in arguments
    assert "url=http://127.0.0.1:1/?token=se&lt;c&quot;ret" in page
    assert "<b>" not in page
    assert folder.startswith("drwx------")
    assert not Path(folder.split()[-1]).exists()


def test_pywebview_asked_for_and_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop_module, "find_spec", lambda name: None)
    with pytest.raises(DesktopError, match=r"pip install 'cloudscope\[desktop\]'"):
        desktop(tmp_path, web_view=True)


def test_a_browser_that_cannot_be_started_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(DesktopError, match="cannot be started"):
        show_in_browser(tmp_path / "gone", "http://127.0.0.1:1/", "title")
