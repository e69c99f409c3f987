"""New recordings join a watched folder once they are complete."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

import pytest

from cloudscope import watching
from cloudscope.acq_image import AcqImage
from cloudscope.acq_image_list import AcqImageList
from cloudscope.errors import CloudscopeError
from cloudscope.watching import FolderChanges
from tests.recordings import write_line_scan

SOON = {"look_every_s": 0.05}
PATIENCE_S = 30.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SETTLED_AFTER_S", 0.15)


@pytest.fixture
def folder(tmp_path: Path) -> AcqImageList:
    write_line_scan(tmp_path / "rec2.tif")
    return AcqImageList.from_folder(tmp_path)


def taken(folder: AcqImageList) -> FolderChanges:
    changes = folder.take_changes(PATIENCE_S)
    assert changes is not None, "nothing was noticed"
    return changes


def test_new_recordings_join_in_their_place(folder: AcqImageList, tmp_path: Path) -> None:
    folder.watch(**SOON)
    assert folder.watching
    old = folder[0]
    old.accepted = True
    write_line_scan(tmp_path / "rec10.tif")
    changes = taken(folder)
    assert str(changes) == "rec10.tif new"
    (tmp_path / "day 2").mkdir()
    write_line_scan(tmp_path / "day 2" / "rec1.tif")
    taken(folder)
    assert [image.name for image in folder] == ["rec1.tif", "rec2.tif", "rec10.tif"]
    assert folder["rec2.tif"] is old
    assert old.accepted is True
    folder.unwatch()
    assert not folder.watching


def test_a_file_that_still_grows_does_not_join(
    folder: AcqImageList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "SETTLED_AFTER_S", 2.0)
    whole = write_line_scan(tmp_path.parent / f"{tmp_path.name}-elsewhere.tif").read_bytes()
    folder.watch(**SOON)
    growing = tmp_path / "growing.tif"
    with growing.open("wb") as file:
        for start in range(0, len(whole), len(whole) // 8):
            file.write(whole[start : start + len(whole) // 8])
            file.flush()
            assert folder.take_changes(0.05) is None
    assert [f.path.name for f in taken(folder).added] == ["growing.tif"]
    assert folder["growing.tif"].kymograph().shape == (400, 24)
    assert folder.failures == ()
    folder.unwatch()


def test_what_changed_and_what_is_gone_is_told(folder: AcqImageList, tmp_path: Path) -> None:
    image = folder[0]
    before = image.kymograph().copy()
    folder.watch(**SOON)
    write_line_scan(tmp_path / "rec2.tif", seed=9)
    assert str(taken(folder)) == "rec2.tif changed on disk"
    assert (image.kymograph() != before).any()
    (tmp_path / "rec2.tif").unlink()
    changes = taken(folder)
    assert changes.removed == (tmp_path / "rec2.tif",)
    assert folder.last_changes is changes
    assert folder.images == (image,), "what is edited in it must not be lost"
    folder.unwatch()


def test_a_file_that_cannot_be_read_joins_the_failures_until_it_can(
    folder: AcqImageList, tmp_path: Path
) -> None:
    folder.watch(**SOON)
    (tmp_path / "bad.tif").write_bytes(b"no image")
    taken(folder)
    assert [failure.name for failure in folder.failures] == ["bad.tif"]
    write_line_scan(tmp_path / "bad.tif")
    taken(folder)
    folder.refresh()
    assert folder.failures == ()
    assert len(folder) == 2
    folder.unwatch()


def test_where_a_loop_runs_its_thread_is_the_only_one_that_sets_traits(
    folder: AcqImageList, tmp_path: Path
) -> None:
    threads: list[threading.Thread] = []

    async def work() -> None:
        joined = asyncio.Event()

        def told(_: object) -> None:
            threads.append(threading.current_thread())
            joined.set()

        folder.observe(told, "images")
        folder.watch(**SOON)
        write_line_scan(tmp_path / "new.tif")
        await asyncio.wait_for(joined.wait(), PATIENCE_S)
        folder.unwatch()

    asyncio.run(work())
    assert threads == [threading.main_thread()]
    assert len(folder) == 2


@pytest.mark.skipif(os.name != "posix", reason="the system's own messages differ")
def test_the_system_tells_of_a_new_file_at_once(
    folder: AcqImageList, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("watchfiles", reason="watchfiles is not installed (cloudscope[watch])")
    monkeypatch.setattr(watching, "LOOK_EVERY_WHEN_TOLD_S", 3600.0)
    folder.watch()
    deadline = time.monotonic() + PATIENCE_S
    changes, number = None, 0
    while changes is None and time.monotonic() < deadline:
        number += 1  # the system may need a moment until it listens
        write_line_scan(tmp_path / f"new{number}.tif")
        changes = folder.take_changes(1.0)
    assert changes is not None
    folder.unwatch()


def test_a_list_that_nobody_has_any_more_is_let_go(tmp_path: Path) -> None:
    write_line_scan(tmp_path / "rec.tif")
    folder = AcqImageList.from_folder(tmp_path)
    folder.watch(**SOON)
    gone = weakref.ref(folder)
    del folder
    gc.collect()
    assert gone() is None


def test_only_a_folder_can_be_watched(one: Callable[[], AcqImage]) -> None:
    with pytest.raises(CloudscopeError, match="only a folder can be watched"):
        AcqImageList([one()]).watch()
    with pytest.raises(CloudscopeError, match=r"call watch\(\) first"):
        AcqImageList([one()]).take_changes()


@pytest.fixture
def one() -> Callable[[], AcqImage]:
    import numpy as np

    return lambda: AcqImage.from_array(np.zeros((10, 4)))
