"""What is drawn of a trace: faint where quality is low, marked where something is known."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.ceiling import speed_ceiling
from cloudscope.analysis.streaks.manual import overrule_velocity
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.trace_drawing import faded
from cloudscope.widgets.trace_marks import TraceMarks, trace_marks
from cloudscope.widgets.trace_series import trace_series
from cloudscope.widgets.traces import TracePlot, get_analysis


def test_a_stretch_is_as_faint_as_its_fainter_end() -> None:
    time_s, value = np.arange(6.0), np.array([1.0, 2.0, 3.0, np.nan, 5.0, 6.0])
    quality = np.array([0.9, 0.9, 0.1, 0.9, 0.9, np.nan])
    lines, opacities = faded(time_s, value, quality)
    assert opacities == (0.4, 1.0)
    faint, full = lines
    np.testing.assert_array_equal(faint, [np.nan, 2, 3, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(full, [1, 2, np.nan, np.nan, 5, 6])


def test_quality_of_one_sort_is_one_line() -> None:
    lines, opacities = faded(np.arange(3.0), np.ones(3), np.full(3, 0.6))
    assert (lines.shape, opacities) == ((1, 3), (0.7,))
    assert faded(np.arange(3.0), np.full(3, np.nan), np.zeros(3))[1] == (1.0,)


def test_every_sample_is_in_one_of_the_lines() -> None:
    random = np.random.default_rng(3)
    value, quality = random.normal(size=500), random.random(500)
    value[random.random(500) < 0.1] = np.nan
    lines, _ = faded(np.arange(500.0), value, quality)
    np.testing.assert_array_equal(np.fmax.reduce(lines), value)


def test_lines_end_with_a_sample_and_keep_every_one() -> None:
    image = AcqImage.from_array(np.zeros((64, 8)), line_period_s=0.01, pixel_size_um=1.0)
    value = np.arange(64.0)
    value[-5:] = np.nan
    columns = {
        "time_s": 0.01 * np.arange(64),
        "diameter_um": value,
        "diameter_sd_um": np.ones(64),
        "quality": np.where(np.arange(64) < 40, 0.9, 0.1),
        "status": np.full(64, "ok", dtype=object),
    }
    made = AnalysisResult.measured(
        "diameter", parameters={}, columns=columns, summary={}, line_period_s=0.01,
        pixel_size_um=1.0,
    )  # fmt: skip
    image.store(made.bound_to(channel=0, roi_id=0, bounds=(0, 64, 0, 8), time_axis="rows"))
    plot = TracePlot(image, analysis="diameter")
    line = plot._plot.line
    assert line.opacities == [0.4, 1.0]
    assert np.isfinite(np.asarray(line.y)[:, -1]).all()
    drawn = np.asarray(line.y)
    assert set(drawn[np.isfinite(drawn)]) == set(value[np.isfinite(value)])
    assert np.asarray(line.x).shape == drawn.shape


@pytest.fixture(scope="module")
def image() -> AcqImage:
    truth = velocity_kymograph(600.0, lines=3000, pixels=24, snr=3.0, seed=4)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    image.add_roi(row_start=500, row_stop=2900, col_start=2, col_stop=22)
    result = image.analyze("radon_velocity", roi_id=1, window_lines=32)
    image.revise(overrule_velocity(result, row_start=160, velocity_um_per_s=250.0), "by hand")
    return image


def marks(image: AcqImage, analysis: str = "radon_velocity") -> TraceMarks:
    result = image.result(analysis, 0, 1)
    assert result is not None
    trace = get_analysis(analysis).trace
    assert trace is not None
    return trace_marks(image, result, trace_series(result, trace), roi_id=1)


def test_what_was_set_by_hand_and_the_ceiling_are_marked(image: AcqImage) -> None:
    found = marks(image)
    assert found.manual == ((pytest.approx(0.5 + 0.1755, abs=0.001), 250.0),)
    limits = speed_ceiling(1e-3, 0.5, 20, 32)
    assert found.ceiling == limits.fastest_um_per_s
    assert "1 set by hand" in found.legend
    assert "unseen beyond ±" in found.legend


def test_beats_are_ticks_on_the_course_they_were_found_in_as_long_as_they_hold(
    image: AcqImage,
) -> None:
    velocity = image.result("radon_velocity", 0, 1)
    assert velocity is not None
    onsets = np.array([0.2, 0.4, np.nan, 0.6])
    beats = AnalysisResult.measured(
        "beats", parameters={}, columns={"time_s": onsets, "start_s": onsets}, summary={},
        line_period_s=1e-3, pixel_size_um=0.5, inputs={"velocity": velocity},
    )  # fmt: skip
    image.store(beats.bound_to(channel=0, roi_id=1, bounds=velocity.bounds, time_axis="rows"))
    assert marks(image).ticks == pytest.approx([0.7, 0.9, 1.1])
    assert "3 beats" in marks(image).legend
    image.revise(overrule_velocity(velocity, row_start=0, velocity_um_per_s=250.0), "by hand")
    assert marks(image).ticks == ()
    image.undo()


def test_peaks_of_the_intensity_stand_where_they_were_found() -> None:
    from cloudscope.synthetic import transient_kymograph

    truth = transient_kymograph([1.0, 3.0], 0.5, lines=5000, seed=1)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    image.add_roi(row_start=500, row_stop=5000, col_start=0, col_stop=image.header.pixels)
    image.analyze("intensity", roi_id=1)
    found = marks(image, "intensity").peaks
    assert [round(t, 1) for t, _ in found] == [1.1, 3.1]
    plot = TracePlot(image, analysis="intensity", roi_id=1)
    assert len(plot._pointer.marks["peaks"]) == 2
    assert "2 peaks" in plot._head.value
