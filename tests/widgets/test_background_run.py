"""Work runs off the loop, and every trait is set on the thread that owns it."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from cloudscope.analysis.execution import checkpoint
from cloudscope.errors import CalibrationError
from cloudscope.widgets.background_run import BackgroundRun, Job


async def until_done(run: BackgroundRun) -> None:
    while run.running:
        await asyncio.sleep(0.005)


def steps(job: Job, n: int = 10_000, pause_s: float = 0.0) -> str:
    for i in range(n):
        checkpoint(i / n, job.progress, job.cancel)
        time.sleep(pause_s)
    return threading.current_thread().name


def test_work_is_done_on_another_thread_and_its_value_comes_back_on_the_owner() -> None:
    async def scenario() -> None:
        run, told = BackgroundRun(), []
        run.start("steps", steps, on_done=lambda v: told.append((v, threading.current_thread())))
        assert run.running
        await until_done(run)
        assert told[0][0] == "cloudscope: steps"
        assert told[0][1] is threading.current_thread()

    asyncio.run(scenario())


def test_traits_change_on_the_owning_thread_only_and_not_too_often() -> None:
    async def scenario() -> None:
        run, seen = BackgroundRun(), []
        run.observe(lambda c: seen.append((threading.current_thread(), c["new"])), "fraction")
        run.start("steps", lambda job: steps(job, 400, 0.001))
        started = time.monotonic()
        await until_done(run)
        elapsed = time.monotonic() - started
        assert {thread for thread, _ in seen} == {threading.current_thread()}
        fractions = [fraction for _, fraction in seen]
        assert fractions == sorted(fractions)
        assert len(seen) <= 20 * elapsed + 2

    asyncio.run(scenario())


def test_cancel_stops_at_the_next_chunk() -> None:
    async def scenario() -> None:
        run, told = BackgroundRun(), []
        run.start(
            "steps",
            lambda job: steps(job, 100_000, 0.001),
            on_done=lambda v: told.append("done"),
            on_cancelled=lambda: told.append("cancelled"),
        )
        await asyncio.sleep(0.05)
        run.cancel()
        assert run.cancelling
        await until_done(run)
        assert told == ["cancelled"]
        assert not run.cancelling

    asyncio.run(scenario())


def test_an_exception_arrives_as_such_and_the_next_run_works(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(job: Job) -> None:
        raise CalibrationError("diameter needs the pixel size")

    async def scenario() -> None:
        run, told = BackgroundRun(), []
        run.start("diameter", fail, on_failed=told.append)
        await until_done(run)
        await asyncio.sleep(0)
        assert [str(e) for e in told] == ["diameter needs the pixel size"]
        run.start("steps", steps, on_done=told.append)
        await until_done(run)
        assert told[1] == "cloudscope: steps"

    asyncio.run(scenario())
    assert "diameter failed" in caplog.text


def test_an_exception_of_a_callback_is_told_too(caplog: pytest.LogCaptureFixture) -> None:
    def bad(value: object) -> None:
        raise ValueError("no such column")

    async def scenario() -> None:
        run, told = BackgroundRun(), []
        run.start("steps", steps, on_done=bad, on_failed=told.append)
        await until_done(run)
        await asyncio.sleep(0)
        assert [str(e) for e in told] == ["no such column"]

    asyncio.run(scenario())


def test_two_runs_at_once_are_refused() -> None:
    async def scenario() -> None:
        run = BackgroundRun()
        run.start("first", lambda job: steps(job, 100, 0.001))
        with pytest.raises(RuntimeError, match="first is still running"):
            run.start("second", steps)
        await until_done(run)

    asyncio.run(scenario())


def test_without_a_loop_the_work_runs_in_place() -> None:
    run, told = BackgroundRun(), []
    run.start("steps", steps, on_done=told.append)
    assert told == [threading.current_thread().name]
    assert not run.running


def test_time_left_is_estimated() -> None:
    async def scenario() -> None:
        run, left = BackgroundRun(), []
        run.observe(lambda c: left.append(c["new"]), "seconds_left")
        run.start("steps", lambda job: steps(job, 80, 0.01))
        await until_done(run)
        given = [value for value in left if value is not None]
        assert given
        assert all(0 <= value < 60 for value in given)

    asyncio.run(scenario())


def test_work_that_outlives_its_loop_stops_and_says_nothing() -> None:
    begun, stopped, go_on = threading.Event(), threading.Event(), threading.Event()

    def work(job: Job) -> None:
        begun.set()
        go_on.wait(10)
        job.progress(0.5)  # nobody is there to be told
        if job.cancel.is_set():
            stopped.set()

    async def scenario() -> None:
        BackgroundRun().start("steps", work)

    asyncio.run(scenario())
    begun.wait(10)
    go_on.set()
    assert stopped.wait(10)
    for thread in threading.enumerate():
        if thread.name == "cloudscope: steps":
            thread.join(10)
