"""Numbers of a stretch, on samples that are known."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import ParameterError
from cloudscope.stretch_statistics import trace_statistics


def velocity() -> AnalysisResult:
    """0, 10, 20, … µm/s, one sample each 0.1 s, of a ROI that begins at 1 s."""
    value = 10.0 * np.arange(40)
    status = np.full(40, "ok", dtype=object)
    status[5], status[6] = "low quality", "manual"
    value[7] = np.nan
    columns = {
        "time_s": 0.1 * np.arange(40) + 1e-9,
        "velocity_um_per_s": value,
        "velocity_sd_um_per_s": np.ones(40),
        "quality": np.where(np.arange(40) < 20, 0.9, 0.4),
        "status": status,
    }
    made = AnalysisResult.measured(
        "radon_velocity", parameters={}, columns=columns, summary={},
        line_period_s=1e-3, pixel_size_um=0.5,
    )  # fmt: skip
    return made.bound_to(channel=0, roi_id=1, bounds=(1000, 5000, 0, 20), time_axis="rows")


def test_times_are_those_of_the_recording_and_what_is_set_aside_does_not_count() -> None:
    found = trace_statistics(velocity(), 1.3, 1.85)
    assert (found.samples, found.accepted, found.unit) == (6, 4, "µm/s")
    assert found.mean == pytest.approx(np.mean([30, 40, 60, 80]))
    assert found.sd == pytest.approx(np.std([30, 40, 60, 80], ddof=1))
    assert (found.median, found.minimum, found.maximum) == (50.0, 30.0, 80.0)
    assert found.percentile_25 == pytest.approx(np.percentile([30, 40, 60, 80], 25))
    assert found.coverage == pytest.approx(4 / 6)


def test_the_cut_off_of_the_screen_counts_too() -> None:
    assert trace_statistics(velocity(), 0.0, 9.0, quality_cutoff=0.5).maximum == 190.0


def test_a_stretch_without_samples_is_nan_not_an_error() -> None:
    found = trace_statistics(velocity(), 0.1, 0.2)
    assert (found.samples, found.accepted) == (0, 0)
    assert np.isnan([found.mean, found.median, found.sd, found.coverage]).all()
    assert np.isnan(trace_statistics(velocity(), 1.25, 1.35).sd)


@pytest.mark.parametrize(("start", "stop"), [(2.0, 1.0), (1.0, 1.0), (np.nan, 2.0)])
def test_times_that_make_no_stretch_are_refused(start: float, stop: float) -> None:
    with pytest.raises(ParameterError, match="earlier one first"):
        trace_statistics(velocity(), start, stop)


def test_a_result_without_a_course_is_refused() -> None:
    made = AnalysisResult.measured(
        "velocity_events", parameters={}, columns={"time_s": np.zeros(1)}, summary={},
        line_period_s=1e-3, pixel_size_um=0.5,
    )  # fmt: skip
    with pytest.raises(ParameterError, match="no course over time"):
        trace_statistics(made, 0.0, 1.0)
