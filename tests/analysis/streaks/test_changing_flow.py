from __future__ import annotations

import numpy as np
import pytest

from cloudscope import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.background import measure_background
from cloudscope.analysis.streaks.changing_flow import measure_flow
from cloudscope.analysis.streaks.measurement import measure_windows
from cloudscope.analysis.streaks.search import SearchLimits
from cloudscope.synthetic import VelocityTruth, pulsatile_series, velocity_kymograph


def measured(truth: VelocityTruth, **parameters: object) -> AnalysisResult:
    return radon_velocity(
        truth.image,
        line_period_s=truth.line_period_s,
        pixel_size_um=truth.pixel_size_um,
        **parameters,
    )


def errors(truth: VelocityTruth, result: AnalysisResult) -> tuple[np.ndarray, np.ndarray]:
    """Relative errors, and errors in standard deviations, of the accepted windows."""
    columns = result.columns
    ok = columns["status"] == "ok"
    rows = zip(columns["row_start"][ok], columns["row_stop"][ok], strict=True)
    true = np.array([truth.mean_velocity_um_per_s(*r) for r in rows])
    off = columns["velocity_um_per_s"][ok] - true
    return off / true, off / columns["velocity_sd_um_per_s"][ok]


@pytest.mark.parametrize(
    ("window", "pixels", "mean", "rate_hz", "amplitude"),
    [(128, 256, 2000, 10, 0.5), (128, 60, 2000, 10, 0.35), (128, 20, 800, 8, 0.5),
     (64, 20, 800, 8, 0.5), (64, 60, 800, 8, 0.35)],
)  # fmt: skip
def test_windows_longer_than_a_beat_are_right(
    window: int, pixels: int, mean: float, rate_hz: float, amplitude: float
) -> None:
    series = pulsatile_series(1800, mean=mean, rate_hz=rate_hz, amplitude=amplitude)
    truth = velocity_kymograph(series, pixels=pixels, snr=2, seed=12)
    result = measured(truth, window_lines=window)
    relative, in_sd = errors(truth, result)
    assert relative.size > 0.97 * len(result.table)
    assert abs(np.median(relative)) < 0.01
    assert np.mean(np.abs(relative) < 0.1) > 0.97
    assert not np.any((np.abs(relative) > 0.25) & (np.abs(in_sd) > 3))
    assert np.mean(np.abs(in_sd) < 2) > 0.88


@pytest.mark.parametrize(("step", "halves"), [(16, True), (10, False), (64, True), (8, True)])
def test_any_step_is_measured_and_halves_where_they_fit(step: int, halves: bool) -> None:
    series = pulsatile_series(1500, mean=1600, rate_hz=9, amplitude=0.5)
    truth = velocity_kymograph(series, pixels=40, snr=3, seed=3)
    result = measured(truth, window_lines=128, step_lines=step)
    assert result.columns["row_start"].tolist() == list(range(0, 1500 - 127, step))
    relative, _ = errors(truth, result)
    assert (np.median(np.abs(relative)) < 0.02) == halves


def test_steady_flow_is_measured_whole() -> None:
    truth = velocity_kymograph(600.0, lines=2000, pixels=40, snr=1, seed=4)
    background = measure_background(truth.image, remove_pattern=True, checkpoint=lambda _: None)
    assert background is not None
    limits = SearchLimits(0, np.inf, 0, 1.0, 4.5, 0.2)
    arguments = {"window": 64, "step": 16, "limits": limits, "checkpoint": lambda _: None}
    whole = measure_windows(truth.image, background, **arguments)
    best = measure_flow(truth.image, background, **arguments)
    assert not whole.changing
    np.testing.assert_array_equal(best.velocity, whole.velocity)
    np.testing.assert_array_equal(best.sd, whole.sd)


def test_a_stall_in_a_beat_stays_zero() -> None:
    series = pulsatile_series(3000, mean=800, rate_hz=8, amplitude=0.5)
    series[1200:2000] = 0
    truth = velocity_kymograph(series, pixels=64, snr=1, seed=5)
    columns = measured(truth).columns
    stalled = (columns["row_start"] >= 1216) & (columns["row_stop"] <= 1984)
    assert np.all(columns["status"][stalled] == "ok")
    off = np.abs(columns["velocity_um_per_s"] / columns["velocity_sd_um_per_s"])[stalled]
    assert np.mean(off < 2.5) > 0.9


@pytest.mark.parametrize("sign", [1, -1])
def test_direction_and_limits_hold_in_halves(sign: int) -> None:
    series = sign * pulsatile_series(1500, mean=800, rate_hz=9, amplitude=0.5)
    truth = velocity_kymograph(series, pixels=60, snr=2, seed=6)
    wrong = measured(truth, window_lines=128, direction="negative" if sign > 0 else "positive")
    assert not np.any(wrong.columns["status"] == "ok")
    right = measured(truth, window_lines=128, direction="positive" if sign > 0 else "negative")
    assert np.mean(right.columns["status"] == "ok") > 0.95
