"""Two programs, or two people, with one recording."""

from __future__ import annotations

import multiprocessing
import os
import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from cloudscope import sidecar
from cloudscope.errors import SidecarConflict, SidecarError
from cloudscope.metadata import ExperimentMetadata
from cloudscope.sidecar import SidecarContents, SidecarDocument, locking


def count_up(source: Path, times: int) -> int:
    """Add one to a number in the sidecar so many times; returns how many conflicts there were."""
    conflicts = 0
    for _ in range(times):
        while True:
            document = sidecar.load(source)
            experiment = document.contents.experiment
            number = int(experiment.extra.get("count", 0)) + 1
            new = experiment.replace(extra={"count": str(number)})
            try:
                sidecar.save(source, replace(document.contents, experiment=new), document)
                break
            except SidecarConflict:
                conflicts += 1
    return conflicts


def test_two_processes_lose_no_update(source):
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        conflicts = pool.starmap(count_up, [(source, 40)] * 2)
    assert sidecar.load(source).contents.experiment.extra["count"] == "80"
    assert all(count >= 0 for count in conflicts)


def test_threads_of_one_process_lose_no_update(source):
    threads = [threading.Thread(target=count_up, args=(source, 10)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sidecar.load(source).contents.experiment.extra["count"] == "30"


def test_a_sidecar_changed_since_it_was_loaded_is_not_overwritten(source, make_result):
    mine, theirs = sidecar.load(source), sidecar.load(source)
    result = make_result()
    theirs = sidecar.save(source, SidecarContents(accepted=True), theirs)
    contents = SidecarContents(accepted=False, next_roi_id=2, results={result.key: result})
    before = sidecar.sidecar_path(source).read_bytes()
    with pytest.raises(SidecarConflict, match="changed on disk since it was loaded") as caught:
        sidecar.save(source, contents, mine)
    assert "my_file.tif.json" in str(caught.value)
    assert "reload" in str(caught.value)
    assert "copy" in str(caught.value)
    assert sidecar.sidecar_path(source).read_bytes() == before
    assert not sidecar.table_path(source, "radon_velocity").exists()

    copy = sidecar.save_copy(source, contents, mine)
    assert copy.name.startswith("my_file.copy-")
    kept = sidecar.load(copy.with_suffix("")).contents
    assert kept.accepted is False
    assert kept.results[result.key].same_numbers(result)
    assert sidecar.load(source).contents.accepted is True
    assert len({sidecar.save_copy(source, contents, mine), copy}) == 2


def test_a_copy_keeps_numbers_nobody_looked_at_and_fields_nobody_knows(source, make_result):
    result = make_result()
    first = SidecarContents(next_roi_id=2, results={result.key: result})
    sidecar.save(source, first, SidecarDocument())
    path = sidecar.sidecar_path(source)
    text = path.read_text(encoding="utf-8").replace('"rois"', '"x-lab": 1, "rois"')
    path.write_text(text, encoding="utf-8")
    mine, theirs = sidecar.load(source), sidecar.load(source)
    sidecar.save(source, replace(theirs.contents, accepted=True), theirs)
    copy = sidecar.load(sidecar.save_copy(source, mine.contents, mine).with_suffix(""))
    assert copy.problems == ()
    assert copy.contents.results[result.key].same_numbers(result)
    assert copy.raw["x-lab"] == 1


def test_a_sidecar_removed_since_it_was_loaded_is_a_conflict(source):
    document = sidecar.save(source, SidecarContents(accepted=True), SidecarDocument())
    sidecar.sidecar_path(source).unlink()
    with pytest.raises(SidecarConflict, match="was removed or renamed"):
        sidecar.save(source, SidecarContents(accepted=False), document)
    sidecar.save(source, SidecarContents(accepted=False), sidecar.load(source))


def test_a_save_that_never_ends_elsewhere_is_waited_for_and_named(source, monkeypatch):
    monkeypatch.setattr(locking, "LOCK_TIMEOUT_S", 0.05)
    with (
        FileLock(source.with_name(".cloudscope.lock")),
        pytest.raises(SidecarError, match=r"my_file.tif.json: not saved: another program"),
    ):
        sidecar.save(source, SidecarContents(accepted=True), SidecarDocument())
    sidecar.save(source, SidecarContents(accepted=True), SidecarDocument())


def test_the_lock_is_open_to_colleagues_and_one_for_the_folder(source):
    sidecar.save(source, SidecarContents(), SidecarDocument())
    other = source.with_name("other.tif")
    sidecar.save(other, SidecarContents(experiment=ExperimentMetadata(note="x")), SidecarDocument())
    locks = [path for path in source.parent.iterdir() if path.name.endswith(".lock")]
    assert [path.name for path in locks] == [".cloudscope.lock"]
    assert os.name == "nt" or stat.S_IMODE(locks[0].stat().st_mode) == 0o666
