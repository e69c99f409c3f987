"""The viewer on a page, as the browser tests see and touch it."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
import pytest

READY = '.cs-viewer[data-ready="true"]'

# Time runs to the right: the first 100 lines are black, the last 100 white, so is position 30-40.
STEPS = """
import numpy as np, cloudscope as cs
pixels = np.zeros((200, 40), np.uint16)
pixels[100:] = 1000
pixels[:, 30:] = 1000
image = cs.AcqImage.from_array(pixels, line_period_s=0.01, pixel_size_um=0.5, name="steps")
viewer = cs.KymographViewer(image)
"""


class Screen:
    """The viewer on the page: where its picture is, and what colour a place of it has."""

    def __init__(self, session: Any, index: int = 0) -> None:
        self.session = session
        self.page = session.page
        self.root = session.page.locator(".cs-viewer").nth(index)
        self.plot = self.root.locator(".cs-plot")

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Page coordinates of a place given as shares of the picture, y from the bottom."""
        box = self.plot.bounding_box()
        return box["x"] + x * box["width"], box["y"] + (1 - y) * box["height"]

    def drag(self, a: tuple[float, float], b: tuple[float, float], steps: int = 8) -> None:
        self.page.mouse.move(*self.at(*a))
        self.page.mouse.down()
        self.page.mouse.move(*self.at(*b), steps=steps)
        self.page.mouse.up()

    def crisp(self) -> None:
        self.session.wait_for('.cs-viewer[data-ready="true"][data-crisp="true"]')
        self.session.drawn()

    def colors(self, *places: tuple[float, float]) -> list[list[int]]:
        from PIL import Image

        picture = np.asarray(Image.open(io.BytesIO(self.plot.screenshot())).convert("RGB"))
        height, width, _ = picture.shape
        return [
            picture[min(int((1 - y) * height), height - 1), min(int(x * width), width - 1)].tolist()
            for x, y in places
        ]

    def data(self, name: str) -> str:
        return str(self.root.get_attribute(f"data-{name}"))

    def range(self, name: str) -> tuple[float, float]:
        start, stop = self.data(name).split(",")
        return float(start), float(stop)

    def shows(
        self,
        *,
        time: tuple[float, float] | None = None,
        position: tuple[float, float] | None = None,
        within: float = 1e-6,
    ) -> None:
        """Wait until the view is this one: a click is on the screen a frame or two later."""
        for name, expected in (("time-range", time), ("position-range", position)):
            if expected is not None:
                self.eventually(
                    lambda name=name: self.range(name), pytest.approx(expected, abs=within)
                )

    def colored(self, expected: dict[tuple[float, float], list[int]]) -> None:
        """Wait until places of the picture, as in `colors`, have these colours."""
        self.eventually(lambda: self.colors(*expected), list(expected.values()))

    def reads(self, *expected: str) -> None:
        """Wait until the read-out beside the pointer ends with these parts."""
        tip = self.root.locator(".cs-tip")
        self.eventually(lambda: tip.inner_text().split("\n")[-len(expected) :], list(expected))

    def eventually(self, look: Any, expected: Any, timeout_s: float = 10) -> None:
        """Wait until `look()` equals `expected`; the page goes on meanwhile."""
        for _ in range(math.ceil(timeout_s / 0.05)):
            if look() == expected:
                return
            self.page.wait_for_timeout(50)
        got = look()
        assert got == expected, f"{got}, not {expected}"
