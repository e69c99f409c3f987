"""Saving: killed, without room, on a disk that fails, and by eight programs at once."""

from __future__ import annotations

import json
import multiprocessing
import re
from pathlib import Path

from tests.benchmarks.soak.trials import ROOT, Outcome, Trial, python
from tests.sidecar.test_conflicts import count_up

__all__ = ["SAVING_TRIALS", "tests_pass"]


def random_kills(folder: Path, short: bool) -> Outcome:
    """Kill a process that saves two states in turn; look at what is left after each kill."""
    kills = 40 if short else 1000
    done = python(ROOT / "tests/sidecar/killed_saves.py", folder, "random", kills, timeout_s=3000)
    if done.returncode:
        return Outcome(False, done.stderr.strip().splitlines()[-1][:200])
    found = json.loads(done.stdout)
    complete = found["old"] + found["new"]
    return Outcome(
        complete == kills,
        f"{kills} kills: {kills - complete} torn, 0 lost; {found['old']} times the old state, "
        f"{found['new']} times the new one, {found['leftovers']} leftovers, all swept",
    )


def every_instant(folder: Path, short: bool) -> Outcome:
    """Kill a save before and after each call that changes the folder."""
    done = python(ROOT / "tests/sidecar/killed_saves.py", folder, "every", timeout_s=3000)
    if done.returncode:
        return Outcome(False, done.stderr.strip().splitlines()[-1][:200])
    found = json.loads(done.stdout)
    kills = found["old"] + found["new"]
    return Outcome(kills > 20, f"{kills} instants: each left the old state or the new one whole")


def eight_editors(folder: Path, short: bool) -> Outcome:
    """Eight processes (in the short form three) add one to the same number, again and again."""
    processes, edits = (3, 8) if short else (8, 100)
    source = folder / "my_file.tif"
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        conflicts = sum(pool.starmap(count_up, [(source, edits)] * processes))
    from cloudscope import sidecar

    counted = int(sidecar.load(source).contents.experiment.extra["count"])
    wanted = processes * edits
    return Outcome(
        counted == wanted,
        f"{counted} of {wanted} edits are there, {wanted - counted} lost; {conflicts} conflicts "
        f"were seen and settled",
    )


def tests_pass(*which: str, **environment: str) -> Outcome:
    """Whether tests of the suite pass, by their addresses."""
    done = python(
        "-m", "pytest", "-q", "-p", "no:cacheprovider", *which, timeout_s=1200, **environment
    )
    last = done.stdout.strip().splitlines()[-1] if done.stdout.strip() else done.stderr[-200:]
    words = re.sub(r" in [0-9.]+s.*$", "", last)
    return Outcome(done.returncode == 0, words)


def failing_disk(folder: Path, short: bool) -> Outcome:
    """Every call of a save fails once: no room, no right, an error of the disk."""
    del folder, short
    return tests_pass("tests/sidecar/test_faults.py", "-k", "a_call_that_fails or full_disk")


def damaged_sidecars(folder: Path, short: bool) -> Outcome:
    """Sidecars that are cut, flipped, of another version, or without their tables."""
    del folder, short
    return tests_pass("tests/sidecar/test_damage.py")


SAVING_TRIALS = (
    Trial("kills", "a save killed at random leaves the old state or the new one", random_kills),
    Trial("instants", "the same at every instant there is", every_instant),
    Trial("editors", "eight processes on one recording lose no edit", eight_editors),
    Trial("disk", "no room, fsync and rename errors: nothing changed, said in words", failing_disk),
    Trial("sidecars", "a damaged sidecar is reported and never written over", damaged_sidecars),
)
