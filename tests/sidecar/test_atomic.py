from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from cloudscope import sidecar
from cloudscope.errors import SidecarError
from cloudscope.sidecar import SidecarContents, SidecarDocument, atomic

posix = pytest.mark.skipif(os.name == "nt", reason="modes and links are of POSIX")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def contents(make_result) -> SidecarContents:
    result = make_result()
    return SidecarContents(accepted=True, next_roi_id=2, results={result.key: result})


@posix
def test_new_files_get_the_mode_that_the_umask_says(source, contents):
    before = os.umask(0o027)
    try:
        sidecar.save(source, contents, SidecarDocument())
    finally:
        os.umask(before)
    assert mode(sidecar.sidecar_path(source)) == 0o640
    assert mode(sidecar.table_path(source, "radon_velocity")) == 0o640


@posix
def test_the_mode_of_an_existing_file_is_kept(source, contents, make_result):
    document = sidecar.save(source, contents, SidecarDocument())
    files = (sidecar.sidecar_path(source), sidecar.table_path(source, "radon_velocity"))
    for path in files:
        path.chmod(0o664)
    new = make_result(seed=4)
    sidecar.save(source, SidecarContents(results={new.key: new}), document)
    assert [mode(path) for path in files] == [0o664, 0o664]


@posix
def test_a_symbolic_link_stays_one_and_its_target_is_written(source, contents, make_result):
    elsewhere = source.parent.parent / "elsewhere"
    elsewhere.mkdir()
    links = (sidecar.sidecar_path(source), sidecar.table_path(source, "radon_velocity"))
    for link in links:
        link.symlink_to(elsewhere / f"real {link.name}")
    document = sidecar.save(source, contents, sidecar.load(source))
    new = make_result(seed=4)
    sidecar.save(source, SidecarContents(results={new.key: new}), document)
    assert all(link.is_symlink() for link in links)
    assert sidecar.load(source).contents.results[new.key].same_numbers(new)
    names = sorted(path.name for path in elsewhere.iterdir())
    assert names == [
        ".cloudscope.lock",
        "real my_file.tif.json",
        "real my_file.tif.radon_velocity.csv",
    ]


@posix
@pytest.mark.parametrize("which", ["json", "csv"])
def test_a_file_somebody_made_read_only_is_respected(
    source, contents, make_result, monkeypatch, which
):
    document = sidecar.save(source, contents, SidecarDocument())
    path = source.with_name(
        "my_file.tif.json" if which == "json" else "my_file.tif.radon_velocity.csv"
    )
    before = path.read_bytes()
    plain = os.access  # root may write everything, so the answer is made up
    monkeypatch.setattr(os, "access", lambda p, m: Path(p) != path and plain(p, m))
    new = make_result(seed=4)
    with pytest.raises(SidecarError, match="the file is read-only"):
        sidecar.save(source, SidecarContents(results={new.key: new}), document)
    assert path.read_bytes() == before
    assert sidecar.load(source).contents.results[new.key].same_numbers(contents.results[new.key])


def test_windows_scanners_get_a_moment(tmp_path, monkeypatch):
    target = tmp_path / "a.json"
    target.write_bytes(b"old")
    refusals = iter(range(3))
    plain = Path.replace

    def busy(self: Path, to: Path) -> Path:
        if next(refusals, None) is not None:
            raise PermissionError(errno.EACCES, "in use")
        return plain(self, to)

    monkeypatch.setattr(Path, "replace", busy)
    monkeypatch.setattr(atomic, "_WINDOWS", True)
    monkeypatch.setattr(atomic, "_PAUSES_S", (0.0,) * 4)
    atomic.replace_file(target, b"new")
    assert target.read_bytes() == b"new"
    refusals = iter(range(9))
    with pytest.raises(PermissionError):
        atomic.replace_file(target, b"newer")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert target.read_bytes() == b"new"


def test_a_file_system_that_cannot_flush_folders_is_no_error(tmp_path, monkeypatch):
    def refuse(_descriptor: int) -> None:
        raise OSError(errno.EINVAL, "not here")

    monkeypatch.setattr(os, "fsync", refuse)
    atomic.sync_folder(tmp_path)
