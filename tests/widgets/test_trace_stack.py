"""Which traces are shown is a choice, and one stretch is selected through all of them."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.analysis.velocity_events import add_event
from cloudscope.stretch_statistics import trace_statistics
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.recording_view import RecordingView
from cloudscope.widgets.status_line import StatusLine
from cloudscope.widgets.stretch_panel import StretchPanel


@pytest.fixture(scope="module")
def measured() -> AcqImage:
    truth = velocity_kymograph(600.0, lines=3000, pixels=24, snr=3.0, seed=4)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    image.add_roi(row_start=100, row_stop=2900, col_start=2, col_stop=22)
    for analysis in ("radon_velocity", "intensity", "velocity_events"):
        image.analyze(analysis, roi_id=1)
    return image


@pytest.fixture
def image(measured: AcqImage) -> AcqImage:
    copy = AcqImage.from_array(measured.frame(0), line_period_s=1e-3, pixel_size_um=0.5)
    copy.rois = measured.rois
    copy.results = measured.results
    return copy


@pytest.fixture
def copied() -> list[str]:
    return []


@pytest.fixture
def view(image: AcqImage, copied: list[str]) -> RecordingView:
    view = RecordingView(StatusLine(), copy=copied.append)
    view.image = image
    view.viewer.selected_roi_id = 1
    return view


def on_screen(view: RecordingView) -> list[str]:
    return [name for name, trace in view.traces.items() if trace in view.stack.children]


def selected(view: RecordingView, start_s: float, stop_s: float) -> StretchPanel:
    view.traces["intensity"].brush = (start_s, stop_s)
    panel = view.stretch
    assert panel is not None
    return panel


def test_a_trace_is_put_away_and_brought_back(view: RecordingView) -> None:
    assert on_screen(view) == ["radon_velocity", "intensity"]
    view.stack.toggles["intensity"].value = False
    assert on_screen(view) == ["radon_velocity"]
    assert view.traces["radon_velocity"].show_time_axis
    assert view.stack.shown == ("radon_velocity",)
    view.stack.toggles["intensity"].value = True
    assert on_screen(view) == ["radon_velocity", "intensity"]
    assert not view.traces["radon_velocity"].show_time_axis


def test_there_is_no_choice_where_there_is_one_trace() -> None:
    view = RecordingView(StatusLine())
    view.image = AcqImage.from_array(np.zeros((99, 9)), line_period_s=1e-3, pixel_size_um=0.5)
    assert view.stack.choice.children == ()


def test_one_stretch_goes_through_all_traces_and_tells_its_numbers(view: RecordingView) -> None:
    assert view.stretch is None  # made when it is first wanted
    panel = selected(view, 1.0, 2.0)
    assert view.traces["radon_velocity"].brush == (1.0, 2.0)
    result = view.image.result("radon_velocity", 0, 1)
    assert panel.statistics["radon_velocity"] == trace_statistics(result, 1.0, 2.0)
    assert set(panel.statistics) == {"radon_velocity", "intensity"}
    assert panel.layout.display != "none"
    assert "1,000 lines" in panel._heading.value
    assert "n = 62" in view.traces["radon_velocity"]._pointer.brush_words
    quality = view.image.result("intensity", 0, 1).columns["quality"]
    view.stack.quality_cutoff = float(np.nanmedian(quality)) + 1e-6
    accepted = panel.statistics["intensity"].accepted
    assert 0 < accepted < panel.statistics["intensity"].samples
    panel.clear.click()
    assert view.traces["radon_velocity"].brush is None
    assert view.traces["radon_velocity"]._pointer.brush_words == ""
    assert panel.layout.display == "none"


def test_a_stretch_becomes_a_roi_as_wide_as_the_one_shown(view: RecordingView) -> None:
    selected(view, 1.0, 2.0).new_roi.click()
    assert view.image.rois[-1].bounds == (1000, 2000, 2, 22)
    assert view.viewer.selected_roi_id == view.image.rois[-1].roi_id
    assert view.image.undo() == "add ROI 2"


def test_a_stretch_becomes_an_event_with_its_numbers(view: RecordingView) -> None:
    events, velocity = (view.image.result(n, 0, 1) for n in ("velocity_events", "radon_velocity"))
    panel = selected(view, 1.0, 2.0)
    panel.new_event.click()
    now = view.image.result("velocity_events", 0, 1)
    assert now.same_numbers(add_event(events, 0.9, 1.9, velocity=velocity))
    (band,) = [b for b in view.traces["radon_velocity"]._marks.bands if b["kind"] == "user"]
    assert (band["start"], band["stop"]) == pytest.approx((1.0, 2.0))
    assert "1 added event" in view.traces["radon_velocity"]._head.value
    assert "event" in view.traces["radon_velocity"].readout(1.5)
    assert view.image.undo() == "add an event"
    assert not view.traces["radon_velocity"]._marks.bands


def test_an_event_needs_the_search_for_events(view: RecordingView) -> None:
    kept = view.image.results
    view.image.results = {k: r for k, r in kept.items() if k[0] != "velocity_events"}
    assert selected(view, 1.0, 2.0).new_event.disabled


def test_the_python_gives_the_same_numbers(view: RecordingView, copied: list[str]) -> None:
    panel = selected(view, 1.0, 2.0)
    panel.code.click()
    (code,) = copied
    scope = {"image": view.image}
    exec(code, scope)  # the last statement is that of the intensity
    assert "cs.trace_statistics(result, 1.0, 2.0)" in code
    found = trace_statistics(scope["result"], 1.0, 2.0)
    assert found == panel.statistics["intensity"]


def test_a_stretch_is_zoomed_to_and_gone_with_its_recording(view: RecordingView) -> None:
    panel = selected(view, 1.0, 2.0)
    panel.zoom.click()
    assert view.viewer.time_range == (1.0, 2.0)
    view.image = AcqImage.from_array(np.zeros((99, 9)), line_period_s=1e-3, pixel_size_um=0.5)
    assert view.stack.brush is None
    assert panel.layout.display == "none"


def test_opening_a_recording_with_results_is_few_messages(
    image: AcqImage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A Jupyter server passes on 3,000 messages in its first seconds, for all of a page."""
    from comm.base_comm import BaseComm

    sent: list[str] = []

    def count(self: BaseComm, kind: str, *args: object, **kwargs: object) -> None:
        sent.append(kind)

    for owner in BaseComm, *BaseComm.__subclasses__():
        monkeypatch.setattr(owner, "publish_msg", count)
    from cloudscope.widgets.app import App

    app = App(AcqImageList([AcqImage.from_array(np.zeros((99, 9)), line_period_s=1e-3)]))
    before = len(sent)
    app.folder = AcqImageList([image])
    app.image = image
    assert app.view.stack.shown == ("radon_velocity", "intensity")
    assert 0 < len(sent) - before <= 250, len(sent) - before
