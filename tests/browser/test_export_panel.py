"""Exports from the dashboard: chosen with the keyboard, written while the page stays free."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import cloudscope as cs
from tests.browser.app_story import tab
from tests.browser.test_app_voila import serve
from tests.recordings import write_line_scan


def test_a_folder_goes_to_imagej_and_again_is_refused(voila: Any, tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    folder.mkdir()
    sources = [write_line_scan(folder / f"scan_{n}.tif", seed=n) for n in range(2)]
    session = serve(voila, folder)
    page = session.page
    tab(session, "Export")
    panel = page.locator(".cs-export")
    panel.wait_for()
    what, to = (panel.get_by_label(name, exact=True) for name in ("What", "Format"))
    what.focus()
    page.keyboard.press("End")  # the whole folder
    panel.get_by_role("button", name="Export 2").wait_for()
    to.focus()
    page.keyboard.type("ImageJ")
    panel.get_by_text("Pixels with scales, colours and ROIs").wait_for()
    target = panel.get_by_label("To", exact=True)
    page.wait_for_function(
        "field => field.value.endsWith('recordings-imagej')", arg=target.element_handle()
    )
    panel.get_by_role("button", name="Export 2").press("Enter")
    panel.get_by_role("status").filter(has_text="2 of 2 written").wait_for()
    out = tmp_path / "recordings-imagej"
    for source in sources:
        written, was = cs.AcqImage(out / source.name), cs.AcqImage(source)
        assert np.array_equal(written.frame(), was.frame())
        assert written.header.line_period_s == was.header.line_period_s
    session.shot("export-panel")
    panel.get_by_role("button", name="Export 2").press("Enter")
    panel.get_by_role("alert").filter(has_text="scan_0.tif is there already").wait_for()
    panel.get_by_role("button", name="Copy as Python").press("Enter")
    panel.locator("pre", has_text="cs.export_recordings(").wait_for()
