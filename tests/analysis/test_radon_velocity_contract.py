"""What calls of `radon_velocity` may rely on: equal bits, clear refusals, progress, memory."""

from __future__ import annotations

import threading
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from cloudscope.analysis import registry
from cloudscope.analysis.radon_velocity import COLUMNS
from cloudscope.analysis.streaks import windows
from cloudscope.errors import AnalysisCancelled, CalibrationError, ParameterError
from tests.rigid_cells import measure, moving_cells


@pytest.mark.parametrize(("width", "step"), [(7, 7), (20, 16), (100, 16), (100, 64)])
def test_bits_do_not_depend_on_the_chunks(
    width: int, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    kymograph = moving_cells(1 + np.sin(np.arange(1000) / 90), width, lines=1000, snr=0.4)
    whole = measure(kymograph, step_lines=step)
    for largest in (1, 3, 10):
        monkeypatch.setattr(windows, "LARGEST_CHUNK", largest)
        assert measure(kymograph, step_lines=step).same_numbers(whole)


@pytest.mark.parametrize("dtype", ["<u2", ">u2", "i4", "u8", "f4", "f8", ">f8"])
def test_bits_do_not_depend_on_the_pixel_type(dtype: str) -> None:
    counts = moving_cells(1.0, 20).round().clip(0)
    assert measure(counts.astype(dtype)).same_numbers(measure(counts.astype(np.uint16)))


def test_layout_in_memory_does_not_matter_and_the_input_is_not_changed() -> None:
    kymograph = moving_cells(1.0, 20)
    reference = measure(kymograph)
    wide = np.zeros((640, 41))
    wide[:, 1::2] = kymograph
    frozen = kymograph.copy()
    frozen.flags.writeable = False
    for same in (np.asfortranarray(kymograph), wide[:, 1::2], frozen, kymograph.tolist()):
        assert measure(same).same_numbers(reference)
    np.testing.assert_array_equal(frozen, kymograph)


def test_registered_with_its_columns_and_headline() -> None:
    analysis = registry.get_analysis("radon_velocity")
    result = measure(moving_cells(1.0, 20))
    assert [column.name for column in analysis.columns] == list(result.columns)
    assert analysis.columns == COLUMNS
    assert analysis.headline in result.summary
    assert {analysis.trace.value, analysis.trace.sd, analysis.trace.quality} <= set(result.columns)
    assert list(result.parameters) == [parameter.name for parameter in analysis.parameters]


@pytest.mark.parametrize(
    ("kymograph", "words"),
    [
        (np.zeros((63, 20)), "window_lines=64"),
        (np.zeros((100, 3)), "3 columns wide"),
        (np.zeros((2, 100, 20)), "3 dimensions"),
        (np.zeros(100), "1 dimensions"),
        (np.zeros((100, 20), complex), "complex128"),
        (np.full((100, 20), "a"), "real numbers"),
        (np.full((100, 20), np.nan), "not finite"),
        (np.full((100, 20), np.inf), "not finite"),
        (np.zeros((0, 20)), "0 lines"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_one_sentence(
    kymograph: np.ndarray, words: str
) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        measure(kymograph)
    assert "\n" not in str(caught.value)


def test_one_pixel_that_is_not_a_number_is_found() -> None:
    kymograph = moving_cells(1.0, 20)
    kymograph[500, 7] = np.nan
    with pytest.raises(ParameterError, match="not finite"):
        measure(kymograph)


@pytest.mark.parametrize(
    "parameters",
    [
        {"window_lines": 4},
        {"window_lines": 64.5},
        {"step_lines": 0},
        {"direction": "up"},
        {"background": "window"},
        {"tracking": -1.0},
        {"quality_limit": 2.0},
        {"maximum_speed_um_per_s": np.nan},
        {"minimum_speed_um_per_s": 500.0, "maximum_speed_um_per_s": 100.0},
    ],
)
def test_values_that_are_not_allowed_name_the_parameter(parameters: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match=next(iter(parameters))):
        measure(np.zeros((100, 20)), **parameters)


@pytest.mark.parametrize("name", ["line_period_s", "pixel_size_um"])
def test_without_calibration_there_is_no_velocity(name: str) -> None:
    with pytest.raises(CalibrationError, match=rf"{name}.*set_calibration\({name}=") as caught:
        measure(np.zeros((100, 20)), **{name: None})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["line_period_s", "pixel_size_um"])
@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_a_scale_is_a_positive_number(name: str, value: float) -> None:
    with pytest.raises(ParameterError, match=name):
        measure(np.zeros((100, 20)), **{name: value})


def test_progress_grows_to_one_and_is_reported_often() -> None:
    seen: list[float] = []
    measure(moving_cells(1.0, 100, lines=3000), progress=seen.append)
    assert seen[0] == 0.0
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert max(np.diff(seen)) < 0.3


@pytest.mark.parametrize("stop_at", [0.0, 0.05, 0.4, 0.9])
def test_cancel_stops_at_the_next_chunk(stop_at: float) -> None:
    stop = threading.Event()
    seen: list[float] = []

    def progress(done: float) -> None:
        seen.append(done)
        if done >= stop_at:
            stop.set()

    with pytest.raises(AnalysisCancelled):
        measure(moving_cells(1.0, 100, lines=3000), progress=progress, cancel=stop)
    assert sum(done >= stop_at for done in seen) == 1


def test_memory_does_not_grow_with_the_recording() -> None:
    def peak(lines: int) -> int:
        kymograph = np.tile(moving_cells(1.0, 64, lines=1000).astype(np.uint16), (lines, 1))
        tracemalloc.start()
        measure(kymograph, step_lines=64)
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    assert peak(48) < 1.2 * peak(12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    hnp.arrays(
        dtype=st.sampled_from([np.uint8, np.int16, np.float32, np.float64]),
        shape=st.tuples(st.integers(0, 90), st.integers(0, 24)),
        elements=st.integers(0, 100),
    ),
    st.sampled_from([8, 16, 64]),
    st.sampled_from([1, 7, 64]),
)
def test_any_small_image_gives_rows_or_one_clear_error(
    kymograph: np.ndarray, window: int, step: int
) -> None:
    try:
        result = measure(kymograph, window_lines=window, step_lines=step)
    except ParameterError:
        assert len(kymograph) < window or kymograph.shape[1] < 4
        return
    table = result.columns
    assert len(table["time_s"]) == (len(kymograph) - window) // step + 1
    accepted = table["status"] == "ok"
    assert np.all(np.isfinite(table["velocity_um_per_s"][accepted]))
    assert np.all(table["velocity_sd_um_per_s"][accepted] > 0)
    assert np.all((table["quality"] >= 0) & (table["quality"] <= 1))
