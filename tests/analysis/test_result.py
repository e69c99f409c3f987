from __future__ import annotations

import copy
import json
import pickle

import numpy as np
import pytest

from cloudscope.analysis.result import AnalysisResult


def measured(**changes: object) -> AnalysisResult:
    values = {
        "parameters": {"window_lines": 64},
        "columns": {"time_s": np.array([0.1, 0.2]), "status": np.array(["ok", "no signal"])},
        "summary": {"median": 1.5, "missing": float("nan")},
        "line_period_s": 0.001,
        "pixel_size_um": 0.5,
    }
    return AnalysisResult.measured("radon_velocity", **{**values, **changes})


def test_a_result_crosses_to_another_process_with_its_numbers() -> None:
    result = measured().bound_to(channel=1, roi_id=2, bounds=(0, 10, 0, 5), created_at="now")
    crossed = pickle.loads(pickle.dumps(result))
    assert crossed.same_numbers(result)
    assert crossed.key == ("radon_velocity", 1, 2)
    assert (crossed.bounds, crossed.created_at, crossed.parameters) == (
        result.bounds,
        "now",
        {"window_lines": 64},
    )
    with pytest.raises(ValueError, match="read-only"):
        crossed.columns["time_s"][0] = 3


def test_the_arrays_given_stay_the_callers() -> None:
    times = np.array([0.1, 0.2])
    result = measured(columns={"time_s": times})
    times[0] = 9
    assert result.columns["time_s"][0] == 0.1


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        measured(columns={"a": np.zeros(2), "b": np.zeros(3)})


@pytest.mark.parametrize(
    "changes",
    [
        {"summary": {"median": 1.5000000000000002, "missing": float("nan")}},
        {"columns": {"time_s": np.array([0.1, 0.2]), "status": np.array(["ok", "ok"])}},
        {"columns": {"time_s": np.array([0.1, np.nan]), "status": np.array(["ok", "no signal"])}},
    ],
)
def test_one_bit_of_difference_is_a_difference(changes: dict[str, object]) -> None:
    assert measured().same_numbers(measured())
    assert not measured().same_numbers(measured(**changes))


def test_columns_on_disk_are_read_when_first_wanted_and_once() -> None:
    reads = []

    def load() -> dict[str, np.ndarray]:
        reads.append(1)
        return {"time_s": np.zeros(3)}

    template = measured()
    result = AnalysisResult(
        analysis="radon_velocity",
        parameters={},
        summary={"median": 1.0},
        load_columns=load,
        calibration=template.calibration,
    )
    moved = result.bound_to(channel=0, roi_id=1)
    assert moved.summary["median"] == 1.0
    assert reads == []
    assert len(moved.table) == 3
    assert len(moved.columns["time_s"]) == 3
    assert reads == [1]


def test_summary_and_parameters_are_dicts_that_stay_as_they_are() -> None:
    result = measured()
    for values in (result.summary, result.parameters):
        assert isinstance(values, dict)
        assert copy.deepcopy(values) == values
        for change in (
            lambda v: v.update(a=1),
            lambda v: v.pop("median", None),
            lambda v: v.setdefault("a", 1),
            lambda v: v.__setitem__("a", 1),
            lambda v: v.clear(),
        ):
            with pytest.raises(TypeError, match="copy"):
                change(values)
    assert json.dumps(result.parameters) == '{"window_lines": 64}'
    assert json.loads(json.dumps(result.summary))["median"] == 1.5
    assert pickle.loads(pickle.dumps(result.parameters)) == result.parameters
