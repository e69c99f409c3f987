"""``cloudscope demo``: the main job on recordings whose truth is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

import cloudscope as cs
from cloudscope.sample import read_sample_folder

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """What would have been served: folder, and whether in the browser."""
    calls: list[tuple[str, bool]] = []

    def serve(folder: str, *, port: int | None, open_browser: bool, **others: object) -> None:
        calls.append((folder, open_browser))

    monkeypatch.setattr("cloudscope.serve.serve", serve)
    return calls


def test_the_sample_is_measured_right_saved_and_served(
    command: Command, served: list[tuple[str, bool]], tmp_path: Path
) -> None:
    folder = tmp_path / "sample"
    code, out, err = command("demo", "--folder", folder, "--no-browser")
    assert (code, err) == (0, "")
    assert served == [(str(folder), False)]
    truths = [truth for recording in read_sample_folder(folder).recordings for truth in (
        (recording.file, truth) for truth in recording.truths
    )]  # fmt: skip
    rows = [line for line in out.splitlines() if line.endswith(" %")]
    assert len(rows) == len(truths) >= 6
    for row, (file, truth) in zip(rows, truths, strict=True):
        assert row.startswith(file)
        assert truth.quantity in row
        error = float(re.search(r"([-+][\d.]+) %$", row)[1])
        assert abs(error) < 10
    reopened = cs.AcqImageList.from_folder(folder)
    assert all(image.results and image.rois for image in reopened)
    assert not reopened.failures


def test_it_runs_again_on_a_folder_somebody_has_worked_in(
    command: Command, served: list[tuple[str, bool]], tmp_path: Path
) -> None:
    command("demo", "--folder", tmp_path)
    image = cs.AcqImageList.from_folder(tmp_path)[0]
    mine = image.add_roi(col_start=0, col_stop=12, name="mine")
    image.delete_roi(1)
    image.edit_experiment(note="seen")
    image.accepted = False
    image.save()
    code, out, _ = command("demo", "--folder", tmp_path)
    assert code == 0
    again = cs.AcqImage(image.path)
    assert again.roi(mine.roi_id).name == "mine"
    assert (again.experiment.note, again.accepted) == ("seen", False)
    assert len(again.rois) == 2  # the deleted one is measured anew under a new id
    assert "- %" not in out


def test_a_folder_with_other_files_of_these_names_is_left_alone(
    command: Command, served: list[tuple[str, bool]], tmp_path: Path
) -> None:
    (tmp_path / "truth.json").write_text("mine")
    code, _, err = command("demo", "--folder", tmp_path)
    assert code == 1
    assert "choose another folder" in err
    assert (tmp_path / "truth.json").read_text() == "mine"
    assert served == []
