"""Velocity against the reference on real recordings, and against truth from the shared scorer."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import tifffile

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.synthetic import pulsatile_series, velocity_kymograph

ANGII = "angii/28d AngII/20250722/20250722_"
RECORDINGS = {
    # file: line period s, pixel size µm, column-transit reference µm/s, allowed deviation
    "capillary/Capillary1_0001.tif": (35.100 / 30000, 10.796 / 38, -1236, 0.03),
    f"{ANGII}A89_0002.tif": (34.020 / 30000, 8.549 / 19, 1582, 0.03),
    f"{ANGII}A89_0004.tif": (33.660 / 30000, 6.299 / 14, 817, 0.03),
    f"{ANGII}A89_0005.tif": (33.300 / 30000, 5.800 / 7, -786, 0.03),
    "events/20251204_A117_0004.tif": (0.00114597, 0.26, 759, 0.07),
}


@pytest.fixture(scope="module")
def kymo_truth(shared_bench: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("kymo_truth", shared_bench / "kymo_truth.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["kymo_truth"] = module  # dataclasses look their module up by name
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", RECORDINGS)
def test_median_agrees_with_transit_times_between_columns(shared_data: Path, name: str) -> None:
    period, pixel, reference, allowed = RECORDINGS[name]
    result = radon_velocity(
        tifffile.imread(shared_data / name), line_period_s=period, pixel_size_um=pixel
    )
    summary = result.summary
    assert summary["velocity_median_um_per_s"] == pytest.approx(reference, rel=allowed)
    assert summary["accepted_share"] > 0.95
    accepted = result.columns["velocity_um_per_s"][result.columns["status"] == "ok"]
    assert np.mean(np.sign(accepted) == np.sign(reference)) > 0.998


@pytest.mark.parametrize("window", [16, 32, 128])
def test_narrow_recording_reads_the_same_in_other_windows(shared_data: Path, window: int) -> None:
    name = f"{ANGII}A89_0005.tif"
    period, pixel, reference, _ = RECORDINGS[name]
    result = radon_velocity(
        tifffile.imread(shared_data / name),
        line_period_s=period,
        pixel_size_um=pixel,
        window_lines=window,
        step_lines=window // 2,
    )
    assert result.summary["velocity_median_um_per_s"] == pytest.approx(reference, rel=0.06)


def _scores(kymo_truth: ModuleType, cases: Iterable[Any]) -> dict[str, float]:
    """Shares over all windows of the cases."""
    right, accepted, inside, wrong_sign = [], [], [], []
    for _, case, window, step in cases:
        table = radon_velocity(
            case.image,
            line_period_s=case.dt_s,
            pixel_size_um=case.dx_um,
            window_lines=window,
            step_lines=step,
        ).columns
        unit = case.dx_um / case.dt_s
        truth = kymo_truth.window_truth(case.v_px, table["time_s"], case.dt_s, window) * unit
        velocity = table["velocity_um_per_s"]
        ok = table["status"] == "ok"
        right.append(np.abs(velocity / truth - 1) <= 0.1)
        accepted.append(ok)
        inside.append((np.abs(velocity - truth) < 2 * table["velocity_sd_um_per_s"])[ok])
        wrong_sign.append((velocity * truth < 0)[ok])
    return {
        "right": float(np.mean(np.concatenate(right))),
        "accepted": float(np.mean(np.concatenate(accepted))),
        "inside_2_sd": float(np.mean(np.concatenate(inside))),
        "wrong_sign": float(np.mean(np.concatenate(wrong_sign))),
    }


@pytest.mark.slow
def test_wide_lines_from_slow_to_fast(kymo_truth: ModuleType) -> None:
    cases = (
        case
        for case in kymo_truth.velocity_cases("quick", seed=71)
        if case[0]["kind"] == "grid" and case[0]["snr"] in (0.25, 1.0)
    )
    scores = _scores(kymo_truth, cases)
    assert scores["right"] >= 0.95
    assert scores["accepted"] >= 0.9
    assert scores["inside_2_sd"] >= 0.92
    assert scores["wrong_sign"] == 0


@pytest.mark.parametrize(("width", "right"), [(5, 0.62), (7, 0.78), (14, 0.92), (30, 0.98)])
def test_narrow_lines(kymo_truth: ModuleType, width: int, right: float) -> None:
    scores = _scores(kymo_truth, kymo_truth.narrow_cases("quick", seed=72, widths=(width,)))
    assert scores["right"] >= right
    assert scores["inside_2_sd"] >= 0.9
    assert scores["wrong_sign"] <= 0.0005


def test_pulsatile_flow(kymo_truth: ModuleType) -> None:
    cases = (
        case
        for case in kymo_truth.velocity_cases("quick", seed=73, velocities=())
        if case[0]["kind"] == "pulsatile"
    )
    scores = _scores(kymo_truth, cases)
    assert scores["right"] >= 0.98
    assert scores["inside_2_sd"] >= 0.9
    assert scores["wrong_sign"] == 0


@pytest.mark.parametrize("pixels", [20, 60, 256])
@pytest.mark.parametrize(
    ("mean_um_per_s", "rate_hz", "amplitude"), [(800, 8, 0.35), (2000, 10, 0.35)]
)
def test_a_fast_heart_is_followed_and_never_taken_for_another_flow(
    pixels: int, mean_um_per_s: float, rate_hz: float, amplitude: float
) -> None:
    # Half a beat a window: no pattern keeps step for more than a few lines.
    series = pulsatile_series(3000, mean=mean_um_per_s, rate_hz=rate_hz, amplitude=amplitude)
    truth = velocity_kymograph(series, pixels=pixels, snr=2, seed=5)
    table = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5).columns
    accepted = table["status"] == "ok"
    rows = zip(table["row_start"][accepted], table["row_stop"][accepted], strict=True)
    means = np.array([truth.mean_velocity_um_per_s(a, b) for a, b in rows])
    error = table["velocity_um_per_s"][accepted] / means - 1
    assert accepted.mean() > 0.9
    assert np.abs(error).max() < 0.5
    assert np.mean(np.abs(error) < 0.1) > 0.9
    assert abs(np.median(error)) < 0.03
    sd = table["velocity_sd_um_per_s"][accepted] / np.abs(means)
    assert np.mean(np.abs(error) < 2 * sd) > 0.9


@pytest.mark.parametrize("speed_um_per_s", [0.0, -600.0, 1600.0])
def test_a_brief_change_of_flow_is_accepted(speed_um_per_s: float) -> None:
    speed = np.full(2000, 800.0)
    speed[1000:1128] = speed_um_per_s
    truth = velocity_kymograph(speed, pixels=60, snr=2, seed=3)
    table = radon_velocity(truth.image, line_period_s=1e-3, pixel_size_um=0.5).columns
    during = (table["row_start"] >= 1000) & (table["row_stop"] <= 1112)
    assert during.sum() >= 3
    assert np.all(table["status"][during] == "ok")
    error = table["velocity_um_per_s"][during] - speed_um_per_s
    assert np.abs(error).max() < 30


@pytest.mark.parametrize(("pixels", "accepted_share"), [(20, 0.75), (40, 0.97), (64, 0.97)])
def test_a_stall_in_noise_is_measured_and_no_gap(pixels: int, accepted_share: float) -> None:
    line = np.arange(5000)
    flow = np.where((line >= 1500) & (line < 3500), 0.0, 800.0)
    image = velocity_kymograph(flow, pixels=pixels, lines=5000, snr=1.0, seed=3).image
    table = radon_velocity(image, line_period_s=1e-3, pixel_size_um=0.5).table
    stalled = table[(table.row_start >= 1500) & (table.row_stop <= 3500)]
    accepted = stalled[stalled.status == "ok"]
    assert len(accepted) > accepted_share * len(stalled)
    off = accepted.velocity_um_per_s.abs() / accepted.velocity_sd_um_per_s
    assert (off < 2).mean() > 0.9


@pytest.mark.parametrize("width", [5, 7])
def test_uneven_columns_do_not_slow_the_flow_of_long_cells(
    kymo_truth: ModuleType, width: int
) -> None:
    case = kymo_truth.make_velocity_kymograph(
        np.full(12_000, 0.2), width, 3.0, 33, cell_px=(10.0, 16.0), background=0.6
    )
    columns = radon_velocity(
        case.image, line_period_s=case.dt_s, pixel_size_um=case.dx_um, step_lines=64
    ).columns
    ok = columns["status"] == "ok"
    assert ok.mean() > 0.5
    median = np.median(columns["velocity_um_per_s"][ok]) * case.dt_s / case.dx_um
    assert median == pytest.approx(0.2, rel=0.02)
