"""A ROI by each of its handles and by every key, and in two viewers and a form at once."""

from __future__ import annotations

from typing import Any

from tests.browser.viewer_screen import READY, STEPS, Screen

BOUNDS = (50, 150, 10, 30)


def drawn(screen: Screen, roi_id: int = 1) -> list[float]:
    """Where a ROI is on the screen, as shares of the picture: left, right, bottom, top."""
    box = screen.root.locator(f'.cs-roi[data-roi-id="{roi_id}"]').bounding_box()
    plot = screen.plot.bounding_box()
    left, down = (box["x"] - plot["x"]) / plot["width"], (box["y"] - plot["y"]) / plot["height"]
    right, bottom = left + box["width"] / plot["width"], down + box["height"] / plot["height"]
    return [round(share, 2) for share in (left, right, 1 - bottom, 1 - down)]


def test_each_handle_moves_its_sides_alone(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "image.add_roi(row_start=50, row_stop=150, col_start=10, col_stop=30)\n"
            "viewer.selected_roi_id = 1",
            "viewer",
        ],
        ready=READY,
    )
    screen, page = Screen(session), session.page
    session.wait_for(".cs-handle:visible")
    assert screen.root.locator(".cs-handle:visible").count() == 8
    xs = {-1: 0.25, 0: 0.5, 1: 0.75}  # time along x, position up y
    for across in (-1, 0, 1):
        for up in (-1, 0, 1):
            if across == up == 0:
                continue
            start = (xs[across], xs[up])
            screen.drag(start, (start[0] + 0.1 * across, start[1] + 0.1 * up))
            moved = list(BOUNDS)
            if across:
                moved[0 if across < 0 else 1] += 20 * across
            if up:
                moved[2 if up < 0 else 3] += 4 * up
            session.wait_python("image.rois[0].bounds", str(tuple(moved)))
            page.keyboard.press("Control+z")
            session.wait_python("image.rois[0].bounds", str(BOUNDS))
            screen.eventually(lambda: drawn(screen), [0.25, 0.75, 0.25, 0.75])
    # past its other side an edge stops: there is always a ROI left
    screen.drag((0.75, 0.5), (0.1, 0.5))
    session.wait_python("image.rois[0].bounds", "(50, 51, 10, 30)")
    # and one so small can still be taken by its middle
    screen.drag((50.5 / 200, 0.5), (100.5 / 200, 0.5))
    session.wait_python("image.rois[0].bounds", "(100, 101, 10, 30)")


def test_every_key_of_a_roi(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "image.add_roi(row_start=20, row_stop=180, col_start=4, col_stop=36, name='large')\n"
            "image.add_roi(row_start=80, row_stop=120, col_start=15, col_stop=25, name='small')",
            "viewer",
        ],
        ready=READY,
    )
    screen, page = Screen(session), session.page
    # the smaller of two is hit where both are, the larger beside it
    page.mouse.click(*screen.at(0.5, 0.5))
    session.wait_python("viewer.selected_roi_id", "2")
    page.mouse.click(*screen.at(0.2, 0.5))
    session.wait_python("viewer.selected_roi_id", "1")
    page.keyboard.press("n")
    session.wait_python("viewer.selected_roi_id", "2")
    page.keyboard.press("Shift+N")
    session.wait_python("viewer.selected_roi_id", "1")
    page.keyboard.press("n")
    session.wait_python("viewer.selected_roi_id", "2")
    second = "image.roi(2).bounds"
    for key, bounds in (
        ("Alt+ArrowRight", "(80, 121, 15, 25)"),
        ("Alt+Shift+ArrowUp", "(80, 121, 15, 35)"),
        ("Alt+ArrowDown", "(80, 121, 15, 34)"),
        ("ArrowUp", "(80, 121, 16, 35)"),
        ("Shift+ArrowUp", "(80, 121, 21, 40)"),  # as far as there is room
        ("w", "(80, 121, 0, 40)"),
        ("t", "(0, 200, 0, 40)"),
    ):
        page.keyboard.press(key)
        session.wait_python(second, bounds)
    # locked it stays, unlocked it moves
    page.keyboard.press("l")
    session.wait_python("image.roi(2).locked", "True")
    page.keyboard.press("w")
    session.wait_for(".cs-news.cs-bad:has-text('locked')")
    page.keyboard.press("l")
    session.wait_python("image.roi(2).locked", "False")
    # deleted, and brought back by the button of the news
    page.keyboard.press("Delete")
    session.wait_python("[roi.roi_id for roi in image.rois]", "[1]")
    news = session.wait_for(".cs-news:has-text('Deleted ROI 2 small')")
    news.get_by_role("button", name="Undo").click()
    session.wait_python("[roi.name for roi in image.rois]", "['large', 'small']")
    # the drawing tool draws on top of others
    page.mouse.click(*screen.at(0.5, 0.02))
    page.keyboard.press("d")
    screen.drag((0.3, 0.3), (0.6, 0.6))
    session.wait_python("image.rois[-1].bounds", "(60, 120, 12, 24)")
    assert session.python("image.roi(1).bounds") == "(20, 180, 4, 36)"


def test_two_viewers_and_a_form_stay_in_step(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "import ipywidgets\n"
            "from cloudscope.widgets.roi_panel import RoiPanel\n"
            "viewer.height_px = 120\n"
            "other = cs.KymographViewer(image, height_px=120)\n"
            "panel = RoiPanel(image)\n"
            "image.add_roi(row_start=50, row_stop=100, col_start=10, col_stop=30)\n"
            "panel.selected_roi_id = 1\n"
            "ipywidgets.HBox([ipywidgets.VBox([viewer, other], layout={'width': '70%'}), panel])",
        ],
        ready=READY,
    )
    one, two, page = Screen(session, 0), Screen(session, 1), session.page
    box = lambda screen: screen.root.locator('.cs-roi[data-roi-id="1"]')  # noqa: E731

    share = lambda screen: drawn(screen)[0]  # noqa: E731

    two.eventually(lambda: share(two), 0.25)
    one.drag((0.375, 0.5), (0.475, 0.5))
    session.wait_python("image.rois[0].bounds", "(70, 120, 10, 30)")
    two.eventually(lambda: share(two), 0.35)
    first = page.get_by_label("First line", exact=True)
    two.eventually(first.input_value, "70")
    # while the hand holds it in one, the other does not move it, and takes nothing back
    page.mouse.move(*two.at(0.475, 0.5))
    page.mouse.down()
    page.mouse.move(*two.at(0.575, 0.5), steps=4)
    page.mouse.move(*two.at(0.675, 0.5), steps=4)
    two.eventually(lambda: share(two), 0.55)
    page.mouse.up()
    session.wait_python("image.rois[0].bounds", "(110, 160, 10, 30)")
    one.eventually(lambda: share(one), 0.55)
    two.eventually(first.input_value, "110")
    # typed in the form, in pixels and in seconds; refused where it cannot be
    first.fill("0.4 s")
    first.press("Enter")
    session.wait_python("image.rois[0].bounds", "(40, 160, 10, 30)")
    one.eventually(lambda: (share(one), share(two)), (0.2, 0.2))
    first.fill("somewhere")
    first.press("Enter")
    page.locator(".cs-rois [role=alert]", has_text="somewhere").wait_for()
    assert session.python("image.rois[0].bounds") == "(40, 160, 10, 30)"
    page.get_by_label("Locked").check()
    box(two).and_(page.locator(".cs-locked")).wait_for()
    session.python("image.undo()")
    box(two).and_(page.locator(":not(.cs-locked)")).wait_for()
