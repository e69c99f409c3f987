"""The Events panel: events as rows, looked at, judged, named, added; each one step of undo."""

from __future__ import annotations

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.events_panel import EventsPanel
from cloudscope.widgets.status_line import StatusLine

PERIOD_S, PIXEL_UM = 0.001, 0.5


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    """Flow of 800 µm/s that stops from 4 to 5 s."""
    velocity = np.full(9000, 800.0)
    velocity[4000:5000] = 0.0
    return velocity_kymograph(velocity, pixels=36, lines=9000, seed=6).image


@pytest.fixture
def image(truth: np.ndarray) -> cs.AcqImage:
    """That recording with a ROI from line 1,000 on, its velocity and events measured."""
    image = cs.AcqImage.from_array(truth, line_period_s=PERIOD_S, pixel_size_um=PIXEL_UM)
    roi = image.add_roi(row_start=1000)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    image.analyze("velocity_events", roi_id=roi.roi_id)
    return image


@pytest.fixture
def panel(image: cs.AcqImage) -> EventsPanel:
    """The panel beside a viewer with the ROI selected."""
    viewer = cs.KymographViewer(image, selected_roi_id=1)
    panel = EventsPanel(viewer, StatusLine())
    panel.image = image
    return panel


def events(image: cs.AcqImage) -> dict[str, np.ndarray]:
    """The columns of the events kept."""
    return dict(image.results["velocity_events", 0, 1].columns)


def stall(image: cs.AcqImage) -> int:
    """Number of the stall."""
    kept = events(image)
    return int(kept["event_id"][kept["kind"] == "stall"][0])


def test_choosing_an_event_shows_it_on_the_image(panel: EventsPanel, image: cs.AcqImage) -> None:
    assert "stall" in {row["kind"] for row in panel.table.rows}
    panel.table.selected = stall(image)
    start, stop = panel._viewer.time_range
    assert start < 4.0 < 5.0 < stop
    assert stop - start < 4.0


def test_a_key_judges_and_undo_takes_it_back(panel: EventsPanel, image: cs.AcqImage) -> None:
    number = stall(image)
    panel.table.selected = number
    panel.table._receive(panel.table, {"kind": "key", "key": "x"}, [])
    at = events(image)["event_id"] == number
    assert events(image)["reviewed"][at] == "rejected"
    assert image.undo_label == "reject an event"
    assert image.results["velocity_events", 0, 1].summary["stalls"] == 0
    image.undo()
    assert events(image)["reviewed"][at] == "unreviewed"
    panel.table._receive(
        panel.table, {"kind": "edit", "id": number, "field": "reviewed", "value": "confirmed"}, []
    )
    assert events(image)["reviewed"][at] == "confirmed"


def test_names_and_notes_are_kept_and_offered_again(panel: EventsPanel, image: cs.AcqImage) -> None:
    panel.table.selected = stall(image)
    panel.label.value = "true stall"
    panel.note.value = "a cell sticks"
    kept = events(image)
    at = kept["event_id"] == stall(image)
    assert (kept["label"][at], kept["note"][at]) == ("true stall", "a cell sticks")
    assert panel.label.options == ("true stall",)


def test_what_is_visible_becomes_an_event_with_its_velocity(
    panel: EventsPanel, image: cs.AcqImage
) -> None:
    panel._viewer.time_range = (6.0, 7.0)
    panel.add.click()
    kept = events(image)
    at = kept["event_id"] == panel.table.selected
    assert kept["start_s"][at] == pytest.approx(5.0)
    assert kept["stop_s"][at] == pytest.approx(6.0)
    assert kept["velocity_inside_um_per_s"][at] == pytest.approx(800.0, rel=0.05)
    panel._viewer.time_range = (6.5, 7.5)
    panel.move.click()
    assert events(image)["start_s"][at] == pytest.approx(5.5)
    panel.delete.click()
    assert panel.table.selected is None
    assert len(events(image)["start_s"]) == len(kept["start_s"]) - 1


def test_without_events_it_says_what_to_do(panel: EventsPanel, image: cs.AcqImage) -> None:
    panel._viewer.selected_roi_id = None
    assert panel.table.rows == ()
    assert "Measure velocity events" in panel._words.value
    assert panel.add.disabled
    panel.image = None
    assert panel.confirm.disabled


def test_stale_events_are_called_so(panel: EventsPanel, image: cs.AcqImage) -> None:
    image.edit_roi(1, col_stop=30)
    assert "stale" in panel._heading.value
