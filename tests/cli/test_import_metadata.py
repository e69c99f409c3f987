"""``cloudscope import-metadata``: a sheet into a folder, and a folder into a sheet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from cloudscope.acq_image import AcqImage

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "animals.csv"
    path.write_text(
        "file,Mouse,condition,depth_um\na,A89,sham,deep\nsub/c.tif,A90,AngII,80\nz,A91,,\n",
        encoding="utf-8",
    )
    return path


def test_a_dry_run_says_all_and_changes_nothing(
    command: Command, recordings: Path, sheet: Path
) -> None:
    code, out, _err = command("import-metadata", recordings, sheet, "--dry-run")
    assert code == 0
    assert "nothing was changed" in out
    assert "depth_um='deep' is not allowed: give a number" in out
    assert "row 4, z: no recording is called so" in out
    assert list(recordings.glob("*.json")) == []


def test_it_is_entered_and_saved(command: Command, recordings: Path, sheet: Path) -> None:
    code, out, _err = command("import-metadata", recordings, sheet)
    assert code == 0
    assert "2 recordings changed" in out
    assert AcqImage(recordings / "a.tif").experiment.animal_id == "A89"
    assert AcqImage(recordings / "sub" / "c.tif").experiment.depth_um == 80
    sheet.write_text("file,condition\na,other\n", encoding="utf-8")
    command("import-metadata", recordings, sheet)
    assert AcqImage(recordings / "a.tif").experiment.condition == "sham"
    command("import-metadata", recordings, sheet, "--overwrite")
    assert AcqImage(recordings / "a.tif").experiment.condition == "other"


def test_a_folder_becomes_a_sheet_that_comes_back(
    command: Command, recordings: Path, sheet: Path, tmp_path: Path
) -> None:
    command("import-metadata", recordings, sheet)
    target = tmp_path / "all.csv"
    code, out, _err = command("import-metadata", recordings, target, "--write")
    assert (code, out) == (0, f"{target}: 3 recordings\n")
    code, out, _err = command("import-metadata", recordings, target)
    assert "0 to fill in, 0 that differ" in out
    assert "nothing was changed" in out


def test_wrong_use_is_said(command: Command, recordings: Path, sheet: Path) -> None:
    code, _out, err = command("import-metadata", recordings, sheet, "--column", "Mouse")
    assert code == 2
    assert "is not HEADING=FIELD" in err
    code, _out, err = command("import-metadata", recordings, sheet.with_name("none.csv"))
    assert code == 1
    assert "there is no such file" in err
