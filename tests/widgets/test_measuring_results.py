"""Analyses of results in the Measure panel: what is offered, what is missing, the Python for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

import cloudscope as cs
from cloudscope.synthetic import volume_flow_kymograph
from cloudscope.widgets.measure_panel import MeasurePanel
from cloudscope.widgets.status_line import StatusLine

PERIOD_S, PIXEL_UM = 0.001, 0.25


@pytest.fixture(scope="module")
def pixels() -> tuple[np.ndarray, int]:
    """A scan along a vessel and then across it, and the column where that begins."""
    time_s = np.arange(5000) * PERIOD_S
    beat = np.cos(2 * np.pi * 6.0 * time_s)
    truth = volume_flow_kymograph(
        600.0 * (1 + 0.2 * beat), 12.0, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM, seed=3
    )
    return np.clip(truth.image, 0, 65535).astype("u2"), truth.velocity_columns[1]


@pytest.fixture
def image(pixels: tuple[np.ndarray, int], tmp_path: Path) -> cs.AcqImage:
    """That recording in a file, with a ROI along and one across the vessel."""
    array, border = pixels
    path = tmp_path / "scan.tif"
    tifffile.imwrite(path, array)
    image = cs.AcqImage(path)
    image.set_calibration(line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
    image.add_roi(col_stop=border, name="along")
    image.add_roi(col_start=border, name="across")
    return image


@pytest.fixture
def panel(image: cs.AcqImage) -> MeasurePanel:
    """The panel of that recording, measuring along the vessel."""
    panel = MeasurePanel(StatusLine(), lambda text: None)
    panel.image, panel.selected_roi_id = image, 1
    return panel


def test_what_is_missing_is_said_until_it_is_measured(
    panel: MeasurePanel, image: cs.AcqImage
) -> None:
    section = panel.sections["heart_rate"]
    assert not section.built  # a closed section costs the page nothing
    section.opened = True
    assert section.blocked.startswith("This works on velocity")
    assert section.body.run_button.disabled
    panel.measure("radon_velocity")
    assert section.blocked == ""
    panel.measure("heart_rate")
    result = image.result("heart_rate", roi_id=1)
    assert result is not None
    assert result.summary["heart_rate_bpm"] == pytest.approx(360, abs=5)
    assert result.inputs["velocity"].key == ("radon_velocity", 0, 1)


def test_the_result_of_another_roi_is_a_choice(panel: MeasurePanel, image: cs.AcqImage) -> None:
    panel.measure("radon_velocity")
    section = panel.sections["flow"]
    section.opened = True
    assert "diameter" in section.blocked
    image.analyze("diameter", roi_id=2)
    assert section.blocked == ""
    assert section.inputs.values == {
        "velocity": ("radon_velocity", 0, 1),
        "diameter": ("diameter", 0, 2),
    }
    panel.measure("flow")
    result = image.result("flow", roi_id=1)
    assert result is not None
    assert result.inputs["diameter"].key == ("diameter", 0, 2)
    image.analyze("diameter", roi_id=2, average_lines=4)
    panel.measure("radon_velocity")
    assert section.stale == "the diameter it was computed from was changed since"


@pytest.mark.parametrize("saved", [False, True])
def test_copy_as_python_gives_the_same_numbers(
    panel: MeasurePanel, image: cs.AcqImage, saved: bool
) -> None:
    panel.measure("radon_velocity")
    image.analyze("diameter", roi_id=2, average_lines=2)
    panel.measure("flow")
    flow = image.result("flow", roi_id=1)
    assert flow is not None
    if saved:
        image.save()
    said: list[str] = []
    panel._copy = said.append
    panel.copy_code(panel.sections["flow"])
    assert ('image.analyze("radon_velocity"' in said[0]) is not saved
    namespace: dict[str, object] = {}
    exec(said[0], namespace)
    again = namespace["result"]
    assert isinstance(again, cs.AnalysisResult)
    assert again.same_numbers(flow)


def test_a_stale_input_is_refused_in_place(panel: MeasurePanel, image: cs.AcqImage) -> None:
    panel.measure("radon_velocity")
    image.edit_roi(1, col_start=4)
    section = panel.sections["heart_rate"]
    section.opened = True
    panel.measure("heart_rate")
    assert image.result("heart_rate", roi_id=1) is None
    assert "measure it again first" in section.form.error
