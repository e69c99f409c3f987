"""Flux, density, length and share of cells against drawn recordings whose cells are known."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

from cloudscope.analysis.cells import refinement, train
from cloudscope.analysis.flux import cell_passages, flux
from cloudscope.analysis.radon_velocity import radon_velocity
from cloudscope.analysis.registry import get_analysis
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled, CalibrationError, CloudscopeError, ParameterError
from cloudscope.synthetic import VelocityTruth, velocity_kymograph
from tests.flowing_cells import PERIOD_S, PIXEL_UM, SCALES, known_velocity, random_gaps

TOLERANCE = 0.05


def drawn(speed_px: Any, width: int, *, lines: int | None = None, **options: Any) -> VelocityTruth:
    """A drawn recording, its speed in pixels a line."""
    speed = np.asarray(speed_px) * PIXEL_UM / PERIOD_S
    return velocity_kymograph(speed, lines=lines, pixels=width, **options)


def passed(truth: VelocityTruth, rows: tuple[int, int] | None = None) -> tuple[int, int]:
    """Cells that pass the middle, net and in all."""
    start, stop = rows or (0, truth.image.shape[0] - 1)
    time_s, direction = truth.passages()
    within = (time_s >= start * PERIOD_S) & (time_s < stop * PERIOD_S)
    return int(direction[within].sum()), int(within.sum())


def errors(truth: VelocityTruth, summary: Any) -> dict[str, float]:
    """Relative errors of a flow that goes one way."""
    lines = truth.image.shape[0]
    net, gross = passed(truth)
    way_um = np.ptp(truth.travel_um[:-1])
    middle = 0.5 * truth.image.shape[1] * PIXEL_UM
    ends = middle - np.array([truth.travel_um[:-1].max(), truth.travel_um[:-1].min()])
    inside = (truth.cells.centre_um > ends[0]) & (truth.cells.centre_um < ends[1])
    right = {
        "flux_cells_per_s": net / (lines * PERIOD_S),
        "linear_density_cells_per_mm": gross / way_um * 1e3,
        "line_hematocrit": float(np.diff(truth.cells.covered_um(ends))[0]) / way_um,
        "cell_length_um": float(truth.cells.length_um[inside].mean()),
    }
    return {name: summary[name] / value - 1 for name, value in right.items()}


@pytest.mark.parametrize(
    ("width", "speed_px", "hematocrit", "snr"),
    [
        (10, 0.3, 0.45, 1.0),
        (10, -1.0, 0.15, 1.0),
        (10, 3.0, 0.45, 1.0),
        (20, 0.3, 0.35, 1.0),
        (20, -3.0, 0.25, 1.0),
        (20, 1.0, 0.45, 4.0),
        (64, 0.3, 0.25, 1.0),
        (64, -3.0, 0.45, 2.0),
        (64, 10.0, 0.15, 1.0),
        (64, 10.0, 0.45, 1.0),
        (256, -1.0, 0.45, 1.0),
        (256, 10.0, 0.35, 1.0),
    ],
)
def test_all_four_are_within_five_percent_of_the_truth(
    width: int, speed_px: float, hematocrit: float, snr: float
) -> None:
    lines = int(np.clip(100 * 7 / hematocrit / abs(speed_px), 1200, 6000))
    truth = drawn(speed_px, width, lines=lines, hematocrit=hematocrit, snr=snr, seed=31)

    result = flux(truth.image, radon_velocity(truth.image, **SCALES), **SCALES)

    for name, error in errors(truth, result.summary).items():
        assert abs(error) < TOLERANCE, name
    assert set(result.columns["status"]) == {"ok"}


@pytest.mark.parametrize(("width", "speed_px"), [(20, 1.0), (64, 10.0), (256, 3.0)])
def test_a_beat_faster_than_the_windows_of_velocity_follow(width: int, speed_px: float) -> None:
    beat = np.sin(2 * np.pi * np.arange(2000) / 170)
    truth = drawn(speed_px * (1 + 0.4 * beat), width, hematocrit=0.35, snr=1.0, seed=5)

    summary = flux(truth.image, radon_velocity(truth.image, **SCALES), **SCALES).summary

    assert all(abs(error) < TOLERANCE for error in errors(truth, summary).values())


def test_each_window_counts_its_own_cells_and_a_stall_is_zero() -> None:
    line = np.arange(7000)
    truth = drawn(np.where((line >= 2000) & (line < 5000), 0.0, 2.0), 64, snr=1.0, seed=5)

    columns = flux(truth.image, radon_velocity(truth.image, **SCALES), **SCALES).columns

    counted = np.array([passed(truth, (start, start + 1000))[1] for start in range(0, 7000, 1000)])
    assert columns["row_start"].tolist() == list(range(0, 7000, 1000))
    # A window of velocity reaches 64 lines, 8 cells, across the sudden stop.
    np.testing.assert_allclose(columns["cells"], counted, atol=8)
    assert columns["flux_cells_per_s"][3] == 0
    assert columns["flux_sd_cells_per_s"][3] < 1
    assert set(columns["status"]) == {"ok"}
    assert np.isnan(columns["cell_length_um"][3])


def test_flow_that_turns_has_a_net_and_a_gross_flux() -> None:
    speed = 1.5 * np.sin(2 * np.pi * np.arange(8000) / 4000)
    truth = drawn(speed, 40, hematocrit=0.35, snr=2.0, seed=5)

    result = flux(truth.image, radon_velocity(truth.image, **SCALES), **SCALES)

    net, gross = passed(truth)
    assert result.summary["flux_cells_per_s"] == pytest.approx(net / 8, abs=1.0)
    assert result.summary["gross_flux_cells_per_s"] == pytest.approx(gross / 8, rel=0.03)
    assert np.sign(result.columns["flux_cells_per_s"]).tolist() == [1, 1, -1, -1] * 2


def test_cells_one_by_one_are_where_they_were_drawn() -> None:
    truth = drawn(-2.0, 40, lines=3000, hematocrit=0.3, snr=2.0, seed=8)

    cells = cell_passages(truth.image, radon_velocity(truth.image, **SCALES), **SCALES)

    time_s, _ = truth.passages()
    found = cells["time_s"].to_numpy()
    nearest = np.abs(found[:, None] - time_s).min(axis=1)
    assert np.median(nearest) < 0.3 * PERIOD_S
    assert (nearest < 2 * PERIOD_S).mean() > 0.97
    assert set(cells["direction"]) == {-1}
    assert list(cells) == ["time_s", "direction", "length_um", "contrast", "cells"]
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("hematocrit", [0.25, 0.45])
def test_cells_that_touch_are_parted_by_their_length(hematocrit: float) -> None:
    cells = random_gaps(hematocrit=hematocrit, speed_px=2.0, lines=3000, width=24, snr=2.0, seed=4)
    velocity = known_velocity(cells.speed_px)

    parted = flux(cells.image, velocity, **SCALES).summary
    kept = flux(cells.image, velocity, touching="keep", **SCALES).summary

    assert parted["cells"] == pytest.approx(cells.cells, rel=0.03)
    assert parted["cell_length_um"] == pytest.approx(cells.cell_length_um, rel=0.03)
    assert kept["cells"] < 0.96 * cells.cells
    assert parted["unseen_gap_share"] > 0.02
    assert kept["unseen_gap_share"] == 0


def test_even_cells_are_not_parted() -> None:
    truth = drawn(2.0, 64, lines=4000, cell_length_um=(2.0, 5.0), snr=2.0, seed=2)
    summary = flux(truth.image, radon_velocity(truth.image, **SCALES), **SCALES).summary
    assert summary["cells"] == pytest.approx(passed(truth)[1], rel=0.02)


def test_auto_finds_out_whether_cells_are_dark_or_bright() -> None:
    for bright in (False, True):
        truth = drawn(2.0, 40, lines=2500, hematocrit=0.3, snr=2.0, bright_cells=bright, seed=6)
        velocity = radon_velocity(truth.image, **SCALES)
        summary = flux(truth.image, velocity, polarity="auto", **SCALES).summary
        assert summary["polarity"] == ("bright" if bright else "dark")
        assert all(abs(error) < TOLERANCE for error in errors(truth, summary).values())


def test_columns_are_placed_where_speed_differs_along_the_line() -> None:
    truth = drawn(
        2.0, 128, lines=3000, snr=1.0, speed_along_line=np.linspace(0.8, 1.2, 128), seed=7
    )
    summary = flux(truth.image, known_velocity(np.full(3000, 2.0)), **SCALES).summary
    assert summary["cells"] == pytest.approx(passed(truth)[1], rel=0.02)


def test_brightness_that_fades_in_and_out_does_not_hide_cells() -> None:
    truth = drawn(2.0, 40, lines=8000, snr=4.0, hematocrit=0.35, seed=7)
    dye = 0.65 + 0.35 * np.cos(2 * np.pi * np.arange(8000) / 8000)
    image = truth.image * dye[:, None]
    result = flux(image, radon_velocity(image, **SCALES), **SCALES)
    counted = [passed(truth, (start, start + 1000))[1] for start in range(0, 8000, 1000)]
    np.testing.assert_allclose(result.columns["cells"], counted, rtol=0.08)


def test_without_a_velocity_nothing_is_measured() -> None:
    truth = drawn(2.0, 40, lines=6000, snr=2.0, seed=3)
    status = np.full(372, "ok", dtype="U12")
    status[125:300] = "ambiguous"  # 2.0 to 4.8 s
    result = flux(truth.image, known_velocity(np.full(6000, 2.0), status), **SCALES)
    assert result.columns["status"].tolist() == ["ok"] * 2 + ["no velocity"] * 3 + ["ok"]
    assert np.isnan(result.columns["flux_cells_per_s"][2:5]).all()
    assert result.summary["measured_s"] == pytest.approx(3.2, abs=0.1)
    assert result.summary["main_rejection"] == "no velocity"
    net = (passed(truth, (0, 2000))[0] + passed(truth, (4800, 5999))[0]) / 3.2
    assert result.summary["flux_cells_per_s"] == pytest.approx(net, rel=0.05)

    nothing = flux(truth.image, known_velocity(np.full(6000, 2.0), "no signal"), **SCALES)
    assert set(nothing.columns["status"]) == {"no velocity"}
    assert np.isnan(nothing.summary["flux_cells_per_s"])


def test_wrong_velocities_among_right_ones_are_left_out() -> None:
    truth = drawn(2.0, 40, lines=3000, snr=2.0, seed=3)
    velocity = known_velocity(np.full(3000, 2.0))
    wrong = velocity.columns["velocity_um_per_s"].copy()
    wrong[[20, 21, 90]] = [-9000.0, -9000.0, 18000.0]
    spoiled = velocity.with_numbers(
        columns={**velocity.columns, "velocity_um_per_s": wrong}, summary={}
    )
    assert flux(truth.image, spoiled, **SCALES).summary["cells"] == pytest.approx(
        passed(truth)[1], rel=0.02
    )


def test_noise_that_hides_cells_is_told() -> None:
    truth = drawn(2.0, 20, lines=4000, snr=0.2, hematocrit=0.35, seed=3)
    result = flux(truth.image, known_velocity(np.full(4000, 2.0)), **SCALES)
    assert set(result.columns["status"]) <= {"uncertain", "no contrast"}


def test_stated_deviations_are_those_of_the_count() -> None:
    truth = drawn(2.0, 40, lines=30_000, hematocrit=0.3, snr=2.0, seed=9)
    columns = flux(truth.image, known_velocity(np.full(30_000, 2.0)), **SCALES).columns
    spread = columns["flux_cells_per_s"].std(ddof=1)
    assert spread == pytest.approx(np.median(columns["flux_sd_cells_per_s"]), rel=0.3)


def test_parts_of_the_work_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    truth = drawn(2.0, 64, lines=2500, snr=1.0, seed=3)
    velocity = known_velocity(np.full(2500, 2.0))
    whole = flux(truth.image, velocity, **SCALES)
    monkeypatch.setattr(train, "BLOCK_PIXELS", 5000)
    monkeypatch.setattr(refinement, "BLOCK_PIXELS", 5000)
    parts = flux(truth.image, velocity, **SCALES)
    for name in ("flux_cells_per_s", "cell_length_um", "line_hematocrit"):
        np.testing.assert_allclose(parts.columns[name], whole.columns[name], rtol=1e-6)
    assert flux(truth.image, velocity, **SCALES).same_numbers(parts)


def test_progress_grows_and_cancel_stops() -> None:
    truth = drawn(2.0, 64, lines=1500, snr=1.0, seed=3)
    velocity = known_velocity(np.full(1500, 2.0))
    shares: list[float] = []
    flux(truth.image, velocity, progress=shares.append, **SCALES)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    stop = Event()
    stop.set()
    with pytest.raises(AnalysisCancelled):
        flux(truth.image, velocity, cancel=stop, **SCALES)


def test_the_table_is_the_one_declared_and_names_its_input() -> None:
    truth = drawn(2.0, 40, lines=1500, snr=2.0, seed=3)
    velocity = known_velocity(np.full(1500, 2.0))
    result = flux(truth.image, velocity, window_s=0.5, **SCALES)
    declared = get_analysis("flux")
    assert list(result.columns) == [column.name for column in declared.columns]
    assert result.columns["row_stop"].tolist() == [500, 1000, 1500]
    assert result.inputs["velocity"].digest == velocity.digest
    assert declared.headline in result.summary


IMAGES = {
    "constant": np.full((400, 16), 7.0),
    "saturated": np.full((400, 16), 4095, np.uint16),
    "zero": np.zeros((400, 16), bool),
    "noise": np.random.default_rng(0).normal(size=(400, 16)),
    "huge": 1e99 * np.random.default_rng(0).normal(size=(400, 16)),
    "tiny numbers": 1e-300 * np.random.default_rng(0).normal(size=(400, 16)),
    "stripes": np.tile(np.arange(16.0), (400, 1)),
    "one bright pixel": np.eye(400, 16),
    "NaN": np.where(np.eye(400, 16) > 0, np.nan, 1.0),
    "one column": np.ones((400, 1)),
    "two lines": np.ones((2, 16)),
    "no lines": np.ones((0, 16)),
    "flat": np.ones(400),
    "text": np.full((400, 16), "a"),
}


@pytest.mark.parametrize("speed_px", [0.0, 0.01, -3.0, 15.9, 40.0])
@pytest.mark.parametrize("name", IMAGES)
def test_any_image_gives_rows_with_a_status_or_one_sentence(name: str, speed_px: float) -> None:
    lines = IMAGES[name].shape[0]
    velocity = known_velocity(np.full(max(lines, 64), speed_px))
    for polarity in ("dark", "auto"):
        try:
            result = flux(IMAGES[name], velocity, polarity=polarity, **SCALES)
        except CloudscopeError as error:
            assert "\n" not in str(error)  # noqa: PT017
            continue
        assert set(result.columns["status"]) <= {"ok", "uncertain", "no velocity", "no contrast"}
        if name != "one bright pixel" and speed_px not in (0.0, 0.01):
            assert "ok" not in result.columns["status"]


def test_bad_input_is_refused_in_one_sentence() -> None:
    truth = drawn(2.0, 40, lines=1500, snr=2.0, seed=3)
    velocity = known_velocity(np.full(1500, 2.0))
    with pytest.raises(ParameterError, match=r"polarity='grey' .* 'dark', 'bright', 'auto'"):
        flux(truth.image, velocity, polarity="grey", **SCALES)
    with pytest.raises(ParameterError, match="on the same lines"):
        flux(truth.image[:900], velocity, **SCALES)
    with pytest.raises(ParameterError, match=r"measured with pixel_size_um=0\.5, not 0\.25"):
        flux(truth.image, velocity, line_period_s=PERIOD_S, pixel_size_um=0.25)
    with pytest.raises(CalibrationError, match="line_period_s"):
        flux(truth.image, velocity, line_period_s=None, pixel_size_um=0.5)
    with pytest.raises(ParameterError, match="no parameter 'polarty'"):
        cell_passages(truth.image, velocity, polarty="dark", **SCALES)
    other = AnalysisResult.measured("diameter", parameters={}, columns={}, summary={}, **SCALES)
    with pytest.raises(ParameterError, match="result of 'diameter'"):
        flux(truth.image, other, **SCALES)


def test_a_capillary_gives_the_same_in_both_halves(shared_data: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    image = tifffile.imread(shared_data / "capillary" / "Capillary1_0001.tif")
    scales = {"line_period_s": 35.1 / 30000, "pixel_size_um": 10.796 / 38}
    halves = []
    for half in (image[:15000], image[15000:]):
        velocity = radon_velocity(half, **scales)
        summary = flux(half, velocity, **scales).summary
        halves.append(summary)
        # Cells a length, times how fast they go, are cells a time.
        speed = velocity.summary["velocity_mean_um_per_s"]
        expected = summary["linear_density_cells_per_mm"] * 1e-3 * speed
        assert summary["flux_cells_per_s"] == pytest.approx(expected, rel=0.05)
        assert -140 < summary["flux_cells_per_s"] < -100
        assert 4 < summary["cell_length_um"] < 8
    for name in ("flux_cells_per_s", "cell_length_um", "line_hematocrit"):
        assert halves[0][name] == pytest.approx(halves[1][name], rel=0.05)
