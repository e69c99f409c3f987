"""The Figure panel: the figure is of what is seen, and its Python makes the same file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import tifffile

from cloudscope.acq_image import AcqImage
from cloudscope.widgets.figure_panel import FigurePanel
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.trace_stack import TraceStack
from cloudscope.widgets.viewer import KymographViewer
from tests.widgets.small_app import streaks

pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")


class Desk:
    def __init__(self, image: AcqImage) -> None:
        self.viewer, self.status = KymographViewer(image), StatusLine()
        self.stack = TraceStack(self.viewer)
        self.stack.image = image
        self.copied: list[str] = []
        self.panel = FigurePanel(self.viewer, self.stack, self.status, self.copied.append)
        self.panel.image = image


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    path = tmp_path / "scan.tif"
    tifffile.imwrite(path, streaks(), imagej=True)
    image = AcqImage(path)
    image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    image.analyze("radon_velocity")
    image.save()
    desk = Desk(image)
    yield desk
    desk.panel.close()
    desk.stack.close()
    desk.viewer.close()


def test_the_figure_is_of_the_view(desk: Desk) -> None:
    desk.viewer.time_range = (0.2, 0.7)
    desk.viewer.position_range = (5.0, 15.0)
    picture, trace = desk.panel.figure().axes
    np.testing.assert_allclose(picture.get_xlim(), desk.viewer.time_range)
    np.testing.assert_allclose(picture.get_ylim(), desk.viewer.position_range)
    assert trace.get_ylabel() == "Velocity (µm/s)"


def test_contrast_is_that_of_the_screen(desk: Desk) -> None:
    desk.viewer.contrast = (350.0, 450.0)
    desk.viewer.lut = "magma"
    desk.viewer.gamma = 0.5
    assert desk.panel._looks()[0].contrast == (350.0, 450.0)
    desk.viewer.contrast = None
    of = desk.viewer._channels[0].statistics
    look = desk.panel._looks()[0]
    assert look.contrast == (of.auto_low, of.auto_high)
    assert (look.lut, look.gamma) == ("magma", 0.5)


def test_hidden_traces_are_not_drawn(desk: Desk) -> None:
    desk.stack.hidden = {"radon_velocity"}
    assert len(desk.panel.figure().axes) == 1


def test_the_preview_is_drawn_and_said_to_be_of_another_view_later(desk: Desk) -> None:
    desk.panel.preview_button.click()
    assert desk.panel.picture.value[:8] == b"\x89PNG\r\n\x1a\n"
    assert desk.panel.picture.layout.display == ""
    desk.viewer.time_range = (0.0, 0.5)
    assert "cs-outdated" in desk.panel.picture._dom_classes
    desk.panel.preview_button.click()
    assert "cs-outdated" not in desk.panel.picture._dom_classes


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf", ".csv"])
def test_the_copied_python_makes_the_same_file(desk: Desk, tmp_path: Path, suffix: str) -> None:
    desk.viewer.time_range = (0.1, 0.9)
    desk.panel.format.value = suffix
    assert Path(desk.panel.save.path.value) == tmp_path / f"scan-figure{suffix}"
    desk.panel.save.save_button.click()
    made = tmp_path / f"scan-figure{suffix}"
    first = made.read_bytes()
    desk.panel.code_button.click()
    made.unlink()
    exec(compile(desk.copied[-1], "copied", "exec"), {})
    assert made.read_bytes() == first
    if suffix == ".csv":
        table = pd.read_csv(made, encoding="utf-8-sig")
        assert table["time_s"].between(0.1, 0.9).all()


def test_a_wrong_width_is_a_sentence(desk: Desk) -> None:
    desk.panel.width.value = "wide"
    desk.panel.preview_button.click()
    assert "Width is 'wide'" in desk.status.message
    desk.panel.width.value = "3"
    desk.panel.preview_button.click()
    assert "width_mm=3.0 is not allowed" in desk.panel._words.value


def test_the_recording_is_never_written_over(desk: Desk, tmp_path: Path) -> None:
    before = (tmp_path / "scan.tif.json").read_bytes()
    desk.panel.format.value = ".csv"
    desk.panel.save.path.value = str(tmp_path / "scan.tif.radon_velocity.csv")
    desk.panel.save.save(replace=True)
    assert "never writes" in desk.panel.save.words.value
    assert (tmp_path / "scan.tif.json").read_bytes() == before
