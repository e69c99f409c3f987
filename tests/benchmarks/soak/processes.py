"""Processes that die: workers of a batch, the program itself, the kernel of a notebook."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.soak.trials import ROOT, Outcome, Trial

__all__ = ["PROCESS_TRIALS"]


def killed_workers(folder: Path, short: bool) -> Outcome:
    """Kill worker processes of a batch at random while it runs."""
    from tests.recordings import write_line_scan

    count, kills = (5, 1) if short else (60, 12)
    for number in range(count):
        write_line_scan(folder / f"rec{number}.tif", seed=number, lines=1500)
    batch = _batch(folder, workers=2)
    killed = 0
    chance = random.Random(1)
    saved, until = 0, time.monotonic() + 900
    while batch.poll() is None and killed < kills:
        time.sleep(chance.uniform(0.05, 0.5))
        if time.monotonic() > until:
            batch.kill()
            batch.communicate()
            return Outcome(False, f"the batch hung after {killed} workers were killed")
        now, workers = len(list(folder.glob("*.json"))), _children(batch.pid)
        if now > saved and workers:  # as happens to workers that work, not while they start
            try:
                os.kill(chance.choice(workers), signal.SIGKILL)
            except ProcessLookupError:
                continue
            killed, saved = killed + 1, now
    _, err = batch.communicate(timeout=900)
    from cloudscope.acq_image_list import AcqImageList

    opened = AcqImageList.from_folder(folder)
    measured = sum(len(image.results) for image in opened)
    named = err.count("its worker process died")
    held = (
        measured + named == count
        and named <= killed
        and not any(image.problems for image in opened)
    )
    return Outcome(
        held and "Traceback" not in err,
        f"{killed} workers killed under {count} items: {measured} measured and saved, {named} "
        f"failed in words, {count - measured - named} lost",
    )


def killed_program(folder: Path, short: bool) -> Outcome:
    """Kill the whole program again and again; each time --resume goes on."""
    from cloudscope.acq_image_list import AcqImageList
    from tests.recordings import write_line_scan

    count, kills = (4, 1) if short else (60, 10)
    for number in range(count):
        write_line_scan(folder / f"rec{number}.tif", seed=number, lines=1500)
    chance = random.Random(2)
    kept = 0
    for _ in range(kills):
        before = len(list(folder.glob("*.json")))
        batch = _batch(folder, workers=1)
        until = time.monotonic() + 60
        while len(list(folder.glob("*.json"))) <= before and time.monotonic() < until:
            if batch.poll() is not None:
                break
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        batch.kill()
        batch.communicate()
        now = AcqImageList.from_folder(folder)
        done = sum(len(image.results) for image in now)
        if done < kept or any(image.problems for image in now):
            return Outcome(False, f"{kept} were measured, and after a kill there are {done}")
        kept = done
    batch = _batch(folder, workers=1)
    batch.communicate(timeout=900)
    measured = sum(len(image.results) for image in AcqImageList.from_folder(folder))
    return Outcome(
        measured == count,
        f"killed {kills} times, {kept} of {count} kept by then, all {measured} after --resume",
    )


def _batch(folder: Path, workers: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "cloudscope", "analyze", str(folder), "--resume", "--quiet"]
    command += ["--analysis", "radon_velocity", "--set", "step_lines=2", "--workers", str(workers)]
    return subprocess.Popen(
        command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _children(pid: int) -> list[int]:
    """Worker processes of a program, without Python's own helper."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
            command = (status.parent / "cmdline").read_text()
        except OSError:
            continue
        if int(text.rpartition(")")[2].split()[1]) == pid and "spawn_main" in command:
            found.append(int(status.parent.name))
    return found


PROCESS_TRIALS = (
    Trial("workers", "a killed worker costs at most its own item, in words", killed_workers),
    Trial("program", "a killed batch loses nothing finished, and goes on", killed_program),
)
