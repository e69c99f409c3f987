"""Traces while the hand moves: previews of what is dragged, and stretches selected on them."""

from __future__ import annotations

from typing import Any

CELLS = [
    """
import cloudscope as cs
from cloudscope.synthetic import velocity_kymograph

truth = velocity_kymograph(600.0, lines=6000, pixels=32, snr=3.0, seed=4)
image = cs.AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5, name="scan")
image.add_roi(row_start=500, row_stop=5500, col_start=2, col_stop=30)
for analysis in ("radon_velocity", "velocity_events", "intensity"):
    image.analyze(analysis, roi_id=1)
app = cs.App(cs.AcqImageList([image]), height_px=820)
app.viewer.selected_roi_id = 1
app
"""
]
READY = ".cs-trace-of-radon_velocity .bqplot path.line[d*=L]"
SKETCH = ".cs-trace-of-radon_velocity .cs-sketch > .cs-sketch-line"
PILL = ".cs-trace-of-radon_velocity .cs-preview"
AREA = ".cs-trace-of-radon_velocity .cs-pointer-area"


def box_of(page: Any, selector: str) -> dict[str, float]:
    box: dict[str, float] = page.locator(selector).first.bounding_box()
    return box


def test_the_trace_follows_the_hand_and_is_a_preview_until_run(voila: Any) -> None:
    session = voila(CELLS, ready=READY)
    page = session.page
    page.locator(".cs-viewer[data-crisp=true]").wait_for()
    roi = box_of(page, ".cs-roi[data-roi-id='1']")
    x, y = roi["x"] + roi["width"] / 2, roi["y"] + 1
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x, y + 6 * step)
    pill = page.locator(PILL)
    pill.wait_for()  # while the button is down
    sketch = page.locator(SKETCH)
    sketch.first.wait_for(state="attached")
    assert page.locator(READY).first.evaluate("el => getComputedStyle(el).visibility") == "hidden"
    drawn = sketch.first.get_attribute("d")
    page.mouse.move(x, y + 60)
    page.wait_for_function(
        "([line, d]) => document.querySelector(line)?.getAttribute('d') !== d", arg=[SKETCH, drawn]
    )
    bounds = "app.viewer.dragged[1]"
    page.wait_for_function(
        "([line, b]) => document.querySelector(line).parentElement.dataset.bounds === b",
        arg=[SKETCH, ",".join(session.python(bounds).strip("()").split(", "))],
    )
    assert session.python("app.image.rois[0].col_stop") == "30"
    dragged = session.python("app.viewer.dragged[1]")
    session.shot("dragging")
    page.mouse.up()
    session.wait_python("app.image.rois[0].bounds", dragged, timeout_s=30)
    page.locator(f"{PILL}[data-whole=true]").wait_for(timeout=60_000)
    assert session.python("app.image.results[('radon_velocity', 0, 1)].bounds[3]") == "30"
    session.shot("at-rest")

    page.locator(".cs-analysis-radon_velocity .cs-primary").first.click()
    pill.wait_for(state="detached", timeout=60_000)
    sketch.first.wait_for(state="detached")  # what is kept is drawn by the figure again
    page.wait_for_function(
        "line => getComputedStyle(document.querySelector(line)).visibility === 'visible'", arg=READY
    )
    session.wait_python("app.image.results[('radon_velocity', 0, 1)].bounds", dragged, timeout_s=60)

    window = page.locator(".cs-analysis-radon_velocity input").first
    window.fill("96")
    window.press("Enter")
    pill.wait_for()
    session.wait_python(
        "p.result.parameters['window_lines'] if "
        "(p := app.view.traces['radon_velocity'].preview) else None", "96", timeout_s=30,
    )  # fmt: skip
    assert (
        session.python("app.image.results[('radon_velocity', 0, 1)].parameters['window_lines']")
        == "64"
    )


def test_a_drag_that_is_given_up_with_escape_brings_the_trace_back(voila: Any) -> None:
    session = voila(CELLS, ready=READY)
    page = session.page
    page.locator(".cs-viewer[data-crisp=true]").wait_for()
    roi = box_of(page, ".cs-roi[data-roi-id='1']")
    x, y = roi["x"] + roi["width"] / 2, roi["y"] + 1
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 20)
    page.mouse.move(x, y + 30)
    page.locator(PILL).wait_for()
    page.keyboard.press("Escape")
    page.mouse.up()
    page.locator(PILL).wait_for(state="detached")
    assert session.python("app.image.rois[0].bounds") == "(500, 5500, 2, 30)"


def test_a_stretch_by_mouse_and_by_keys(lab: Any) -> None:
    session = lab(CELLS, ready=READY)
    page = session.page
    session.wait_python("app.view.traces['radon_velocity']._pointer.width_px > 100", "True")
    page.locator(AREA).scroll_into_view_if_needed()
    area = box_of(page, AREA)
    y = area["y"] + area["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(area["x"] + 0.25 * area["width"], y)
    page.mouse.down()
    page.mouse.move(area["x"] + 0.4 * area["width"], y)
    page.mouse.move(area["x"] + 0.5 * area["width"], y)
    page.mouse.up()
    page.keyboard.up("Shift")
    session.wait_python("[round(t, 1) for t in app.view.stack.brush or ()]", "[1.5, 3.0]")
    other = page.locator(".cs-trace-of-intensity .cs-brush")
    page.wait_for_function(
        "() => document.querySelector('.cs-trace-of-intensity .cs-brush').style.width !== ''"
    )
    assert other.bounding_box()["width"] > 0.2 * area["width"]
    assert session.python("app.viewer.time_range") == "(0.0, 6.0)"
    page.locator(".cs-stretch .cs-numbers", has_text="Velocity").wait_for()
    session.shot("stretch")
    page.locator(".cs-stretch").get_by_role("button", name="New event from it").click()
    session.wait_python("app.image.results[('velocity_events', 0, 1)].summary['user_events']", "1")
    page.locator(".cs-trace-of-radon_velocity .cs-mark-band.cs-kind-user").wait_for()
    page.locator(".cs-stretch").get_by_role("button", name="New ROI from it").click()
    session.wait_python("len(app.image.rois)", "2")
    assert session.python("abs(app.image.rois[1].row_start - 1500) < 30") == "True"

    page.locator(AREA).focus()
    page.keyboard.press("Escape")
    session.wait_python("app.view.stack.brush is None", "True")
    # what is below the panel moves up when it goes: a mouse at rest there would take the cursor
    page.locator(".cs-stretch").wait_for(state="hidden")
    page.mouse.move(2, 2)
    session.drawn()
    session.wait_python("app.viewer.cursor_s is None", "True")
    for key in (".", "[", ">", ">", "]"):
        page.keyboard.press(key)
    session.wait_python("[round(t, 2) for t in app.view.stack.brush or ()]", "[3.0, 3.24]")
    session.dark()
    session.shot("stretch-dark")

    page.get_by_role("button", name="Intensity", exact=True).first.click()
    page.locator(".cs-trace-of-intensity").wait_for(state="detached")
    session.wait_python("app.view.stack.shown", "('radon_velocity',)")


WALLS = [
    """
import cloudscope as cs
from cloudscope.synthetic import diameter_kymograph

truth = diameter_kymograph(20.0, lines=4000, pixels=80, pixel_size_um=0.5, snr=8.0, seed=2)
image = cs.AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5, name="vessel")
image.add_roi(row_start=500, row_stop=3500, col_start=6, col_stop=76)
image.analyze("diameter", roi_id=1)
app = cs.App(cs.AcqImageList([image]), height_px=820)
app.viewer.selected_roi_id = 1
app
"""
]


def test_walls_follow_the_hand_too(voila: Any) -> None:
    session = voila(WALLS, ready=".cs-trace-of-diameter .bqplot path.line[d*=L]")
    page = session.page
    page.locator(".cs-viewer[data-crisp=true][data-marks='1'][data-previewed-walls='0']").wait_for()
    roi = box_of(page, ".cs-roi[data-roi-id='1']")
    x, y = roi["x"] + roi["width"] - 1, roi["y"] + roi["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(x - 8 * step, y)
    page.locator(".cs-viewer[data-previewed-walls='1']").wait_for()
    session.wait_python("app.viewer.previewed_walls[0]", "1")
    assert session.python("app.image.rois[0].row_stop") == "3500"
    session.shot("walls-dragging")
    page.mouse.up()
    session.wait_python("app.image.rois[0].row_stop < 3400", "True")
    page.locator(".cs-trace-of-diameter .cs-preview[data-whole=true]").wait_for(timeout=60_000)
    page.locator(".cs-viewer[data-marks='1'][data-previewed-walls='1']").wait_for()
    page.keyboard.press("Escape")
    page.locator(".cs-analysis-diameter .cs-primary").first.click()
    page.locator(".cs-viewer[data-marks='1'][data-previewed-walls='0']").wait_for(timeout=60_000)
    session.wait_python("app.viewer.previewed_walls is None", "True")
