"""The short form of the soak: every promise once, see ``python -m tests.benchmarks.soak``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.benchmarks.soak.files import FILE_TRIALS
from tests.benchmarks.soak.processes import PROCESS_TRIALS
from tests.benchmarks.soak.saving import SAVING_TRIALS
from tests.benchmarks.soak.scale import SCALE_TRIALS
from tests.benchmarks.soak.sessions import SESSION_TRIALS
from tests.benchmarks.soak.trials import Trial

ELSEWHERE = {"kills", "instants", "disk", "sidecars", "lies", "replaced"}
"""What tests of the suite do already, in their own rooms."""

TRIALS = [
    trial
    for trial in (
        *SAVING_TRIALS,
        *FILE_TRIALS,
        *PROCESS_TRIALS,
        *SESSION_TRIALS,
        *SCALE_TRIALS,
    )
    if trial.name not in ELSEWHERE
]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="processes are killed as POSIX has it")
@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_a_promise_is_kept(trial: Trial, tmp_path: Path) -> None:
    outcome = trial.run(tmp_path, True)
    assert outcome.held, f"{trial.promise}: {outcome.figures}"
