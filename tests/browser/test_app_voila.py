"""The dashboard that `cloudscope open` serves, used by hand in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_story import READY, Story, copied, tab
from tests.browser.sessions import ROOT

DASHBOARD = ROOT / "notebooks" / "dashboard.ipynb"


def serve(voila: Any, folder: Path, *, dark: bool = False, state: Path | None = None) -> Any:
    return voila(
        DASHBOARD,
        dark=dark,
        template="cloudscope",
        env={
            "CLOUDSCOPE_FOLDER": str(folder),
            "JUPYTER_PATH": str(ROOT / "cloudscope" / "jupyter"),
            "CLOUDSCOPE_STATE": str(state or "off"),
        },
        ready=READY,
    )


def test_a_capillary_from_folder_to_saved_results(
    voila: Any, shared_data: Path, tmp_path: Path
) -> None:
    session = serve(voila, copied(shared_data / "capillary", tmp_path / "capillary"))
    Story(session).tell("capillary")


def test_the_sample_folder_from_folder_to_saved_results(voila: Any, tmp_path: Path) -> None:
    import cloudscope as cs

    cs.write_sample_folder(tmp_path / "sample")
    session = serve(voila, tmp_path / "sample", dark=True)
    Story(session).tell("sample-dark")


def test_reloading_the_page_brings_back_what_was_saved(
    voila: Any, shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "capillary", tmp_path / "capillary")
    session = serve(voila, folder)
    session.page.locator(".cs-app-top button", has_text="Accept").click()
    session.page.keyboard.press("Control+s")
    session.page.locator(".cs-app-status", has_text="saved Capillary1_0001.tif").wait_for()
    session.page.reload()
    session.wait_for(READY)
    session.page.locator(".cs-app-top .cs-is-accepted").wait_for()


def test_reloading_the_page_offers_what_was_not_saved(
    voila: Any, shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "capillary", tmp_path / "capillary")
    session = serve(voila, folder, state=tmp_path / "state")
    page = session.page
    page.locator(".cs-app-top button", has_text="Accept").click()
    page.locator(".cs-app-top .cs-is-accepted").wait_for()
    while not list((tmp_path / "state").rglob("kept.json")):
        page.wait_for_timeout(100)
    page.on("dialog", lambda dialog: dialog.accept())  # it warns before work is lost
    page.reload()
    session.wait_for(READY)
    assert page.locator(".cs-app-top .cs-is-accepted").count() == 0
    offer = page.locator(".cs-recovery", has_text="Unsaved edits were found in 1 recording")
    offer.wait_for()
    session.shot("recovery-offered")
    offer.locator("button", has_text="Recover").click()
    page.locator(".cs-app-top .cs-is-accepted").wait_for()
    offer.wait_for(state="hidden")
    page.keyboard.press("Control+s")
    page.locator(".cs-app-status", has_text="saved Capillary1_0001.tif").wait_for()
    while list((tmp_path / "state").rglob("kept.json")):
        page.wait_for_timeout(100)


@pytest.mark.parametrize("page", [{"viewport": {"width": 900, "height": 1000}}], indirect=True)
def test_a_small_window_stacks_the_parts(
    page: Any, voila: Any, shared_data: Path, tmp_path: Path
) -> None:
    session = serve(voila, copied(shared_data / "capillary", tmp_path / "capillary"))
    table, plot = page.locator(".cs-app-left"), page.locator(".cs-plot")
    assert table.bounding_box()["y"] > plot.bounding_box()["y"]
    assert plot.bounding_box()["width"] > 700
    session.shot("small-window")


def test_a_folder_is_judged_by_keyboard_alone(voila: Any, tmp_path: Path) -> None:
    import cloudscope as cs

    cs.write_sample_folder(tmp_path / "sample")
    session = serve(voila, tmp_path / "sample")
    page = session.page
    tab(session, "Review")
    review, top = page.locator(".cs-review"), page.locator(".cs-app-status")
    review.get_by_text("0 of 6 decided").wait_for()
    page.locator(".cs-plot").first.focus()
    page.keyboard.press("a")
    review.get_by_text("1 of 6 decided: 1 accepted").wait_for()
    review.locator(".cs-heading", has_text="02_two_vessels.tif").wait_for()
    page.keyboard.press("w")
    page.wait_for_function("document.activeElement.tagName === 'TEXTAREA'")
    page.keyboard.type("an axe")  # letters in a field are text
    page.keyboard.press("Tab")
    page.locator(".cs-plot").first.focus()
    page.keyboard.press("x")
    review.get_by_text("2 of 6 decided: 1 accepted, 1 rejected").wait_for()
    review.locator(".cs-heading", has_text="03_two_channels").wait_for()
    page.keyboard.press("n")
    review.locator(".cs-heading", has_text="04_narrow").wait_for()
    session.shot("review")
    page.keyboard.press("Control+s")
    top.get_by_text("saved 2 recordings").wait_for()
    second = cs.AcqImage(tmp_path / "sample" / "02_two_vessels.tif")
    assert (second.accepted, second.experiment.note) == (False, "an axe")
