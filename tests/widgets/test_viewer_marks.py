"""Walls and events on the picture: which, where, and how much of them is sent."""

from __future__ import annotations

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.analysis.velocity_events import add_event
from cloudscope.synthetic import diameter_kymograph, velocity_kymograph

PERIOD_S, PIXEL_UM = 0.001, 0.5


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Half a minute of a vessel of 20 µm."""
    truth = diameter_kymograph(20.0, lines=6000, pixels=80, pixel_size_um=PIXEL_UM, seed=2)
    return truth.image


@pytest.fixture
def image(truth: np.ndarray) -> cs.AcqImage:
    """That recording with a ROI whose diameter is measured."""
    image = cs.AcqImage.from_array(truth, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
    roi = image.add_roi(row_start=1000, col_start=6)
    image.analyze("diameter", roi_id=roi.roi_id, average_lines=2)
    return image


def wall(viewer: cs.KymographViewer, name: str) -> np.ndarray:
    """Points (line, column) of the first vessel's wall as the browser gets them."""
    return np.frombuffer(viewer._marks["walls"][0][name], "<f4").reshape(-1, 2)


def test_walls_lie_where_they_were_measured(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image)
    result = image.result("diameter", roi_id=1)
    assert result is not None
    left, right = wall(viewer, "left"), wall(viewer, "right")
    assert left[0, 0] == pytest.approx(1001.0)  # the middle of the first two lines of the ROI
    seen = np.flatnonzero(result.columns["status"] == "ok")[0]
    assert left[seen, 1] == pytest.approx(6 + result.columns["left_um"][seen] / PIXEL_UM, abs=1e-4)
    middle = np.median(right[:, 1]) - np.median(left[:, 1])
    assert middle == pytest.approx(result.summary["diameter_median_um"] / PIXEL_UM, rel=0.02)


def test_stale_walls_are_taken_off_and_come_back(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image)
    image.edit_roi(1, col_stop=70)
    assert viewer._marks == {}
    image.undo()
    assert viewer._marks["walls"]


def test_only_what_is_around_the_view_is_sent_and_finer_the_closer(image: cs.AcqImage) -> None:
    viewer = cs.KymographViewer(image)
    whole = wall(viewer, "left").shape[0]
    assert whole <= 2 * 3 * 1600
    viewer.time_range = (3.0, 3.2)
    near = wall(viewer, "left")
    assert 2700 <= near[0, 0] <= 2802
    assert near[-1, 0] == pytest.approx(3400, abs=4)
    sent = viewer._marks
    viewer.time_range = (3.05, 3.25)
    assert viewer._marks is sent  # what was sent around it still does


def test_marks_can_be_left_off_and_follow_the_recording(
    image: cs.AcqImage, truth: np.ndarray
) -> None:
    viewer = cs.KymographViewer(image, show_marks=False)
    assert viewer._marks == {}
    viewer.show_marks = True
    assert viewer._marks["walls"]
    viewer.image = cs.AcqImage.from_array(truth)
    assert viewer._marks == {}


def test_events_are_bands_by_their_reviewed_name_unless_rejected() -> None:
    kymograph = velocity_kymograph(800.0, lines=4000, pixels=40, seed=4).image
    image = cs.AcqImage.from_array(kymograph, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
    roi = image.add_roi(row_start=500)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    events = image.analyze("velocity_events", roi_id=roi.roi_id)
    viewer = cs.KymographViewer(image)
    before = len(viewer._marks.get("events", ()))
    image.revise(add_event(events, 1.0, 1.5, label="looks odd"), "add an event")
    added = viewer._marks["events"]
    assert len(added) == before + 1
    (mark,) = [e for e in added if e["title"] == "looks odd"]
    assert (mark["start"], mark["stop"]) == (pytest.approx(1500), pytest.approx(2000))
    image.undo()
    assert len(viewer._marks.get("events", ())) == before


def test_walls_of_a_preview_are_drawn_beside_those_that_are_kept(image: cs.AcqImage) -> None:
    from cloudscope.preview import measure_preview

    viewer = cs.KymographViewer(image)
    bounds = (1000, 6000, 10, 70)
    made = measure_preview(image, "diameter", 0, bounds, {}, (1000, 3000), points=30)
    viewer.previewed_walls = (1, made.result)
    walls = viewer._preview_marks["walls"]
    assert [wall["roi_id"] for wall in walls] == [1]
    left = np.frombuffer(walls[0]["left"], "<f4").reshape(-1, 2)
    kept = np.median(wall(viewer, "left")[:, 1])  # the vessel has not moved, only the ROI
    assert np.nanmedian(left[:, 1]) == pytest.approx(kept, abs=0.5)
    viewer.previewed_walls = (None, made.result)
    assert viewer._preview_marks["walls"][0]["roi_id"] == -1
    viewer.previewed_walls = None
    assert viewer._preview_marks == {}
    assert viewer._marks["walls"]


def test_marks_that_are_put_away_are_not_sent(image: cs.AcqImage) -> None:
    from cloudscope.preview import measure_preview

    viewer = cs.KymographViewer(image, show_marks=False)
    made = measure_preview(image, "diameter", 0, (1000, 6000, 10, 70), {}, (1000, 2000), points=30)
    viewer.previewed_walls = (1, made.result)
    assert (viewer._marks, viewer._preview_marks) == ({}, {})
    viewer.show_marks = True
    assert viewer._preview_marks["walls"]
