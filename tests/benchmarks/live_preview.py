"""Drag to trace: from a move of the hand to the new trace on the screen, in Voila.

Wall time in a real browser, by the page's own clock: from the pointer event to the frame after the
trace of that very ROI was drawn. 2,000 of 30,000 lines are visible; the traces are measured for
each move, on a worker thread of the kernel.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run by itself, too

CELLS = [
    """
import numpy as np
import cloudscope as cs
from cloudscope.synthetic import {drawn}
truth = {call}
image = cs.AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um={pixel}, name="scan")
roi = image.add_roi(row_start=10_000, row_stop=11_500, col_start={left}, col_stop={right})
image.analyze("{analysis}", roi_id=roi.roi_id)
app = cs.App(cs.AcqImageList([image]))
app.viewer.selected_roi_id = roi.roi_id
app.viewer.time_range = (10.0, 12.0)
app
""",
]

MEASURES = """
async ({analysis, moves, pause}) => {
  const plot = document.querySelector(".cs-viewer .cs-plot").getBoundingClientRect();
  const box = document.querySelector(".cs-roi").getBoundingClientRect();
  const trace = document.querySelector(`.cs-trace-of-${analysis}`);
  const target = document.querySelector(".cs-viewer .cs-plot");
  const at = {x: box.right, y: box.bottom};
  const send = (type, x, y) => target.dispatchEvent(new PointerEvent(type, {
    clientX: x, clientY: y, button: 0, buttons: 1, pointerId: 7, bubbles: true, cancelable: true,
    isPrimary: true, pointerType: "mouse"}));
  const sent = [], seen = [];
  let named = "", drawn = true;
  const boundsOf = () => trace.querySelector(".cs-sketch")?.dataset.bounds ?? "";
  const watch = new MutationObserver((changes) => {
    const now = boundsOf();
    if (now !== named) { named = now; drawn = false; }
    const path = changes.some((c) => c.type === "attributes" && c.attributeName === "d");
    if (named && path && !drawn) {
      drawn = true;
      const bounds = named;
      requestAnimationFrame(() => seen.push([bounds, performance.now()]));
    }
  });
  watch.observe(trace, {subtree: true, childList: true, attributes: true, characterData: true});
  send("pointerdown", at.x, at.y);
  const later = (ms) => new Promise((done) => setTimeout(done, ms));
  for (let k = 1; k <= moves; k++) {
    // Along by a pixel and, so that every sample changes, across to and fro.
    const x = at.x + k, y = at.y - 10 * (k % 3);
    sent.push([k, performance.now()]);
    send("pointermove", x, y);
    await later(pause);
  }
  await later(1200);
  send("pointermove", at.x, at.y);
  send("pointerup", at.x, at.y);
  watch.disconnect();
  return {sent, seen, lines_per_px: 2000 / plot.width, x: at.x, left: plot.left};
}
"""

KINDS: dict[str, dict[str, Any]] = {
    "radon_velocity": {
        "drawn": "velocity_kymograph",
        "call": "velocity_kymograph(800.0, lines=30_000, pixels=40, snr=2.0, seed=1)",
        "pixel": 0.5,
        "left": 2,
        "right": 36,
    },
    "diameter": {
        "drawn": "diameter_kymograph",
        "call": "diameter_kymograph(10.0, lines=30_000, snr=8.0, seed=1)",
        "pixel": 0.25,
        "left": 10,
        "right": 118,
    },
}


def latencies(answer: dict[str, Any], first_stop: int = 11_500) -> list[float]:
    """Time in ms from the move that made a ROI what it is to the trace of that ROI."""
    moves = [(first_stop + k * answer["lines_per_px"], at) for k, at in answer["sent"]]
    found = []
    for bounds, drawn in answer["seen"]:
        stop = int(bounds.split(",")[1])
        nearest, at = min(moves, key=lambda move: abs(move[0] - stop))
        if abs(nearest - stop) <= answer["lines_per_px"]:
            found.append(drawn - at)
    return found


def measure(page: Any, analysis: str, moves: int, pause_ms: int) -> dict[str, Any]:
    """What the page saw while a corner of the ROI was dragged."""
    wanted = {"analysis": analysis, "moves": moves, "pause": pause_ms}
    answer: dict[str, Any] = page.evaluate(MEASURES, wanted)
    return answer


def percentile(values: list[float], share: float) -> float:
    """Of few values: the one at a share of them."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def figures() -> Iterator[tuple[str, str, str]]:
    """Median and 95th percentile for a hand that moves all the time, and one that rests."""
    from playwright.sync_api import sync_playwright

    from tests.browser.sessions import JupyterServer, browser_path, write_notebook

    options = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-sync"]
    options += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=browser_path(), args=options)
        for analysis, kind in KINDS.items():
            with tempfile.TemporaryDirectory() as folder:
                root = Path(folder)
                cells = [CELLS[0].format(analysis=analysis, **kind)]
                with JupyterServer.voila(root, write_notebook(root, cells)) as server:
                    page = browser.new_page(viewport={"width": 1440, "height": 900})
                    session = server.open_in_voila(page)
                    session.wait_for(".cs-viewer[data-crisp=true]")
                    page.locator(f".cs-trace-of-{analysis} .cs-pointer-area").wait_for()
                    page.wait_for_timeout(2000)
                    measure(page, analysis, 20, 40)  # warm
                    for words, moves, pause in (
                        ("a move every 16 ms", 150, 16),
                        ("a move every 300 ms", 30, 300),
                    ):
                        page.wait_for_timeout(1500)
                        answer = measure(page, analysis, moves, pause)
                        found = latencies(answer)
                        if "--raw" in sys.argv:
                            print(json.dumps([round(f) for f in found]))
                        if len(found) < 5:
                            yield f"{analysis}, {words}", f"only {len(found)} traces", "≤ 80 ms"
                            continue
                        yield (
                            f"{analysis}, {words}: median (95 % within); traces drawn",
                            f"{statistics.median(found):.0f} ms "
                            f"({percentile(found, 0.95):.0f} ms); {len(found)} of {moves}",
                            "≤ 80 ms (≤ 150 ms)",
                        )
                    page.close()
        browser.close()


if __name__ == "__main__":
    for row in figures():
        print(" | ".join(row), flush=True)
