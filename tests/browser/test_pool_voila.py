"""Pooling a folder, opening a recording from a dot, and making a figure, as a hand does it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import tifffile

import cloudscope as cs
from tests.browser.test_app_voila import serve

PANEL = ".cs-app .cs-pool"


def folder_of(path: Path) -> Path:
    """Six recordings of two conditions, measured and saved."""
    rng = np.random.default_rng(0)
    path.mkdir()
    for number in range(6):
        pixels = rng.integers(0, 4000, (600, 24)).astype(np.uint16)
        tifffile.imwrite(path / f"scan_{number}.tif", pixels, imagej=True)
    for number, image in enumerate(cs.AcqImageList.from_folder(path)):
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.edit_experiment(condition="drug" if number % 2 else "sham", animal_id=f"m{number}")
        image.analyze("intensity")
        image.save()
    return path


def choose(page: Any, label: str, text: str) -> None:
    field = page.locator(f"{PANEL} .widget-dropdown", has_text=label).first
    field.locator("select").select_option(label=text)


def test_from_a_dot_to_its_recording_and_a_figure_of_it(voila: Any, tmp_path: Path) -> None:
    session = serve(voila, folder_of(tmp_path / "folder"))
    page = session.page
    page.locator(".cs-app-tabs .lm-TabBar-tab", has_text="Pool").click()
    page.locator(f"{PANEL} .cs-pool-form").wait_for()
    choose(page, "Group by", "Condition")
    page.locator(f"{PANEL} .cs-pool-table", has_text="drug").wait_for()
    rows = page.locator(f"{PANEL} .cs-pool-table tbody tr")
    assert rows.count() == 2
    page.locator(f"{PANEL} path.dot").first.wait_for()
    assert page.locator(f"{PANEL} path.dot").count() >= 6

    page.locator(f"{PANEL} button", has_text="Enlarge").click()
    page.locator(f"{PANEL}.cs-enlarged").wait_for()
    page.locator(".cs-app .cs-app-centre").wait_for(state="hidden")
    page.wait_for_function(  # the plot fills the room it got
        "() => document.querySelector('.cs-pool .bqplot rect.plotarea_events')"
        ".getBoundingClientRect().width > 500"
    )
    session.shot("pool-enlarged")
    last = page.locator(f"{PANEL} path.dot.element").nth(5)
    last.click()  # a mean is drawn across it, and must not be in the way
    page.locator(".cs-app-status", has_text="opened scan_").wait_for()
    page.locator(".cs-app .cs-app-centre").wait_for(state="visible")
    name = page.locator(".cs-app-status-message").inner_text().removeprefix("opened ")
    page.locator(".cs-app-status", has_text=f"{name} ·").wait_for()

    page.locator(".cs-app-tabs .lm-TabBar-tab", has_text="Figure").click()
    page.locator(".cs-figure-panel button", has_text="Preview").click()
    page.wait_for_function(
        "() => { const p = document.querySelector('.cs-figure-preview');"
        " return p && p.naturalWidth > 300; }"
    )
    session.shot("figure-panel")
    page.locator(".cs-figure-panel button", has_text="Download").click()
    link = page.locator(".cs-figure-panel .cs-download")
    link.wait_for()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == f"{Path(name).stem}-figure.png"
