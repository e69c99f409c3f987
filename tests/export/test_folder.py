"""Many recordings into a folder: where each goes, and what stops none of the others."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest

import cloudscope as cs
from cloudscope.errors import UnknownNameError
from cloudscope.export import EXPORT_FORMATS
from cloudscope.export.folder import export_targets
from cloudscope.export.formats import export_format


def plain(name: str) -> cs.AcqImage:
    return cs.AcqImage.from_array(np.ones((60, 9), "u1"), name=name)


def test_sub_folders_are_kept(folder: cs.AcqImageList, tmp_path: Path) -> None:
    report = cs.export_recordings(folder, "imagej", tmp_path / "out")
    assert [o.path.relative_to(tmp_path).as_posix() for o in report.written] == [
        "out/scan.tif", "out/sub/other.tif",
    ]  # fmt: skip
    again = cs.AcqImageList.from_folder(tmp_path / "out")
    assert [np.array_equal(a.frame(), b.frame()) for a, b in zip(again, folder, strict=True)] == [
        True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "targets"),
    [
        (["a.tif", "b.tif"], ["a.nwb", "b.nwb"]),
        (["a.tif", "a.nd2", "A.lif"], ["a.tif.nwb", "a.nd2.nwb", "A.lif.nwb"]),
        (["a.ome.tif", "b.ome.zarr", "v1.2"], ["a.nwb", "b.nwb", "v1.2.nwb"]),
        (["a:b?.tif", "same", "same"], ["a_b_.nwb", "same.nwb", "same 2.nwb"]),
    ],
)
def test_names_of_files(names: list[str], targets: list[str]) -> None:
    images = [plain(name) for name in names]
    made = [str(path) for _, _, path in export_targets(images, export_format("nwb"))]
    assert made == targets


@pytest.mark.parametrize("to", sorted(EXPORT_FORMATS))
def test_every_format_writes_what_it_says(in_memory: cs.AcqImage, tmp_path: Path, to: str) -> None:
    chosen = export_format(to)
    if chosen.missing:
        pytest.skip(chosen.missing)
    options: dict[str, Any] = {}
    if to == "nwb":
        options["session_start_time"] = "2025-07-22T14:30:00+00:00"
    seen: list[str] = []
    shares: list[float] = []
    report = cs.export_recordings(
        in_memory,
        to,
        tmp_path,
        progress=shares.append,
        on_outcome=lambda outcome: seen.append(outcome.status),
        **options,
    )
    (outcome,) = report.written
    assert outcome.path.exists()
    assert seen == ["written"]
    assert shares == sorted(shares)
    (failed,) = cs.export_recordings(in_memory, to, tmp_path, **options).failed
    assert "is there already" in failed.error
    assert cs.export_recordings(in_memory, to, tmp_path, overwrite=True, **options).written


@pytest.mark.parametrize(("to", "name"), [("excel", "mine.xlsx"), ("report", "Mine.ZIP")])
def test_one_file_of_all_may_be_named(
    in_memory: cs.AcqImage, tmp_path: Path, to: str, name: str
) -> None:
    for package in EXPORT_FORMATS[to].needs[:-1]:
        pytest.importorskip(package)
    report = cs.export_recordings(in_memory, to, tmp_path / name)
    assert [outcome.path for outcome in report.written] == [tmp_path / name]
    assert (tmp_path / name).is_file()


def test_one_that_cannot_be_written_stops_no_other(tmp_path: Path) -> None:
    images = [plain("a"), cs.AcqImage.from_array(np.full((60, 9), 2**31, "u4"), name="b"),
              plain("c")]  # fmt: skip
    report = cs.export_recordings(images, "imagej", tmp_path)
    assert [o.status for o in report.outcomes] == ["written", "failed", "written"]
    assert "cannot hold exactly" in report.failed[0].error
    assert repr(report) == "ExportReport(2 written, 1 failed)"


def test_cancelling_keeps_what_is_finished(tmp_path: Path) -> None:
    stop = Event()
    report = cs.export_recordings(
        [plain("a"), plain("b"), plain("c")],
        "imagej",
        tmp_path,
        cancel=stop,
        on_outcome=lambda outcome: stop.set(),
    )
    assert [o.status for o in report.outcomes] == ["written", "cancelled", "cancelled"]
    assert [p.name for p in tmp_path.iterdir()] == ["a.tif"]


def test_nothing_goes_among_the_recordings_under_their_names(folder: cs.AcqImageList) -> None:
    assert folder.folder is not None
    before = {p: p.read_bytes() for p in folder.folder.rglob("*") if p.is_file()}
    report = cs.export_recordings(folder, "imagej", folder.folder, overwrite=True)
    assert len(report.failed) == 2
    assert all("never writes to" in outcome.error for outcome in report.failed)
    assert {p: p.read_bytes() for p in folder.folder.rglob("*") if p.is_file()} == before


def test_refusals(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="no export format 'png'"):
        cs.export_recordings(in_memory, "png", tmp_path)
    with pytest.raises(cs.ParameterError, match="nwb has no option 'version'; it has pixels"):
        cs.export_recordings(in_memory, "nwb", tmp_path, version="0.4")
    with pytest.raises(cs.ExportError, match="no recordings"):
        cs.export_recordings([], "csv", tmp_path)


def test_a_missing_package_is_named_with_its_extra(
    in_memory: cs.AcqImage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cloudscope.export.formats.find_spec", lambda name: None)
    with pytest.raises(cs.ExportError, match=r"NWB needs pynwb: pip install 'cloudscope\[nwb\]'"):
        cs.export_recordings(in_memory, "nwb", tmp_path)
