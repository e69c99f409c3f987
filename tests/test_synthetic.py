"""The truth generators draw what they say they draw."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.errors import ParameterError
from cloudscope.synthetic import (
    detector_noise,
    diameter_kymograph,
    pulsatile_series,
    to_counts,
    transient_kymograph,
    velocity_kymograph,
)


def shift_by_correlation(image: np.ndarray, lag: int) -> float:
    """Shift (px) of the pattern over `lag` lines, from the mean cross-correlation of columns."""
    flat = image - image.mean(axis=0)
    width = image.shape[1]
    shifts = np.arange(-12, 13)
    score = np.array(
        [
            np.mean(
                flat[:-lag, max(0, -s) : width - max(0, s)]
                * flat[lag:, max(0, s) : width + min(0, s)]
            )
            for s in shifts
        ]
    )
    top = int(np.argmax(score))
    below, at, above = score[top - 1 : top + 2]
    return float(shifts[top] + 0.5 * (below - above) / (below - 2 * at + above))


@pytest.mark.parametrize("velocity", [250.0, -850.0, 1500.0])
def test_streaks_move_with_the_stated_velocity_and_sign(velocity: float) -> None:
    truth = velocity_kymograph(velocity, lines=3000, pixels=64, snr=8.0, background=0.0, seed=3)
    lag = 4 if abs(velocity) < 500 else 2
    shift = shift_by_correlation(truth.image, lag)
    assert shift / lag == pytest.approx(velocity * 1e-3 / 0.5, rel=0.02)


def test_a_seed_means_one_image() -> None:
    first = velocity_kymograph(400.0, lines=200, seed=5).image
    assert np.array_equal(first, velocity_kymograph(400.0, lines=200, seed=5).image)
    assert not np.array_equal(first, velocity_kymograph(400.0, lines=200, seed=6).image)
    vessel = diameter_kymograph(10.0, lines=50, seed=5).image
    assert np.array_equal(vessel, diameter_kymograph(10.0, lines=50, seed=5).image)


def test_truth_is_read_only() -> None:
    truth = velocity_kymograph(400.0, lines=20)
    with pytest.raises(ValueError, match="read-only"):
        truth.image[0, 0] = 1.0


def test_noise_has_the_stated_level_at_the_stated_snr() -> None:
    options = {"lines": 2000, "pixels": 64, "background": 0.0, "bleaching": 0.0, "seed": 2}
    noisy = velocity_kymograph(500.0, snr=2.0, **options)
    clean = velocity_kymograph(500.0, snr=1e6, **options)
    noise = noisy.image - clean.image
    assert noise.std() == pytest.approx(noisy.noise_sd, rel=0.03)
    assert clean.image.std() / noise.std() == pytest.approx(2.0, rel=0.1)


def test_cells_cover_the_stated_share_of_the_line() -> None:
    image = velocity_kymograph(
        1500.0,
        lines=6000,
        pixels=64,
        snr=1e6,
        hematocrit=0.3,
        contrast=0.8,
        blur_sigma_um=0.05,
        background=0.0,
        bleaching=0.0,
        seed=4,
    ).image
    assert np.mean(image < 72.0) == pytest.approx(0.3, abs=0.04)


def test_window_truth_is_the_mean_of_its_lines() -> None:
    series = pulsatile_series(1000, mean=600.0)
    truth = velocity_kymograph(series, pixels=16, seed=1)
    got = truth.mean_velocity_um_per_s([0, 100], [64, 200])
    assert got == pytest.approx([series[:64].mean(), series[100:200].mean()])


def test_sweep_shears_the_streaks() -> None:
    """A line swept in one period shows v / (1 - v / width): the scanner runs after the cells."""
    truth = velocity_kymograph(
        2000.0, lines=3000, pixels=64, snr=8.0, background=0.0, sweep_fraction=1.0, seed=3
    )
    apparent = shift_by_correlation(truth.image, 2) / 2
    assert apparent == pytest.approx(4.0 / (1 - 4.0 / 64), rel=0.02)


def wall_by_half_maximum(profile: np.ndarray) -> tuple[float, float]:
    above = np.flatnonzero(profile > 0.5 * profile.max())
    left, right = above[0], above[-1]
    half = 0.5 * profile.max()
    return (
        left - (profile[left] - half) / (profile[left] - profile[left - 1]),
        right + (profile[right] - half) / (profile[right] - profile[right + 1]),
    )


def test_a_thin_section_shows_the_walls_at_half_maximum() -> None:
    truth = diameter_kymograph(
        12.3, lines=4, snr=1e6, axial_sigma_um=0.02, background=0.0, bleaching=0.0, centre_um=15.1
    )
    left, right = wall_by_half_maximum(truth.image[0].astype(float))
    assert (left + 0.5) * 0.25 == pytest.approx(truth.left_um[0], abs=0.03)
    assert (right + 0.5) * 0.25 == pytest.approx(truth.right_um[0], abs=0.03)


def test_an_endless_section_shows_the_half_circle() -> None:
    truth = diameter_kymograph(
        12.0,
        lines=1,
        snr=1e6,
        axial_sigma_um=np.inf,
        psf_sigma_um=0.05,
        background=0.0,
        bleaching=0.0,
    )
    x = (np.arange(128) + 0.5) * 0.25 - truth.centre_um[0]
    expected = 100 * np.sqrt(np.clip(1 - (x / 6.0) ** 2, 0, None))
    inside = np.abs(x) < 5.5
    assert truth.image[0][inside] == pytest.approx(expected[inside], rel=0.01)


def test_light_is_kept_by_blur() -> None:
    sharp, blurred = (
        diameter_kymograph(
            8.0,
            lines=1,
            snr=1e6,
            psf_sigma_um=psf,
            axial_sigma_um=np.inf,
            background=0.0,
            bleaching=0,
        ).image[0]
        for psf in (0.1, 0.8)
    )
    ratio = (blurred.sum() / blurred.max()) / (sharp.sum() / sharp.max())
    assert ratio == pytest.approx(1.0, abs=0.05)


def test_a_dark_lumen_is_darker_than_its_tissue() -> None:
    image = diameter_kymograph(10.0, lines=2, polarity="dark", snr=100.0).image
    assert image[0, 64] < image[0, 2]


def test_counts_are_what_a_converter_gives() -> None:
    counts = to_counts(np.array([[-1.0, 0.4, 0.6, 4094.7, 9000.0]]), bits=12)
    assert counts.dtype == np.uint16
    assert counts.tolist() == [[0, 0, 1, 4095, 4095]]


def test_photon_noise_follows_the_brightness() -> None:
    rng = np.random.default_rng(0)
    bright = detector_noise(np.full(50_000, 200.0), 5.0, rng, reference=100.0, photon_share=1.0)
    assert bright.std() == pytest.approx(5.0 * np.sqrt(2.0), rel=0.02)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: velocity_kymograph(500.0), "lines=None"),
        (lambda: velocity_kymograph([500.0, np.nan]), "velocity_um_per_s"),
        (lambda: velocity_kymograph([500.0] * 3, lines=4), "lines=4"),
        (lambda: velocity_kymograph(500.0, lines=4, snr=0.0), "snr=0.0"),
        (lambda: velocity_kymograph(500.0, lines=4, hematocrit=1.0), "hematocrit=1.0"),
        (lambda: velocity_kymograph(500.0, lines=4, cell_length_um=(4.0, 3.0)), "cell_length_um"),
        (lambda: velocity_kymograph(500.0, lines=4, bleaching=1.0), "bleaching=1.0"),
        (lambda: diameter_kymograph(-3.0, lines=4), "diameter_um=-3.0"),
        (lambda: diameter_kymograph(3.0, lines=4, polarity="grey"), "polarity='grey'"),
        (lambda: diameter_kymograph(3.0, lines=4, axial_sigma_um=0.0), "axial_sigma_um=0.0"),
        (lambda: pulsatile_series(0, mean=1.0), "lines=0"),
        (lambda: to_counts(np.zeros(3), bits=0), "bits=0"),
    ],
)
def test_a_wrong_parameter_is_named(call, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        call()


def test_a_transient_has_the_stated_times_and_height() -> None:
    truth = transient_kymograph(
        [1.0], 0.5, lines=8000, rise_tau_s=0.05, decay_tau_s=0.4, snr=1e6, bleaching=0.0
    )
    dff = truth.image.mean(axis=1, dtype=float) / 100 - 1
    assert dff == pytest.approx(truth.dff, abs=1e-4)
    assert dff.max() == pytest.approx(0.5, rel=1e-3)
    assert dff.argmax() * 1e-3 == pytest.approx(truth.peak_time_s[0], abs=1e-3)
    assert not dff[:1000].round(5).any()
    above = np.flatnonzero(dff >= 0.25)
    assert (above[-1] - above[0]) * 1e-3 == pytest.approx(truth.half_width_s, abs=3e-3)
    assert dff.sum() * 1e-3 == pytest.approx(0.5 * truth.area_s, rel=0.01)


@pytest.mark.parametrize("memory_s", [0.0, 0.01])
def test_noise_of_a_line_has_the_stated_level_and_memory(memory_s: float) -> None:
    truth = transient_kymograph(
        [], lines=40_000, pixels=3, snr=5.0, noise_correlation_s=memory_s, bleaching=0.0, seed=2
    )
    noise = truth.image.mean(axis=1, dtype=float) / 100 - 1
    assert noise.std() == pytest.approx(truth.noise_sd, rel=0.05)
    after = np.corrcoef(noise[:-10], noise[10:])[0, 1]
    assert after == pytest.approx(np.exp(-1) if memory_s else 0.0, abs=0.05)


def test_bleaching_and_the_dark_level_are_those_stated() -> None:
    image = transient_kymograph(
        [], lines=2000, snr=1e6, bleaching=0.3, dark_level=50.0, f0=200.0
    ).image
    assert image[0].mean() == pytest.approx(250.0, abs=0.1)
    assert image[-1].mean() == pytest.approx(50.0 + 140.0, abs=0.1)
    with pytest.raises(ParameterError, match="noise_correlation_s=-1"):
        transient_kymograph([], lines=100, noise_correlation_s=-1)
