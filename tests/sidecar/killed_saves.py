"""Kill saves and look at what is left: ``python killed_saves.py FOLDER every|random [KILLS]``.

``every`` kills a save before and after each call that changes a folder, one after the other;
``random`` kills a process that saves two states in turn, at random instants. After each kill the
sidecar must load without a problem and be in the old state or in the new one, complete, and the
next save must work. Prints how often it was which, as JSON.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from cloudscope import sidecar
from cloudscope.analysis.result import AnalysisResult, ResultKey
from cloudscope.sidecar import SidecarContents, SidecarDocument

CALLS = ("open", "fsync", "replace", "rename", "unlink", "fchmod", "chmod")
OLD, NEW = True, False


def result(analysis: str, roi_id: int, seed: int) -> AnalysisResult:
    values = np.random.default_rng(seed).normal(size=200)
    return AnalysisResult.measured(
        analysis,
        parameters={"seed": seed},
        columns={"value_um": values, "status": np.where(values > 0, "ok", "a, b")},
        summary={"mean_um": float(values.mean())},
        line_period_s=0.001,
        pixel_size_um=0.5,
    ).bound_to(channel=0, roi_id=roi_id)


def state(which: bool) -> SidecarContents:
    """Two states that differ in a changed, a removed and an added result; one result stays."""
    results = [result("radon_velocity", 1, seed=1 if which is OLD else 2)]
    results += [result("radon_velocity", 2, seed=3)]
    results += [result("diameter" if which is OLD else "events", 1, seed=4)]
    return SidecarContents(
        accepted=which, next_roi_id=3, results={entry.key: entry for entry in results}
    )


STATES = {which: state(which) for which in (OLD, NEW)}


def save_state(source: Path, which: bool) -> SidecarDocument:
    """Save a state on what there is; the result that stays is carried over unread."""
    document = sidecar.load(source)
    key: ResultKey = ("radon_velocity", 0, 2)
    stays = document.contents.results.get(key, STATES[which].results[key])
    results = dict(STATES[which].results) | {key: stays}
    return sidecar.save(source, replace(STATES[which], results=results), document)


def state_found(source: Path) -> bool:
    """Which state is there; fails unless it is there completely."""
    document = sidecar.load(source)
    assert document.problems == (), document.problems
    which = document.contents.accepted
    assert which is not None
    expected = STATES[which].results
    assert document.contents.results.keys() == expected.keys()
    for key, found in document.contents.results.items():
        assert found.same_numbers(expected[key]), key
    return which


def leftovers(folder: Path) -> list[str]:
    """Names of transient files."""
    return sorted(p.name for p in folder.iterdir() if p.name.startswith(".cloudscope-"))


def check_after_kill(source: Path) -> bool:
    """Which state was left; then the next save must work, and a sweep leave nothing behind."""
    which = state_found(source)
    hour_ago = time.time() - 3700
    for name in leftovers(source.parent):
        os.utime(source.with_name(name), (hour_ago, hour_ago))
    sidecar.sweep(source.parent)
    assert leftovers(source.parent) == []
    assert state_found(source) is which
    other = not which
    assert save_state(source, other).problems == ()
    assert state_found(source) is other
    return which


def in_child(work: Callable[[], Any]) -> int:
    """Process id of a fork that does `work`."""
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
    return child


def die_at(instant: int) -> None:
    """Kill this process before (even) or after (odd) the nth call that changes a folder."""
    number = itertools.count()

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapper(*args: Any, **options: Any) -> Any:
            if next(number) == instant:
                os.kill(os.getpid(), signal.SIGKILL)
            value = call(*args, **options)
            if next(number) == instant:
                os.kill(os.getpid(), signal.SIGKILL)
            return value

        return wrapper

    for name in CALLS:
        setattr(os, name, wrapped(getattr(os, name)))


def kill_at_every_instant(folder: Path) -> Counter[str]:
    """Kill one save at its first instant, the next at its second, and so on."""
    template = folder / "template"
    template.mkdir()
    save_state(template / "my_file.tif", OLD)
    found: Counter[str] = Counter()
    for instant in itertools.count():
        source = folder / f"at {instant}" / "my_file.tif"
        shutil.copytree(template, source.parent)

        def work(instant: int = instant, source: Path = source) -> None:
            die_at(instant)
            save_state(source, NEW)

        _, status = os.waitpid(in_child(work), 0)
        if os.WIFEXITED(status):
            assert os.WEXITSTATUS(status) == 0
            assert state_found(source) is NEW
            break
        found["old" if check_after_kill(source) is OLD else "new"] += 1
        shutil.rmtree(source.parent)
    return found


def kill_at_random(folder: Path, kills: int) -> Counter[str]:
    """Kill a process that saves the two states in turn without pause."""
    source = folder / "my_file.tif"
    which = OLD
    save_state(source, which)
    found: Counter[str] = Counter()

    def work() -> None:
        for turn in itertools.count():
            save_state(source, which if turn % 2 else not which)

    for _ in range(kills):
        child = in_child(work)
        time.sleep(random.uniform(0.001, 0.04))
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status)
        which = state_found(source)
        found["old" if which is OLD else "new"] += 1
    found["leftovers"] = len(leftovers(folder))
    check_after_kill(source)
    return found


if __name__ == "__main__":
    place, mode = Path(sys.argv[1]), sys.argv[2]
    counted = (
        kill_at_every_instant(place) if mode == "every" else kill_at_random(place, int(sys.argv[3]))
    )
    print(json.dumps(counted))
