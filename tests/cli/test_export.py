"""``cloudscope export`` and ``cloudscope report``."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def measured(recordings: Path) -> Path:
    """The folder of recordings, one of them measured and accepted."""
    image = cs.AcqImage(recordings / "a.tif")
    image.analyze("diameter", average_lines=20)
    image.accepted = True
    image.save()
    return recordings


def test_tables_go_beside_the_folder(command: Command, measured: Path) -> None:
    before = {p: p.read_bytes() for p in measured.rglob("*") if p.is_file()}
    code, out, error = command("export", measured, "--to", "csv", "--quiet")
    assert (code, error) == (0, "")
    tables = measured.with_name("recordings-csv") / "tables"
    assert out == f"written: {tables}\n"
    assert pd.read_csv(tables / "recordings.csv")["path"].tolist() == [
        "a.tif",
        "b.tif",
        "sub/c.tif",
    ]
    assert len(pd.read_csv(tables / "diameter.csv")) == 60
    assert {p: p.read_bytes() for p in measured.rglob("*") if p.is_file()} == before


def test_a_file_a_recording_and_only_what_is_accepted(
    command: Command, measured: Path, tmp_path: Path
) -> None:
    out = tmp_path / "fiji"
    code, said, _ = command("export", measured, "--to", "imagej", "--out", out, "--quiet")
    assert (code, said) == (0, f"3 of 3 written to {out}\n")
    assert sorted(p.name for p in out.rglob("*.tif")) == ["a.tif", "b.tif", "c.tif"]
    code, said, error = command("export", measured, "--to", "imagej", "--out", out, "--quiet")
    assert (code, said) == (1, f"0 of 3 written to {out}\n")
    assert error.count("is there already: give --overwrite") == 3
    only = tmp_path / "only"
    code, said, _ = command(
        "export", measured, "--to", "imagej", "--out", only, "--accepted-only", "--quiet"
    )
    assert (code, said) == (0, f"written: {only / 'a.tif'}\n")


def test_options_of_a_format(command: Command, measured: Path, tmp_path: Path) -> None:
    pytest.importorskip("pynwb")
    settings = ["subject_id=m1", "species=mouse", "sex=male", "age=P30", "location=VISp",
                "session_start_time=2025-07-22T14:30:00", "pixels=no"]  # fmt: skip
    arguments = [part for setting in settings for part in ("--set", setting)]
    out = tmp_path / "nwb"
    code, _, error = command("export", measured, "--to", "nwb", "--out", out, "--quiet", *arguments)
    assert (code, error) == (0, "")
    code, _, error = command("export", measured, "--to", "nwb", "--out", tmp_path / "x", "--quiet")
    assert code == 1
    assert "a.tif: NWB asks for the time the recording began" in error


def test_a_report_and_what_is_in_it(command: Command, measured: Path) -> None:
    pytest.importorskip("matplotlib")
    code, out, _ = command("report", measured, "--title", "Figure 3", "--quiet")
    target = measured.with_name("recordings-report.zip")
    assert (code, out) == (0, f"written: {target}\n")
    with zipfile.ZipFile(target) as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        page = archive.read("recordings-report/index.html").decode()
    assert {"index.html", "SHA256SUMS", "tables/diameter.csv", "provenance.json"} <= names
    assert "<h1>Figure 3</h1>" in page
    code, _, error = command("report", measured, "--quiet", "--no-figures")
    assert code == 1
    assert "give --overwrite to replace it" in error
    assert command("report", measured, "--quiet", "--no-figures", "--overwrite")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--to", "png"], 2, "invalid choice"),
        ([], 2, "--to"),
        (["--to", "csv", "--set", "layout"], 2, "is not NAME=VALUE"),
        (["--to", "csv", "--set", "layout=x"], 2, "csv has no option 'layout'"),
        (["--to", "nwb", "--set", "pixels=maybe"], 2, "give yes or no"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    command: Command, recordings: Path, arguments: list[str], code: int, words: str
) -> None:
    found, _, error = command("export", recordings, *arguments)
    assert found == code
    assert words in error
    assert "Traceback" not in error


def test_nothing_accepted_and_files_that_cannot_be_read(
    command: Command, recordings: Path, tmp_path: Path
) -> None:
    code, _, error = command("export", recordings, "--to", "csv", "--accepted-only", "--quiet")
    assert code == 1
    assert "there is no accepted recording" in error
    (recordings / "bad.tif").write_bytes(b"II*\0no")
    out = tmp_path / "out"
    code, _, error = command("export", recordings, "--to", "imagej", "--out", out, "--quiet")
    assert code == 1
    assert "bad.tif" in error
    assert len(list(out.rglob("*.tif"))) == 3
    assert np.array_equal(
        cs.AcqImage(out / "a.tif").frame(), cs.AcqImage(recordings / "a.tif").frame()
    )
