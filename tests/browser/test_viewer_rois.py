"""ROIs by mouse, by keys and from Python: the model and the picture stay in step."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.viewer_screen import READY, STEPS, Screen


def roi_left(screen: Screen, roi_id: int) -> float:
    """Where a ROI starts, as a share of the picture."""
    box = screen.root.locator(f'.cs-roi[data-roi-id="{roi_id}"]').bounding_box()
    plot = screen.plot.bounding_box()
    return float((box["x"] - plot["x"]) / plot["width"])


def test_rois_are_drawn_moved_resized_renamed_deleted_and_undone(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    screen.drag((0.25, 0.25), (0.5, 0.75))
    session.wait_python("[roi.bounds for roi in image.rois]", "[(50, 100, 10, 30)]")
    session.wait_python("viewer.selected_roi_id", "1")
    assert screen.root.locator(".cs-handle:visible").count() == 8
    # move
    screen.drag((0.375, 0.5), (0.475, 0.6))
    session.wait_python("image.rois[0].bounds", "(70, 120, 14, 34)")
    # the right edge, by its handle
    screen.drag((0.6, 24 / 40), (0.8, 24 / 40))
    session.wait_python("image.rois[0].bounds", "(70, 160, 14, 34)")
    # beyond the border it stops there
    screen.drag((0.5, 0.5), (0.99, 0.99))
    session.wait_python("image.rois[0].bounds", "(110, 200, 20, 40)")
    session.shot("roi")
    # Escape during a drag leaves everything as it was
    page.mouse.move(*screen.at(0.75, 0.7))
    page.mouse.down()
    page.mouse.move(*screen.at(0.3, 0.5), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    assert session.python("image.rois[0].bounds") == "(110, 200, 20, 40)"
    # arrows, which go on from there
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    page.keyboard.press("ArrowDown")
    session.wait_python("image.rois[0].bounds", "(99, 189, 19, 39)")
    # rename in place, with text that looks like markup
    page.keyboard.press("F2")
    page.keyboard.type("<b>artery</b>")
    page.keyboard.press("Enter")
    session.wait_python("image.rois[0].name", "'<b>artery</b>'")
    screen.eventually(screen.root.locator(".cs-roi-label").inner_text, "1 <b>artery</b>")
    # the same by mouse
    screen.root.get_by_role("button", name="Rename").click()
    page.keyboard.type("vein")
    page.keyboard.press("Escape")
    assert session.python("image.rois[0].name") == "'<b>artery</b>'"
    assert screen.root.get_by_role("button", name="Delete").is_visible()
    # delete, undo, redo
    page.keyboard.press("Delete")
    session.wait_python("len(image.rois)", "0")
    page.keyboard.press("Control+z")
    session.wait_python("[roi.name for roi in image.rois]", "['<b>artery</b>']")
    page.keyboard.press("Control+y")
    session.wait_python("len(image.rois)", "0")
    for _ in range(5):  # delete, rename and three arrows
        page.keyboard.press("Control+z")
    session.wait_python("image.rois[0].bounds", "(110, 200, 20, 40)")


def test_python_moves_handles_and_a_locked_roi_stays(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    session.python("image.add_roi(row_start=20, row_stop=60, col_start=10, col_stop=30)")
    session.wait_for('.cs-roi[data-roi-id="1"]')
    screen.eventually(lambda: roi_left(screen, 1), pytest.approx(0.1, abs=0.002))
    session.python("image.edit_roi(1, row_start=100, row_stop=140)")
    screen.eventually(lambda: roi_left(screen, 1), pytest.approx(0.5, abs=0.002))
    session.python("image.edit_roi(1, locked=True)")
    session.wait_for(".cs-roi.cs-locked")
    screen.drag((0.6, 0.5), (0.2, 0.5))
    session.wait_python("viewer.selected_roi_id", "1")
    assert screen.root.locator(".cs-handle:visible").count() == 0
    page.keyboard.press("Delete")
    session.wait_for(".cs-news.cs-bad:has-text('locked')")
    assert session.python("image.rois[0].bounds") == "(100, 140, 10, 30)"
    assert session.python("len(image.rois)") == "1"


def test_a_drag_is_not_pulled_back_by_others(lab: Any) -> None:
    session = lab(
        [STEPS, "image.add_roi(row_start=20, row_stop=60, col_start=10, col_stop=30)", "viewer"],
        ready=READY,
    )
    screen, page = Screen(session), session.page
    page.mouse.move(*screen.at(0.2, 0.5))
    page.mouse.down()
    page.mouse.move(*screen.at(0.45, 0.5), steps=5)
    # somebody names it and adds another one meanwhile
    session.python("image.edit_roi(1, name='mine'); image.add_roi(col_stop=5)")
    session.wait_for('.cs-roi-label:has-text("1 mine")')
    screen.eventually(lambda: roi_left(screen, 1), pytest.approx(0.35, abs=0.003))
    page.mouse.up()
    session.wait_python(
        "[(r.name, r.bounds) for r in image.rois]",
        "[('mine', (70, 110, 10, 30)), ('', (0, 200, 0, 5))]",
    )


def test_a_roi_is_edited_in_numbers_and_duplicated(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "roi = image.add_roi(row_start=50, row_stop=100, col_start=10, col_stop=30)\n"
            "viewer.selected_roi_id = 1",
            "viewer",
        ],
        ready=READY,
    )
    screen, page = Screen(session), session.page
    screen.root.get_by_role("button", name="Edit").click()
    editor = session.wait_for(".cs-roi-editor")
    editor.get_by_label("Name").fill("artery")
    editor.get_by_label("Note").fill("<i>upper</i>")
    editor.get_by_label("row start").fill("0.2")
    editor.get_by_label("col stop").fill("99")  # µm: beyond the line
    editor.get_by_label("col stop").press("Tab")
    session.wait_python("image.rois[0].bounds", "(20, 100, 10, 40)")
    session.wait_python("image.rois[0].name, image.rois[0].note", "('artery', '<i>upper</i>')")
    editor.get_by_role("radio").nth(2).click()
    session.wait_python("image.rois[0].color", "'#3ddbd9'")
    session.shot("roi-editor")
    editor.get_by_role("button", name="Duplicate").click()
    session.wait_python(
        "[(r.name, r.bounds, r.color) for r in image.rois][1]",
        "('artery copy', (20, 100, 10, 40), '#3ddbd9')",
    )
    session.wait_python("viewer.selected_roi_id", "2")
    session.wait_for(".cs-roi-editor b:has-text('2 artery copy')")
    editor.get_by_role("button", name="Delete").click()
    session.wait_python("len(image.rois)", "1")
    screen.root.get_by_role("button", name="Undo", exact=True).click()
    session.wait_python("len(image.rois)", "2")
    page.mouse.click(*screen.at(0.3, 0.5))
    page.keyboard.press("Shift+D")
    session.wait_python("len(image.rois)", "3")
