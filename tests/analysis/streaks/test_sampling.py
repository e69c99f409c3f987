from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.sampling import NARROW_PX, Sampling, ray_table


@pytest.mark.parametrize("width", [4, 7, NARROW_PX, NARROW_PX + 1, 256, 1000])
@pytest.mark.parametrize("window", [8, 64, 500])
def test_lags_and_shifts_stay_inside_the_window(width: int, window: int) -> None:
    sampling = Sampling.of(width, window)
    assert sampling.lags[-1] < window
    assert sampling.reach < width
    assert list(sampling.lags) == sorted(set(sampling.lags))
    assert 0 < sampling.ceiling_px_per_line < width
    assert np.all(sampling.lag_weight > 0)


@pytest.mark.parametrize(("width", "resolved"), [(7, 3.0), (30, 4.5), (100, 1.0)])
def test_rays_are_mirrored_and_meet_at_zero(width: int, resolved: float) -> None:
    sampling = Sampling.of(width, 32)
    rays = ray_table(sampling, resolved)
    np.testing.assert_array_equal(rays.velocity, -rays.velocity[::-1])
    assert rays.velocity[rays.velocity.size // 2] == 0
    assert rays.weight == pytest.approx(rays.weight[:, ::-1])
    rho = np.random.default_rng(1).normal(size=(2, len(sampling.lags), sampling.shifts))
    rho = rho.astype(np.float32)
    mirrored = rays.sums(np.ascontiguousarray(rho[..., ::-1]))
    np.testing.assert_allclose(mirrored, rays.sums(rho)[..., ::-1], atol=1e-4)


def test_a_ray_sums_the_correlation_where_it_passes() -> None:
    sampling = Sampling.of(10, 20)
    rays = ray_table(sampling, 2.0)
    ones = np.ones((1, len(sampling.lags), sampling.shifts), np.float32)
    assert rays.sums(ones)[:, 0] == pytest.approx(rays.weight, rel=1e-5)
    still = np.zeros_like(ones)
    still[0, :, sampling.reach] = 1  # a pattern of single pixels that does not move
    for sums in rays.sums(still)[:, 0] / rays.weight:
        assert sums[rays.velocity.size // 2] == pytest.approx(1, rel=1e-5)
        assert sums.max() == pytest.approx(1, rel=1e-5)


def test_a_span_looks_no_further_than_its_longest_lag() -> None:
    sampling = Sampling.of(60, 64)
    assert sampling.spans[-1] == sampling.lags[-1]
    assert list(sampling.spans) == sorted(sampling.spans)
    rays = ray_table(sampling, 1.0)
    late = np.zeros((1, len(sampling.lags), sampling.shifts), np.float32)
    late[0, np.array(sampling.lags) > sampling.spans[0]] = 1
    sums = rays.sums(late)[:, 0]
    assert not sums[0].any()
    assert sums[-1].any()


def test_noise_of_a_ray_is_what_is_stated() -> None:
    sampling = Sampling.of(40, 64)
    rays = ray_table(sampling, 4.0)
    lag, shift = np.array(sampling.lags), np.arange(-sampling.reach, sampling.reach + 1)
    pairs = (64 - lag)[:, None] * (40 - np.abs(shift))
    rng = np.random.default_rng(2)
    rho = (rng.normal(size=(400, *pairs.shape)) / np.sqrt(pairs)).astype(np.float32)
    spread = rays.sums(rho)[-1].std(axis=0) / rays.noise_sd[-1]
    assert spread.min() > 0.4  # interpolation averages neighbours
    assert spread.max() < 1.15
