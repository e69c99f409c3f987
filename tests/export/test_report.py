"""The report: complete in itself, harmless, checkable, and the same for the same state."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cloudscope as cs
from cloudscope.export import write_report
from cloudscope.export.report_facts import references_of, spec_of
from tests.measured_recordings import with_results
from tests.recordings import write_line_scan

pytest.importorskip("matplotlib")

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)> $\\frac{$ & \"'"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> cs.AcqImageList:
    place = tmp_path_factory.mktemp("recordings")
    image = with_results(cs.AcqImage(write_line_scan(place / "scan <b>.tif", lines=600)))
    events = image.analyze("velocity_events", roi_id=1)
    image.store(cs.add_event(events, start_s=0.1, stop_s=0.2, label="stall"))
    image.edit_experiment(note=HOSTILE, extra={HOSTILE: HOSTILE})
    image.edit_roi(1, name=HOSTILE, note=HOSTILE)
    image.save()
    write_line_scan(place / "unmeasured.tif", seed=1)
    return cs.AcqImageList.from_folder(place)


@pytest.fixture(scope="module")
def report(folder: cs.AcqImageList, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_report(folder, tmp_path_factory.mktemp("report") / "report", title=HOSTILE)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(report: Path) -> Tags:
    tags = Tags()
    tags.feed((report / "index.html").read_text(encoding="utf-8"))
    return tags


def test_nothing_of_a_file_is_markup_and_nothing_is_loaded(page: Tags) -> None:
    assert "script" not in {tag for tag, _ in page.found}
    assert not [name for _, attributes in page.found for name in attributes if name[:2] == "on"]
    for tag, attributes in page.found:
        if tag == "img":
            assert (attributes["src"] or "").startswith("data:image/svg+xml;base64,")
        assert (attributes.get("href") or "#").startswith("#")
    assert page.text.count(HOSTILE) >= 4


def test_recordings_results_methods_and_environment_are_told(page: Tags) -> None:
    for words in (
        "scan <b>.tif", "unmeasured.tif", "velocity median (µm/s)", "Regions of interest",
        "parameter average_lines", "events added", "Methods", "P. J. Drew", "Environment",
        f"cloudscope {cs.__version__}",
    ):  # fmt: skip
        assert words in page.text, words


def test_every_file_is_listed_with_its_digest(report: Path) -> None:
    lines = (report / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {line[66:]: line[:64] for line in lines}
    there = {p.relative_to(report).as_posix(): p for p in report.rglob("*") if p.is_file()}
    assert set(listed) == set(there) - {"SHA256SUMS"}
    for name, digest in listed.items():
        assert hashlib.sha256(there[name].read_bytes()).hexdigest() == digest
    assert {"index.html", "provenance.json", "environment.json"} <= set(listed)
    assert "tables/radon_velocity.csv" in listed


def test_provenance_is_that_of_the_results(report: Path, folder: cs.AcqImageList) -> None:
    told = json.loads((report / "provenance.json").read_text(encoding="utf-8"))["recordings"]
    image = folder[0]
    assert [entry["path"] for entry in told] == [i.name for i in folder]
    by_key = {r["analysis"]: r for r in told[0]["results"]}
    kept = image.result("diameter", 0, 1)
    assert kept is not None
    diameter = by_key["diameter"]
    assert diameter["digest"] == kept.digest
    assert diameter["bounds"] == [100, 600, 3, 20]
    assert diameter["parameters"] == json.loads(json.dumps(dict(kept.parameters)))
    assert diameter["source_fingerprint"] == told[0]["source_fingerprint"]
    assert by_key["velocity_events"]["inputs"]["velocity"]["digest"]
    assert by_key["velocity_events"]["edited_by_hand"]["events added"] == 1
    median = pd.read_csv(report / "tables" / "radon_velocity.results.csv")
    assert (
        median.loc[0, "velocity_median_um_per_s"]
        == (by_key["radon_velocity"]["summary"]["velocity_median_um_per_s"])
    )


def test_the_picture_shows_rois_and_traces_and_loads_nothing(report: Path) -> None:
    first, second = sorted((report / "figures").iterdir())
    svg = first.read_text(encoding="utf-8")
    assert "ROI 1" in svg
    assert "Velocity (µm/s)" in svg
    assert "<script" not in svg
    links = re.findall(r'(?:href|src)="([^"]*)"', svg)
    assert all(link.startswith(("#", "data:image/png")) for link in links)
    assert "Velocity" not in second.read_text(encoding="utf-8")


def test_the_same_state_is_the_same_bytes(folder: cs.AcqImageList, tmp_path: Path) -> None:
    again = cs.AcqImageList.from_folder(folder.folder or "")
    one = write_report(folder, tmp_path / "one" / "report.zip")
    two = write_report(again, tmp_path / "two" / "report.zip")
    assert one.read_bytes() == two.read_bytes()
    with zipfile.ZipFile(one) as archive:
        assert archive.testzip() is None
        assert all(name.startswith("report/") for name in archive.namelist())
        created = folder[0].results["diameter", 0, 1].created_at
        assert created is not None
        assert archive.infolist()[0].date_time[0] == int(created[:4])


def test_a_stale_result_says_so(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    image = with_results(cs.AcqImage.from_array(
        in_memory.frame(0), line_period_s=0.001, pixel_size_um=0.5
    ))  # fmt: skip
    image.edit_roi(1, col_start=4)
    out = write_report(image, tmp_path / "report", figures=False)
    text = (out / "index.html").read_text(encoding="utf-8")
    assert "Stale: its ROI was moved or resized since." in text
    assert not (out / "figures").exists()


def test_only_a_report_is_replaced(in_memory: cs.AcqImage, tmp_path: Path) -> None:
    out = write_report(in_memory, tmp_path / "report", figures=False)
    write_report(in_memory, out, figures=False, overwrite=True)
    (out / "my notes.txt").write_text("x")
    with pytest.raises(cs.ExportError, match="not replaced"):
        write_report(in_memory, out, figures=False, overwrite=True)
    assert (out / "my notes.txt").exists()


def test_frames_are_drawn_without_traces(tmp_path: Path) -> None:
    np.savez(tmp_path / "frames.npz", image=np.ones((3, 40, 50), "u1"), axes="TYX")
    out = write_report(cs.AcqImage(tmp_path / "frames.npz"), tmp_path / "report")
    assert len(list((out / "figures").iterdir())) == 1


def test_works_to_cite_come_from_the_documentation() -> None:
    for analysis in ("radon_velocity", "diameter", "flow"):
        spec = spec_of(analysis)
        assert spec is not None
        assert all(len(work) > 40 for work in references_of(spec))
        assert references_of(spec)
