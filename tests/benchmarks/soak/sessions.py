"""A session that dies with unsaved edits: the next one is offered them."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.soak.trials import ROOT, Outcome, Trial

__all__ = ["SESSION_TRIALS"]

EDIT = """
import itertools, pathlib, sys
from cloudscope.acq_image import AcqImage
from cloudscope.recovery import Recovery
image = AcqImage(sys.argv[1])
session = Recovery(pathlib.Path(sys.argv[2]))
for number in itertools.count(1):
    image.edit_experiment(note=f"edit {number}")
    session.keep(image)
    print(number, flush=True)
"""


def killed_sessions(folder: Path, short: bool) -> Outcome:
    """Kill a session that edits and never saves; recover what it had kept."""
    from cloudscope.acq_image import AcqImage
    from cloudscope.recovery import find_kept, recover
    from tests.recordings import write_line_scan

    kills = 2 if short else 100
    path, state = write_line_scan(folder / "my_file.tif"), folder / "state"
    chance = random.Random(3)
    behind = edits = 0
    for _ in range(kills):
        with subprocess.Popen(
            [sys.executable, "-c", EDIT, path, state], cwd=ROOT, text=True, stdout=subprocess.PIPE
        ) as session:
            assert session.stdout is not None
            session.stdout.readline()
            time.sleep(chance.uniform(0, 0.1))
            session.send_signal(signal.SIGKILL)
            told = session.stdout.read().split()
        kept = int(told[-1]) if told and told[-1].isdigit() else 1
        image = AcqImage(path)
        found = find_kept([image], state)
        if not found:
            return Outcome(False, f"edit {kept} was kept, and nothing of it was found")
        recover(image, found[image])
        found[image].discard()
        behind += int(image.experiment.note.removeprefix("edit ")) < kept
        edits += kept
        if image.problems or image.undo() != "recover unsaved edits":
            return Outcome(False, f"what was recovered is not whole: {image.problems}")
    return Outcome(
        behind == 0,
        f"{kills} sessions killed under {edits} edits: {behind} lost of those that were kept",
    )


SESSION_TRIALS = (
    Trial("sessions", "edits kept aside outlive the session that made them", killed_sessions),
)
