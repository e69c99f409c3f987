"""Run the benchmarks and print their tables for docs/benchmarks.md.

``python tests/benchmarks/run.py [NAME …]``. Each other script of this folder has ``figures()``,
which yields rows of what, how much and the limit; its docstring's first line is the table's title.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(names: list[str]) -> int:
    """Print a table a script; 1 if one of them fails."""
    sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
    failed = 0
    print(
        f"CPython {platform.python_version()} on {platform.system()}, {platform.machine()}, "
        f"{os.cpu_count()} cores; CPU time unless said, numerical libraries on one thread."
    )
    for path in sorted(HERE.glob("*.py")):
        if path.stem in ("run", "__init__") or (names and path.stem not in names):
            continue
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        if not hasattr(module, "figures"):
            continue
        title = (module.__doc__ or path.stem).partition("\n")[0].rstrip(".")
        print(f"\n## {title}\n\n| | measured | limit |\n|---|---:|---:|")
        try:
            for what, value, limit in module.figures():
                print(f"| {what} | {value} | {limit} |", flush=True)
        except Exception as error:
            failed = 1
            print(f"\n{path.name} failed: {type(error).__name__}: {error}", file=sys.stderr)
    return failed


if __name__ == "__main__":
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    sys.exit(main(sys.argv[1:]))
