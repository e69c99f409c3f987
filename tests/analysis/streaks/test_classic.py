"""The classic method: right where it can be, pulled by the window where the literature says so."""

from __future__ import annotations

import subprocess
import sys
import threading

import numpy as np
import pytest

from cloudscope.analysis.radon_velocity import COLUMNS, radon_velocity
from cloudscope.analysis.result import AnalysisResult
from cloudscope.errors import AnalysisCancelled
from cloudscope.synthetic import velocity_kymograph

SCALES: dict[str, float] = {"line_period_s": 1e-3, "pixel_size_um": 0.5}


def classic(image: np.ndarray, **parameters: object) -> AnalysisResult:
    options = {"method": "classic", "step_lines": 64} | parameters
    return radon_velocity(image, **SCALES, **options)


def flow(speed: float, pixels: int, lines: int = 640, **options: float) -> np.ndarray:
    return velocity_kymograph([speed] * lines, pixels=pixels, seed=3, snr=3, **options).image


@pytest.mark.parametrize("speed", [50.0, 350.0, -350.0, 500.0, 1500.0, -4000.0])
def test_slope_and_sign_on_a_wide_line(speed: float) -> None:
    summary = classic(flow(speed, 60)).summary
    assert summary["velocity_median_um_per_s"] == pytest.approx(speed, rel=0.03)
    assert summary["accepted_share"] > 0.8


def test_the_rectangle_decides_on_a_narrow_line() -> None:
    image = flow(350.0, 7, bleaching=0.0)
    biased = classic(image, detection_limit=0.0).summary["velocity_median_um_per_s"]
    right = radon_velocity(image, **SCALES).summary["velocity_median_um_per_s"]
    assert biased < 0.88 * 350
    assert right == pytest.approx(350, rel=0.03)


def test_same_table_without_standard_deviations() -> None:
    result = classic(flow(350.0, 30))
    assert list(result.columns) == [column.name for column in COLUMNS]
    assert np.all(np.isnan(result.columns["velocity_sd_um_per_s"]))
    assert result.parameters["method"] == "classic"
    assert np.all((result.columns["quality"] >= 0) & (result.columns["quality"] <= 1))


def test_a_stall_is_a_zero() -> None:
    rng = np.random.default_rng(1)
    still = rng.uniform(100, 200, 40) + rng.normal(0, 3, (640, 40))
    table = classic(still, background="none", bleaching="none").columns
    assert set(table["status"]) == {"ok"}
    assert table["velocity_um_per_s"] == pytest.approx(np.zeros(10), abs=2.0)


def test_noise_and_constants_are_no_flow() -> None:
    noise = np.random.default_rng(2).normal(100, 10, (1280, 20))
    assert classic(noise).summary["windows_accepted"] <= 1
    assert set(classic(np.full((200, 20), 7)).columns["status"]) == {"no signal"}


def test_direction_and_limits() -> None:
    image = flow(-350.0, 40)
    assert classic(image, direction="negative").summary["accepted_share"] > 0.9
    table = classic(image, direction="positive").columns
    assert np.mean(np.isin(table["status"], ("beyond limits", "no signal"))) > 0.9
    inside = classic(image, minimum_speed_um_per_s=200.0, maximum_speed_um_per_s=500.0)
    assert inside.summary["velocity_median_um_per_s"] == pytest.approx(-350, rel=0.03)


def test_progress_and_cancel_at_every_window() -> None:
    seen: list[float] = []
    classic(flow(350.0, 10, 640), progress=seen.append)
    assert len(seen) >= 10
    assert seen == sorted(seen)
    assert seen[-1] == 1
    stop = threading.Event()

    def progress(done: float) -> None:
        if done > 0.5:
            stop.set()

    with pytest.raises(AnalysisCancelled):
        classic(flow(350.0, 10, 640), progress=progress, cancel=stop)


def test_scikit_image_is_not_imported_for_the_correlation() -> None:
    code = (
        "import sys, numpy as np\n"
        "from cloudscope.analysis.radon_velocity import radon_velocity\n"
        "radon_velocity(np.eye(100, 20), line_period_s=1, pixel_size_um=1)\n"
        "assert 'skimage' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
