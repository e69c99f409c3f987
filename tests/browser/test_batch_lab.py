"""The Batch panel and the watched folder in JupyterLab, used by hand in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.browser.app_story import READY, tab
from tests.recordings import write_line_scan


@pytest.mark.parametrize("page", [{"viewport": {"width": 1440, "height": 1400}}], indirect=True)
def test_a_batch_is_previewed_run_and_each_outcome_opens_its_recording(
    page: Any, lab: Any, tmp_path: Path
) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    for number in range(3):
        write_line_scan(folder / f"rec{number}.tif", seed=number)
    write_line_scan(folder / "bare.tif", calibrated=False)
    session = lab(
        ["import cloudscope as cs", f"app = cs.App({str(folder)!r})\napp"], ready=READY, dark=True
    )
    tab(session, "Batch")
    panel = session.page.locator(".cs-batch-panel")
    panel.wait_for(state="visible")
    panel.get_by_label("Velocity", exact=True).uncheck()
    panel.get_by_label("Intensity").check()
    panel.locator("button", has_text="Preview").click()
    session.wait_python("len(app.panel('Batch').lines.rows)", "4", timeout_s=60)
    panel.get_by_text("4 to measure").wait_for(timeout=60_000)
    assert session.python("sum(len(image.results) for image in app.folder)") == "0"
    panel.locator("button", has_text="Run").click()
    panel.get_by_text("3 measured, 1 failed").wait_for(timeout=120_000)
    rows = panel.locator(".cs-table [role=row]")
    session.until(lambda: rows.locator("[aria-label=measured]").count() == 3)

    def opened() -> bool:
        # a row that moves while the table finds its place under the outcome loses a click
        rows.filter(has_text="rec2.tif").click()
        return session.python("app.image.name") == "'rec2.tif'"

    session.until(opened, timeout_s=60)
    rows.filter(has_text="bare.tif").click()
    panel.get_by_text("line_period_s").first.wait_for(timeout=60_000)
    session.shot("batch-panel")
    assert len(list(folder.glob("*.json"))) == 3

    panel.locator("button", has_text="Preview").click()  # what is done is left as it is
    panel.get_by_text("1 to measure").wait_for(timeout=60_000)
    session.until(lambda: rows.locator("[aria-label^=fresh]").count() == 3)

    session.page.locator(".cs-watch").click()
    session.wait_python("app.folder.watching", "True", timeout_s=60)
    write_line_scan(folder / "rec9.tif", seed=9)
    left = session.page.locator(".cs-app-left .cs-table [role=row]", has_text="rec9.tif")
    left.wait_for(timeout=60_000)
    assert session.python("app.image.name") == "'bare.tif'"
