"""``python -m tests.benchmarks.soak [--short] [--only NAME …]``."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile

from tests.benchmarks.soak import trials
from tests.benchmarks.soak.files import FILE_TRIALS
from tests.benchmarks.soak.processes import PROCESS_TRIALS
from tests.benchmarks.soak.saving import SAVING_TRIALS
from tests.benchmarks.soak.scale import SCALE_TRIALS
from tests.benchmarks.soak.sessions import SESSION_TRIALS

TRIALS = (*SAVING_TRIALS, *FILE_TRIALS, *PROCESS_TRIALS, *SESSION_TRIALS, *SCALE_TRIALS)


def main() -> int:
    """Run what is asked for; 1 if a promise was not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names of trials")
    options = parser.parse_args()
    chosen = [trial for trial in TRIALS if not options.only or trial.name in options.only]
    unknown = set(options.only or ()) - {trial.name for trial in chosen}
    if unknown or not chosen:
        there = ", ".join(trial.name for trial in TRIALS)
        parser.error(f"there is no trial {', '.join(sorted(unknown))}; there are {there}")
    print(f"Python {platform.python_version()}, {platform.system()} {platform.release()}, ", end="")
    print(
        f"{os.cpu_count()} processors\n\n| trial | promise | found | s | |\n|---|---|---|---|---|"
    )
    broken = 0
    with tempfile.TemporaryDirectory(prefix="soak-cache-") as cache:
        os.environ["CLOUDSCOPE_CACHE"] = cache
        for trial in chosen:
            outcome, seconds = trials.run(trial, options.short)
            broken += not outcome.held
            mark = "held" if outcome.held else "**broken**"
            words = (
                f"| {trial.name} | {trial.promise} | {outcome.figures} | {seconds:.0f} | {mark} |"
            )
            print(words, flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
