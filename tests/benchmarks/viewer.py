"""The viewer: first picture, panning, bytes, the table of 10,000 files; and others beside it.

Wall time in a real browser under Voila, unless said; `live_preview` has the time from drag to
trace. What is beside it (ipympl, plotly, bqplot) is measured where it is installed.
"""

from __future__ import annotations

import importlib.util
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))  # run by itself, too

RANDOM = """
import numpy as np, time
def drawn(lines, pixels):
    rng = np.random.default_rng(1)
    streaks = np.sin(np.arange(pixels) / 3 - np.arange(lines)[:, None] * 0.4)
    return (500 + 200 * streaks + rng.normal(0, 40, (lines, pixels))).astype(np.uint16)
"""

SHAPES = ((100_000, 512), (30_000, 2_000))

OURS = (
    RANDOM
    + """
import cloudscope as cs
shapes = {shapes}
images = [
    cs.AcqImage.from_array(
        drawn(*shape), line_period_s=0.001, pixel_size_um=0.5, name=f"{{i}}-{{k}}"
    )
    for k, shape in enumerate(shapes) for i in range(4)
]
viewer = cs.KymographViewer()
sent = []
send = viewer.send
def counted(content, buffers=None):
    sent.append(sum(memoryview(b).nbytes for b in buffers or ()))
    send(content, buffers)
viewer.send = counted
viewer
"""
)

FIRST = """
(name) => new Promise((resolve) => {
  const root = document.querySelector(".cs-viewer");
  const look = () => {
    const here = root.getAttribute("aria-label") === `Kymograph of ${name}`;
    if (here && root.dataset.ready === "true")
      requestAnimationFrame(() => resolve((performance.timeOrigin + performance.now()) / 1000));
    else requestAnimationFrame(look);
  };
  look();
})
"""

PANNING = """
async (moves) => {
  const plot = document.querySelector(".cs-plot");
  const box = plot.getBoundingClientRect();
  const send = (type, x) => plot.dispatchEvent(new PointerEvent(type, {
    clientX: x, clientY: box.y + box.height / 2, button: 1, buttons: 4, pointerId: 7,
    bubbles: true, cancelable: true, isPrimary: true, pointerType: "mouse"}));
  const work = [], waited = [];
  const real = window.requestAnimationFrame;
  window.requestAnimationFrame = (run) => real((at) => {
    const start = performance.now();
    run(at);
    work.push(performance.now() - start);
  });
  const middle = box.x + box.width / 2;
  send("pointerdown", middle);
  for (let i = 0; i < moves; i++) {
    const before = performance.now();
    send("pointermove", middle + 120 * Math.sin(i / 7));
    work.push(performance.now() - before); // the handlers count, too
    await new Promise((done) => real(() => done()));
    waited.push(performance.now() - before);
  }
  send("pointerup", middle);
  window.requestAnimationFrame = real;
  const frames = [];
  for (let i = 0; i + 1 < work.length; i += 2) frames.push(work[i] + work[i + 1]);
  return {frames, waited};
}
"""

PEERS = {
    "ipympl": (
        "%matplotlib widget\nimport matplotlib.pyplot as plt\n"
        "figure, axes = plt.subplots(figsize=(9, 2.6))\n",
        "figure.canvas",
        "axes.imshow(pixels.T, aspect='auto', cmap='gray'); figure.canvas.draw()",
    ),
    "plotly": (
        "import plotly.graph_objects as go\nfigure = go.FigureWidget(go.Heatmap())\n",
        "figure",
        "figure.data[0].z = pixels.T",
    ),
    "bqplot": (
        "import bqplot\n"
        "x, y = bqplot.LinearScale(), bqplot.LinearScale()\n"
        "scales = {'x': x, 'y': y, 'color': bqplot.ColorScale()}\n"
        "mark = bqplot.HeatMap(color=np.zeros((2, 2)), x=[0, 1], y=[0, 1], scales=scales)\n"
        "figure = bqplot.Figure(marks=[mark])\n",
        "figure",
        "lines, width = pixels.shape\n"
        "with mark.hold_sync():\n"
        "    mark.x, mark.y, mark.color = np.arange(lines), np.arange(width), pixels.T",
    ),
}
TITLES = {
    "ipympl": "imshow in ipympl",
    "plotly": "heatmap of plotly",
    "bqplot": "HeatMap of bqplot",
}
PATIENCE_S = 30.0

TABLE = """
import cloudscope as cs, numpy as np, time
line = np.zeros((10, 8), np.uint16)
images = [cs.AcqImage.from_array(line, name=f"scan_{i:05d}.tif") for i in range(10_000)]
folder = cs.AcqImageList(images)
"""


BOX = """
import ipywidgets
words = ipywidgets.HTML("nothing yet")
box = ipywidgets.VBox([words])
box
"""


@contextmanager
def browser() -> Iterator[Any]:
    """Chromium without extras."""
    from playwright.sync_api import sync_playwright

    from tests.browser.sessions import browser_path

    options = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-sync"]
    options += ["--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=browser_path(), args=options)
        yield started
        started.close()


@contextmanager
def voila(chromium: Any, cells: list[str]) -> Iterator[Any]:
    """A page that shows some cells."""
    from tests.browser.sessions import JupyterServer, write_notebook

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with JupyterServer.voila(root, write_notebook(root, cells)) as server:
            page = chromium.new_page(viewport={"width": 1440, "height": 900})
            yield server.open_in_voila(page)
            page.close()


def first_pictures(session: Any, numbers: list[int]) -> list[float]:
    """Seconds from giving the viewer an image in memory to the first frame with it, each."""
    found = []
    for number in numbers:
        name = session.python(f"print(images[{number}].name)")
        handle = session.page.evaluate_handle(f"() => ({{seen: ({FIRST})({name!r})}})")
        start = float(
            session.python(f"start = time.time(); viewer.image = images[{number}]; print(start)")
        )
        found.append(session.page.evaluate("held => held.seen", handle) - start)
        session.page.wait_for_timeout(1500)
    return found


def ours(chromium: Any) -> Iterator[tuple[str, str, str]]:
    """First picture, bytes and panning of the viewer."""
    with voila(chromium, [OURS.format(shapes=SHAPES)]) as session:
        session.wait_for(".cs-viewer")
        session.page.wait_for_timeout(1500)
        for k, (lines, pixels) in enumerate(SHAPES):
            cold, *warm = first_pictures(session, [4 * k + i for i in range(4)])
            words = f"{lines:,} × {pixels:,} uint16"
            yield (
                f"first picture of {words}; the first on the page" * (k == 0)
                or f"first picture of {words}",
                f"{1000 * statistics.median(warm):.0f} ms" + f"; {1000 * cold:.0f} ms" * (k == 0),
                "≤ 300 ms",
            )
            total = lines * pixels * 2 / 1e6
            session.python("viewer.image = None; sent.clear()")
            session.python(f"viewer.image = images[{4 * k}]")
            session.wait_for(".cs-viewer[data-crisp=true]")
            session.page.wait_for_timeout(500)
            whole = float(session.python("print(sum(sent) / 1e6)"))
            yield f"sent for all of it in sight, of {total:.0f} MB", f"{whole:.1f} MB", ""
            session.python("sent.clear(); viewer.time_range = (10.0, 12.0)")
            session.page.wait_for_timeout(300)
            session.wait_for(".cs-viewer[data-crisp=true]")
            session.page.wait_for_timeout(500)
            closer = float(session.python("print(sum(sent) / 1e6)"))
            yield "sent for a zoom to 2,000 lines", f"{closer:.1f} MB", ""
            session.page.evaluate(PANNING, 30)
            devtools = session.page.context.new_cdp_session(session.page)
            devtools.send("Performance.enable")
            before = _main_thread(devtools)
            seen = session.page.evaluate(PANNING, 240)
            busy = {k: v - before[k] for k, v in _main_thread(devtools).items()}
            devtools.detach()
            frames = sorted(seen["frames"])
            yield (
                "panning: main thread a frame, median (95 % within)",
                f"{statistics.median(frames):.1f} ms ({frames[int(0.95 * len(frames))]:.1f} ms)",
                "≤ 4 ms",
            )
            drawing = busy["LayoutDuration"] + busy["RecalcStyleDuration"]
            yield (
                "panning: style and layout a frame, mean",
                f"{1000 * drawing / 240:.1f} ms",
                "",
            )
            waited = sorted(seen["waited"])
            yield (
                "panning: from a move of the hand to its frame, median (95 % within)",
                f"{statistics.median(waited):.0f} ms ({waited[int(0.95 * len(waited))]:.0f} ms)",
                "",
            )


def _main_thread(devtools: Any) -> dict[str, float]:
    """Seconds the page's main thread has worked since it was asked to count."""
    found = devtools.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found if one["name"].endswith("Duration")}


def peers() -> Iterator[tuple[str, str, str]]:
    """First pictures of what people use today, by what a screenshot of the widget shows."""
    for name in PEERS:
        if importlib.util.find_spec(name) is None:
            yield f"first picture by {TITLES[name]}", "not installed here", ""
            continue
        for lines, width in ((30_000, 38), (30_000, 2_000)):
            words = f"first picture of {lines:,} × {width:,} by {TITLES[name]}"
            # Each in a browser of its own: a large heatmap can take its browser down.
            try:
                seconds = _peer(name, lines, width)
            except Exception as error:
                yield words, f"none ({type(error).__name__})", ""
                continue
            late = f"none within {PATIENCE_S:.0f} s"
            yield words, late if seconds is None else f"{seconds:.1f} s", ""


def _peer(name: str, lines: int, width: int) -> float | None:
    import io

    import numpy as np
    from PIL import Image

    setup, shown, assign = PEERS[name]
    cells = [RANDOM + f"pixels = drawn({lines}, {width})\n" + setup, shown]
    with browser() as chromium, voila(chromium, cells) as session:
        session.wait_for(".jupyter-widgets, .jupyter-matplotlib, .plot-container")
        session.page.wait_for_timeout(3000)

        def look() -> Any:
            shot = session.page.screenshot(timeout=PATIENCE_S * 1000)
            return np.asarray(Image.open(io.BytesIO(shot)).convert("L")).astype(int)

        return _until_changed(session, assign, look)


def _until_changed(session: Any, assign: str, look: Any) -> float | None:
    """Seconds until much of the page looks different and has stopped changing."""
    import time

    before = look()
    start = time.time()
    session.python(assign, timeout_s=PATIENCE_S)
    while time.time() - start < PATIENCE_S:
        now = look()
        at = time.time()
        if (abs(now - before) > 30).mean() > 0.04:
            return at - start
    return None


def table(chromium: Any) -> Iterator[tuple[str, str, str]]:
    """The table of a folder of 10,000 recordings whose headers are read."""
    with voila(chromium, [TABLE, BOX]) as session:
        session.wait_for("text=nothing yet")
        found = []
        for _ in range(4):
            session.python("box.children = (words,)")
            session.page.wait_for_timeout(800)
            handle = session.page.evaluate_handle(
                "() => ({seen: new Promise((done) => {const look = () => "
                "document.querySelector('.cs-grid .tabulator-row') ? requestAnimationFrame(() => "
                "done((performance.timeOrigin + performance.now()) / 1000)) : "
                "requestAnimationFrame(look); look();})})"
            )
            start = float(
                session.python(
                    "start = time.time(); box.children = (cs.FileTable(folder),); print(start)",
                    timeout_s=60,
                )
            )
            found.append(session.page.evaluate("held => held.seen", handle) - start)
        yield (
            "table of 10,000 recordings: to its first rows",
            f"{statistics.median(found[1:]):.1f} s",
            "",
        )


def _load() -> str:
    """What else the machine is busy with: all times here are wall times."""
    import os

    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()}"


def figures() -> Iterator[tuple[str, str, str]]:
    """All of them, in one run on one machine."""
    yield "load of the machine at the start and its cores", _load(), ""
    with browser() as chromium:
        yield from ours(chromium)
        yield from table(chromium)
    yield from peers()


if __name__ == "__main__":
    print(_load())
    wanted = sys.argv[1:] or ["ours", "table", "peers"]
    for part in wanted:
        if part == "peers":
            for row in peers():
                print(" | ".join(row), flush=True)
            continue
        with browser() as chromium:
            for row in globals()[part](chromium):
                print(" | ".join(row), flush=True)
