"""What was measured, drawn where it was: walls over the picture, one cursor, the ceiling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.browser.viewer_screen import Screen

CELLS = [
    """
import numpy as np, cloudscope as cs
from cloudscope.synthetic import diameter_kymograph, pulsatile_series, velocity_kymograph

wide = diameter_kymograph(pulsatile_series(1200, mean=10.0, amplitude=0.05), snr=10.0, seed=4)
flow = velocity_kymograph(800.0, lines=1200, pixels=40, pixel_size_um=0.25, snr=4.0, seed=1)
image = cs.AcqImage.from_array(
    np.hstack([wide.image / wide.image.max(), flow.image / flow.image.max()]) * 1000,
    line_period_s=0.001, pixel_size_um=0.25, name="both",
)
columns = wide.image.shape[1]
image.add_roi(col_stop=columns, name="wall")
image.add_roi(col_start=columns, name="flow")
image.analyze("diameter", roi_id=1, psf_sigma_um=wide.psf_sigma_um)
image.analyze("radon_velocity", roi_id=2)
image.analyze("intensity", roi_id=2)
app = cs.App(cs.AcqImageList([image]), height_px=820)
app
"""
]
READY = ".cs-trace-of-diameter .bqplot path.line[d*=L]"
WALLS = """
r = image.result("diameter", 0, 1).columns
at = 600
print(float(r["left_um"][at]), float(r["right_um"][at]), image.header.pixels * 0.25)
"""


def test_walls_cursor_and_ceiling(lab: Any) -> None:
    session = lab(CELLS, ready=READY)
    screen, page = Screen(session), session.page
    screen.crisp()
    # both walls are where they were measured, and go by key: the picture below stays
    left, right, reach = map(float, session.python(WALLS).split())
    session.python("app.viewer.time_range = (0.59, 0.611); app.viewer.selected_roi_id = None")
    screen.shows(time=(0.59, 0.611))
    screen.crisp()
    height = screen.plot.bounding_box()["height"]

    def column(around_um: float) -> np.ndarray:
        ys = around_um / reach + np.arange(-6, 7) / height
        return np.array(screen.colors(*[(10.5 / 21, float(y)) for y in ys]), int)

    def tinted(around_um: float) -> int:
        """Pixels there that are no gray."""
        colors = column(around_um)
        return int(((colors.max(axis=1) - colors.min(axis=1)) > 60).sum())

    screen.eventually(lambda: tinted(left) > 0 and tinted(right) > 0, True)
    assert tinted((left + right) / 2) == 0
    session.shot("walls")
    screen.root.focus()
    page.keyboard.press("o")
    screen.eventually(lambda: tinted(left) + tinted(right), 0)
    session.wait_python("app.viewer.show_marks", "False")
    page.keyboard.press("o")
    screen.eventually(lambda: tinted(left) > 0, True)

    # one cursor through picture and traces, from either of them
    session.python("app.viewer.fit(); app.viewer.selected_roi_id = 2")
    screen.shows(time=(0, 1.2))
    page.locator(".cs-trace-of-radon_velocity .bqplot path.line[d*=L]").first.wait_for(
        state="attached"
    )
    page.mouse.move(*screen.at(0.25, 0.5))
    x = screen.at(0.25, 0.5)[0]
    for name in ("radon_velocity", "intensity"):
        line = page.locator(f".cs-trace-of-{name} .cs-pointer-line")
        screen.eventually(lambda line=line: line.bounding_box()["x"], pytest.approx(x, abs=2))
    session.wait_python("round(app.viewer.cursor_s, 2)", "0.3")
    area = page.locator(".cs-trace-of-intensity .cs-pointer-area")
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + box["height"] / 2)
    session.wait_python("round(app.viewer.cursor_s, 1)", "0.9")
    over = page.locator(".cs-app .cs-viewer .cs-cursor")
    screen.eventually(lambda: over.bounding_box()["x"], pytest.approx(screen.at(0.75, 0)[0], abs=2))

    # what cannot be seen is said with its number, and shaded where the axis reaches so far
    said = session.python(
        "from cloudscope.analysis.streaks.ceiling import speed_ceiling\n"
        "b = image.roi(2)\n"
        "print(f'{speed_ceiling(0.001, 0.25, b.pixels, 64).fastest_um_per_s / 1000:.2g}')"
    )
    key = page.locator(".cs-trace-of-radon_velocity .cs-keys", has_text="unseen beyond")
    assert float(key.inner_text().split("±")[1].split()[0]) == pytest.approx(float(said), rel=0.1)
