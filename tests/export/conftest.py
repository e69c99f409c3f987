"""Recordings with results of known numbers, for every export."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import cloudscope as cs
from tests.recordings import write_line_scan


def with_results(image: cs.AcqImage) -> cs.AcqImage:
    """ROI 1 with a velocity and a diameter, and what the experimenter knows."""
    roi = image.add_roi(row_start=100, col_start=3, col_stop=20, name="vessel")
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    image.analyze("diameter", roi_id=roi.roi_id, average_lines=20)
    image.edit_experiment(
        species="mouse", sex="female", age="12 weeks", animal_id="A89", region="cortex",
        strain="C57BL/6J", condition="28d AngII", note="=HYPERLINK(1)", depth_um=120,
        extra={"cage": "7"},
    )  # fmt: skip
    image.accepted = True
    return image


@pytest.fixture(scope="session")
def in_memory() -> cs.AcqImage:
    """A measured recording in memory; not to be changed."""
    rng = np.random.default_rng(1)
    array = rng.integers(0, 4096, (2, 600, 24)).astype(np.uint16)
    image = cs.AcqImage.from_array(
        array,
        line_period_s=0.0011700000000000001,
        pixel_size_um=0.284,
        name="scan 1",
        channel_names=("FITC", "Texas Red"),
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
