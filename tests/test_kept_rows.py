"""Rows kept between sessions: none is shown that its sidecar does not bear out."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from cloudscope import AcqImage, AcqImageList, sidecar
from cloudscope.cache_folder import CACHE_VARIABLE
from cloudscope.widgets.table import FileTable

LONG_AGO = 1_600_000_000
COUNT = 24


def aged(folder: Path, at: int = LONG_AGO) -> None:
    for path in folder.iterdir():
        os.utime(path, (at, at))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Recordings of which the first has a ROI, a verdict, a free field and a result."""
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    pixels = np.random.default_rng(0).integers(0, 4000, (100, 24)).astype("uint16")
    for number in range(COUNT):
        tifffile.imwrite(recordings / f"r{number:02}.tif", pixels, metadata=None)
    image = AcqImage(recordings / "r00.tif")
    image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
    image.add_roi(col_start=2, col_stop=20)
    image.accepted = True
    image.edit_experiment(extra={"rig": "B"})
    image.analyze("intensity", roi_id=1)
    image.save()
    aged(recordings)
    return recordings


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the recordings whose sidecars were read."""
    names: list[str] = []
    load = sidecar.load

    def noted(path: Path) -> sidecar.SidecarDocument:
        names.append(Path(path).name)
        return load(path)

    monkeypatch.setattr(sidecar, "load", noted)
    return names


def shown(folder: Path) -> tuple[FileTable, dict[str, Any]]:
    """The table of the folder as opened anew, and its first row."""
    table = FileTable(AcqImageList.from_folder(folder))
    return table, dict(table.rows[0])


def test_the_second_time_the_same_table_needs_no_sidecar(folder: Path, read: list[str]) -> None:
    first, _row = shown(folder)
    assert read == ["r00.tif"]
    read.clear()

    second, row = shown(folder)

    assert read == []
    assert second.rows == first.rows
    assert (second.columns, second.choices) == (first.columns, first.choices)
    assert (row["accepted"], row["rois"], row["extra.rig"]) == (True, 1, "B")
    assert row["analyses"] == "intensity"


def test_what_another_program_wrote_between_is_seen(folder: Path) -> None:
    shown(folder)
    path = folder / "r00.tif.json"
    path.write_bytes(path.read_bytes().replace(b'"accepted": true', b'"accepted": null'))
    os.utime(path, (LONG_AGO + 5, LONG_AGO + 5))

    assert shown(folder)[1]["accepted"] is None


def test_a_change_that_keeps_size_and_time_is_seen(folder: Path) -> None:
    shown(folder)
    path = folder / "r00.tif.json"
    other = path.with_suffix(".new")
    other.write_bytes(path.read_bytes().replace(b'"accepted": true', b'"accepted": null'))
    os.utime(other, (LONG_AGO, LONG_AGO))
    other.replace(path)  # as programs save; the inode tells

    assert shown(folder)[1]["accepted"] is None


def test_a_table_that_is_gone_and_a_sidecar_that_came_are_seen(folder: Path) -> None:
    shown(folder)
    (folder / "r00.tif.intensity.csv").unlink()
    image = AcqImage(folder / "r03.tif")
    image.accepted = False
    image.save()

    table, row = shown(folder)

    assert "r00.tif.intensity.csv: is missing" in row["problem"]
    assert table.rows[3]["accepted"] is False


def test_another_recording_under_the_name_and_other_fields_are_seen(folder: Path) -> None:
    shown(folder)
    tifffile.imwrite(folder / "r00.tif", np.ones((80, 24), "u2"), metadata=None)
    assert shown(folder)[1]["lines"] == 80

    (folder / "cloudscope.toml").write_text("[fields.cohort]\nrequired = true\n", encoding="utf-8")
    assert "ohort" in shown(folder)[1]["missing"]


def test_what_is_looked_at_is_read_as_it_is_by_then(folder: Path) -> None:
    shown(folder)
    table, row = shown(folder)
    assert row["accepted"] is True
    path = folder / "r00.tif.json"
    path.write_bytes(path.read_bytes().replace(b'"accepted": true', b'"accepted": null'))

    table.selected = 0

    assert table.rows[0]["accepted"] is None


def test_rows_of_just_now_are_not_kept(folder: Path, read: list[str]) -> None:
    path = folder / "r00.tif.json"
    os.utime(path)
    shown(folder)
    read.clear()
    shown(folder)
    assert read == ["r00.tif"]


@pytest.mark.parametrize("written", ["[]", "{", '{"r00.tif#0": {"row": 1}}'])
def test_a_damaged_cache_is_as_good_as_deleted(folder: Path, written: str) -> None:
    before = shown(folder)[0].rows
    (kept,) = (folder.parent / "cache" / "rows").iterdir()
    version = json.loads(kept.read_text(encoding="utf-8"))["version"]
    kept.write_text(f'{{"version": {json.dumps(version)}, "content": {written}}}', encoding="utf-8")

    assert shown(folder)[0].rows == before
