"""A trace shows what was measured, where it was measured, and counts what it sets aside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.analysis import registry
from cloudscope.analysis.registry import Column, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import UnknownNameError
from cloudscope.widgets.trace_series import TraceSeries, value_limits
from cloudscope.widgets.traces import TracePlot


@pytest.fixture(autouse=True)
def wavy() -> Iterator[None]:
    """An analysis that gives as many samples as there are lines, some of them bad."""

    @register(
        name="wavy",
        title="Wavy",
        columns=(Column("time_s", "s", "time"), Column("speed", "µm/s", "speed")),
        trace=Trace("speed", "Speed (µm/s)", "#123456", sd="sd", quality="quality"),
        headline="n",
    )
    def wavy(kymograph: Any, *, line_period_s: Any, pixel_size_um: Any, progress: Any = None,
             cancel: Any = None) -> AnalysisResult:  # fmt: skip
        n = kymograph.shape[0]
        time_s = np.arange(n) * line_period_s
        speed = -1000 + 100 * np.sin(time_s)
        speed[n // 2] = 5000.0  # a spike one line long
        status = np.full(n, "ok", dtype=object)
        status[3], speed[3] = "no signal", np.nan
        quality = np.full(n, 0.9)
        quality[5] = 0.1
        columns = {
            "time_s": time_s,
            "speed": speed,
            "sd": np.full(n, 7.0),
            "quality": quality,
            "status": status,
        }
        return AnalysisResult.measured(
            "wavy",
            parameters={},
            columns=columns,
            summary={"n": n},
            line_period_s=line_period_s,
            pixel_size_um=pixel_size_um,
        )

    yield
    registry._registered.pop("wavy")


def recording(lines: int = 1000) -> AcqImage:
    return AcqImage.from_array(
        np.zeros((lines, 8)), line_period_s=0.002, pixel_size_um=0.5, name="scan"
    )


def drawn(plot: TracePlot) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(plot._plot.line.x), np.asarray(plot._plot.line.y)


def test_nothing_measured_is_said_in_place() -> None:
    plot = TracePlot(recording(), analysis="wavy")
    assert plot.series is None
    assert plot._pointer.words.startswith("Wavy is not measured here yet: Run")
    assert drawn(plot)[0].size == 0


def test_a_result_appears_as_soon_as_it_is_stored_and_names_its_unit() -> None:
    image = recording()
    plot = TracePlot(image, analysis="wavy")
    image.analyze("wavy")
    assert plot._pointer.words == ""
    assert "µm/s" in plot._head.value
    assert "1 of 1,000 set aside" in plot._head.value
    assert drawn(plot)[1].max() == 5000.0 or np.nanmax(drawn(plot)[1]) == 5000.0


def test_times_count_from_the_first_line_of_the_recording() -> None:
    image = recording()
    roi = image.add_roi(row_start=400, row_stop=900)
    image.analyze("wavy", roi_id=roi.roi_id)
    plot = TracePlot(image, analysis="wavy", roi_id=roi.roi_id)
    assert plot.series is not None
    assert plot.series.time_s[0] == pytest.approx(0.8)
    assert plot.time_range == (0.0, 2.0)


def test_a_stale_result_is_shown_with_the_reason_and_stays_on_its_lines() -> None:
    image = recording()
    image.analyze("wavy")
    plot = TracePlot(image, analysis="wavy")
    assert "stale" not in plot._head.value
    image.set_calibration(line_period_s=0.004)
    assert "stale: the line period was changed since" in plot._head.value
    assert plot.series is not None
    assert plot.series.time_s[500] == pytest.approx(500 * 0.004)
    image.undo()
    assert "stale" not in plot._head.value


def test_the_quality_cut_off_sets_aside_without_changing_a_number() -> None:
    image = recording()
    result = image.analyze("wavy")
    before = result.columns["speed"].copy()
    plot = TracePlot(image, analysis="wavy")
    plot.quality_cutoff = 0.5
    assert "2 of 1,000 set aside" in plot._head.value
    np.testing.assert_array_equal(result.columns["speed"], before)
    assert "below the cut-off" in plot.readout(5 * 0.002)
    assert plot.readout(3 * 0.002) == "set aside: no signal"


def test_100000_samples_are_thinned_and_the_spike_is_kept() -> None:
    image = recording(100_000)
    image.analyze("wavy")
    plot = TracePlot(image, analysis="wavy")
    t, v = drawn(plot)
    assert t.size <= 1800
    assert np.nanmax(v) == 5000.0
    assert t[np.nanargmax(v)] == pytest.approx(100.0)


def test_zooming_draws_every_sample_there_and_panning_a_little_sends_nothing() -> None:
    image = recording(100_000)
    image.analyze("wavy")
    plot = TracePlot(image, analysis="wavy")
    plot.time_range = (50.0, 50.5)
    t, _ = drawn(plot)
    inside = t[(t >= 50.0) & (t <= 50.5)]
    np.testing.assert_allclose(np.diff(inside), 0.002)
    plot.time_range = (40.0, 60.0)
    t, _ = drawn(plot)
    plot.time_range = (41.0, 61.0)
    assert drawn(plot)[0] is t or np.array_equal(drawn(plot)[0], t)
    plot.time_range = (140.0, 140.5)
    assert drawn(plot)[0].min() >= 139.0


def test_a_viewer_and_its_trace_share_time_and_cursor() -> None:
    viewer_module = pytest.importorskip("cloudscope.widgets.viewer")
    image = recording()
    viewer = viewer_module.KymographViewer(image)
    plot = TracePlot(image, analysis="wavy", viewer=viewer)
    assert plot.time_range == viewer.time_range == (0.0, 2.0)
    viewer.time_range = (0.5, 1.0)
    assert plot.time_range == (0.5, 1.0)
    plot.time_range = (0.25, 0.75)
    assert viewer.time_range == (0.25, 0.75)
    viewer.cursor_s = 0.3
    assert plot.cursor_s == 0.3


def test_the_readout_names_value_uncertainty_and_quality() -> None:
    image = recording()
    image.analyze("wavy")
    plot = TracePlot(image, analysis="wavy")
    plot.cursor_s = 1.0  # the spike
    assert plot._pointer.readout == "5,000 ± 7 µm/s · quality 0.90"
    plot.cursor_s = 0.0
    assert plot._pointer.readout == "−1,000 ± 7 µm/s · quality 0.90"
    plot.cursor_s = None
    assert plot._pointer.readout == ""


def test_another_image_takes_over_and_the_old_one_is_let_go() -> None:
    first, second = recording(), recording(500)
    first.analyze("wavy")
    plot = TracePlot(first, analysis="wavy")
    plot.image = second
    assert plot.time_range == (0.0, 1.0)
    assert plot.series is None
    first.analyze("wavy")
    assert plot.series is None


def test_names_are_escaped() -> None:
    image = recording()
    image.add_roi(name="<script>alert(1)</script>")
    plot = TracePlot(image, analysis="wavy", roi_id=1)
    assert "<script" not in plot._head.value
    assert "&lt;script" in plot._head.value


def test_an_unknown_analysis_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="there is no analysis 'velocity'"):
        TracePlot(recording(), analysis="velocity")


def test_the_repr_is_stable() -> None:
    image = recording()
    assert repr(TracePlot(image, analysis="wavy")) == repr(TracePlot(image, analysis="wavy"))


def test_the_value_axis_fits_what_is_in_view_and_rests_while_panning() -> None:
    image = recording(100_000)
    image.analyze("wavy")
    plot = TracePlot(image, analysis="wavy")
    assert (
        -1200 < plot._plot.values.min < plot._plot.values.max < -600
    )  # the lone spike may leave the picture
    plot.time_range = (99.9, 100.1)
    assert plot._plot.values.max > 5000  # zoomed in on, it is shown whole
    plot.time_range = (50.0, 60.0)
    limits = (plot._plot.values.min, plot._plot.values.max)
    assert -1130 < limits[0] < -1090
    plot.time_range = (50.5, 60.5)
    assert (plot._plot.values.min, plot._plot.values.max) == limits


def test_of_a_single_sample_the_axis_shows_its_surroundings() -> None:
    one = np.array([122.7607])
    series = TraceSeries(
        time_s=np.array([0.5]), value=one, sd=one * 0.01, quality=np.array([0.9]),
        status=np.array(["ok"]), accepted=np.array([True]),
    )  # fmt: skip
    low, high = value_limits(series, 0.0, 1.0)
    assert low < 122.7607 < high
    assert high - low > 1  # so that ticks are round numbers
