"""Where a recording is and what a velocity rests on: reference image and streak, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.viewer_screen import READY, Screen

REFERENCE = """
import numpy as np, cloudscope as cs
rng = np.random.default_rng(1)
tissue = rng.integers(0, 300, (128, 128)).astype(np.uint16)
tissue[:, 60:68] = 2000
np.savez("vessel.npz", image=rng.integers(0, 900, (400, 30)).astype(np.uint16),
         line_period_s=0.001, pixel_size_um=0.5, reference=tissue,
         reference_pixel_size_um=0.5, scan_line=[[64.0, 30.0], [64.0, 90.0]])
image = cs.AcqImage("vessel.npz")
viewer = cs.KymographViewer(image)
"""


def test_the_reference_image_has_the_line_on_it(lab: Any) -> None:
    session = lab([REFERENCE, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    button = screen.root.get_by_role("button", name="Reference", exact=True)
    button.click()
    panel = session.wait_for(".cs-reference")
    assert "line of 30.0 µm" in panel.inner_text()
    page.wait_for_function("() => document.querySelector('.cs-reference img').naturalWidth === 128")
    box = panel.locator("img").bounding_box()
    way = panel.locator(".cs-reference-way").bounding_box()
    middle = (way["x"] + way["width"] / 2 - box["x"]) / box["width"]
    assert middle == pytest.approx(64.5 / 128, abs=0.01)
    assert way["height"] / box["height"] == pytest.approx(60 / 128, abs=0.03)
    session.shot("reference")
    # it takes no ROI gestures, goes to the other side and away, also by key
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 90, steps=4)
    page.mouse.up()
    panel.get_by_label("Reference image to the other side").click()
    screen.eventually(lambda: panel.bounding_box()["x"] < box["x"], True)
    assert session.python("image.rois") == "()"
    panel.get_by_label("Close the reference image").click()
    session.wait_python("viewer.show_reference", "False")
    page.mouse.move(*screen.at(0.8, 0.3))
    screen.root.focus()
    page.keyboard.press("p")
    session.wait_for(".cs-reference")
    session.python("viewer.image = cs.AcqImage.from_array(np.zeros((50, 8)))")
    panel.wait_for(state="hidden")


STREAKS = """
import numpy as np, cloudscope as cs
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.streak_probe import StreakProbePanel
truth = velocity_kymograph(300.0, lines=1200, pixels=36, seed=6).image
image = cs.AcqImage.from_array(truth, line_period_s=0.001, pixel_size_um=0.5)
image.analyze("radon_velocity")
viewer = cs.KymographViewer(image)
probe = StreakProbePanel(viewer, StatusLine())
probe.pick(0.5)
def chosen():
    columns = image.result("radon_velocity").columns
    row = probe.place[2]
    return round(float(columns["velocity_um_per_s"][row])), str(columns["status"][row])
"""


def test_a_streak_is_turned_by_hand_and_kept_as_one_step(lab: Any) -> None:
    session = lab([STREAKS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    session.wait_for(".cs-streak-slope")
    before = session.python("chosen()")
    handle = screen.root.get_by_role("slider", name="Slope of the streaks")
    session.shot("streak")
    knob = handle.locator("circle").nth(1).bounding_box()
    start = (knob["x"] + 6, knob["y"] + 6)
    plot = screen.plot.bounding_box()
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.62, plot["y"] + plot["height"] * 0.6, steps=6)
    text = session.wait_for(".cs-streak-text").text_content()
    assert "µm/s" in text
    assert session.python("chosen()") == before  # only a preview
    session.shot("streak-turned")
    page.mouse.up()
    velocity = float(text.replace("−", "-").replace(",", "").split()[0])
    assert velocity < 0
    session.wait_python("chosen()[1]", "'manual'")
    assert int(session.python("chosen()[0]")) == pytest.approx(velocity, abs=1.5)
    assert session.python("len(image.rois), image.undo_label") == "(0, 'overrule a velocity')"
    # one step back; then by keys
    session.python("image.undo()")
    session.wait_python("chosen()", before)
    handle.focus()
    for _ in range(4):
        page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("Escape")
    assert session.python("chosen()") == before
    handle.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    session.wait_python("chosen()[1]", "'manual'")
    said = handle.get_attribute("aria-valuetext").split()[0]
    assert int(session.python("chosen()[0]")) == pytest.approx(float(said), abs=1.5)
