"""The viewer alone in marimo, whose widgets are anywidgets and nothing else."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.browser.sessions import ROOT, _free_port

NOTEBOOK = """
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import numpy as np
    import cloudscope as cs

    pixels = np.random.default_rng(0).integers(0, 4000, (2000, 20))
    image = cs.AcqImage.from_array(pixels, line_period_s=0.001, pixel_size_um=0.5)
    image.add_roi(row_start=200, row_stop=1200, col_start=5, col_stop=15, name="artery")
    viewer = cs.KymographViewer(image)
    mo.ui.anywidget(viewer)
    return image, mo, viewer


@app.cell
def _(image, mo):
    ask = mo.ui.button(label="ask", on_click=lambda _: str(image.rois[0].bounds))
    ask
    return (ask,)


@app.cell
def _(ask, mo):
    mo.Html(f"<p id='bounds'>{ask.value}</p>")
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A marimo notebook served on this machine."""
    if find_spec("marimo") is None:
        pytest.skip("marimo is not installed")
    notebook = tmp_path / "viewer.py"
    notebook.write_text(NOTEBOOK)
    port = _free_port()
    command = [sys.executable, "-m", "marimo", "run", str(notebook), "--headless", "--no-token",
               "--host", "127.0.0.1", "--port", str(port)]  # fmt: skip
    server = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        url = f"http://127.0.0.1:{port}/"
        deadline = time.monotonic() + 60
        while True:
            try:
                urllib.request.urlopen(url, timeout=2).close()
                break
            except OSError:
                assert server.poll() is None, "marimo ended"
                assert time.monotonic() < deadline, "marimo did not answer"
                time.sleep(0.2)
        yield url
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def offline_page(chromium: Any) -> Iterator[Any]:
    """A page without the network: what marimo itself asks of it is refused."""
    context = chromium.new_context(viewport={"width": 1200, "height": 800})

    def guard(route: Any) -> None:
        here = urlsplit(route.request.url).hostname in (None, "127.0.0.1", "localhost")
        route.continue_() if here else route.abort()

    context.route("**/*", guard)
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


def test_the_viewer_draws_and_a_roi_follows_the_hand(offline_page: Any, address: str) -> None:
    page = offline_page
    page.goto(address)
    page.locator(".cs-viewer[data-ready=true]").wait_for(timeout=60_000)
    page.locator(".cs-viewer[data-crisp=true]").wait_for()
    roi = page.locator(".cs-roi[data-roi-id='1']")
    box = roi.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.down()
    for step in range(1, 9):
        page.mouse.move(middle[0] + 10 * step, middle[1])
        page.wait_for_timeout(20)
    page.mouse.up()
    until = time.monotonic() + 20
    while roi.bounding_box()["x"] < box["x"] + 60:
        assert time.monotonic() < until, "the ROI did not follow"
        page.wait_for_timeout(50)
    ask, bounds = page.get_by_role("button", name="ask"), page.locator("#bounds")
    while "(" not in bounds.inner_text() or bounds.inner_text().startswith("(200,"):
        assert time.monotonic() < until, f"the model did not follow: {bounds.inner_text()}"
        ask.click()
        page.wait_for_timeout(200)
    first, last, left, right = (int(part) for part in bounds.inner_text().strip("()").split(","))
    assert first > 200
    assert (last - first, left, right) == (1000, 5, 15)
    shots = ROOT / "test-output" / "test_marimo"
    shots.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(shots / "viewer.png"))
