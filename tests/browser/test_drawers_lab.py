"""Drawers and questions of the app in JupyterLab: log, blind reading, a merge, a figure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_story import READY, tab
from tests.browser.test_panels_lab import WIDE, measured_sample


@pytest.mark.parametrize("page", [WIDE], indirect=True)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_drawer_opens_in_the_notebook_and_does_its_work(
    page: Any, lab: Any, tmp_path: Path, dark: bool
) -> None:
    theme = "dark" if dark else "light"
    folder = measured_sample(tmp_path / "sample")
    session = lab(
        ["import cloudscope as cs", f"app = cs.App({str(folder)!r}, height_px=900); app"],
        dark=dark,
        ready=READY,
    )
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    app = page.locator(".cs-app")
    app.evaluate("app => app.scrollIntoView()")

    # somebody else has saved the same recording meanwhile
    session.python(
        "other = cs.AcqImage(app.image.path); other.accepted = True; "
        "other.edit_experiment(condition='theirs'); other.save(); "
        "app.image.accepted = False; app.image.edit_experiment(condition='mine')"
    )
    page.locator(".cs-app-top button", has_text="Save").last.click()
    merge = app.get_by_role("button", name="Merge", exact=False).first
    merge.click()
    question = page.locator(".cs-app-merge")
    question.wait_for()
    assert "theirs" in question.inner_text()
    session.shot(f"merge-{theme}")
    question.get_by_role("button", name="Merge", exact=True).click()
    question.wait_for(state="detached")
    session.wait_python("app.image.experiment.condition", "'mine'")

    page.locator(".cs-app-left .cs-table .tabulator-row").first.click()
    page.keyboard.press("l")
    log = page.locator(".cs-app .cs-log")
    log.get_by_text("was changed on disk").first.wait_for()
    session.shot(f"log-{theme}")
    page.keyboard.press("Escape")
    log.wait_for(state="hidden")

    tab(session, "Figure")
    page.get_by_role("button", name="Preview").last.click()
    page.locator(".cs-figure-preview").wait_for()
    session.shot(f"figure-{theme}")
    tab(session, "Review")
    page.locator(".cs-review").wait_for()
    session.shot(f"review-{theme}")

    page.locator(".cs-app-top button", has_text="Blind").click()
    drawer = page.locator(".cs-app .cs-blind")
    drawer.locator("button", has_text="Start").click()
    page.locator(".cs-app-status", has_text="are read blind from now on").wait_for()
    drawer.get_by_text("End the blinded reading").wait_for()
    close = drawer.get_by_role("button", name="Close")
    assert close.count() == 1
    tab(session, "Measure")
    page.locator(".cs-app-right button:disabled", has_text="Copy as Python").first.wait_for()
    session.shot(f"blind-{theme}")
    close.click()
    drawer.wait_for(state="hidden")
