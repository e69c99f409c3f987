"""Recordings of a folder read their sidecars when something in them is first asked for."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import tifffile

from cloudscope import AcqImage, AcqImageList, sidecar


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings, each with a ROI, a verdict and a result that were saved."""
    pixels = np.random.default_rng(0).integers(0, 4000, (100, 24)).astype("uint16")
    for name in ("a", "b", "c"):
        path = tmp_path / f"{name}.tif"
        tifffile.imwrite(path, pixels, metadata=None)
        image = AcqImage(path)
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.add_roi(col_start=2, col_stop=20, name=name)
        image.accepted = True
        image.analyze("intensity", roi_id=1)
        image.save()
    return tmp_path


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the recordings whose sidecars were read, in order."""
    names: list[str] = []
    load = sidecar.load

    def noted(path: Path) -> sidecar.SidecarDocument:
        names.append(Path(path).name)
        return load(path)

    monkeypatch.setattr(sidecar, "load", noted)
    return names


def test_a_folder_is_listed_without_its_sidecars(folder: Path, read: list[str]) -> None:
    opened = AcqImageList.from_folder(folder)
    assert [image.name for image in opened] == ["a.tif", "b.tif", "c.tif"]
    assert not opened.dirty
    assert read == []

    assert [roi.name for roi in opened["b.tif"].rois] == ["b"]
    assert opened["b.tif"].accepted is True
    assert opened["b.tif"].header.line_period_s == 0.001
    assert read == ["b.tif"], "one is read, and once"


@pytest.mark.parametrize(
    "name",
    [
        *("rois", "results", "accepted", "experiment", "corrections", "display", "header"),
        *("problems", "contents", "saved_document", "sidecar_unreadable"),
    ],
)
def test_whatever_is_asked_for_first_is_what_was_saved(folder: Path, name: str) -> None:
    image = AcqImageList.from_folder(folder)["a.tif"]
    whole = AcqImage(folder / "a.tif")
    if name == "results":
        assert list(image.results) == list(whole.results)
        assert image.results["intensity", 0, 1].same_numbers(whole.results["intensity", 0, 1])
    elif name == "contents":
        assert image.contents.rois == whole.contents.rois
    elif name == "saved_document":
        assert image.saved_document.revision == whole.saved_document.revision
    else:
        assert getattr(image, name) == getattr(whole, name)
    assert not image.dirty


def test_all_are_read_on_request(folder: Path, read: list[str]) -> None:
    opened = AcqImageList.from_folder(folder)
    shares: list[float] = []
    opened.read_sidecars(shares.append)
    assert read == ["a.tif", "b.tif", "c.tif"]
    assert shares[-1] == 1.0
    assert all(image.accepted for image in opened)
    assert len(read) == 3


def test_a_sidecar_that_changed_since_the_folder_was_opened_wins(folder: Path) -> None:
    opened = AcqImageList.from_folder(folder)
    other = AcqImage(folder / "a.tif")
    other.accepted = False
    other.save()
    image = opened["a.tif"]
    assert image.accepted is False
    image.accepted = None
    image.save()
    assert AcqImage(folder / "a.tif").accepted is None


@pytest.mark.parametrize("edit", ["roi", "verdict", "calibration"])
def test_an_edit_before_anything_was_asked_for_keeps_the_rest(folder: Path, edit: str) -> None:
    image = AcqImageList.from_folder(folder)["c.tif"]
    if edit == "roi":
        assert image.add_roi(col_stop=5).roi_id == 2, "ids are not given twice"
    elif edit == "verdict":
        image.accepted = False
    else:
        image.set_calibration(pixel_size_um=0.25)
        assert image.header.line_period_s == 0.001
    assert image.dirty
    assert len(image.results) == 1
    image.undo()
    assert not image.dirty
    image.redo()
    image.save()
    again = AcqImage(folder / "c.tif")
    assert len(again.results) == 1
    assert again.roi(1).name == "c"


def test_nobody_is_told_of_what_was_there_all_along(folder: Path) -> None:
    image = AcqImageList.from_folder(folder)["a.tif"]
    told: list[str] = []
    image.observe(lambda change: told.append(change["name"]))
    assert len(image.rois) == 1
    assert told == []
    image.accepted = False
    assert "accepted" in told


def test_a_roi_that_reaches_outside_makes_the_folder_unsaved_once_it_is_seen(folder: Path) -> None:
    place = folder / "a.tif.json"
    raw = json.loads(place.read_text())
    raw["rois"][0]["row_stop"] = 5000
    place.write_text(json.dumps(raw))
    opened = AcqImageList.from_folder(folder)
    assert "moved inside" in " ".join(opened["a.tif"].problems)
    assert opened.dirty
    assert opened.unsaved == (opened["a.tif"],)


def test_threads_that_ask_at_once_read_once(folder: Path, read: list[str]) -> None:
    image = AcqImageList.from_folder(folder)["a.tif"]
    ready = Barrier(8)

    def look(name: str) -> object:
        ready.wait()
        return getattr(image, name)

    names = ["rois", "results", "accepted", "header"] * 2
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(look, names))
    assert read == ["a.tif"]
    assert found[0] == found[4] == image.rois
    assert found[2] is True


def test_a_damaged_sidecar_is_said_when_it_is_looked_at(folder: Path) -> None:
    (folder / "b.tif.json").write_text('{"cloudscope": ')
    image = AcqImageList.from_folder(folder)["b.tif"]
    assert "cannot be read" in image.problems[0]
    assert image.sidecar_unreadable
    assert image.rois == ()


def test_unsaved_recordings_are_known_without_asking_each(folder: Path) -> None:
    opened = AcqImageList.from_folder(folder)
    assert opened.unsaved == ()
    opened["c.tif"].accepted = None
    opened["a.tif"].accepted = None
    assert [image.name for image in opened.unsaved] == ["a.tif", "c.tif"]
    opened["a.tif"].undo()
    assert [image.name for image in opened.unsaved] == ["c.tif"]
    assert opened.save().saved == ("c.tif",)
    assert opened.unsaved == ()
