"""Cleaning of a velocity: each step by itself, together, and never at the cost of the original."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.clean_velocity import clean_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.samples import samples_of
from cloudscope.analysis.velocity_events import velocity_events
from cloudscope.errors import AnalysisCancelled, ParameterError
from cloudscope.synthetic import FlowEvent, event_series
from tests.flow_events import flow, result_of, velocity_result

STEP_S = 0.016
ALONE = {"outliers": "none", "max_gap_s": 0.0}


def strayed(
    kind: str = "pulsatile", share: float = 0.04, seed: int = 0
) -> tuple[AnalysisResult, np.ndarray]:
    """Flow in which single windows and pairs of them stray, and which do."""
    rng = np.random.default_rng(seed)
    velocity = velocity_result(flow(kind, 40_000, seed=seed), noise=20.0, seed=seed)
    values = velocity.columns["velocity_um_per_s"].copy()
    first = rng.choice(np.arange(5, values.size - 5, 8), int(share * values.size / 2), False)
    stray = np.zeros(values.size, bool)
    stray[first] = stray[first + 1] = True
    values[stray] = rng.choice([-3000.0, 4000.0], stray.sum())
    return result_of(velocity.columns["time_s"], values, 20.0), stray


@pytest.mark.parametrize("kind", ["steady", "pulsatile", "wandering"])
def test_strays_go_and_flow_stays(kind: str) -> None:
    velocity, stray = strayed(kind)
    before = velocity.table
    clean = clean_velocity(velocity)
    removed = clean.columns["removed_by"] == "outlier"
    assert removed[stray].all()
    assert removed[~stray].mean() < 0.005
    # What took their place is near the flow they hid.
    truth = velocity_result(flow(kind, 40_000), noise=0.0).columns["velocity_um_per_s"]
    off = clean.columns["velocity_um_per_s"][stray] - truth[stray]
    assert np.median(np.abs(off)) < 60
    assert np.mean(np.abs(off) < 2 * clean.columns["velocity_sd_um_per_s"][stray]) > 0.85
    assert (clean.columns["status"][stray] == "interpolated").all()
    assert velocity.table.equals(before), "the original is as it was"
    assert np.array_equal(clean.columns["measured_um_per_s"], before["velocity_um_per_s"])


def test_events_are_no_outliers() -> None:
    events = (FlowEvent("stall", 4.0, 4.3), FlowEvent("reversal", 9.0, 9.4, -0.5))
    series = event_series(flow("pulsatile", 16_000), events).velocity_um_per_s
    velocity = velocity_result(series, noise=20.0, seed=2)
    clean = clean_velocity(velocity)
    assert clean.summary["rows_outliers"] <= 5
    found = velocity_events(clean)
    assert found.columns["kind"].tolist() == ["stall", "reversal"]
    assert found.columns["start_s"] == pytest.approx([4.0, 9.0], abs=0.02)
    assert "velocity" in found.inputs
    assert found.inputs["velocity"].key[0] == "clean_velocity"


def test_nothing_is_changed_if_nothing_is_wanted() -> None:
    velocity, _ = strayed()
    same = clean_velocity(velocity, **ALONE)  # type: ignore[arg-type]
    for name in ("time_s", "velocity_um_per_s", "velocity_sd_um_per_s", "status", "quality"):
        assert np.array_equal(same.columns[name], velocity.columns[name])
    changes = {name: same.summary[name] for name in same.summary if name.startswith("rows_")}
    assert changes.pop("rows_usable") == same.summary["rows"]
    assert set(changes.values()) == {0}


def test_two_standard_deviations_then_a_median_of_three() -> None:
    """The filter of an existing program, written out beside its parameters here."""
    velocity, _ = strayed("steady")
    values = velocity.columns["velocity_um_per_s"]
    kept = values.copy()
    kept[np.abs(values - values.mean()) > 2 * values.std(ddof=1)] = np.nan
    expected = kept.copy()
    for n in range(values.size):
        near = kept[max(n - 1, 0) : n + 2]
        if np.isfinite(kept[n]):
            expected[n] = np.median(near[np.isfinite(near)])
    clean = clean_velocity(
        velocity, outliers="recording", outlier_limit=2.0, median_s=3 * STEP_S, max_gap_s=0.0
    )
    assert np.array_equal(clean.columns["velocity_um_per_s"], expected, equal_nan=True)
    assert np.isnan(clean.columns["velocity_um_per_s"]).sum() == clean.summary["rows_outliers"] > 0


def test_own_uncertainty_as_the_measure() -> None:
    values = np.full(200, 500.0)
    values[[50, 120]] = 600.0
    sd = np.full(200, 10.0)
    sd[120] = 60.0
    clean = clean_velocity(
        result_of(np.arange(200) * STEP_S, values, sd), outliers="own sd", max_gap_s=0.0
    )
    assert np.flatnonzero(clean.columns["status"] == "outlier").tolist() == [50]


def test_low_quality_goes() -> None:
    quality = np.linspace(0, 1, 101)
    velocity = result_of(np.arange(101) * STEP_S, 500.0, quality=quality)
    clean = clean_velocity(velocity, min_quality=0.3, max_gap_s=0.0)
    assert clean.summary["rows_low_quality"] == 30
    assert set(clean.columns["status"][:30].tolist()) == {"low quality"}


def test_a_stall_of_low_quality_is_no_gap() -> None:
    values = np.full(300, 600.0)
    values[100:150] = 2.0
    status = np.where(np.arange(300) // 50 == 2, "low quality", "ok")
    sd = np.full(300, 10.0)
    sd[140:150] = 300.0
    clean = clean_velocity(result_of(np.arange(300) * STEP_S, values, sd, status))
    assert set(clean.columns["status"][100:140].tolist()) == {"ok"}
    assert set(clean.columns["status"][140:150].tolist()) == {"low quality"}
    assert clean.summary["rows_slow_accepted"] == 40
    assert velocity_events(clean).columns["kind"].tolist() == ["stall"]


def test_short_gaps_are_bridged_and_long_ones_are_not() -> None:
    values = np.linspace(100.0, 400.0, 301)
    status = np.full(301, "ok", dtype="<U9")
    status[100:103] = "ambiguous"  # 4 steps, 0.064 s from value to value
    status[200:240] = "no signal"
    clean = clean_velocity(result_of(np.arange(301) * STEP_S, values, 5.0, status))
    assert clean.columns["velocity_um_per_s"][100:103] == pytest.approx(values[100:103])
    assert set(clean.columns["status"][100:103].tolist()) == {"interpolated"}
    assert clean.columns["measured_status"][100] == "ambiguous"
    assert set(clean.columns["status"][200:240].tolist()) == {"no signal"}
    assert np.isnan(clean.columns["velocity_um_per_s"][200:240]).all()
    assert np.array_equal(samples_of(clean).usable, status != "no signal")
    assert clean.summary["rows_interpolated"] == 3
    assert clean.summary["rows_not_measured"] == 43


def test_what_was_set_by_hand_stays() -> None:
    values = np.full(100, 500.0)
    values[50] = 2000.0
    status = np.full(100, "ok", dtype="<U9")
    status[50] = "manual"
    clean = clean_velocity(
        result_of(np.arange(100) * STEP_S, values, 5.0, status, quality=0.1),
        median_s=0.1,
        min_quality=0.0,
    )
    assert clean.columns["velocity_um_per_s"][50] == 2000.0
    assert clean.columns["status"][50] == "manual"


def test_speed_without_direction() -> None:
    values = np.where(np.arange(100) < 60, -500.0, 300.0)
    clean = clean_velocity(result_of(np.arange(100) * STEP_S, values), absolute=True)
    assert (clean.columns["velocity_um_per_s"] > 0).all()
    assert clean.summary["rows_sign_changed"] == 60
    assert clean.summary["velocity_median_um_per_s"] == 500.0


@pytest.mark.parametrize(
    ("value", "status", "usable"),
    [
        ([], [], 0),
        ([500.0], ["ok"], 1),
        ([500.0, 0.0], ["ok", "ok"], 2),
        ([np.nan] * 50, ["ok"] * 50, 0),
        ([np.inf] * 50, ["ok"] * 50, 0),
        ([1e300] * 50, ["ok"] * 50, 0),
        ([500.0] * 50, ["no signal"] * 50, 0),
        ([500.0] * 50, ["ok"] * 50, 50),
    ],
)
def test_series_with_little_in_them(value: Any, status: Any, usable: int) -> None:
    velocity = result_of(np.arange(len(value)) * STEP_S, value, 5.0, status)
    clean = clean_velocity(velocity, median_s=0.1)
    assert clean.summary["rows_usable"] == usable
    assert samples_of(clean).usable.sum() == usable
    assert not (clean.columns["status"][np.isnan(clean.columns["velocity_um_per_s"])] == "ok").any()


def test_what_is_refused_is_named() -> None:
    with pytest.raises(ParameterError, match="do not rise"):
        clean_velocity(result_of([0.0, 2.0, 1.0], [1.0, 2.0, 3.0]))
    with pytest.raises(ParameterError, match="outliers='mad'"):
        clean_velocity(result_of([0.0], [1.0]), outliers="mad")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="median_s=-1"):
        clean_velocity(result_of([0.0], [1.0]), median_s=-1.0)


def test_progress_rises_and_cancelling_stops() -> None:
    velocity, _ = strayed()
    shares: list[float] = []
    clean_velocity(velocity, progress=shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    stop = threading.Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        clean_velocity(velocity, cancel=stop)


@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(0, 120),
    size=st.sampled_from([1e-30, 500.0, 1e90]),
    spoiled=st.sampled_from([np.nan, np.inf, -1e300]),
    sd=st.sampled_from([0.0, 1.0, np.nan, np.inf]),
    outliers=st.sampled_from(["neighbours", "own sd", "recording", "none"]),
    seconds=st.sampled_from([0.0, 0.05, 0.3, 1e4]),
)
@settings(max_examples=60, deadline=None)
def test_anything_gives_rows_with_a_status(
    seed: int, rows: int, size: float, spoiled: float, sd: float, outliers: Any, seconds: float
) -> None:
    rng = np.random.default_rng(seed)
    values = size * rng.normal(rng.choice([0.0, 3.0]), 1.0, rows)
    if rows:
        values[rng.integers(rows, size=rows // 5)] = spoiled
    clean = clean_velocity(
        result_of(np.arange(rows) * STEP_S, values, sd),
        outliers=outliers,
        outlier_window_s=seconds,
        median_s=seconds,
        max_gap_s=seconds,
    )
    known = np.isfinite(clean.columns["velocity_um_per_s"])
    stands = np.isin(clean.columns["status"], ("ok", "interpolated"))
    assert np.array_equal(known, stands)
    assert clean.summary["rows_usable"] == known.sum()
