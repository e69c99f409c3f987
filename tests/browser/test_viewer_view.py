"""Ways through a recording and how bright it is drawn, by keys, mouse and menus: pixels, state."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cloudscope.widgets.colormaps import COLORMAPS, colormap_table
from tests.browser.viewer_screen import READY, Screen

# ten stretches of 2,000 lines, each brighter by 100; in a file, with a result
STAIRS = """
import hashlib, numpy as np, cloudscope as cs
pixels = np.repeat(np.arange(20_000) // 2000 * 100, 64).reshape(20_000, 64).astype("u2")
np.save("stairs.npy", pixels)
image = cs.AcqImage("stairs.npy")
image.set_calibration(line_period_s=0.001, pixel_size_um=0.25)
image.analyze("intensity")
image.save()
viewer = cs.KymographViewer(image, contrast=(0, 900))
"""


def gray(step: int, most: int = 9) -> list[int]:
    """What the stretch number `step` looks like."""
    return [round(255 * step / most)] * 3


def near(color: list[int]) -> Any:
    return pytest.approx(color, abs=1)


def test_keys_minimap_and_scale_bars(lab: Any) -> None:
    session = lab([STAIRS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    page.mouse.click(*screen.at(0.5, 0.5))
    page.keyboard.press("1")  # one line a pixel of the screen
    wide = screen.plot.bounding_box()["width"]
    screen.eventually(lambda: 1000 * _length(screen), pytest.approx(wide, abs=1))
    page.keyboard.press("End")
    screen.eventually(lambda: screen.range("time-range")[1], pytest.approx(20))
    screen.eventually(lambda: screen.colors((0.9, 0.5))[0], near(gray(9)))
    page.keyboard.press("Home")
    screen.eventually(lambda: screen.range("time-range")[0], pytest.approx(0))
    screen.eventually(lambda: screen.colors((0.1, 0.5))[0], near(gray(0)))
    page.keyboard.press("PageDown")
    screen.eventually(lambda: screen.range("time-range")[0], pytest.approx(0.9e-3 * wide, abs=2e-3))
    page.keyboard.press("[")
    screen.eventually(lambda: screen.range("time-range")[0], pytest.approx(0))
    page.keyboard.press("]")
    screen.eventually(lambda: screen.range("time-range")[0], pytest.approx(0.9e-3 * wide, abs=2e-3))

    # the minimap: a click goes there, dragging its window takes the picture along
    small = screen.root.locator(".cs-minimap").bounding_box()
    at = lambda share: (small["x"] + share * small["width"], small["y"] + 11)  # noqa: E731
    page.mouse.click(*at(0.75))
    screen.eventually(lambda: sum(screen.range("time-range")) / 2, pytest.approx(15, abs=0.05))
    screen.eventually(lambda: screen.colors((0.5, 0.5))[0], near(gray(7)))
    page.mouse.move(*at(0.75))
    page.mouse.down()
    page.mouse.move(*at(0.55), steps=6)
    page.mouse.up()
    screen.eventually(lambda: sum(screen.range("time-range")) / 2, pytest.approx(11, abs=0.05))
    screen.eventually(lambda: screen.colors((0.5, 0.5))[0], near(gray(5)))
    session.wait_python("abs(sum(viewer.time_range) / 2 - 11) < 0.05", "True")

    # zoom to a ROI chosen by key, closer, farther
    session.python("image.add_roi(row_start=4000, row_stop=6000, col_start=16, col_stop=48)")
    page.locator('.cs-roi[data-roi-id="1"]').wait_for(state="attached")  # out of view
    page.locator(".cs-viewer").first.focus()
    page.keyboard.press("n")
    session.wait_python("viewer.selected_roi_id", "1")
    page.keyboard.press("r")
    screen.shows(time=(3.9, 6.1), position=(3.6, 12.4), within=0.01)
    screen.eventually(lambda: screen.colors((0.3, 0.02))[0], near(gray(2)))  # beside it
    page.keyboard.press("+")
    screen.eventually(lambda: _length(screen), pytest.approx(2.2 / 1.6, rel=0.01))
    page.keyboard.press("-")
    screen.eventually(lambda: _length(screen), pytest.approx(2.2, rel=0.01))
    # the bar is as long as it says
    bar = screen.root.locator(".cs-scale").first
    assert bar.is_visible()
    value, unit = re.fullmatch(r"([\d.,]+) (m?s)", bar.inner_text().strip()).groups()
    seconds = float(value.replace(",", "")) * {"s": 1, "ms": 1e-3}[unit]
    drawn = bar.locator("b").bounding_box()["width"] / screen.plot.bounding_box()["width"]
    assert drawn * _length(screen) == pytest.approx(seconds, rel=0.02)
    page.keyboard.press("b")
    bar.wait_for(state="hidden")
    session.wait_python("viewer.scale_bar", "False")
    page.keyboard.press("f")
    screen.shows(time=(0, 20), position=(0, 16))
    session.shot("stairs")


def _length(screen: Screen) -> float:
    start, stop = screen.range("time-range")
    return stop - start


def test_contrast_gamma_and_maps_by_hand_are_kept_and_touch_no_number(lab: Any) -> None:
    session = lab([STAIRS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    screen.crisp()
    digest = "hashlib.sha256(image.kymograph().tobytes()).hexdigest()"
    before = session.python(f"numbers = dict(image.results); {digest}")
    dark, middle, bright = (((step + 0.5) / 10, 0.5) for step in (0, 2, 9))
    # every map of the menu, at both ends and between
    menu = screen.root.get_by_label("Colour map")
    assert menu.locator("option").count() == len(COLORMAPS)
    for name in COLORMAPS:
        menu.select_option(name)
        table = colormap_table(name).astype(int)
        expected = [table[0].tolist(), table[round(255 * 2 / 9)].tolist(), table[255].tolist()]
        screen.eventually(
            lambda: screen.colors(dark, middle, bright),
            [pytest.approx(color, abs=2) for color in expected],
        )
        session.wait_python("viewer.lut", repr(name))
    screen.root.focus()
    page.keyboard.press("i")
    session.wait_python("viewer.lut", "'inverted gray'")
    screen.eventually(lambda: screen.colors(dark)[0], near([255] * 3))
    page.keyboard.press("i")
    screen.eventually(lambda: screen.colors(dark)[0], near([0] * 3))

    # both ends of the small histogram, in the toolbar
    small = screen.root.locator(".cs-contrast > .cs-histogram").bounding_box()
    at = lambda x: (small["x"] + x, small["y"] + 12)  # noqa: E731
    for start, stop in ((3, 33), (93, 63)):
        page.mouse.move(*at(start))
        page.mouse.down()
        page.mouse.move(*at(stop), steps=5)
        page.mouse.up()
    session.wait_python("[round(c / 30) for c in viewer.contrast]", "[10, 20]")
    screen.eventually(lambda: screen.colors(dark, bright), [near([0] * 3), near([255] * 3)])
    screen.colored({(0.25, 0.5): [0] * 3, (0.65, 0.5): [255] * 3})

    # numbers, gamma, and how it is chosen by itself
    page.get_by_title("Contrast in numbers, gamma").click()
    dialog = page.get_by_role("dialog", name="Contrast")
    dialog.get_by_label("Darkest").fill("100")
    dialog.get_by_label("Brightest").fill("900")
    dialog.get_by_label("Brightest").press("Tab")
    session.wait_python("viewer.contrast", "(100.0, 900.0)")
    screen.eventually(lambda: screen.colors(middle)[0], near([round(255 / 8)] * 3))
    dialog.get_by_label("Gamma").fill("0.3")  # the exponent of ten
    session.wait_python("viewer.gamma", "1.995")
    screen.eventually(lambda: screen.colors(middle)[0], near([round(255 * (1 / 8) ** 1.995)] * 3))
    dialog.get_by_role("button", name="Gamma 1").click()
    screen.eventually(lambda: screen.colors(middle)[0], near([round(255 / 8)] * 3))
    dialog.get_by_label("Automatic contrast").select_option("full range")
    screen.eventually(lambda: screen.colors(middle)[0], near(gray(2)))
    dialog.get_by_label("Darkest").fill("300")
    dialog.get_by_label("Darkest").press("Tab")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    menu.select_option("magma")
    session.wait_python("viewer.contrast, viewer.lut", "((300.0, 900.0), 'magma')")

    # kept with the recording as a setting of its display, and as nothing else
    session.python("image.save()")
    shown = "again.display[0].contrast, again.display[0].lut, viewer2.contrast, viewer2.lut"
    kept = "((300.0, 900.0), 'magma', (300.0, 900.0), 'magma')"
    session.python("again = cs.AcqImage('stairs.npy'); viewer2 = cs.KymographViewer(again)")
    session.wait_python(shown, kept)
    assert session.python(digest) == before
    same = "all(again.results[key].same_numbers(result) for key, result in numbers.items())"
    assert session.python(same) == "True"
    page.keyboard.press("Control+z")  # each gesture is a step
    session.wait_python("viewer.lut", "'gray'")
    page.keyboard.press("Control+z")
    session.wait_python("viewer.contrast == (300.0, 900.0)", "False")
