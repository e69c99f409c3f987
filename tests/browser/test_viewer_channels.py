"""Channels together, and the pixels as the velocity sees them: pixels of the screen and state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.viewer_screen import READY, Screen

# channel 0 is bright in the second half of the time, channel 1 in the upper half of the line
CHANNELS = """
import numpy as np, cloudscope as cs
pixels = np.zeros((3, 6000, 40), np.uint16)
pixels[0, 3000:] = 1000
pixels[1, :, 20:] = 500
pixels[2] = 60_000
image = cs.AcqImage.from_array(
    pixels, line_period_s=0.001, pixel_size_um=0.5, channel_names=("blood", "wall", "dye")
)
viewer = cs.KymographViewer(image)
asked = []
tile = viewer._planes.tile
def counted(key, place):
    asked.append(key)
    return tile(key, place)
viewer._planes.tile = counted
"""

BLACK, GREEN, MAGENTA, WHITE = [0] * 3, [0, 255, 0], [255, 0, 255], [255] * 3
PLACES = ((0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75))


@pytest.mark.parametrize("renderer", ["auto", "canvas"])
def test_channels_are_added_up_in_colours_of_their_own(lab: Any, renderer: str) -> None:
    session = lab([CHANNELS, f"viewer.renderer = {renderer!r}", "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    session.python("asked.clear(); viewer.show_channel(2, visible=False)")
    page.get_by_role("button", name="Together").click()
    session.wait_python("viewer.composite", "True")
    screen.colored(dict(zip(PLACES, (BLACK, GREEN, MAGENTA, WHITE), strict=True)))
    session.shot(f"together-{renderer}")
    # not a byte of the channel that is not seen
    assert session.python("len(set(asked))") == "1"  # what was there is not sent again
    # one off and on again by its switch, in the recording's own settings
    switch = screen.root.get_by_role("switch", name="Channel 1 wall seen")
    switch.click()
    screen.colored(dict(zip(PLACES, (BLACK, GREEN, BLACK, GREEN), strict=True)))
    session.wait_python("image.display[1].visible", "False")
    page.keyboard.press("Control+z")
    screen.colored(dict(zip(PLACES, (BLACK, GREEN, MAGENTA, WHITE), strict=True)))
    assert switch.get_attribute("aria-checked") == "true"
    # colour and contrast are those of the channel at hand
    screen.root.get_by_role("button", name="1 wall").click()
    session.wait_python("viewer.channel", "1")
    screen.root.get_by_label("Colour of the channel").select_option("blue")
    screen.colored({PLACES[2]: [0, 0, 255]})
    session.python("viewer.contrast = (0, 2500)")
    screen.colored({PLACES[2]: [0, 0, 51], PLACES[1]: GREEN})
    session.python("viewer.show_channel(0, color='#ff0000')")
    screen.colored({PLACES[1]: [255, 0, 0]})
    # one alone again
    page.mouse.click(*screen.at(0.5, 0.5))
    page.keyboard.press("g")
    screen.colored({PLACES[1]: BLACK, PLACES[2]: [51] * 3})
    session.wait_python("viewer.composite, image.display[1].color", "(False, 'blue')")


def test_values_of_all_channels_are_read_out(lab: Any) -> None:
    session = lab([CHANNELS, "viewer.composite = True\nviewer"], ready=READY)
    screen = Screen(session)
    session.page.mouse.move(*screen.at(0.755, 0.76))
    screen.reads("1,000", "500", "60,000")
    assert screen.root.locator(".cs-tip .cs-dot").count() == 3


def test_the_range_in_view_follows_the_view(lab: Any) -> None:
    session = lab(
        [
            "import numpy as np, cloudscope as cs\n"
            "ramp = np.broadcast_to(np.arange(1000, dtype='u2')[:, None], (1000, 20))\n"
            "image = cs.AcqImage.from_array(ramp, line_period_s=0.001, pixel_size_um=1)\n"
            "viewer = cs.KymographViewer(image)",
            "viewer",
        ],
        ready=READY,
    )
    screen = Screen(session)
    screen.root.get_by_title("Contrast in numbers, gamma").click()
    screen.root.get_by_label("Automatic contrast").select_option("view")
    session.wait_python("viewer.automatic, viewer.contrast", "('view', None)")
    session.python("viewer.time_range = (0.4, 0.6)")
    screen.shows(time=(0.4, 0.6))
    left = lambda: screen.colors((0.003, 0.5))[0][0]  # noqa: E731
    right = lambda: screen.colors((0.997, 0.5))[0][0]  # noqa: E731
    screen.eventually(lambda: (left() < 4, right() > 251), (True, True))
    session.python("viewer.automatic = 'full range'")
    screen.eventually(lambda: (95 < left() < 110, 145 < right() < 158), (True, True))


STREAKS = """
import numpy as np, cloudscope as cs
cells = np.random.default_rng(4).normal(size=700)
streaks = np.array([cells[600 - n // 2 : 640 - n // 2] for n in range(600)])
shading = np.where(np.arange(40) < 20, 1000, 3000)
image = cs.AcqImage.from_array(shading + 20 * streaks, line_period_s=0.001, pixel_size_um=0.5)
viewer = cs.KymographViewer(image)
"""


def test_a_key_swaps_the_background_away_while_it_is_held(lab: Any) -> None:
    session = lab([STREAKS, "viewer"], ready=READY)
    screen, page = Screen(session), session.page
    session.python("viewer.time_range = (0.2, 0.4)")
    screen.shows(time=(0.2, 0.4))

    def halves() -> tuple[int, int]:
        places = [(0.03 * i, y) for i in range(1, 32) for y in (0.25, 0.75)]
        grays = [color[0] for color in screen.colors(*places)]
        return sum(grays[::2]) // 31, sum(grays[1::2]) // 31

    screen.eventually(lambda: halves()[0] < 20 and halves()[1] > 235, True)
    page.mouse.click(*screen.at(0.5, 0.5))
    page.keyboard.down("s")
    screen.eventually(lambda: all(80 < half < 175 for half in halves()), True)
    session.shot("as-measured")
    moving = screen.root.get_by_role("button", name="As measured")
    assert moving.get_attribute("aria-pressed") == "true"
    page.keyboard.up("s")
    screen.eventually(lambda: halves()[0] < 20 and halves()[1] > 235, True)
    # by the button it stays; only the ROI that is measured is seen
    session.python("image.add_roi(row_start=200, row_stop=300); viewer.selected_roi_id = 1")
    moving.click()
    session.wait_python("viewer.background_removed", "True")
    screen.eventually(lambda: len({tuple(c) for c in screen.colors((0.7, 0.3), (0.8, 0.7))}), 1)
    screen.eventually(lambda: len({tuple(c) for c in screen.colors((0.1, 0.3), (0.2, 0.7))}), 2)
    session.python("viewer.background_removed = False")
    screen.eventually(lambda: moving.get_attribute("aria-pressed"), "false")
