"""``cloudscope info``: what is known of a recording."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np

import cloudscope as cs

from .conftest import write_recording

Command = Callable[..., tuple[int, str, str]]


def test_header_rois_and_results(command: Command, recordings: Path) -> None:
    image = cs.AcqImage(recordings / "a.tif")
    roi = image.add_roi(col_start=4, col_stop=30, name="vessel")
    image.analyze("radon_velocity", roi_id=roi.roi_id)
    image.edit_experiment(species="mouse", extra={"cage": "7"})
    image.accepted = True
    image.save()
    code, out, _ = command("info", recordings / "a.tif")
    assert code == 0
    for words in (
        "a.tif", "1200 lines x 32 pixels", "1 ms", "0.5 µm", "vessel", "4:30", "accepted",
        "radon_velocity, channel 0, ROI 1", "velocity_median_um_per_s", "window_lines=64",
        "species", "mouse", "cage",
    ):  # fmt: skip
        assert words in out
    assert "STALE" not in out


def test_a_stale_result_is_called_so(command: Command, recordings: Path) -> None:
    image = cs.AcqImage(recordings / "a.tif")
    image.analyze("radon_velocity")
    image.set_calibration(pixel_size_um=0.25)
    image.save()
    assert "STALE, the pixel size was changed since" in command("info", recordings / "a.tif")[1]


def test_an_unknown_scale_is_unknown(command: Command, tmp_path: Path) -> None:
    path = write_recording(tmp_path / "bare.tif", np.ones((300, 20), "u2"), calibrated=False)
    out = command("info", path)[1]
    assert "line period  unknown" in out
    assert "pixel size   unknown" in out


def test_json_is_for_programs(command: Command, recordings: Path) -> None:
    image = cs.AcqImage(recordings / "b.tif")
    image.analyze("radon_velocity")
    image.save()
    code, out, _ = command("info", "--json", recordings / "b.tif")
    assert code == 0
    known = json.loads(out)
    assert known["header"]["line_period_s"] == 0.001
    assert known["results"][0]["parameters"]["window_lines"] == 64
    assert known["results"][0]["stale_reason"] is None
    summary = image.result("radon_velocity").summary
    assert (
        known["results"][0]["summary"]["velocity_median_um_per_s"]
        == (summary["velocity_median_um_per_s"])
    )


def test_nothing_is_written(command: Command, recordings: Path) -> None:
    before = sorted(recordings.rglob("*"))
    command("info", recordings / "a.tif")
    assert sorted(recordings.rglob("*")) == before
