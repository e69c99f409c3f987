"""The track of velocities over time: better where flow is steady, honest where it is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.analysis.streaks.smoother import smooth_track
from cloudscope.errors import ParameterError
from cloudscope.synthetic import VelocityTruth, pulsatile_series, velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


def measured(truth: VelocityTruth, smoother: str, **parameters: float) -> AnalysisResult:
    return radon_velocity(truth.image, **SCALES, smoother=smoother, **parameters)


def errors(truth: VelocityTruth, result: AnalysisResult) -> np.ndarray:
    table = result.columns
    means = truth.mean_velocity_um_per_s(table["row_start"], table["row_stop"])
    return np.asarray(table["velocity_um_per_s"] - means)


def covered(truth: VelocityTruth, result: AnalysisResult) -> float:
    ok = result.columns["status"] == "ok"
    inside = np.abs(errors(truth, result)) < 2 * result.columns["velocity_sd_um_per_s"]
    return float(inside[ok].mean())


@pytest.mark.parametrize(("speed", "snr"), [(10.0, 0.5), (25.0, 0.25), (-25.0, 0.5)])
def test_slow_flow_on_a_wide_line_is_right_in_nearly_every_window(speed: float, snr: float) -> None:
    truth = velocity_kymograph([speed] * 2048, pixels=256, snr=snr, seed=21)
    raw, track = (measured(truth, s, step_lines=64) for s in ("none", "rts"))
    right = [np.mean(np.abs(errors(truth, r)) < 0.1 * abs(speed)) for r in (raw, track)]
    assert right[1] >= 0.95
    assert right[1] >= right[0]
    assert covered(truth, track) >= 0.9


@pytest.mark.parametrize(("pixels", "snr"), [(12, 0.5), (20, 0.5), (64, 1.0)])
def test_a_slow_pulse_is_followed_with_less_error(pixels: int, snr: float) -> None:
    series = pulsatile_series(6000, mean=600, rate_hz=2, amplitude=0.3)
    truth = velocity_kymograph(series, pixels=pixels, snr=snr, seed=1)
    raw, track = (measured(truth, s) for s in ("none", "rts"))
    spread = [np.sqrt(np.nanmean(np.square(errors(truth, r)))) for r in (raw, track)]
    assert spread[1] < 1.02 * spread[0]  # of 64 columns nothing is left to smooth
    assert covered(truth, track) >= 0.9


@pytest.mark.parametrize(("pixels", "snr"), [(20, 0.5), (20, 1.0)])
def test_a_beat_of_two_windows_is_not_taken_for_noise(pixels: int, snr: float) -> None:
    series = pulsatile_series(6000, mean=600, rate_hz=6, amplitude=0.4)
    truth = velocity_kymograph(series, pixels=pixels, snr=snr, seed=2)
    raw, track = (np.abs(errors(truth, measured(truth, s))) for s in ("none", "rts"))
    assert np.nanmedian(track) < 1.05 * np.nanmedian(raw)
    assert covered(truth, measured(truth, "rts")) > 0.9


def test_a_stall_keeps_its_edges() -> None:
    series = np.full(6000, 700.0)
    series[2000:2600] = 0
    truth = velocity_kymograph(series, pixels=64, snr=1, seed=3)
    table = measured(truth, "rts").columns
    inside = (table["row_start"] >= 2000) & (table["row_stop"] <= 2600)
    outside = (table["row_stop"] <= 2000) | (table["row_start"] >= 2600)
    assert np.all(np.abs(table["velocity_um_per_s"][inside]) < 10)
    assert np.all(np.abs(table["velocity_um_per_s"][outside] - 700) < 70)


def test_a_stall_of_a_few_windows_is_not_an_outlier() -> None:
    series = np.full(4000, 700.0)
    series[2000:2100] = 0
    truth = velocity_kymograph(series, pixels=20, snr=1, seed=3)
    table = measured(truth, "rts").columns
    inside = (table["row_start"] >= 2000) & (table["row_stop"] <= 2100)
    assert inside.sum() == 3
    assert np.all(np.abs(table["velocity_um_per_s"][inside]) < 20)


def test_off_it_changes_nothing_and_on_it_keeps_windows_without_signal() -> None:
    series = np.full(2000, 500.0)
    truth = velocity_kymograph(series, pixels=30, snr=2, seed=3)
    image = truth.image.copy()
    noise = np.random.default_rng(1).normal(0, 10, (400, 30))
    image[800:1200] = image[800:1200].mean(axis=0) + noise
    raw, track = (radon_velocity(image, **SCALES, smoother=s).columns for s in ("none", "rts"))
    missing = np.isnan(raw["velocity_um_per_s"])
    assert missing.sum() > 10
    np.testing.assert_array_equal(np.isnan(track["velocity_um_per_s"]), missing)


def test_nothing_is_carried_across_a_long_gap() -> None:
    series = np.concatenate([np.full(1000, 500.0), np.full(1400, 800.0)])
    truth = velocity_kymograph(series, pixels=30, snr=1, seed=3)
    image = truth.image.copy()
    noise = np.random.default_rng(1).normal(0, 10, (500, 30))
    image[900:1400] = image[900:1400].mean(axis=0) + noise
    before, whole = (
        radon_velocity(part, **SCALES, smoother="rts", smoother_gap_s=0.1).columns
        for part in (image[:1400], image)
    )
    after = whole["row_start"] >= 1400
    assert np.median(whole["velocity_um_per_s"][after]) == pytest.approx(800, rel=0.02)
    early = before["row_stop"] <= 850
    assert np.nanmedian(before["velocity_um_per_s"][early]) == pytest.approx(500, rel=0.02)


def test_the_classic_method_has_nothing_to_weigh_windows_by() -> None:
    with pytest.raises(ParameterError, match="smoother='rts'"):
        radon_velocity(np.eye(100, 20), **SCALES, method="classic", smoother="rts")


def test_a_single_outlier_does_not_move_the_track() -> None:
    velocity = 5 + np.random.default_rng(2).normal(0, 0.1, 100)
    velocity[50] = -40
    track, sd = smooth_track(velocity, np.full(100, 0.1), np.ones(100), np.arange(100.0))
    assert track == pytest.approx(np.full(100, 5.0), abs=0.15)
    assert np.all(sd <= 0.1)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(-1e4, 1e4), st.floats(0, 1e4), st.floats(0, 1), st.floats(0.01, 50)),
        max_size=40,
    ),
    st.floats(1, 64),
)
def test_any_track_is_finite_and_no_less_certain_than_its_windows(
    rows: list[tuple[float, float, float, float]], overlap: float
) -> None:
    velocity, sd, chance, gaps = (
        (np.array(x, float) for x in zip(*rows, strict=True))
        if (rows)
        else (np.zeros(0) for _ in range(4))
    )
    track, spread = smooth_track(velocity, sd, chance, np.cumsum(gaps), overlap=overlap)
    assert track.shape == spread.shape == velocity.shape
    assert np.all(np.isfinite(track))
    assert np.all(np.isfinite(spread) & (spread >= 0))
    if velocity.size:
        assert track.min() >= velocity.min() - 1e-6 * (1 + np.abs(velocity).max())
        assert track.max() <= velocity.max() + 1e-6 * (1 + np.abs(velocity).max())
