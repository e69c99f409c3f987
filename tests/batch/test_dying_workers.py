"""Worker processes that die, hang or want too much: their item fails in words, the rest is done."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from cloudscope.acq_image_list import AcqImageList
from cloudscope.batch import BatchOutcome
from tests.batch import lethal
from tests.batch.folders import folder_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX has it")


def names(outcomes: tuple[BatchOutcome, ...]) -> list[str]:
    return [outcome.item.image.name for outcome in outcomes]


@pytest.fixture
def marks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "marks"
    folder.mkdir()
    monkeypatch.setenv(lethal.MARKS, str(folder))
    return folder


@pytest.mark.slow
def test_the_item_that_kills_its_worker_fails_and_all_others_are_done(
    tmp_path: Path, marks: Path
) -> None:
    folder = folder_of(tmp_path, [0, 1, 0, 2, 0, 0])
    report = folder.analyze("lethal", workers=2, save=True)
    assert names(report.failed) == ["rec1.npy"]
    assert "its worker process died twice" in report.failed[0].error
    assert names(report.done) == ["rec0.npy", "rec2.npy", "rec3.npy", "rec4.npy", "rec5.npy"]
    assert len(list(marks.iterdir())) == 1, "the one killed once was tried again"
    again = AcqImageList.from_folder(tmp_path)
    assert sum(len(image.results) for image in again) == 5
    for image in again:
        if image.results:
            alone = image.measure("lethal") if image.name != "rec3.npy" else None
            kept = image.results["lethal", 0, 0]
            assert alone is None or kept.same_numbers(alone)


@pytest.mark.slow
def test_cancel_ends_within_two_seconds_even_where_nothing_listens(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [0, 3, 3, 0])
    cancel, asked = threading.Event(), []

    def stop(outcome: BatchOutcome) -> None:
        if not asked:
            asked.append(time.monotonic())
            cancel.set()

    report = folder.analyze("lethal", workers=2, save=True, cancel=cancel, on_outcome=stop)
    assert names(report.done)[:1] == ["rec0.npy"]
    assert set(names(report.cancelled)) >= {"rec1.npy", "rec2.npy"}
    assert len(AcqImageList.from_folder(tmp_path)["rec0.npy"].results) == 1
    # The minute that each of them would take is not waited for.
    assert time.monotonic() - asked[0] < 20


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux limits memory so")
def test_a_worker_that_wants_more_than_the_limit_fails_in_words(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [5, 0])
    report = folder.analyze("lethal", workers=2, memory_limit_mb=600)
    assert names(report.failed) == ["rec0.npy"]
    assert "more memory than there is" in report.failed[0].error
    assert names(report.done) == ["rec1.npy"]


@pytest.mark.slow
def test_a_broken_executor_of_somebody_else_is_said_and_nothing_hangs(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [1, 0])
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as executor:
        report = folder.analyze("lethal", executor=executor)
    assert len(report.done) + len(report.failed) == 2
    assert "rec0.npy" in names(report.failed)
    assert "worker process died" in report.failed[0].error


def test_threads_of_somebody_else_hear_of_a_cancel(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, [4] * 8)
    cancel = threading.Event()
    with ThreadPoolExecutor(2) as executor:
        report = folder.analyze(
            "lethal", executor=executor, cancel=cancel, on_outcome=lambda _: cancel.set()
        )
    assert report.done
    assert report.cancelled
    assert len(report.done) + len(report.cancelled) == 8


@pytest.mark.slow
def test_a_worker_that_dies_while_it_has_nothing_to_do_is_noticed(tmp_path: Path) -> None:
    """A pool does not watch over workers that it started after it last woke up."""
    folder = folder_of(tmp_path, [4] * 6)

    def kill_all(outcome: BatchOutcome) -> None:
        if outcome.item.image.name == "rec1.npy":
            for process in multiprocessing.active_children():
                process.kill()

    report = folder.analyze("lethal", workers=2, on_outcome=kill_all)
    assert len(report.done) == 6, report
