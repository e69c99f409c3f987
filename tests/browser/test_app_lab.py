"""`cloudscope.App` in a notebook cell of JupyterLab, used by hand in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_story import READY, Story, copied


def cells(folder: Path) -> list[str]:
    return ["import cloudscope as cs", f"app = cs.App({str(folder)!r})\napp"]


@pytest.mark.parametrize("page", [{"viewport": {"width": 1440, "height": 1500}}], indirect=True)
def test_a_capillary_from_folder_to_saved_results(
    page: Any, lab: Any, shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "capillary", tmp_path / "capillary")
    session = lab(cells(folder), ready=READY)
    Story(session).tell("capillary")


@pytest.mark.parametrize("page", [{"viewport": {"width": 1600, "height": 1500}}], indirect=True)
def test_the_sample_folder_from_folder_to_saved_results(
    page: Any, lab: Any, tmp_path: Path
) -> None:
    import cloudscope as cs

    cs.write_sample_folder(tmp_path / "sample")
    session = lab(cells(tmp_path / "sample"), dark=True, ready=READY)
    Story(session).tell("sample-dark")


def test_letters_typed_in_a_field_are_text_and_the_notebook_keeps_its_cells(
    lab: Any, shared_data: Path, tmp_path: Path
) -> None:
    folder = copied(shared_data / "capillary", tmp_path / "capillary")
    session = lab(cells(folder), ready=READY)
    page = session.page
    count = "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"
    before = page.evaluate(count)
    search = page.locator(".cs-table input").first
    search.scroll_into_view_if_needed()
    search.type("ax")
    assert session.python("app.image.accepted") == ""
    search.fill("")
    page.locator(".cs-table [role=row]", has_text="Capillary").first.click()
    for key in ("a", "x", "x"):
        page.keyboard.press(key)
    session.wait_python("app.image.accepted is None", "True")
    assert page.evaluate(count) == before
