"""A small app over small recordings, for the tests of the app."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.app import App


def streaks(lines: int = 1200, pixels: int = 40, speed: float = 0.6, seed: int = 0) -> np.ndarray:
    """Cells that move `speed` pixels a line over noise, as uint16."""
    rng = np.random.default_rng(seed)
    pattern = np.repeat(rng.random(4000) < 0.4, 6).astype(float)
    row, col = np.mgrid[:lines, :pixels]
    where = (col - speed * row + 8000) % pattern.size
    image = 300 + 200 * pattern[where.astype(int)] + rng.normal(0, 20, (lines, pixels))
    return image.clip(0, 4095).astype(np.uint16)


def recording(**header: Any) -> AcqImage:
    header = {"line_period_s": 0.001, "pixel_size_um": 0.5, "name": "scan"} | header
    return AcqImage.from_array(streaks(), **header)


def open_app(folder: Path) -> App:
    app = App(folder)
    for image in app.folder:
        if image.name.startswith("scan"):
            image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    return app


async def settled(app: App) -> None:
    while app.measure.run.running or app.view.loading:
        await asyncio.sleep(0.005)
    await asyncio.sleep(0)


def press(app: App, action: str) -> None:
    app.page._receive(app.page, {"kind": "action", "action": action}, [])
