"""Import: CPU time over a bare interpreter."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATEMENTS = {
    "import cloudscope": "import cloudscope",
    "the first `AcqImage`": "from cloudscope import AcqImage",
    "the first `radon_velocity`": "from cloudscope import radon_velocity",
    "the first `KymographViewer`": "from cloudscope import KymographViewer",
    "`cloudscope --help`": "from cloudscope.cli import parser; parser().format_help()",
}
LIMIT_MS = {"import cloudscope": 60.0}
RUNS = 7


def cpu_ms(statement: str) -> float:
    """Median CPU time of a fresh interpreter that runs `statement`."""
    times = []
    for _ in range(RUNS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", statement], cwd=ROOT, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return 1000 * statistics.median(times)


def figures() -> Iterator[tuple[str, str, str]]:
    """What, how much, and the limit."""
    bare = cpu_ms("pass")
    yield "bare interpreter", f"{bare:.0f} ms", ""
    for title, statement in STATEMENTS.items():
        limit = f"{LIMIT_MS[title]:.0f} ms" if title in LIMIT_MS else ""
        yield title, f"+{max(cpu_ms(statement) - bare, 0):.0f} ms", limit


if __name__ == "__main__":
    for what, value, limit in figures():
        print(f"{what:32s} {value:>10s} {limit:>10s}")
