"""The fixtures themselves: a notebook runs in JupyterLab and in Voila and talks back."""

from __future__ import annotations

from typing import Any

CELLS = [
    "import ipywidgets\nbox = ipywidgets.Button(description='press me')\n"
    "box.on_click(lambda b: setattr(b, 'description', 'pressed'))",
    "display(box)",
]


def test_a_button_works_in_jupyterlab_light_and_dark(lab: Any) -> None:
    session = lab(CELLS, ready=".jupyter-button")
    session.dark()
    session.page.locator(".jupyter-button").click()
    session.wait_python("box.description", "'pressed'")
    assert session.shot("lab").stat().st_size > 0


def test_a_button_works_in_voila(voila: Any) -> None:
    session = voila(CELLS, dark=True, ready=".jupyter-button")
    session.page.locator(".jupyter-button").click()
    session.wait_python("box.description", "'pressed'")
    assert session.shot("voila").stat().st_size > 0
