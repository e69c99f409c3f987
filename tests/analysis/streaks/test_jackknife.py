from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.correlation import Correlator, normalised
from cloudscope.analysis.streaks.jackknife import LeaveOut
from cloudscope.analysis.streaks.refinement import RayFit, RayRefiner
from cloudscope.analysis.streaks.sampling import Sampling

BLUR_PX = 0.8


def moving_cells(speed: float, count: int, width: int = 80, window: int = 64) -> np.ndarray:
    """Windows of blurred cells in as much noise, shape (count, window, width)."""
    rng = np.random.default_rng(1)
    fine = np.convolve(rng.normal(size=20_000), np.exp(-0.5 * (np.arange(-99, 100) / 30) ** 2))
    fine /= fine.std()
    lines, column = np.arange(count * window), np.arange(width)
    place = 10 * (column - speed * lines[:, None])
    moving = np.interp(place - place.min(), np.arange(fine.size), fine, period=fine.size)
    noisy = moving + rng.normal(size=moving.shape)
    return noisy.reshape(count, window, width).astype(np.float32) / np.sqrt(2, dtype=np.float32)


@pytest.mark.parametrize("speed", [0.05, 0.7, -2.0, 12.0])
def test_velocities_are_those_of_the_windows_without_each_part(speed: float) -> None:
    sampling = Sampling.of(80, 64)
    windows = moving_cells(speed, 12)
    correlator = Correlator(sampling, 64, BLUR_PX)
    spectra = correlator.spectra(windows)
    rho = normalised(*correlator.correlate(windows.reshape(-1, 80)))
    refiner = RayRefiner(sampling, 1.0, BLUR_PX)
    longest = np.full(12, sampling.lags[-1])
    fit = refiner.refine(rho, np.full(12, speed), longest=longest)
    flat = np.ones(sampling.shifts, np.float32)
    found = LeaveOut(sampling, correlator.n_fft, flat, 4).velocities(
        windows, spectra, fit, longest, np.zeros((12, 64))
    )
    left = [sums.reshape(-1, *sums.shape[2:]) for sums in correlator.leave_out(windows, 4)]
    start, longest = np.repeat(fit.velocity, 4), np.repeat(longest, 4)
    wanted = refiner.refine(normalised(*left), start, longest=longest).velocity.reshape(12, 4).T
    found -= found.mean(axis=0)
    wanted -= wanted.mean(axis=0)
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.8
    assert found.std() == pytest.approx(wanted.std(), rel=0.25)


def test_parts_of_flow_that_changes_differ_by_noise_only() -> None:
    time = (np.arange(64) + 0.5) / 64 - 0.5
    slope, speed = 0.25, 0.7
    still = moving_cells(0.0, 12, width=240)
    path = speed * np.arange(64) + 64 * slope * time**2 / 2
    place = np.arange(80) + 150 - path[:, None]
    windows = np.empty((12, 64, 80), np.float32)
    for window, lines in zip(windows, still, strict=True):
        window[:] = np.interp(place, np.arange(240), lines.mean(axis=0))
    windows += np.random.default_rng(3).normal(0, 0.3, windows.shape).astype(np.float32)
    sampling = Sampling.of(80, 64)
    correlator = Correlator(sampling, 64, BLUR_PX)
    spectra = correlator.spectra(windows)
    rho = normalised(*correlator.correlate(windows.reshape(-1, 80)))
    longest = np.full(12, sampling.lags[-1])
    refiner = RayRefiner(sampling, 1.0, BLUR_PX)
    fit = refiner.refine(rho, np.full(12, speed), longest=longest)
    leave_out = LeaveOut(sampling, correlator.n_fft, np.ones(sampling.shifts, np.float32), 4)
    followed = np.tile(path - speed * np.arange(64), (12, 1))
    straight, along = (
        leave_out.velocities(windows, spectra, fit, longest, way)
        for way in (np.zeros((12, 64)), followed)
    )
    straight, along = (x - x.mean(axis=0) for x in (straight, along))
    assert along.std() < 0.2 * straight.std()


def test_each_window_is_alone() -> None:
    sampling = Sampling.of(80, 64)
    windows = moving_cells(-0.4, 5)
    correlator = Correlator(sampling, 64)
    spectra = correlator.spectra(windows)
    fit = RayFit(np.array([-0.4, 0.4, 0.0, -3.0, 50.0]), np.full(5, 0.5), np.full(5, 0.1))
    longest = np.array([58, 58, 6, 19, 58])
    leave_out = LeaveOut(sampling, correlator.n_fft, np.ones(sampling.shifts, np.float32), 4)
    sway = 3 * np.random.default_rng(2).normal(size=(5, 64))
    together = leave_out.velocities(windows, spectra, fit, longest, sway)
    assert np.all(np.isfinite(together))
    for i in range(5):
        one = slice(i, i + 1)
        alone = leave_out.velocities(
            windows[one], spectra[one], RayFit(*(x[one] for x in fit.arrays)), longest[one],
            sway[one],
        )  # fmt: skip
        np.testing.assert_array_equal(alone[:, 0], together[:, i])


def test_silence_moves_nothing() -> None:
    sampling = Sampling.of(80, 64)
    windows = np.zeros((1, 64, 80), np.float32)
    correlator = Correlator(sampling, 64)
    fit = RayFit(np.array([0.3]), np.zeros(1), np.zeros(1))
    leave_out = LeaveOut(sampling, correlator.n_fft, np.ones(sampling.shifts, np.float32), 4)
    found = leave_out.velocities(
        windows, correlator.spectra(windows), fit, np.array([58]), np.ones((1, 64))
    )
    np.testing.assert_array_equal(found, np.full((4, 1), 0.3))
