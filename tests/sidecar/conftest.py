"""A recording's name in an empty folder, and results to save beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cloudscope.analysis.result import AnalysisResult

MakeResult = Callable[..., AnalysisResult]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    path = folder / "my_file.tif"
    path.write_bytes(b"the recording itself, which nothing may touch")
    return path


@pytest.fixture
def make_result() -> MakeResult:
    def make(
        analysis: str = "radon_velocity",
        *,
        channel: int = 0,
        roi_id: int = 1,
        rows: int = 20,
        seed: int = 0,
        **columns: np.ndarray,
    ) -> AnalysisResult:
        random = np.random.default_rng((seed, roi_id, channel))
        velocity = random.normal(scale=800.0, size=rows)
        velocity[::7] = np.nan
        columns = columns or {
            "time_s": np.arange(rows) * 0.00123,
            "row_start": np.arange(rows) * 16,
            "velocity_um_per_s": velocity,
            "status": np.where(np.isnan(velocity), "no, weak signal", "ok"),
        }
        result = AnalysisResult.measured(
            analysis,
            parameters={"window_lines": 64, "signed": True, "mode": "fast", "limit": None},
            columns=columns,
            summary={"velocity_median_um_per_s": float(random.normal()), "windows": rows},
            line_period_s=0.00123,
            pixel_size_um=0.31,
        )
        return result.bound_to(
            channel=channel,
            roi_id=roi_id,
            bounds=(0, 1000, 4, 30),
            time_axis="rows",
            source_fingerprint="size:45",
            created_at="2026-11-25T12:00:00+01:00",
        )

    return make
