"""The viewer as a user meets it: real JupyterLab and Voila, mouse, wheel and keys, pixels."""

from __future__ import annotations

import math
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.browser.viewer_screen import READY, STEPS, Screen

LONG = """
import numpy as np, cloudscope as cs
line = np.arange(512, dtype=np.uint16)
pixels = np.broadcast_to(line, (100_000, 512)).copy()
pixels[50_000] = 60_000
pixels[::2, 100] = 4000
image = cs.AcqImage.from_array(pixels, line_period_s=0.001, pixel_size_um=0.25, name="long")
viewer = cs.KymographViewer(image, contrast=(0, 600))
sent = []
send = viewer.send
def counted(content, buffers=None):
    sent.append(sum(memoryview(b).nbytes for b in buffers or ()))
    send(content, buffers)
viewer.send = counted
"""


@pytest.fixture(params=["auto", "canvas"])
def renderer(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_the_picture_shows_the_pixels_time_to_the_right(lab: Any, renderer: str) -> None:
    session = lab([STEPS, f"viewer.renderer = {renderer!r}", "viewer"], ready=READY)
    screen = Screen(session)
    screen.crisp()
    session.shot(f"steps-{renderer}")
    assert screen.data("renderer") == ("canvas" if renderer == "canvas" else "webgl2")
    # position 15-20 µm is on top, and bright from the start
    screen.colored({(0.25, 0.3): [0] * 3, (0.75, 0.5): [255] * 3, (0.25, 0.9): [255] * 3})
    # colours and contrast change the picture without a single message from Python
    session.python("viewer.lut = 'inverted gray'; viewer.contrast = (0, 2000)")
    screen.colored({(0.25, 0.3): [255] * 3, (0.75, 0.5): [127] * 3})


def test_a_hundred_thousand_lines_arrive_in_pieces(lab: Any) -> None:
    session = lab([LONG, "viewer"], ready=READY)
    screen = Screen(session)
    screen.crisp()
    session.shot("long")
    whole = 100_000 * 512 * 2
    assert int(session.python("sum(sent)")) < whole / 20
    # the mean of 0 and 4000 where every second line is bright: no line was skipped
    column = screen.colors((0.3, 100.5 / 512), (0.3, 1 / 512))
    assert column[0][0] == 255
    assert column[1][0] < 5
    # zoom to one bright line in the middle: crisp tiles follow
    session.python("viewer.time_range = (49.99, 50.01)")
    screen.shows(time=(49.99, 50.01))
    screen.crisp()
    at = 10.5 / 20
    screen.colored({(at, 0.1): [255] * 3})
    session.shot("long-zoomed")
    before, after = screen.colors((at - 1 / 20, 0.1), (at + 1 / 20, 0.1))
    assert before[0] < 40
    assert after[0] < 40
    assert int(session.python("sum(sent)")) < whole / 10


def test_wheel_pan_and_box_move_the_view_and_its_traits(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen = Screen(session)
    page = session.page
    page.mouse.move(*screen.at(0.5, 0.5))
    for _ in range(5):
        page.mouse.wheel(0, -120)
    half = math.exp(-5 * 120 * 0.0022)  # of the recording, about the pointer in its middle
    screen.shows(time=(1 - half, 1 + half), position=(0, 20), within=0.02)
    start, stop = screen.range("time-range")
    session.wait_python("viewer.time_range[1] < 2", "True")
    # drag with the pan tool: the picture follows the hand
    page.keyboard.press("Escape")
    page.locator('[data-command="tool-pan"]').click()
    screen.drag((0.5, 0.5), (0.7, 0.5))
    by = 0.2 * (stop - start)
    screen.shows(time=(start - by, stop - by), within=0.01)
    # back, forward, fit
    page.locator('[data-command="back"]').click()
    screen.shows(time=(start, stop))
    page.locator('[data-command="forward"]').click()
    screen.shows(time=(start - by, stop - by), within=0.01)
    page.locator('[data-command="fit"]').click()
    screen.shows(time=(0, 2))
    # Shift drags a box
    page.locator('[data-command="tool-select"]').click()
    page.keyboard.down("Shift")
    screen.drag((0.25, 0.25), (0.5, 0.75))
    page.keyboard.up("Shift")
    screen.shows(time=(0.5, 1), position=(5, 15), within=0.2)
    screen.shows(time=(0.5, 1), within=0.02)
    assert session.python("len(image.rois)") == "0"


def test_the_cursor_is_read_out_and_shared(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    page.mouse.move(*screen.at(0.755, 0.51))
    session.python("viewer.time_range = (0, 1)")
    screen.reads("0.75 s", "10.2 µm", "0")
    page.mouse.move(5, 5)
    session.python("viewer.fit()")
    screen.shows(time=(0, 2))
    page.mouse.move(*screen.at(0.755, 0.51))
    screen.reads("1.51 s", "10.2 µm", "1,000")
    session.wait_python("round(viewer.cursor_s, 2)", "1.51")
    page.mouse.move(5, 5)
    session.wait_python("viewer.cursor_s", "")
    session.python("viewer.cursor_s = 0.5")
    line = session.wait_for(".cs-cursor").bounding_box()
    assert line["x"] == pytest.approx(screen.at(0.25, 0)[0], abs=1.5)


def test_two_views_of_one_model_stay_in_step_and_survive_hiding(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "import ipywidgets as w\n"
            "tabs = w.Tab([viewer, w.VBox([viewer])], titles=['one', 'two'])\ntabs",
        ],
        ready=READY,
    )
    page = session.page
    page.get_by_role("tab", name="two").click()
    second = Screen(session, 1)
    page.wait_for_function(
        "() => document.querySelectorAll('.cs-viewer')[1]?.dataset.crisp === 'true'"
    )
    second.colored({(0.25, 0.3): [0] * 3, (0.75, 0.5): [255] * 3})
    second.drag((0.25, 0.25), (0.5, 0.75))
    session.wait_python("len(image.rois)", "1")
    page.get_by_role("tab", name="one").click()
    first = Screen(session, 0)
    first.eventually(first.root.locator(".cs-roi").count, 1)
    first.colored({(0.75, 0.5): [255] * 3})


def test_many_viewers_on_one_page_all_show_something(lab: Any) -> None:
    session = lab(
        [
            STEPS,
            "import ipywidgets as w\n"
            "w.VBox([cs.KymographViewer(image, height_px=80) for _ in range(20)])",
        ],
        ready=READY,
    )
    page = session.page
    page.wait_for_function(
        "() => document.querySelectorAll('.cs-viewer[data-crisp=\"true\"]').length === 20"
    )
    for index in (0, 10, 19):
        screen = Screen(session, index)
        screen.plot.scroll_into_view_if_needed()
        screen.colored({(0.25, 0.3): [0] * 3, (0.75, 0.5): [255] * 3})
    # the browser gives out some 16 contexts; the one in use gets one back
    first = Screen(session, 0)
    first.eventually(lambda: first.data("renderer"), "canvas")
    first.plot.scroll_into_view_if_needed()
    first.plot.hover()
    page.wait_for_function(
        "() => document.querySelector('.cs-viewer').dataset.renderer === 'webgl2'"
    )
    first.colored({(0.25, 0.3): [0] * 3})


def test_channels_frames_and_missing_scales(lab: Any) -> None:
    session = lab(
        [
            "import numpy as np, cloudscope as cs\n"
            "two = np.stack([np.full((300, 20), 10.0), np.full((300, 20), 20.0)])\n"
            "two[:, 150:] += 5\n"
            "image = cs.AcqImage.from_array(two, channel_names=('blood', 'wall'))\n"
            "viewer = cs.KymographViewer(image)",
            "viewer",
        ],
        ready=READY,
    )
    screen, page = Screen(session), session.page
    assert "lines" in screen.root.locator(".cs-axis-bottom").text_content()
    assert "(px)" in screen.root.locator(".cs-axis-left").text_content()
    page.mouse.move(*screen.at(0.25, 0.5))
    screen.reads("10.000")
    screen.root.get_by_label("Channel").select_option("1")
    session.wait_python("viewer.channel", "1")
    screen.crisp()
    page.mouse.move(*screen.at(0.26, 0.5))
    screen.reads("20.000")
    # a scale appears: the same lines stay in view
    session.python("viewer.time_range = (100, 200); image.set_calibration(line_period_s=0.01)")
    screen.shows(time=(1, 2))
    session.shot("uncalibrated")


def test_a_real_recording_in_the_dark(lab: Any, shared_data: Path) -> None:
    session = lab(
        [
            "import cloudscope as cs\nfrom pathlib import Path",
            "pass",
        ],
    )
    source = shared_data / "capillary"
    shutil.copytree(source, session.folder / "capillary")
    session.python(
        "image = cs.AcqImage('capillary/Capillary1_0001.tif')\n"
        "image.add_roi(row_start=4200, row_stop=6000, col_start=4, col_stop=30, name='artery')\n"
        "image.add_roi(row_start=15000, row_stop=20000, col_start=10, col_stop=30)\n"
        "viewer = cs.KymographViewer(image, lut='magma')\n"
        "import ipykernel"
    )
    session.page.evaluate(
        "() => {const p = window.jupyterapp.shell.currentWidget; "
        "p.content.widgets[1].model.sharedModel.setSource('viewer'); "
        "return window.jupyterapp.commands.execute('notebook:run-all-cells')}"
    )
    session.wait_for(READY)
    session.dark()
    screen = Screen(session)
    screen.crisp()
    session.shot("capillary-dark")
    session.python("viewer.show_roi(1)")
    screen.shows(time=(4110 * 1.17e-3, 6090 * 1.17e-3), within=0.005)
    screen.crisp()
    session.page.mouse.move(*screen.at(0.4, 0.6))
    session.wait_for(".cs-tip")
    session.shot("capillary-dark-roi")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_viewer_in_voila(voila: Any, dark: bool) -> None:
    session = voila([STEPS, "viewer"], dark=dark, ready=READY)
    screen = Screen(session)
    screen.crisp()
    screen.colored({(0.25, 0.3): [0] * 3, (0.75, 0.5): [255] * 3})
    screen.drag((0.25, 0.25), (0.5, 0.75))
    session.wait_python("[roi.bounds for roi in image.rois]", "[(50, 100, 10, 30)]")
    session.python("image.edit_roi(1, name='from Python')")
    screen.eventually(screen.root.locator(".cs-roi-label").inner_text, "1 from Python")
    session.shot(f"voila-{'dark' if dark else 'light'}")


def test_keys_stay_in_the_viewer_and_are_listed(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    cells = "() => window.jupyterapp.shell.currentWidget.content.widgets.length"
    before = page.evaluate(cells)
    page.mouse.click(*screen.at(0.5, 0.5))
    for key in ("d", "d", "a", "b", "m", "x"):  # delete, insert, markdown, cut in JupyterLab
        page.keyboard.press(key)
    assert page.evaluate(cells) == before
    session.wait_python("viewer.tool, viewer.lut", "('draw', 'inverted gray')")
    page.keyboard.press("?")
    text = session.wait_for(".cs-help").inner_text()
    assert "Whole recording" in text
    session.shot("help")
    page.keyboard.press("Escape")
    assert not screen.root.locator(".cs-help").is_visible()


def test_dragging_the_histogram_sets_the_contrast(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    page.get_by_title("Contrast in numbers, gamma").click()
    box = screen.root.locator(".cs-popover .cs-histogram").bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 3, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, middle, steps=5)
    page.mouse.up()
    session.wait_python("viewer.contrast[0], 450 < viewer.contrast[1] < 550", "(0.0, True)")
    session.shot("contrast")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Auto").click()
    session.wait_python("viewer.contrast", "")


def test_frames_stand_as_stored_and_are_leafed_through(lab: Any, shared_data: Path) -> None:
    session = lab(["import cloudscope as cs", "viewer = cs.KymographViewer()\nviewer"])
    session.wait_for(".cs-viewer[data-ready='false'] .cs-message:has-text('No recording')")
    name = "scanimage3_Blank-IPA_1s_16r_032.tif"
    shutil.copy(shared_data / "formats" / name, session.folder / name)
    session.python(f"image = cs.AcqImage({name!r}); viewer.image = image")
    screen = Screen(session)
    screen.crisp()
    box = screen.plot.bounding_box()
    assert box["width"] == pytest.approx(box["height"], abs=1)  # 64 x 64 square pixels
    # brightest pixel of the picture = brightest pixel of the frame, rows downwards
    session.python("viewer.contrast = (0, int(image.frame(0, 0).max()))")
    row, col = map(
        int,
        session.python(
            "import numpy as np; f = image.frame(0, 0)\n"
            "print(*np.unravel_index(int(f.argmax()), f.shape))"
        ).split(),
    )
    screen.colored({((col + 0.5) / 64, 1 - (row + 0.5) / 64): [255] * 3})
    slider = screen.root.get_by_label("Frame")
    slider.focus()
    session.page.keyboard.press("End")
    session.wait_python("viewer.frame", "29")
    screen.crisp()
    screen.drag((0.25, 0.75), (0.5, 0.5))
    session.wait_python("image.rois[0].bounds", "(16, 32, 16, 32)")
    session.shot("frames")


def test_a_page_loaded_again_finds_the_same_viewer(lab: Any) -> None:
    session = lab([STEPS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    session.python("viewer.lut = 'magma'; viewer.time_range = (0.5, 1.5)")
    session.python("image.add_roi(row_start=60, row_stop=140, name='kept')")
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    page.reload()
    session.wait_for(READY)
    screen.crisp()
    screen.shows(time=(0.5, 1.5))
    screen.eventually(screen.root.locator(".cs-roi-label").inner_text, "1 kept")
    assert screen.colors((0.9, 0.2))[0] != screen.colors((0.1, 0.2))[0]
