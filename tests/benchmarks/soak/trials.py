"""What a trial is, and how one is told apart from its figures."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Outcome", "Trial", "python", "run"]

ROOT = Path(__file__).resolve().parents[3]
"""The repository."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a trial found.

    Attributes
    ----------
    held : bool
        Whether the promise was kept.
    figures : str
        What was counted, in words.
    """

    held: bool
    figures: str


@dataclass(frozen=True, slots=True)
class Trial:
    """One fault, done to cloudscope many times.

    Attributes
    ----------
    name, promise : str
    run : callable
        Given an empty folder and whether the short form is wanted.
    """

    name: str
    promise: str
    run: Callable[[Path, bool], Outcome]


def run(trial: Trial, short: bool) -> tuple[Outcome, float]:
    """The outcome of a trial and the seconds it took."""
    began = time.monotonic()
    with _folder() as folder:
        outcome = trial.run(folder, short)
    return outcome, time.monotonic() - began


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as name:
        yield Path(name)


def python(
    *arguments: object, timeout_s: float = 600, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run Python in the repository, with what it prints."""
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
