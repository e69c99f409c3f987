"""What older programs left beside a recording: found, taken over, reported, never harmed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.errors import LoadError
from cloudscope.past import find_past, import_past

from .cli.conftest import command as command  # a fixture
from .cli.conftest import write_recording

LINES, PIXELS = 400, 20


def digests(folder: Path) -> set[str]:
    """Content of every file of a folder, whatever the names."""
    return {
        hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """A recording of 1 ms a line and 0.5 µm a pixel."""
    rng = np.random.default_rng(5)
    return write_recording(
        tmp_path / "day" / "scan.tif", rng.integers(0, 900, (LINES, PIXELS), dtype="u2")
    )


def acqstore(recording: Path, **changes: Any) -> Path:
    """A version 2 sidecar: velocity of ROI 1, diameter of ROI 2, events, a verdict."""
    roi = {"roi_type": "rectroi", "version": "1.0", "note": ""}
    whole = {"row_start": 0, "row_stop": LINES, "col_start": 0, "col_stop": PIXELS}
    raw = {
        "version": 2,
        "accepted": True,
        "rois": [
            {**roi, "roi_id": 1, "name": "flow", "data": {**whole, "row_start": 40}},
            {**roi, "roi_id": 2, "name": "wide", "data": {**whole, "col_stop": 99}},
            {**roi, "roi_id": 3, "roi_type": "linesegmentroi", "name": "", "data": {"row0": 1}},
        ],
        "experiment_metadata": {
            "species": "mouse", "depth": 120.0, "sex": "Xxxy", "treatment2": "AngII", "note": "",
            "_is_dirty": True,
        },
        "image_header_metadata": {
            "shape": f"({LINES}, {PIXELS})", "physical_unit_x": 0.01, "physical_unit_y": 0.002,
            "physical_label_x": "X", "physical_label_y": "Y",
        },
        "analysis": [
            {
                "analysis_name": "radon_velocity", "channel": 0, "roi_id": 1,
                "detection_params": {"window_width": 64},
                "summary": {"analysis_date": "261122", "analysis_time": "08:51:37.753"},
            },
            {
                "analysis_name": "diameter", "channel": 0, "roi_id": 2,
                "detection_params": {"stride": 1}, "summary": {},
            },
            {
                "analysis_name": "event", "channel": 0, "roi_id": 1,
                "summary": {"events": [{"x0": 0.04, "x1": 0.06, "event_type": "rise"}]},
            },
            {"analysis_name": "heart_rate", "channel": 0, "roi_id": 1, "summary": {}},
        ],
    }  # fmt: skip
    raw.update(changes)
    path = recording.with_name("scan.tif.json")
    path.write_text(json.dumps(raw))
    angles = [(32, 45.0), (48, 135.0), (64, 90.0), (80, 0.0)]
    recording.with_name("scan.tif.radon_velocity.csv").write_text(
        "channel,roi_id,time_s,time_index,theta_deg,velocity\n"
        + "".join(f"0,1,{0.002 * i},{i},{theta},-5.0\n" for i, theta in angles)
    )
    recording.with_name("scan.tif.diameter.csv").write_text(
        "channel,roi_id,center_row,left_edge_px,right_edge_px\n0,2,0,4,11\n0,2,1,,12\n"
    )
    return path


def taken(image: cs.AcqImage) -> dict[str, tuple[str, str]]:
    """Import everything; outcome and sentence by item."""
    assert image.path is not None
    records = find_past(image.path)
    items = [item for record in records for item in import_past(image, record)]
    return {item.what: (item.outcome, item.sentence) for item in items}


def test_velocities_are_computed_from_the_angle_on_the_recordings_own_scales(
    recording: Path,
) -> None:
    acqstore(recording)
    image = cs.AcqImage(recording)
    said = taken(image)
    result = image.result("radon_velocity", roi_id=1)
    assert result is not None
    # 1 column a line is 500 µm/s here; the sidecar's scales would make it 5
    np.testing.assert_allclose(
        result.columns["velocity_um_per_s"], [500.0, -500.0, np.nan, 0.0], atol=1e-9
    )
    assert result.columns["original_velocity"].tolist() == [-5.0] * 4
    assert result.columns["status"].tolist() == ["imported", "imported", "not measured", "imported"]
    assert result.columns["row_start"].tolist() == [0, 16, 32, 48]
    assert result.created_at == "2026-11-22T08:51:37"
    assert result.software == "imported from acqstore sidecar, version 2"
    assert image.stale_reason(result) is None
    assert said["velocity of channel 0, ROI 1"][0] == "changed"
    assert said["heart_rate of channel 0, ROI 1"] == (
        "left out",
        "measure it again with cloudscope",
    )


def test_walls_in_whole_columns_become_a_lumen_from_edge_to_edge(recording: Path) -> None:
    acqstore(recording)
    image = cs.AcqImage(recording)
    taken(image)
    result = image.result("diameter", roi_id=2)
    assert result is not None
    np.testing.assert_allclose(result.columns["diameter_um"], [4.0, np.nan])
    assert result.summary["points_accepted"] == 1


def test_rois_verdict_and_metadata_are_taken_in_one_step(recording: Path) -> None:
    acqstore(recording)
    image = cs.AcqImage(recording)
    said = taken(image)
    assert image.accepted is True
    assert image.roi(1).bounds == (40, LINES, 0, PIXELS)
    assert image.roi(2).bounds == (0, LINES, 0, PIXELS)
    assert said["ROI 2"] == ("changed", "moved inside the recording")
    assert said["ROI 3"] == ("left out", "it is a linesegmentroi, no rectangle")
    assert image.experiment.species == "mouse"
    assert image.experiment.depth_um == 120.0
    assert dict(image.experiment.extra) == {"sex (imported)": "Xxxy", "treatment2": "AngII"}
    assert image.undo() == "import acqstore sidecar, version 2"
    assert (image.rois, image.accepted, dict(image.results)) == ((), None, {})


def test_events_come_with_their_times_and_what_they_were_called(recording: Path) -> None:
    acqstore(recording)
    image = cs.AcqImage(recording)
    said = taken(image)
    result = image.result("velocity_events", roi_id=1)
    assert result is not None
    row = result.table.iloc[0]
    assert (row["kind"], row["start_s"], row["stop_s"]) == ("rise", 0.04, 0.06)
    assert (row["reviewed"], row["source"]) == ("confirmed", "added")
    assert "there: rise" in row["note"]
    assert image.stale_reason(result) is None
    assert said["1 events of channel 0, ROI 1"][0] == "changed"


def test_what_the_recording_has_already_stays(recording: Path) -> None:
    acqstore(recording)
    image = cs.AcqImage(recording)
    image.accepted = False
    image.edit_experiment(species="rat")
    roi = image.add_roi(row_start=40, name="flow")
    mine = image.analyze("radon_velocity", roi_id=roi.roi_id)
    said = taken(image)
    assert said["verdict"] == ("kept", "rejected; it says accepted")
    assert said["species"] == ("kept", "'rat'; it says 'mouse'")
    assert said["ROI 1"] == ("kept", "the recording has it as ROI 1")
    assert said["velocity of channel 0, ROI 1"][0] == "kept"
    assert image.result("radon_velocity", roi_id=1) is mine
    again = taken(image)
    assert len(image.rois) == 2
    assert again["diameter of channel 0, ROI 2"][0] == "kept"


def test_saving_after_an_import_keeps_every_byte_of_the_older_files(
    recording: Path, command: Callable[..., tuple[int, str, str]]
) -> None:
    acqstore(recording)
    before = digests(recording.parent)
    code, out, _ = command("import-past", "--dry-run", recording.parent)
    assert code == 0
    assert "would be taken over" in out
    assert digests(recording.parent) == before
    code, out, error = command("import-past", recording.parent)
    assert (code, error) == (0, "")
    assert "1 of 1 recordings: taken over and saved" in out
    assert before <= digests(recording.parent)
    image = cs.AcqImage(recording)
    assert image.problems == ()
    result = image.result("radon_velocity", roi_id=1)
    assert result is not None
    assert result.columns["velocity_um_per_s"][0] == pytest.approx(500.0)
    assert find_past(recording) == ()
    code, out, _ = command("verify", "--recompute", recording)
    assert (code, "not checked" in out) == (0, True)


def test_the_command_says_where_it_looked_in_vain(
    command: Any, recording: Path, tmp_path: Path
) -> None:
    code, out, _ = command("import-past", recording.parent)
    assert (code, "0 of 1 recordings" in out) == (0, True)
    assert "is beside them; --from FOLDER says where it is" in out
    elsewhere = tmp_path / "old"
    elsewhere.mkdir()
    code, out, _ = command("import-past", recording.parent, "--from", elsewhere)
    assert f"is in {elsewhere}" in out


def test_a_missing_table_is_reported_and_the_rest_is_taken(recording: Path) -> None:
    acqstore(recording)
    recording.with_name("scan.tif.diameter.csv").unlink()
    image = cs.AcqImage(recording)
    said = taken(image)
    assert said["diameter of channel 0, ROI 2"] == ("left out", "scan.tif.diameter.csv is missing")
    assert image.result("radon_velocity", roi_id=1) is not None


@pytest.mark.parametrize("text", ["{", "[1]", "{" * 100_000])
def test_a_file_that_cannot_be_read_is_named(recording: Path, text: str) -> None:
    recording.with_name("scan.tif.json").write_text(text)
    with pytest.raises(LoadError, match=r"scan\.tif\.json"):
        find_past(recording)


def test_a_sidecar_of_cloudscope_is_no_past(recording: Path) -> None:
    image = cs.AcqImage(recording)
    image.accepted = True
    image.save()
    assert find_past(recording) == ()


def kymflow(recording: Path) -> None:
    """Version 1 beside the recording, version 3 with events in its folder."""
    roi = {"id": 1, "channel": 1, "name": "", "note": "centre"}
    bounds = {"dim0_start": 100, "dim0_stop": 300, "dim1_start": 2, "dim1_stop": 18}
    header = {"shape": [LINES, PIXELS], "voxels": [0.001, 0.5], "voxels_units": ["s", "um"]}
    recording.with_suffix(".json").write_text(
        json.dumps(
            {
                "version": "1.0", "header": header, "rois": [{**roi, **bounds}],
                "experiment_metadata": {"depth": None, "condition": "28d"},
            }
        )
    )  # fmt: skip
    folder = recording.parent / "flow-analysis"
    folder.mkdir()
    analysis = {"roi_id": 1, "channel": 1, "window_size": 16, "analyzed_at": "2026-04-15T14:30:55"}
    (folder / "scan_radon.json").write_text(
        json.dumps({"version": "3.0", "analysis_metadata": {"1:1": analysis}})
    )
    rows = "".join(f"1,1,{0.002 * (108 + 4 * i)},{v},1.0,0.002\n" for i, v in enumerate([1, 2, ""]))
    (folder / "scan_radon.csv").write_text("roi_id,channel,time,velocity,delx,delt\n" + rows)


def test_kymflow_velocities_are_brought_to_the_roi_and_the_scales_of_the_recording(
    recording: Path,
) -> None:
    kymflow(recording)
    before = digests(recording.parent)
    image = cs.AcqImage(recording)
    taken(image)
    assert image.roi(1).bounds == (100, 300, 2, 18)
    assert image.experiment.condition == "28d"
    result = image.result("radon_velocity", roi_id=1)
    assert result is not None
    # 1 mm/s at 1 µm and 2 ms is 2 columns a line, which is 1000 µm/s at 0.5 µm and 1 ms
    np.testing.assert_allclose(result.columns["velocity_um_per_s"], [1000.0, 2000.0, np.nan])
    assert result.columns["row_start"].tolist() == [0, 4, 8]
    image.save()
    assert before <= digests(recording.parent)


def test_the_real_samples_of_every_version(shared_data: Path, tmp_path: Path) -> None:
    """Medians as the programs should have had them: see the README of the samples."""
    angii = shared_data / "angii" / "28d AngII" / "20250722"
    sidecars = shared_data / "sidecars"
    for name in ("20250722_A89_0005", "20250722_A89_0002"):
        for ending in (".tif", ".txt"):
            shutil.copy(angii / f"{name}{ending}", tmp_path)
    for path in (sidecars / "acqstore_v2_generated").iterdir():
        shutil.copy(path, tmp_path)
    first = tmp_path / f"{tmp_path.name}-analysis"
    first.mkdir()
    shutil.copy(sidecars / "kymflow" / "v0" / "20250722_A89_0002.csv", first)
    medians = {}
    for name in ("20250722_A89_0005", "20250722_A89_0002"):
        image = cs.AcqImage(tmp_path / f"{name}.tif")
        taken(image)
        for key, result in image.results.items():
            if key[0] == "radon_velocity":
                medians[name] = result.summary["velocity_median_um_per_s"]
    assert medians["20250722_A89_0005"] == pytest.approx(-538, rel=0.005)
    assert medians["20250722_A89_0002"] == pytest.approx(1653, rel=0.005)
