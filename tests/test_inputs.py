"""Analyses that work on results: which are taken, what is refused, stale, and kept."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.analysis import registry
from cloudscope.analysis.parameters import Param, checked_arguments
from cloudscope.analysis.registry import Column, Input, Trace, register
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.errors import InputResultError, UnknownNameError
from cloudscope.synthetic import velocity_kymograph

COLUMNS = (Column("time_s", "s", "centre"), Column("speed", "µm/s", "speed"))


def mark(result: AnalysisResult, row: int) -> AnalysisResult:
    """The result with one row set by hand."""
    speed = np.array(result.columns["speed"])
    speed[row] = -1.0
    return result.with_numbers(
        columns={**result.columns, "speed": speed}, summary={**result.summary, "by_hand": 1}
    )


def keep_marks(older: AnalysisResult, newer: AnalysisResult) -> AnalysisResult:
    """Marks of the older result in the newer one."""
    rows = np.flatnonzero(older.columns["speed"] == -1.0)
    for row in rows:
        newer = mark(newer, int(row))
    return newer


@pytest.fixture(autouse=True)
def speed_analysis() -> Iterator[None]:
    """An analysis of results: the speed of a velocity, times a factor."""

    @register(
        name="speed",
        title="Speed",
        columns=COLUMNS,
        trace=Trace("speed", "Speed (µm/s)", "#000"),
        headline="speed_mean",
        inputs=(Input("velocity", ("radon_velocity", "clean_velocity"), "Velocity"),),
        carry_over=keep_marks,
    )
    def speed(
        velocity: AnalysisResult,
        *,
        factor: Annotated[float, Param("Factor", "Multiplies.", minimum=0.0)] = 1.0,
        progress: Any = None,
        cancel: Any = None,
    ) -> AnalysisResult:
        parameters = checked_arguments(speed, locals())
        samples = samples_of(velocity)
        values = np.abs(samples.value) * parameters["factor"]
        return AnalysisResult.measured(
            "speed",
            parameters=parameters,
            columns={"time_s": samples.time_s, "speed": values},
            summary={"speed_mean": float(np.nanmean(values))},
            line_period_s=velocity.calibration.line_period_s,
            pixel_size_um=velocity.calibration.pixel_size_um,
            inputs={"velocity": velocity},
        )

    yield
    del registry._registered["speed"]


@pytest.fixture
def recording() -> np.ndarray:
    """Streaks of 800 µm/s."""
    return velocity_kymograph(800.0, lines=400, pixels=30, seed=3).image


@pytest.fixture
def image(recording: np.ndarray) -> cs.AcqImage:
    """That recording with a ROI in which velocity is measured."""
    image = cs.AcqImage.from_array(recording, line_period_s=1e-3, pixel_size_um=0.5)
    roi = image.add_roi(row_start=100)
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    return image


def test_the_result_of_the_same_roi_is_taken_and_the_callable_gives_the_same_numbers(
    image: cs.AcqImage,
) -> None:
    result = image.analyze("speed", roi_id=1, factor=2.0)
    function = registry.get_analysis("speed").function
    assert result.same_numbers(function(image.result("radon_velocity", roi_id=1), factor=2.0))
    assert result.key == ("speed", 0, 1)
    assert result.bounds == image.roi(1).bounds
    assert result.inputs["velocity"].key == ("radon_velocity", 0, 1)


def test_a_missing_result_is_named_with_what_to_do(image: cs.AcqImage) -> None:
    with pytest.raises(InputResultError, match="measure radon_velocity there first"):
        image.analyze("speed")
    with pytest.raises(InputResultError, match=r"there is \('radon_velocity', 0, 1\)"):
        image.analyze("speed", roi_id=1, velocity=("diameter", 0, 1))
    with pytest.raises(InputResultError, match=r"give \(analysis, channel, roi_id\)"):
        image.analyze("speed", roi_id=1, velocity="radon_velocity")


def test_a_result_named_takes_the_new_one_along(image: cs.AcqImage) -> None:
    result = image.analyze("speed", velocity=("radon_velocity", 0, 1))
    assert result.key == ("speed", 0, 1)
    assert image.stale_reason(result) is None


def test_stale_velocity_is_refused_and_makes_what_follows_stale(image: cs.AcqImage) -> None:
    result = image.analyze("speed", roi_id=1)
    image.edit_roi(1, row_stop=380)
    assert image.stale_reason(result) == "its ROI was moved or resized since"
    with pytest.raises(InputResultError, match="measure it again first"):
        image.analyze("speed", roi_id=1)
    image.undo()
    assert image.stale_reason(result) is None


def test_only_other_numbers_make_what_follows_stale(image: cs.AcqImage) -> None:
    result = image.analyze("speed", roi_id=1)
    image.analyze("radon_velocity", roi_id=1)
    assert image.stale_reason(result) is None
    image.analyze("radon_velocity", roi_id=1, window_lines=32)
    assert image.stale_reason(result) == "the velocity it was computed from was changed since"


def test_a_revision_is_one_step_of_undo_and_survives_measuring_again(image: cs.AcqImage) -> None:
    result = image.analyze("speed", roi_id=1)
    image.revise(mark(result, 4), "set a speed")
    assert image.undo_label == "set a speed"
    revised = image.result("speed", roi_id=1)
    assert revised is not None
    assert revised.columns["speed"][4] == -1.0
    assert revised.digest != result.digest
    assert image.undo() == "set a speed"
    assert image.result("speed", roi_id=1) is result
    assert image.redo() == "set a speed"
    again = image.analyze("speed", roi_id=1, factor=3.0)
    assert again.columns["speed"][4] == -1.0
    assert image.undo() == "set a speed"  # what was measured since stays
    assert image.result("speed", roi_id=1) is again


def test_what_is_not_kept_cannot_be_revised(image: cs.AcqImage) -> None:
    result = image.analyze("speed", roi_id=1)
    other = cs.AcqImage.from_array(np.zeros((99, 20)), line_period_s=1e-3, pixel_size_um=0.5)
    with pytest.raises(UnknownNameError, match="keeps no result"):
        other.revise(result)


def test_saving_keeps_what_a_result_was_computed_from(
    recording: np.ndarray, tmp_path: Path
) -> None:
    import tifffile

    path = tmp_path / "scan.tif"
    tifffile.imwrite(path, recording)
    image = cs.AcqImage(path)
    image.set_calibration(line_period_s=1e-3, pixel_size_um=0.5)
    image.analyze("radon_velocity")
    result = image.analyze("speed")
    image.save()
    opened = cs.AcqImage(path)
    read = opened.result("speed")
    assert read is not None
    assert read.inputs == result.inputs
    assert read.digest == result.digest
    assert opened.stale_reason(read) is None
    assert opened.analyze("speed").digest == result.digest
    assert opened.analyze("speed").source_fingerprint is not None
    opened.analyze("radon_velocity", step_lines=8)
    assert opened.stale_reason(opened.result("speed")) is not None


def test_a_batch_measures_where_it_can_and_says_why_not_elsewhere(
    image: cs.AcqImage, recording: np.ndarray
) -> None:
    bare = cs.AcqImage.from_array(recording, line_period_s=1e-3, pixel_size_um=0.5, name="bare")
    folder = cs.AcqImageList([image, bare])
    report = folder.analyze("speed", factor=2.0)
    assert [outcome.status for outcome in report.outcomes] == ["done", "failed"]
    assert "measure radon_velocity there first" in report.failed[0].error
    bare.analyze("radon_velocity")
    with ThreadPoolExecutor(2) as pool:
        both = folder.analyze("speed", factor=2.0, executor=pool)
    assert len(both.done) == 2


def test_results_that_refer_in_a_circle_are_stale_or_not_but_never_a_hang(
    image: cs.AcqImage,
) -> None:
    velocity = image.result("radon_velocity", roi_id=1)
    speed = image.analyze("speed", roi_id=1)
    assert velocity is not None
    from cloudscope.analysis.result import InputRecord

    looped = velocity.bound_to(inputs={"speed": InputRecord(speed.key, speed.digest)})
    image.results = {**image.results, looped.key: looped}
    assert image.stale_reason(looped) is None
