"""A trace alone in a notebook cell: 100,000 samples, zoomed and panned by hand."""

from __future__ import annotations

from typing import Any

CELLS = [
    """
import numpy as np
import cloudscope as cs
from cloudscope.analysis.result import AnalysisResult

lines = 100_000
image = cs.AcqImage.from_array(
    np.zeros((lines, 8), np.uint8), line_period_s=0.001, pixel_size_um=0.5, name="long"
)
diameter = 6 + 0.3 * np.sin(np.arange(lines) / 90)
diameter[70_000] = 9.5
status = np.full(lines, "ok", dtype=object)
status[20_000:21_000] = "no lumen"
result = AnalysisResult.measured(
    "diameter",
    parameters={},
    columns={
        "time_s": np.arange(lines) * 0.001,
        "diameter_um": diameter,
        "diameter_sd_um": np.full(lines, 0.05),
        "quality": np.full(lines, 0.9),
        "status": status,
    },
    summary={"diameter_median_um": 6.0},
    line_period_s=0.001,
    pixel_size_um=0.5,
)
image.store(result.bound_to(channel=0, roi_id=0, bounds=(0, lines, 0, 8), time_axis="rows"))
plot = cs.TracePlot(image, analysis="diameter")
plot
"""
]
LINE = ".cs-trace .bqplot path.line[d*=L]"


def points_drawn(page: Any) -> int:
    return page.evaluate(
        "line => [...document.querySelectorAll(line)]"
        ".reduce((n, path) => n + (path.getAttribute('d').match(/[ML]/g) ?? []).length, 0)",
        LINE,
    )


def test_100000_samples_stay_few_on_the_page_and_follow_hand_and_keys(lab: Any) -> None:
    session = lab(CELLS, ready=".cs-pointer-area")
    page = session.page
    page.locator(LINE).first.wait_for(state="attached")
    session.wait_python("plot._pointer.width_px > 300", "True")
    session.until(lambda: 0 < points_drawn(page) < 6_000)
    assert "1,000 of 100,000 set aside" in page.locator(".cs-trace-head").inner_text()
    session.shot("whole")

    area = page.locator(".cs-pointer-area")
    box = area.bounding_box()
    spike_x = box["x"] + 0.7 * box["width"]
    page.mouse.move(spike_x, box["y"] + 40)
    for _ in range(8):
        page.mouse.wheel(0, -240)
        session.drawn()
    session.wait_python("plot.time_range[1] - plot.time_range[0] < 5", "True")
    seen = ""
    while seen != (now := session.python("plot.time_range")):  # until it rests
        seen = now
        session.drawn()
    start, stop = eval(seen)
    assert start < 70.0 < stop
    page.mouse.move(box["x"] + box["width"] * (70.0 - start) / (stop - start), box["y"] + 40)
    page.locator(".cs-pointer-readout", has_text="9.50 ± 0.05 µm · quality 0.90").wait_for()
    session.shot("spike")

    area.focus()
    page.keyboard.press("ArrowRight")
    session.wait_python(f"plot.time_range[0] > {start}", "True")
    page.keyboard.press("0")
    session.wait_python("plot.time_range", "(0.0, 100.0)")
    session.python("plot.time_range = (10.0, 12.0)")
    page.wait_for_function(
        "() => [...document.querySelectorAll('.cs-trace .bqplot .axis')].some(axis => {"
        " const ticks = [...axis.querySelectorAll('.tick text')].map(t => Number(t.textContent));"
        " return ticks.length > 3 && ticks.every(t => t >= 10 && t <= 12); })"
    )
    session.dark()
    session.shot("dark")
