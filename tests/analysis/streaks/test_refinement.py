from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.refinement import RayRefiner, _interpolate
from cloudscope.analysis.streaks.sampling import Sampling

CELL_PX = 4.0


def ideal(sampling: Sampling, speed: float) -> np.ndarray:
    """Correlation of a Gaussian pattern that moves rigidly and without end."""
    lag = np.array(sampling.lags)[:, None]
    shift = np.arange(-sampling.reach, sampling.reach + 1)
    return np.exp(-0.5 * ((shift - speed * lag) / CELL_PX) ** 2)[None].astype(np.float32)


@pytest.mark.parametrize("width", [7, 20, 100])
@pytest.mark.parametrize("speed", [0.0, 0.04, 0.3, 1.0, 2.2, -1.7])
def test_the_maximum_is_found_from_a_grid_step_away(width: int, speed: float) -> None:
    sampling = Sampling.of(width, 64)
    refiner = RayRefiner(sampling, resolved_px_per_line=3.0, blur_px=0.6)
    start = np.array([speed + 0.01 * (1 + abs(speed))])
    longest = np.array([sampling.lags[-1]])
    fit = refiner.refine(ideal(sampling, speed), start, longest=longest)
    assert fit.velocity[0] == pytest.approx(speed, rel=3e-3, abs=1e-4)
    assert 0.9 < fit.mean[0] <= 1.0
    assert fit.curvature[0] == pytest.approx(1 / CELL_PX**2, rel=0.2)


def test_interpolation_is_exact_on_parabolas_and_does_not_jump_at_samples() -> None:
    sample = np.arange(-2, 5)
    parabola = 3 - 0.2 * sample + 0.5 * sample**2
    for part in (0.0, 0.3, 1.0):
        value, slope, bend = _interpolate(list(parabola[:6]), np.array(part))
        assert value == pytest.approx(3 - 0.2 * part + 0.5 * part**2)
        assert slope == pytest.approx(-0.2 + part)
        assert bend == pytest.approx(1.0)
    rough = np.random.default_rng(1).normal(size=7)
    left = _interpolate(list(rough[:6]), np.array(1.0))
    right = _interpolate(list(rough[1:]), np.array(0.0))
    assert left == pytest.approx(right)


def test_windows_are_refined_each_on_its_own() -> None:
    sampling = Sampling.of(20, 64)
    refiner = RayRefiner(sampling, resolved_px_per_line=3.0, blur_px=1.0)
    speeds = np.array([0.1, 2.5, -0.8, 9.0, 0.0])
    rho = np.concatenate([ideal(sampling, speed) for speed in speeds])
    longest = np.array([sampling.lags[-1], 6, 17, sampling.lags[-1], sampling.lags[-1]])
    together = refiner.refine(rho, 1.004 * speeds, longest=longest)
    for i in range(len(speeds)):
        alone = refiner.refine(
            rho[i : i + 1], 1.004 * speeds[i : i + 1], longest=longest[i : i + 1]
        )
        assert alone.velocity[0] == together.velocity[i]
        assert alone.curvature[0] == together.curvature[i]
