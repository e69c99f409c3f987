"""Nothing outside its root is reached with a `FolderPicker`."""

from __future__ import annotations

from pathlib import Path

import pytest
import traitlets

from cloudscope.widgets.folder_picker import FolderPicker


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("data/b/deep", "data/A", "data/.hidden", "secret"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data" / "scan.tif").touch()
    (tmp_path / "data" / "notes.md").touch()
    return tmp_path / "data"


def names(picker: FolderPicker) -> list[str]:
    return [name for _, name in picker.list.options if name]


def test_it_lists_folders_and_counts_recordings(root: Path) -> None:
    picker = FolderPicker(root)
    assert names(picker) == ["A", "b"]
    assert "1 recording here" in picker.note
    assert picker.up_button.disabled


def test_a_folder_that_is_a_recording_is_counted_and_not_entered(root: Path) -> None:
    (root / "vessel.ome.zarr" / "0").mkdir(parents=True)
    picker = FolderPicker(root)
    assert names(picker) == ["A", "b"]
    assert "2 recordings here" in picker.note


def test_looking_inside_up_and_open(root: Path) -> None:
    picker = FolderPicker(root)
    chosen = []
    picker.observe(lambda change: chosen.append(change["new"]), "chosen")
    picker.list.value = "b"
    picker.enter_button.click()
    assert picker.folder == root / "b"
    assert names(picker) == ["deep"]
    picker.up_button.click()
    picker.list.value = "A"
    picker.open_button.click()
    assert chosen == [root / "A"]


def test_a_path_can_be_typed_relative_or_whole(root: Path) -> None:
    picker = FolderPicker(root)
    picker.path.value = "b/deep"
    assert picker.folder == root / "b" / "deep"
    picker.path.value = str(root)
    assert picker.folder == root


@pytest.mark.parametrize("way", ["..", "../secret", "/", "b/../../secret", "nowhere", "scan.tif"])
def test_the_way_out_is_refused_in_words(root: Path, way: str) -> None:
    picker = FolderPicker(root)
    picker.path.value = way
    assert picker.folder == root
    assert "is outside" in picker.error or "is no folder" in picker.error
    picker.go(root / "A")
    assert picker.error == ""


def test_a_link_that_leads_out_is_refused(root: Path) -> None:
    (root / "link").symlink_to(root.parent / "secret")
    picker = FolderPicker(root)
    picker.list.value = "link"
    picker.open_button.click()
    assert picker.chosen is None
    assert "is outside" in picker.error
    with pytest.raises(traitlets.TraitError, match="choose a folder inside it"):
        picker.folder = root / "link"


def test_a_folder_that_went_away_is_said(root: Path) -> None:
    picker = FolderPicker(root)
    (root / "A").rmdir()
    picker.list.value = "A"
    picker.enter_button.click()
    assert "is no folder" in picker.error
