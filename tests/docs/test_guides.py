"""The Python of the guide's pages works as it stands, and does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import cloudscope as cs
from cloudscope.sidecar.atomic import move
from tests.examples import page_text, run_examples
from tests.measured_recordings import with_results
from tests.pool.folders import two_conditions
from tests.recordings import write_line_scan


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder the examples run in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_batches() -> None:
    again = run_examples("docs/guide/batches.md")["again"]
    assert again.done == ()
    assert len(again.fresh) > 1


def test_blinding(capsys: pytest.CaptureFixture[str]) -> None:
    run_examples("docs/guide/blinding.md")
    codes = "['R-001', 'R-002', 'R-003']"
    assert capsys.readouterr().out == f"{codes}\n{codes} False\n"


def test_export(place: Path) -> None:
    for package in ("openpyxl", "pynwb", "zarr", "matplotlib"):
        pytest.importorskip(package)
    recordings = place / "recordings"
    recordings.mkdir()
    with_results(cs.AcqImage(write_line_scan(recordings / "scan.tif", lines=600))).save()
    write_line_scan(recordings / "other.tif", seed=1)
    names = run_examples("docs/guide/export.md")
    assert not names["report"].failed
    made = {path.name for path in place.iterdir()}
    assert {
        "recordings-excel", "tables", "for-dandi", "share", "fiji", "for-old-scripts",
        "supplement.zip",
    } <= made  # fmt: skip


def test_figures(place: Path) -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")
    cs.write_sample_folder(place / "sample")
    (place / "recordings").mkdir()
    name = "01_capillary.tif"
    move(place / "sample" / name, place / "recordings" / name)
    image = cs.AcqImage(place / "recordings" / name)
    image.analyze("radon_velocity")
    image.save()
    names = run_examples("docs/guide/figures.md")
    assert len(names["table"]) > 10
    assert {path.suffix for path in place.iterdir()} >= {".svg", ".png", ".csv"}


def test_metadata(place: Path) -> None:
    day = place / "recordings" / "28d AngII" / "20250722"
    day.mkdir(parents=True)
    for number in (2, 4):
        write_line_scan(day / f"20250722_A89_{number:04d}.tif", lines=60)
    write_line_scan(day / "20250722_A89_overview.tif", lines=60)
    settings = re.search(
        r"<!-- file: cloudscope\.toml -->\n```toml\n(.*?)```",
        page_text("docs/guide/metadata.md"),
        re.DOTALL,
    )
    assert settings is not None
    (place / "recordings" / "cloudscope.toml").write_text(settings[1], encoding="utf-8")
    (place / "animals.csv").write_text(
        "file,Gender,Cage\n20250722_A89_0002,f,7\n20250722_A89_0004,f,7\n", encoding="utf-8"
    )
    folder = run_examples("docs/guide/metadata.md", cs=cs)["folder"]
    assert isinstance(folder, cs.AcqImageList)
    assert [image.experiment.extra["cage"] for image in folder] == ["7", "7"]
    assert folder.failures == ()


def test_pooling(place: Path) -> None:
    pytest.importorskip("matplotlib", reason="figures need the extra 'figures'")
    folder = cs.AcqImageList(two_conditions())
    for image in folder:
        image.accepted = True
    names = run_examples("docs/guide/pooling.md", "from_folder", cs=cs, folder=folder)
    assert len(names["table"]) == 6
    assert names["windows"].attrs["left_out"]
    assert len(names["both"]) == 12
    assert sorted(path.name for path in place.iterdir()) == ["velocity.csv", "velocity.svg"]


def test_reviewing(capsys: pytest.CaptureFixture[str]) -> None:
    run_examples("docs/guide/reviewing.md")
    assert capsys.readouterr().out == "3 of 3 decided: 2 accepted, 1 rejected\n"


def test_rois() -> None:
    names = run_examples("docs/guide/rois.md")
    assert names["image"].rois[0].bounds == (0, 1000, 10, 40)
    assert names["report"].added[0].bounds == (0, 600, 10, 40)


def test_viewer() -> None:
    names = run_examples("docs/guide/viewer.md")
    assert names["image"].display[1].color == "cyan"
    assert names["image"].display[0].visible
    assert names["moving"].shape == (2000, 40)
