"""Recordings with results of known numbers, for every export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.synthetic import velocity_kymograph
from tests.measured_recordings import with_results
from tests.recordings import write_line_scan


@pytest.fixture(scope="session")
def in_memory() -> cs.AcqImage:
    """A measured recording in memory; not to be changed."""
    scales = {"line_period_s": 0.0011700000000000001, "pixel_size_um": 0.284}
    flowing = velocity_kymograph(150.0, lines=600, pixels=24, seed=1, **scales).image
    dim = np.random.default_rng(1).integers(0, 4096, (600, 24))
    array = np.stack([np.clip(flowing, 0, 65535), dim]).astype(np.uint16)
    image = cs.AcqImage.from_array(
        array,
        name="scan 1",
        channel_names=("FITC", "Texas Red"),
        **scales,
    )
    return with_results(image)


@pytest.fixture
def recording(tmp_path: Path) -> cs.AcqImage:
    """A measured recording in a folder of its own."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    return with_results(cs.AcqImage(write_line_scan(folder / "scan.tif", lines=600)))


@pytest.fixture
def folder(recording: cs.AcqImage) -> cs.AcqImageList:
    """Two recordings of a folder, the second in a sub-folder and without results."""
    assert recording.path is not None
    recording.save()
    sub = recording.path.parent / "sub"
    sub.mkdir()
    write_line_scan(sub / "other.tif", seed=1)
    return cs.AcqImageList.from_folder(recording.path.parent)
