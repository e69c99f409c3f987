"""Whatever results an analysis is fed, it refuses in a sentence or returns rows with a status."""

from __future__ import annotations

import contextlib
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudscope.analysis.coupling import event_triggered_average
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import CloudscopeError
from tests.odd_input import FEW, OF_RESULTS, SCALES, SOME, base_result, flow_image, judged, spec_of
from tests.spoiled_results import NUMBERS, ROWS, SPOILINGS, STATUSES, TIMES, Spoiling


def of_results(name: str, spoilings: list[Spoiling]) -> AnalysisResult | None:
    analysis = get_analysis(name)
    inputs = [
        spoiling.of(base_result(spec_of(wanted)))
        for wanted, spoiling in zip(analysis.inputs, spoilings, strict=False)
    ]
    arguments = [flow_image(1500, 24), *inputs] if analysis.pixels else inputs
    scales = SCALES if analysis.pixels else {}
    return judged(analysis, lambda: analysis.function(*arguments, **scales))


@pytest.mark.parametrize("name", OF_RESULTS)
@FEW
@given(spoilings=st.lists(SPOILINGS, min_size=2, max_size=2))
def test_odd_results(name: str, spoilings: list[Spoiling]) -> None:
    of_results(name, spoilings)


@pytest.mark.parametrize("name", OF_RESULTS)
def test_every_spoiling_once(name: str) -> None:
    for spoiling in (
        *(Spoiling(rows=rows, status="ok") for rows in ROWS),
        *(Spoiling(numbers=numbers, status="ok") for numbers in NUMBERS),
        *(Spoiling(times=times, status="ok") for times in TIMES),
        *(Spoiling(status=status) for status in STATUSES),
    ):
        of_results(name, [spoiling, Spoiling()])
        if len(get_analysis(name).inputs) > 1:
            of_results(name, [Spoiling(), spoiling])
            of_results(name, [spoiling, spoiling])


@SOME
@given(spoiling=SPOILINGS, at=st.sampled_from([0.4, -3.0, 1e9]))
def test_an_average_around_events_of_odd_results(spoiling: Spoiling, at: float) -> None:
    """Neither an odd trace nor odd events end in anything but a sentence or finite numbers."""
    trace, peaks = base_result("radon_velocity"), base_result("intensity")
    for one_trace, events in (
        (spoiling.of(trace), [at, 1.0]),
        (trace, spoiling.of(peaks)),
        (spoiling.of(peaks), spoiling.of(peaks)),
    ):
        average = None
        with warnings.catch_warnings(), contextlib.suppress(CloudscopeError):
            warnings.simplefilter("error")
            average = event_triggered_average(one_trace, events, pre_s=0.1, post_s=0.3, shuffles=19)
        if average is None:
            continue
        table = average.table
        assert not np.isinf(table.select_dtypes("number").to_numpy(float)).any()
        assert table.loc[table["events"] > 0, "mean"].notna().all()
