"""The table, the splitter and the forms, used as a person uses them."""

from __future__ import annotations

from typing import Any

import pytest

FOLDER = """
import numpy as np, ipywidgets
from pathlib import Path
import cloudscope as cs
from cloudscope.acq_image_list import LoadFailure
from cloudscope.widgets.splitter import Splitter
from cloudscope.widgets.parameter_form import ParameterForm
from cloudscope.widgets.metadata_form import MetadataForm
from cloudscope.widgets.roi_panel import RoiPanel

lines, pixels = np.mgrid[0:400, 0:24]
streaks = 100 + 50 * np.sin((pixels - lines * 0.4) / 2)
def scan(name, period=0.001):
    return cs.AcqImage.from_array(streaks, name=name, line_period_s=period, pixel_size_um=0.5)
images = [scan(f"20250722_A89_{n:04d}.tif", 0.001 + n / 1e4) for n in range(COUNT)]
failure = LoadFailure(Path("lab/<img src=x onerror=alert(1)>.tif"), "truncated after 12 bytes")
folder = cs.AcqImageList(images, failures=[failure], folder="lab")
table = cs.FileTable(folder)
"""

ROW = ".cs-grid .tabulator-row[data-row='{}']"


def few(count: int = 6) -> str:
    return FOLDER.replace("COUNT", str(count))


def selected(page: Any) -> list[str]:
    return page.locator(".cs-grid .tabulator-row[aria-selected=true]").evaluate_all(
        "rows => rows.map(row => row.dataset.row)"
    )


def cell(page: Any, row: int, field: str) -> Any:
    return page.locator(f"{ROW.format(row)} .tabulator-cell[tabulator-field={field}]")


def headed(page: Any, title: str) -> Any:
    return page.locator(".cs-grid .tabulator-col", has_text=title).locator(".tabulator-col-content")


def names(page: Any) -> list[str]:
    return page.locator(".cs-grid .tabulator-cell[tabulator-field=name]").all_inner_texts()


@pytest.mark.parametrize("host", ["lab", "voila"])
def test_rows_are_chosen_by_mouse_keys_and_python(
    host: str, request: pytest.FixtureRequest
) -> None:
    open_notebook = request.getfixturevalue(host)
    session = open_notebook([few(), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    cell(page, 2, "name").click()
    session.wait_python("table.selected, table.selected_image.name", "(2, '20250722_A89_0002.tif')")
    cell(page, 2, "name").click()  # a second click does not take it back
    assert selected(page) == ["2"]
    for key, expected in [("j", 3), ("ArrowDown", 4), ("k", 3), ("Home", 0), ("End", 6)]:
        page.keyboard.press(key)
        session.wait_python("table.selected", str(expected))
        assert selected(page) == [str(expected)]
    session.python("table.selected = 1")
    page.wait_for_function(
        "() => document.querySelector('.cs-grid [aria-selected=true]')?.dataset.row === '1'"
    )
    session.shot(f"{host}-light")


def test_a_row_follows_its_recording_and_says_it_in_words(lab: Any) -> None:
    session = lab([few(), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    status = cell(page, 0, "status").locator("[role=img]")
    assert status.get_attribute("aria-label") == "not yet"
    session.python("images[0].add_roi(col_start=2); images[0].analyze('radon_velocity', roi_id=1)")
    page.locator(f"{ROW.format(0)} [aria-label=measured]").wait_for()
    assert cell(page, 0, "rois").inner_text() == "1"
    speed = float(session.python("print(table.rows[0]['velocity_um_per_s'])"))
    shown = cell(page, 0, "velocity_um_per_s").inner_text().replace("−", "-")
    assert float(shown) == round(speed)
    page.locator(f"{ROW.format(0)} [aria-label='unsaved changes']").wait_for()
    session.python("images[0].edit_roi(1, col_start=4)")
    page.locator(f"{ROW.format(0)} [aria-label=stale]").wait_for()
    assert "moved or resized" in cell(page, 0, "status").get_attribute("title")


def test_accept_and_reject_by_key_and_by_click(voila: Any) -> None:
    session = voila([few(), "display(table)"], dark=True, ready=".cs-table[data-ready='1']")
    page = session.page
    cell(page, 1, "name").click()
    page.keyboard.press("a")
    page.locator(f"{ROW.format(1)} [aria-label=accepted]").wait_for()
    session.wait_python("images[1].accepted", "True")
    page.keyboard.press("x")
    page.locator(f"{ROW.format(1)} [aria-label=rejected]").wait_for()
    cell(page, 3, "accepted").click()
    session.wait_python("images[3].accepted", "True")
    assert selected(page) == ["1"]
    session.shot("voila-dark")


def test_a_broken_file_is_a_row_with_its_reason_and_no_html(lab: Any) -> None:
    session = lab([few(2), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    broken = cell(page, 2, "name")
    assert "<img src=x onerror=alert(1)>.tif" in broken.inner_text().replace("\n", "")
    assert "truncated after 12 bytes" in broken.get_attribute("title")
    assert page.locator(".cs-grid img").count() == 0
    broken.click()
    session.wait_python("table.selected, table.selected_image", "(2, None)")


def test_filter_sort_and_columns(lab: Any) -> None:
    session = lab([few(), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    session.python("images[4].edit_experiment(condition='28d AngII'); images[2].add_roi()")
    search = page.locator(".cs-filter")
    search.fill("angii")
    page.locator(".cs-count", has_text="1 of 7").wait_for()
    session.wait_python("table.order, table.matches", "((4,), 1)")
    search.fill("rois>=1")
    page.locator(".cs-count", has_text="1 of 7").wait_for()
    session.wait_python("table.order", "(2,)")
    search.fill("")
    page.locator(".cs-count", has_text="7 recordings").wait_for()
    headed(page, "Line period").click()
    page.locator(".tabulator-col[aria-sort=descending]").wait_for()
    session.wait_python("table.order", "(5, 4, 3, 2, 1, 0, 6)")  # what is not known is last
    page.keyboard.press("Escape")
    page.locator(".cs-columns > .cs-table-button").click()
    page.locator(".cs-columns-line label", has_text="Channels").click()
    session.wait_python("'channels' in table.hidden", "True")
    page.wait_for_function(
        "() => !document.querySelector('[tabulator-field=channels]')"
        ".checkVisibility({visibilityProperty: true})"
    )


def test_groups_can_be_headed_folded_and_taken_away(lab: Any) -> None:
    session = lab([few(4), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    session.python("images[0].edit_experiment(condition='sham'); table.group_by = 'condition'")
    heads = page.locator(".cs-grid .cs-group")
    heads.nth(1).wait_for()
    assert heads.all_inner_texts() == ["sham · 1 recording", "– · 4 recordings"]
    heads.nth(1).click()
    assert page.locator(".cs-grid .tabulator-row[data-row]").count() == 1
    session.python("table.selected = 2")  # what is selected comes into sight
    page.locator(f"{ROW.format(2)}[aria-selected=true]").wait_for()
    session.python("table.group_by = ''")
    heads.first.wait_for(state="detached")
    assert page.locator(".cs-grid .tabulator-row[data-row]").count() == 5


def test_ten_thousand_rows(lab: Any) -> None:
    session = lab([few(10_000), "display(table)"], ready=".cs-table[data-ready='1']")
    page = session.page
    grid = page.locator(".cs-grid")
    assert grid.get_attribute("aria-rowcount") == "10001"
    assert page.locator(".cs-grid .tabulator-row").count() < 200  # only those near are drawn
    session.python("table.selected = 7777")
    row = page.locator(ROW.format(7777))
    row.wait_for()
    assert row.get_attribute("aria-selected") == "true"
    box, outer = row.bounding_box(), grid.bounding_box()
    assert outer["y"] < box["y"] < outer["y"] + outer["height"]
    session.python("for image in images[7700:7900]: image.edit_experiment(note='x')")
    page.locator(f"{ROW.format(7777)} [aria-label='unsaved changes']").wait_for()
    page.locator(".cs-filter").fill("9999")
    page.locator(".cs-count", has_text="1 of 10,001").wait_for()


def test_the_splitter_moves_its_pane_by_hand_and_by_key(voila: Any) -> None:
    layout = """
app = ipywidgets.Box([table, bar := Splitter(value=340, minimum=200, maximum=600),
                      ipywidgets.VBox([form := MetadataForm(images[0])])])
app.add_class("cs-app")
style = ipywidgets.HTML('''<style>.cs-app { display: grid !important; height: 600px;
  grid-template-columns: var(--left) 6px minmax(0, 1fr); overflow: hidden }
  .cs-app > * { min-width: 0; min-height: 0; overflow: auto; margin: 0 }</style>''')
display(ipywidgets.VBox([style, app]))
"""
    session = voila([few(), layout], ready=".cs-table[data-ready='1']")
    page = session.page
    bar = page.locator(".cs-splitter")

    def width() -> float:
        return round(page.locator(".cs-table").bounding_box()["width"])

    assert width() == 340
    box = bar.bounding_box()
    page.mouse.move(box["x"] + 3, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + 103, box["y"] + 100, steps=4)
    assert width() == 440  # at once, without asking Python
    page.mouse.up()
    session.wait_python("bar.value", "440")
    page.keyboard.press("ArrowLeft")
    session.wait_python("bar.value", "424")
    assert bar.get_attribute("aria-valuenow") == "424"
    session.python("bar.value = 10")
    page.wait_for_function("() => document.querySelector('.cs-table').clientWidth === 200")
    session.shot("splitter")


PANELS = """
parameters = ParameterForm("radon_velocity")
metadata, rois = MetadataForm(images[0]), RoiPanel(images[0])
display(ipywidgets.HBox([parameters, rois, metadata], layout=dict(gap="16px")))
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_forms_take_what_is_typed_and_say_what_is_wrong(voila: Any, dark: bool) -> None:
    session = voila([few(), PANELS], dark=dark, ready=".cs-parameters")
    page = session.page
    window = page.get_by_label("Window", exact=True)
    window.fill("12.5")
    window.press("Enter")
    page.locator(".cs-parameters [role=alert]", has_text="window_lines=12.5").wait_for()
    window.fill("32")
    window.press("Enter")
    session.wait_python("parameters.changed", "{'window_lines': 32}")
    assert page.locator(".cs-parameters [role=alert]:visible").count() == 0

    page.get_by_label("Species", exact=True).fill("mouse")
    page.keyboard.press("Tab")
    session.wait_python("images[0].experiment.species", "'mouse'")
    page.get_by_label("Date", exact=True).fill("yesterday")
    page.keyboard.press("Tab")
    page.locator(".cs-metadata [role=alert]", has_text="YYYY-MM-DD").wait_for()
    session.python("images[0].undo()")
    page.wait_for_function("() => document.querySelector('.cs-metadata input[list]').value === ''")

    page.locator(".cs-rois button", has_text="Add").click()
    page.get_by_label("First pixel", exact=True).fill("5")
    page.keyboard.press("Enter")
    session.wait_python("images[0].rois[0].bounds", "(0, 400, 5, 24)")
    page.locator(".cs-rois", has_text="2.50 µm").wait_for()
    session.shot(f"forms-{'dark' if dark else 'light'}")
