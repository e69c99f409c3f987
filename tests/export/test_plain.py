"""Tables of older programs: their columns, cloudscope's numbers, and back again."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs
from cloudscope.export import write_plain_tables
from tests.measured_recordings import with_results
from tests.recordings import write_line_scan

PAST = {
    "scan.tif.radon_velocity.csv": "acqstore_v2_generated/20250722_A89_0005.tif.radon_velocity.csv",
    "scan.tif.diameter.csv": "acqstore_v2_generated/20250722_A89_0005.tif.diameter.csv",
    "scan.tif.sum_intensity.csv": "acqstore_v2_generated/20250722_A89_0005.tif.sum_intensity.csv",
    "scan_radon.csv": "kymflow/v3_radon_events/Capillary1_0001_radon.csv",
    "scan_diameter.csv": "kymflow/diameter/analysis_results.csv",
    "radon_report_db.csv": "kymflow/databases/radon_report_db.csv",
    "kym_event_db.csv": "kymflow/databases/kym_event_db.csv",
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> cs.AcqImage:
    folder = tmp_path_factory.mktemp("recordings")
    recording = with_results(cs.AcqImage(write_line_scan(folder / "scan.tif", lines=600)))
    recording.analyze("clean_velocity", roi_id=1)
    recording.analyze("intensity", roi_id=1)
    result = recording.analyze("velocity_events", roi_id=1)
    added = cs.add_event(result, start_s=0.1, stop_s=0.2, label="stall", note="=1+1")
    recording.store(added)
    recording.save()
    return recording


@pytest.fixture(scope="module")
def tables(
    measured: cs.AcqImage, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, pd.DataFrame]:
    tmp_path = tmp_path_factory.mktemp("tables")
    found = {}
    for layout in ("acqstore", "kymflow"):
        folder = write_plain_tables(measured, tmp_path / layout, layout=layout)
        found |= {path.name: pd.read_csv(path) for path in folder.iterdir()}
    return found


def test_columns_are_those_of_the_programs(
    tables: dict[str, pd.DataFrame], shared_data: Path
) -> None:
    assert set(tables) == set(PAST)
    for name, table in tables.items():
        with (shared_data / "sidecars" / PAST[name]).open(encoding="utf-8") as file:
            assert list(table) == next(csv.reader(file)), name


def test_velocities_in_their_units_with_the_angle(
    measured: cs.AcqImage, tables: dict[str, pd.DataFrame]
) -> None:
    result = measured.result("radon_velocity", 0, 1)
    assert result is not None
    ours = result.columns["velocity_um_per_s"]
    mine = tables["scan.tif.radon_velocity.csv"]
    assert np.array_equal(mine["velocity"], ours, equal_nan=True)
    slope = np.tan(np.radians(mine["theta_deg"]))
    assert np.allclose(slope * 0.5 / 0.001, ours, equal_nan=True)
    assert mine["theta_deg"].dropna().between(0, 180).all()
    theirs = tables["scan_radon.csv"]
    assert np.allclose(theirs["velocity"], ours * 1e-3, equal_nan=True)
    assert np.allclose(theirs["time"], result.columns["time_s"] + 0.1)
    assert set(theirs["channel"]) == {1}
    assert set(theirs["delt"]) == {0.001}


def test_diameters_are_whole_columns_apart_from_theirs(
    measured: cs.AcqImage, tables: dict[str, pd.DataFrame]
) -> None:
    result = measured.result("diameter", 0, 1)
    assert result is not None
    mine = tables["scan.tif.diameter.csv"]
    assert np.array_equal(mine["diameter_um"], result.columns["diameter_um"], equal_nan=True)
    width_px = mine["right_edge_px"] - mine["left_edge_px"] + 1
    assert np.allclose(width_px, mine["diameter_px"], equal_nan=True)
    assert mine["qc_edge_violation"].dtype == bool


def test_the_tables_of_all_recordings(
    measured: cs.AcqImage, tables: dict[str, pd.DataFrame]
) -> None:
    (row,) = tables["radon_report_db.csv"].to_dict("records")
    assert (row["file_name"], row["path"], row["condition"]) == ("scan", "scan.tif", "28d AngII")
    assert row["img_max"] == measured.kymograph(0, 1).max()
    event = tables["kym_event_db.csv"].iloc[-1]
    assert (event["event_type"], event["user_type"]) == ("User Added", "true_stall")
    assert (event["t_start"], event["t_end"]) == (pytest.approx(0.2), pytest.approx(0.3))
    assert event["note"] == "'=1+1"


def test_what_is_written_can_be_taken_over_again(measured: cs.AcqImage, tmp_path: Path) -> None:
    """KymFlow's velocity table with the files that KymFlow puts beside it."""
    folder = write_plain_tables(measured, tmp_path / "past", layout="kymflow")
    described = {"1:1": {"roi_id": 1, "channel": 1, "window_size": 64}}
    (folder / "scan_radon.json").write_text(
        json.dumps({"version": "3.0", "analysis_metadata": described})
    )
    bounds = {"dim0_start": 100, "dim0_stop": 600, "dim1_start": 3, "dim1_stop": 20}
    (folder / "scan.json").write_text(
        json.dumps({"version": "1.0", "experiment_metadata": {}, "rois": [{"id": 1, **bounds}]})
    )
    assert measured.path is not None
    copy = tmp_path / "copy" / "scan.tif"
    copy.parent.mkdir()
    copy.write_bytes(measured.path.read_bytes())
    image = cs.AcqImage(copy)
    image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    (record,) = cs.find_past(copy, folder)
    cs.import_past(image, record)
    again, was = image.result("radon_velocity", 0, 1), measured.result("radon_velocity", 0, 1)
    assert again is not None
    assert was is not None
    for name in ("velocity_um_per_s", "time_s"):
        assert np.allclose(again.columns[name], was.columns[name], equal_nan=True, atol=0.0011)


def test_folders_are_kept_and_recordings_without_results_left_out(
    folder: cs.AcqImageList, tmp_path: Path
) -> None:
    other = folder["sub/other.tif"]
    other.analyze("diameter", average_lines=20)
    out = write_plain_tables(folder, tmp_path / "out")
    assert sorted(p.relative_to(out).as_posix() for p in out.rglob("*.csv")) == [
        "scan.tif.diameter.csv", "scan.tif.radon_velocity.csv", "sub/other.tif.diameter.csv",
    ]  # fmt: skip


def test_refusals(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    with pytest.raises(cs.ExportError, match="there is nothing to write"):
        write_plain_tables(cs.AcqImage.from_array(np.zeros((50, 9))), tmp_path / "a")
    with pytest.raises(cs.ExportError, match="layout='excel' is not allowed"):
        write_plain_tables(in_memory, tmp_path / "a", layout="excel")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
