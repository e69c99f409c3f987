"""What the truth of drawn flow says of cells, tissue and scanner is what the image shows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtr

from cloudscope.errors import ParameterError
from cloudscope.synthetic import (
    Detector,
    VelocityTruth,
    event_series,
    pulsatile_series,
    random_events,
    two_stream_kymograph,
    velocity_kymograph,
    volume_flow_kymograph,
)

PLAIN = {"background": 0.0, "bleaching": 0.0}


def edge_integral(away_px: np.ndarray, blur_px: float) -> np.ndarray:
    """Integral of the blurred step, from far below up to `away_px`."""
    z = away_px / blur_px
    return away_px * ndtr(z) + blur_px * np.exp(-0.5 * z**2) / np.sqrt(2 * np.pi)


def seen_exactly(truth: VelocityTruth, blur_um: float) -> np.ndarray:
    """Plasma 1, cells darker: every cell by its closed formula, pixel by pixel."""
    pixel = truth.pixel_size_um
    middle = (np.arange(truth.image.shape[1]) + 0.5) * pixel
    cells = np.zeros(truth.image.shape)
    for start, stop, depth in zip(
        truth.cells.start_um, truth.cells.stop_um, truth.cells.depth, strict=True
    ):
        for edge, sign in ((start, depth), (stop, -depth)):
            away = (middle - edge - truth.travel_um[:-1, None]) / pixel
            high, low = away + 0.5, away - 0.5
            cells += sign * (
                edge_integral(high, blur_um / pixel) - edge_integral(low, blur_um / pixel)
            )
    return 1.0 - 0.6 * cells


@pytest.mark.parametrize("speed", [7.0, 613.0, -4321.0])
def test_every_pixel_is_what_the_formula_says(speed: float) -> None:
    velocity = pulsatile_series(40, mean=speed, amplitude=0.5, rate_hz=30.0)
    truth = velocity_kymograph(velocity, pixels=32, snr=np.inf, seed=2, **PLAIN)
    assert truth.image / 100 == pytest.approx(seen_exactly(truth, 0.4), abs=6e-4)


def test_streaks_lie_where_the_truth_says_to_a_thousandth_of_a_pixel() -> None:
    truth = velocity_kymograph(777.7, lines=400, pixels=64, snr=np.inf, seed=2, **PLAIN)
    exact = seen_exactly(truth, 0.4)
    slope = np.gradient(exact, axis=1)
    off = np.sum(slope * (exact - truth.image / 100)) / np.sum(slope**2)
    assert abs(off) < 1e-3


@pytest.mark.parametrize("speed", [800.0, -800.0])
@pytest.mark.parametrize("hematocrit", [0.15, 0.45])
def test_passages_are_the_cells_that_cross_a_column(speed: float, hematocrit: float) -> None:
    truth = velocity_kymograph(
        speed, lines=6000, pixels=20, snr=np.inf, hematocrit=hematocrit, blur_sigma_um=0.1,
        cell_length_um=(6.0, 8.0), seed=3, **PLAIN,
    )  # fmt: skip
    dark = np.concatenate([[False], truth.image[:, 7] < 100 - 0.3 * 70, [False]])
    begins = np.flatnonzero(dark[1:] & ~dark[:-1])
    ends = np.flatnonzero(~dark[1:] & dark[:-1])
    whole = (begins > 0) & (ends < 6000)
    middles = 0.5 * (begins + ends - 1)[whole] * truth.line_period_s
    time_s, direction = truth.passages(position_um=7.5 * 0.5)
    assert set(direction) == {int(np.sign(speed))}
    assert abs(truth.cells_passed(0, 6000, 7.5 * 0.5) - begins.size) <= 2
    near = time_s[np.abs(time_s[:, None] - middles).argmin(axis=0)]
    # Neighbours that nearly touch are one dark stretch now and then.
    assert np.mean(np.abs(near - middles) < 1.1e-3) > 0.9
    assert truth.flux_per_s == pytest.approx(800 * truth.linear_density_per_um, rel=0.02)
    assert truth.hematocrit == pytest.approx(np.mean(truth.image < 79.0), abs=0.02)
    lengths = truth.seen_cell_length_um
    assert 6 <= lengths.min() <= lengths.max() <= 8
    assert truth.linear_density_per_um * lengths.mean() == pytest.approx(truth.hematocrit, rel=0.05)


def test_cells_that_come_back_are_counted_both_ways() -> None:
    velocity = np.where(np.arange(2000) < 1000, 500.0, -500.0)
    truth = velocity_kymograph(velocity, pixels=20, seed=1)
    _, direction = truth.passages()
    assert abs(direction.sum()) <= 1
    assert direction.size == pytest.approx(1000 * truth.linear_density_per_um, abs=3)
    counted = truth.cells_passed([0, 1000], [1000, 2000])
    assert counted.sum() == direction.size
    with pytest.raises(ParameterError, match="position_um=11"):
        truth.passages(11.0)


def test_as_many_cells_pass_everywhere_however_fast() -> None:
    slope = np.linspace(0.7, 1.3, 64)
    truth = velocity_kymograph(
        900.0, lines=8000, pixels=64, speed_along_line=slope, snr=np.inf, seed=4, **PLAIN
    )
    assert truth.relative_speed.mean() == pytest.approx(1.0)
    passed = [int(truth.cells_passed(0, 8000, at)) for at in (1.0, 16.0, 31.0)]
    assert np.ptp(passed) <= 10
    image = truth.image - truth.image.mean(axis=0)
    for column in (4, 32, 58):
        # Time from a column to the one four further on, by the whole course of both.
        f = np.fft.rfftfreq(8000)
        cross = np.conj(np.fft.rfft(image[:, column])) * np.fft.rfft(image[:, column + 4])
        low = (f > 0) & (f < 0.05)
        lag = np.sum(-np.angle(cross[low]) * f[low] * np.abs(cross[low]))
        lag /= 2 * np.pi * np.sum(f[low] ** 2 * np.abs(cross[low]))
        speed = 4 * 0.5 / (lag * 1e-3)
        assert speed == pytest.approx(900 * truth.relative_speed[column + 2], rel=0.03)


def test_tissue_takes_pattern_and_cells_along() -> None:
    course = 2.0 * np.sin(2 * np.pi * np.arange(600) / 150)
    options = {"lines": 600, "pixels": 48, "snr": np.inf, "bleaching": 0.0, "seed": 5}
    moving = velocity_kymograph(0.0, tissue_displacement_um=course, **options)
    crest, trough = moving.image[37], moving.image[112]
    # From crest to trough of the course the scene goes back by 4 µm, 8 columns.
    assert np.corrcoef(crest[8:], trough[:-8])[0, 1] > 0.99
    assert moving.apparent_velocity_um_per_s[75] == pytest.approx(
        2.0 * 2 * np.pi / 0.15 * np.cos(np.pi), rel=0.01
    )
    assert not moving.velocity_um_per_s.any()


def test_odd_lines_are_swept_backwards_and_lie_aside() -> None:
    options = {"lines": 200, "pixels": 64, "snr": np.inf, "seed": 6, **PLAIN}
    truth = velocity_kymograph(0.0, bidirectional_offset_um=1.5, **options)
    assert np.array_equal(truth.image[0], truth.image[2])
    assert truth.image[1, 3:] == pytest.approx(truth.image[0, :-3], abs=0.05)
    swept = velocity_kymograph(
        2000.0, bidirectional_offset_um=0.0, sweep_fraction=1.0, **options
    ).image
    forward = velocity_kymograph(2000.0, sweep_fraction=1.0, **options).image
    assert np.array_equal(swept[::2], forward[::2])
    # The last pixel of a line that is swept backwards is looked at first.
    still = velocity_kymograph(2000.0, **options).image
    assert swept[1::2, -1] == pytest.approx(still[1::2, -1], abs=1e-3)


def test_disturbances_are_those_stated_and_touch_nothing_else() -> None:
    options = {"lines": 4000, "pixels": 16, "snr": np.inf, "seed": 7, **PLAIN}
    plain = velocity_kymograph(600.0, **options).image
    dropped = velocity_kymograph(600.0, dropped_share=0.05, **options)
    assert np.mean(dropped.dropped) == pytest.approx(0.05, abs=0.01)
    assert not dropped.image[dropped.dropped].any()
    assert np.array_equal(dropped.image[~dropped.dropped], plain[~dropped.dropped])
    flicker = velocity_kymograph(600.0, flicker=0.1, **options).image / plain
    assert np.ptp(flicker, axis=1).max() < 1e-5
    assert flicker.mean(axis=1).std() == pytest.approx(0.1, rel=0.05)
    dark_ends = velocity_kymograph(600.0, vignetting=0.4, **options).image / plain
    assert dark_ends[:, [0, -1]] == pytest.approx(0.6, rel=1e-5)
    empty = velocity_kymograph(600.0, empty_s=[(1.0, 1.5)], **options)
    assert empty.image[empty.empty] == pytest.approx(100.0)
    assert np.flatnonzero(empty.empty).tolist() == list(range(1000, 1500))
    remains = velocity_kymograph(600.0, remains=0.5, **{**options, "pixels": 200}).image
    stuck = remains.mean(axis=0) < 0.75 * np.median(remains.mean(axis=0))
    assert stuck.mean() == pytest.approx(0.3, abs=0.02)


def test_a_detector_gives_counts_and_the_noise_it_states() -> None:
    detector = Detector(counts_per_photon=15.0, excess_noise=1.3, read_noise_counts=5.0, bits=12)
    rng = np.random.default_rng(1)
    for photons in (0.0, 3.0, 80.0):
        counts = detector.record(np.full(200_000, photons), rng)
        assert counts.mean() == pytest.approx(detector.mean_counts(photons), rel=0.005)
        assert counts.std() == pytest.approx(detector.noise_sd_counts(photons), rel=0.02)
    assert detector.record(np.full(10, 1e4), rng).tolist() == [4095] * 10
    truth = velocity_kymograph(600.0, lines=2000, detector=detector, brightness=30.0, **PLAIN)
    still = velocity_kymograph(600.0, lines=2000, snr=np.inf, brightness=30.0, **PLAIN)
    noise = truth.image - detector.mean_counts(still.image.astype(float))
    assert truth.image.dtype == np.uint16
    assert noise.std() == pytest.approx(truth.noise_sd, rel=0.03)
    assert still.image.std() * 15.0 / noise.std() == pytest.approx(truth.snr, rel=0.05)
    assert Detector.camera().saturation_counts == 65535
    counter = Detector.photon_counter().record(np.full(50_000, 4.0), rng)
    assert counter.var() == pytest.approx(4.0, rel=0.03)


def test_events_slow_the_streaks_down_where_they_say() -> None:
    events = random_events(8.0, count=6, seed=3)
    series = event_series(800.0, events, lines=8000)
    truth = velocity_kymograph(series.velocity_um_per_s, pixels=40, seed=3)
    for event in events:
        rows = int(event.start_s * 1000) + 15, int(event.stop_s * 1000) - 15
        inside = truth.mean_velocity_um_per_s(*rows)
        assert inside == pytest.approx(800.0 * event.factor, abs=1e-6)
        half = series.velocity_um_per_s[round(event.start_s * 1000)]
        assert half == pytest.approx(800 * (1 + event.factor) / 2, abs=0.1 * 800)
    assert {event.kind for event in events} == {"stall", "reversal", "drop", "rise"}


def shift_of_best_match(image: np.ndarray) -> int:
    flat = image - image.mean(axis=0)
    width = image.shape[1]
    score = [
        np.mean(flat[:-1, max(0, -s) : width - max(0, s)] * flat[1:, max(0, s) : width + min(0, s)])
        for s in range(-8, 9)
    ]
    return int(np.argmax(score)) - 8


def test_two_streams_move_each_at_its_own_speed() -> None:
    options = {"lines": 2000, "pixels": 80, "snr": 8.0, "seed": 1, **PLAIN}
    truth = two_stream_kymograph(1000.0, -1500.0, layout="side by side", share=0.4, **options)
    assert shift_of_best_match(truth.image[:, :30]) == 2
    assert shift_of_best_match(truth.image[:, 34:]) == -3
    both = two_stream_kymograph(1000.0, -1500.0, share=0.9, **options)
    assert shift_of_best_match(both.image) == 2
    mostly_second = two_stream_kymograph(1000.0, -1500.0, share=0.1, **options)
    assert shift_of_best_match(mostly_second.image) == -3
    noise = (
        both.image
        - two_stream_kymograph(1000.0, -1500.0, share=0.9, **{**options, "snr": np.inf}).image
    )
    assert noise.std() == pytest.approx(both.noise_sd, rel=0.05)


def test_velocity_and_diameter_share_a_clock() -> None:
    beat = pulsatile_series(1000, mean=1.0)
    truth = volume_flow_kymograph(2000 * beat, 12.0 * beat**0.2, profile_factor=0.5, seed=3)
    assert np.array_equal(truth.image[:, :64], truth.velocity.image)
    assert np.array_equal(truth.image[:, slice(*truth.diameter_columns)], truth.diameter.image)
    expected = 0.5 * 2000 * beat * np.pi / 4 * (12 * beat**0.2) ** 2
    assert truth.flow_um3_per_s == pytest.approx(expected)
    assert truth.flow_nl_per_min == pytest.approx(expected * 6e-5)
    assert truth.wall_shear_rate_per_s == pytest.approx(8 * 1000 * beat / (12 * beat**0.2))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"snr": 2.0, "detector": Detector()}, "snr=2.0 is not allowed with a detector"),
        ({"sweep_fraction": 1.5}, "sweep_fraction=1.5"),
        ({"dropped_share": -0.1}, "dropped_share=-0.1"),
        ({"flicker": np.nan}, "flicker=nan"),
        ({"remains": 1.0}, "remains=1.0"),
        ({"vignetting": 2.0}, "vignetting=2.0"),
        ({"speed_along_line": np.zeros(64)}, "speed_along_line=0.0"),
        ({"speed_along_line": np.ones(3)}, "speed_along_line has 3 values"),
        ({"tissue_displacement_um": np.zeros(3)}, "tissue_displacement_um has 3 values"),
        ({"empty_s": [(2.0, 1.0)]}, "empty_s"),
        ({"cell_length_um": (3.0, np.inf)}, "cell_length_um"),
    ],
)
def test_a_wrong_disturbance_is_named(options: dict, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        velocity_kymograph(500.0, lines=10, **options)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: Detector(bits=17), "bits=17"),
        (lambda: Detector(excess_noise=0.5), "excess_noise=0.5"),
        (lambda: Detector(counts_per_photon=0.0), "counts_per_photon=0.0"),
        (lambda: Detector(read_noise_counts=-1.0), "read_noise_counts=-1.0"),
        (lambda: two_stream_kymograph(1.0, 2.0, lines=9, share=1.0), "share=1.0"),
        (lambda: two_stream_kymograph(1.0, 2.0, lines=9, layout="over"), "layout='over'"),
        (lambda: two_stream_kymograph(1.0, 2.0, lines=9, snr=-1.0), "snr=-1.0"),
        (lambda: volume_flow_kymograph(1.0, 9.0, lines=9, profile_factor=0.0), "profile_factor=0"),
        (lambda: volume_flow_kymograph([1.0] * 9, [9.0] * 8), "diameter_um has 8 values"),
    ],
)
def test_a_wrong_scene_is_named(call, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        call()


@pytest.mark.parametrize("pixels", [1, 2, 5])
def test_lines_of_a_few_pixels_are_drawn(pixels: int) -> None:
    truth = velocity_kymograph(
        300.0, lines=50, pixels=pixels, tissue_displacement_um=0.3, remains=0.2, vignetting=0.2
    )
    assert np.isfinite(truth.image).all()
    assert truth.flux_per_s >= 0
