"""Unsaved edits outlive the session that made them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cloudscope import AcqImage
from cloudscope.errors import SidecarError
from cloudscope.recovery import STATE_VARIABLE, Kept, Recovery, find_kept, recover, recovery_folder


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "scan.npy"
    np.save(path, np.random.default_rng(1).integers(0, 4000, (600, 40), dtype=np.uint16))
    return path


def opened(path: Path) -> AcqImage:
    image = AcqImage(path)
    if image.header.line_period_s is None:
        image.set_calibration(line_period_s=0.001, pixel_size_um=0.5)
        image.save()
    return image


def only(image: AcqImage, state: Path) -> Kept:
    return find_kept([image], state)[image]


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


_KILLED = """
import os, sys, pathlib
import cloudscope
from cloudscope.recovery import Recovery
image = cloudscope.AcqImage(sys.argv[1])
image.add_roi(col_start=4, col_stop=30, name="artery")
image.edit_experiment(species="mouse")
image.analyze("radon_velocity", roi_id=1)
image.analyze("intensity", roi_id=1)
image.accepted = False
Recovery(pathlib.Path(sys.argv[2])).keep(image)
os.kill(os.getpid(), 9)
"""


def test_edits_and_results_of_a_killed_process_come_back(path: Path, state: Path) -> None:
    opened(path).analyze("diameter")
    before = files(path.parent)
    done = subprocess.run([sys.executable, "-c", _KILLED, str(path), str(state)], check=False)
    assert done.returncode != 0
    assert files(path.parent) == before  # nothing of it lies beside the recording
    image = opened(path)
    assert image.rois == ()
    kept = only(image, state)
    assert kept.name == "scan.npy"
    assert kept.label == "reject"
    recover(image, kept)
    kept.discard()
    assert image.rois[0].name == "artery"
    assert image.experiment.species == "mouse"
    assert image.accepted is False
    direct = opened(path)
    direct.add_roi(col_start=4, col_stop=30)
    expected = direct.analyze("radon_velocity", roi_id=1).columns
    recovered = image.result("radon_velocity", 0, 1)
    assert recovered is not None
    for name, values in expected.items():
        np.testing.assert_array_equal(recovered.columns[name], values)
    assert image.result("intensity", 0, 1) is not None
    image.save()
    again = opened(path)
    assert again.rois == image.rois
    assert {key[0] for key in again.results} == {"radon_velocity", "intensity"}
    assert find_kept([again], state) == {}


def test_it_is_one_step_of_undo(path: Path, state: Path) -> None:
    image = opened(path)
    image.add_roi()
    Recovery(state).keep(image)
    again = opened(path)
    recover(again, only(again, state))
    assert again.dirty
    assert again.undo() == "recover unsaved edits"
    assert again.rois == ()
    assert not again.dirty


def test_saved_results_are_not_copied_and_come_back_as_they_are(path: Path, state: Path) -> None:
    image = opened(path)
    saved = image.analyze("diameter")
    image.save()
    image.accepted = True
    Recovery(state).keep(image)
    again = opened(path)
    kept = only(again, state)
    assert not list(kept.place.glob("*.csv"))
    recover(again, kept)
    result = again.result("diameter", 0, 0)
    assert result is not None
    np.testing.assert_array_equal(result.columns["diameter_um"], saved.columns["diameter_um"])
    again.undo()
    assert not again.dirty


def test_a_result_that_was_deleted_with_its_roi_stays_deleted(path: Path, state: Path) -> None:
    image = opened(path)
    roi = image.add_roi()
    image.analyze("diameter", roi_id=roi.roi_id)
    image.save()
    image.delete_roi(roi.roi_id)
    Recovery(state).keep(image)
    again = opened(path)
    recover(again, only(again, state))
    assert again.rois == ()
    assert not again.results


def test_what_somebody_saved_since_is_kept_too(path: Path, state: Path) -> None:
    image = opened(path)
    image.add_roi(name="mine")
    image.edit_experiment(species="mouse")
    Recovery(state).keep(image)
    other = opened(path)
    other.accepted = True
    other.edit_experiment(species="rat", strain="Wistar")
    other.analyze("diameter")
    other.save()
    again = opened(path)
    report = recover(again, only(again, state))
    assert [roi.name for roi in again.rois] == ["mine"]
    assert again.accepted is True
    assert again.experiment.strain == "Wistar"
    assert again.experiment.species == "mouse"
    assert [clash.mine for clash in report.clashes] == ["mouse"]
    assert again.result("diameter", 0, 0) is not None
    again.save()


def test_it_goes_when_the_edits_are_saved_or_undone(path: Path, state: Path) -> None:
    image, session = opened(path), Recovery(state)
    image.add_roi()
    session.keep(image)
    assert find_kept([image], state)
    image.undo()
    session.keep(image)
    assert find_kept([image], state) == {}
    image.add_roi()
    session.keep(image)
    image.save()
    session.keep(image)
    assert find_kept([image], state) == {}
    assert list(state.iterdir()) == []


def test_the_newest_of_two_sessions_is_offered(path: Path, state: Path) -> None:
    first, second = opened(path), opened(path)
    one, two = Recovery(state), Recovery(state)
    first.add_roi(name="first")
    one.keep(first)
    second.add_roi(name="second")
    two.keep(second)
    entries = sorted(state.rglob("kept.json"))
    assert len(entries) == 2
    mine = next(place for place in entries if two.is_own(Kept(place.parent, "", "", "", None, ())))
    text = mine.read_text().replace('"kept_at": "2', '"kept_at": "3')
    mine.write_text(text)
    again = opened(path)
    recover(again, only(again, state))
    assert again.rois[0].name == "second"


def test_a_session_that_keeps_again_writes_only_what_changed(path: Path, state: Path) -> None:
    image, session = opened(path), Recovery(state)
    image.analyze("diameter")
    session.keep(image)
    table = next(state.rglob("*.diameter.csv"))
    before = table.stat().st_mtime_ns
    image.accepted = True
    session.keep(image)
    assert table.stat().st_mtime_ns == before
    again = opened(path)
    recover(again, only(again, state))
    assert again.accepted is True


def test_an_entry_half_written_or_broken_is_passed_over(path: Path, state: Path) -> None:
    image = opened(path)
    image.add_roi()
    Recovery(state).keep(image)
    kept = only(image, state)
    (kept.place / "scan.npy.json").unlink()
    again = opened(path)
    with pytest.raises(SidecarError, match="cannot be read"):
        recover(again, kept)
    assert not again.dirty
    (kept.place / "kept.json").write_text("{")
    assert find_kept([again], state) == {}


def test_edits_given_up_elsewhere_during_the_look_are_passed_over(path: Path, state: Path) -> None:
    image = opened(path)
    image.accepted = True
    Recovery(state).keep(image)
    (place,) = state.iterdir()
    place.rename(state / "moved")
    place.symlink_to(state / "gone")  # listed, and not there when looked into
    assert find_kept([image], state) == {}


def test_nothing_is_kept_of_an_array_or_where_it_is_switched_off(
    path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    array = AcqImage.from_array(np.zeros((9, 9)))
    array.add_roi()
    Recovery(state).keep(array)
    assert not state.exists()
    monkeypatch.setenv(STATE_VARIABLE, "off")
    image = opened(path)
    image.add_roi()
    Recovery().keep(image)
    assert recovery_folder() is None
    assert find_kept([image]) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="folders of this mode are a POSIX matter")
def test_a_folder_that_cannot_be_written_is_one_sentence(path: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    image = opened(path)
    image.add_roi()
    with pytest.raises(SidecarError, match="save them yourself"):
        Recovery(blocked).keep(image)
