from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.correlation import Correlator, normalised
from cloudscope.analysis.streaks.sampling import Sampling


def direct(window: np.ndarray, sampling: Sampling, kept: np.ndarray) -> tuple[np.ndarray, ...]:
    """Product and energy sums by definition, over the pairs whose two lines are both kept."""
    products = np.zeros((len(sampling.lags), sampling.shifts))
    energies = np.zeros_like(products)
    width = sampling.width
    for j, lag in enumerate(sampling.lags):
        for k, shift in enumerate(range(-sampling.reach, sampling.reach + 1)):
            for t in range(sampling.window - lag):
                if kept[t] and kept[t + lag]:
                    a = window[t, max(0, -shift) : width - max(0, shift)]
                    b = window[t + lag, max(0, shift) : width + min(0, shift)]
                    products[j, k] += (a * b).sum()
                    energies[j, k] += (a**2 + b**2).sum()
    return products, energies


@pytest.mark.parametrize(("width", "window", "step"), [(5, 8, 3), (7, 16, 16), (6, 12, 5)])
def test_sums_are_those_of_the_definition(width: int, window: int, step: int) -> None:
    sampling = Sampling.of(width, window)
    lines = np.random.default_rng(1).normal(size=(window + 4 * step, width)).astype(np.float32)
    products, energies = Correlator(sampling, step).correlate(lines)
    assert products.shape == (5, len(sampling.lags), sampling.shifts)
    for i in range(5):
        wanted = direct(lines[i * step : i * step + window], sampling, np.ones(window, bool))
        np.testing.assert_allclose(products[i], wanted[0], atol=1e-4)
        np.testing.assert_allclose(energies[i], wanted[1], atol=1e-4)


def test_leaving_out_a_part_leaves_out_every_pair_that_touches_it() -> None:
    sampling = Sampling.of(5, 12)
    windows = np.random.default_rng(2).normal(size=(2, 12, 5)).astype(np.float32)
    left = Correlator(sampling, 12).leave_out(windows, 4)
    for part in range(4):
        products, energies = (sums[:, part] for sums in left)
        kept = np.arange(12) // 3 != part
        for i in range(2):
            wanted = direct(windows[i], sampling, kept)
            np.testing.assert_allclose(products[i], wanted[0], atol=1e-4)
            np.testing.assert_allclose(energies[i], wanted[1], atol=1e-4)


def test_wide_lines_keep_smooth_patterns() -> None:
    sampling = Sampling.of(100, 16)
    grain = np.random.default_rng(3).normal(size=(16, 160))
    kernel = np.exp(-0.5 * (np.arange(-30, 31) / 2.5) ** 2)
    smooth = np.array([np.convolve(row, kernel, "valid") for row in grain]).astype(np.float32)
    products, _ = Correlator(sampling, 16).correlate(smooth)
    wanted, _ = direct(smooth, sampling, np.ones(16, bool))
    np.testing.assert_allclose(products[0], wanted, atol=5e-3 * np.abs(wanted).max())


@pytest.mark.parametrize("width", [6, 60])
def test_bits_of_a_window_do_not_depend_on_its_stretch(width: int) -> None:
    sampling = Sampling.of(width, 16)
    lines = np.random.default_rng(4).normal(size=(16 + 9 * 5, width)).astype(np.float32)
    correlator = Correlator(sampling, 5)
    together = correlator.correlate(lines)
    for first, last in [(0, 1), (3, 7), (9, 10)]:
        apart = correlator.correlate(lines[first * 5 : (last - 1) * 5 + 16])
        for one, other in zip(apart, together, strict=True):
            np.testing.assert_array_equal(one, other[first:last])


def test_a_rigid_shift_correlates_perfectly_whatever_enters_at_the_edge() -> None:
    sampling = Sampling.of(20, 16)
    pattern = np.random.default_rng(5).normal(size=80)
    pattern[40] = 100  # a bright cell that enters and leaves
    lines = np.array([pattern[40 - 2 * t : 60 - 2 * t] for t in range(16)], np.float32)
    rho = normalised(*Correlator(sampling, 16).correlate(lines))[0]
    for lag in range(1, 6):
        assert rho[lag].argmax() == sampling.reach + 2 * lag
        assert rho[lag].max() == pytest.approx(1, abs=1e-4)


def test_silence_correlates_with_nothing() -> None:
    sampling = Sampling.of(20, 16)
    sums = Correlator(sampling, 16).correlate(np.zeros((16, 20), np.float32))
    assert np.all(normalised(*sums) == 0)


@pytest.mark.parametrize("speed", [0.0, 0.02, 0.4, 3.0])
def test_smoothed_products_peak_where_sampling_says(speed: float) -> None:
    sampling, blur = Sampling.of(60, 16), 1.5
    kernel = np.exp(-0.5 * (np.arange(-300, 301) / 60) ** 2)
    fine = np.convolve(np.random.default_rng(6).normal(size=400_000), kernel, "valid")
    fine /= fine.std()
    column, line = np.arange(60), np.arange(16)[:, None]
    start = np.arange(3000, 390_000, 1000)  # many windows, so that chance does not move the mean
    place = 30 * (column - speed * line) + start[:, None, None]
    windows = np.interp(place, np.arange(fine.size), fine).astype(np.float32)
    products, energies = Correlator(sampling, 16, blur).correlate(windows.reshape(-1, 60))
    rho = normalised(products.sum(axis=0), energies.sum(axis=0))
    for number, lag in enumerate(sampling.lags[:12]):
        near = int(np.clip(round(speed * lag), 1 - sampling.reach, sampling.reach - 1))
        low, top, high = rho[number, sampling.reach + near + np.array([-1, 0, 1])]
        peak = near + 0.5 * (low - high) / (low - 2 * top + high)
        wanted = float(sampling.displaced(np.array(speed * lag), blur))
        assert peak == pytest.approx(wanted, abs=0.02)
