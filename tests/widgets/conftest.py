"""Fixtures for the tests of widgets."""

from __future__ import annotations

from pathlib import Path

import pytest
import tifffile

from tests.widgets.small_app import streaks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three calibrated recordings, one without calibration, one that cannot be read."""
    where = tmp_path / "recordings"
    where.mkdir()
    for number in range(3):
        tifffile.imwrite(
            where / f"scan_{number}.tif",
            streaks(seed=number),
            imagej=True,
            resolution=(2.0, 1000.0),
            metadata={"unit": "um", "finterval": 0.001, "axes": "YX"},
        )
    tifffile.imwrite(where / "uncalibrated.tif", streaks(seed=7))
    (where / "zz_broken.tif").write_bytes(b"II*\x00 not a tiff at all")
    return where
