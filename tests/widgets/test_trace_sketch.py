"""A preview is drawn over the figure at once; what is kept is the figure's."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.acq_image import AcqImage
from cloudscope.preview import Preview, measure_preview
from cloudscope.synthetic import velocity_kymograph
from cloudscope.widgets.traces import TracePlot

BOUNDS = (0, 3000, 2, 22)


@pytest.fixture(scope="module")
def image() -> AcqImage:
    truth = velocity_kymograph(600.0, lines=3000, pixels=24, snr=3.0, seed=4)
    image = AcqImage.from_array(truth.image, line_period_s=1e-3, pixel_size_um=0.5)
    image.add_roi(row_start=0, row_stop=3000, col_start=2, col_stop=22)
    image.analyze("radon_velocity", roi_id=1)
    return image


def hasty(image: AcqImage, bounds: tuple[int, int, int, int] = BOUNDS) -> Preview:
    return measure_preview(image, "radon_velocity", 0, bounds, {}, (0, 3000), points=20)


def numbers(data: bytes) -> np.ndarray:
    return np.frombuffer(data, "<f8")


def test_a_preview_is_sent_as_one_sketch_and_the_figure_is_left_as_it_is(image: AcqImage) -> None:
    plot = TracePlot(image, analysis="radon_velocity", roi_id=1)
    kept = np.asarray(plot._plot.line.y).copy()
    assert plot._pointer.sketch == {}
    plot.preview = preview = hasty(image)
    sketch = plot._pointer.sketch
    assert sketch["bounds"] == "0,3000,2,22"
    series = plot.series
    assert series is not None
    drawn = np.fmax.reduce([numbers(line) for line in sketch["lines"]])
    np.testing.assert_array_equal(numbers(sketch["time"]), series.time_s)
    np.testing.assert_array_equal(drawn, series.line)
    assert series.value.size == len(preview.result.columns["time_s"])
    np.testing.assert_array_equal(np.asarray(plot._plot.line.y), kept)
    plot.preview = None
    assert plot._pointer.sketch == {}
    np.testing.assert_array_equal(np.asarray(plot._plot.line.y), kept)


def test_the_value_axis_rests_while_the_hand_moves(image: AcqImage) -> None:
    plot = TracePlot(image, analysis="radon_velocity", roi_id=1)
    plot.preview = hasty(image)
    ranges = set()
    for stop in range(1000, 3000, 250):
        plot.preview = hasty(image, (0, stop, 2, 22))
        ranges.add((plot._plot.values.min, plot._plot.values.max))
        line = plot.series.line if plot.series is not None else np.empty(0)
        assert plot._plot.values.min <= np.nanmin(line)
        assert plot._plot.values.max >= np.nanmax(line)
    assert len(ranges) == 1


def test_the_line_above_says_that_it_is_a_preview_and_counts_only_at_rest(image: AcqImage) -> None:
    plot = TracePlot(image, analysis="radon_velocity", roi_id=1)
    assert "set aside" in plot._head.value
    plot.preview = hasty(image)
    assert "preview: one window of" in plot._head.value
    assert "set aside" not in plot._head.value
    plot.preview = measure_preview(image, "radon_velocity", 0, BOUNDS, {}, None)
    assert "as Run would measure it" in plot._head.value
    assert "set aside" in plot._head.value
