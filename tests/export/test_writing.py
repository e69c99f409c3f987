"""New files and folders appear whole or not at all, and never on a recording."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

import cloudscope as cs
from cloudscope.export.writing import file_name, new_file, new_folder


def write_file(target: Path, *images: cs.AcqImage, fail: Exception | None = None) -> None:
    with new_file(target, images, overwrite=True) as temporary:
        temporary.write_text("new")
        if fail is not None:
            raise fail


def write_folder(target: Path, *images: cs.AcqImage, fail: Exception | None = None) -> None:
    with new_folder(target, images, overwrite=True, is_ours=lambda _: True) as temporary:
        (temporary / "y").write_text("new")
        if fail is not None:
            raise fail


def test_a_source_and_its_sidecar_are_never_written_to(recording: cs.AcqImage) -> None:
    source = recording.path
    assert source is not None
    before = source.read_bytes()
    link = source.with_name("link.tif")
    link.symlink_to(source)
    beside = source.with_name(f"{source.name}.diameter.csv")
    for target in (source, beside, source.with_name("scan.tif.json"), link):
        with pytest.raises(cs.ExportError, match="never writes to"):
            write_file(target, recording)
    with pytest.raises(cs.ExportError, match="never writes to"):
        write_folder(source.parent, recording)
    assert source.read_bytes() == before


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    target.write_text("old")
    with pytest.raises(RuntimeError):
        write_file(target, fail=RuntimeError())
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    write_file(target)
    assert target.read_text() == "new"


def test_a_folder_that_fails_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "a"
    target.mkdir()
    (target / "x").write_text("old")
    with pytest.raises(cs.ExportError, match="no space left on device; nothing was left"):
        write_folder(target, fail=OSError(errno.ENOSPC, "No space left on device"))
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "x"]
    write_folder(target)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a", "y"]


def test_no_room_is_one_sentence(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(cs.ExportError, match="cannot be written"):
        write_file(blocked / "a.txt")


def test_names_fit_every_system() -> None:
    assert file_name("a/b\\c:d*?.tif") == "a_b_c_d__.tif"
    assert file_name("nul.tif") == "_nul.tif"
    assert len(file_name("µ" * 300).encode()) <= 180
