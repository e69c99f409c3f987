"""Saves that are killed, and disks that fail: the old state or the new one, complete."""

from __future__ import annotations

import errno
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cloudscope import sidecar
from cloudscope.errors import SidecarError
from cloudscope.sidecar import SidecarContents, SidecarDocument, locking
from cloudscope.sidecar.names import pending_path, sidecar_path, table_path

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def killed(folder: Path, *mode: str) -> dict[str, int]:
    script = Path(__file__).with_name("killed_saves.py")
    done = subprocess.run(
        [sys.executable, script, folder, *mode],
        env=os.environ | {"PYTHONPATH": str(script.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_fork
def test_a_save_killed_at_any_instant_leaves_the_old_state_or_the_new_one(tmp_path):
    found = killed(tmp_path, "every")
    assert found["old"] > 10
    assert found["new"] > 10


@needs_fork
def test_saves_killed_at_random_leave_complete_states(tmp_path):
    found = killed(tmp_path, "random", "60")
    assert found.get("old", 0) + found.get("new", 0) == 60  # a busy machine may finish none


@pytest.fixture
def old(make_result) -> SidecarContents:
    results = [make_result(roi_id=1), make_result("diameter", roi_id=1)]
    return SidecarContents(accepted=True, next_roi_id=2, results={r.key: r for r in results})


@pytest.fixture
def new(make_result) -> SidecarContents:
    results = [make_result(roi_id=1, seed=2), make_result("events", roi_id=1)]
    return SidecarContents(accepted=False, next_roi_id=2, results={r.key: r for r in results})


def is_in_state(source: Path, contents: SidecarContents) -> bool:
    loaded = sidecar.load(source)
    return (
        not loaded.problems
        and loaded.contents.accepted is contents.accepted
        and loaded.contents.results.keys() == contents.results.keys()
        and all(r.same_numbers(contents.results[k]) for k, r in loaded.contents.results.items())
    )


def transient(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".cloudscope-")]


def failing(
    call: Callable[..., Any], count: Iterator[int], number: int, code: int
) -> Callable[..., Any]:
    """`call`, but the time that `count` gives `number` it fails; the lock's own calls do not."""

    def wrapper(*args: Any, **options: Any) -> Any:
        if "filelock" not in sys._getframe(1).f_globals["__name__"] and next(count) == number:
            name = args[0] if isinstance(args[0], str | Path) else None
            raise OSError(code, os.strerror(code), name and str(name))
        return call(*args, **options)

    return wrapper


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("open", errno.ENOSPC),
        ("open", errno.EACCES),
        ("open", errno.EROFS),
        ("fsync", errno.EIO),
        ("fsync", errno.ENOSPC),
        ("replace", errno.EACCES),
        ("replace", errno.EIO),
        ("unlink", errno.EACCES),
        ("fchmod", errno.EPERM),
        ("chmod", errno.EPERM),
    ],
)
def test_a_call_that_fails_leaves_the_old_state_or_the_new_one(
    tmp_path, old, new, monkeypatch, name, code
):
    """The nth call of a kind fails, for every n there is."""
    for number in itertools.count():
        source = tmp_path / f"{number}" / "my_file.tif"
        source.parent.mkdir()
        document = sidecar.save(source, old, SidecarDocument())
        count = itertools.count()
        refusal = ""
        with monkeypatch.context() as patch:
            patch.setattr(os, name, failing(getattr(os, name), count, number, code))
            try:
                saved = sidecar.save(source, new, document)
            except SidecarError as error:
                saved, refusal = None, str(error)
        reached = next(count) > number
        if saved is None:
            assert "nothing on disk was changed" in refusal
            assert os.strerror(code) in refusal
            assert is_in_state(source, old)
            if name != "unlink":
                assert transient(source.parent) == []
            saved = sidecar.save(source, new, document)  # the same save works when the disk does
        elif reached:
            assert [p for p in saved.problems if os.strerror(code) in p]
        assert is_in_state(source, new)
        assert is_in_state(source, new), "also when the interrupted step was finished by a load"
        assert transient(source.parent) == []
        if not reached:
            assert number > 0, f"no call of os.{name} was reached"
            return


@needs_fork
def test_a_full_disk_leaves_the_old_state(source, old, make_result):
    """Files may not grow beyond a limit, so that the kernel itself refuses to write."""
    resource = pytest.importorskip("resource")
    document = sidecar.save(source, old, SidecarDocument())
    large = make_result(rows=20_000)
    contents = SidecarContents(next_roi_id=2, results={large.key: large})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(SidecarError, match="File too large"):
            sidecar.save(source, contents, document)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert is_in_state(source, old)
    assert transient(source.parent) == []


def test_an_interrupt_between_the_commit_and_its_report_keeps_the_tables(
    source, old, new, monkeypatch
):
    document = sidecar.save(source, old, SidecarDocument())
    plain = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        moved = plain(self, target)
        if target.name.endswith(".json"):
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sidecar.save(source, new, document)
    monkeypatch.undo()
    assert is_in_state(source, new)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder_is_named_in_one_sentence(source, old):
    source.parent.chmod(0o555)
    try:
        with pytest.raises(SidecarError, match=r"my_file\.tif\.json: not saved.*Permission denied"):
            sidecar.save(source, old, SidecarDocument())
        assert sidecar.load(source) == SidecarDocument()
    finally:
        source.parent.chmod(0o755)


def test_a_folder_without_room_for_a_lock_is_named_in_one_sentence(source, old, monkeypatch):
    def refuse(*_args: Any, **_options: Any) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(source.with_name("x")))

    monkeypatch.setattr("filelock.FileLock.acquire", refuse)
    with pytest.raises(SidecarError, match="Read-only file system"):
        sidecar.save(source, old, SidecarDocument())
    assert [p.name for p in source.parent.iterdir()] == ["my_file.tif"]


def test_a_table_held_open_by_another_program_is_put_in_place_later(source, old, new, monkeypatch):
    """On Windows a spreadsheet keeps its file: the save stands, and says so."""
    document = sidecar.save(source, old, SidecarDocument())
    plain = Path.replace

    def held(self: Path, target: Path) -> Path:
        if target.name == "my_file.tif.radon_velocity.csv":
            raise PermissionError(errno.EACCES, "in use", str(target))
        return plain(self, target)

    monkeypatch.setattr(Path, "replace", held)
    document = sidecar.save(source, new, document)
    assert [p for p in document.problems if "radon_velocity.csv could not be put in place" in p]
    assert is_in_state(source, new)
    document = sidecar.save(source, replace(new, accepted=None), document)
    assert len(document.problems) == 1
    document = sidecar.save(source, old, document)  # the table that waits is replaced in turn
    assert is_in_state(source, old)
    monkeypatch.undo()
    assert is_in_state(source, old)
    assert not [path for path in source.parent.iterdir() if ".kept-" in path.name]


def test_a_reader_meets_the_waiting_table_while_a_save_runs(source, old, new, monkeypatch):
    document = sidecar.save(source, old, SidecarDocument())
    monkeypatch.setattr("cloudscope.sidecar.saving.finish_tables", lambda *_: [])
    sidecar.save(source, new, document)
    monkeypatch.undo()
    waiting = transient(source.parent)
    assert len(waiting) == 2
    with locking.folder_lock(sidecar_path(source)):
        assert is_in_state(source, new)
        assert transient(source.parent) == waiting
    assert is_in_state(source, new)
    assert transient(source.parent) == []


def test_a_sweep_removes_old_leftovers_and_finishes_what_is_wanted(source, old, new, monkeypatch):
    folder = source.parent
    document = sidecar.save(source, old, SidecarDocument())
    monkeypatch.setattr("cloudscope.sidecar.saving.finish_tables", lambda *_: [])
    sidecar.save(source, new, document)
    monkeypatch.undo()
    unwanted = pending_path(source, "radon_velocity", "0" * 32)
    strangers = pending_path(folder / "gone.tif", "radon_velocity", "0" * 32)
    cut, young = folder / ".cloudscope-00ff.tmp", folder / ".cloudscope-11ff.tmp"
    for path in (unwanted, strangers, cut, young):
        path.write_bytes(b"half")
    broken = folder / "broken.tif"
    sidecar_path(broken).write_text("{", encoding="utf-8")
    who_knows = pending_path(broken, "radon_velocity", "0" * 32)
    who_knows.write_bytes(b"half")
    not_ours = folder / "notes.tmp"
    not_ours.write_bytes(b"mine")
    long_ago = time.time() - 2 * 3600
    for path in folder.iterdir():
        if path != young:
            os.utime(path, (long_ago, long_ago))
    assert set(sidecar.sweep(folder)) == {unwanted, strangers, cut}
    assert transient(folder) == sorted([young.name, who_knows.name], key=transient(folder).index)
    assert table_path(source, "radon_velocity").exists()
    assert is_in_state(source, new)
    assert not_ours.exists()
