"""The streak probe: from a time on the trace to its window, its score, and a velocity by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.streak_probe import StreakProbePanel

PERIOD_S, PIXEL_UM = 0.001, 0.5


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Flow of 800 µm/s, 1.6 columns a line."""
    return velocity_kymograph(800.0, lines=1200, pixels=36, seed=6).image


@pytest.fixture
def image(truth: np.ndarray) -> cs.AcqImage:
    """That recording with a ROI from line 200 on, measured."""
    image = cs.AcqImage.from_array(truth, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
    roi = image.add_roi(row_start=200, col_start=4)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    return image


@pytest.fixture
def viewer(image: cs.AcqImage) -> cs.KymographViewer:
    """A viewer with the ROI selected."""
    return cs.KymographViewer(image, selected_roi_id=1)


@pytest.fixture
def panel(viewer: cs.KymographViewer) -> StreakProbePanel:
    """The panel of that viewer."""
    return StreakProbePanel(viewer, StatusLine())


def test_a_time_leads_to_its_window_on_the_image(
    panel: StreakProbePanel, viewer: cs.KymographViewer, image: cs.AcqImage
) -> None:
    assert panel.layout.display == "none"
    panel.pick(0.532)
    result = image.result("radon_velocity", roi_id=1)
    assert result is not None
    assert panel.place is not None
    row = panel.place[2]
    assert abs(result.columns["time_s"][row] + 0.2 - 0.532) <= 0.008 + 1e-9
    start = 200 + int(result.columns["row_start"][row])
    assert viewer._streak["window"] == [start, start + 64, 4, 36]
    assert viewer._streak["slope"] == pytest.approx(1.6, rel=0.05)
    shown_from, shown_to = viewer.time_range
    assert shown_from < start * PERIOD_S < (start + 64) * PERIOD_S < shown_to
    assert panel.layout.display == ""
    curve = panel._curve._line
    assert curve.x[int(np.argmax(curve.y))] == pytest.approx(800.0, rel=0.1)
    panel.close_probe()
    assert viewer._streak == {}


def test_overruling_is_one_step_and_says_so(
    panel: StreakProbePanel, viewer: cs.KymographViewer, image: cs.AcqImage
) -> None:
    panel.pick(0.5)
    assert panel.place is not None
    row = panel.place[2]
    measured = image.results["radon_velocity", 0, 1].columns["velocity_um_per_s"][row]
    panel.velocity.value = -250.0
    panel.overrule.click()
    edited = image.results["radon_velocity", 0, 1]
    assert edited.columns["velocity_um_per_s"][row] == -250.0
    assert edited.columns["status"][row] == "manual"
    assert viewer._streak["slope"] == pytest.approx(-0.5)
    assert "manual" in panel._heading.value
    assert not panel.restore.disabled
    panel.restore.click()
    again = image.results["radon_velocity", 0, 1]
    assert again.columns["velocity_um_per_s"][row] == measured
    assert image.undo_label == "measured"
    image.undo()
    image.undo()
    assert image.results["radon_velocity", 0, 1].columns["velocity_um_per_s"][row] == measured
    assert image.undo_label == "add ROI 1"


def test_it_walks_through_the_windows_and_stops_at_the_ends(
    panel: StreakProbePanel, image: cs.AcqImage
) -> None:
    panel.pick(0.0)
    assert panel.place == (0, 1, 0)
    panel.before.click()
    assert panel.place == (0, 1, 0)
    panel.after.click()
    assert panel.place == (0, 1, 1)
    panel.pick(99.0)
    last = len(image.results["radon_velocity", 0, 1].columns["time_s"]) - 1
    assert panel.place == (0, 1, last)


def test_it_closes_when_what_it_shows_is_gone(
    panel: StreakProbePanel, viewer: cs.KymographViewer, image: cs.AcqImage, truth: np.ndarray
) -> None:
    panel.pick(0.5)
    image.delete_roi(1)
    assert panel.layout.display == "none"
    assert viewer._streak == {}
    image.undo()
    assert panel.layout.display == ""
    viewer.image = cs.AcqImage.from_array(truth)
    assert panel.place is None
    panel.pick(0.5)  # nothing is measured here
    assert panel.place is None


def test_a_stale_result_has_its_numbers_but_no_score(
    panel: StreakProbePanel, image: cs.AcqImage
) -> None:
    image.edit_roi(1, col_stop=30)
    panel.pick(0.5)
    assert panel.layout.display == ""
    assert "stale" in panel._curve._words.value


def test_a_velocity_that_is_no_number_is_refused(panel: StreakProbePanel) -> None:
    panel.pick(0.5)
    with pytest.raises(cs.ParameterError):
        panel.set_velocity(math.nan)


def test_the_line_dragged_on_the_image_overrules_the_velocity_as_one_step(
    panel: StreakProbePanel, viewer: cs.KymographViewer, image: cs.AcqImage
) -> None:
    panel.pick(0.532)
    assert viewer._streak["draggable"]
    assert viewer._streak["velocity"] == [pytest.approx(500.0), 0.0]
    assert viewer._streak["ceiling"] > 5
    answers: list[dict] = []
    viewer.send = lambda content, buffers=None: answers.append(content)  # type: ignore[method-assign]
    viewer._handle_custom_msg({"kind": "slope", "slope": -0.8, "request": "r"}, [])
    assert answers[-1]["kind"] == "done"
    assert panel.place is not None
    result = image.result("radon_velocity", roi_id=1)
    assert result is not None
    row = panel.place[2]
    assert result.columns["velocity_um_per_s"][row] == pytest.approx(-400)
    assert result.columns["status"][row] == "manual"
    assert viewer._streak["slope"] == pytest.approx(-0.8)
    assert image.undo() == "overrule a velocity"
    assert viewer._streak["slope"] == pytest.approx(1.6, rel=0.05)
    panel.close_probe()
    viewer._handle_custom_msg({"kind": "slope", "slope": 1.0, "request": "r"}, [])
    assert answers[-1]["kind"] == "refused"
