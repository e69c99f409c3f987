"""Recordings read blind in the served dashboard, by hand: the page never has their names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

import cloudscope as cs
from tests.browser.test_app_voila import serve

NAMES = ("zebra_17", "heron_18", "otter_19")


def folder_of(path: Path) -> Path:
    """Three recordings in folders named after what was done to the animals."""
    rng = np.random.default_rng(0)
    for name, group in zip(NAMES, ("placebo", "placebo", "treated"), strict=True):
        (path / group).mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 4000, (600, 24)).astype(np.uint16)
        tifffile.imwrite(path / group / f"{name}.tif", pixels, imagej=True)
    return path


def telling(page: Any) -> list[str]:
    """Names and groups that are anywhere in the page."""
    content = page.content().casefold()
    found = [word for word in (*NAMES, "placebo", "treated") if word in content]
    return [content[max(content.index(word) - 60, 0) :][:120] for word in found]


def test_a_folder_is_judged_by_codes_and_shown_again(voila: Any, tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "study")
    session = serve(voila, folder, dark=True)
    page = session.page
    page.locator(".cs-app .cs-table", has_text="heron_18").first.wait_for()
    assert len(telling(page)) == 5

    page.locator(".cs-app-top button", has_text="Blind").click()
    drawer = page.locator(".cs-app .cs-blind")
    drawer.locator("input").first.fill("Ann")
    drawer.locator("button", has_text="Start").click()
    page.locator(".cs-app-status", has_text="3 recordings are read blind from now on").wait_for()
    page.locator(".cs-app-status", has_text="1 of 3 · R-001").wait_for()
    page.wait_for_function(  # rows and their headings are exchanged one after the other
        "() => !/heron_18|placebo|treated/.test(document.body.innerHTML)"
    )
    session.shot("blind-started")
    page.keyboard.press("Escape")
    drawer.wait_for(state="hidden")
    assert telling(page) == []

    for code in ("R-001", "R-002", "R-003"):  # by keyboard alone
        page.locator(".cs-app-status", has_text=f" · {code}").wait_for()
        page.keyboard.press("a")
        page.locator(".cs-app-status", has_text=f"{code}: accepted").wait_for()
        assert telling(page) == []
        page.keyboard.press("j")
    page.keyboard.press("Control+s")
    page.locator(".cs-app-status", has_text="saved 3 recordings").wait_for()
    page.keyboard.press("l")
    page.locator(".cs-app .cs-log", has_text="R-003: accepted").wait_for()
    session.shot("log")
    page.keyboard.press("Escape")
    page.locator(".cs-app-tabs .lm-TabBar-tab", has_text="Metadata").click()
    page.locator(".cs-app .cs-closed", has_text="closed while the folder is read blind").wait_for()
    assert telling(page) == []

    page.keyboard.press("Escape")
    page.locator(".cs-app-status-message").click()  # a key pressed in a form is text
    page.keyboard.press("b")
    end = drawer.locator(".cs-field", has_text="Reason").nth(1).locator("input")
    end.fill("all are judged")
    end.press("Tab")
    drawer.locator("button", has_text="End…").click()
    drawer.locator("button", has_text="Yes, show all names").click()
    page.locator(".cs-app-status", has_text="unblinded").wait_for()
    page.locator(".cs-app .cs-table", has_text="heron_18").first.wait_for()
    session.shot("blind-ended")
    again = cs.AcqImageList.from_folder(folder)
    assert all(image.accepted and image.blind_code for image in again)
    kinds = [entry.kind for entry in again.blinding.log]
    assert kinds[0] == "started"
    assert kinds[-1] == "unblinded"
