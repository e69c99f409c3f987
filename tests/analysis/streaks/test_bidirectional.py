"""Lines scanned backwards: their offset is found, whatever the flow, and undone."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.streaks.bidirectional import AlignedLines, estimate_offset
from cloudscope.errors import ParameterError
from cloudscope.synthetic import pulsatile_series, velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}
MARGIN = 8


def to_and_fro(speed: float, width: int, offset: float, *, snr: float = 2.0) -> np.ndarray:
    """Pulsatile flow whose odd lines show everything `offset` columns further on."""
    series = pulsatile_series(2048, mean=speed, rate_hz=6.0, amplitude=0.3)
    truth = velocity_kymograph(series, pixels=width + 2 * MARGIN, snr=50, seed=width)
    image = truth.image[:, MARGIN : MARGIN + width].astype(float)
    rows, columns = np.mgrid[1 : len(image) : 2, 0:width].astype(float)
    image[1::2] = map_coordinates(truth.image.astype(float), [rows, columns + MARGIN - offset])
    return image + np.random.default_rng(5).normal(0, 50 * truth.noise_sd / snr, image.shape)


@pytest.mark.parametrize(
    ("speed", "width", "offset"),
    [(500, 20, 0.4), (500, 20, -1.3), (-2500, 20, 1.0), (25, 100, 2.0), (-7500, 64, 0.7)],
)
def test_offset_is_found_whatever_the_flow(speed: float, width: int, offset: float) -> None:
    image = to_and_fro(speed, width, offset)
    found = estimate_offset(image, remove_pattern=True, checkpoint=lambda done: None)
    assert found.px == pytest.approx(offset, abs=0.06)
    assert 0 < found.sd_px < 0.05
    assert abs(found.px - offset) < 4 * found.sd_px


@pytest.mark.parametrize(("speed", "width", "offset"), [(400, 24, 4.0), (-5000, 40, -3.0)])
def test_velocity_is_right_once_the_offset_is_undone(
    speed: float, width: int, offset: float
) -> None:
    image, straight = to_and_fro(speed, width, offset), to_and_fro(speed, width, 0.0, snr=50)
    truth = radon_velocity(straight, **SCALES).columns["velocity_um_per_s"]

    def right(**parameters: object) -> float:
        table = radon_velocity(image, **SCALES, **parameters).columns
        near = np.abs(table["velocity_um_per_s"] / truth - 1) < 0.05
        return float(np.mean(near & (table["status"] == "ok")))

    assert right() < 0.8
    assert right(bidirectional="estimate") > 0.9
    assert right(bidirectional="given", bidirectional_offset_px=offset) > 0.9
    summary = radon_velocity(image, **SCALES, bidirectional="estimate").summary
    assert summary["bidirectional_offset_px"] == pytest.approx(offset, abs=0.06)
    assert summary["bidirectional_offset_sd_px"] < 0.05


def test_without_an_offset_the_numbers_stay_within_their_uncertainty() -> None:
    image = to_and_fro(500, 30, 0.0)
    plain = radon_velocity(image, **SCALES)
    undone = radon_velocity(image, **SCALES, bidirectional="estimate")
    change = undone.columns["velocity_um_per_s"] - plain.columns["velocity_um_per_s"]
    assert np.median(np.abs(change) / plain.columns["velocity_sd_um_per_s"]) < 0.5
    assert undone.summary["velocity_median_um_per_s"] == pytest.approx(
        plain.summary["velocity_median_um_per_s"], rel=0.003
    )
    assert plain.summary["bidirectional_offset_px"] is None


def test_shading_of_the_scanner_does_not_move_with_the_lines() -> None:
    shading = 1 + 0.4 * np.random.default_rng(1).normal(size=24).clip(-1.5, 1.5)
    image = to_and_fro(400, 24, 1.2) * shading
    result = radon_velocity(image, **SCALES, bidirectional="estimate")
    assert result.summary["bidirectional_offset_px"] == pytest.approx(1.2, abs=0.1)
    assert result.summary["velocity_median_um_per_s"] == pytest.approx(400, rel=0.05)


def test_where_nothing_moves_the_offset_is_left_and_said_to_be_unknown() -> None:
    noise = np.random.default_rng(2).normal(100, 10, (2000, 20))
    for still in (noise, np.full((2000, 20), 7.0), noise[:70]):
        summary = radon_velocity(still, **SCALES, bidirectional="estimate").summary
        assert summary["bidirectional_offset_px"] == 0
        assert "could not be found" in summary["hint"]


def test_an_offset_that_nobody_asked_for_is_told() -> None:
    hint = radon_velocity(to_and_fro(400, 24, 1.5), **SCALES).summary["hint"]
    assert "+1.5 columns" in hint
    assert "bidirectional='estimate'" in hint
    straight = radon_velocity(to_and_fro(400, 24, 0.0), **SCALES)
    assert straight.summary["hint"] is None


def test_whole_columns_are_moved_exactly_and_only_common_columns_stay() -> None:
    recording = np.arange(60.0).reshape(6, 10)
    aligned = AlignedLines(recording, 2.0)
    assert aligned.shape == (6, 8)
    np.testing.assert_array_equal(aligned[0:6][::2], recording[::2, :8])
    np.testing.assert_array_equal(aligned[0:6][1::2], recording[1::2, 2:])
    np.testing.assert_array_equal(aligned[1:4], aligned[0:6][1:4])
    back = AlignedLines(recording, -2.0)
    np.testing.assert_array_equal(back[0:6][::2], recording[::2, 2:])
    np.testing.assert_array_equal(back[0:6][1::2], recording[1::2, :8])


@pytest.mark.parametrize(
    "parameters",
    [
        {"bidirectional": "given"},
        {"bidirectional": "estimate", "bidirectional_offset_px": 1.0},
        {"bidirectional": "no", "bidirectional_offset_px": 1.0},
        {"bidirectional": "given", "bidirectional_offset_px": 18.0},
    ],
)
def test_an_offset_that_makes_no_sense_is_refused(parameters: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="bidirectional_offset_px"):
        radon_velocity(np.zeros((100, 20)), **SCALES, **parameters)


def test_pixels_that_are_no_numbers_are_refused_before_anything_else() -> None:
    image = to_and_fro(400, 24, 0.0)
    image[1000, 3] = np.nan
    with pytest.raises(ParameterError, match="not finite"):
        radon_velocity(image, **SCALES, bidirectional="estimate")
