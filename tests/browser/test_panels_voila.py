"""What the panels of the dashboard do, by hand in a real browser: state, files and clipboard."""

from __future__ import annotations

import base64
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pytest
import tifffile

import cloudscope as cs
from tests.browser.app_story import tab
from tests.browser.test_app_voila import serve
from tests.browser.viewer_screen import Screen
from tests.recordings import write_line_scan

FIRST = "app.folder['scan_0.tif']"


def three_and_a_broken_one(folder: Path) -> Path:
    """The first recording is noisy and has a ROI."""
    folder.mkdir()
    for number in range(3):
        write_line_scan(folder / f"scan_{number}.tif", seed=number)
    path = folder / "scan_0.tif"
    noise = np.random.default_rng(9).normal(1000, 250, (400, 24))
    tifffile.imwrite(path, (tifffile.imread(path) + noise).clip(0).astype("u2"))
    (folder / "broken.tif").write_bytes(b"II*\0 and nothing more")
    for image in cs.AcqImageList.from_folder(folder):
        image.add_roi(col_start=2, col_stop=22, name="vessel") if "0" in image.name else None
        image.save()
    return folder


def row(page: Any, name: str) -> Any:
    return page.locator(".cs-app-left .cs-table .tabulator-row", has_text=name)


def downloaded(page: Any, button: Any, link: str) -> tuple[str, bytes]:
    """Press, wait for the link, and take what it holds."""
    button.click()
    found = page.locator(link)
    found.wait_for()
    name, data = found.get_attribute("download"), found.get_attribute("href")
    return name, base64.b64decode(unquote(data.split("base64,", 1)[1]))


@pytest.mark.parametrize("page", [{"viewport": {"width": 1600, "height": 1300}}], indirect=True)
def test_corrections_forms_stale_marks_and_the_cut_off(
    page: Any, voila: Any, tmp_path: Path
) -> None:
    session = serve(voila, three_and_a_broken_one(tmp_path / "day"))
    screen = Screen(session)
    row(page, "scan_0").click()
    session.wait_python("app.image.name", "'scan_0.tif'")
    screen.crisp()
    # the help, by its key
    page.keyboard.press("?")
    page.locator(".cs-keys", has_text="next recording").wait_for()
    page.keyboard.press("Escape")
    page.locator(".cs-keys").wait_for(state="hidden")
    # on and back by keys; the file that cannot be read says why, where the picture would be
    for key, name in (("j", "scan_1"), ("j", "scan_2"), ("k", "scan_1"), ("k", "scan_0")):
        page.keyboard.press(key)
        page.locator(".cs-app-status", has_text=f"{name}.tif ·").wait_for()
    row(page, "broken").click()
    page.locator(".cs-app-centre-message", has_text="broken.tif").wait_for()
    session.wait_python("app.image is None", "True")
    row(page, "scan_0").click()
    screen.crisp()

    # measured by the button, in the units of the header
    tab(session, "Measure")
    velocity = page.locator(".cs-analysis-radon_velocity")
    velocity.locator("button", has_text="Run").first.click()
    velocity.locator(".cs-facts", has_text="µm/s").or_(
        page.locator(".cs-measure .cs-facts", has_text="µm/s")
    ).first.wait_for()
    session.wait_python("app.viewer.selected_roi_id", "1")
    before = session.python(f"{FIRST}.result('radon_velocity', 0, 1).digest")
    # a cut-off by quality moves samples aside, and no number
    aside = page.locator(".cs-trace-of-radon_velocity .cs-aside")
    words = aside.inner_text()
    cutoff = page.get_by_label("Samples below quality")
    cutoff.fill("0.9")
    cutoff.press("Enter")
    session.until(lambda: int(aside.inner_text().split()[0]) > int(words.split()[0]))
    assert session.python(f"{FIRST}.result('radon_velocity', 0, 1).digest") == before
    cutoff.fill("0")
    cutoff.press("Enter")
    session.until(lambda: aside.inner_text() == words)
    # fields that belong to a method come with it
    form = page.locator(".cs-analysis-diameter .cs-parameters")
    method = form.get_by_label("Method", exact=True)
    method.wait_for()
    fields = lambda: form.locator(".cs-field:visible").count()  # noqa: E731
    alone = fields()
    method.select_option("threshold")
    screen.eventually(lambda: fields() > alone, True)

    # what the file says stays beside a correction of it; what was measured is stale then
    tab(session, "Metadata")
    period = page.get_by_label("Line period", exact=True)
    assert period.get_attribute("placeholder") == "1"
    period.fill("2")
    period.press("Enter")
    session.wait_python(f"{FIRST}.header.line_period_s", "0.002")
    screen.shows(time=(0, 0.8))
    page.locator(".cs-metadata, .cs-panel", has_text="1 ms").first.wait_for()
    row(page, "scan_0").locator("[aria-label=stale]").wait_for()
    page.locator(".cs-trace-of-radon_velocity .cs-pill", has_text="stale").wait_for()
    tab(session, "Measure")
    velocity.locator(".cs-pill", has_text="stale").wait_for()
    page.locator(".cs-app-top button", has_text="Undo").click()
    screen.shows(time=(0, 0.4))
    velocity.locator(".cs-pill", has_text="stale").wait_for(state="detached")
    session.shot("measured")


@pytest.mark.parametrize("page", [{"viewport": {"width": 1600, "height": 1300}}], indirect=True)
def test_rois_go_to_other_files_and_to_imagej_and_back(
    page: Any, voila: Any, tmp_path: Path
) -> None:
    session = serve(voila, three_and_a_broken_one(tmp_path / "day"))
    row(page, "scan_0").click()
    session.wait_python("app.image.name", "'scan_0.tif'")
    tab(session, "ROIs")
    panel = page.locator(".cs-rois.cs-panel")
    panel.locator("button", has_text="Copy to other recordings").click()
    panel.get_by_role("button", name="Copy", exact=True).click()
    panel.get_by_text("2 ROIs added to 2 recordings").wait_for()
    each = "[[roi.name for roi in image.rois] for image in app.folder]"
    assert session.python(each) == "[['vessel'], ['vessel'], ['vessel']]"
    panel.get_by_role("button", name="Undo the copies").click()
    session.wait_python(each, "[['vessel'], [], []]")
    name, data = downloaded(
        page, panel.get_by_role("button", name="Export for ImageJ"), ".cs-rois a[download]"
    )
    (tmp_path / name).write_bytes(data)
    assert name == "scan_0.tif.rois.zip"
    row(page, "scan_2").click()
    session.wait_python("app.image.name", "'scan_2.tif'")
    with page.expect_file_chooser() as chooser:
        panel.get_by_role("button", name="Import from ImageJ").click()
    chooser.value.set_files(tmp_path / name)
    panel.get_by_text(f"1 ROI added from {name}").wait_for()
    session.wait_python("app.image.rois[0].bounds", "(0, 400, 2, 22)")
    session.wait_python("app.image.rois[0].name", "'vessel'")
    # and saved by itself where that is wished
    saved = tmp_path / "day" / "scan_2.tif.json"
    before = saved.read_bytes()
    page.get_by_role("button", name="Autosave").click()
    page.locator(".cs-app-status", has_text="saved").wait_for()
    session.wait_python("app.folder.dirty", "False")
    assert saved.read_bytes() != before
    assert cs.AcqImage(tmp_path / "day" / "scan_2.tif").rois[0].name == "vessel"


@pytest.mark.parametrize("page", [{"viewport": {"width": 1600, "height": 1300}}], indirect=True)
def test_the_session_as_python_and_a_figure_in_every_format(
    page: Any, voila: Any, tmp_path: Path
) -> None:
    folder = three_and_a_broken_one(tmp_path / "day")
    untouched = shutil.copytree(folder, tmp_path / "untouched")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = serve(voila, folder)
    row(page, "scan_0").click()
    Screen(session).crisp()
    page.locator(".cs-analysis-radon_velocity button", has_text="Run").first.click()
    session.wait_python(f"{FIRST}.result('radon_velocity', 0, 1) is not None", "True", 60)
    page.locator(".cs-plot").first.focus()
    page.keyboard.press("a")
    session.wait_python(f"{FIRST}.accepted", "True")

    tab(session, "Review")
    page.get_by_role("button", name="All in the table").click()
    page.locator(".cs-app-status", has_text="lines of Python").wait_for()
    code = page.evaluate("() => navigator.clipboard.readText()")
    exec(compile(code.replace(str(folder), str(untouched)), "session", "exec"), {})
    again = cs.AcqImage(untouched / "scan_0.tif")
    assert (again.accepted, again.rois[0].name) == (True, "vessel")
    digest = session.python(f"print({FIRST}.result('radon_velocity', 0, 1).digest)")
    assert again.result("radon_velocity", 0, 1).digest == digest

    tab(session, "Figure")
    panel = page.locator(".cs-figure-panel")
    form = panel.get_by_label("Format", exact=True)
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF", ".csv": b"#"}
    for suffix, title in zip(
        begins, ("PNG picture", "SVG drawing", "PDF drawing", "CSV of the numbers"), strict=True
    ):
        form.select_option(label=title)
        link = f".cs-figure-panel a.cs-download[download$='{suffix}']"
        name, data = downloaded(page, panel.get_by_role("button", name="Download"), link)
        assert name == f"scan_0-figure{suffix}"
        assert data[:5].startswith(begins[suffix]) or suffix == ".csv", data[:40]
        if suffix == ".svg":
            assert b"<path" in data  # axes are drawn, not painted
        if suffix == ".csv":
            assert b"velocity_um_per_s" in data
        if suffix == ".png":
            from io import BytesIO

            from PIL import Image

            with Image.open(BytesIO(data)) as picture:
                assert picture.width == pytest.approx(180 / 25.4 * 300, abs=2)
                assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.5)
    session.shot("figure")


def test_settings_are_kept_under_a_name_and_taken_by_it(voila: Any, tmp_path: Path) -> None:
    folder = three_and_a_broken_one(tmp_path / "day")
    (folder / "cloudscope.toml").write_text(
        '[presets.radon_velocity."fast capillary"]\nwindow_lines = 32\n'
    )
    session = serve(voila, folder, state=tmp_path / "state")
    page = session.page
    section = page.locator(".cs-analysis-radon_velocity")
    settings = section.get_by_label("Settings")
    window = section.get_by_label("Window")
    form = "app.measure.sections['radon_velocity'].form.values['window_lines']"
    settings.select_option(label="fast capillary (this folder)")
    session.wait_python(form, "32")
    window.fill("96")
    window.press("Enter")
    section.locator("option:checked", has_text="as set here").wait_for(state="attached")
    section.get_by_role("button", name="Keep…").click()
    name = section.get_by_placeholder("for example fast capillary")
    name.fill("fast capillary")
    name.press("Enter")
    section.get_by_text("is declared by the folder").wait_for()
    name.fill("slow <i>venule</i>")
    name.press("Enter")
    section.locator("option:checked", has_text="slow <i>venule</i>").wait_for(state="attached")
    session.shot("preset")
    settings.select_option(label="defaults")
    session.wait_python(form, "64")
    settings.select_option(label="slow <i>venule</i>")
    session.wait_python(form, "96")
    section.get_by_role("button", name="Forget").click()
    section.locator("option:checked", has_text="as set here").wait_for(state="attached")
    session.wait_python("cs.presets_of('radon_velocity')", "{}")
    session.wait_python(form, "96")
