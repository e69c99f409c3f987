"""Several rows at once: selected, edited together, filtered, grouped, arranged and copied."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.test_table import ROW, cell, selected

LAB = """
import numpy as np, ipywidgets, traitlets
import cloudscope as cs
from cloudscope.widgets.metadata_form import MetadataForm

pixels = np.random.default_rng(0).integers(0, 4000, (400, 24)).astype(np.uint16)
images = [
    cs.AcqImage.from_array(pixels, name=f"20250722_A{n // 2}_{n:04d}.tif", line_period_s=0.001)
    for n in range(6)
]
folder = cs.AcqImageList(images)
folder.settings = cs.FolderSettings.from_dict({
    "fields": {
        "weight_g": {"type": "number", "unit": "g", "title": "Body weight"},
        "cohort": {"type": "choice", "choices": ["A", "B"]},
    },
    "names": {"template": "{date:%Y%m%d}_{animal_id}_{_:int}"},
    "table": {"columns": ["name", "animal_id", "condition", "weight_g", "cohort", "rois"]},
})
images[0].edit_experiment(condition="sham", weight_g=21)
images[1].edit_experiment(condition="AngII", weight_g=24.5)
table = cs.FileTable(folder)
form = MetadataForm(folder=folder, table=table)
traitlets.dlink((table, "selected_image"), (form, "image"))
box = ipywidgets.HBox([table, form], layout=dict(height="640px"))
table.layout.width, form.layout.width, form.layout.overflow = "620px", "340px", "auto"
display(box)
"""

READY = ".cs-table[data-ready='1']"


@pytest.mark.parametrize(("host", "dark"), [("lab", False), ("voila", True)])
def test_rows_selected_by_shift_ctrl_and_keys_are_edited_together(
    host: str, dark: bool, request: pytest.FixtureRequest
) -> None:
    session = request.getfixturevalue(host)([LAB], dark=dark, ready=READY)
    page = session.page
    grid = page.locator(".cs-grid").first
    assert grid.get_attribute("aria-multiselectable") == "true"
    cell(page, 0, "name").click()
    cell(page, 2, "name").click(modifiers=["Shift"])
    session.wait_python("table.selected, sorted(table.selected_rows)", "(0, [0, 1, 2])")
    assert selected(page) == ["0", "1", "2"]
    cell(page, 1, "name").click(modifiers=["Control"])
    session.wait_python("sorted(table.selected_rows)", "[0, 2]")
    page.keyboard.press("Escape")
    session.wait_python("table.selected_rows", "[0]")
    page.keyboard.press("Shift+ArrowDown")
    session.wait_python("sorted(table.selected_rows)", "[0, 1]")
    page.locator(".cs-metadata", has_text="2 recordings selected").wait_for()
    lead = grid.get_attribute("aria-activedescendant")
    assert page.locator(f"#{lead}").get_attribute("data-row") == "1"
    session.shot(f"{host}-several")

    fields = page.locator(".cs-metadata")
    condition = fields.get_by_label("Condition", exact=True)
    assert condition.get_attribute("placeholder") == "several values"
    species = fields.get_by_label("Species", exact=True)
    species.fill("mouse")
    species.press("Tab")
    session.wait_python("[i.experiment.species for i in images[:3]]", "['mouse', 'mouse', '']")
    session.wait_python("[i.experiment.condition for i in images[:2]]", "['sham', 'AngII']")
    page.locator(".cs-said", has_text="Species: 2 recordings changed").wait_for()
    page.locator(".cs-said button", has_text="Undo").click()
    session.wait_python("[i.experiment.species for i in images[:3]]", "['', '', '']")

    fields.get_by_label("Cohort", exact=True).select_option("B")
    session.wait_python("[i.experiment.extra.get('cohort') for i in images[:3]]",
                        "['B', 'B', None]")  # fmt: skip
    page.locator(".cs-grid .tabulator-cell[tabulator-field=cohort]", has_text="B").nth(1).wait_for()
    cell(page, 4, "name").click()
    session.wait_python("table.selected_rows, table.selected", "([4], 4)")
    page.locator(".cs-metadata .cs-hint", has_text="selected").wait_for(state="hidden")
    page.locator(f"{ROW.format(4)}.cs-current").wait_for()
    page.keyboard.press("Control+a")
    session.wait_python("len(table.selected_rows), table.selected", "(6, 4)")


def test_columns_are_filtered_grouped_ordered_and_remembered_by_python(lab: Any) -> None:
    session = lab([LAB], ready=READY)
    page = session.page
    assert cell(page, 2, "animal_id").locator(".cs-inferred").count() == 1
    assert "from the file name" in cell(page, 2, "animal_id").get_attribute("title")
    page.locator(".cs-columns > .cs-table-button").click()
    page.get_by_label("Filter by Body weight (g)").fill("20..22")
    page.locator(".cs-chip", has_text="Body weight 20..22").wait_for()
    session.wait_python("table.column_filters, table.order", "({'weight_g': '20..22'}, (0,))")
    session.wait_python("[i.name for i in folder.filter(weight_g='20..22')]",
                        "['20250722_A0_0000.tif']")  # fmt: skip
    page.locator(".cs-chip").click()
    page.locator(".cs-count", has_text="6 recordings").wait_for()

    page.locator(".cs-columns > .cs-table-button").click()
    page.locator(".cs-columns-choice select").first.select_option(label="Animal id")
    heads = page.locator(".cs-grid .cs-group")
    heads.nth(2).wait_for()
    assert heads.all_inner_texts() == [f"A{n} · 2 recordings" for n in range(3)]
    session.wait_python("list(folder.group_by('animal_id'))", "['A0', 'A1', 'A2']")
    page.keyboard.press("Escape")
    heads.nth(1).focus()
    page.keyboard.press("Enter")  # a group is closed from the keyboard
    page.locator(ROW.format(2)).wait_for(state="detached")
    page.locator(".cs-grid .cs-group[aria-expanded=false]:focus", has_text="A1").wait_for()
    page.keyboard.press("Enter")
    page.locator(ROW.format(2)).wait_for()
    cell(page, 0, "name").click()
    page.keyboard.press("ArrowLeft")
    page.locator(ROW.format(1)).wait_for(state="detached")
    page.keyboard.press("ArrowRight")
    page.locator(ROW.format(1)).wait_for()
    session.shot("grouped")

    order = ", ".join(f"'{key}'" for key in ("name", "condition", "animal_id"))
    head = page.locator(".cs-grid .tabulator-col[tabulator-field=condition]")
    head.focus()
    page.keyboard.press("Alt+ArrowLeft")
    session.wait_python(f"[k for k in table.column_order if k in [{order}]]", f"[{order}]")
    session.python("table.group_by, table.sort_by = '', '-weight_g'")
    session.wait_python("table.order[:2]", "(1, 0)")
    page.locator(".tabulator-col[aria-sort=descending]").wait_for()


def test_rows_are_copied_as_a_spreadsheet_takes_them(page: Any, lab: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    session = lab([LAB], ready=READY)
    session.python("images[1].edit_experiment(condition='=1+1')")
    page.locator(".cs-grid .tabulator-cell[tabulator-field=condition]", has_text="=1+1").wait_for()
    cell(page, 0, "name").click()
    page.keyboard.press("Shift+ArrowDown")
    session.wait_python("sorted(table.selected_rows)", "[0, 1]")
    page.keyboard.press("Control+c")
    page.locator(".cs-count", has_text="2 rows copied").wait_for()
    copied = page.evaluate("() => navigator.clipboard.readText()").split("\n")
    assert copied == [
        "Status\tRecording\tAnimal id\tCondition\tBody weight (g)\tCohort\tROIs",
        "not yet\t20250722_A0_0000.tif\tA0\tsham\t21\t\t0",
        "not yet\t20250722_A0_0001.tif\tA0\t'=1+1\t24.5\t\t0",
    ]
