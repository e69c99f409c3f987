"""What the velocity sees: the background off, the streaks as they were."""

from __future__ import annotations

import numpy as np
import pytest

from cloudscope.analysis.streaks.moving_pixels import moving_lines, moving_pixels
from cloudscope.errors import CalibrationError, ParameterError


def scan(lines: int = 600, columns: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Streaks that move, and the same under shading that does not, and bleaching."""
    cells = np.random.default_rng(4).normal(size=lines + columns)
    streaks = np.array([cells[lines - n : lines - n + columns] for n in range(lines)])
    shading = np.linspace(2, 9, columns)
    fading = np.exp(-np.linspace(0, 0.5, lines))[:, None]
    return streaks, 100 * fading * (shading + 0.2 * streaks)


def test_shading_and_bleaching_are_gone_and_the_streaks_are_left() -> None:
    streaks, kymograph = scan()
    moving = moving_pixels(kymograph)
    assert moving.shape == kymograph.shape
    assert moving.dtype == np.float32
    assert np.corrcoef(moving.ravel(), streaks.ravel())[0, 1] > 0.99
    assert np.corrcoef(kymograph.ravel(), streaks.ravel())[0, 1] < 0.3
    np.testing.assert_allclose(moving.std(axis=0), 1, atol=0.02)


def test_what_is_kept_stays() -> None:
    _, kymograph = scan()
    kept = moving_pixels(kymograph, background="none", bleaching="none")
    assert np.corrcoef(kept.ravel(), kymograph.ravel())[0, 1] == pytest.approx(1, abs=1e-6)


def test_lines_made_on_demand_are_the_same_lines() -> None:
    _, kymograph = scan()
    lines = moving_lines(kymograph)
    assert lines.shape == kymograph.shape
    np.testing.assert_array_equal(lines[123:345], moving_pixels(kymograph)[123:345])
    with pytest.raises(IndexError, match="without a step"):
        lines[::2]


def test_lines_scanned_to_and_fro_say_where_they_begin() -> None:
    _, kymograph = scan()
    lines = moving_lines(kymograph, bidirectional="given", bidirectional_offset_px=-2.0)
    assert lines.first_column > 0
    assert lines.shape[1] < kymograph.shape[1]


def test_it_refuses_as_the_velocity_does() -> None:
    _, kymograph = scan()
    with pytest.raises(CalibrationError, match="line_period_s"):
        moving_pixels(kymograph, background="moving")
    with pytest.raises(ParameterError, match="did you mean background"):
        moving_pixels(kymograph, backgrund="none")
    kymograph[3, 3] = np.nan
    with pytest.raises(ParameterError, match="not finite"):
        moving_pixels(kymograph)
