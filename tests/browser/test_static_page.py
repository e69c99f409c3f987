"""A saved notebook as a web page where nothing runs, no kernel and no scripts: still pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.browser.sessions import ROOT

CELLS = [
    "import numpy as np, cloudscope as cs\n"
    "pixels = np.zeros((900, 20), np.uint8)\n"
    "pixels[450:] = 200\n"
    "image = cs.AcqImage.from_array(pixels, line_period_s=0.001, pixel_size_um=0.5, name='half')\n"
    "viewer = cs.KymographViewer(image, contrast=(0, 200), lut='green')",
    "viewer",
    "cs.KymographViewer(image, contrast=(0, 200), lut='red')",
    "cs.App(cs.AcqImageList([image]))",
]


def test_a_saved_notebook_shows_pictures_where_nothing_runs(lab: Any, tmp_path: Path) -> None:
    import nbformat
    from nbconvert import HTMLExporter
    from PIL import Image

    session = lab(CELLS, ready=".cs-app .cs-viewer[data-ready=true]")
    session.page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    saved = session.folder / "test.ipynb"
    notebook = nbformat.read(saved, as_version=4)
    assert sum("image/png" in str(cell.outputs) for cell in notebook.cells) == 3
    # the viewer's script is not in there, let alone once for each
    assert saved.stat().st_size < (ROOT / "cloudscope" / "static" / "viewer.js").stat().st_size

    target = tmp_path / "page.html"
    target.write_text(HTMLExporter().from_notebook_node(notebook)[0], encoding="utf-8")
    context = session.page.context.browser.new_context(java_script_enabled=False)
    context.route("http*://**", lambda route: route.abort())
    page = context.new_page()
    page.goto(target.as_uri())
    pictures = page.locator(".jp-OutputArea-output img")
    assert pictures.count() == 3
    for index, color in ((0, (0, 255, 0)), (1, (255, 0, 0))):
        shot = tmp_path / f"{index}.png"
        pictures.nth(index).screenshot(path=str(shot))
        with Image.open(shot) as picture:
            width, height = picture.size
            seen = picture.convert("RGB")
            assert seen.getpixel((width // 4, height // 2)) == (0, 0, 0)
            assert seen.getpixel((3 * width // 4, height // 2)) == color
    assert pictures.nth(2).bounding_box()["width"] > 300
    context.close()
